/*
** playground_xor.c - four squares, the opposite ones alike.
*/
#include "data/playground.h"

static double padded (double u) {
  double x = u * 10 - 5;
  return x > 0 ? x + 0.3 : x - 0.3;
}

static void place (size_t i, size_t n, double u, double v, double x[2]) {
  (void)i;
  (void)n;
  x[0] = padded(u);
  x[1] = padded(v);
}

static double label (double x1, double x2) { return x1 * x2 >= 0 ? 1 : -1; }

static mlp_Status make (mlp_Runtime *rt, const mlp_Object *o,
                        mlp_Dataset **out) {
  static const mlpi_Playground p = { 5, true, place, label };
  return mlpi_playground_make(rt, o, &p, out);
}

const mlp_Generator mlp_dataset_playground_xor = {
  .name = "playground_xor",
  .doc = "The Playground's exclusive or, x (n, 2) in -5.3..5.3 with a gap of "
         "0.3 along the axes: class \"1\" where the signs agree.",
  .cite = "TensorFlow Playground, classifyXORData",
  .options = { MLPI_PLAYGROUND_OPTIONS(500) },
  .make = make,
};
