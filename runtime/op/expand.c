/*
** expand.c - repeat axes of size 1, and add axes in front: a view whose
** strides there are 0. attrs.axis holds the shape; -1 keeps a size.
*/
#include "op/reduce.h"

static mlp_Status cannot (mlpi_Call *c, const size_t *wanted) {
  char from[MLPI_SHAPE_TEXT], to[MLPI_SHAPE_TEXT];
  return mlpi_error(c->rt, MLP_ESHAPE, "expand: %s cannot become %s",
                    mlpi_shape_text(c->in[0].ndim, c->in[0].shape, from),
                    mlpi_shape_text(c->attrs.n_axis, wanted, to));
}

static mlp_Status shape (mlpi_Call *c) {
  const mlpi_Array *a = &c->in[0];
  mlpi_Array like = { .ndim = 0 };
  int n = c->attrs.n_axis, lead = n - a->ndim;
  size_t wanted[MLP_MAXDIM] = { 0 };
  for (int d = 0; d < n && d < MLP_MAXDIM; d++) {
    int64_t size = c->attrs.axis[d];
    if (size < 0 && d >= lead && lead >= 0) size = (int64_t)a->shape[d - lead];
    wanted[d] = size < 0 ? 0 : (size_t)size;
  }
  mlp_Status s =
      mlpi_array_init(c->rt, c->op->name, &like, a->dtype, n, wanted);
  if (s != MLP_OK) return s;
  if (lead < 0) return cannot(c, wanted);
  for (int d = 0; d < a->ndim; d++)
    if (a->shape[d] != 1 && a->shape[d] != wanted[d + lead])
      return cannot(c, wanted);
  c->out = mlpi_broadcast_to(a, &like);
  return MLP_OK;
}

static size_t scratch (const mlpi_Call *c) {
  mlpi_Array g = c->out;
  mlpi_set_strides(&g);
  return mlpi_sum_to_scratch(&g, &c->in[0]);
}

static void backward (const mlpi_Call *c, const mlpi_Array *g,
                      mlpi_Array *gin) {
  mlpi_sum_to(c->rt, g, &gin[0], c->scratch);
}

static void sample (mlpi_OpSample *s, mlp_Dtype dtype) {
  mlpi_sample_input(s, 0, dtype, 3);
  s->in[0].shape[mlpi_sample_size(s, 0, 2)] = 1;
  s->attrs.n_axis = 4;
  s->attrs.axis[0] = (int64_t)mlpi_sample_size(s, 0, 3);
  for (int d = 0; d < 3; d++)
    s->attrs.axis[d + 1] = s->in[0].shape[d] == 1 ? 3 : -1;
}

const mlpi_Op mlp_op_expand = {
  .name = "expand",
  .doc = "Dimensions of size 1 repeated, new ones in front; a view.",
  .min_in = 1,
  .max_in = 1,
  .flags = MLPI_OP_VIEW,
  .inputs = "x",
  .shape = shape,
  .scratch = scratch,
  .backward = backward,
  .sample = sample,
};
