/*
** reshape.c - the same elements in the same order, in another shape: a view
** where they lie without gaps, else a copy. One size may be -1: what is left.
*/
#include "op/op.h"

static mlp_Status mismatch (mlpi_Call *c, const size_t *shape, size_t count) {
  char text[MLPI_SHAPE_TEXT];
  return mlpi_error(c->rt, MLP_ESHAPE,
                    "reshape: %zu elements cannot become %s = %zu",
                    mlpi_count(&c->in[0]),
                    mlpi_shape_text(c->attrs.n_axis, shape, text), count);
}

/* The sizes asked for; that of a -1 is left at 1, its index in *rest. */
static mlp_Status read_sizes (mlpi_Call *c, size_t *shape, int *rest) {
  *rest = -1;
  for (int d = 0; d < c->attrs.n_axis; d++) {
    int64_t n = c->attrs.axis[d];
    if (n < -1 || (n == -1 && *rest >= 0))
      return mlpi_error(c->rt, MLP_EARG,
                        "reshape: argument 'shape': expected sizes >= 0 and at "
                        "most one -1, got %lld at position %d",
                        (long long)n, d + 1);
    shape[d] = n == -1 ? 1 : (size_t)n;
    if (n == -1) *rest = d;
  }
  return MLP_OK;
}

static mlp_Status shape (mlpi_Call *c) {
  size_t sizes[MLP_MAXDIM], count = mlpi_count(&c->in[0]);
  int rest;
  if (c->attrs.n_axis > MLP_MAXDIM)
    return mlpi_error(c->rt, MLP_ESHAPE,
                      "reshape: expected at most %d dimensions, got %d",
                      MLP_MAXDIM, c->attrs.n_axis);
  mlp_Status s = read_sizes(c, sizes, &rest);
  if (s == MLP_OK)
    s = mlpi_array_init(c->rt, c->op->name, &c->out, c->in[0].dtype,
                        c->attrs.n_axis, sizes);
  if (s != MLP_OK) return s;
  size_t others = mlpi_count(&c->out);
  if (rest >= 0 && others > 0 && count % others == 0) {
    sizes[rest] = count / others;
    s = mlpi_array_init(c->rt, c->op->name, &c->out, c->in[0].dtype,
                        c->attrs.n_axis, sizes);
    if (s != MLP_OK) return s;
  }
  if (mlpi_count(&c->out) != count) return mismatch(c, sizes, others);
  if (mlpi_contiguous(&c->in[0])) c->out.data = c->in[0].data;
  return MLP_OK;
}

static unsigned flags_for (const mlpi_Call *c) {
  return mlpi_contiguous(&c->in[0]) ? MLPI_OP_VIEW : 0;
}

/* The elements of 'from' in the order of 'to', which has another shape. */
static void copy (const mlpi_Array *from, const mlpi_Array *to) {
  mlpi_Array as_from = *from;
  as_from.data = to->data;
  mlpi_set_strides(&as_from);
  mlpi_array_copy(from, &as_from);
}

static void forward (const mlpi_Call *c) { copy(&c->in[0], &c->out); }

static void backward (const mlpi_Call *c, const mlpi_Array *g,
                      mlpi_Array *gin) {
  (void)c;
  copy(g, &gin[0]);
}

static void sample (mlpi_OpSample *s, mlp_Dtype dtype) {
  mlpi_sample_input(s, 0, dtype, 3);
  const size_t *n = s->in[0].shape;
  s->attrs.axis[s->attrs.n_axis++] = (int64_t)(n[0] * n[1]);
  s->attrs.axis[s->attrs.n_axis++] = n[0] * n[1] == 0 ? (int64_t)n[2] : -1;
}

const mlpi_Op mlp_op_reshape = {
  .name = "reshape",
  .doc = "The same elements in another shape; one size may be -1.",
  .min_in = 1,
  .max_in = 1,
  .flags_for = flags_for,
  .inputs = "x",
  .shape = shape,
  .forward = forward,
  .backward = backward,
  .sample = sample,
};
