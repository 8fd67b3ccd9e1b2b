/*
** object.c - kinds as Lua values: constructors with checked options, look-up,
** documentation. One file serves every family.
*/
#include "bind/bind.h"
#include "bind/object.h"
#include "layer/layer.h"
#include "metric/metric.h"
#include "schedule/schedule.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static void release (void *p) { mlpi_object_release(p); }

/* "dense: option 'units': expected ..., got ...". The value is on top. */
static void bad_value (lua_State *L, const mlp_Kind *k, const mlp_Option *o,
                       const char *want) {
  mlpi_raise(L, MLP_EARG, "%s: option '%s': expected %s, got %s", k->name,
             o->name, want, mlpi_got(L, -1));
}

static void set_number (lua_State *L, mlp_Object *o, int i) {
  const mlp_Option *p = &o->kind->options[i];
  if (p->type == MLP_BOOLEAN) {
    if (!lua_isboolean(L, -1)) bad_value(L, o->kind, p, "true or false");
    o->value[i].number = lua_toboolean(L, -1);
    return;
  }
  lua_Number v = lua_tonumber(L, -1);
  if (lua_type(L, -1) != LUA_TNUMBER || isnan(v))
    bad_value(L, o->kind, p, "a number");
  mlpi_check(L, mlpi_object_set(o, i, v));
}

static void set_text (lua_State *L, mlp_Object *o, int i) {
  const mlp_Option *p = &o->kind->options[i];
  if (lua_type(L, -1) != LUA_TSTRING) bad_value(L, o->kind, p, "a string");
  mlpi_check(L, mlpi_object_set_text(o, i, lua_tostring(L, -1)));
}

static void set_shape (lua_State *L, mlp_Object *o, int i) {
  const mlp_Option *p = &o->kind->options[i];
  if (!lua_istable(L, -1)) bad_value(L, o->kind, p, "a list of sizes");
  lua_Unsigned n = lua_rawlen(L, -1);
  if (n > MLP_MAXDIM) bad_value(L, o->kind, p, "at most 8 sizes");
  for (lua_Unsigned d = 0; d < n; d++) {
    int ok;
    lua_rawgeti(L, -1, (lua_Integer)d + 1);
    o->value[i].shape.dim[d] = lua_tointegerx(L, -1, &ok);
    if (!ok) bad_value(L, o->kind, p, "whole numbers");
    lua_pop(L, 1);
  }
  o->value[i].shape.n = (int)n;
}

static void set_list (lua_State *L, mlp_Object *o, int i) {
  const mlp_Option *p = &o->kind->options[i];
  if (lua_type(L, -1) == LUA_TNUMBER) { /* a list of one */
    lua_createtable(L, 1, 0);
    lua_insert(L, -2);
    lua_rawseti(L, -2, 1);
  }
  if (!lua_istable(L, -1)) bad_value(L, o->kind, p, "a list of numbers");
  lua_Unsigned n = lua_rawlen(L, -1);
  double *at = lua_newuserdatauv(L, (size_t)n * sizeof *at, 0);
  lua_insert(L, -2);
  for (lua_Unsigned d = 0; d < n; d++) {
    int ok;
    lua_rawgeti(L, -1, (lua_Integer)d + 1);
    at[d] = lua_tonumberx(L, -1, &ok);
    if (!ok || lua_type(L, -1) != LUA_TNUMBER || isnan(at[d]))
      bad_value(L, o->kind, p, "numbers");
    lua_pop(L, 1);
  }
  mlpi_check(L, mlpi_object_set_list(o, i, (size_t)n, at));
  lua_remove(L, -2);
}

