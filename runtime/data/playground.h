/*
** playground.h - what the six datasets of the TensorFlow Playground share.
** Smilkov & Carter 2016, src/dataset.ts: the noise never moves a point, it
** moves the place where its label is read. Labels -1 and 1 are classes 1, 2.
*/
#ifndef playground_h
#define playground_h

#include "data/sample.h"

#define MLPI_PLAYGROUND_OPTIONS(n)                                             \
  MLPI_SAMPLE_OPTIONS(n), { "noise", 0, 0, 50, "percent, as its slider" }

/* The classes, named "-1" and "1". */
extern const char *const mlpi_playground_names[];

/* The 'noise' option as a fraction. */
double mlpi_playground_noise (const mlp_Object *o);

typedef struct mlpi_Playground {
  double radius; /* of the noise, at 100 % */
  bool classes;  /* label() gives -1 or 1; else a value */
  /* Point i of n, from two uniform numbers in [0, 1). */
  void (*place)(size_t i, size_t n, double u, double v, double x[2]);
  double (*label)(double x1, double x2);
} mlpi_Playground;

mlp_Status mlpi_playground_make (mlp_Runtime *rt, const mlp_Object *o,
                                 const mlpi_Playground *p, mlp_Dataset **out);

/* Anywhere in the square -6..6. */
void mlpi_playground_square (size_t i, size_t n, double u, double v,
                             double x[2]);

#endif
