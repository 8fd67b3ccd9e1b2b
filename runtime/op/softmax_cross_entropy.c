/*
** softmax_cross_entropy.c - -log of the softmax probability of the class.
*/
#include "op/rows.h"
#include "op/softmax.h"

#include <string.h>

/*
** Rows are taken in groups, and each step for a whole group, so that functions
** of narrow rows are computed side by side. What forward saves: e^(x - max) of
** all elements, then their sum for each row.
*/
enum { GROUP = 64 };

typedef struct Work {
  const Rows *r;
  REAL *e, *sum; /* of all rows */
  size_t first, n;
} Work;

/*
** n rows of two entries, as two classes have, without a loop in each.
*/

/* m: the largest of each row; e = x - m. */
static void shift_pairs (size_t n, const REAL *restrict x, REAL *restrict m,
                         REAL *restrict e) {
  for (size_t i = 0; i < n; i++) {
    m[i] = x[2 * i + 1] > x[2 * i] ? x[2 * i + 1] : x[2 * i];
    e[2 * i] = x[2 * i] - m[i];
    e[2 * i + 1] = x[2 * i + 1] - m[i];
  }
}

/* (e / sum - y) g. */
static void finish_pairs (size_t n, const REAL *restrict e,
                          const REAL *restrict sum,
                          const int64_t *restrict label, const REAL *restrict g,
                          REAL *restrict gx) {
  for (size_t i = 0; i < n; i++) {
    gx[2 * i] = (e[2 * i] / sum[i] - (REAL)(label[i] == 1)) * g[i];
    gx[2 * i + 1] = (e[2 * i + 1] / sum[i] - (REAL)(label[i] == 2)) * g[i];
  }
}

/* Their sums. */
static void sum_pairs (size_t n, const REAL *e, REAL *sum) {
  for (size_t i = 0; i < n; i++) sum[i] = (0 + e[2 * i]) + (0 + e[2 * i + 1]);
}

/* e and sum of the group; m: the largest entry of each row. */
static void exponentials (const Work *w, REAL *m) {
  const size_t n = w->r->n, at = w->first * n;
  const REAL *x = w->r->x + at;
  REAL *e = w->e + at;
  if (n == 2) shift_pairs(w->n, x, m, e);
  for (size_t i = 0; n != 2 && i < w->n; i++, x += n) {
    m[i] = row_max(n, x);
    for (size_t j = 0; j < n; j++) e[i * n + j] = x[j] - m[i];
  }
  MLPI_IVDEP
  for (size_t i = 0; i < w->n * n; i++) e[i] = v_exp(e[i]);
  if (n == 2)
    sum_pairs(w->n, e, w->sum + w->first);
  else
    for (size_t i = 0; i < w->n; i++)
      w->sum[w->first + i] = mlpi_sum(n, e + i * n, 1);
}

static void forward_group (const Work *w) {
  const size_t n = w->r->n;
  REAL m[GROUP], log[GROUP] = { 0 };
  exponentials(w, m);
  memcpy(log, w->sum + w->first, w->n * sizeof *log);
  MLPI_IVDEP
  for (size_t i = 0; i < (w->n + 15) / 16 * 16; i++) log[i] = v_log(log[i]);
  for (size_t i = 0; i < w->n; i++) {
    const size_t row = w->first + i, k = rows_class(w->r, row);
    const REAL x = k == n ? 0 : w->r->x[row * n + k];
    w->r->y[row] = k == n ? (REAL)NAN : log[i] - (x - m[i]);
  }
}

/* (p - y) g, with p = softmax(x) and y = 1 at the class. */
static void backward_group (const Work *w) {
  const size_t n = w->r->n, at = w->first * n;
  REAL m[GROUP], *gx = w->r->gx + at;
  if (w->r->c->saved == NULL) exponentials(w, m);
  if (n == 2) {
    finish_pairs(w->n, w->e + at, w->sum + w->first, w->r->label + w->first,
                 w->r->g + w->first, gx);
    return;
  }
  for (size_t i = 0; i < w->n; i++) {
    const REAL s = w->sum[w->first + i];
    for (size_t j = 0; j < n; j++) gx[i * n + j] = s;
  }
  MLPI_IVDEP
  for (size_t i = 0; i < w->n * n; i++) gx[i] = w->e[at + i] / gx[i];
  for (size_t i = 0; i < w->n; i++, gx += n) {
    const size_t k = rows_class(w->r, w->first + i);
    const REAL g = w->r->g[w->first + i];
    if (k < n) gx[k] -= 1;
    for (size_t j = 0; j < n; j++) gx[j] *= g;
  }
}

