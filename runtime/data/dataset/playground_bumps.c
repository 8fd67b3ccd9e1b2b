/*
** playground_bumps.c - regression on six cones, up and down in turn.
*/
#include "data/playground.h"

#include <math.h>

/* The cone that is highest in absolute value; each falls from 1 to 0 over a
** distance of 2. */
static double label (double x1, double x2) {
  double best = 0;
  for (int k = 0; k < 6; k++) {
    double a = x1 - 4 * (k % 3 - 1), b = x2 - (k < 3 ? 2.5 : -2.5);
    double far = sqrt(a * a + b * b);
    double y = (far < 2 ? 1 - far / 2 : 0) * (k % 2 == 0 ? 1 : -1);
    if (fabs(y) > fabs(best)) best = y;
  }
  return best;
}

static mlp_Status make (mlp_Runtime *rt, const mlp_Object *o,
                        mlp_Dataset **out) {
  static const mlpi_Playground p = { 6, false, mlpi_playground_square, label };
  return mlpi_playground_make(rt, o, &p, out);
}

const mlp_Generator mlp_dataset_playground_bumps = {
  .name = "playground_bumps",
  .doc = "The Playground's \"multi gaussian\": six cones of radius 2 and "
         "height 1 and -1 in turn, x (n, 2) uniform in -6..6, y (n, 1).",
  .cite = "TensorFlow Playground, regressGaussian",
  .options = { MLPI_PLAYGROUND_OPTIONS(1200) },
  .make = make,
};
