/*
** tpe.c - tree-structured Parzen estimators.
** A density is a mixture: a kernel for each trial and one for the prior, each
** the product of its axes. Numbers have normal kernels cut off at the borders,
** of one width (of a single number: the distance to its neighbours);
** categories a share for every category and more for the trial's
** (optuna/samplers/_tpe/parzen_estimator.py). Of a discrete number the density
** in the middle of its share counts.
*/
#include "study/tpe.h"
#include "base/fmath.h"
#include "study/normal.h"

#include <math.h>
#include <string.h>

enum {
  FULL = 25, /* trials of full weight: older ones have less */
  CELLS = 64 /* of a table */
};

typedef struct Density {
  const mlpi_Axis *axes;
  size_t naxes, n; /* trials; kernel n is the prior */
  const double *u;
  double width, total, log_width;
  double inside[CELLS + 1]; /* log of a kernel's share in [0, 1], by centre */
  double *own; /* of a single number: width, its log with the share's, each */
} Density;

/* Older trials have less weight: from 1/n up to 1 for the last 25. */
static double weight (size_t n, size_t i) {
  if (n <= FULL || i == n || i + FULL >= n) return 1;
  if (n == FULL + 1) return 1 / (double)n;
  const double share = (double)i / (double)(n - FULL - 1);
  return 1 / (double)n + share * (1 - 1 / (double)n);
}

static double maximum (double a, double b) { return a > b ? a : b; }

static Density density_of (const mlpi_Axis *axes, size_t naxes,
                           mlpi_TpeGroup g) {
  Density d = { .axes = axes, .naxes = naxes, .n = g.n, .u = g.u };
  const double n = (double)(g.n > 0 ? g.n : 1);
  const double scott =
      0.2 * mlpi_exp(-mlpi_ln(n) / ((double)naxes + 4)); /* n^(-1/(d+4)) */
  const double least = 1 / (g.n + 1 < 100 ? (double)(g.n + 1) : 100);
  d.width = maximum(scott, least);
  d.log_width = mlpi_ln(d.width);
  for (int i = 0; i <= CELLS; i++) {
    const double m = (double)i / CELLS;
    d.inside[i] = mlpi_log_normal_between(-m / d.width, (1 - m) / d.width);
  }
  for (size_t i = 0; i <= g.n; i++) d.total += weight(g.n, i);
  return d;
}

/* Distance to the farther neighbour among centres and the prior's. */
static double gap (const Density *d, size_t k) {
  const double mu = d->u[k];
  double below = -1, above = 2;
  for (size_t j = 0; j <= d->n; j++) {
    const double other = j == d->n ? 0.5 : d->u[j];
    if (j == k) continue;
    if (other <= mu && (other < mu || j < k) && other > below) below = other;
    if (other >= mu && (other > mu || j > k) && other < above) above = other;
  }
  if (below < 0) return above - mu;
  if (above > 1) return mu - below;
  return maximum(mu - below, above - mu);
}

/* Widths of the kernels of a single number. */
static void own_widths (Density *d, double *own) {
  const double least = 1 / (d->n + 1 < 100 ? (double)(d->n + 1) : 100);
  for (size_t k = 0; k < d->n; k++) {
    const double mu = d->u[k], g = maximum(gap(d, k), least);
    const double sd = g > 1 ? 1 : g;
    own[2 * k] = sd;
    own[2 * k + 1] =
        mlpi_ln(sd) + mlpi_log_normal_between(-mu / sd, (1 - mu) / sd);
  }
  d->own = own;
}

/* Centre of kernel k on axis i; negative: as the prior. */
static double centre (const Density *d, size_t k, size_t i) {
  return k == d->n ? -1 : d->u[k * d->naxes + i];
}

static size_t slot (double u, size_t n) {
  const size_t i = (size_t)(u * (double)n);
  return i < n ? i : n - 1;
}

static double log_category (const Density *d, const mlpi_Axis *a, double mu,
                            double u) {
  const double share = 1 / (double)(d->n + 1); /* prior weight 1 over kernels */
  const double sum = share * (double)a->n + 1;
  if (mu < 0) return -mlpi_ln((double)a->n);
  return mlpi_ln((share + (slot(mu, a->n) == slot(u, a->n))) / sum);
}

/* Log density of a point on one axis; that of the prior is 0. */
static double log_axis (const Density *d, const mlpi_Axis *a, size_t k,
                        double mu, double u) {
  if (a->categorical) return log_category(d, a, mu, u);
  if (mu < 0) return 0;
  if (d->own != NULL) {
    const double e = (u - mu) / d->own[2 * k];
    return -e * e / 2 - d->own[2 * k + 1] - 0.91893853320467274178;
  }
  const double z = (u - mu) / d->width, cell = mu * CELLS;
  const int i = cell < CELLS ? (int)cell : CELLS - 1;
  const double all =
      d->inside[i] + (cell - i) * (d->inside[i + 1] - d->inside[i]);
  return -z * z / 2 - d->log_width - 0.91893853320467274178 - all;
}

