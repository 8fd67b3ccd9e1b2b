/*
** playground_gauss.c - two normal clouds.
*/
#include "data/playground.h"

#include <math.h>

static mlp_Status make (mlp_Runtime *rt, const mlp_Object *o,
                        mlp_Dataset **out) {
  double variance = 0.5 + mlpi_playground_noise(o) / 0.5 * 3.5;
  mlpi_Points s;
  mlp_Status e = mlpi_sample_begin(rt, o, 2, 2, &s, out);
  if (e != MLP_OK) return e;
  for (size_t i = 0; i < s.n; i++) {
    bool positive = i < mlpi_class_size(s.n, 2, 0);
    s.x[2 * i] = s.x[2 * i + 1] = positive ? 2 : -2;
    s.y[i] = positive ? 2 : 1;
  }
  mlpi_sample_noise(&s, sqrt(variance), 2 * s.n, s.x);
  return mlpi_sample_end(&s, mlpi_playground_names, out);
}

const mlp_Generator mlp_dataset_playground_gauss = {
  .name = "playground_gauss",
  .doc = "The Playground's two clouds, x (n, 2): class \"1\" around (2, 2), "
         "class \"-1\" around (-2, -2), variance 0.5 without noise and 4 at "
         "50 percent.",
  .cite = "TensorFlow Playground, classifyTwoGaussData",
  .options = { MLPI_PLAYGROUND_OPTIONS(500) },
  .make = make,
};