/* A name or an object of the family; false means none. */
static void set_object (lua_State *L, mlp_Object *o, int i) {
  const mlp_Option *p = &o->kind->options[i];
  mlp_Object *v = NULL;
  if (lua_type(L, -1) == LUA_TSTRING) {
    mlpi_check(L, mlpi_object_new(o->rt, p->family, lua_tostring(L, -1), &v));
  } else if (lua_type(L, -1) != LUA_TBOOLEAN || lua_toboolean(L, -1)) {
    v = mlpi_testbox(L, -1, MLPI_OBJECT);
    if (v == NULL || strcmp(v->family, p->family) != 0) {
      char want[80];
      snprintf(want, sizeof want, "a name or an object of mlp.%ss", p->family);
      bad_value(L, o->kind, p, want);
    }
    mlpi_object_retain(v);
  }
  mlpi_object_release(o->value[i].object);
  o->value[i].object = v;
}

/* A layer that nothing else is made of. */
static void set_layer (lua_State *L, mlp_Object *o, int i) {
  mlp_Layer *l = mlpi_testbox(L, -1, MLPI_LAYER);
  if (l == NULL)
    bad_value(L, o->kind, &o->kind->options[i],
              "a layer, such as mlp.Dense(4)");
  if (l->made || l->built)
    bad_value(L, o->kind, &o->kind->options[i],
              "a layer that is used nowhere else yet");
  if (o->value[i].layer.at != NULL) mlpi_layer_release(o->value[i].layer.at);
  o->value[i].layer.at = mlpi_layer_retain(l);
  o->value[i].layer.release = mlpi_layer_release;
}

/* A learning rate that is given as a schedule goes to the option for it. */
static bool set_schedule (lua_State *L, mlp_Object *o, int i) {
  const mlp_Object *v = mlpi_testbox(L, -1, MLPI_OBJECT);
  const int to = mlpi_option_index(o->kind, "schedule");
  if (i != 0 || to < 0 || v == NULL || strcmp(v->family, "schedule") != 0)
    return false;
  set_object(L, o, to);
  return true;
}

static void set_option (lua_State *L, mlp_Object *o, int i) {
  switch (o->kind->options[i].type) {
  case MLP_TEXT:
    set_text(L, o, i);
    break;
  case MLP_SHAPE:
    set_shape(L, o, i);
    break;
  case MLP_OBJECT:
    set_object(L, o, i);
    break;
  case MLP_LIST:
    set_list(L, o, i);
    break;
  case MLP_LAYER:
    set_layer(L, o, i);
    break;
  default:
    if (!set_schedule(L, o, i)) set_number(L, o, i);
  }
}

static void unknown_option (lua_State *L, const mlp_Kind *k, const char *key,
                            const char *extra) {
  luaL_Buffer b;
  luaL_buffinit(L, &b);
  for (int i = 0; k->options[i].name != NULL; i++) {
    if (i > 0) luaL_addchar(&b, ' ');
    luaL_addstring(&b, k->options[i].name);
  }
  if (extra[0] != '\0') {
    luaL_addchar(&b, ' ');
    luaL_addstring(&b, extra);
  }
  luaL_pushresult(&b);
  lua_createtable(L, 0, 1);
  lua_pushboolean(L, 1);
  lua_setfield(L, -2, key);
  mlpi_checkkeys(L, lua_gettop(L), k->name, lua_tostring(L, -2));
}

static bool is_word (const char *list, const char *word) {
  const char *p = strstr(list, word);
  size_t n = strlen(word);
  return p != NULL && (p == list || p[-1] == ' ') &&
         (p[n] == '\0' || p[n] == ' ');
}

static void check_required (lua_State *L, const mlp_Kind *k, int arg) {
  for (int i = 0; k->options[i].name != NULL; i++) {
    if (!k->options[i].required) continue;
    lua_getfield(L, arg, k->options[i].name);
    bool first = false;
    if (lua_isnil(L, -1)) first = lua_rawgeti(L, arg, i + 1) != LUA_TNIL;
    if (lua_isnil(L, -1) && !first)
      mlpi_raise(L, MLP_EARG,
                 "%s: option '%s': expected a value (%s), got none", k->name,
                 k->options[i].name, k->options[i].doc);
    lua_settop(L, arg);
  }
}

