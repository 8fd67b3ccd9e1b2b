/*
** mul.c - a * b.
*/
#define F(a, b)     ((a) * (b))
#define GA(g, a, b) ((g) * (b))
#define GB(g, a, b) ((g) * (a))
#include "op/binary.h"

const mlpi_Op mlp_op_mul = {
  BINARY("mul", "a * b, elementwise."),
};
