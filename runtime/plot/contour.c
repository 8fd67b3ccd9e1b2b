/*
** contour.c - lines of equal height through a grid of samples.
** Marching squares (after Lorensen & Cline 1987, in two dimensions): a line
** crosses the edges of the grid whose ends lie on different sides of the
** level; from crossing to crossing it is followed through the squares.
** Samples sit in the middle of the cells of an image of the same extent.
*/
#include "plot/canvas.h"

#include <math.h>

/* Edge 2 * (r * cols + c) goes right from sample (r, c), the next one down. */
typedef struct Field {
  const mlpi_Series *s;
  mlpi_Box box; /* of the extent, in pixels */
  double level;
  bool *done; /* [edge] */
  mlpi_Trace trace;
} Field;

static double sample (const Field *f, size_t r, size_t c) {
  return f->s->c.v[r * f->s->cols + c];
}

static bool above (const Field *f, size_t r, size_t c) {
  return sample(f, r, c) >= f->level;
}

/* The four edges of the square below and right of sample (r, c): top, right,
** bottom, left. */
static void square_edges (const Field *f, size_t r, size_t c, size_t e[4]) {
  size_t cols = f->s->cols;
  e[0] = 2 * (r * cols + c);
  e[1] = 2 * (r * cols + c + 1) + 1;
  e[2] = 2 * ((r + 1) * cols + c);
  e[3] = 2 * (r * cols + c) + 1;
}

/* Where a line that enters the square by side 'in' leaves it; -1: nowhere. */
static int way_out (const Field *f, size_t r, size_t c, int in) {
  bool tl = above(f, r, c), tr = above(f, r, c + 1);
  bool bl = above(f, r + 1, c), br = above(f, r + 1, c + 1);
  bool crossed[4] = { tl != tr, tr != br, bl != br, tl != bl };
  double sum = sample(f, r, c) + sample(f, r, c + 1) + sample(f, r + 1, c) +
               sample(f, r + 1, c + 1);
  if (isnan(sum)) return -1;
  if (crossed[0] && crossed[1] && crossed[2] && crossed[3]) {
    static const int cut_tr_bl[] = { 1, 0, 3, 2 }, cut_tl_br[] = { 3, 2, 1, 0 };
    return (sum / 4 >= f->level) == tl ? cut_tr_bl[in] : cut_tl_br[in];
  }
  for (int i = 0; i < 4; i++)
    if (i != in && crossed[i]) return i;
  return -1;
}

/* Put the crossing of an edge into the line. */
static void put (Field *f, size_t edge) {
  const mlpi_Series *s = f->s;
  size_t r = edge / 2 / s->cols, c = edge / 2 % s->cols;
  bool down = edge % 2 != 0;
  double a = sample(f, r, c),
         b = down ? sample(f, r + 1, c) : sample(f, r, c + 1);
  double t = (f->level - a) / (b - a);
  double col = (double)c + .5 + (down ? 0 : t);
  double row = (double)r + .5 + (down ? t : 0);
  const mlpi_Box *e = &f->box;
  mlpi_trace_point(&f->trace, e->x0 + col / (double)s->cols * (e->x1 - e->x0),
                   e->y0 + row / (double)s->rows * (e->y1 - e->y0));
}

/* Follow the line from an edge, through the square on one side of it, to its
** end; true: it met itself. */
static bool follow (Field *f, size_t edge, bool far) {
  size_t rows = f->s->rows, cols = f->s->cols, e[4];
  size_t r = edge / 2 / cols, c = edge / 2 % cols;
  int in = edge % 2 ? 3 : 0; /* side by which the square is entered */
  if (!far) {
    if (edge % 2 ? c == 0 : r == 0) return false;
    if (edge % 2)
      c--;
    else
      r--;
    in = edge % 2 ? 1 : 2;
  }
  bool met = false;
  put(f, edge);
  while (!met) {
    if (r + 1 >= rows || c + 1 >= cols) break; /* left the grid */
    int out = way_out(f, r, c, in);
    if (out < 0) break;
    square_edges(f, r, c, e);
    put(f, e[out]);
    met = f->done[e[out]];
    f->done[e[out]] = true;
    if ((out == 0 && r == 0) || (out == 3 && c == 0)) break;
    r += out == 2;
    r -= out == 0;
    c += out == 1;
    c -= out == 3;
    in = (out + 2) % 4;
  }
  mlpi_trace_end(&f->trace);
  return met;
}

static bool crosses (const Field *f, size_t r, size_t c, bool down) {
  if (down ? r + 1 >= f->s->rows : c + 1 >= f->s->cols) return false;
  double a = sample(f, r, c), b = sample(f, r + down, c + !down);
  return !isnan(a + b) && (a >= f->level) != (b >= f->level);
}

static void draw_level (Field *f) {
  size_t edges = f->s->rows * f->s->cols * 2;
  for (size_t i = 0; i < edges; i++) f->done[i] = false;
  for (size_t i = 0; i < edges; i++) {
    if (f->done[i] ||
        !crosses(f, i / 2 / f->s->cols, i / 2 % f->s->cols, i % 2))
      continue;
    f->done[i] = true;
    if (!follow(f, i, true)) follow(f, i, false);
  }
}

/* Cells are of one size on the paper, as an image's are: on logarithmic axes
** lines run where the image has their level. Lines meet their own ends and
** each other's: drawn opaque, then faded. */
mlp_Status mlpi_draw_contour (mlpi_Pen *p, const mlpi_Series *s) {
  Field f = { .s = s, .box = mlpi_extent_box(p->panel, s) };
  cairo_t *cr = p->canvas->cr;
  size_t n = s->rows * s->cols * 2 * sizeof *f.done;
  double lo, hi;
  f.done = mlpi_alloc(p->canvas->rt, n);
  if (f.done == NULL) return MLP_ENOMEM;
  mlpi_map_limits(s, &lo, &hi);
  bool fades = mlpi_fade_begin(p->canvas, s->alpha);
  for (size_t i = 0; i < s->levels.n; i++) {
    f.level = s->levels.v[i];
    mlpi_Colour colour = s->colour;
    if (!s->has_colour && s->by_value)
      colour = mlpi_map_colour(&s->map, mlpi_map_share(s, lo, hi, f.level));
    mlpi_set_colour(cr, colour, fades ? 1 : s->alpha);
    mlpi_trace_begin(&f.trace, cr, s->dash, s->width * p->canvas->pt, false);
    draw_level(&f);
  }
  mlpi_free(p->canvas->rt, f.done, n);
  if (fades) mlpi_fade_end(p->canvas, s->alpha);
  return MLP_OK;
}
