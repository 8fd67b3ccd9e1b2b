/*
** playground_plane.c - regression on a plane.
*/
#include "data/playground.h"

static double label (double x1, double x2) { return (x1 + x2) / 10; }

static mlp_Status make (mlp_Runtime *rt, const mlp_Object *o,
                        mlp_Dataset **out) {
  static const mlpi_Playground p = { 6, false, mlpi_playground_square, label };
  return mlpi_playground_make(rt, o, &p, out);
}

const mlp_Generator mlp_dataset_playground_plane = {
  .name = "playground_plane",
  .doc = "The Playground's plane: x (n, 2) uniform in -6..6, y (n, 1) = "
         "(x1 + x2) / 10.",
  .cite = "TensorFlow Playground, regressPlane",
  .options = { MLPI_PLAYGROUND_OPTIONS(1200) },
  .make = make,
};
