/*
** plan.h - what the files of the plan share: plan.c, which compiles and runs
** it, and copies.c, which runs several models at once.
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
  mlpi_Array slope;      /* what backward starts from: one number a copy */
  bool trains;           /* it has a loss to go backward from */
  bool draws;            /* it has an operator that is random */
  mlpi_Profile *profile; /* not owned; NULL: nobody looks */
  mlpi_Storage *arena;
  void *ready; /* what the operators of all calls made ready, side by side */
  size_t ready_bytes;
  size_t n_copies;     /* of each buffer, side by side: 1 but for copies.c */
  struct Moves *moves; /* copies.c: where the arrays of each copy lie */
};

/* The node that makes t, by its index; -1: it is a leaf or a constant. */
long mlpi_plan_maker (const mlpi_Plan *p, const mlp_Tensor *t);

/* The memory of a buffer; NULL for NONE. */
void *mlpi_plan_at (const mlpi_Plan *p, long buffer);

/* Run one instruction on the arrays that it holds. */
void mlpi_plan_run (const mlpi_Plan *p, const Instruction *k);

/*
** copies.c: while arrays of gradients still hold numbers of buffers, note how
** far apart the copies of each array lie; later, where the first one is.
*/
mlp_Status mlpi_copies_note (mlpi_Plan *p, const mlpi_Copies *copies);
void mlpi_copies_begin (mlpi_Plan *p);
void mlpi_copies_free (mlpi_Plan *p);

/* May calls of that op be one call, which then needs all their scratch? */
bool mlpi_copies_at_once (const mlpi_Call *c);

#endif
