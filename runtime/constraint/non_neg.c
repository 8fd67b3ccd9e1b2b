/*
** non_neg.c - no weight below zero.
*/
#include "constraint/constraint.h"

static void project (const mlp_Object *o, size_t rows, size_t cols, void *w) {
  REAL *x = w;
  (void)o;
  for (size_t i = 0; i < rows * cols; i++)
    if (x[i] < 0) x[i] = 0;
}

const mlp_Constraint mlp_constraint_non_neg = {
  .name = "non_neg",
  .doc = "Negative weights become 0.",
  .cite = "Keras 3, constraints.NonNeg",
  .project = project,
};
