/*
** op_values_test.c - values of operators and activations against formulas in
** long double, tables of the lecture, and what must hold at the edges:
** S5, T1, T8 (lecture), H03, H05, A01 to A03, A10, A12 (reliability).
*/
#include "base/pool.h"
#include "op/activate.h"
#include "op/op.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static mlp_Runtime *rt;
static int passed, failed;

static void check (bool ok, const char *what, double got, double expected) {
  if (ok)
    passed++;
  else
    failed++;
  if (!ok) printf("FAIL %s: got %.17g, expected %.17g\n", what, got, expected);
}

static void near (const char *what, double got, long double expected,
                  double tolerance) {
  long double bound = tolerance * fmaxl(1, fabsl(expected));
  bool same = got == (double)expected || (got != got && expected != expected);
  check(same || fabsl(got - expected) <= bound, what, got, (double)expected);
}

/* A row-major array over 'data'. */
static mlpi_Array array_of (mlp_Dtype dtype, int ndim, size_t rows, size_t cols,
                            void *data) {
  mlpi_Array a = { .data = data, .dtype = dtype, .ndim = ndim };
  a.shape[0] = ndim == 1 ? cols : rows;
  a.shape[1] = cols;
  mlpi_set_strides(&a);
  return a;
}

static mlpi_Array vector (size_t n, double *x) {
  return array_of(MLP_FLOAT64, 1, 1, n, x);
}

static mlpi_Array matrix (size_t rows, size_t cols, double *x) {
  return array_of(MLP_FLOAT64, 2, rows, cols, x);
}

static mlpi_Array labels (size_t n, int64_t *y) {
  return array_of(MLP_INT64, 1, 1, n, y);
}

/* Forward, and backward with g where gin is not NULL, into 'out', 'gin'. */
static mlp_Status apply (const char *name, const mlpi_Attrs *attrs, int n,
                         mlpi_Array *in, void *out, void *g, mlpi_Array *gin) {
  mlpi_Call c = { .rt = rt, .n_in = n, .in = in };
  c.op = mlpi_op(rt, in[0].dtype, name);
  if (attrs != NULL) c.attrs = *attrs;
  mlp_Status s = c.op->shape(&c);
  if (s == MLP_OK && c.op->check != NULL) s = c.op->check(&c);
  if (s != MLP_OK) return s;
  size_t bytes = c.op->scratch == NULL ? 0 : c.op->scratch(&c);
  c.scratch = aligned_alloc(64, (bytes + 127) / 64 * 64);
  void *scratch = c.scratch;
  c.out.data = out;
  c.op->forward(&c);
  if (gin != NULL) {
    mlpi_Array ga = c.out;
    ga.data = g;
    c.op->backward(&c, &ga, gin);
  }
  free(scratch);
  return s;
}

typedef long double Real;

static Real sigmoid (Real x) { return 1 / (1 + expl(-x)); }
static Real softplus (Real x) { return fmaxl(x, 0) + log1pl(expl(-fabsl(x))); }
static Real clip (Real x, Real lo, Real hi) { return fminl(fmaxl(x, lo), hi); }

static Real f_rsqrt (Real x) { return 1 / sqrtl(x); }
static Real f_square (Real x) { return x * x; }
static Real f_sign (Real x) { return (x > 0) - (x < 0); }
static Real f_reciprocal (Real x) { return 1 / x; }
static Real f_neg (Real x) { return -x; }
static Real f_relu (Real x) { return fmaxl(x, 0); }
static Real f_linear (Real x) { return x; }
static Real f_leaky (Real x) { return x > 0 ? x : (Real)0.2 * x; }
static Real f_elu (Real x) { return x > 0 ? x : expm1l(x); }
static Real f_selu (Real x) {
  return 1.0507009873554805L * (x > 0 ? x : 1.6732632423543772L * expm1l(x));
}
static Real f_gelu (Real x) { return x / 2 * (1 + erfl(x / sqrtl(2))); }
static Real f_silu (Real x) { return x * sigmoid(x); }
static Real f_hard_silu (Real x) { return x * clip(x / 6 + 0.5L, 0, 1); }
static Real f_hard_sigmoid (Real x) { return clip(x / 6 + 0.5L, 0, 1); }
static Real f_softsign (Real x) { return x / (1 + fabsl(x)); }
static Real f_mish (Real x) { return x * tanhl(softplus(x)); }
static Real f_relu6 (Real x) { return clip(x, 0, 6); }
static Real f_log_sigmoid (Real x) { return -softplus(-x); }
static Real f_hard_tanh (Real x) { return clip(x, -1, 1); }
static Real f_tanh_shrink (Real x) { return x - tanhl(x); }
static Real f_soft_shrink (Real x) {
  return f_sign(x) * fmaxl(fabsl(x) - 0.5L, 0);
}
static Real f_hard_shrink (Real x) { return fabsl(x) > 0.5L ? x : 0; }
static Real f_squareplus (Real x) { return (x + sqrtl(x * x + 4)) / 2; }
static Real f_sparse_plus (Real x) {
  return x <= -1 ? 0 : x >= 1 ? x : (x + 1) * (x + 1) / 4;
}
static Real f_sparse_sigmoid (Real x) { return clip((x + 1) / 2, 0, 1); }
static Real f_lecun (Real x) { return 1.7159L * tanhl(2 * x / 3); }

