/*
** warp.h - level 6: what a Gaussian process sees of a study's values, so that
** they look normal. Less is better.
**
** Those worse than the median are brought nearer by a logarithm: a training
** that failed badly must not flatten the difference between good ones. The
** rest of the skewness is taken out by Yeo and Johnson's power, the most likely
** one. Then mean 0 and deviation 1.
*/
#ifndef warp_h
#define warp_h

#include <stddef.h>

typedef struct mlpi_Warp {
  double median, spread; /* of the values; from the best to the median */
  double centre, width;  /* mean and deviation of those brought nearer */
  double power;          /* 0 to 3; 1 leaves all as it is */
  double mean, scale;    /* of their powers */
} mlpi_Warp;

/* For n > 0 values y; room holds 2 n numbers. */
void mlpi_warp_fit (mlpi_Warp *w, size_t n, const double *y, double *room);

double mlpi_warp (const mlpi_Warp *w, double y);
/* The other way; *slope: of y by v. */
double mlpi_unwarp (const mlpi_Warp *w, double v, double *slope);

/* Source: Yeo & Johnson 2000, Biometrika 87. */
double mlpi_yeo_johnson (double y, double power);

#endif
