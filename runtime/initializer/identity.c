/*
** identity.c - each unit starts as one input.
*/
#include "initializer/initializer.h"

enum { GAIN }; /* order of '.options' below */

static mlp_Status fill (const mlp_Object *o, const mlpi_Stream *s,
                        const mlpi_Array *w) {
  (void)s;
  if (w->ndim != 2)
    return mlpi_error(o->rt, MLP_ESHAPE,
                      "identity: expected a matrix, got %d dimensions",
                      w->ndim);
  size_t cols = w->shape[1], n = mlpi_count(w);
  for (size_t i = 0; i < n; i++)
    mlpi_set(w, i, i / cols == i % cols ? o->value[GAIN].number : 0);
  return MLP_OK;
}

const mlp_Initializer mlp_initializer_identity = {
  .name = "identity",
  .doc = "gain on the diagonal of a matrix, 0 elsewhere.",
  .cite = "Keras 3, initializers.Identity",
  .options = {
    { "gain", 1, -1e30, 1e30, "on the diagonal" },
  },
  .fill = fill,
};
