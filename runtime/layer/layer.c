/*
** layer.c - the life of a layer and of its weights.
*/
#include "layer/layer.h"
#include "regularizer/regularizer.h"

#include <stdio.h>
#include <string.h>

enum { PADDING = 64 }; /* bytes: each weight starts at a multiple */

mlp_Status mlpi_layer_new (mlp_Object *o, mlp_Layer **out) {
  mlp_Layer *l = *out = mlpi_calloc(o->rt, 1, sizeof *l);
  if (l == NULL) return MLP_ENOMEM;
  l->rt = o->rt;
  l->refs = 1;
  l->o = mlpi_object_retain(o);
  l->trainable = true;
  l->dtype = MLP_FLOAT32;
  return MLP_OK;
}

mlp_Layer *mlpi_layer_retain (mlp_Layer *l) {
  if (l != NULL) l->refs++;
  return l;
}

void mlpi_layer_release (mlp_Layer *l) {
  if (l == NULL || --l->refs > 0) return;
  for (int i = 0; i < l->n_weights; i++)
    mlpi_tensor_release(l->weight[i].tensor);
  for (int i = 0; i < l->n_parts; i++) mlpi_layer_release(l->parts[i]);
  mlpi_free(l->rt, l->parts, (size_t)l->n_parts * sizeof(mlp_Layer *));
  mlpi_object_release(l->o);
  mlpi_free(l->rt, l, sizeof *l);
}

static bool is_part (const mlp_Layer *l, const mlp_Layer *part) {
  for (int i = 0; i < l->n_parts; i++)
    if (l->parts[i] == part) return true;
  return false;
}

/* "dense_2": the second part of its kind. */
static void name_part (const mlp_Layer *l, mlp_Layer *part) {
  char own[40];
  int count = 1;
  for (int i = 0; i < l->n_parts; i++)
    count += strcmp(l->parts[i]->o->kind->name, part->o->kind->name) == 0;
  if (part->name[0] != '\0')
    snprintf(own, sizeof own, "%.30s", part->name);
  else
    snprintf(own, sizeof own, "%.24s_%d", part->o->kind->name, count);
  const int room = (int)(sizeof part->name - 2 - strlen(own));
  snprintf(part->name, sizeof part->name, "%.*s/%s", room,
           l->name[0] != '\0' ? l->name : l->o->kind->name, own);
}

mlp_Status mlpi_layer_adopt (mlp_Layer *l, mlp_Layer *part) {
  const size_t n = (size_t)l->n_parts;
  if (is_part(l, part)) return MLP_OK;
  mlp_Layer **more = mlpi_realloc(l->rt, l->parts, n * sizeof(mlp_Layer *),
                                  (n + 1) * sizeof(mlp_Layer *));
  if (more == NULL) return MLP_ENOMEM;
  l->parts = more;
  name_part(l, part);
  l->parts[l->n_parts++] = mlpi_layer_retain(part);
  part->made = true;
  part->dtype = l->dtype;
  if (!l->trainable) mlpi_layer_set_trainable(part, false);
  return MLP_OK;
}

void mlpi_layer_set_trainable (mlp_Layer *l, bool trainable) {
  l->trainable = trainable;
  l->rt->freezes++;
  for (int i = 0; i < l->n_weights; i++)
    l->weight[i].tensor->requires_grad = trainable && l->weight[i].trainable;
  for (int i = 0; i < l->n_parts; i++)
    mlpi_layer_set_trainable(l->parts[i], trainable);
}

mlp_Status mlpi_layer_weight (mlp_Layer *l, const char *name, mlp_Dtype dtype,
                              int ndim, const size_t *shape,
                              const mlp_Object *initializer,
                              const mlp_Object *regularizer,
                              const mlp_Object *constraint, bool trainable) {
  mlpi_Weight *w = &l->weight[l->n_weights];
  mlp_Status s = mlpi_tensor_unbacked(l->rt, dtype, ndim, shape, &w->tensor);
  if (s != MLP_OK) return s;
  w->name = name;
  w->initializer = initializer;
  w->regularizer = regularizer;
  w->constraint = constraint;
  w->fan_in = 0;
  w->trainable = trainable;
  w->tensor->requires_grad = trainable && l->trainable;
  w->tensor->symbol = false;
  l->n_weights++;
  return MLP_OK;
}

