/*
** plan.h - what the files of the plan share: plan.c, which compiles and runs
** it, and abreast.c, which knows what is different for several models at once.
*/
#ifndef plan_h
#define plan_h

#include "graph/arena.h"
#include "graph/graph.h"

enum { NONE = -1 };

/* Run a call forward, run it backward, or add one array to another. */
typedef struct Instruction {
  enum { FORWARD, BACKWARD, ADD } what;
  mlpi_Call *call; /* FORWARD, BACKWARD */
  mlpi_Array g;    /* BACKWARD: dL/d(out); ADD: what is added */
  mlpi_Array *gin; /* BACKWARD: one an input; ADD: the sum */
  long scratch;    /* buffer, or NONE */
  void *room;      /* its memory */
  bool each;       /* for one model after the other */
} Instruction;

/* A leaf that receives a gradient. */
typedef struct Leaf {
  mlp_Tensor *tensor; /* retained; its 'grad' exists */
  bool written;       /* while building: some instruction wrote its gradient */
} Leaf;

struct mlpi_Plan {
  mlp_Runtime *rt;
  mlpi_Node **node; /* ascending by number; they retain weights, constants */
  size_t n_nodes;
  size_t n_inputs;    /* of all nodes together */
  mlpi_Call *call;    /* one a node; op NULL: an input of the trace */
  mlpi_Array *arrays; /* two an input: the calls' in, the backwards' gin */
  Instruction *instr;
  size_t n_forward, n_instr;
  mlpi_Buffer *buffer;
  size_t n_buffers;
  long *value, *grad, *saved; /* one a node: its buffers, or NONE */
  Leaf *leaf;
  size_t n_leaves;
  mlpi_Array slope;      /* what backward starts from: one number a model */
  bool trains;           /* it has a loss to go backward from */
  bool draws;            /* it has an operator that is random */
  mlpi_Profile *profile; /* not owned; NULL: nobody looks */
  mlpi_Storage *arena;
  void *ready; /* what the operators of all calls made ready, side by side */
  size_t ready_bytes;
  const mlpi_Abreast *abreast; /* not owned; NULL: of one model */
  mlpi_Stream *stream; /* of each node and model abreast, where one draws */
};

/* The node that makes t, by its index; -1: it is a leaf or a constant. */
long mlpi_plan_maker (const mlpi_Plan *p, const mlp_Tensor *t);

/* The memory of a buffer; NULL for NONE. */
void *mlpi_plan_at (const mlpi_Plan *p, long buffer);

/*
** abreast.c: a call of a plan of several models, from that of one; is it made
** for each of them? Then the bytes of scratch and of what it saves, of all.
*/
void mlpi_abreast_call (const mlpi_Plan *p, size_t i);
bool mlpi_abreast_each (const mlpi_Call *c);
size_t mlpi_abreast_scratch (const mlpi_Call *c);
size_t mlpi_abreast_saved (const mlpi_Call *c);

/* An array of all from that of one; where the leaf's memory is. */
mlpi_Array mlpi_abreast_leaf (const mlpi_Plan *p, const mlpi_Array *a);

/* The shape of a view, and where it begins. */
mlp_Status mlpi_abreast_view (mlpi_Call *c);

/* What is made ready for the calls of each model. */
void mlpi_abreast_prepare (const mlpi_Call *c, void *ready);

/* Run an instruction for each. */
void mlpi_abreast_run (const mlpi_Plan *p, const Instruction *k);

mlp_Status mlpi_abreast_streams (mlpi_Plan *p);

#endif
