/*
** batch_normalization.c - each feature with the mean and variance of its batch.
*/
#include "layer/affine.h"

#include <string.h>

enum {
  MOMENTUM,
  EPSILON,
  CENTER,
  SCALE,
  UNBIASED,
  WARM_UP
}; /* order of '.options' below */

static mlp_Tensor *weight (mlp_Layer *l, const char *name) {
  int i = 0;
  while (strcmp(l->weight[i].name, name) != 0) i++;
  return l->weight[i].tensor;
}

/* Over all dimensions but the last. */
static mlp_Tensor *statistic (mlpi_Formula *f, const char *op, mlp_Tensor *x) {
  mlpi_Attrs a = { .n_axis = x->a.ndim - 1 };
  for (int i = 0; i < a.n_axis; i++) a.axis[i] = i;
  return mlpi_of_all(f, op, &a, 1, &x);
}

/* The batch's statistic; the moving one follows it. */
static mlp_Tensor *tracked (mlp_Layer *l, const mlpi_Pass *pass,
                            mlpi_Formula *f, mlp_Tensor *batch,
                            mlp_Tensor *moving, double factor) {
  mlpi_Attrs a = mlpi_layer_draw(l, pass, l->o->value[MOMENTUM].number, factor);
  a.flag = l->o->value[WARM_UP].number != 0;
  mlp_Tensor *both[] = { batch, moving };
  return mlpi_of_all(f, "moving_average", &a, 2, both);
}

static mlp_Tensor *standardized (mlpi_Formula *f, mlp_Tensor *x,
                                 mlp_Tensor *mean, mlp_Tensor *variance,
                                 double epsilon) {
  mlpi_Attrs a = { .number = { epsilon } };
  mlp_Tensor *all[] = { x, mean, variance };
  return mlpi_of_all(f, "standardize", &a, 3, all);
}

/* One row has no variance: its output would be beta, whatever the input. */
static mlp_Status check_rows (mlp_Layer *l, const mlpi_Array *x) {
  if (x->shape[0] > 1) return MLP_OK;
  return mlpi_error(
      l->rt, MLP_ESHAPE,
      "batch_normalization: expected batches of at least 2 rows in training, "
      "got %zu; choose a batch_size that leaves no single row at the end",
      x->shape[0]);
}

static mlp_Status build (mlp_Layer *l, int n_in, mlp_Tensor *const *in) {
  const mlpi_Array *x = &in[0]->a;
  const mlpi_Value *v = l->o->value;
  (void)n_in;
  mlp_Status s =
      affine_build(l, x, v[SCALE].number != 0, v[CENTER].number != 0);
  if (s != MLP_OK) return s;
  const size_t *n = &x->shape[x->ndim - 1];
  s = mlpi_layer_state(l, "moving_mean", x->dtype, 1, n);
  return s != MLP_OK ? s
                     : mlpi_layer_state(l, "moving_variance", x->dtype, 1, n);
}

static mlp_Status call (mlp_Layer *l, int n_in, mlp_Tensor *const *in,
                        const mlpi_Pass *pass, mlp_Tensor **out) {
  mlp_Tensor *mean = weight(l, "moving_mean"),
             *variance = weight(l, "moving_variance");
  mlpi_Formula f = mlpi_formula(in[0]);
  (void)n_in;
  if (pass->training && l->trainable) {
    mlp_Status s = check_rows(l, &in[0]->a);
    if (s != MLP_OK) {
      *out = NULL;
      return s;
    }
    double n = (double)(mlpi_count(&in[0]->a) / mlpi_count(&mean->a));
    double factor = l->o->value[UNBIASED].number != 0 ? n / (n - 1) : 1;
    mean = tracked(l, pass, &f, statistic(&f, "mean", in[0]), mean, 1);
    variance =
        tracked(l, pass, &f, statistic(&f, "var", in[0]), variance, factor);
  }
  mlp_Tensor *y =
      standardized(&f, in[0], mean, variance, l->o->value[EPSILON].number);
  y = affine(&f, l, y, l->o->value[SCALE].number != 0,
             l->o->value[CENTER].number != 0);
  return mlpi_formula_end(&f, y, out);
}

const mlp_LayerKind mlp_layer_batch_normalization = {
  .name = "batch_normalization",
  .doc = "gamma (x - mean) / sqrt(variance + epsilon) + beta for each "
         "feature (the last dimension), by the batch in training and by "
         "moving averages otherwise and where the layer is frozen: "
         "moving = momentum moving + (1 - momentum) batch. The batch's "
         "variance is the biased one; so is what moves, but for unbiased "
         "= true, which with momentum 0.9 and epsilon 1e-5 is PyTorch's "
         "layer.",
  .cite = "Ioffe & Szegedy 2015, arXiv:1502.03167; Keras 3, "
         "layers.BatchNormalization",
  .options = {
    { "momentum", 0.99, 0, 1, "share of the moving average that stays at each step" },
    { "epsilon", 1e-3, 0, 1, "added to the variance" },
    { "center", 1, 0, 1, "add beta", .type = MLP_BOOLEAN },
    { "scale", 1, 0, 1, "multiply by gamma", .type = MLP_BOOLEAN },
    { "unbiased", 0, 0, 1, "the moving variance is that of a sample: n / (n - 1) times the batch's", .type = MLP_BOOLEAN },
    { "warm_up", 0, 0, 1, "the first 1 / (1 - momentum) steps take the plain mean of all batches so far", .type = MLP_BOOLEAN },
    { "beta_initializer", .doc = "first values of beta", .type = MLP_OBJECT, .family = "initializer", .text = "zeros" },
    { "gamma_initializer", .doc = "first values of gamma", .type = MLP_OBJECT, .family = "initializer", .text = "ones" },
    { "moving_mean_initializer", .doc = "first values of the moving mean", .type = MLP_OBJECT, .family = "initializer", .text = "zeros" },
    { "moving_variance_initializer", .doc = "first values of the moving variance", .type = MLP_OBJECT, .family = "initializer", .text = "ones" },
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
