/*
** digits.c - images of handwritten digits, drawn: a pen follows a smooth
** curve through points that an unsteady hand moves, slants and stretches.
** A stand-in, of the same shape, for the MNIST of LeCun, Bottou, Bengio &
** Haffner 1998 where there is no network to fetch it from.
*/
#include "data/sample.h"
#include "base/fmath.h"

#include <math.h>
#include <string.h>

enum { NOISE = MLPI_SEED + 1, JITTER };
enum { SIDE = 28, PIXELS = SIDE * SIDE, POINTS = 16, PIECES = 6 };
enum { DRAWS = 64 + PIXELS }; /* random numbers for one image */

/* Points in percent of a box, x to the right and y down, that the pen visits;
** U: it is lifted before the next point. E: the end. */
enum { U = 126, E = 127 };
typedef int8_t Glyph[2 * POINTS + 8];

/* Three ways to write each digit. */
static const Glyph glyphs[10][3] = {
  { { 52, 2, 22, 16, 8, 50, 20, 84, 50, 98, 80, 84, 92, 50, 80, 16, 54, 3, E },
    { 62, 8, 30, 8, 12, 38, 14, 74, 40, 98, 72, 86, 88, 52, 80, 16, 48, 2, E },
    { 40, 5, 16, 34, 10, 70, 34, 98, 66, 92, 88, 58, 82, 18, 52, 4, 30, 14,
      E } },
  { { 53, 0, 50, 50, 48, 100, E },
    { 30, 26, 44, 14, 54, 0, U, 54, 0, 53, 50, 52, 100, E },
    { 34, 20, 52, 2, U, 52, 2, 52, 50, 52, 98, U, 28, 99, 76, 98, E } },
  { { 12, 26, 28, 5, 60, 2,  82, 20, 74, 46, 44,
      74, 10, 97, U, 10, 97, 50, 94, 92, 96, E },
    { 15, 22, 36, 3,  70, 5,  80, 30, 56, 62, 22,
      94, 8,  86, 24, 74, 56, 92, 95, 88, E },
    { 10, 16, 44, 2, 78, 14, 72, 44, 40, 76, 12, 98, U, 12, 98, 88, 98, E } },
  { { 15, 14, 44, 1,  78, 12, 74, 35, 42, 47, U,
      42, 47, 80, 56, 86, 82, 52, 99, 12, 88, E },
    { 14, 4,  46, 4,  80, 4,  U,  80, 4,   62, 24, 45, 42,
      U,  45, 42, 82, 52, 84, 86, 46, 100, 12, 88, E },
    { 20, 8, 60, 2, 74, 22, 56, 44, 38, 48, 68, 52, 82, 74, 58, 98, 14, 94,
      E } },
  { { 24, 2, 16, 28, 14, 54, 48, 56, 90, 52, U, 74, 6, 71, 50, 68, 100, E },
    { 64, 2,  36, 32, 8, 62, U,  8,  62,  50, 63,
      94, 60, U,  64, 2, 66, 50, 64, 100, E },
    { 30, 4, 12, 46, 30, 58, 70, 46, U, 82, 4, 72, 48, 60, 100, E } },
  { { 84, 3,  52, 3,  26, 5,  U,  26, 5,  22, 24, 18, 44, U,
      18, 44, 50, 36, 82, 50, 82, 80, 50, 99, 10, 90, E },
    { 88, 2,  54, 6,  30, 8,  26, 24, 24, 40, 52,
      42, 80, 58, 76, 86, 44, 99, 14, 92, E },
    { 34, 6, 28, 40, 60, 44, 78, 68, 60, 94, 18, 98, U, 34, 6, 86, 2, E } },
  { { 74, 2, 40, 20, 15, 55, 20, 88, 50, 100, 80, 85, 78, 60, 50, 50, 22, 68,
      E },
    { 54, 0, 30, 34, 18, 70, 40, 98, 76, 90, 76, 62, 46, 58, 24, 78, E },
    { 40, 0, 22, 36, 16, 78, 44, 100, 72, 82, 56, 62, 22, 76, E } },
  { { 10, 6, 50, 5, 88, 5, U, 88, 5, 62, 48, 42, 100, E },
    { 12, 8, 50, 4, 86, 6, U, 86, 6, 66, 46, 48, 100, U, 34, 52, 84, 48, E },
    { 10, 24, 14, 6, U, 14, 6, 52, 10, 88, 4, U, 88, 4, 60, 40, 52, 98, E } },
  { { 80, 15, 50, 1,  22, 15, 30, 38, 60, 52, 84, 76,
      50, 99, 16, 80, 36, 55, 70, 38, 80, 15, E },
    { 50, 1,  20, 22, 50, 46, 80, 22, 52, 1,  U,
      50, 46, 12, 74, 50, 99, 88, 74, 50, 46, E },
    { 76, 8,  40, 4,  28, 24, 56, 48, 70, 76, 46,
      98, 26, 78, 48, 50, 80, 26, 76, 8,  E } },
  { { 80, 20, 50, 2,  18, 22, 30, 46, 62,  44,
      80, 20, U,  80, 20, 76, 60, 66, 100, E },
    { 80, 16, 46, 2, 18, 25, 40, 48, 74, 32, 80, 16, 80, 55, 66, 90, 30, 98,
      E },
    { 72, 8, 38, 6, 20, 30, 44, 46, 74, 14, U, 74, 14, 64, 56, 44, 100, E } },
};

