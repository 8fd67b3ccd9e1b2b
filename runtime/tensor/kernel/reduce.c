/*
** reduce.c - sums, in an order that does not depend on the machine.
** Lanes, blocks and a tree (kernel.h): the error grows with the logarithm of
** the number of blocks. Higham 1993, "The accuracy of floating point
** summation", pairwise summation.
*/
#include "tensor/kernel/vector.h"

enum {
  LV = MLPI_LANES / VL,
  DEPTH = 53,    /* of the tree: enough for 2^64 terms */
  COLS = 4 * VL, /* that mlpi_sum_rows takes at a time */
  FEW_ROWS = 64, /* whose lanes are folded in registers */
  WORK = 1 << 17 /* terms that are worth a hand-over */
};

/* The lanes of n terms x[i], or x[i] * y[i]. */
INLINE void add_lanes (REAL *lane, size_t n, const REAL *x, const REAL *y) {
  Vec acc[LV];
  size_t i = 0;
  for (int l = 0; l < LV; l++) acc[l] = (Vec){ 0 };
  for (; i + MLPI_LANES <= n; i += MLPI_LANES)
    for (int l = 0; l < LV; l++) {
      Vec v = vec_load(x + i + l * VL);
      acc[l] += y ? v * vec_load(y + i + l * VL) : v;
    }
  for (int l = 0; l < LV; l++) vec_store(lane + l * VL, acc[l]);
  for (size_t l = 0; i + l < n; l++)
    lane[l] += y ? x[i + l] * y[i + l] : x[i + l];
}

static void add_strided (REAL *lane, size_t n, const REAL *x,
                         ptrdiff_t stride) {
  for (int l = 0; l < MLPI_LANES; l++) lane[l] = 0;
  for (size_t i = 0; i < n; i++, x += stride) lane[i % MLPI_LANES] += *x;
}

static REAL fold (REAL *lane) {
  for (int half = MLPI_LANES / 2; half > 0; half /= 2)
    for (int l = 0; l < half; l++) lane[l] += lane[l + half];
  return lane[0];
}

/*
** The tree over blocks: two neighbours of equal height are joined as soon as
** both are there, and what is left over at the end from the right. 'count'
** blocks are in; height h is occupied where bit h of it is set.
*/
static int joins (size_t count) { return __builtin_ctzll(~(uint64_t)count); }

static int push (REAL *part, int top, size_t count, REAL sum) {
  part[top++] = sum;
  for (int h = joins(count); h > 0; h--, top--) part[top - 2] += part[top - 1];
  return top;
}

static REAL finish (REAL *part, int top) {
  for (; top > 1; top--) part[top - 2] += part[top - 1];
  return part[0];
}

static size_t block_of (size_t left) {
  return left < MLPI_SUMBLOCK ? left : MLPI_SUMBLOCK;
}

/* Up to four terms: the other lanes are zeros. Rows of a small softmax. */
static REAL sum_few (size_t n, const REAL *x, ptrdiff_t stride) {
  const REAL a = 0 + x[0];
  if (n == 1) return a;
  const REAL b = 0 + x[stride];
  if (n == 2) return a + b;
  const REAL c = 0 + x[2 * stride];
  return n == 3 ? (a + c) + b : (a + c) + (b + (0 + x[3 * stride]));
}

REAL mlpi_sum (size_t n, const REAL *x, ptrdiff_t stride) {
  REAL lane[MLPI_LANES], part[DEPTH];
  int top = 0;
  if (n - 1 < 4) return sum_few(n, x, stride);
  part[0] = 0;
  for (size_t i = 0, count = 0; i < n; i += MLPI_SUMBLOCK, count++) {
    if (stride == 1)
      add_lanes(lane, block_of(n - i), x + i, NULL);
    else
      add_strided(lane, block_of(n - i), x + (ptrdiff_t)i * stride, stride);
    top = push(part, top, count, fold(lane));
  }
  return finish(part, top);
}

REAL mlpi_dot (size_t n, const REAL *x, const REAL *y) {
  REAL lane[MLPI_LANES], part[DEPTH];
  int top = 0;
  part[0] = 0;
  for (size_t i = 0, count = 0; i < n; i += MLPI_SUMBLOCK, count++) {
    add_lanes(lane, block_of(n - i), x + i, y + i);
    top = push(part, top, count, fold(lane));
  }
  return finish(part, top);
}

typedef struct Columns {
  size_t rows, cols;
  const REAL *x;
  ptrdiff_t rs;
  REAL *out;
} Columns;

/* Lane l of n rows for COLS columns, or where not whole, the first 'part' of
** VL columns. */
INLINE void column_lane (bool whole, size_t part, REAL *lane, size_t l,
                         size_t n, const REAL *x, ptrdiff_t rs) {
  const int nv = whole ? COLS / VL : 1;
  const Mask mask = vec_mask(part);
  Vec acc[COLS / VL];
  for (int v = 0; v < nv; v++) acc[v] = (Vec){ 0 };
  for (size_t i = l; i < n; i += MLPI_LANES)
    for (int v = 0; v < nv; v++) {
      const REAL *from = x + (ptrdiff_t)i * rs + v * VL;
      acc[v] += whole ? vec_load(from) : vec_load_part(from, mask);
    }
  for (int v = 0; v < nv; v++) vec_store(lane + v * VL, acc[v]);
}

static void add_columns (size_t w, REAL *sum, const REAL *right) {
  for (size_t j = 0; j < w; j++) sum[j] += right[j];
}

