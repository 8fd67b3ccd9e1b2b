/*
** mean.c - means over axes; none listed: over all.
*/
#include "op/reduce.h"

static mlp_Status shape (mlpi_Call *c) {
  mlp_Status s = mlpi_check_real(c, 0);
  return s != MLP_OK ? s : mlpi_reduced_shape(c, c->in[0].dtype);
}

static size_t scratch (const mlpi_Call *c) {
  return mlpi_reduce_scratch(&c->in[0], mlpi_reduced_mask(c));
}

enum { ALONE = 16384 }; /* terms that no thread shares */

/* What follows from the shapes. */
typedef struct Ready {
  size_t rows, cols; /* terms of a mean; means */
  bool leading;      /* the first axes are reduced, and no other: then each
                        column has a mean, */
  bool near;         /* of neighbours in memory */
} Ready;

/* Are the first axes reduced, and no other? */
static bool takes_rows (const mlpi_Call *c) {
  bool kept = false, rows = true;
  for (int d = 0; d < c->in[0].ndim; d++) {
    const bool gone = mlpi_is_reduced(&c->attrs, d);
    rows = rows && !(kept && gone);
    kept = kept || !gone;
  }
  return rows;
}

static void prepare (const mlpi_Call *c, void *ready) {
  const size_t cols = mlpi_count(&c->out), rows = mlpi_reduced_count(c);
  const bool leading = takes_rows(c);
  const bool fits = cols == 1 ? rows > 0 && rows < ALONE : rows > 1;
  const bool near = leading && fits && mlpi_contiguous(&c->in[0]);
  *(Ready *)ready = (Ready){ rows, cols, leading, near };
}

static void forward (const mlpi_Call *c) {
  Ready room;
  const Ready *r = mlpi_ready(c, &room);
  REAL *y = c->out.data, count = (REAL)r->rows;
  if (r->near && r->cols == 1)
    *y = mlpi_sum(r->rows, c->in[0].data, 1);
  else if (r->near)
    mlpi_sum_rows(c->rt, r->rows, r->cols, c->in[0].data, (ptrdiff_t)r->cols,
                  y);
  else
    mlpi_reduce(c->rt, &c->in[0], mlpi_reduced_mask(c), y, c->scratch);
  for (size_t i = 0; i < r->cols; i++) y[i] /= count;
}

static void backward_row (const void *ud, size_t n, char *const *at,
                          const ptrdiff_t *stride) {
  const REAL count = *(const REAL *)ud, *g = (const REAL *)at[1];
  REAL *gx = (REAL *)at[0];
  for (ptrdiff_t i = 0; i < (ptrdiff_t)n; i++) gx[i] = g[i * stride[1]] / count;
}

/* The same for each row. */
static void backward_rows (size_t rows, size_t cols, const REAL *g, REAL *gx) {
  const REAL count = (REAL)rows;
  if (rows == 0 || cols == 0) return;
  for (size_t j = 0; j < cols; j++) gx[j] = g[j] / count;
  for (size_t i = cols; i < rows * cols; i++) gx[i] = gx[i - cols];
}

static void backward (const mlpi_Call *c, const mlpi_Array *g,
                      mlpi_Array *gin) {
  Ready room;
  const Ready *r = mlpi_ready(c, &room);
  if (r->leading) {
    backward_rows(r->rows, r->cols, g->data, gin[0].data);
    return;
  }
  mlpi_Array wide = mlpi_unreduce(c, g);
  const mlpi_Array *arrays[] = { &gin[0], &wide };
  REAL count = (REAL)r->rows;
  mlpi_walk(c->rt, 2, arrays, backward_row, &count);
}

const mlpi_Op mlp_op_mean = {
  .name = "mean",
  .doc = "The mean over dimensions, or over all elements; NaN of none.",
  .min_in = 1,
  .max_in = 1,
  .flags = MLPI_OP_ABREAST | MLPI_OP_REDUCES,
  .inputs = "x",
  .shape = shape,
  .scratch = scratch,
  .prepare = prepare,
  .ready_size = sizeof(Ready),
  .forward = forward,
  .backward = backward,
  .sample = mlpi_sample_axes,
};
