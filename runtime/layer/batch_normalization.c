/*
** batch_normalization.c - each feature with the mean and variance of its batch,
** or, renormalized, with what those of all batches so far make of it.
*/
#include "layer/affine.h"

#include <math.h>
#include <string.h>

/* order of '.options' below; behind RMAX come RMIN and DMAX */
enum {
  MOMENTUM,
  EPSILON,
  CENTER,
  SCALE,
  UNBIASED,
  WARM_UP,
  RENORM,
  RENORM_MOMENTUM,
  RENORM_RMAX
};

static const mlpi_Weight *find (const mlp_Layer *l, const char *name) {
  int i = 0;
  while (strcmp(l->weight[i].name, name) != 0) i++;
  return &l->weight[i];
}

static mlp_Tensor *weight (const mlp_Layer *l, const char *name) {
  return find(l, name)->tensor;
}

static bool is_on (const mlp_Layer *l, int option) {
  return l->o->value[option].number != 0;
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
  a.flag = is_on(l, WARM_UP);
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

/* r and d, (2, features), of a batch; the averages that belong to them, and
** those of deviation and variance, follow it. */
static mlp_Tensor *correction (mlp_Layer *l, const mlpi_Pass *pass,
                               mlpi_Formula *f, mlp_Tensor *mean,
                               mlp_Tensor *variance, double factor) {
  const mlpi_Value *v = l->o->value;
  mlpi_Attrs a =
      mlpi_layer_draw(l, pass, v[EPSILON].number, v[MOMENTUM].number);
  a.number[2] = v[RENORM_MOMENTUM].number;
  a.number[3] = factor;
  a.flag = is_on(l, WARM_UP);
  a.object = l->o;
  a.axis[0] = RENORM_RMAX;
  mlp_Tensor *all[] = { mean,
                        variance,
                        weight(l, "renorm_mean"),
                        weight(l, "renorm_stddev"),
                        weight(l, "moving_stddev"),
                        weight(l, "moving_variance") };
  return mlpi_of_all(f, "renorm", &a, 6, all);
}

/* y r + d */
static mlp_Tensor *corrected (mlpi_Formula *f, mlp_Tensor *y, mlp_Tensor *rd) {
  const mlpi_Attrs r = { .n_axis = 2 }, d = { .n_axis = 2, .axis = { 0, 1 } };
  y = mlpi_of2(f, "mul", y, mlpi_of_all(f, "select", &r, 1, &rd));
  return mlpi_of2(f, "add", y, mlpi_of_all(f, "select", &d, 1, &rd));
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

/* A state that begins as another one does. */
static mlp_Status state_like (mlp_Layer *l, const char *name,
                              const char *other) {
  const mlpi_Weight *w = find(l, other);
  return mlpi_layer_weight(l, name, w->tensor->a.dtype, 1, w->tensor->a.shape,
                           w->initializer, NULL, NULL, false);
}

static mlp_Status build_renorm (mlp_Layer *l) {
  const mlpi_Value *v = l->o->value + RENORM_RMAX;
  if (v[0].number < v[1].number)
    return mlpi_error(l->rt, MLP_EARG,
                      "batch_normalization: option 'renorm_clipping': expected "
                      "rmin <= rmax, got rmin %g and rmax %g",
                      v[1].number, v[0].number);
  mlp_Status s = state_like(l, "moving_stddev", "moving_variance");
  if (s == MLP_OK) s = state_like(l, "renorm_mean", "moving_mean");
  return s != MLP_OK ? s : state_like(l, "renorm_stddev", "moving_variance");
}

static mlp_Status build (mlp_Layer *l, int n_in, mlp_Tensor *const *in) {
  const mlpi_Array *x = &in[0]->a;
  (void)n_in;
  mlp_Status s = affine_build(l, x, is_on(l, SCALE), is_on(l, CENTER));
  if (s != MLP_OK) return s;
  const size_t *n = &x->shape[x->ndim - 1];
  s = mlpi_layer_state(l, "moving_mean", x->dtype, 1, n);
  if (s == MLP_OK) s = mlpi_layer_state(l, "moving_variance", x->dtype, 1, n);
  return s != MLP_OK || !is_on(l, RENORM) ? s : build_renorm(l);
}

static mlp_Status call (mlp_Layer *l, int n_in, mlp_Tensor *const *in,
                        const mlpi_Pass *pass, mlp_Tensor **out) {
  mlp_Tensor *mean = weight(l, "moving_mean"),
             *variance = weight(l, "moving_variance"), *rd = NULL;
  mlpi_Formula f = mlpi_formula(in[0]);
  (void)n_in;
  if (pass->training && l->trainable) {
    mlp_Status s = check_rows(l, &in[0]->a);
    if (s != MLP_OK) {
      *out = NULL;
      return s;
    }
    double n = (double)(mlpi_count(&in[0]->a) / mlpi_count(&mean->a));
    double factor = is_on(l, UNBIASED) ? n / (n - 1) : 1;
    mlp_Tensor *m = statistic(&f, "mean", in[0]),
               *v = statistic(&f, "var", in[0]);
    if (is_on(l, RENORM)) rd = correction(l, pass, &f, m, v, factor);
    mean = tracked(l, pass, &f, m, mean, 1);
    variance = rd != NULL ? v : tracked(l, pass, &f, v, variance, factor);
  }
  mlp_Tensor *y =
      standardized(&f, in[0], mean, variance, l->o->value[EPSILON].number);
  if (rd != NULL) y = corrected(&f, y, rd);
  y = affine(&f, l, y, is_on(l, SCALE), is_on(l, CENTER));
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
         "layer. With renorm = true training takes r (x - mean) / sqrt("
         "variance + epsilon) + d instead of that fraction, r = s / S in "
         "[rmin, rmax], d = (mean - M) / S in [-dmax, dmax], s = sqrt(variance "
         "+ epsilon) and M, S averages of mean and s, all constants to the "
         "gradient; then the moving variance is that of a moving average of s.",
  .cite = "Ioffe & Szegedy 2015, arXiv:1502.03167; renorm: Ioffe 2017, "
         "arXiv:1702.03275; Keras 3, layers.BatchNormalization",
  .options = {
    { "momentum", 0.99, 0, 1, "share of the moving average that stays at each step" },
    { "epsilon", 1e-3, 0, 1, "added to the variance" },
    { "center", 1, 0, 1, "add beta", .type = MLP_BOOLEAN },
    { "scale", 1, 0, 1, "multiply by gamma", .type = MLP_BOOLEAN },
    { "unbiased", 0, 0, 1, "the moving variance is that of a sample: n / (n - 1) times the batch's", .type = MLP_BOOLEAN },
    { "warm_up", 0, 0, 1, "the first 1 / (1 - momentum) steps take the plain mean of all batches so far", .type = MLP_BOOLEAN },
    { "renorm", 0, 0, 1, "correct what differs between a batch and the averages", .type = MLP_BOOLEAN },
    { "renorm_momentum", 0.99, 0, 1, "share of renorm_mean and renorm_stddev, M and S, that stays at each step" },
    { "renorm_rmax", INFINITY, 0, INFINITY, "most that r may be; renorm_clipping = { rmax =, rmin =, dmax = } gives all three", .live = true },
    { "renorm_rmin", 0, 0, INFINITY, "least that r may be", .live = true },
    { "renorm_dmax", INFINITY, 0, INFINITY, "most that d may be, and -d", .live = true },
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
