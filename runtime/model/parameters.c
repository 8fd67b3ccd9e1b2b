/*
** parameters.c - weights without layers: see parameters.h.
*/
#include "model/parameters.h"
#include "optimizer/optimizer.h"

#include <string.h>

enum { PADDING = 64 }; /* bytes, as in flat.c */

/* A leaf with the values of x, in memory that is padded as a layer's is. */
static mlp_Status copy_of (const mlp_Tensor *x, mlp_Tensor **out) {
  mlpi_Storage *s;
  size_t bytes = mlpi_count(&x->a) * mlpi_dtype_size(x->a.dtype);
  bytes = (bytes + PADDING - 1) / PADDING * PADDING;
  mlp_Status status = mlpi_storage_new(x->rt, bytes, &s);
  if (status != MLP_OK) return status;
  memset(s->data, 0, bytes);
  status = mlpi_tensor_unbacked(x->rt, x->a.dtype, x->a.ndim, x->a.shape, out);
  if (status == MLP_OK) {
    mlpi_tensor_attach(*out, s, 0);
    mlpi_array_copy(&x->a, &(*out)->a);
    (*out)->requires_grad = true;
  }
  mlpi_storage_release(s);
  return status;
}

static mlp_Status make_layer (const mlp_Tensor *x, mlp_Layer **out) {
  mlp_Object *o;
  mlp_Status s = mlpi_object_new(x->rt, "layer", "activation", &o);
  if (s == MLP_OK) s = mlpi_layer_new(o, out);
  mlpi_object_release(o);
  if (s != MLP_OK) return s;
  mlp_Layer *l = *out;
  l->built = l->placed = true;
  l->weight[0] = (mlpi_Weight){ .name = "x", .trainable = true };
  s = copy_of(x, &l->weight[0].tensor);
  l->n_weights = s == MLP_OK;
  return s;
}

mlp_Status mlpi_parameters_new (mlp_Runtime *rt, const mlp_Tensor *x,
                                mlp_Object *optimizer, mlp_Model **out) {
  static const int input[] = { -1 };
  mlp_Layer *l = NULL;
  *out = NULL;
  mlp_Status s = mlpi_optimizer_check(optimizer);
  if (s == MLP_OK) s = make_layer(x, &l);
  if (s == MLP_OK) s = mlpi_model_new(rt, out);
  if (s == MLP_OK) s = mlpi_model_add(*out, l, 1, input);
  mlpi_layer_release(l);
  if (s != MLP_OK) {
    mlpi_model_release(*out);
    *out = NULL;
    return s;
  }
  (*out)->dtype = x->a.dtype;
  (*out)->built = true;
  (*out)->optimizer = mlpi_object_retain(optimizer);
  return MLP_OK;
}

mlp_Status mlpi_parameters_give (mlp_Model *m, const mlp_Tensor *gradient) {
  mlp_Tensor *w = m->layer[0]->weight[0].tensor;
  char a[MLPI_SHAPE_TEXT], b[MLPI_SHAPE_TEXT];
  mlp_Status s = mlpi_model_prepare(m);
  if (s != MLP_OK) return s;
  if (!mlpi_same_shape(&w->a, &gradient->a) || w->a.dtype != gradient->a.dtype)
    return mlpi_error(m->rt, MLP_ESHAPE,
                      "step: expected a gradient of shape %s, got %s",
                      mlpi_shape_text(w->a.ndim, w->a.shape, a),
                      mlpi_shape_text(gradient->a.ndim, gradient->a.shape, b));
  mlpi_array_copy(&gradient->a, &w->grad->a);
  w->grad_set = true;
  return MLP_OK;
}
