/*
** memory.c - what a pass over batches of a size takes, before it is made.
*/
#include "loss/loss.h"
#include "model/model.h"
#include "optimizer/optimizer.h"

#include <string.h>

static void count_weights (const mlp_Model *m, mlpi_Memory *out,
                           size_t *trainable) {
  const size_t per = 64;
  *trainable = 0;
  for (int i = 0; i < m->n_layers; i++)
    for (int j = 0; j < m->layer[i]->n_weights; j++) {
      const mlp_Tensor *t = m->layer[i]->weight[j].tensor;
      size_t n = mlpi_count(&t->a) * mlpi_dtype_size(t->a.dtype);
      n = (n + per - 1) / per * per;
      out->weights += n;
      if (t->requires_grad) *trainable += n;
    }
}

/* An object, with those that it holds. */
static size_t bytes_of (const mlp_Object *o) {
  size_t n = mlpi_object_bytes(o->kind);
  for (int i = 0; o->kind->options[i].name != NULL; i++)
    if (o->kind->options[i].type == MLP_OBJECT && o->value[i].object != NULL)
      n += bytes_of(o->value[i].object);
  return n;
}

/* What describes the model. */
static size_t description (const mlp_Model *m) {
  size_t n = sizeof *m;
  for (int i = 0; i < m->n_layers; i++)
    n += sizeof(mlp_Layer) + bytes_of(m->layer[i]->o);
  if (m->optimizer != NULL) n += bytes_of(m->optimizer);
  for (int i = 0; i < m->n_out; i++)
    if (m->out[i].loss != NULL) n += bytes_of(m->out[i].loss);
  for (int i = 0; i < m->n_metrics; i++) n += bytes_of(m->metric[i].o);
  return n;
}

static size_t slots_of (mlp_Model *m) {
  double opt[MLP_OPTIONS_MAX];
  if (m->optimizer == NULL) return 0;
  mlpi_optimizer_options(m->optimizer, opt);
  return (size_t)mlpi_optimizer_slots((const mlp_Optimizer *)m->optimizer->kind,
                                      opt);
}

/* Targets as output i's loss wants them, without values. */
static mlp_Status target_like (mlp_Model *m, int i, const mlpi_Array *p,
                               mlp_Tensor **out) {
  const mlp_Object *loss = m->out[i].loss;
  const int target = loss == NULL ? 0 : ((const mlp_Loss *)loss->kind)->target;
  const bool classes =
      target == MLPI_TARGET_CLASSES || target == MLPI_TARGET_LABELS;
  return mlpi_tensor_unbacked(m->rt, classes ? MLP_INT64 : p->dtype,
                              classes ? 1 : p->ndim, p->shape, out);
}

static mlp_Status make_targets (mlp_Model *m, mlpi_Feed *feed) {
  const size_t room = (size_t)m->n_uses * sizeof(mlpi_Array);
  mlpi_Array *shapes = mlpi_alloc(m->rt, room);
  if (shapes == NULL) return MLP_ENOMEM;
  mlp_Status s = mlpi_model_shapes(m, 2, shapes);
  for (int i = 0; i < m->n_out && s == MLP_OK; i++)
    s = target_like(m, i, &shapes[m->out[i].use], &feed->y[i]);
  mlpi_free(m->rt, shapes, room);
  return s;
}

/*
** What a plan for so many rows takes: it is made and dropped. Its arena is not
** touched, so that the system need not have that much; limit and peak of the
** runtime are as before. One too large to be made counts as two of half the
** rows.
*/
static mlp_Status measure (mlp_Model *m, size_t rows, bool training,
                           const mlpi_Feed *feed, size_t *bytes) {
  mlp_Runtime *rt = m->rt;
  mlpi_Stage *g, *kept = m->stages;
  const size_t before = rt->memory, peak = rt->memory_peak,
               limit = rt->memory_limit;
  m->stages = NULL;
  rt->memory_limit = 0;
  mlp_Status s = mlpi_model_stage(m, rows, training, feed, &g);
  *bytes = rt->memory - before;
  if (s == MLP_OK) mlpi_stage_free(rt, g);
  m->stages = kept;
  rt->memory_limit = limit;
  rt->memory_peak = peak;
  if (s != MLP_ENOMEM || rows < 4) return s;
  s = measure(m, rows / 2, training, feed, bytes);
  *bytes *= 2;
  return s;
}

static mlp_Status predict_plan (mlp_Model *m, size_t rows, bool training,
                                mlpi_Memory *out) {
  mlpi_Feed feed = { .y = { NULL } };
  mlp_Status s = training ? mlpi_model_prepare(m) : MLP_OK;
  if (s == MLP_OK && training) s = make_targets(m, &feed);
  if (s == MLP_OK)
    s = measure(m, rows, training, training ? &feed : NULL, &out->plan);
  for (int i = 0; i < m->n_out; i++) mlpi_tensor_release(feed.y[i]);
  return s;
}

mlp_Status mlpi_model_memory (mlp_Model *m, size_t rows, bool training,
                              mlpi_Memory *out) {
  size_t trainable;
  *out = (mlpi_Memory){ 0 };
  if (!m->built)
    return mlpi_error(m->rt, MLP_ESTATE,
                      "memory: expected a model that is built; give it an "
                      "input_shape, or call it on data first");
  count_weights(m, out, &trainable);
  out->model = description(m);
  mlp_Status s = predict_plan(m, rows, training, out);
  if (s != MLP_OK || !training) return s;
  out->gradients = trainable;
  out->state = trainable * slots_of(m) + (m->work == NULL ? 0 : m->work->bytes);
  return MLP_OK;
}
