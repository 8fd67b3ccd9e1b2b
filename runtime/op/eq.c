/*
** eq.c - a == b.
*/
#define F(a, b) ((a) == (b))
#include "op/compare.h"

const mlpi_Op mlp_op_eq = {
  COMPARE("eq", "1 where a == b, else 0."),
};
