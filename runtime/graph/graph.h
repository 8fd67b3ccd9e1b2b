/*
** graph.h - level 3: two executors over one op table.
** mlpi_apply runs an op at once and records it on the tape if a gradient is
** wanted; on symbols it adds a node to their trace, which a plan compiles.
*/
#ifndef graph_h
#define graph_h

#include "op/op.h"
#include "graph/profile.h"

typedef struct mlpi_Trace mlpi_Trace;
typedef struct mlpi_Plan mlpi_Plan;

/* One application that is remembered: by the tape or by a trace. */
typedef struct mlpi_Node {
  mlp_Runtime *rt;
  int refs;
  struct mlpi_Node *next; /* in the list of dying nodes */
  uint64_t number;        /* in order of creation */
  mlpi_Trace *trace;      /* retained; NULL: on the tape */
  const mlpi_Op *op;      /* NULL: an input of the trace */
  unsigned flags;         /* of this application: see op.h */
  mlpi_Attrs attrs;       /* attrs.object is retained */
  int n_in;
  mlp_Tensor **in;     /* retained; NULLs after backward has freed them */
  unsigned *version;   /* of each input's storage when it was used */
  mlpi_Storage *saved; /* the output's storage, retained (tape) */
  unsigned saved_version;
  mlpi_Array out;
  bool wants_grad; /* some input leads to a leaf that requires one */
  bool used;       /* backward went through it already */
  mlp_Tensor *g;   /* backward, transient: dL/d(out) */
  bool queued;     /* transient: the walk has met it */
  size_t slot;     /* transient: its index in a plan */
} mlpi_Node;

/*
** Apply 'op' (of any variant: the inputs' real type picks the right one) to
** inputs. *out: one reference, the caller's. 'attrs' may be NULL.
*/
mlp_Status mlpi_apply (mlp_Runtime *rt, const char *op, const mlpi_Attrs *attrs,
                       int n_in, mlp_Tensor *const *in, mlp_Tensor **out);

/* The same for an op found before (saves the look-up). */
mlp_Status mlpi_apply_op (mlp_Runtime *rt, const mlpi_Op *op,
                          const mlpi_Attrs *attrs, int n_in,
                          mlp_Tensor *const *in, mlp_Tensor **out);

/*
** Apply at once and write the result over 'out', which has its type and shape;
** memory is taken only where out has gaps or shares memory with an input in a
** way that the op cannot bear. Nothing is recorded: MLP_ESTATE where a gradient
** would have been wanted, or for a symbol.
*/
mlp_Status mlpi_apply_into (mlp_Runtime *rt, const char *op,
                            const mlpi_Attrs *attrs, int n_in,
                            mlp_Tensor *const *in, mlp_Tensor *out);

/* Shorthands for one and two inputs. */
mlp_Status mlpi_apply1 (const char *op, const mlpi_Attrs *attrs, mlp_Tensor *a,
                        mlp_Tensor **out);
mlp_Status mlpi_apply2 (const char *op, const mlpi_Attrs *attrs, mlp_Tensor *a,
                        mlp_Tensor *b, mlp_Tensor **out);

/* A 0-dimensional constant. */
mlp_Status mlpi_scalar (mlp_Runtime *rt, mlp_Dtype dtype, double value,
                        mlp_Tensor **out);

/*
** dL/d(leaf) for every leaf that requires it, added to leaf->grad. 't' has one
** element. Frees the tape behind it; a second call is an error that says so.
*/
mlp_Status mlpi_backward (mlp_Tensor *t);

/* Does a gradient flow from t to some leaf? */
bool mlpi_tracked (const mlp_Tensor *t);

/*
** Traces. A trace owns nothing but its list: nodes live as long as the
** symbols that end them.
*/
mlp_Status mlpi_trace_new (mlp_Runtime *rt, mlpi_Trace **out);
void mlpi_trace_release (mlpi_Trace *trace);

/* A symbol of that shape, filled before each run of the plan. */
mlp_Status mlpi_trace_input (mlpi_Trace *trace, mlp_Dtype dtype, int ndim,
                             const size_t *shape, mlp_Tensor **out);

