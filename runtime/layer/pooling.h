/*
** pooling.h - one number a feature of all steps of a row.
*/
#ifndef pooling_h
#define pooling_h

#include "layer/layer.h"

/* op over the steps of (rows, steps, features); option 0 is keepdims. */
static inline mlp_Status pool_steps (mlp_Layer *l, const char *op,
                                     mlp_Tensor *x, mlp_Tensor **out) {
  char got[MLPI_SHAPE_TEXT];
  *out = NULL;
  if (x->a.ndim != 3)
    return mlpi_error(l->rt, MLP_ESHAPE,
                      "%s: expected an input of shape (rows, steps, features), "
                      "got %s",
                      l->o->kind->name,
                      mlpi_shape_text(x->a.ndim, x->a.shape, got));
  mlpi_Formula f = mlpi_formula(x);
  const bool keepdims = l->o->value[0].number != 0;
  return mlpi_formula_end(&f, mlpi_over(&f, op, x, 1, keepdims), out);
}

#endif
