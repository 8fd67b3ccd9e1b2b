/*
** op_samples.h - every operator and activation function, with random arguments
** that the descriptors describe themselves: for the tests of what holds for
** all.
*/
#ifndef op_samples_h
#define op_samples_h

#include "op/activate.h"
#include "op/op.h"

/* One op and, for 'activate', the name of what it applies. */
typedef struct Subject {
  const char *op, *activation;
  double min, max; /* of real inputs */
  int check_in;    /* how many leading inputs have a gradient; 0: all */
} Subject;

const char *label (const Subject *s);

void each_subject (void (*f)(const Subject *u, void *ud), void *ud);

/* Attributes, types and shapes of that draw. */
void make_sample (const mlp_Runtime *rt, mlpi_OpSample *s, const Subject *u,
                  int number);

/* Values that an input may hold: real ones in lo..hi, the same in both real
** types; classes; 0 and 1. */
void draw_into (mlpi_OpSample *s, const mlpi_Array *a, double lo, double hi);

/* Make square matrices symmetric with a strong diagonal. */
void make_dominant (const mlpi_Array *a);

/* Is the op right to refuse such a sample? It has no elements, or two shapes
** that had to be equal. */
bool may_refuse (const mlpi_OpSample *s, mlp_Status status);

#endif
