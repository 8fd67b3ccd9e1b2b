/*
** unit_norm.c - what goes into a unit has norm 1.
*/
#include "constraint/constraint.h"

static REAL factor (const mlp_Object *o, REAL norm) {
  (void)o;
  return 1 / (MLPI_NORM_EPSILON + norm);
}

static void project (const mlp_Object *o, size_t rows, size_t cols, void *w) {
  mlpi_scale_columns(o, rows, cols, w, factor);
}

const mlp_Constraint mlp_constraint_unit_norm = {
  .name = "unit_norm",
  .doc = "Each column is divided by 1e-7 + its norm.",
  .cite = "Keras 3, constraints.UnitNorm",
  .project = project,
};
