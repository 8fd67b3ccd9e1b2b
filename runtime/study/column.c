/*
** column.c - chunks of cells, and the list of them.
*/
#include "study/column.h"

#include <string.h>

enum { CHUNK = 512 }; /* cells */

struct mlpi_Column {
  mlp_Runtime *rt;
  uint64_t **chunk; /* NULL: none of its cells was set */
  size_t chunks;
};

mlp_Status mlpi_column_new (mlp_Runtime *rt, mlpi_Column **out) {
  *out = mlpi_calloc(rt, 1, sizeof **out);
  if (*out == NULL) return MLP_ENOMEM;
  (*out)->rt = rt;
  return MLP_OK;
}

void mlpi_column_release (mlpi_Column *c) {
  if (c == NULL) return;
  for (size_t i = 0; i < c->chunks; i++)
    mlpi_free(c->rt, c->chunk[i],
              c->chunk[i] == NULL ? 0 : CHUNK * sizeof **c->chunk);
  mlpi_free(c->rt, c->chunk, c->chunks * sizeof *c->chunk);
  mlpi_free(c->rt, c, sizeof *c);
}

uint64_t mlpi_column_get (const mlpi_Column *c, size_t i) {
  const size_t k = i / CHUNK;
  if (k >= c->chunks || c->chunk[k] == NULL) return 0;
  return c->chunk[k][i % CHUNK];
}

/* Room for chunk k in the list. */
static mlp_Status reach (mlpi_Column *c, size_t k) {
  if (k < c->chunks) return MLP_OK;
  const size_t n = 2 * k + 4;
  if (n < k) return mlpi_error(c->rt, MLP_ENOMEM, "study: too many trials");
  uint64_t **list = mlpi_calloc(c->rt, n, sizeof *list);
  if (list == NULL) return MLP_ENOMEM;
  if (c->chunks > 0) memcpy(list, c->chunk, c->chunks * sizeof *list);
  mlpi_free(c->rt, c->chunk, c->chunks * sizeof *list);
  c->chunk = list;
  c->chunks = n;
  return MLP_OK;
}

mlp_Status mlpi_column_set (mlpi_Column *c, size_t i, uint64_t cell) {
  const size_t k = i / CHUNK;
  if (reach(c, k) != MLP_OK) return MLP_ENOMEM;
  if (c->chunk[k] == NULL) {
    c->chunk[k] = mlpi_calloc(c->rt, CHUNK, sizeof **c->chunk);
    if (c->chunk[k] == NULL) return MLP_ENOMEM;
  }
  c->chunk[k][i % CHUNK] = cell;
  return MLP_OK;
}
