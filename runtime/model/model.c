/*
** model.c - a model as a whole: made, built, called, compiled, released.
*/
#include "model/model.h"
#include "loss/loss.h"
#include "metric/metric.h"
#include "optimizer/optimizer.h"

#include <stdio.h>
#include <string.h>

mlp_Status mlpi_model_new (mlp_Runtime *rt, mlp_Model **out) {
  mlp_Model *m = *out = mlpi_calloc(rt, 1, sizeof *m);
  if (m == NULL) return MLP_ENOMEM;
  m->rt = rt;
  m->refs = 1;
  m->seed = rt->seed;
  m->ordinal = rt->ordinal++;
  m->n_in = m->n_out = 1;
  return MLP_OK;
}

mlp_Model *mlpi_model_retain (mlp_Model *m) {
  if (m != NULL) m->refs++;
  return m;
}

static void release_compiled (mlp_Model *m) {
  mlpi_object_release(m->optimizer);
  for (int i = 0; i < m->n_out; i++) {
    mlpi_object_release(m->out[i].loss);
    m->out[i].loss = NULL;
  }
  for (int i = 0; i < m->n_metrics; i++) mlpi_object_release(m->metric[i].o);
  m->optimizer = NULL;
  m->n_metrics = 0;
}

void mlpi_model_release (mlp_Model *m) {
  if (m == NULL || --m->refs > 0) return;
  mlpi_model_forget(m);
  release_compiled(m);
  for (int i = 0; i < m->n_uses; i++) {
    mlpi_layer_release(m->use[i].layer);
    mlpi_free(m->rt, m->use[i].in, (size_t)m->use[i].n_in * sizeof(int));
  }
  mlpi_free(m->rt, m->use, (size_t)m->use_room * sizeof *m->use);
  mlpi_free(m->rt, m->layer, (size_t)m->layer_room * sizeof *m->layer);
  mlpi_free(m->rt, m->span, (size_t)m->span_room * sizeof *m->span);
  mlpi_storage_release(m->grads);
  mlpi_storage_release(m->slots);
  mlpi_storage_release(m->work);
  mlpi_profile_release(m->profile);
  mlpi_free(m->rt, m, sizeof *m);
}

void mlpi_model_profile (mlp_Model *m, mlpi_Profile *p) {
  for (mlpi_Stage *g = m->stages; g != NULL; g = g->next)
    mlpi_plan_profile(g->plan, p);
  mlpi_profile_release(m->profile);
  m->profile = p;
}

/* " (units = 10, x.lua:13)": what is known of a layer that made a shape. */
static const char *describe (const mlp_Layer *l, char *text, size_t n) {
  char units[32] = "";
  int i = mlpi_option_index(l->o->kind, "units");
  if (i >= 0)
    snprintf(units, sizeof units, "units = %.0f%s", l->o->value[i].number,
             l->where[0] != '\0' ? ", " : "");
  text[0] = '\0';
  if (units[0] != '\0' || l->where[0] != '\0')
    snprintf(text, n, " (%s%s)", units, l->where);
  return text;
}

/* "layer 3 'dense_2': dense: expected ..., got (32, 10) from layer 2 'dense_1'
** (units = 10, x.lua:13); hint". */
static mlp_Status name_place (mlp_Model *m, int i, mlp_Status status) {
  const mlpi_Use *u = &m->use[i];
  int from = u->n_in > 0 ? u->in[0] : -1;
  char about[MLPI_WHERE + 48];
  if (status != MLP_ESHAPE && status != MLP_EARG) return status;
  if (from < 0)
    return mlpi_error(m->rt, status, "layer %d '%s': %.400s", i + 1,
                      u->layer->name, m->rt->error);
  const char *e = m->rt->error, *hint = strstr(e, "; ");
  const size_t n = hint == NULL ? strlen(e) : (size_t)(hint - e);
  return mlpi_error(m->rt, status,
                    "layer %d '%s': %.*s from layer %d '%s'%s%.120s", i + 1,
                    u->layer->name, (int)(n < 320 ? n : 320), e, from + 1,
                    m->use[from].layer->name,
                    describe(m->use[from].layer, about, sizeof about),
                    hint == NULL ? "" : hint);
}

