/*
** image.c - matrices as pictures: a pixel a cell in a small surface, which
** cairo enlarges. One rectangle a cell would leave seams.
*/
#include "plot/canvas.h"

#include <math.h>
#include <string.h>

enum { LEVELS = 256 };

static uint32_t pack (mlpi_Colour c) {
  return 0xFF000000 | (uint32_t)lrint(c.r * 255) << 16 |
         (uint32_t)lrint(c.g * 255) << 8 | (uint32_t)lrint(c.b * 255);
}

static void fill_mapped (const mlpi_Series *s, uint32_t *out) {
  uint32_t table[LEVELS];
  double lo, hi;
  mlpi_map_limits(s, &lo, &hi);
  for (int i = 0; i < LEVELS; i++)
    table[i] = pack(mlpi_map_colour(
        &s->map, mlpi_map_position(s, (double)i / (LEVELS - 1))));
  for (size_t i = 0; i < s->c.n; i++) {
    double t = mlpi_map_share(s, lo, hi, s->c.v[i]);
    if (isnan(t))
      out[i] = 0; /* transparent */
    else
      out[i] = table[(int)(t * (LEVELS - 1) + .5)];
  }
}

/* Three channels in [0, 1], or in [0, 255] where any is above 1. */
static void fill_rgb (const mlpi_Series *s, uint32_t *out) {
  double top = 1;
  for (size_t i = 0; i < s->c.n; i++) top = fmax(top, s->c.v[i]);
  double unit = top > 1 ? 255 : 1;
  for (size_t i = 0; i < s->rows * s->cols; i++) {
    double v[3];
    for (int k = 0; k < 3; k++)
      v[k] = fmin(fmax(s->c.v[3 * i + (size_t)k] / unit, 0), 1);
    out[i] = pack((mlpi_Colour){ v[0], v[1], v[2], 1 });
  }
}

static double mix (double a, double b, double t) { return a + t * (b - a); }

/* Channels are probabilities of classes: the winner's colour, the paler the
** less sure. */
static void fill_classes (const mlpi_Figure *f, const mlpi_Series *s,
                          uint32_t *out) {
  const mlpi_Colour back = f->theme->back;
  double chance = 1.0 / (double)s->channels;
  for (size_t i = 0; i < s->rows * s->cols; i++) {
    const double *v = s->c.v + i * s->channels;
    size_t best = 0;
    for (size_t k = 1; k < s->channels; k++)
      if (v[k] > v[best]) best = k;
    mlpi_Colour c = mlpi_cycle_class(f->theme, (int)best);
    double sure = fmin(fmax((v[best] - chance) / (1 - chance), 0), 1);
    double t = .12 + .5 * mlpi_map_position(s, sure);
    out[i] = pack((mlpi_Colour){ mix(back.r, c.r, t), mix(back.g, c.g, t),
                                 mix(back.b, c.b, t), 1 });
  }
}

/* Paint rows x cols pixels onto the box, whose y0 belongs to row 1. */
static void paint (mlpi_Pen *p, uint32_t *cells, size_t rows, size_t cols,
                   mlpi_Box b, bool smooth, double alpha) {
  cairo_t *cr = p->canvas->cr;
  cairo_surface_t *surface = cairo_image_surface_create_for_data(
      (unsigned char *)cells, CAIRO_FORMAT_ARGB32, (int)cols, (int)rows,
      (int)cols * 4);
  cairo_save(cr);
  cairo_rectangle(cr, fmin(b.x0, b.x1), fmin(b.y0, b.y1), fabs(b.x1 - b.x0),
                  fabs(b.y1 - b.y0));
  cairo_clip(cr);
  cairo_translate(cr, b.x0, b.y0);
  cairo_scale(cr, (b.x1 - b.x0) / (double)cols, (b.y1 - b.y0) / (double)rows);
  cairo_set_source_surface(cr, surface, 0, 0);
  cairo_pattern_set_extend(cairo_get_source(cr), CAIRO_EXTEND_PAD);
  cairo_pattern_set_filter(cairo_get_source(cr), smooth ? CAIRO_FILTER_BILINEAR
                                                        : CAIRO_FILTER_NEAREST);
  cairo_paint_with_alpha(cr, alpha);
  cairo_restore(cr);
  cairo_surface_destroy(surface);
}

