/*
** step.h - what a step along the gradient (step.c), a descent (descend.c) and
** the averages of weights (averages.c) share.
*/
#ifndef step_h
#define step_h

#include "model/model.h"
#include "optimizer/optimizer.h"

typedef void (*mlpi_SpanVisit)(const mlpi_Step *p, mlpi_Span span);

static inline const mlp_Optimizer *mlpi_step_kind (const mlpi_Step *p) {
  return (const mlp_Optimizer *)p->k;
}

static inline double mlpi_step_common (const mlpi_Step *p, int i) {
  return mlpi_common(mlpi_step_kind(p), p->opt, i, 0);
}

/* The flat gradient from element 'at' on. */
static inline char *mlpi_step_gradients (const mlpi_Step *p, size_t at) {
  return (char *)p->m->grads->data + at * mlpi_dtype_size(p->m->dtype);
}

/* Slot k (from 0) from element 'at' on. */
static inline char *mlpi_step_slot (const mlpi_Step *p, int k, size_t at) {
  return (char *)p->m->slots->data +
         ((size_t)k * p->m->n_flat + at) * mlpi_dtype_size(p->m->dtype);
}

/* The slot of the averages. */
static inline int mlpi_step_average_slot (const mlpi_Step *p) {
  return mlpi_step_kind(p)->slots(p->opt) + (p->every > 1);
}

/* Fill in a step of the model, whose options are read now. */
void mlpi_step_for (mlpi_Step *p, mlp_Model *m);

/* Call f for each stretch of weights. */
void mlpi_step_spans (const mlpi_Step *p, mlpi_SpanVisit f);

/* A weight that the loss does not depend on has the gradient 0. *whole: there
** is none. */
mlp_Status mlpi_step_filled (const mlp_Model *m, bool *whole);

/* The learning rate of step t (from 0), of a step with a schedule. */
double mlpi_step_rate (const mlpi_Step *p, uint64_t t);

/* Does weight decay go through the gradient, as in PyTorch's Adam? */
bool mlpi_step_couples (const mlpi_Step *p);

/* The layer's weights go back to where their constraints want them. */
void mlpi_step_constrain (mlp_Layer *l);

/* The average moves towards the weights of the step that was made. */
void mlpi_step_average (const mlpi_Step *p, mlpi_Span w);

#endif
