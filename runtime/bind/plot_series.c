/*
** plot_series.c - panel methods that draw data.
*/
#include "bind/plot.h"

#include <math.h>

static const char markers[] =
    "none circle square triangle cross diamond star plus ring";

static void marker_options (lua_State *L, const mlpi_Figure *f, int opts,
                            const char *who, mlpi_Series *s, int preset,
                            double size) {
  s->marker = mlpi_choice(L, opts, who, "marker", markers, preset);
  s->size = mlpi_positive(L, opts, who, "size", size, 200);
  s->has_edge = mlpi_colour_option(L, f, opts, who, "edge", &s->edge);
}

/* x at 2 (nil: 1, 2...) and y at 3. */
static void read_points (lua_State *L, mlpi_Figure *f, const char *who,
                         mlpi_Series *s) {
  mlpi_read_vector(L, f, 3, (mlpi_Source){ who, "y", 2 }, &s->y);
  if (!lua_isnil(L, 2)) {
    mlpi_read_vector(L, f, 2, (mlpi_Source){ who, "x", 1 }, &s->x);
    return;
  }
  mlpi_check(L, mlpi_vector(f, s->y.n, &s->x));
  for (size_t i = 0; i < s->x.n; i++) s->x.v[i] = (double)(i + 1);
}

/* Every value holds up to the next x. */
static void make_steps (lua_State *L, mlpi_Figure *f, mlpi_Series *s) {
  mlpi_Vector x = s->x, y = s->y;
  size_t n = x.n < y.n ? x.n : y.n;
  if (n < 2 || x.n != y.n) return;
  mlpi_check(L, mlpi_vector(f, 2 * n - 1, &s->x));
  mlpi_check(L, mlpi_vector(f, 2 * n - 1, &s->y));
  for (size_t i = 0; i < 2 * n - 1; i++) {
    s->x.v[i] = x.v[(i + 1) / 2];
    s->y.v[i] = y.v[i / 2];
  }
}

/* ---- series ---- */

/* panel:line(x, y, options) */
static int panel_line (lua_State *L) {
  int panel;
  mlpi_Figure *f = mlpi_topanel(L, &panel);
  mlpi_Series *s = mlpi_begin(L, f, MLPI_LINE, 4, "line",
                              MLPI_COMMON "linewidth dash marker size edge low "
                                          "high band_alpha step");
  read_points(L, f, "line", s);
  mlpi_read_option(L, f, 4, "line", "low", &s->low);
  mlpi_read_option(L, f, 4, "line", "high", &s->high);
  s->band_alpha = mlpi_positive(L, 4, "line", "band_alpha", .2, 1);
  if (mlpi_optboolean(L, 4, "step", false)) make_steps(L, f, s);
  mlpi_pen_options(L, 4, "line", s, 1.5, -1);
  marker_options(L, f, 4, "line", s, MLPI_NOMARK, 5);
  return mlpi_end(L, f, panel, s, "line");
}

/* One colour, or 'classes' with 'names', or 'values' through a map. */
static void colouring (lua_State *L, mlpi_Figure *f, int opts, const char *who,
                       mlpi_Series *s) {
  mlpi_read_option(L, f, opts, who, "classes", &s->c);
  s->by_value = s->c.v == NULL;
  if (s->by_value) mlpi_read_option(L, f, opts, who, "values", &s->c);
  s->by_value = s->by_value && s->c.v != NULL;
  mlpi_read_names(L, f, opts, who, "names", &s->names);
  mlpi_map_option(L, opts, who, "viridis", s);
  s->bar = s->by_value && mlpi_optboolean(L, opts, "colorbar", true);
}
#define COLOURING "classes names values colorbar " MLPI_MAP_OPTIONS

