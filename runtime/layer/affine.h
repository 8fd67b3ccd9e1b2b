/*
** affine.h - what follows a normalization: gamma y + beta, each by feature and
** each where the layer's options ask for it.
*/
#ifndef affine_h
#define affine_h

#include "layer/layer.h"

/* The weights, before all others of the layer; checks the shape of x. */
static inline mlp_Status affine_build (mlp_Layer *l, const mlpi_Array *x,
                                       bool scale, bool center) {
  mlp_Status s = mlpi_check_features(l, x);
  if (s != MLP_OK) return s;
  const size_t *n = &x->shape[x->ndim - 1];
  if (scale) s = mlpi_layer_trainable(l, "gamma", x->dtype, 1, n);
  if (s == MLP_OK && center)
    s = mlpi_layer_trainable(l, "beta", x->dtype, 1, n);
  return s;
}

static inline mlp_Tensor *affine (mlpi_Formula *f, const mlp_Layer *l,
                                  mlp_Tensor *y, bool scale, bool center) {
  if (scale) y = mlpi_of2(f, "mul", y, l->weight[0].tensor);
  return center ? mlpi_of2(f, "add", y, l->weight[scale].tensor) : y;
}

#endif
