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

/* What follows from shapes and attributes. */
typedef struct Ready {
  mlpi_Product out, kernel, input; /* forward; dL/dkernel, dL/dx */
  const mlp_Activation *f;         /* NULL: none, or nothing to apply it to */
  double opt[MLP_OPTIONS_MAX];     /* the presets */
  size_t count;                    /* of results */
  size_t pack_bias;                /* REALs of scratch for a bias with gaps */
} Ready;

static size_t align (size_t n) { return (n + 15) / 16 * 16; }

static void prepare (const mlpi_Call *c, void *ready) {
  const mlpi_Array *x = &c->in[X], *w = &c->in[KERNEL];
  const size_t m = c->out.shape[0], n = c->out.shape[1], k = x->shape[1];
  const ptrdiff_t step = (ptrdiff_t)n;
  const bool biased = c->n_in > BIAS;
  Ready *r = ready;
  r->out = mlpi_product(m, n, k, x->stride[0], x->stride[1], w->stride[0],
                        w->stride[1], step, biased);
  r->kernel =
      mlpi_product(k, n, m, x->stride[1], x->stride[0], step, 1, step, false);
  r->input = mlpi_product(m, k, n, step, 1, w->stride[1], w->stride[0],
                          (ptrdiff_t)k, false);
  r->count = mlpi_count(&c->out);
  r->f = r->count > 0 ? c->attrs.kind : NULL;
  if (r->f != NULL) mlpi_activation_options(c->attrs.kind, NULL, r->opt);
  r->pack_bias = biased && n > 1 && c->in[BIAS].stride[0] != 1 ? align(n) : 0;
}

/* A part of the rows of out, or of g and gz. */
typedef struct Pass {
  const mlp_Activation *f;
  const double *opt;
  REAL *y;
  const REAL *g;
  REAL *gz; /* NULL: forward */
  size_t n;
} Pass;

enum { TILE = 16384 };

static void run_part (const Pass *p, size_t at, size_t n) {
  if (p->gz == NULL)
    p->f->forward(p->opt, n, 1, p->y + at, p->y + at);
  else
    p->f->backward(p->opt, n, 1, NULL, p->y + at, p->g + at, p->gz + at);
}

static void run_tile (void *ud, size_t tile) {
  const Pass *p = ud;
  const size_t at = tile * TILE, left = p->n - at;
  run_part(p, at, left < TILE ? left : TILE);
}

/* The activation of the results, elementwise: forward in place, or backward
** from g to gz. */
static void activate (const mlpi_Call *c, const Ready *r, const REAL *g,
                      REAL *gz) {
  double now[MLP_OPTIONS_MAX]; /* an object's options may be set at any time */
  Pass p = { r->f, r->opt, c->out.data, g, gz, r->count };
  if (c->attrs.object != NULL) {
    mlpi_activation_options(c->attrs.kind, c->attrs.object, now);
    p.opt = now;
  }
  if (p.n < 4 * TILE)
    run_part(&p, 0, p.n);
  else
    mlpi_parallel(c->rt, (p.n + TILE - 1) / TILE, run_tile, &p);
}

static void forward (const mlpi_Call *c) {
  Ready room;
  const Ready *r = mlpi_ready(c, &room);
  const REAL *bias = c->n_in > BIAS ? c->in[BIAS].data : NULL;
  if (r->pack_bias > 0) bias = mlpi_pack(&c->in[BIAS], 0, c->scratch);
  mlpi_multiply(c->rt, &r->out, c->in[X].data, c->in[KERNEL].data, bias,
                c->out.data, (REAL *)c->scratch + r->pack_bias);
  if (r->f != NULL) activate(c, r, NULL, NULL);
}

