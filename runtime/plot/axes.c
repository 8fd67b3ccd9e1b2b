/*
** axes.c - the ranges of axes, and from values to pixels and colours.
*/
#include "plot/layout.h"

#include <math.h>

/* A range that grows; 'sticky' ends take no margin. */
typedef struct Range {
  double lo, hi;
  bool any, sticky_lo, sticky_hi;
} Range;

static void grow (Range *r, double lo, double hi, bool sticky) {
  if (!r->any || lo < r->lo || (sticky && lo == r->lo)) {
    r->lo = lo;
    r->sticky_lo = sticky;
  }
  if (!r->any || hi > r->hi || (sticky && hi == r->hi)) {
    r->hi = hi;
    r->sticky_hi = sticky;
  }
  r->any = true;
}

static void grow_values (Range *r, const mlpi_Vector *v, bool log) {
  if (log ? v->any_above : v->any)
    grow(r, log ? v->lo_above : v->lo, v->hi, false);
}

/* Bars stand on a base, which takes no margin where all have the same. */
static void grow_bars (Range *r, const mlpi_Series *s, int axis, bool log) {
  bool along = (axis == MLPI_AX) == s->level;
  const mlpi_Vector *base = axis == MLPI_AX ? &s->x : &s->y;
  grow_values(r, axis == MLPI_AX ? &s->x2 : &s->y2, log);
  if (!along) grow_values(r, base, log);
  if (!along) return;
  grow_values(r, &s->low, log);
  grow_values(r, &s->high, log);
  for (size_t i = 0; i < base->n; i++)
    if (isfinite(base->v[i]) && !(log && base->v[i] <= 0))
      grow(r, base->v[i], base->v[i], true);
}

static void grow_series (Range *r, const mlpi_Series *s, int axis, bool log) {
  const mlpi_Box *e = &s->extent;
  switch (s->kind) {
  case MLPI_IMAGE:
  case MLPI_CONTOUR:
    if (axis == MLPI_AX)
      grow(r, fmin(e->x0, e->x1), fmax(e->x0, e->x1), true);
    else
      grow(r, fmin(e->y0, e->y1), fmax(e->y0, e->y1), true);
    break;
  case MLPI_BARS:
    grow_bars(r, s, axis, log);
    break;
  case MLPI_SEGMENTS:
  case MLPI_BOXES:
    grow_values(r, axis == MLPI_AX ? &s->x : &s->y, log);
    grow_values(r, axis == MLPI_AX ? &s->x2 : &s->y2, log);
    break;
  case MLPI_LINE:
  case MLPI_SCATTER:
    grow_values(r, axis == MLPI_AX ? &s->x : &s->y, log);
    if (axis != MLPI_AX) {
      grow_values(r, &s->low, log);
      grow_values(r, &s->high, log);
    }
    break;
  case MLPI_HLINE:
    if (axis != MLPI_AX) grow_values(r, &s->y, log);
    break;
  case MLPI_VLINE:
    if (axis == MLPI_AX) grow_values(r, &s->y, log);
    break;
  case MLPI_NOTE: /* may stand anywhere; what it points to is data */
    if (s->x2.v != NULL) grow_values(r, axis == MLPI_AX ? &s->x2 : &s->y2, log);
    break;
  }
}

/* Doubles end at 1e308 and 1e-308: keep clear of that, margin and all. */
static double bounded (double v, bool log) {
  double least = log ? 1e-270 : -1e270;
  return v < least ? least : v > 1e270 ? 1e270 : v;
}

/* Five percent of room on each side; never an empty range. */
static void add_margin (Range *r, bool log) {
  double lo = log ? log10(r->lo) : r->lo, hi = log ? log10(r->hi) : r->hi;
  double size = fmax(fabs(lo), fabs(hi));
  double least = log ? 1e-6 : fmax(2e-11 * size, 1e-280);
  if (hi - lo <= least) {
    double room = log || size < 1e-280 ? .5 : .05 * size;
    lo -= room;
    hi += room;
  } else {
    double room = .05 * (hi - lo);
    if (!r->sticky_lo) lo -= room;
    if (!r->sticky_hi) hi += room;
  }
  r->lo = log ? pow(10, lo) : lo;
  r->hi = log ? pow(10, hi) : hi;
}

/* Limits of one axis of a panel: as wished, else from the data. */
static void find_range (mlpi_Panel *p, int axis) {
  mlpi_Axis *a = &p->axis[axis];
  Range r = { 0 };
  for (const mlpi_Series *s = p->first; s != NULL; s = s->next)
    if (axis == MLPI_AX || s->right == (axis == MLPI_AR))
      grow_series(&r, s, axis, a->log);
  if (!r.any) r = (Range){ a->log ? .1 : 0, 1, true, true, true };
  r.lo = bounded(r.lo, a->log);
  r.hi = bounded(r.hi, a->log);
  add_margin(&r, a->log);
  if (isfinite(a->lo) && !(a->log && a->lo <= 0)) r.lo = a->lo;
  if (isfinite(a->hi) && !(a->log && a->hi <= 0)) r.hi = a->hi;
  if (!(r.lo < r.hi)) {
    r.hi = r.lo;
    r.sticky_lo = true; /* the wished end stays, the other gives way */
    add_margin(&r, a->log);
  }
  a->from = r.lo;
  a->to = r.hi;
}

/* Free room above the data, where the legend found none inside. */
static void add_headroom (mlpi_Axis *a, double share) {
  double lo = a->log ? log10(a->from) : a->from;
  double hi = a->log ? log10(a->to) : a->to;
  hi = lo + (hi - lo) / (1 - share);
  a->to = a->log ? pow(10, hi) : hi;
}

