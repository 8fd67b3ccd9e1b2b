/*
** layout.c - from a figure to its scene: every box and text in pixels.
** Panels of a column share their left and right margins, those of a row
** their top and bottom ones, so that all axes are equal and aligned. Margins
** depend on tick labels, which depend on the size of the axes: a few rounds.
*/
#include "plot/layout.h"

#include <math.h>

static const double OUTER = 6, GAP = 9;             /* around, between panels */
static const double BAR_GAP = 8, BAR = 10;          /* colour bar */
static const double LABEL_GAP = 4.5, TITLE_GAP = 6; /* to labels, title */
static const double SUPTITLE = 13;

static double pt (const mlpi_Layout *l, double v) { return v * l->f->pt; }

/* ---- ticks ---- */

/* Do the labels, drawn level along x, stay apart? */
static bool labels_fit (mlpi_Layout *l, const mlpi_Axis *a) {
  double last = -HUGE_VAL;
  for (int i = 0; i < a->ticks.n; i++) {
    int k = a->scale < 0 ? a->ticks.n - 1 - i : i;
    double at = mlpi_axis_pixel(a, a->ticks.at[k]);
    double w = mlpi_text_width(l, a->ticks.label[k], MLPI_TEXT);
    if (at - w / 2 < last + pt(l, 5)) return false;
    last = at + w / 2;
  }
  return true;
}

/* One tick per category, or every k-th where there are too many. */
static void category_ticks (mlpi_Axis *a, double room) {
  int n = (int)a->names.n, every = 1, most = (int)room;
  if (most > MLPI_TICKS_MAX) most = MLPI_TICKS_MAX;
  while ((n - 1) / every + 1 > (most < 1 ? 1 : most)) every++;
  a->ticks = (mlpi_Ticks){ .n = 0 };
  for (int i = 0; i < n; i += every) {
    if (i + 1 < a->from || i + 1 > a->to) continue;
    a->ticks.at[a->ticks.n] = i + 1;
    a->ticks.label[a->ticks.n++] = a->names.name[i];
  }
}

static void choose (mlpi_Layout *l, mlpi_Axis *a, double target) {
  mlpi_TickWish w = { .lo = a->from,
                      .hi = a->to,
                      .target = target,
                      .integer = a->integer,
                      .log = a->log,
                      .inside = true };
  mlpi_ticks(&w, &a->ticks, &l->f->scene);
}

static void choose_x (mlpi_Layout *l, mlpi_Axis *a, double length) {
  a->angle = 0;
  if (a->names.n > 0) {
    category_ticks(a, length / pt(l, 11));
    if (!l->f->scene.failed && !labels_fit(l, a)) a->angle = 45;
    return;
  }
  double target = length / pt(l, 56);
  do {
    choose(l, a, target);
    target--;
  } while (!l->f->scene.failed && target > 1.5 && !labels_fit(l, a));
}

static void choose_y (mlpi_Layout *l, mlpi_Axis *a, double length) {
  if (a->names.n > 0)
    category_ticks(a, length / pt(l, 11));
  else
    choose(l, a, length / pt(l, 40));
}

static void choose_ticks (mlpi_Layout *l, mlpi_Panel *p) {
  double height = p->box.y1 - p->box.y0;
  choose_x(l, &p->axis[MLPI_AX], p->box.x1 - p->box.x0);
  choose_y(l, &p->axis[MLPI_AY], height);
  if (p->axis[MLPI_AR].used) choose_y(l, &p->axis[MLPI_AR], height);
  if (p->barred == NULL) return;
  mlpi_TickWish w = { .target = height / pt(l, 44), .inside = true };
  mlpi_map_limits(p->barred, &w.lo, &w.hi);
  mlpi_ticks(&w, &p->bar_ticks, &l->f->scene);
}

/* ---- margins ---- */

static double widest (mlpi_Layout *l, const mlpi_Ticks *t) {
  double w = 0;
  for (int i = 0; i < t->n && !l->f->scene.failed; i++)
    w = fmax(w, mlpi_text_width(l, t->label[i], MLPI_TEXT));
  return w;
}

/* From the axes to the far side of the tick labels. */
static double tick_room (mlpi_Layout *l, const mlpi_Ticks *t) {
  return pt(l, 2 * MLPI_TICK) + widest(l, t);
}

static double label_room (mlpi_Layout *l, const char *label, double length) {
  if (label == NULL || label[0] == '\0') return 0;
  label = mlpi_wrap(l, label, MLPI_TEXT, length);
  if (label == NULL) return 0;
  return pt(l, LABEL_GAP + MLPI_DESCENT * MLPI_TEXT) +
         mlpi_text_height(l, label, MLPI_TEXT);
}

