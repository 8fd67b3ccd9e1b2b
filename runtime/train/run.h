/*
** run.h - what the files of a pass share. feed.c checks what it is given,
** run.c makes it, gather.c brings the rows of a batch, batch.c goes through
** batches of one model, many.c of several; score.c adds up.
*/
#ifndef run_h
#define run_h

#include "train/train.h"

/* feed.c: the tensors of a feed, for that model and mode. Those that the model
** reads are held, or let go. Labels wait for the outputs' widths. */
mlp_Status mlpi_feed_check (mlp_Model *m, mlpi_Mode mode,
                            const mlpi_Feed *feed);
void mlpi_run_hold_feed (mlpi_Run *r, const mlpi_Feed *feed);
void mlpi_feed_drop (const mlp_Model *m, mlpi_Feed *feed);
mlp_Status mlpi_run_check_labels (mlpi_Run *r);

/* Rows of the next batch; the stage for so many. */
size_t mlpi_run_rows_next (const mlpi_Run *r);
mlp_Status mlpi_run_stage (const mlpi_Run *r, mlpi_Stage **g);

/* Copy what layers count as they run (moving averages) to r->kept, or back;
** r->kept NULL: only say how much it is. */
size_t mlpi_run_copy_counts (const mlpi_Run *r, bool back);

/* score.c: room for the metrics. */
mlp_Status mlpi_run_make_states (mlpi_Run *r);

/* gather.c: the next batch without copies where none are needed; after it the
** plan's inputs are its own again. */
void mlpi_run_lend (const mlpi_Run *r, const mlpi_Stage *g);
void mlpi_run_take_back (const mlpi_Run *r, const mlpi_Stage *g);

/* The rows of the next batch into the ends of its stage. */
void mlpi_run_fill (const mlpi_Run *r, const mlpi_Stage *g);

/* What is done with the results of a forward pass: the batch counts. */
void mlpi_run_finish (mlpi_Run *r, const mlpi_Stage *g);

/* The same where nothing is wanted but the loss. */
void mlpi_run_finish_bare (mlpi_Run *r, size_t rows, double loss);

/* Is some gradient not finite? Then that is the run's culprit. */
bool mlpi_run_bad_gradient (mlpi_Run *r);

/* Tell a host where the run is. */
void mlpi_run_publish (const mlpi_Run *r);

#endif
