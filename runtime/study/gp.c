/*
** gp.c - Gaussian processes: Rasmussen & Williams 2006, chapters 2 and 5. The
** priors over the kernel's parameters are Optuna's (optuna/_gp/prior.py).
*/
#include "study/gp.h"
#include "base/fmath.h"
#include "study/bfgs.h"
#include "study/normal.h"

#include <math.h>
#include <string.h>

enum {
  FIRST_FIT = 10,  /* points before the parameters are fitted */
  OFTEN = 60,      /* up to which they are fitted at every point */
  FIT_POINTS = 96, /* that a fit looks at, at most */
  FIT_CALLS = 24,  /* of the likelihood, from one start */
  FEW = 64,        /* points, up to which a fit has several starts */
  LEAST_LOG = -16, /* of a parameter */
  MANY = 600,      /* points, where the worse of the old are dropped */
  KEPT = 300,
  ROUGH = 96 /* points for a rough deviation */
};

struct mlpi_Gp {
  mlp_Runtime *rt;
  size_t d, groups, n, real, size; /* n: with those imagined */
  unsigned char *group;
  double *x, *y, *L; /* (n, d), (n); packed rows of the Cholesky factor */
  double *alpha, *k, *v, *w; /* (n) each */
  double *rough;             /* packed factor of some points */
  size_t chosen[ROUGH], nchosen;
  double parameters[MLPI_GP_GROUPS + 2];
  double mean, scale, best; /* of y: what the process sees is standardised */
  size_t seen, next_fit;
  bool ready;
};

size_t mlpi_gp_count (const mlpi_Gp *gp) { return gp->real; }
const double *mlpi_gp_parameters (const mlpi_Gp *gp) { return gp->parameters; }

/*
** Linear algebra: packed lower triangles, row i at i (i + 1) / 2
*/

static const double *row_of (const double *L, size_t i) {
  return L + i * (i + 1) / 2;
}

/* Four chains, so that the machine need not wait for each sum. */
static double dot (size_t n, const double *a, const double *b) {
  double s0 = 0, s1 = 0, s2 = 0, s3 = 0;
  size_t i = 0;
  for (; i + 4 <= n; i += 4) {
    s0 += a[i] * b[i];
    s1 += a[i + 1] * b[i + 1];
    s2 += a[i + 2] * b[i + 2];
    s3 += a[i + 3] * b[i + 3];
  }
  for (; i < n; i++) s0 += a[i] * b[i];
  return (s0 + s1) + (s2 + s3);
}

/* v = L^-1 b */
static void forward (size_t n, const double *L, const double *b, double *v) {
  for (size_t i = 0; i < n; i++) {
    const double *r = row_of(L, i);
    v[i] = (b[i] - dot(i, r, v)) / r[i];
  }
}

/* v = L^-T v */
static void backward (size_t n, const double *L, double *v) {
  for (size_t i = n; i-- > 0;) {
    const double *r = row_of(L, i);
    const double t = v[i] / r[i];
    v[i] = t;
    for (size_t j = 0; j < i; j++) v[j] -= r[j] * t;
  }
}

/* Row i of the factor, which holds K's row: above it all is done. */
static void factor_row (double *L, size_t i) {
  double *r = L + i * (i + 1) / 2;
  for (size_t j = 0; j < i; j++) {
    const double *c = row_of(L, j);
    r[j] = (r[j] - dot(j, r, c)) / c[j];
  }
  const double rest = r[i] - dot(i, r, r);
  r[i] = sqrt(rest > 1e-10 ? rest : 1e-10);
}

/*
** The kernel
*/

static double distance (const mlpi_Gp *gp, const double *a, const double *b) {
  double s = 0;
  for (size_t i = 0; i < gp->d; i++) {
    const double e = a[i] - b[i];
    s += gp->parameters[gp->group[i]] * e * e;
  }
  return s;
}

