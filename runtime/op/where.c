/*
** where.c - a where a mask is not 0, else b; all three broadcast.
*/
#include "op/reduce.h"

/* Broadcast the mask's shape into that of a and b. */
static mlp_Status shape (mlpi_Call *c) {
  mlpi_Array pair[2] = { c->in[1], c->in[2] };
  mlpi_Call values = { .rt = c->rt, .op = c->op, .n_in = 2, .in = pair };
  mlp_Status s = mlpi_check_dtype(c, 0, MLP_UINT8);
  if (s == MLP_OK) s = mlpi_broadcast_any(&values, pair[0].dtype);
  if (s != MLP_OK) return s;
  pair[0] = values.out;
  pair[1] = c->in[0];
  pair[1].dtype = values.out.dtype;
  s = mlpi_broadcast_any(&values, values.out.dtype);
  c->out = values.out;
  return s;
}

#define PICK_AS(TYPE, NAME)                                                    \
  static void NAME(const void *ud, size_t n, char *const *at,                  \
                   const ptrdiff_t *stride) {                                  \
    TYPE *y = (TYPE *)at[0];                                                   \
    const uint8_t *m = (const uint8_t *)at[1];                                 \
    const TYPE *a = (const TYPE *)at[2], *b = (const TYPE *)at[3];             \
    (void)ud;                                                                  \
    for (ptrdiff_t i = 0; i < (ptrdiff_t)n; i++)                               \
      y[i] = m[i * stride[1]] ? a[i * stride[2]] : b[i * stride[3]];           \
  }

PICK_AS(REAL, pick_real)
PICK_AS(int64_t, pick_int64)
PICK_AS(uint8_t, pick_uint8)

static void pick (mlp_Runtime *rt, const mlpi_Array *out,
                  const mlpi_Array *mask, const mlpi_Array *a,
                  const mlpi_Array *b) {
  mlpi_Array m = mlpi_broadcast_to(mask, out);
  mlpi_Array x = mlpi_broadcast_to(a, out), y = mlpi_broadcast_to(b, out);
  const mlpi_Array *arrays[] = { out, &m, &x, &y };
  mlpi_Row row = out->dtype == MLP_INT64   ? pick_int64
                 : out->dtype == MLP_UINT8 ? pick_uint8
                                           : pick_real;
  mlpi_walk(rt, 4, arrays, row, NULL);
}

static void forward (const mlpi_Call *c) {
  pick(c->rt, &c->out, &c->in[0], &c->in[1], &c->in[2]);
}

static size_t full_bytes (const mlpi_Call *c) {
  return (mlpi_count(&c->out) * sizeof(REAL) + 63) / 64 * 64;
}

/* g where the mask chose this input, 0 elsewhere; then the sum over what was
** broadcast. */
static void backward (const mlpi_Call *c, const mlpi_Array *g,
                      mlpi_Array *gin) {
  REAL nothing = 0;
  mlpi_Array zero = { .data = &nothing, .dtype = MLPI_DTYPE, .ndim = 0 };
  mlpi_Array full = *g;
  full.data = c->scratch;
  for (int i = 1; i < 3; i++) {
    if (gin[i].data == NULL) continue;
    pick(c->rt, &full, &c->in[0], i == 1 ? g : &zero, i == 1 ? &zero : g);
    mlpi_sum_to(c->rt, &full, &gin[i], (char *)c->scratch + full_bytes(c));
  }
}

static size_t scratch (const mlpi_Call *c) {
  size_t a = mlpi_sum_to_scratch(&c->out, &c->in[1]);
  size_t b = mlpi_sum_to_scratch(&c->out, &c->in[2]);
  return full_bytes(c) + (a > b ? a : b);
}

static void sample (mlpi_OpSample *s, mlp_Dtype dtype) {
  mlpi_sample_rows(s, dtype);
  s->in[2] = s->in[0];
  s->in[mlpi_sample_size(s, 0, 2)].shape[0] = 1;
  s->in[0].dtype = MLP_UINT8;
}

const mlpi_Op mlp_op_where = {
  .name = "where",
  .doc = "a where the mask is not 0, b elsewhere.",
  .min_in = 3,
  .max_in = 3,
  .flags = MLPI_OP_NEEDS_IN,
  .inputs = "mask a b",
  .shape = shape,
  .scratch = scratch,
  .forward = forward,
  .backward = backward,
  .sample = sample,
};
