/*
** distinct.c - a sorted array that grows.
*/
#include "data/distinct.h"

#include <string.h>

static int order (const mlpi_Entry *a, const mlpi_Entry *b) {
  if (a->number != b->number) return a->number ? -1 : 1;
  if (a->number) return (a->value > b->value) - (a->value < b->value);
  size_t n = a->cell.n < b->cell.n ? a->cell.n : b->cell.n;
  int c = memcmp(a->cell.s, b->cell.s, n);
  return c != 0 ? c : (a->cell.n > b->cell.n) - (a->cell.n < b->cell.n);
}

size_t mlpi_distinct_find (const mlpi_Distinct *d, const mlpi_Entry *e,
                           bool *found) {
  size_t low = 0, high = d->n;
  *found = false;
  while (low < high) {
    size_t mid = (low + high) / 2;
    int c = order(e, &d->entry[mid]);
    if (c == 0) *found = true;
    if (c <= 0)
      high = mid;
    else
      low = mid + 1;
  }
  return low;
}

mlp_Status mlpi_distinct_add (mlp_Runtime *rt, mlpi_Distinct *d,
                              const mlpi_Entry *e) {
  bool found;
  size_t at = mlpi_distinct_find(d, e, &found);
  if (found) return MLP_OK;
  if (d->n == d->room) {
    size_t room = d->room == 0 ? 16 : 2 * d->room, size = sizeof *d->entry;
    void *p = mlpi_realloc(rt, d->entry, d->room * size, room * size);
    if (p == NULL) return MLP_ENOMEM;
    d->entry = p;
    d->room = room;
  }
  memmove(d->entry + at + 1, d->entry + at, (d->n - at) * sizeof *d->entry);
  d->entry[at] = *e;
  d->n++;
  return MLP_OK;
}

void mlpi_distinct_free (mlp_Runtime *rt, mlpi_Distinct *d) {
  mlpi_free(rt, d->entry, d->room * sizeof *d->entry);
  *d = (mlpi_Distinct){ 0, 0, NULL };
}
