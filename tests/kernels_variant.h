/*
** kernels_variant.h - the kernels of one variant, as a table that the tests
** and the benchmark can pick from at run time.
*/
#ifndef kernels_variant_h
#define kernels_variant_h

#include "tensor/kernel/kernel.h"

typedef void (*ArrayFn)(size_t n, const REAL *x, const REAL *y, REAL *out);

typedef struct Function {
  const char *name;
  ArrayFn loop; /* vectorised by the compiler */
  ArrayFn one;  /* called element by element */
} Function;

typedef struct Kernels {
  void (*gemm)(mlp_Runtime *rt, size_t m, size_t n, size_t k, const REAL *a,
               ptrdiff_t ars, ptrdiff_t acs, const REAL *b, ptrdiff_t brs,
               ptrdiff_t bcs, REAL *c, ptrdiff_t crs, void *scratch);
  size_t (*scratch)(size_t m, size_t n, size_t k, ptrdiff_t ars, ptrdiff_t acs,
                    ptrdiff_t brs, ptrdiff_t bcs);
  void (*abreast)(const mlpi_AbreastProduct *x, const REAL *a, const REAL *b,
                  const REAL *bias, REAL *c);
  REAL (*sum)(size_t n, const REAL *x, ptrdiff_t stride);
  void (*sum_rows)(mlp_Runtime *rt, size_t rows, size_t cols, const REAL *x,
                   ptrdiff_t rs, REAL *out);
  REAL (*dot)(size_t n, const REAL *x, const REAL *y);
  const Function *functions; /* ends at a NULL name */
} Kernels;

#if MLPI_BITS == 32
#define TYPED(name) name##_f32
#else
#define TYPED(name) name##_f64
#endif

extern const Kernels TYPED(kernels_baseline);
#if defined(__x86_64__)
extern const Kernels TYPED(kernels_v3), TYPED(kernels_v4);
#endif

/* The kernels for an instruction set. */
static inline const Kernels *kernels_of (int isa) {
#if defined(__x86_64__)
  if (isa == MLPI_V4) return &TYPED(kernels_v4);
  if (isa == MLPI_V3) return &TYPED(kernels_v3);
#endif
  (void)isa;
  return &TYPED(kernels_baseline);
}

#endif
