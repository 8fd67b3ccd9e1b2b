/*
** tensor.h - level 1: storage, shapes, strides, views.
*/
#ifndef tensor_h
#define tensor_h

#include "base/base.h"
#include "base/kind.h"
#include "base/random.h"

/* Memory that tensors view. 'version' counts writes in place. */
typedef struct mlpi_Storage {
  mlp_Runtime *rt;
  int refs;
  unsigned version;
  size_t bytes; /* usable */
  void *data;   /* 64-byte aligned where we allocated it */
  void *block;  /* what the allocator gave, or NULL: a host's buffer */
  void (*release)(void *ud, void *data); /* for a host's buffer; may be NULL */
  void *ud;
} mlpi_Storage;

/* A strided view of memory: all that a kernel sees. Strides in elements; a
** stride of 0 repeats an element (broadcasting). The room for one axis more is
** for models abreast (abreast.h). */
typedef struct mlpi_Array {
  void *data;
  mlp_Dtype dtype;
  int ndim;
  size_t shape[MLP_MAXDIM + 1];
  ptrdiff_t stride[MLP_MAXDIM + 1];
} mlpi_Array;

/*
** A tensor: an array over a retained storage. Without storage (a.data NULL
** and ndim set) it is a symbol, one end of a node in a trace, or a weight
** that its model has not allocated yet.
*/
struct mlp_Tensor {
  mlp_Runtime *rt;
  int refs;
  mlpi_Storage *storage;
  mlpi_Array a;
  bool requires_grad;     /* a leaf that wants its gradient in 'grad' */
  bool symbol;            /* stands for a value that a plan will compute */
  mlp_Tensor *grad;       /* of a leaf, after backward; or NULL */
  bool grad_set;          /* 'grad' holds a sum since the last zero_grad */
  struct mlpi_Node *node; /* owned: the application that made it, or NULL */
};

size_t mlpi_dtype_size (mlp_Dtype dtype);
const char *mlpi_dtype_name (mlp_Dtype dtype); /* "float32"... */
static inline bool mlpi_is_real (mlp_Dtype d) {
  return d == MLP_FLOAT32 || d == MLP_FLOAT64;
}

/* Elements of an array. */
size_t mlpi_count (const mlpi_Array *a);

/* Row-major with no gaps (dimensions of size 1 do not matter). */
bool mlpi_contiguous (const mlpi_Array *a);
bool mlpi_same_shape (const mlpi_Array *a, const mlpi_Array *b);

/* Fill in the strides of a row-major array without gaps. */
void mlpi_set_strides (mlpi_Array *a);

/* "(32, 784)" into buf; returns buf. Enough for any shape: */
enum { MLPI_SHAPE_TEXT = 180 };
char *mlpi_shape_text (int ndim, const size_t *shape, char *buf);

/* Set dtype, ndim, shape, row-major strides; MLP_ESHAPE where the number of
** elements or bytes overflows or ndim is above MLP_MAXDIM. 'who': for the
** message. */
mlp_Status mlpi_array_init (mlp_Runtime *rt, const char *who, mlpi_Array *a,
                            mlp_Dtype dtype, int ndim, const size_t *shape);

/* Copy elements between arrays of equal shape and dtype, any strides. */
void mlpi_array_copy (const mlpi_Array *from, const mlpi_Array *to);

/* A row-major tensor with undefined contents. The caller owns one reference. */
mlp_Status mlpi_tensor_new (mlp_Runtime *rt, mlp_Dtype dtype, int ndim,
                            const size_t *shape, mlp_Tensor **out);

/* The same without storage: a symbol, or a weight before allocation. */
mlp_Status mlpi_tensor_unbacked (mlp_Runtime *rt, mlp_Dtype dtype, int ndim,
                                 const size_t *shape, mlp_Tensor **out);

/* A tensor that views 'a' inside the storage of 't'; no gradient link. */
mlp_Status mlpi_tensor_view (mlp_Tensor *t, const mlpi_Array *a,
                             mlp_Tensor **out);

/* A tensor over a host's memory, which 'release' gives back (once). */
mlp_Status mlpi_tensor_wrap (mlp_Runtime *rt, void *data, mlp_Dtype dtype,
                             int ndim, const size_t *shape,
                             void (*release)(void *ud, void *data), void *ud,
                             mlp_Tensor **out);

mlp_Tensor *mlpi_tensor_retain (mlp_Tensor *t);
void mlpi_tensor_release (mlp_Tensor *t);

mlp_Status mlpi_storage_new (mlp_Runtime *rt, size_t bytes, mlpi_Storage **out);
void mlpi_storage_release (mlpi_Storage *s);

/* Give an unbacked tensor its memory: at 'offset' bytes into a storage. */
void mlpi_tensor_attach (mlp_Tensor *t, mlpi_Storage *s, size_t offset);

/* Element i (row-major order, from 0) as a double; and back, converted. */
double mlpi_get (const mlpi_Array *a, size_t i);
int64_t mlpi_get_integer (const mlpi_Array *a, size_t i); /* int64, uint8 */
void mlpi_set (const mlpi_Array *a, size_t i, double value);

/* Set by level 3: frees a tape node without recursion. */
void mlpi_node_release (struct mlpi_Node *node);

/* SHA-256 of the elements in row-major order, as 64 hex digits and a NUL. */
void mlpi_array_hash (const mlpi_Array *a, int count, char hex[65]);

#endif
