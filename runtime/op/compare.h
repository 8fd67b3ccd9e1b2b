/*
** compare.h - template of an operator that answers 0 or 1 (uint8) for two
** inputs of one type, which broadcast. The file that includes it has defined
** the macro F(a, b), and ends with 'const mlpi_Op mlp_op_<name> = {
** COMPARE("name", "doc") };'. With LOGICAL defined the inputs are uint8.
*/
#include "op/op.h"
#include "tensor/kernel/kernel.h"

#define COMPARE_AS(TYPE, NAME)                                                 \
  static void NAME(const void *ud, size_t n, char *const *at,                  \
                   const ptrdiff_t *stride) {                                  \
    uint8_t *y = (uint8_t *)at[0];                                             \
    const TYPE *a = (const TYPE *)at[1], *b = (const TYPE *)at[2];             \
    const ptrdiff_t sa = stride[1], sb = stride[2];                            \
    (void)ud;                                                                  \
    for (ptrdiff_t i = 0; i < (ptrdiff_t)n; i++)                               \
      y[i] = F(a[i * sa], b[i * sb]);                                          \
  }

COMPARE_AS(uint8_t, row_uint8)

#if defined(LOGICAL)
static mlp_Status shape (mlpi_Call *c) {
  mlp_Status s = mlpi_check_dtype(c, 0, MLP_UINT8);
  return s != MLP_OK ? s : mlpi_broadcast_any(c, MLP_UINT8);
}

static mlpi_Row row_for (mlp_Dtype dtype) {
  (void)dtype;
  return row_uint8;
}

static void sample (mlpi_OpSample *s, mlp_Dtype dtype) {
  mlpi_sample_rows(s, dtype);
  s->in[0].dtype = s->in[1].dtype = MLP_UINT8;
}
#define SAMPLE sample
#else
COMPARE_AS(REAL, row_real)
COMPARE_AS(int64_t, row_int64)

static mlp_Status shape (mlpi_Call *c) {
  return mlpi_broadcast_any(c, MLP_UINT8);
}

static mlpi_Row row_for (mlp_Dtype dtype) {
  if (dtype == MLP_INT64) return row_int64;
  return dtype == MLP_UINT8 ? row_uint8 : row_real;
}
#define SAMPLE NULL
#endif

static void forward (const mlpi_Call *c) {
  mlpi_Array a = mlpi_broadcast_to(&c->in[0], &c->out);
  mlpi_Array b = mlpi_broadcast_to(&c->in[1], &c->out);
  const mlpi_Array *arrays[] = { &c->out, &a, &b };
  mlpi_walk(c->rt, 3, arrays, row_for(a.dtype), NULL);
}

#define COMPARE(NAME, DOC)                                                     \
  .name = NAME, .doc = DOC, .min_in = 2, .max_in = 2, .inputs = "a b",         \
  .shape = shape, .forward = forward, .sample = SAMPLE
