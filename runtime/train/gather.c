/*
** gather.c - the rows of a batch, in the pass's order, into the plan's inputs;
** or the plan reads them where they lie.
*/
#include "train/run.h"

/* Rows at..at+n of t. */
static mlpi_Array rows_at (const mlpi_Run *r, const mlp_Tensor *t, size_t n) {
  mlpi_Array a = t->a;
  const ptrdiff_t bytes = (ptrdiff_t)mlpi_dtype_size(a.dtype);
  a.data = (char *)a.data + (ptrdiff_t)r->at * a.stride[0] * bytes;
  a.shape[0] = n;
  return a;
}

/* The next n rows of t, in the pass's order, into the stage's input. */
static void gather (const mlpi_Run *r, const mlp_Tensor *t, size_t n,
                    void *to) {
  if (r->order != NULL) {
    mlpi_gather_rows(t, n, r->order + r->at, to);
    return;
  }
  mlpi_Array from = rows_at(r, t, n), into = from;
  mlpi_set_strides(&into);
  into.data = to;
  mlpi_array_copy(&from, &into);
}

static size_t bytes_of (const mlpi_Array *a) {
  return mlpi_count(a) * mlpi_dtype_size(a->dtype);
}

/* Does an output lie in that input's memory? */
static bool is_output (const mlpi_Run *r, const mlpi_Stage *g,
                       const mlpi_Array *x) {
  const char *begin = x->data, *end = begin + bytes_of(x);
  for (int i = 0; i < r->model->n_out; i++) {
    const char *p = g->p[i].at.data;
    if (p >= begin && p < end) return true;
  }
  return false;
}

enum { LARGE = 1 << 16 }; /* bytes that are worth a change of the plan */

static bool lies_apart (const mlpi_Run *r, const mlpi_Stage *g, int i) {
  const mlpi_Array *x = &g->x[i].at;
  if (bytes_of(x) < LARGE) return false;
  const mlpi_Array rows = rows_at(r, r->feed.x[i], g->rows);
  return mlpi_contiguous(&rows) && !is_output(r, g, x);
}

/* May the plan read input i of the batch where it lies? Never in training,
** whose steps need not look further. */
static inline bool lends (const mlpi_Run *r, const mlpi_Stage *g, int i) {
  return r->mode != MLPI_TRAIN && r->order == NULL && lies_apart(r, g, i);
}

void mlpi_run_take_back (const mlpi_Run *r, const mlpi_Stage *g) {
  for (int i = 0; i < r->model->n_in; i++)
    if (lends(r, g, i)) mlpi_plan_lend(g->plan, g->x[i].symbol, NULL);
}

static void fill_targets (const mlpi_Run *r, const mlpi_Stage *g) {
  for (int i = 0; i < r->model->n_out && g->with_loss; i++) {
    if (g->y[i].symbol != NULL)
      gather(r, r->feed.y[i], g->rows, g->y[i].at.data);
    if (g->w[i].symbol != NULL)
      gather(r, r->feed.w[i], g->rows, g->w[i].at.data);
  }
}

void mlpi_run_fill (const mlpi_Run *r, const mlpi_Stage *g) {
  for (int i = 0; i < r->model->n_in; i++)
    gather(r, r->feed.x[i], g->rows, g->x[i].at.data);
  fill_targets(r, g);
}

void mlpi_run_lend (const mlpi_Run *r, const mlpi_Stage *g) {
  for (int i = 0; i < r->model->n_in; i++) {
    const mlp_Tensor *x = r->feed.x[i];
    if (lends(r, g, i))
      mlpi_plan_lend(g->plan, g->x[i].symbol, rows_at(r, x, g->rows).data);
    else
      gather(r, x, g->rows, g->x[i].at.data);
  }
  fill_targets(r, g);
}
