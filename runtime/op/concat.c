/*
** concat.c - tensors one after the other along one axis: attrs.axis[0].
*/
#include "op/op.h"

static mlp_Status unfit (mlpi_Call *c, int i, int64_t axis) {
  char a[MLPI_SHAPE_TEXT], b[MLPI_SHAPE_TEXT];
  return mlpi_error(c->rt, MLP_ESHAPE,
                    "concat: shapes %s and %s (argument %d) differ outside "
                    "dimension %d",
                    mlpi_shape_text(c->in[0].ndim, c->in[0].shape, a),
                    mlpi_shape_text(c->in[i].ndim, c->in[i].shape, b), i + 1,
                    (int)axis + 1);
}

static mlp_Status shape (mlpi_Call *c) {
  const mlpi_Array *a = &c->in[0];
  int64_t *axis = &c->attrs.axis[0];
  mlp_Status s = mlpi_check_axis(c, axis, a->ndim);
  size_t shape[MLP_MAXDIM], sum = 0;
  for (int i = 0; i < c->n_in && s == MLP_OK; i++) {
    s = mlpi_check_dtype(c, i, a->dtype);
    if (s == MLP_OK && c->in[i].ndim != a->ndim) s = unfit(c, i, *axis);
    for (int d = 0; d < a->ndim && s == MLP_OK; d++)
      if (d != *axis && c->in[i].shape[d] != a->shape[d])
        s = unfit(c, i, *axis);
    if (s == MLP_OK) sum += c->in[i].shape[*axis];
  }
  if (s != MLP_OK) return s;
  for (int d = 0; d < a->ndim; d++) shape[d] = d == *axis ? sum : a->shape[d];
  return mlpi_array_init(c->rt, c->op->name, &c->out, a->dtype, a->ndim, shape);
}

/* The part of 'whole' that input i occupies; moves *at behind it. */
static mlpi_Array part (const mlpi_Call *c, const mlpi_Array *whole, int i,
                        size_t *at) {
  int64_t axis = c->attrs.axis[0];
  mlpi_Array p = *whole;
  p.shape[axis] = c->in[i].shape[axis];
  p.data = (char *)p.data + (ptrdiff_t)*at * p.stride[axis] *
                                (ptrdiff_t)mlpi_dtype_size(p.dtype);
  *at += p.shape[axis];
  return p;
}

static void forward (const mlpi_Call *c) {
  size_t at = 0;
  for (int i = 0; i < c->n_in; i++) {
    mlpi_Array p = part(c, &c->out, i, &at);
    mlpi_array_copy(&c->in[i], &p);
  }
}

static void backward (const mlpi_Call *c, const mlpi_Array *g,
                      mlpi_Array *gin) {
  size_t at = 0;
  for (int i = 0; i < c->n_in; i++) {
    mlpi_Array p = part(c, g, i, &at);
    if (gin[i].data != NULL) mlpi_array_copy(&p, &gin[i]);
  }
}

static void sample (mlpi_OpSample *s, mlp_Dtype dtype) {
  mlpi_sample_input(s, 0, dtype, 3);
  s->n_in = 3;
  s->in[1] = s->in[2] = s->in[0];
  s->attrs.n_axis = 1;
  s->attrs.axis[0] = (int64_t)mlpi_sample_size(s, 0, 2);
  s->in[1].shape[s->attrs.axis[0]] = mlpi_sample_size(s, 0, 4);
}

const mlpi_Op mlp_op_concat = {
  .name = "concat",
  .doc = "Tensors one after the other along one dimension.",
  .min_in = 1,
  .max_in = MLPI_INPUTS,
  .inputs = "x",
  .shape = shape,
  .forward = forward,
  .backward = backward,
  .sample = sample,
};
