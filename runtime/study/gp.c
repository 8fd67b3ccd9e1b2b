/*
** gp.c - Gaussian processes: the points. Rasmussen & Williams 2006, chapter 2.
*/
#include "study/gp_inside.h"

#include <math.h>
#include <string.h>

enum {
  FIRST_FIT = 6, /* points before the parameters are fitted */
  OFTEN = 60,    /* up to which they are fitted at every point */
  MANY = 600,    /* points, where the worse of the old are dropped */
  KEPT = 300
};

size_t mlpi_gp_count (const mlpi_Gp *gp) { return gp->real; }
const double *mlpi_gp_parameters (const mlpi_Gp *gp) { return gp->parameters; }

static void append_row (mlpi_Gp *gp, size_t i) {
  double *r = gp->L + i * (i + 1) / 2;
  for (size_t j = 0; j < i; j++)
    r[j] = mlpi_gp_covariance(gp, mlpi_gp_point(gp, i), mlpi_gp_point(gp, j));
  r[i] = mlpi_gp_variance(gp) + mlpi_gp_noise_of(gp, i);
  mlpi_packed_factor(gp->L, i);
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
  mlpi_free(gp->rt, gp->y, 6 * n * sizeof *gp->y);
}

/* Room for n points, those that are there kept. */
static mlp_Status reserve (mlpi_Gp *gp, size_t n) {
  if (n <= gp->size) return MLP_OK;
  const size_t size = gp->size == 0 ? 32 : 2 * gp->size;
  mlpi_Gp old = *gp;
  double *x = mlpi_alloc(gp->rt, size * gp->d * sizeof *x);
  double *L = mlpi_alloc(gp->rt, size * (size + 1) / 2 * sizeof *L);
  double *y = mlpi_alloc(gp->rt, 6 * size * sizeof *y);
  if (x == NULL || L == NULL || y == NULL) {
    mlpi_free(gp->rt, x, size * gp->d * sizeof *x);
    mlpi_free(gp->rt, L, size * (size + 1) / 2 * sizeof *L);
    mlpi_free(gp->rt, y, 6 * size * sizeof *y);
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
  gp->slope = y + 5 * size;
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
  gp->rough = mlpi_alloc(rt, MLPI_GP_ROUGH * (MLPI_GP_ROUGH + 1) / 2 *
                                 sizeof *gp->rough);
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
            gp->rough == NULL
                ? 0
                : MLPI_GP_ROUGH * (MLPI_GP_ROUGH + 1) / 2 * sizeof(double));
  mlpi_free(gp->rt, gp, sizeof *gp);
}

/*
** Some of the points
*/

/* How many of the values are less than value i (equals: by place)? */
static size_t rank_of (const mlpi_Gp *gp, size_t i) {
  size_t rank = 0;
  for (size_t j = 0; j < gp->real; j++)
    rank += gp->y[j] < gp->y[i] || (gp->y[j] == gp->y[i] && j < i);
  return rank;
}

size_t mlpi_gp_choose (const mlpi_Gp *gp, size_t most, size_t *chosen) {
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

const double *mlpi_gp_best (const mlpi_Gp *gp, size_t rank) {
  for (size_t i = 0; i < gp->real; i++)
    if (rank_of(gp, i) == rank) return mlpi_gp_point(gp, i);
  return NULL;
}

/*
** Points
*/

bool mlpi_gp_knows (const mlpi_Gp *gp, const double *x) {
  for (size_t i = 0; i < gp->n; i++)
    if (memcmp(mlpi_gp_point(gp, i), x, gp->d * sizeof *x) == 0) return true;
  return false;
}

/* Keep the best of the old half and all of the new one. */
static void thin_out (mlpi_Gp *gp) {
  size_t chosen[KEPT], n = mlpi_gp_choose(gp, KEPT, chosen);
  for (size_t i = 0; i < n; i++) {
    memmove(gp->x + i * gp->d, mlpi_gp_point(gp, chosen[i]),
            gp->d * sizeof *gp->x);
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
    mlp_Status status = mlpi_gp_fit(gp);
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
  double mean = 0;
  if (gp->real > 0) {
    if (!gp->ready && mlpi_gp_prepare(gp) != MLP_OK) return MLP_ENOMEM;
    mean = mlpi_gp_mean(gp, x);
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
