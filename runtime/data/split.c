/*
** split.c - cut a dataset in two. Which rows go is a function of the seed;
** both parts keep the order of the rows.
*/
#include "base/text.h"
#include "data/data.h"

#include <math.h>
#include <string.h>

/*
** quota[c] = how many of the 'cut' rows come from class c: its exact share
** rounded down, and what is missing goes to the largest remainders, of equal
** ones to the lower class (Hamilton's method). 'rest' is scratch.
*/
static void allot (size_t n_classes, const size_t *count, size_t n, size_t cut,
                   size_t *quota, size_t *rest) {
  size_t left = cut;
  for (size_t c = 0; c < n_classes; c++) {
    quota[c] = (size_t)((__uint128_t)count[c] * cut / n);
    rest[c] = (size_t)((__uint128_t)count[c] * cut % n);
    left -= quota[c];
  }
  for (; left > 0; left--) {
    size_t best = 0;
    for (size_t c = 1; c < n_classes; c++)
      if (rest[c] > rest[best]) best = c;
    quota[best]++;
    rest[best] = 0;
  }
}

/* Mark, in a random order, each row whose class (or, quota of one entry,
** whose kind) still has a quota. 'order' is scratch of n. */
static void mark (const mlp_Dataset *d, bool classes, uint64_t seed,
                  size_t *quota, size_t *order, bool *cut) {
  size_t n = mlpi_dataset_rows(d);
  mlpi_Stream s = mlpi_stream(seed, 0, 0, MLPI_FOR_SPLIT, 0);
  mlpi_permutation(&s, n, order);
  for (size_t i = 0; i < n; i++) {
    size_t row = order[i];
    size_t c = classes ? (size_t)mlpi_get(&d->y->a, row) - 1 : 0;
    if (quota[c] > 0) cut[row] = true, quota[c]--;
  }
}

/* Fill cut[0..n), true for m rows. */
static mlp_Status choose (const mlp_Dataset *d, const char *how, uint64_t seed,
                          size_t m, size_t *order, bool *cut) {
  size_t n = mlpi_dataset_rows(d);
  memset(cut, false, n);
  if (strcmp(how, "tail") == 0) {
    memset(cut + (n - m), true, m);
    return MLP_OK;
  }
  if (strcmp(how, "shuffle") == 0) {
    mark(d, false, seed, &m, order, cut);
    return MLP_OK;
  }
  size_t k = d->n_classes, *work = mlpi_calloc(d->rt, 3 * k, sizeof *work);
  if (work == NULL) return MLP_ENOMEM;
  mlpi_dataset_class_counts(d, work);
  allot(k, work, n, m, work + k, work + 2 * k);
  mark(d, true, seed, work + k, order, cut);
  mlpi_free(d->rt, work, 3 * k * sizeof *work);
  return MLP_OK;
}

static mlp_Status part (mlp_Dataset *d, const bool *cut, bool second,
                        size_t *rows, mlp_Dataset **out) {
  size_t n = 0;
  for (size_t i = 0; i < mlpi_dataset_rows(d); i++)
    if (cut[i] == second) rows[n++] = i;
  return mlpi_dataset_rows_new(d, n, rows, out);
}

static mlp_Status check_split (const mlp_Dataset *d, double share,
                               const char *how, size_t *m) {
  size_t n = mlpi_dataset_rows(d);
  char quoted[MLPI_QUOTED];
  if (!(share > 0 && share < 1))
    return mlpi_error(d->rt, MLP_EARG,
                      "split: expected a share between 0 and 1, got %g", share);
  if (strcmp(how, "stratified") != 0 && strcmp(how, "shuffle") != 0 &&
      strcmp(how, "tail") != 0)
    return mlpi_error(d->rt, MLP_EARG,
                      "split: option 'how': expected stratified, shuffle or "
                      "tail; got %s",
                      mlpi_quote(how, quoted));
  if (strcmp(how, "stratified") == 0 && d->n_classes == 0)
    return mlpi_error(d->rt, MLP_EARG,
                      "split: 'stratified' needs classes and y holds values; "
                      "use \"shuffle\"");
  *m = (size_t)floor((double)n * share + 1e-9);
  if (*m > 0 && *m < n) return MLP_OK;
  return mlpi_error(d->rt, MLP_EARG,
                    "split: a share of %g of %zu rows leaves one part empty",
                    share, n);
}

mlp_Status mlpi_dataset_split (mlp_Dataset *d, double share, const char *how,
                               uint64_t seed, mlp_Dataset **first,
                               mlp_Dataset **second) {
  size_t n = mlpi_dataset_rows(d), m = 0;
  *first = *second = NULL;
  if (how == NULL) how = d->n_classes > 0 ? "stratified" : "shuffle";
  mlp_Status s = check_split(d, share, how, &m);
  if (s != MLP_OK) return s;
  size_t *rows = mlpi_calloc(d->rt, n, sizeof *rows);
  bool *cut = mlpi_calloc(d->rt, n, sizeof *cut);
  s = rows == NULL || cut == NULL ? MLP_ENOMEM : MLP_OK;
  if (s == MLP_OK) s = choose(d, how, seed, m, rows, cut);
  if (s == MLP_OK) s = part(d, cut, false, rows, first);
  if (s == MLP_OK) s = part(d, cut, true, rows, second);
  if (s != MLP_OK) {
    mlpi_dataset_release(*first);
    *first = NULL;
  }
  mlpi_free(d->rt, rows, n * sizeof *rows);
  mlpi_free(d->rt, cut, n * sizeof *cut);
  return s;
}
