/*
** logical_or.c - 1 where one or both of two masks are not 0.
*/
#define F(a, b) ((a) || (b))
#define LOGICAL
#include "op/compare.h"

const mlpi_Op mlp_op_logical_or = {
  COMPARE("logical_or", "1 where one or both of a and b are not 0."),
};