typedef struct Function {
  const char *name;
  Real (*f)(Real x);
  double min, max;
} Function;

static const Function ops[] = { { "exp", expl, -700, 700 },
                                { "log", logl, 1e-300, 1e3 },
                                { "log1p", log1pl, -0.999, 1e3 },
                                { "expm1", expm1l, -50, 300 },
                                { "sqrt", sqrtl, 0, 1e6 },
                                { "rsqrt", f_rsqrt, 1e-6, 1e6 },
                                { "square", f_square, -1e3, 1e3 },
                                { "abs", fabsl, -5, 5 },
                                { "sign", f_sign, -5, 5 },
                                { "reciprocal", f_reciprocal, 0.01, 100 },
                                { "neg", f_neg, -5, 5 },
                                { "tanh", tanhl, -1000, 1000 },
                                { "tanh", tanhl, -2, 2 },
                                { "sigmoid", sigmoid, -1000, 1000 },
                                { "sigmoid", sigmoid, -5, 5 },
                                { "relu", f_relu, -5, 5 },
                                { "softplus", softplus, -1000, 1000 },
                                { "sin", sinl, -100, 100 },
                                { "cos", cosl, -100, 100 },
                                { "erf", erfl, -7, 7 },
                                { "asin", asinl, -1, 1 },
                                { "acos", acosl, -1, 1 },
                                { "atan", atanl, -50, 50 },
                                { "floor", floorl, -9, 9 },
                                { "ceil", ceill, -9, 9 },
                                { "round", rintl, -9, 9 } };

static const Function activations[] = {
  { "linear", f_linear, -9, 9 },
  { "relu", f_relu, -9, 9 },
  { "tanh", tanhl, -9, 9 },
  { "sigmoid", sigmoid, -1000, 1000 },
  { "leaky_relu", f_leaky, -9, 9 },
  { "elu", f_elu, -9, 9 },
  { "selu", f_selu, -9, 9 },
  { "celu", f_elu, -9, 9 },
  { "gelu", f_gelu, -5, 9 },
  { "silu", f_silu, -700, 700 },
  { "hard_silu", f_hard_silu, -9, 9 },
  { "softplus", softplus, -1000, 1000 },
  { "softsign", f_softsign, -9, 9 },
  { "hard_sigmoid", f_hard_sigmoid, -9, 9 },
  { "exponential", expl, -9, 9 },
  { "mish", f_mish, -300, 300 },
  { "relu6", f_relu6, -9, 9 },
  { "log_sigmoid", f_log_sigmoid, -1000, 1000 },
  { "hard_tanh", f_hard_tanh, -3, 3 },
  { "tanh_shrink", f_tanh_shrink, -9, 9 },
  { "soft_shrink", f_soft_shrink, -3, 3 },
  { "hard_shrink", f_hard_shrink, -3, 3 },
  { "squareplus", f_squareplus, -9, 9 },
  { "sparse_plus", f_sparse_plus, -3, 3 },
  { "sparse_sigmoid", f_sparse_sigmoid, -3, 3 },
  { "threshold", f_relu, -3, 3 },
  { "lecun_tanh", f_lecun, -9, 9 },
};

enum { POINTS = 1001 };

/* Relative error (absolute below 1) of at most 4e-15. */
static void check_function (const Function *f, bool activation) {
  double x[POINTS], y[POINTS];
  mlpi_Attrs attrs = { .n_axis = 0 };
  for (int i = 0; i < POINTS; i++)
    x[i] = f->min + (f->max - f->min) * i / (POINTS - 1);
  mlpi_Array in = vector(POINTS, x);
  if (activation)
    attrs.kind = mlpi_variant(rt, MLP_FLOAT64, "activation", f->name);
  apply(activation ? "activate" : f->name, &attrs, 1, &in, y, NULL, NULL);
  for (int i = 0; i < POINTS; i++) near(f->name, y[i], f->f(x[i]), 4e-15);
}

