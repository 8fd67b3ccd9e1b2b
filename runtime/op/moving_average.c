/*
** moving_average.c - x itself; on the way it moves a state towards x:
** state = momentum state + (1 - momentum) factor x, momentum and factor being
** attrs.number[0] and [1]. With attrs.flag, at step t (from 0) of attrs.stream
** the momentum is at most t / (t + 1): the mean of all batches, until they are
** enough. The one op with an effect. Being in the way of x it
** runs once in each forward pass, whoever executes. The version of the state's
** storage stays: the weights that the same pass uses share it. A step of the
** optimizer counts it (mlpi_model_touch).
*/
#include "op/op.h"
#include "tensor/kernel/kernel.h"

#include <string.h>

static void move_row (const void *ud, size_t n, char *const *at,
                      const ptrdiff_t *stride) {
  const double *number = ud;
  const REAL keep = (REAL)number[0], take = (REAL)(1 - number[0]);
  const REAL factor = (REAL)number[1];
  const REAL *x = (const REAL *)at[1];
  REAL *y = (REAL *)at[0], *state = (REAL *)at[2];
  for (ptrdiff_t i = 0; i < (ptrdiff_t)n; i++) {
    REAL *s = state + i * stride[2], v = x[i * stride[1]];
    *s = keep * *s + take * (v * factor);
    y[i] = v;
  }
}

static void forward (const mlpi_Call *c) {
  const mlpi_Array *arrays[] = { &c->out, &c->in[0], &c->in[1] };
  double number[2] = { c->attrs.number[0], c->attrs.number[1] };
  const double t = (double)c->attrs.stream.step;
  if (c->attrs.flag && t / (t + 1) < number[0]) number[0] = t / (t + 1);
  mlpi_walk(c->rt, 3, arrays, move_row, number);
}

static void backward (const mlpi_Call *c, const mlpi_Array *g,
                      mlpi_Array *gin) {
  size_t n = mlpi_count(&c->out) * sizeof(REAL);
  if (gin[0].data != NULL) memcpy(gin[0].data, g->data, n);
  if (gin[1].data != NULL) memset(gin[1].data, 0, n);
}

static void sample (mlpi_OpSample *s, mlp_Dtype dtype) {
  mlpi_sample_input(s, 0, dtype, 2);
  s->in[1] = s->in[0];
  s->attrs.number[0] = 0.75;
  s->attrs.number[1] = 1.5;
}

const mlpi_Op mlp_op_moving_average = {
  .name = "moving_average",
  .doc = "x; on the way, state = momentum state + (1 - momentum) factor x.",
  .min_in = 2,
  .max_in = 2,
  .check_in = 1,
  .flags = MLPI_OP_RANDOM, /* for the step alone */
  .inputs = "x state",
  .shape = mlpi_equal_shape,
  .forward = forward,
  .backward = backward,
  .sample = sample,
};
