/*
** train.h - level 7: passes over data: one epoch of training, an evaluation,
** a prediction. A pass is resumable: it runs for a while, returns, goes on.
*/
#ifndef train_h
#define train_h

#include "data/data.h"
#include "model/model.h"
#include "metric/metric.h"

typedef enum mlpi_Mode { MLPI_TRAIN, MLPI_EVALUATE, MLPI_PREDICT } mlpi_Mode;

enum { MLPI_BAD_ROWS = 8 };

typedef struct mlpi_Run {
  /* What every batch looks at, side by side. */
  mlp_Runtime *rt;
  mlp_Model *model; /* retained */
  mlpi_Mode mode;
  bool done;
  bool diverged;               /* the loss was not finite: training stopped */
  bool stalled;                /* the last step made it no less (L-BFGS) */
  size_t batch_size, rows, at; /* at: rows that are done */
  size_t seen;                 /* rows that the sums are over */
  uint64_t batches;            /* done in this pass */
  double batch_loss;           /* of the last batch */
  double loss_sum;             /* over rows */
  double *state;               /* of the metrics, one after the other */
  size_t *order;               /* of the rows; NULL: as they stand */
  char *kept; /* what layers count (moving averages), before the batch */
  size_t kept_bytes;
  uint64_t held; /* the stage of a batch that waits for its step, or 0 */

  bool ordered;                      /* 'order' is there, */
  uint64_t order_seed, order_number; /* and what it follows from */
  uint64_t epoch, epochs;      /* this pass, from 1; of the caller, or 0 */
  double part_sum[MLPI_PORTS]; /* over rows, of each output, of several */
  size_t n_state;              /* numbers in 'state' */
  const mlp_Kind *metric[MLPI_METRICS]; /* in the variant that is used */
  size_t width[MLPI_PORTS];             /* of an output's rows */
  mlpi_Feed feed;              /* retained; no y, no w for predictions */
  mlp_Tensor *out[MLPI_PORTS]; /* predictions (rows, ...), filled as it goes */
  mlpi_Culprit culprit;        /* of a loss that was not finite */
  size_t bad_rows,
      bad_row[MLPI_BAD_ROWS]; /* how many; the first, of the data */
} mlpi_Run;

/*
** A pass over data: tensors of n rows each, retained. For training and
** evaluation the model is compiled and the targets fit its losses: checked
** here, before the first batch. Sample weights are (n) of the model's type.
** A training pass takes its order of rows from 'epoch' (from 1; 0: as they
** stand).
*/
mlp_Status mlpi_run_new (mlp_Model *m, mlpi_Mode mode, const mlpi_Feed *feed,
                         size_t batch_size, uint64_t epoch, mlpi_Run **out);
void mlpi_run_release (mlpi_Run *r);

/* The same in memory of the caller, in the order of the rows; to be closed
** where it did not fail. */
mlp_Status mlpi_run_open (mlpi_Run *r, mlp_Model *m, mlpi_Mode mode,
                          const mlpi_Feed *feed, size_t batch_size);
void mlpi_run_close (mlpi_Run *r);

/* Like mlpi_run_new, for a model that is alike (model/group.h) to that of
** another run, in its mode and batch size: nothing is compiled for it. */
mlp_Status mlpi_run_new_beside (const mlpi_Run *other, mlp_Model *m,
                                const mlpi_Feed *feed, uint64_t epoch,
                                mlpi_Run **out);

/* Go on for at most 'batches' batches (0: any number) or about 'seconds';
** sets r->done at the end. MLP_ECANCELLED between batches. */
mlp_Status mlpi_run_on (mlpi_Run *r, size_t batches, double seconds);

/* The first half of the next batch, up to its gradients: they can be read
** before mlpi_run_on makes the step and counts the batch. */
mlp_Status mlpi_run_hold (mlpi_Run *r);

/* Start the next pass of a training run, without allocating. other, or NULL: a
** run that may have the same order of rows already. */
void mlpi_run_restart (mlpi_Run *r, uint64_t epoch, const mlpi_Run *other);

/* Its two halves: sums and counts begin anew (epoch 0: the next one); the rows
** do, in the order of that pass. */
void mlpi_run_clear (mlpi_Run *r, uint64_t epoch);
void mlpi_run_turn (mlpi_Run *r, uint64_t order);

/* Other rows instead of those of now: one batch, whose size may differ from
** the others. Sums go on. On failure nothing has changed. */
mlp_Status mlpi_run_feed (mlpi_Run *r, const mlpi_Feed *feed);

/* Where a pass is, with its sums, as so many numbers ('to' may be NULL); and
** back to there in that epoch, with the rows in that order (0: as they stand).
** MLP_EFORMAT where they are of another pass. */
size_t mlpi_run_position (const mlpi_Run *r, double *to);
mlp_Status mlpi_run_go_to (mlpi_Run *r, uint64_t epoch, uint64_t order,
                           size_t n, const double *from);

/*
** Runs of models that are alike, of training or of evaluation, on together:
** each as mlpi_run_on alone would, bit for bit. The runs outlive it. A model
** must not be frozen, thawed or compiled anew, nor an option of its layers be
** set, as long as it is in here.
*/
typedef struct mlpi_Many mlpi_Many;
mlp_Status mlpi_many_new (mlp_Runtime *rt, size_t n, mlpi_Run *const *run,
                          mlpi_Many **out);
void mlpi_many_release (mlpi_Many *m);

/* On for about 'seconds', or until all are done: *done. */
mlp_Status mlpi_many_on (mlpi_Many *m, double seconds, bool *done);

/* The mean loss over the rows so far, and that of output i alone; the value of
** metric i. */
double mlpi_run_loss (const mlpi_Run *r);
double mlpi_run_part (const mlpi_Run *r, int i);
double mlpi_run_metric (const mlpi_Run *r, int i);

/* The output of a model that has one, for rows as one batch. *out: owned. */
mlp_Status mlpi_predict_on_batch (mlp_Model *m, const mlpi_Feed *feed,
                                  mlp_Tensor **out);

/* One step of training on a whole batch; *loss is that before the step. */
mlp_Status mlpi_train_on_batch (mlp_Model *m, const mlpi_Feed *feed,
                                double *loss);

#endif
