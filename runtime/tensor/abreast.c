/*
** abreast.c - several models' arrays into one, and back.
*/
#include "tensor/abreast.h"

#include <string.h>

enum { N = MLPI_ABREAST };

mlpi_Array mlpi_abreast (const mlpi_Array *a, bool shared) {
  mlpi_Array wide = *a;
  for (int d = 0; d < a->ndim && !shared; d++) wide.stride[d] *= N;
  wide.shape[a->ndim] = N;
  wide.stride[a->ndim] = shared ? 0 : 1;
  wide.ndim++;
  return wide;
}

mlpi_Array mlpi_abreast_part (const mlpi_Array *a, size_t i) {
  mlpi_Array part = *a;
  part.ndim--;
  part.data = (char *)a->data +
              (ptrdiff_t)(i * mlpi_dtype_size(a->dtype)) * a->stride[part.ndim];
  return part;
}

/* n elements whose size the compiler knows, 'gap' and 'step' bytes apart. */
static inline __attribute__((always_inline)) void
copy (const size_t size, size_t n, const char *from, size_t step, char *to,
      size_t gap) {
  for (; n > 0; n--, from += step, to += gap) memcpy(to, from, size);
}

static void copy_any (size_t size, size_t n, const char *from, size_t step,
                      char *to, size_t gap) {
  if (size == 4)
    copy(4, n, from, step, to, gap);
  else if (size == 8)
    copy(8, n, from, step, to, gap);
  else
    copy(1, n, from, step, to, gap);
}

void mlpi_interleave_one (size_t size, size_t n, const void *from, size_t i,
                          void *to) {
  copy_any(size, n, from, size, (char *)to + i * size, N * size);
}

void mlpi_deinterleave_one (size_t size, size_t n, const void *from, size_t i,
                            void *to) {
  copy_any(size, n, (const char *)from + i * size, N * size, to, size);
}

/* The same to N neighbours. */
static inline __attribute__((always_inline)) void
spread (const size_t size, size_t n, const char *from, char *to) {
  for (char one[8]; n > 0; n--, from += size) {
    memcpy(one, from, size);
    for (size_t k = 0; k < N; k++, to += size) memcpy(to, one, size);
  }
}

void mlpi_interleave_same (size_t size, size_t n, const void *from, void *to) {
  if (size == 4)
    spread(4, n, from, to);
  else if (size == 8)
    spread(8, n, from, to);
  else
    spread(1, n, from, to);
}

/*
** Elements of four bytes go by squares of eight elements of eight models, where
** the processor has registers for them.
*/
#if defined(__x86_64__)
#define AVX2 __attribute__((target("avx2")))
#else
#define AVX2
#endif

typedef uint32_t Eight __attribute__((vector_size(32)));

#define MIX          __builtin_shufflevector
#define EACH(k, by)  _Pragma("GCC unroll 8") for (size_t k = 0; k < N; k += by)
#define ODDS(a, b)   MIX(a, b, 2, 10, 3, 11, 6, 14, 7, 15)
#define EVENS(a, b)  MIX(a, b, 0, 8, 1, 9, 4, 12, 5, 13)
#define LOWS(a, b)   MIX(a, b, 0, 1, 8, 9, 4, 5, 12, 13)
#define HIGHS(a, b)  MIX(a, b, 2, 3, 10, 11, 6, 7, 14, 15)
#define FIRSTS(a, b) MIX(a, b, 0, 1, 2, 3, 8, 9, 10, 11)
#define LASTS(a, b)  MIX(a, b, 4, 5, 6, 7, 12, 13, 14, 15)

/* Rows become columns. */
AVX2 static inline __attribute__((always_inline)) void turn (Eight *r) {
  Eight s[N], t[N];
  EACH(k, 2) s[k] = EVENS(r[k], r[k + 1]), s[k + 1] = ODDS(r[k], r[k + 1]);
  EACH(k, 4) {
    t[k] = LOWS(s[k], s[k + 2]), t[k + 1] = HIGHS(s[k], s[k + 2]);
    t[k + 2] = LOWS(s[k + 1], s[k + 3]), t[k + 3] = HIGHS(s[k + 1], s[k + 3]);
  }
  EACH(k, 1)
  r[k] = k < 4 ? FIRSTS(t[k], t[k + 4]) : LASTS(t[k - 4], t[k]);
}

AVX2 static void squares_in (size_t n, const char *const *from, char *to) {
  for (size_t at = 0; at < n * 4; at += N * 4) {
    Eight r[N];
    EACH(k, 1) memcpy(&r[k], from[k] + at, sizeof r[k]);
    turn(r);
    EACH(k, 1) memcpy(to + (at + k * 4) * N, &r[k], sizeof r[k]);
  }
}

AVX2 static void squares_out (size_t n, const char *from, char *const *to) {
  for (size_t at = 0; at < n * 4; at += N * 4) {
    Eight r[N];
    EACH(k, 1) memcpy(&r[k], from + (at + k * 4) * N, sizeof r[k]);
    turn(r);
    EACH(k, 1) memcpy(to[k] + at, &r[k], sizeof r[k]);
  }
}

/* How many elements go by squares: where none do, the functions above are not
** called, since they may begin and end with instructions that are not there. */
static size_t whole (const mlp_Runtime *rt, size_t size, size_t n) {
  return size == 4 && rt->isa != MLPI_BASELINE ? n / N * N : 0;
}

void mlpi_interleave (const mlp_Runtime *rt, size_t size, size_t n,
                      const char *const *from, char *to) {
  const size_t done = whole(rt, size, n);
  if (done > 0) squares_in(done, from, to);
  for (size_t k = 0; k < N; k++)
    mlpi_interleave_one(size, n - done, from[k] + done * size, k,
                        to + done * N * size);
}

void mlpi_deinterleave (const mlp_Runtime *rt, size_t size, size_t n,
                        const char *from, char *const *to) {
  const size_t done = whole(rt, size, n);
  if (done > 0) squares_out(done, from, to);
  for (size_t k = 0; k < N; k++)
    mlpi_deinterleave_one(size, n - done, from + done * N * size, k,
                          to[k] + done * size);
}
