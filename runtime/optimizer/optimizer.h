/*
** optimizer.h - level 5: how a gradient changes weights.
** A file <name>.c defines one 'const mlp_Optimizer mlp_optimizer_<name>',
** compiled once for REAL = float and once for double.
*/
#ifndef optimizer_h
#define optimizer_h

#include "tensor/variant.h"
#include "tensor/kernel/kernel.h"

typedef struct mlp_Optimizer {
  MLP_KIND; /* the first option is "learning_rate" */
  /* State arrays per weight array, for those options. */
  int (*slots)(const double *opt);
  /*
  ** One step over n weights w (in place) with gradients g. state: the slots
  ** one after the other, each 'stride' apart, zero before the first step.
  ** t counts steps from 1. opt: the options in order.
  */
  void (*step)(const double *opt, size_t n, void *w, const void *g, void *state,
               size_t stride, uint64_t t);
} mlp_Optimizer;

/* base^t for whole t, by squaring: the same bits everywhere. */
static inline double mlpi_power (double base, uint64_t t) {
  double r = 1;
  for (; t > 0; t >>= 1, base *= base)
    if (t & 1) r *= base;
  return r;
}

#endif
