/*
** sample.h - what the generators of data/dataset/ share: rows in float64,
** drawn from streams of one seed, then shuffled and stored as asked for.
*/
#ifndef sample_h
#define sample_h

#include "data/data.h"

/* The first options of every generator, in this order. */
enum { MLPI_N, MLPI_SEED, MLPI_DTYPE, MLPI_OWN };
#define MLPI_SAMPLE_OPTIONS(n)                                                 \
  { "n", n, 2, 1e9, "rows", MLP_INTEGER },                                     \
      { "seed", -1, -1, 0x1p53, "of the rows; -1: the run's", MLP_INTEGER }, { \
    "dtype", .doc = "of x, and of y where it holds values", .type = MLP_TEXT,  \
             .text = "float32", .choices = "float32 float64"                   \
  }

typedef struct mlpi_Points {
  mlp_Runtime *rt;
  const mlp_Object *options;
  size_t n, features, classes; /* classes 0: one value a row */
  double *x;                   /* (n, features) */
  double *y;                   /* (n): a class from 1, or a value */
} mlpi_Points;

/* Memory for the rows, all zero; *out = NULL, for the caller that gives up. */
mlp_Status mlpi_sample_begin (mlp_Runtime *rt, const mlp_Object *o,
                              size_t features, size_t classes, mlpi_Points *s,
                              mlp_Dataset **out);

/* Random numbers number 'which' of these rows, from the 'seed' option or the
** run's. */
enum { MLPI_POINTS, MLPI_NOISE, MLPI_ORDER, MLPI_CENTERS };
mlpi_Stream mlpi_sample_stream (mlp_Runtime *rt, const mlp_Object *o,
                                uint32_t which);

/* Number i of the stream, uniform in [low, high). */
double mlpi_between (const mlpi_Stream *s, uint64_t i, double low, double high);

/* Rows of class c (from 0) where n rows are dealt to k classes: the first
** n % k get one more. */
size_t mlpi_class_size (size_t n, size_t k, size_t c);

/* Add normal noise of that deviation to n numbers. */
void mlpi_sample_noise (const mlpi_Points *s, double deviation, size_t n,
                        double *v);

/* Shuffle the rows, make the dataset, free the memory. 'names': of the
** classes, or NULL. */
mlp_Status mlpi_sample_end (mlpi_Points *s, const char *const *names,
                            mlp_Dataset **out);

#endif
