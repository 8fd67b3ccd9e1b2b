/*
** minimum.c - the smaller of two.
*/
#define F(a, b) ((a) < (b) || (a) != (a) ? (a) : (b))
#define GA(g, a, b)                                                            \
  ((a) < (b) || (a) != (a) ? (g) : (a) == (b) ? R(0.5) * (g) : 0)
#define GB(g, a, b)                                                            \
  ((a) < (b) || (a) != (a) ? 0 : (a) == (b) ? R(0.5) * (g) : (g))
#include "op/binary.h"

const mlpi_Op mlp_op_minimum = {
  BINARY("minimum", "The smaller of a and b, elementwise; NaN wins."),
};
