/*
** layer.c - layers as Lua values.
*/
#include "bind/object.h"
#include "bind/tensor.h"
#include "layer/layer.h"

#include <stdio.h>
#include <string.h>

static void release (void *p) { mlpi_layer_release(p); }

static mlp_Layer *to_layer (lua_State *L, int arg) {
  return mlpi_tobox(L, arg, MLPI_LAYER);
}

/* The common options of all layers: name and trainable. */
static void common_options (lua_State *L, mlp_Layer *l, int arg) {
  const char *name = mlpi_optstring(L, arg, l->o->kind->name, "name");
  if (name != NULL && (name[0] == '\0' || strlen(name) >= MLPI_LAYER_NAME))
    mlpi_raise(L, MLP_EARG, "%s: option 'name': expected 1 to %d characters",
               l->o->kind->name, MLPI_LAYER_NAME - 1);
  if (name != NULL) snprintf(l->name, sizeof l->name, "%s", name);
  mlpi_layer_set_trainable(l, mlpi_optboolean(L, arg, "trainable", true));
}

/* The line of the script that makes it: without folders, for messages. */
static void note_where (lua_State *L, mlp_Layer *l) {
  mlpi_push_where(L);
  const char *text = lua_tostring(L, -1), *slash = strrchr(text, '/');
  snprintf(l->where, sizeof l->where, "%s", slash != NULL ? slash + 1 : text);
  char *end = strrchr(l->where, ':');
  if (end != NULL) *end = '\0';
  lua_pop(L, 1);
}

/* core.layer_common(layer, { name, trainable }) */
static int layer_common (lua_State *L) {
  lua_settop(L, 2);
  common_options(L, to_layer(L, 1), 2);
  note_where(L, to_layer(L, 1));
  return 0;
}

/* The layers among the options of l belong to it from now on. */
static void claim (mlp_Layer *l) {
  const mlp_Option *p = l->o->kind->options;
  for (int i = 0; p[i].name != NULL; i++)
    if (p[i].type == MLP_LAYER && l->o->value[i].layer.at != NULL)
      l->o->value[i].layer.at->made = true;
}

/* core.layer(kind, options) */
static int layer_new (lua_State *L) {
  const char *kind = luaL_checkstring(L, 1);
  mlp_Object *o;
  mlp_Layer *l;
  lua_settop(L, 2);
  void **box = mlpi_newbox(L, MLPI_LAYER),
       **object = mlpi_newbox(L, MLPI_OBJECT);
  lua_pushvalue(L, 2); /* kind, options, box, object, options */
  mlpi_check(L, mlpi_object_new(mlpi_runtime(L), "layer", kind, &o));
  *object = o;
  mlpi_fill_object(L, o, 5, "name trainable");
  mlpi_check(L, mlpi_layer_new(o, &l));
  *box = l;
  common_options(L, l, 5);
  claim(l);
  note_where(L, l);
  lua_settop(L, 3);
  return 1;
}

/* core.layer_refill(layer, options): other options for a layer that has no
** weights yet; its name and place stay. */
static int layer_refill (lua_State *L) {
  mlp_Layer *l = to_layer(L, 1);
  mlp_Object *o;
  lua_settop(L, 2);
  if ((l->made && l->built) || l->n_weights > 0)
    mlpi_raise(L, MLP_ESTATE,
               "%s: its weights are made; give compat to the layer itself",
               l->name[0] != '\0' ? l->name : l->o->kind->name);
  void **object = mlpi_newbox(L, MLPI_OBJECT);
  lua_pushvalue(L, 2);
  mlpi_check(L,
             mlpi_object_new(mlpi_runtime(L), "layer", l->o->kind->name, &o));
  *object = o;
  mlpi_fill_object(L, o, 4, "name trainable");
  mlpi_object_release(l->o);
  l->o = mlpi_object_retain(o);
  return 0;
}

/* core.layer_call(layer, tensor | list, training, step) */
static int layer_call (lua_State *L) {
  mlp_Layer *l = to_layer(L, 1);
  mlp_Tensor *in[MLPI_INPUTS];
  mlp_Runtime *rt = mlpi_runtime(L);
  mlpi_Pass pass = {
    .training = lua_isnoneornil(L, 3) ? rt->training : lua_toboolean(L, 3),
    .step = lua_isnoneornil(L, 4) ? rt->step : (uint64_t)luaL_checkinteger(L, 4)
  };
  int n = lua_istable(L, 2) ? (int)lua_rawlen(L, 2) : 1;
  if (n > MLPI_INPUTS)
    mlpi_raise(L, MLP_EARG, "%s: expected at most %d inputs, got %d", l->name,
               MLPI_INPUTS, n);
  luaL_checkstack(L, n + 4, NULL);
  for (int i = 0; i < n; i++) {
    if (lua_istable(L, 2))
      lua_rawgeti(L, 2, i + 1);
    else
      lua_pushvalue(L, 2);
    in[i] = mlpi_totensor(L, -1);
  }
  mlpi_runtime(L)->host = L;
  mlp_Tensor **out = mlpi_newtensor(L);
  mlpi_check(L, mlpi_layer_call(l, n, in, &pass, out));
  return 1;
}

