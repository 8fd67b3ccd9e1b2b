/*
** formula.h - level 3: expressions over tensors, written as they read. Each
** line of a formula applies an op; what it makes belongs to the formula until
** the end. After a failure all further terms are NULL, so that one look at
** the status, by mlpi_formula_end, is enough.
*/
#ifndef formula_h
#define formula_h

#include "graph/graph.h"

enum { MLPI_TERMS = 32 };

typedef struct mlpi_Formula {
  mlp_Runtime *rt;
  mlp_Dtype dtype; /* of its constants */
  mlp_Status status;
  int n;
  mlp_Tensor *term[MLPI_TERMS]; /* owned */
} mlpi_Formula;

/* An empty formula, whose constants are of t's type. */
mlpi_Formula mlpi_formula (const mlp_Tensor *t);

/* op(a), op(a, b), op(a, number), op(number, a). */
mlp_Tensor *mlpi_of (mlpi_Formula *f, const char *op, mlp_Tensor *a);
mlp_Tensor *mlpi_of2 (mlpi_Formula *f, const char *op, mlp_Tensor *a,
                      mlp_Tensor *b);
mlp_Tensor *mlpi_of_number (mlpi_Formula *f, const char *op, mlp_Tensor *a,
                            double number);
mlp_Tensor *mlpi_number_of (mlpi_Formula *f, const char *op, double number,
                            mlp_Tensor *a);

/* op with attributes, of n tensors. */
mlp_Tensor *mlpi_of_all (mlpi_Formula *f, const char *op,
                         const mlpi_Attrs *attrs, int n, mlp_Tensor *const *a);

/* A reduction over one axis, which is kept with size 1 or goes. */
mlp_Tensor *mlpi_over (mlpi_Formula *f, const char *op, mlp_Tensor *a,
                       int64_t axis, bool keep);

/* a between two bounds; a to a power. */
mlp_Tensor *mlpi_clamped (mlpi_Formula *f, mlp_Tensor *a, double low,
                          double high);
mlp_Tensor *mlpi_power_of (mlpi_Formula *f, mlp_Tensor *a, double exponent);

/* Release all terms; *out = the result, retained, or NULL after a failure. */
mlp_Status mlpi_formula_end (mlpi_Formula *f, mlp_Tensor *result,
                             mlp_Tensor **out);

#endif
