/*
** column.h - level 6: a list of 64-bit cells that grows without moving: ten
** thousand trials cost their cells, and leave no holes behind in the heap.
*/
#ifndef column_h
#define column_h

#include "base/base.h"

typedef struct mlpi_Column mlpi_Column;

mlp_Status mlpi_column_new (mlp_Runtime *rt, mlpi_Column **out);
void mlpi_column_release (mlpi_Column *c); /* NULL is fine */

/* Cell i; 0 where it was never set. */
uint64_t mlpi_column_get (const mlpi_Column *c, size_t i);
mlp_Status mlpi_column_set (mlpi_Column *c, size_t i, uint64_t cell);

#endif
