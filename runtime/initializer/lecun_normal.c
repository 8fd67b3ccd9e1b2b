/*
** lecun_normal.c - the bell of lecun_uniform, cut at two sigma.
*/
#include "initializer/initializer.h"

#include <math.h>

static double value (const mlp_Object *o, double in, double out,
                     const mlpi_Stream *s, uint64_t i) {
  (void)o, (void)out;
  return mlpi_init_truncated(s, i, sqrt(1 / in));
}

const mlp_Initializer mlp_initializer_lecun_normal = {
  .name = "lecun_normal",
  .doc =
      "Normal, truncated at 2 sigma, of standard deviation sqrt(1 / fan_in).",
  .cite = "LeCun et al. 1998, Efficient BackProp",
  .value = value,
};
