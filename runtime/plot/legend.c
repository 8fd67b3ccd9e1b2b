/*
** legend.c - what the colours mean, in a corner that hides no data. The axes
** are divided into cells, every series marks those it passes through, and
** the candidate with the fewest marks wins; if even that one hides data, the
** legend moves out to the right of the axes.
*/
#include "plot/layout.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* In ems of the legend's letters. */
static const double PAD = .45, KEY = 2, KEY_GAP = .7, LINE = 1.45;
static const double COLUMN_GAP = 1.4;
static const double WIDEST = .45; /* share of the figure */
static const double INSET = 5;    /* points from the axes */
static const double LONGEST = .4; /* share of the figure that a label takes */

enum { ACROSS = 80, DOWN = 60, DATA = 100, RULE = 1 };

static bool explained (const mlpi_Series *s) {
  return s->kind != MLPI_IMAGE && s->kind != MLPI_NOTE && !s->by_value;
}

static int count_entries (const mlpi_Panel *p) {
  int n = 0;
  for (const mlpi_Series *s = p->first; s != NULL; s = s->next) {
    if (!explained(s)) continue;
    n += s->names.n > 0 ? (int)s->names.n : s->label != NULL;
  }
  return n;
}

void mlpi_list_entries (mlpi_Layout *l, mlpi_Panel *p) {
  int n = count_entries(p);
  p->nentries = 0;
  p->has_legend = false;
  if (p->legend == MLPI_NO_LEGEND || n == 0) return;
  p->entries = mlpi_arena_alloc(&l->f->scene, (size_t)n * sizeof *p->entries);
  if (p->entries == NULL) return;
  for (const mlpi_Series *s = p->first; s != NULL; s = s->next) {
    if (!explained(s)) continue;
    for (size_t i = 0; i < s->names.n; i++)
      p->entries[p->nentries++] = (mlpi_Entry){ .series = s,
                                                .class = (int)i + 1,
                                                .label = s->names.name[i] };
    if (s->names.n == 0 && s->label != NULL)
      p->entries[p->nentries++] =
          (mlpi_Entry){ .series = s, .label = s->label };
  }
  for (int i = 0; i < n && !l->f->scene.failed; i++)
    p->entries[i].label = mlpi_elide(l, p->entries[i].label, MLPI_LEGEND_TEXT,
                                     LONGEST * l->f->pixels_x);
  p->has_legend = true;
}

/* Keep n entries, of which the last says how many were left out. */
static void leave_out (mlpi_Layout *l, mlpi_Panel *p, int n) {
  char text[48];
  snprintf(text, sizeof text, "and %d more", p->nentries - n + 1);
  const char *label = mlpi_arena_text(&l->f->scene, text);
  if (label == NULL) return;
  p->entries[n - 1] = (mlpi_Entry){ .series = NULL, .label = label };
  p->nentries = n;
}

/* In one column, or in as many as the height of the axes asks for. */
void mlpi_legend_size (mlpi_Layout *l, mlpi_Panel *p, double *w, double *h) {
  double em = MLPI_LEGEND_TEXT * l->f->pt, text = 0;
  double room = p->box.y1 - p->box.y0 - 2 * em * PAD + (LINE - 1) * em;
  int most = (int)(room / (LINE * em));
  for (int i = 0; i < p->nentries; i++)
    text =
        fmax(text, mlpi_text_width(l, p->entries[i].label, MLPI_LEGEND_TEXT));
  p->legend_column = text + em * (KEY + KEY_GAP + COLUMN_GAP);
  if (most < 3) most = 3;
  int columns = (p->nentries + most - 1) / most;
  int fit = (int)(WIDEST * l->f->pixels_x / p->legend_column);
  if (columns > fit) columns = fit < 1 ? 1 : fit;
  if (p->nentries > columns * most) leave_out(l, p, columns * most);
  p->legend_rows = (p->nentries + columns - 1) / columns;
  *w = columns * p->legend_column + em * (2 * PAD - COLUMN_GAP);
  *h = em * (2 * PAD + LINE * p->legend_rows - (LINE - 1));
}

/* ---- the cells ---- */

typedef struct Cells {
  mlpi_Box box;
  unsigned char mark[DOWN][ACROSS];
} Cells;

static void mark (Cells *c, double x, double y, int value) {
  double i = (x - c->box.x0) / (c->box.x1 - c->box.x0) * ACROSS;
  double j = (y - c->box.y0) / (c->box.y1 - c->box.y0) * DOWN;
  if (!(i >= 0 && j >= 0 && i < ACROSS && j < DOWN)) return;
  unsigned char *m = &c->mark[(int)j][(int)i];
  if (*m < value) *m = (unsigned char)value;
}

