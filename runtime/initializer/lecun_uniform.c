/*
** lecun_uniform.c - keeps the variance of signals.
*/
#include "initializer/initializer.h"

#include <math.h>

static double value (const mlp_Object *o, double in, double out,
                     const mlpi_Stream *s, uint64_t i) {
  (void)o, (void)out;
  return mlpi_init_uniform(s, i, sqrt(3 / in));
}

const mlp_Initializer mlp_initializer_lecun_uniform = {
  .name = "lecun_uniform",
  .doc = "Uniform in +-sqrt(3 / fan_in).",
  .cite = "LeCun et al. 1998, Efficient BackProp",
  .value = value,
};
