/*
** bfgs.c - minimising a smooth function in a box.
*/
#include "study/bfgs.h"

#include <stdbool.h>
#include <string.h>

typedef struct Search {
  size_t n;
  double low, high;
  double *x, *g;      /* where we are, the gradient there */
  double *trial, *tg; /* where we look */
  double *direction, *y;
  double *h; /* approximation of the inverse Hessian */
} Search;

static double dot (size_t n, const double *a, const double *b) {
  double s = 0;
  for (size_t i = 0; i < n; i++) s += a[i] * b[i];
  return s;
}

static void reset (Search *s) {
  memset(s->h, 0, s->n * s->n * sizeof *s->h);
  for (size_t i = 0; i < s->n; i++) s->h[i * s->n + i] = 1;
}

/* Does coordinate i stand at a border and push outwards? */
static bool blocked (const Search *s, size_t i) {
  return (s->x[i] <= s->low && s->g[i] > 0) ||
         (s->x[i] >= s->high && s->g[i] < 0);
}

/* direction = -H g on the free coordinates; its slope. */
static double descend (Search *s) {
  for (size_t i = 0; i < s->n; i++) {
    double d = 0;
    for (size_t j = 0; j < s->n; j++)
      if (!blocked(s, j)) d -= s->h[i * s->n + j] * s->g[j];
    s->direction[i] = blocked(s, i) ? 0 : d;
  }
  return dot(s->n, s->direction, s->g);
}

static void step_to (Search *s, double t) {
  for (size_t i = 0; i < s->n; i++) {
    double v = s->x[i] + t * s->direction[i];
    s->trial[i] = v < s->low ? s->low : v > s->high ? s->high : v;
  }
}

/* H from the step just made and the change of the gradient. */
static void update (Search *s) {
  const size_t n = s->n;
  double *p = s->direction, *y = s->y;
  for (size_t i = 0; i < n; i++) {
    p[i] = s->trial[i] - s->x[i];
    y[i] = s->tg[i] - s->g[i];
  }
  const double py = dot(n, p, y);
  memcpy(s->x, s->trial, n * sizeof *s->x);
  memcpy(s->g, s->tg, n * sizeof *s->g);
  if (!(py > 1e-12)) return;
  double *hy = s->trial; /* free now */
  for (size_t i = 0; i < n; i++) hy[i] = dot(n, s->h + i * n, y);
  const double scale = (1 + dot(n, y, hy) / py) / py;
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < n; j++)
      s->h[i * n + j] +=
          scale * p[i] * p[j] - (hy[i] * p[j] + p[i] * hy[j]) / py;
}

double mlpi_bfgs (size_t n, double *x, double low, double high, int calls,
                  mlpi_Objective f, void *ud, double *work) {
  Search s = { .n = n, .low = low, .high = high, .x = x, .g = work };
  s.trial = work + n;
  s.tg = work + 2 * n;
  s.direction = work + 3 * n;
  s.y = work + 4 * n;
  s.h = work + 6 * n;
  reset(&s);
  double value = f(ud, x, s.g);
  bool fresh = true;
  for (calls--; calls > 0;) {
    double slope = descend(&s), t = 1, next = value;
    if (!(slope < -1e-10)) break;
    if (fresh) t = 0.2 / (1e-12 + (-slope > 0.04 ? 5 * -slope : 0.2));
    bool better = false;
    for (int k = 0; k < 8 && calls > 0 && !better; k++, t *= 0.3) {
      step_to(&s, t);
      next = f(ud, s.trial, s.tg);
      calls--;
      better = next <= value + 1e-4 * t * slope;
    }
    if (!better) {
      if (fresh) break;
      reset(&s);
      fresh = true;
      continue;
    }
    const double gain = value - next;
    value = next;
    update(&s);
    fresh = false;
    if (gain < 1e-9) break;
  }
  return value;
}
