/*
** ticks.c - where the labels of an axis go.
** Talbot, Lin & Hanrahan 2010, "An Extension of Wilkinson's Algorithm for
** Positioning Tick Labels on Axes", IEEE TVCG 16(6): search steps q * 10^z,
** skipping j, for the best mean of simplicity, coverage and density; the
** fourth term, legibility, is the caller's, who measures the labels and asks
** for fewer. Logarithmic axes: decades, then 1 and 2 and 5.
*/
#include "plot/plot.h"

#include <math.h>
#include <string.h>

static const double Q[] = { 1, 5, 2, 2.5, 4, 3 };
enum { NQ = 6 };
static const double SIMPLE = .25, COVER = .2, DENSE = .5, LEGIBLE = .05;

typedef struct Best {
  double score, lo, step;
  int n;
} Best;

static double score (double s, double c, double d) {
  return SIMPLE * s + COVER * c + DENSE * d + LEGIBLE;
}

static double simplicity (int q, int j, double lo, double hi, double step) {
  double r = fmod(lo, step);
  bool zero = (fabs(r) < 1e-10 * step || step - fabs(r) < 1e-10 * step) &&
              lo <= 0 && hi >= 0;
  return 1 - (double)q / (NQ - 1) - j + zero;
}

static double coverage (const mlpi_TickWish *w, double lo, double hi) {
  double a = w->hi - hi, b = w->lo - lo, r = .1 * (w->hi - w->lo);
  return 1 - .5 * (a * a + b * b) / (r * r);
}

static double coverage_max (const mlpi_TickWish *w, double span) {
  double range = w->hi - w->lo, half = (span - range) / 2;
  return half <= 0 ? 1 : 1 - half * half / (.01 * range * range);
}

static double density (const mlpi_TickWish *w, int k, double lo, double hi) {
  double r = (k - 1) / (hi - lo);
  double t = (w->target - 1) / (fmax(hi, w->hi) - fmin(lo, w->lo));
  return 2 - fmax(r / t, t / r);
}

static double density_max (const mlpi_TickWish *w, int k) {
  return k >= w->target ? 2 - (k - 1) / (w->target - 1) : 1;
}

static bool whole (double v) { return fabs(v - rint(v)) < 1e-9; }

/* The best of the sequences of k ticks with this step. */
static void try_starts (const mlpi_TickWish *w, int q, int j, int k,
                        double step, Best *best) {
  double first = floor(w->hi / step) * j - (k - 1.0) * j;
  double last = ceil(w->lo / step) * j, slack = 1e-9 * (w->hi - w->lo);
  for (double start = first; start <= last; start++) {
    double lo = start * (step / j), hi = lo + step * (k - 1);
    if (w->inside && fmod(start, j) != 0) continue; /* multiples of the step */
    if (w->inside && (lo < w->lo - slack || hi > w->hi + slack)) continue;
    if (w->integer && !(whole(lo) && whole(step))) continue;
    double v = score(simplicity(q, j, lo, hi, step), coverage(w, lo, hi),
                     density(w, k, lo, hi));
    if (v > best->score) *best = (Best){ v, lo, step, k };
  }
}

/* For k ticks of step j * Q[q] * 10^z: the powers z that may still win. */
static void try_powers (const mlpi_TickWish *w, int q, int j, int k, Best *best,
                        double bound_s, double bound_d) {
  double delta = (w->hi - w->lo) / (k + 1) / (j * Q[q]);
  for (double z = ceil(log10(delta));; z++) {
    double step = j * Q[q] * pow(10, z);
    double cover = coverage_max(w, step * (k - 1));
    if (score(bound_s, cover, bound_d) < best->score) return;
    try_starts(w, q, j, k, step, best);
  }
}

/* Axes get the steps that readers of plots expect, the first four. */
static Best search (const mlpi_TickWish *w) {
  Best best = { .score = -2 };
  int steps = w->inside ? 4 : NQ;
  for (int j = 1;; j++)
    for (int q = 0; q < steps; q++) {
      double s = 2 - (double)q / (NQ - 1) - j;
      if (score(s, 1, 1) < best.score) return best;
      for (int k = 2; k < MLPI_TICKS_MAX; k++) {
        double d = density_max(w, k);
        if (score(s, 1, d) < best.score) break;
        try_powers(w, q, j, k, &best, s, d);
      }
    }
}

