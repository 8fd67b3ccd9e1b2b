/*
** op.c - what the operators share: shape rules and their messages.
*/
#include "op/op.h"
#include "op/activate.h"
#include "base/pool.h"

#include <string.h>

const mlpi_Op *mlpi_op (const mlp_Runtime *rt, mlp_Dtype dtype,
                        const char *name) {
  return (const mlpi_Op *)mlpi_variant(rt, dtype, "op", name);
}

/* The name of input i: the i-th word of the op's 'inputs'. */
static const char *input_name (const mlpi_Op *op, int i, int *length) {
  const char *p = op->inputs == NULL ? "" : op->inputs;
  for (; i > 0 && *p != '\0'; i--) {
    p += strcspn(p, " ");
    p += *p == ' ';
  }
  *length = (int)strcspn(p, " ");
  return p;
}

static mlp_Status not_real (mlpi_Call *c, int i) {
  int n;
  const char *name = input_name(c->op, i, &n);
  return mlpi_error(c->rt, MLP_ETYPE,
                    "%s: argument %d '%.*s': expected float32 or float64, got "
                    "%s; use :float()",
                    c->op->name, i + 1, n, name,
                    mlpi_dtype_name(c->in[i].dtype));
}

mlp_Status mlpi_check_real (mlpi_Call *c, int n) {
  if (n == 0) n = c->n_in;
  for (int i = 0; i < n; i++) {
    if (!mlpi_is_real(c->in[i].dtype)) return not_real(c, i);
    mlp_Status s = mlpi_check_dtype(c, i, c->in[0].dtype);
    if (s != MLP_OK) return s;
  }
  return MLP_OK;
}

mlp_Status mlpi_check_dtype (mlpi_Call *c, int i, mlp_Dtype dtype) {
  int n;
  const char *name = input_name(c->op, i, &n), *hint = "";
  if (c->in[i].dtype == dtype) return MLP_OK;
  if (mlpi_is_real(dtype) && mlpi_is_real(c->in[i].dtype))
    hint = "; use :float() or :double() on one of them";
  return mlpi_error(c->rt, MLP_ETYPE,
                    "%s: argument %d '%.*s': expected %s, got %s%s",
                    c->op->name, i + 1, n, name, mlpi_dtype_name(dtype),
                    mlpi_dtype_name(c->in[i].dtype), hint);
}

mlp_Status mlpi_same_as_input (mlpi_Call *c) {
  const mlpi_Array *a = &c->in[0];
  return mlpi_array_init(c->rt, c->op->name, &c->out, a->dtype, a->ndim,
                         a->shape);
}

mlp_Status mlpi_real_as_input (mlpi_Call *c) {
  mlp_Status s = mlpi_check_real(c, 0);
  return s != MLP_OK ? s : mlpi_same_as_input(c);
}

/* Two shapes that had to be equal, or fit, are not. */
static mlp_Status unequal (mlpi_Call *c, const char *what) {
  char a[MLPI_SHAPE_TEXT], b[MLPI_SHAPE_TEXT];
  int na, nb;
  const char *first = input_name(c->op, 0, &na);
  const char *second = input_name(c->op, 1, &nb);
  return mlpi_error(c->rt, MLP_ESHAPE, "%s: %s: %.*s is %s, %.*s is %s",
                    c->op->name, what, na, first,
                    mlpi_shape_text(c->in[0].ndim, c->in[0].shape, a), nb,
                    second, mlpi_shape_text(c->in[1].ndim, c->in[1].shape, b));
}

mlp_Status mlpi_equal_shape (mlpi_Call *c) {
  mlp_Status s = mlpi_check_real(c, 0);
  if (s != MLP_OK) return s;
  if (!mlpi_same_shape(&c->in[0], &c->in[1]))
    return unequal(c, "shapes differ");
  return mlpi_same_as_input(c);
}

static mlp_Status no_columns (mlpi_Call *c) {
  char a[MLPI_SHAPE_TEXT];
  return mlpi_error(c->rt, MLP_ESHAPE,
                    "%s: expected at least one column, got %s", c->op->name,
                    mlpi_shape_text(c->in[0].ndim, c->in[0].shape, a));
}

