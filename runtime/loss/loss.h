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
  MLPI_TARGET_SETS,       /* BINARY where p has one column, else ONE_HOT */
  MLPI_TARGET_CLASSES,    /* classes 1..K (n), K the width of p */
  MLPI_TARGET_LABELS,     /* classes (n) of any number, int64 */
  MLPI_TARGET_ANY         /* values of p's shape where the counts agree; else
                             as they are */
};

typedef struct mlp_Loss {
  MLP_KIND;
  int target;
  /* One loss a sample, shape (n), composed of ops; y is as 'target' says and
  ** p the prediction (n, k). A loss that is no mean over samples gives that of
  ** the batch, 0-dimensional. */
  mlp_Status (*apply)(const mlp_Object *o, mlp_Tensor *y, mlp_Tensor *p,
                      mlp_Tensor **out);
  /* 1 where a sample counts, 0 where not, of the type and shape of 'each',
  ** which apply gave; or *out NULL: all count. NULL: they always do. */
  mlp_Status (*mask)(const mlp_Object *o, mlp_Tensor *y, const mlp_Tensor *p,
                     mlp_Tensor *each, mlp_Tensor **out);
} mlp_Loss;

/* The option of every loss that is one number a sample. */
#define MLPI_REDUCTION                                                         \
  {                                                                            \
    "reduction",                                                               \
        .doc = "how the losses of the samples become one number: their sum "   \
               "over their count (mean is the same), their sum, their sum "    \
               "over the sum of the weights, or not at all",                   \
        .type = MLP_TEXT, .text = "sum_over_batch_size",                       \
        .choices = "sum_over_batch_size mean sum mean_with_sample_weight none" \
  }

/*
** The loss of a batch, by the loss's reduction: 0-dimensional, or with "none"
** one number a sample. w: a weight a sample (n), or NULL. As in Keras the sum
** of weighted losses is divided by the samples that are not masked, not by the
** sum of their weights. Brings y into the form that the loss wants: MLP_ESHAPE,
** MLP_EARG name what does not fit.
*/
mlp_Status mlpi_loss (const mlp_Object *o, mlp_Tensor *y, mlp_Tensor *p,
                      mlp_Tensor *w, mlp_Tensor **out);

/* Has it the reduction "none"? Then it is of no use for training. */
bool mlpi_loss_is_open (const mlp_Object *o);

/* The largest label for predictions of so many columns: 2 of two classes, else
** one a column; 0: any label will do. */
size_t mlpi_largest_label (const mlp_Loss *kind, size_t columns);

/* Is 'label' among the numbers of the option "ignore_class"? */
bool mlpi_is_ignored (const mlp_Object *o, double label);

/* MLP_EARG naming row and value where a label is neither in 1..k nor ignored.
 */
mlp_Status mlpi_check_labels (const mlp_Object *o, const mlpi_Array *y,
                              double k);

/*
** The mean of all elements. Where t itself is the mean over the last
** dimension of u, the mean of all of u: equal groups, one rounding.
*/
mlp_Status mlpi_mean_of (mlp_Tensor *t, mlp_Tensor **out);

/* y in the form of MLPI_TARGET_ANY, for what is written outside. */
mlp_Status mlpi_any_target (mlp_Tensor *y, mlp_Tensor *p, mlp_Tensor **out);

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
