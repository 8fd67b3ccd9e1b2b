/*
** alike.c - would two models be traced to the same plan?
*/
#include "model/group.h"

#include <string.h>

static bool same_object (const mlp_Object *a, const mlp_Object *b);

static bool same_text (const char *a, const char *b) {
  return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool same_value (mlp_OptionType type, const mlpi_Value *a,
                        const mlpi_Value *b) {
  switch (type) {
  case MLP_TEXT:
    return same_text(a->text, b->text);
  case MLP_OBJECT:
    return same_object(a->object, b->object);
  case MLP_SHAPE:
    return a->shape.n == b->shape.n &&
           memcmp(a->shape.dim, b->shape.dim,
                  (size_t)a->shape.n * sizeof *a->shape.dim) == 0;
  case MLP_LIST:
    return a->list.n == b->list.n &&
           (a->list.n == 0 || memcmp(a->list.at, b->list.at,
                                     a->list.n * sizeof *a->list.at) == 0);
  case MLP_LAYER:
    return true; /* a part, which is compared by itself */
  default:
    return a->number == b->number;
  }
}

/* First values are drawn already: how does not matter. */
static bool is_initializer (const mlp_Option *option) {
  return option->type == MLP_OBJECT && same_text(option->family, "initializer");
}

static bool same_object (const mlp_Object *a, const mlp_Object *b) {
  if (a == b) return true;
  if (a == NULL || b == NULL || a->kind != b->kind) return false;
  if (a->ud != NULL || b->ud != NULL) return false;
  const mlp_Option *option = a->kind->options;
  for (int i = 0; option[i].name != NULL; i++)
    if (!is_initializer(&option[i]) &&
        !same_value(option[i].type, &a->value[i], &b->value[i]))
      return false;
  return true;
}

static bool same_array (const mlpi_Array *a, const mlpi_Array *b) {
  return a->dtype == b->dtype && mlpi_same_shape(a, b);
}

static bool same_layer (const mlp_Layer *a, const mlp_Layer *b) {
  if (!same_object(a->o, b->o) || a->dtype != b->dtype ||
      a->n_weights != b->n_weights || a->n_parts != b->n_parts)
    return false;
  for (int i = 0; i < a->n_weights; i++) {
    const mlp_Tensor *s = a->weight[i].tensor, *t = b->weight[i].tensor;
    if (s->requires_grad != t->requires_grad || !same_array(&s->a, &t->a))
      return false;
  }
  return true;
}

static int place_of (const mlp_Model *m, const mlp_Layer *l) {
  int i = 0;
  while (m->layer[i] != l) i++;
  return i;
}

static bool same_graph (const mlp_Model *a, const mlp_Model *b) {
  if (a->n_in != b->n_in || a->n_out != b->n_out || a->n_uses != b->n_uses ||
      a->n_layers != b->n_layers || a->dtype != b->dtype)
    return false;
  for (int i = 0; i < a->n_in; i++)
    if (!same_array(&a->in[i].like, &b->in[i].like)) return false;
  for (int i = 0; i < a->n_layers; i++)
    if (!same_layer(a->layer[i], b->layer[i])) return false;
  for (int i = 0; i < a->n_uses; i++) {
    const mlpi_Use *u = &a->use[i], *v = &b->use[i];
    if (u->n_in != v->n_in ||
        memcmp(u->in, v->in, (size_t)u->n_in * sizeof *u->in) != 0 ||
        place_of(a, u->layer) != place_of(b, v->layer))
      return false;
  }
  return true;
}

static bool same_ends (const mlp_Model *a, const mlp_Model *b) {
  for (int i = 0; i < a->n_out; i++)
    if (a->out[i].use != b->out[i].use ||
        a->out[i].weight != b->out[i].weight ||
        !same_object(a->out[i].loss, b->out[i].loss))
      return false;
  if (a->n_metrics != b->n_metrics) return false;
  for (int i = 0; i < a->n_metrics; i++)
    if (a->metric[i].output != b->metric[i].output ||
        a->metric[i].weighted != b->metric[i].weighted ||
        !same_object(a->metric[i].o, b->metric[i].o))
      return false;
  return true;
}

bool mlpi_models_alike (const mlp_Model *a, const mlp_Model *b) {
  return a == b || (a->built && b->built && a->profile == NULL &&
                    b->profile == NULL && same_graph(a, b) && same_ends(a, b));
}
