/*
** embed.c - scripts in a host: run them, call their functions, give them
** functions of the host's.
*/
#include "host/embed.h"
#include "bind/bind.h"
#include "bind/open.h"
#include "host/host.h"

#include <stdio.h>
#include <string.h>

/*
** Protected calls
*/

static int describe (lua_State *L) {
  luaL_tolstring(L, 1, NULL);
  return 1;
}

/* The text of the error value at 1, whose __tostring may itself fail. */
static const char *text_of (lua_State *L) {
  lua_pushcfunction(L, describe);
  lua_pushvalue(L, 1);
  if (lua_pcall(L, 1, 1, 0) != LUA_OK) return "an error without a text";
  return lua_tostring(L, -1);
}

/* Keep what the host may ask for; the value itself ends here. */
static int handler (lua_State *L) {
  mlpi_Embed *e = mlpi_embed_of(L);
  lua_settop(L, 1);
  mlpi_explain(L);
  if (e->status == MLP_OK) e->status = mlpi_status_of(L, 1);
  luaL_traceback(L, L, NULL, 1);
  snprintf(e->traceback, sizeof e->traceback, "%s", lua_tostring(L, -1));
  mlpi_error(e->rt, e->status, "%s", text_of(L));
  lua_settop(L, 1);
  return 1;
}

mlp_Status mlpi_embed_call (mlpi_Embed *e, lua_CFunction body, void *arg,
                            int n_results) {
  lua_State *L = e->L;
  lua_settop(L, 0);
  e->status = MLP_OK;
  e->raised = false;
  e->grace = 0;
  e->traceback[0] = '\0';
  lua_pushcfunction(L, handler);
  lua_pushcfunction(L, body);
  lua_pushlightuserdata(L, arg);
  int status = lua_pcall(L, 1, n_results, 1);
  if (status == LUA_OK && !e->raised) return MLP_OK;
  lua_settop(L, 0);
  if (status == LUA_OK) return mlpi_check_cancel(e->rt);
  if (status != LUA_ERRMEM)
    return e->status != MLP_OK ? e->status : MLP_ESCRIPT;
  return e->rt->denied ? MLP_ENOMEM
                       : mlpi_error(e->rt, MLP_ENOMEM, "not enough memory");
}

typedef struct Work {
  mlp_Status (*f)(void *arg);
  void *arg;
  mlp_Status status;
} Work;

static int work (lua_State *L) {
  Work *w = lua_touserdata(L, 1);
  mlpi_runtime(L)->host = L;
  w->status = w->f(w->arg);
  return 0;
}

mlp_Status mlpi_protected (mlp_Runtime *rt, mlp_Status (*f)(void *arg),
                           void *arg) {
  Work w = { f, arg, MLP_OK };
  mlp_Status s = mlpi_check_cancel(rt);
  if (s != MLP_OK) return s;
  if (rt->state == NULL) return f(arg);
  s = mlpi_embed_call(rt->state, work, &w, 0);
  return s != MLP_OK ? s : w.status;
}

const char *mlp_last_traceback (const mlp_Runtime *rt) {
  const mlpi_Embed *e = rt == NULL ? NULL : rt->state;
  return e == NULL ? "" : e->traceback;
}

/* Enter, with the scripts at hand and nothing cancelled. */
static mlp_Status enter_scripts (mlp_Runtime *rt, mlpi_Embed **e) {
  mlp_Status s = mlpi_enter(rt);
  if (s != MLP_OK) return s;
  s = mlpi_check_cancel(rt);
  if (s == MLP_OK) s = mlpi_embed(rt, e);
  return s == MLP_OK ? s : mlpi_leave(rt, s);
}

/*
** Run
*/

typedef struct Chunk {
  const char *text; /* NULL: from the file 'name' */
  size_t n;
  const char *name;
} Chunk;

/* Raise the loader's message on top as an error of that status. */
static int load_failed (lua_State *L, mlp_Status status) {
  mlpi_embed_of(L)->status = status;
  return lua_error(L);
}

