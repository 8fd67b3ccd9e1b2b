/*
** sub.c - a - b.
*/
#define F(a, b)     ((a) - (b))
#define GA(g, a, b) (g)
#define GB(g, a, b) (-(g))
#define NEVER_READ
#include "op/binary.h"

const mlpi_Op mlp_op_sub = {
  BINARY("sub", "a - b, elementwise."),
};
