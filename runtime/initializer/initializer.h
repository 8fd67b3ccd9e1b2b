/*
** initializer.h - level 4: the values that weights start with.
** A file <name>.c defines one 'const mlp_Initializer mlp_initializer_<name>'.
*/
#ifndef initializer_h
#define initializer_h

#include "tensor/tensor.h"

typedef struct mlp_Initializer {
  MLP_KIND;
  /* The i-th value in row-major order of a weight with those fans: number i
  ** of stream s, scaled. A kind has either 'value' or 'fill'. */
  double (*value)(const mlp_Object *o, double fan_in, double fan_out,
                  const mlpi_Stream *s, uint64_t i);
  /* The whole weight at once, where one value depends on others. */
  mlp_Status (*fill)(const mlp_Object *o, const mlpi_Stream *s,
                     const mlpi_Array *w);
} mlp_Initializer;

/*
** Fill w by initializer o, drawing from stream s. Of shape (in, out) the fans
** are in and out; of rank 1 both are its length; of higher rank as in Keras:
** the leading dimensions count as a receptive field. A fan_in other than 0 is
** taken in place of that.
*/
mlp_Status mlpi_initialize (const mlp_Object *o, const mlpi_Stream *s,
                            double fan_in, const mlpi_Array *w);

/* For the files of this folder: uniform in [-limit, limit), and the normal
** number truncated at +-2 and stretched to standard deviation 'sd'. */
double mlpi_init_uniform (const mlpi_Stream *s, uint64_t i, double limit);
double mlpi_init_truncated (const mlpi_Stream *s, uint64_t i, double sd);

/* The standard deviation of a normal number truncated at +-2. */
#define MLPI_TRUNCATED_SD 0.87962566103423978

#endif
