/*
** scatter_add.c - x with src added at indices along one axis, attrs.axis[0]:
** the reverse of take_along, in ascending order of src.
** out[index[i][j]][j] += src[i][j] for the first axis of two.
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
    if (at < end) y[at] += src[i];
  }
}

static void backward (const mlpi_Call *c, const mlpi_Array *g,
                      mlpi_Array *gin) {
  size_t n = mlpi_count(&c->in[1]), end = mlpi_count(&c->out);
  const int64_t *index = index_pack(c, 1);
  const REAL *from = g->data;
  REAL *to = gin[2].data;
  if (gin[0].data != NULL) mlpi_array_copy(g, &gin[0]);
  for (size_t i = 0; i < n && to != NULL; i++) {
    size_t at = scatter_place(c, index, i);
    to[i] = at < end ? from[at] : 0;
  }
}

const mlpi_Op mlp_op_scatter_add = {
  SCATTER("scatter_add",
          "x with src added at indices, from 1, along one dimension."),
  .scratch = index_scratch,
};
