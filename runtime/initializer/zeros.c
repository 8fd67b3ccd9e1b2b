/*
** zeros.c - all zero, the usual start of a bias.
*/
#include "initializer/initializer.h"

static double value (const mlp_Object *o, double in, double out,
                     const mlpi_Stream *s, uint64_t i) {
  (void)o, (void)in, (void)out, (void)s, (void)i;
  return 0;
}

const mlp_Initializer mlp_initializer_zeros = {
  .name = "zeros",
  .doc = "All zeros.",
  .cite = "Keras 3, keras.initializers",
  .value = value,
};
