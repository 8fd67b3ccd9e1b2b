/*
** layer.h - level 5: functions with weights.
** A file <name>.c defines one 'const mlp_LayerKind mlp_layer_<name>'.
*/
#ifndef layer_h
#define layer_h

#include "graph/formula.h"
#include "initializer/initializer.h"

enum { MLPI_WEIGHTS = 8, MLPI_LAYER_NAME = 64, MLPI_WHERE = 48 };

typedef struct mlp_Layer mlp_Layer;

/* A weight: an unbacked tensor until a model gives it memory and values. */
typedef struct mlpi_Weight {
  const char *name; /* "kernel", "bias" */
  mlp_Tensor *tensor;
  const mlp_Object *initializer; /* options of the layer: it owns them */
  const mlp_Object *regularizer; /* or NULL */
  const mlp_Object *constraint;  /* or NULL */
  double fan_in;                 /* for the initializer; 0: by the shape */
  bool trainable;                /* false: state, such as moving averages */
} mlpi_Weight;

/* How a forward pass goes. */
typedef struct mlpi_Pass {
  bool training;
  uint64_t step; /* of the model: random layers draw by it */
} mlpi_Pass;

typedef struct mlp_LayerKind {
  MLP_KIND;
  int min_in, max_in;
  bool integers; /* the input is int64: classes, indices */
  /* Declare the weights (mlpi_layer_weight) for inputs of those shapes, the
  ** batch being dimension 1. NULL: there are none. */
  mlp_Status (*build)(mlp_Layer *l, int n_in, mlp_Tensor *const *in);
  /* The output: composed of ops, so that it runs eagerly and traces. */
  mlp_Status (*call)(mlp_Layer *l, int n_in, mlp_Tensor *const *in,
                     const mlpi_Pass *pass, mlp_Tensor **out);
} mlp_LayerKind;

struct mlp_Layer {
  mlp_Runtime *rt;
  int refs;
  mlp_Object *o;              /* kind and options */
  char name[MLPI_LAYER_NAME]; /* "" until a model names it */
  char where[MLPI_WHERE];     /* "x.lua:12", the line that made it; or "" */
  mlp_Dtype dtype;            /* of its weights, where the input is no real */
  bool trainable;             /* false: frozen */
  bool built;                 /* weights are declared */
  bool placed;                /* weights have memory and values */
  uint64_t seed;              /* and coordinates of its random streams */
  uint32_t model, index;
  int n_weights;
  mlpi_Weight weight[MLPI_WEIGHTS];
  bool made;         /* of another layer, which describes it */
  int n_parts;       /* layers that this one is made of (retained) */
  mlp_Layer **parts; /* known once it is built */
};

/* Takes a reference of 'o'. */
mlp_Status mlpi_layer_new (mlp_Object *o, mlp_Layer **out);
mlp_Layer *mlpi_layer_retain (mlp_Layer *l);
void mlpi_layer_release (mlp_Layer *l);

/*
** Apply: declare the weights at the first call, then run or trace. A layer
** used on real tensors outside of any model gets its weights at once.
*/
mlp_Status mlpi_layer_call (mlp_Layer *l, int n_in, mlp_Tensor *const *in,
                            const mlpi_Pass *pass, mlp_Tensor **out);

/* Does it take int64: classes, indices? */
bool mlpi_layer_integers (const mlp_Layer *l);

/* Declare the weights for inputs of those shapes, where that was not done. */
mlp_Status mlpi_layer_declare (mlp_Layer *l, int n_in, mlp_Tensor *const *in);

/* Make 'part' a part of l: it gets the name "<l>/<part>", and its weights
** belong to whatever model has l. */
mlp_Status mlpi_layer_adopt (mlp_Layer *l, mlp_Layer *part);

/* Freeze or thaw a layer and its parts; models that trained it have to be
** compiled, or at least to forget their stages. */
void mlpi_layer_set_trainable (mlp_Layer *l, bool trainable);

/* Bytes of all weights that have no memory yet (each padded), added to n. */
void mlpi_layer_reserve (mlp_Layer *l, size_t *n);

/* Give those weights memory in s from *offset on, and their first values:
** drawn by (seed, model, index). */
mlp_Status mlpi_layer_place (mlp_Layer *l, uint64_t seed, uint32_t model,
                             uint32_t index, mlpi_Storage *s, size_t *offset);

/* For the files of this folder: declare a weight. */
mlp_Status mlpi_layer_weight (mlp_Layer *l, const char *name, mlp_Dtype dtype,
                              int ndim, const size_t *shape,
                              const mlp_Object *initializer,
                              const mlp_Object *regularizer,
                              const mlp_Object *constraint, bool trainable);

/*
** A layer takes the initializers, regularizers and constraints of its weights
** from its options "<name>_initializer", "<name>_regularizer" and
** "<name>_constraint", those that it has. An initializer is required.
*/
mlp_Status mlpi_layer_trainable (mlp_Layer *l, const char *name,
                                 mlp_Dtype dtype, int ndim,
                                 const size_t *shape);

/* The same for what is not trained, such as moving averages. */
mlp_Status mlpi_layer_state (mlp_Layer *l, const char *name, mlp_Dtype dtype,
                             int ndim, const size_t *shape);

/* op(op(in[0], in[1]), in[2])... */
mlp_Status mlpi_merge (const char *op, int n_in, mlp_Tensor *const *in,
                       mlp_Tensor **out);

/* x with the regularizer's penalty on it, divided by the rows of the batch,
** attached for the loss; without a regularizer x. */
mlp_Status mlpi_penalize (const mlp_Object *regularizer, mlp_Tensor *x,
                          mlp_Tensor **out);

/* MLP_ESHAPE unless x has shape (rows, ..., features). */
mlp_Status mlpi_check_features (mlp_Layer *l, const mlpi_Array *x);

/* The attributes of an op that draws random numbers for this pass. */
mlpi_Attrs mlpi_layer_draw (const mlp_Layer *l, const mlpi_Pass *pass,
                            double first, double second);

/* Apply an activation object; linear and NULL pass x on. */
mlp_Status mlpi_activate (const mlp_Object *activation, mlp_Tensor *x,
                          mlp_Tensor **out);

#endif
