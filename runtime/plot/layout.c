/*
** layout.c - from a figure to its scene: every box and text in pixels.
** Panels of a column share their left and right margins, those of a row
** their top and bottom ones, so that all axes are equal and aligned. Margins
** depend on tick labels, which depend on the size of the axes: a few rounds.
*/
#include "plot/layout.h"

#include <math.h>

static const double GAP = 9;               /* between panels */
static const double BAR_GAP = 8, BAR = 10; /* colour bar */

static double pt (const mlpi_Layout *l, double v) { return v * l->f->pt; }

/* ---- ticks ---- */

/* Do the labels, drawn level along x, stay apart? */
static bool labels_fit (mlpi_Layout *l, const mlpi_Axis *a, double size) {
  double last = -HUGE_VAL;
  for (int i = 0; i < a->ticks.n; i++) {
    int k = a->scale < 0 ? a->ticks.n - 1 - i : i;
    double at = mlpi_axis_pixel(a, a->ticks.at[k]);
    double w = mlpi_text_width(l, a->ticks.label[k], size);
    if (at - w / 2 < last + pt(l, 5)) return false;
    last = at + w / 2;
  }
  return true;
}

/* One tick per category, or every k-th where there are too many; long names
** are cut. */
static void category_ticks (mlpi_Layout *l, mlpi_Axis *a, double room,
                            double size, double widest) {
  int n = (int)a->names.n, every = 1, most = (int)room;
  if (most > MLPI_TICKS_MAX) most = MLPI_TICKS_MAX;
  while ((n - 1) / every + 1 > (most < 1 ? 1 : most)) every++;
  a->ticks = (mlpi_Ticks){ .n = 0 };
  for (int i = 0; i < n; i += every) {
    if (i + 1 < a->from || i + 1 > a->to) continue;
    a->ticks.at[a->ticks.n] = i + 1;
    a->ticks.label[a->ticks.n++] =
        mlpi_elide(l, a->names.name[i], size, widest);
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

/* Share of the figure that the name of a category may take. */
static const double NAME = .33;

/* Break the names of categories into lines that fit between neighbours;
** false: some word is too long, or there are too many lines. */
static bool break_names (mlpi_Layout *l, mlpi_Axis *a, double size) {
  const char *broken[MLPI_TICKS_MAX];
  double room =
      fabs(a->scale) *
          (a->ticks.n > 1 ? a->ticks.at[1] - a->ticks.at[0] : a->to - a->from) -
      pt(l, 5);
  for (int i = 0; i < a->ticks.n; i++) {
    broken[i] = mlpi_wrap(l, a->ticks.label[i], size, room);
    if (broken[i] == NULL || mlpi_text_width(l, broken[i], size) > room ||
        mlpi_text_height(l, broken[i], size) > pt(l, 4 * size))
      return false;
  }
  for (int i = 0; i < a->ticks.n; i++) a->ticks.label[i] = broken[i];
  return true;
}

static double widest (mlpi_Layout *l, const mlpi_Ticks *t, double size) {
  double w = 0;
  for (int i = 0; i < t->n && !l->f->scene.failed; i++)
    w = fmax(w, mlpi_text_width(l, t->label[i], size));
  return w;
}

/* Every other tick goes, where even the fewest do not fit. */
static void thin_out (mlpi_Layout *l, mlpi_Axis *a, double size) {
  while (a->ticks.n > 1 && !l->f->scene.failed && !labels_fit(l, a, size)) {
    a->ticks.n = (a->ticks.n + 1) / 2;
    for (int i = 1; i < a->ticks.n; i++) {
      a->ticks.at[i] = a->ticks.at[2 * i];
      a->ticks.label[i] = a->ticks.label[2 * i];
    }
  }
}

static void choose_x (mlpi_Layout *l, mlpi_Axis *a, double length,
                      double size) {
  a->angle = 0;
  if (a->names.n > 0) {
    double room = length / pt(l, 1.1 * size);
    category_ticks(l, a, room, size, HUGE_VAL);
    if (l->f->scene.failed || labels_fit(l, a, size) || break_names(l, a, size))
      return;
    if (widest(l, &a->ticks, size) <= pt(l, 3 * size)) { /* numbers: fewer */
      while (room > 2 && !l->f->scene.failed && !labels_fit(l, a, size))
        category_ticks(l, a, room *= .8, size, HUGE_VAL);
      return;
    }
    a->angle = 45; /* so that 1.4 times the height is there */
    category_ticks(l, a, room, size, 1.4 * NAME * l->f->pixels_y);
    return;
  }
  double target = length / pt(l, 5.6 * size);
  do {
    choose(l, a, target);
    target--;
  } while (!l->f->scene.failed && target > 1.5 && !labels_fit(l, a, size));
  thin_out(l, a, size);
}

static void choose_y (mlpi_Layout *l, mlpi_Axis *a, double length,
                      double size) {
  if (a->names.n > 0)
    category_ticks(l, a, length / pt(l, 1.1 * size), size,
                   NAME * l->f->pixels_x);
  else
    choose(l, a, length / pt(l, 4 * size));
}

/* Ranks, numbers of trials, counts: no tick lies between two of them. */
static bool counts (const mlpi_Series *s) {
  for (size_t i = 0; i < s->c.n; i++)
    if (isfinite(s->c.v[i]) && s->c.v[i] != rint(s->c.v[i])) return false;
  return true;
}

static void choose_ticks (mlpi_Layout *l, mlpi_Panel *p) {
  double height = p->box.y1 - p->box.y0;
  choose_x(l, &p->axis[MLPI_AX], p->box.x1 - p->box.x0, p->text_size);
  choose_y(l, &p->axis[MLPI_AY], height, p->text_size);
  if (p->axis[MLPI_AR].used)
    choose_y(l, &p->axis[MLPI_AR], height, p->text_size);
  if (p->barred == NULL) return;
  mlpi_TickWish w = { .target = height / pt(l, 4.4 * p->text_size),
                      .log = p->barred->map_log,
                      .integer = counts(p->barred),
                      .inside = true };
  mlpi_map_limits(p->barred, &w.lo, &w.hi);
  mlpi_ticks(&w, &p->bar_ticks, &l->f->scene);
}

/* ---- margins ---- */

/* From the axes to the far side of the tick labels. */
double mlpi_tick_room (mlpi_Layout *l, const mlpi_Ticks *t, double size) {
  return pt(l, 2 * MLPI_TICK) + widest(l, t, size);
}

static double label_room (mlpi_Layout *l, const char *label, double length,
                          double size) {
  if (label == NULL || label[0] == '\0') return 0;
  label = mlpi_wrap(l, label, size, length);
  if (label == NULL) return 0;
  return pt(l, MLPI_LABEL_GAP + MLPI_DESCENT * size) +
         mlpi_text_height(l, label, size);
}

const char *mlpi_axis_label (mlpi_Layout *l, const mlpi_Axis *a) {
  return a->quiet ? NULL : mlpi_scaled_label(l, a->label, &a->ticks);
}

static double y_room (mlpi_Layout *l, const mlpi_Panel *p, int axis) {
  const mlpi_Axis *a = &p->axis[axis];
  double height = p->box.y1 - p->box.y0;
  if (a->quiet) return pt(l, MLPI_TICK);
  return mlpi_tick_room(l, &a->ticks, p->text_size) +
         label_room(l, mlpi_axis_label(l, a), height, p->text_size);
}

/* Height of the tick labels of the x axis. */
double mlpi_x_label_height (mlpi_Layout *l, const mlpi_Axis *a, double size) {
  double em = pt(l, size);
  double h = em * MLPI_CAP;
  for (int i = 0; i < a->ticks.n && !l->f->scene.failed; i++)
    h = fmax(h, mlpi_text_height(l, a->ticks.label[i], size));
  if (a->angle == 0) return h + em * MLPI_DESCENT;
  return (widest(l, &a->ticks, size) + fmax(h, em)) * sqrt(.5);
}

static double x_room (mlpi_Layout *l, const mlpi_Panel *p) {
  const mlpi_Axis *a = &p->axis[MLPI_AX];
  if (a->quiet) return pt(l, MLPI_TICK);
  double room = pt(l, 2 * MLPI_TICK);
  if (a->ticks.n > 0) room += mlpi_x_label_height(l, a, p->text_size);
  return room + label_room(l, mlpi_axis_label(l, a), p->box.x1 - p->box.x0,
                           p->text_size);
}

static double title_room (mlpi_Layout *l, const mlpi_Panel *p) {
  if (p->title == NULL) return 0;
  const char *t = mlpi_wrap(l, p->title, p->title_size, p->box.x1 - p->box.x0);
  if (t == NULL) return 0;
  return pt(l, MLPI_TITLE_GAP) + mlpi_text_height(l, t, p->title_size);
}

/* The outermost x labels are centred on their ticks and so may stick out. */
static void x_overhang (mlpi_Layout *l, const mlpi_Panel *p, double *left,
                        double *right) {
  const mlpi_Axis *a = &p->axis[MLPI_AX];
  for (int i = 0; i < a->ticks.n && !a->quiet && !l->f->scene.failed; i++) {
    double at = mlpi_axis_pixel(a, a->ticks.at[i]);
    double w = mlpi_text_width(l, a->ticks.label[i], p->text_size);
    bool slanted = a->angle != 0;
    *left = fmax(*left, p->box.x0 - at + (slanted ? w * .75 : w / 2));
    *right = fmax(*right, at - p->box.x1 + (slanted ? pt(l, 4) : w / 2));
  }
}

static double bar_room (mlpi_Layout *l, const mlpi_Panel *p) {
  if (p->barred == NULL) return 0;
  const char *label = mlpi_scaled_label(l, p->barred->label, &p->bar_ticks);
  return pt(l, BAR_GAP + BAR) + mlpi_tick_room(l, &p->bar_ticks, p->text_size) +
         label_room(l, label, p->box.y1 - p->box.y0, p->text_size);
}

static void measure_margins (mlpi_Layout *l, mlpi_Panel *p) {
  double w, h, left = 0, right = 0;
  p->need[0] = p->need[1] = p->need[2] = p->need[3] = 0;
  if (!p->used) return;
  if (!p->blank) {
    x_overhang(l, p, &left, &right);
    p->need[0] = fmax(y_room(l, p, MLPI_AY), left);
    p->need[1] = pt(l, p->text_size * MLPI_CAP / 2);
    p->need[2] = right;
    p->need[3] = x_room(l, p);
    if (p->axis[MLPI_AR].used) p->need[2] = fmax(right, y_room(l, p, MLPI_AR));
  }
  p->need[1] = fmax(p->need[1], title_room(l, p));
  if (p->barred != NULL) p->need[2] += bar_room(l, p);
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
  for (int i = 0; i < l->f->npanels; i++)
    blank = blank && (l->f->panel[i].blank || !l->f->panel[i].used);
  return pt(l, blank ? GAP / 2 : GAP);
}

/* The share of column or row i in what is left for axes. */
static double share (const double *ratios, int i, int n) {
  double sum = 0;
  if (ratios == NULL) return 1.0 / n;
  for (int k = 0; k < n; k++) sum += ratios[k];
  return ratios[i] / sum;
}

static void place_grid (mlpi_Layout *l) {
  mlpi_Figure *f = l->f;
  double outer = pt(l, MLPI_OUTER), between = gap(l), y = outer;
  if (f->title != NULL) y += pt(l, MLPI_SUPTITLE + 8);
  double width =
      f->pixels_x - 2 * outer - margins_of(f, true) - between * (f->cols - 1);
  double height =
      f->pixels_y - y - outer - margins_of(f, false) - between * (f->rows - 1);
  for (int r = 0; r < f->rows; r++) {
    double x = outer, h = fmax(height * share(f->heights, r, f->rows), 4);
    y += most(f, r * f->cols, 1, f->cols, 1);
    for (int c = 0; c < f->cols; c++) {
      double w = fmax(width * share(f->widths, c, f->cols), 4);
      x += most(f, c, f->cols, f->rows, 0);
      set_box(l, &f->panel[r * f->cols + c], (mlpi_Box){ x, y, x + w, y + h });
      x += w + most(f, c, f->cols, f->rows, 2) + between;
    }
    y += h + most(f, r * f->cols, 1, f->cols, 3) + between;
  }
}

/* An inset with all that belongs to it fills its place. */
static void place_inset (mlpi_Layout *l, mlpi_Panel *p) {
  const mlpi_Box *in = &l->f->panel[p->inset].box, *at = &p->place;
  double w = in->x1 - in->x0, h = in->y1 - in->y0;
  mlpi_Box b = { in->x0 + at->x0 * w + p->need[0],
                 in->y1 - at->y1 * h + p->need[1],
                 in->x0 + at->x1 * w - p->need[2],
                 in->y1 - at->y0 * h - p->need[3] };
  b.x1 = fmax(b.x1, b.x0 + 4);
  b.y1 = fmax(b.y1, b.y0 + 4);
  set_box(l, p, b);
}

static void place_boxes (mlpi_Layout *l) {
  mlpi_Figure *f = l->f;
  place_grid(l);
  for (int i = f->rows * f->cols; i < f->npanels; i++)
    place_inset(l, &f->panel[i]);
}

static void settle (mlpi_Layout *l) {
  mlpi_Figure *f = l->f;
  for (int round = 0; round < 3; round++) {
    place_boxes(l);
    for (int i = 0; i < f->npanels && !f->scene.failed; i++) {
      choose_ticks(l, &f->panel[i]);
      measure_margins(l, &f->panel[i]);
    }
  }
  place_boxes(l);
}

/* ---- the whole ---- */

static void prepare (mlpi_Layout *l) {
  mlpi_Figure *f = l->f;
  f->pixels_x = (int)rint(f->width * f->dpi);
  f->pixels_y = (int)rint(f->height * f->dpi);
  f->pt = f->dpi / 72;
  f->texts = NULL;
  f->last_text = &f->texts;
  for (int i = 0; i < f->npanels; i++) {
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
** or where that did not help, it moves out, if that leaves the axes a third
** of their width. False: it stays. */
static bool make_room (mlpi_Panel *p, double w, double h, double inset) {
  const mlpi_Axis *y = &p->axis[MLPI_AY];
  double share = (h + 2 * inset) / (p->box.y1 - p->box.y0);
  bool free_end = !p->framed && !y->reverse && !isfinite(y->hi);
  if (free_end && p->headroom == 0 && share < .4) {
    p->headroom = share;
    return true;
  }
  p->beside = w + inset < 2 * (p->box.x1 - p->box.x0) / 3;
  return p->beside;
}

/* Put legends where they cover nothing; true where that moved something. */
static bool place_legends (mlpi_Layout *l, mlp_Status *status) {
  mlpi_Figure *f = l->f;
  bool moved = false;
  for (int i = 0; i < f->npanels && *status == MLP_OK; i++) {
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
    if (make_room(p, w, h, pt(l, MLPI_LABEL_GAP))) moved = true;
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
  if (status == MLP_OK && !f->scene.failed) mlpi_emit_texts(&l);
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