static void load_text (lua_State *L, const Chunk *c) {
  const char *name = lua_pushfstring(L, "=%s", c->name);
  if (luaL_loadbufferx(L, c->text, c->n, name, "t") != LUA_OK)
    load_failed(L, MLP_ESYNTAX);
}

/* As in lua, arg[0] is the script's name. */
static void load_file (lua_State *L, const Chunk *c) {
  int status = mlpi_load_file(L, c->name);
  if (status != LUA_OK)
    load_failed(L, status == LUA_ERRSYNTAX ? MLP_ESYNTAX : MLP_EIO);
  lua_createtable(L, 0, 1);
  lua_pushstring(L, c->name);
  lua_seti(L, -2, 0);
  lua_setglobal(L, "arg");
}

static int run_chunk (lua_State *L) {
  const Chunk *c = lua_touserdata(L, 1);
  if (c->text != NULL)
    load_text(L, c);
  else
    load_file(L, c);
  lua_call(L, 0, 0);
  return 0;
}

static mlp_Status run (mlp_Runtime *rt, Chunk c) {
  mlpi_Embed *e;
  mlp_Status s = enter_scripts(rt, &e);
  if (s != MLP_OK) return s;
  return mlpi_leave(rt, mlpi_embed_call(e, run_chunk, &c, 0));
}

mlp_Status mlp_run_string (mlp_Runtime *rt, const char *text, size_t n,
                           const char *name) {
  if (text == NULL) return mlp_fail(rt, MLP_EARG, "run_string: text is NULL");
  return run(rt, (Chunk){ text, n, name != NULL ? name : "host" });
}

mlp_Status mlp_run_file (mlp_Runtime *rt, const char *path) {
  if (path == NULL) return mlp_fail(rt, MLP_EARG, "run_file: path is NULL");
  return run(rt, (Chunk){ NULL, 0, path });
}

/*
** Call
*/

typedef struct Call {
  const char *name;
  int n_args, n_results;
  const mlp_Value *args;
  mlp_Value *results;
} Call;

/* Results are only lent here: nothing is owed if a later one cannot cross. */
static int call_global (lua_State *L) {
  const Call *c = lua_touserdata(L, 1);
  if (!lua_checkstack(L, c->n_args + c->n_results + 10))
    mlpi_raise(L, MLP_EARG, "call '%s': too many values", c->name);
  if (lua_getglobal(L, c->name) != LUA_TFUNCTION)
    mlpi_raise(L, MLP_EARG, "call: expected a global function '%s', got a %s",
               c->name, luaL_typename(L, -1));
  for (int i = 0; i < c->n_args; i++) mlpi_push_public(L, &c->args[i], c->name);
  lua_call(L, c->n_args, c->n_results);
  for (int i = 0; i < c->n_results; i++)
    mlpi_fetch_public(L, i - c->n_results, &c->results[i], c->name);
  return c->n_results;
}

static mlp_Status check_call (mlp_Runtime *rt, const Call *c) {
  if (c->name == NULL || c->n_args < 0 || c->n_results < 0 ||
      (c->n_args > 0 && c->args == NULL) ||
      (c->n_results > 0 && c->results == NULL))
    return mlpi_error(rt, MLP_EARG,
                      "call: expected a name and values, got "
                      "NULL or a negative count");
  return MLP_OK;
}

mlp_Status mlp_call (mlp_Runtime *rt, const char *name, int n_args,
                     const mlp_Value *args, int n_results, mlp_Value *results) {
  Call c = { name, n_args, n_results, args, results };
  mlpi_Embed *e;
  mlp_Status s = enter_scripts(rt, &e);
  if (s != MLP_OK) return s;
  s = check_call(rt, &c);
  if (s == MLP_OK) s = mlpi_embed_call(e, call_global, &c, n_results);
  for (int i = 0; results != NULL && i < n_results; i++)
    results[i] =
        s == MLP_OK ? mlpi_retain_public(results[i]) : (mlp_Value){ 0 };
  return mlpi_leave(rt, s);
}

/*
** Functions of the host's
*/

#define FUNCTION "mlp.HostFunction"
#define RESULTS  "mlp.HostResults"