void mlpi_format_fixed (double v, int decimals, char buf[48]) {
  char digits[24];
  double scaled = fabs(v) * pow(10, decimals);
  unsigned long long m =
      scaled < 1e18 ? (unsigned long long)rint(scaled) : 1000000000000000000ULL;
  int n = 0;
  for (; m > 0 || n <= decimals; m /= 10) digits[n++] = (char)('0' + m % 10);
  bool zero = true;
  for (int i = 0; i < n; i++) zero = zero && digits[i] == '0';
  char *p = buf;
  if (v < 0 && !zero) p = stpcpy(p, "\xE2\x88\x92"); /* the true minus sign */
  while (n > decimals) *p++ = digits[--n];
  if (n > 0) *p++ = '.';
  while (n > 0) *p++ = digits[--n];
  *p = '\0';
}

void mlpi_format_power (int e, char buf[48]) {
  static const char *const super[] = { "\u2070", "\u00B9", "\u00B2", "\u00B3",
                                       "\u2074", "\u2075", "\u2076", "\u2077",
                                       "\u2078", "\u2079" };
  int a = e < 0 ? -e : e;
  char *p = stpcpy(buf, e < 0 ? "10\u207B" : "10");
  if (a >= 100) p = stpcpy(p, super[a / 100 % 10]);
  if (a >= 10) p = stpcpy(p, super[a / 10 % 10]);
  stpcpy(p, super[a % 10]);
}

/* The fewest decimals that tell every tick exactly. */
static int decimals_of (const mlpi_Ticks *t, double unit, double step) {
  for (int d = 0; d < 15; d++) {
    bool enough = true;
    for (int i = 0; i < t->n && enough; i++) {
      double v = (t->at[i] - t->offset) / unit * pow(10, d);
      enough = fabs(v - rint(v)) < 1e-4 * step / unit * pow(10, d);
    }
    if (enough) return d;
  }
  return 15;
}

/* How many times 10^e fits into v > 0, which may be rounded. */
static double multiple (double v, int e) {
  return floor(v / pow(10, e) * (1 + 1e-13));
}

/* The least power of ten of which b holds at most 'most' more than a. */
static int shared_power (double a, double b, double most) {
  int e = (int)ceil(log10(b));
  while (e > -300 && multiple(b, e) - multiple(a, e) <= most) e--;
  return e + 1;
}

/* What labels of very many digits have in common (1e9 of 1e9 + .1): a
** multiple of a power of ten, as in matplotlib; 0 where labels are short. */
static double common_part (const mlpi_Ticks *t) {
  double lo = t->at[0], hi = t->at[t->n - 1];
  if (t->n < 2 || (lo <= 0 && hi >= 0)) return 0;
  double a = fmin(fabs(lo), fabs(hi)), b = fmax(fabs(lo), fabs(hi));
  int e = shared_power(a, b, 0);
  if (b - a <= .01 * pow(10, e)) e = shared_power(a, b, 1); /* around 1e9 */
  double common = multiple(b, e);
  return common >= 1e5 ? copysign(common * pow(10, e), lo) : 0;
}

/* Labels with equal decimals; beyond 1e-5...1e6 a common power of ten. */
static void label_linear (mlpi_Ticks *t, double step, mlpi_Arena *text) {
  double top = 0;
  char buf[48];
  t->offset = common_part(t);
  for (int i = 0; i < t->n; i++) top = fmax(top, fabs(t->at[i] - t->offset));
  t->exponent = top > 0 && (top >= 1e6 || top < 1e-4)
                    ? (int)floor(log10(top) + 1e-12)
                    : 0;
  double unit = pow(10, t->exponent);
  int d = decimals_of(t, unit, step);
  for (int i = 0; i < t->n; i++) {
    mlpi_format_fixed((t->at[i] - t->offset) / unit, d, buf);
    t->label[i] = mlpi_arena_text(text, buf);
  }
}

