/*
** matmul.c - products of matrices, of vectors, and of stacks of matrices.
** A vector on the left is one row, on the right one column; that axis leaves
** the result. Axes before the last two are a stack and broadcast.
** dA = g B^T, dB = A^T g: views with swapped strides, so no copy is made.
*/
#include "op/reduce.h"

/* One input as a stack of matrices; the strides of a missing axis are 0. */
typedef struct Matrices {
  size_t rows, cols;
  ptrdiff_t rs, cs; /* from row to row, from column to column */
  mlpi_Array stack; /* the axes before, broadcast */
} Matrices;

static Matrices view (const mlpi_Array *a, bool right,
                      const mlpi_Array *stack) {
  Matrices m = { 1, 1, 0, 0, *a };
  int n = a->ndim, last = n - 1;
  if (n == 1 && right) {
    m.rows = a->shape[0], m.rs = a->stride[0];
  } else {
    m.cols = a->shape[last], m.cs = a->stride[last];
    if (n > 1) m.rows = a->shape[last - 1], m.rs = a->stride[last - 1];
  }
  m.stack.ndim = n > 2 ? n - 2 : 0;
  m.stack = mlpi_broadcast_to(&m.stack, stack);
  return m;
}

/* The axes of the result that count matrices. */
static mlpi_Array stack_of (const mlpi_Call *c) {
  mlpi_Array s = c->out;
  s.ndim -= (c->in[0].ndim > 1) + (c->in[1].ndim > 1);
  return s;
}

static size_t vectors_last (const mlpi_Array *a) {
  return a->ndim == 1 ? 0 : a->shape[a->ndim - 2];
}

static mlp_Status unfit (mlpi_Call *c, const char *what) {
  char a[MLPI_SHAPE_TEXT], b[MLPI_SHAPE_TEXT];
  return mlpi_error(c->rt, MLP_ESHAPE, "matmul: %s: a is %s, b is %s", what,
                    mlpi_shape_text(c->in[0].ndim, c->in[0].shape, a),
                    mlpi_shape_text(c->in[1].ndim, c->in[1].shape, b));
}

static mlp_Status shape (mlpi_Call *c) {
  const mlpi_Array *a = &c->in[0], *b = &c->in[1];
  mlp_Status s = mlpi_check_real(c, 0);
  if (s != MLP_OK) return s;
  if (a->ndim == 0 || b->ndim == 0)
    return unfit(c, "expected vectors or matrices");
  if (a->shape[a->ndim - 1] != (b->ndim == 1 ? b->shape[0] : vectors_last(b)))
    return unfit(c, "inner dimensions differ");
  mlpi_Array stacks[2] = { *a, *b }, result = { .ndim = 0 };
  stacks[0].ndim = a->ndim > 2 ? a->ndim - 2 : 0;
  stacks[1].ndim = b->ndim > 2 ? b->ndim - 2 : 0;
  mlpi_Call outer = { .rt = c->rt, .op = c->op, .n_in = 2, .in = stacks };
  if (mlpi_broadcast_shape(&outer) != MLP_OK)
    return unfit(c, "stacks do not broadcast");
  result = outer.out;
  if (result.ndim + 2 > MLP_MAXDIM) return unfit(c, "too many dimensions");
  if (a->ndim > 1) result.shape[result.ndim++] = a->shape[a->ndim - 2];
  if (b->ndim > 1) result.shape[result.ndim++] = b->shape[b->ndim - 1];
  return mlpi_array_init(c->rt, c->op->name, &c->out, a->dtype, result.ndim,
                         result.shape);
}

/* Offset of matrix i of a stack. */
static ptrdiff_t offset (const mlpi_Array *stack, size_t i) {
  ptrdiff_t at = 0;
  for (int d = stack->ndim - 1; d >= 0; d--) {
    at += (ptrdiff_t)(i % stack->shape[d]) * stack->stride[d];
    i /= stack->shape[d];
  }
  return at;
}

/* out[i] = a[i] b[i] for each matrix of the stacks; out without gaps. */
static void multiply (mlp_Runtime *rt, const Matrices *a, const Matrices *b,
                      REAL *out, void *scratch) {
  size_t n = mlpi_count(&a->stack), cols = b->cols;
  const REAL *x = a->stack.data, *y = b->stack.data;
  for (size_t i = 0; i < n && !mlpi_aborted(rt); i++)
    mlpi_gemm(rt, a->rows, cols, a->cols, x + offset(&a->stack, i), a->rs,
              a->cs, y + offset(&b->stack, i), b->rs, b->cs,
              out + i * a->rows * cols, (ptrdiff_t)cols, scratch);
}

static size_t multiply_scratch (const Matrices *a, const Matrices *b) {
  return mlpi_gemm_scratch(a->rows, b->cols, a->cols, a->rs, a->cs, b->rs,
                           b->cs);
}

static Matrices transposed (Matrices m) {
  return (Matrices){ m.cols, m.rows, m.cs, m.rs, m.stack };
}

