/*
** plot_scene.c - figure:scene(): where everything is, as tables.
*/
#include "bind/plot.h"

static void set_number (lua_State *L, const char *name, double v) {
  lua_pushnumber(L, v);
  lua_setfield(L, -2, name);
}

static void set_string (lua_State *L, const char *name, const char *v) {
  lua_pushstring(L, v);
  lua_setfield(L, -2, name);
}

static void set_box (lua_State *L, mlpi_Box b) {
  set_number(L, "x0", b.x0);
  set_number(L, "y0", b.y0);
  set_number(L, "x1", b.x1);
  set_number(L, "y1", b.y1);
}

static void push_box (lua_State *L, mlpi_Box b) {
  lua_createtable(L, 0, 4);
  set_box(L, b);
}

void mlpi_push_ticks (lua_State *L, const mlpi_Ticks *t) {
  lua_createtable(L, t->n, 0);
  for (int i = 0; i < t->n; i++) {
    lua_createtable(L, 0, 2);
    set_number(L, "value", t->at[i]);
    set_string(L, "label", t->label[i]);
    lua_seti(L, -2, i + 1);
  }
}

static void push_axis (lua_State *L, const mlpi_Axis *a) {
  lua_createtable(L, 0, 7);
  set_number(L, "low", a->from);
  set_number(L, "high", a->to);
  set_number(L, "exponent", a->ticks.exponent);
  set_number(L, "offset", a->ticks.offset);
  set_string(L, "label", a->label);
  mlpi_push_ticks(L, &a->ticks);
  lua_setfield(L, -2, "ticks");
  lua_createtable(L, a->ticks.nminor, 0);
  for (int i = 0; i < a->ticks.nminor; i++) {
    lua_pushnumber(L, a->ticks.minor[i]);
    lua_seti(L, -2, i + 1);
  }
  lua_setfield(L, -2, "minor");
}

static void push_series (lua_State *L, const mlpi_Series *s) {
  static const char *const kinds[] = { "line",    "scatter", "image",
                                       "contour", "bars",    "hline",
                                       "vline",   "text",    "segments",
                                       "boxes" };
  lua_newtable(L);
  for (int i = 1; s != NULL; s = s->next, i++) {
    lua_createtable(L, 0, 6);
    set_string(L, "kind", kinds[s->kind]);
    set_string(L, "label", s->label);
    set_box(L, s->area);
    lua_seti(L, -2, i);
  }
}

static void push_panel (lua_State *L, const mlpi_Panel *p) {
  static const char *const names[] = { "x", "y", "right" };
  lua_createtable(L, 0, 9);
  set_box(L, p->box);
  for (int i = 0; i < 3; i++) {
    if (i == MLPI_AR && !p->axis[i].used) continue;
    push_axis(L, &p->axis[i]);
    lua_setfield(L, -2, names[i]);
  }
  push_series(L, p->first);
  lua_setfield(L, -2, "series");
  if (p->has_legend) {
    push_box(L, p->legend_box);
    lua_setfield(L, -2, "legend");
  }
  if (p->barred != NULL) {
    push_box(L, p->bar);
    lua_setfield(L, -2, "colorbar");
  }
}

static void push_texts (lua_State *L, const mlpi_Figure *f) {
  lua_newtable(L);
  int i = 1;
  for (const mlpi_Caption *t = f->texts; t != NULL; t = t->next, i++) {
    lua_createtable(L, 0, 9);
    set_string(L, "text", t->text);
    set_string(L, "role", t->role);
    set_number(L, "size", t->size);
    set_number(L, "angle", t->angle);
    set_box(L, t->box);
    lua_pushinteger(L, t->panel + 1);
    lua_setfield(L, -2, "panel");
    lua_seti(L, -2, i);
  }
}

/* figure:scene(): where everything is, in pixels from the upper left */
int mlpi_figure_scene (lua_State *L) {
  mlpi_Figure *f = mlpi_tofigure(L);
  mlpi_check(L, mlpi_layout(f));
  lua_createtable(L, 0, 4);
  lua_pushinteger(L, f->pixels_x);
  lua_setfield(L, -2, "width");
  lua_pushinteger(L, f->pixels_y);
  lua_setfield(L, -2, "height");
  lua_createtable(L, f->npanels, 0);
  for (int i = 0; i < f->npanels; i++) {
    push_panel(L, &f->panel[i]);
    lua_seti(L, -2, i + 1);
  }
  lua_setfield(L, -2, "panels");
  push_texts(L, f);
  lua_setfield(L, -2, "texts");
  return 1;
}
