/*
** draw.c - from the scene to pixels.
*/
#include "plot/layout.h"

#include <math.h>

static const double SPINE = .8, FINE = .6, MINOR = 2; /* points */

/* A straight line of whole pixels, level or upright. */
static void crisp (mlpi_Pen *p, double x0, double y0, double x1, double y1,
                   double width) {
  cairo_t *cr = p->canvas->cr;
  double w = fmax(rint(width * p->canvas->pt), 1), half = fmod(w, 2) / 2;
  cairo_set_line_width(cr, w);
  cairo_set_dash(cr, NULL, 0, 0);
  cairo_set_line_cap(cr, CAIRO_LINE_CAP_BUTT);
  if (x0 == x1)
    x0 = x1 = rint(x0 - half) + half;
  else
    y0 = y1 = rint(y0 - half) + half;
  cairo_move_to(cr, x0, y0);
  cairo_line_to(cr, x1, y1);
  cairo_stroke(cr);
}

static void draw_grid (mlpi_Pen *p) {
  const mlpi_Panel *panel = p->panel;
  const mlpi_Box *b = &panel->box;
  const mlpi_Axis *ax = &panel->axis[MLPI_AX], *ay = &panel->axis[MLPI_AY];
  if (panel->blank || panel->framed || !panel->grid) return;
  mlpi_set_colour(p->canvas->cr, p->figure->theme->grid, 1);
  for (int i = 0; i < ax->ticks.n && ax->names.n == 0; i++) {
    double x = mlpi_axis_pixel(ax, ax->ticks.at[i]);
    crisp(p, x, b->y0, x, b->y1, SPINE);
  }
  for (int i = 0; i < ay->ticks.n && ay->names.n == 0; i++) {
    double y = mlpi_axis_pixel(ay, ay->ticks.at[i]);
    crisp(p, b->x0, y, b->x1, y, SPINE);
  }
}

static mlp_Status draw_series (mlpi_Pen *p, const mlpi_Series *s) {
  switch (s->kind) {
  case MLPI_IMAGE:
    return mlpi_draw_image(p, s);
  case MLPI_CONTOUR:
    return mlpi_draw_contour(p, s);
  case MLPI_SCATTER:
    return mlpi_draw_scatter(p, s);
  case MLPI_LINE:
    mlpi_draw_line(p, s);
    return s->marker == MLPI_NOMARK ? MLP_OK : mlpi_draw_scatter(p, s);
  case MLPI_BARS:
  case MLPI_BOXES:
    mlpi_draw_boxes(p, s);
    return MLP_OK;
  case MLPI_SEGMENTS:
    mlpi_draw_segments(p, s);
    return MLP_OK;
  case MLPI_HLINE:
  case MLPI_VLINE:
    mlpi_draw_rule(p, s);
    return MLP_OK;
  case MLPI_NOTE:
    return MLP_OK; /* is among the scene's texts */
  }
  return MLP_OK;
}

static mlp_Status draw_all_series (mlpi_Pen *p) {
  cairo_t *cr = p->canvas->cr;
  const mlpi_Box *b = &p->panel->box;
  for (const mlpi_Series *s = p->panel->first; s != NULL; s = s->next) {
    cairo_save(cr);
    cairo_rectangle(cr, b->x0, b->y0, b->x1 - b->x0, b->y1 - b->y0);
    cairo_clip(cr);
    mlp_Status status = draw_series(p, s);
    cairo_restore(cr);
    if (status != MLP_OK) return status;
  }
  return MLP_OK;
}

/* Ticks left of x (side -1) or right of it. */
static void upright_ticks (mlpi_Pen *p, const mlpi_Axis *a, const mlpi_Ticks *t,
                           double x, int side) {
  double pt = p->canvas->pt * side;
  for (int i = 0; i < t->n; i++) {
    double y = mlpi_axis_pixel(a, t->at[i]);
    crisp(p, x, y, x + MLPI_TICK * pt, y, SPINE);
  }
  for (int i = 0; i < t->nminor; i++) {
    double y = mlpi_axis_pixel(a, t->minor[i]);
    crisp(p, x, y, x + MINOR * pt, y, FINE);
  }
}

