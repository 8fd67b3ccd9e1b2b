/*
** optimizer.h - level 5: how a gradient changes weights.
** A file <name>.c defines one 'const mlp_Optimizer mlp_optimizer_<name>',
** compiled once for REAL = float and once for double.
*/
#ifndef optimizer_h
#define optimizer_h

#include "base/fmath.h"
#include "layer/layer.h"
#include "schedule/schedule.h"
#include "tensor/abreast.h"
#include "tensor/variant.h"
#include "tensor/kernel/kernel.h"

/*
** What can be asked of every optimizer is done outside of it, in the order of
** Keras 3 (model/step.c). An optimizer lists these options behind its own as
** MLPI_COMMON, and says with '.common' where they begin.
*/
enum {
  MLPI_SCHEDULE,
  MLPI_WEIGHT_DECAY,
  MLPI_CLIPNORM,
  MLPI_GLOBAL_CLIPNORM,
  MLPI_CLIPVALUE,
  MLPI_USE_EMA,
  MLPI_EMA_MOMENTUM,
  MLPI_ACCUMULATION,
  MLPI_LOSS_SCALE
};

#define MLPI_COMMON(decay)                                                      \
  { "schedule", .type = MLP_OBJECT, .family = "schedule",                       \
    .doc = "sets learning_rate at each step; may be given as learning_rate" },  \
      { "weight_decay", decay, 0, 1e3, "w -= weight_decay lr w, before" },      \
      { "clipnorm", 0, 0, 1e30,                                                 \
        "largest norm of a weight's gradient; 0: any" },                        \
      { "global_clipnorm", 0, 0, 1e30, "largest norm of all; 0: any" },         \
      { "clipvalue", 0, 0, 1e30, "largest |gradient|; 0: any" },                \
      { "use_ema", 0, 0, 1, "end with averaged weights", .type = MLP_BOOLEAN }, \
      { "ema_momentum", 0.99, 0, 1, "decay of that average" },                  \
      { "gradient_accumulation_steps",                                          \
        1,                                                                      \
        1,                                                                      \
        1e9,                                                                    \
        "gradients averaged for one step",                                      \
        .type = MLP_INTEGER },                                                  \
  {                                                                             \
    "loss_scale_factor", 0, 0, 1e30,                                            \
        "the loss is multiplied by it, gradients divided; 0: neither"           \
  }

/* The option "compat" of those that differ in PyTorch: opt[...] is one of: */
enum { MLPI_KERAS, MLPI_TORCH };

#define MLPI_COMPAT                                                            \
  {                                                                            \
    "compat",                                                                  \
        .type = MLP_TEXT, .text = "keras", .choices = "keras torch",           \
        .doc = "whose formula; torch adds weight_decay w to the gradient"      \
  }

/*
** The loss of a batch as a function of all n weights, for optimizers that look
** at it more than once a step.
*/
typedef struct mlpi_Objective {
  size_t n;
  double loss;   /* at the weights of now */
  const void *g; /* gradient (n) at the last look, or at first of now */
  bool stalled;  /* answer: no step makes the loss less */
  void *ud;
  void (*read)(void *ud, void *x); /* the weights of now */
  /* Set the weights to x + t d; loss and gradient there. */
  mlp_Status (*look)(void *ud, const void *x, const void *d, double t,
                     double *loss);
} mlpi_Objective;

/* A weight of two dimensions, for optimizers that treat it as a matrix. */
typedef struct mlpi_Matrix {
  mlp_Runtime *rt;
  size_t rows, cols;
  void *w;       /* (rows, cols), in place */
  const void *g; /* its gradient */
  void *state;   /* slots as in step */
  size_t stride;
  void *scratch; /* 64-byte aligned */
} mlpi_Matrix;

/* What the steps of models abreast are made of: options and counts of each. */
typedef struct mlpi_Steps {
  const double *opt[MLPI_ABREAST];
  uint64_t t[MLPI_ABREAST];
} mlpi_Steps;

