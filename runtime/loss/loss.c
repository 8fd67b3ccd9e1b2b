/*
** loss.c - targets in the form a loss wants, the mean over a batch, and the
** way from a probability back to its logits.
*/
#include "loss/loss.h"

#include <string.h>

static mlp_Status bad_shape (const mlp_Object *o, const mlp_Tensor *y,
                             const mlp_Tensor *p, const char *want,
                             const char *hint) {
  char a[MLPI_SHAPE_TEXT], b[MLPI_SHAPE_TEXT];
  return mlpi_error(o->rt, MLP_ESHAPE,
                    "%s: expected targets %s for predictions of shape %s, got "
                    "%s of shape %s%s",
                    o->kind->name, want,
                    mlpi_shape_text(p->a.ndim, p->a.shape, b),
                    mlpi_dtype_name(y->a.dtype),
                    mlpi_shape_text(y->a.ndim, y->a.shape, a), hint);
}

/* t with the shape of 'like', sharing its data; the caller's reference. */
static mlp_Status reshape_like (mlp_Tensor *t, const mlp_Tensor *like,
                                mlp_Tensor **out) {
  mlpi_Attrs a = { .n_axis = like->a.ndim };
  for (int i = 0; i < like->a.ndim; i++) a.axis[i] = (int64_t)like->a.shape[i];
  return mlpi_apply1("reshape", &a, t, out);
}

static mlp_Status cast (mlp_Tensor *t, mlp_Dtype dtype, mlp_Tensor **out) {
  mlpi_Attrs a = { .dtype = dtype };
  if (t->a.dtype != dtype) return mlpi_apply1("cast", &a, t, out);
  *out = mlpi_tensor_retain(t);
  return MLP_OK;
}

/* y as reals of p's type and shape. */
static mlp_Status as_values (const mlp_Object *o, mlp_Tensor *y, mlp_Tensor *p,
                             mlp_Tensor **out) {
  mlp_Tensor *real = NULL;
  *out = NULL;
  if (mlpi_count(&y->a) != mlpi_count(&p->a) || p->a.ndim < 1 ||
      y->a.ndim < 1 || y->a.shape[0] != p->a.shape[0])
    return bad_shape(o, y, p, "of the same shape", "");
  mlp_Status s = cast(y, p->a.dtype, &real);
  if (s == MLP_OK) s = reshape_like(real, p, out);
  mlpi_tensor_release(real);
  return s;
}

/* Classes 1, 2 as 0, 1 of p's type and shape. */
static mlp_Status as_binary (const mlp_Object *o, mlp_Tensor *y, mlp_Tensor *p,
                             mlp_Tensor **out) {
  mlp_Tensor *values = NULL, *one = NULL;
  *out = NULL;
  if (y->a.dtype != MLP_INT64) return as_values(o, y, p, out);
  mlp_Status s = as_values(o, y, p, &values);
  if (s == MLP_OK) s = mlpi_scalar(o->rt, p->a.dtype, 1, &one);
  if (s == MLP_OK) s = mlpi_apply2("sub", NULL, values, one, out);
  mlpi_tensor_release(values);
  mlpi_tensor_release(one);
  return s;
}

static mlp_Status as_one_hot (const mlp_Object *o, mlp_Tensor *y, mlp_Tensor *p,
                              mlp_Tensor **out) {
  mlpi_Attrs a = { .n_axis = 1, .dtype = p->a.dtype };
  *out = NULL;
  if (y->a.dtype != MLP_INT64) return as_values(o, y, p, out);
  if (y->a.ndim != 1 || p->a.ndim != 2 || y->a.shape[0] != p->a.shape[0])
    return bad_shape(o, y, p, "(n,) of classes", "");
  a.axis[0] = (int64_t)p->a.shape[1];
  return mlpi_apply1("one_hot", &a, y, out);
}

/* How targets that are not classes become classes, where that can be guessed.
 */