/* Matern 5/2 of a squared distance; *slope: its derivative by that. */
static double matern (double d2, double *slope) {
  const double r = sqrt(5 * d2), e = mlpi_exp(-r);
  if (slope != NULL) *slope = -5.0 / 6 * (1 + r) * e;
  return (1 + r + r * r / 3) * e;
}

static double variance (const mlpi_Gp *gp) {
  return gp->parameters[gp->groups];
}
static double noise (const mlpi_Gp *gp) {
  return gp->parameters[gp->groups + 1];
}

static const double *point (const mlpi_Gp *gp, size_t i) {
  return gp->x + i * gp->d;
}

static double covariance (const mlpi_Gp *gp, const double *a, const double *b) {
  return variance(gp) * matern(distance(gp, a, b), NULL);
}

/* An imagined point is exact: nothing more is to be learned there. */
static double noise_of (const mlpi_Gp *gp, size_t i) {
  return i < gp->real ? noise(gp) : 1e-6 * variance(gp);
}

static void append_row (mlpi_Gp *gp, size_t i) {
  double *r = gp->L + i * (i + 1) / 2;
  for (size_t j = 0; j < i; j++)
    r[j] = covariance(gp, point(gp, i), point(gp, j));
  r[i] = variance(gp) + noise_of(gp, i);
  factor_row(gp->L, i);
}

static void factor_all (mlpi_Gp *gp) {
  for (size_t i = 0; i < gp->n; i++) append_row(gp, i);
}

/*
** Making
*/

static void free_arrays (mlpi_Gp *gp) {
  const size_t n = gp->size;
  mlpi_free(gp->rt, gp->x, n * gp->d * sizeof *gp->x);
  mlpi_free(gp->rt, gp->L, n * (n + 1) / 2 * sizeof *gp->L);
  mlpi_free(gp->rt, gp->y, 5 * n * sizeof *gp->y);
}

/* Room for n points, those that are there kept. */
static mlp_Status reserve (mlpi_Gp *gp, size_t n) {
  if (n <= gp->size) return MLP_OK;
  const size_t size = gp->size == 0 ? 32 : 2 * gp->size;
  mlpi_Gp old = *gp;
  double *x = mlpi_alloc(gp->rt, size * gp->d * sizeof *x);
  double *L = mlpi_alloc(gp->rt, size * (size + 1) / 2 * sizeof *L);
  double *y = mlpi_alloc(gp->rt, 5 * size * sizeof *y);
  if (x == NULL || L == NULL || y == NULL) {
    mlpi_free(gp->rt, x, size * gp->d * sizeof *x);
    mlpi_free(gp->rt, L, size * (size + 1) / 2 * sizeof *L);
    mlpi_free(gp->rt, y, 5 * size * sizeof *y);
    return MLP_ENOMEM;
  }
  if (gp->n > 0) {
    memcpy(x, gp->x, gp->n * gp->d * sizeof *x);
    memcpy(L, gp->L, gp->n * (gp->n + 1) / 2 * sizeof *L);
    memcpy(y, gp->y, gp->n * sizeof *y);
  }
  free_arrays(&old);
  gp->x = x;
  gp->L = L;
  gp->y = y;
  gp->alpha = y + size;
  gp->k = y + 2 * size;
  gp->v = y + 3 * size;
  gp->w = y + 4 * size;
  gp->size = size;
  return MLP_OK;
}

