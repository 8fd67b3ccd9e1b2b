/*
** fmath.h - exp, log, sin and cos that give the same bits on every machine:
** only exactly rounded operations, where a C library may do as it likes. For
** data and random numbers, one at a time; tensors have tensor/kernel/vmath.h.
*/
#ifndef fmath_h
#define fmath_h

/* Error below 1 ulp; above 709.78 infinite, below -745.13 zero. */
double mlpi_exp (double x);

/* Natural logarithm of a normal x > 0; error below 1 ulp. */
double mlpi_ln (double x);

/* Error below 1 ulp for |x| up to 1e5, the reach of the reduction; NaN
** beyond it. */
double mlpi_sin (double x);
double mlpi_cos (double x);

#endif
