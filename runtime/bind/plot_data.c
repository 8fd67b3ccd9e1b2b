/*
** plot_data.c - what charts in Lua want to know of their data.
*/
#include "bind/plot.h"

#include <math.h>

static void push_list (lua_State *L, const double *v, size_t n) {
  lua_createtable(L, n < INT32_MAX ? (int)n : 0, 0);
  for (size_t i = 0; i < n; i++) {
    lua_pushnumber(L, v[i]);
    lua_seti(L, -2, (lua_Integer)i + 1);
  }
}

/* ticks(lo, hi, target, { integer = , log = , inside = }) -> ticks,
** exponent, offset */
static int find_ticks (lua_State *L) {
  mlpi_Ticks ticks;
  mlpi_TickWish w = { .lo = luaL_checknumber(L, 1),
                      .hi = luaL_checknumber(L, 2),
                      .target = luaL_checknumber(L, 3) };
  mlpi_checkkeys(L, 4, "ticks", "integer log inside");
  w.integer = mlpi_optboolean(L, 4, "integer", false);
  w.log = mlpi_optboolean(L, 4, "log", false);
  w.inside = mlpi_optboolean(L, 4, "inside", false);
  if (!(w.lo < w.hi) || !isfinite(w.lo) || !isfinite(w.hi) ||
      (w.log && w.lo <= 0))
    mlpi_raise(L, MLP_EARG, "ticks: expected low below high%s, got %g and %g",
               w.log ? ", both above 0" : "", w.lo, w.hi);
  mlpi_Figure **f = (mlpi_Figure **)mlpi_newbox(L, MLPI_FIGURE); /* memory */
  mlpi_check(L, mlpi_figure_new(mlpi_runtime(L), 1, 1, 1, 1, 100,
                                mlpi_theme("light"), f));
  mlpi_ticks(&w, &ticks, &(*f)->scene);
  if ((*f)->scene.failed) mlpi_check(L, MLP_ENOMEM);
  mlpi_push_ticks(L, &ticks);
  lua_pushinteger(L, ticks.exponent);
  lua_pushnumber(L, ticks.offset);
  return 3;
}

/* All the numbers of a list, rows or tensor: in a throw-away figure. */
static mlpi_Series *gather (lua_State *L, const char *who) {
  mlpi_Figure **f = (mlpi_Figure **)mlpi_newbox(L, MLPI_FIGURE);
  mlpi_check(L, mlpi_figure_new(mlpi_runtime(L), 1, 1, 1, 1, 100,
                                mlpi_theme("light"), f));
  mlpi_Series *s = mlpi_series_begin(*f, MLPI_IMAGE);
  if (s == NULL) mlpi_check(L, MLP_ENOMEM);
  mlpi_read_matrix(L, *f, 1, lua_gettop(L) + 1, (mlpi_Source){ who, "data", 1 },
                   s);
  return s;
}

/* values(data) -> list, rows, cols */
static int flat_values (lua_State *L) {
  lua_settop(L, 1);
  const mlpi_Series *s = gather(L, "values");
  push_list(L, s->c.v, s->c.n);
  lua_pushinteger(L, (lua_Integer)s->rows);
  lua_pushinteger(L, (lua_Integer)s->cols);
  return 3;
}

/* range(data) -> least and greatest finite value, or nothing */
static int value_range (lua_State *L) {
  double lo, hi;
  lua_settop(L, 1);
  const mlpi_Series *s = gather(L, "range");
  if (!mlpi_range(s->c.v, s->c.n, false, &lo, &hi)) return 0;
  lua_pushnumber(L, lo);
  lua_pushnumber(L, hi);
  return 2;
}

/* histogram(data, bins, lo, hi) -> counts */
static int histogram (lua_State *L) {
  lua_Integer bins = luaL_checkinteger(L, 2);
  double lo = luaL_checknumber(L, 3), hi = luaL_checknumber(L, 4);
  if (bins < 1 || bins > 100000 || !(lo < hi))
    mlpi_raise(L, MLP_EARG,
               "histogram: expected 1 to 100000 bins and low below high, got "
               "%d bins from %g to %g",
               (int)bins, lo, hi);
  lua_settop(L, 1);
  const mlpi_Series *s = gather(L, "histogram");
  double *counts = lua_newuserdatauv(L, (size_t)bins * sizeof *counts, 0);
  mlpi_histogram(s->c.v, s->c.n, lo, hi, (int)bins, counts);
  push_list(L, counts, (size_t)bins);
  return 1;
}

