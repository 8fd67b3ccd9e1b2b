/*
** constraint.h - level 4: where weights must stay. After each step of the
** optimizer they are brought back.
** A file <name>.c defines one 'const mlp_Constraint mlp_constraint_<name>',
** compiled per variant.
*/
#ifndef constraint_h
#define constraint_h

#include "tensor/variant.h"
#include "tensor/kernel/kernel.h"

typedef struct mlp_Constraint {
  MLP_KIND;
  /* Project w (rows, cols), row-major, in place. A column holds what goes into
  ** one unit; a bias is one column. */
  void (*project)(const mlp_Object *o, size_t rows, size_t cols, void *w);
} mlp_Constraint;

enum { MLPI_COLUMNS = 64 }; /* columns that are scaled together */

/*
** Multiply each column of w by factor(norm), norm being its Euclidean norm:
** squares are added in ascending order of rows.
*/
static inline void
mlpi_scale_columns (const mlp_Object *o, size_t rows, size_t cols, REAL *w,
                    REAL (*factor)(const mlp_Object *o, REAL norm)) {
  for (size_t from = 0; from < cols; from += MLPI_COLUMNS) {
    size_t n = cols - from < MLPI_COLUMNS ? cols - from : MLPI_COLUMNS;
    REAL sum[MLPI_COLUMNS] = { 0 };
    for (size_t i = 0; i < rows; i++)
      for (size_t j = 0; j < n; j++)
        sum[j] += w[i * cols + from + j] * w[i * cols + from + j];
    for (size_t j = 0; j < n; j++) sum[j] = factor(o, SQRT(sum[j]));
    for (size_t i = 0; i < rows; i++)
      for (size_t j = 0; j < n; j++) w[i * cols + from + j] *= sum[j];
  }
}

#define MLPI_NORM_EPSILON R(1e-7) /* as Keras: keeps the division finite */

#endif
