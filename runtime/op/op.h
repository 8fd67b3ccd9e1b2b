/*
** op.h - level 2: a differentiable operator, one file each.
** A file <name>.c defines one 'const mlpi_Op mlp_op_<name>': how shapes
** combine, forward, backward. The eager tape and the compiled plan call the
** same three functions. It is compiled once per variant (kernel.h).
*/
#ifndef op_h
#define op_h

#include "tensor/tensor.h"
#include "tensor/variant.h"

enum { MLPI_NUMBERS = 4, MLPI_INPUTS = 64 };

/* The arguments of an application that are not tensors. */
typedef struct mlpi_Attrs {
  double number[MLPI_NUMBERS]; /* exponent, bounds, epsilon... */
  int n_axis;
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
  void *scratch; /* what .scratch asked for, 64-byte aligned */
} mlpi_Call;

enum {                        /* flags */
       MLPI_OP_VIEW = 1,      /* 'out' is a strided view of in[0]: no forward */
       MLPI_OP_NEEDS_IN = 2,  /* backward reads in[] */
       MLPI_OP_NEEDS_OUT = 4, /* backward reads out */
       MLPI_OP_RANDOM = 8,    /* reads attrs.stream */
       MLPI_OP_INPLACE = 16,  /* forward may write over in[0] (same shape) */
       MLPI_OP_LINK = 32, /* recorded even where no gradient is wanted: losses
                             look through it (softmax, sigmoid) */
       MLPI_OP_EAGER = 64 /* the shape depends on values: no symbols */
};

typedef struct mlpi_Op {
  MLP_KIND;
  int min_in, max_in;
  unsigned flags;
  /* The names of the inputs, space-separated, for messages: "a b". */
  const char *inputs;
  /*
  ** Check the inputs and attributes; set out's dtype, ndim, shape, strides
  ** (row-major; views: strides, and data where in[0].data is not NULL). May
  ** normalise attrs (negative axes). On failure: mlpi_error with both shapes.
  */
  mlp_Status (*shape)(mlpi_Call *c);
  /* Bytes of scratch that forward and backward want; NULL: none. */
  size_t (*scratch)(const mlpi_Call *c);
  /* Compute out (row-major, preallocated) from in (any strides). */
  void (*forward)(const mlpi_Call *c);
  /*
  ** g = dL/d(out), row-major. For each input i with gin[i].data not NULL write
  ** (not add) dL/d(in[i]) there, row-major, of in[i]'s shape. NULL: the result
  ** has no gradient (comparisons, argmax).
  */
  void (*backward)(const mlpi_Call *c, const mlpi_Array *g, mlpi_Array *gin);
  /* For the gradient check: a smallest and largest input value that stay away
  ** from kinks and poles; both 0: -2 to 2. Inputs i >= check_in are fixed. */
  double check_min, check_max;
  int check_in; /* how many leading inputs have a gradient; 0: all */
} mlpi_Op;

/* The op of that name for real type 'dtype', or NULL. */
const mlpi_Op *mlpi_op (const mlp_Runtime *rt, mlp_Dtype dtype,
                        const char *name);

/*
** Helpers shared by the files of this folder.
*/

/* out = the broadcast shape of in[0] and in[1] (NumPy's rule), with in[0]'s
** dtype; raises ESHAPE naming both, ETYPE where real types differ. */
mlp_Status mlpi_broadcast_shape (mlpi_Call *c);

/* A view of 'a' with the shape of 'like', stride 0 where 'a' has size 1. */
mlpi_Array mlpi_broadcast_to (const mlpi_Array *a, const mlpi_Array *like);

/* out = shape and dtype of in[0]. */
mlp_Status mlpi_same_as_input (mlpi_Call *c);

/* An axis of attrs made 0-based and checked against ndim; -1 is the last. */
mlp_Status mlpi_check_axis (mlpi_Call *c, int64_t *axis, int ndim);

#endif
