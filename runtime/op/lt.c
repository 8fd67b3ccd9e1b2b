/*
** lt.c - a < b.
*/
#define F(a, b) ((a) < (b))
#include "op/compare.h"

const mlpi_Op mlp_op_lt = {
  COMPARE("lt", "1 where a < b, else 0."),
};