static mlp_Status run_use (mlp_Model *m, int i, mlp_Tensor *const *x,
                           mlp_Tensor **value, const mlpi_Pass *pass) {
  const mlpi_Use *u = &m->use[i];
  mlp_Tensor *in[MLPI_MODEL_INPUTS];
  if (u->n_in > MLPI_MODEL_INPUTS)
    return mlpi_error(m->rt, MLP_EARG, "%s: expected at most %d inputs, got %d",
                      u->layer->name, MLPI_MODEL_INPUTS, u->n_in);
  for (int j = 0; j < u->n_in; j++)
    in[j] = u->in[j] < 0 ? x[-1 - u->in[j]] : value[u->in[j]];
  mlp_Status s = mlpi_layer_call(u->layer, u->n_in, in, pass, &value[i]);
  return s == MLP_OK ? s : name_place(m, i, s);
}

/* Run every use in order; each of 'out' is retained for the caller. 'shapes',
** where not NULL, gets the shape of each use's output. */
static mlp_Status run (mlp_Model *m, mlp_Tensor *const *x,
                       const mlpi_Pass *pass, mlpi_Array *shapes,
                       mlp_Tensor **out) {
  size_t room = (size_t)m->n_uses * sizeof(mlp_Tensor *);
  mlp_Tensor **value = mlpi_calloc(m->rt, 1, room);
  mlp_Status s = MLP_OK;
  for (int i = 0; i < m->n_out; i++) out[i] = NULL;
  if (value == NULL) return MLP_ENOMEM;
  for (int i = 0; i < m->n_uses && s == MLP_OK; i++) {
    s = run_use(m, i, x, value, pass);
    if (s == MLP_OK && shapes != NULL) shapes[i] = value[i]->a;
  }
  for (int i = 0; i < m->n_out && s == MLP_OK; i++)
    out[i] = mlpi_tensor_retain(value[m->out[i].use]);
  for (int i = 0; i < m->n_uses; i++) mlpi_tensor_release(value[i]);
  mlpi_free(m->rt, value, room);
  return s;
}

static void release_all (int n, mlp_Tensor **t) {
  for (int i = 0; i < n; i++) mlpi_tensor_release(t[i]);
}

/* Run on symbols of so many rows; the trace is dropped. */
static mlp_Status dry_run (mlp_Model *m, size_t rows, mlpi_Array *shapes) {
  mlpi_Trace *trace;
  mlp_Tensor *x[MLPI_PORTS] = { NULL }, *p[MLPI_PORTS] = { NULL };
  mlp_Status s = mlpi_trace_new(m->rt, &trace);
  if (s != MLP_OK) return s;
  for (int i = 0; i < m->n_in && s == MLP_OK; i++) {
    mlpi_Array a = m->in[i].like;
    a.shape[0] = rows;
    s = mlpi_trace_input(trace, a.dtype, a.ndim, a.shape, &x[i]);
  }
  if (s == MLP_OK) s = run(m, x, &(mlpi_Pass){ .training = true }, shapes, p);
  release_all(m->n_out, p);
  release_all(m->n_in, x);
  mlpi_trace_release(trace);
  return s;
}

mlp_Status mlpi_model_shapes (mlp_Model *m, size_t rows, mlpi_Array *shapes) {
  if (m->built) return dry_run(m, rows, shapes);
  return mlpi_error(m->rt, MLP_ESTATE,
                    "model: expected a model that is built; call it on data "
                    "first, or give an input shape");
}

static mlp_Status place (mlp_Model *m) {
  size_t bytes = 0, offset = 0;
  mlpi_Storage *storage;
  for (int i = 0; i < m->n_layers; i++) mlpi_layer_reserve(m->layer[i], &bytes);
  mlp_Status s = mlpi_storage_new(m->rt, bytes, &storage);
  if (s != MLP_OK) return s;
  memset(storage->data, 0, bytes);
  for (int i = 0; i < m->n_layers && s == MLP_OK; i++)
    s = mlpi_layer_place(m->layer[i], m->seed, m->ordinal, (uint32_t)i, storage,
                         &offset);
  mlpi_storage_release(storage);
  return s;
}