mlp_Status mlpi_gp_new (mlp_Runtime *rt, size_t d, const unsigned char *groups,
                        mlpi_Gp **out) {
  *out = NULL;
  mlpi_Gp *gp = mlpi_calloc(rt, 1, sizeof *gp);
  if (gp == NULL) return MLP_ENOMEM;
  *gp = (mlpi_Gp){ .rt = rt, .d = d, .next_fit = FIRST_FIT };
  gp->group = mlpi_alloc(rt, d);
  gp->rough = mlpi_alloc(rt, ROUGH * (ROUGH + 1) / 2 * sizeof *gp->rough);
  if (gp->group == NULL || gp->rough == NULL || reserve(gp, 1) != MLP_OK) {
    mlpi_gp_release(gp);
    return MLP_ENOMEM;
  }
  memcpy(gp->group, groups, d);
  for (size_t i = 0; i < d; i++)
    if (groups[i] + 1u > gp->groups) gp->groups = groups[i] + 1u;
  for (size_t g = 0; g < gp->groups; g++) gp->parameters[g] = 1;
  gp->parameters[gp->groups] = 1;
  gp->parameters[gp->groups + 1] = 0.01;
  *out = gp;
  return MLP_OK;
}

void mlpi_gp_release (mlpi_Gp *gp) {
  if (gp == NULL) return;
  free_arrays(gp);
  mlpi_free(gp->rt, gp->group, gp->group == NULL ? 0 : gp->d);
  mlpi_free(gp->rt, gp->rough,
            gp->rough == NULL ? 0 : ROUGH * (ROUGH + 1) / 2 * sizeof(double));
  mlpi_free(gp->rt, gp, sizeof *gp);
}

/*
** Fitting the kernel's parameters
*/

/* How many of the values are less than value i (equals: by place)? */
static size_t rank_of (const mlpi_Gp *gp, size_t i) {
  size_t rank = 0;
  for (size_t j = 0; j < gp->real; j++)
    rank += gp->y[j] < gp->y[i] || (gp->y[j] == gp->y[i] && j < i);
  return rank;
}

/* Points for something that cannot look at all: half of them the best, half
** the last. */
static size_t choose (const mlpi_Gp *gp, size_t most, size_t *chosen) {
  size_t n = 0;
  if (gp->real <= most) {
    for (size_t i = 0; i < gp->real; i++) chosen[n++] = i;
    return n;
  }
  for (size_t i = 0; i < gp->real - most / 2 && n < most / 2; i++)
    if (rank_of(gp, i) < most / 2) chosen[n++] = i;
  for (size_t i = gp->real - (most - n); i < gp->real; i++) chosen[n++] = i;
  return n;
}

typedef struct Fit {
  mlpi_Gp *gp;
  size_t m, chosen[FIT_POINTS];
  double *L, *inverse; /* packed; (m, m) */
  double y[FIT_POINTS], alpha[FIT_POINTS];
} Fit;

/* inverse = (L L^T)^-1, column by column. */
static void invert (Fit *f) {
  const size_t m = f->m;
  for (size_t c = 0; c < m; c++) {
    double *v = f->inverse + c * m;
    memset(v, 0, m * sizeof *v);
    for (size_t i = c; i < m; i++) {
      const double *r = row_of(f->L, i);
      v[i] = ((i == c) - dot(i - c, r + c, v + c)) / r[i];
    }
    backward(m, f->L, v);
  }
}

/* Priors over weights (1/length^2), variance and noise, as a loss of their
** logarithms. */
static double prior (const mlpi_Gp *gp, double *gradient) {
  const double *p = gp->parameters;
  double loss = 0;
  for (size_t g = 0; g < gp->groups; g++) {
    loss += 0.1 / p[g] + 0.1 * p[g];
    gradient[g] += -0.1 / p[g] + 0.1 * p[g];
  }
  const double s = variance(gp), e = noise(gp);
  loss += s - mlpi_ln(s);
  gradient[gp->groups] += s - 1;
  loss += 30 * e - 0.1 * mlpi_ln(e);
  gradient[gp->groups + 1] += 30 * e - 0.1;
  return loss;
}

