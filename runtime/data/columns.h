/*
** columns.h - new columns from old: scaling, products, sines.
*/
#ifndef columns_h
#define columns_h

#include "data/data.h"

/* How a scaler sets shift and scale of a column, so that what comes out is
** (x - shift) / scale. NaN does not count; a constant column is only moved. */
typedef enum mlpi_Scaling {
  MLPI_STANDARD, /* mean 0, standard deviation (over n) 1 */
  MLPI_MIN_MAX   /* from low to high */
} mlpi_Scaling;

/* Of x (n, ...), into shift and scale: float64, as many as x has columns. */
mlp_Status mlpi_scaler_fit (const mlp_Tensor *x, mlpi_Scaling how, double low,
                            double high, mlp_Tensor **shift,
                            mlp_Tensor **scale);

/* A new tensor (x - shift) / scale, or with 'inverse' x * scale + shift. */
mlp_Status mlpi_scaler_apply (const mlp_Tensor *x, const mlp_Tensor *shift,
                              const mlp_Tensor *scale, bool inverse,
                              mlp_Tensor **out);

typedef enum mlpi_Statistic {
  MLPI_COUNT,   /* how many are numbers */
  MLPI_MEAN,    /* summed from the smallest up */
  MLPI_MODE,    /* the most frequent, of several the least */
  MLPI_MAX_ABS, /* the largest absolute value */
  MLPI_QUANTILE /* q from 0 to 1, between neighbours linear */
} mlpi_Statistic;

/* Of each column of x (n, ...) over what is not NaN, as float64; NaN (or count
** 0) where nothing is. */
mlp_Status mlpi_column_statistic (const mlp_Tensor *x, mlpi_Statistic what,
                                  double q, mlp_Tensor **out);

/* A column made from columns i and j (from 0) of a matrix. */
typedef struct mlpi_Term {
  enum { MLPI_COPY, MLPI_PRODUCT, MLPI_SIN, MLPI_COS } what;
  size_t i, j;
} mlpi_Term;

/* (n, terms) from x (n, columns), of x's type. */
mlp_Status mlpi_feature_columns (const mlp_Tensor *x, size_t n,
                                 const mlpi_Term *terms, mlp_Tensor **out);

#endif
