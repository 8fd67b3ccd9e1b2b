/*
** constant.c - one number everywhere.
*/
#include "initializer/initializer.h"

static double value (const mlp_Object *o, double in, double out,
                     const mlpi_Stream *s, uint64_t i) {
  (void)in, (void)out, (void)s, (void)i;
  return o->value[0].number;
}

const mlp_Initializer mlp_initializer_constant = {
  .name = "constant",
  .doc = "The same number everywhere.",
  .cite = "Keras 3, keras.initializers",
  .options = { { "value", 0, -1e30, 1e30, "the number" } },
  .value = value,
};
