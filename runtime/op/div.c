/*
** div.c - a / b.
*/
#define F(a, b)     ((a) / (b))
#define GA(g, a, b) ((g) / (b))
#define GB(g, a, b) (-(g) * ((a) / (b)) / (b))
#include "op/binary.h"

const mlpi_Op mlp_op_div = {
  BINARY("div", "a / b, elementwise."),
  .check_min = 0.5,
  .check_max = 2,
};
