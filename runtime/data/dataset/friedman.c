/*
** friedman.c - regression with five columns that matter and some that do
** not, as scikit-learn's make_friedman1.
*/
#include "data/sample.h"
#include "base/fmath.h"

enum { NOISE = MLPI_OWN, FEATURES };

static double value (const double *x) {
  double mid = x[2] - 0.5;
  return 10 * mlpi_sin(3.1415926535897931 * x[0] * x[1]) + 20 * mid * mid +
         10 * x[3] + 5 * x[4];
}

static mlp_Status make (mlp_Runtime *rt, const mlp_Object *o,
                        mlp_Dataset **out) {
  size_t f = (size_t)o->value[FEATURES].number;
  mlpi_Points s;
  mlp_Status e = mlpi_sample_begin(rt, o, f, 0, &s, out);
  if (e != MLP_OK) return e;
  mlpi_Stream r = mlpi_sample_stream(rt, o, MLPI_POINTS);
  for (size_t i = 0; i < s.n * f; i++) s.x[i] = mlpi_uniform(&r, i);
  for (size_t i = 0; i < s.n; i++) s.y[i] = value(s.x + i * f);
  mlpi_sample_noise(&s, o->value[NOISE].number, s.n, s.y);
  return mlpi_sample_end(&s, NULL, out);
}

const mlp_Generator mlp_dataset_friedman = {
  .name = "friedman",
  .doc = "Regression: x (n, features) uniform in 0..1, y (n, 1) = "
         "10 sin(pi x1 x2) + 20 (x3 - .5)^2 + 10 x4 + 5 x5; columns after the "
         "fifth do not matter.",
  .cite = "Friedman 1991, Annals of Statistics 19, section 4.3; scikit-learn, "
          "make_friedman1",
  .options = {
    MLPI_SAMPLE_OPTIONS(500),
    { "noise", 0, 0, 1e3, "standard deviation of the noise on y" },
    { "features", 10, 5, 1e4, "columns of x", MLP_INTEGER },
  },
  .make = make,
};
