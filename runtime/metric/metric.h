/*
** metric.h - level 4: how good a model is, summed up over batches.
** A file <name>.c defines one 'const mlp_Metric mlp_metric_<name>', compiled
** per variant.
*/
#ifndef metric_h
#define metric_h

#include "tensor/variant.h"
#include "tensor/kernel/kernel.h"

enum { MLPI_METRIC_STATE = 2 }; /* numbers, unless 'room' says otherwise */

/*
** A batch. p: predictions (rows, width), row-major reals; y: row-major, classes
** (rows) int64 1..K or values (rows, width) of p's type; w: a weight a row
** (rows) of p's type, or NULL, all 1.
*/
typedef struct mlpi_Scored {
  const mlpi_Array *y, *p;
  const void *w;
} mlpi_Scored;

typedef struct mlp_Metric {
  MLP_KIND;
  bool larger_is_better;
  /* How many numbers the state has, for outputs of that width; or NULL. */
  size_t (*room)(const mlp_Object *o, size_t width);
  /* Add a batch to the sums in 'state' (zero at first). */
  void (*update)(const mlp_Object *o, const mlpi_Scored *s, double *state);
  /* In place of update, for metrics written outside: composed of ops and traced
  ** with the model; one number a row, or one for the batch. Its mean over rows
  ** is in the state, a sum and a count. */
  mlp_Status (*apply)(const mlp_Object *o, mlp_Tensor *y, mlp_Tensor *p,
                      mlp_Tensor **out);
  double (*result)(const mlp_Object *o, size_t width, const double *state);
} mlp_Metric;

/* part / whole; 0 / 0 is 0. */
static inline double mlpi_share (double part, double whole) {
  return whole == 0 ? 0 : part / whole;
}

static inline size_t mlpi_rows (const mlpi_Array *p) { return p->shape[0]; }
static inline size_t mlpi_width (const mlpi_Array *p) {
  return p->shape[0] == 0 ? 1 : mlpi_count(p) / p->shape[0];
}

static inline double mlpi_weight (const mlpi_Scored *s, size_t i) {
  return s->w == NULL ? 1 : (double)((const REAL *)s->w)[i];
}

/* The target of row i, column j as a number: of classes, 0 or 1 (one column
** means "is it the second class", several "is it class j + 1"). */
static inline double mlpi_target (const mlpi_Array *y, size_t width, size_t i,
                                  size_t j) {
  if (y->dtype != MLP_INT64) return ((const REAL *)y->data)[i * width + j];
  int64_t c = ((const int64_t *)y->data)[i];
  return width == 1 ? (double)(c - 1) : (double)(c == (int64_t)j + 1);
}

#endif