/* The object of the option "<name>_<family>", or NULL. */
static const mlp_Object *option_of (const mlp_Layer *l, const char *name,
                                    const char *family) {
  char option[MLPI_LAYER_NAME];
  snprintf(option, sizeof option, "%s_%s", name, family);
  int i = mlpi_option_index(l->o->kind, option);
  return i < 0 ? NULL : l->o->value[i].object;
}

static mlp_Status declare (mlp_Layer *l, const char *name, mlp_Dtype dtype,
                           int ndim, const size_t *shape, bool trainable) {
  const mlp_Object *initializer = option_of(l, name, "initializer");
  if (initializer == NULL)
    return mlpi_error(l->rt, MLP_EARG,
                      "%s: option '%s_initializer': expected an initializer, "
                      "got none",
                      l->o->kind->name, name);
  return mlpi_layer_weight(l, name, dtype, ndim, shape, initializer,
                           option_of(l, name, "regularizer"),
                           option_of(l, name, "constraint"), trainable);
}

mlp_Status mlpi_layer_trainable (mlp_Layer *l, const char *name,
                                 mlp_Dtype dtype, int ndim,
                                 const size_t *shape) {
  return declare(l, name, dtype, ndim, shape, true);
}

mlp_Status mlpi_layer_state (mlp_Layer *l, const char *name, mlp_Dtype dtype,
                             int ndim, const size_t *shape) {
  return declare(l, name, dtype, ndim, shape, false);
}

static size_t padded_bytes (const mlp_Tensor *t) {
  size_t n = mlpi_count(&t->a) * mlpi_dtype_size(t->a.dtype);
  return (n + PADDING - 1) / PADDING * PADDING;
}

void mlpi_layer_reserve (mlp_Layer *l, size_t *n) {
  for (int i = 0; !l->placed && i < l->n_weights; i++)
    *n += padded_bytes(l->weight[i].tensor);
}

mlp_Status mlpi_layer_place (mlp_Layer *l, uint64_t seed, uint32_t model,
                             uint32_t index, mlpi_Storage *s, size_t *offset) {
  if (l->placed || !l->built) return MLP_OK;
  l->seed = seed;
  l->model = model;
  l->index = index;
  for (int i = 0; i < l->n_weights; i++) {
    mlpi_Weight *w = &l->weight[i];
    mlpi_Stream stream =
        mlpi_stream(seed, model, index, MLPI_FOR_INIT, (uint64_t)i);
    mlpi_tensor_attach(w->tensor, s, *offset);
    mlp_Status status =
        mlpi_initialize(w->initializer, &stream, w->fan_in, &w->tensor->a);
    if (status != MLP_OK) return status;
    *offset += padded_bytes(w->tensor);
  }
  l->placed = true;
  return MLP_OK;
}

mlp_Status mlpi_layer_declare (mlp_Layer *l, int n_in, mlp_Tensor *const *in) {
  const mlp_LayerKind *k = (const mlp_LayerKind *)l->o->kind;
  if (l->built) return MLP_OK;
  if (n_in > 0 && mlpi_is_real(in[0]->a.dtype)) l->dtype = in[0]->a.dtype;
  if (n_in < k->min_in || n_in > k->max_in)
    return mlpi_error(l->rt, MLP_EARG, "%s: expected %d to %d inputs, got %d",
                      k->name, k->min_in, k->max_in, n_in);
  mlp_Status s = k->build == NULL ? MLP_OK : k->build(l, n_in, in);
  l->built = s == MLP_OK;
  while (s != MLP_OK && l->n_weights > 0)
    mlpi_tensor_release(l->weight[--l->n_weights].tensor);
  return s;
}

/* One that is made around another takes what that takes. */
bool mlpi_layer_integers (const mlp_Layer *l) {
  const mlp_Option *p = l->o->kind->options;
  for (int i = 0; p[i].name != NULL; i++)
    if (p[i].type == MLP_LAYER && l->o->value[i].layer.at != NULL)
      return mlpi_layer_integers(l->o->value[i].layer.at);
  return ((const mlp_LayerKind *)l->o->kind)->integers;
}

static void reserve_all (mlp_Layer *l, size_t *bytes) {
  mlpi_layer_reserve(l, bytes);
  for (int i = 0; i < l->n_parts; i++) reserve_all(l->parts[i], bytes);
}

