/*
** bytes.c - a file that grows in memory.
*/
#include "plot/plot.h"

#include <string.h>

mlp_Status mlpi_bytes_add (mlp_Runtime *rt, mlpi_Bytes *b, const void *data,
                           size_t n) {
  if (n > b->capacity - b->n) {
    size_t wanted = b->capacity + b->capacity / 2 + n;
    void *p = mlpi_realloc(rt, b->data, b->capacity, wanted);
    if (p == NULL) return MLP_ENOMEM;
    b->data = p;
    b->capacity = wanted;
  }
  memcpy(b->data + b->n, data, n);
  b->n += n;
  return MLP_OK;
}

void mlpi_bytes_drop (mlp_Runtime *rt, mlpi_Bytes *b) {
  mlpi_free(rt, b->data, b->capacity);
  *b = (mlpi_Bytes){ .n = 0 };
}
