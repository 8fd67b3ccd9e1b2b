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

/* One mean over everything, of neighbours in memory? */
typedef struct Ready {
  size_t n; /* terms; 0: it is not so */
} Ready;

static void prepare (const mlpi_Call *c, void *ready) {
  const size_t n = mlpi_count(&c->in[0]);
  const bool plain = mlpi_count(&c->out) == 1 && mlpi_contiguous(&c->in[0]);
  ((Ready *)ready)->n = plain && n < ALONE ? n : 0;
}

static void forward (const mlpi_Call *c) {
  Ready room;
  const size_t all = ((const Ready *)mlpi_ready(c, &room))->n;
  if (all > 0) {
    *(REAL *)c->out.data = mlpi_sum(all, c->in[0].data, 1) / (REAL)all;
    return;
  }
  size_t n = mlpi_count(&c->out);
  REAL *y = c->out.data, count = (REAL)mlpi_reduced_count(c);
  mlpi_reduce(c->rt, &c->in[0], mlpi_reduced_mask(c), y, c->scratch);
  for (size_t i = 0; i < n; i++) y[i] /= count;
}

static void backward_row (const void *ud, size_t n, char *const *at,
                          const ptrdiff_t *stride) {
  const REAL count = *(const REAL *)ud, *g = (const REAL *)at[1];
  REAL *gx = (REAL *)at[0];
  for (ptrdiff_t i = 0; i < (ptrdiff_t)n; i++) gx[i] = g[i * stride[1]] / count;
}

static void backward (const mlpi_Call *c, const mlpi_Array *g,
                      mlpi_Array *gin) {
  if (c->attrs.n_axis == 0) { /* the same everywhere */
    const size_t n = mlpi_count(&gin[0]);
    const REAL each = *(const REAL *)g->data / (REAL)n;
    REAL *gx = gin[0].data;
    for (size_t i = 0; i < n; i++) gx[i] = each;
    return;
  }
  mlpi_Array wide = mlpi_unreduce(c, g);
  const mlpi_Array *arrays[] = { &gin[0], &wide };
  REAL count = (REAL)mlpi_reduced_count(c);
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
