/*
** piecewise_constant_decay.c - given rates between given steps, as in Keras 3.
*/
#include "schedule/schedule.h"

enum { BOUNDARIES, VALUES }; /* order of '.options' below */

static double value (const mlp_Object *o, uint64_t step) {
  const mlpi_Value *b = &o->value[BOUNDARIES], *v = &o->value[VALUES];
  size_t i = 0;
  if (v->list.n == 0) return 0;
  while (i < b->list.n && (double)step > b->list.at[i]) i++;
  return v->list.at[i < v->list.n ? i : v->list.n - 1];
}

static mlp_Status check (const mlp_Object *o) {
  const mlpi_Value *b = &o->value[BOUNDARIES], *v = &o->value[VALUES];
  if (v->list.n != b->list.n + 1)
    return mlpi_error(o->rt, MLP_EARG,
                      "piecewise_constant_decay: option 'values': expected one "
                      "more than the %zu boundaries, got %zu",
                      b->list.n, v->list.n);
  for (size_t i = 1; i < b->list.n; i++)
    if (b->list.at[i] <= b->list.at[i - 1])
      return mlpi_error(o->rt, MLP_EARG,
                        "piecewise_constant_decay: option 'boundaries': "
                        "expected them to rise, got %g after %g",
                        b->list.at[i], b->list.at[i - 1]);
  return MLP_OK;
}

const mlp_Schedule mlp_schedule_piecewise_constant_decay = {
  .name = "piecewise_constant_decay",
  .doc = "values[1] up to and including step boundaries[1], then values[2] up "
         "to boundaries[2], and so on; the last one stays.",
  .cite = "Keras 3, schedules.PiecewiseConstantDecay",
  .alias = "piecewise_constant",
  .options = {
    { "boundaries", 0, 0, 1e15, "rising step numbers", .type = MLP_LIST,
      .required = true },
    { "values", 0, 0, 1e3, "rates, one more than boundaries", .type = MLP_LIST,
      .required = true },
  },
  .value = value,
  .check = check,
};