static void forget_inputs (mlp_Model *m) {
  for (int i = 0; i < m->n_in; i++) m->in[i].like.ndim = 0;
}

mlp_Status mlpi_model_declare (mlp_Model *m, mlp_Dtype dtype,
                               const mlpi_Array *like) {
  if (m->n_uses == 0)
    return mlpi_error(m->rt, MLP_ESTATE,
                      "model: expected at least one layer, got none");
  m->dtype = dtype;
  for (int i = 0; i < m->n_in; i++) {
    mlpi_Array *a = &m->in[i].like;
    if (like[i].ndim < 1 || like[i].ndim > MLP_MAXDIM)
      return mlpi_error(m->rt, MLP_ESHAPE,
                        "model: expected an input of shape (rows, ...), got %s",
                        like[i].ndim < 1 ? "()" : "too many dimensions");
    *a = like[i];
    a->data = NULL;
    a->shape[0] = 0;
  }
  for (int i = 0; i < m->n_layers; i++)
    if (!m->layer[i]->built) m->layer[i]->dtype = dtype;
  mlp_Status s = dry_run(m, 2, NULL);
  if (s == MLP_OK) s = mlpi_model_list(m);
  if (s != MLP_OK) forget_inputs(m);
  return s;
}

mlp_Status mlpi_model_build (mlp_Model *m, mlp_Dtype dtype,
                             const mlpi_Array *like) {
  if (m->built) return MLP_OK;
  mlp_Status s = mlpi_model_declare(m, dtype, like);
  if (s == MLP_OK) s = place(m);
  m->built = s == MLP_OK;
  if (s != MLP_OK) forget_inputs(m);
  return s;
}

mlp_Status mlpi_model_build_for (mlp_Model *m, mlp_Tensor *const *x) {
  mlpi_Array like[MLPI_PORTS];
  mlp_Dtype dtype = MLP_FLOAT32;
  if (m->built) return MLP_OK;
  for (int i = m->n_in - 1; i >= 0; i--) {
    like[i] = x[i]->a;
    if (mlpi_is_real(like[i].dtype)) dtype = like[i].dtype;
  }
  return mlpi_model_build(m, dtype, like);
}

/* The first layer that takes input i, for messages. */
static int first_use (const mlp_Model *m, int i) {
  for (int k = 0; k < m->n_uses; k++)
    for (int j = 0; j < m->use[k].n_in; j++)
      if (m->use[k].in[j] == -1 - i) return k;
  return 0;
}

/* "", or " 'age'", or " 2": which of several inputs. */
static const char *input_name (const mlp_Model *m, int i, char *text,
                               size_t n) {
  if (m->n_in == 1)
    text[0] = '\0';
  else if (m->in[i].name[0] != '\0')
    snprintf(text, n, " '%s'", m->in[i].name);
  else
    snprintf(text, n, " %d", i + 1);
  return text;
}

static mlp_Status check_input (mlp_Model *m, int i, const mlpi_Array *x) {
  const mlpi_Array *like = &m->in[i].like;
  mlpi_Array want = *like;
  char a[MLPI_SHAPE_TEXT], b[MLPI_SHAPE_TEXT], name[MLPI_LAYER_NAME + 4];
  bool ok = x->ndim == like->ndim;
  for (int d = 1; d < like->ndim && ok; d++) ok = x->shape[d] == like->shape[d];
  if (ok && x->dtype == like->dtype) return MLP_OK;
  input_name(m, i, name, sizeof name);
  if (ok)
    return mlpi_error(m->rt, MLP_ETYPE,
                      "model: expected an input%s of %s, got %s", name,
                      mlpi_dtype_name(like->dtype), mlpi_dtype_name(x->dtype));
  want.shape[0] = x->ndim > 0 ? x->shape[0] : 1;
  int k = first_use(m, i);
  return mlpi_error(m->rt, MLP_ESHAPE,
                    "layer %d '%s': expected an input%s of shape %s, got %s",
                    k + 1, m->use[k].layer->name, name,
                    mlpi_shape_text(want.ndim, want.shape, a),
                    mlpi_shape_text(x->ndim, x->shape, b));
}