/* Where cells are more than pixels: the mean colours of about equal shares.
** Each direction by itself: that in which cells are larger stays sharp. */
static void average (const uint32_t *cells, size_t cols, size_t rows,
                     uint32_t *out, size_t across, size_t down) {
  for (size_t i = 0; i < down; i++)
    for (size_t j = 0; j < across; j++) {
      uint64_t sum[4] = { 0 }, n = 0;
      for (size_t r = i * rows / down; r < (i + 1) * rows / down; r++)
        for (size_t c = j * cols / across; c < (j + 1) * cols / across;
             c++, n++)
          for (int k = 0; k < 4; k++)
            sum[k] += cells[r * cols + c] >> 8 * k & 255;
      uint32_t mean = 0;
      for (int k = 0; k < 4; k++)
        mean |= (uint32_t)((sum[k] + n / 2) / n) << 8 * k;
      out[i * across + j] = mean;
    }
}

/* No more cells than the pixels between a and b, but at least one. */
static size_t shown (size_t n, double a, double b) {
  double pixels = fmax(floor(fabs(b - a)), 1);
  return (double)n > pixels ? (size_t)pixels : n;
}

static mlp_Status paint_shown (mlpi_Pen *p, const mlpi_Series *s,
                               uint32_t *cells, mlpi_Box b) {
  size_t cols = shown(s->cols, b.x0, b.x1), rows = shown(s->rows, b.y0, b.y1);
  if (cols == s->cols && rows == s->rows) {
    paint(p, cells, rows, cols, b, s->smooth, s->alpha);
    return MLP_OK;
  }
  size_t n = rows * cols * sizeof *cells;
  uint32_t *means = mlpi_alloc(p->canvas->rt, n);
  if (means == NULL) return MLP_ENOMEM;
  average(cells, s->cols, s->rows, means, cols, rows);
  paint(p, means, rows, cols, b, s->smooth, s->alpha);
  mlpi_free(p->canvas->rt, means, n);
  return MLP_OK;
}

mlpi_Box mlpi_extent_box (const mlpi_Panel *p, const mlpi_Series *s) {
  const mlpi_Axis *x = &p->axis[MLPI_AX], *y = &p->axis[MLPI_AY];
  const mlpi_Box *e = &s->extent;
  return (mlpi_Box){ mlpi_axis_pixel(x, e->x0), mlpi_axis_pixel(y, e->y0),
                     mlpi_axis_pixel(x, e->x1), mlpi_axis_pixel(y, e->y1) };
}

static mlp_Status draw_cells (mlpi_Pen *p, const mlpi_Series *s) {
  size_t n = s->rows * s->cols * sizeof(uint32_t);
  uint32_t *cells = mlpi_alloc(p->canvas->rt, n);
  if (cells == NULL) return MLP_ENOMEM;
  if (s->tint)
    fill_classes(p->figure, s, cells);
  else if (s->channels == 3)
    fill_rgb(s, cells);
  else
    fill_mapped(s, cells);
  mlpi_Box b = mlpi_extent_box(p->panel, s);
  mlp_Status status = MLP_OK;
  if (!isnan(b.x0 + b.y0 + b.x1 + b.y1)) status = paint_shown(p, s, cells, b);
  mlpi_free(p->canvas->rt, cells, n);
  return status;
}

/* Viewers of SVG smooth what they enlarge: give them the pixels. */
mlp_Status mlpi_draw_image (mlpi_Pen *p, const mlpi_Series *s) {
  if (p->canvas->pixels == NULL) return mlpi_draw_picture(p, s, draw_cells);
  return draw_cells(p, s);
}

void mlpi_draw_map (mlpi_Pen *p, const mlpi_Series *s, mlpi_Box box) {
  uint32_t ramp[LEVELS];
  for (int i = 0; i < LEVELS; i++)
    ramp[LEVELS - 1 - i] = pack(mlpi_map_colour(
        &s->map, mlpi_map_position(s, (double)i / (LEVELS - 1))));
  paint(p, ramp, LEVELS, 1, box, false, s->alpha);
}
