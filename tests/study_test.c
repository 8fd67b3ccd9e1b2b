/*
** study_test.c - the arithmetic of the samplers: the normal distribution
** against mpmath 60 digits, Sobol' points and powers against scipy 1.17, the
** gradient of the expected improvement against differences, the search of a
** small space against a look at all of it, the minimiser on Rosenbrock's
** valley.
*/
#include "study/acquire.h"
#include "study/bfgs.h"
#include "study/gp_inside.h"
#include "study/normal.h"
#include "study/sobol.h"

#include <math.h>
#include <stdio.h>

static int passed, failed;

static void near (const char *what, double got, double expected, double by) {
  const bool ok = fabs(got - expected) <= by * fmax(1, fabs(expected));
  passed += ok;
  failed += !ok;
  if (!ok) printf("FAIL %s: got %.17g, expected %.17g\n", what, got, expected);
}

static void normals (void) {
  static const double table[][3] = {
    /* z, log improvement, log of a share */
    { -100, -5010.1295788002498, -4955.6441971594259 },
    { -30, -457.724653760598, -439.42947495001869 },
    { -5, -16.74430116266099, -12.680559412123281 },
    { -1, -2.4851210257126413, -1.8979050610139821 },
    { 0, -0.91893853320467274, -1.6530635142555676 },
    { 1.5, 0.4248145567622593, -3.122269455465259 },
    { 4, 1.3862961474329033, -10.473583157636277 }
  };
  for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
    const double z = table[i][0], h = 1e-5;
    double slope;
    near("log improvement", mlpi_log_improvement(z, &slope), table[i][1],
         1e-10);
    near("log share", mlpi_log_normal_between(z, z + 0.5), table[i][2], 1e-9);
    near("its slope", slope,
         (mlpi_log_improvement(z + h, NULL) -
          mlpi_log_improvement(z - h, NULL)) /
             (2 * h),
         1e-6);
  }
  near("below -1", mlpi_normal_below(-1), 0.15865525393145707, 1e-15);
  near("below 1.5", mlpi_normal_below(1.5), 0.9331927987311419, 1e-15);
  near("below -5", mlpi_normal_below(-5) * 1e7, 2.866515718791933, 1e-12);
}

static void sobols (void) {
  static const double third[] = { 0.75, 0.25, 0.25, 0.25, 0.75 };
  for (int d = 0; d < 5; d++) near("sobol", mlpi_sobol(2, d), third[d], 0);
  double sum = 0; /* the first 2^k points are one in each cell */
  for (uint32_t i = 0; i < 256; i++) sum += mlpi_sobol(i, 20);
  near("sobol: mean", sum / 256, 0.5 - 1.0 / 512, 0);
}

static double rosenbrock (void *ud, const double *x, double *g) {
  const double a = 1 - x[0], b = x[1] - x[0] * x[0];
  (void)ud;
  g[0] = -2 * a - 400 * x[0] * b;
  g[1] = 200 * b;
  return a * a + 100 * b * b;
}

static void minimiser (void) {
  double x[2] = { -1.2, 1 }, work[16];
  near("rosenbrock", mlpi_bfgs(2, x, -5, 5, 200, rosenbrock, NULL, work), 0,
       1e-6);
  double y[2] = { -1.2, 0.2 }; /* the valley's end is outside the box */
  mlpi_bfgs(2, y, -2, 0.5, 200, rosenbrock, NULL, work);
  near("at the border: x", y[0], 0.5, 1e-4);
  near("at the border: y", y[1], 0.25, 1e-4);
}

