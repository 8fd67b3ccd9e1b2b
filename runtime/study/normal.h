/*
** normal.h - the normal distribution, with the same bits everywhere.
*/
#ifndef normal_h
#define normal_h

double mlpi_normal_density (double z);
double mlpi_normal_below (double z); /* the distribution function */

/* ln(below(z1) - below(z0)), z0 < z1, without loss far from 0. */
double mlpi_log_normal_between (double z0, double z1);

/* log(density(z) + z below(z)), the expected improvement in units of the
** deviation; *slope, unless NULL: its derivative. Ament et al. 2023,
** arXiv:2310.20708, say why the logarithm. */
double mlpi_log_improvement (double z, double *slope);

#endif
