/*
** polynomial_decay.c - from one rate to another along a power, as in Keras 3.
*/
#include "schedule/schedule.h"

#include <math.h>

enum { INITIAL, STEPS, END, POWER, CYCLE }; /* order of '.options' below */

static double value (const mlp_Object *o, uint64_t step) {
  double s = (double)step, n = o->value[STEPS].number;
  const double first = o->value[INITIAL].number, end = o->value[END].number;
  if (o->value[CYCLE].number != 0)
    n *= s == 0 ? 1 : ceil(s / n);
  else
    s = fmin(s, n);
  return (first - end) * mlpi_pow(1 - s / n, o->value[POWER].number) + end;
}

const mlp_Schedule mlp_schedule_polynomial_decay = {
  .name = "polynomial_decay",
  .doc = "(initial - end) (1 - step / decay_steps)^power + end; then end, or "
         "with cycle again over the next multiple of decay_steps.",
  .cite = "Keras 3, schedules.PolynomialDecay",
  .options = {
    { "initial_learning_rate", 0.01, 0, 1e3, "at step 0", .required = true },
    { "decay_steps", 1000, 1, 1e15, "steps down to the end", .required = true },
    { "end_learning_rate", 1e-4, 0, 1e3, "what it ends at" },
    { "power", 1, 0, 1e3, "1: a straight line" },
    { "cycle", 0, 0, 1, "go on in longer cycles", .type = MLP_BOOLEAN },
  },
  .value = value,
};
