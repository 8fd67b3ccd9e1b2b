/*
** lbfgs.c - limited-memory BFGS. A step is a direction by the pairs of the last
** steps and a search along it, which looks at the loss of the same batch at
** other weights: meant for batch_size = 'all'.
** Nocedal & Wright, "Numerical Optimization", 2nd ed. 2006: algorithms 7.4 and
** 7.5 (two loops), 3.5 and 3.6 (search, zoom) with c1 = 1e-4 and c2 = 0.9.
** Without a search the steps are those of PyTorch's LBFGS.
*/
#include "optimizer/optimizer.h"

#include <string.h>

/* order of '.options' below */
enum { LEARNING_RATE, HISTORY_SIZE, LINE_SEARCH, LINE_STEPS, TOLERANCE };
enum { STRONG_WOLFE, NONE };
enum { HISTORY_MOST = 100 };

static const double C1 = 1e-4, C2 = 0.9;

/* The slots: history_size steps s and as many changes of the gradient y, the
** newest last, zero where there is none yet; then x, the weights that a step
** starts from, their gradient, and the direction. */
static int slots (const double *opt) { return 2 * (int)opt[HISTORY_SIZE] + 3; }

/* A point along the line: how far, the loss there, and how it rises. */
typedef struct Point {
  double t, loss, slope;
} Point;

typedef struct Search {
  const double *opt;
  mlpi_Objective *f;
  size_t n, stride, m;
  REAL *s, *y, *x, *g, *d; /* see 'slots' */
  Point start;
  double at; /* the t of the last look */
  int left;  /* looks */
} Search;

static double dot (size_t n, const REAL *a, const REAL *b) {
  double lane[MLPI_LANES] = { 0 };
  const size_t whole = n - n % MLPI_LANES;
  for (size_t i = 0; i < whole; i += MLPI_LANES)
    for (size_t j = 0; j < MLPI_LANES; j++)
      lane[j] += (double)a[i + j] * (double)b[i + j];
  for (size_t i = whole; i < n; i++)
    lane[i - whole] += (double)a[i] * (double)b[i];
  for (size_t half = MLPI_LANES / 2; half > 0; half /= 2)
    for (size_t j = 0; j < half; j++) lane[j] += lane[j + half];
  return lane[0];
}

static void add_scaled (size_t n, double a, const REAL *x, REAL *y) {
  for (size_t i = 0; i < n; i++) y[i] += (REAL)a * x[i];
}

static double largest (size_t n, const REAL *x) {
  double most = 0;
  for (size_t i = 0; i < n; i++)
    if (!(FABS(x[i]) <= (REAL)most)) most = (double)FABS(x[i]);
  return most;
}

static double sum_of_sizes (size_t n, const REAL *x) {
  double sum = 0;
  for (size_t i = 0; i < n; i++) sum += (double)FABS(x[i]);
  return sum;
}

static bool is_finite (double x) { return x - x == 0; }

/* d = -H g by the pairs, from the newest back and forth again. Returns how many
** there are. */
static size_t direct (Search *k) {
  double alpha[HISTORY_MOST], rho[HISTORY_MOST], scale = 1;
  size_t n = k->n, first = k->m;
  for (size_t i = 0; i < n; i++) k->d[i] = -k->g[i];
  while (first > 0) {
    const REAL *s = k->s + (first - 1) * k->stride;
    const REAL *y = k->y + (first - 1) * k->stride;
    const double sy = dot(n, s, y);
    if (!(sy > 0)) break;
    first--;
    if (first == k->m - 1) scale = sy / dot(n, y, y);
    rho[first] = 1 / sy;
    alpha[first] = rho[first] * dot(n, s, k->d);
    add_scaled(n, -alpha[first], y, k->d);
  }
  for (size_t i = 0; i < n; i++) k->d[i] *= (REAL)scale;
  for (size_t i = first; i < k->m; i++) {
    const double beta = rho[i] * dot(n, k->y + i * k->stride, k->d);
    add_scaled(n, alpha[i] - beta, k->s + i * k->stride, k->d);
  }
  return k->m - first;
}

