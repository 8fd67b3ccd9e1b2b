/*
** softsign.c - a sigmoid that saturates slowly.
*/
#include "activation/activation.h"

static REAL f (REAL x) { return x / (1 + FABS(x)); }
static REAL df (REAL x) {
  REAL d = 1 + FABS(x);
  return 1 / (d * d);
}

#include "activation/elementwise.h"

const mlp_Activation mlp_activation_softsign = {
  ELEMENTWISE("softsign", "x / (1 + |x|)"),
  .cite = "Bergstra et al. 2009, tech. report 1337, Montreal",
};
