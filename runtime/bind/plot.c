/*
** plot.c - figures and panels for Lua: mlp.core.plot.
*/
#include "bind/plot.h"

#include <math.h>
#include <string.h>

mlpi_Figure *mlpi_tofigure (lua_State *L) {
  return mlpi_tobox(L, 1, MLPI_FIGURE);
}

/* The figure and number of the panel at 1. */
mlpi_Figure *mlpi_topanel (lua_State *L, int *index) {
  const int *p = luaL_checkudata(L, 1, MLPI_PANEL);
  *index = *p;
  lua_getiuservalue(L, 1, 1);
  mlpi_Figure *f = mlpi_testbox(L, -1, MLPI_FIGURE);
  lua_pop(L, 1);
  if (f == NULL)
    mlpi_raise(L, MLP_ESTATE,
               "plot: expected a panel of a living figure, got "
               "one whose figure was freed");
  return f;
}

void mlpi_push_panel (lua_State *L, int figure, int i) {
  int *p = lua_newuserdatauv(L, sizeof *p, 1);
  *p = i;
  luaL_setmetatable(L, MLPI_PANEL);
  lua_pushvalue(L, figure);
  lua_setiuservalue(L, -2, 1);
}

static int count_option (lua_State *L, const char *name) {
  lua_Integer n = mlpi_optinteger(L, 1, "figure", name, 1);
  if (n < 1 || n > 100)
    mlpi_raise(L, MLP_EARG, "figure: option '%s': expected 1 to 100, got %d",
               name, (int)n);
  return (int)n;
}

/* The option: n numbers above 0, or NULL. */
static const double *ratios (lua_State *L, mlpi_Figure *f, const char *name,
                             int n) {
  mlpi_Vector v = { .n = 0 };
  mlpi_read_option(L, f, 1, "figure", name, &v);
  for (size_t i = 0; i < v.n; i++)
    if (!(v.v[i] > 0 && v.v[i] < 1e9)) v.n = 0;
  if (v.v != NULL && v.n != (size_t)n)
    mlpi_raise(L, MLP_EARG, "figure: option '%s': expected %d numbers above 0",
               name, n);
  return v.v;
}

/* Text chunks: the option 'meta', then what every figure tells. */
static void set_meta (lua_State *L, mlpi_Figure *f) {
  lua_pushfstring(L, "%I", (LUAI_UACINT)f->rt->seed);
  mlpi_check(L, mlpi_figure_meta(f, "seed", lua_tostring(L, -1)));
  mlpi_check(L, mlpi_figure_meta(f, "version", MLP_VERSION));
  if (f->title != NULL) mlpi_check(L, mlpi_figure_meta(f, "Title", f->title));
}

/* core.plot.figure { rows = , cols = , width = , height = , dpi = ... } */
static int new_figure (lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  mlpi_checkkeys(L, 1, "figure",
                 "rows cols width height dpi theme title sharex sharey widths "
                 "heights");
  int rows = count_option(L, "rows"), cols = count_option(L, "cols");
  double width = mlpi_optnumber(L, 1, "figure", "width", 6.4);
  double height = mlpi_optnumber(L, 1, "figure", "height", 4.8);
  double dpi = mlpi_optnumber(L, 1, "figure", "dpi", 160);
  const char *name = mlpi_optstring(L, 1, "figure", "theme");
  const mlpi_Theme *theme = mlpi_theme(name == NULL ? "light" : name);
  if (theme == NULL)
    mlpi_raise(L, MLP_EARG,
               "figure: option 'theme': expected one of %s, got "
               "'%s'",
               mlpi_theme_names, name);
  mlpi_Figure **f = (mlpi_Figure **)mlpi_newbox(L, MLPI_FIGURE);
  mlpi_check(L, mlpi_figure_new(mlpi_runtime(L), rows, cols, width, height, dpi,
                                theme, f));
  (*f)->title = mlpi_text_option(L, *f, 1, "figure", "title", NULL);
  (*f)->sharex = mlpi_optboolean(L, 1, "sharex", false);
  (*f)->sharey = mlpi_optboolean(L, 1, "sharey", false);
  (*f)->widths = ratios(L, *f, "widths", cols);
  (*f)->heights = ratios(L, *f, "heights", rows);
  int box = lua_gettop(L);
  set_meta(L, *f);
  lua_settop(L, box);
  return 1;
}

