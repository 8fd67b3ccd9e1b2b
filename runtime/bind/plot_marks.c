/*
** plot_marks.c - panel methods that draw what explains data: rules, texts.
*/
#include "bind/plot.h"

#include <math.h>

/* panel:hline(y, options), panel:vline(x, options): a number or a list. */
static int rule (lua_State *L, mlpi_SeriesKind kind, const char *who) {
  int panel;
  mlpi_Figure *f = mlpi_topanel(L, &panel);
  mlpi_Series *s = mlpi_begin(L, f, kind, 3, who, MLPI_COMMON "linewidth dash");
  if (lua_type(L, 2) == LUA_TNUMBER) {
    mlpi_check(L, mlpi_vector(f, 1, &s->y));
    s->y.v[0] = lua_tonumber(L, 2);
  } else
    mlpi_read_vector(L, f, 2, (mlpi_Source){ who, "at", 1 }, &s->y);
  s->x = s->y; /* one number a rule */
  mlpi_pen_options(L, 3, who, s, 1, MLPI_SOLID);
  if (!s->has_colour) {
    s->colour = f->theme->faint;
    s->has_colour = true;
  }
  return mlpi_end(L, f, panel, s, who);
}

static int panel_hline (lua_State *L) { return rule(L, MLPI_HLINE, "hline"); }
static int panel_vline (lua_State *L) { return rule(L, MLPI_VLINE, "vline"); }

static void set_place (lua_State *L, mlpi_Figure *f, int at, const char *who,
                       mlpi_Vector *x, mlpi_Vector *y) {
  mlpi_Source src = { who, "to", 0 };
  if (!lua_istable(L, at) || lua_rawlen(L, at) != 2)
    mlpi_bad_data(L, src, "{ x, y }", luaL_typename(L, at));
  double vx = mlpi_number_at(L, at, 1, src), vy = mlpi_number_at(L, at, 2, src);
  mlpi_check(L, mlpi_vector(f, 1, x));
  mlpi_check(L, mlpi_vector(f, 1, y));
  x->v[0] = vx;
  y->v[0] = vy;
}

/* panel:text(x, y, string, options): 'to' is a point that an arrow shows. */
static int panel_text (lua_State *L) {
  int panel;
  mlpi_Figure *f = mlpi_topanel(L, &panel);
  mlpi_Series *s = mlpi_begin(L, f, MLPI_NOTE, 5, "text",
                              "color size halign valign inside axis angle dx "
                              "dy box to");
  double x = luaL_checknumber(L, 2), y = luaL_checknumber(L, 3);
  s->text = mlpi_keep_text(L, f, luaL_checkstring(L, 4));
  mlpi_check(L, mlpi_vector(f, 1, &s->x));
  mlpi_check(L, mlpi_vector(f, 1, &s->y));
  s->x.v[0] = x;
  s->y.v[0] = y;
  s->size = mlpi_positive(L, 5, "text", "size", 10, 200);
  s->halign = mlpi_choice(L, 5, "text", "halign", "left center right", 0) / 2.0;
  s->valign = mlpi_choice(L, 5, "text", "valign", "bottom center top", 0) / 2.0;
  s->in_axes = mlpi_optboolean(L, 5, "inside", false);
  s->boxed = mlpi_optboolean(L, 5, "box", false);
  s->angle = mlpi_optnumber(L, 5, "text", "angle", 0);
  s->dx = mlpi_optnumber(L, 5, "text", "dx", 0);
  s->dy = mlpi_optnumber(L, 5, "text", "dy", 0);
  if (lua_istable(L, 5) && lua_getfield(L, 5, "to") != LUA_TNIL)
    set_place(L, f, lua_gettop(L), "text", &s->x2, &s->y2);
  return mlpi_end(L, f, panel, s, "text");
}

const luaL_Reg mlpi_panel_marks[] = { { "hline", panel_hline },
                                      { "vline", panel_vline },
                                      { "text", panel_text },
                                      { NULL, NULL } };
