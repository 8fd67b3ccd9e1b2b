/*
** he_normal.c - the bell of he_uniform, cut at two sigma.
*/
#include "initializer/initializer.h"

#include <math.h>

static double value (const mlp_Object *o, double in, double out,
                     const mlpi_Stream *s, uint64_t i) {
  (void)o, (void)out;
  return mlpi_init_truncated(s, i, sqrt(2 / in));
}

const mlp_Initializer mlp_initializer_he_normal = {
  .name = "he_normal",
  .doc =
      "Normal, truncated at 2 sigma, of standard deviation sqrt(2 / fan_in).",
  .cite = "He et al. 2015, arXiv:1502.01852",
  .value = value,
};