/* T3: the exact losses; the printed ones are those of P rounded (S5). */
static void lecture_softmax (void) {
  double x[] = { -3.44, 1.16, -0.81, 3.91 }, p[4], ll[4];
  const double up[] = { 0.0321, 3.1899, 0.4449, 49.8990 };
  const double pr[] = { 0.0006, 0.0596, 0.0083, 0.9315 };
  const double exact[] = { 7.420911, 2.820911, 4.790911, 0.070911 };
  const double printed[] = { 7.4186, 2.8201, 4.7915, 0.0709 };
  mlpi_Array in = matrix(1, 4, x);
  apply("softmax", NULL, 1, &in, p, NULL, NULL);
  near("S5 sum of the row", p[0] + p[1] + p[2] + p[3], 1, 1e-15);
  for (int64_t k = 0; k < 4; k++) {
    int64_t y = k + 1;
    mlpi_Array pair[] = { in, labels(1, &y) };
    apply("softmax_cross_entropy", NULL, 2, pair, &ll[k], NULL, NULL);
    near("S5 unnormalized", p[k] * 53.565808, up[k], 5e-5);
    near("S5 probability", p[k], pr[k], 5e-5);
    near("S5 exact loss", ll[k], exact[k], 5e-7);
    near("S5 printed loss", k < 3 ? -log(pr[k]) : ll[k], printed[k], 5e-5);
  }
  for (int k = 0; k < 4; k++) x[k] += 1000; /* T1 */
  double shifted[4];
  apply("softmax", NULL, 1, &in, shifted, NULL, NULL);
  for (int k = 0; k < 4; k++) near("S5 shifted", shifted[k], p[k], 1e-12);
}

/* T8: the slope of the sigmoid is at most 1/4, and that only at 0. */
static void sigmoid_slope (void) {
  for (int i = -4000; i <= 4000; i++) {
    double x = i / 100.0, y, one = 1, slope;
    mlpi_Array in = vector(1, &x), gin = vector(1, &slope);
    apply("sigmoid", NULL, 1, &in, &y, &one, &gin);
    check(slope >= 0 && (i == 0 ? slope == 0.25 : slope <= 0.25),
          "T8 slope of sigmoid", slope, 0.25);
  }
}

/* H03: losses and their gradients at logits of +-1e4. */
static void stable_losses (void) {
  double x[] = { 1e4, -1e4, 0, 1e4 }, loss[2], one[] = { 1, 1 }, gx[4];
  int64_t y[] = { 1, 1 };
  mlpi_Array in[] = { matrix(2, 2, x), labels(2, y) };
  mlpi_Array gin[] = { matrix(2, 2, gx), { .data = NULL } };
  apply("softmax_cross_entropy", NULL, 2, in, loss, one, gin);
  near("H03 right", loss[0], 0, 0);
  near("H03 wrong", loss[1], 1e4, 1e-15);
  near("H03 gradient", gx[2], -1, 1e-15);
  near("H03 gradient", gx[3], 1, 1e-15);
  double z[] = { 1000, -1000, 1000, -1000 }, t[] = { 1, 0, 0, 1 }, l[4];
  double ones[] = { 1, 1, 1, 1 };
  mlpi_Array pair[] = { vector(4, z), vector(4, t) };
  mlpi_Array grads[] = { vector(4, gx), { .data = NULL } };
  apply("sigmoid_cross_entropy", NULL, 2, pair, l, ones, grads);
  const double losses[] = { 0, 0, 1000, 1000 }, slopes[] = { 0, 0, 1, -1 };
  for (int i = 0; i < 4; i++) {
    near("H03 sigmoid loss", l[i], losses[i], 1e-15);
    near("H03 sigmoid gradient", gx[i], slopes[i], 1e-15);
  }
}

/* c.4: Keras clips to [1e-7, 1 - 1e-7]; -ln 1e-7 is 16.118096. */
static void clipped_losses (void) {
  double p[] = { 0, 1, 0.25 }, t[] = { 1, 1, 1 }, l[3];
  mlpi_Array pair[] = { vector(3, p), vector(3, t) };
  apply("probability_binary_cross_entropy", NULL, 2, pair, l, NULL, NULL);
  near("c.4 of 0", l[0], 16.118095650958319788L, 1e-12);
  near("c.4 of 1", l[1], -logl(1 - 1e-7L), 1e-12);
  near("c.4 of 1/4", l[2], logl(4), 1e-15);
  double q[] = { 1, 1, 2 }; /* divided by its sum first */
  int64_t y = 3;
  mlpi_Array rows[] = { matrix(1, 3, q), labels(1, &y) };
  apply("probability_cross_entropy", NULL, 2, rows, l, NULL, NULL);
  near("c.4 unnormalized", l[0], logl(2), 1e-15);
}

