/*
** activate.c - apply an activation function, whichever the caller names.
*/
#include "op/activate.h"
#include "tensor/kernel/kernel.h"

static const mlp_Activation *kind_of (const mlpi_Call *c) {
  return c->attrs.kind;
}

static mlp_Status shape (mlpi_Call *c) {
  if (c->attrs.kind == NULL)
    return mlpi_error(c->rt, MLP_EARG, "activate: expected an activation");
  return mlpi_real_as_input(c);
}

static unsigned flags_for (const mlpi_Call *c) {
  return (kind_of(c)->elementwise ? MLPI_OP_ABREAST : 0) | MLPI_OP_INPLACE |
         MLPI_OP_LINK | kind_of(c)->needs;
}

/* Backward wants x without gaps. */
static size_t scratch (const mlpi_Call *c) {
  if ((kind_of(c)->needs & MLPI_OP_NEEDS_IN) == 0) return 0;
  return mlpi_pack_bytes(&c->in[0], 0);
}

/* Rows of x, y, g, gx, cut into tiles. */
typedef struct Rows {
  const mlpi_Call *c;
  double opt[MLP_OPTIONS_MAX];
  const REAL *x, *g;
  REAL *y, *gx;
  size_t rows, cols, together;
} Rows;

static void run_tile (void *ud, size_t tile) {
  const Rows *k = ud;
  const mlp_Activation *f = kind_of(k->c);
  size_t first = tile * k->together, n = k->rows - first;
  size_t at = first * k->cols;
  if (n > k->together) n = k->together;
  if (k->gx == NULL)
    f->forward(k->opt, n, k->cols, k->x + at, k->y + at);
  else
    f->backward(k->opt, n, k->cols, k->x + at, k->y + at, k->g + at,
                k->gx + at);
}

static void run (Rows *k) {
  enum { TILE = 16384 };
  const mlp_Activation *f = kind_of(k->c);
  size_t n = mlpi_count(&k->c->out);
  if (n == 0) return;
  k->cols = f->elementwise ? 1 : mlpi_row_length(&k->c->out);
  k->rows = n / k->cols;
  k->together = n < 4 * TILE ? k->rows : (TILE + k->cols - 1) / k->cols;
  mlpi_activation_options((const mlp_Kind *)f, k->c->attrs.object, k->opt);
  mlpi_parallel(k->c->rt, (k->rows + k->together - 1) / k->together, run_tile,
                k);
}

static void forward (const mlpi_Call *c) {
  Rows k = { .c = c, .x = c->in[0].data, .y = c->out.data };
  if (!mlpi_contiguous(&c->in[0])) {
    mlpi_array_copy(&c->in[0], &c->out);
    k.x = k.y;
  }
  run(&k);
}

static void backward (const mlpi_Call *c, const mlpi_Array *g,
                      mlpi_Array *gin) {
  Rows k = { .c = c, .g = g->data, .gx = gin[0].data };
  k.y = c->out.data;
  k.x = k.y; /* not read */
  if ((kind_of(c)->needs & MLPI_OP_NEEDS_IN) != 0)
    k.x = mlpi_pack(&c->in[0], 0, c->scratch);
  run(&k);
}

const mlpi_Op mlp_op_activate = {
  .name = "activate",
  .doc = "An activation function of each row or element.",
  .min_in = 1,
  .max_in = 1,
  .flags =
      MLPI_OP_INPLACE | MLPI_OP_LINK | MLPI_OP_NEEDS_IN | MLPI_OP_NEEDS_OUT,
  .flags_for = flags_for,
  .inputs = "x",
  .shape = shape,
  .scratch = scratch,
  .forward = forward,
  .backward = backward,
};
