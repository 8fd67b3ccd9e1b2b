/*
** truncated_normal.c - the bell curve, cut at two sigma.
*/
#include "initializer/initializer.h"

enum { MEAN, STDDEV }; /* order of '.options' below */

static double value (const mlp_Object *o, double in, double out,
                     const mlpi_Stream *s, uint64_t i) {
  (void)in, (void)out;
  return o->value[MEAN].number +
         o->value[STDDEV].number * mlpi_truncated_normal(s, i);
}

const mlp_Initializer mlp_initializer_truncated_normal = {
  .name = "truncated_normal",
  .doc = "Normal with that mean and standard deviation, resampled outside 2 sigma.",
  .cite = "Keras 3, keras.initializers",
  .options = {
    { "mean", 0, -1e30, 1e30, "mean" },
    { "stddev", 0.05, 0, 1e30, "standard deviation before the cut" },
  },
  .value = value,
};
