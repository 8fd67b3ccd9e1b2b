/*
** model.h - level 6: layers put together, with an optimizer and a loss.
*/
#ifndef model_h
#define model_h

#include "layer/layer.h"

enum { MLPI_MODEL_INPUTS = 16, MLPI_METRICS = 16 };

typedef struct mlp_Model mlp_Model;

/* One use of a layer in a model. Inputs: the number of an earlier use, or
** -1 - i for input i of the model. */
typedef struct mlpi_Use {
  mlp_Layer *layer;
  int n_in, *in;
} mlpi_Use;

/* A stretch of trainable weights that lies in one piece. */
typedef struct mlpi_Span {
  void *w;
  size_t n;  /* elements, padding included */
  size_t at; /* its first element in the gradients and slots */
} mlpi_Span;

/* A plan for batches of so many rows, and its ends. */
typedef struct mlpi_Stage {
  struct mlpi_Stage *next;
  uint64_t number; /* from 1, of those that the model made */
  size_t rows;
  bool training;
  bool with_loss;
  mlp_Tensor *x, *y, *p, *loss; /* symbols; y, loss NULL without a loss */
  mlpi_Plan *plan;
  mlpi_Array x_at, y_at, p_at, loss_at; /* their memory */
} mlpi_Stage;

struct mlp_Model {
  mlp_Runtime *rt;
  int refs;
  uint64_t seed;
  uint32_t ordinal; /* in the runtime: key of its random streams */
  mlpi_Use *use;
  int n_uses, use_room;
  int output;                  /* the use that makes the model's output */
  size_t in_shape[MLP_MAXDIM]; /* [0] is the batch: 0 */
  int in_ndim;                 /* 0: not known yet */
  mlp_Dtype dtype;             /* of weights and inputs */
  bool built;
  mlp_Layer **layer; /* each once, in order of first use */
  int n_layers;
  mlp_Object *optimizer, *loss;   /* NULL before compile */
  const mlp_Kind *optimizer_kind; /* the variant in use; NULL: look it up */
  mlp_Object *metric[MLPI_METRICS];
  int n_metrics;
  mlp_Status (*host_loss)(void *ud, mlp_Tensor *y, mlp_Tensor *p,
                          mlp_Tensor **out); /* a loss of the host's */
  void *host_ud;
  void (*host_free)(void *ud);
  mlpi_Storage *grads, *slots; /* flat; slots one after the other */
  size_t n_flat;               /* elements of the flat gradient */
  mlpi_Span *span;
  int n_spans, span_room;
  uint64_t iterations; /* steps that the optimizer made */
  bool busy;           /* in fit: another one is refused */
  mlpi_Stage *stages;
  uint64_t n_staged; /* that were ever made */
};

mlp_Status mlpi_model_new (mlp_Runtime *rt, mlp_Model **out);
mlp_Model *mlpi_model_retain (mlp_Model *m);
void mlpi_model_release (mlp_Model *m);

/* Append a use of a layer (retained) and make it the output. */
mlp_Status mlpi_model_add (mlp_Model *m, mlp_Layer *l, int n_in, const int *in);

/* Declare the weights for rows of that shape (without the batch); the second
** form then allocates them in one block and draws their first values. */
mlp_Status mlpi_model_declare (mlp_Model *m, mlp_Dtype dtype, int ndim,
                               const size_t *shape);
mlp_Status mlpi_model_build (mlp_Model *m, mlp_Dtype dtype, int ndim,
                             const size_t *shape);

/* The output for x (rows, ...): eager on tensors, traced on a symbol. Builds
** the model if need be. An error names the layer and its place. */
mlp_Status mlpi_model_call (mlp_Model *m, mlp_Tensor *x, const mlpi_Pass *pass,
                            mlp_Tensor **out);

/* The shape of each use's output for a batch of 'rows', into n_uses arrays. */
mlp_Status mlpi_model_shapes (mlp_Model *m, size_t rows, mlpi_Array *shapes);

/* Objects are retained; loss NULL and host_loss set: a loss of the host's. */
mlp_Status mlpi_model_compile (mlp_Model *m, mlp_Object *optimizer,
                               mlp_Object *loss, int n_metrics,
                               mlp_Object *const *metrics);

/* The loss of predictions p plus all penalties, on weights and on the outputs
** of layers from which p was computed; 0-dimensional. */
mlp_Status mlpi_model_loss (mlp_Model *m, mlp_Tensor *y, mlp_Tensor *p,
                            mlp_Tensor **out);

/* The stage for batches of 'rows', compiled at first need. y: targets of the
** type and row shape to come, for a stage with a loss; NULL: without. */
mlp_Status mlpi_model_stage (mlp_Model *m, size_t rows, bool training,
                             const mlp_Tensor *y, mlpi_Stage **out);

/* Forget all stages: after a change of mode, trainability or loss. */
void mlpi_model_forget (mlp_Model *m);

/* Lay out gradients and slots; nothing where that was done. */
mlp_Status mlpi_model_prepare (mlp_Model *m);

/* One step of the optimizer over the flat gradient, which clipping and the
** like may change. */
mlp_Status mlpi_model_step (mlp_Model *m);

/* Set the weights to their averages, where the optimizer keeps them. */
void mlpi_model_use_average (mlp_Model *m);
void mlpi_model_zero_grad (mlp_Model *m);

/* How many slots the optimizer has by now: none before it was prepared. */
int mlpi_model_slots (const mlp_Model *m);

/* The part of slot k (from 0) that belongs to a trainable weight. *at, 0 at
** first, goes from one to the next in order of layers. */
mlpi_Array mlpi_model_slot (const mlp_Model *m, const mlp_Tensor *weight, int k,
                            size_t *at);

/* Numbers of weights, all and trainable. */
size_t mlpi_model_count (const mlp_Model *m, bool trainable_only);

/* SHA-256 of the bytes of all weights, in order of layers: 64 hex digits. */
mlp_Status mlpi_model_hash (mlp_Model *m, char hex[65]);

#endif
