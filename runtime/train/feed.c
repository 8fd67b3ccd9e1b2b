/*
** feed.c - does what a pass is given fit the model? Asked before the first
** batch.
*/
#include "loss/loss.h"
#include "train/run.h"

#include <stdio.h>
#include <string.h>

/* "", or " 'price'": which of several outputs. */
static const char *output_name (const mlp_Model *m, int i, char *text,
                                size_t n) {
  text[0] = '\0';
  if (m->n_out > 1) snprintf(text, n, " '%s'", mlpi_model_output_name(m, i));
  return text;
}

static mlp_Status check_rows (const mlp_Model *m, const char *what,
                              const mlp_Tensor *t, size_t rows) {
  if (t->a.ndim >= 1 && t->a.shape[0] == rows) return MLP_OK;
  return mlpi_error(m->rt, MLP_ESHAPE,
                    "fit: x and %s differ in rows: x has %zu, %s has %zu", what,
                    rows, what, t->a.ndim < 1 ? 0 : t->a.shape[0]);
}

static mlp_Status check_weights (const mlp_Model *m, const mlp_Tensor *w,
                                 size_t rows) {
  mlp_Status s = check_rows(m, "sample_weight", w, rows);
  if (s != MLP_OK || (w->a.ndim == 1 && mlpi_is_real(w->a.dtype))) return s;
  return mlpi_error(m->rt, MLP_ESHAPE,
                    "fit: expected a sample weight a row, (%zu,) of floats",
                    rows);
}

static mlp_Status check_targets (const mlp_Model *m, const mlpi_Feed *f) {
  size_t rows = f->x[0]->a.shape[0];
  char name[MLPI_LAYER_NAME + 4];
  if (m->optimizer == NULL)
    return mlpi_error(m->rt, MLP_ESTATE,
                      "fit: expected a compiled model; call model:compile{...} "
                      "first");
  for (int i = 0; i < m->n_out; i++) {
    if (!mlpi_model_wants(m, i)) continue;
    if (f->y[i] == NULL)
      return mlpi_error(m->rt, MLP_EARG,
                        "fit: expected targets y%s%s, got none",
                        m->n_out > 1 ? " for output" : "",
                        output_name(m, i, name, sizeof name));
    mlp_Status s = check_rows(m, "y", f->y[i], rows);
    if (s == MLP_OK && f->w[i] != NULL) s = check_weights(m, f->w[i], rows);
    if (s != MLP_OK) return s;
  }
  return MLP_OK;
}

static bool takes_integers (const mlp_Model *m, int input) {
  for (int k = 0; k < m->n_uses; k++)
    for (int j = 0; j < m->use[k].n_in; j++)
      if (m->use[k].in[j] == -1 - input)
        return mlpi_layer_integers(m->use[k].layer);
  return false;
}

/* Rows of the shape that the model was built for. */
static mlp_Status check_row_shape (const mlp_Model *m, int i,
                                   const mlpi_Array *x) {
  const mlpi_Array *like = &m->in[i].like;
  char want[MLPI_SHAPE_TEXT], got[MLPI_SHAPE_TEXT];
  bool same = x->ndim == like->ndim;
  for (int d = 1; same && d < x->ndim; d++)
    same = x->shape[d] == like->shape[d];
  if (same) return MLP_OK;
  return mlpi_error(m->rt, MLP_ESHAPE,
                    "model: expected rows of shape %s, for which it was built, "
                    "got x of shape %s",
                    mlpi_shape_text(like->ndim - 1, like->shape + 1, want),
                    mlpi_shape_text(x->ndim, x->shape, got));
}

static mlp_Status check_input (mlp_Model *m, int i, const mlpi_Feed *f) {
  const mlp_Tensor *x = f->x[i];
  char text[MLPI_SHAPE_TEXT];
  if (x == NULL)
    return mlpi_error(m->rt, MLP_EARG, "model: expected %d inputs, got %d",
                      m->n_in, i);
  if (x->a.ndim < (takes_integers(m, i) ? 1 : 2))
    return mlpi_error(m->rt, MLP_ESHAPE,
                      "model: expected x of shape (rows, features), got %s",
                      mlpi_shape_text(x->a.ndim, x->a.shape, text));
  if (!mlpi_is_real(x->a.dtype) && !takes_integers(m, i))
    return mlpi_error(m->rt, MLP_ETYPE,
                      "model: expected x of float32 or float64, got %s; use "
                      "x:float()",
                      mlpi_dtype_name(x->a.dtype));
  if (x->a.shape[0] != f->x[0]->a.shape[0])
    return mlpi_error(m->rt, MLP_ESHAPE,
                      "model: inputs differ in rows: %zu and %zu",
                      f->x[0]->a.shape[0], x->a.shape[0]);
  if (m->built && x->a.dtype != m->in[i].like.dtype)
    return mlpi_error(m->rt, MLP_ETYPE, "model: expected x of %s, got %s",
                      mlpi_dtype_name(m->in[i].like.dtype),
                      mlpi_dtype_name(x->a.dtype));
  return m->built ? check_row_shape(m, i, &x->a) : MLP_OK;
}

mlp_Status mlpi_feed_check (mlp_Model *m, mlpi_Mode mode,
                            const mlpi_Feed *feed) {
  mlp_Status s = MLP_OK;
  for (int i = 0; i < m->n_in && s == MLP_OK; i++) s = check_input(m, i, feed);
  if (s != MLP_OK || mode == MLPI_PREDICT) return s;
  if (feed->x[0]->a.shape[0] == 0)
    return mlpi_error(m->rt, MLP_EARG, "%s: expected rows, got none",
                      mode == MLPI_TRAIN ? "fit" : "evaluate");
  return check_targets(m, feed);
}

void mlpi_feed_drop (const mlp_Model *m, mlpi_Feed *feed) {
  for (int i = 0; i < m->n_in; i++) mlpi_tensor_release(feed->x[i]);
  for (int i = 0; i < m->n_out; i++) {
    mlpi_tensor_release(feed->y[i]);
    mlpi_tensor_release(feed->w[i]);
  }
  memset(feed, 0, sizeof *feed);
}

void mlpi_run_hold_feed (mlpi_Run *r, const mlpi_Feed *feed) {
  const mlp_Model *m = r->model;
  for (int i = 0; i < m->n_in; i++)
    r->feed.x[i] = mlpi_tensor_retain(feed->x[i]);
  for (int i = 0; i < m->n_out && r->mode != MLPI_PREDICT; i++) {
    if (!mlpi_model_wants(m, i)) continue;
    r->feed.y[i] = mlpi_tensor_retain(feed->y[i]);
    r->feed.w[i] = mlpi_tensor_retain(feed->w[i]);
  }
}

/* Labels against the width of the output, once, before the first batch. */
static mlp_Status check_labels (mlp_Model *m, int i, const mlp_Tensor *y,
                                size_t width) {
  const mlp_Object *loss = m->out[i].loss;
  if (loss == NULL || y->a.dtype != MLP_INT64) return MLP_OK;
  const size_t most = mlpi_largest_label((const mlp_Loss *)loss->kind, width);
  return most == 0 ? MLP_OK : mlpi_check_labels(loss, &y->a, (double)most);
}

mlp_Status mlpi_run_check_labels (mlpi_Run *r) {
  mlp_Status s = MLP_OK;
  for (int i = 0; i < r->model->n_out && s == MLP_OK; i++)
    if (r->feed.y[i] != NULL)
      s = check_labels(r->model, i, r->feed.y[i], r->width[i]);
  return s;
}
