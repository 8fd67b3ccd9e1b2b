/*
** descend.c - a step of optimizers that look at the loss more than once.
*/
#include "model/step.h"

#include <string.h>

typedef mlpi_Step Step;

typedef struct Descent {
  Step p;
  void *ud;
  mlp_Status (*look)(void *ud, double *loss);
} Descent;

/* The weights of all spans, laid out as their gradients are. */
static void read_weights (void *ud, void *x) {
  const Step *p = &((Descent *)ud)->p;
  const size_t size = mlpi_dtype_size(p->m->dtype);
  for (int i = 0; i < p->m->n_spans; i++) {
    const mlpi_Span w = p->m->span[i];
    memcpy((char *)x + w.at * size, w.w, w.n * size);
  }
}

static void move (const Step *p, const char *x, const char *d, double t) {
  const size_t size = mlpi_dtype_size(p->m->dtype);
  for (int i = 0; i < p->m->n_spans; i++) {
    const mlpi_Span w = p->m->span[i];
    memcpy(w.w, x + w.at * size, w.n * size);
    if (t != 0) mlpi_add_scaled(p->m->dtype, w.n, t, d + w.at * size, w.w);
  }
}

static mlp_Status look_at (void *ud, const void *x, const void *d, double t,
                           double *loss) {
  Descent *k = ud;
  move(&k->p, x, d, t);
  mlp_Status s = k->look(k->ud, loss);
  return s == MLP_OK ? mlpi_step_filled(k->p.m, &k->p.whole) : s;
}

bool mlpi_model_descends (const mlp_Model *m) {
  return m->optimizer != NULL &&
         ((const mlp_Optimizer *)m->optimizer->kind)->descend != NULL;
}

mlp_Status mlpi_model_descend (mlp_Model *m, double loss, void *ud,
                               mlp_Status (*look)(void *ud, double *loss),
                               bool *stalled) {
  Descent k = { .ud = ud, .look = look };
  bool whole;
  mlp_Status s = mlpi_model_prepare(m);
  if (s == MLP_OK) s = mlpi_step_filled(m, &whole);
  if (s != MLP_OK) return s;
  mlpi_step_for(&k.p, m);
  mlpi_Objective f = { .n = m->n_flat,
                       .loss = loss,
                       .g = mlpi_step_gradients(&k.p, 0),
                       .ud = &k,
                       .read = read_weights,
                       .look = look_at };
  s = mlpi_step_kind(&k.p)->descend(k.p.opt, &f, mlpi_step_slot(&k.p, 0, 0),
                                    m->n_flat);
  if (s != MLP_OK) { /* the weights it began from are its last slot but two */
    move(&k.p,
         mlpi_step_slot(&k.p, mlpi_step_kind(&k.p)->slots(k.p.opt) - 3, 0),
         NULL, 0);
    return s;
  }
  *stalled = f.stalled;
  mlpi_model_touch(m);
  m->iterations++;
  for (int i = 0; i < m->n_layers; i++) mlpi_step_constrain(m->layer[i]);
  return MLP_OK;
}
