/*
** exponential_decay.c - a constant factor every so many steps, as in Keras 3.
*/
#include "schedule/schedule.h"

#include <math.h>

enum { INITIAL, STEPS, RATE, STAIRCASE }; /* order of '.options' below */

static double value (const mlp_Object *o, uint64_t step) {
  double p = (double)step / o->value[STEPS].number;
  if (o->value[STAIRCASE].number != 0) p = floor(p);
  return o->value[INITIAL].number * mlpi_pow(o->value[RATE].number, p);
}

const mlp_Schedule mlp_schedule_exponential_decay = {
  .name = "exponential_decay",
  .doc = "initial decay_rate^(step / decay_steps); with staircase the exponent "
         "is rounded down.",
  .cite = "Keras 3, schedules.ExponentialDecay",
  .options = {
    { "initial_learning_rate", 0.01, 0, 1e3, "at step 0", .required = true },
    { "decay_steps", 1000, 1, 1e15, "steps of one factor", .required = true },
    { "decay_rate", 0.5, 0, 1e3, "the factor", .required = true },
    { "staircase", 0, 0, 1, "in jumps", .type = MLP_BOOLEAN },
  },
  .value = value,
};
