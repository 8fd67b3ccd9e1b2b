/*
** maxout.c - the largest of several linear functions.
*/
#include "layer/layer.h"

enum { UNITS, PIECES }; /* order of '.options' below */

static mlp_Status build (mlp_Layer *l, int n_in, mlp_Tensor *const *in) {
  const mlpi_Array *x = &in[0]->a;
  (void)n_in;
  mlp_Status s = mlpi_check_features(l, x);
  if (s != MLP_OK) return s;

  size_t shape[] = { x->shape[x->ndim - 1],
                     (size_t)(l->o->value[UNITS].number *
                              l->o->value[PIECES].number) };
  s = mlpi_layer_trainable(l, "kernel", x->dtype, 2, shape);
  return s != MLP_OK ? s
                     : mlpi_layer_trainable(l, "bias", x->dtype, 1, shape + 1);
}

static mlp_Status call (mlp_Layer *l, int n_in, mlp_Tensor *const *in,
                        const mlpi_Pass *pass, mlp_Tensor **out) {
  const mlpi_Array *x = &in[0]->a;
  const mlpi_Value *v = l->o->value;
  mlpi_Attrs shape = { .n_axis = 3,
                       .axis = { -1, (int64_t)v[UNITS].number,
                                 (int64_t)v[PIECES].number } };
  char got[MLPI_SHAPE_TEXT];
  (void)n_in, (void)pass;
  *out = NULL;
  if (x->ndim != 2)
    return mlpi_error(
        l->rt, MLP_ESHAPE,
        "maxout: expected an input of shape (rows, features), got %s",
        mlpi_shape_text(x->ndim, x->shape, got));
  mlpi_Formula f = mlpi_formula(in[0]);
  mlp_Tensor *z = mlpi_of2(&f, "matmul", in[0], l->weight[0].tensor);
  z = mlpi_of2(&f, "add", z, l->weight[1].tensor);
  mlp_Tensor *groups = mlpi_of_all(&f, "reshape", &shape, 1, &z);
  return mlpi_formula_end(&f, mlpi_over(&f, "max", groups, -1, false), out);
}

const mlp_LayerKind mlp_layer_maxout = {
  .name = "maxout",
  .doc = "For each unit the largest of 'pieces' outputs of x kernel + "
         "bias: kernel (features, units pieces), bias (units pieces).",
  .cite = "Goodfellow et al. 2013, arXiv:1302.4389",
  .options = {
    { "units", 1, 1, 1e6, "width of the output", .type = MLP_INTEGER, .required = true },
    { "pieces", 2, 1, 1000, "linear functions a unit", .type = MLP_INTEGER },
    { "kernel_initializer", .doc = "first values of the kernel", .type = MLP_OBJECT, .family = "initializer", .text = "glorot_uniform" },
    { "bias_initializer", .doc = "first values of the bias", .type = MLP_OBJECT, .family = "initializer", .text = "zeros" },
    { "kernel_regularizer", .doc = "cost on the kernel, or none", .type = MLP_OBJECT, .family = "regularizer" },
    { "kernel_constraint", .doc = "where the kernel must stay, or none", .type = MLP_OBJECT, .family = "constraint" },
  },
  .min_in = 1,
  .max_in = 1,
  .build = build,
  .call = call,
};