static const char *scaled (mlpi_Layout *l, const mlpi_Axis *a) {
  return a->quiet ? NULL : mlpi_scaled_label(l, a->label, a->ticks.exponent);
}

static double y_room (mlpi_Layout *l, const mlpi_Panel *p, int axis) {
  const mlpi_Axis *a = &p->axis[axis];
  double height = p->box.y1 - p->box.y0;
  if (a->quiet) return pt(l, MLPI_TICK);
  return tick_room(l, &a->ticks) + label_room(l, scaled(l, a), height);
}

/* Height of the tick labels of the x axis. */
static double x_label_height (mlpi_Layout *l, const mlpi_Axis *a) {
  double em = pt(l, MLPI_TEXT);
  if (a->angle == 0) return em * (MLPI_CAP + MLPI_DESCENT);
  return (widest(l, &a->ticks) + em) * sqrt(.5);
}

static double x_room (mlpi_Layout *l, const mlpi_Panel *p) {
  const mlpi_Axis *a = &p->axis[MLPI_AX];
  if (a->quiet) return pt(l, MLPI_TICK);
  double room = pt(l, 2 * MLPI_TICK);
  if (a->ticks.n > 0) room += x_label_height(l, a);
  return room + label_room(l, scaled(l, a), p->box.x1 - p->box.x0);
}

static double title_room (mlpi_Layout *l, const mlpi_Panel *p) {
  if (p->title == NULL) return 0;
  const char *t = mlpi_wrap(l, p->title, p->title_size, p->box.x1 - p->box.x0);
  if (t == NULL) return 0;
  return pt(l, TITLE_GAP) + mlpi_text_height(l, t, p->title_size);
}

/* The outermost x labels are centred on their ticks and so may stick out. */
static void x_overhang (mlpi_Layout *l, const mlpi_Panel *p, double *left,
                        double *right) {
  const mlpi_Axis *a = &p->axis[MLPI_AX];
  for (int i = 0; i < a->ticks.n && !a->quiet && !l->f->scene.failed; i++) {
    double at = mlpi_axis_pixel(a, a->ticks.at[i]);
    double w = mlpi_text_width(l, a->ticks.label[i], MLPI_TEXT);
    bool slanted = a->angle != 0;
    *left = fmax(*left, p->box.x0 - at + (slanted ? w * .75 : w / 2));
    *right = fmax(*right, at - p->box.x1 + (slanted ? pt(l, 4) : w / 2));
  }
}

static double bar_room (mlpi_Layout *l, const mlpi_Panel *p) {
  if (p->barred == NULL) return 0;
  const char *label =
      mlpi_scaled_label(l, p->barred->label, p->bar_ticks.exponent);
  return pt(l, BAR_GAP + BAR) + tick_room(l, &p->bar_ticks) +
         label_room(l, label, p->box.y1 - p->box.y0);
}

static void measure_margins (mlpi_Layout *l, mlpi_Panel *p) {
  double w, h, left = 0, right = 0;
  p->need[0] = p->need[1] = p->need[2] = p->need[3] = 0;
  if (!p->used) return;
  if (!p->blank) {
    x_overhang(l, p, &left, &right);
    p->need[0] = fmax(y_room(l, p, MLPI_AY), left);
    p->need[1] = pt(l, MLPI_TEXT * MLPI_CAP / 2);
    p->need[2] = right;
    p->need[3] = x_room(l, p);
    if (p->axis[MLPI_AR].used) p->need[2] = fmax(right, y_room(l, p, MLPI_AR));
  }
  p->need[1] = fmax(p->need[1], title_room(l, p));
  if (p->barred != NULL) p->need[2] = fmax(p->need[2], bar_room(l, p));
  if (!p->has_legend || !p->beside) return;
  mlpi_legend_size(l, p, &w, &h);
  p->need[2] += w + pt(l, 8);
}

/* ---- boxes ---- */

static void keep_aspect (mlpi_Panel *p) {
  double xs = p->axis[MLPI_AX].to - p->axis[MLPI_AX].from;
  double ys = p->axis[MLPI_AY].to - p->axis[MLPI_AY].from;
  double w = p->box.x1 - p->box.x0, h = p->box.y1 - p->box.y0;
  double unit = fmin(w / xs, h / ys);
  p->box.x0 += (w - unit * xs) / 2;
  p->box.y0 += (h - unit * ys) / 2;
  p->box.x1 = p->box.x0 + unit * xs;
  p->box.y1 = p->box.y0 + unit * ys;
}

