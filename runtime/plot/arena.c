/*
** arena.c - memory of a figure or of its scene, given back at once.
*/
#include "plot/plot.h"

#include <string.h>

typedef struct mlpi_Block {
  struct mlpi_Block *next;
  size_t size; /* of the whole block */
} mlpi_Block;

void *mlpi_arena_alloc (mlpi_Arena *a, size_t n) {
  size_t size;
  mlpi_Block *b = NULL;
  if (__builtin_add_overflow(n, sizeof *b, &size)) size = PTRDIFF_MAX;
  b = mlpi_calloc(a->rt, size, 1);
  if (b == NULL) {
    a->failed = true;
    return NULL;
  }
  *b = (mlpi_Block){ .next = a->first, .size = size };
  a->first = b;
  return b + 1;
}

char *mlpi_arena_text (mlpi_Arena *a, const char *s) {
  size_t n = strlen(s) + 1;
  char *copy = mlpi_arena_alloc(a, n);
  return copy == NULL ? NULL : memcpy(copy, s, n);
}

void mlpi_arena_clear (mlpi_Arena *a) {
  while (a->first != NULL) {
    mlpi_Block *b = a->first;
    a->first = b->next;
    mlpi_free(a->rt, b, b->size);
  }
  a->failed = false;
}
