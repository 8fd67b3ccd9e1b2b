/*
** triangular_solve.c - x with T x = b for a triangular T, lower or (attrs.flag)
** upper; with attrs.number[0], T^T x = b. Only that triangle of T is read.
*/
#include "op/linear.h"

static unsigned how (const mlpi_Call *c) {
  return (c->attrs.flag ? MLPI_UPPER : 0) |
         (c->attrs.number[0] != 0 ? MLPI_TRANSPOSED : 0);
}

static void forward (const mlpi_Call *c) {
  size_t n = square_order(c), m = systems_columns(c);
  const REAL *t = linear_input(c, 0), *b = linear_input(c, 1);
  REAL *x = c->out.data;
  Verdict *v = c->scratch;
  v->matrix = 0;
  memcpy(x, b, mlpi_count(&c->out) * sizeof *x);
  for (size_t i = 0; i < square_count(c); i++, t += n * n, x += n * m) {
    for (size_t k = 0; k < n && v->matrix == 0; k++)
      if (t[k * (n + 1)] == 0) *v = (Verdict){ i + 1, k + 1 };
    mlpi_triangular(c->rt, n, m, t, how(c), x);
  }
}

static mlp_Status verify (const mlpi_Call *c) { return linear_nonsingular(c); }

static void keep_triangle (size_t n, bool upper, REAL *x) {
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < n; j++)
      if (upper ? j < i : j > i) x[i * n + j] = 0;
}

/* db = T^-T g; dT = -db x^T, or -x db^T where T was transposed. */
static void backward (const mlpi_Call *c, const mlpi_Array *g,
                      mlpi_Array *gin) {
  size_t n = square_order(c), m = systems_columns(c);
  const REAL *t = linear_input(c, 0), *x = c->out.data;
  REAL *gb = linear_work(c), *gt = gin[0].data;
  void *rest = (char *)gb + index_align(n * m * sizeof *gb);
  bool turned = (how(c) & MLPI_TRANSPOSED) != 0;
  for (size_t i = 0; i < square_count(c); i++, t += n * n, x += n * m) {
    memcpy(gb, (const REAL *)g->data + i * n * m, n * m * sizeof *gb);
    mlpi_triangular(c->rt, n, m, t, how(c) ^ MLPI_TRANSPOSED, gb);
    if (gin[1].data != NULL)
      memcpy((REAL *)gin[1].data + i * n * m, gb, n * m * sizeof *gb);
    if (gt == NULL) continue;
    linear_outer(c->rt, n, m, turned ? x : gb, turned ? gb : x, gt + i * n * n,
                 rest);
    keep_triangle(n, c->attrs.flag, gt + i * n * n);
  }
}

static size_t scratch (const mlpi_Call *c) {
  size_t n = square_order(c), m = systems_columns(c);
  return linear_scratch(
      c, 0, index_align(n * m * sizeof(REAL)) + linear_gemm_scratch(n, m));
}

static void sample (mlpi_OpSample *s, mlp_Dtype dtype) {
  linear_sample_systems(s, dtype);
  s->attrs.flag = mlpi_sample_size(s, 0, 1) == 1;
  s->attrs.number[0] = (double)mlpi_sample_size(s, 0, 1);
}

const mlpi_Op mlp_op_triangular_solve = {
  .name = "triangular_solve",
  .doc = "The x of T x = b for a triangular T.",
  .cite = "Golub & Van Loan 2013, section 3.1",
  .min_in = 2,
  .max_in = 2,
  .flags = MLPI_OP_NEEDS_IN | MLPI_OP_NEEDS_OUT,
  .inputs = "t b",
  .shape = systems_check,
  .scratch = scratch,
  .forward = forward,
  .verify = verify,
  .backward = backward,
  .sample = sample,
};