/* What one pair of points adds to the gradient of the likelihood. */
static void add_pair (const Fit *f, size_t i, size_t j, double weight,
                      double *gradient) {
  const mlpi_Gp *gp = f->gp;
  const double *a = point(gp, f->chosen[i]), *b = point(gp, f->chosen[j]);
  double slope, k = matern(distance(gp, a, b), &slope);
  gradient[gp->groups] += weight * variance(gp) * k;
  for (size_t c = 0; c < gp->d; c++) {
    const double e = a[c] - b[c];
    const unsigned char g = gp->group[c];
    gradient[g] += weight * variance(gp) * slope * gp->parameters[g] * e * e;
  }
}

/* Minus the logarithm of the posterior of the parameters' logarithms. */
static double likelihood (void *ud, const double *logs, double *gradient) {
  Fit *f = ud;
  mlpi_Gp *gp = f->gp;
  const size_t m = f->m;
  double loss = 0;
  for (size_t i = 0; i < gp->groups + 2; i++) {
    gp->parameters[i] = mlpi_exp(logs[i]);
    gradient[i] = 0;
  }
  for (size_t i = 0; i < m; i++) {
    double *r = f->L + i * (i + 1) / 2;
    for (size_t j = 0; j < i; j++)
      r[j] = covariance(gp, point(gp, f->chosen[i]), point(gp, f->chosen[j]));
    r[i] = variance(gp) + noise(gp);
    factor_row(f->L, i);
    loss += mlpi_ln(r[i]);
  }
  forward(m, f->L, f->y, f->alpha);
  loss += dot(m, f->alpha, f->alpha) / 2;
  backward(m, f->L, f->alpha);
  invert(f);
  for (size_t i = 0; i < m; i++) {
    const double own = f->inverse[i * m + i] - f->alpha[i] * f->alpha[i];
    gradient[gp->groups] += own / 2 * variance(gp);
    gradient[gp->groups + 1] += own / 2 * noise(gp);
    for (size_t j = 0; j < i; j++)
      add_pair(f, i, j, f->inverse[i * m + j] - f->alpha[i] * f->alpha[j],
               gradient);
  }
  return loss + prior(gp, gradient);
}

/* Mean and deviation of the values. */
static void standardise (mlpi_Gp *gp) {
  double s = 0, s2 = 0;
  for (size_t i = 0; i < gp->real; i++) s += gp->y[i];
  gp->mean = s / (double)gp->real;
  for (size_t i = 0; i < gp->real; i++)
    s2 += (gp->y[i] - gp->mean) * (gp->y[i] - gp->mean);
  gp->scale = sqrt(s2 / (double)gp->real);
  if (!(gp->scale > 1e-300)) gp->scale = 1;
}

/* From where the last fit ended; while there are few points, also from where
** lengths are short and there is little noise: the likelihood has several
** hills, and the last fit may stand on a lower one. */
static void search_parameters (Fit *f, double *work) {
  mlpi_Gp *gp = f->gp;
  const size_t n = gp->groups + 2;
  double logs[MLPI_GP_GROUPS + 2], other[MLPI_GP_GROUPS + 2];
  for (size_t i = 0; i < n; i++) logs[i] = mlpi_ln(gp->parameters[i]);
  double best =
      mlpi_bfgs(n, logs, LEAST_LOG, 7, FIT_CALLS, likelihood, f, work);
  for (int start = 0; start < 2 && f->m <= FEW; start++) {
    for (size_t g = 0; g < gp->groups; g++) other[g] = start == 0 ? 2 : 5;
    other[gp->groups] = 0;
    other[gp->groups + 1] = -5;
    double next =
        mlpi_bfgs(n, other, LEAST_LOG, 7, FIT_CALLS, likelihood, f, work);
    if (next >= best) continue;
    best = next;
    memcpy(logs, other, n * sizeof *logs);
  }
  for (size_t i = 0; i < n; i++) gp->parameters[i] = mlpi_exp(logs[i]);
}

