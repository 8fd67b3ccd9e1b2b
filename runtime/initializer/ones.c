/*
** ones.c - all one.
*/
#include "initializer/initializer.h"

static double value (const mlp_Object *o, double in, double out,
                     const mlpi_Stream *s, uint64_t i) {
  (void)o, (void)in, (void)out, (void)s, (void)i;
  return 1;
}

const mlp_Initializer mlp_initializer_ones = {
  .name = "ones",
  .doc = "All ones.",
  .cite = "Keras 3, keras.initializers",
  .value = value,
};
