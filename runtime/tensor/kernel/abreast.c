/*
** abreast.c - products of matrices of several models, interleaved: a cell holds
** the elements of MLPI_ABREAST models, and vectors run over models. Each
** element is the chain that mlpi_product makes of it (kernel.h).
*/
#include "tensor/kernel/vector.h"

/* A vector that is no wider than a cell. */
#if defined(__AVX512F__) && MLPI_BITS == 32
typedef REAL Part __attribute__((vector_size(32)));
#define PART_FMA(a, b, c) (Part) _mm256_fmadd_ps((__m256)(a), (__m256)(b), c)
#else
typedef Vec Part;
#define PART_FMA vec_fma
#endif
enum { PL = sizeof(Part) / sizeof(REAL) };

INLINE Part part_load (const REAL *p) {
  Part v;
  memcpy(&v, p, sizeof v);
  return v;
}

/* Strides in elements; rows of C without gaps. */
typedef struct Block {
  size_t n, k;
  const REAL *a, *b, *bias;
  ptrdiff_t ars, acs, brs, bcs, biass;
  REAL *c;
  bool add;
} Block;

enum { MR = 4, NR = 2 }; /* what registers hold beside a row of B */

/* What the chains are added to: nothing, a bias, or as the block says. Most
** tiles are small: that is asked once for all of them. */
enum { PLAIN, BIASED, ANY };

#define UNROLL(i, n) _Pragma("GCC unroll 8") for (int i = 0; i < (n); i++)

/* Loaded once, not by each instruction that takes it. */
#if defined(__x86_64__) && defined(__AVX__)
#define KEEP(v) __asm__("" : "+x"(v))
#else
#define KEEP(v) (void)0
#endif

/* mr rows and nr columns: rows of A from a on, columns of B from b on. */
INLINE void tile (const int mr, const int nr, const int how, const Block s,
                  const REAL *a, const REAL *b, const REAL *bias, REAL *c) {
  Part acc[MR][NR], bv[NR];
  const size_t crs = s.n * MLPI_ABREAST;
  UNROLL (r, mr)
    UNROLL (q, nr) acc[r][q] = (Part){ 0 };
  for (size_t p = s.k; p > 0; p--, a += s.acs, b += s.brs) {
    UNROLL (q, nr) bv[q] = part_load(b + q * s.bcs);
    UNROLL (r, mr) {
      Part av = part_load(a + r * s.ars);
      KEEP(av);
      UNROLL (q, nr) acc[r][q] = PART_FMA(av, bv[q], acc[r][q]);
    }
  }
  if (how == ANY && s.add)
    UNROLL (r, mr)
      UNROLL (q, nr)
        acc[r][q] = part_load(c + r * crs + q * MLPI_ABREAST) + acc[r][q];
  if (how == BIASED || (how == ANY && bias != NULL))
    UNROLL (q, nr) {
      const Part v = part_load(bias + q * s.biass);
      UNROLL (r, mr) acc[r][q] += v;
    }
  UNROLL (r, mr)
    UNROLL (q, nr)
      memcpy(c + r * crs + q * MLPI_ABREAST, &acc[r][q], sizeof(Part));
}

/* mr rows from i on. */
INLINE void rows (const int mr, const int how, const Block s, size_t i) {
  const REAL *a = s.a + (ptrdiff_t)i * s.ars, *b = s.b, *bias = s.bias;
  REAL *c = s.c + i * s.n * MLPI_ABREAST;
  size_t left = s.n;
  for (; left >= NR; left -= NR) {
    tile(mr, NR, how, s, a, b, bias, c);
    b += NR * s.bcs, c += NR * MLPI_ABREAST;
    if (bias != NULL) bias += NR * s.biass;
  }
  if (left == 1) tile(mr, 1, how, s, a, b, bias, c);
}

INLINE void all_rows (const int how, const Block s, size_t m) {
  size_t i = 0;
  for (; i + MR <= m; i += MR) rows(MR, how, s, i);
  if (m - i == 3)
    rows(3, how, s, i);
  else if (m - i == 2)
    rows(2, how, s, i);
  else if (m - i == 1)
    rows(1, how, s, i);
}

static void block (const Block *s, size_t m) {
  if (s->add)
    all_rows(ANY, *s, m);
  else if (s->bias != NULL)
    all_rows(BIASED, *s, m);
  else
    all_rows(PLAIN, *s, m);
}

void mlpi_abreast_multiply (const mlpi_AbreastProduct *x, const REAL *a,
                            const REAL *b, const REAL *bias, REAL *c) {
  for (size_t l = 0; l < MLPI_ABREAST; l += PL)
    for (size_t at = 0, k; at == 0 || at < x->k; at += k) {
      k = mlpi_chain(x->k - at);
      const Block s = { x->n,
                        k,
                        a + (ptrdiff_t)at * x->acs + l,
                        b + (ptrdiff_t)at * x->brs + l,
                        bias != NULL && at + k == x->k ? bias + l : NULL,
                        x->ars,
                        x->acs,
                        x->brs,
                        x->bcs,
                        x->bias,
                        c + l,
                        at > 0 };
      block(&s, x->m);
      if (k == 0) break;
    }
}
