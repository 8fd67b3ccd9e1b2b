/*
** group.h - level 6: several models that are alike, as one: their weights lie
** side by side while a plan runs them together. Between two loads and stores a
** model's own memory is what counts.
*/
#ifndef group_h
#define group_h

#include "model/model.h"

/* Models whose trace is the same: equal layers and shapes, losses, metrics,
** frozen weights. Their first values, optimizers, seeds and names may differ.
** What was registered at run time is alike only where it is the same object. */
bool mlpi_models_alike (const mlp_Model *a, const mlp_Model *b);

/* Room for n models like one, compiled for batches as they come. */
typedef struct mlpi_Group {
  mlp_Runtime *rt;
  mlp_Model *like; /* retained; it is traced */
  size_t n;
  size_t flat;  /* bytes of a model's flat weights, and of its gradient */
  size_t state; /* and of all other weights: what layers count, frozen ones */
  mlpi_Storage *weights; /* of each model: flat, then state */
  mlpi_Storage *grads, *kept;
  uint64_t trained; /* which weights train: see mlp_Model */
  mlpi_Stage *stages;
} mlpi_Group;

/* The model is built, for training also prepared. */
mlp_Status mlpi_group_new (mlp_Model *like, size_t n, mlpi_Group **out);
void mlpi_group_release (mlpi_Group *g);

/* A model takes place i (from 0); its weights go there, or come back. */
void mlpi_group_load (mlpi_Group *g, size_t i, const mlp_Model *m);
void mlpi_group_store (const mlpi_Group *g, size_t i, const mlp_Model *m);

/* Flat weights and gradient of place i. */
void *mlpi_group_weights (const mlpi_Group *g, size_t i);
void *mlpi_group_gradient (const mlpi_Group *g, size_t i);

/* Remember what the layers of places first to first + n count; take place i's
** back to that. */
void mlpi_group_keep (mlpi_Group *g, size_t first, size_t n);
void mlpi_group_undo (mlpi_Group *g, size_t i);

/* The stage for batches of 'rows', compiled at first need. */
mlp_Status mlpi_group_stage (mlpi_Group *g, size_t rows, bool training,
                             const mlpi_Feed *feed, mlpi_Stage **out);

/* The random streams of place i in all stages become the model's. */
void mlpi_group_rekey (mlpi_Group *g, size_t i, const mlp_Model *m);

/* The ends of a stage belong to place i from now on. */
void mlpi_stage_select (mlpi_Stage *s, size_t i);

#endif
