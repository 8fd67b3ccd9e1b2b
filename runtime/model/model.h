/*
** model.h - level 6: layers put together, with an optimizer and a loss.
*/
#ifndef model_h
#define model_h

#include "layer/layer.h"

/* Most inputs of a use; inputs, and outputs, of a model; metrics. */
enum { MLPI_MODEL_INPUTS = 16, MLPI_PORTS = 16, MLPI_METRICS = 32 };

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

/* An input of a model: what its rows are. */
typedef struct mlpi_Input {
  char name[MLPI_LAYER_NAME]; /* "" where it has none */
  mlpi_Array like;            /* ndim 0: not known yet; shape[0] is 0 */
} mlpi_Input;

/* An output, and what training makes small there. */
typedef struct mlpi_Output {
  char name[MLPI_LAYER_NAME]; /* "": that of its layer */
  int use;                    /* which makes it */
  mlp_Object *loss;           /* NULL: it has none */
  double weight;              /* of the loss in the sum */
} mlpi_Output;

/* A metric of one output. */
typedef struct mlpi_Measure {
  mlp_Object *o;
  int output;
  bool weighted; /* by the sample weights */
} mlpi_Measure;

/* Data for a model, tensors of equal rows: one an input, one an output; a
** weight a row (w), or NULL; y NULL where an output has no loss, no metric. */
typedef struct mlpi_Feed {
  mlp_Tensor *x[MLPI_PORTS], *y[MLPI_PORTS], *w[MLPI_PORTS];
} mlpi_Feed;

/* What goes into a plan with each batch, or comes out. */
typedef struct mlpi_End {
  mlp_Tensor *symbol; /* NULL: there is none */
  mlpi_Array at;      /* its memory */
  mlpi_Array all;     /* of models abreast: theirs; 'at' is for one of them */
} mlpi_End;

/* A plan for batches of so many rows, and its ends. */
typedef struct mlpi_Stage {
  struct mlpi_Stage *next;
  uint64_t number; /* from 1, of those that the model made */
  size_t rows;
  bool training, with_loss;
  mlpi_Plan *plan;
  mlpi_End loss;
  mlpi_End *x; /* one an input; it owns the memory of all below */
  mlpi_End *p, *y, *w, *part; /* one an output; part: its loss alone, where
                                 there are several */
  mlpi_End *value;            /* one a metric: of those that are traced */
  int n_ends;
  mlpi_Storage *own; /* of models abreast: memory of the ends, for one */
} mlpi_Stage;

struct mlp_Model {
  mlp_Runtime *rt;
  int refs;
  uint64_t seed;
  uint32_t ordinal; /* in the runtime: key of its random streams */
  mlpi_Use *use;
  int n_uses, use_room;
  int n_in, n_out;
  mlpi_Input in[MLPI_PORTS];
  mlpi_Output out[MLPI_PORTS];
  mlp_Dtype dtype; /* of weights and outputs */
  bool built;
  mlp_Layer **layer; /* each once, in order of first use, with its parts */
  int n_layers, layer_room;
  mlp_Object *optimizer;          /* NULL before compile */
  const mlp_Kind *optimizer_kind; /* the variant in use; NULL: look it up */
  mlpi_Measure metric[MLPI_METRICS];
  int n_metrics;
  mlpi_Storage *grads, *slots; /* flat; slots one after the other */
  mlpi_Storage *work;          /* the optimizer's scratch, or NULL */
  size_t n_flat;               /* elements of the flat gradient */
  uint64_t freezes, trained;   /* when it was laid out, and for which weights */
  mlpi_Span *span;
  int n_spans, span_room;
  uint64_t iterations;   /* steps that the optimizer made */
  mlpi_Profile *profile; /* owned; NULL: nobody looks */
  bool busy;             /* in fit: another one is refused */
  mlpi_Stage *stages;
  uint64_t n_staged; /* that were ever made */
};

