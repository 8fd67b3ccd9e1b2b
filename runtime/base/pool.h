/*
** pool.h - the threads of a runtime.
** Work is cut into tiles by its shape alone, never by the number of threads,
** so that the result does not depend on who computes which tile.
*/
#ifndef pool_h
#define pool_h

#include "base/base.h"

typedef void (*mlpi_Tile)(void *ud, size_t tile);

/* Call f(ud, i) once for each i in 0..tiles-1, in any order, on the caller
** and the pool's threads; return when all are done. Once mlpi_aborted, the
** rest is left out. */
void mlpi_parallel (mlp_Runtime *rt, size_t tiles, mlpi_Tile f, void *ud);

/* Join and free the threads, if any. */
void mlpi_pool_stop (mlp_Runtime *rt);

/* Change the number of threads (at least 1). */
void mlpi_set_threads (mlp_Runtime *rt, int threads);

#endif
