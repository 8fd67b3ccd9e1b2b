/*
** fmod.c - a - b trunc(a / b), exact: what is left has a's sign, as in C.
*/
#include "op/quotient.h"

#define F(a, b)     FMOD(a, b)
#define GA(g, a, b) (g)
#define GB(g, a, b) (-(g)*TRUNC((a) / (b)))
#include "op/binary.h"

const mlpi_Op mlp_op_fmod = {
  BINARY("fmod", "What a division leaves, with a's sign; elementwise."),
  .check_min = 1,
  .check_max = 1.9,
};