/* H03: slopes where a formula divides 0 by 0. */
static void finite_slopes (void) {
  double x[] = { 0, 0, 0 }, y, one = 1, gx[3];
  mlpi_Array in = vector(3, x), gin = vector(3, gx);
  apply("norm", NULL, 1, &in, &y, &one, &gin);
  near("H03 slope of norm at 0", gx[0], 0, 0);
  apply("std", NULL, 1, &in, &y, &one, &gin);
  near("H03 slope of std of a constant", gx[1], 0, 0);
  apply("max", NULL, 1, &in, &y, &one, &gin);
  check(gx[0] == 1 && gx[1] == 0, "first of equals", gx[0], 1);
  const char *const flat[] = { "relu", "abs" };
  for (int k = 0; k < 2; k++) {
    mlpi_Array one_in = vector(1, x), one_gin = vector(1, gx);
    apply(flat[k], NULL, 1, &one_in, &y, &one, &one_gin);
    near("slope at the kink", gx[0], 0, 0);
  }
}

/* H05: float32 sums of 1e8 terms, and deviations of 1 around 1e6. */
static void accurate_sums (void) {
  float one = 1, mean, var, around[1000];
  mlpi_Array in = array_of(MLP_FLOAT32, 1, 1, 100000000, &one);
  in.stride[0] = 0;
  apply("mean", NULL, 1, &in, &mean, NULL, NULL);
  near("H05 mean of 1e8 ones", mean, 1, 1e-6);
  for (int i = 0; i < 1000; i++) around[i] = 1e6f + (i % 2 == 0 ? 1 : -1);
  in = array_of(MLP_FLOAT32, 1, 1, 1000, around);
  apply("var", NULL, 1, &in, &var, NULL, NULL);
  near("H05 variance of 1e6 +- 1", var, 1, 1e-6);
}

/* A10, table of empty tensors. */
static void empty_tensors (void) {
  double none[1] = { 0 }, y = 42;
  mlpi_Array in = vector(0, none);
  apply("sum", NULL, 1, &in, &y, NULL, NULL);
  near("A10 sum", y, 0, 0);
  apply("prod", NULL, 1, &in, &y, NULL, NULL);
  near("A10 prod", y, 1, 0);
  apply("mean", NULL, 1, &in, &y, NULL, NULL);
  check(y != y, "A10 mean", y, NAN);
  check(apply("max", NULL, 1, &in, &y, NULL, NULL) == MLP_EARG, "A10 max", 0,
        MLP_EARG);
}

static void says (const char *name, const mlpi_Attrs *attrs, int n,
                  mlpi_Array *in, const char *message) {
  double out[64];
  mlp_Status s = apply(name, attrs, n, in, out, NULL, NULL);
  bool ok = s != MLP_OK && strstr(mlp_last_error(rt), message) != NULL;
  check(ok, message, s, 0);
  if (!ok) printf("  it said: %s\n", mlp_last_error(rt));
}

static void messages (void) {
  double x[24] = { 0 };
  int64_t y[] = { 1, 0 };
  mlpi_Array mm[] = { matrix(2, 3, x), matrix(4, 5, x) };
  says("matmul", NULL, 2, mm,
       "matmul: inner dimensions differ: a is (2, 3), b is (4, 5)");
  mlpi_Array sum[] = { matrix(3, 4, x), matrix(2, 4, x) };
  says("add", NULL, 2, sum,
       "add: shapes (3, 4) and (2, 4) do not broadcast: 3 and 2 in dimension "
       "1");
  mlpi_Attrs five = { .n_axis = 2, .axis = { 5, 5 } };
  mlpi_Array whole = matrix(6, 4, x);
  says("reshape", &five, 1, &whole, "24 elements cannot become (5, 5) = 25");
  mlpi_Array loss[] = { matrix(2, 10, x), labels(2, y) };
  says("softmax_cross_entropy", NULL, 2, loss,
       "label 0 at row 2; expected 1..10 (labels are 1-based; use y + 1)");
  mlpi_Array ints[] = { labels(2, y), labels(2, y) };
  says("add", NULL, 2, ints, "expected float32 or float64, got int64");
  mlpi_Array mixed[] = { vector(2, x), array_of(MLP_FLOAT32, 1, 1, 2, x) };
  says("add", NULL, 2, mixed, "expected float64, got float32");
}

