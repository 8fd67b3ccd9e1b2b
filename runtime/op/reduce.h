/*
** reduce.h - sums over any axes, for the files of this folder.
** The terms of one sum are taken in row-major order of the axes summed over,
** by the rule of kernel.h, whatever the strides: the bits depend on values
** and shapes alone.
*/
#ifndef reduce_h
#define reduce_h

#include "op/op.h"
#include "tensor/kernel/kernel.h"

#define mlpi_reduce         MLPI_NAME(mlpi_reduce)
#define mlpi_reduce_scratch MLPI_NAME(mlpi_reduce_scratch)
#define mlpi_sum_to         MLPI_NAME(mlpi_sum_to)
#define mlpi_sum_to_scratch MLPI_NAME(mlpi_sum_to_scratch)

/* out (row-major over the axes outside the mask) = sums of x over the axes in
** the mask. */
void mlpi_reduce (mlp_Runtime *rt, const mlpi_Array *x, unsigned mask,
                  REAL *out, void *scratch);
size_t mlpi_reduce_scratch (const mlpi_Array *x, unsigned mask);

/* out = x summed over the axes along which out's shape was broadcast: what a
** gradient needs on its way back. */
void mlpi_sum_to (mlp_Runtime *rt, const mlpi_Array *x, const mlpi_Array *out,
                  void *scratch);
size_t mlpi_sum_to_scratch (const mlpi_Array *x, const mlpi_Array *out);

#endif