/* panel:scatter(x, y, options) */
static int panel_scatter (lua_State *L) {
  int panel;
  mlpi_Figure *f = mlpi_topanel(L, &panel);
  mlpi_Series *s =
      mlpi_begin(L, f, MLPI_SCATTER, 4, "scatter",
                 MLPI_COMMON COLOURING "marker size edge low high horizontal");
  read_points(L, f, "scatter", s);
  colouring(L, f, 4, "scatter", s);
  mlpi_read_option(L, f, 4, "scatter", "low", &s->low);
  mlpi_read_option(L, f, 4, "scatter", "high", &s->high);
  s->level = mlpi_optboolean(L, 4, "horizontal", false);
  marker_options(L, f, 4, "scatter", s, MLPI_CIRCLE, 5);
  return mlpi_end(L, f, panel, s, "scatter");
}

/* The option 'extent' = { x0, x1, y0, y1 }; cells are 1 wide without it. */
static void extent_option (lua_State *L, mlpi_Figure *f, const char *who,
                           mlpi_Series *s) {
  mlpi_Vector v = { .n = 0 };
  mlpi_read_option(L, f, 3, who, "extent", &v);
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
  mlpi_Figure *f = mlpi_topanel(L, &panel);
  mlpi_Series *s = mlpi_begin(L, f, MLPI_IMAGE, 3, "image",
                              MLPI_COMMON MLPI_MAP_OPTIONS
                              "rows cols extent smooth tint colorbar");
  mlpi_read_matrix(L, f, 2, 3, (mlpi_Source){ "image", "data", 1 }, s);
  extent_option(L, f, "image", s);
  mlpi_map_option(L, 3, "image", "viridis", s);
  s->smooth = mlpi_optboolean(L, 3, "smooth", false);
  s->tint = mlpi_optboolean(L, 3, "tint", false);
  s->bar = mlpi_optboolean(L, 3, "colorbar", false);
  if (s->channels == 0 || (s->channels != 1 && s->channels != 3 && !s->tint))
    mlpi_raise(L, MLP_ESHAPE,
               "image: argument 1 'data': expected 1 or 3 channels, got %d; "
               "for probabilities of classes set tint = true",
               (int)s->channels);
  return mlpi_end(L, f, panel, s, "image");
}

/* panel:contour(data, options) */
static int panel_contour (lua_State *L) {
  int panel;
  mlpi_Figure *f = mlpi_topanel(L, &panel);
  mlpi_Series *s = mlpi_begin(L, f, MLPI_CONTOUR, 3, "contour",
                              MLPI_COMMON MLPI_MAP_OPTIONS
                              "rows cols extent levels linewidth dash");
  mlpi_read_matrix(L, f, 2, 3, (mlpi_Source){ "contour", "data", 1 }, s);
  extent_option(L, f, "contour", s);
  mlpi_read_option(L, f, 3, "contour", "levels", &s->levels);
  if (s->levels.n == 0)
    mlpi_raise(L, MLP_EARG,
               "contour: option 'levels': expected a list of numbers, got %s",
               s->levels.v == NULL ? "nil" : "an empty one");
  s->by_value = mlpi_optstring(L, 3, "contour", "cmap") != NULL;
  mlpi_map_option(L, 3, "contour", "viridis", s);
  mlpi_pen_options(L, 3, "contour", s, 1, MLPI_SOLID);
  return mlpi_end(L, f, panel, s, "contour");
}

/* From the middles, lengths and base of bars to their corners. */
static void set_bars (lua_State *L, mlpi_Figure *f, mlpi_Series *s,
                      const mlpi_Vector *base, double width) {
  mlpi_Vector at = s->x, tip = s->y, from, to, start = *base;
  size_t n = at.n;
  if (tip.n != n || (start.v != NULL && start.n != n && start.n != 1))
    mlpi_raise(L, MLP_ESHAPE, "bars: expected %d values in '%s', got %d",
               (int)n, tip.n != n ? "y" : "base",
               (int)(tip.n != n ? tip.n : start.n));
  mlpi_check(L, mlpi_vector(f, n, &from));
  mlpi_check(L, mlpi_vector(f, n, &to));
  if (start.n != n || start.v == NULL) {
    double v = start.v == NULL ? 0 : start.v[0];
    mlpi_check(L, mlpi_vector(f, n, &start));
    for (size_t i = 0; i < n; i++) start.v[i] = v;
  }
  for (size_t i = 0; i < n; i++) {
    from.v[i] = at.v[i] - width / 2;
    to.v[i] = at.v[i] + width / 2;
  }
  s->x = s->level ? start : from;
  s->x2 = s->level ? tip : to;
  s->y = s->level ? from : start;
  s->y2 = s->level ? to : tip;
}