/* shape(tensor) -> list of dimensions */
static int tensor_shape (lua_State *L) {
  const mlp_Tensor *t = mlpi_tobox(L, 1, MLPI_TENSOR);
  lua_createtable(L, t->a.ndim, 0);
  for (int i = 0; i < t->a.ndim; i++) {
    lua_pushinteger(L, (lua_Integer)t->a.shape[i]);
    lua_seti(L, -2, i + 1);
  }
  return 1;
}

/* The view that has index k (from 1) in dimension d, without that one. */
static int select (lua_State *L, int d, const char *who) {
  mlp_Tensor *t = mlpi_tobox(L, 1, MLPI_TENSOR);
  lua_Integer k = luaL_checkinteger(L, 2);
  mlpi_Array a = t->a;
  if (a.ndim <= d || k < 1 || (size_t)k > a.shape[d])
    mlpi_raise(L, MLP_ESHAPE, "%s: expected a tensor with at least %d %ss", who,
               (int)k, who);
  ptrdiff_t offset = (ptrdiff_t)(k - 1) * a.stride[d];
  a.data = (char *)a.data + offset * (ptrdiff_t)mlpi_dtype_size(a.dtype);
  a.ndim--;
  for (int i = d; i < a.ndim; i++) {
    a.shape[i] = a.shape[i + 1];
    a.stride[i] = a.stride[i + 1];
  }
  mlpi_check(L, mlpi_tensor_view(t, &a, mlpi_newtensor(L)));
  return 1;
}

static int row (lua_State *L) { return select(L, 0, "row"); }
static int column (lua_State *L) { return select(L, 1, "column"); }

/* grid(like, x0, x1, nx, y0, y1, ny) -> tensor (nx * ny, 2): the middles of
** the cells of an image, row by row, of the type of 'like' */
static int grid (lua_State *L) {
  mlp_Tensor *like = mlpi_tobox(L, 1, MLPI_TENSOR);
  double x0 = luaL_checknumber(L, 2), x1 = luaL_checknumber(L, 3);
  double y0 = luaL_checknumber(L, 5), y1 = luaL_checknumber(L, 6);
  lua_Integer nx = luaL_checkinteger(L, 4), ny = luaL_checkinteger(L, 7);
  if (nx < 1 || ny < 1 || nx > 4096 || ny > 4096)
    mlpi_raise(L, MLP_EARG,
               "grid: expected 1 to 4096 points a side, got %d "
               "and %d",
               (int)nx, (int)ny);
  size_t shape[] = { (size_t)(nx * ny), 2 };
  mlp_Tensor **out = mlpi_newtensor(L);
  mlp_Dtype dtype = mlpi_is_real(like->a.dtype) ? like->a.dtype : MLP_FLOAT32;
  mlpi_check(L, mlpi_tensor_new(mlpi_runtime(L), dtype, 2, shape, out));
  for (size_t i = 0; i < shape[0]; i++) {
    double c = (double)(i % (size_t)nx) + .5, r = (double)(i / (size_t)nx) + .5;
    mlpi_set(&(*out)->a, 2 * i, x0 + c / (double)nx * (x1 - x0));
    mlpi_set(&(*out)->a, 2 * i + 1, y0 + r / (double)ny * (y1 - y0));
  }
  mlpi_account(L, shape[0] * 2 * mlpi_dtype_size(dtype));
  return 1;
}

/* text_size(text, points) -> width, height in points */
static int text_size (lua_State *L) {
  double w, h;
  const char *text = luaL_checkstring(L, 1);
  mlpi_check(
      L, mlpi_text_size(mlpi_runtime(L), text, luaL_checknumber(L, 2), &w, &h));
  lua_pushnumber(L, w);
  lua_pushnumber(L, h);
  return 2;
}

/* colour(map, share) -> r, g, b in [0, 1] */
static int map_colour (lua_State *L) {
  mlpi_Map map;
  const char *name = luaL_checkstring(L, 1);
  if (!mlpi_find_map(name, &map))
    mlpi_raise(L, MLP_EARG, "colour: expected one of %s, got '%s'",
               mlpi_map_names, name);
  mlpi_Colour c = mlpi_map_colour(&map, luaL_checknumber(L, 2));
  lua_pushnumber(L, c.r);
  lua_pushnumber(L, c.g);
  lua_pushnumber(L, c.b);
  return 3;
}

const luaL_Reg mlpi_plot_data[] = { { "ticks", find_ticks },
                                    { "values", flat_values },
                                    { "range", value_range },
                                    { "histogram", histogram },
                                    { "column", column },
                                    { "row", row },
                                    { "shape", tensor_shape },
                                    { "grid", grid },
                                    { "text_size", text_size },
                                    { "colour", map_colour },
                                    { NULL, NULL } };
