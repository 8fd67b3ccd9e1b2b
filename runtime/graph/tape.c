/*
** tape.c - the eager executor: run an op at once, remember it, go back.
*/
#include "graph/graph.h"

#include <string.h>

bool mlpi_tracked (const mlp_Tensor *t) {
  return t->requires_grad || (t->node != NULL && t->node->wants_grad);
}

/* The real type that decides the variant: that of the first real input. */
static mlp_Dtype real_type (int n_in, mlp_Tensor *const *in) {
  for (int i = 0; i < n_in; i++)
    if (mlpi_is_real(in[i]->a.dtype)) return in[i]->a.dtype;
  return MLP_FLOAT32;
}

static bool any_symbol (int n_in, mlp_Tensor *const *in) {
  for (int i = 0; i < n_in; i++)
    if (in[i]->symbol) return true;
  return false;
}

/* A weight without memory may be traced, but not computed with. */
static mlp_Status check_inputs (mlp_Runtime *rt, const mlpi_Op *op, int n_in,
                                mlp_Tensor *const *in) {
  if (n_in < op->min_in || n_in > op->max_in)
    return mlpi_error(rt, MLP_EARG, "%s: expected %d to %d tensors, got %d",
                      op->name, op->min_in, op->max_in, n_in);
  bool traced = any_symbol(n_in, in);
  for (int i = 0; i < n_in; i++) {
    if (in[i]->rt != rt)
      return mlpi_error(
          rt, MLP_EARG,
          "%s: argument %d: the tensor belongs to another runtime", op->name,
          i + 1);
    if (in[i]->storage == NULL && !traced)
      return mlpi_error(rt, MLP_ESTATE,
                        "%s: argument %d: expected a tensor with values, got a "
                        "weight of a model that is not built yet",
                        op->name, i + 1);
  }
  return MLP_OK;
}

static mlp_Status run_forward (mlpi_Call *c) {
  size_t n = c->op->scratch == NULL ? 0 : c->op->scratch(c);
  mlpi_Storage *s = NULL;
  if (n > 0) {
    mlp_Status status = mlpi_storage_new(c->rt, n, &s);
    if (status != MLP_OK) return status;
    c->scratch = s->data;
  }
  c->rt->abortable = true;
  c->op->forward(c);
  c->rt->abortable = false;
  mlp_Status status = mlpi_cancelled(c->rt) ? mlpi_check_cancel(c->rt) : MLP_OK;
  if (status == MLP_OK && c->op->verify != NULL) status = c->op->verify(c);
  mlpi_storage_release(s);
  c->scratch = NULL;
  return status;
}

/* Remember the application where a gradient, or a look-through, wants it. */
static mlp_Status record (const mlpi_Call *c, mlp_Tensor *const *in,
                          mlp_Tensor *out) {
  bool wanted = (mlpi_op_flags(c) & MLPI_OP_LINK) != 0;
  for (int i = 0; i < c->n_in; i++)
    wanted = wanted || (!c->rt->grad_disabled && c->op->backward != NULL &&
                        mlpi_tracked(in[i]));
  if (!wanted) return MLP_OK;
  mlp_Status s = mlpi_node_new(c->rt, c, in, &out->node);
  if (s != MLP_OK) return s;
  if (c->rt->grad_disabled) out->node->wants_grad = false;
  out->node->out = out->a;
  out->node->saved = out->storage;
  out->node->saved_version = out->storage->version;
  out->storage->refs++;
  return MLP_OK;
}

static mlp_Status apply_now (mlpi_Call *c, mlp_Tensor *const *in,
                             mlp_Tensor **out) {
  mlp_Tensor *t = NULL;
  mlp_Status s = c->op->check == NULL ? MLP_OK : c->op->check(c);
  if (s != MLP_OK) return s;
  if ((mlpi_op_flags(c) & MLPI_OP_VIEW) != 0) {
    s = mlpi_tensor_view(in[0], &c->out, &t);
  } else {
    s = mlpi_tensor_new(c->rt, c->out.dtype, c->out.ndim, c->out.shape, &t);
    if (s == MLP_OK) {
      c->out = t->a;
      s = run_forward(c);
    }
  }
  if (s == MLP_OK) s = record(c, in, t);
  if (s != MLP_OK) {
    mlpi_tensor_release(t);
    return s;
  }
  *out = t;
  return MLP_OK;
}

/* Fill in a call and check what it takes. */
static mlp_Status prepare (mlpi_Call *c, mlpi_Array *arrays,
                           const mlpi_Attrs *attrs, mlp_Tensor *const *in) {
  mlp_Status s = check_inputs(c->rt, c->op, c->n_in, in);
  if (s != MLP_OK) return s;
  if (attrs != NULL) c->attrs = *attrs;
  if (c->attrs.object != NULL)
    c->attrs.kind = mlpi_object_kind(c->attrs.object, real_type(c->n_in, in));
  for (int i = 0; i < c->n_in; i++) arrays[i] = in[i]->a;
  return c->op->shape(c);
}

mlp_Status mlpi_apply_op (mlp_Runtime *rt, const mlpi_Op *op,
                          const mlpi_Attrs *attrs, int n_in,
                          mlp_Tensor *const *in, mlp_Tensor **out) {
  mlpi_Array arrays[MLPI_INPUTS];
  mlpi_Call c = { .rt = rt, .op = op, .n_in = n_in, .in = arrays };
  *out = NULL;
  mlp_Status s = prepare(&c, arrays, attrs, in);
  if (s != MLP_OK) return s;
  return any_symbol(n_in, in) ? mlpi_trace_apply(&c, in, out)
                              : apply_now(&c, in, out);
}

