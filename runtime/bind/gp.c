/*
** gp.c - the models of samplers that learn from results. The Gaussian process,
** for lua/mlp/tune/sampler/gp.lua:
**
**   local gp = core.gp { { n = 0 }, { n = 3, categorical = true } }
**   gp:add({ 0.5, 0.1 }, 3.2)          -- places on the axes, value
**   gp:imagine { 0.2, 0.9 }            -- a trial that runs
**   local points = gp:search(seed, number, 8)
**   local mean, sd = gp:predict { 0.5, 0.1 }
*/
#include "bind/bind.h"
#include "study/acquire.h"
#include "study/tpe.h"

#include <string.h>

#define GP "mlp.Gp"

enum { PURPOSE = 65, AXES = MLPI_GP_GROUPS, COORDINATES = 160 };

typedef struct Model {
  mlp_Runtime *rt;
  mlpi_Gp *gp;
  size_t naxes, d;
  mlpi_Axis axes[AXES];
} Model;

static void release (void *p) {
  Model *m = p;
  mlpi_gp_release(m->gp);
  mlpi_free(m->rt, m, sizeof *m);
}

static Model *tomodel (lua_State *L) { return mlpi_tobox(L, 1, GP); }

/* Axis i from the table on top; which group its coordinates are. */
static void read_axis (lua_State *L, Model *m, size_t i,
                       unsigned char groups[COORDINATES]) {
  mlpi_Axis *a = &m->axes[i];
  luaL_checktype(L, -1, LUA_TTABLE);
  a->first = m->d;
  a->n = (size_t)mlpi_optinteger(L, lua_gettop(L), "gp", "n", 0);
  a->categorical = mlpi_optboolean(L, lua_gettop(L), "categorical", false);
  const size_t width = a->categorical ? a->n : 1;
  if (m->d + width > COORDINATES)
    mlpi_raise(L, MLP_EARG,
               "gp: expected at most %d coordinates (a category is one)",
               COORDINATES);
  memset(groups + m->d, (int)i, width);
  m->d += width;
}

/* core.gp(axes) */
static int new (lua_State *L) {
  unsigned char groups[COORDINATES];
  luaL_checktype(L, 1, LUA_TTABLE);
  const size_t n = lua_rawlen(L, 1);
  if (n == 0 || n > AXES - 2)
    mlpi_raise(L, MLP_EARG, "gp: expected 1 to %d hyper-parameters, got %d",
               AXES - 2, (int)n);
  void **box = mlpi_newbox(L, GP);
  Model *m = mlpi_calloc(mlpi_runtime(L), 1, sizeof *m);
  *box = m;
  if (m == NULL) mlpi_check(L, MLP_ENOMEM);
  m->rt = mlpi_runtime(L);
  for (m->naxes = 0; m->naxes < n; m->naxes++) {
    lua_rawgeti(L, 1, (lua_Integer)m->naxes + 1);
    read_axis(L, m, m->naxes, groups);
    lua_pop(L, 1);
  }
  mlpi_check(L, mlpi_gp_new(m->rt, m->d, groups, &m->gp));
  return 1;
}

/* The list of places in argument 2, as coordinates; false stands for a
** parameter that the trial did not have: the middle. */
static void read_point (lua_State *L, const Model *m, double x[COORDINATES]) {
  double u[AXES];
  luaL_checktype(L, 2, LUA_TTABLE);
  for (size_t i = 0; i < m->naxes; i++) {
    lua_rawgeti(L, 2, (lua_Integer)i + 1);
    u[i] = lua_isnumber(L, -1) ? lua_tonumber(L, -1) : -1;
    lua_pop(L, 1);
  }
  mlpi_axes_encode(m->axes, m->naxes, u, x);
  for (size_t i = 0; i < m->naxes; i++) {
    const mlpi_Axis *a = &m->axes[i];
    if (u[i] >= 0) continue;
    if (a->categorical)
      for (size_t k = 0; k < a->n; k++) x[a->first + k] = 1 / (double)a->n;
    else
      x[a->first] = 0.5;
  }
}

/* gp:add(places, value) */
static int add (lua_State *L) {
  const Model *m = tomodel(L);
  double x[COORDINATES];
  read_point(L, m, x);
  mlpi_check(L, mlpi_gp_add(m->gp, x, luaL_checknumber(L, 3)));
  return 0;
}

/* gp:imagine(places) */
static int imagine (lua_State *L) {
  const Model *m = tomodel(L);
  double x[COORDINATES];
  read_point(L, m, x);
  mlpi_check(L, mlpi_gp_imagine(m->gp, x));
  return 0;
}

static int forget (lua_State *L) {
  mlpi_gp_forget(tomodel(L)->gp);
  return 0;
}

