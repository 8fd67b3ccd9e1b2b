/*
** inverse_time_decay.c - the hyperbola of stochastic approximation.
** Robbins & Monro 1951; the form is that of Keras 3.
*/
#include "schedule/schedule.h"

#include <math.h>

enum { INITIAL, STEPS, RATE, STAIRCASE }; /* order of '.options' below */

static double value (const mlp_Object *o, uint64_t step) {
  double p = (double)step / o->value[STEPS].number;
  if (o->value[STAIRCASE].number != 0) p = floor(p);
  return o->value[INITIAL].number / (1 + o->value[RATE].number * p);
}

const mlp_Schedule mlp_schedule_inverse_time_decay = {
  .name = "inverse_time_decay",
  .doc = "initial / (1 + decay_rate step / decay_steps); with staircase the "
         "quotient is rounded down.",
  .cite = "Keras 3, schedules.InverseTimeDecay; Robbins & Monro 1951",
  .options = {
    { "initial_learning_rate", 0.01, 0, 1e3, "at step 0", .required = true },
    { "decay_steps", 1000, 1, 1e15, "steps of one unit", .required = true },
    { "decay_rate", 0.5, 0, 1e3, "how fast it falls", .required = true },
    { "staircase", 0, 0, 1, "in jumps", .type = MLP_BOOLEAN },
  },
  .value = value,
};
