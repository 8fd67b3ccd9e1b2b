/*
** cholesky.c - L with a = L L^T, for the symmetric part (a + a^T) / 2 of a.
** The gradient: Murray 2016, arXiv:1602.07527, equations 8 to 10.
*/
#include "op/linear.h"

static mlp_Status shape (mlpi_Call *c) {
  mlp_Status s = square_check(c);
  return s != MLP_OK ? s : mlpi_same_as_input(c);
}

/* out of symmetry by more than rounding is a mistake of the caller's. */
static mlp_Status uneven (mlpi_Call *c, size_t i, size_t j) {
  return mlpi_error(c->rt, MLP_EARG,
                    "cholesky: expected a symmetric matrix, got one whose "
                    "elements (%zu, %zu) and (%zu, %zu) differ; use (a + "
                    "a:t()) / 2",
                    j + 1, i + 1, i + 1, j + 1);
}

static mlp_Status check (mlpi_Call *c) {
  size_t n = square_order(c), all = mlpi_count(&c->in[0]);
  for (size_t k = 0; k < all; k++) {
    size_t base = k / (n * n) * n * n, i = k / n % n, j = k % n;
    if (j >= i) continue;
    double x = mlpi_get(&c->in[0], k),
           y = mlpi_get(&c->in[0], base + j * n + i);
    double size = fabs(x) > fabs(y) ? fabs(x) : fabs(y);
    if (fabs(x - y) > 1e-3 * size + 1e-6) return uneven(c, i, j);
  }
  return MLP_OK;
}

/* The symmetric part. */
static void even (size_t n, const REAL *a, REAL *to) {
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < n; j++)
      to[i * n + j] = R(0.5) * a[i * n + j] + R(0.5) * a[j * n + i];
}

static void forward (const mlpi_Call *c) {
  size_t n = square_order(c);
  const REAL *a = linear_input(c, 0);
  REAL *l = c->out.data;
  Verdict *v = c->scratch;
  v->matrix = 0;
  for (size_t i = 0; i < square_count(c); i++, a += n * n, l += n * n) {
    even(n, a, l);
    size_t order = mlpi_cholesky(c->rt, n, l);
    if (order != 0 && v->matrix == 0) *v = (Verdict){ i + 1, order };
  }
}

static mlp_Status verify (const mlpi_Call *c) {
  char which[48];
  const Verdict *v = c->scratch;
  if (v->matrix == 0) return MLP_OK;
  mlp_Status s = linear_finite(c);
  if (s != MLP_OK) return s;
  return mlpi_error(c->rt, MLP_ENUMERIC,
                    "cholesky: expected a positive definite matrix, got one%s "
                    "whose leading minor of order %zu is not positive; a small "
                    "number added to the diagonal may help",
                    linear_which(c, which), v->order);
}

/* The lower triangle with half the diagonal. */
static void half_lower (size_t n, REAL *p) {
  for (size_t i = 0; i < n; i++) {
    p[i * (n + 1)] *= R(0.5);
    for (size_t j = i + 1; j < n; j++) p[i * n + j] = 0;
  }
}

static void lower_of (size_t n, const REAL *g, REAL *to) {
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < n; j++) to[i * n + j] = j <= i ? g[i * n + j] : 0;
}

static void turn (size_t n, const REAL *from, REAL *to) {
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < n; j++) to[i * n + j] = from[j * n + i];
}

/* S = L^-T P L^-1, P = half_lower(L^T G); the symmetric part of S. */
static void backward (const mlpi_Call *c, const mlpi_Array *g,
                      mlpi_Array *gin) {
  size_t n = square_order(c);
  ptrdiff_t rs = (ptrdiff_t)n;
  REAL *p = linear_work(c), *q = p + n * n;
  void *rest = (char *)p + index_align(2 * n * n * sizeof *p);
  for (size_t i = 0; i < square_count(c); i++) {
    const REAL *l = (const REAL *)c->out.data + i * n * n;
    lower_of(n, (const REAL *)g->data + i * n * n, q);
    mlpi_gemm(c->rt, n, n, n, l, 1, rs, q, rs, 1, p, rs, rest);
    half_lower(n, p);
    mlpi_triangular(c->rt, n, n, l, MLPI_TRANSPOSED, p);
    turn(n, p, q);
    mlpi_triangular(c->rt, n, n, l, MLPI_TRANSPOSED, q);
    even(n, q, (REAL *)gin[0].data + i * n * n);
  }
}

static size_t scratch (const mlpi_Call *c) {
  size_t n = square_order(c);
  return linear_scratch(c, 2, linear_gemm_scratch(n, n));
}

const mlpi_Op mlp_op_cholesky = {
  .name = "cholesky",
  .doc = "The lower triangular L of a symmetric positive definite a = L L^T.",
  .cite = "Golub & Van Loan 2013, algorithm 4.2.1; Murray 2016, "
          "arXiv:1602.07527",
  .min_in = 1,
  .max_in = 1,
  .flags = MLPI_OP_NEEDS_OUT,
  .inputs = "a",
  .shape = shape,
  .check = check,
  .scratch = scratch,
  .forward = forward,
  .verify = verify,
  .backward = backward,
  .sample = linear_sample,
};
