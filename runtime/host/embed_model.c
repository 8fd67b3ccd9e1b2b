/*
** embed_model.c - models that a host makes layer by layer, and files of
** models. What a file says is read and written by lua/mlp/file.lua.
*/
#include "base/text.h"
#include "host/embed.h"
#include "bind/bind.h"

#include <stdio.h>
#include <string.h>

static mlp_Runtime *of (const mlp_Model *m) { return m == NULL ? NULL : m->rt; }

mlp_Status mlp_model_new (mlp_Runtime *rt, mlp_Model **out) {
  if (out == NULL) return MLP_EARG;
  *out = NULL;
  mlp_Status s = mlpi_enter(rt);
  return s != MLP_OK ? s : mlpi_leave(rt, mlpi_model_new(rt, out));
}

void mlp_model_release (mlp_Model *m) {
  bool inside;
  mlp_Runtime *rt = of(m);
  if (mlpi_enter_any(rt, &inside) != MLP_OK) return;
  mlpi_model_release(m);
  mlpi_leave_any(rt, inside, MLP_OK);
}

/*
** Layers
*/

/* What every layer has: "name" and "trainable". */
static mlp_Status common_settings (mlp_Layer *l, const mlp_Setting *s) {
  for (; s != NULL && s->name != NULL; s++) {
    if (strcmp(s->name, "trainable") == 0) l->trainable = s->number != 0;
    if (strcmp(s->name, "name") != 0) continue;
    if (s->text == NULL || s->text[0] == '\0' ||
        strlen(s->text) >= MLPI_LAYER_NAME)
      return mlpi_error(l->rt, MLP_EARG,
                        "%s: option 'name': expected 1 to %d characters",
                        l->o->kind->name, MLPI_LAYER_NAME - 1);
    snprintf(l->name, sizeof l->name, "%s", s->text);
  }
  return MLP_OK;
}

static mlp_Status check_inputs (const mlp_Model *m, int n, const int *in) {
  if (n < 1 || n > MLPI_MODEL_INPUTS || in == NULL)
    return mlpi_error(m->rt, MLP_EARG,
                      "model_join: expected 1 to %d inputs, got %d",
                      MLPI_MODEL_INPUTS, in == NULL ? 0 : n);
  for (int i = 0; i < n; i++)
    if (in[i] < 0 || in[i] > m->n_uses)
      return mlpi_error(m->rt, MLP_EARG,
                        "model_join: input %d: expected 0 to %d, got %d", i + 1,
                        m->n_uses, in[i]);
  return MLP_OK;
}

static mlp_Status add (mlp_Model *m, const char *layer,
                       const mlp_Setting *settings, int n, const int *in) {
  mlp_Object *o;
  mlp_Layer *l = NULL;
  int use[MLPI_MODEL_INPUTS];
  mlp_Status s = check_inputs(m, n, in);
  if (s == MLP_OK)
    s = mlpi_object_from(m->rt, "layer", layer, settings, "name trainable", &o);
  if (s != MLP_OK) return s;
  for (int i = 0; i < n; i++) use[i] = in[i] - 1;
  s = mlpi_layer_new(o, &l);
  if (s == MLP_OK) s = common_settings(l, settings);
  if (s == MLP_OK) s = mlpi_model_add(m, l, n, use);
  mlpi_layer_release(l);
  mlpi_object_release(o);
  return s;
}

mlp_Status mlp_model_join (mlp_Model *m, const char *layer,
                           const mlp_Setting *settings, int n_inputs,
                           const int *inputs) {
  mlp_Status s = mlpi_enter(of(m));
  if (s != MLP_OK) return s;
  return mlpi_leave(m->rt, add(m, layer, settings, n_inputs, inputs));
}

mlp_Status mlp_model_add (mlp_Model *m, const char *layer,
                          const mlp_Setting *settings) {
  mlp_Status s = mlpi_enter(of(m));
  if (s != MLP_OK) return s;
  int last = m->n_uses;
  return mlpi_leave(m->rt, add(m, layer, settings, 1, &last));
}

/*
** Building, compiling
*/

typedef struct Build {
  mlp_Model *m;
  mlp_Dtype dtype;
  int ndim;
  const size_t *shape;
} Build;