static const char *classes_hint (const mlp_Tensor *y, const mlp_Tensor *p) {
  if (y->a.ndim < 1 || p->a.ndim != 2) return "";
  if (y->a.ndim == 2 && y->a.shape[1] == 1)
    return "; classes = true, an option of mlp.dataset and mlp.datasets.csv, "
           "makes a column of whole numbers classes";
  if (y->a.dtype == MLP_INT64) return "";
  if (y->a.ndim == 1) return "; y:long() makes whole numbers classes";
  if (y->a.ndim == 2 && y->a.shape[1] == p->a.shape[1])
    return "; y:argmax(2) makes one-hot rows classes";
  return "";
}

static mlp_Status as_classes (const mlp_Object *o, mlp_Tensor *y, mlp_Tensor *p,
                              const char *want, mlp_Tensor **out) {
  *out = NULL;
  if (y->a.dtype != MLP_INT64 || y->a.ndim != 1 || p->a.ndim != 2 ||
      y->a.shape[0] != p->a.shape[0])
    return bad_shape(o, y, p, want, classes_hint(y, p));
  *out = mlpi_tensor_retain(y);
  return MLP_OK;
}

mlp_Status mlpi_any_target (mlp_Tensor *y, mlp_Tensor *p, mlp_Tensor **out) {
  *out = NULL;
  if (y->a.dtype != MLP_INT64 && y->a.ndim > 0 && p->a.ndim > 0 &&
      y->a.shape[0] == p->a.shape[0] && mlpi_count(&y->a) == mlpi_count(&p->a))
    return as_values(NULL, y, p, out);
  *out = mlpi_tensor_retain(y);
  return MLP_OK;
}

/* What targets a loss takes for predictions of so many columns. */
static int target_of (const mlp_Loss *kind, size_t columns) {
  if (kind->target != MLPI_TARGET_SETS) return kind->target;
  return columns == 1 ? MLPI_TARGET_BINARY : MLPI_TARGET_ONE_HOT;
}

static size_t columns_of (const mlp_Tensor *p) {
  return p->a.ndim < 1 ? 0 : p->a.shape[p->a.ndim - 1];
}

static mlp_Status target (const mlp_Object *o, mlp_Tensor *y, mlp_Tensor *p,
                          mlp_Tensor **out) {
  switch (target_of((const mlp_Loss *)o->kind, columns_of(p))) {
  case MLPI_TARGET_ANY:
    return mlpi_any_target(y, p, out);
  case MLPI_TARGET_BINARY:
    return as_binary(o, y, p, out);
  case MLPI_TARGET_ONE_HOT:
    return as_one_hot(o, y, p, out);
  case MLPI_TARGET_CLASSES:
    return as_classes(o, y, p, "(n,) of classes (int64, 1..K)", out);
  case MLPI_TARGET_LABELS:
    return as_classes(o, y, p, "(n,) of class numbers (int64)", out);
  default:
    break;
  }
  *out = NULL;
  if (y->a.dtype == MLP_INT64)
    return mlpi_error(o->rt, MLP_EARG,
                      "%s: expected targets that are values (floats), got "
                      "classes; use a cross-entropy, or y:one_hot(K)",
                      o->kind->name);
  return as_values(o, y, p, out);
}

size_t mlpi_largest_label (const mlp_Loss *kind, size_t columns) {
  switch (target_of(kind, columns)) {
  case MLPI_TARGET_BINARY:
    return 2;
  case MLPI_TARGET_ONE_HOT:
  case MLPI_TARGET_CLASSES:
    return columns;
  default:
    return 0;
  }
}

bool mlpi_is_ignored (const mlp_Object *o, double label) {
  int i = mlpi_option_index(o->kind, "ignore_class");
  for (size_t k = 0; i >= 0 && k < o->value[i].list.n; k++)
    if (o->value[i].list.at[k] == label) return true;
  return false;
}

