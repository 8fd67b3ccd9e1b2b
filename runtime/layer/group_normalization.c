/*
** group_normalization.c - groups of features of a row with a mean and variance
** of their own.
*/
#include "layer/affine.h"

enum { GROUPS, EPSILON, CENTER, SCALE }; /* order of '.options' below */

/* How many groups there are of so many features. */
static size_t groups_of (const mlp_Layer *l, size_t features) {
  const double g = l->o->value[GROUPS].number;
  return g < 0 ? features : (size_t)g;
}

static mlp_Status build (mlp_Layer *l, int n_in, mlp_Tensor *const *in) {
  const mlpi_Array *x = &in[0]->a;
  (void)n_in;
  mlp_Status s = mlpi_check_features(l, x);
  if (s != MLP_OK) return s;
  const size_t n = x->shape[x->ndim - 1], groups = groups_of(l, n);
  if (groups == 0 || n % groups != 0)
    return mlpi_error(l->rt, MLP_EARG,
                      "group_normalization: option 'groups': expected a number "
                      "that divides the %zu features, got %.0f",
                      n, l->o->value[GROUPS].number);
  return affine_build(l, x, l->o->value[SCALE].number != 0,
                      l->o->value[CENTER].number != 0);
}

/* Of each row and group, over all its other elements. */
static mlp_Tensor *statistic (mlpi_Formula *f, const char *op, mlp_Tensor *x) {
  mlpi_Attrs a = { .flag = true };
  for (int i = 1; i < x->a.ndim; i++)
    if (i != x->a.ndim - 2) a.axis[a.n_axis++] = i;
  return mlpi_of_all(f, op, &a, 1, &x);
}

static mlp_Status call (mlp_Layer *l, int n_in, mlp_Tensor *const *in,
                        const mlpi_Pass *pass, mlp_Tensor **out) {
  const mlpi_Array *x = &in[0]->a;
  const int last = x->ndim - 1;
  const size_t groups = groups_of(l, x->shape[last]);
  mlpi_Attrs split = { .n_axis = x->ndim + 1 }, back = { .n_axis = x->ndim };
  mlpi_Attrs a = { .number = { l->o->value[EPSILON].number } };
  (void)n_in, (void)pass;
  for (int i = 0; i <= last; i++)
    split.axis[i] = back.axis[i] = (int64_t)x->shape[i];
  split.axis[last] = (int64_t)groups;
  split.axis[last + 1] = (int64_t)(x->shape[last] / groups);
  mlpi_Formula f = mlpi_formula(in[0]);
  mlp_Tensor *y = mlpi_of_all(&f, "reshape", &split, 1, in), *all[3];
  all[0] = y;
  all[1] = y == NULL ? NULL : statistic(&f, "mean", y);
  all[2] = y == NULL ? NULL : statistic(&f, "var", y);
  y = mlpi_of_all(&f, "standardize", &a, 3, all);
  y = mlpi_of_all(&f, "reshape", &back, 1, &y);
  y = affine(&f, l, y, l->o->value[SCALE].number != 0,
             l->o->value[CENTER].number != 0);
  return mlpi_formula_end(&f, y, out);
}

const mlp_LayerKind mlp_layer_group_normalization = {
  .name = "group_normalization",
  .doc = "gamma (x - mean) / sqrt(variance + epsilon) + beta, mean and variance "
         "(biased) of each row over a group of its features (the last "
         "dimension) and all dimensions between; gamma and beta by feature.",
  .cite = "Wu & He 2018, arXiv:1803.08494; Keras 3, "
          "layers.GroupNormalization",
  .options = {
    { "groups", 32, -1, 1e9, "how many; -1: each feature is one",
      .type = MLP_INTEGER },
    { "epsilon", 1e-3, 0, 1, "added to the variance" },
    { "center", 1, 0, 1, "add beta", .type = MLP_BOOLEAN },
    { "scale", 1, 0, 1, "multiply by gamma", .type = MLP_BOOLEAN },
    { "beta_initializer", .doc = "first values of beta", .type = MLP_OBJECT,
      .family = "initializer", .text = "zeros" },
    { "gamma_initializer", .doc = "first values of gamma", .type = MLP_OBJECT,
      .family = "initializer", .text = "ones" },
    { "beta_regularizer", .doc = "cost on beta, or none", .type = MLP_OBJECT,
      .family = "regularizer" },
    { "gamma_regularizer", .doc = "cost on gamma, or none",
      .type = MLP_OBJECT, .family = "regularizer" },
    { "beta_constraint", .doc = "where beta must stay, or none",
      .type = MLP_OBJECT, .family = "constraint" },
    { "gamma_constraint", .doc = "where gamma must stay, or none",
      .type = MLP_OBJECT, .family = "constraint" },
  },
  .min_in = 1,
  .max_in = 1,
  .build = build,
  .call = call,
};
