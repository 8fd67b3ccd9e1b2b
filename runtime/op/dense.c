/*
** dense.c - activation(x kernel + bias) in one pass: the same roundings as
** matmul, add and activate one after the other. The layer Dense is this where
** its activation keeps no input for its gradient.
*/
#include "op/activate.h"
#include "tensor/kernel/kernel.h"

enum { X, KERNEL, BIAS }; /* inputs; the last may be missing */

static mlp_Status unfit (mlpi_Call *c) {
  char x[MLPI_SHAPE_TEXT], w[MLPI_SHAPE_TEXT];
  return mlpi_error(
      c->rt, MLP_ESHAPE,
      "dense: expected x (rows, n), kernel (n, m) and bias (m), "
      "got x %s, kernel %s",
      mlpi_shape_text(c->in[X].ndim, c->in[X].shape, x),
      mlpi_shape_text(c->in[KERNEL].ndim, c->in[KERNEL].shape, w));
}

static mlp_Status shape (mlpi_Call *c) {
  const mlpi_Array *x = &c->in[X], *w = &c->in[KERNEL];
  mlp_Status s = mlpi_check_real(c, 0);
  if (s != MLP_OK) return s;
  if (x->ndim != 2 || w->ndim != 2 || x->shape[1] != w->shape[0])
    return unfit(c);
  if (c->n_in > BIAS &&
      (c->in[BIAS].ndim != 1 || c->in[BIAS].shape[0] != w->shape[1]))
    return unfit(c);
  size_t out[] = { x->shape[0], w->shape[1] };
  return mlpi_array_init(c->rt, c->op->name, &c->out, x->dtype, 2, out);
}

static unsigned flags_for (const mlpi_Call *c) {
  return MLPI_OP_NEEDS_IN | (c->attrs.kind != NULL ? MLPI_OP_NEEDS_OUT : 0);
}

/* A part of the rows of out, or of g and gz. */
typedef struct Pass {
  const mlpi_Call *c;
  const mlp_Activation *f;
  double opt[MLP_OPTIONS_MAX];
  const REAL *g;
  REAL *gz; /* NULL: forward */
  size_t n, together;
} Pass;

static void run_tile (void *ud, size_t tile) {
  const Pass *p = ud;
  const size_t at = tile * p->together, left = p->n - at;
  const size_t n = left < p->together ? left : p->together;
  REAL *y = (REAL *)p->c->out.data + at;
  if (p->gz == NULL)
    p->f->forward(p->opt, n, 1, y, y);
  else
    p->f->backward(p->opt, n, 1, NULL, y, p->g + at, p->gz + at);
}

/* The activation of so many results, elementwise: forward in place, or backward
** from g to gz. */
static void activate (const mlpi_Call *c, size_t count, const REAL *g,
                      REAL *gz) {
  enum { TILE = 16384 };
  Pass p = { .c = c, .f = c->attrs.kind, .g = g, .gz = gz };
  p.n = count * c->out.shape[0] * c->out.shape[1];
  p.together = p.n < 4 * TILE ? p.n : TILE;
  mlpi_activation_options(c->attrs.kind, c->attrs.object, p.opt);
  if (p.n == p.together)
    run_tile(&p, 0);
  else
    mlpi_parallel(c->rt, (p.n + TILE - 1) / TILE, run_tile, &p);
}

static void forward (const mlpi_Call *c) {
  const mlpi_Array *x = &c->in[X], *w = &c->in[KERNEL];
  const size_t m = c->out.shape[0], n = c->out.shape[1];
  const REAL *bias = NULL;
  REAL *rest = c->scratch;
  if (c->n_in > BIAS) {
    bias = c->in[BIAS].data;
    if (n > 1 && c->in[BIAS].stride[0] != 1) {
      bias = mlpi_pack(&c->in[BIAS], 0, rest);
      rest += (n + 15) / 16 * 16;
    }
  }
  mlpi_gemm_bias(c->rt, m, n, x->shape[1], x->data, x->stride[0], x->stride[1],
                 w->data, w->stride[0], w->stride[1], bias, c->out.data,
                 (ptrdiff_t)n, rest);
  if (c->attrs.kind != NULL && m * n > 0) activate(c, 1, NULL, NULL);
}