/* Labels must be in 1..K; where y is a symbol the data was checked before. */
static mlp_Status check_labels (const mlp_Object *o, const mlp_Tensor *y,
                                const mlp_Tensor *p) {
  const mlp_Loss *kind = (const mlp_Loss *)o->kind;
  if (y->symbol || y->a.dtype != MLP_INT64 || p->a.ndim < 1) return MLP_OK;
  const size_t most = mlpi_largest_label(kind, columns_of(p));
  return most == 0 ? MLP_OK : mlpi_check_labels(o, &y->a, (double)most);
}

mlp_Status mlpi_check_labels (const mlp_Object *o, const mlpi_Array *y,
                              double k) {
  size_t n = mlpi_count(y);
  for (size_t i = 0; i < n; i++) {
    double v = mlpi_get(y, i);
    if ((v >= 1 && v <= k) || mlpi_is_ignored(o, v)) continue;
    return mlpi_error(o->rt, MLP_EARG,
                      "%s: label %.0f at row %zu: expected 1..%.0f%s",
                      o->kind->name, v, i + 1, k,
                      v == 0 ? " (labels are 1-based; use y + 1)" : "");
  }
  return MLP_OK;
}

/*
** From losses of samples to one number
*/

static const char *reduction_of (const mlp_Object *o) {
  int i = mlpi_option_index(o->kind, "reduction");
  return i < 0 ? "mean" : o->value[i].text;
}

bool mlpi_loss_is_open (const mlp_Object *o) {
  return strcmp(reduction_of(o), "none") == 0;
}

/* A weight a sample (n) with ones behind, to meet losses of shape (n, ...). */
static mlp_Status spread (const mlp_Object *o, mlp_Tensor *w,
                          const mlp_Tensor *each, mlp_Tensor **out) {
  mlpi_Attrs a = { .n_axis = each->a.ndim };
  char got[MLPI_SHAPE_TEXT];
  *out = NULL;
  if (each->a.ndim < 1)
    return mlpi_error(o->rt, MLP_EARG,
                      "%s: expected no sample weights: it is one number for a "
                      "batch, so that rows cannot be weighted",
                      o->kind->name);
  if (w->a.ndim != 1 || w->a.shape[0] != each->a.shape[0])
    return mlpi_error(o->rt, MLP_ESHAPE,
                      "%s: expected a sample weight a row, (%zu,), got %s",
                      o->kind->name, each->a.shape[0],
                      mlpi_shape_text(w->a.ndim, w->a.shape, got));
  for (int i = 0; i < a.n_axis; i++)
    a.axis[i] = i == 0 ? (int64_t)each->a.shape[0] : 1;
  return mlpi_apply1("reshape", &a, w, out);
}

/* The sum of weighted losses over what they are divided by: their number, or
** where a mask hides some the number that counts; or the sum of weights. */
static mlp_Tensor *weighted_mean (mlpi_Formula *f, mlp_Tensor *each,
                                  mlp_Tensor *w, mlp_Tensor *mask,
                                  bool by_weights) {
  mlp_Tensor *divisor = by_weights ? w : mask;
  if (divisor == NULL || (by_weights && w == NULL))
    return mlpi_of(f, "mean", each);
  mlp_Tensor *count = mlpi_of(f, "sum", divisor);
  mlp_Tensor *none = mlpi_of_number(f, "eq", count, 0); /* then 0 / 1 */
  mlpi_Attrs real = { .dtype = f->dtype };
  none = mlpi_of_all(f, "cast", &real, 1, &none);
  return mlpi_of2(f, "div", mlpi_of(f, "sum", each),
                  mlpi_of2(f, "add", count, none));
}

