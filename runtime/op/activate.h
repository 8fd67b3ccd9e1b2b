/*
** activate.h - what the op 'activate' applies: an activation function.
** The folder activation/ holds one file each; a graph gives the descriptor,
** in the variant that fits, in attrs.kind and its options in attrs.object.
*/
#ifndef activate_h
#define activate_h

#include "op/op.h"

/*
** Functions over (rows, cols), row-major without gaps, of the variant's real
** type. 'opt': the values of the options, in the descriptor's order.
*/
typedef struct mlp_Activation {
  MLP_KIND;
  unsigned needs;   /* MLPI_OP_NEEDS_IN, _OUT: what backward reads */
  bool elementwise; /* rows and columns do not matter */
  /* y = f(x); y may be x. */
  void (*forward)(const double *opt, size_t rows, size_t cols, const void *x,
                  void *y);
  /* gx = dL/dx from g = dL/dy; gx may be g. */
  void (*backward)(const double *opt, size_t rows, size_t cols, const void *x,
                   const void *y, const void *g, void *gx);
  double check_min, check_max; /* as in mlpi_Op */
} mlp_Activation;

/* The values of options: of 'o', or the presets of 'kind' where o is NULL. */
void mlpi_activation_options (const mlp_Kind *kind, const mlp_Object *o,
                              double opt[MLP_OPTIONS_MAX]);

#endif
