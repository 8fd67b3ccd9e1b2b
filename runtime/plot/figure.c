/*
** figure.c - figures, panels and series as data.
*/
#include "plot/plot.h"

#include <math.h>
#include <string.h>

enum { PIXELS_MAX = 16384 };

static void set_defaults (mlpi_Panel *p) {
  *p = (mlpi_Panel){ .grid = true,
                     .legend = MLPI_BEST,
                     .inset = -1,
                     .title_size = 12,
                     .text_size = 10 };
  for (int a = 0; a < 3; a++) p->axis[a].lo = p->axis[a].hi = NAN;
}

static bool fits (double inches, double dpi) {
  return inches > 0 && dpi >= 10 && inches * dpi >= 16 &&
         inches * dpi <= PIXELS_MAX;
}

mlp_Status mlpi_figure_new (mlp_Runtime *rt, int rows, int cols, double width,
                            double height, double dpi, const mlpi_Theme *theme,
                            mlpi_Figure **out) {
  *out = NULL;
  if (!fits(width, dpi) || !fits(height, dpi))
    return mlpi_error(rt, MLP_EARG,
                      "figure: expected 'width' and 'height' in inches that "
                      "make 16 to %d pixels at 'dpi', got %g x %g at %g",
                      PIXELS_MAX, width, height, dpi);
  mlpi_Figure *f = mlpi_calloc(rt, 1, sizeof *f);
  if (f == NULL) return MLP_ENOMEM;
  *f = (mlpi_Figure){ .rt = rt,
                      .keep.rt = rt,
                      .scene.rt = rt,
                      .rows = rows,
                      .cols = cols,
                      .npanels = rows * cols,
                      .width = width,
                      .height = height,
                      .dpi = dpi,
                      .theme = theme };
  f->panel = mlpi_arena_alloc(&f->keep,
                              sizeof *f->panel * (size_t)rows * (size_t)cols);
  if (f->panel == NULL) {
    mlpi_figure_release(f);
    return MLP_ENOMEM;
  }
  for (int i = 0; i < f->npanels; i++) set_defaults(&f->panel[i]);
  *out = f;
  return MLP_OK;
}

mlp_Status mlpi_figure_inset (mlpi_Figure *f, int panel, mlpi_Box place,
                              int *out) {
  size_t n = (size_t)f->npanels * sizeof *f->panel;
  mlpi_Panel *grown = mlpi_arena_alloc(&f->keep, n + sizeof *grown);
  if (grown == NULL) return MLP_ENOMEM;
  memcpy(grown, f->panel, n);
  f->panel = grown;
  set_defaults(&grown[f->npanels]);
  grown[f->npanels].inset = panel;
  grown[f->npanels].place = place;
  grown[f->npanels].text_size = 8;
  grown[f->npanels].title_size = 9;
  grown[panel].used = true;
  *out = f->npanels++;
  return MLP_OK;
}

void mlpi_figure_release (mlpi_Figure *f) {
  if (f == NULL) return;
  mlpi_bytes_drop(f->rt, &f->out);
  mlpi_arena_clear(&f->scene);
  mlpi_arena_clear(&f->keep);
  mlpi_free(f->rt, f, sizeof *f);
}

mlp_Status mlpi_figure_meta (mlpi_Figure *f, const char *key,
                             const char *value) {
  mlpi_Meta **at = &f->meta;
  char *v = mlpi_arena_text(&f->keep, value);
  if (v == NULL) return MLP_ENOMEM;
  while (*at != NULL && strcmp((*at)->key, key) != 0) at = &(*at)->next;
  if (*at != NULL) {
    (*at)->value = v;
    return MLP_OK;
  }
  mlpi_Meta *m = mlpi_arena_alloc(&f->keep, sizeof *m);
  char *k = mlpi_arena_text(&f->keep, key);
  if (m == NULL || k == NULL) return MLP_ENOMEM;
  *m = (mlpi_Meta){ .key = k, .value = v };
  *at = m;
  return MLP_OK;
}

mlpi_Series *mlpi_series_begin (mlpi_Figure *f, mlpi_SeriesKind kind) {
  mlpi_Series *s = mlpi_arena_alloc(&f->keep, sizeof *s);
  if (s == NULL) return NULL;
  *s = (mlpi_Series){ .kind = kind,
                      .alpha = 1,
                      .band_alpha = .2,
                      .vmin = NAN,
                      .vmax = NAN,
                      .channels = 1,
                      .valign = .5,
                      .halign = .5 };
  return s;
}

mlp_Status mlpi_vector (mlpi_Figure *f, size_t n, mlpi_Vector *out) {
  size_t bytes;
  if (!mlpi_mul(n, sizeof *out->v, &bytes)) bytes = PTRDIFF_MAX;
  out->v = mlpi_arena_alloc(&f->keep, bytes);
  if (out->v == NULL) return MLP_ENOMEM;
  out->n = n;
  return MLP_OK;
}

mlp_Status mlpi_names (mlpi_Figure *f, size_t n, mlpi_Names *out) {
  size_t bytes;
  if (!mlpi_mul(n, sizeof *out->name, &bytes)) bytes = PTRDIFF_MAX;
  out->name = mlpi_arena_alloc(&f->keep, bytes);
  if (out->name == NULL) return MLP_ENOMEM;
  out->n = n;
  return MLP_OK;
}

static mlp_Status misfit (mlpi_Figure *f, const char *who, const char *what,
                          size_t expected, size_t got) {
  return mlpi_error(f->rt, MLP_ESHAPE,
                    "%s: expected %zu values in '%s', got %zu", who, expected,
                    what, got);
}