static void process (mlp_Runtime *rt) {
  const unsigned char groups[] = { 0, 1, 2, 2 };
  mlpi_Gp *gp;
  near("new", mlpi_gp_new(rt, 4, groups, &gp), MLP_OK, 0);
  double x[4];
  for (int i = 0; i < 40; i++) {
    x[0] = mlpi_sobol((uint32_t)i, 0);
    x[1] = mlpi_sobol((uint32_t)i, 1);
    x[2] = i % 2;
    x[3] = 1 - x[2];
    const double y = sin(5 * x[0]) + x[1] * x[1] + 0.5 * x[2];
    near("add", mlpi_gp_add(gp, x, y), MLP_OK, 0);
  }
  near("prepare", mlpi_gp_prepare(gp), MLP_OK, 0);
  double mean, sd, at[4] = { 0.37, 0.61, 0, 1 }, g[4], few[4];
  mlpi_gp_predict(gp, at, &mean, &sd);
  near("between its points it is near the function", mean,
       sin(5 * 0.37) + 0.61 * 0.61, 0.05);
  near("gradient's value", mlpi_gp_log_ei(gp, at, g),
       mlpi_gp_log_ei(gp, at, NULL), 0);
  for (int i = 0; i < 4; i++) {
    const double h = 1e-6, here = at[i];
    at[i] = here + h;
    const double up = mlpi_gp_log_ei(gp, at, NULL);
    at[i] = here - h;
    few[i] = (up - mlpi_gp_log_ei(gp, at, NULL)) / (2 * h);
    at[i] = here;
    near("gradient of log EI", g[i], few[i], 1e-4);
  }
  const double before = mlpi_gp_log_ei(gp, at, NULL);
  near("imagine", mlpi_gp_imagine(gp, at), MLP_OK, 0);
  mlpi_gp_prepare(gp);
  near("an imagined point has no improvement left",
       mlpi_gp_log_ei(gp, at, NULL) < before, 1, 0);
  mlpi_gp_forget(gp);
  mlpi_gp_prepare(gp);
  near("forgotten", mlpi_gp_log_ei(gp, at, NULL), before, 1e-12);
  mlpi_gp_release(gp);
}

/* The axes of a space of 8 x 5 x 3 points. */
static const mlpi_Axis axes[] = {
  { .first = 0, .n = 8 },
  { .first = 1, .n = 5 },
  { .first = 2, .n = 3, .categorical = true },
};
enum { AXES = 3, POINTS = 8 * 5 * 3, FOUND = 16 };

static void point (size_t c, double *x) {
  const double u[AXES] = { ((double)(c % 8) + 0.5) / 8,
                           ((double)(c / 8 % 5) + 0.5) / 5,
                           ((double)(c / 40) + 0.5) / 3 };
  mlpi_axes_encode(axes, AXES, u, x);
}

/* In a small discrete space the first answer is the best of all points that are
** not known yet, known ones are none, and in the end there is none. */
static void small_space (mlp_Runtime *rt) {
  const unsigned char groups[] = { 0, 1, 2, 2, 2 };
  const mlpi_Stream stream = mlpi_stream(1, 0, 0, 99, 0);
  double x[5], out[FOUND * AXES];
  size_t found;
  mlpi_Gp *gp;
  near("new", mlpi_gp_new(rt, 5, groups, &gp), MLP_OK, 0);
  for (size_t k = 0; k < POINTS; k++) {
    point(k * 47 % POINTS, x); /* 47 and 120 have no divisor in common */
    near("add", mlpi_gp_add(gp, x, sin(9 * x[0]) + x[1] * x[1] + x[3]), MLP_OK,
         0);
    near("search",
         mlpi_gp_search(gp, rt, axes, AXES, 5, &stream, true, FOUND, out,
                        &found),
         MLP_OK, 0);
    const size_t left = POINTS - 1 - k;
    near("how many", (double)found, left < FOUND ? (double)left : FOUND, 0);
    for (size_t i = 0; i < found; i++) {
      mlpi_axes_encode(axes, AXES, out + i * AXES, x);
      near("a known point", mlpi_gp_knows(gp, x), false, 0);
    }
    if (found == 0 || k % 10 > 0) continue;
    mlpi_axes_encode(axes, AXES, out, x);
    const double first = mlpi_gp_log_ei(gp, x, NULL);
    for (size_t c = 0; c < POINTS; c++) {
      point(c, x);
      near("a better point",
           !mlpi_gp_knows(gp, x) && mlpi_gp_log_ei(gp, x, NULL) > first, false,
           0);
    }
  }
  mlpi_gp_release(gp);
}

