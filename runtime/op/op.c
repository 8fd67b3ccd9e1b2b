/*
** op.c - what the operators share: shape rules and their messages.
*/
#include "op/op.h"

#include <string.h>

const mlpi_Op *mlpi_op (const mlp_Runtime *rt, mlp_Dtype dtype,
                        const char *name) {
  return (const mlpi_Op *)mlpi_variant(rt, dtype, "op", name);
}

mlp_Status mlpi_same_as_input (mlpi_Call *c) {
  const mlpi_Array *a = &c->in[0];
  return mlpi_array_init(c->rt, c->op->name, &c->out, a->dtype, a->ndim,
                         a->shape);
}

static mlp_Status cannot_broadcast (mlpi_Call *c, int axis) {
  char a[MLPI_SHAPE_TEXT], b[MLPI_SHAPE_TEXT];
  return mlpi_error(
      c->rt, MLP_ESHAPE,
      "%s: shapes %s and %s do not broadcast: they differ in dimension %d",
      c->op->name, mlpi_shape_text(c->in[0].ndim, c->in[0].shape, a),
      mlpi_shape_text(c->in[1].ndim, c->in[1].shape, b), axis + 1);
}

mlp_Status mlpi_broadcast_shape (mlpi_Call *c) {
  const mlpi_Array *a = &c->in[0], *b = &c->in[1];
  size_t shape[MLP_MAXDIM];
  int ndim = a->ndim > b->ndim ? a->ndim : b->ndim;
  for (int i = 0; i < ndim; i++) { /* aligned at the last dimension */
    int ia = i - (ndim - a->ndim), ib = i - (ndim - b->ndim);
    size_t na = ia < 0 ? 1 : a->shape[ia], nb = ib < 0 ? 1 : b->shape[ib];
    if (na != nb && na != 1 && nb != 1) return cannot_broadcast(c, i);
    shape[i] = na == 1 ? nb : na;
  }
  return mlpi_array_init(c->rt, c->op->name, &c->out, a->dtype, ndim, shape);
}

mlpi_Array mlpi_broadcast_to (const mlpi_Array *a, const mlpi_Array *like) {
  mlpi_Array b = *a;
  b.ndim = like->ndim;
  for (int i = 0; i < like->ndim; i++) {
    int ia = i - (like->ndim - a->ndim);
    bool repeat = ia < 0 || (a->shape[ia] == 1 && like->shape[i] != 1);
    b.shape[i] = like->shape[i];
    b.stride[i] = repeat ? 0 : a->stride[ia];
  }
  return b;
}

mlp_Status mlpi_check_axis (mlpi_Call *c, int64_t *axis, int ndim) {
  if (*axis < 0) *axis += ndim; /* -1 is the last */
  if (*axis >= 0 && *axis < ndim) return MLP_OK;
  return mlpi_error(c->rt, MLP_EARG,
                    "%s: argument 'dim': expected 1..%d or -%d..-1, got %lld",
                    c->op->name, ndim, ndim,
                    (long long)(*axis < 0 ? *axis - ndim : *axis + 1));
}
