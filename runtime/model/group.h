/*
** group.h - level 6: several models that are alike, as one: their weights are
** interleaved (tensor/abreast.h) while a plan runs them together. Each model
** has its own; the group has copies, made before each pass, or before the first
** of several where their optimizers' steps go together too (group_step.c).
*/
#ifndef group_h
#define group_h

#include "model/model.h"

/* Models whose trace is the same: equal layers and shapes, losses, metrics,
** frozen weights. Their first values, optimizers, seeds and names may differ.
** What was registered at run time is alike only where it is the same object. */
bool mlpi_models_alike (const mlp_Model *a, const mlp_Model *b);

/* Room for MLPI_ABREAST models like one, compiled for batches as they come. */
typedef struct mlpi_Group {
  mlp_Runtime *rt;
  mlp_Model *like; /* retained; it is traced */
  size_t flat;     /* bytes of a model's flat weights, and of its gradient */
  size_t state; /* and of all other weights: what layers count, frozen ones */
  mlpi_Storage *weights, *grads; /* flat ones of all */
  mlpi_Storage *others, *kept;   /* state of all */
  mlpi_Storage *slots;           /* of all optimizers, made at first need */
  mlpi_Storage *nobody;          /* flat weights of a place without a model */
  mlpi_Abreast abreast;          /* for its plans */
  mlpi_Stage *stages;
} mlpi_Group;

/* The model is built, for training also prepared. */
mlp_Status mlpi_group_new (mlp_Model *like, mlpi_Group **out);
void mlpi_group_release (mlpi_Group *g);

/* Lists of models: one a place, NULL where there is none. */

/* Their flat weights go to their places, or come back; their gradients do. */
void mlpi_group_load (mlpi_Group *g, mlp_Model *const *m);
void mlpi_group_store (const mlpi_Group *g, mlp_Model *const *m);
void mlpi_group_gradients (const mlpi_Group *g, mlp_Model *const *m);

/*
** group_step.c: the steps of n models, begun in p[0...n - 1]. Can they go
** together? Then weights and slots enter the group, stay there from step to
** step, and leave it before anybody looks at a model. Places without a model do
** what the last one does.
*/
bool mlpi_group_steps (const mlpi_Step *p, size_t n);
mlp_Status mlpi_group_enter (mlpi_Group *g, const mlpi_Step *p, size_t n);
void mlpi_group_leave (const mlpi_Group *g, const mlpi_Step *p, size_t n);
void mlpi_group_step (mlpi_Group *g, mlpi_Step *p, size_t n);

/* Are gradients finite? A no may come from a place without a model. */
bool mlpi_group_finite (const mlpi_Group *g);

/* All other weights of a model go to place i, or come back. */
void mlpi_group_load_state (mlpi_Group *g, size_t i, const mlp_Model *m);
void mlpi_group_store_state (const mlpi_Group *g, size_t i, const mlp_Model *m);

/* Remember what the layers of all count; take place i's back to that. */
void mlpi_group_keep (mlpi_Group *g);
void mlpi_group_undo (mlpi_Group *g, size_t i);

/* The stage for batches of 'rows', compiled at first need. Its ends are for one
** model at a time. */
mlp_Status mlpi_group_stage (mlpi_Group *g, size_t rows, bool training,
                             const mlpi_Feed *feed, mlpi_Stage **out);

/* The random streams of place i in all stages become the model's. */
void mlpi_group_rekey (mlpi_Group *g, size_t i, const mlp_Model *m);

/* What is in the ends that are filled goes to place i, or to all; what the plan
** made for place i comes to the ends that are read: all, or losses alone. */
void mlpi_stage_give (mlpi_Stage *s, size_t i);
void mlpi_stage_give_all (mlpi_Stage *s);
void mlpi_stage_take (mlpi_Stage *s, size_t i, bool all);

#endif