/* Every cell on the way; not every one where that would take long. */
static void mark_segment (Cells *c, double x0, double y0, double x1, double y1,
                          int value) {
  double dx = fabs(x1 - x0) / (c->box.x1 - c->box.x0) * ACROSS;
  double dy = fabs(y1 - y0) / (c->box.y1 - c->box.y0) * DOWN;
  int steps = (int)fmin(2 * fmax(dx, dy) + 1, 400);
  for (int i = 0; i <= steps; i++) {
    double t = (double)i / steps;
    mark(c, x0 + t * (x1 - x0), y0 + t * (y1 - y0), value);
  }
}

static void mark_box (Cells *c, mlpi_Box b) {
  double step = (c->box.x1 - c->box.x0) / ACROSS / 2;
  for (double x = b.x0; x <= b.x1; x += step) {
    double at = fmin(fmax(x, c->box.x0), c->box.x1 - step / 2);
    mark_segment(c, at, b.y0, at, b.y1, DATA);
  }
}

/* Of too many points to look at: what a run of them spans. */
static void mark_run (Cells *c, const mlpi_Panel *p, const mlpi_Series *s,
                      size_t from, size_t n) {
  const mlpi_Axis *ay = &p->axis[s->right ? MLPI_AR : MLPI_AY];
  double x = mlpi_axis_pixel(&p->axis[MLPI_AX], s->x.v[from]), lo, hi;
  if (n > s->x.n - from) n = s->x.n - from;
  if (!mlpi_range(s->y.v + from, n, ay->log, &lo, &hi)) return;
  mark_segment(c, x, mlpi_axis_pixel(ay, lo), x, mlpi_axis_pixel(ay, hi), DATA);
}

static void mark_points (Cells *c, const mlpi_Panel *p, const mlpi_Series *s) {
  const mlpi_Axis *ax = &p->axis[MLPI_AX];
  const mlpi_Axis *ay = &p->axis[s->right ? MLPI_AR : MLPI_AY];
  size_t stride = s->x.n / 20000 + 1;
  double px = NAN, py = NAN;
  for (size_t i = 0; i < s->x.n; i += stride) {
    double x = mlpi_axis_pixel(ax, s->x.v[i]);
    double y = mlpi_axis_pixel(ay, s->y.v[i]);
    if (s->kind == MLPI_LINE && stride == 1 && isfinite(px + py + x + y))
      mark_segment(c, px, py, x, y, DATA);
    else if (s->kind == MLPI_LINE && stride > 1)
      mark_run(c, p, s, i, stride);
    else
      mark(c, x, y, DATA);
    if (s->low.v != NULL)
      mark_segment(c, x, mlpi_axis_pixel(ay, s->low.v[i]), x,
                   mlpi_axis_pixel(ay, s->high.v[i]), DATA);
    px = x;
    py = y;
  }
}

static void mark_boxes (Cells *c, const mlpi_Panel *p, const mlpi_Series *s) {
  const mlpi_Axis *ax = &p->axis[MLPI_AX];
  const mlpi_Axis *ay = &p->axis[s->right ? MLPI_AR : MLPI_AY];
  for (size_t i = 0; i < s->x.n; i++) {
    double x0 = mlpi_axis_pixel(ax, s->x.v[i]);
    double x1 = mlpi_axis_pixel(ax, s->x2.v[i]);
    double y0 = mlpi_axis_pixel(ay, s->y.v[i]);
    double y1 = mlpi_axis_pixel(ay, s->y2.v[i]);
    if (isnan(x0)) x0 = p->box.x0;
    if (isnan(y0)) y0 = p->box.y1;
    if (isfinite(x1 + y1))
      mark_box(c, (mlpi_Box){ fmin(x0, x1), fmax(fmin(y0, y1), p->box.y0),
                              fmax(x0, x1), fmin(fmax(y0, y1), p->box.y1) });
  }
}

static void mark_segments (Cells *c, const mlpi_Panel *p,
                           const mlpi_Series *s) {
  const mlpi_Axis *ax = &p->axis[MLPI_AX];
  const mlpi_Axis *ay = &p->axis[s->right ? MLPI_AR : MLPI_AY];
  size_t stride = s->x.n / 5000 + 1;
  for (size_t i = 0; i < s->x.n; i += stride) {
    double x0 = mlpi_axis_pixel(ax, s->x.v[i]);
    double x1 = mlpi_axis_pixel(ax, s->x2.v[i]);
    double y0 = mlpi_axis_pixel(ay, s->y.v[i]);
    double y1 = mlpi_axis_pixel(ay, s->y2.v[i]);
    if (isfinite(x0 + x1 + y0 + y1)) mark_segment(c, x0, y0, x1, y1, DATA);
  }
}

static void mark_note (mlpi_Layout *l, Cells *c, const mlpi_Panel *p,
                       const mlpi_Series *s) {
  double w = mlpi_text_width(l, s->text, s->size);
  double h = mlpi_text_height(l, s->text, s->size);
  double x, y;
  mlpi_note_at(l, p, s, &x, &y);
  if (!isfinite(x + y)) return;
  x -= s->halign * w;
  y += s->valign * h;
  mark_box(c, (mlpi_Box){ x, y - h, x + w, y });
}

