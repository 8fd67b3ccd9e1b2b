/*
** trace.c - applications on symbols, remembered for a plan.
*/
#include "graph/graph.h"

struct mlpi_Trace {
  mlp_Runtime *rt;
  int refs;
};

mlp_Status mlpi_trace_new (mlp_Runtime *rt, mlpi_Trace **out) {
  mlpi_Trace *t = *out = mlpi_alloc(rt, sizeof *t);
  if (t == NULL) return MLP_ENOMEM;
  *t = (mlpi_Trace){ .rt = rt, .refs = 1 };
  return MLP_OK;
}

void mlpi_trace_release (mlpi_Trace *trace) {
  if (trace != NULL && --trace->refs == 0)
    mlpi_free(trace->rt, trace, sizeof *trace);
}

/* A symbol that 'call' computes, with its node. */
static mlp_Status symbol (mlpi_Trace *trace, const mlpi_Call *call,
                          mlp_Tensor *const *in, mlp_Tensor **out) {
  const mlpi_Array *a = &call->out;
  mlp_Tensor *t;
  mlp_Status s =
      mlpi_tensor_unbacked(trace->rt, a->dtype, a->ndim, a->shape, &t);
  *out = NULL;
  if (s != MLP_OK) return s;
  t->a = *a;
  t->a.data = NULL;
  t->symbol = true;
  s = mlpi_node_new(trace->rt, call, in, &t->node);
  if (s != MLP_OK) {
    mlpi_tensor_release(t);
    return s;
  }
  t->node->trace = trace;
  trace->refs++;
  *out = t;
  return MLP_OK;
}

mlp_Status mlpi_trace_input (mlpi_Trace *trace, mlp_Dtype dtype, int ndim,
                             const size_t *shape, mlp_Tensor **out) {
  mlpi_Call c = { .rt = trace->rt };
  *out = NULL;
  mlp_Status s =
      mlpi_array_init(trace->rt, "trace", &c.out, dtype, ndim, shape);
  return s != MLP_OK ? s : symbol(trace, &c, NULL, out);
}

mlp_Status mlpi_trace_apply (mlpi_Call *call, mlp_Tensor *const *in,
                             mlp_Tensor **out) {
  mlpi_Trace *trace = NULL;
  *out = NULL;
  if ((mlpi_op_flags(call) & MLPI_OP_EAGER) != 0)
    return mlpi_error(call->rt, MLP_ESTATE,
                      "%s: cannot be traced: its shape depends on values",
                      call->op->name);
  for (int i = 0; i < call->n_in; i++) {
    if (!in[i]->symbol) continue;
    if (trace != NULL && in[i]->node->trace != trace)
      return mlpi_error(call->rt, MLP_ESTATE,
                        "%s: symbols of two different traces; a symbol must "
                        "not outlive the function that it was given to",
                        call->op->name);
    trace = in[i]->node->trace;
  }
  return symbol(trace, call, in, out);
}