/* out = in[0] without its last axis. */
static mlp_Status drop_last (mlpi_Call *c) {
  const mlpi_Array *a = &c->in[0];
  if (a->ndim == 0)
    return mlpi_error(c->rt, MLP_ESHAPE,
                      "%s: expected at least one dimension, got ()",
                      c->op->name);
  if (a->shape[a->ndim - 1] == 0) return no_columns(c);
  return mlpi_array_init(c->rt, c->op->name, &c->out, a->dtype, a->ndim - 1,
                         a->shape);
}

mlp_Status mlpi_row_classes_shape (mlpi_Call *c) {
  mlp_Status s = mlpi_check_real(c, 1);
  if (s == MLP_OK) s = mlpi_check_dtype(c, 1, MLP_INT64);
  if (s == MLP_OK) s = drop_last(c);
  if (s != MLP_OK) return s;
  if (!mlpi_same_shape(&c->out, &c->in[1]))
    return unequal(c, "expected one class a row");
  return MLP_OK;
}

mlp_Status mlpi_row_targets_shape (mlpi_Call *c) {
  mlp_Status s = mlpi_equal_shape(c);
  return s != MLP_OK ? s : drop_last(c);
}

/* The first value of an int64 input that is not in 1..limit, by position. */
static bool out_of_range (const mlpi_Array *a, size_t limit, size_t *at,
                          double *value) {
  size_t n = mlpi_count(a);
  for (*at = 0; *at < n; ++*at) {
    *value = mlpi_get(a, *at);
    if (!(*value >= 1 && *value <= (double)limit)) return true;
  }
  return false;
}

mlp_Status mlpi_check_classes (mlpi_Call *c, int input, size_t limit) {
  size_t at;
  double label;
  if (!out_of_range(&c->in[input], limit, &at, &label)) return MLP_OK;
  return mlpi_error(c->rt, MLP_EARG,
                    "%s: label %.0f at row %zu; expected 1..%zu%s", c->op->name,
                    label, at + 1, limit,
                    label == 0 ? " (labels are 1-based; use y + 1)" : "");
}

mlp_Status mlpi_check_column_labels (mlpi_Call *c) {
  return mlpi_check_classes(c, 1, mlpi_row_length(&c->in[0]));
}

mlp_Status mlpi_check_indices (mlpi_Call *c, size_t limit) {
  size_t at;
  double index;
  if (!out_of_range(&c->in[1], limit, &at, &index)) return MLP_OK;
  return mlpi_error(c->rt, MLP_EARG,
                    "%s: index %.0f at position %zu is out of range [1, %zu]",
                    c->op->name, index, at + 1, limit);
}

mlp_Status mlpi_check_along (mlpi_Call *c) {
  const mlpi_Array *a = &c->in[0], *b = &c->in[1];
  mlp_Status s = mlpi_check_axis(c, &c->attrs.axis[0], a->ndim);
  if (s == MLP_OK) s = mlpi_check_dtype(c, 1, MLP_INT64);
  if (s != MLP_OK) return s;
  bool fits = a->ndim == b->ndim;
  for (int d = 0; d < a->ndim && fits; d++)
    fits = d == c->attrs.axis[0] || a->shape[d] == b->shape[d];
  return fits ? MLP_OK : unequal(c, "shapes differ outside the dimension");
}

static mlp_Status cannot_broadcast (mlpi_Call *c, int axis, size_t na,
                                    size_t nb) {
  char a[MLPI_SHAPE_TEXT], b[MLPI_SHAPE_TEXT];
  return mlpi_error(
      c->rt, MLP_ESHAPE,
      "%s: shapes %s and %s do not broadcast: %zu and %zu in dimension %d",
      c->op->name, mlpi_shape_text(c->in[0].ndim, c->in[0].shape, a),
      mlpi_shape_text(c->in[1].ndim, c->in[1].shape, b), na, nb, axis + 1);
}

mlp_Status mlpi_broadcast_any (mlpi_Call *c, mlp_Dtype dtype) {
  const mlpi_Array *a = &c->in[0], *b = &c->in[1];
  size_t shape[MLP_MAXDIM];
  int ndim = a->ndim > b->ndim ? a->ndim : b->ndim;
  mlp_Status s = mlpi_check_dtype(c, 1, a->dtype);
  if (s != MLP_OK) return s;
  for (int i = 0; i < ndim; i++) { /* aligned at the last dimension */
    int ia = i - (ndim - a->ndim), ib = i - (ndim - b->ndim);
    size_t na = ia < 0 ? 1 : a->shape[ia], nb = ib < 0 ? 1 : b->shape[ib];
    if (na != nb && na != 1 && nb != 1) return cannot_broadcast(c, i, na, nb);
    shape[i] = na == 1 ? nb : na;
  }
  return mlpi_array_init(c->rt, c->op->name, &c->out, dtype, ndim, shape);
}

