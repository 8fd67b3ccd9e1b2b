/*
** fmath.h - exp, log, sin and cos that give the same bits on every machine:
** only exactly rounded operations, where a C library may do as it likes. For
** data and random numbers, one at a time; tensors have tensor/kernel/vmath.h.
*/
#ifndef fmath_h
#define fmath_h

#include <stdint.h>

/* Error below 1 ulp; above 709.78 infinite, below -745.13 zero. */
double mlpi_exp (double x);

/* Natural logarithm of a normal x > 0; error below 1 ulp. */
double mlpi_ln (double x);

/* Error below 1 ulp for |x| up to 1e5, the reach of the reduction; NaN
** beyond it. */
double mlpi_sin (double x);
double mlpi_cos (double x);

/* base^t for a whole t, by squaring. */
double mlpi_power (double base, uint64_t t);

/* x^y for x >= 0 by way of exp and ln: relative error of some |y ln x| ulp;
** exact where y is 0, 1/2 or 1. */
double mlpi_pow (double x, double y);

#endif
