/*
** averages.c - averages of the weights over steps, for optimizers with use_ema.
*/
#include "model/step.h"

#include <string.h>

typedef mlpi_Step Step;

/* The first average is the weights themselves. */
void mlpi_step_average (const Step *p, mlpi_Span w) {
  const double share =
      p->t == 1 ? 1 : 1 - mlpi_step_common(p, MLPI_EMA_MOMENTUM);
  mlpi_approach(p->m->dtype, w.n, share, w.w,
                mlpi_step_slot(p, mlpi_step_average_slot(p), w.at));
}

static void take_average (const Step *p, mlpi_Span w) {
  memcpy(w.w, mlpi_step_slot(p, mlpi_step_average_slot(p), w.at),
         w.n * mlpi_dtype_size(p->m->dtype));
}

/* Both ways, through a small buffer. */
static void swap_average (const Step *p, mlpi_Span w) {
  char buffer[1024], *a = w.w,
                     *b = mlpi_step_slot(p, mlpi_step_average_slot(p), w.at);
  size_t left = w.n * mlpi_dtype_size(p->m->dtype);
  while (left > 0) {
    const size_t n = left < sizeof buffer ? left : sizeof buffer;
    memcpy(buffer, a, n);
    memcpy(a, b, n);
    memcpy(b, buffer, n);
    a += n, b += n, left -= n;
  }
}

/* Call f on every span, with its average; false where there are none yet. */
static bool each_average (mlp_Model *m, mlpi_SpanVisit f) {
  Step p;
  if (m->slots == NULL || m->optimizer_kind == NULL) return false;
  mlpi_step_for(&p, m);
  if (mlpi_step_common(&p, MLPI_USE_EMA) == 0 || p.t == 0) return false;
  if (mlpi_model_slots(m) == 0) return false; /* not of these options */
  mlpi_step_spans(&p, f);
  return true;
}

void mlpi_model_use_average (mlp_Model *m) { each_average(m, take_average); }

bool mlpi_model_swap_average (mlp_Model *m) {
  return each_average(m, swap_average);
}
