/*
** kernels_variant.c - compiled once per variant: its kernels in a table.
*/
#include "kernels_variant.h"

static const Function functions[] = { { 0 } };

const Kernels MLPI_NAME(kernels) = {
  mlpi_gemm, mlpi_gemm_scratch, mlpi_sum, mlpi_sum_rows, mlpi_dot, functions,
};
