/*
** layers.c - what a model is made of: uses of layers, the layers' names, its
** inputs and outputs.
*/
#include "model/model.h"

#include <stdio.h>
#include <string.h>

/* A list with room for one more: itself, or a larger one in its place; NULL
** where there is no memory. */
static void *grown (mlp_Runtime *rt, void *list, size_t size, int n,
                    int *room) {
  size_t old = (size_t)*room, more = old == 0 ? 8 : 2 * old;
  if (n < *room) return list;
  void *p = mlpi_realloc(rt, list, old * size, more * size);
  if (p != NULL) *room = (int)more;
  return p;
}

static mlp_Status grow_uses (mlp_Model *m) {
  mlpi_Use *use = grown(m->rt, m->use, sizeof *use, m->n_uses, &m->use_room);
  if (use == NULL) return MLP_ENOMEM;
  m->use = use;
  return MLP_OK;
}

static mlp_Status grow_layers (mlp_Model *m) {
  mlp_Layer **layer =
      grown(m->rt, m->layer, sizeof(mlp_Layer *), m->n_layers, &m->layer_room);
  if (layer == NULL) return MLP_ENOMEM;
  m->layer = layer;
  return MLP_OK;
}

static bool has_name (const mlp_Model *m, const mlp_Layer *l,
                      const char *name) {
  for (int i = 0; i < m->n_layers; i++)
    if (m->layer[i] != l && strcmp(m->layer[i]->name, name) == 0) return true;
  return false;
}

/* Is it such a name as the engine gives: "dense_2"? */
static bool is_given_name (const mlp_Layer *l) {
  size_t n = strlen(l->o->kind->name);
  return strncmp(l->name, l->o->kind->name, n) == 0 && l->name[n] == '_' &&
         strspn(l->name + n + 1, "0123456789") == strlen(l->name + n + 1);
}

/* "dense_2": the second of its kind in this model. A layer that comes from
** another model keeps its name where that is free. */
static void name_layer (mlp_Model *m, mlp_Layer *l) {
  int count = 1;
  if (l->name[0] != '\0' && (!has_name(m, l, l->name) || !is_given_name(l)))
    return;
  for (int i = 0; i < m->n_layers; i++)
    count += m->layer[i] != l &&
             strcmp(m->layer[i]->o->kind->name, l->o->kind->name) == 0;
  do {
    snprintf(l->name, sizeof l->name, "%.40s_%d", l->o->kind->name, count++);
  } while (has_name(m, l, l->name));
}

static bool is_listed (const mlp_Model *m, const mlp_Layer *l) {
  for (int i = 0; i < m->n_layers; i++)
    if (m->layer[i] == l) return true;
  return false;
}

static mlp_Status list_layer (mlp_Model *m, mlp_Layer *l) {
  if (is_listed(m, l)) return MLP_OK;
  mlp_Status s = grow_layers(m);
  if (s != MLP_OK) return s;
  if (!l->made) name_layer(m, l);
  m->layer[m->n_layers++] = l;
  return MLP_OK;
}

/* A layer, then its parts. */
static mlp_Status list_parts (mlp_Model *m, mlp_Layer *l) {
  mlp_Status s = list_layer(m, l);
  for (int i = 0; i < l->n_parts && s == MLP_OK; i++)
    s = list_parts(m, l->parts[i]);
  return s;
}

mlp_Status mlpi_model_list (mlp_Model *m) {
  mlp_Status s = MLP_OK;
  m->n_layers = 0;
  for (int i = 0; i < m->n_uses && s == MLP_OK; i++)
    s = list_parts(m, m->use[i].layer);
  return s;
}

