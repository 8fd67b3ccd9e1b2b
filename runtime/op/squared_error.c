/*
** squared_error.c - (a - b)^2: the same roundings as square of sub.
*/
#define F(a, b)     (((a) - (b)) * ((a) - (b)))
#define GA(g, a, b) ((g) * (2 * ((a) - (b))))
#define GB(g, a, b) (-((g) * (2 * ((a) - (b)))))
#include "op/binary.h"

const mlpi_Op mlp_op_squared_error = {
  BINARY("squared_error", "(a - b) squared, elementwise."),
};