static mlp_Status build (void *arg) {
  const Build *b = arg;
  if (b->shape == NULL || b->ndim < 1 || !mlpi_is_real(b->dtype))
    return mlpi_error(b->m->rt, MLP_EARG,
                      "model_build: expected float32 or float64 and the shape "
                      "of a row");
  mlpi_Array like = { .dtype = b->dtype, .ndim = b->ndim + 1 };
  if (like.ndim > MLP_MAXDIM || b->m->n_in > 1)
    return mlpi_error(
        b->m->rt, MLP_EARG,
        "model_build: expected one input of at most %d dimensions",
        MLP_MAXDIM - 1);
  memcpy(like.shape + 1, b->shape, (size_t)b->ndim * sizeof *b->shape);
  return mlpi_model_build(b->m, b->dtype, &like);
}

mlp_Status mlp_model_build (mlp_Model *m, mlp_Dtype dtype, int ndim,
                            const size_t *shape) {
  Build b = { m, dtype, ndim, shape };
  mlp_Status s = mlpi_enter(of(m));
  return s != MLP_OK ? s : mlpi_leave(m->rt, mlpi_protected(m->rt, build, &b));
}

static mlp_Status make_metrics (mlp_Runtime *rt, const char *const *name,
                                mlp_Object **metric, int *n) {
  mlp_Status s = MLP_OK;
  for (; name != NULL && name[*n] != NULL && s == MLP_OK; *n += 1) {
    metric[*n] = NULL;
    s = *n == MLPI_METRICS
            ? mlpi_error(rt, MLP_EARG, "compile: expected at most %d metrics",
                         MLPI_METRICS)
            : mlpi_object_from(rt, "metric", name[*n], NULL, "", &metric[*n]);
  }
  return s;
}

mlp_Status mlp_model_compile (mlp_Model *m, const char *optimizer,
                              const mlp_Setting *optimizer_settings,
                              const char *loss,
                              const mlp_Setting *loss_settings,
                              const char *const *metrics) {
  mlp_Object *o = NULL, *l = NULL, *metric[MLPI_METRICS + 1];
  mlpi_Measure measure[MLPI_METRICS + 1];
  mlp_Runtime *rt = of(m);
  int n = 0;
  mlp_Status s = mlpi_enter(rt);
  if (s != MLP_OK) return s;
  s = mlpi_object_from(rt, "optimizer", optimizer, optimizer_settings, "", &o);
  if (s == MLP_OK)
    s = mlpi_object_from(rt, "loss", loss, loss_settings, "", &l);
  if (s == MLP_OK) s = make_metrics(rt, metrics, metric, &n);
  for (int i = 0; i < n; i++) measure[i] = (mlpi_Measure){ .o = metric[i] };
  if (s == MLP_OK && m->n_out > 1)
    s = mlpi_error(rt, MLP_EARG, "compile: expected a model of one output");
  if (s == MLP_OK) s = mlpi_model_compile(m, o, &l, NULL, n, measure);
  for (int i = 0; i < n; i++) mlpi_object_release(metric[i]);
  mlpi_object_release(o);
  mlpi_object_release(l);
  return mlpi_leave(rt, s);
}

mlp_Status mlp_model_tune (mlp_Model *m, const char *option, double value) {
  mlp_Status s = mlpi_enter(of(m));
  if (s != MLP_OK) return s;
  if (m->optimizer == NULL || option == NULL)
    return mlpi_leave(m->rt,
                      mlpi_error(m->rt, MLP_ESTATE,
                                 "model_tune: expected a compiled model and "
                                 "the name of an option"));
  int i = mlpi_option_index(m->optimizer->kind, option);
  char quoted[MLPI_QUOTED];
  if (i < 0 || m->optimizer->kind->options[i].type > MLP_BOOLEAN)
    s = mlpi_error(m->rt, MLP_EARG, "%s: expected the name of a number, got %s",
                   m->optimizer->kind->name, mlpi_quote(option, quoted));
  else
    s = mlpi_object_set(m->optimizer, i, value);
  return mlpi_leave(m->rt, s);
}

/*
** Looking at it
*/

mlp_Dtype mlp_model_dtype (const mlp_Model *m) {
  return m == NULL ? MLP_FLOAT32 : m->dtype;
}

