/*
** probability_binary_cross_entropy.c - the cross-entropy of a target t in
** [0, 1] and a probability p, kept 1e-7 away from 0 and 1 as Keras does.
*/
#include "tensor/kernel/kernel.h"
#include "tensor/kernel/vmath.h"

static const REAL epsilon = R(1e-7);

static inline REAL clip (REAL p) {
  return p < epsilon ? epsilon : p > 1 - epsilon ? 1 - epsilon : p;
}

static inline REAL loss (REAL p, REAL t) {
  REAL c = clip(p);
  return -(t * v_log(c) + (1 - t) * v_log1p(-c));
}

/* (p - t) / (p (1 - p)), nothing where the clip holds. */
static inline REAL slope (REAL p, REAL t) {
  REAL c = clip(p);
  return c == p ? (c - t) / (c * (1 - c)) : 0;
}

static inline REAL target_slope (REAL p) {
  REAL c = clip(p);
  return v_log1p(-c) - v_log(c);
}

#define F(p, t)     loss(p, t)
#define GA(g, p, t) ((g)*slope(p, t))
#define GB(g, p, t) ((g)*target_slope(p))
#define SAME_SHAPE
#include "op/binary.h"

const mlpi_Op mlp_op_probability_binary_cross_entropy = {
  BINARY("probability_binary_cross_entropy",
         "-(t log(p) + (1 - t) log(1 - p)), p clipped to 1e-7..1 - 1e-7."),
  .cite = "Keras 3.16, binary_crossentropy",
  .check_min = 0.05,
  .check_max = 0.95,
};
