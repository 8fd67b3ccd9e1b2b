/*
** position.c - where a pass is, as numbers: for checkpoints.
*/
#include "train/train.h"

#include <string.h>

enum {
  AT,
  SEEN,
  BATCHES,
  LOSS_SUM,
  BATCH_LOSS,
  PARTS,
  FIXED = PARTS + MLPI_PORTS
};
/* then metrics' states */

size_t mlpi_run_position (const mlpi_Run *r, double *to) {
  const size_t n = FIXED + r->n_state;
  if (to == NULL) return n;
  to[AT] = (double)r->at;
  to[SEEN] = (double)r->seen;
  to[BATCHES] = (double)r->batches;
  to[LOSS_SUM] = r->loss_sum;
  to[BATCH_LOSS] = r->batch_loss;
  memcpy(to + PARTS, r->part_sum, sizeof r->part_sum);
  if (r->n_state > 0) memcpy(to + FIXED, r->state, r->n_state * sizeof *to);
  return n;
}

mlp_Status mlpi_run_go_to (mlpi_Run *r, uint64_t epoch, uint64_t order,
                           size_t n, const double *from) {
  if (n != FIXED + r->n_state || !(from[AT] >= 0) || !(from[SEEN] >= 0) ||
      !(from[BATCHES] >= 0))
    return mlpi_error(r->rt, MLP_EFORMAT,
                      "fit: expected the position of a pass over %zu rows with "
                      "these metrics",
                      r->rows);
  mlpi_run_clear(r, epoch);
  mlpi_run_turn(r, order);
  r->at = from[AT] < (double)r->rows ? (size_t)from[AT] : r->rows;
  r->seen = (size_t)from[SEEN];
  r->batches = (uint64_t)from[BATCHES];
  r->loss_sum = from[LOSS_SUM];
  r->batch_loss = from[BATCH_LOSS];
  memcpy(r->part_sum, from + PARTS, sizeof r->part_sum);
  if (r->n_state > 0)
    memcpy(r->state, from + FIXED, r->n_state * sizeof *r->state);
  r->done = r->at == r->rows;
  return MLP_OK;
}
