/*
** glorot_normal.c - the bell of glorot_uniform, cut at two sigma.
*/
#include "initializer/initializer.h"

#include <math.h>

static double value (const mlp_Object *o, double in, double out,
                     const mlpi_Stream *s, uint64_t i) {
  (void)o;
  return mlpi_init_truncated(s, i, sqrt(2 / (in + out)));
}

const mlp_Initializer mlp_initializer_glorot_normal = {
  .name = "glorot_normal",
  .doc = "Normal, truncated at 2 sigma, of standard deviation sqrt(2 / (fan_in "
         "+ fan_out)).",
  .cite = "Glorot & Bengio 2010, AISTATS",
  .value = value,
};