/* Where no nice step fits, as in a range below 1 with whole numbers, or one
** at the end of what a double can tell apart. */
static void fallback (const mlpi_TickWish *w, Best *b) {
  double lo = w->integer ? ceil(w->lo) : w->lo;
  double hi = w->integer ? floor(w->hi) : w->hi;
  if (lo > hi) lo = hi = rint((lo + hi) / 2);
  *b = (Best){ 0, lo, hi > lo ? hi - lo : 1, hi > lo ? 2 : 1 };
}

static void linear (const mlpi_TickWish *w, mlpi_Ticks *out, mlpi_Arena *text) {
  /* its square is taken */
  double range = w->hi - w->lo, size = fmax(fabs(w->lo), fabs(w->hi));
  bool sound = range > 1e-150 && range < 1e150 && range > 1e-11 * size;
  Best b = { .n = 0 };
  if (sound) b = search(w);
  if (b.n == 0) fallback(w, &b);
  out->n = b.n;
  for (int i = 0; i < b.n; i++) {
    out->at[i] = b.lo + i * b.step;
    if (fabs(out->at[i]) < 1e-9 * b.step) out->at[i] = 0;
  }
  label_linear(out, b.step, text);
}

/* "0.01", "1", "500" within 1e-3...1e4, else "10^n" or "2x10^n". */
static void label_log (mlpi_Ticks *t, mlpi_Arena *text) {
  char buf[64];
  bool plain = t->at[0] > .9e-3 && t->at[t->n - 1] < 1.1e4;
  for (int i = 0; i < t->n; i++) {
    int e = (int)floor(log10(t->at[i]) + 1e-9);
    int m = (int)rint(t->at[i] / pow(10, e));
    char front[] = { (char)('0' + m), '\xC3', '\x97', '\0' }; /* "2x" */
    if (plain)
      mlpi_format_fixed(t->at[i], e < 0 ? -e : 0, buf);
    else
      mlpi_format_power(e, stpcpy(buf, m == 1 ? "" : front));
    t->label[i] = mlpi_arena_text(text, buf);
  }
}

/* Every multiple m * 10^e in range with m in the list. */
static int multiples (const mlpi_TickWish *w, const char *list, int every,
                      double *at, int most) {
  int n = 0, first = (int)floor(log10(w->lo)), last = (int)floor(log10(w->hi));
  for (int e = first; e <= last; e++)
    for (const char *m = list; *m != '\0'; m++) {
      double v = (*m - '0') * pow(10, e);
      if (((e % every) + every) % every != 0 || n == most) continue;
      if (v >= w->lo * (1 - 1e-9) && v <= w->hi * (1 + 1e-9)) at[n++] = v;
    }
  return n;
}

/* From one label to the next: 1, 2, 3, 4, 5, 10, 20... decades. */
static int decades_apart (double least) {
  static const int steps[] = { 1, 2, 3, 4, 5, 10, 20, 25, 50, 100 };
  for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
    if (steps[i] >= least) return steps[i];
  return 200;
}

/* Minor ticks: 2 to 9 where every decade has its label, else the decades. */
static void logarithmic (const mlpi_TickWish *w, mlpi_Ticks *out,
                         mlpi_Arena *text) {
  double decades = log10(w->hi) - log10(w->lo);
  int every = decades_apart(decades / (w->target + 1)), most = MLPI_TICKS_MAX;
  out->n = multiples(w, "1", every, out->at, most);
  if (out->n < 3 && w->target > 2) {
    int n = multiples(w, "125", 1, out->at, most);
    out->n = n <= w->target + 2 ? n : multiples(w, "1", 1, out->at, most);
  }
  if (out->n < 2) {
    linear(w, out, text);
    return;
  }
  if (decades < MLPI_MINOR_MAX / 8 || every == 1)
    out->nminor = multiples(w, every > 1 ? "1" : "23456789", 1, out->minor,
                            MLPI_MINOR_MAX);
  label_log(out, text);
}

void mlpi_ticks (const mlpi_TickWish *w, mlpi_Ticks *out, mlpi_Arena *text) {
  mlpi_TickWish wish = *w;
  wish.target = fmin(fmax(wish.target, 2), 30);
  *out = (mlpi_Ticks){ .n = 0 };
  if (w->log)
    logarithmic(&wish, out, text);
  else
    linear(&wish, out, text);
}
