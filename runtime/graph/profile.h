/*
** profile.h - where the time of training goes: time, floating-point operations
** and bytes for each kind of node of the plans.
*/
#ifndef profile_h
#define profile_h

#include "op/op.h"

enum { MLPI_PROFILE_NAME = 64 };

typedef struct mlpi_ProfileRow {
  char name[MLPI_PROFILE_NAME]; /* "dense 32x784 784x128" */
  const char *pass;             /* "forward", "backward", "add", "step"... */
  uint64_t calls;
  double seconds, flops, bytes; /* of all calls */
} mlpi_ProfileRow;

typedef struct mlpi_Profile {
  mlp_Runtime *rt;
  mlpi_ProfileRow *row; /* in order of first call */
  size_t n, room;
} mlpi_Profile;

mlp_Status mlpi_profile_new (mlp_Runtime *rt, mlpi_Profile **out);
void mlpi_profile_release (mlpi_Profile *p);

/* Add a call to the row of that name and pass; a row that finds no memory is
** left out. */
void mlpi_profile_add (mlpi_Profile *p, const char *name, const char *pass,
                       double seconds, double flops, double bytes);

/* The same for an application; gin: the gradients that backward wrote. */
void mlpi_profile_call (mlpi_Profile *p, const mlpi_Call *c,
                        const mlpi_Array *gin, double seconds);

#endif
