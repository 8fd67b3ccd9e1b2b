/*
** stats.c - moments, extremes, zeros and a histogram of an array.
*/
#include "tensor/stats.h"
#include "base/pool.h"

#include <math.h>
#include <string.h>

enum { LANES = 16, BLOCK = 512, PAIRS = LANES / 2 };

/* Two lanes: every machine has vectors of that size. */
typedef double Pair __attribute__((vector_size(2 * sizeof(double))));
typedef int64_t Counts __attribute__((vector_size(2 * sizeof(int64_t))));

/* What one pass adds up: term i in lane i % 16. */
typedef struct Lanes {
  double low, high;
  Pair sum[PAIRS], squares[PAIRS];
  Counts zeros, saturated;
  double min[4], max[4];
} Lanes;

static inline Pair pair_at (const double *x) {
  Pair v;
  memcpy(&v, x, sizeof v);
  return v;
}

static void add_sums (Pair *total, int n, const double *x) {
  Pair s[PAIRS];
  memcpy(s, total, sizeof s);
  for (int i = 0; i < n; i += LANES)
    for (int j = 0; j < PAIRS; j++) s[j] += pair_at(x + i + 2 * j);
  memcpy(total, s, sizeof s);
}

static void add_squares (Pair *total, int n, const double *x) {
  Pair s[PAIRS];
  memcpy(s, total, sizeof s);
  for (int i = 0; i < n; i += LANES)
    for (int j = 0; j < PAIRS; j++) {
      const Pair a = pair_at(x + i + 2 * j);
      s[j] += a * a;
    }
  memcpy(total, s, sizeof s);
}

static void add_counts (Lanes *c, int n, const double *x) {
  Counts zeros = c->zeros, saturated = c->saturated;
  const bool limits = c->low > -INFINITY || c->high < INFINITY;
  for (int i = 0; i < n; i += 2) zeros -= pair_at(x + i) == 0;
  for (int i = 0; i < n && limits; i += 2) {
    const Pair a = pair_at(x + i);
    saturated -= (a <= c->low) | (a >= c->high);
  }
  c->zeros = zeros;
  c->saturated = saturated;
}

static void add_extremes (Lanes *c, int n, const double *x) {
  double low[4], high[4];
  memcpy(low, c->min, sizeof low);
  memcpy(high, c->max, sizeof high);
  for (int i = 0; i + 4 <= n; i += 4)
    for (int j = 0; j < 4; j++) {
      low[j] = x[i + j] < low[j] ? x[i + j] : low[j];
      high[j] = x[i + j] > high[j] ? x[i + j] : high[j];
    }
  memcpy(c->min, low, sizeof low);
  memcpy(c->max, high, sizeof high);
}

/* Elements i..i+n of a, as doubles. */
static void load (const mlpi_Array *a, size_t i, int n, double *x) {
  const bool dense = mlpi_contiguous(a);
  if (dense && a->dtype == MLP_FLOAT32)
    for (int j = 0; j < n; j++) x[j] = ((const float *)a->data)[i + (size_t)j];
  else if (dense)
    memcpy(x, (const double *)a->data + i, (size_t)n * sizeof *x);
  else
    for (int j = 0; j < n; j++) x[j] = mlpi_get(a, i + (size_t)j);
}

/* The same, less those of 'from' where that is not NULL. */
static void load_change (const mlpi_Array *a, const mlpi_Array *from, size_t i,
                         int n, double *x) {
  double y[BLOCK];
  load(a, i, n, x);
  if (from == NULL) return;
  load(from, i, n, y);
  for (int j = 0; j < n; j++) x[j] -= y[j];
}

/* Keep what is finite, in front; how many. x - x is 0 for that alone. */
static int keep_finite (int n, double *x) {
  int kept = 0;
  for (int j = 0; j < n; j++)
    if (x[j] - x[j] == 0) x[kept++] = x[j];
  return kept;
}