static void level_ticks (mlpi_Pen *p, const mlpi_Axis *a, double y) {
  double pt = p->canvas->pt;
  for (int i = 0; i < a->ticks.n; i++) {
    double x = mlpi_axis_pixel(a, a->ticks.at[i]);
    crisp(p, x, y, x, y + MLPI_TICK * pt, SPINE);
  }
  for (int i = 0; i < a->ticks.nminor; i++) {
    double x = mlpi_axis_pixel(a, a->ticks.minor[i]);
    crisp(p, x, y, x, y + MINOR * pt, FINE);
  }
}

static void frame (mlpi_Pen *p, const mlpi_Box *b, bool right, bool top) {
  double w = fmax(rint(SPINE * p->canvas->pt), 1) / 2; /* square corners */
  crisp(p, b->x0, b->y0 - (top ? w : 0), b->x0, b->y1 + w, SPINE);
  crisp(p, b->x0 - w, b->y1, b->x1 + (right ? w : 0), b->y1, SPINE);
  if (right) crisp(p, b->x1, b->y0 - (top ? w : 0), b->x1, b->y1 + w, SPINE);
  if (top) crisp(p, b->x0 - w, b->y0, b->x1 + w, b->y0, SPINE);
}

static void draw_axes (mlpi_Pen *p) {
  const mlpi_Panel *panel = p->panel;
  const mlpi_Box *b = &panel->box;
  const mlpi_Axis *right = &panel->axis[MLPI_AR];
  if (panel->blank) return;
  mlpi_set_colour(p->canvas->cr, p->figure->theme->fore, 1);
  level_ticks(p, &panel->axis[MLPI_AX], b->y1);
  upright_ticks(p, &panel->axis[MLPI_AY], &panel->axis[MLPI_AY].ticks, b->x0,
                -1);
  frame(p, b, panel->framed, panel->framed);
  if (!right->used) return;
  mlpi_set_colour(p->canvas->cr, mlpi_right_colour(p->figure, panel), 1);
  upright_ticks(p, right, &right->ticks, b->x1, 1);
  crisp(p, b->x1, b->y0, b->x1, b->y1, SPINE);
}

static void draw_bar (mlpi_Pen *p) {
  const mlpi_Panel *panel = p->panel;
  mlpi_Axis a;
  if (panel->barred == NULL) return;
  mlpi_draw_map(p, panel->barred, panel->bar);
  mlpi_set_colour(p->canvas->cr, p->figure->theme->fore, 1);
  mlpi_bar_axis(panel, &a);
  upright_ticks(p, &a, &panel->bar_ticks, panel->bar.x1, 1);
  frame(p, &panel->bar, true, true);
}

/* ---- legend ---- */

static void key_line (mlpi_Pen *p, const mlpi_Entry *e) {
  cairo_t *cr = p->canvas->cr;
  const mlpi_Box *k = &e->key;
  mlpi_Series shown = *e->series, *s = &shown;
  s->colour = mlpi_class_colour(p->figure, e->series, e->class);
  double y = (k->y0 + k->y1) / 2, h = (k->y1 - k->y0) * .7;
  mlpi_set_colour(cr, s->colour, s->band_alpha * s->alpha);
  cairo_rectangle(cr, k->x0, y - h / 2, k->x1 - k->x0, h);
  if (s->low.v != NULL)
    cairo_fill(cr);
  else
    cairo_new_path(cr);
  mlpi_set_colour(cr, s->colour, s->alpha);
  cairo_set_line_width(cr, s->width * p->canvas->pt);
  mlpi_set_dash(cr, s->dash, s->width * p->canvas->pt, 0);
  cairo_set_line_cap(cr, CAIRO_LINE_CAP_BUTT);
  cairo_move_to(cr, k->x0, y);
  cairo_line_to(cr, k->x1, y);
  if (s->width > 0)
    cairo_stroke(cr);
  else
    cairo_new_path(cr);
  cairo_set_dash(cr, NULL, 0, 0);
}

