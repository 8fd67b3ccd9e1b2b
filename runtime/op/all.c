/*
** all.c - 1 where no element of a mask is 0, over axes.
*/
#include "tensor/kernel/kernel.h"

static uint8_t fold (size_t n, const uint8_t *x, uint8_t *tmp) {
  uint8_t y = 1;
  (void)tmp;
  for (size_t i = 0; i < n; i++) y = y && x[i] != 0;
  return y;
}

#define ELEMENT      uint8_t
#define RESULT       uint8_t
#define RESULT_DTYPE MLP_UINT8
#include "op/fold.h"

const mlpi_Op mlp_op_all = {
  FOLD("all", "1 where every element of a mask is not 0, else 0."),
};
