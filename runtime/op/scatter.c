/*
** scatter.c - x with src written at indices along one axis, attrs.axis[0].
** Where an index comes twice, the last one stays, and alone has the
** gradient.
** out[index[i][j]][j] = src[i][j] for the first axis of two.
*/
#include "op/scatter.h"

static void forward (const mlpi_Call *c) {
  size_t n = mlpi_count(&c->in[1]), end = mlpi_count(&c->out);
  const int64_t *index = index_pack(c, 1);
  const REAL *src = index_pack(c, 2);
  REAL *y = c->out.data;
  mlpi_array_copy(&c->in[0], &c->out);
  for (size_t i = 0; i < n; i++) {
    size_t at = scatter_place(c, index, i);
    if (at < end) y[at] = src[i];
  }
}

/* A copy of g, from which the last writer takes what it finds. */
static void backward (const mlpi_Call *c, const mlpi_Array *g,
                      mlpi_Array *gin) {
  size_t end = mlpi_count(&c->out);
  const int64_t *index = index_pack(c, 1);
  REAL *rest = gin[0].data, *to = gin[2].data;
  if (rest == NULL) rest = (REAL *)((char *)c->scratch + index_scratch(c));
  if (end > 0) memcpy(rest, g->data, end * sizeof *rest);
  for (size_t i = mlpi_count(&c->in[1]); i-- > 0;) {
    size_t at = scatter_place(c, index, i);
    if (to != NULL) to[i] = at < end ? rest[at] : 0;
    if (at < end) rest[at] = 0;
  }
}

static size_t scratch (const mlpi_Call *c) {
  return index_scratch(c) + mlpi_count(&c->out) * sizeof(REAL);
}

const mlpi_Op mlp_op_scatter = {
  SCATTER("scatter",
          "x with src written at indices, from 1, along one dimension."),
  .scratch = scratch,
};
