/*
** study_column.c - columns of what is known of a study's trials, for
** lua/mlp/tune/history.lua. They index like tables, from 0, and take an eighth
** of their memory:
**
**   local value = core.study_column "number"      value[3] = 0.5
**   local number = core.study_column "integer"    number[3] = 17
**   local state = core.study_column "few"         state[3] = "COMPLETE"
**
** A "few" column holds any values, each of them once: those of the user value.
*/
#include "bind/bind.h"
#include "study/column.h"

#include <string.h>

#define COLUMN "mlp.StudyColumn"

typedef enum Kind { NUMBER, INTEGER, FEW } Kind;

typedef struct Column {
  mlp_Runtime *rt;
  mlpi_Column *cells;
  Kind kind;
  lua_Integer different; /* values of a column of few */
} Column;

static void release (void *p) {
  Column *c = p;
  mlpi_column_release(c->cells);
  mlpi_free(c->rt, c, sizeof *c);
}

static Column *tocolumn (lua_State *L) { return mlpi_tobox(L, 1, COLUMN); }

/* core.study_column(kind) */
static int new (lua_State *L) {
  static const char *const kinds[] = { "number", "integer", "few", NULL };
  const Kind kind = (Kind)luaL_checkoption(L, 1, NULL, kinds);
  mlp_Runtime *rt = mlpi_runtime(L);
  void **box = mlpi_newbox(L, COLUMN);
  if (kind == FEW) {
    lua_newtable(L);
    lua_setiuservalue(L, -2, 1);
  }
  Column *c = *box = mlpi_calloc(rt, 1, sizeof *c);
  if (c == NULL) mlpi_check(L, MLP_ENOMEM);
  c->rt = rt;
  c->kind = kind;
  mlpi_check(L, mlpi_column_new(rt, &c->cells));
  return 1;
}

/* A cell of 0 is nil: cells are the value's bits beside those of a value that
** is never stored. */
#define NO_NUMBER  0x7ff8dead00000000u
#define NO_INTEGER 0x8000000000000000u

static uint64_t number_cell (double v) {
  uint64_t bits;
  memcpy(&bits, &v, sizeof bits);
  return bits ^ NO_NUMBER;
}

static double cell_number (uint64_t cell) {
  double v;
  cell ^= NO_NUMBER;
  memcpy(&v, &cell, sizeof v);
  return v;
}

/* The place of the value in argument 3 among the few; a new one is added. */
static lua_Integer place (lua_State *L, Column *c) {
  lua_getiuservalue(L, 1, 1);
  for (lua_Integer i = 1; i <= c->different; i++) {
    lua_rawgeti(L, -1, i);
    const bool same = lua_rawequal(L, -1, 3);
    lua_pop(L, 1);
    if (same) return i;
  }
  lua_pushvalue(L, 3);
  lua_rawseti(L, -2, c->different + 1);
  return ++c->different;
}

static uint64_t cell_of (lua_State *L, Column *c) {
  if (lua_isnil(L, 3)) return 0;
  switch (c->kind) {
  case NUMBER:
    return number_cell(luaL_checknumber(L, 3));
  case INTEGER:
    return (uint64_t)luaL_checkinteger(L, 3) ^ NO_INTEGER;
  default:
    return (uint64_t)place(L, c);
  }
}

/* column[i] = v */
static int set (lua_State *L) {
  Column *c = tocolumn(L);
  const lua_Integer i = luaL_checkinteger(L, 2);
  luaL_argcheck(L, i >= 0, 2, "expected an index from 0");
  mlpi_check(L, mlpi_column_set(c->cells, (size_t)i, cell_of(L, c)));
  return 0;
}

/* column[i]; methods by name */
static int get (lua_State *L) {
  if (lua_type(L, 2) != LUA_TNUMBER) {
    lua_pushvalue(L, 2);
    lua_rawget(L, lua_upvalueindex(1));
    return 1;
  }
  Column *c = tocolumn(L);
  const lua_Integer i = lua_tointeger(L, 2);
  const uint64_t cell = i < 0 ? 0 : mlpi_column_get(c->cells, (size_t)i);
  if (cell == 0)
    lua_pushnil(L);
  else if (c->kind == NUMBER)
    lua_pushnumber(L, cell_number(cell));
  else if (c->kind == INTEGER)
    lua_pushinteger(L, (lua_Integer)(cell ^ NO_INTEGER));
  else {
    lua_getiuservalue(L, 1, 1);
    lua_rawgeti(L, -1, (lua_Integer)cell);
  }
  return 1;
}

void mlpi_open_study_column (lua_State *L);
void mlpi_open_study_column (lua_State *L) {
  static const luaL_Reg meta[] = { { "__newindex", set }, { NULL, NULL } };
  static const luaL_Reg methods[] = { { NULL, NULL } };
  static const luaL_Reg functions[] = { { "study_column", new },
                                        { NULL, NULL } };
  mlpi_newtype(L, COLUMN, meta, methods, release);
  mlpi_index_with(L, COLUMN, get);
  luaL_setfuncs(L, functions, 0);
}
