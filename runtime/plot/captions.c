/*
** captions.c - the texts of a scene, once its boxes are known.
*/
#include "plot/layout.h"

#include <math.h>

static double pt (const mlpi_Layout *l, double v) { return v * l->f->pt; }

static mlpi_Caption style (const mlpi_Layout *l, const char *role, int panel,
                           const char *text) {
  return (mlpi_Caption){ .text = text,
                         .role = role,
                         .panel = panel,
                         .size = panel < 0 ? MLPI_TEXT
                                           : l->f->panel[panel].text_size,
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
  const char *label = mlpi_axis_label(l, a);
  if (label == NULL) return;
  mlpi_Caption t =
      style(l, "xlabel", panel,
            mlpi_wrap(l, label, p->text_size, p->box.x1 - p->box.x0));
  middle = (p->box.x0 + p->box.x1) / 2;
  y += pt(l, MLPI_LABEL_GAP) +
       (a->ticks.n > 0 ? mlpi_x_label_height(l, a, p->text_size) : 0);
  mlpi_put_text(l, &t, middle, y, .5, 1);
}

/* Tick labels of a vertical axis or bar, then its label; 'side' -1: they
** stand left of x, 1: right. */
static void emit_vertical (mlpi_Layout *l, mlpi_Caption t,
                           const mlpi_Ticks *ticks, const mlpi_Axis *a,
                           double x, int side, const char *label) {
  const mlpi_Panel *p = &l->f->panel[t.panel];
  double reach = mlpi_tick_room(l, ticks, t.size);
  for (int i = 0; i < ticks->n; i++) {
    t.text = ticks->label[i];
    mlpi_put_text(l, &t, x + side * pt(l, 2 * MLPI_TICK),
                  mlpi_axis_pixel(a, ticks->at[i]), side < 0 ? 1 : 0, .5);
  }
  if (label == NULL) return;
  t.text = mlpi_wrap(l, label, t.size, p->box.y1 - p->box.y0);
  t.role = a == &p->axis[MLPI_AY]   ? "ylabel"
           : a == &p->axis[MLPI_AR] ? "rlabel"
                                    : "barlabel";
  t.angle = 90;
  double at = side < 0
                  ? x - reach - pt(l, MLPI_LABEL_GAP + MLPI_DESCENT * t.size)
                  : x + reach + pt(l, MLPI_LABEL_GAP);
  mlpi_put_text(l, &t, at, (p->box.y0 + p->box.y1) / 2, .5, side < 0 ? 0 : 1);
}

static void emit_y (mlpi_Layout *l, int panel) {
  const mlpi_Panel *p = &l->f->panel[panel];
  const mlpi_Axis *y = &p->axis[MLPI_AY], *r = &p->axis[MLPI_AR];
  if (!y->quiet)
    emit_vertical(l, style(l, "ytick", panel, NULL), &y->ticks, y, p->box.x0,
                  -1, mlpi_axis_label(l, y));
  if (!r->used) return;
  mlpi_Caption t = style(l, "rtick", panel, NULL);
  t.colour = mlpi_right_colour(l->f, p);
  emit_vertical(l, t, &r->ticks, r, p->box.x1, 1, mlpi_axis_label(l, r));
}

static void emit_bar (mlpi_Layout *l, int panel) {
  const mlpi_Panel *p = &l->f->panel[panel];
  mlpi_Axis a;
  if (p->barred == NULL) return;
  mlpi_bar_axis(p, &a);
  emit_vertical(l, style(l, "bartick", panel, NULL), &p->bar_ticks, &a,
                p->bar.x1, 1,
                mlpi_scaled_label(l, p->barred->label, &p->bar_ticks));
}

static void emit_title (mlpi_Layout *l, int panel) {
  const mlpi_Panel *p = &l->f->panel[panel];
  double w = p->box.x1 - p->box.x0;
  if (p->title == NULL) return;
  mlpi_Caption t =
      style(l, "title", panel,
            mlpi_wrap(l, p->title, p->title_size, p->cell.x1 - p->cell.x0));
  t.size = p->title_size;
  mlpi_put_text(l, &t, p->box.x0 + w / 2, p->box.y0 - pt(l, MLPI_TITLE_GAP), .5,
                0);
}

/* The pixel that a note, or what it points to, is at. */
static void locate (const mlpi_Panel *p, const mlpi_Series *s, double vx,
                    double vy, bool in_axes, double *x, double *y) {
  const mlpi_Box *b = &p->box;
  *x = mlpi_axis_pixel(&p->axis[MLPI_AX], vx);
  *y = mlpi_axis_pixel(&p->axis[s->right ? MLPI_AR : MLPI_AY], vy);
  if (!in_axes) return;
  *x = b->x0 + vx * (b->x1 - b->x0);
  *y = b->y1 - vy * (b->y1 - b->y0);
}

void mlpi_note_at (mlpi_Layout *l, const mlpi_Panel *p, const mlpi_Series *s,
                   double *x, double *y) {
  locate(p, s, s->x.v[0], s->y.v[0], s->in_axes, x, y);
  *x += pt(l, s->dx);
  *y -= pt(l, s->dy);
}

static void emit_note (mlpi_Layout *l, int panel, mlpi_Series *s) {
  const mlpi_Panel *p = &l->f->panel[panel];
  double x, y;
  mlpi_note_at(l, p, s, &x, &y);
  mlpi_Caption t = style(l, "note", panel, s->text);
  t.size = s->size;
  t.colour = s->colour;
  t.angle = s->angle;
  t.boxed = s->boxed;
  if (s->x2.v != NULL) {
    locate(p, s, s->x2.v[0], s->y2.v[0], false, &t.to_x, &t.to_y);
    t.points = isfinite(t.to_x + t.to_y);
  }
  if (isfinite(x + y)) mlpi_put_text(l, &t, x, y, s->halign, s->valign);
}

static void emit_notes (mlpi_Layout *l, int panel) {
  for (mlpi_Series *s = l->f->panel[panel].first; s != NULL; s = s->next)
    if (s->kind == MLPI_NOTE) emit_note(l, panel, s);
}

void mlpi_emit_texts (mlpi_Layout *l) {
  mlpi_Figure *f = l->f;
  for (int i = 0; i < f->npanels && !f->scene.failed; i++) {
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
  t.size = MLPI_SUPTITLE;
  mlpi_put_text(l, &t, f->pixels_x / 2.0, pt(l, MLPI_OUTER), .5, 1);
}
