/*
** random_uniform.c - uniform between two numbers.
*/
#include "initializer/initializer.h"

enum { MINVAL, MAXVAL }; /* order of '.options' below */

static double value (const mlp_Object *o, double in, double out,
                     const mlpi_Stream *s, uint64_t i) {
  (void)in, (void)out;
  double low = o->value[MINVAL].number, high = o->value[MAXVAL].number;
  return low + (high - low) * mlpi_uniform(s, i);
}

const mlp_Initializer mlp_initializer_random_uniform = {
  .name = "random_uniform",
  .doc = "Uniform in [minval, maxval).",
  .cite = "Keras 3, keras.initializers",
  .options = {
    { "minval", -0.05, -1e30, 1e30, "smallest value" },
    { "maxval", 0.05, -1e30, 1e30, "bound above" },
  },
  .value = value,
};