mlp_Status mlpi_broadcast_shape (mlpi_Call *c) {
  mlp_Status s = mlpi_check_real(c, 2);
  return s != MLP_OK ? s : mlpi_broadcast_any(c, c->in[0].dtype);
}

mlpi_Array mlpi_broadcast_to (const mlpi_Array *a, const mlpi_Array *like) {
  mlpi_Array b = *a;
  b.ndim = like->ndim;
  for (int i = 0; i < like->ndim; i++) {
    int ia = i - (like->ndim - a->ndim);
    bool repeat = ia < 0 || (a->shape[ia] == 1 && like->shape[i] != 1);
    b.shape[i] = like->shape[i];
    b.stride[i] = repeat ? 0 : a->stride[ia];
  }
  return b;
}

mlp_Status mlpi_check_axis (mlpi_Call *c, int64_t *axis, int ndim) {
  if (*axis < 0) *axis += ndim; /* -1 is the last */
  if (*axis >= 0 && *axis < ndim) return MLP_OK;
  return mlpi_error(c->rt, MLP_EARG,
                    "%s: argument 'dim': expected 1..%d or -%d..-1, got %lld",
                    c->op->name, ndim, ndim,
                    (long long)(*axis < 0 ? *axis - ndim : *axis + 1));
}

bool mlpi_is_reduced (const mlpi_Attrs *attrs, int d) {
  for (int i = 0; i < attrs->n_axis; i++)
    if (attrs->axis[i] == d) return true;
  return attrs->n_axis == 0;
}

mlp_Status mlpi_reduced_shape (mlpi_Call *c, mlp_Dtype dtype) {
  const mlpi_Array *a = &c->in[0];
  size_t shape[MLP_MAXDIM];
  int ndim = 0;
  for (int i = 0; i < c->attrs.n_axis; i++) {
    mlp_Status s = mlpi_check_axis(c, &c->attrs.axis[i], a->ndim);
    if (s != MLP_OK) return s;
    for (int j = 0; j < i; j++)
      if (c->attrs.axis[j] == c->attrs.axis[i])
        return mlpi_error(c->rt, MLP_EARG,
                          "%s: argument 'dim': dimension %d appears twice",
                          c->op->name, (int)c->attrs.axis[i] + 1);
  }
  for (int d = 0; d < a->ndim; d++)
    if (!mlpi_is_reduced(&c->attrs, d))
      shape[ndim++] = a->shape[d];
    else if (c->attrs.flag)
      shape[ndim++] = 1;
  return mlpi_array_init(c->rt, c->op->name, &c->out, dtype, ndim, shape);
}

unsigned mlpi_reduced_mask (const mlpi_Call *c) {
  unsigned mask = 0;
  for (int d = 0; d < c->in[0].ndim; d++)
    if (mlpi_is_reduced(&c->attrs, d)) mask |= 1u << d;
  return mask;
}

/* 'a' with the axes in the mask moved to the end. */
static mlpi_Array reduced_last (const mlpi_Array *a, unsigned mask) {
  mlpi_Array b = *a;
  int to = 0;
  for (unsigned last = 0; last < 2; last++)
    for (int d = 0; d < a->ndim; d++)
      if ((mask >> d & 1) == last) {
        b.shape[to] = a->shape[d];
        b.stride[to++] = a->stride[d];
      }
  return b;
}

size_t mlpi_pack_bytes (const mlpi_Array *a, unsigned mask) {
  if (mask == 0 && mlpi_contiguous(a)) return 0;
  mlpi_Array b = reduced_last(a, mask);
  if (mlpi_contiguous(&b)) return 0;
  return mlpi_count(a) * mlpi_dtype_size(a->dtype);
}

const void *mlpi_pack (const mlpi_Array *a, unsigned mask, void *scratch) {
  if (mask == 0 && mlpi_contiguous(a)) return a->data;
  mlpi_Array from = reduced_last(a, mask), to = from;
  if (mlpi_contiguous(&from)) return from.data;
  to.data = scratch;
  mlpi_set_strides(&to);
  mlpi_array_copy(&from, &to);
  return scratch;
}