static void run_tile (void *ud, size_t tile) {
  const Rows *r = ud;
  const size_t first = tile * r->together;
  const size_t left = r->rows - first;
  const size_t end = first + (left < r->together ? left : r->together);
  REAL *e = r->c->saved != NULL ? r->c->saved : r->after;
  Work w = { r, e, e + r->rows * r->n, first, 0 };
  for (; w.first < end; w.first += GROUP) {
    w.n = end - w.first < GROUP ? end - w.first : GROUP;
    if (r->gx == NULL)
      forward_group(&w);
    else
      backward_group(&w);
  }
}

static void run (Rows *r) {
  enum { TILE = 16384 };
  if (r->rows == 0) return;
  r->together = r->rows * r->n < 4 * TILE ? r->rows : TILE / r->n + 1;
  mlpi_parallel(r->c->rt, (r->rows + r->together - 1) / r->together, run_tile,
                r);
}

static void forward (const mlpi_Call *c) {
  Rows r = rows_of(c);
  r.y = c->out.data;
  run(&r);
}

static void backward (const mlpi_Call *c, const mlpi_Array *g,
                      mlpi_Array *gin) {
  Rows r = rows_of(c);
  r.g = g->data;
  r.gx = gin[0].data;
  run(&r);
}

/* Room for exponentials and their sums. */
static size_t saved (const mlpi_Call *c) {
  return rows_align((mlpi_count(&c->in[0]) + mlpi_count(&c->out)) *
                    sizeof(REAL));
}

static size_t scratch (const mlpi_Call *c) {
  return rows_scratch(c) + saved(c);
}

/*
** Several models abreast: each step for the elements of all side by side.
*/
enum { MANY = MLPI_ABREAST };

typedef struct Abreast {
  mlp_Runtime *rt;
  size_t rows, n; /* of a model */
  const REAL *x;
  const int64_t *label;
  REAL *e, *sum; /* as above, of all models */
} Abreast;

/* What follows from shapes: where in the scratch copies are, and what is saved
** where nothing keeps it. */
typedef struct Layout {
  size_t rows, n;          /* of a model */
  size_t count;            /* elements of x */
  bool pack_x, pack_label; /* they have gaps */
  size_t label, e;         /* bytes before them */
} Layout;

static void lay_out (const mlpi_Call *c, void *ready) {
  const mlpi_Array *x = &c->in[0], *label = &c->in[1];
  Layout *k = ready;
  k->rows = mlpi_count(label) / MANY;
  k->n = x->shape[x->ndim - 2];
  k->count = mlpi_count(x);
  k->pack_x = mlpi_pack_bytes(x, 0) > 0;
  k->pack_label = mlpi_pack_bytes(label, 0) > 0;
  k->label = rows_align(mlpi_pack_bytes(x, 0));
  k->e = k->label + rows_align(mlpi_pack_bytes(label, 0));
}

static Abreast abreast_of (const mlpi_Call *c) {
  const Layout *at = c->ready;
  char *room = c->scratch;
  Abreast k = { c->rt,         at->rows, at->n, c->in[0].data,
                c->in[1].data, c->saved, NULL };
  if (at->pack_x) k.x = mlpi_pack(&c->in[0], 0, room);
  if (at->pack_label) k.label = mlpi_pack(&c->in[1], 0, room + at->label);
  if (k.e == NULL) k.e = (REAL *)(room + at->e);
  k.sum = k.e + at->count;
  return k;
}

