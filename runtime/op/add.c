/*
** add.c - a + b: a bias in a batch, the sum of two branches.
*/
#define F(a, b) ((a) + (b))
#define ADDITION
#include "op/binary.h"

const mlpi_Op mlp_op_add = {
  BINARY("add", "a + b, elementwise."),
};