void mlpi_unpack (const void *packed, unsigned mask, const mlpi_Array *to) {
  mlpi_Array into = reduced_last(to, mask), from = into;
  from.data = (void *)packed;
  mlpi_set_strides(&from);
  mlpi_array_copy(&from, &into);
}

size_t mlpi_reduced_count (const mlpi_Call *c) {
  size_t n = 1;
  for (int d = 0; d < c->in[0].ndim; d++)
    if (mlpi_is_reduced(&c->attrs, d)) n *= c->in[0].shape[d];
  return n;
}

mlpi_Array mlpi_unreduce (const mlpi_Call *c, const mlpi_Array *reduced) {
  mlpi_Array b = c->in[0];
  ptrdiff_t step = 1;
  b.data = reduced->data;
  b.dtype = reduced->dtype;
  for (int d = b.ndim - 1; d >= 0; d--) {
    bool gone = mlpi_is_reduced(&c->attrs, d);
    b.stride[d] = gone ? 0 : step;
    if (!gone) step *= (ptrdiff_t)b.shape[d];
  }
  return b;
}

size_t mlpi_row_length (const mlpi_Array *a) {
  return a->ndim == 0 ? 1 : a->shape[a->ndim - 1];
}

size_t mlpi_row_count (const mlpi_Array *a) {
  size_t n = 1;
  for (int d = 0; d < a->ndim - 1; d++) n *= a->shape[d];
  return n;
}

size_t mlpi_sample_size (mlpi_OpSample *s, size_t lo, size_t hi) {
  double u = mlpi_uniform(&s->stream, s->draws++);
  return lo + (size_t)(u * (double)(hi - lo + 1));
}

void mlpi_sample_input (mlpi_OpSample *s, int i, mlp_Dtype dtype, int ndim) {
  s->in[i] = (mlpi_Array){ .dtype = dtype, .ndim = ndim };
  for (int d = 0; d < ndim; d++) {
    size_t die = mlpi_sample_size(s, 0, 19);
    s->in[i].shape[d] = die == 0 ? 0 : die < 4 ? 1 : 2 + die % 5;
  }
}

void mlpi_sample_axes (mlpi_OpSample *s, mlp_Dtype dtype) {
  int ndim = (int)mlpi_sample_size(s, 0, 4);
  mlpi_sample_input(s, 0, dtype, ndim);
  for (int d = ndim - 1; d >= 0; d--)
    if (mlpi_sample_size(s, 0, 1) == 0) s->attrs.axis[s->attrs.n_axis++] = d;
  s->attrs.flag = mlpi_sample_size(s, 0, 1) == 0;
}

void mlpi_sample_rows (mlpi_OpSample *s, mlp_Dtype dtype) {
  mlpi_sample_input(s, 0, dtype, (int)mlpi_sample_size(s, 1, 3));
  s->in[1] = s->in[0];
}

void mlpi_sample_classes (mlpi_OpSample *s, mlp_Dtype dtype) {
  mlpi_sample_rows(s, dtype);
  s->in[1].dtype = MLP_INT64;
  s->in[1].ndim--;
  s->limit = (int64_t)mlpi_row_length(&s->in[0]);
}

void mlpi_activation_options (const mlp_Kind *kind, const mlp_Object *o,
                              double opt[MLP_OPTIONS_MAX]) {
  for (int i = 0; i < MLP_OPTIONS_MAX && kind->options[i].name != NULL; i++)
    opt[i] = o == NULL ? kind->options[i].preset : o->value[i].number;
}

/*
** Walking over arrays of one shape, row by row.
*/
typedef struct Walk {
  int n, ndim;
  size_t shape[MLP_MAXDIM + 1];
  ptrdiff_t stride[MLPI_WALKED][MLP_MAXDIM + 1];
  char *data[MLPI_WALKED];
  size_t size[MLPI_WALKED]; /* of an element */
  mlpi_Row row;
  const void *ud;
  size_t rows, length, piece, pieces; /* a row is cut into pieces... */
  size_t together;                    /* ...or several make one tile */
} Walk;

enum { TILE = 16384, WORTH_SHARING = 65536 }; /* elements */

