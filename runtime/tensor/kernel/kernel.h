/*
** kernel.h - what a file compiled per variant sees: REAL and the kernels.
**
** Bits. Every function here gives the same bits for any instruction set,
** thread count, stride and tile border:
** - elementwise code is plain C on exactly rounded operations and FMA();
** - an output of a product is one ascending chain of FMAs over blocks of
**   MLPI_KBLOCK terms, the blocks added in ascending order;
** - a sum runs over sixteen lanes (term i in lane i % 16), in blocks of
**   MLPI_SUMBLOCK terms, each block's lanes folded 8, 4, 2, 1; the blocks
**   are added as a binary tree in fixed order.
*/
#ifndef kernel_h
#define kernel_h

#include "base/pool.h"
#include "tensor/variant.h"

#include <math.h>

#if !defined(MLPI_ISA) /* editors and linters see one variant */
#define MLPI_ISA  baseline
#define MLPI_BITS 32
#endif

#if MLPI_BITS == 32
#define REAL                   float
#define MLPI_DTYPE             MLP_FLOAT32
#define R(x)                   x##f /* a literal of type REAL: R(0.5) */
#define FMA                    __builtin_fmaf
#define SQRT                   __builtin_sqrtf
#define FABS                   __builtin_fabsf
#define MLPI_PASTE_(name, isa) name##_##isa##_f32
#else
#define REAL                   double
#define MLPI_DTYPE             MLP_FLOAT64
#define R(x)                   x
#define FMA                    __builtin_fma
#define SQRT                   __builtin_sqrt
#define FABS                   __builtin_fabs
#define MLPI_PASTE_(name, isa) name##_##isa##_f64
#endif
#define MLPI_PASTE(name, isa) MLPI_PASTE_(name, isa)
#define MLPI_NAME(name)       MLPI_PASTE(name, MLPI_ISA)

#define mlpi_gemm             MLPI_NAME(mlpi_gemm)
#define mlpi_gemm_bias        MLPI_NAME(mlpi_gemm_bias)
#define mlpi_gemm_scratch     MLPI_NAME(mlpi_gemm_scratch)
#define mlpi_gemm_many        MLPI_NAME(mlpi_gemm_many)
#define mlpi_sum              MLPI_NAME(mlpi_sum)
#define mlpi_sum_rows         MLPI_NAME(mlpi_sum_rows)
#define mlpi_dot              MLPI_NAME(mlpi_dot)

enum { MLPI_KBLOCK = 256, MLPI_LANES = 16, MLPI_SUMBLOCK = 2048 };

/*
** C (m, n) = A (m, k) B (k, n). Element (i, j) of A is a[i * ars + j * acs],
** of B b[i * brs + j * bcs], of C c[i * crs + j]; any strides, 0 and negative
** ones included. C overlaps neither A nor B. k = 0 gives zeros.
** 'scratch' holds mlpi_gemm_scratch(m, n, k, ars, acs, brs, bcs) bytes,
** 64-byte aligned (may be NULL where that is 0).
*/
void mlpi_gemm (mlp_Runtime *rt, size_t m, size_t n, size_t k, const REAL *a,
                ptrdiff_t ars, ptrdiff_t acs, const REAL *b, ptrdiff_t brs,
                ptrdiff_t bcs, REAL *c, ptrdiff_t crs, void *scratch);
size_t mlpi_gemm_scratch (size_t m, size_t n, size_t k, ptrdiff_t ars,
                          ptrdiff_t acs, ptrdiff_t brs, ptrdiff_t bcs);

/* The same, then bias[j] (n of them; NULL: none) added to each row. */
void mlpi_gemm_bias (mlp_Runtime *rt, size_t m, size_t n, size_t k,
                     const REAL *a, ptrdiff_t ars, ptrdiff_t acs, const REAL *b,
                     ptrdiff_t brs, ptrdiff_t bcs, const REAL *bias, REAL *c,
                     ptrdiff_t crs, void *scratch);

/* The same for 'count' products of one shape, one after another; 'by': how far
** the operands of the next one lie behind those of the one before. */
typedef struct mlpi_Steps {
  ptrdiff_t a, b, bias, c; /* in elements */
} mlpi_Steps;
void mlpi_gemm_many (mlp_Runtime *rt, size_t count, const mlpi_Steps *by,
                     size_t m, size_t n, size_t k, const REAL *a, ptrdiff_t ars,
                     ptrdiff_t acs, const REAL *b, ptrdiff_t brs, ptrdiff_t bcs,
                     const REAL *bias, REAL *c, ptrdiff_t crs, void *scratch);

/* The sum of x[i * stride], i < n, in the order of the rule above. */
REAL mlpi_sum (size_t n, const REAL *x, ptrdiff_t stride);

/* out[j] = sum over i < rows of x[i * rs + j], each column in the order of
** the rule above (as if by mlpi_sum with stride rs); j < cols. */
void mlpi_sum_rows (mlp_Runtime *rt, size_t rows, size_t cols, const REAL *x,
                    ptrdiff_t rs, REAL *out);

/* The sum of x[i] * y[i], products rounded, then as mlpi_sum. */
REAL mlpi_dot (size_t n, const REAL *x, const REAL *y);

#endif
