/*
** layer_normalization.c - each row with its own mean and variance.
*/
#include "layer/affine.h"

enum { EPSILON, CENTER, SCALE }; /* order of '.options' below */

static mlp_Status build (mlp_Layer *l, int n_in, mlp_Tensor *const *in) {
  const mlpi_Value *v = l->o->value;
  (void)n_in;
  return affine_build(l, &in[0]->a, v[SCALE].number != 0,
                      v[CENTER].number != 0);
}

static mlp_Status call (mlp_Layer *l, int n_in, mlp_Tensor *const *in,
                        const mlpi_Pass *pass, mlp_Tensor **out) {
  mlpi_Formula f = mlpi_formula(in[0]);
  const mlpi_Value *v = l->o->value;
  mlpi_Attrs a = { .number = { v[EPSILON].number } };
  (void)n_in, (void)pass;
  mlp_Tensor *all[] = { in[0], mlpi_over(&f, "mean", in[0], -1, true),
                        mlpi_over(&f, "var", in[0], -1, true) };
  mlp_Tensor *y = mlpi_of_all(&f, "standardize", &a, 3, all);
  y = affine(&f, l, y, v[SCALE].number != 0, v[CENTER].number != 0);
  return mlpi_formula_end(&f, y, out);
}

const mlp_LayerKind mlp_layer_layer_normalization = {
  .name = "layer_normalization",
  .doc = "gamma (x - mean) / sqrt(variance + epsilon) + beta, mean and "
         "variance (biased) over the last dimension; gamma and beta of "
         "its length.",
  .cite = "Ba, Kiros & Hinton 2016, arXiv:1607.06450; Keras 3, "
         "layers.LayerNormalization",
  .options = {
    { "epsilon", 1e-3, 0, 1, "added to the variance" },
    { "center", 1, 0, 1, "add beta", .type = MLP_BOOLEAN },
    { "scale", 1, 0, 1, "multiply by gamma", .type = MLP_BOOLEAN },
    { "beta_initializer", .doc = "first values of beta", .type = MLP_OBJECT, .family = "initializer", .text = "zeros" },
    { "gamma_initializer", .doc = "first values of gamma", .type = MLP_OBJECT, .family = "initializer", .text = "ones" },
    { "beta_regularizer", .doc = "cost on beta, or none", .type = MLP_OBJECT, .family = "regularizer" },
    { "gamma_regularizer", .doc = "cost on gamma, or none", .type = MLP_OBJECT, .family = "regularizer" },
    { "beta_constraint", .doc = "where beta must stay, or none", .type = MLP_OBJECT, .family = "constraint" },
    { "gamma_constraint", .doc = "where gamma must stay, or none", .type = MLP_OBJECT, .family = "constraint" },
  },
  .min_in = 1,
  .max_in = 1,
  .build = build,
  .call = call,
};
