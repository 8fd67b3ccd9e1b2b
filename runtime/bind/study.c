/*
** study.c - a study's database, for lua/mlp/tune/storage.lua:
**
**   local db = core.study_database(path, { timeout = 60 })
**   db:begin()
**   db:run("UPDATE trials SET state = ? WHERE trial_id = ?", "PRUNED", 7)
**   db:commit()
**   for i, row in ipairs(db:rows("SELECT trial_id, number FROM trials")) do
**   local n = db:row "SELECT count(*) FROM trials"
*/
#include "bind/bind.h"
#include "study/database.h"

#define DATABASE "mlp.Database"

static mlpi_Database *todatabase (lua_State *L) {
  return mlpi_tobox(L, 1, DATABASE);
}

static void release (void *p) { mlpi_database_close(p); }

/* core.study_database(path, options); path nil: in memory */
static int open (lua_State *L) {
  const char *path = luaL_optstring(L, 1, NULL);
  mlpi_checkkeys(L, 2, "study",
                 "timeout create read_only network keep_journal stamp");
  mlpi_DatabaseOptions o = {
    .timeout = mlpi_optnumber(L, 2, "study", "timeout", 60),
    .create = mlpi_optboolean(L, 2, "create", true),
    .read_only = mlpi_optboolean(L, 2, "read_only", false),
    .network = mlpi_optboolean(L, 2, "network", false),
    .keep_journal = mlpi_optboolean(L, 2, "keep_journal", false),
    .stamp = mlpi_optstring(L, 2, "study", "stamp"),
  };
  if (o.stamp == NULL) o.stamp = "v3.2.0.a";
  void **box = mlpi_newbox(L, DATABASE);
  mlpi_check(
      L, mlpi_database_open(mlpi_runtime(L), path, &o, (mlpi_Database **)box));
  return 1;
}

/* Value i of the statement from the stack. */
static int bind_value (lua_State *L, sqlite3_stmt *s, int i, int arg) {
  size_t n;
  switch (lua_type(L, arg)) {
  case LUA_TNIL:
    return sqlite3_bind_null(s, i);
  case LUA_TBOOLEAN:
    return sqlite3_bind_int(s, i, lua_toboolean(L, arg));
  case LUA_TNUMBER:
    if (lua_isinteger(L, arg))
      return sqlite3_bind_int64(s, i, lua_tointeger(L, arg));
    return sqlite3_bind_double(s, i, lua_tonumber(L, arg));
  case LUA_TSTRING: {
    const char *text = lua_tolstring(L, arg, &n);
    return sqlite3_bind_text64(s, i, text, n, SQLITE_TRANSIENT, SQLITE_UTF8);
  }
  default:
    return luaL_argerror(L, arg, "expected nil, boolean, number or string");
  }
}

/* The statement in argument 2 with the values behind it. */
static sqlite3_stmt *statement (lua_State *L, mlpi_Database *db) {
  sqlite3_stmt *s;
  const int n = lua_gettop(L) - 2;
  mlpi_check(L, mlpi_database_prepare(db, luaL_checkstring(L, 2), &s));
  for (int i = 1; i <= n; i++)
    mlpi_check(L, mlpi_database_check(db, bind_value(L, s, i, i + 2)));
  return s;
}

static void push_column (lua_State *L, sqlite3_stmt *s, int i) {
  switch (sqlite3_column_type(s, i)) {
  case SQLITE_INTEGER:
    lua_pushinteger(L, sqlite3_column_int64(s, i));
    break;
  case SQLITE_FLOAT:
    lua_pushnumber(L, sqlite3_column_double(s, i));
    break;
  case SQLITE_NULL:
    lua_pushnil(L);
    break;
  default: {
    const void *p = sqlite3_column_blob(s, i); /* before its length */
    lua_pushlstring(L, p == NULL ? "" : p, (size_t)sqlite3_column_bytes(s, i));
  }
  }
}

/* db:run(sql, values...): the number of rows that changed */
static int run (lua_State *L) {
  mlpi_Database *db = todatabase(L);
  sqlite3_stmt *s = statement(L, db);
  bool row;
  do mlpi_check(L, mlpi_database_step(db, s, &row));
  while (row);
  sqlite3_reset(s);
  lua_pushinteger(L, sqlite3_changes(mlpi_database_handle(db)));
  return 1;
}

/* db:insert(sql, values...): the row's id */
static int insert (lua_State *L) {
  mlpi_Database *db = todatabase(L);
  run(L);
  lua_pushinteger(L, sqlite3_last_insert_rowid(mlpi_database_handle(db)));
  return 1;
}

/* db:rows(sql, values...): a list of rows, each a list of columns */
static int rows (lua_State *L) {
  mlpi_Database *db = todatabase(L);
  sqlite3_stmt *s = statement(L, db);
  bool row;
  lua_newtable(L);
  for (lua_Integer n = 1;; n++) {
    mlpi_check(L, mlpi_database_step(db, s, &row));
    if (!row) break;
    const int columns = sqlite3_column_count(s);
    lua_createtable(L, columns, 0);
    for (int i = 0; i < columns; i++) {
      push_column(L, s, i);
      lua_rawseti(L, -2, i + 1);
    }
    lua_rawseti(L, -2, n);
  }
  sqlite3_reset(s);
  return 1;
}

/* db:row(sql, values...): the columns of the first row; nothing where there is
** none */
static int row_ (lua_State *L) {
  mlpi_Database *db = todatabase(L);
  sqlite3_stmt *s = statement(L, db);
  bool row;
  mlpi_check(L, mlpi_database_step(db, s, &row));
  const int columns = row ? sqlite3_column_count(s) : 0;
  luaL_checkstack(L, columns, "row");
  for (int i = 0; i < columns; i++) push_column(L, s, i);
  sqlite3_reset(s);
  return columns;
}

static int begin (lua_State *L) {
  mlpi_check(L, mlpi_database_begin(todatabase(L)));
  return 0;
}

static int commit (lua_State *L) {
  mlpi_check(L, mlpi_database_commit(todatabase(L)));
  return 0;
}

static int rollback (lua_State *L) {
  mlpi_database_rollback(todatabase(L));
  return 0;
}

void mlpi_open_study (lua_State *L);
void mlpi_open_study (lua_State *L) {
  static const luaL_Reg methods[] = {
    { "run", run },           { "insert", insert }, { "rows", rows },
    { "row", row_ },          { "begin", begin },   { "commit", commit },
    { "rollback", rollback }, { NULL, NULL }
  };
  static const luaL_Reg functions[] = { { "study_database", open },
                                        { NULL, NULL } };
  mlpi_newtype(L, DATABASE, NULL, methods, release);
  luaL_setfuncs(L, functions, 0);
}
