/*
** he_uniform.c - keeps the variance of signals through relu.
*/
#include "initializer/initializer.h"

#include <math.h>

static double value (const mlp_Object *o, double in, double out,
                     const mlpi_Stream *s, uint64_t i) {
  (void)o, (void)out;
  return mlpi_init_uniform(s, i, sqrt(6 / in));
}

const mlp_Initializer mlp_initializer_he_uniform = {
  .name = "he_uniform",
  .doc = "Uniform in +-sqrt(6 / fan_in).",
  .cite = "He et al. 2015, arXiv:1502.01852",
  .value = value,
};
