/*
** sobol.h - Sobol' points.
*/
#ifndef sobol_h
#define sobol_h

#include <stdint.h>

enum { MLPI_SOBOL_DIMS = 21 };

/* Coordinate 'dim' (from 0, below MLPI_SOBOL_DIMS) of point 'index' (from 0),
** in [0, 1). */
double mlpi_sobol (uint32_t index, int dim);

#endif
