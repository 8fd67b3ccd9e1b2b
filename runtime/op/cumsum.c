/*
** cumsum.c - running sums along one axis, in ascending order.
*/
#include "op/op.h"
#include "tensor/kernel/kernel.h"

static mlp_Status shape (mlpi_Call *c) {
  mlp_Status s = mlpi_check_axis(c, &c->attrs.axis[0], c->in[0].ndim);
  return s != MLP_OK ? s : mlpi_real_as_input(c);
}

static size_t part (const mlpi_Call *c) {
  return (mlpi_count(&c->in[0]) * sizeof(REAL) + 63) / 64 * 64;
}

static size_t scratch (const mlpi_Call *c) { return 2 * part(c); }

/* y = running sums of x, both packed; from the end if 'back'. */
static void run (const mlpi_Call *c, const mlpi_Array *from,
                 const mlpi_Array *to, bool back) {
  unsigned mask = 1u << c->attrs.axis[0];
  size_t n = from->shape[c->attrs.axis[0]], count = mlpi_count(from);
  const REAL *x = mlpi_pack(from, mask, c->scratch);
  REAL *y = (REAL *)((char *)c->scratch + part(c));
  for (size_t i = 0; i < count; i += n) {
    REAL sum = 0;
    for (size_t j = 0; j < n; j++) {
      size_t k = i + (back ? n - 1 - j : j);
      y[k] = sum += x[k];
    }
  }
  mlpi_unpack(y, mask, to);
}

static void forward (const mlpi_Call *c) { run(c, &c->in[0], &c->out, false); }

static void backward (const mlpi_Call *c, const mlpi_Array *g,
                      mlpi_Array *gin) {
  run(c, g, &gin[0], true);
}

static void sample (mlpi_OpSample *s, mlp_Dtype dtype) {
  mlpi_sample_input(s, 0, dtype, 3);
  s->attrs.n_axis = 1;
  s->attrs.axis[0] = (int64_t)mlpi_sample_size(s, 0, 2);
}

const mlpi_Op mlp_op_cumsum = {
  .name = "cumsum",
  .doc = "Running sums along one dimension.",
  .min_in = 1,
  .max_in = 1,
  .inputs = "x",
  .shape = shape,
  .scratch = scratch,
  .forward = forward,
  .backward = backward,
  .sample = sample,
};
