/*
** moons.c - two interleaving half circles, as scikit-learn's make_moons.
*/
#include "data/sample.h"
#include "base/fmath.h"

enum { NOISE = MLPI_OWN };

/* Point i of n from 0 to pi along the half circle. */
static double angle (size_t i, size_t n) {
  return n < 2 ? 0 : 3.1415926535897931 * (double)i / (double)(n - 1);
}

static mlp_Status make (mlp_Runtime *rt, const mlp_Object *o,
                        mlp_Dataset **out) {
  mlpi_Points s;
  mlp_Status e = mlpi_sample_begin(rt, o, 2, 2, &s, out);
  if (e != MLP_OK) return e;
  size_t outer = s.n / 2;
  for (size_t i = 0; i < s.n; i++) {
    bool inner = i >= outer;
    double t = inner ? angle(i - outer, s.n - outer) : angle(i, outer);
    s.x[2 * i] = inner ? 1 - mlpi_cos(t) : mlpi_cos(t);
    s.x[2 * i + 1] = inner ? 1 - mlpi_sin(t) - 0.5 : mlpi_sin(t);
    s.y[i] = inner ? 2 : 1;
  }
  mlpi_sample_noise(&s, o->value[NOISE].number, 2 * s.n, s.x);
  return mlpi_sample_end(&s, NULL, out);
}

const mlp_Generator mlp_dataset_moons = {
  .name = "moons",
  .doc = "Two interleaving half circles, x (n, 2): class 1 the upper one, "
         "class 2 the lower.",
  .cite = "scikit-learn, make_moons",
  .options = {
    MLPI_SAMPLE_OPTIONS(500),
    { "noise", 0, 0, 1e3, "standard deviation of the noise on x" },
  },
  .make = make,
};
