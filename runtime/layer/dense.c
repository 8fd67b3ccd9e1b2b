/*
** dense.c - the fully connected layer: activation(x kernel + bias).
*/
#include "layer/layer.h"
#include "op/activate.h"

#include <string.h>

/* order of '.options' below */
enum { UNITS, ACTIVATION, USE_BIAS, ACTIVITY_REG };
enum { KERNEL, BIAS }; /* weights */

static mlp_Status build (mlp_Layer *l, int n_in, mlp_Tensor *const *in) {
  const mlpi_Array *x = &in[0]->a;
  const mlpi_Value *v = l->o->value;
  (void)n_in;
  mlp_Status s = mlpi_check_features(l, x);
  if (s != MLP_OK) return s;
  size_t shape[] = { x->shape[x->ndim - 1], (size_t)v[UNITS].number };
  s = mlpi_layer_trainable(l, "kernel", x->dtype, 2, shape);
  if (s != MLP_OK || v[USE_BIAS].number == 0) return s;
  s = mlpi_layer_trainable(l, "bias", x->dtype, 1, shape + 1);
  const mlp_Object *o = l->weight[BIAS].initializer;
  if (s == MLP_OK && strcmp(o->kind->name, "torch_uniform") == 0)
    l->weight[BIAS].fan_in = (double)shape[0];
  return s;
}

static mlp_Status check_input (mlp_Layer *l, const mlpi_Array *x) {
  const mlpi_Array *w = &l->weight[KERNEL].tensor->a;
  char got[MLPI_SHAPE_TEXT];
  if (x->ndim >= 2 && x->shape[x->ndim - 1] == w->shape[0]) return MLP_OK;
  return mlpi_error(l->rt, MLP_ESHAPE,
                    "dense: expected an input of shape (rows, %zu), got %s",
                    w->shape[0], mlpi_shape_text(x->ndim, x->shape, got));
}

/* Collapse all dimensions but the last, or give x the leading dimensions of
** 'like' back. */
static mlp_Status fold (mlp_Tensor *x, const mlpi_Array *like,
                        mlp_Tensor **out) {
  mlpi_Attrs a = { .n_axis = like == NULL ? 2 : like->ndim };
  int last = x->a.ndim - 1;
  for (int i = 0; i < a.n_axis - 1; i++)
    a.axis[i] = like == NULL ? -1 : (int64_t)like->shape[i];
  a.axis[a.n_axis - 1] = (int64_t)x->a.shape[last];
  return mlpi_apply1("reshape", &a, x, out);
}

/* Can the op 'dense' apply it? Not where its gradient wants its input, nor
** where a loss may look through it for the logits. */
static bool is_fused (const mlp_Object *activation) {
  const mlp_Activation *k;
  if (activation == NULL || activation->ud != NULL) return false;
  k = (const mlp_Activation *)activation->kind;
  return k->elementwise && (k->needs & MLPI_OP_NEEDS_IN) == 0 &&
         strcmp(k->name, "sigmoid") != 0 && strcmp(k->name, "linear") != 0;
}

/* The op 'dense' on rows of x. */
static mlp_Status rows_of (mlp_Layer *l, mlp_Tensor *x, const mlp_Object *fused,
                           mlp_Tensor **out) {
  const mlpi_Attrs a = { .object = fused };
  mlp_Tensor *in[] = { x, l->weight[KERNEL].tensor, NULL };
  if (l->n_weights > BIAS) in[2] = l->weight[BIAS].tensor;
  return mlpi_apply(l->rt, "dense", &a, l->n_weights > BIAS ? 3 : 2, in, out);
}

static mlp_Status product (mlp_Layer *l, mlp_Tensor *x, const mlp_Object *fused,
                           mlp_Tensor **out) {
  mlp_Tensor *rows = NULL, *y = NULL;
  if (x->a.ndim == 2) return rows_of(l, x, fused, out);
  *out = NULL;
  mlp_Status s = fold(x, NULL, &rows);
  if (s == MLP_OK) s = rows_of(l, rows, fused, &y);
  if (s == MLP_OK) s = fold(y, &x->a, out);
  mlpi_tensor_release(rows);
  mlpi_tensor_release(y);
  return s;
}

static mlp_Status call (mlp_Layer *l, int n_in, mlp_Tensor *const *in,
                        const mlpi_Pass *pass, mlp_Tensor **out) {
  const mlp_Object *activation = l->o->value[ACTIVATION].object;
  const bool fused = is_fused(activation);
  mlp_Tensor *y = NULL, *a = NULL;
  (void)n_in, (void)pass;
  *out = NULL;
  mlp_Status s = check_input(l, &in[0]->a);
  if (s == MLP_OK) s = product(l, in[0], fused ? activation : NULL, &y);
  if (s == MLP_OK) s = mlpi_activate(fused ? NULL : activation, y, &a);
  if (s == MLP_OK) s = mlpi_penalize(l->o->value[ACTIVITY_REG].object, a, out);
  mlpi_tensor_release(y);
  mlpi_tensor_release(a);
  return s;
}

const mlp_LayerKind mlp_layer_dense = {
  .name = "dense",
  .doc = "activation(x kernel + bias): x (rows, ..., features), kernel "
         "(features, units), bias (units).",
  .cite = "Rosenblatt 1958, Psychological Review 65",
  .options = {
    { "units", 1, 1, 1e9, "width of the output", .type = MLP_INTEGER,
      .required = true },
    { "activation", .doc = "applied to the result", .type = MLP_OBJECT,
      .family = "activation", .text = "linear" },
    { "use_bias", 1, 0, 1, "add a bias", .type = MLP_BOOLEAN },
    { "activity_regularizer", .doc = "cost on the output, divided by the rows "
      "of the batch, or none",
      .type = MLP_OBJECT, .family = "regularizer" },
    { "kernel_initializer", .doc = "first values of the kernel",
      .type = MLP_OBJECT, .family = "initializer", .text = "glorot_uniform" },
    { "bias_initializer", .doc = "first values of the bias",
      .type = MLP_OBJECT, .family = "initializer", .text = "zeros" },
    { "kernel_regularizer", .doc = "cost on the kernel, or none",
      .type = MLP_OBJECT, .family = "regularizer" },
    { "bias_regularizer", .doc = "cost on the bias, or none",
      .type = MLP_OBJECT, .family = "regularizer" },
    { "kernel_constraint", .doc = "where the kernel must stay, or none",
      .type = MLP_OBJECT, .family = "constraint" },
    { "bias_constraint", .doc = "where the bias must stay, or none",
      .type = MLP_OBJECT, .family = "constraint" },
  },
  .min_in = 1,
  .max_in = 1,
  .build = build,
  .call = call,
};
