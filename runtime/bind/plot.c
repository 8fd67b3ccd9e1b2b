/*
** plot.c - figures and panels for Lua: mlp.core.plot.
** A panel is a number and, as user value, the box of its figure. Its methods
** return it, so that calls can be chained.
*/
#include "bind/bind.h"
#include "base/io.h"
#include "plot/plot.h"

#include <math.h>
#include <string.h>

#define PANEL "mlp.Panel"

static mlpi_Figure *tofigure (lua_State *L) {
  return mlpi_tobox(L, 1, MLPI_FIGURE);
}

/* The figure and number of the panel at 1. */
static mlpi_Figure *topanel (lua_State *L, int *index) {
  const int *p = luaL_checkudata(L, 1, PANEL);
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

/* ---- data ---- */

/* Names what is read, for messages: "line: argument 2 'y'". */
typedef struct Source {
  const char *who, *name;
  int arg; /* 0: an option */
} Source;

static int bad_data (lua_State *L, Source src, const char *want,
                     const char *got) {
  if (src.arg == 0)
    return mlpi_raise(L, MLP_EARG, "%s: option '%s': expected %s, got %s",
                      src.who, src.name, want, got);
  return mlpi_raise(L, MLP_EARG, "%s: argument %d '%s': expected %s, got %s",
                    src.who, src.arg, src.name, want, got);
}

/* A tensor with values, or NULL for a table; raises for anything else. */
static mlp_Tensor *data_tensor (lua_State *L, int at, Source src) {
  mlp_Tensor *t = mlpi_testbox(L, at, MLPI_TENSOR);
  if (t == NULL && !lua_istable(L, at))
    bad_data(L, src, "a list of numbers or a tensor",
             lua_isnone(L, at) ? "nil" : luaL_typename(L, at));
  if (t != NULL && t->a.data == NULL)
    bad_data(L, src, "a tensor with values", "a symbol");
  return t;
}

static double number_at (lua_State *L, int at, lua_Integer i, Source src) {
  int ok;
  lua_rawgeti(L, at, i);
  double v = lua_tonumberx(L, -1, &ok);
  if (!ok || lua_type(L, -1) != LUA_TNUMBER) {
    const char *got = lua_pushfstring(L, "%s at index %I", luaL_typename(L, -1),
                                      (LUAI_UACINT)i);
    bad_data(L, src, "numbers", got);
  }
  lua_pop(L, 1);
  return v;
}

/* Copy a list or tensor into the figure. */
static void read_vector (lua_State *L, mlpi_Figure *f, int at, Source src,
                         mlpi_Vector *out) {
  at = lua_absindex(L, at);
  mlp_Tensor *t = data_tensor(L, at, src);
  size_t n = t != NULL ? mlpi_count(&t->a) : lua_rawlen(L, at);
  mlpi_check(L, mlpi_vector(f, n, out));
  for (size_t i = 0; i < n; i++)
    out->v[i] = t != NULL ? mlpi_get(&t->a, i)
                          : number_at(L, at, (lua_Integer)i + 1, src);
  mlpi_account(L, n * sizeof *out->v);
}

/* The same for an option; leaves 'out' empty where that is absent. */
static void read_option (lua_State *L, mlpi_Figure *f, int opts,
                         const char *who, const char *name, mlpi_Vector *out) {
  if (!lua_istable(L, opts)) return;
  if (lua_getfield(L, opts, name) != LUA_TNIL)
    read_vector(L, f, -1, (Source){ who, name, 0 }, out);
  lua_pop(L, 1);
}

static void read_names (lua_State *L, mlpi_Figure *f, int opts, const char *who,
                        const char *name, mlpi_Names *out) {
  if (!lua_istable(L, opts)) return;
  int type = lua_getfield(L, opts, name), at = lua_gettop(L);
  Source src = { who, name, 0 };
  if (type != LUA_TNIL && type != LUA_TTABLE)
    bad_data(L, src, "a list of strings", luaL_typename(L, at));
  size_t n = type == LUA_TNIL ? 0 : lua_rawlen(L, at);
  if (type != LUA_TNIL) mlpi_check(L, mlpi_names(f, n, out));
  for (size_t i = 0; i < n; i++) {
    lua_rawgeti(L, at, (lua_Integer)i + 1);
    const char *s = luaL_tolstring(L, -1, NULL);
    out->name[i] = mlpi_arena_text(&f->keep, s);
    if (out->name[i] == NULL) mlpi_check(L, MLP_ENOMEM);
    lua_pop(L, 2);
  }
  lua_pop(L, 1);
}

static const char *keep_text (lua_State *L, mlpi_Figure *f, const char *s) {
  if (s == NULL) return NULL;
  s = mlpi_arena_text(&f->keep, s);
  if (s == NULL) mlpi_check(L, MLP_ENOMEM);
  return s;
}

static const char *text_option (lua_State *L, mlpi_Figure *f, int opts,
                                const char *who, const char *name,
                                const char *preset) {
  const char *s = mlpi_optstring(L, opts, who, name);
  return s == NULL ? preset : keep_text(L, f, s);
}

/* Rows of a table, each a list of equally many numbers. */
static void read_rows (lua_State *L, mlpi_Figure *f, int at, Source src,
                       mlpi_Series *s) {
  s->rows = lua_rawlen(L, at);
  lua_rawgeti(L, at, 1);
  s->cols = lua_rawlen(L, -1);
  lua_pop(L, 1);
  size_t n;
  if (!mlpi_mul(s->rows, s->cols, &n)) n = PTRDIFF_MAX;
  mlpi_check(L, mlpi_vector(f, n, &s->c));
  for (size_t r = 0; r < s->rows; r++) {
    lua_rawgeti(L, at, (lua_Integer)r + 1);
    if (!lua_istable(L, -1) || lua_rawlen(L, -1) != s->cols)
      bad_data(L, src, "rows of equal length",
               lua_pushfstring(L, "another at index %I", (LUAI_UACINT)(r + 1)));
    int row = lua_gettop(L);
    for (size_t c = 0; c < s->cols; c++)
      s->c.v[r * s->cols + c] = number_at(L, row, (lua_Integer)c + 1, src);
    lua_pop(L, 1);
  }
}

/* A matrix: rows, a tensor (rows, cols) or (rows, cols, channels), or flat
** data with the options 'rows' and 'cols'. */
static void read_matrix (lua_State *L, mlpi_Figure *f, int at, int opts,
                         Source src, mlpi_Series *s) {
  mlp_Tensor *t = data_tensor(L, at, src);
  lua_Integer rows = mlpi_optinteger(L, opts, src.who, "rows", 0);
  lua_Integer cols = mlpi_optinteger(L, opts, src.who, "cols", 0);
  bool nested = t == NULL && lua_rawgeti(L, at, 1) == LUA_TTABLE;
  if (t == NULL) lua_pop(L, 1);
  if (nested) {
    read_rows(L, f, at, src, s);
    return;
  }
  read_vector(L, f, at, src, &s->c);
  s->rows = rows > 0                      ? (size_t)rows
            : t != NULL && t->a.ndim >= 2 ? t->a.shape[0]
                                          : 1;
  s->cols = cols > 0                      ? (size_t)cols
            : t != NULL && t->a.ndim >= 2 ? t->a.shape[1]
                                          : s->c.n;
  if (s->rows != 0 && s->cols != 0 && s->rows <= s->c.n &&
      s->cols <= s->c.n / s->rows)
    s->channels = s->c.n / s->rows / s->cols;
}

/* ---- options ---- */

/* The index of the option's word in 'choices' (separated by spaces). */
static int choice (lua_State *L, int opts, const char *who, const char *name,
                   const char *choices, int preset) {
  const char *s = mlpi_optstring(L, opts, who, name), *p = choices;
  if (s == NULL) return preset;
  for (int i = 0; *p != '\0'; i++) {
    size_t n = strcspn(p, " ");
    if (strlen(s) == n && memcmp(s, p, n) == 0) return i;
    p += n + (p[n] == ' ');
  }
  return mlpi_raise(L, MLP_EARG,
                    "%s: option '%s': expected one of %s, got '%s'", who, name,
                    choices, s);
}

static bool colour_option (lua_State *L, const mlpi_Figure *f, int opts,
                           const char *who, const char *name,
                           mlpi_Colour *out) {
  const char *s = mlpi_optstring(L, opts, who, name);
  if (s == NULL) return false;
  if (!mlpi_parse_colour(f->theme, s, out))
    mlpi_raise(L, MLP_EARG,
               "%s: option '%s': expected \"#rrggbb\", \"C1\" to \"C9\" or a "
               "name such as \"black\", got '%s'",
               who, name, s);
  return true;
}

static double positive (lua_State *L, int opts, const char *who,
                        const char *name, double preset, double max) {
  double v = mlpi_optnumber(L, opts, who, name, preset);
  if (!(v >= 0 && v <= max))
    mlpi_raise(L, MLP_EARG, "%s: option '%s': expected 0 to %g, got %g", who,
               name, max, v);
  return v;
}

static void map_option (lua_State *L, int opts, const char *who,
                        const char *preset, mlpi_Series *s) {
  const char *name = mlpi_optstring(L, opts, who, "cmap");
  if (name == NULL) name = preset;
  if (!mlpi_find_map(name, &s->map))
    mlpi_raise(L, MLP_EARG,
               "%s: option 'cmap': expected one of %s, with \"_r\" where "
               "reversed, got '%s'",
               who, mlpi_map_names, name);
  s->vmin = mlpi_optnumber(L, opts, who, "vmin", NAN);
  s->vmax = mlpi_optnumber(L, opts, who, "vmax", NAN);
  s->shades = (int)mlpi_optinteger(L, opts, who, "shades", 0);
}

#define COMMON "label color alpha axis "

/* Options that every series has. */
static mlpi_Series *begin (lua_State *L, mlpi_Figure *f, mlpi_SeriesKind kind,
                           int opts, const char *who, const char *known) {
  if (!lua_isnoneornil(L, opts) && !lua_istable(L, opts))
    bad_data(L, (Source){ who, "options", opts - 1 }, "a table",
             luaL_typename(L, opts));
  mlpi_checkkeys(L, opts, who, known);
  mlpi_Series *s = mlpi_series_begin(f, kind);
  if (s == NULL) mlpi_check(L, MLP_ENOMEM);
  s->label = text_option(L, f, opts, who, "label", NULL);
  s->has_colour = colour_option(L, f, opts, who, "color", &s->colour);
  s->alpha = positive(L, opts, who, "alpha", 1, 1);
  s->right = choice(L, opts, who, "axis", "left right", 0) == 1;
  return s;
}

static int end (lua_State *L, mlpi_Figure *f, int panel, mlpi_Series *s,
                const char *who) {
  mlpi_check(L, mlpi_series_end(f, panel, s, who));
  lua_settop(L, 1);
  return 1;
}

static const char dashes[] = "solid dashed dotted dashdot";
static const char markers[] = "none circle square triangle cross";

static void pen_options (lua_State *L, int opts, const char *who,
                         mlpi_Series *s, double width, int dash) {
  s->width = positive(L, opts, who, "linewidth", width, 100);
  s->dash = choice(L, opts, who, "dash", dashes, dash);
}

static void marker_options (lua_State *L, const mlpi_Figure *f, int opts,
                            const char *who, mlpi_Series *s, int preset,
                            double size) {
  s->marker = choice(L, opts, who, "marker", markers, preset);
  s->size = positive(L, opts, who, "size", size, 200);
  s->has_edge = colour_option(L, f, opts, who, "edge", &s->edge);
}

/* x at 2 (nil: 1, 2...) and y at 3. */
static void read_points (lua_State *L, mlpi_Figure *f, const char *who,
                         mlpi_Series *s) {
  read_vector(L, f, 3, (Source){ who, "y", 2 }, &s->y);
  if (!lua_isnil(L, 2)) {
    read_vector(L, f, 2, (Source){ who, "x", 1 }, &s->x);
    return;
  }
  mlpi_check(L, mlpi_vector(f, s->y.n, &s->x));
  for (size_t i = 0; i < s->x.n; i++) s->x.v[i] = (double)(i + 1);
}

/* ---- series ---- */

/* panel:line(x, y, options) */
static int panel_line (lua_State *L) {
  int panel;
  mlpi_Figure *f = topanel(L, &panel);
  mlpi_Series *s = begin(L, f, MLPI_LINE, 4, "line",
                         COMMON "linewidth dash marker size edge low high");
  read_points(L, f, "line", s);
  read_option(L, f, 4, "line", "low", &s->low);
  read_option(L, f, 4, "line", "high", &s->high);
  pen_options(L, 4, "line", s, 1.5, -1);
  marker_options(L, f, 4, "line", s, MLPI_NOMARK, 5);
  return end(L, f, panel, s, "line");
}

/* panel:scatter(x, y, options): one colour, or by 'classes' or 'values'. */
static int panel_scatter (lua_State *L) {
  int panel;
  mlpi_Figure *f = topanel(L, &panel);
  mlpi_Series *s = begin(L, f, MLPI_SCATTER, 4, "scatter",
                         COMMON "marker size edge classes names values cmap "
                                "vmin vmax shades colorbar");
  read_points(L, f, "scatter", s);
  read_option(L, f, 4, "scatter", "classes", &s->c);
  s->by_value = s->c.v == NULL;
  if (s->by_value) read_option(L, f, 4, "scatter", "values", &s->c);
  s->by_value = s->by_value && s->c.v != NULL;
  read_names(L, f, 4, "scatter", "names", &s->names);
  map_option(L, 4, "scatter", "viridis", s);
  s->bar = s->by_value && mlpi_optboolean(L, 4, "colorbar", true);
  marker_options(L, f, 4, "scatter", s, MLPI_CIRCLE, 5);
  return end(L, f, panel, s, "scatter");
}

/* The option 'extent' = { x0, x1, y0, y1 }; cells are 1 wide without it. */
static void extent_option (lua_State *L, mlpi_Figure *f, const char *who,
                           mlpi_Series *s) {
  mlpi_Vector v = { .n = 0 };
  read_option(L, f, 3, who, "extent", &v);
  s->extent = (mlpi_Box){ .5, .5, (double)s->cols + .5, (double)s->rows + .5 };
  if (v.v == NULL) return;
  if (v.n != 4 || !isfinite(v.v[0] + v.v[1] + v.v[2] + v.v[3]) ||
      v.v[0] == v.v[1] || v.v[2] == v.v[3])
    mlpi_raise(L, MLP_EARG,
               "%s: option 'extent': expected { x0, x1, y0, y1 } with x0 not "
               "x1 and y0 not y1",
               who);
  s->extent = (mlpi_Box){ v.v[0], v.v[2], v.v[1], v.v[3] };
}

/* panel:image(data, options): a colour map, RGB, or 'tint' by class. */
static int panel_image (lua_State *L) {
  int panel;
  mlpi_Figure *f = topanel(L, &panel);
  mlpi_Series *s = begin(L, f, MLPI_IMAGE, 3, "image",
                         COMMON "rows cols extent cmap vmin vmax shades smooth "
                                "tint colorbar");
  read_matrix(L, f, 2, 3, (Source){ "image", "data", 1 }, s);
  extent_option(L, f, "image", s);
  map_option(L, 3, "image", "viridis", s);
  s->smooth = mlpi_optboolean(L, 3, "smooth", false);
  s->tint = mlpi_optboolean(L, 3, "tint", false);
  s->bar = mlpi_optboolean(L, 3, "colorbar", false);
  if (s->channels == 0 || (s->channels != 1 && s->channels != 3 && !s->tint))
    mlpi_raise(L, MLP_ESHAPE,
               "image: argument 1 'data': expected 1 or 3 channels, got %d; "
               "for probabilities of classes set tint = true",
               (int)s->channels);
  return end(L, f, panel, s, "image");
}

/* panel:contour(data, options) */
static int panel_contour (lua_State *L) {
  int panel;
  mlpi_Figure *f = topanel(L, &panel);
  mlpi_Series *s = begin(L, f, MLPI_CONTOUR, 3, "contour",
                         COMMON "rows cols extent levels cmap vmin vmax shades "
                                "linewidth dash");
  read_matrix(L, f, 2, 3, (Source){ "contour", "data", 1 }, s);
  extent_option(L, f, "contour", s);
  read_option(L, f, 3, "contour", "levels", &s->levels);
  if (s->levels.n == 0)
    mlpi_raise(L, MLP_EARG,
               "contour: option 'levels': expected a list of numbers, got %s",
               s->levels.v == NULL ? "nil" : "an empty one");
  s->by_value = mlpi_optstring(L, 3, "contour", "cmap") != NULL;
  map_option(L, 3, "contour", "viridis", s);
  pen_options(L, 3, "contour", s, 1, MLPI_SOLID);
  return end(L, f, panel, s, "contour");
}

/* panel:bars(x, heights, options) */
static int panel_bars (lua_State *L) {
  int panel;
  mlpi_Figure *f = topanel(L, &panel);
  mlpi_Series *s = begin(L, f, MLPI_BARS, 4, "bars", COMMON "bar_width edge");
  read_points(L, f, "bars", s);
  double step = s->x.n > 1 ? fabs(s->x.v[1] - s->x.v[0]) : 1;
  s->bar_width = positive(L, 4, "bars", "bar_width", .8 * step, HUGE_VAL);
  s->has_edge = colour_option(L, f, 4, "bars", "edge", &s->edge);
  return end(L, f, panel, s, "bars");
}

/* panel:hline(y, options), panel:vline(x, options): a number or a list. */
static int rule (lua_State *L, mlpi_SeriesKind kind, const char *who) {
  int panel;
  mlpi_Figure *f = topanel(L, &panel);
  mlpi_Series *s = begin(L, f, kind, 3, who, COMMON "linewidth dash");
  if (lua_type(L, 2) == LUA_TNUMBER) {
    mlpi_check(L, mlpi_vector(f, 1, &s->y));
    s->y.v[0] = lua_tonumber(L, 2);
  } else
    read_vector(L, f, 2, (Source){ who, "at", 1 }, &s->y);
  s->x = s->y; /* one number a rule */
  pen_options(L, 3, who, s, 1, MLPI_SOLID);
  if (!s->has_colour) {
    s->colour = f->theme->faint;
    s->has_colour = true;
  }
  return end(L, f, panel, s, who);
}

static int panel_hline (lua_State *L) { return rule(L, MLPI_HLINE, "hline"); }
static int panel_vline (lua_State *L) { return rule(L, MLPI_VLINE, "vline"); }

/* panel:text(x, y, string, options) */
static int panel_text (lua_State *L) {
  int panel;
  mlpi_Figure *f = topanel(L, &panel);
  mlpi_Series *s =
      begin(L, f, MLPI_NOTE, 5, "text", "color size halign valign inside axis");
  double x = luaL_checknumber(L, 2), y = luaL_checknumber(L, 3);
  s->text = keep_text(L, f, luaL_checkstring(L, 4));
  mlpi_check(L, mlpi_vector(f, 1, &s->x));
  mlpi_check(L, mlpi_vector(f, 1, &s->y));
  s->x.v[0] = x;
  s->y.v[0] = y;
  s->size = positive(L, 5, "text", "size", 10, 200);
  s->halign = choice(L, 5, "text", "halign", "left center right", 0) / 2.0;
  s->valign = choice(L, 5, "text", "valign", "bottom center top", 0) / 2.0;
  s->in_axes = mlpi_optboolean(L, 5, "inside", false);
  return end(L, f, panel, s, "text");
}

/* ---- axes ---- */

static void limits (lua_State *L, const char *name, double *lo, double *hi) {
  if (lua_getfield(L, 2, name) != LUA_TNIL) {
    Source src = { "set", name, 0 };
    if (!lua_istable(L, -1) || lua_rawlen(L, -1) != 2)
      bad_data(L, src, "{ low, high }", luaL_typename(L, -1));
    double a = number_at(L, lua_gettop(L), 1, src);
    double b = number_at(L, lua_gettop(L), 2, src);
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
  a->label = text_option(L, f, 2, "set", name, a->label);
  limits(L, lua_pushfstring(L, "%slim", letter), &a->lo, &a->hi);
  name = lua_pushfstring(L, "%sscale", letter);
  a->log = choice(L, 2, "set", name, "linear log", a->log) == 1;
  name = lua_pushfstring(L, "%sinteger", letter);
  a->integer = mlpi_optboolean(L, 2, name, a->integer);
  name = lua_pushfstring(L, "%sreverse", letter);
  a->reverse = mlpi_optboolean(L, 2, name, a->reverse);
  read_names(L, f, 2, "set", lua_pushfstring(L, "%snames", letter), &a->names);
  lua_pop(L, 6);
}

static void set_legend (lua_State *L, mlpi_Panel *p) {
  int type = lua_getfield(L, 2, "legend");
  lua_pop(L, 1);
  if (type == LUA_TBOOLEAN)
    p->legend =
        mlpi_optboolean(L, 2, "legend", true) ? MLPI_BEST : MLPI_NO_LEGEND;
  else
    p->legend = choice(L, 2, "set", "legend", "none best outside upper_right",
                       p->legend);
}

/* panel:set { title = , xlabel = , xlim = ... } */
static int panel_set (lua_State *L) {
  int panel;
  mlpi_Figure *f = topanel(L, &panel);
  mlpi_Panel *p = &f->panel[panel];
  luaL_checktype(L, 2, LUA_TTABLE);
  mlpi_checkkeys(L, 2, "set",
                 "title title_size legend grid axes equal xlabel ylabel rlabel "
                 "xlim ylim rlim xscale yscale rscale xinteger yinteger "
                 "rinteger xreverse yreverse rreverse xnames ynames rnames");
  p->title = text_option(L, f, 2, "set", "title", p->title);
  p->title_size = positive(L, 2, "set", "title_size", p->title_size, 100);
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

/* ---- figures ---- */

static int count_option (lua_State *L, const char *name) {
  lua_Integer n = mlpi_optinteger(L, 1, "figure", name, 1);
  if (n < 1 || n > 100)
    mlpi_raise(L, MLP_EARG, "figure: option '%s': expected 1 to 100, got %d",
               name, (int)n);
  return (int)n;
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
                 "rows cols width height dpi theme title sharex sharey");
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
  (*f)->title = text_option(L, *f, 1, "figure", "title", NULL);
  (*f)->sharex = mlpi_optboolean(L, 1, "sharex", false);
  (*f)->sharey = mlpi_optboolean(L, 1, "sharey", false);
  int box = lua_gettop(L);
  set_meta(L, *f);
  lua_settop(L, box);
  return 1;
}

/* figure:panel(row, col); 1, 1 where left out */
static int figure_panel (lua_State *L) {
  mlpi_Figure *f = tofigure(L);
  lua_Integer r = luaL_optinteger(L, 2, 1), c = luaL_optinteger(L, 3, 1);
  if (r < 1 || r > f->rows || c < 1 || c > f->cols)
    mlpi_raise(L, MLP_EARG,
               "panel: expected a row to %d and a column to %d, got %d and %d",
               f->rows, f->cols, (int)r, (int)c);
  int *p = lua_newuserdatauv(L, sizeof *p, 1);
  *p = (int)((r - 1) * f->cols + c - 1);
  luaL_setmetatable(L, PANEL);
  lua_pushvalue(L, 1);
  lua_setiuservalue(L, -2, 1);
  return 1;
}

/* figure:meta(key, value): a text chunk of the PNG */
static int figure_meta (lua_State *L) {
  mlpi_Figure *f = tofigure(L);
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

/* figure:save(path) */
static int figure_save (lua_State *L) {
  mlpi_Figure *f = tofigure(L);
  const char *path = luaL_checkstring(L, 2);
  mlp_Status status = mlpi_figure_png(f);
  if (status == MLP_OK)
    status = mlpi_write_file(f->rt, "save", path, f->png, f->png_size);
  mlpi_figure_drop_png(f);
  mlpi_check(L, status);
  lua_settop(L, 1);
  return 1;
}

/* figure:png(): the bytes as a string */
static int figure_png (lua_State *L) {
  mlpi_Figure *f = tofigure(L);
  mlpi_check(L, mlpi_figure_png(f));
  lua_pushlstring(L, (const char *)f->png, f->png_size);
  mlpi_figure_drop_png(f);
  return 1;
}

/* ---- the scene ---- */

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

static void push_ticks (lua_State *L, const mlpi_Ticks *t) {
  lua_createtable(L, t->n, 0);
  for (int i = 0; i < t->n; i++) {
    lua_createtable(L, 0, 2);
    set_number(L, "value", t->at[i]);
    set_string(L, "label", t->label[i]);
    lua_seti(L, -2, i + 1);
  }
}

static void push_axis (lua_State *L, const mlpi_Axis *a) {
  lua_createtable(L, 0, 6);
  set_number(L, "low", a->from);
  set_number(L, "high", a->to);
  set_number(L, "exponent", a->ticks.exponent);
  set_string(L, "label", a->label);
  push_ticks(L, &a->ticks);
  lua_setfield(L, -2, "ticks");
}

static void push_series (lua_State *L, const mlpi_Series *s) {
  static const char *const kinds[] = { "line", "scatter", "image", "contour",
                                       "bars", "hline",   "vline", "text" };
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
static int figure_scene (lua_State *L) {
  mlpi_Figure *f = tofigure(L);
  mlpi_check(L, mlpi_layout(f));
  lua_createtable(L, 0, 4);
  lua_pushinteger(L, f->pixels_x);
  lua_setfield(L, -2, "width");
  lua_pushinteger(L, f->pixels_y);
  lua_setfield(L, -2, "height");
  lua_createtable(L, f->rows * f->cols, 0);
  for (int i = 0; i < f->rows * f->cols; i++) {
    push_panel(L, &f->panel[i]);
    lua_seti(L, -2, i + 1);
  }
  lua_setfield(L, -2, "panels");
  push_texts(L, f);
  lua_setfield(L, -2, "texts");
  return 1;
}

/* ---- help for charts ---- */

static void push_list (lua_State *L, const double *v, size_t n) {
  lua_createtable(L, n < INT32_MAX ? (int)n : 0, 0);
  for (size_t i = 0; i < n; i++) {
    lua_pushnumber(L, v[i]);
    lua_seti(L, -2, (lua_Integer)i + 1);
  }
}

/* ticks(lo, hi, target, { integer = , log = , inside = }) -> ticks, exponent */
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
  push_ticks(L, &ticks);
  lua_pushinteger(L, ticks.exponent);
  return 2;
}

/* All the numbers of a list, rows or tensor: in a throw-away figure. */
static mlpi_Series *gather (lua_State *L, const char *who) {
  mlpi_Figure **f = (mlpi_Figure **)mlpi_newbox(L, MLPI_FIGURE);
  mlpi_check(L, mlpi_figure_new(mlpi_runtime(L), 1, 1, 1, 1, 100,
                                mlpi_theme("light"), f));
  mlpi_Series *s = mlpi_series_begin(*f, MLPI_IMAGE);
  if (s == NULL) mlpi_check(L, MLP_ENOMEM);
  read_matrix(L, *f, 1, lua_gettop(L) + 1, (Source){ who, "data", 1 }, s);
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

static void release_figure (void *f) { mlpi_figure_release(f); }

static const luaL_Reg figure_methods[] = {
  { "panel", figure_panel }, { "meta", figure_meta },   { "save", figure_save },
  { "png", figure_png },     { "scene", figure_scene }, { NULL, NULL }
};

static const luaL_Reg panel_methods[] = {
  { "line", panel_line },   { "scatter", panel_scatter },
  { "image", panel_image }, { "contour", panel_contour },
  { "bars", panel_bars },   { "hline", panel_hline },
  { "vline", panel_vline }, { "text", panel_text },
  { "set", panel_set },     { NULL, NULL }
};

static const luaL_Reg functions[] = { { "figure", new_figure },
                                      { "ticks", find_ticks },
                                      { "values", flat_values },
                                      { "range", value_range },
                                      { "histogram", histogram },
                                      { "column", column },
                                      { "row", row },
                                      { "shape", tensor_shape },

                                      { "grid", grid },
                                      { NULL, NULL } };

void mlpi_open_plot (lua_State *L); /* called by generated code */

void mlpi_open_plot (lua_State *L);
void mlpi_open_plot (lua_State *L) {
  mlpi_newtype(L, MLPI_FIGURE, NULL, figure_methods, release_figure);
  luaL_newmetatable(L, PANEL);
  luaL_newlib(L, panel_methods);
  lua_setfield(L, -2, "__index");
  lua_pushliteral(L, PANEL);
  lua_setfield(L, -2, "__metatable");
  lua_pop(L, 1);
  luaL_newlib(L, functions);
  lua_setfield(L, -2, "plot");
}
