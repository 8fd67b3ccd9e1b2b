/*
** tile.h - the innermost product: a small tile of C held in registers.
** Goto & van de Geijn 2008, "Anatomy of high-performance matrix
** multiplication". Vectors run over columns of C only, so that every element
** is a chain of its own and the vector width cannot show in the bits.
*/
#ifndef tile_h
#define tile_h

#include "tensor/kernel/vector.h"

/*
** C (mr, w) = or += A (mr, k) B (k, w): w is 'nv' vectors, of the last one
** 'part' lanes. B's rows are contiguous.
*/
typedef struct Tile {
  size_t k;
  const REAL *a;
  ptrdiff_t ars, acs;
  const REAL *b;
  ptrdiff_t brs;
  REAL *c;
  ptrdiff_t crs;
  size_t part;
  bool fetch_c;     /* C is read, or far away */
  bool add;         /* a later block of k: the chain's sum is added to C */
  const REAL *bias; /* (w) added to each row in the end, or NULL */
  const uint16_t
      *terms; /* NULL: all; or the number of those to add, and they */
} Tile;

/*
** Rows and vectors of the largest tile: as many independent chains as the
** registers hold beside one row of B and an element of A. Fewer rows take
** more vectors, to have the eight chains that keep two multipliers busy.
*/
#if defined(__AVX512F__)
#define MR 12
#else
#define MR 6
#endif
enum { NV = 2, NV_MAX = 8 };
enum { AHEAD = 4 }; /* rows of B that one row of A fetches ahead */

/* A loop that leaves no trace but its body, n times. */
#define UNROLL(i, n) _Pragma("GCC unroll 16") for (int i = 0; i < (n); i++)

/* mr, nv, whole, and some (s.terms alone) are constants: all but the loop over
** k is unrolled. */
INLINE void tile (const int mr, const int nv, const bool whole, const bool some,
                  const Tile *t) {
  Vec acc[MR][NV_MAX], bv[NV_MAX];
  const Tile s = *t;
  const Mask mask = vec_mask(s.part);
  const REAL *a = s.a, *b = s.b;
  UNROLL (i, mr)
    UNROLL (j, nv) acc[i][j] = (Vec){ 0 };
  if (s.fetch_c)
    UNROLL (i, mr) __builtin_prefetch(s.c + i * s.crs, 1);
  const uint16_t *term = s.terms + 1;
  for (size_t p = some ? *s.terms : s.k; p > 0; p--, a += s.acs, b += s.brs) {
    if (some) a = s.a + *term * s.acs, b = s.b + *term++ * s.brs;
    if (mr == 1 && nv == NV_MAX && !some)
      UNROLL (j, nv * VBYTES / 64)
        __builtin_prefetch(b + AHEAD * s.brs + j * (64 / sizeof(REAL)));
    UNROLL (j, nv)
      bv[j] = whole || j < nv - 1 ? vec_load(b + j * VL)
                                  : vec_load_part(b + j * VL, mask);
    UNROLL (i, mr) {
      const Vec av = vec_splat(a[i * s.ars]);
      UNROLL (j, nv) acc[i][j] = vec_fma(av, bv[j], acc[i][j]);
    }
  }
  if (s.add)
    UNROLL (i, mr)
      UNROLL (j, nv) {
        const REAL *c = s.c + i * s.crs + j * VL;
        acc[i][j] =
            (whole || j < nv - 1 ? vec_load(c) : vec_load_part(c, mask)) +
            acc[i][j];
      }
  if (s.bias != NULL) {
    UNROLL (j, nv)
      bv[j] = whole || j < nv - 1 ? vec_load(s.bias + j * VL)
                                  : vec_load_part(s.bias + j * VL, mask);
    UNROLL (i, mr)
      UNROLL (j, nv) acc[i][j] += bv[j];
  }
  UNROLL (i, mr)
    UNROLL (j, nv) {
      REAL *c = s.c + i * s.crs + j * VL;
      if (whole || j < nv - 1)
        vec_store(c, acc[i][j]);
      else
        vec_store_part(c, acc[i][j], s.part);
    }
}

#endif