/* figure:panel(row, col); 1, 1 where left out */
static int figure_panel (lua_State *L) {
  mlpi_Figure *f = mlpi_tofigure(L);
  lua_Integer r = luaL_optinteger(L, 2, 1), c = luaL_optinteger(L, 3, 1);
  if (r < 1 || r > f->rows || c < 1 || c > f->cols)
    mlpi_raise(L, MLP_EARG,
               "panel: expected a row to %d and a column to %d, got %d and %d",
               f->rows, f->cols, (int)r, (int)c);
  mlpi_push_panel(L, 1, (int)((r - 1) * f->cols + c - 1));
  return 1;
}

/* panel:inset(x0, y0, x1, y1): a panel inside, in shares of the axes */
static int panel_inset (lua_State *L) {
  int panel, inset;
  mlpi_Figure *f = mlpi_topanel(L, &panel);
  mlpi_Box b = { luaL_checknumber(L, 2), luaL_checknumber(L, 3),
                 luaL_checknumber(L, 4), luaL_checknumber(L, 5) };
  if (!(b.x0 < b.x1 && b.y0 < b.y1 && fabs(b.x0) < 10 && fabs(b.x1) < 10 &&
        fabs(b.y0) < 10 && fabs(b.y1) < 10))
    mlpi_raise(L, MLP_EARG,
               "inset: expected shares x0 below x1, y0 below y1, got %g, %g, "
               "%g, %g",
               b.x0, b.y0, b.x1, b.y1);
  mlpi_check(L, mlpi_figure_inset(f, panel, b, &inset));
  lua_getiuservalue(L, 1, 1);
  mlpi_push_panel(L, lua_gettop(L), inset);
  return 1;
}

/* figure:meta(key, value): a text chunk of the PNG */
static int figure_meta (lua_State *L) {
  mlpi_Figure *f = mlpi_tofigure(L);
  const char *key = luaL_checkstring(L, 2);
  size_t n = strlen(key);
  if (n < 1 || n > 79)
    mlpi_raise(L, MLP_EARG,
               "meta: argument 1 'key': expected 1 to 79 bytes, "
               "got %d",
               (int)n);
  mlpi_check(L, mlpi_figure_meta(f, key, luaL_checkstring(L, 3)));
  lua_settop(L, 1);
  return 1;
}

static int figure_tostring (lua_State *L) {
  const mlpi_Figure *f = mlpi_testbox(L, 1, MLPI_FIGURE);
  const int n = f == NULL ? 0 : f->rows * f->cols;
  if (f == NULL) {
    lua_pushliteral(L, "figure: freed");
    return 1;
  }
  lua_pushfstring(L, "figure: %d %s, %d x %d pixels; :save \"x.png\" writes it",
                  n, n == 1 ? "panel" : "panels",
                  (int)lround(f->width * f->dpi),
                  (int)lround(f->height * f->dpi));
  return 1;
}

static void release_figure (void *f) { mlpi_figure_release(f); }

static const luaL_Reg figure_meta_methods[] = {
  { "__tostring", figure_tostring }, { NULL, NULL }
};
static const luaL_Reg figure_methods[] = { { "panel", figure_panel },
                                           { "meta", figure_meta },
                                           { "scene", mlpi_figure_scene },
                                           { NULL, NULL } };
static const luaL_Reg panel_methods[] = { { "inset", panel_inset },
                                          { NULL, NULL } };
static const luaL_Reg functions[] = { { "figure", new_figure },
                                      { NULL, NULL } };

void mlpi_open_plot (lua_State *L); /* called by generated code */

void mlpi_open_plot (lua_State *L) {
  mlpi_newtype(L, MLPI_FIGURE, figure_meta_methods, figure_methods,
               release_figure);
  luaL_getmetatable(L, MLPI_FIGURE);
  lua_getfield(L, -1, "__index");
  luaL_setfuncs(L, mlpi_figure_output, 0);
  lua_pop(L, 2);
  luaL_newmetatable(L, MLPI_PANEL);
  luaL_newlib(L, panel_methods);
  luaL_setfuncs(L, mlpi_panel_series, 0);
  luaL_setfuncs(L, mlpi_panel_marks, 0);
  luaL_setfuncs(L, mlpi_panel_axes, 0);
  lua_setfield(L, -2, "__index");
  lua_pushliteral(L, MLPI_PANEL);
  lua_setfield(L, -2, "__metatable");
  lua_pop(L, 1);
  mlpi_strict(L, MLPI_FIGURE);
  mlpi_strict(L, MLPI_PANEL);
  luaL_newlib(L, functions);
  luaL_setfuncs(L, mlpi_plot_data, 0);
  luaL_setfuncs(L, mlpi_plot_output, 0);
  lua_setfield(L, -2, "plot");
}