typedef struct Function {
  mlp_Function f;
  void *ud;
  void (*free_ud)(void *ud);
  const char *name; /* upvalue 2 holds it */
} Function;

static int free_function (lua_State *L) {
  Function *h = lua_touserdata(L, 1);
  if (h->free_ud != NULL) h->free_ud(h->ud);
  h->free_ud = NULL;
  return 0;
}

/* What the function has handed over and Lua has not taken yet. */
typedef struct Results {
  int n;
  mlp_Value value[MLP_MAXRESULTS];
} Results;

static int free_results (lua_State *L) {
  Results *r = lua_touserdata(L, 1);
  for (int i = 0; i < MLP_MAXRESULTS; i++) mlpi_release_public(&r->value[i]);
  return 0;
}

static Results *new_results (lua_State *L) {
  Results *r = lua_newuserdatauv(L, sizeof *r, 0);
  memset(r, 0, sizeof *r);
  luaL_setmetatable(L, RESULTS);
  return r;
}

static void call_function (lua_State *L, const Function *h, int n,
                           const mlp_Value *args, Results *r) {
  mlp_Runtime *rt = mlpi_runtime(L);
  rt->error[0] = '\0';
  const locale_t ours = mlpi_host_locale(rt);
  mlp_Status s = h->f(h->ud, rt, n, args, &r->n, r->value);
  mlpi_our_locale(ours);
  if (s != MLP_OK && rt->error[0] == '\0')
    mlpi_error(rt, s, "%s: the function of the host failed", h->name);
  mlpi_check(L, s);
  if (r->n < 0 || r->n > MLP_MAXRESULTS)
    mlpi_raise(L, MLP_ECALLBACK, "%s: expected at most %d results, got %d",
               h->name, MLP_MAXRESULTS, r->n);
}

static int call_host (lua_State *L) {
  const Function *h = lua_touserdata(L, lua_upvalueindex(1));
  int n = lua_gettop(L);
  mlp_Value *args = lua_newuserdatauv(L, (size_t)(n + 1) * sizeof *args, 0);
  for (int i = 0; i < n; i++) mlpi_fetch_public(L, i + 1, &args[i], h->name);
  Results *r = new_results(L);
  call_function(L, h, n, args, r);
  luaL_checkstack(L, r->n + 4, NULL);
  for (int i = 0; i < r->n; i++) {
    mlpi_push_public(L, &r->value[i], h->name);
    mlpi_release_public(&r->value[i]);
  }
  return r->n;
}

static void new_type (lua_State *L, const char *name, lua_CFunction gc) {
  if (luaL_newmetatable(L, name)) {
    lua_pushcfunction(L, gc);
    lua_setfield(L, -2, "__gc");
  }
  lua_pop(L, 1);
}

/* (function, filled but for its name): takes it over once nothing can fail. */
static int set_function (lua_State *L) {
  Function *from = lua_touserdata(L, 1);
  new_type(L, FUNCTION, free_function);
  new_type(L, RESULTS, free_results);
  Function *h = lua_newuserdatauv(L, sizeof *h, 0);
  *h = (Function){ .f = from->f, .ud = from->ud };
  luaL_setmetatable(L, FUNCTION);
  h->name = lua_pushstring(L, from->name);
  lua_pushcclosure(L, call_host, 2);
  lua_setglobal(L, from->name);
  h->free_ud = from->free_ud;
  from->free_ud = NULL;
  return 0;
}

mlp_Status mlp_register (mlp_Runtime *rt, const char *name, mlp_Function f,
                         void *ud, void (*free_ud)(void *ud)) {
  Function h = { f, ud, free_ud, name };
  mlpi_Embed *e;
  mlp_Status s = enter_scripts(rt, &e);
  if (s == MLP_OK) {
    s = name == NULL || f == NULL
            ? mlpi_error(rt, MLP_EARG,
                         "register: expected a name and a "
                         "function, got NULL")
            : mlpi_embed_call(e, set_function, &h, 0);
    s = mlpi_leave(rt, s);
  }
  if (h.free_ud != NULL) h.free_ud(ud); /* it was not taken over */
  return s;
}
