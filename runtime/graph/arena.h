/*
** arena.h - place buffers with known lives in one block of memory.
*/
#ifndef arena_h
#define arena_h

#include "base/base.h"

/* A buffer is in use from step 'first' to step 'last', both included. */
typedef struct mlpi_Buffer {
  size_t bytes, first, last;
  size_t offset; /* found by mlpi_arena_place */
} mlpi_Buffer;

/* Set each offset (64-byte aligned) so that no two buffers that live at the
** same time overlap; *bytes = size of the block. */
mlp_Status mlpi_arena_place (mlp_Runtime *rt, size_t n, mlpi_Buffer *buffers,
                             size_t *bytes);

#endif