static void mark_rules (Cells *c, const mlpi_Panel *p, const mlpi_Series *s) {
  const mlpi_Axis *a = &p->axis[s->kind == MLPI_VLINE ? MLPI_AX
                                : s->right            ? MLPI_AR
                                                      : MLPI_AY];
  for (size_t i = 0; i < s->y.n; i++) {
    double at = mlpi_axis_pixel(a, s->y.v[i]);
    if (s->kind == MLPI_VLINE)
      mark_segment(c, at, p->box.y0, at, p->box.y1, RULE);
    else
      mark_segment(c, p->box.x0, at, p->box.x1, at, RULE);
  }
}

static void mark_series (mlpi_Layout *l, Cells *c, const mlpi_Panel *p,
                         const mlpi_Series *s) {
  switch (s->kind) {
  case MLPI_LINE:
  case MLPI_SCATTER:
    mark_points(c, p, s);
    break;
  case MLPI_BARS:
  case MLPI_BOXES:
    mark_boxes(c, p, s);
    break;
  case MLPI_SEGMENTS:
    mark_segments(c, p, s);
    break;
  case MLPI_NOTE:
    mark_note(l, c, p, s);
    break;
  case MLPI_HLINE:
  case MLPI_VLINE:
    mark_rules(c, p, s);
    break;
  case MLPI_IMAGE:
  case MLPI_CONTOUR:
    break; /* a background */
  }
}

/* ---- the place ---- */

static long marks_in (const Cells *c, mlpi_Box b) {
  double w = (c->box.x1 - c->box.x0) / ACROSS;
  double h = (c->box.y1 - c->box.y0) / DOWN;
  long sum = 0;
  for (int j = 0; j < DOWN; j++)
    for (int i = 0; i < ACROSS; i++) {
      double x = c->box.x0 + i * w, y = c->box.y0 + j * h;
      if (x < b.x1 && x + w > b.x0 && y < b.y1 && y + h > b.y0)
        sum += c->mark[j][i];
    }
  return sum;
}

static mlpi_Box best_place (const Cells *c, double w, double h, double inset,
                            int ncandidates, long *least) {
  static const double at[][2] = { { 1, 0 },  { 0, 0 },  { 0, 1 },
                                  { 1, 1 },  { 1, .5 }, { 0, .5 },
                                  { .5, 0 }, { .5, 1 }, { .5, .5 } };
  const mlpi_Box *b = &c->box;
  mlpi_Box best = *b;
  for (int i = 0; i < ncandidates; i++) {
    double x = b->x0 + inset + at[i][0] * (b->x1 - b->x0 - w - 2 * inset);
    double y = b->y0 + inset + at[i][1] * (b->y1 - b->y0 - h - 2 * inset);
    mlpi_Box place = { x, y, x + w, y + h };
    long sum = marks_in(c, place);
    if (i > 0 && sum >= *least) continue;
    *least = sum;
    best = place;
  }
  return best;
}

mlp_Status mlpi_place_legend (mlpi_Layout *l, mlpi_Panel *p, double w, double h,
                              bool *covers) {
  long least = 0;
  double inset = INSET * l->f->pt;
  Cells *c = mlpi_calloc(l->f->rt, 1, sizeof *c);
  if (c == NULL) return MLP_ENOMEM;
  c->box = p->box;
  for (const mlpi_Series *s = p->first; s != NULL; s = s->next)
    mark_series(l, c, p, s);
  for (int i = 0; i < l->f->npanels; i++) /* insets hide what is below */
    if (l->f->panel[i].inset >= 0 && &l->f->panel[l->f->panel[i].inset] == p)
      mark_box(c, l->f->panel[i].box);
  p->legend_box =
      best_place(c, w, h, inset, p->legend == MLPI_UPPER_RIGHT ? 1 : 9, &least);
  *covers = least >= DATA || w + 2 * inset > p->box.x1 - p->box.x0 ||
            h + 2 * inset > p->box.y1 - p->box.y0;
  mlpi_free(l->f->rt, c, sizeof *c);
  return MLP_OK;
}

void mlpi_emit_legend (mlpi_Layout *l, int panel) {
  const mlpi_Panel *p = &l->f->panel[panel];
  double em = MLPI_LEGEND_TEXT * l->f->pt;
  if (!p->has_legend) return;
  for (int i = 0; i < p->nentries; i++) {
    mlpi_Entry *e = &p->entries[i];
    double x =
        p->legend_box.x0 + em * PAD + i / p->legend_rows * p->legend_column;
    double y =
        p->legend_box.y0 + em * (PAD + .5) + i % p->legend_rows * em * LINE;
    mlpi_Caption t = { .text = e->label,
                       .role = "legend",
                       .panel = panel,
                       .size = MLPI_LEGEND_TEXT,
                       .colour = l->f->theme->fore };
    e->key = (mlpi_Box){ x, y - em / 2, x + em * KEY, y + em / 2 };
    mlpi_put_text(l, &t, e->key.x1 + em * KEY_GAP, y, 0, .5);
  }
}