/* The largest of each row into m; e = x - m. */
static void shift_abreast (const Abreast *k, REAL *m) {
  const size_t row = k->n * MANY;
  for (size_t i = 0; i < k->rows; i++, m += MANY) {
    const REAL *restrict x = k->x + i * row;
    REAL *restrict e = k->e + i * row;
    REAL most[MANY];
    for (size_t l = 0; l < MANY; l++) most[l] = x[l];
    for (size_t j = MANY; j < row; j += MANY)
      for (size_t l = 0; l < MANY; l++)
        most[l] = x[j + l] > most[l] ? x[j + l] : most[l];
    for (size_t j = 0; j < row; j += MANY)
      for (size_t l = 0; l < MANY; l++) e[j + l] = x[j + l] - most[l];
    for (size_t l = 0; l < MANY; l++) m[l] = most[l];
  }
}

/* Sums of rows of two entries, as above. */
static void sum_pairs_abreast (const Abreast *k) {
  const REAL *restrict e = k->e;
  REAL *restrict sum = k->sum;
  for (size_t i = 0; i < k->rows; i++, e += 2 * MANY, sum += MANY)
    for (size_t l = 0; l < MANY; l++) sum[l] = (0 + e[l]) + (0 + e[MANY + l]);
}

static void exponentials_abreast (const Abreast *k, REAL *m) {
  const size_t row = k->n * MANY;
  shift_abreast(k, m);
  MLPI_IVDEP
  for (size_t i = 0; i < k->rows * row; i++) k->e[i] = v_exp(k->e[i]);
  if (k->n == 2) sum_pairs_abreast(k);
  for (size_t i = 0; k->n != 2 && i < k->rows; i++)
    mlpi_sum_rows(k->rt, k->n, MANY, k->e + i * row, MANY, k->sum + i * MANY);
}

/* y = x of the class, less y. */
static void select_abreast (const Abreast *k, REAL *y) {
  const int64_t *label = k->label;
  const REAL *x = k->x;
  for (size_t i = 0; i < k->rows; i++, x += k->n * MANY)
    for (size_t l = 0; l < MANY; l++, label++, y++) {
      const uint64_t at = (uint64_t)*label - 1;
      *y = at < k->n ? x[at * MANY + l] - *y : (REAL)NAN;
    }
}

/* The results hold the largest entries first, then log(sum) - (x - m). */
static void forward_abreast (const mlpi_Call *c) {
  const Abreast k = abreast_of(c);
  REAL *y = c->out.data;
  exponentials_abreast(&k, y);
  select_abreast(&k, y);
  MLPI_IVDEP
  for (size_t i = 0; i < k.rows * MANY; i++) y[i] = v_log(k.sum[i]) - y[i];
}

static void backward_abreast (const mlpi_Call *c, const mlpi_Array *g,
                              mlpi_Array *gin) {
  const Abreast k = abreast_of(c);
  const REAL *restrict e = k.e, *restrict sum = k.sum, *restrict gy = g->data;
  REAL *restrict gx = gin[0].data;
  for (size_t i = 0; i < k.rows * MANY; i += MANY)
    for (int64_t j = 1; j <= (int64_t)k.n; j++, e += MANY, gx += MANY)
      for (size_t l = 0; l < MANY; l++)
        gx[l] = (e[l] / sum[i + l] - (REAL)(k.label[i + l] == j)) * gy[i + l];
}

static size_t scratch_abreast (const mlpi_Call *c) {
  Layout k;
  lay_out(c, &k);
  return k.e + saved(c);
}

static const mlpi_Op abreast = {
  .name = "softmax_cross_entropy",
  .scratch = scratch_abreast,
  .saved = saved,
  .prepare = lay_out,
  .ready_size = sizeof(Layout),
  .forward = forward_abreast,
  .backward = backward_abreast,
};

const mlpi_Op mlp_op_softmax_cross_entropy = {
  .name = "softmax_cross_entropy",
  .doc = "Per row: log(sum(exp(logits))) - logits[label]; labels are 1..K.",
  .min_in = 2,
  .max_in = 2,
  .flags = MLPI_OP_NEEDS_IN,
  .inputs = "logits labels",
  .shape = mlpi_row_classes_shape,
  .check = mlpi_check_column_labels,
  .check_in = 1,
  .sample = mlpi_sample_classes,
  .scratch = scratch,
  .saved = saved,
  ROWS_READY,
  .forward = forward,
  .backward = backward,
  .abreast = &abreast,
};
