/*
** acquire.c - maximising log EI: many Sobol' points and neighbours of the best
** trials, or all points of a small discrete space, judged roughly; then an
** exact local search from the best of those. In a discrete space points that
** the process knows already are no answer.
*/
#include "study/acquire.h"
#include "study/bfgs.h"
#include "study/sobol.h"

#include <math.h>
#include <string.h>

enum {
  SPREAD = 384, /* points all over; half of them where trials are many */
  NEAR = 24,    /* around each of the best trials; the same */
  MANY = 200,
  BEST = 4,
  ALL = 1024, /* points of a space that is looked through whole */
  STARTS = 5  /* of local searches */
};

typedef struct Search {
  mlpi_Gp *gp;
  const mlpi_Axis *axes;
  size_t naxes, d;
  const mlpi_Stream *stream;
  double *u, *value;        /* of candidates: (ALL, naxes), (ALL) */
  size_t *order;            /* best first */
  double *x, *point, *work; /* (d), (naxes), of bfgs */
  size_t spread, near;
  bool anew; /* known points are left out */
} Search;

_Static_assert(SPREAD + NEAR * BEST <= ALL, "room for all candidates");

static size_t slot (double u, size_t n) {
  const size_t i = (size_t)(u * (double)n);
  return i < n ? i : n - 1;
}

void mlpi_axes_encode (const mlpi_Axis *axes, size_t naxes, const double *u,
                       double *x) {
  for (size_t i = 0; i < naxes; i++) {
    const mlpi_Axis *a = &axes[i];
    if (a->categorical) {
      for (size_t k = 0; k < a->n; k++) x[a->first + k] = 0;
      x[a->first + slot(u[i], a->n)] = 1;
    } else if (a->n > 0)
      x[a->first] = ((double)slot(u[i], a->n) + 0.5) / (double)a->n;
    else
      x[a->first] = u[i];
  }
}

/* The other way: places on the axes of a point of the process. */
static void decode (const Search *s, const double *x, double *u) {
  for (size_t i = 0; i < s->naxes; i++) {
    const mlpi_Axis *a = &s->axes[i];
    u[i] = x[a->first];
    if (!a->categorical) continue;
    size_t top = 0;
    for (size_t k = 1; k < a->n; k++)
      if (x[a->first + k] > x[a->first + top]) top = k;
    u[i] = ((double)top + 0.5) / (double)a->n;
  }
}

static double inside (double u) {
  return u < 0 ? 0 : u > 1 - 1e-12 ? 1 - 1e-12 : u;
}

static void spread (Search *s) {
  for (size_t i = 0; i < s->naxes; i++) {
    const double shift = mlpi_uniform(s->stream, i);
    for (size_t c = 0; c < s->spread; c++) {
      double u = i < MLPI_SOBOL_DIMS
                     ? mlpi_sobol((uint32_t)c, (int)i)
                     : mlpi_uniform(s->stream, 4096 + c * s->naxes + i);
      u += shift;
      s->u[c * s->naxes + i] = u >= 1 ? u - 1 : u;
    }
  }
}

/* Neighbours of a trial: steps of several lengths, now and then another
** category. */
static void surround (Search *s, const double *best, double *to, size_t rank) {
  static const double lengths[] = { 0.2, 0.05, 0.01, 0.002 };
  double centre[MLPI_BFGS_MAX];
  decode(s, best, centre);
  for (size_t c = 0; c < s->near; c++)
    for (size_t i = 0; i < s->naxes; i++) {
      const uint64_t at = 1000000 + ((rank * NEAR + c) * s->naxes + i) * 2;
      const bool jump =
          s->axes[i].categorical && mlpi_uniform(s->stream, at) < 0.3;
      const double move = jump ? mlpi_uniform(s->stream, at + 1) - centre[i]
                          : s->axes[i].categorical
                              ? 0
                              : lengths[c % 4] * mlpi_normal(s->stream, at);
      to[c * s->naxes + i] = inside(centre[i] + move);
    }
}

/* The points of a discrete space; 0: there are more than ALL. */
static size_t count_points (const Search *s) {
  size_t n = 1;
  for (size_t i = 0; i < s->naxes && n > 0; i++)
    n = s->axes[i].n <= ALL / n ? n * s->axes[i].n : 0;
  return n;
}

static void take_all (Search *s, size_t points) {
  for (size_t c = 0; c < points; c++)
    for (size_t i = 0, left = c; i < s->naxes; i++) {
      const size_t n = s->axes[i].n;
      s->u[c * s->naxes + i] = ((double)(left % n) + 0.5) / (double)n;
      left /= n;
    }
}

static size_t propose (Search *s) {
  size_t n = count_points(s);
  if (n > 0) {
    take_all(s, n);
    return n;
  }
  n = s->spread;
  spread(s);
  for (size_t rank = 0; rank < BEST; rank++) {
    const double *best = mlpi_gp_best(s->gp, rank);
    if (best == NULL) break;
    surround(s, best, s->u + n * s->naxes, rank);
    n += s->near;
  }
  return n;
}

/* Set s->x; is that no answer? */
static bool is_known (Search *s, const double *u) {
  mlpi_axes_encode(s->axes, s->naxes, u, s->x);
  return s->anew && mlpi_gp_knows(s->gp, s->x);
}

static size_t fill (Search *s) {
  const size_t n = propose(s);
  for (size_t c = 0; c < n; c++)
    s->value[c] = is_known(s, s->u + c * s->naxes)
                      ? -HUGE_VAL
                      : mlpi_gp_log_ei_rough(s->gp, s->x);
  return n;
}

