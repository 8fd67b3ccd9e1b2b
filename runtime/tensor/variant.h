/*
** variant.h - arithmetic compiled once per instruction set and real type.
** Each file of tensor/kernel/, op/, activation/, optimizer/, metric/ and
** constraint/ is compiled six times: for baseline, v3 (AVX2, FMA) and v4
** (AVX-512), with REAL = float and REAL = double. -ffp-contract=off and
** explicit FMA make all of them round alike. The Makefile renames each file's
** descriptor (mlp_op_add becomes mlp_op_add_v3_f32) and lists them in tables.
*/
#ifndef variant_h
#define variant_h

#include "tensor/tensor.h"

/* The kind of that family and name for the runtime's instruction set and the
** dtype (float64, or float32 for all else); NULL where there is none. */
const mlp_Kind *mlpi_variant (const mlp_Runtime *rt, mlp_Dtype dtype,
                              const char *family, const char *name);

/* The kind that an object wants, in the variant for 'dtype': an object's own
** kind where it was registered at run time. */
const mlp_Kind *mlpi_object_kind (const mlp_Object *o, mlp_Dtype dtype);

/* Generated: families of one variant, ending at a NULL name. */
extern const mlpi_Family *const mlpi_variants[MLPI_ISAS][2];

#endif