/* Sharp edges: the axes start and end between two pixels. */
static void snap (mlpi_Box *b) {
  *b = (mlpi_Box){ rint(b->x0), rint(b->y0), rint(b->x1), rint(b->y1) };
}

static void set_box (mlpi_Layout *l, mlpi_Panel *p, mlpi_Box box) {
  p->cell = p->box = box;
  if (p->equal) keep_aspect(p);
  snap(&p->box);
  mlpi_axis_place(&p->axis[MLPI_AX], p->box.x0, p->box.x1);
  mlpi_axis_place(&p->axis[MLPI_AY], p->box.y1, p->box.y0);
  mlpi_axis_place(&p->axis[MLPI_AR], p->box.y1, p->box.y0);
  if (p->barred == NULL) return;
  double x = p->box.x1 + pt(l, BAR_GAP);
  p->bar = (mlpi_Box){ rint(x), p->box.y0, rint(x + pt(l, BAR)), p->box.y1 };
}

/* The largest 'need' on one side, of a column (step = cols) or row. */
static double most (const mlpi_Figure *f, int first, int step, int n,
                    int side) {
  double m = 0;
  for (int i = 0; i < n; i++)
    m = fmax(m, f->panel[first + i * step].need[side]);
  return m;
}

static double margins_of (const mlpi_Figure *f, bool across) {
  double sum = 0;
  int n = across ? f->cols : f->rows, m = across ? f->rows : f->cols;
  for (int i = 0; i < n; i++)
    for (int side = across ? 0 : 1; side < 4; side += 2)
      sum += most(f, across ? i : i * f->cols, across ? f->cols : 1, m, side);
  return sum;
}

/* Wide apart where there are labels, close in a grid of images. */
static double gap (const mlpi_Layout *l) {
  bool blank = true;
  for (int i = 0; i < l->f->rows * l->f->cols; i++)
    blank = blank && (l->f->panel[i].blank || !l->f->panel[i].used);
  return pt(l, blank ? GAP / 2 : GAP);
}

static void place_boxes (mlpi_Layout *l) {
  mlpi_Figure *f = l->f;
  double outer = pt(l, OUTER), between = gap(l), y = outer;
  if (f->title != NULL) y += pt(l, SUPTITLE + 8);
  double w = (f->pixels_x - 2 * outer - margins_of(f, true) -
              between * (f->cols - 1)) /
             f->cols;
  double h = (f->pixels_y - y - outer - margins_of(f, false) -
              between * (f->rows - 1)) /
             f->rows;
  w = fmax(w, 4);
  h = fmax(h, 4);
  for (int r = 0; r < f->rows; r++) {
    double x = outer;
    y += most(f, r * f->cols, 1, f->cols, 1);
    for (int c = 0; c < f->cols; c++) {
      x += most(f, c, f->cols, f->rows, 0);
      set_box(l, &f->panel[r * f->cols + c], (mlpi_Box){ x, y, x + w, y + h });
      x += w + most(f, c, f->cols, f->rows, 2) + between;
    }
    y += h + most(f, r * f->cols, 1, f->cols, 3) + between;
  }
}

static void settle (mlpi_Layout *l) {
  mlpi_Figure *f = l->f;
  for (int round = 0; round < 3; round++) {
    place_boxes(l);
    for (int i = 0; i < f->rows * f->cols && !f->scene.failed; i++) {
      choose_ticks(l, &f->panel[i]);
      measure_margins(l, &f->panel[i]);
    }
  }
  place_boxes(l);
}

/* ---- texts ---- */

static mlpi_Caption style (const mlpi_Layout *l, const char *role, int panel,
                           const char *text) {
  return (mlpi_Caption){ .text = text,
                         .role = role,
                         .panel = panel,
                         .size = MLPI_TEXT,
                         .colour = l->f->theme->fore };
}