/* Loss and gradient at x + t d. A loss or slope that is no number counts as
** infinite: outside of the function's domain. */
static mlp_Status look (Search *k, double t, Point *p) {
  mlp_Status s = k->f->look(k->f->ud, k->x, k->d, t, &p->loss);
  k->left--;
  k->at = p->t = t;
  if (s == MLP_OK && is_finite(p->loss)) p->slope = dot(k->n, k->f->g, k->d);
  if (s == MLP_OK && !(is_finite(p->loss) && is_finite(p->slope)))
    p->loss = HUGE_VAL, p->slope = 0;
  return s;
}

static bool is_enough (const Search *k, const Point *p) {
  return p->loss <= k->start.loss + C1 * p->t * k->start.slope;
}

static bool is_flat (const Search *k, const Point *p) {
  return __builtin_fabs(p->slope) <= -C2 * k->start.slope;
}

/* The minimiser of the cubic through two points with slopes (equation 3.59),
** kept inside their middle nine tenths. */
static double cubic (const Point *a, const Point *b) {
  const double low = a->t < b->t ? a->t : b->t, size = a->t + b->t - 2 * low;
  const double d1 =
      a->slope + b->slope - 3 * (a->loss - b->loss) / (a->t - b->t);
  const double square = d1 * d1 - a->slope * b->slope, margin = 0.05 * size;
  double t = low + size / 2;
  if (square >= 0) {
    const double d2 = (b->t > a->t ? 1 : -1) * __builtin_sqrt(square);
    const double guess =
        b->t -
        (b->t - a->t) * ((b->slope + d2 - d1) / (b->slope - a->slope + 2 * d2));
    if (is_finite(guess)) t = guess;
  }
  if (t < low + margin) return low + margin;
  return t > low + size - margin ? low + size - margin : t;
}

/* Between a, the better end, and b there is a step that will do: into *a. */
static mlp_Status zoom (Search *k, Point *a, Point b) {
  const double size = largest(k->n, k->d);
  while (k->left > 0 && __builtin_fabs(b.t - a->t) * size >= 1e-15) {
    Point p;
    mlp_Status s = look(k, cubic(a, &b), &p);
    if (s != MLP_OK) return s;
    if (!is_enough(k, &p) || p.loss >= a->loss) {
      b = p;
      continue;
    }
    if (p.slope * (b.t - a->t) >= 0) b = *a;
    *a = p;
    if (is_flat(k, &p)) break;
  }
  return MLP_OK;
}

/* From t on: *best is a step that meets the strong Wolfe conditions, or the
** best that was found, or where none was, the start. */
static mlp_Status search (Search *k, double t, Point *best) {
  *best = k->start;
  while (k->left > 0) {
    Point p;
    mlp_Status s = look(k, t, &p);
    if (s != MLP_OK) return s;
    if (p.loss == HUGE_VAL) {
      t = (best->t + t) / 2;
      continue;
    }
    if (!is_enough(k, &p) || (best->t > 0 && p.loss >= best->loss))
      return zoom(k, best, p);
    const Point before = *best;
    *best = p;
    if (is_flat(k, &p)) return MLP_OK;
    if (p.slope >= 0) return zoom(k, best, before);
    t *= 2;
  }
  return MLP_OK;
}

/* No search: that step, halved while the loss there is no number. */
static mlp_Status stride_on (Search *k, double t, Point *best) {
  mlp_Status s = look(k, t, best);
  while (s == MLP_OK && best->loss == HUGE_VAL && k->left > 0)
    s = look(k, t /= 2, best);
  if (best->loss == HUGE_VAL) *best = k->start;
  return s;
}