mlp_Status mlpi_model_new (mlp_Runtime *rt, mlp_Model **out);
mlp_Model *mlpi_model_retain (mlp_Model *m);
void mlpi_model_release (mlp_Model *m);

/* Append a use of a layer (retained) and make it the one output. */
mlp_Status mlpi_model_add (mlp_Model *m, mlp_Layer *l, int n_in, const int *in);

/* For a graph: how many inputs there are (1 before); which uses are outputs.
** Names may be NULL, and each of them. */
mlp_Status mlpi_model_set_inputs (mlp_Model *m, int n, const char *const *name);
mlp_Status mlpi_model_set_outputs (mlp_Model *m, int n, const int *use,
                                   const char *const *name);
const char *mlpi_model_output_name (const mlp_Model *m, int i);

/* List the layers anew, each once, in order, with those that they are made of,
** which are there only once they are built. */
mlp_Status mlpi_model_list (mlp_Model *m);

/*
** Declare the weights, of 'dtype', for batches like those arrays, one an
** input, whose shape[0] does not count; the second form then allocates them in
** one block and draws their first values.
*/
mlp_Status mlpi_model_declare (mlp_Model *m, mlp_Dtype dtype,
                               const mlpi_Array *like);
mlp_Status mlpi_model_build (mlp_Model *m, mlp_Dtype dtype,
                             const mlpi_Array *like);

/* The same for data to come: of the type of its first real tensor. */
mlp_Status mlpi_model_build_for (mlp_Model *m, mlp_Tensor *const *x);

/*
** The outputs for x (rows, ...), one an input: eager on tensors, traced on
** symbols. Builds the model if need be. An error names the layer and its place;
** all of 'out' is NULL then.
*/
mlp_Status mlpi_model_call (mlp_Model *m, mlp_Tensor *const *x,
                            const mlpi_Pass *pass, mlp_Tensor **out);

/* The shape of each use's output for a batch of 'rows', into n_uses arrays. */
mlp_Status mlpi_model_shapes (mlp_Model *m, size_t rows, mlpi_Array *shapes);

/*
** Objects are retained. One loss an output, NULL: it has none; 'weight' of each
** in the sum, NULL: all 1.
*/
mlp_Status mlpi_model_compile (mlp_Model *m, mlp_Object *optimizer,
                               mlp_Object *const *loss, const double *weight,
                               int n_metrics, const mlpi_Measure *metrics);

/* Does output i want targets: has it a loss or a metric? */
bool mlpi_model_wants (const mlp_Model *m, int i);

/*
** The losses of predictions p, one an output, times their weights, plus all
** penalties on weights and on the outputs of layers from which p was computed;
** 0-dimensional. w: a weight a row, or NULL. 'part', where not NULL, gets the
** loss of each output alone.
*/
mlp_Status mlpi_model_loss (mlp_Model *m, mlp_Tensor *const *y,
                            mlp_Tensor *const *p, mlp_Tensor *const *w,
                            mlp_Tensor **part, mlp_Tensor **out);

/* The stage for batches of 'rows', compiled at first need: with a loss for
** data like 'feed', or where that is NULL without. */
mlp_Status mlpi_model_stage (mlp_Model *m, size_t rows, bool training,
                             const mlpi_Feed *feed, mlpi_Stage **out);

/* One that the model does not keep: for models abreast, or with NULL for
** itself. */
mlp_Status mlpi_stage_new (mlp_Model *m, size_t rows, bool training,
                           const mlpi_Feed *feed, const mlpi_Abreast *abreast,
                           mlpi_Stage **out);

/* Is it for batches of 'rows' of such data? */
bool mlpi_stage_fits (const mlp_Model *m, const mlpi_Stage *g, size_t rows,
                      bool training, const mlpi_Feed *feed);

/* Count what the model's plans do, into p, which it takes; NULL: no more. */
void mlpi_model_profile (mlp_Model *m, mlpi_Profile *p);

void mlpi_stage_free (mlp_Runtime *rt, mlpi_Stage *g);

