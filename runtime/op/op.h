/*
** op.h - level 2: a differentiable operator, one file each.
** A file <name>.c defines one 'const mlpi_Op mlp_op_<name>': how shapes
** combine, forward, backward. The eager tape and the compiled plan call the
** same three functions. It is compiled once per variant (kernel.h).
*/
#ifndef op_h
#define op_h

#include "tensor/abreast.h"
#include "tensor/tensor.h"
#include "tensor/variant.h"

enum { MLPI_NUMBERS = 4, MLPI_INPUTS = 64, MLPI_SAMPLED = 6 };

/* The arguments of an application that are not tensors. */
typedef struct mlpi_Attrs {
  double number[MLPI_NUMBERS];  /* exponent, bounds, epsilon... */
  int n_axis;                   /* entries of 'axis' in use */
  int64_t axis[MLP_MAXDIM * 3]; /* axes, shape, ranges: 0-based */
  bool flag;                    /* keepdims... */
  mlp_Dtype dtype;              /* of the result, where the op lets choose */
  const void *kind; /* a descriptor, for the op that applies an activation */
  const mlp_Object *object; /* its options; kept alive by the node */
  mlpi_Stream stream;       /* for random ops; the plan sets its step */
} mlpi_Attrs;

/* One application: on real arrays (eager) or on planned ones. */
typedef struct mlpi_Call {
  mlp_Runtime *rt;
  const struct mlpi_Op *op;
  mlpi_Attrs attrs;
  int n_in;
  mlpi_Array *in; /* n_in of them */
  mlpi_Array out;
  void *scratch;     /* what .scratch asked for, 64-byte aligned */
  void *saved;       /* what .saved asked for, or NULL */
  const void *ready; /* what .prepare left for these arrays, or NULL */
} mlpi_Call;

/* Flags. */
enum {
  MLPI_OP_VIEW = 1,      /* 'out' is a strided view of in[0]: no forward */
  MLPI_OP_NEEDS_IN = 2,  /* backward reads in[] */
  MLPI_OP_NEEDS_OUT = 4, /* backward reads out */
  MLPI_OP_RANDOM = 8,    /* reads attrs.stream */
  MLPI_OP_INPLACE = 16,  /* forward may write over in[0] (same shape) */
  MLPI_OP_LINK = 32,     /* recorded even where no gradient is wanted: losses
                            look through it (softmax, sigmoid) */
  MLPI_OP_EAGER = 64,    /* the shape depends on values: no symbols */
  MLPI_OP_ABREAST = 128, /* a last axis more in all arrays, which no attribute
                            names, changes nothing for the elements along it:
                            elementwise, or over axes that are listed */
  MLPI_OP_REDUCES = 256  /* over the axes attrs.axis; over all where none is */
};

/* What an op tells the property tests about valid arguments: see .sample. */
typedef struct mlpi_OpSample {
  mlpi_Stream stream; /* source of mlpi_sample_size and the test's values */
  uint64_t draws;
  mlpi_Attrs attrs;
  int n_in;                    /* preset to min_in */
  mlpi_Array in[MLPI_SAMPLED]; /* dtype, ndim and shape */
  int64_t limit;               /* int64 inputs hold 1..limit */
  bool dominant;               /* in[0]: symmetric, with a strong diagonal */
} mlpi_OpSample;

