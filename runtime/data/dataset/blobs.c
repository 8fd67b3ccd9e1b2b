/*
** blobs.c - normal clouds around random centers, as scikit-learn's
** make_blobs.
*/
#include "data/sample.h"

enum { CENTERS = MLPI_OWN, DEVIATION, FEATURES, BOX };

/* Each row starts at the center of its class; noise comes after. */
static void place (mlpi_Points *s, size_t k, double box) {
  mlpi_Stream r = mlpi_sample_stream(s->rt, s->options, MLPI_CENTERS);
  size_t row = 0, f = s->features;
  for (size_t c = 0; c < k; c++)
    for (size_t m = mlpi_class_size(s->n, k, c); m > 0; m--, row++) {
      for (size_t j = 0; j < f; j++)
        s->x[row * f + j] = mlpi_between(&r, c * f + j, -box, box);
      s->y[row] = (double)(c + 1);
    }
}

static mlp_Status make (mlp_Runtime *rt, const mlp_Object *o,
                        mlp_Dataset **out) {
  size_t k = (size_t)o->value[CENTERS].number;
  size_t f = (size_t)o->value[FEATURES].number;
  mlpi_Points s;
  mlp_Status e = mlpi_sample_begin(rt, o, f, k, &s, out);
  if (e != MLP_OK) return e;
  place(&s, k, o->value[BOX].number);
  mlpi_sample_noise(&s, o->value[DEVIATION].number, s.n * f, s.x);
  return mlpi_sample_end(&s, NULL, out);
}

const mlp_Generator mlp_dataset_blobs = {
  .name = "blobs",
  .doc = "Normal clouds around centers drawn from a box, one for each class, "
         "x (n, features).",
  .cite = "scikit-learn, make_blobs",
  .options = {
    MLPI_SAMPLE_OPTIONS(500),
    { "centers", 3, 1, 1000, "number of clouds and classes", MLP_INTEGER },
    { "cluster_std", 1, 0, 1e3, "standard deviation of each cloud" },
    { "features", 2, 1, 1e4, "columns of x", MLP_INTEGER },
    { "center_box", 10, 0, 1e6, "centers lie in -box..box in each column" },
  },
  .make = make,
};