static void draw_key (mlpi_Pen *p, const mlpi_Entry *e) {
  const mlpi_Series *s = e->series;
  const mlpi_Box *k = &e->key;
  cairo_t *cr = p->canvas->cr;
  if (s == NULL) return; /* "and 18 more" */
  if (s->kind == MLPI_BARS || s->kind == MLPI_BOXES) {
    double h = (k->y1 - k->y0) * .15;
    mlpi_set_colour(cr, mlpi_class_colour(p->figure, s, e->class), s->alpha);
    cairo_rectangle(cr, k->x0, k->y0 + h, k->x1 - k->x0, k->y1 - k->y0 - 2 * h);
    cairo_fill(cr);
    return;
  }
  if (s->kind != MLPI_SCATTER) key_line(p, e);
  if (s->marker == MLPI_NOMARK) return;
  mlpi_Series shown = *s;
  shown.size = fmax(s->size, 4);
  shown.alpha = fmax(s->alpha, .6);
  mlpi_draw_marker(cr, p->canvas->pt, &shown,
                   mlpi_class_colour(p->figure, s, e->class),
                   (k->x0 + k->x1) / 2, (k->y0 + k->y1) / 2);
}

static void draw_legend (mlpi_Pen *p) {
  const mlpi_Panel *panel = p->panel;
  cairo_t *cr = p->canvas->cr;
  if (!panel->has_legend) return;
  mlpi_round_box(cr, panel->legend_box, 2.5 * p->canvas->pt);
  mlpi_set_colour(cr, p->figure->theme->back, .8);
  cairo_fill_preserve(cr);
  mlpi_set_colour(cr, p->figure->theme->faint, .4);
  cairo_set_line_width(cr, SPINE * p->canvas->pt);
  cairo_set_dash(cr, NULL, 0, 0);
  cairo_stroke(cr);
  for (int i = 0; i < panel->nentries; i++) draw_key(p, &panel->entries[i]);
}

/* ---- the whole ---- */

/* An inset lies on paper of its own. */
static void lay_paper (mlpi_Pen *p) {
  const mlpi_Panel *panel = p->panel;
  const mlpi_Box *b = &panel->box;
  double margin = 2 * p->canvas->pt;
  if (panel->inset < 0 || panel->blank) return;
  mlpi_set_colour(p->canvas->cr, p->figure->theme->back, .85);
  cairo_rectangle(p->canvas->cr, b->x0 - panel->need[0] - margin,
                  b->y0 - panel->need[1] - margin,
                  b->x1 - b->x0 + panel->need[0] + panel->need[2] + 2 * margin,
                  b->y1 - b->y0 + panel->need[1] + panel->need[3] + 2 * margin);
  cairo_fill(p->canvas->cr);
}

static mlp_Status draw_panel (mlpi_Pen *p) {
  lay_paper(p);
  draw_grid(p);
  mlp_Status status = draw_all_series(p);
  if (status != MLP_OK) return status;
  draw_axes(p);
  draw_bar(p);
  draw_legend(p);
  return MLP_OK;
}

/* What lies under a note: its arrow, then its paper. */
static void draw_ground (const mlpi_Figure *f, cairo_t *cr,
                         const mlpi_Caption *t) {
  double pad = 2.5 * f->pt;
  mlpi_Box b = { t->box.x0 - pad, t->box.y0 - pad, t->box.x1 + pad,
                 t->box.y1 + pad };
  if (t->points) {
    double x = fmin(fmax(t->to_x, b.x0), b.x1);
    double y = fmin(fmax(t->to_y, b.y0), b.y1);
    mlpi_set_colour(cr, t->colour, 1);
    mlpi_set_dash(cr, MLPI_SOLID, f->pt, 0);
    cairo_set_line_cap(cr, CAIRO_LINE_CAP_BUTT);
    mlpi_draw_arrow(cr, x, y, t->to_x, t->to_y, 6 * f->pt, f->pt);
  }
  if (!t->boxed) return;
  mlpi_round_box(cr, b, 2.5 * f->pt);
  mlpi_set_colour(cr, f->theme->back, .85);
  cairo_fill_preserve(cr);
  mlpi_set_colour(cr, f->theme->faint, .5);
  cairo_set_line_width(cr, SPINE * f->pt);
  cairo_set_dash(cr, NULL, 0, 0);
  cairo_stroke(cr);
}

/* The panels and texts of panels first <= i < last; texts of the figure where
** the first is 0. */
static mlp_Status draw_some (const mlpi_Figure *f, mlpi_Font *font,
                             mlpi_Canvas *c, int first, int last) {
  for (int i = first; i < last; i++) {
    mlpi_Pen pen = { c, f, &f->panel[i] };
    if (!f->panel[i].used) continue;
    mlp_Status status = draw_panel(&pen);
    if (status != MLP_OK) return status;
  }
  for (const mlpi_Caption *t = f->texts; t != NULL; t = t->next) {
    if (t->panel >= last || (t->panel < first && first > 0)) continue;
    draw_ground(f, c->cr, t);
    mlpi_set_colour(c->cr, t->colour, 1);
    mlpi_font_draw(font, c->cr, t->text, t->size * f->pt, t->x, t->y, t->angle);
  }
  return MLP_OK;
}