mlp_Status mlpi_model_add (mlp_Model *m, mlp_Layer *l, int n_in,
                           const int *in) {
  if (m->built)
    return mlpi_error(m->rt, MLP_ESTATE,
                      "model: expected all layers before it is built, got "
                      "another one after");
  if (l->made)
    return mlpi_error(m->rt, MLP_ESTATE,
                      "model: %s is a part of another layer; add that one, or "
                      "a layer of its own",
                      l->name[0] != '\0' ? l->name : l->o->kind->name);
  if (l->rt != m->rt)
    return mlpi_error(m->rt, MLP_EARG,
                      "model: the layer belongs to another runtime");
  for (int i = 0; i < n_in; i++)
    if (in[i] < -m->n_in || in[i] >= m->n_uses)
      return mlpi_error(m->rt, MLP_EARG,
                        "model: input %d of %s: expected 0 (the model's first "
                        "input), -1 (its second)... or a layer before it, got "
                        "%d",
                        i + 1, l->o->kind->name, in[i] + 1);
  mlp_Status s = grow_uses(m);
  if (s == MLP_OK) s = grow_layers(m);
  if (s != MLP_OK) return s;
  int *copy = mlpi_alloc(m->rt, (size_t)n_in * sizeof *copy);
  if (copy == NULL) return MLP_ENOMEM;
  memcpy(copy, in, (size_t)n_in * sizeof *copy);
  m->use[m->n_uses] = (mlpi_Use){ mlpi_layer_retain(l), n_in, copy };
  m->n_out = 1;
  m->out[0] = (mlpi_Output){ .use = m->n_uses++ };
  return list_layer(m, l);
}

/* "expected 1 to 16 inputs, got 20"; a name that fits. */
static mlp_Status check_ports (mlp_Model *m, const char *what, int n,
                               const char *const *name) {
  if (n < 1 || n > MLPI_PORTS)
    return mlpi_error(m->rt, MLP_EARG, "model: expected 1 to %d %s, got %d",
                      MLPI_PORTS, what, n);
  for (int i = 0; i < n && name != NULL; i++)
    if (name[i] != NULL && strlen(name[i]) >= MLPI_LAYER_NAME)
      return mlpi_error(m->rt, MLP_EARG,
                        "model: expected names of %s of at most %d characters",
                        what, MLPI_LAYER_NAME - 1);
  if (!m->built && m->optimizer == NULL) return MLP_OK;
  return mlpi_error(m->rt, MLP_ESTATE,
                    "model: expected its %s before it is built", what);
}

mlp_Status mlpi_model_set_inputs (mlp_Model *m, int n,
                                  const char *const *name) {
  mlp_Status s = check_ports(m, "inputs", n, name);
  if (s != MLP_OK) return s;
  m->n_in = n;
  for (int i = 0; i < n; i++) {
    m->in[i] = (mlpi_Input){ .like = { .ndim = 0 } };
    if (name != NULL && name[i] != NULL)
      snprintf(m->in[i].name, MLPI_LAYER_NAME, "%s", name[i]);
  }
  return MLP_OK;
}

mlp_Status mlpi_model_set_outputs (mlp_Model *m, int n, const int *use,
                                   const char *const *name) {
  mlp_Status s = check_ports(m, "outputs", n, name);
  for (int i = 0; i < n && s == MLP_OK; i++)
    if (use[i] < 0 || use[i] >= m->n_uses)
      s = mlpi_error(m->rt, MLP_EARG,
                     "model: output %d: expected a use from 1 to %d, got %d",
                     i + 1, m->n_uses, use[i] + 1);
  if (s != MLP_OK) return s;
  m->n_out = n;
  for (int i = 0; i < n; i++) {
    m->out[i] = (mlpi_Output){ .use = use[i] };
    if (name != NULL && name[i] != NULL)
      snprintf(m->out[i].name, MLPI_LAYER_NAME, "%s", name[i]);
  }
  return MLP_OK;
}

const char *mlpi_model_output_name (const mlp_Model *m, int i) {
  const mlpi_Output *o = &m->out[i];
  return o->name[0] != '\0' ? o->name : m->use[o->use].layer->name;
}
