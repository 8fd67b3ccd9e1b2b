/*
** random.h - counter-based random numbers: Philox4x32-10.
** Salmon, Moraes, Dror & Shaw 2011, "Parallel random numbers: as easy as
** 1, 2, 3". A draw is a pure function of (seed, model, layer, purpose, step,
** index): no shared state, so the order and the thread of draws do not matter.
*/
#ifndef random_h
#define random_h

#include "base/base.h"

/* What a stream is for: equal coordinates, other purpose, other numbers. */
enum {
  MLPI_FOR_INIT = 1,
  MLPI_FOR_DROPOUT,
  MLPI_FOR_SHUFFLE,
  MLPI_FOR_SPLIT,
  MLPI_FOR_DATA,
  MLPI_FOR_USER /* mlp.rand, mlp.randn */
};

typedef struct mlpi_Stream {
  uint32_t key[2]; /* from seed, model, layer, purpose */
  uint64_t step;   /* of training, or number of the call */
} mlpi_Stream;

mlpi_Stream mlpi_stream (uint64_t seed, uint32_t model, uint32_t layer,
                         uint32_t purpose, uint64_t step);

/* Four random words: block 'index' of the stream. */
void mlpi_philox (const mlpi_Stream *s, uint64_t index, uint32_t out[4]);

/* The i-th number of the stream, two to a block: 53 bits in [0, 1). */
double mlpi_uniform (const mlpi_Stream *s, uint64_t i);

/* The i-th standard normal number, by inversion of mlpi_uniform's. */
double mlpi_normal (const mlpi_Stream *s, uint64_t i);

/* The same from the middle of the bell, resampled outside +-2. */
double mlpi_truncated_normal (const mlpi_Stream *s, uint64_t i);

/* perm[0..n) = a random order of 0..n-1 (Fisher-Yates, unbiased). */
void mlpi_permutation (const mlpi_Stream *s, size_t n, size_t *perm);

#endif