static void backward (const mlpi_Call *c, const mlpi_Array *g,
                      mlpi_Array *gin) {
  const mlpi_Array *x = &c->in[X], *w = &c->in[KERNEL];
  const size_t m = c->out.shape[0], n = c->out.shape[1], k = x->shape[1];
  const ptrdiff_t step = (ptrdiff_t)n;
  const REAL *gz = g->data;
  REAL *rest = c->scratch;
  if (c->attrs.kind != NULL && m * n > 0) {
    activate(c, 1, gz, rest);
    gz = rest;
    rest += (m * n + 15) / 16 * 16;
  }
  if (c->n_in > BIAS && gin[BIAS].data != NULL)
    mlpi_sum_rows(c->rt, m, n, gz, step, gin[BIAS].data);
  if (gin[KERNEL].data != NULL)
    mlpi_gemm(c->rt, k, n, m, x->data, x->stride[1], x->stride[0], gz, step, 1,
              gin[KERNEL].data, step, rest);
  if (gin[X].data != NULL)
    mlpi_gemm(c->rt, m, k, n, gz, step, 1, w->data, w->stride[1], w->stride[0],
              gin[X].data, (ptrdiff_t)k, rest);
}

/*
** Several models: products one after another, the activation of all at once.
*/

static ptrdiff_t elements (ptrdiff_t bytes) {
  return bytes / (ptrdiff_t)sizeof(REAL);
}

/* Are results, of size 'bytes', side by side? */
static bool side_by_side (const mlpi_Call *c, ptrdiff_t step) {
  return step == (ptrdiff_t)(mlpi_count(&c->out) * sizeof(REAL));
}

static void forward_each (const mlpi_Call *c, const mlpi_Apart *many) {
  mlpi_Call one = *c;
  mlpi_Array in[] = { c->in[X], c->in[KERNEL], c->in[c->n_in - 1] };
  one.in = in;
  for (size_t i = 0; i < many->n; i++) {
    forward(&one);
    for (int j = 0; j < c->n_in; j++)
      in[j].data = (char *)in[j].data + many->in[j];
    one.out.data = (char *)one.out.data + many->out;
  }
}

static void forward_many (const mlpi_Call *c, const mlpi_Apart *many) {
  const mlpi_Array *x = &c->in[X], *w = &c->in[KERNEL], *b = &c->in[BIAS];
  const size_t m = c->out.shape[0], n = c->out.shape[1];
  const bool biased = c->n_in > BIAS;
  if (!side_by_side(c, many->out) || (biased && n > 1 && b->stride[0] != 1)) {
    forward_each(c, many);
    return;
  }
  const mlpi_Steps by = { .a = elements(many->in[X]),
                          .b = elements(many->in[KERNEL]),
                          .bias = biased ? elements(many->in[BIAS]) : 0,
                          .c = elements(many->out) };
  mlpi_gemm_many(c->rt, many->n, &by, m, n, x->shape[1], x->data, x->stride[0],
                 x->stride[1], w->data, w->stride[0], w->stride[1],
                 biased ? b->data : NULL, c->out.data, (ptrdiff_t)n,
                 c->scratch);
  if (c->attrs.kind != NULL && m * n > 0) activate(c, many->n, NULL, NULL);
}

static void sum_many (const mlpi_Call *c, const mlpi_Apart *many,
                      const REAL *gz, REAL *sum) {
  const size_t m = c->out.shape[0], n = c->out.shape[1];
  for (size_t i = 0; i < many->n; i++) {
    mlpi_sum_rows(c->rt, m, n, gz, (ptrdiff_t)n, sum);
    gz += m * n;
    sum += elements(many->gin[BIAS]);
  }
}