size_t mlp_model_inputs (const mlp_Model *m) {
  size_t n = 1;
  if (m == NULL || !m->built) return 0;
  const mlpi_Array *a = &m->in[0].like;
  for (int i = 1; i < a->ndim; i++) n *= a->shape[i];
  return n;
}

mlp_Status mlp_model_hash (mlp_Model *m, char hex[65]) {
  if (hex == NULL) return MLP_EARG;
  mlp_Status s = mlpi_enter(of(m));
  return s != MLP_OK ? s : mlpi_leave(m->rt, mlpi_model_hash(m, hex));
}

/* The weight that is named "<layer>.<weight>", or NULL. */
static mlp_Tensor *find_weight (const mlp_Model *m, const char *name) {
  const char *dot = strrchr(name, '.');
  for (int i = 0; dot != NULL && i < m->n_layers; i++) {
    const mlp_Layer *l = m->layer[i];
    size_t n = strlen(l->name);
    if (n != (size_t)(dot - name) || memcmp(l->name, name, n) != 0) continue;
    for (int j = 0; j < l->n_weights; j++)
      if (strcmp(l->weight[j].name, dot + 1) == 0) return l->weight[j].tensor;
  }
  return NULL;
}

mlp_Status mlp_model_weights (mlp_Model *m, const char *name,
                              mlp_Tensor **out) {
  if (out == NULL || name == NULL) return MLP_EARG;
  *out = NULL;
  mlp_Status s = mlpi_enter(of(m));
  if (s != MLP_OK) return s;
  mlp_Tensor *t = find_weight(m, name);
  char quoted[MLPI_QUOTED];
  if (t == NULL || t->a.data == NULL)
    s = mlpi_error(m->rt, MLP_EARG,
                   "model_weights: expected a weight of a model that is built, "
                   "such as 'dense_1.kernel', got %s",
                   mlpi_quote(name, quoted));
  else
    *out = mlpi_tensor_retain(t);
  return mlpi_leave(m->rt, s);
}

/*
** Files
*/

typedef struct File {
  mlp_Model *m;
  const char *path;
} File;

static void push_library (lua_State *L) {
  lua_getglobal(L, "require");
  lua_pushliteral(L, "mlp");
  lua_call(L, 1, 1);
}

static int save (lua_State *L) {
  const File *f = lua_touserdata(L, 1);
  push_library(L);
  const mlp_Value v = { .type = MLP_VMODEL, .as.model = f->m };
  mlpi_push_public(L, &v, "save");
  lua_getfield(L, -1, "save");
  lua_insert(L, -2);
  lua_pushstring(L, f->path);
  lua_call(L, 2, 0);
  return 0;
}

static int load (lua_State *L) {
  File *f = lua_touserdata(L, 1);
  mlp_Value v;
  push_library(L);
  lua_getfield(L, -1, "load");
  lua_pushstring(L, f->path);
  lua_call(L, 1, 1);
  mlpi_fetch_public(L, -1, &v, "load");
  f->m = mlpi_model_retain(v.as.model);
  return 0;
}

static mlp_Status with_file (mlp_Runtime *rt, lua_CFunction body, File *f) {
  mlpi_Embed *e;
  if (f->path == NULL)
    return mlpi_error(rt, MLP_EARG, "expected a path, got NULL");
  mlp_Status s = mlpi_embed(rt, &e);
  return s != MLP_OK ? s : mlpi_embed_call(e, body, f, 0);
}

mlp_Status mlp_model_save (mlp_Model *m, const char *path) {
  File f = { m, path };
  mlp_Status s = mlpi_enter(of(m));
  return s != MLP_OK ? s : mlpi_leave(m->rt, with_file(m->rt, save, &f));
}

mlp_Status mlp_model_load (mlp_Runtime *rt, const char *path, mlp_Model **out) {
  File f = { NULL, path };
  if (out == NULL) return MLP_EARG;
  *out = NULL;
  mlp_Status s = mlpi_enter(rt);
  if (s != MLP_OK) return s;
  s = with_file(rt, load, &f);
  if (s == MLP_OK) *out = f.m;
  return mlpi_leave(rt, s);
}