typedef struct mlpi_Op {
  MLP_KIND;
  int min_in, max_in;
  unsigned flags;
  /* The flags of one application (after shape), where they depend on it;
  ** NULL: as above. Callers use mlpi_op_flags. */
  unsigned (*flags_for)(const mlpi_Call *c);
  /* The names of the inputs, space-separated, for messages: "a b". */
  const char *inputs;
  /*
  ** Check the inputs and attributes; set out's dtype, ndim, shape, strides
  ** (row-major; views: strides, and data where in[0].data is not NULL). May
  ** normalise attrs (negative axes). On failure: mlpi_error with both shapes.
  */
  mlp_Status (*shape)(mlpi_Call *c);
  /*
  ** Check the values of classes and indices, before a forward outside a plan;
  ** NULL: every value will do. Forward itself stays within its arrays whatever
  ** it is given: a bad index gives NaN.
  */
  mlp_Status (*check)(mlpi_Call *c);
  /* Bytes of scratch that forward and backward want; NULL: none. */
  size_t (*scratch)(const mlpi_Call *c);
  /* Bytes that forward may fill for backward, so that it need not compute them
  ** again; NULL: none. Only a plan gives them: c->saved may be NULL. */
  size_t (*saved)(const mlpi_Call *c);
  /*
  ** What forward and backward do that follows from shapes, strides, types and
  ** attributes alone, once for all: 'ready_size' bytes. A plan calls it when it
  ** is compiled, others at each call: see mlpi_ready. NULL: there is nothing.
  */
  void (*prepare)(const mlpi_Call *c, void *ready);
  size_t ready_size;
  /* Compute out (row-major, preallocated) from in (any strides). */
  void (*forward)(const mlpi_Call *c);
  /* Say what forward could not do, from what it left in the scratch, outside a
  ** plan (inside, the result is NaN); NULL: it can do everything. */
  mlp_Status (*verify)(const mlpi_Call *c);
  /*
  ** g = dL/d(out), row-major. For each input i with gin[i].data not NULL write
  ** (not add) dL/d(in[i]) there, row-major, of in[i]'s shape. NULL: the result
  ** has no gradient (comparisons, argmax).
  */
  void (*backward)(const mlpi_Call *c, const mlpi_Array *g, mlpi_Array *gin);
  /*
  ** Scratch, saved, prepare, forward and backward for arrays of several models
  ** (tensor/abreast.h), none of them shared. NULL: MLPI_OP_ABREAST says that
  ** those above do, or they are called for one model after the other.
  */
  const struct mlpi_Op *abreast;
  /* For the gradient check: a smallest and largest input value that stay away
  ** from kinks and poles; both 0: -2 to 2. Inputs i >= check_in are fixed. */
  double check_min, check_max;
  int check_in; /* how many leading inputs have a gradient; 0: all */
  /* Draw attributes and the dtypes and shapes of inputs; real inputs are
  ** preset to 'dtype'. NULL: min_in inputs of shapes that broadcast. */
  void (*sample)(mlpi_OpSample *s, mlp_Dtype dtype);
} mlpi_Op;

static inline unsigned mlpi_op_flags (const mlpi_Call *c) {
  return c->op->flags_for != NULL ? c->op->flags_for(c) : c->op->flags;
}

/* What .prepare left; where nobody called it, it is made in 'room' now. */
static inline const void *mlpi_ready (const mlpi_Call *c, void *room) {
  if (c->ready != NULL) return c->ready;
  c->op->prepare(c, room);
  return room;
}

/* The op of that name for real type 'dtype', or NULL. */
const mlpi_Op *mlpi_op (const mlp_Runtime *rt, mlp_Dtype dtype,
                        const char *name);

/*
** Helpers shared by the files of this folder. The ones that return a status
** have set the message.
*/

/* The first n inputs are of one real type (n = 0: all of them). */
mlp_Status mlpi_check_real (mlpi_Call *c, int n);
mlp_Status mlpi_check_dtype (mlpi_Call *c, int input, mlp_Dtype dtype);

/* out = the broadcast shape of in[0] and in[1] (NumPy's rule), with in[0]'s
** dtype; raises ESHAPE naming both, ETYPE unless they are of one real type. */
mlp_Status mlpi_broadcast_shape (mlpi_Call *c);

/* The same for inputs of any one type and a result of 'dtype'. */
mlp_Status mlpi_broadcast_any (mlpi_Call *c, mlp_Dtype dtype);

/* A view of 'a' with the shape of 'like', stride 0 where 'a' has size 1. */
mlpi_Array mlpi_broadcast_to (const mlpi_Array *a, const mlpi_Array *like);

/* out = shape and dtype of in[0]: any dtype; a real one. */
mlp_Status mlpi_same_as_input (mlpi_Call *c);
mlp_Status mlpi_real_as_input (mlpi_Call *c);

/* in[0] and in[1] are of one real type and one shape; out takes both. */
mlp_Status mlpi_equal_shape (mlpi_Call *c);

/* Two inputs: a real one, whose last axis is at least 1 and is missing in out,
** and an int64 one of out's shape, or a real one of the first's. */
mlp_Status mlpi_row_classes_shape (mlpi_Call *c);
mlp_Status mlpi_row_targets_shape (mlpi_Call *c);

