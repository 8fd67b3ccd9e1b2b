/*
** spirals.c - arms that wind around each other; two of them are the task of
** Lang & Witbrock 1988, "Learning to tell two spirals apart".
*/
#include "data/sample.h"
#include "base/fmath.h"

enum { NOISE = MLPI_OWN, CLASSES, TURNS };

static mlp_Status make (mlp_Runtime *rt, const mlp_Object *o,
                        mlp_Dataset **out) {
  const double full = 6.2831853071795862, turns = o->value[TURNS].number;
  size_t k = (size_t)o->value[CLASSES].number, row = 0;
  mlpi_Points s;
  mlp_Status e = mlpi_sample_begin(rt, o, 2, k, &s, out);
  if (e != MLP_OK) return e;
  for (size_t c = 0; c < k; c++) {
    size_t m = mlpi_class_size(s.n, k, c);
    for (size_t i = 0; i < m; i++, row++) {
      double r = (double)(i + 1) / (double)m;
      double t = full * (turns * r + (double)c / (double)k);
      s.x[2 * row] = r * mlpi_sin(t);
      s.x[2 * row + 1] = r * mlpi_cos(t);
      s.y[row] = (double)(c + 1);
    }
  }
  mlpi_sample_noise(&s, o->value[NOISE].number, 2 * s.n, s.x);
  return mlpi_sample_end(&s, NULL, out);
}

const mlp_Generator mlp_dataset_spirals = {
  .name = "spirals",
  .doc = "Spiral arms from the origin to radius 1, one for each class, x "
         "(n, 2).",
  .cite = "Lang & Witbrock 1988, Proc. Connectionist Models Summer School",
  .options = {
    MLPI_SAMPLE_OPTIONS(500),
    { "noise", 0, 0, 1e3, "standard deviation of the noise on x" },
    { "classes", 2, 2, 1000, "number of arms", MLP_INTEGER },
    { "turns", 1.75, 0, 100, "full turns of each arm" },
  },
  .make = make,
};
