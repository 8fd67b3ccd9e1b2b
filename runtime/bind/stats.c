/*
** stats.c - statistics of a tensor as a Lua table, for mlp.monitor.
*/
#include "bind/tensor.h"
#include "tensor/stats.h"

#include <math.h>

enum { MOST_BINS = 4096 };

static void set_number (lua_State *L, const char *name, double v) {
  lua_pushnumber(L, v);
  lua_setfield(L, -2, name);
}

static double share (size_t part, size_t n) {
  return n == 0 ? NAN : (double)part / (double)n;
}

/* { low =, high =, counts = { ... } } over what is finite; a constant array
** has all of it in the first bin. */
static void push_histogram (lua_State *L, const mlpi_Array *a,
                            const mlpi_Array *from, const mlpi_Stats *s,
                            int bins) {
  const double low = s->n == 0 ? 0 : s->min;
  const double high = s->n == 0 || s->max == s->min ? low + 1 : s->max;
  lua_createtable(L, 0, 3);
  set_number(L, "low", low);
  set_number(L, "high", high);
  lua_createtable(L, bins, 0);
  size_t *count = lua_newuserdatauv(L, (size_t)bins * sizeof *count, 0);
  mlpi_array_histogram(a, from, low, high, bins, count);
  for (int i = 0; i < bins; i++) {
    lua_pushinteger(L, (lua_Integer)count[i]);
    lua_rawseti(L, -3, i + 1);
  }
  lua_pop(L, 1);
  lua_setfield(L, -2, "counts");
}

/* The tensor that is to be subtracted, or NULL. */
static const mlpi_Array *get_from (lua_State *L, const mlp_Tensor *t) {
  if (!lua_istable(L, 2) || lua_getfield(L, 2, "from") == LUA_TNIL) return NULL;
  const mlp_Tensor *from = mlpi_totensor(L, -1);
  mlpi_check_values(L, from, "stats");
  if (from->a.dtype != t->a.dtype || !mlpi_same_shape(&from->a, &t->a))
    mlpi_raise(L, MLP_ESHAPE,
               "stats: option 'from': expected shape and type "
               "of the tensor");
  return &from->a;
}

/* core.stats(tensor, { from =, low =, high =, bins =, units = true }), of
** tensor - from where that is given: n, norm, mean, sd, min, max; zero,
** saturated: shares; nonfinite: a count; dead: the share of units that are zero
** in every row; histogram */
static int stats (lua_State *L) {
  const mlp_Tensor *t = mlpi_totensor(L, 1);
  const double low = mlpi_optnumber(L, 2, "stats", "low", -INFINITY);
  const double high = mlpi_optnumber(L, 2, "stats", "high", INFINITY);
  const lua_Integer bins = mlpi_optinteger(L, 2, "stats", "bins", 0);
  const bool units = mlpi_optboolean(L, 2, "units", false);
  mlpi_check_values(L, t, "stats");
  if (!mlpi_is_real(t->a.dtype))
    return mlpi_raise(L, MLP_ETYPE,
                      "stats: expected float32 or float64, got %s",
                      mlpi_dtype_name(t->a.dtype));
  if (bins < 0 || bins > MOST_BINS)
    return mlpi_raise(L, MLP_EARG, "stats: option 'bins': expected 0 to %d",
                      MOST_BINS);
  const mlpi_Array *from = get_from(L, t);
  const mlpi_Stats s = mlpi_array_stats(&t->a, from, low, high);
  lua_createtable(L, 0, 12);
  lua_pushinteger(L, (lua_Integer)s.n);
  lua_setfield(L, -2, "n");
  lua_pushinteger(L, (lua_Integer)s.nonfinite);
  lua_setfield(L, -2, "nonfinite");
  set_number(L, "norm", mlpi_stats_norm(&s));
  set_number(L, "mean", mlpi_stats_mean(&s));
  set_number(L, "sd", mlpi_stats_deviation(&s));
  set_number(L, "min", s.n == 0 ? NAN : s.min);
  set_number(L, "max", s.n == 0 ? NAN : s.max);
  set_number(L, "zero", share(s.zeros, s.n));
  if (low > -INFINITY || high < INFINITY)
    set_number(L, "saturated", share(s.saturated, s.n));
  if (units) {
    size_t width, dead = mlpi_array_dead_units(&t->a, &width);
    set_number(L, "dead", share(dead, width));
  }
  if (bins > 0) {
    push_histogram(L, &t->a, from, &s, (int)bins);
    lua_setfield(L, -2, "histogram");
  }
  return 1;
}

void mlpi_open_stats (lua_State *L);
void mlpi_open_stats (lua_State *L) {
  lua_pushcfunction(L, stats);
  lua_setfield(L, -2, "stats");
}