/* Those of a layer and its parts, behind element n of the table on top; names
** begin with what comes after the first layer's own. */
static int add_weights (lua_State *L, const mlp_Layer *l, const mlp_Layer *part,
                        int n) {
  size_t skip = strlen(l->name);
  for (int i = 0; i < part->n_weights; i++) {
    lua_createtable(L, 0, 3);
    if (part == l)
      lua_pushstring(L, part->weight[i].name);
    else
      lua_pushfstring(L, "%s.%s",
                      strncmp(part->name, l->name, skip) == 0 &&
                              part->name[skip] == '/'
                          ? part->name + skip + 1
                          : part->name,
                      part->weight[i].name);
    lua_setfield(L, -2, "name");
    *mlpi_newtensor(L) = mlpi_tensor_retain(part->weight[i].tensor);
    lua_setfield(L, -2, "tensor");
    lua_pushboolean(L, part->weight[i].tensor->requires_grad);
    lua_setfield(L, -2, "trainable");
    lua_rawseti(L, -2, ++n);
  }
  for (int i = 0; i < part->n_parts; i++)
    n = add_weights(L, l, part->parts[i], n);
  return n;
}

/* layer:weights(): list of { name, tensor, trainable } */
static int weights (lua_State *L) {
  mlp_Layer *l = to_layer(L, 1);
  lua_createtable(L, l->n_weights, 0);
  mlpi_mark_fields(L);
  add_weights(L, l, l, 0);
  return 1;
}

/* An option that may be set while the layer trains: a number, which plans read
** at each step. Models that were alike may be no more. */
static int set_live (lua_State *L, mlp_Layer *l, int i) {
  const mlp_Option *p = &l->o->kind->options[i];
  if (lua_type(L, 3) != LUA_TNUMBER)
    mlpi_raise(L, MLP_EARG, "%s: option '%s': expected a number, got %s",
               l->o->kind->name, p->name, mlpi_got(L, 3));
  mlpi_check(L, mlpi_object_set(l->o, i, lua_tonumber(L, 3)));
  l->rt->freezes++;
  return 0;
}

/* layer.trainable = false, layer.renorm_rmax = 3 */
static int layer_newindex (lua_State *L) {
  mlp_Layer *l = to_layer(L, 1);
  const char *key = luaL_checkstring(L, 2);
  const int i = mlpi_option_index(l->o->kind, key);
  if (i >= 0 && l->o->kind->options[i].live) return set_live(L, l, i);
  if (strcmp(key, "trainable") != 0 || !lua_isboolean(L, 3))
    mlpi_raise(L, MLP_EARG,
               "%s: expected trainable = true or false, got %s; weights are "
               "set by layer:set_weights, options when it is made",
               l->name[0] != '\0' ? l->name : l->o->kind->name, key);
  mlpi_layer_set_trainable(l, lua_toboolean(L, 3));
  return 0;
}

/* layer.kernel, layer.units, layer.name ... */
static int layer_index (lua_State *L) {
  mlp_Layer *l = to_layer(L, 1);
  const char *key = luaL_checkstring(L, 2);
  for (int i = 0; i < l->n_weights; i++)
    if (strcmp(l->weight[i].name, key) == 0) {
      *mlpi_newtensor(L) = mlpi_tensor_retain(l->weight[i].tensor);
      return 1;
    }
  if (strcmp(key, "name") == 0)
    lua_pushstring(L, l->name);
  else if (strcmp(key, "trainable") == 0)
    lua_pushboolean(L, l->trainable);
  else if (strcmp(key, "built") == 0)
    lua_pushboolean(L, l->placed || (l->built && l->n_weights == 0));
  else if (strcmp(key, "made") == 0)
    lua_pushboolean(L, l->made);
  else if (mlpi_object_field(L, l->o, key) == 0) {
    lua_pushvalue(L, 2);
    lua_rawget(L, lua_upvalueindex(1));
  }
  return 1;
}

static int layer_tostring (lua_State *L) {
  mlpi_object_text(L, to_layer(L, 1)->o);
  return 1;
}

/* core.layer_note(layer, value): keep a Lua value with the layer;
** core.layer_note(layer): that value. (Hosts have no debug.setuservalue.) */
static int layer_note (lua_State *L) {
  to_layer(L, 1);
  if (lua_gettop(L) > 1) {
    lua_settop(L, 2);
    lua_setiuservalue(L, 1, 1);
    return 0;
  }
  lua_getiuservalue(L, 1, 1);
  return 1;
}

/* core.layer_options(layer): its options as a table, objects as objects */
static int layer_options (lua_State *L) {
  mlp_Layer *l = to_layer(L, 1);
  lua_newtable(L);
  for (int i = 0; l->o->kind->options[i].name != NULL; i++) {
    mlpi_object_field(L, l->o, l->o->kind->options[i].name);
    lua_setfield(L, -2, l->o->kind->options[i].name);
  }
  return 1;
}

static const luaL_Reg meta[] = { { "__tostring", layer_tostring },
                                 { "__newindex", layer_newindex },
                                 { NULL, NULL } };
static const luaL_Reg methods[] = { { "weights", weights }, { NULL, NULL } };
static const luaL_Reg functions[] = { { "layer", layer_new },
                                      { "layer_refill", layer_refill },
                                      { "layer_note", layer_note },
                                      { "layer_call", layer_call },
                                      { "layer_common", layer_common },
                                      { "layer_options", layer_options },
                                      { NULL, NULL } };

void mlpi_open_layer (lua_State *L);
void mlpi_open_layer (lua_State *L) {
  mlpi_newtype(L, MLPI_LAYER, meta, methods, release);
  mlpi_index_with(L, MLPI_LAYER, layer_index);
  luaL_setfuncs(L, functions, 0);
}
