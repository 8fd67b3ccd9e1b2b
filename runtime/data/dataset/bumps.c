/*
** bumps.c - regression on six smooth bumps, up and down in turn.
*/
#include "data/sample.h"
#include "base/fmath.h"

enum { NOISE = MLPI_OWN, WIDTH };

static double height (double x1, double x2, double width) {
  double y = 0;
  for (int k = 0; k < 6; k++) {
    double a = (x1 - 4 * (k % 3 - 1)) / width;
    double b = (x2 - (k < 3 ? 2.5 : -2.5)) / width;
    y += (k % 2 == 0 ? 1 : -1) * mlpi_exp(-(a * a + b * b) / 2);
  }
  return y;
}

static mlp_Status make (mlp_Runtime *rt, const mlp_Object *o,
                        mlp_Dataset **out) {
  mlpi_Points s;
  mlp_Status e = mlpi_sample_begin(rt, o, 2, 0, &s, out);
  if (e != MLP_OK) return e;
  mlpi_Stream r = mlpi_sample_stream(rt, o, MLPI_POINTS);
  for (size_t i = 0; i < s.n; i++) {
    double *x = s.x + 2 * i;
    for (size_t j = 0; j < 2; j++) x[j] = mlpi_between(&r, 2 * i + j, -6, 6);
    s.y[i] = height(x[0], x[1], o->value[WIDTH].number);
  }
  mlpi_sample_noise(&s, o->value[NOISE].number, s.n, s.y);
  return mlpi_sample_end(&s, NULL, out);
}

const mlp_Generator mlp_dataset_bumps = {
  .name = "bumps",
  .doc = "Regression on six normal bumps of height 1 and -1 in turn, at -4, 0 "
         "and 4 by 2.5 and -2.5: x (n, 2) uniform in -6..6, y (n, 1).",
  .cite = "TensorFlow Playground, regressGaussian, with smooth bumps",
  .options = {
    MLPI_SAMPLE_OPTIONS(1200),
    { "noise", 0, 0, 1e3, "standard deviation of the noise on y" },
    { "width", 1, 1e-3, 1e3, "standard deviation of each bump" },
  },
  .make = make,
};