/* Dense { 16, "relu" }: options in their order. */
static int by_position (lua_State *L, const mlp_Kind *k, lua_Integer n) {
  int count = 0;
  while (k->options[count].name != NULL) count++;
  if (n < 1 || n > count)
    mlpi_raise(L, MLP_EARG,
               "%s: expected at most %d options by position, got "
               "one at %d",
               k->name, count, (int)n);
  return (int)n - 1;
}

mlp_Object *mlpi_fill_object (lua_State *L, mlp_Object *o, int arg,
                              const char *extra) {
  const mlp_Kind *k = o->kind;
  if (lua_isnoneornil(L, arg)) {
    lua_settop(L, arg - 1);
    lua_newtable(L);
  } else if (!lua_istable(L, arg)) { /* Dense(16): the first option */
    lua_newtable(L);
    lua_pushvalue(L, arg);
    lua_rawseti(L, -2, 1);
    lua_replace(L, arg);
  }
  lua_settop(L, arg);
  for (lua_pushnil(L); lua_next(L, arg) != 0; lua_settop(L, arg + 1)) {
    int i = -1;
    if (lua_type(L, -2) == LUA_TSTRING) {
      const char *key = lua_tostring(L, -2);
      if (is_word(extra, key)) continue;
      i = mlpi_option_index(k, key);
      if (i < 0) unknown_option(L, k, key, extra);
    } else if (lua_isinteger(L, -2)) {
      i = by_position(L, k, lua_tointeger(L, -2));
    } else {
      mlpi_raise(L, MLP_EARG, "%s: expected options by name, got a value at %s",
                 k->name, mlpi_got(L, -2));
    }
    set_option(L, o, i);
  }
  check_required(L, k, arg);
  return o;
}

static mlp_Status check_schedule (const mlp_Object *o) {
  const mlp_Schedule *k = (const mlp_Schedule *)o->kind;
  return k->check == NULL ? MLP_OK : k->check(o);
}

/* core.object(family, name, options): a new object. */
static int object_new (lua_State *L) {
  const char *family = luaL_checkstring(L, 1), *name = luaL_checkstring(L, 2);
  lua_settop(L, 3);
  void **box = mlpi_newbox(L, MLPI_OBJECT);
  lua_insert(L, 3); /* family, name, box, options */
  mlp_Object *o;
  mlpi_check(L, mlpi_object_new(mlpi_runtime(L), family, name, &o));
  *box = o;
  mlpi_fill_object(L, o, 4, "");
  if (strcmp(family, "schedule") == 0) mlpi_check(L, check_schedule(o));
  lua_settop(L, 3);
  return 1;
}

/* core.schedule_value(schedule, step): the rate after so many steps */
static int schedule_value (lua_State *L) {
  const mlp_Object *o = mlpi_tobox(L, 1, MLPI_OBJECT);
  const lua_Integer step = luaL_checkinteger(L, 2);
  if (strcmp(o->family, "schedule") != 0 || step < 0)
    mlpi_raise(L, MLP_EARG,
               "schedule: expected a schedule and a number of steps from 0, "
               "got %s and %d",
               o->kind->name, (int)step);
  lua_pushnumber(L, ((const mlp_Schedule *)o->kind)->value(o, (uint64_t)step));
  return 1;
}

