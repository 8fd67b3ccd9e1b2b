/*
** schedule.h - level 4: a learning rate that follows from the number of steps.
** A file <name>.c defines one 'const mlp_Schedule mlp_schedule_<name>'.
*/
#ifndef schedule_h
#define schedule_h

#include "base/fmath.h"
#include "base/kind.h"

typedef struct mlp_Schedule {
  MLP_KIND;
  /* The learning rate for the step after 'step' completed ones (first 0). */
  double (*value)(const mlp_Object *o, uint64_t step);
  /* What ranges of single options do not say; may be NULL. */
  mlp_Status (*check)(const mlp_Object *o);
} mlp_Schedule;

/* (1 + cos(pi x)) / 2: from 1 at x = 0 down to 0 at x = 1. */
static inline double mlpi_half_cosine (double x) {
  return 0.5 * (1 + mlpi_cos(3.14159265358979323846 * x));
}

#endif