static bool joins (const Walk *w, const mlpi_Array *const *a, int d) {
  for (int i = 0; i < w->n; i++)
    if (w->stride[i][w->ndim - 1] !=
        a[i]->stride[d] * (ptrdiff_t)a[i]->shape[d])
      return false;
  return true;
}

/* Axes of size 1 vanish, axes that lie alike become one. */
static void join_axes (Walk *w, const mlpi_Array *const *a) {
  for (int d = 0; d < a[0]->ndim; d++) {
    if (a[0]->shape[d] == 1) continue;
    bool join = w->ndim > 0 && joins(w, a, d);
    if (!join) w->shape[w->ndim++] = 1;
    w->shape[w->ndim - 1] *= a[0]->shape[d];
    for (int i = 0; i < w->n; i++) w->stride[i][w->ndim - 1] = a[i]->stride[d];
  }
  if (w->ndim == 0) w->shape[w->ndim++] = 1;
}

/* Rows first..last-1, elements from..from+n-1 of each. */
static void walk_rows (const Walk *w, size_t first, size_t last, size_t from,
                       size_t n) {
  char *at[MLPI_WALKED];
  ptrdiff_t stride[MLPI_WALKED];
  int inner = w->ndim - 1;
  for (int i = 0; i < w->n; i++) stride[i] = w->stride[i][inner];
  for (size_t r = first; r < last; r++) {
    ptrdiff_t offset[MLPI_WALKED];
    size_t rest = r;
    for (int i = 0; i < w->n; i++) offset[i] = (ptrdiff_t)from * stride[i];
    for (int d = inner - 1; d >= 0; d--) {
      ptrdiff_t k = (ptrdiff_t)(rest % w->shape[d]);
      rest /= w->shape[d];
      for (int i = 0; i < w->n; i++) offset[i] += k * w->stride[i][d];
    }
    for (int i = 0; i < w->n; i++)
      at[i] = w->data[i] + offset[i] * (ptrdiff_t)w->size[i];
    w->row(w->ud, n, at, stride);
  }
}

static void walk_tile (void *ud, size_t tile) {
  const Walk *w = ud;
  size_t first = tile / w->pieces * w->together;
  size_t last = first + w->together, from = tile % w->pieces * w->piece;
  size_t n = w->length - from;
  walk_rows(w, first, last < w->rows ? last : w->rows, from,
            n < w->piece ? n : w->piece);
}

const ptrdiff_t mlpi_unit_strides[MLPI_WALKED] = { 1, 1, 1, 1, 1, 1 };

bool mlpi_is_flat (const mlpi_Call *c) {
  for (int i = 0; i < c->n_in; i++)
    if (!mlpi_same_shape(&c->in[i], &c->out) || !mlpi_contiguous(&c->in[i]))
      return false;
  return mlpi_count(&c->out) < WORTH_SHARING;
}

static bool all_contiguous (int n, const mlpi_Array *const *array) {
  for (int i = 0; i < n; i++)
    if (!mlpi_contiguous(array[i])) return false;
  return true;
}

void mlpi_walk (mlp_Runtime *rt, int n, const mlpi_Array *const *array,
                mlpi_Row row, const void *ud) {
  size_t count = mlpi_count(array[0]);
  if (count == 0) return;
  if (count < WORTH_SHARING && all_contiguous(n, array)) {
    char *at[MLPI_WALKED];
    for (int i = 0; i < n; i++) at[i] = array[i]->data;
    row(ud, count, at, mlpi_unit_strides);
    return;
  }
  Walk w = { .n = n, .row = row, .ud = ud };
  for (int i = 0; i < n; i++) {
    w.data[i] = array[i]->data;
    w.size[i] = mlpi_dtype_size(array[i]->dtype);
  }
  join_axes(&w, array);
  w.length = w.shape[w.ndim - 1];
  w.rows = count / w.length;
  if (count < WORTH_SHARING) {
    walk_rows(&w, 0, w.rows, 0, w.length);
    return;
  }
  w.piece = w.length < TILE ? w.length : TILE;
  w.pieces = (w.length + w.piece - 1) / w.piece;
  w.together = w.pieces > 1 ? 1 : TILE / w.length;
  size_t groups = (w.rows + w.together - 1) / w.together;
  mlpi_parallel(rt, groups * w.pieces, walk_tile, &w);
}