/* Along the direction by the pairs; *t is 0 where nothing is gained. */
static mlp_Status advance (Search *k, bool with_pairs, double *t) {
  const double lr = k->opt[LEARNING_RATE];
  size_t n_pairs = 0;
  Point best;
  *t = 0;
  if (!with_pairs) memset(k->s, 0, k->m * k->stride * sizeof *k->s);
  n_pairs = direct(k);
  k->start.slope = dot(k->n, k->g, k->d);
  if (!(k->start.slope < 0)) return MLP_OK;
  k->left = (int)k->opt[LINE_STEPS];
  const double size = sum_of_sizes(k->n, k->g);
  const double first = n_pairs > 0 || size <= 1 ? lr : lr / size;
  mlp_Status s = k->opt[LINE_SEARCH] == NONE ? stride_on(k, first, &best)
                                             : search(k, first, &best);
  if (s == MLP_OK) *t = best.t;
  return s;
}

/* Keep the step t d and the change of the gradient, if it curves upwards. */
static void remember (Search *k, double t) {
  const REAL *g = k->f->g;
  REAL *s = k->d, *y = k->g;
  const size_t n = k->n, bytes = (k->m - 1) * k->stride * sizeof *k->s;
  for (size_t i = 0; i < n; i++) {
    s[i] *= (REAL)t;
    y[i] = g[i] - y[i];
  }
  if (!(dot(n, s, y) > 1e-10 * dot(n, y, y))) return;
  memmove(k->s, k->s + k->stride, bytes);
  memmove(k->y, k->y + k->stride, bytes);
  memcpy(k->s + (k->m - 1) * k->stride, s, n * sizeof *s);
  memcpy(k->y + (k->m - 1) * k->stride, y, n * sizeof *y);
}

static mlp_Status descend (const double *opt, mlpi_Objective *f, void *state,
                           size_t stride) {
  const size_t m = (size_t)opt[HISTORY_SIZE];
  REAL *s = state, *y = s + m * stride, *x = y + m * stride;
  Search k = { .opt = opt,
               .f = f,
               .n = f->n,
               .stride = stride,
               .m = m,
               .s = s,
               .y = y,
               .x = x,
               .g = x + stride,
               .d = x + 2 * stride,
               .start = { .loss = f->loss } };
  double t = 0;
  mlp_Status status = MLP_OK;
  f->stalled = largest(k.n, f->g) <= opt[TOLERANCE];
  if (f->stalled) return MLP_OK;
  f->read(f->ud, k.x);
  memcpy(k.g, f->g, k.n * sizeof *k.g);
  status = advance(&k, true, &t);
  if (status == MLP_OK && t == 0) status = advance(&k, false, &t);
  if (status == MLP_OK && t != k.at) {
    double loss;
    status = f->look(f->ud, k.x, k.d, t, &loss);
  }
  f->stalled = t == 0;
  if (status == MLP_OK && t != 0) remember(&k, t);
  return status;
}

const mlp_Optimizer mlp_optimizer_lbfgs = {
  .name = "lbfgs",
  .doc = "A quasi-Newton direction by the last steps, then a line search for "
         "the strong Wolfe conditions, which takes several looks at the loss: "
         "for small networks and batch_size = 'all'. What is logged is the "
         "loss that a step arrives at.",
  .cite = "Liu & Nocedal 1989, Math. Prog. 45; Nocedal & Wright 2006",
  .options = {
    { "learning_rate", 1, 0, 1e3, "step tried first" },
    { "history_size", 10, 1, HISTORY_MOST, "steps that are remembered",
      .type = MLP_INTEGER },
    { "line_search", .type = MLP_TEXT, .text = "strong_wolfe",
      .choices = "strong_wolfe none", .doc = "none: always that step" },
    { "line_steps", 25, 1, 1000, "looks at the loss in a search, at most",
      .type = MLP_INTEGER },
    { "tolerance_grad", 1e-7, 0, 1, "no step where no gradient is larger" },
  },
  .slots = slots,
  .descend = descend,
};