static mlp_Status fit (mlpi_Gp *gp) {
  Fit f = { .gp = gp };
  f.m = choose(gp, FIT_POINTS, f.chosen);
  const size_t p = gp->groups + 2, triangle = f.m * (f.m + 1) / 2;
  const size_t bytes = (triangle + f.m * f.m + p * (p + 6)) * sizeof(double);
  double *work = mlpi_alloc(gp->rt, bytes);
  if (work == NULL) return MLP_ENOMEM;
  f.L = work;
  f.inverse = work + triangle;
  standardise(gp);
  for (size_t i = 0; i < f.m; i++)
    f.y[i] = (gp->y[f.chosen[i]] - gp->mean) / gp->scale;
  search_parameters(&f, f.inverse + f.m * f.m);
  mlpi_free(gp->rt, work, bytes);
  return MLP_OK;
}

/*
** Points
*/

/* Keep the best of the old half and all of the new one. */
static void thin_out (mlpi_Gp *gp) {
  size_t chosen[KEPT], n = choose(gp, KEPT, chosen);
  for (size_t i = 0; i < n; i++) {
    memmove(gp->x + i * gp->d, point(gp, chosen[i]), gp->d * sizeof *gp->x);
    gp->y[i] = gp->y[chosen[i]];
  }
  gp->n = gp->real = n;
}

mlp_Status mlpi_gp_add (mlpi_Gp *gp, const double *x, double y) {
  mlpi_gp_forget(gp);
  gp->ready = false;
  if (reserve(gp, gp->n + 1) != MLP_OK) return MLP_ENOMEM;
  memcpy(gp->x + gp->n * gp->d, x, gp->d * sizeof *x);
  gp->y[gp->n] = y;
  gp->n++;
  gp->real++;
  gp->seen++;
  bool anew = gp->real >= MANY;
  if (anew) thin_out(gp);
  if (gp->seen == gp->next_fit) {
    mlp_Status status = fit(gp);
    if (status != MLP_OK) return status;
    gp->next_fit += gp->next_fit < OFTEN ? 1 : gp->next_fit / 10;
    anew = true;
  }
  if (anew)
    factor_all(gp);
  else
    append_row(gp, gp->n - 1);
  return MLP_OK;
}

mlp_Status mlpi_gp_imagine (mlpi_Gp *gp, const double *x) {
  double mean = 0, sd;
  if (gp->real > 0) {
    if (!gp->ready && mlpi_gp_prepare(gp) != MLP_OK) return MLP_ENOMEM;
    mlpi_gp_predict(gp, x, &mean, &sd);
  }
  if (reserve(gp, gp->n + 1) != MLP_OK) return MLP_ENOMEM;
  memcpy(gp->x + gp->n * gp->d, x, gp->d * sizeof *x);
  gp->y[gp->n] = mean;
  append_row(gp, gp->n);
  gp->n++;
  gp->ready = false;
  return MLP_OK;
}

void mlpi_gp_forget (mlpi_Gp *gp) {
  if (gp->n != gp->real) gp->ready = false;
  gp->n = gp->real;
}

/*
** Prediction
*/

static void prepare_rough (mlpi_Gp *gp) {
  gp->nchosen = choose(gp, ROUGH, gp->chosen);
  for (size_t i = 0; i < gp->nchosen; i++) {
    double *r = gp->rough + i * (i + 1) / 2;
    for (size_t j = 0; j < i; j++)
      r[j] = covariance(gp, point(gp, gp->chosen[i]), point(gp, gp->chosen[j]));
    r[i] = variance(gp) + noise(gp);
    factor_row(gp->rough, i);
  }
}

/* out = squared distances of x from all points. */
static void all_distances (const mlpi_Gp *gp, const double *x, double *out) {
  const size_t d = gp->d;
  double weights[256];
  for (size_t j = 0; j < d; j++) weights[j] = gp->parameters[gp->group[j]];
  for (size_t i = 0; i < gp->n; i++) {
    const double *p = point(gp, i);
    double s = 0;
    for (size_t j = 0; j < d; j++)
      s += weights[j] * (x[j] - p[j]) * (x[j] - p[j]);
    out[i] = s;
  }
}