static double log_kernel (const Density *d, size_t k, const double *u) {
  double s = 0;
  for (size_t i = 0; i < d->naxes; i++)
    s += log_axis(d, &d->axes[i], k, centre(d, k, i), u[i]);
  return s;
}

static double log_density (const Density *d, const double *u, double *each) {
  double top = -HUGE_VAL, sum = 0;
  for (size_t k = 0; k <= d->n; k++) {
    each[k] = log_kernel(d, k, u);
    top = maximum(top, each[k]);
  }
  for (size_t k = 0; k <= d->n; k++)
    if (each[k] > top - 40) sum += weight(d->n, k) * mlpi_exp(each[k] - top);
  return top + mlpi_ln(sum / d->total);
}

/* A number from the kernel, by rejection outside [0, 1). */
static double draw_number (const mlpi_Stream *s, uint64_t at, double mu,
                           double sd) {
  for (uint64_t k = 0; k < 32; k++) {
    const double u = mu + sd * mlpi_normal(s, at + k);
    if (u >= 0 && u < 1) return u;
  }
  return mu;
}

static double draw_category (const Density *d, const mlpi_Axis *a, double mu,
                             double r) {
  const double share = 1 / (double)(d->n + 1);
  double left = r * (share * (double)a->n + 1);
  if (left < 1) return mu;
  left = (left - 1) / share;
  return ((double)slot(left / (double)a->n, a->n) + 0.5) / (double)a->n;
}

/* Candidate c: a kernel by its weight, then each axis. */
static void draw (const Density *d, const mlpi_Stream *s, size_t c, double *u) {
  const uint64_t base = (uint64_t)c * (d->naxes + 1) * 64;
  double left = mlpi_uniform(s, base) * d->total;
  size_t k = 0;
  while (k < d->n && left >= weight(d->n, k)) left -= weight(d->n, k++);
  for (size_t i = 0; i < d->naxes; i++) {
    const uint64_t at = base + (i + 1) * 64;
    const double mu = centre(d, k, i);
    if (mu < 0)
      u[i] = mlpi_uniform(s, at);
    else if (d->axes[i].categorical)
      u[i] = draw_category(d, &d->axes[i], mu, mlpi_uniform(s, at));
    else
      u[i] = draw_number(s, at, mu, d->own ? d->own[2 * k] : d->width);
    const mlpi_Axis *a = &d->axes[i];
    if (a->n > 0) u[i] = ((double)slot(u[i], a->n) + 0.5) / (double)a->n;
  }
}

/* Move the best 'count' of the rows to the front. */
static void sort (size_t n, size_t naxes, size_t count, double *u,
                  double *value) {
  for (size_t i = 0; i < count; i++) {
    size_t top = i;
    for (size_t j = i + 1; j < n; j++)
      if (value[j] > value[top]) top = j;
    const double v = value[i];
    value[i] = value[top];
    value[top] = v;
    for (size_t k = 0; k < naxes; k++) {
      const double t = u[i * naxes + k];
      u[i * naxes + k] = u[top * naxes + k];
      u[top * naxes + k] = t;
    }
  }
}

mlp_Status mlpi_tpe (mlp_Runtime *rt, const mlpi_Axis *axes, size_t naxes,
                     mlpi_TpeGroup good, mlpi_TpeGroup bad, size_t candidates,
                     const mlpi_Stream *stream, size_t count, double *out) {
  Density l = density_of(axes, naxes, good), g = density_of(axes, naxes, bad);
  const size_t kernels = (good.n > bad.n ? good.n : bad.n) + 1;
  const size_t bytes =
      (candidates * (naxes + 1) + 5 * kernels) * sizeof(double);
  double *u = mlpi_alloc(rt, bytes);
  if (u == NULL) return MLP_ENOMEM;
  double *value = u + candidates * naxes, *each = value + candidates;
  if (naxes == 1 && !axes[0].categorical) {
    own_widths(&l, each + kernels);
    own_widths(&g, each + 3 * kernels);
  }
  for (size_t c = 0; c < candidates; c++) {
    double *row = u + c * naxes;
    draw(&l, stream, c, row);
    value[c] = log_density(&l, row, each) - log_density(&g, row, each);
  }
  sort(candidates, naxes, count, u, value);
  memcpy(out, u, count * naxes * sizeof *out);
  mlpi_free(rt, u, bytes);
  return MLP_OK;
}
