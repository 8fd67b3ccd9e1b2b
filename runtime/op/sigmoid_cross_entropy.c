/*
** sigmoid_cross_entropy.c - the cross-entropy of a target t in [0, 1] and the
** probability sigmoid(z), from the logit z: softplus(z) - z t is
** -t log(p) - (1 - t) log(1 - p) without overflow.
*/
#include "tensor/kernel/kernel.h"
#include "tensor/kernel/vmath.h"

#define F(z, t)     (v_softplus(z) - (z) * (t))
#define GA(g, z, t) ((g) * (v_sigmoid(z) - (t)))
#define GB(g, z, t) (-(g) * (z))
#define SAME_SHAPE
#include "op/binary.h"

const mlpi_Op mlp_op_sigmoid_cross_entropy = {
  BINARY("sigmoid_cross_entropy",
         "softplus(logit) - logit * target, elementwise."),
};
