/*
** cosine_decay.c - half a cosine down, after an optional straight line up.
** Loshchilov & Hutter 2017, arXiv:1608.03983, without the restarts; the line
** up (warm-up) as in Keras 3.
*/
#include "schedule/schedule.h"

#include <math.h>

/* order of '.options' below */
enum { INITIAL, STEPS, ALPHA, WARMUP_TARGET, WARMUP_STEPS };

static double value (const mlp_Object *o, uint64_t step) {
  const double up = o->value[WARMUP_STEPS].number, s = (double)step;
  const double alpha = o->value[ALPHA].number;
  const double target = o->value[WARMUP_TARGET].number;
  double first = o->value[INITIAL].number;
  if (s < up) return first + (target - first) * (s / up);
  if (up > 0) first = target;
  const double x = fmin((s - up) / o->value[STEPS].number, 1);
  return first * ((1 - alpha) * mlpi_half_cosine(x) + alpha);
}

static mlp_Status check (const mlp_Object *o) {
  bool target = o->value[WARMUP_TARGET].number != 0;
  if (target == (o->value[WARMUP_STEPS].number != 0)) return MLP_OK;
  return mlpi_error(o->rt, MLP_EARG,
                    "cosine_decay: expected 'warmup_target' and 'warmup_steps' "
                    "together, got only '%s'",
                    target ? "warmup_target" : "warmup_steps");
}

const mlp_Schedule mlp_schedule_cosine_decay = {
  .name = "cosine_decay",
  .doc = "rate ((1 - alpha) (1 + cos(pi step / decay_steps)) / 2 + alpha). "
         "With warmup_steps it first goes in a straight line from "
         "initial_learning_rate to warmup_target, and decays from there.",
  .cite = "Loshchilov & Hutter 2017, arXiv:1608.03983; Keras 3",
  .options = {
    { "initial_learning_rate", 0.01, 0, 1e3, "at step 0", .required = true },
    { "decay_steps", 1000, 1, 1e15, "steps of the decay", .required = true },
    { "alpha", 0, 0, 1, "what it ends at, as a share" },
    { "warmup_target", 0, 0, 1e3, "rate after the warm-up; 0: none" },
    { "warmup_steps", 0, 0, 1e15, "steps of the warm-up" },
  },
  .value = value,
  .check = check,
};