/* g is side by side, as all values of a plan are. */
static void backward_many (const mlpi_Call *c, const mlpi_Apart *many,
                           const mlpi_Array *g, const mlpi_Array *gin) {
  const mlpi_Array *x = &c->in[X], *w = &c->in[KERNEL];
  const size_t m = c->out.shape[0], n = c->out.shape[1], k = x->shape[1];
  const ptrdiff_t step = (ptrdiff_t)n, size = step * (ptrdiff_t)m;
  const REAL *gz = g->data;
  REAL *rest = c->scratch;
  if (c->attrs.kind != NULL && m * n > 0) {
    activate(c, many->n, gz, rest);
    gz = rest;
    rest += (many->n * m * n + 15) / 16 * 16;
  }
  if (c->n_in > BIAS && gin[BIAS].data != NULL)
    sum_many(c, many, gz, gin[BIAS].data);
  const ptrdiff_t x_by = elements(many->in[X]);
  if (gin[KERNEL].data != NULL)
    mlpi_gemm_many(c->rt, many->n,
                   &(mlpi_Steps){ x_by, size, 0, elements(many->gin[KERNEL]) },
                   k, n, m, x->data, x->stride[1], x->stride[0], gz, step, 1,
                   NULL, gin[KERNEL].data, step, rest);
  if (gin[X].data != NULL)
    mlpi_gemm_many(c->rt, many->n,
                   &(mlpi_Steps){ size, elements(many->in[KERNEL]), 0,
                                  elements(many->gin[X]) },
                   m, k, n, gz, step, 1, w->data, w->stride[1], w->stride[0],
                   NULL, gin[X].data, (ptrdiff_t)k, rest);
}

static size_t scratch (const mlpi_Call *c) {
  const mlpi_Array *x = &c->in[X], *w = &c->in[KERNEL];
  const size_t m = c->out.shape[0], n = c->out.shape[1], k = x->shape[1];
  const ptrdiff_t step = (ptrdiff_t)n;
  size_t most = mlpi_gemm_scratch(m, n, k, x->stride[0], x->stride[1],
                                  w->stride[0], w->stride[1]);
  size_t kernel =
      mlpi_gemm_scratch(k, n, m, x->stride[1], x->stride[0], step, 1);
  size_t input =
      mlpi_gemm_scratch(m, k, n, step, 1, w->stride[1], w->stride[0]);
  if (kernel > most) most = kernel;
  if (input > most) most = input;
  return most + ((m * n + 15) / 16 + (n + 15) / 16) * 16 * sizeof(REAL);
}

static void sample (mlpi_OpSample *s, mlp_Dtype dtype) {
  size_t k = mlpi_sample_size(s, 1, 5), n = mlpi_sample_size(s, 1, 5);
  mlpi_sample_input(s, X, dtype, 2);
  mlpi_sample_input(s, KERNEL, dtype, 2);
  mlpi_sample_input(s, BIAS, dtype, 1);
  s->in[X].shape[1] = s->in[KERNEL].shape[0] = k;
  s->in[KERNEL].shape[1] = s->in[BIAS].shape[0] = n;
  s->n_in = mlpi_sample_size(s, 0, 1) == 0 ? 2 : 3;
}

const mlpi_Op mlp_op_dense = {
  .name = "dense",
  .doc = "activation(x kernel + bias): x (rows, n), kernel (n, m), bias (m).",
  .min_in = 2,
  .max_in = 3,
  .flags = MLPI_OP_NEEDS_IN | MLPI_OP_NEEDS_OUT,
  .flags_for = flags_for,
  .inputs = "x kernel bias",
  .shape = shape,
  .scratch = scratch,
  .forward = forward,
  .backward = backward,
  .forward_many = forward_many,
  .backward_many = backward_many,
  .sample = sample,
};