static void unite (mlpi_Figure *f, int axis) {
  mlpi_Axis *all = NULL;
  for (int round = 0; round < 2; round++) /* gather, then hand out */
    for (int i = 0; i < f->rows * f->cols; i++) {
      mlpi_Axis *a = &f->panel[i].axis[axis];
      if (!f->panel[i].used) continue;
      if (all == NULL) all = a;
      all->from = fmin(all->from, a->from);
      all->to = fmax(all->to, a->to);
      a->from = all->from;
      a->to = all->to;
    }
}

/* Shared axes have one range, and labels at the edge of the figure only. */
void mlpi_find_ranges (mlpi_Figure *f) {
  for (int i = 0; i < f->npanels; i++) {
    mlpi_Panel *p = &f->panel[i];
    for (int a = 0; a < 3; a++) {
      find_range(p, a);
      if (a != MLPI_AX && p->headroom > 0)
        add_headroom(&p->axis[a], p->headroom);
    }
    if (p->inset >= 0) continue;
    int below = i + f->cols;
    p->axis[MLPI_AX].quiet =
        f->sharex && below < f->rows * f->cols && f->panel[below].used;
    p->axis[MLPI_AY].quiet = f->sharey && i % f->cols != 0;
  }
  if (f->sharex) unite(f, MLPI_AX);
  if (f->sharey) unite(f, MLPI_AY);
}

/* Put an axis onto the pixels from p0 (its lower end) to p1. */
void mlpi_axis_place (mlpi_Axis *a, double p0, double p1) {
  double lo = a->log ? log10(a->from) : a->from;
  double hi = a->log ? log10(a->to) : a->to;
  if (a->reverse) {
    double t = p0;
    p0 = p1;
    p1 = t;
  }
  a->scale = (p1 - p0) / (hi - lo);
  a->p0 = p0 - a->scale * lo;
}

double mlpi_axis_pixel (const mlpi_Axis *a, double v) {
  if (a->log) v = v > 0 ? log10(v) : NAN;
  double p = a->p0 + a->scale * v;
  if (!isfinite(p)) return NAN;
  return p < -1e6 ? -1e6 : p > 1e6 ? 1e6 : p; /* cairo has 24 bits */
}

/* Colours of maps and classes. */
void mlpi_map_limits (const mlpi_Series *s, double *lo, double *hi) {
  *lo = s->map_log ? .1 : 0;
  *hi = 1;
  if (!isfinite(s->vmin) || !isfinite(s->vmax))
    mlpi_range(s->c.v, s->c.n, s->map_log, lo, hi);
  if (isfinite(s->vmin) && !(s->map_log && s->vmin <= 0)) *lo = s->vmin;
  if (isfinite(s->vmax) && !(s->map_log && s->vmax <= 0)) *hi = s->vmax;
  if (*hi - *lo > 1e-12 * fmax(fabs(*lo), fabs(*hi))) return;
  double room = *lo == 0 ? .5 : fabs(*lo) * .05;
  *lo -= room;
  *hi += room;
}

/* Where v lies between the limits: [0, 1], or NaN. */
double mlpi_map_share (const mlpi_Series *s, double lo, double hi, double v) {
  double t = (v - lo) / (hi - lo);
  if (s->map_log) t = v > 0 ? log(v / lo) / log(hi / lo) : v == 0 ? 0 : NAN;
  return t < 0 ? 0 : t > 1 ? 1 : t;
}

/* The axis of the colour bar in its box. */
void mlpi_bar_axis (const mlpi_Panel *p, mlpi_Axis *out) {
  *out = (mlpi_Axis){ .log = p->barred->map_log };
  mlpi_map_limits(p->barred, &out->from, &out->to);
  mlpi_axis_place(out, p->bar.y1, p->bar.y0);
}

mlpi_Colour mlpi_class_colour (const mlpi_Figure *f, const mlpi_Series *s,
                               int class) {
  if (class == 0 || (s->has_colour && s->c.v == NULL)) return s->colour;
  return mlpi_cycle_class(f->theme, class - 1);
}

double mlpi_map_position (const mlpi_Series *s, double t) {
  t = t < 0 ? 0 : t > 1 ? 1 : t;
  if (s->shades < 2) return t;
  return fmin(floor(t * s->shades), s->shades - 1) / (s->shades - 1);
}

/* The pixels that an interval of data covers on an axis. */
static void cover (const mlpi_Axis *a, double lo, double hi, double *p,
                   double *q) {
  double u = mlpi_axis_pixel(a, lo), v = mlpi_axis_pixel(a, hi);
  *p = fmin(u, v);
  *q = fmax(u, v);
}

/* The box of what a series shows, in pixels; not clipped to the axes. */
void mlpi_series_area (const mlpi_Panel *p, mlpi_Series *s) {
  const mlpi_Axis *x = &p->axis[MLPI_AX];
  const mlpi_Axis *y = &p->axis[s->right ? MLPI_AR : MLPI_AY];
  Range rx = { 0 }, ry = { 0 };
  s->area = p->box;
  if (s->kind == MLPI_NOTE) return;
  grow_series(&rx, s, MLPI_AX, x->log);
  grow_series(&ry, s, MLPI_AY, y->log);
  if (rx.any) cover(x, rx.lo, rx.hi, &s->area.x0, &s->area.x1);
  if (ry.any) cover(y, ry.lo, ry.hi, &s->area.y0, &s->area.y1);
}

mlpi_Colour mlpi_right_colour (const mlpi_Figure *f, const mlpi_Panel *p) {
  for (const mlpi_Series *s = p->first; s != NULL; s = s->next)
    if (s->right) return s->colour;
  return f->theme->fore;
}