/* scipy.stats.yeojohnson, 1.17 */
static void powers (void) {
  static const double table[][3] = {
    { -1.5, 0.3, -2.204624238721963 },   { -1.5, 2, -0.9162907318741551 },
    { 2.5, 0, 1.252762968495368 },       { 2.5, 0.7, 2.005027707642212 },
    { -0.4, 1.6, -0.36016588964680746 }, { 0.8, 2, 1.12 }
  };
  for (size_t i = 0; i < sizeof table / sizeof *table; i++)
    near("power", mlpi_yeo_johnson(table[i][0], table[i][1]), table[i][2],
         1e-15);
}

/* Values with a tail of good ones, for which yeojohnson_llf of scipy 1.17 is
** greatest at 1.7, of the powers in steps of 0.1; and what it makes of them. */
static void warping (void) {
  double y[20], room[40], slope;
  for (int i = 0; i < 20; i++) y[i] = -exp(-i / 10.0);
  mlpi_Warp w;
  mlpi_warp_fit(&w, 20, y, room);
  near("power", w.power, 1.7, 1e-15);
  near("warp", mlpi_warp(&w, y[0]), -1.7402055543739687, 1e-12);
  near("warp", mlpi_warp(&w, y[7]), -0.4044879261309784, 1e-12);
  near("warp", mlpi_warp(&w, y[19]), 1.4033393593546295, 1e-12);
  for (double at = -2; at < 1e6; at = at < 0 ? at / 2 + 0.01 : 2 * at) {
    const double v = mlpi_warp(&w, at), h = 1e-5;
    double ahead, behind, none;
    near("unwarp", mlpi_unwarp(&w, v, &slope), at, 1e-10);
    ahead = mlpi_unwarp(&w, v + h, &none);
    behind = mlpi_unwarp(&w, v - h, &none);
    near("its slope", slope, (ahead - behind) / (2 * h), 1e-6);
  }
  const double equal[3] = { 2, 2, 2 };
  mlpi_warp_fit(&w, 3, equal, room);
  near("equal values", mlpi_warp(&w, 2), 0, 0);
  near("equal values, back", mlpi_unwarp(&w, 0, &slope), 2, 0);
}

static void decays (void) {
  for (double r = 0; r < 700; r += 0.37) /* glibc's exp, within a unit */
    near("decay", mlpi_decay(r) / exp(-r), 1, 6e-16);
  near("decay of much", mlpi_decay(1e300), exp(-700), 1e-300);
  near("decay of nothing", mlpi_decay(0), 1, 0);
}

/* Generalised least squares: K = {{1, .5, 0}, {.5, 1, 0}, {0, 0, 1}}, so that
** 1' K^-1 = (2/3, 2/3, 1): the two that are alike count 2/3 each. */
static void level (void) {
  double L[] = { 1, 0.5, 1, 0, 0, 1 }, y[] = { 3, 6, 1 }, ones[3], b[3];
  for (size_t i = 0; i < 3; i++) mlpi_packed_factor(L, i);
  near("factor", L[2], sqrt(0.75), 1e-15);
  mlpi_packed_forward(3, L, y, y);
  near("level", mlpi_gp_centre(3, L, y, ones, b), 3, 1e-14);
  mlpi_packed_backward(3, L, y); /* K^-1 (y - 3) = (-2, 4, -2) */
  near("alpha", y[0], -2, 1e-14);
  near("alpha", y[1], 4, 1e-14);
  near("alpha", y[2], -2, 1e-14);
}

int main (void) {
  mlp_Runtime *rt;
  if (mlp_create(NULL, &rt) != MLP_OK) return 1;
  normals();
  sobols();
  minimiser();
  process(rt);
  small_space(rt);
  level();
  decays();
  powers();
  warping();
  mlp_destroy(rt);
  printf("study: %d passed, %d failed\n", passed, failed);
  return failed > 0;
}
