/*
** torch_uniform.c - what PyTorch's and Torch7's Linear start with.
*/
#include "initializer/initializer.h"

#include <math.h>

static double value (const mlp_Object *o, double in, double out,
                     const mlpi_Stream *s, uint64_t i) {
  (void)o, (void)out;
  return mlpi_init_uniform(s, i, sqrt(1 / in));
}

const mlp_Initializer mlp_initializer_torch_uniform = {
  .name = "torch_uniform",
  .doc = "Uniform in +-1 / sqrt(fan_in); of a bias, with the fan_in of its "
         "layer's kernel.",
  .cite = "PyTorch 2, nn.Linear.reset_parameters (kaiming_uniform_, a = "
          "sqrt(5))",
  .value = value,
};
