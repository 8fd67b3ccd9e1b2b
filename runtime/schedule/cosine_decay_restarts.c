/*
** cosine_decay_restarts.c - half a cosine down, again and again.
** Loshchilov & Hutter 2017, arXiv:1608.03983 (SGDR), as in Keras 3; the cycle
** is found by counting, where Keras takes logarithms that round.
*/
#include "schedule/schedule.h"

#include <math.h>

enum { INITIAL, STEPS, T_MUL, M_MUL, ALPHA }; /* order of '.options' below */

/* Which cycle x first cycles lie in, from 0; *x becomes the place in it. */
static uint64_t cycle (double *x, double longer) {
  double length = 1;
  uint64_t i = 0;
  if (longer == 1) {
    i = (uint64_t)*x;
    *x -= (double)i;
    return i;
  }
  for (; *x >= length; i++, length *= longer) *x -= length;
  *x /= length;
  return i;
}

static double value (const mlp_Object *o, uint64_t step) {
  double x = (double)step / o->value[STEPS].number;
  const double alpha = o->value[ALPHA].number;
  const uint64_t i = cycle(&x, o->value[T_MUL].number);
  const double peak = mlpi_power(o->value[M_MUL].number, i);
  return o->value[INITIAL].number *
         ((1 - alpha) * peak * mlpi_half_cosine(x) + alpha);
}

const mlp_Schedule mlp_schedule_cosine_decay_restarts = {
  .name = "cosine_decay_restarts",
  .doc = "Cosine decay over first_decay_steps, then again over t_mul times as "
         "many steps from m_mul times the rate, and so on.",
  .cite = "Loshchilov & Hutter 2017, arXiv:1608.03983",
  .options = {
    { "initial_learning_rate", 0.01, 0, 1e3, "at step 0", .required = true },
    { "first_decay_steps", 1000, 1, 1e15, "steps of the first cycle",
      .required = true },
    { "t_mul", 2, 1, 1e3, "how much longer each cycle is" },
    { "m_mul", 1, 0, 1e3, "how much higher each cycle starts" },
    { "alpha", 0, 0, 1, "what it ends at, as a share" },
  },
  .value = value,
};