/* The first 'most' of order[], best first; equals by place. */
static void sort (Search *s, size_t n, size_t most) {
  for (size_t i = 0; i < n; i++) s->order[i] = i;
  for (size_t i = 0; i < most && i < n; i++) {
    size_t top = i;
    for (size_t j = i + 1; j < n; j++) {
      const double a = s->value[s->order[j]], b = s->value[s->order[top]];
      if (a > b || (a == b && s->order[j] < s->order[top])) top = j;
    }
    const size_t t = s->order[i];
    s->order[i] = s->order[top];
    s->order[top] = t;
  }
}

/*
** Local search
*/

static double exact (Search *s, const double *u, double *gradient) {
  if (is_known(s, u)) return -HUGE_VAL;
  return mlpi_gp_log_ei(s->gp, s->x, gradient);
}

/* Minus log EI over the continuous axes, for bfgs. */
static double downhill (void *ud, const double *free, double *gradient) {
  Search *s = ud;
  double all[MLPI_BFGS_MAX * 2];
  size_t k = 0;
  for (size_t i = 0; i < s->naxes; i++)
    if (s->axes[i].n == 0) s->point[i] = free[k++];
  const double v = exact(s, s->point, all);
  k = 0;
  for (size_t i = 0; i < s->naxes; i++)
    if (s->axes[i].n == 0) gradient[k++] = -all[s->axes[i].first];
  return -v;
}

static void smooth_moves (Search *s, double *u, int calls) {
  double free[MLPI_BFGS_MAX];
  size_t k = 0;
  memcpy(s->point, u, s->naxes * sizeof *u);
  for (size_t i = 0; i < s->naxes; i++)
    if (s->axes[i].n == 0) free[k++] = u[i];
  if (k == 0) return;
  mlpi_bfgs(k, free, 0, 1, calls, downhill, s, s->work);
  k = 0;
  for (size_t i = 0; i < s->naxes; i++)
    if (s->axes[i].n == 0) u[i] = inside(free[k++]);
}

/* Other categories, neighbouring values: take what is better. */
static double discrete_moves (Search *s, double *u, double value) {
  for (size_t i = 0; i < s->naxes; i++) {
    const mlpi_Axis *a = &s->axes[i];
    if (a->n == 0) continue;
    const size_t here = slot(u[i], a->n), reach = a->categorical ? a->n : 1;
    double best = u[i];
    for (size_t k = here < reach ? 0 : here - reach;
         k <= here + reach && k < a->n; k++) {
      if (k == here) continue;
      u[i] = ((double)k + 0.5) / (double)a->n;
      const double v = exact(s, u, NULL);
      if (v > value) {
        value = v;
        best = u[i];
      }
    }
    u[i] = best;
  }
  return value;
}

/* How often a local search may look: less often, where a look takes longer. */
static int looks (const Search *s) {
  const double n = (double)mlpi_gp_count(s->gp), d = (double)s->d;
  const double calls = 8e6 / (n * n + 40 * n * d + 1) / STARTS;
  return calls < 8 ? 8 : calls > 60 ? 60 : (int)calls;
}

static void polish (Search *s) {
  for (size_t k = 0; k < STARTS; k++) {
    double *u = s->u + s->order[k] * s->naxes;
    smooth_moves(s, u, looks(s));
    double value = exact(s, u, NULL);
    s->value[s->order[k]] = discrete_moves(s, u, value);
  }
}

static mlp_Status run (Search *s, size_t count, double *out, size_t *found) {
  mlp_Status status = mlpi_gp_prepare(s->gp);
  if (status != MLP_OK) return status;
  const size_t n = fill(s);
  sort(s, n, count > STARTS ? count : STARTS);
  polish(s);
  /* the polished first, by their value; then the others as they were */
  for (size_t i = 1; i < STARTS; i++)
    for (size_t j = i;
         j > 0 && s->value[s->order[j]] > s->value[s->order[j - 1]]; j--) {
      const size_t t = s->order[j];
      s->order[j] = s->order[j - 1];
      s->order[j - 1] = t;
    }
  for (*found = 0; *found < count && *found < n; ++*found) {
    const size_t c = s->order[*found];
    if (s->value[c] == -HUGE_VAL) break;
    memcpy(out + *found * s->naxes, s->u + c * s->naxes,
           s->naxes * sizeof *out);
  }
  return MLP_OK;
}

static bool is_discrete (const Search *s) {
  bool discrete = true;
  for (size_t i = 0; i < s->naxes; i++) discrete &= s->axes[i].n > 0;
  return discrete;
}

mlp_Status mlpi_gp_search (mlpi_Gp *gp, mlp_Runtime *rt, const mlpi_Axis *axes,
                           size_t naxes, size_t d, const mlpi_Stream *stream,
                           bool anew, size_t count, double *out,
                           size_t *found) {
  Search s = {
    .gp = gp, .axes = axes, .naxes = naxes, .d = d, .stream = stream
  };
  const bool many = mlpi_gp_count(gp) > MANY;
  s.spread = many ? SPREAD / 2 : SPREAD;
  s.near = many ? NEAR / 2 : NEAR;
  s.anew = anew && is_discrete(&s);
  const size_t doubles = ALL * (naxes + 1) + d + naxes + naxes * (naxes + 6);
  const size_t bytes = doubles * sizeof(double) + ALL * sizeof *s.order;
  s.u = mlpi_alloc(rt, bytes);
  if (s.u == NULL) return MLP_ENOMEM;
  s.value = s.u + ALL * naxes;
  s.x = s.value + ALL;
  s.point = s.x + d;
  s.work = s.point + naxes;
  s.order = (size_t *)(s.work + naxes * (naxes + 6));
  mlp_Status status = run(&s, count, out, found);
  mlpi_free(rt, s.u, bytes);
  return status;
}
