/*
** variance_scaling.c - the rule of which glorot, he and lecun are cases.
*/
#include "initializer/initializer.h"

#include <math.h>
#include <string.h>

enum { SCALE, MODE, DISTRIBUTION }; /* order of '.options' below */

static double fan (const char *mode, double in, double out) {
  if (strcmp(mode, "fan_in") == 0) return in;
  return strcmp(mode, "fan_out") == 0 ? out : (in + out) / 2;
}

static double value (const mlp_Object *o, double in, double out,
                     const mlpi_Stream *s, uint64_t i) {
  double n = fan(o->value[MODE].text, in, out);
  double variance = o->value[SCALE].number / (n > 1 ? n : 1);
  const char *distribution = o->value[DISTRIBUTION].text;
  if (strcmp(distribution, "uniform") == 0)
    return mlpi_init_uniform(s, i, sqrt(3 * variance));
  if (strcmp(distribution, "untruncated_normal") == 0)
    return sqrt(variance) * mlpi_normal(s, i);
  return mlpi_init_truncated(s, i, sqrt(variance));
}

const mlp_Initializer mlp_initializer_variance_scaling = {
  .name = "variance_scaling",
  .doc = "Variance scale / fan, the fan being fan_in, fan_out or their mean.",
  .cite = "Keras 3, initializers.VarianceScaling",
  .options = {
    { "scale", 1, 0, 1e30, "factor of the variance" },
    { "mode", .doc = "which fan", .type = MLP_TEXT, .text = "fan_in", .choices = "fan_in fan_out fan_avg" },
    { "distribution", .doc = "its shape", .type = MLP_TEXT, .text = "truncated_normal", .choices = "truncated_normal untruncated_normal uniform" },
  },
  .value = value,
};