/* The int64 input holds 1..limit: "label 0 at row 17; expected 1..10...". */
mlp_Status mlpi_check_classes (mlpi_Call *c, int input, size_t limit);
mlp_Status
mlpi_check_column_labels (mlpi_Call *c); /* in[1]: a column of in[0] */
mlp_Status mlpi_check_indices (mlpi_Call *c, size_t limit); /* in[1] */

/* attrs.axis[0] is an axis of in[0]; in[1] is int64 and has in[0]'s shape but
** for that axis. */
mlp_Status mlpi_check_along (mlpi_Call *c);

/* An axis of attrs made 0-based and checked against ndim; -1 is the last. */
mlp_Status mlpi_check_axis (mlpi_Call *c, int64_t *axis, int ndim);

/* "sum", "mean"... attrs.axis lists the axes (none: all), attrs.flag keeps
** them with size 1. Checks them; out = what is left, with 'dtype'. */
mlp_Status mlpi_reduced_shape (mlpi_Call *c, mlp_Dtype dtype);

/* Is axis d among those of attrs? No axes: all are. */
bool mlpi_is_reduced (const mlpi_Attrs *attrs, int d);

/* The same axes as bits of a mask. */
unsigned mlpi_reduced_mask (const mlpi_Call *c);

/*
** The elements of 'a' in row-major order of (the axes outside the mask, then
** those in it): its own memory where they lie so, else copied to 'scratch' of
** mlpi_pack_bytes. And back, into an array of a's shape.
*/
const void *mlpi_pack (const mlpi_Array *a, unsigned mask, void *scratch);
void mlpi_unpack (const void *packed, unsigned mask, const mlpi_Array *to);
size_t mlpi_pack_bytes (const mlpi_Array *a, unsigned mask);

/* The number of elements behind one element of a reduced result. */
size_t mlpi_reduced_count (const mlpi_Call *c);

/* A reduced result (row-major) seen with in[0]'s shape, by strides of 0. */
mlpi_Array mlpi_unreduce (const mlpi_Call *c, const mlpi_Array *reduced);

/*
** Call 'row' for pieces of rows that make up n arrays of one shape, on the
** pool where the arrays are large. Neighbouring axes that lie alike in every
** array are joined first. at[i] is the piece's first element in array i,
** stride[i] the step to the next, in elements (at n = 1: 0).
*/
enum { MLPI_WALKED = 6 };
typedef void (*mlpi_Row)(const void *ud, size_t n, char *const *at,
                         const ptrdiff_t *stride);
void mlpi_walk (mlp_Runtime *rt, int n, const mlpi_Array *const *array,
                mlpi_Row row, const void *ud);

/* Are all inputs of out's shape, without gaps, and few elements? Then it is
** one row, which needs no walk. */
bool mlpi_is_flat (const mlpi_Call *c);
extern const ptrdiff_t mlpi_unit_strides[MLPI_WALKED];

/* Rows of the last axis: how many, and how long (1 where ndim is 0). */
size_t mlpi_row_length (const mlpi_Array *a);
size_t mlpi_row_count (const mlpi_Array *a);

/* A number in lo..hi for .sample. */
size_t mlpi_sample_size (mlpi_OpSample *s, size_t lo, size_t hi);

/* Give input i that dtype and shape: 'ndim' sizes that may be 0 or 1. */
void mlpi_sample_input (mlpi_OpSample *s, int i, mlp_Dtype dtype, int ndim);

/* .sample of ops on rows: with one input, or two of one shape; with classes. */
void mlpi_sample_rows (mlpi_OpSample *s, mlp_Dtype dtype);
void mlpi_sample_classes (mlpi_OpSample *s, mlp_Dtype dtype);

/* .sample of reductions: up to 4 axes, some of them listed. */
void mlpi_sample_axes (mlpi_OpSample *s, mlp_Dtype dtype);

/* Lets the compiler vectorise a loop whose iterations are independent. */
#if defined(__clang__)
#define MLPI_IVDEP _Pragma("clang loop vectorize(assume_safety)")
#else
#define MLPI_IVDEP _Pragma("GCC ivdep")
#endif

#endif