mlp_Status mlpi_model_call (mlp_Model *m, mlp_Tensor *const *x,
                            const mlpi_Pass *pass, mlp_Tensor **out) {
  mlp_Status s = mlpi_model_build_for(m, x);
  for (int i = 0; i < m->n_out; i++) out[i] = NULL;
  for (int i = 0; i < m->n_in && s == MLP_OK; i++)
    s = check_input(m, i, &x[i]->a);
  return s != MLP_OK ? s : run(m, x, pass, NULL, out);
}

size_t mlpi_model_count (const mlp_Model *m, bool trainable_only) {
  size_t n = 0;
  for (int i = 0; i < m->n_layers; i++)
    for (int j = 0; j < m->layer[i]->n_weights; j++) {
      const mlp_Tensor *t = m->layer[i]->weight[j].tensor;
      if (!trainable_only || t->requires_grad) n += mlpi_count(&t->a);
    }
  return n;
}

mlp_Status mlpi_model_hash (mlp_Model *m, char hex[65]) {
  int n = 0;
  if (!m->built)
    return mlpi_error(
        m->rt, MLP_ESTATE,
        "hash: expected a model that is built; call it, or fit it, "
        "first");
  for (int i = 0; i < m->n_layers; i++) n += m->layer[i]->n_weights;
  size_t room = (size_t)n * sizeof(mlpi_Array);
  mlpi_Array *all = mlpi_alloc(m->rt, room);
  if (all == NULL) return MLP_ENOMEM;
  n = 0;
  for (int i = 0; i < m->n_layers; i++)
    for (int j = 0; j < m->layer[i]->n_weights; j++)
      all[n++] = m->layer[i]->weight[j].tensor->a;
  mlpi_array_hash(all, n, hex);
  mlpi_free(m->rt, all, room);
  return MLP_OK;
}

static mlp_Status check_losses (const mlp_Model *m, mlp_Object *const *loss) {
  bool any = false;
  for (int i = 0; i < m->n_out; i++) {
    any = any || loss[i] != NULL;
    if (loss[i] != NULL && mlpi_loss_is_open(loss[i]))
      return mlpi_error(m->rt, MLP_EARG,
                        "compile: option 'loss': %s with reduction 'none' is "
                        "not one number; a loss to train by needs another",
                        loss[i]->kind->name);
  }
  if (any) return MLP_OK;
  return mlpi_error(m->rt, MLP_EARG,
                    "compile: expected a loss for at least one output");
}

mlp_Status mlpi_model_compile (mlp_Model *m, mlp_Object *optimizer,
                               mlp_Object *const *loss, const double *weight,
                               int n_metrics, const mlpi_Measure *metrics) {
  if (n_metrics > MLPI_METRICS)
    return mlpi_error(m->rt, MLP_EARG,
                      "compile: expected at most %d metrics, got %d",
                      MLPI_METRICS, n_metrics);
  if (m->busy)
    return mlpi_error(m->rt, MLP_ESTATE,
                      "compile: the model is training; a callback cannot "
                      "change its optimizer or loss");
  mlp_Status s = check_losses(m, loss);
  if (s == MLP_OK) s = mlpi_optimizer_check(optimizer);
  if (s != MLP_OK) return s;
  mlpi_model_forget(m);
  release_compiled(m);
  mlpi_storage_release(m->slots);
  m->slots = NULL;
  m->iterations = 0;
  m->optimizer = mlpi_object_retain(optimizer);
  m->optimizer_kind = NULL;
  for (int i = 0; i < m->n_out; i++) {
    m->out[i].loss = mlpi_object_retain(loss[i]);
    m->out[i].weight = weight == NULL ? 1 : weight[i];
  }
  for (int i = 0; i < n_metrics; i++) {
    m->metric[i] = metrics[i];
    mlpi_object_retain(metrics[i].o);
  }
  m->n_metrics = n_metrics;
  return MLP_OK;
}

bool mlpi_model_wants (const mlp_Model *m, int i) {
  if (m->out[i].loss != NULL) return true;
  for (int k = 0; k < m->n_metrics; k++)
    if (m->metric[k].output == i) return true;
  return false;
}