static void emit_x (mlpi_Layout *l, int panel) {
  mlpi_Panel *p = &l->f->panel[panel];
  const mlpi_Axis *a = &p->axis[MLPI_AX];
  double y = p->box.y1 + pt(l, 2 * MLPI_TICK), middle;
  if (a->quiet) return;
  for (int i = 0; i < a->ticks.n; i++) {
    mlpi_Caption t = style(l, "xtick", panel, a->ticks.label[i]);
    t.angle = a->angle;
    mlpi_put_text(l, &t, mlpi_axis_pixel(a, a->ticks.at[i]), y,
                  a->angle != 0 ? 1 : .5, 1);
  }
  const char *label = scaled(l, a);
  if (label == NULL) return;
  mlpi_Caption t = style(l, "xlabel", panel,
                         mlpi_wrap(l, label, MLPI_TEXT, p->box.x1 - p->box.x0));
  middle = (p->box.x0 + p->box.x1) / 2;
  y += pt(l, LABEL_GAP) + (a->ticks.n > 0 ? x_label_height(l, a) : 0);
  mlpi_put_text(l, &t, middle, y, .5, 1);
}

/* Tick labels of a vertical axis or bar, then its label; 'side' -1: they
** stand left of x, 1: right. */
static void emit_vertical (mlpi_Layout *l, mlpi_Caption t,
                           const mlpi_Ticks *ticks, const mlpi_Axis *a,
                           double x, int side, const char *label) {
  const mlpi_Panel *p = &l->f->panel[t.panel];
  double reach = tick_room(l, ticks);
  for (int i = 0; i < ticks->n; i++) {
    t.text = ticks->label[i];
    mlpi_put_text(l, &t, x + side * pt(l, 2 * MLPI_TICK),
                  mlpi_axis_pixel(a, ticks->at[i]), side < 0 ? 1 : 0, .5);
  }
  if (label == NULL) return;
  t.text = mlpi_wrap(l, label, MLPI_TEXT, p->box.y1 - p->box.y0);
  t.role = a == &p->axis[MLPI_AY]   ? "ylabel"
           : a == &p->axis[MLPI_AR] ? "rlabel"
                                    : "barlabel";
  t.angle = 90;
  double at = side < 0 ? x - reach - pt(l, LABEL_GAP + MLPI_DESCENT * MLPI_TEXT)
                       : x + reach + pt(l, LABEL_GAP);
  mlpi_put_text(l, &t, at, (p->box.y0 + p->box.y1) / 2, .5, side < 0 ? 0 : 1);
}

static void emit_y (mlpi_Layout *l, int panel) {
  const mlpi_Panel *p = &l->f->panel[panel];
  const mlpi_Axis *y = &p->axis[MLPI_AY], *r = &p->axis[MLPI_AR];
  if (!y->quiet)
    emit_vertical(l, style(l, "ytick", panel, NULL), &y->ticks, y, p->box.x0,
                  -1, scaled(l, y));
  if (!r->used) return;
  mlpi_Caption t = style(l, "rtick", panel, NULL);
  t.colour = mlpi_right_colour(l->f, p);
  emit_vertical(l, t, &r->ticks, r, p->box.x1, 1, scaled(l, r));
}

static void emit_bar (mlpi_Layout *l, int panel) {
  const mlpi_Panel *p = &l->f->panel[panel];
  mlpi_Axis a = { .log = false };
  if (p->barred == NULL) return;
  mlpi_map_limits(p->barred, &a.from, &a.to);
  mlpi_axis_place(&a, p->bar.y1, p->bar.y0);
  emit_vertical(l, style(l, "bartick", panel, NULL), &p->bar_ticks, &a,
                p->bar.x1, 1,
                mlpi_scaled_label(l, p->barred->label, p->bar_ticks.exponent));
}

static void emit_title (mlpi_Layout *l, int panel) {
  const mlpi_Panel *p = &l->f->panel[panel];
  double w = p->box.x1 - p->box.x0;
  if (p->title == NULL) return;
  mlpi_Caption t =
      style(l, "title", panel,
            mlpi_wrap(l, p->title, p->title_size, p->cell.x1 - p->cell.x0));
  t.size = p->title_size;
  mlpi_put_text(l, &t, p->box.x0 + w / 2, p->box.y0 - pt(l, TITLE_GAP), .5, 0);
}

static void emit_notes (mlpi_Layout *l, int panel) {
  const mlpi_Panel *p = &l->f->panel[panel];
  const mlpi_Box *b = &p->box;
  for (const mlpi_Series *s = p->first; s != NULL; s = s->next) {
    if (s->kind != MLPI_NOTE) continue;
    const mlpi_Axis *ay = &p->axis[s->right ? MLPI_AR : MLPI_AY];
    double x = mlpi_axis_pixel(&p->axis[MLPI_AX], s->x.v[0]);
    double y = mlpi_axis_pixel(ay, s->y.v[0]);
    if (s->in_axes) {
      x = b->x0 + s->x.v[0] * (b->x1 - b->x0);
      y = b->y1 - s->y.v[0] * (b->y1 - b->y0);
    }
    mlpi_Caption t = style(l, "note", panel, s->text);
    t.size = s->size;
    t.colour = s->colour;
    if (isfinite(x) && isfinite(y))
      mlpi_put_text(l, &t, x, y, s->halign, s->valign);
  }
}

