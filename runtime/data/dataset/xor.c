/*
** xor.c - the exclusive or, which no single neuron computes.
*/
#include "data/sample.h"

enum { NOISE = MLPI_OWN, CORNERS };

static mlp_Status make (mlp_Runtime *rt, const mlp_Object *o,
                        mlp_Dataset **out) {
  bool corners = o->value[CORNERS].number != 0;
  mlpi_Points s;
  mlp_Status e = mlpi_sample_begin(rt, o, 2, 2, &s, out);
  if (e != MLP_OK) return e;
  mlpi_Stream r = mlpi_sample_stream(rt, o, MLPI_POINTS);
  for (size_t i = 0; i < s.n; i++) { /* the quadrants take turns */
    double a = corners ? 1 : 1 - mlpi_uniform(&r, 2 * i);
    double b = corners ? 1 : 1 - mlpi_uniform(&r, 2 * i + 1);
    bool right = i % 4 >= 2, up = (i + 1) % 4 >= 2;
    s.x[2 * i] = right ? a : -a;
    s.x[2 * i + 1] = up ? b : -b;
    s.y[i] = right != up ? 2 : 1;
  }
  mlpi_sample_noise(&s, o->value[NOISE].number, 2 * s.n, s.x);
  return mlpi_sample_end(&s, NULL, out);
}

const mlp_Generator mlp_dataset_xor = {
  .name = "xor",
  .doc = "Exclusive or, x (n, 2) uniform in -1..1: class 2 where the signs of "
         "the two columns differ, before the noise. n = 4 and corners = true "
         "give the truth table.",
  .cite = "Minsky & Papert 1969, Perceptrons",
  .options = {
    MLPI_SAMPLE_OPTIONS(500),
    { "noise", 0, 0, 1e3, "standard deviation of the noise on x" },
    { "corners", 0, 0, 1, "all rows at the corners (-1 or 1)", MLP_BOOLEAN },
  },
  .make = make,
};
