/*
** loss.h - level 4: what training makes small.
** A file <name>.c defines one 'const mlp_Loss mlp_loss_<name>'.
*/
#ifndef loss_h
#define loss_h

#include "graph/formula.h"

#include <math.h>

#define MLPI_EPSILON 1e-7 /* as in Keras: what is kept away from 0 */
#define MLPI_HUGE    HUGE_VAL

/* What targets a loss takes. */
enum {
  MLPI_TARGET_VALUES = 1, /* floats of the prediction's shape */
  MLPI_TARGET_BINARY,     /* classes 1, 2 seen as 0, 1; or floats in [0, 1] */
  MLPI_TARGET_ONE_HOT,    /* (n, K) floats; classes are one-hot encoded */
  MLPI_TARGET_CLASSES     /* classes 1..K (n) */
};

typedef struct mlp_Loss {
  MLP_KIND;
  int target;
  /* One loss a sample, shape (n), composed of ops; y is as 'target' says and
  ** p the prediction (n, k). A loss that is no mean over samples gives that of
  ** the batch, 0-dimensional. */
  mlp_Status (*apply)(const mlp_Object *o, mlp_Tensor *y, mlp_Tensor *p,
                      mlp_Tensor **out);
} mlp_Loss;

/*
** The mean loss over a batch, 0-dimensional. Brings y into the form that the
** loss wants: MLP_ESHAPE, MLP_EARG name what does not fit.
*/
mlp_Status mlpi_loss (const mlp_Object *o, mlp_Tensor *y, mlp_Tensor *p,
                      mlp_Tensor **out);

/* MLP_EARG naming row and value where a label is not in 1..k. */
mlp_Status mlpi_check_labels (mlp_Runtime *rt, const char *who,
                              const mlpi_Array *y, double k);

/*
** The mean of all elements. Where t itself is the mean over the last
** dimension of u, the mean of all of u: equal groups, one rounding.
*/
mlp_Status mlpi_mean_of (mlp_Tensor *t, mlp_Tensor **out);

/* Targets with a share s of each spread evenly over k classes. */
mlp_Tensor *mlpi_smoothed (mlpi_Formula *f, mlp_Tensor *y, double s, double k);

/* max(1 - y p, 0), where targets 0 count as -1. */
mlp_Tensor *mlpi_missing_margin (mlpi_Formula *f, mlp_Tensor *y, mlp_Tensor *p);

/*
** The input of the activation of that name which made p, or NULL: losses go
** to the logits where they can, whoever executes.
*/
mlp_Tensor *mlpi_logits_of (mlp_Tensor *p, const char *activation);

#endif
