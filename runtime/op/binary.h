/*
** binary.h - template of an elementwise operator with two inputs, which
** broadcast. The file that includes it has defined the macros
**   F(a, b)      the function
**   GA(g, a, b)  dL/da from g = dL/d(out)
**   GB(g, a, b)  dL/db
** and ends with 'const mlpi_Op mlp_op_<name> = { BINARY("name", "doc"), ...}'.
** With NEVER_READ defined GA and GB use g alone; with ADDITION defined they are
** g itself. With SAME_SHAPE defined the inputs do not broadcast.
*/
#include "op/reduce.h"

/* One loop for each way in which the inputs may lie. */
#define LOOP(SA, SB)                                                           \
  MLPI_IVDEP                                                                   \
  for (ptrdiff_t i = 0; i < (ptrdiff_t)n; i++) ONE(a[i * SA], b[i * SB])
#define LOOPS                                                                  \
  if (sa == 1 && sb == 1)                                                      \
    LOOP(1, 1);                                                                \
  else if (sa == 1 && sb == 0)                                                 \
    LOOP(1, 0);                                                                \
  else if (sa == 0 && sb == 1)                                                 \
    LOOP(0, 1);                                                                \
  else                                                                         \
    LOOP(sa, sb)

static void forward_row (const void *ud, size_t n, char *const *at,
                         const ptrdiff_t *stride) {
  REAL *y = (REAL *)at[0];
  const REAL *a = (const REAL *)at[1], *b = (const REAL *)at[2];
  const ptrdiff_t sa = stride[1], sb = stride[2];
  (void)ud;
#define ONE(A, B) y[i] = F(A, B)
  LOOPS;
#undef ONE
}

/* (rows, n) and (n): a bias. Small ones need no walk over axes. */
static bool is_bias (const mlpi_Call *c) {
  const mlpi_Array *a = &c->in[0], *b = &c->in[1];
  return a->ndim == 2 && b->ndim == 1 && a->stride[1] == 1 &&
         b->stride[0] == 1 && a->shape[1] == b->shape[0] &&
         a->shape[0] * a->shape[1] < 4096;
}

static void forward_bias (const mlpi_Call *c) {
  const ptrdiff_t n = (ptrdiff_t)c->in[1].shape[0], rs = c->in[0].stride[0];
  const REAL *a = c->in[0].data, *b = c->in[1].data;
  REAL *y = c->out.data;
  for (size_t r = 0; r < c->out.shape[0]; r++, a += rs, y += n) {
    MLPI_IVDEP
    for (ptrdiff_t i = 0; i < n; i++) y[i] = F(a[i], b[i]);
  }
}

/* How the inputs lie; of how many results. */
typedef struct Ready {
  enum { FLAT, WITH_BIAS, WALK } way;
  size_t n;
} Ready;

static void prepare (const mlpi_Call *c, void *ready) {
  Ready *r = ready;
  r->way = mlpi_is_flat(c) ? FLAT : is_bias(c) ? WITH_BIAS : WALK;
  r->n = mlpi_count(&c->out);
}

static void forward (const mlpi_Call *c) {
  Ready room;
  const Ready *r = mlpi_ready(c, &room);
  if (r->way == FLAT) {
    char *at[] = { c->out.data, c->in[0].data, c->in[1].data };
    forward_row(NULL, r->n, at, mlpi_unit_strides);
    return;
  }
  if (r->way == WITH_BIAS) {
    forward_bias(c);
    return;
  }
  mlpi_Array a = mlpi_broadcast_to(&c->in[0], &c->out);
  mlpi_Array b = mlpi_broadcast_to(&c->in[1], &c->out);
  const mlpi_Array *arrays[] = { &c->out, &a, &b };
  mlpi_walk(c->rt, 3, arrays, forward_row, NULL);
}

#if defined(ADDITION)
static void backward (const mlpi_Call *c, const mlpi_Array *g,
                      mlpi_Array *gin) {
  for (int i = 0; i < 2; i++)
    if (gin[i].data != NULL) mlpi_sum_to(c->rt, g, &gin[i], c->scratch);
}