/* Are all terms finite, without a branch for each? */
static bool all_finite (int n, const double *x) {
  Pair a = { 0 }, b = { 0 };
  for (int i = 0; i < n; i += 4) {
    a += pair_at(x + i) - pair_at(x + i);
    b += pair_at(x + i + 2) - pair_at(x + i + 2);
  }
  a += b;
  return a[0] + a[1] == 0;
}

/* n terms, with room behind them for whole lanes: what fills those up changes
** no sum, and is not counted. */
static void add (Lanes *c, int n, double *x) {
  int whole = n;
  for (; whole % LANES != 0; whole++) x[whole] = n > 0 ? x[0] : 0;
  add_extremes(c, n > 0 ? whole : 0, x);
  for (int i = n; i < whole; i++) x[i] = 0;
  add_sums(c->sum, whole, x);
  add_squares(c->squares, whole, x);
  for (int i = n; i < whole; i++) x[i] = NAN;
  add_counts(c, whole, x);
}

static double fold (const Pair *part) {
  double lane[LANES];
  memcpy(lane, part, sizeof lane);
  for (int half = LANES / 2; half > 0; half /= 2)
    for (int i = 0; i < half; i++) lane[i] += lane[i + half];
  return lane[0];
}

static void sum_up (const Lanes *c, mlpi_Stats *s) {
  s->sum = fold(c->sum);
  s->squares = fold(c->squares);
  s->min = INFINITY;
  s->max = -INFINITY;
  for (int i = 0; i < 4; i++) {
    if (c->min[i] < s->min) s->min = c->min[i];
    if (c->max[i] > s->max) s->max = c->max[i];
  }
  for (int i = 0; i < 2; i++) {
    s->zeros += (size_t)c->zeros[i];
    s->saturated += (size_t)c->saturated[i];
  }
}

static void begin (Lanes *c, double low, double high) {
  memset(c, 0, sizeof *c);
  c->low = low;
  c->high = high;
  for (int i = 0; i < 4; i++) c->min[i] = INFINITY, c->max[i] = -INFINITY;
}

mlpi_Stats mlpi_array_stats (const mlpi_Array *a, const mlpi_Array *from,
                             double low, double high) {
  Lanes c;
  mlpi_Stats s = { .n = mlpi_count(a) };
  const size_t n = s.n;
  begin(&c, low, high);
  for (size_t i = 0; i < n; i += BLOCK) {
    double x[BLOCK + LANES];
    const int most = n - i < BLOCK ? (int)(n - i) : BLOCK;
    int kept = most;
    load_change(a, from, i, most, x);
    if (most < BLOCK || !all_finite(BLOCK, x)) kept = keep_finite(most, x);
    add(&c, kept, x);
    s.nonfinite += (size_t)(most - kept);
  }
  s.n -= s.nonfinite;
  sum_up(&c, &s);
  return s;
}

double mlpi_stats_mean (const mlpi_Stats *s) {
  return s->n == 0 ? NAN : s->sum / (double)s->n;
}

double mlpi_stats_deviation (const mlpi_Stats *s) {
  const double mean = mlpi_stats_mean(s);
  const double v = s->squares / (double)s->n - mean * mean;
  return s->n == 0 ? NAN : __builtin_sqrt(v > 0 ? v : 0);
}

double mlpi_stats_norm (const mlpi_Stats *s) {
  return __builtin_sqrt(s->squares);
}

/* The bin of each of n elements; 'bins' for those that are outside. */
static void find_bins (int n, const double *x, double low, double high,
                       int bins, int *bin) {
  const double scale = bins / (high - low), last = bins - 1;
  for (int j = 0; j < n; j++) {
    const double at = (x[j] - low) * scale;
    const double in = at < last ? at : last;
    bin[j] = (int)((x[j] >= low) & (x[j] <= high) ? in : bins);
  }
}

void mlpi_array_histogram (const mlpi_Array *a, const mlpi_Array *from,
                           double low, double high, int bins, size_t *count) {
  const size_t n = mlpi_count(a);
  for (int i = 0; i < bins; i++) count[i] = 0;
  for (size_t i = 0; i < n; i += BLOCK) {
    double x[BLOCK];
    int bin[BLOCK];
    const int most = n - i < BLOCK ? (int)(n - i) : BLOCK;
    load_change(a, from, i, most, x);
    find_bins(most, x, low, high, bins, bin);
    for (int j = 0; j < most; j++)
      if (bin[j] < bins) count[bin[j]]++;
  }
}