static void products (void) {
  double a[6] = { 1, 2, 3, 4, 5, 6 }, b[6] = { 1, 0, -1, 2, 3, 1 }, y[4];
  const double ab[] = { 8, 7, 17, 16 };
  mlpi_Array in[] = { matrix(2, 3, a), matrix(3, 2, b) };
  apply("matmul", NULL, 2, in, y, NULL, NULL);
  for (int i = 0; i < 4; i++) near("matmul", y[i], ab[i], 0);
  in[0] = vector(3, a);
  apply("matmul", NULL, 2, in, y, NULL, NULL);
  near("vector times matrix", y[0], 8, 0);
  near("vector times matrix", y[1], 7, 0);
}

static void orders (void) {
  double x[] = { 3, NAN, 1, 3, 2 }, y[5];
  int64_t order[5];
  const int64_t up[] = { 3, 5, 1, 4, 2 }, down[] = { 1, 4, 5, 3, 2 };
  mlpi_Attrs attrs = { .n_axis = 1, .axis = { -1 } };
  mlpi_Array in = vector(5, x);
  apply("argsort", &attrs, 1, &in, order, NULL, NULL);
  check(memcmp(order, up, sizeof up) == 0, "argsort", (double)order[0], 3);
  apply("sort", &attrs, 1, &in, y, NULL, NULL);
  check(y[0] == 1 && y[3] == 3 && y[4] != y[4], "sort", y[0], 1);
  attrs.flag = true;
  apply("argsort", &attrs, 1, &in, order, NULL, NULL);
  check(memcmp(order, down, sizeof down) == 0, "argsort", (double)order[0], 1);
  apply("argmax", &attrs, 1, &in, order, NULL, NULL);
  check(order[0] == 2, "argmax: NaN wins", (double)order[0], 2);
}

enum { ROWS = 600, COLS = 401 }; /* enough to be shared among threads */

typedef struct Large {
  double x[ROWS * COLS], g[ROWS * COLS], y[2][ROWS * COLS], gx[2][ROWS * COLS];
} Large;

/* Results and gradients of large arrays do not depend on the threads. */
static void large_arrays (void) {
  static const char *const names[] = { "exp", "mul",  "softmax", "sum",
                                       "max", "mean", "activate" };
  mlpi_Stream stream = mlpi_stream(1, 2, 3, MLPI_FOR_USER, 0);
  Large *l = malloc(sizeof *l);
  for (size_t i = 0; i < ROWS * COLS; i++)
    l->x[i] = l->g[i] = mlpi_normal(&stream, i);
  for (size_t k = 0; k < 2 * sizeof names / sizeof *names; k++) {
    const char *name = names[k / 2];
    mlpi_Array a = matrix(ROWS, COLS, l->x);
    mlpi_Attrs attrs = { .n_axis = 1, .axis = { (int64_t)(k % 2) } };
    attrs.kind = mlpi_variant(rt, MLP_FLOAT64, "activation", "silu");
    if (k % 2 == 1) /* lies transposed */
      a.stride[0] = 1, a.stride[1] = ROWS;
    mlpi_Array in[] = { a, vector(COLS, l->x) };
    for (int t = 0; t < 2; t++) {
      mlpi_Array gin[] = { matrix(ROWS, COLS, l->gx[t]), { .data = NULL } };
      memset(l->y[t], 0, sizeof l->y[t]);
      mlpi_set_threads(rt, t == 0 ? 1 : 3);
      apply(name, &attrs, k / 2 == 1 ? 2 : 1, in, l->y[t], l->g, gin);
    }
    check(memcmp(l->y[0], l->y[1], sizeof l->y[0]) == 0, name, l->y[1][0],
          l->y[0][0]);
    check(memcmp(l->gx[0], l->gx[1], sizeof l->gx[0]) == 0, name, l->gx[1][0],
          l->gx[0][0]);
    if (k == 0)
      near("exp", l->y[1][ROWS * COLS - 1], expl(l->x[ROWS * COLS - 1]), 4e-15);
  }
  mlpi_set_threads(rt, 1);
  free(l);
}

int main (void) {
  if (mlp_create(NULL, &rt) != MLP_OK) return 1;
  for (size_t i = 0; i < sizeof ops / sizeof *ops; i++)
    check_function(&ops[i], false);
  for (size_t i = 0; i < sizeof activations / sizeof *activations; i++)
    check_function(&activations[i], true);
  lecture_softmax();
  sigmoid_slope();
  stable_losses();
  clipped_losses();
  finite_slopes();
  accurate_sums();
  empty_tensors();
  messages();
  products();
  orders();
  large_arrays();
  printf("op_values: %d passed, %d failed\n", passed, failed);
  mlp_destroy(rt);
  return failed == 0 ? 0 : 1;
}