/* Insets come after what they lie on, with its texts. */
static mlp_Status draw (const mlpi_Figure *f, mlpi_Font *font, mlpi_Canvas *c) {
  int grid = f->rows * f->cols;
  mlp_Status status = draw_some(f, font, c, 0, grid);
  for (int i = grid; i < f->npanels && status == MLP_OK; i++)
    status = draw_some(f, font, c, i, i + 1);
  return status == MLP_OK ? mlpi_canvas_status(c) : status;
}

static mlp_Status encode (mlpi_Figure *f, mlpi_Font *font, mlpi_Format format) {
  mlpi_Canvas c = { .rt = f->rt };
  mlp_Status status = mlpi_layout_with(f, font);
  if (status == MLP_OK)
    status = format == MLPI_PNG
                 ? mlpi_canvas_open(f->rt, f->pixels_x, f->pixels_y, f->pt,
                                    f->theme->back, &c)
                 : mlpi_vector_open(f, format, &c);
  if (status == MLP_OK) status = draw(f, font, &c);
  if (status == MLP_OK)
    status = format == MLPI_PNG ? mlpi_png_encode(&c, f)
                                : mlpi_vector_finish(f, format, &c);
  mlpi_canvas_close(&c);
  return status;
}

mlp_Status mlpi_figure_encode (mlpi_Figure *f, mlpi_Format format) {
  mlpi_Font *font;
  mlpi_bytes_drop(f->rt, &f->out);
  mlp_Status status = mlpi_font_open(f->rt, &font);
  if (status != MLP_OK) return status;
  status = encode(f, font, format);
  mlpi_font_close(font);
  if (status != MLP_OK) mlpi_bytes_drop(f->rt, &f->out);
  return status;
}

/* Means of the pixels of each cell; every cell has at least one. */
static void shrink (const mlpi_Canvas *c, int rows, int cols,
                    unsigned char *out) {
  const uint32_t *pixels = (const uint32_t *)(const void *)c->pixels;
  for (int cell = 0; cell < rows * cols; cell++) {
    int y0 = cell / cols * c->height / rows, x0 = cell % cols * c->width / cols;
    int y1 = (cell / cols + 1) * c->height / rows;
    int x1 = (cell % cols + 1) * c->width / cols;
    unsigned long sum[3] = { 0 }, n = 0;
    for (int y = y0; y < y1; y++)
      for (int x = x0; x < x1; x++, n++)
        for (int k = 0; k < 3; k++)
          sum[k] +=
              pixels[(size_t)y * (size_t)c->width + (size_t)x] >> (16 - 8 * k) &
              255;
    for (int k = 0; k < 3; k++)
      out[3 * cell + k] = (unsigned char)((sum[k] + n / 2) / n);
  }
}

mlp_Status mlpi_figure_thumbnail (mlpi_Figure *f, int rows, int cols,
                                  unsigned char *out) {
  mlpi_Font *font;
  mlpi_Canvas c = { .rt = f->rt };
  mlp_Status status = mlpi_font_open(f->rt, &font);
  if (status != MLP_OK) return status;
  status = mlpi_layout_with(f, font);
  if (status == MLP_OK && (rows > f->pixels_y || cols > f->pixels_x))
    status = mlpi_error(f->rt, MLP_EARG,
                        "thumbnail: expected at most %d rows and %d columns, "
                        "got %d and %d",
                        f->pixels_y, f->pixels_x, rows, cols);
  if (status == MLP_OK)
    status = mlpi_canvas_open(f->rt, f->pixels_x, f->pixels_y, f->pt,
                              f->theme->back, &c);
  if (status == MLP_OK) status = draw(f, font, &c);
  if (status == MLP_OK) {
    cairo_surface_flush(c.surface);
    shrink(&c, rows, cols, out);
  }
  mlpi_canvas_close(&c);
  mlpi_font_close(font);
  return status;
}