mlp_Status mlpi_apply (mlp_Runtime *rt, const char *op, const mlpi_Attrs *attrs,
                       int n_in, mlp_Tensor *const *in, mlp_Tensor **out) {
  const mlpi_Op *o = mlpi_op(rt, real_type(n_in, in), op);
  *out = NULL;
  if (o == NULL) return mlpi_error(rt, MLP_EARG, "no operator named '%s'", op);
  return mlpi_apply_op(rt, o, attrs, n_in, in, out);
}

static mlp_Status check_target (const mlpi_Call *c, mlp_Tensor *const *in,
                                const mlp_Tensor *out) {
  char a[MLPI_SHAPE_TEXT], b[MLPI_SHAPE_TEXT];
  const char *name = c->op->name;
  for (int i = 0; i < c->n_in; i++)
    if (in[i]->symbol || (!c->rt->grad_disabled && mlpi_tracked(in[i])))
      return mlpi_error(c->rt, MLP_ESTATE,
                        "%s: a result that is written over a tensor cannot be "
                        "recorded; use mlp.no_grad, or a new tensor",
                        name);
  if ((mlpi_op_flags(c) & MLPI_OP_VIEW) != 0)
    return mlpi_error(c->rt, MLP_EARG, "%s: gives a view; use copy_", name);
  if (c->out.dtype == out->a.dtype && mlpi_same_shape(&c->out, &out->a))
    return MLP_OK;
  return mlpi_error(c->rt, MLP_ESHAPE,
                    "%s: expected a tensor for the result of %s %s, got %s %s",
                    name, mlpi_dtype_name(c->out.dtype),
                    mlpi_shape_text(c->out.ndim, c->out.shape, a),
                    mlpi_dtype_name(out->a.dtype),
                    mlpi_shape_text(out->a.ndim, out->a.shape, b));
}

/* May forward write there at once? */
static bool direct (const mlpi_Call *c, mlp_Tensor *const *in,
                    const mlp_Tensor *out) {
  if (!mlpi_contiguous(&out->a) || c->op->verify != NULL) return false;
  for (int i = 0; i < c->n_in; i++) {
    bool itself = i == 0 && (c->op->flags & MLPI_OP_INPLACE) != 0 &&
                  in[i]->a.data == out->a.data && mlpi_contiguous(&in[i]->a) &&
                  mlpi_same_shape(&in[i]->a, &out->a);
    if (in[i]->storage == out->storage && !itself) return false;
  }
  return true;
}

mlp_Status mlpi_apply_into (mlp_Runtime *rt, const char *op,
                            const mlpi_Attrs *attrs, int n_in,
                            mlp_Tensor *const *in, mlp_Tensor *out) {
  mlpi_Array arrays[MLPI_INPUTS];
  mlp_Tensor *aside = NULL;
  mlpi_Call c = { .rt = rt, .n_in = n_in, .in = arrays };
  c.op = mlpi_op(rt, real_type(n_in, in), op);
  if (c.op == NULL)
    return mlpi_error(rt, MLP_EARG, "no operator named '%s'", op);
  mlp_Status s = prepare(&c, arrays, attrs, in);
  if (s == MLP_OK) s = check_target(&c, in, out);
  if (s == MLP_OK && c.op->check != NULL) s = c.op->check(&c);
  if (s == MLP_OK && !direct(&c, in, out))
    s = mlpi_tensor_new(rt, c.out.dtype, c.out.ndim, c.out.shape, &aside);
  if (s != MLP_OK) return s;
  c.out = aside != NULL ? aside->a : out->a;
  s = run_forward(&c);
  if (s == MLP_OK && aside != NULL) mlpi_array_copy(&aside->a, &out->a);
  out->storage->version++;
  mlpi_tensor_release(aside);
  return s;
}

mlp_Status mlpi_apply1 (const char *op, const mlpi_Attrs *attrs, mlp_Tensor *a,
                        mlp_Tensor **out) {
  return mlpi_apply(a->rt, op, attrs, 1, &a, out);
}

mlp_Status mlpi_apply2 (const char *op, const mlpi_Attrs *attrs, mlp_Tensor *a,
                        mlp_Tensor *b, mlp_Tensor **out) {
  mlp_Tensor *in[] = { a, b };
  return mlpi_apply(a->rt, op, attrs, 2, in, out);
}

mlp_Status mlpi_scalar (mlp_Runtime *rt, mlp_Dtype dtype, double value,
                        mlp_Tensor **out) {
  mlp_Status s = mlpi_tensor_new(rt, dtype, 0, NULL, out);
  if (s == MLP_OK) mlpi_set(&(*out)->a, 0, value);
  return s;
}

void mlpi_accumulate (mlp_Runtime *rt, const mlpi_Array *a,
                      const mlpi_Array *b) {
  mlpi_Array flat = { a->data, a->dtype, 1, { mlpi_count(a) }, { 1 } };
  mlpi_Array in[2] = { flat, flat };
  mlpi_Call c = { .rt = rt,
                  .op = mlpi_op(rt, a->dtype, "add"),
                  .n_in = 2,
                  .in = in,
                  .out = flat };
  in[1].data = b->data;
  c.op->forward(&c);
}