/* k = covariances of x with all points; the standardised mean at x. */
static double mean_at (mlpi_Gp *gp, const double *x) {
  all_distances(gp, x, gp->k);
  for (size_t i = 0; i < gp->n; i++)
    gp->k[i] = variance(gp) * matern(gp->k[i], NULL);
  return dot(gp->n, gp->k, gp->alpha);
}

mlp_Status mlpi_gp_prepare (mlpi_Gp *gp) {
  if (gp->ready || gp->n == 0) return MLP_OK;
  standardise(gp);
  for (size_t i = 0; i < gp->n; i++)
    gp->w[i] = (gp->y[i] - gp->mean) / gp->scale;
  forward(gp->n, gp->L, gp->w, gp->alpha);
  backward(gp->n, gp->L, gp->alpha);
  prepare_rough(gp);
  gp->best = HUGE_VAL;
  for (size_t i = 0; i < gp->n; i++)
    if (gp->w[i] < gp->best) gp->best = gp->w[i];
  gp->ready = true;
  return MLP_OK;
}

static double deviation (const mlpi_Gp *gp, double explained) {
  const double s2 = variance(gp) - explained;
  return sqrt(s2 > 1e-12 ? s2 : 1e-12);
}

void mlpi_gp_predict (mlpi_Gp *gp, const double *x, double *mean, double *sd) {
  *mean = gp->mean + gp->scale * mean_at(gp, x);
  forward(gp->n, gp->L, gp->k, gp->v);
  *sd = gp->scale * deviation(gp, dot(gp->n, gp->v, gp->v));
}

double mlpi_gp_log_ei_rough (mlpi_Gp *gp, const double *x) {
  const double mean = mean_at(gp, x);
  double few[ROUGH];
  for (size_t i = 0; i < gp->nchosen; i++) few[i] = gp->k[gp->chosen[i]];
  forward(gp->nchosen, gp->rough, few, gp->v);
  const double sd = deviation(gp, dot(gp->nchosen, gp->v, gp->v));
  return mlpi_log_improvement((gp->best - mean) / sd, NULL) + mlpi_ln(sd);
}

/* d/dx of log EI by way of mean and deviation; gp->v holds K^-1 k. */
static void gradient_at (const mlpi_Gp *gp, const double *x, double by_mean,
                         double by_variance, double *gradient) {
  memset(gradient, 0, gp->d * sizeof *gradient);
  for (size_t i = 0; i < gp->n; i++) {
    const double *p = point(gp, i);
    double slope;
    matern(distance(gp, x, p), &slope);
    const double by_k = by_mean * gp->alpha[i] - 2 * by_variance * gp->v[i];
    const double c = 2 * variance(gp) * slope * by_k;
    for (size_t j = 0; j < gp->d; j++)
      gradient[j] += c * gp->parameters[gp->group[j]] * (x[j] - p[j]);
  }
}

double mlpi_gp_log_ei (mlpi_Gp *gp, const double *x, double *gradient) {
  const double mean = mean_at(gp, x);
  forward(gp->n, gp->L, gp->k, gp->v);
  const double sd = deviation(gp, dot(gp->n, gp->v, gp->v));
  const double z = (gp->best - mean) / sd;
  double by_z;
  const double value = mlpi_log_improvement(z, &by_z) + mlpi_ln(sd);
  if (gradient == NULL) return value;
  backward(gp->n, gp->L, gp->v);
  const double by_sd = (1 - z * by_z) / sd;
  gradient_at(gp, x, -by_z / sd, by_sd / (2 * sd), gradient);
  return value;
}

const double *mlpi_gp_best (const mlpi_Gp *gp, size_t rank) {
  for (size_t i = 0; i < gp->real; i++)
    if (rank_of(gp, i) == rank) return point(gp, i);
  return NULL;
}