/* The three stacks of an application: a, b, and g (or out). */
typedef struct Problem {
  Matrices a, b, g;
} Problem;

static Problem problem (const mlpi_Call *c, const mlpi_Array *g) {
  mlpi_Array stack = stack_of(c);
  Problem p = { .a = view(&c->in[0], false, &stack),
                .b = view(&c->in[1], true, &stack) };
  size_t rows = p.a.rows, cols = p.b.cols;
  p.g = (Matrices){ rows, cols, (ptrdiff_t)cols, 1, stack };
  p.g.stack.data = g->data;
  for (int d = stack.ndim - 1, step = 1; d >= 0; d--) {
    p.g.stack.stride[d] = (ptrdiff_t)(rows * cols) * step;
    step *= (int)stack.shape[d];
  }
  return p;
}

static void forward (const mlpi_Call *c) {
  Problem p = problem(c, &c->out);
  multiply(c->rt, &p.a, &p.b, c->out.data, c->scratch);
}

/* The factors whose product is the gradient of input i. */
static void factors (const Problem *p, int i, Matrices *left, Matrices *right) {
  *left = i == 0 ? p->g : transposed(p->a);
  *right = i == 0 ? transposed(p->b) : p->g;
}

/* The gradient of every matrix of the broadcast stack of input i. */
static mlpi_Array full_gradient (const mlpi_Call *c, const Problem *p, int i) {
  const Matrices *m = i == 0 ? &p->a : &p->b;
  mlpi_Array full = m->stack;
  full.shape[full.ndim++] = m->rows * m->cols;
  mlpi_set_strides(&full);
  full.data = c->scratch;
  return full;
}

static bool was_broadcast (const Problem *p, const mlpi_Array *in) {
  size_t n = 1;
  for (int d = 0; d < in->ndim - 2; d++) n *= in->shape[d];
  return n != mlpi_count(&p->g.stack);
}

/* in[i]'s gradient with its matrices as one axis, to match 'full_gradient'. */
static mlpi_Array flat (const mlpi_Array *in, size_t matrix) {
  mlpi_Array a = *in;
  a.ndim = in->ndim > 2 ? in->ndim - 2 : 0;
  a.shape[a.ndim++] = matrix;
  mlpi_set_strides(&a);
  return a;
}

enum { ALIGN = 64 };

static size_t aligned (size_t bytes) {
  return (bytes + ALIGN - 1) / ALIGN * ALIGN;
}

static void backward (const mlpi_Call *c, const mlpi_Array *g,
                      mlpi_Array *gin) {
  Problem p = problem(c, g);
  for (int i = 0; i < 2; i++) {
    Matrices left, right;
    if (gin[i].data == NULL) continue;
    factors(&p, i, &left, &right);
    if (!was_broadcast(&p, &c->in[i])) {
      multiply(c->rt, &left, &right, gin[i].data, c->scratch);
      continue;
    }
    mlpi_Array full = full_gradient(c, &p, i);
    mlpi_Array to = flat(&gin[i], left.rows * right.cols);
    char *rest = (char *)c->scratch + aligned(mlpi_count(&full) * sizeof(REAL));
    multiply(c->rt, &left, &right, full.data, rest);
    mlpi_sum_to(c->rt, &full, &to, rest);
  }
}

static size_t scratch (const mlpi_Call *c) {
  Problem p = problem(c, &c->out);
  size_t most = multiply_scratch(&p.a, &p.b);
  for (int i = 0; i < 2; i++) {
    Matrices left, right;
    factors(&p, i, &left, &right);
    size_t n = multiply_scratch(&left, &right);
    if (was_broadcast(&p, &c->in[i])) {
      mlpi_Array full = full_gradient(c, &p, i);
      mlpi_Array to = flat(&c->in[i], left.rows * right.cols);
      size_t sum = mlpi_sum_to_scratch(&full, &to);
      n = (n > sum ? n : sum) + aligned(mlpi_count(&full) * sizeof(REAL));
    }
    if (n > most) most = n;
  }
  return most;
}

static void sample (mlpi_OpSample *s, mlp_Dtype dtype) {
  int a = (int)mlpi_sample_size(s, 1, 3), b = (int)mlpi_sample_size(s, 1, 3);
  mlpi_sample_input(s, 0, dtype, a);
  mlpi_sample_input(s, 1, dtype, b);
  s->in[1].shape[b == 1 ? 0 : b - 2] = s->in[0].shape[a - 1];
  if (a == 3 && b == 3 && mlpi_sample_size(s, 0, 1) == 0)
    s->in[1].shape[0] = 1;
  else if (a == 3 && b == 3)
    s->in[1].shape[0] = s->in[0].shape[0];
}

const mlpi_Op mlp_op_matmul = {
  .name = "matmul",
  .doc = "The product of two matrices; vectors and stacks of matrices too.",
  .min_in = 2,
  .max_in = 2,
  .flags = MLPI_OP_NEEDS_IN,
  .inputs = "a b",
  .shape = shape,
  .scratch = scratch,
  .forward = forward,
  .backward = backward,
  .sample = sample,
};