void mlpi_push_option (lua_State *L, const mlp_Option *p, const mlpi_Value *v) {
  switch (p->type) {
  case MLP_BOOLEAN:
    lua_pushboolean(L, v->number != 0);
    break;
  case MLP_INTEGER:
    lua_pushinteger(L, (lua_Integer)v->number);
    break;
  case MLP_NUMBER:
    lua_pushnumber(L, v->number);
    break;
  case MLP_TEXT:
    lua_pushstring(L, v->text);
    break;
  case MLP_SHAPE:
    lua_newtable(L);
    for (int d = 0; d < v->shape.n; d++) {
      lua_pushinteger(L, v->shape.dim[d]);
      lua_rawseti(L, -2, d + 1);
    }
    break;
  case MLP_LIST:
    lua_newtable(L);
    for (size_t d = 0; d < v->list.n; d++) {
      lua_pushnumber(L, v->list.at[d]);
      lua_rawseti(L, -2, (lua_Integer)d + 1);
    }
    break;
  case MLP_OBJECT:
    if (v->object == NULL)
      lua_pushnil(L);
    else
      mlpi_push_object(L, v->object);
    break;
  case MLP_LAYER:
    if (v->layer.at == NULL)
      lua_pushnil(L);
    else
      *mlpi_newbox(L, MLPI_LAYER) = mlpi_layer_retain(v->layer.at);
  }
}

void mlpi_push_object (lua_State *L, mlp_Object *o) {
  *mlpi_newbox(L, MLPI_OBJECT) = mlpi_object_retain(o);
}

/* Push the field of that name: an option, name, family; or nothing (0). */
int mlpi_object_field (lua_State *L, const mlp_Object *o, const char *key) {
  int i = mlpi_option_index(o->kind, key);
  if (i >= 0)
    mlpi_push_option(L, &o->kind->options[i], &o->value[i]);
  else if (strcmp(key, "kind") == 0)
    lua_pushstring(L, o->kind->name);
  else if (strcmp(key, "family") == 0)
    lua_pushstring(L, o->family);
  else
    return 0;
  return 1;
}

static int object_index (lua_State *L) {
  mlp_Object *o = mlpi_tobox(L, 1, MLPI_OBJECT);
  const char *key = luaL_checkstring(L, 2);
  if (mlpi_object_field(L, o, key) == 1) return 1;
  lua_pushvalue(L, 2);
  lua_rawget(L, lua_upvalueindex(1)); /* the methods */
  return 1;
}

/* A learning rate that follows a schedule is not set by hand. */
static void check_free (lua_State *L, const mlp_Object *o, int i) {
  const int s = mlpi_option_index(o->kind, "schedule");
  if (i == 0 && s >= 0 && o->value[s].object != NULL &&
      lua_type(L, 3) == LUA_TNUMBER)
    mlpi_raise(L, MLP_ESTATE,
               "%s: learning_rate follows the schedule %s; set schedule = "
               "false first",
               o->kind->name, o->value[s].object->kind->name);
}

/* optimizer.learning_rate = 0.1 */
static int object_newindex (lua_State *L) {
  mlp_Object *o = mlpi_tobox(L, 1, MLPI_OBJECT);
  const char *key = luaL_checkstring(L, 2);
  int i = mlpi_option_index(o->kind, key);
  if (i < 0) unknown_option(L, o->kind, key, "");
  lua_settop(L, 3);
  check_free(L, o, i);
  set_option(L, o, i);
  return 0;
}

static int object_tostring (lua_State *L) {
  mlpi_object_text(L, mlpi_tobox(L, 1, MLPI_OBJECT));
  return 1;
}

