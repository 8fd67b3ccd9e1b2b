/*
** abreast.h - arrays of several models, interleaved: element i of each, side by
** side, then element i + 1 of each. A vector then holds one element of many
** small models, and arithmetic needs no more than it does for one number.
*/
#ifndef abreast_h
#define abreast_h

#include "tensor/tensor.h"

enum { MLPI_ABREAST = 8 }; /* models */

/* The array of one model, which lies in the first place of such arrays, as that
** of all: with a last axis more. Strides are those of the one model alone; of
** one that all share they stay, and the last is 0. */
mlpi_Array mlpi_abreast (const mlpi_Array *a, bool shared);

/* One model's part of it, a strided view. */
mlpi_Array mlpi_abreast_part (const mlpi_Array *a, size_t i);

/* n elements of 'size' bytes of each model to their places; and back. */
void mlpi_interleave (const mlp_Runtime *rt, size_t size, size_t n,
                      const char *const *from, char *to);
void mlpi_deinterleave (const mlp_Runtime *rt, size_t size, size_t n,
                        const char *from, char *const *to);

/* The same for one model, into or out of place i. */
void mlpi_interleave_one (size_t size, size_t n, const void *from, size_t i,
                          void *to);
void mlpi_deinterleave_one (size_t size, size_t n, const void *from, size_t i,
                            void *to);

/* What the models have in common, to all places. */
void mlpi_interleave_same (size_t size, size_t n, const void *from, void *to);

#endif