typedef struct Hand {
  mlpi_Stream random;
  uint64_t next; /* number of the stream */
} Hand;

static double uniform (Hand *h, double low, double high) {
  return mlpi_between(&h->random, h->next++, low, high);
}

static double normal (Hand *h, double deviation) {
  return deviation * mlpi_normal(&h->random, h->next++);
}

typedef struct Curve {
  int n;
  double x[POINTS + 4], y[POINTS + 4];
  bool up[POINTS + 4]; /* the pen is up on the way to this point */
} Curve;

/* The glyph's points, each a little off. */
static void trace (const int8_t *g, Hand *h, double jitter, Curve *c) {
  bool up = true;
  c->n = 0;
  for (; *g != E; g += 2) {
    if (*g == U) up = true, g++;
    c->x[c->n] = g[0] / 100.0 - 0.5 + normal(h, jitter);
    c->y[c->n] = g[1] / 100.0 - 0.5 + normal(h, jitter);
    c->up[c->n++] = up;
    up = false;
  }
}

/* Stretch, slant, turn, and move to the middle of the image, about. */
static void distort (Curve *c, Hand *h) {
  double tall = uniform(h, 16.5, 20.5), wide = tall * uniform(h, 0.55, 0.95);
  double slant = normal(h, 0.25), turn = normal(h, 0.12);
  double co = mlpi_cos(turn), si = mlpi_sin(turn);
  double low[2] = { 1e9, 1e9 }, high[2] = { -1e9, -1e9 };
  for (int i = 0; i < c->n; i++) {
    double x = c->x[i] * wide - c->y[i] * tall * slant, y = c->y[i] * tall;
    double p[2] = { co * x - si * y, si * x + co * y };
    for (int k = 0; k < 2; k++) {
      if (p[k] < low[k]) low[k] = p[k];
      if (p[k] > high[k]) high[k] = p[k];
    }
    c->x[i] = p[0];
    c->y[i] = p[1];
  }
  double dx = 14 - (low[0] + high[0]) / 2 + normal(h, 1);
  double dy = 14 - (low[1] + high[1]) / 2 + normal(h, 1);
  for (int i = 0; i < c->n; i++) c->x[i] += dx, c->y[i] += dy;
}

static int clamp (double v) { return v < 0 ? 0 : v > SIDE ? SIDE : (int)v; }

/* Ink along the line from a to b, its edge soft over one and a half pixels;
** what is darker stays. */
static void stroke (float *image, const double a[2], const double b[2],
                    double radius) {
  const double soft = 0.75, reach = radius + soft;
  double dx = b[0] - a[0], dy = b[1] - a[1], length = dx * dx + dy * dy;
  int x0 = clamp(fmin(a[0], b[0]) - reach),
      x1 = clamp(fmax(a[0], b[0]) + reach + 1);
  int y0 = clamp(fmin(a[1], b[1]) - reach),
      y1 = clamp(fmax(a[1], b[1]) + reach + 1);
  for (int y = y0; y < y1; y++)
    for (int x = x0; x < x1; x++) {
      double px = x + 0.5 - a[0], py = y + 0.5 - a[1];
      double t = length > 0 ? (px * dx + py * dy) / length : 0;
      t = t < 0 ? 0 : t > 1 ? 1 : t;
      double ex = px - t * dx, ey = py - t * dy, far = ex * ex + ey * ey;
      if (far >= reach * reach) continue;
      double ink = (reach - sqrt(far)) / (2 * soft);
      float value = ink < 1 ? (float)ink : 1;
      if (value > image[y * SIDE + x]) image[y * SIDE + x] = value;
    }
}

/* Between p1 and p2 of four points in a row: the spline of Catmull & Rom. */
static double spline (double p0, double p1, double p2, double p3, double t) {
  return p1 + t / 2 *
                  (p2 - p0 +
                   t * (2 * p0 - 5 * p1 + 4 * p2 - p3 +
                        t * (3 * (p1 - p2) + p3 - p0)));
}

