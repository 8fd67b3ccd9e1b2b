/*
** max_norm.c - what goes into a unit has a bounded norm.
*/
#include "constraint/constraint.h"

enum { MAX_VALUE }; /* order of '.options' below */

static REAL factor (const mlp_Object *o, REAL norm) {
  const REAL most = (REAL)o->value[MAX_VALUE].number;
  return (norm < most ? norm : most) / (MLPI_NORM_EPSILON + norm);
}

static void project (const mlp_Object *o, size_t rows, size_t cols, void *w) {
  mlpi_scale_columns(o, rows, cols, w, factor);
}

const mlp_Constraint mlp_constraint_max_norm = {
  .name = "max_norm",
  .doc = "Each column is scaled so that its norm is at most max_value: by "
         "min(norm, max_value) / (1e-7 + norm).",
  .cite = "Srebro & Shraibman 2005, COLT; Keras 3, constraints.MaxNorm",
  .options = { { "max_value", 2, 0, 1e30, "largest norm" } },
  .project = project,
};
