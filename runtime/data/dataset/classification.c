/*
** classification.c - clusters at the corners of a cube, in columns that
** matter, mixtures of them, copies, and noise, as scikit-learn's
** make_classification.
*/
#include "data/sample.h"

enum {
  FEATURES = MLPI_OWN,
  INFORMATIVE,
  REDUNDANT,
  REPEATED,
  CLASSES,
  CLUSTERS,
  WEIGHTS,
  FLIP,
  SEP,
  HYPERCUBE,
  SHIFT,
  SCALE,
  SHUFFLE
};
/* Random numbers beside those of sample.h. */
enum { CORNERS = 16, MIXTURE, COMBINE, COPIES, FLIPPED, COLUMNS, SPREAD };
enum { CORNER_BITS = 16 }; /* by which corners are drawn without repetition */

typedef struct Work {
  mlpi_Points s;
  const mlp_Object *o;
  size_t informative, redundant, repeated, clusters;
  size_t *size;   /* (clusters) rows of each */
  double *center; /* (clusters, informative) */
  double *mix;    /* (informative, informative) */
  double *row;    /* (features) */
  size_t *corner; /* (2^CORNER_BITS) or of the columns */
} Work;

static size_t whole (const mlp_Object *o, int option) {
  return (size_t)o->value[option].number;
}

static mlp_Status check (const mlp_Object *o, size_t clusters) {
  size_t informative = whole(o, INFORMATIVE), f = whole(o, FEATURES);
  size_t used = informative + whole(o, REDUNDANT) + whole(o, REPEATED);
  size_t weights = o->value[WEIGHTS].list.n;
  if (used > f)
    return mlpi_error(o->rt, MLP_EARG,
                      "classification: option 'features': expected at least "
                      "informative + redundant + repeated = %zu, got %zu",
                      used, f);
  if (informative < 32 && clusters > (size_t)1 << informative)
    return mlpi_error(o->rt, MLP_EARG,
                      "classification: option 'informative': expected enough "
                      "for %zu clusters (classes * clusters), got %zu: 2^%zu "
                      "corners",
                      clusters, informative, informative);
  if (weights > 0 && weights != whole(o, CLASSES))
    return mlpi_error(o->rt, MLP_EARG,
                      "classification: option 'weights': expected one for each "
                      "of %zu classes, got %zu",
                      whole(o, CLASSES), weights);
  return MLP_OK;
}

/* Rows of each cluster: its class's share, and what is left in turn. */
static void set_sizes (Work *w) {
  const mlpi_Value *v = &w->o->value[WEIGHTS];
  size_t k = whole(w->o, CLASSES), per_class = whole(w->o, CLUSTERS);
  size_t left = w->s.n;
  for (size_t c = 0; c < w->clusters; c++) {
    double share = v->list.n > 0 ? v->list.at[c % k] : 1 / (double)k;
    size_t n = (size_t)((double)w->s.n * share / (double)per_class);
    w->size[c] = n < left ? n : left;
    left -= w->size[c];
  }
  for (size_t c = 0; left > 0; c = (c + 1) % w->clusters, left--) w->size[c]++;
}

/* A different corner of the cube for each cluster; without 'hypercube' pulled
** in by a random share of cluster and of column. */
static void set_centers (Work *w) {
  mlpi_Stream r = mlpi_sample_stream(w->s.rt, w->o, CORNERS);
  mlpi_Stream spread = mlpi_sample_stream(w->s.rt, w->o, SPREAD);
  size_t d = w->informative, bits = d < CORNER_BITS ? d : CORNER_BITS;
  double sep = w->o->value[SEP].number;
  bool pulled = w->o->value[HYPERCUBE].number == 0;
  mlpi_permutation(&r, (size_t)1 << bits, w->corner);
  for (size_t c = 0; c < w->clusters; c++)
    for (size_t j = 0; j < d; j++) {
      bool up = j < bits ? (w->corner[c] >> j & 1) != 0
                         : mlpi_uniform(&spread, c * d + j) < 0.5;
      double v = up ? sep : -sep;
      if (pulled)
        v *= mlpi_uniform(&spread, (w->clusters + c) * d) *
             mlpi_uniform(&spread, 2 * w->clusters * d + j + 1);
      w->center[c * d + j] = v;
    }
}

/* Normal rows, mixed by a matrix of the cluster's own, around its center. */
static void fill_informative (Work *w) {
  mlpi_Stream normal = mlpi_sample_stream(w->s.rt, w->o, MLPI_POINTS);
  mlpi_Stream mixture = mlpi_sample_stream(w->s.rt, w->o, MIXTURE);
  size_t d = w->informative, f = w->s.features, row = 0;
  size_t k = whole(w->o, CLASSES);
  for (size_t c = 0; c < w->clusters; c++) {
    for (size_t e = 0; e < d * d; e++)
      w->mix[e] = mlpi_between(&mixture, c * d * d + e, -1, 1);
    for (size_t m = w->size[c]; m > 0; m--, row++) {
      double *x = w->s.x + row * f;
      for (size_t j = 0; j < d; j++) {
        x[j] = w->center[c * d + j];
        for (size_t i = 0; i < d; i++)
          x[j] += mlpi_normal(&normal, row * f + i) * w->mix[i * d + j];
      }
      w->s.y[row] = (double)(c % k + 1);
    }
  }
}