size_t mlpi_array_dead_units (const mlpi_Array *a, size_t *units) {
  const size_t n = mlpi_count(a);
  const size_t width = a->ndim == 0 ? 1 : a->shape[a->ndim - 1];
  size_t dead = 0;
  *units = width;
  for (size_t j = 0; j < width; j++) {
    size_t i = j;
    while (i < n && mlpi_get(a, i) == 0) i += width;
    dead += i >= n;
  }
  return dead;
}

/* What is not finite stays so in a sum: only then each element is looked at. */
#define ALL_FINITE(TARGET, NAME, TYPE, BYTES)                                  \
  TARGET static bool NAME(size_t n, const TYPE *x) {                           \
    typedef TYPE V __attribute__((vector_size(BYTES)));                        \
    enum { EACH = sizeof(V) / sizeof(TYPE), WIDE = 4 * EACH };                 \
    V a = { 0 }, b = { 0 }, c = { 0 }, d = { 0 }, v;                           \
    TYPE sum = 0;                                                              \
    size_t i = 0;                                                              \
    for (; i + WIDE <= n; i += WIDE) {                                         \
      memcpy(&v, x + i, sizeof v), a += v;                                     \
      memcpy(&v, x + i + EACH, sizeof v), b += v;                              \
      memcpy(&v, x + i + 2 * EACH, sizeof v), c += v;                          \
      memcpy(&v, x + i + 3 * EACH, sizeof v), d += v;                          \
    }                                                                          \
    a = (a + b) + (c + d);                                                     \
    for (size_t j = 0; j < EACH; j++) sum += a[j];                             \
    for (; i < n; i++) sum += x[i];                                            \
    if (isfinite(sum)) return true;                                            \
    for (i = 0; i < n; i++)                                                    \
      if (!isfinite(x[i])) return false;                                       \
    return true;                                                               \
  }
ALL_FINITE(, finite_floats, float, 16)
ALL_FINITE(, finite_doubles, double, 16)

/* The same with the vectors of the runtime's instruction set: it is a part of
** every step. */
#if defined(__x86_64__)
#define AVX2 __attribute__((target("avx2")))
ALL_FINITE(AVX2, finite_floats_v3, float, 32)
ALL_FINITE(AVX2, finite_doubles_v3, double, 32)
#else
#define finite_floats_v3  finite_floats
#define finite_doubles_v3 finite_doubles
#endif

/* A part of an array, for each of many threads. */
typedef struct Check {
  const mlp_Runtime *rt;
  mlp_Dtype dtype;
  size_t n;
  const char *x;
  atomic_bool bad;
} Check;

enum { TILE = 1 << 13, SHARED = 1 << 16 }; /* elements; of all, worth it */

static bool finite (const mlp_Runtime *rt, mlp_Dtype dtype, size_t n,
                    const void *x) {
  if (rt->isa == MLPI_BASELINE)
    return dtype == MLP_FLOAT32 ? finite_floats(n, x) : finite_doubles(n, x);
  return dtype == MLP_FLOAT32 ? finite_floats_v3(n, x)
                              : finite_doubles_v3(n, x);
}

static void check_tile (void *ud, size_t tile) {
  Check *k = ud;
  const size_t at = tile * TILE, left = k->n - at;
  if (!finite(k->rt, k->dtype, left < TILE ? left : TILE,
              k->x + at * mlpi_dtype_size(k->dtype)))
    atomic_store(&k->bad, true);
}

bool mlpi_all_finite (mlp_Runtime *rt, mlp_Dtype dtype, size_t n,
                      const void *x) {
  Check k = { .rt = rt, .dtype = dtype, .n = n, .x = x };
  if (n < SHARED) return finite(rt, dtype, n, x);
  mlpi_parallel(rt, (n + TILE - 1) / TILE, check_tile, &k);
  return !atomic_load(&k.bad);
}