static void push_points (lua_State *L, const double *u, size_t n,
                         size_t naxes) {
  lua_createtable(L, (int)n, 0);
  for (size_t i = 0; i < n; i++) {
    lua_createtable(L, (int)naxes, 0);
    for (size_t k = 0; k < naxes; k++) {
      lua_pushnumber(L, u[i * naxes + k]);
      lua_rawseti(L, -2, (lua_Integer)k + 1);
    }
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
}

/* gp:search(seed, number, count, anew): lists of places, best first; anew: none
** that was added, where all axes are discrete */
static int search (lua_State *L) {
  enum { MOST = 32 };
  const Model *m = tomodel(L);
  double out[MOST * AXES];
  size_t found, count = (size_t)luaL_optinteger(L, 4, 8);
  if (count > MOST) count = MOST;
  const mlpi_Stream s = mlpi_stream((uint64_t)luaL_checkinteger(L, 2), 0, 0,
                                    PURPOSE, (uint64_t)luaL_checkinteger(L, 3));
  mlpi_check(L, mlpi_gp_search(m->gp, m->rt, m->axes, m->naxes, m->d, &s,
                               lua_toboolean(L, 5), count, out, &found));
  push_points(L, out, found, m->naxes);
  return 1;
}

/* gp:predict(places): mean, standard deviation, log of expected improvement */
static int predict (lua_State *L) {
  const Model *m = tomodel(L);
  double x[COORDINATES], mean, sd;
  read_point(L, m, x);
  if (mlpi_gp_count(m->gp) == 0)
    mlpi_raise(L, MLP_ESTATE, "predict: the process has no points");
  mlpi_check(L, mlpi_gp_prepare(m->gp));
  mlpi_gp_predict(m->gp, x, &mean, &sd);
  lua_pushnumber(L, mean);
  lua_pushnumber(L, sd);
  lua_pushnumber(L, mlpi_gp_log_ei(m->gp, x, NULL));
  return 3;
}

/* gp:parameters(): weights 1/length^2 of the axes, variance, noise */
static int parameters (lua_State *L) {
  const Model *m = tomodel(L);
  const double *p = mlpi_gp_parameters(m->gp);
  lua_createtable(L, (int)m->naxes, 0);
  for (size_t i = 0; i < m->naxes; i++) {
    lua_pushnumber(L, p[i]);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  lua_pushnumber(L, p[m->naxes]);
  lua_pushnumber(L, p[m->naxes + 1]);
  return 3;
}

/*
** Parzen estimators
*/

/* The trials in the field 'name' of the table at 1, each a list of places:
** in a userdata that it pushes. */
static mlpi_TpeGroup read_group (lua_State *L, const Model *m,
                                 const char *name) {
  lua_getfield(L, 1, name);
  luaL_checktype(L, -1, LUA_TTABLE);
  const size_t n = lua_rawlen(L, -1);
  double *u = lua_newuserdatauv(L, (n * m->naxes + 1) * sizeof *u, 0);
  for (size_t i = 0; i < n; i++) {
    lua_rawgeti(L, -2, (lua_Integer)i + 1);
    luaL_checktype(L, -1, LUA_TTABLE);
    for (size_t k = 0; k < m->naxes; k++) {
      lua_rawgeti(L, -1, (lua_Integer)k + 1);
      u[i * m->naxes + k] = lua_isnumber(L, -1) ? lua_tonumber(L, -1) : -1;
      lua_pop(L, 1);
    }
    lua_pop(L, 1);
  }
  return (mlpi_TpeGroup){ n, u };
}

/* core.tpe { axes =, good =, bad =, seed =, number =, candidates =, count = }
 */
static int tpe (lua_State *L) {
  enum { MOST = 32 };
  unsigned char groups[COORDINATES];
  double out[MOST * AXES];
  Model m = { .naxes = 0 };
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  lua_getfield(L, 1, "axes");
  const size_t n = lua_rawlen(L, -1);
  if (n == 0 || n > AXES)
    mlpi_raise(L, MLP_EARG, "tpe: expected 1 to %d hyper-parameters", AXES);
  for (; m.naxes < n; m.naxes++) {
    lua_rawgeti(L, 2, (lua_Integer)m.naxes + 1);
    read_axis(L, &m, m.naxes, groups);
    lua_pop(L, 1);
  }
  const mlpi_TpeGroup good = read_group(L, &m, "good");
  const mlpi_TpeGroup bad = read_group(L, &m, "bad");
  const mlpi_Stream s =
      mlpi_stream((uint64_t)mlpi_optinteger(L, 1, "tpe", "seed", 0), 0, 1,
                  PURPOSE, (uint64_t)mlpi_optinteger(L, 1, "tpe", "number", 0));
  size_t candidates = (size_t)mlpi_optinteger(L, 1, "tpe", "candidates", 24);
  size_t count = (size_t)mlpi_optinteger(L, 1, "tpe", "count", 8);
  if (count > MOST) count = MOST;
  if (candidates < count) candidates = count;
  mlpi_check(L, mlpi_tpe(mlpi_runtime(L), m.axes, m.naxes, good, bad,
                         candidates, &s, count, out));
  push_points(L, out, count, m.naxes);
  return 1;
}

void mlpi_open_gp (lua_State *L);
void mlpi_open_gp (lua_State *L) {
  static const luaL_Reg methods[] = {
    { "add", add },       { "imagine", imagine }, { "forget", forget },
    { "search", search }, { "predict", predict }, { "parameters", parameters },
    { NULL, NULL }
  };
  static const luaL_Reg functions[] = { { "gp", new },
                                        { "tpe", tpe },
                                        { NULL, NULL } };
  mlpi_newtype(L, GP, NULL, methods, release);
  luaL_setfuncs(L, functions, 0);
}