/* Columns that are sums of informative ones, then copies, then noise. */
static void fill_rest (Work *w) {
  mlpi_Stream combine = mlpi_sample_stream(w->s.rt, w->o, COMBINE);
  mlpi_Stream copies = mlpi_sample_stream(w->s.rt, w->o, COPIES);
  mlpi_Stream noise = mlpi_sample_stream(w->s.rt, w->o, MLPI_POINTS);
  size_t d = w->informative, f = w->s.features, made = d + w->redundant;
  for (size_t row = 0; row < w->s.n; row++) {
    double *x = w->s.x + row * f;
    for (size_t j = 0; j < w->redundant; j++)
      for (size_t i = 0; i < d; i++)
        x[d + j] += x[i] * mlpi_between(&combine, i * w->redundant + j, -1, 1);
    for (size_t j = 0; j < w->repeated; j++)
      x[made + j] =
          x[(size_t)((double)(made - 1) * mlpi_uniform(&copies, j) + 0.5)];
    for (size_t j = made + w->repeated; j < f; j++)
      x[j] = mlpi_normal(&noise, row * f + j);
  }
}

/* Some labels at random, the columns shifted, scaled and in another order. */
static void disturb (Work *w) {
  mlpi_Stream flips = mlpi_sample_stream(w->s.rt, w->o, FLIPPED);
  mlpi_Stream columns = mlpi_sample_stream(w->s.rt, w->o, COLUMNS);
  size_t f = w->s.features;
  double k = w->o->value[CLASSES].number, flip = w->o->value[FLIP].number;
  double shift = w->o->value[SHIFT].number, scale = w->o->value[SCALE].number;
  mlpi_permutation(&columns, f, w->corner);
  for (size_t i = 0; i < w->s.n; i++) {
    double *x = w->s.x + i * f;
    if (mlpi_uniform(&flips, 2 * i) < flip)
      w->s.y[i] = 1 + (double)(size_t)(k * mlpi_uniform(&flips, 2 * i + 1));
    for (size_t j = 0; j < f; j++) w->row[j] = (x[j] + shift) * scale;
    bool ordered = w->o->value[SHUFFLE].number == 0;
    for (size_t j = 0; j < f; j++) x[j] = w->row[ordered ? j : w->corner[j]];
  }
}

static mlp_Status make_rows (Work *w) {
  mlp_Runtime *rt = w->s.rt;
  size_t d = w->informative, f = w->s.features;
  size_t places = (size_t)1 << CORNER_BITS;
  if (places < f) places = f;
  w->size = mlpi_calloc(rt, w->clusters, sizeof *w->size);
  w->center = mlpi_calloc(rt, w->clusters * d, sizeof *w->center);
  w->mix = mlpi_calloc(rt, d * d, sizeof *w->mix);
  w->row = mlpi_calloc(rt, f, sizeof *w->row);
  w->corner = mlpi_calloc(rt, places, sizeof *w->corner);
  bool ok = w->size != NULL && w->center != NULL && w->mix != NULL &&
            w->row != NULL && w->corner != NULL;
  if (ok) {
    set_sizes(w);
    set_centers(w);
    fill_informative(w);
    fill_rest(w);
    disturb(w);
  }
  mlpi_free(rt, w->size, w->clusters * sizeof *w->size);
  mlpi_free(rt, w->center, w->clusters * d * sizeof *w->center);
  mlpi_free(rt, w->mix, d * d * sizeof *w->mix);
  mlpi_free(rt, w->row, f * sizeof *w->row);
  mlpi_free(rt, w->corner, places * sizeof *w->corner);
  return ok ? MLP_OK : MLP_ENOMEM;
}

static mlp_Status make (mlp_Runtime *rt, const mlp_Object *o,
                        mlp_Dataset **out) {
  Work w = { .o = o,
             .informative = whole(o, INFORMATIVE),
             .redundant = whole(o, REDUNDANT),
             .repeated = whole(o, REPEATED),
             .clusters = whole(o, CLASSES) * whole(o, CLUSTERS) };
  *out = NULL;
  mlp_Status e = check(o, w.clusters);
  if (e == MLP_OK)
    e = mlpi_sample_begin(rt, o, whole(o, FEATURES), whole(o, CLASSES), &w.s,
                          out);
  if (e != MLP_OK) return e;
  e = make_rows(&w);
  mlp_Status end = mlpi_sample_end(&w.s, NULL, out);
  if (e == MLP_OK || end != MLP_OK) return end;
  mlpi_dataset_release(*out);
  *out = NULL;
  return e;
}

const mlp_Generator mlp_dataset_classification = {
  .name = "classification",
  .doc = "Normal clusters around corners of a cube of edge 2 class_sep, "
         "x (n, features): informative columns, redundant ones (sums of "
         "those), repeated ones, and noise.",
  .cite = "Guyon 2003, NIPS variable selection benchmark; scikit-learn, "
          "make_classification",
  .options = {
    MLPI_SAMPLE_OPTIONS(100),
    { "features", 20, 1, 1e4, "columns of x", MLP_INTEGER },
    { "informative", 2, 1, 1000, "columns that tell the class", MLP_INTEGER },
    { "redundant", 2, 0, 1e4, "sums of informative columns", MLP_INTEGER },
    { "repeated", 0, 0, 1e4, "copies of such columns", MLP_INTEGER },
    { "classes", 2, 1, 100, "number of classes", MLP_INTEGER },
    { "clusters", 2, 1, 100, "clusters of each class", MLP_INTEGER },
    { "weights", 0, 0, 1, "share of each class; none: equal",
      .type = MLP_LIST },
    { "flip_y", 0.01, 0, 1, "share of labels drawn at random" },
    { "class_sep", 1, 0, 1e6, "half the edge of the cube" },
    { "hypercube", 1, .doc = "corners of a cube; false: of a random polytope",
      .type = MLP_BOOLEAN },
    { "shift", 0, -1e6, 1e6, "added to x" },
    { "scale", 1, -1e6, 1e6, "x is multiplied by it after the shift" },
    { "shuffle", 1, .doc = "columns in random order; false: informative, "
      "redundant, repeated, noise", .type = MLP_BOOLEAN },
  },
  .make = make,
};
