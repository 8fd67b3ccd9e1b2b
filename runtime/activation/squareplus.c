/*
** squareplus.c - a smooth relu without exponentials.
*/
#include "activation/activation.h"

enum { B }; /* order of '.options' below */

static REAL f (REAL x, const REAL *p) {
  return R(0.5) * (x + SQRT(x * x + p[B]));
}
static REAL df (REAL x, const REAL *p) {
  return R(0.5) * (1 + x / SQRT(x * x + p[B]));
}

#define PARAMS 1
#include "activation/elementwise.h"

const mlp_Activation mlp_activation_squareplus = {
  ELEMENTWISE("squareplus", "(x + sqrt(x * x + b)) / 2"),
  .cite = "Barron 2021, arXiv:2112.11687",
  .options = {
      { "b", 4, 1e-12, 1e6, "how smooth: 0 would be relu" },
  },
};