/*
** A plan of MLPI_ABREAST models at once: all its arrays are theirs, interleaved
** (tensor/abreast.h). The models are alike: what was traced for one of them
** holds for all. 'place': where what is at 'at', in a weight of that one or in
** its gradient, lies of all; NULL: they share it.
*/
typedef struct mlpi_Abreast {
  void *(*place)(void *ud, const void *at);
  void *ud;
} mlpi_Abreast;

/*
** Compile: 'outputs' are symbols of the trace whose values the caller reads;
** where 'loss' (a one-element symbol, or NULL) is given, the plan can go
** backward to all leaves that require a gradient. Weights and constants are
** real tensors that the trace met; the plan retains them. abreast: NULL for a
** plan of one model.
*/
mlp_Status mlpi_plan_compile (mlp_Runtime *rt, mlp_Tensor *loss, int n_out,
                              mlp_Tensor *const *outputs,
                              const mlpi_Abreast *abreast, mlpi_Plan **out);
void mlpi_plan_release (mlpi_Plan *plan);

/* The memory of a symbol in the plan: to fill an input, to read an output. */
mlpi_Array mlpi_plan_array (const mlpi_Plan *plan, const mlp_Tensor *symbol);

/* From now on read that input, a symbol, from 'data', which is laid out as the
** plan's memory for it is; NULL: from there again. For plans of one model. */
void mlpi_plan_lend (mlpi_Plan *plan, const mlp_Tensor *input, void *data);

/* Run forward; random ops draw for that step. No allocation. MLP_ECANCELLED,
** MLP_ELIMITTIME: it was cut short, the values are garbage. */
mlp_Status mlpi_plan_forward (mlpi_Plan *plan, uint64_t step);

/* Run backward after a forward: each leaf's grad is overwritten. The same
** failures; no gradient counts as set then. */
mlp_Status mlpi_plan_backward (mlpi_Plan *plan);

/* From now on take gradients of scale times the loss, for model i (from 0) of
** those abreast; nothing where the plan has no way back. */
void mlpi_plan_scale_loss (mlpi_Plan *plan, size_t i, double scale);

/* The same for a plan of models abreast; 'step' of each. No gradient counts as
** set by them. */
mlp_Status mlpi_plan_forward_abreast (mlpi_Plan *plan, const uint64_t *step);

/* Random streams of model i: 'rekey' changes that of the traced one. */
void mlpi_plan_rekey (mlpi_Plan *plan, size_t i,
                      void (*rekey)(void *ud, mlpi_Stream *s), void *ud);

/* Count what the plan does from now on; NULL: no more. Not owned. */
void mlpi_plan_profile (mlpi_Plan *plan, mlpi_Profile *profile);

size_t mlpi_plan_bytes (const mlpi_Plan *plan); /* of the arena */

/*
** Shared by the files of this folder.
*/

/* A node over those inputs, which it retains; refs = 1. */
mlp_Status mlpi_node_new (mlp_Runtime *rt, const mlpi_Call *call,
                          mlp_Tensor *const *in, mlpi_Node **out);

/* Apply to symbols: a node in their trace. */
mlp_Status mlpi_trace_apply (mlpi_Call *call, mlp_Tensor *const *in,
                             mlp_Tensor **out);

/*
** All nodes that 'roots' depend on (those that pass 'keep', which may be
** NULL), sorted by number, each with one reference held for the caller.
** Free with mlpi_nodes_free.
*/
mlp_Status mlpi_nodes_behind (mlp_Runtime *rt, int n_roots,
                              mlp_Tensor *const *roots,
                              bool (*keep)(const mlpi_Node *),
                              mlpi_Node ***nodes, size_t *count);
void mlpi_nodes_free (mlp_Runtime *rt, mlpi_Node **nodes, size_t count);

/* a += b, elementwise, of equal shape, both row-major. */
void mlpi_accumulate (mlp_Runtime *rt, const mlpi_Array *a,
                      const mlpi_Array *b);

#endif
