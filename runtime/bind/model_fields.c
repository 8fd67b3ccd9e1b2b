/*
** model_fields.c - what a model shows of itself: its fields, and the uses of
** its layers.
*/
#include "bind/model.h"
#include "bind/object.h"

#include <string.h>

static void push_layer (lua_State *L, mlp_Layer *l) {
  *mlpi_newbox(L, MLPI_LAYER) = mlpi_layer_retain(l);
}

/* core.model_uses(model): list of { layer, inputs, shape of the output } */
static int model_uses (lua_State *L) {
  mlp_Model *m = mlpi_tomodel(L, 1);
  mlpi_Array *shape =
      lua_newuserdatauv(L, (size_t)(m->n_uses + 1) * sizeof *shape, 0);
  if (m->built) mlpi_check(L, mlpi_model_shapes(m, 2, shape));
  lua_createtable(L, m->n_uses, 0);
  for (int i = 0; i < m->n_uses; i++) {
    lua_createtable(L, 0, 3);
    push_layer(L, m->use[i].layer), lua_setfield(L, -2, "layer");
    lua_newtable(L);
    for (int j = 0; j < m->use[i].n_in; j++) {
      lua_pushinteger(L, m->use[i].in[j] + 1);
      lua_rawseti(L, -2, j + 1);
    }
    lua_setfield(L, -2, "inputs");
    lua_newtable(L); /* without the batch */
    for (int d = 1; m->built && d < shape[i].ndim; d++) {
      lua_pushinteger(L, (lua_Integer)shape[i].shape[d]);
      lua_rawseti(L, -2, d);
    }
    lua_setfield(L, -2, "shape");
    lua_rawseti(L, -2, i + 1);
  }
  return 1;
}

/* The shape of an input's rows; empty where it is not known yet. */
static void push_row (lua_State *L, const mlpi_Input *in) {
  lua_newtable(L);
  for (int i = 1; i < in->like.ndim; i++) {
    lua_pushinteger(L, (lua_Integer)in->like.shape[i]);
    lua_rawseti(L, -2, i);
  }
  mlpi_mark_shape(L);
}

/* { { name, shape, dtype }, ... } */
static void push_inputs (lua_State *L, const mlp_Model *m) {
  lua_createtable(L, m->n_in, 0);
  mlpi_mark_fields(L);
  for (int i = 0; i < m->n_in; i++) {
    lua_createtable(L, 0, 3);
    if (m->in[i].name[0] != '\0') {
      lua_pushstring(L, m->in[i].name);
      lua_setfield(L, -2, "name");
    }
    push_row(L, &m->in[i]);
    lua_setfield(L, -2, "shape");
    lua_pushstring(L, mlpi_dtype_name(m->in[i].like.dtype));
    lua_setfield(L, -2, "dtype");
    lua_rawseti(L, -2, i + 1);
  }
}

/* { { name, use }, ... } */
static void push_outputs (lua_State *L, const mlp_Model *m) {
  lua_createtable(L, m->n_out, 0);
  mlpi_mark_fields(L);
  for (int i = 0; i < m->n_out && m->n_uses > 0; i++) {
    lua_createtable(L, 0, 2);
    lua_pushstring(L, mlpi_model_output_name(m, i));
    lua_setfield(L, -2, "name");
    lua_pushinteger(L, m->out[i].use + 1);
    lua_setfield(L, -2, "use");
    lua_rawseti(L, -2, i + 1);
  }
}

/* The layers, but for those that other layers are made of. */
static void push_layers (lua_State *L, const mlp_Model *m) {
  int n = 0;
  lua_createtable(L, m->n_layers, 0);
  for (int i = 0; i < m->n_layers; i++) {
    if (m->layer[i]->made) continue;
    push_layer(L, m->layer[i]);
    lua_rawseti(L, -2, ++n);
  }
  mlpi_mark_names(L);
}

/* False: all layers are frozen. */
static bool is_trainable (const mlp_Model *m) {
  bool some = m->n_layers == 0;
  for (int i = 0; i < m->n_layers; i++) some = some || m->layer[i]->trainable;
  return some;
}

/* model.layers, .inputs, .outputs, .optimizer, .iterations, .built,
** .trainable, .input_shape, .dtype; false: there is no such field */
static bool push_field (lua_State *L, mlp_Model *m, const char *key) {
  if (strcmp(key, "layers") == 0)
    push_layers(L, m);
  else if (strcmp(key, "optimizer") == 0 && m->optimizer != NULL)
    mlpi_push_object(L, m->optimizer);
  else if (strcmp(key, "optimizer") == 0)
    lua_pushnil(L);
  else if (strcmp(key, "iterations") == 0)
    lua_pushinteger(L, (lua_Integer)m->iterations);
  else if (strcmp(key, "built") == 0)
    lua_pushboolean(L, m->built);
  else if (strcmp(key, "trainable") == 0)
    lua_pushboolean(L, is_trainable(m));
  else if (strcmp(key, "dtype") == 0)
    lua_pushstring(L, mlpi_dtype_name(m->dtype));
  else if (strcmp(key, "input_shape") == 0)
    push_row(L, &m->in[0]);
  else if (strcmp(key, "inputs") == 0)
    push_inputs(L, m);
  else if (strcmp(key, "outputs") == 0)
    push_outputs(L, m);
  else
    return false;
  return true;
}

/* model.key: a method, which is asked for most often, or a field */
static int model_index (lua_State *L) {
  mlp_Model *m = mlpi_tomodel(L, 1);
  const char *key = luaL_checkstring(L, 2);
  lua_pushvalue(L, 2);
  if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL) return 1;
  if (push_field(L, m, key)) return 1;
  return mlpi_no_field(L, MLPI_MODEL, key, lua_upvalueindex(1));
}

void mlpi_open_model_fields (lua_State *L);
void mlpi_open_model_fields (lua_State *L) {
  mlpi_index_with(L, MLPI_MODEL, model_index);
  lua_pushcfunction(L, model_uses);
  lua_setfield(L, -2, "model_uses");
}