/* The sum of n <= MLPI_SUMBLOCK rows, w columns, into 'sum'. */
static void column_block (REAL *sum, size_t n, size_t w, const REAL *x,
                          ptrdiff_t rs) {
  REAL lane[MLPI_LANES][COLS];
  for (size_t l = 0; l < MLPI_LANES; l++)
    if (w == COLS)
      column_lane(true, VL, lane[l], l, n, x, rs);
    else
      column_lane(false, w, lane[l], l, n, x, rs);
  for (int half = MLPI_LANES / 2; half > 0; half /= 2)
    for (int l = 0; l < half; l++) add_columns(w, lane[l], lane[l + half]);
  memcpy(sum, lane[0], w * sizeof(REAL));
}

/*
** Columns of few rows: the lanes are folded as they come, in registers. NV
** vectors of columns, or one that may not be whole.
*/
enum { NV = 2 };

typedef struct Few {
  size_t n;
  const REAL *x;
  ptrdiff_t rs;
  Mask mask;
} Few;

typedef struct Vecs {
  Vec v[NV];
} Vecs;

INLINE void few_add (const int nv, Vecs *a, const Vecs *b) {
  for (int k = 0; k < nv; k++) a->v[k] += b->v[k];
}

INLINE Vecs few_1 (const int nv, const bool whole, const Few *f, size_t lane) {
  Vecs s = { 0 };
  const REAL *x = f->x + (ptrdiff_t)lane * f->rs;
  for (size_t i = lane; i < f->n; i += MLPI_LANES, x += MLPI_LANES * f->rs)
    for (int k = 0; k < nv; k++)
      s.v[k] += whole ? vec_load(x + k * VL) : vec_load_part(x, f->mask);
  return s;
}

/* Lanes without terms are zeros, and no sum is -0: they need not be added. */
#define FOLD(name, half, next)                                                 \
  INLINE Vecs name(const int nv, const bool whole, const Few *f,               \
                   size_t lane) {                                              \
    Vecs s = next(nv, whole, f, lane);                                         \
    if (lane + half >= f->n) return s;                                         \
    const Vecs right = next(nv, whole, f, lane + half);                        \
    few_add(nv, &s, &right);                                                   \
    return s;                                                                  \
  }
FOLD(few_2, 8, few_1)
FOLD(few_4, 4, few_2)
FOLD(few_8, 2, few_4)
FOLD(few_16, 1, few_8)

INLINE void sum_wide (const Few *f, REAL *out) {
  const Vecs s = few_16(NV, true, f, 0);
  for (int k = 0; k < NV; k++) vec_store(out + k * VL, s.v[k]);
}

INLINE void sum_vector (const Few *f, REAL *out) {
  vec_store(out, few_16(1, true, f, 0).v[0]);
}

INLINE void sum_part (const Few *f, size_t part, REAL *out) {
  vec_store_part(out, few_16(1, false, f, 0).v[0], part);
}

INLINE void few_rows (const size_t rows, const Columns *c) {
  Few f = { rows, c->x, c->rs, vec_mask(VL) };
  REAL *out = c->out;
  size_t left = c->cols;
  for (; left >= NV * VL; left -= NV * VL, f.x += NV * VL, out += NV * VL)
    sum_wide(&f, out);
  for (; left >= VL; left -= VL, f.x += VL, out += VL) sum_vector(&f, out);
  f.mask = vec_mask(left);
  if (left > 0) sum_part(&f, left, out);
}

/* Batches of usual sizes without questions. */
static void sum_few_rows (const Columns *c) {
  switch (c->rows) {
  case 4:
    few_rows(4, c);
    break;
  case 8:
    few_rows(8, c);
    break;
  case 16:
    few_rows(16, c);
    break;
  default:
    few_rows(c->rows, c);
  }
}

/* w columns: COLS, or at most VL. */
static void sum_columns (const Columns *c, size_t first, size_t w) {
  REAL part[DEPTH][COLS];
  int top = 0;
  memset(part[0], 0, w * sizeof(REAL));
  for (size_t i = 0, count = 0; i < c->rows; i += MLPI_SUMBLOCK, count++) {
    const REAL *x = c->x + (ptrdiff_t)i * c->rs + first;
    column_block(part[top++], block_of(c->rows - i), w, x, c->rs);
    for (int h = joins(count); h > 0; h--, top--)
      add_columns(w, part[top - 2], part[top - 1]);
  }
  for (; top > 1; top--) add_columns(w, part[top - 2], part[top - 1]);
  memcpy(c->out + first, part[0], w * sizeof(REAL));
}

static void sum_strip (void *ud, size_t strip) {
  const Columns *c = ud;
  const size_t first = strip * COLS, left = c->cols - first;
  if (left >= COLS)
    sum_columns(c, first, COLS);
  else
    for (size_t j = 0; j < left; j += VL)
      sum_columns(c, first + j, left - j < VL ? left - j : VL);
}

void mlpi_sum_rows (mlp_Runtime *rt, size_t rows, size_t cols, const REAL *x,
                    ptrdiff_t rs, REAL *out) {
  Columns c = { rows, cols, x, rs, out };
  if (rows == 1) { /* each sum has one term */
    for (size_t j = 0; j < cols; j++) out[j] = 0 + x[j];
    return;
  }
  const size_t strips = (cols + COLS - 1) / COLS;
  if (rows > 0 && rows <= FEW_ROWS) {
    sum_few_rows(&c);
    return;
  }
  if (rows < WORK / COLS) /* a strip is not worth it */
    for (size_t s = 0; s < strips; s++) sum_strip(&c, s);
  else
    mlpi_parallel(rt, strips, sum_strip, &c);
}