static mlp_Status check_points (mlpi_Figure *f, const mlpi_Series *s,
                                const char *who) {
  if (s->x.n != s->y.n) return misfit(f, who, "y", s->x.n, s->y.n);
  if (s->x2.n != s->y2.n) return misfit(f, who, "y2", s->x2.n, s->y2.n);
  if (s->x2.v != NULL && s->x2.n != s->x.n)
    return misfit(f, who, "x2", s->x.n, s->x2.n);
  if (s->widths.v != NULL && s->widths.n != s->x.n)
    return misfit(f, who, "widths", s->x.n, s->widths.n);
  if (s->low.v != NULL && s->low.n != s->x.n)
    return misfit(f, who, "low", s->x.n, s->low.n);
  if (s->high.n != s->low.n) return misfit(f, who, "high", s->low.n, s->high.n);
  if (s->c.v != NULL && s->c.n != s->x.n)
    return misfit(f, who, s->by_value ? "values" : "classes", s->x.n, s->c.n);
  return MLP_OK;
}

static mlp_Status check_cells (mlpi_Figure *f, const mlpi_Series *s,
                               const char *who) {
  size_t cells;
  if (s->rows == 0 || s->cols == 0 || s->rows > 32767 || s->cols > 32767)
    return mlpi_error(f->rt, MLP_ESHAPE,
                      "%s: expected 1 to 32767 rows and columns, got %zu and "
                      "%zu",
                      who, s->rows, s->cols);
  cells = s->rows * s->cols * s->channels;
  if (s->c.n != cells) return misfit(f, who, "data", cells, s->c.n);
  if (s->kind == MLPI_CONTOUR && (s->rows < 2 || s->cols < 2))
    return mlpi_error(f->rt, MLP_ESHAPE,
                      "%s: expected at least 2 rows and columns, got %zu and "
                      "%zu",
                      who, s->rows, s->cols);
  return MLP_OK;
}

/* Classes are 1, 2...: a colour each. */
static mlp_Status check_classes (mlpi_Figure *f, const mlpi_Series *s,
                                 const char *who) {
  if (s->kind == MLPI_IMAGE || s->kind == MLPI_CONTOUR || s->by_value)
    return MLP_OK;
  for (size_t i = 0; i < s->c.n; i++)
    if (!(s->c.v[i] >= 1 && s->c.v[i] <= 1e6 && s->c.v[i] == rint(s->c.v[i])))
      return mlpi_error(f->rt, MLP_EARG,
                        "%s: expected classes 1, 2..., got %g at index %zu",
                        who, s->c.v[i], i + 1);
  return MLP_OK;
}

/* The least and greatest value, once for all who ask. */
static void measure (mlpi_Vector *v) {
  double lo = HUGE_VAL, hi = -HUGE_VAL, above = HUGE_VAL;
  for (size_t i = 0; i < v->n; i++) {
    double x = v->v[i];
    if (!(fabs(x) < HUGE_VAL)) continue;
    lo = x < lo ? x : lo;
    hi = x > hi ? x : hi;
    above = x > 0 && x < above ? x : above;
  }
  v->any = lo <= hi;
  v->any_above = v->any && hi > 0;
  v->lo = lo;
  v->hi = hi;
  v->lo_above = above;
}

mlp_Status mlpi_series_end (mlpi_Figure *f, int panel, mlpi_Series *s,
                            const char *who) {
  mlpi_Panel *p = &f->panel[panel];
  bool cells = s->kind == MLPI_IMAGE || s->kind == MLPI_CONTOUR;
  mlp_Status status = cells ? check_cells(f, s, who) : check_points(f, s, who);
  if (status == MLP_OK) status = check_classes(f, s, who);
  if (status != MLP_OK) return status;
  mlpi_Vector *all[] = { &s->x, &s->y, &s->x2, &s->y2, &s->low, &s->high };
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) measure(all[i]);
  bool cycled =
      s->c.v == NULL && (s->kind == MLPI_LINE || s->kind == MLPI_BARS ||
                         s->kind == MLPI_SCATTER || s->kind == MLPI_BOXES);
  if (!s->has_colour)
    s->colour = cycled ? mlpi_cycle(f->theme, p->cycle) : f->theme->fore;
  if (s->dash < 0)
    s->dash = s->has_colour ? 0 : p->cycle / f->theme->ncycle % 4;
  if (cycled && !s->has_colour) p->cycle++;
  if (p->last != NULL)
    p->last->next = s;
  else
    p->first = s;
  p->last = s;
  p->used = true;
  if (s->right) p->axis[MLPI_AR].used = true;
  return MLP_OK;
}

bool mlpi_range (const double *v, size_t n, bool log, double *lo, double *hi) {
  bool any = false;
  for (size_t i = 0; i < n; i++) {
    if (!isfinite(v[i]) || (log && v[i] <= 0)) continue;
    if (!any || v[i] < *lo) *lo = v[i];
    if (!any || v[i] > *hi) *hi = v[i];
    any = true;
  }
  return any;
}

void mlpi_histogram (const double *v, size_t n, double lo, double hi, int bins,
                     double *counts) {
  for (int i = 0; i < bins; i++) counts[i] = 0;
  for (size_t i = 0; i < n; i++) {
    if (!(v[i] >= lo && v[i] <= hi)) continue;
    int k = (int)((v[i] - lo) / (hi - lo) * bins);
    counts[k < bins ? k : bins - 1]++;
  }
}
