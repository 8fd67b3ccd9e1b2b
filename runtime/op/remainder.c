/*
** remainder.c - a - b floor(a / b): what is left has b's sign, as Lua's %.
*/
#include "op/quotient.h"

#define F(a, b)     op_remainder(a, b)
#define GA(g, a, b) (g)
#define GB(g, a, b) (-(g)*FLOOR((a) / (b)))
#include "op/binary.h"

const mlpi_Op mlp_op_remainder = {
  BINARY("remainder", "What a division leaves, with b's sign; elementwise."),
  .check_min = 1,
  .check_max = 1.9,
};
