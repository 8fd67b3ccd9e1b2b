/*
** fold.h - template of a reduction over axes (attrs.axis, none: all) that is
** not a sum. The file that includes it has defined
**   static RESULT fold (size_t n, const REAL *x, REAL *tmp)
** of n elements in row-major order of the axes, with room for n more in tmp;
** RESULT is REAL, or something else that has no gradient (define RESULT and
** RESULT_DTYPE; ELEMENT uint8_t where x is a mask); and for REAL
**   static void unfold (size_t n, const REAL *x, REAL y, REAL g, REAL *gx)
** gx = dL/dx from y and g = dL/dy. With PARAMS defined both have a last
** argument 'const double *number'. With NOT_EMPTY defined a fold of nothing
** is refused.
** It ends with 'const mlpi_Op mlp_op_<name> = { FOLD("name", "doc"), ... }'.
*/
#include "op/op.h"
#include "tensor/kernel/kernel.h"

#if defined(PARAMS)
#define NUMBER , k->c->attrs.number
#else
#define NUMBER
#endif
#if defined(RESULT_DTYPE)
#define OUT_DTYPE RESULT_DTYPE
#define BACKWARD  NULL
#else
#define RESULT    REAL
#define OUT_DTYPE MLPI_DTYPE
#define BACKWARD  backward
#endif

#if defined(ELEMENT)
#define CHECK_INPUT mlpi_check_dtype(c, 0, MLP_UINT8)
#define SAMPLE      sample

static void sample (mlpi_OpSample *s, mlp_Dtype dtype) {
  mlpi_sample_axes(s, dtype);
  s->in[0].dtype = MLP_UINT8;
}
#else
#define ELEMENT     REAL
#define CHECK_INPUT mlpi_check_real(c, 0)
#define SAMPLE      mlpi_sample_axes
#endif

static mlp_Status shape (mlpi_Call *c) {
  mlp_Status s = CHECK_INPUT;
  if (s == MLP_OK) s = mlpi_reduced_shape(c, OUT_DTYPE);
#if defined(NOT_EMPTY)
  char text[MLPI_SHAPE_TEXT];
  if (s == MLP_OK && mlpi_reduced_count(c) == 0)
    return mlpi_error(
        c->rt, MLP_EARG, "%s: expected at least one element, got shape %s",
        c->op->name, mlpi_shape_text(c->in[0].ndim, c->in[0].shape, text));
#endif
  return s;
}

/* Scratch: the packed input, room for tmp, room for a packed gradient. */
static size_t part (const mlpi_Call *c) {
  return (mlpi_count(&c->in[0]) * sizeof(REAL) + 63) / 64 * 64;
}

static size_t scratch (const mlpi_Call *c) { return 3 * part(c); }

typedef struct Folds {
  const mlpi_Call *c;
  size_t n, count, together;
  const ELEMENT *x;
  ELEMENT *tmp;
  const REAL *g;
  REAL *gx;
} Folds;

static Folds folds_of (const mlpi_Call *c) {
  Folds k = { .c = c, .n = mlpi_reduced_count(c) };
  k.count = mlpi_count(&c->out);
  k.x = mlpi_pack(&c->in[0], mlpi_reduced_mask(c), c->scratch);
  k.tmp = (ELEMENT *)((char *)c->scratch + part(c));
  return k;
}

static void run (Folds *k, mlpi_Tile tile) {
  enum { TILE = 16384 };
  k->together = k->n < TILE ? TILE / (k->n + 1) + 1 : 1;
  if (k->count * k->n < 4 * TILE) k->together = k->count + 1;
  mlpi_parallel(k->c->rt, (k->count + k->together - 1) / k->together, tile, k);
}

static void fold_tile (void *ud, size_t tile) {
  const Folds *k = ud;
  size_t i = tile * k->together, end = i + k->together;
  RESULT *y = k->c->out.data;
  for (; i < end && i < k->count; i++)
    y[i] = fold(k->n, k->x + i * k->n, k->tmp + i * k->n NUMBER);
}

static void forward (const mlpi_Call *c) {
  Folds k = folds_of(c);
  run(&k, fold_tile);
}

#if !defined(RESULT_DTYPE)
static void unfold_tile (void *ud, size_t tile) {
  const Folds *k = ud;
  size_t i = tile * k->together, end = i + k->together;
  const REAL *y = k->c->out.data;
  for (; i < end && i < k->count; i++)
    unfold(k->n, k->x + i * k->n, y[i], k->g[i], k->gx + i * k->n NUMBER);
}

static void backward (const mlpi_Call *c, const mlpi_Array *g,
                      mlpi_Array *gin) {
  Folds k = folds_of(c);
  k.g = g->data;
  k.gx = (REAL *)((char *)c->scratch + 2 * part(c));
  run(&k, unfold_tile);
  mlpi_unpack(k.gx, mlpi_reduced_mask(c), &gin[0]);
}
#endif

#define FOLD(NAME, DOC)                                                        \
  .name = NAME, .doc = DOC, .min_in = 1, .max_in = 1,                          \
  .flags = MLPI_OP_NEEDS_IN | MLPI_OP_NEEDS_OUT, .inputs = "x",                \
  .shape = shape, .scratch = scratch, .forward = forward,                      \
  .backward = BACKWARD, .sample = SAMPLE
