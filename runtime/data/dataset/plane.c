/*
** plane.c - regression on a linear function.
*/
#include "data/sample.h"

enum { NOISE = MLPI_OWN, FEATURES };

static mlp_Status make (mlp_Runtime *rt, const mlp_Object *o,
                        mlp_Dataset **out) {
  size_t f = (size_t)o->value[FEATURES].number;
  mlpi_Points s;
  mlp_Status e = mlpi_sample_begin(rt, o, f, 0, &s, out);
  if (e != MLP_OK) return e;
  mlpi_Stream r = mlpi_sample_stream(rt, o, MLPI_POINTS);
  for (size_t i = 0; i < s.n; i++) {
    double sum = 0; /* ascending */
    for (size_t j = 0; j < f; j++)
      sum += s.x[i * f + j] = mlpi_between(&r, i * f + j, -1, 1);
    s.y[i] = sum / (double)f;
  }
  mlpi_sample_noise(&s, o->value[NOISE].number, s.n, s.y);
  return mlpi_sample_end(&s, NULL, out);
}

const mlp_Generator mlp_dataset_plane = {
  .name = "plane",
  .doc = "Regression on a plane: x (n, features) uniform in -1..1, y (n, 1) "
         "the mean of the row.",
  .cite = "TensorFlow Playground, regressPlane",
  .options = {
    MLPI_SAMPLE_OPTIONS(1200),
    { "noise", 0, 0, 1e3, "standard deviation of the noise on y" },
    { "features", 2, 1, 1e4, "columns of x", MLP_INTEGER },
  },
  .make = make,
};