/* One number of losses of samples; w, mask: of their shape, or NULL. */
static mlp_Status reduce (const mlp_Object *o, mlp_Tensor *each, mlp_Tensor *w,
                          mlp_Tensor *mask, mlp_Tensor **out) {
  const char *how = reduction_of(o);
  bool sum = strcmp(how, "sum") == 0;
  if (each->a.ndim == 0 || (w == NULL && mask == NULL && !sum)) {
    if (strcmp(how, "none") != 0) return mlpi_mean_of(each, out);
    *out = mlpi_tensor_retain(each);
    return MLP_OK;
  }
  mlpi_Formula f = mlpi_formula(each);
  if (mask != NULL) w = w == NULL ? mask : mlpi_of2(&f, "mul", w, mask);
  mlp_Tensor *t = w == NULL ? each : mlpi_of2(&f, "mul", each, w);
  if (sum)
    t = mlpi_of(&f, "sum", t);
  else if (strcmp(how, "none") != 0)
    t = weighted_mean(&f, t, w, mask,
                      strcmp(how, "mean_with_sample_weight") == 0);
  return mlpi_formula_end(&f, t, out);
}

mlp_Status mlpi_loss (const mlp_Object *o, mlp_Tensor *y, mlp_Tensor *p,
                      mlp_Tensor *w, mlp_Tensor **out) {
  const mlp_Loss *kind = (const mlp_Loss *)o->kind;
  mlp_Tensor *t = NULL, *each = NULL, *mask = NULL, *weight = NULL;
  *out = NULL;
  mlp_Status s = check_labels(o, y, p);
  if (s == MLP_OK) s = target(o, y, p, &t);
  if (s == MLP_OK) s = kind->apply(o, t, p, &each);
  if (s == MLP_OK && kind->mask != NULL) s = kind->mask(o, t, p, each, &mask);
  if (s == MLP_OK && w != NULL) s = spread(o, w, each, &weight);
  if (s == MLP_OK) s = reduce(o, each, weight, mask, out);
  mlpi_tensor_release(t);
  mlpi_tensor_release(each);
  mlpi_tensor_release(mask);
  mlpi_tensor_release(weight);
  return s;
}

/* Is t the mean over the last dimension of its producer's input? */
static bool is_mean_last (const mlp_Tensor *t) {
  const mlpi_Node *n = t->node;
  return n != NULL && n->op != NULL && strcmp(n->op->name, "mean") == 0 &&
         n->in[0] != NULL && n->attrs.n_axis == 1 &&
         n->attrs.axis[0] == n->in[0]->a.ndim - 1;
}

mlp_Status mlpi_mean_of (mlp_Tensor *t, mlp_Tensor **out) {
  return mlpi_apply1("mean", NULL, is_mean_last(t) ? t->node->in[0] : t, out);
}

mlp_Tensor *mlpi_smoothed (mlpi_Formula *f, mlp_Tensor *y, double s, double k) {
  if (s == 0) return y;
  return mlpi_of_number(f, "add", mlpi_of_number(f, "mul", y, 1 - s), s / k);
}

mlp_Tensor *mlpi_missing_margin (mlpi_Formula *f, mlp_Tensor *y,
                                 mlp_Tensor *p) {
  mlpi_Attrs real = { .dtype = f->dtype };
  mlp_Tensor *zero = mlpi_of_number(f, "eq", y, 0);
  mlp_Tensor *one = mlpi_of_all(f, "cast", &real, 1, &zero);
  mlp_Tensor *side = mlpi_of2(f, "sub", y, one);
  mlp_Tensor *margin = mlpi_of2(f, "mul", side, p);
  return mlpi_of(f, "relu", mlpi_number_of(f, "sub", 1, margin));
}

mlp_Tensor *mlpi_logits_of (mlp_Tensor *p, const char *activation) {
  const mlpi_Node *n = p->node;
  while (n != NULL && n->op != NULL && n->in[0] != NULL &&
         strcmp(n->op->name, "with_penalty") == 0)
    n = n->in[0]->node;
  if (n == NULL || n->op == NULL || n->in[0] == NULL) return NULL;
  const char *name = n->op->name;
  if (strcmp(name, "activate") == 0)
    name = ((const mlp_Kind *)n->attrs.kind)->name;
  return strcmp(name, activation) == 0 ? n->in[0] : NULL;
}