static size_t scratch (const mlpi_Call *c) {
  size_t a = mlpi_sum_to_scratch(&c->out, &c->in[0]);
  size_t b = mlpi_sum_to_scratch(&c->out, &c->in[1]);
  return a > b ? a : b;
}

#else
static void backward_a (const void *ud, size_t n, char *const *at,
                        const ptrdiff_t *stride) {
  REAL *y = (REAL *)at[0];
  const REAL *g = (const REAL *)at[1];
  const REAL *a = (const REAL *)at[2], *b = (const REAL *)at[3];
  const ptrdiff_t sa = stride[2], sb = stride[3];
  (void)ud, (void)a, (void)b; /* not every derivative reads them */
#define ONE(A, B) y[i] = GA(g[i], A, B)
  LOOPS;
#undef ONE
}

static void backward_b (const void *ud, size_t n, char *const *at,
                        const ptrdiff_t *stride) {
  REAL *y = (REAL *)at[0];
  const REAL *g = (const REAL *)at[1];
  const REAL *a = (const REAL *)at[2], *b = (const REAL *)at[3];
  const ptrdiff_t sa = stride[2], sb = stride[3];
  (void)ud, (void)a, (void)b; /* not every derivative reads them */
#define ONE(A, B) y[i] = GB(g[i], A, B)
  LOOPS;
#undef ONE
}

/* The gradient of one input: at full size first, then summed over what was
** broadcast. */
static void input_gradient (const mlpi_Call *c, const Ready *r,
                            const mlpi_Array *g, mlpi_Array *gin,
                            mlpi_Row row) {
  if (r->way == FLAT) {
    char *at[] = { gin->data, g->data, c->in[0].data, c->in[1].data };
    row(NULL, r->n, at, mlpi_unit_strides);
    return;
  }
  mlpi_Array a = mlpi_broadcast_to(&c->in[0], &c->out);
  mlpi_Array b = mlpi_broadcast_to(&c->in[1], &c->out);
  mlpi_Array full = *g;
  bool same = mlpi_same_shape(gin, g);
  full.data = same ? gin->data : c->scratch;
  const mlpi_Array *arrays[] = { &full, g, &a, &b };
  mlpi_walk(c->rt, 4, arrays, row, NULL);
  if (!same)
    mlpi_sum_to(c->rt, &full, gin,
                (REAL *)c->scratch + mlpi_count(&full) / 16 * 16 + 16);
}

static void backward (const mlpi_Call *c, const mlpi_Array *g,
                      mlpi_Array *gin) {
  Ready room;
  const Ready *r = mlpi_ready(c, &room);
  if (gin[0].data != NULL) input_gradient(c, r, g, &gin[0], backward_a);
  if (gin[1].data != NULL) input_gradient(c, r, g, &gin[1], backward_b);
}

static size_t scratch (const mlpi_Call *c) {
  size_t n = 0, full = (mlpi_count(&c->out) + 16) * sizeof(REAL);
  for (int i = 0; i < 2; i++) {
    if (mlpi_same_shape(&c->in[i], &c->out)) continue;
    size_t more = full + mlpi_sum_to_scratch(&c->out, &c->in[i]);
    if (more > n) n = more;
  }
  return n;
}
#endif

#if defined(NEVER_READ) || defined(ADDITION)
#define READS 0
#else
#define READS MLPI_OP_NEEDS_IN
#endif
#if defined(SAME_SHAPE)
#define SHAPE mlpi_equal_shape
#else
#define SHAPE mlpi_broadcast_shape
#endif

#define BINARY(NAME, DOC)                                                      \
  .name = NAME, .doc = DOC, .min_in = 2, .max_in = 2,                          \
  .flags = MLPI_OP_ABREAST | MLPI_OP_INPLACE | READS, .inputs = "a b",         \
  .shape = SHAPE, .scratch = scratch, .prepare = prepare,                      \
  .ready_size = sizeof(Ready), .forward = forward, .backward = backward