static mlp_Status place_all (mlp_Layer *l, uint32_t *index, mlpi_Storage *s,
                             size_t *offset) {
  mlp_Status status =
      mlpi_layer_place(l, l->rt->seed, l->rt->ordinal, (*index)++, s, offset);
  for (int i = 0; i < l->n_parts && status == MLP_OK; i++)
    status = place_all(l->parts[i], index, s, offset);
  return status;
}

/* A layer on its own counts as a model of one layer. */
static mlp_Status place_alone (mlp_Layer *l) {
  size_t bytes = 0, offset = 0;
  uint32_t index = 0;
  mlpi_Storage *s;
  reserve_all(l, &bytes);
  mlp_Status status = mlpi_storage_new(l->rt, bytes, &s);
  if (status != MLP_OK) return status;
  memset(s->data, 0, bytes);
  status = place_all(l, &index, s, &offset);
  if (status == MLP_OK) l->rt->ordinal++;
  mlpi_storage_release(s);
  return status;
}

mlp_Status mlpi_layer_call (mlp_Layer *l, int n_in, mlp_Tensor *const *in,
                            const mlpi_Pass *pass, mlp_Tensor **out) {
  *out = NULL;
  mlp_Status s = mlpi_layer_declare(l, n_in, in);
  bool real = n_in > 0 && !in[0]->symbol;
  if (s == MLP_OK && real && !l->placed) s = place_alone(l);
  if (s != MLP_OK) return s;
  return ((const mlp_LayerKind *)l->o->kind)->call(l, n_in, in, pass, out);
}

mlp_Status mlpi_activate (const mlp_Object *activation, mlp_Tensor *x,
                          mlp_Tensor **out) {
  if (activation == NULL || strcmp(activation->kind->name, "linear") == 0) {
    *out = mlpi_tensor_retain(x);
    return MLP_OK;
  }
  mlpi_Attrs a = { .object = activation };
  return mlpi_apply1("activate", &a, x, out);
}

mlp_Status mlpi_merge (const char *op, int n_in, mlp_Tensor *const *in,
                       mlp_Tensor **out) {
  mlp_Tensor *merged = mlpi_tensor_retain(in[0]);
  *out = NULL;
  for (int i = 1; i < n_in; i++) {
    mlp_Tensor *next = NULL;
    mlp_Status s = mlpi_apply2(op, NULL, merged, in[i], &next);
    mlpi_tensor_release(merged);
    if (s != MLP_OK) return s;
    merged = next;
  }
  *out = merged;
  return MLP_OK;
}

mlp_Status mlpi_penalize (const mlp_Object *regularizer, mlp_Tensor *x,
                          mlp_Tensor **out) {
  mlp_Tensor *penalty = NULL;
  *out = NULL;
  if (regularizer == NULL) {
    *out = mlpi_tensor_retain(x);
    return MLP_OK;
  }
  const mlp_Regularizer *k = (const mlp_Regularizer *)regularizer->kind;
  mlp_Status s = k->penalty(regularizer, x, &penalty);
  if (s != MLP_OK) return s;
  mlpi_Formula f = mlpi_formula(x);
  double rows = x->a.ndim == 0 ? 1 : (double)x->a.shape[0];
  mlp_Tensor *mean = mlpi_of_number(&f, "div", penalty, rows);
  s = mlpi_formula_end(&f, mlpi_of2(&f, "with_penalty", x, mean), out);
  mlpi_tensor_release(penalty);
  return s;
}

mlp_Status mlpi_check_features (mlp_Layer *l, const mlpi_Array *x) {
  char got[MLPI_SHAPE_TEXT];
  if (x->ndim >= 2) return MLP_OK;
  return mlpi_error(l->rt, MLP_ESHAPE,
                    "%s: expected an input of shape (rows, features), got %s",
                    l->o->kind->name, mlpi_shape_text(x->ndim, x->shape, got));
}

mlpi_Attrs mlpi_layer_draw (const mlp_Layer *l, const mlpi_Pass *pass,
                            double first, double second) {
  return (mlpi_Attrs){ .number = { first, second },
                       .stream = mlpi_stream(l->seed, l->model, l->index,
                                             MLPI_FOR_DROPOUT, pass->step) };
}