static void emit_texts (mlpi_Layout *l) {
  mlpi_Figure *f = l->f;
  for (int i = 0; i < f->rows * f->cols && !f->scene.failed; i++) {
    if (!f->panel[i].used) continue;
    for (mlpi_Series *s = f->panel[i].first; s != NULL; s = s->next)
      mlpi_series_area(&f->panel[i], s);
    emit_title(l, i);
    if (!f->panel[i].blank) {
      emit_x(l, i);
      emit_y(l, i);
    }
    emit_bar(l, i);
    emit_notes(l, i);
    mlpi_emit_legend(l, i);
  }
  if (f->title == NULL) return;
  mlpi_Caption t = style(l, "suptitle", -1, f->title);
  t.size = SUPTITLE;
  mlpi_put_text(l, &t, f->pixels_x / 2.0, pt(l, OUTER), .5, 1);
}

/* ---- the whole ---- */

static void prepare (mlpi_Layout *l) {
  mlpi_Figure *f = l->f;
  f->pixels_x = (int)rint(f->width * f->dpi);
  f->pixels_y = (int)rint(f->height * f->dpi);
  f->pt = f->dpi / 72;
  f->texts = NULL;
  f->last_text = &f->texts;
  for (int i = 0; i < f->rows * f->cols; i++) {
    mlpi_Panel *p = &f->panel[i];
    p->framed = false;
    p->barred = NULL;
    for (mlpi_Series *s = p->first; s != NULL; s = s->next) {
      if (s->kind == MLPI_IMAGE) p->framed = true;
      if (s->bar) p->barred = s;
    }
    mlpi_list_entries(l, p);
    p->beside = p->legend == MLPI_OUTSIDE;
    p->headroom = 0;
    for (int side = 0; side < 4; side++) p->need[side] = 0;
  }
  mlpi_find_ranges(f);
}

/* A legend that hides data gets room above them, if that is not much; else,
** or where that did not help, it moves out. */
static void make_room (mlpi_Panel *p, double h, double inset) {
  const mlpi_Axis *y = &p->axis[MLPI_AY];
  double share = (h + 2 * inset) / (p->box.y1 - p->box.y0);
  bool free_end = !p->framed && !y->reverse && !isfinite(y->hi);
  if (free_end && p->headroom == 0 && share < .4)
    p->headroom = share;
  else
    p->beside = true;
}

/* Put legends where they cover nothing; true where that moved something. */
static bool place_legends (mlpi_Layout *l, mlp_Status *status) {
  mlpi_Figure *f = l->f;
  bool moved = false;
  for (int i = 0; i < f->rows * f->cols && *status == MLP_OK; i++) {
    mlpi_Panel *p = &f->panel[i];
    double w, h, x;
    bool covers = false;
    if (!p->has_legend) continue;
    mlpi_legend_size(l, p, &w, &h);
    x = p->box.x1 + p->need[2] - w;
    p->legend_box = (mlpi_Box){ x, p->box.y0, x + w, p->box.y0 + h };
    if (p->beside) continue;
    *status = mlpi_place_legend(l, p, w, h, &covers);
    if (!covers || p->legend != MLPI_BEST) continue;
    make_room(p, h, pt(l, LABEL_GAP));
    moved = true;
  }
  return moved;
}

mlp_Status mlpi_layout_with (mlpi_Figure *f, mlpi_Font *font) {
  mlpi_Layout l = { f, font };
  mlp_Status status = MLP_OK;
  mlpi_arena_clear(&f->scene);
  prepare(&l);
  settle(&l);
  for (int i = 0; i < 3 && !f->scene.failed; i++) {
    if (!place_legends(&l, &status)) break;
    mlpi_find_ranges(f);
    settle(&l);
  }
  if (status == MLP_OK && !f->scene.failed) emit_texts(&l);
  if (status == MLP_OK && f->scene.failed) status = MLP_ENOMEM;
  return status;
}

mlp_Status mlpi_layout (mlpi_Figure *f) {
  mlpi_Font *font;
  mlp_Status status = mlpi_font_open(f->rt, &font);
  if (status != MLP_OK) return status;
  status = mlpi_layout_with(f, font);
  mlpi_font_close(font);
  return status;
}