static void backward (const mlpi_Call *c, const mlpi_Array *g,
                      mlpi_Array *gin) {
  Ready room;
  const Ready *r = mlpi_ready(c, &room);
  const REAL *gz = g->data;
  REAL *rest = c->scratch;
  if (r->f != NULL) {
    activate(c, r, gz, rest);
    gz = rest;
    rest += align(r->count);
  }
  if (c->n_in > BIAS && gin[BIAS].data != NULL)
    mlpi_sum_rows(c->rt, c->out.shape[0], c->out.shape[1], gz,
                  (ptrdiff_t)c->out.shape[1], gin[BIAS].data);
  if (gin[KERNEL].data != NULL)
    mlpi_multiply(c->rt, &r->kernel, c->in[X].data, gz, NULL, gin[KERNEL].data,
                  rest);
  if (gin[X].data != NULL)
    mlpi_multiply(c->rt, &r->input, gz, c->in[KERNEL].data, NULL, gin[X].data,
                  rest);
}

static size_t scratch (const mlpi_Call *c) {
  Ready r;
  prepare(c, &r);
  size_t most = r.out.scratch;
  if (r.kernel.scratch > most) most = r.kernel.scratch;
  if (r.input.scratch > most) most = r.input.scratch;
  return most + (align(r.count) + align(c->out.shape[1])) * sizeof(REAL);
}

/*
** Several models abreast.
*/

/* What of c and a gradient gz of its result the products are made of. */
static void out_abreast (const mlpi_Call *c) {
  const mlpi_Array *x = &c->in[X], *w = &c->in[KERNEL];
  const bool biased = c->n_in > BIAS;
  const mlpi_AbreastProduct p = {
    c->out.shape[0], c->out.shape[1],
    x->shape[1],     x->stride[0],
    x->stride[1],    w->stride[0],
    w->stride[1],    biased ? c->in[BIAS].stride[0] : 0
  };
  mlpi_abreast_multiply(&p, x->data, w->data, biased ? c->in[BIAS].data : NULL,
                        c->out.data);
}

static void kernel_abreast (const mlpi_Call *c, const REAL *gz, REAL *to) {
  const mlpi_Array *x = &c->in[X], *y = &c->out;
  const mlpi_AbreastProduct p = { x->shape[1],  y->shape[1],
                                  y->shape[0],  x->stride[1],
                                  x->stride[0], y->stride[0],
                                  y->stride[1], 0 };
  mlpi_abreast_multiply(&p, x->data, gz, NULL, to);
}

static void input_abreast (const mlpi_Call *c, const REAL *gz, REAL *to) {
  const mlpi_Array *w = &c->in[KERNEL], *y = &c->out;
  const mlpi_AbreastProduct p = { y->shape[0],  w->shape[0],
                                  y->shape[1],  y->stride[0],
                                  y->stride[1], w->stride[1],
                                  w->stride[0], 0 };
  mlpi_abreast_multiply(&p, gz, w->data, NULL, to);
}

static void forward_abreast (const mlpi_Call *c) {
  const Ready *r = c->ready;
  out_abreast(c);
  if (r->f != NULL) activate(c, r, NULL, NULL);
}

static void backward_abreast (const mlpi_Call *c, const mlpi_Array *g,
                              mlpi_Array *gin) {
  const Ready *r = c->ready;
  const size_t row = c->out.shape[1] * MLPI_ABREAST;
  const REAL *gz = g->data;
  if (r->f != NULL) {
    activate(c, r, gz, c->scratch);
    gz = c->scratch;
  }
  if (c->n_in > BIAS && gin[BIAS].data != NULL)
    mlpi_sum_rows(c->rt, c->out.shape[0], row, gz, (ptrdiff_t)row,
                  gin[BIAS].data);
  if (gin[KERNEL].data != NULL) kernel_abreast(c, gz, gin[KERNEL].data);
  if (gin[X].data != NULL) input_abreast(c, gz, gin[X].data);
}

static size_t scratch_abreast (const mlpi_Call *c) {
  return mlpi_count(&c->out) * sizeof(REAL);
}

static const mlpi_Op abreast = {
  .name = "dense",
  .flags_for = flags_for,
  .scratch = scratch_abreast,
  .prepare = prepare,
  .ready_size = sizeof(Ready),
  .forward = forward_abreast,
  .backward = backward_abreast,
};

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
  .prepare = prepare,
  .ready_size = sizeof(Ready),
  .forward = forward,
  .backward = backward,
  .abreast = &abreast,
  .sample = sample,
};
