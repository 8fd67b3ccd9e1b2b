/*
** min_max_norm.c - what goes into a unit has a norm within bounds.
*/
#include "constraint/constraint.h"

enum { MIN_VALUE, MAX_VALUE, RATE }; /* order of '.options' below */

static REAL factor (const mlp_Object *o, REAL norm) {
  const REAL least = (REAL)o->value[MIN_VALUE].number;
  const REAL most = (REAL)o->value[MAX_VALUE].number;
  const REAL rate = (REAL)o->value[RATE].number;
  REAL inside = norm < least ? least : norm;
  if (inside > most) inside = most;
  return (rate * inside + (1 - rate) * norm) / (MLPI_NORM_EPSILON + norm);
}

static void project (const mlp_Object *o, size_t rows, size_t cols, void *w) {
  mlpi_scale_columns(o, rows, cols, w, factor);
}

const mlp_Constraint mlp_constraint_min_max_norm = {
  .name = "min_max_norm",
  .doc = "Each column is scaled so that its norm comes within [min_value, "
         "max_value]: all the way at rate 1, a part of it below.",
  .cite = "Keras 3, constraints.MinMaxNorm",
  .options = {
    { "min_value", 0, 0, 1e30, "smallest norm" },
    { "max_value", 1, 0, 1e30, "largest norm" },
    { "rate", 1, 0, 1, "share of the way" },
  },
  .project = project,
};
