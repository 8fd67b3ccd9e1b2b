/*
** kernel.h - what a file compiled per variant sees: REAL and the kernels.
**
** Bits. Every function here gives the same bits for any instruction set,
** thread count, stride and tile border:
** - elementwise code is plain C on exactly rounded operations and FMA();
** - an output of a product: ascending chains of FMAs over MLPI_KBLOCK terms,
**   and half as many more in the last, the chains added in ascending order;
** - a sum runs over sixteen lanes (term i in lane i % 16), in blocks of
**   MLPI_SUMBLOCK terms, each block's lanes folded 8, 4, 2, 1; the blocks
**   are added as a binary tree in fixed order.
*/
#ifndef kernel_h
#define kernel_h

#include "base/pool.h"
#include "tensor/abreast.h"
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

#define mlpi_product          MLPI_NAME(mlpi_product)
#define mlpi_multiply         MLPI_NAME(mlpi_multiply)
#define mlpi_abreast_multiply MLPI_NAME(mlpi_abreast_multiply)
#define mlpi_gemm             MLPI_NAME(mlpi_gemm)
#define mlpi_gemm_scratch     MLPI_NAME(mlpi_gemm_scratch)
#define mlpi_sum              MLPI_NAME(mlpi_sum)
#define mlpi_sum_rows         MLPI_NAME(mlpi_sum_rows)
#define mlpi_dot              MLPI_NAME(mlpi_dot)

enum { MLPI_KBLOCK = 256, MLPI_LANES = 16, MLPI_SUMBLOCK = 2048 };

/* Terms of a product's next chain, where so many are left. */
static inline size_t mlpi_chain (size_t left) {
  return left <= MLPI_KBLOCK + MLPI_KBLOCK / 2 ? left : MLPI_KBLOCK;
}

/*
** C (m, n) = A (m, k) B (k, n), and then, where there is one, bias[j] (n of
** them) added to each row. Element (i, j) of A is a[i * ars + j * acs], of B
** b[i * brs + j * bcs], of C c[i * crs + j]; any strides, 0 and negative ones
** included. C overlaps neither A nor B. k = 0 gives zeros.
** How it is done is decided once, for shape and strides: a product. Running it
** takes x.scratch bytes, 64-byte aligned (may be NULL where that is 0).
** bias may be NULL in any product, and must be where it was not asked
** for.
*/
typedef struct mlpi_Product {
  size_t m, n, k;
  ptrdiff_t ars, acs, brs, bcs, crs;
  bool turned;         /* computed as C^T = B^T A^T: n is 1 */
  bool small;          /* one job, one block of k, nothing shared */
  int vectors;         /* of the one panel that has all columns, or 0 */
  bool pack_a, pack_b; /* copies are made */
  bool share_b;        /* jobs share a copy of B; else each has strips of it */
  bool by_block;       /* jobs share copies: one block of k after the other */
  int slots;           /* jobs that have scratch at the same time */
  size_t rows, cols;   /* of C in one job */
  size_t across, jobs; /* jobs side by side; all */
  size_t scratch;      /* bytes */
} mlpi_Product;

mlpi_Product mlpi_product (size_t m, size_t n, size_t k, ptrdiff_t ars,
                           ptrdiff_t acs, ptrdiff_t brs, ptrdiff_t bcs,
                           ptrdiff_t crs, bool biased);
void mlpi_multiply (mlp_Runtime *rt, const mlpi_Product *x, const REAL *a,
                    const REAL *b, const REAL *bias, REAL *c, void *scratch);

/* A product that is run once, without a bias; the scratch that it wants. */
void mlpi_gemm (mlp_Runtime *rt, size_t m, size_t n, size_t k, const REAL *a,
                ptrdiff_t ars, ptrdiff_t acs, const REAL *b, ptrdiff_t brs,
                ptrdiff_t bcs, REAL *c, ptrdiff_t crs, void *scratch);
size_t mlpi_gemm_scratch (size_t m, size_t n, size_t k, ptrdiff_t ars,
                          ptrdiff_t acs, ptrdiff_t brs, ptrdiff_t bcs);

/*
** C = A B + bias of MLPI_ABREAST models (op.h) at once: an element is theirs,
** side by side. Strides in REALs; C is row-major without gaps. bias: NULL for
** none.
*/
typedef struct mlpi_AbreastProduct {
  size_t m, n, k;
  ptrdiff_t ars, acs, brs, bcs, bias;
} mlpi_AbreastProduct;
void mlpi_abreast_multiply (const mlpi_AbreastProduct *x, const REAL *a,
                            const REAL *b, const REAL *bias, REAL *c);

/* The sum of x[i * stride], i < n, in the order of the rule above. */
REAL mlpi_sum (size_t n, const REAL *x, ptrdiff_t stride);

/* out[j] = sum over i < rows of x[i * rs + j], each column in the order of
** the rule above (as if by mlpi_sum with stride rs); j < cols. */
void mlpi_sum_rows (mlp_Runtime *rt, size_t rows, size_t cols, const REAL *x,
                    ptrdiff_t rs, REAL *out);

/* The sum of x[i] * y[i], products rounded, then as mlpi_sum. */
REAL mlpi_dot (size_t n, const REAL *x, const REAL *y);

#endif