/* panel:bars(x, heights, options) */
static int panel_bars (lua_State *L) {
  int panel;
  mlpi_Vector base = { .n = 0 };
  mlpi_Figure *f = mlpi_topanel(L, &panel);
  mlpi_Series *s =
      mlpi_begin(L, f, MLPI_BARS, 4, "bars",
                 MLPI_COMMON COLOURING "bar_width edge base horizontal low "
                                       "high");
  read_points(L, f, "bars", s);
  colouring(L, f, 4, "bars", s);
  double step = s->x.n > 1 ? fabs(s->x.v[1] - s->x.v[0]) : 1;
  double width = mlpi_positive(L, 4, "bars", "bar_width", .8 * step, HUGE_VAL);
  mlpi_read_option(L, f, 4, "bars", "base", &base);
  mlpi_read_option(L, f, 4, "bars", "low", &s->low);
  mlpi_read_option(L, f, 4, "bars", "high", &s->high);
  s->has_edge = mlpi_colour_option(L, f, 4, "bars", "edge", &s->edge);
  s->level = mlpi_optboolean(L, 4, "horizontal", false);
  s->width = .6;
  set_bars(L, f, s, &base, width);
  return mlpi_end(L, f, panel, s, "bars");
}

static void read_corners (lua_State *L, mlpi_Figure *f, const char *who,
                          mlpi_Series *s) {
  mlpi_Vector *to[] = { &s->x, &s->y, &s->x2, &s->y2 };
  static const char *const names[] = { "x0", "y0", "x1", "y1" };
  for (int i = 0; i < 4; i++)
    mlpi_read_vector(L, f, 2 + i, (mlpi_Source){ who, names[i], i + 1 }, to[i]);
}

/* panel:segments(x0, y0, x1, y1, options): straight pieces, arrows. */
static int panel_segments (lua_State *L) {
  int panel;
  mlpi_Figure *f = mlpi_topanel(L, &panel);
  mlpi_Series *s =
      mlpi_begin(L, f, MLPI_SEGMENTS, 6, "segments",
                 MLPI_COMMON COLOURING "linewidth dash widths head");
  read_corners(L, f, "segments", s);
  colouring(L, f, 6, "segments", s);
  mlpi_read_option(L, f, 6, "segments", "widths", &s->widths);
  mlpi_pen_options(L, 6, "segments", s, 1, MLPI_SOLID);
  s->head = mlpi_positive(L, 6, "segments", "head", 0, 100);
  return mlpi_end(L, f, panel, s, "segments");
}

/* panel:boxes(x0, y0, x1, y1, options); infinite: to the end of the axes. */
static int panel_boxes (lua_State *L) {
  int panel;
  mlpi_Figure *f = mlpi_topanel(L, &panel);
  mlpi_Series *s = mlpi_begin(L, f, MLPI_BOXES, 6, "boxes",
                              MLPI_COMMON COLOURING "linewidth edge radius");
  read_corners(L, f, "boxes", s);
  colouring(L, f, 6, "boxes", s);
  s->width = mlpi_positive(L, 6, "boxes", "linewidth", .8, 100);
  s->radius = mlpi_positive(L, 6, "boxes", "radius", 0, 100);
  s->has_edge = mlpi_colour_option(L, f, 6, "boxes", "edge", &s->edge);
  return mlpi_end(L, f, panel, s, "boxes");
}

const luaL_Reg mlpi_panel_series[] = {
  { "line", panel_line },         { "scatter", panel_scatter },
  { "image", panel_image },       { "contour", panel_contour },
  { "bars", panel_bars },         { "boxes", panel_boxes },
  { "segments", panel_segments }, { NULL, NULL }
};
