/*
** playground_circle.c - a disc inside a ring.
*/
#include "data/playground.h"
#include "base/fmath.h"

#include <math.h>

static void place (size_t i, size_t n, double u, double v, double x[2]) {
  bool inside = i < mlpi_class_size(n, 2, 0);
  double r = inside ? u * 2.5 : u * (5 - 3.5) + 3.5;
  double t = v * 6.2831853071795862;
  x[0] = r * mlpi_sin(t);
  x[1] = r * mlpi_cos(t);
}

static double label (double x1, double x2) {
  return sqrt(x1 * x1 + x2 * x2) < 2.5 ? 1 : -1;
}

static mlp_Status make (mlp_Runtime *rt, const mlp_Object *o,
                        mlp_Dataset **out) {
  static const mlpi_Playground p = { 5, true, place, label };
  return mlpi_playground_make(rt, o, &p, out);
}

const mlp_Generator mlp_dataset_playground_circle = {
  .name = "playground_circle",
  .doc =
      "The Playground's circle, x (n, 2): a disc of radius 2.5 (class \"1\") "
      "inside a ring from 3.5 to 5 (class \"-1\").",
  .cite = "TensorFlow Playground, classifyCircleData",
  .options = { MLPI_PLAYGROUND_OPTIONS(500) },
  .make = make,
};