/*
** Why the last forward pass of a stage gave no finite loss: the first layer,
** and the operator in it, whose result is not finite though its inputs are; or
** "input", "target" or "loss" in place of a layer. The rows where that is so,
** from 0, go to 'rows' (at most n); returns how many.
*/
typedef struct mlpi_Culprit {
  char layer[MLPI_LAYER_NAME];
  const char *op;    /* NULL: of an input or target */
  const char *inner; /* the operator within that gave it; NULL: not known */
  double value;      /* the first such number */
  bool weights;      /* the weight 'op' of the layer is not finite already */
  bool gradient;     /* the gradient of that weight is not */
} mlpi_Culprit;
size_t mlpi_model_culprit (mlp_Model *m, mlpi_Stage *g, mlpi_Culprit *found,
                           size_t n, size_t *rows);

/* Bytes that a pass over batches of 'rows' takes in all: weights, gradients,
** the optimizer's state, and the plan with the batch and all that is computed
** from it. Those of the data are not counted. */
typedef struct mlpi_Memory {
  size_t weights, gradients, state, plan;
  size_t model; /* its description */
} mlpi_Memory;
mlp_Status mlpi_model_memory (mlp_Model *m, size_t rows, bool training,
                              mlpi_Memory *out);

/* Forget all stages: after a change of mode, trainability or loss. */
void mlpi_model_forget (mlp_Model *m);

/* Layers may have been frozen or thawed since: then stages go, and the
** optimizer's state starts anew. */
void mlpi_model_refresh (mlp_Model *m);

/* Lay out gradients and slots; nothing where that was done. */
mlp_Status mlpi_model_prepare (mlp_Model *m);

/* Room for the slots that the optimizer wants with those options; they may have
** changed since (momentum): state that is too small for them starts anew. */
mlp_Status mlpi_model_make_slots (mlp_Model *m, const double *opt);

/* The weights were written to in place: a tape that saw them before must not
** go back through them. */
void mlpi_model_touch (mlp_Model *m);

/* What the optimizer wants the loss multiplied by (loss_scale_factor); undo
** that in the gradients. */
double mlpi_model_loss_scale (const mlp_Model *m);
void mlpi_model_unscale (const mlp_Model *m);

/* One step of the optimizer over the flat gradient, which clipping and the
** like may change; scaled: it is that of the loss times its scale. */
mlp_Status mlpi_model_step (mlp_Model *m, bool scaled);

/* Does its optimizer look at the loss more than once a step? Then instead: f's
** loss is given, and look(ud, &loss) takes loss and gradient of the batch at
** the weights of now. */
bool mlpi_model_descends (const mlp_Model *m);
mlp_Status mlpi_model_descend (mlp_Model *m, double loss, void *ud,
                               mlp_Status (*look)(void *ud, double *loss),
                               bool *stalled);

/*
** The same, step after step, as long as nobody changes an option: what steps
** have in common, read once.
*/
typedef struct mlpi_Step {
  mlp_Model *m;
  const mlp_Kind *k;          /* the optimizer */
  const mlp_Object *schedule; /* of its learning rate, or NULL */
  double opt[MLP_OPTIONS_MAX];
  uint64_t every;   /* gradients to a step */
  uint64_t t;       /* of the optimizer's step, from 1 */
  bool constrained; /* some weight has a constraint */
  bool whole;       /* the loss depends on every weight: 'check' saw it */
} mlpi_Step;
mlp_Status mlpi_step_begin (mlpi_Step *p, mlp_Model *m);

/* MLP_ESTATE where no gradient is set; the others become 0. Needless where the
** gradients are those of the plan that it saw last. */
mlp_Status mlpi_step_check (mlpi_Step *p);

/* The step itself; the caller then calls mlpi_model_touch, once for many. */
void mlpi_step_take (mlpi_Step *p);

/* Set the weights to their averages, where the optimizer keeps them. */
void mlpi_model_use_average (mlp_Model *m);

/* Exchange weights and averages; false where there are none yet. */
bool mlpi_model_swap_average (mlp_Model *m);
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
