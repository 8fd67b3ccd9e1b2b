/*
** orthogonal.c - random directions at right angles.
*/
#include "initializer/initializer.h"

#include <math.h>

enum { GAIN }; /* order of '.options' below */

/* Take from v what lies along the k vectors before it, twice: once leaves
** rounding behind (Giraud, Langou & Rozloznik 2005). */
static void reject (double *v, const double *basis, size_t k, size_t n) {
  for (size_t j = 0; j < 2 * k; j++) {
    const double *u = basis + j % k * n;
    double along = 0;
    for (size_t i = 0; i < n; i++) along += u[i] * v[i];
    for (size_t i = 0; i < n; i++) v[i] -= along * u[i];
  }
}

static void to_unit (double *v, size_t n) {
  double sum = 0;
  for (size_t i = 0; i < n; i++) sum += v[i] * v[i];
  for (size_t i = 0; i < n; i++) v[i] /= sqrt(sum);
}

/* Gram & Schmidt on 'few' vectors of length 'many'. */
static mlp_Status fill (const mlp_Object *o, const mlpi_Stream *s,
                        const mlpi_Array *w) {
  size_t cols = w->ndim == 0 ? 1 : w->shape[w->ndim - 1], n = mlpi_count(w);
  size_t rows = cols == 0 ? 0 : n / cols;
  size_t few = rows < cols ? rows : cols, many = rows < cols ? cols : rows;
  double *q = mlpi_alloc(o->rt, n * sizeof *q);
  if (q == NULL) return MLP_ENOMEM;
  for (size_t i = 0; i < n; i++) q[i] = mlpi_normal(s, i);
  for (size_t k = 0; k < few; k++) {
    reject(q + k * many, q, k, many);
    to_unit(q + k * many, many);
  }
  for (size_t i = 0; i < n; i++) {
    size_t row = i / cols, col = i % cols;
    double v = rows < cols ? q[row * many + col] : q[col * many + row];
    mlpi_set(w, i, o->value[GAIN].number * v);
  }
  mlpi_free(o->rt, q, n * sizeof *q);
  return MLP_OK;
}

const mlp_Initializer mlp_initializer_orthogonal = {
  .name = "orthogonal",
  .doc = "Rows or columns, whichever are fewer, at right angles and of norm "
         "gain: Q of the QR decomposition of random normal numbers, with a "
         "positive diagonal of R.",
  .cite = "Saxe, McClelland & Ganguli 2014, arXiv:1312.6120",
  .options = {
    { "gain", 1, -1e30, 1e30, "factor" },
  },
  .fill = fill,
};
