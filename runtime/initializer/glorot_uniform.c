/*
** glorot_uniform.c - keeps the variance of signals and gradients.
*/
#include "initializer/initializer.h"

#include <math.h>

static double value (const mlp_Object *o, double in, double out,
                     const mlpi_Stream *s, uint64_t i) {
  (void)o;
  return mlpi_init_uniform(s, i, sqrt(6 / (in + out)));
}

const mlp_Initializer mlp_initializer_glorot_uniform = {
  .name = "glorot_uniform",
  .doc = "Uniform in +-sqrt(6 / (fan_in + fan_out)).",
  .cite = "Glorot & Bengio 2010, AISTATS",
  .value = value,
};