/* The descriptor as a table: name, doc, cite, alias, options in order. */
static void push_kind (lua_State *L, const mlp_Kind *k) {
  static const char *const types[] = {
    "number", "integer", "boolean", "string", "shape", "object", "list", "layer"
  };
  lua_newtable(L);
  lua_pushstring(L, k->name), lua_setfield(L, -2, "name");
  lua_pushstring(L, k->doc), lua_setfield(L, -2, "doc");
  lua_pushstring(L, k->cite), lua_setfield(L, -2, "cite");
  lua_pushstring(L, k->alias), lua_setfield(L, -2, "alias");
  lua_newtable(L);
  for (int i = 0; k->options[i].name != NULL; i++) {
    const mlp_Option *p = &k->options[i];
    lua_newtable(L);
    lua_pushstring(L, p->name), lua_setfield(L, -2, "name");
    lua_pushstring(L, p->doc), lua_setfield(L, -2, "doc");
    lua_pushstring(L, types[p->type]), lua_setfield(L, -2, "type");
    lua_pushstring(L, p->family), lua_setfield(L, -2, "family");
    lua_pushboolean(L, p->required), lua_setfield(L, -2, "required");
    lua_pushstring(L, p->choices), lua_setfield(L, -2, "choices");
    if (p->type == MLP_LIST) {
      lua_pushnumber(L, p->min), lua_setfield(L, -2, "min");
      lua_pushnumber(L, p->max), lua_setfield(L, -2, "max");
    }
    if (p->type <= MLP_BOOLEAN) {
      mlpi_Value v = { .number = p->preset };
      mlpi_push_option(L, p, &v);
      lua_setfield(L, -2, "preset");
      lua_pushnumber(L, p->min), lua_setfield(L, -2, "min");
      lua_pushnumber(L, p->max), lua_setfield(L, -2, "max");
    } else if (p->text != NULL) {
      lua_pushstring(L, p->text), lua_setfield(L, -2, "preset");
    }
    lua_rawseti(L, -2, i + 1);
  }
  lua_setfield(L, -2, "options");
}

static void push_direction (lua_State *L, const mlp_Metric *k) {
  lua_pushboolean(L, k->larger_is_better);
  lua_setfield(L, -2, "larger_is_better");
}

/* How many inputs a layer takes, into the table on top. */
static void push_inputs (lua_State *L, const mlp_LayerKind *k) {
  lua_pushinteger(L, k->min_in), lua_setfield(L, -2, "min_inputs");
  lua_pushinteger(L, k->max_in), lua_setfield(L, -2, "max_inputs");
  lua_pushboolean(L, k->integers), lua_setfield(L, -2, "integers");
}

/* core.registry(): { family = { kind, ... sorted by name }, ... }, the same
** table each time: whoever gets it leaves it as it is */
static int registry (lua_State *L) {
  static const char made = 0;
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &made) != LUA_TNIL) return 1;
  lua_newtable(L);
  for (const mlpi_Family *f = mlpi_families; f->name != NULL; f++) {
    lua_newtable(L);
    for (int i = 0; f->kinds[i] != NULL; i++) {
      push_kind(L, f->kinds[i]);
      if (strcmp(f->name, "layer") == 0)
        push_inputs(L, (const mlp_LayerKind *)f->kinds[i]);
      if (strcmp(f->name, "metric") == 0)
        push_direction(L, (const mlp_Metric *)f->kinds[i]);
      lua_rawseti(L, -2, i + 1);
    }
    lua_setfield(L, -2, f->name);
  }
  lua_pushvalue(L, -1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &made);
  return 1;
}

/* core.nearest(name, list): the word nearest to name, or nil. */
static int nearest (lua_State *L) {
  const char *name = luaL_checkstring(L, 1);
  luaL_checktype(L, 2, LUA_TTABLE);
  const size_t n = lua_rawlen(L, 2);
  const char **word = lua_newuserdatauv(L, (n + 1) * sizeof *word, 0);
  for (size_t i = 0; i < n; i++) {
    lua_rawgeti(L, 2, (lua_Integer)i + 1);
    word[i] = luaL_checkstring(L, -1);
    lua_pop(L, 1); /* the table keeps it */
  }
  lua_pushstring(L, mlpi_nearest(name, word, n));
  return 1;
}

static const luaL_Reg meta[] = { { "__newindex", object_newindex },
                                 { "__tostring", object_tostring },
                                 { NULL, NULL } };

static const luaL_Reg functions[] = { { "object", object_new },
                                      { "registry", registry },
                                      { "nearest", nearest },
                                      { "schedule_value", schedule_value },
                                      { NULL, NULL } };

void mlpi_open_object (lua_State *L);
void mlpi_open_object (lua_State *L) {
  mlpi_newtype(L, MLPI_OBJECT, meta, NULL, release);
  mlpi_index_with(L, MLPI_OBJECT, object_index);
  luaL_setfuncs(L, functions, 0);
}