static void draw (const Curve *c, double radius, float *image) {
  for (int i = 1; i < c->n; i++) {
    if (c->up[i]) continue;
    int before = c->up[i - 1] ? i - 1 : i - 2;
    int after = i + 1 == c->n || c->up[i + 1] ? i : i + 1;
    double a[2] = { c->x[i - 1], c->y[i - 1] }, b[2];
    for (int k = 1; k <= PIECES; k++, memcpy(a, b, sizeof a)) {
      double t = (double)k / PIECES;
      b[0] = spline(c->x[before], c->x[i - 1], c->x[i], c->x[after], t);
      b[1] = spline(c->y[before], c->y[i - 1], c->y[i], c->y[after], t);
      stroke(image, a, b, radius);
    }
  }
}

static void image (const mlpi_Stream *random, size_t number, double jitter,
                   double noise, float *pixel) {
  Hand h = { *random, (uint64_t)number * DRAWS };
  Curve c;
  int way = (int)uniform(&h, 0, 3);
  trace(glyphs[number % 10][way], &h, jitter, &c);
  distort(&c, &h);
  memset(pixel, 0, PIXELS * sizeof *pixel);
  draw(&c, uniform(&h, 0.6, 1.7), pixel);
  double ink = uniform(&h, 0.8, 1);
  for (int i = 0; i < PIXELS; i++) {
    double v = pixel[i] * ink;
    if (noise > 0) v += noise * uniform(&h, -1, 1);
    pixel[i] = v < 0 ? 0 : v > 1 ? 1 : (float)v;
  }
}

/* All the images, as float32, and their classes, in the order of 'order'. */
static mlp_Status pages (mlp_Runtime *rt, const mlp_Object *o, size_t n,
                         const size_t *order, mlp_Tensor **x, mlp_Tensor **y) {
  size_t shape[] = { n, PIXELS };
  mlpi_Stream r = mlpi_sample_stream(rt, o, MLPI_POINTS);
  mlp_Status s = mlpi_tensor_new(rt, MLP_FLOAT32, 2, shape, x);
  if (s == MLP_OK) s = mlpi_tensor_new(rt, MLP_INT64, 1, shape, y);
  for (size_t i = 0; s == MLP_OK && i < n; i++) {
    image(&r, order[i], o->value[JITTER].number, o->value[NOISE].number,
          (float *)(*x)->a.data + i * PIXELS);
    ((int64_t *)(*y)->a.data)[i] = (int64_t)(order[i] % 10 + 1);
    if (i % 1000 == 0) s = mlpi_check_cancel(rt);
  }
  return s;
}

static mlp_Status make (mlp_Runtime *rt, const mlp_Object *o,
                        mlp_Dataset **out) {
  static const char *const names[] = { "0", "1", "2", "3", "4",
                                       "5", "6", "7", "8", "9" };
  size_t n = (size_t)o->value[MLPI_N].number;
  mlp_Tensor *x = NULL, *y = NULL;
  *out = NULL;
  size_t *order = mlpi_calloc(rt, n, sizeof *order);
  if (order == NULL) return MLP_ENOMEM;
  mlpi_Stream r = mlpi_sample_stream(rt, o, MLPI_ORDER);
  mlpi_permutation(&r, n, order);
  mlp_Status s = pages(rt, o, n, order, &x, &y);
  mlpi_free(rt, order, n * sizeof *order);
  if (s == MLP_OK) s = mlpi_dataset_new(rt, "digits", x, y, 10, out);
  if (s == MLP_OK) s = mlpi_dataset_name_classes(*out, 10, names);
  mlpi_tensor_release(x);
  mlpi_tensor_release(y);
  if (s == MLP_OK) return MLP_OK;
  mlpi_dataset_release(*out);
  *out = NULL;
  return s;
}

const mlp_Generator mlp_dataset_digits = {
  .name = "digits",
  .doc = "Drawn images of handwritten digits, x (n, 784) of 28 by 28 pixels "
         "in 0..1, float32, rows first: class 1 is the digit \"0\".",
  .cite = "after LeCun, Bottou, Bengio & Haffner 1998, Proc. IEEE 86 (MNIST)",
  .options = {
    { "n", 6000, 10, 1e8, "images", MLP_INTEGER },
    { "seed", -1, -1, 0x1p53, "of the rows; -1: the run's", MLP_INTEGER },
    { "noise", 0, 0, 1, "largest change of a pixel" },
    { "jitter", 0.03, 0, 1, "how unsteady the hand is" },
  },
  .make = make,
};
