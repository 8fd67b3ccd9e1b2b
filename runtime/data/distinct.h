/*
** distinct.h - the different cells of a column, sorted: numbers first and by
** value, then texts by their bytes.
*/
#ifndef distinct_h
#define distinct_h

#include "data/csv.h"

enum { MLPI_DISTINCT_MAX = 10000 };

typedef struct mlpi_Entry {
  mlpi_Cell cell; /* as first seen */
  bool number;
  double value;
} mlpi_Entry;

typedef struct mlpi_Distinct {
  size_t n, room;
  mlpi_Entry *entry;
} mlpi_Distinct;

/* Where the cell is; or where it would be, and *found is false. */
size_t mlpi_distinct_find (const mlpi_Distinct *d, const mlpi_Entry *e,
                           bool *found);

/* Put it in, if it is new. */
mlp_Status mlpi_distinct_add (mlp_Runtime *rt, mlpi_Distinct *d,
                              const mlpi_Entry *e);
void mlpi_distinct_free (mlp_Runtime *rt, mlpi_Distinct *d);

#endif