typedef struct mlp_Optimizer {
  MLP_KIND; /* the first option is "learning_rate" */
  /* State arrays per weight array, for those options. */
  int (*slots)(const double *opt);
  /*
  ** One step over n weights w (in place) with gradients g. state: the slots
  ** one after the other, each 'stride' apart, zero before the first step.
  ** t counts steps from 1. opt: the options in order; of a text the place
  ** among its choices, of an object 0.
  */
  void (*step)(const double *opt, size_t n, void *w, const void *g, void *state,
               size_t stride, uint64_t t);
  /*
  ** The same for models abreast (tensor/abreast.h), whose options differ only
  ** in numbers that are 0 for all or for none: n and stride count elements of
  ** one model. Or NULL: each takes its own step.
  */
  void (*abreast)(const mlpi_Steps *s, size_t n, void *w, const void *g,
                  void *state, size_t stride);
  /* Fill the slots before the first step, weight decay included; or NULL. */
  void (*start)(const double *opt, size_t n, const void *w, void *state,
                size_t stride);
  /* In place of step, for weights of two dimensions; needs .per_weight. */
  void (*step_matrix)(const double *opt, const mlpi_Matrix *m, uint64_t t);
  /* Whether those of a layer go there (NULL: all); the bytes it takes. */
  bool (*takes_matrix)(const mlp_Object *o, const mlp_Layer *l);
  size_t (*scratch)(size_t rows, size_t cols);
  /* In place of step: all weights at once, which end where the last look was.
  ** After a failure they are anywhere: the caller sets them back. */
  mlp_Status (*descend)(const double *opt, mlpi_Objective *f, void *state,
                        size_t stride);
  /* What ranges of single options do not say; or NULL. */
  mlp_Status (*check)(const mlp_Object *o);
  int common;      /* index of the first common option; 0: it has none */
  bool per_weight; /* called for each weight array: it takes norms */
  bool decoupled;  /* weight decay leaves the gradient alone in PyTorch too */
  bool own_decay;  /* it decays weights itself, as part of its step */
} mlp_Optimizer;

/* The options as a step gets them. */
void mlpi_optimizer_options (const mlp_Object *o, double *opt);

/* The kind's own check, and that of the common options. */
mlp_Status mlpi_optimizer_check (const mlp_Object *o);

/* State arrays in all: the optimizer's own, then the sum of gradients where
** they are accumulated, then the average where weights are averaged. */
int mlpi_optimizer_slots (const mlp_Optimizer *k, const double *opt);

/* A common option, or 'otherwise' for an optimizer that has none. */
static inline double mlpi_common (const mlp_Optimizer *k, const double *opt,
                                  int i, double otherwise) {
  return k->common == 0 ? otherwise : opt[k->common + i];
}

/*
** A running mean in a slot, which dwindles for ever where gradients ended
** (units that are dead): it ends at 0 where numbers lose digits. Many
** processors take a hundred times as long for those.
*/
static inline REAL settled (REAL x) {
  const REAL least =
      sizeof x == sizeof(float) ? (REAL)0x1p-126 : (REAL)0x1p-1022;
  return FABS(x) < least ? 0 : x;
}

/*
** Passes over n elements of float32 or float64. The sum of squares is taken in
** double, in sixteen lanes folded in a fixed order: the same bits everywhere.
*/
double mlpi_sum_squares (mlp_Dtype dtype, size_t n, const void *x);
void mlpi_scale (mlp_Dtype dtype, size_t n, double a, void *x);
void mlpi_divide (mlp_Dtype dtype, size_t n, double a, void *x);
void mlpi_clip (mlp_Dtype dtype, size_t n, double limit, void *x);
/* y += a x */
void mlpi_add_scaled (mlp_Dtype dtype, size_t n, double a, const void *x,
                      void *y);
/* y += a (x - y) */
void mlpi_approach (mlp_Dtype dtype, size_t n, double a, const void *x,
                    void *y);

/* y += a x for models abreast, n elements and a number a of each */
void mlpi_add_scaled_abreast (mlp_Dtype dtype, size_t n, const double *a,
                              const void *x, void *y);

#endif
