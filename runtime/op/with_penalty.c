/*
** with_penalty.c - x itself, with a penalty attached to it: the loss of
** whatever is computed from x adds it (see model/stage.c).
*/
#include "op/op.h"

static mlp_Status shape (mlpi_Call *c) {
  mlp_Status s = mlpi_check_real(c, 0);
  if (s == MLP_OK && mlpi_count(&c->in[1]) != 1)
    s = mlpi_error(c->rt, MLP_ESHAPE,
                   "with_penalty: expected a penalty of one element");
  c->out = c->in[0];
  return s;
}

/* The penalty's own gradient comes from the loss, not through x. */
static void backward (const mlpi_Call *c, const mlpi_Array *g,
                      mlpi_Array *gin) {
  (void)c;
  if (gin[0].data != NULL) mlpi_array_copy(g, &gin[0]);
  if (gin[1].data != NULL) mlpi_set(&gin[1], 0, 0);
}

static void sample (mlpi_OpSample *s, mlp_Dtype dtype) {
  mlpi_sample_input(s, 0, dtype, 2);
  mlpi_sample_input(s, 1, dtype, 0);
}

const mlpi_Op mlp_op_with_penalty = {
  .name = "with_penalty",
  .doc = "x; the loss of what is computed from it adds the penalty.",
  .min_in = 2,
  .max_in = 2,
  .flags = MLPI_OP_VIEW | MLPI_OP_LINK,
  .inputs = "x penalty",
  .shape = shape,
  .backward = backward,
  .sample = sample,
};
