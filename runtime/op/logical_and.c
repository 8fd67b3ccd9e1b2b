/*
** logical_and.c - 1 where both of two masks are not 0.
*/
#define F(a, b) ((a) && (b))
#define LOGICAL
#include "op/compare.h"

const mlpi_Op mlp_op_logical_and = {
  COMPARE("logical_and", "1 where both of a and b are not 0."),
};
