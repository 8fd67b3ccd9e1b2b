/*
** regularizer.h - level 4: a cost on weights or outputs, added to the loss.
** A file <name>.c defines one 'const mlp_Regularizer mlp_regularizer_<name>'.
*/
#ifndef regularizer_h
#define regularizer_h

#include "graph/formula.h"

typedef struct mlp_Regularizer {
  MLP_KIND;
  /* The penalty of w as a 0-dimensional tensor, composed of ops. */
  mlp_Status (*penalty)(const mlp_Object *o, mlp_Tensor *w, mlp_Tensor **out);
} mlp_Regularizer;

/* factor * sum(op(w)): what most of them are. */
mlp_Status mlpi_scaled_sum (mlp_Tensor *w, const char *op, double factor,
                            mlp_Tensor **out);

#endif
