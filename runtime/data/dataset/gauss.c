/*
** gauss.c - two normal clouds: the one task that a single neuron solves as
** well as can be.
*/
#include "data/sample.h"

enum { NOISE = MLPI_OWN, CENTER };

static mlp_Status make (mlp_Runtime *rt, const mlp_Object *o,
                        mlp_Dataset **out) {
  const double c = o->value[CENTER].number;
  mlpi_Points s;
  mlp_Status e = mlpi_sample_begin(rt, o, 2, 2, &s, out);
  if (e != MLP_OK) return e;
  for (size_t i = 0; i < s.n; i++) {
    bool second = i >= mlpi_class_size(s.n, 2, 0);
    s.x[2 * i] = s.x[2 * i + 1] = second ? c : -c;
    s.y[i] = second ? 2 : 1;
  }
  mlpi_sample_noise(&s, o->value[NOISE].number, 2 * s.n, s.x);
  return mlpi_sample_end(&s, NULL, out);
}

const mlp_Generator mlp_dataset_gauss = {
  .name = "gauss",
  .doc = "Two normal clouds, x (n, 2): class 1 around (-center, -center), "
         "class 2 around (center, center). The best line errs with "
         "probability Phi(-sqrt(2) center / noise).",
  .cite = "Duda, Hart & Stork 2001, Pattern Classification, section 2.6.1",
  .options = {
    MLPI_SAMPLE_OPTIONS(500),
    { "noise", 1, 0, 1e3, "standard deviation of each cloud" },
    { "center", 2, 0, 1e3, "distance of the centers from both axes" },
  },
  .make = make,
};
