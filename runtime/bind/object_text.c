/*
** object_text.c - objects as text: what differs from the presets.
*/
#include "bind/object.h"

#include <string.h>

/* The value on top becomes text; a list "{ 1, 2 }". */
static void push_text (lua_State *L) {
  const int at = lua_gettop(L);
  if (lua_istable(L, at)) {
    const int n = (int)lua_rawlen(L, at);
    lua_pushliteral(L, "{ ");
    for (int i = 1; i <= n; i++) {
      lua_rawgeti(L, at, i);
      luaL_tolstring(L, -1, NULL);
      lua_remove(L, -2);
      lua_pushstring(L, i < n ? ", " : " ");
      lua_concat(L, 3);
    }
    lua_pushliteral(L, "}");
    lua_concat(L, 2);
  } else {
    luaL_tolstring(L, at, NULL);
  }
  lua_remove(L, at);
}

static bool is_preset (const mlp_Option *p, const mlpi_Value *v);

/* Are all of an object's options the presets? */
static bool is_plain (const mlp_Object *o) {
  const mlp_Option *p = o->kind->options;
  int i = 0;
  while (p[i].name != NULL && is_preset(&p[i], &o->value[i])) i++;
  return p[i].name == NULL;
}

static void add_value (luaL_Buffer *b, const mlp_Option *p,
                       const mlpi_Value *v) {
  lua_State *L = b->L;
  if (p->type != MLP_OBJECT) {
    mlpi_push_option(L, p, v);
    push_text(L);
  } else if (v->object == NULL || is_plain(v->object)) {
    lua_pushstring(L, v->object == NULL ? "none" : v->object->kind->name);
  } else {
    mlpi_object_text(L, v->object);
  }
  luaL_addvalue(b);
}

/* Has the option the value that it has where nothing is said? */
static bool is_preset (const mlp_Option *p, const mlpi_Value *v) {
  if (p->required) return false;
  switch (p->type) {
  case MLP_TEXT:
    return v->text == NULL ? p->text == NULL
                           : p->text != NULL && strcmp(v->text, p->text) == 0;
  case MLP_OBJECT:
    if (v->object == NULL || p->text == NULL)
      return v->object == NULL && p->text == NULL;
    return strcmp(v->object->kind->name, p->text) == 0 && is_plain(v->object);
  case MLP_SHAPE:
    return v->shape.n == 0;
  case MLP_LIST:
    return v->list.n == 0;
  case MLP_LAYER:
    return v->layer.at == NULL;
  default:
    return v->number == p->preset;
  }
}

/* The first option is always shown, others where they are not the presets. */
void mlpi_object_text (lua_State *L, const mlp_Object *o) {
  luaL_Buffer b;
  luaL_buffinit(L, &b);
  luaL_addstring(&b, o->kind->name);
  luaL_addstring(&b, " {");
  for (int i = 0, shown = 0; o->kind->options[i].name != NULL; i++) {
    const mlp_Option *p = &o->kind->options[i];
    if (i > 0 && is_preset(p, &o->value[i])) continue;
    luaL_addstring(&b, shown++ > 0 ? ", " : " ");
    luaL_addstring(&b, p->name);
    luaL_addstring(&b, " = ");
    add_value(&b, p, &o->value[i]);
  }
  luaL_addstring(&b, " }");
  luaL_pushresult(&b);
}
