/*
** playground_spiral.c - two arms; here the noise does move the points.
*/
#include "data/playground.h"
#include "base/fmath.h"

static mlp_Status make (mlp_Runtime *rt, const mlp_Object *o,
                        mlp_Dataset **out) {
  const double pi = 3.1415926535897931, noise = mlpi_playground_noise(o);
  mlpi_Points s;
  mlp_Status e = mlpi_sample_begin(rt, o, 2, 2, &s, out);
  if (e != MLP_OK) return e;
  mlpi_Stream by = mlpi_sample_stream(rt, o, MLPI_NOISE);
  double n = (double)s.n / 2;
  for (size_t row = 0; row < s.n; row++) {
    bool second = row >= mlpi_class_size(s.n, 2, 0);
    double i = (double)(second ? row - mlpi_class_size(s.n, 2, 0) : row);
    double r = i / n * 5, t = 1.75 * i / n * 2 * pi + (second ? pi : 0);
    s.x[2 * row] = r * mlpi_sin(t) + mlpi_between(&by, 2 * row, -1, 1) * noise;
    s.x[2 * row + 1] =
        r * mlpi_cos(t) + mlpi_between(&by, 2 * row + 1, -1, 1) * noise;
    s.y[row] = second ? 1 : 2;
  }
  return mlpi_sample_end(&s, mlpi_playground_names, out);
}

const mlp_Generator mlp_dataset_playground_spiral = {
  .name = "playground_spiral",
  .doc = "The Playground's two spirals of radius 5 and 1.75 turns, x (n, 2).",
  .cite = "TensorFlow Playground, classifySpiralData",
  .options = { MLPI_PLAYGROUND_OPTIONS(500) },
  .make = make,
};
