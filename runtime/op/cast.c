/*
** cast.c - the same values in another element type: attrs.dtype. Towards
** whole numbers it rounds to zero; what does not fit, and NaN, saturates.
*/
#include "op/op.h"

#include <math.h>

static mlp_Status shape (mlpi_Call *c) {
  const mlpi_Array *a = &c->in[0];
  return mlpi_array_init(c->rt, c->op->name, &c->out, c->attrs.dtype, a->ndim,
                         a->shape);
}

static int64_t to_int64 (double x) {
  if (x >= 0x1p63) return INT64_MAX;
  return x >= -0x1p63 ? (int64_t)x : INT64_MIN; /* NaN is the smallest */
}

static uint8_t to_uint8 (double x) {
  return x >= 255 ? 255 : x > 0 ? (uint8_t)x : 0;
}

#define CONVERT(TO, FROM, EXPR)                                                \
  do {                                                                         \
    TO *y = (TO *)at[0];                                                       \
    const FROM *p = (const FROM *)at[1];                                       \
    for (size_t i = 0; i < n; i++, p += s) {                                   \
      const FROM x = *p;                                                       \
      y[i] = EXPR;                                                             \
    }                                                                          \
  } while (0)

#define FROM_ANY(TO, EXPR_REAL, EXPR_INT)                                      \
  switch (from) {                                                              \
  case MLP_FLOAT32:                                                            \
    CONVERT(TO, float, EXPR_REAL);                                             \
    break;                                                                     \
  case MLP_FLOAT64:                                                            \
    CONVERT(TO, double, EXPR_REAL);                                            \
    break;                                                                     \
  case MLP_INT64:                                                              \
    CONVERT(TO, int64_t, EXPR_INT);                                            \
    break;                                                                     \
  case MLP_UINT8:                                                              \
    CONVERT(TO, uint8_t, (TO)x);                                               \
    break;                                                                     \
  }

static void convert_row (const void *ud, size_t n, char *const *at,
                         const ptrdiff_t *stride) {
  const mlp_Dtype *types = ud, to = types[0], from = types[1];
  const ptrdiff_t s = stride[1];
  switch (to) {
  case MLP_FLOAT32:
    FROM_ANY(float, (float)x, (float)x);
    break;
  case MLP_FLOAT64:
    FROM_ANY(double, (double)x, (double)x);
    break;
  case MLP_INT64:
    FROM_ANY(int64_t, to_int64(x), x);
    break;
  case MLP_UINT8:
    FROM_ANY(uint8_t, to_uint8(x), (uint8_t)(x < 0 ? 0 : x > 255 ? 255 : x));
    break;
  }
}

static void convert (mlp_Runtime *rt, const mlpi_Array *from,
                     const mlpi_Array *to) {
  const mlpi_Array *arrays[] = { to, from };
  const mlp_Dtype types[] = { to->dtype, from->dtype };
  mlpi_walk(rt, 2, arrays, convert_row, types);
}

static void forward (const mlpi_Call *c) { convert(c->rt, &c->in[0], &c->out); }

static void backward (const mlpi_Call *c, const mlpi_Array *g,
                      mlpi_Array *gin) {
  convert(c->rt, g, &gin[0]);
}

static void sample (mlpi_OpSample *s, mlp_Dtype dtype) {
  mlpi_sample_input(s, 0, dtype, 2);
  s->attrs.dtype = MLP_FLOAT64;
}

const mlpi_Op mlp_op_cast = {
  .name = "cast",
  .doc = "The same values in another element type.",
  .min_in = 1,
  .max_in = 1,
  .inputs = "x",
  .shape = shape,
  .forward = forward,
  .backward = backward,
  .sample = sample,
};
