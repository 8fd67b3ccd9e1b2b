/*
** plot_axes.c - panel:set: titles, axes, legend.
*/
#include "bind/plot.h"

#include <math.h>

static void limits (lua_State *L, const char *name, double *lo, double *hi) {
  if (lua_getfield(L, 2, name) != LUA_TNIL) {
    mlpi_Source src = { "set", name, 0 };
    if (!lua_istable(L, -1) || lua_rawlen(L, -1) != 2)
      mlpi_bad_data(L, src, "{ low, high }", luaL_typename(L, -1));
    double a = mlpi_number_at(L, lua_gettop(L), 1, src);
    double b = mlpi_number_at(L, lua_gettop(L), 2, src);
    if (!(a < b) || !isfinite(a) || !isfinite(b))
      mlpi_raise(L, MLP_EARG,
                 "set: option '%s': expected low below high, got %g and %g",
                 name, a, b);
    *lo = a;
    *hi = b;
  }
  lua_pop(L, 1);
}

/* Options of one axis: "x" gives xlabel, xlim, xscale... */
static void set_axis (lua_State *L, mlpi_Figure *f, mlpi_Axis *a,
                      const char *letter) {
  const char *name = lua_pushfstring(L, "%slabel", letter);
  a->label = mlpi_text_option(L, f, 2, "set", name, a->label);
  limits(L, lua_pushfstring(L, "%slim", letter), &a->lo, &a->hi);
  name = lua_pushfstring(L, "%sscale", letter);
  a->log = mlpi_choice(L, 2, "set", name, "linear log", a->log) == 1;
  name = lua_pushfstring(L, "%sinteger", letter);
  a->integer = mlpi_optboolean(L, 2, name, a->integer);
  name = lua_pushfstring(L, "%sreverse", letter);
  a->reverse = mlpi_optboolean(L, 2, name, a->reverse);
  mlpi_read_names(L, f, 2, "set", lua_pushfstring(L, "%snames", letter),
                  &a->names);
  lua_pop(L, 6);
}

static void set_legend (lua_State *L, mlpi_Panel *p) {
  int type = lua_getfield(L, 2, "legend");
  lua_pop(L, 1);
  if (type == LUA_TBOOLEAN)
    p->legend =
        mlpi_optboolean(L, 2, "legend", true) ? MLPI_BEST : MLPI_NO_LEGEND;
  else
    p->legend = mlpi_choice(L, 2, "set", "legend",
                            "none best outside upper_right", p->legend);
}

/* panel:set { title = , xlabel = , xlim = ... } */
static int panel_set (lua_State *L) {
  int panel;
  mlpi_Figure *f = mlpi_topanel(L, &panel);
  mlpi_Panel *p = &f->panel[panel];
  luaL_checktype(L, 2, LUA_TTABLE);
  mlpi_checkkeys(
      L, 2, "set",
      "title title_size text_size legend grid axes equal xlabel ylabel rlabel "
      "xlim ylim rlim xscale yscale rscale xinteger yinteger "
      "rinteger xreverse yreverse rreverse xnames ynames rnames");
  p->title = mlpi_text_option(L, f, 2, "set", "title", p->title);
  p->title_size = mlpi_positive(L, 2, "set", "title_size", p->title_size, 100);
  p->text_size = mlpi_positive(L, 2, "set", "text_size", p->text_size, 100);
  p->grid = mlpi_optboolean(L, 2, "grid", p->grid);
  p->blank = !mlpi_optboolean(L, 2, "axes", !p->blank);
  p->equal = mlpi_optboolean(L, 2, "equal", p->equal);
  set_axis(L, f, &p->axis[MLPI_AX], "x");
  set_axis(L, f, &p->axis[MLPI_AY], "y");
  set_axis(L, f, &p->axis[MLPI_AR], "r");
  set_legend(L, p);
  lua_settop(L, 1);
  return 1;
}

const luaL_Reg mlpi_panel_axes[] = { { "set", panel_set }, { NULL, NULL } };
