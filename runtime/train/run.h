/*
** run.h - what the files of a pass share: run.c, which goes through batches
** of one model, and many.c, of several.
*/
#ifndef run_h
#define run_h

#include "train/train.h"

/* The rows of the next batch into the ends of its stage. */
void mlpi_run_fill (const mlpi_Run *r, const mlpi_Stage *g);

/* What is done with the results of a forward pass: the batch counts. */
void mlpi_run_finish (mlpi_Run *r, const mlpi_Stage *g);

/* Is some gradient not finite? Then that is the run's culprit. The flat one is
** at 'flat', NULL: where the model has it. */
bool mlpi_run_bad_gradient (mlpi_Run *r, char *flat);

/* Tell a host where the run is. */
void mlpi_run_publish (const mlpi_Run *r);

#endif
