/*
** bfgs.h - minimising a smooth function in a box.
*/
#ifndef bfgs_h
#define bfgs_h

#include <stddef.h>

enum { MLPI_BFGS_MAX = 160 }; /* variables */

typedef double (*mlpi_Objective)(void *ud, const double *x, double *gradient);

/*
** Move x (n) downhill from where it is, within [low, high] for every
** coordinate, for at most 'calls' of f. work holds n * (n + 6) doubles.
** Returns f(x). BFGS with backtracking (Nocedal & Wright 2006, chapter 6);
** coordinates at a border that push outwards stand still.
*/
double mlpi_bfgs (size_t n, double *x, double low, double high, int calls,
                  mlpi_Objective f, void *ud, double *work);

#endif
