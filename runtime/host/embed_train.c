/*
** embed_train.c - training, evaluation and prediction on the host's data.
*/
#include "host/embed.h"
#include "train/train.h"

#include <math.h>
#include <string.h>

static mlp_Runtime *of (const mlp_Model *m) { return m == NULL ? NULL : m->rt; }

/* Enter, do f(arg) where Lua may be called, leave. */
static mlp_Status guarded (mlp_Runtime *rt, mlp_Status (*f)(void *arg),
                           void *arg) {
  mlp_Status s = mlpi_enter(rt);
  return s != MLP_OK ? s : mlpi_leave(rt, mlpi_protected(rt, f, arg));
}

static mlp_Status need (mlp_Runtime *rt, bool given, const char *who) {
  if (given) return MLP_OK;
  return mlpi_error(rt, MLP_EARG, "%s: an argument is NULL", who);
}

/* What a host trains has one input and one output. */
static mlpi_Feed feed_of (mlp_Tensor *x, mlp_Tensor *y) {
  return (mlpi_Feed){ .x = { x }, .y = { y } };
}

static mlp_Status check_ports (const mlp_Model *m, const char *who) {
  if (m->n_in == 1 && m->n_out == 1) return MLP_OK;
  return mlpi_error(m->rt, MLP_EARG,
                    "%s: expected a model of one input and one output, got %d "
                    "and %d; a script can train it",
                    who, m->n_in, m->n_out);
}

/* The loss, then the metrics. */
static mlp_Status values_of (const mlpi_Run *r, int n, double *values) {
  int most = 1 + r->model->n_metrics;
  if (n < 0 || n > most || (n > 0 && values == NULL))
    return mlpi_error(
        r->rt, MLP_EARG,
        "expected room for the loss and %d metrics, got %d values", most - 1,
        n);
  for (int i = 0; i < n; i++)
    values[i] = i == 0 ? mlpi_run_loss(r) : mlpi_run_metric(r, i - 1);
  return MLP_OK;
}

/*
** A batch, an evaluation
*/

typedef struct Pass {
  mlp_Model *m;
  mlp_Tensor *x, *y;
  int n;
  double *values;
} Pass;

static mlp_Status train (void *arg) {
  Pass *p = arg;
  double loss;
  mlp_Status s = need(p->m->rt, p->x != NULL && p->y != NULL, "model_train");
  const mlpi_Feed feed = feed_of(p->x, p->y);
  if (s == MLP_OK) s = check_ports(p->m, "model_train");
  if (s == MLP_OK) s = mlpi_train_on_batch(p->m, &feed, &loss);
  if (s == MLP_OK && p->values != NULL) *p->values = loss;
  return s;
}

mlp_Status mlp_model_train (mlp_Model *m, mlp_Tensor *x, mlp_Tensor *y,
                            double *loss) {
  Pass p = { m, x, y, 1, loss };
  return guarded(of(m), train, &p);
}

static mlp_Status evaluate (void *arg) {
  Pass *p = arg;
  mlpi_Run *r;
  const mlpi_Feed feed = feed_of(p->x, p->y);
  mlp_Status s = need(p->m->rt, p->x != NULL && p->y != NULL, "model_evaluate");
  if (s == MLP_OK) s = check_ports(p->m, "model_evaluate");
  if (s == MLP_OK) s = mlpi_run_new(p->m, MLPI_EVALUATE, &feed, 256, 0, &r);
  if (s != MLP_OK) return s;
  s = mlpi_run_on(r, 0, HUGE_VAL);
  if (s == MLP_OK) s = values_of(r, p->n, p->values);
  mlpi_run_release(r);
  return s;
}

mlp_Status mlp_model_evaluate (mlp_Model *m, mlp_Tensor *x, mlp_Tensor *y,
                               int n, double *values) {
  Pass p = { m, x, y, n, values };
  return guarded(of(m), evaluate, &p);
}

/*
** Predictions
*/

typedef struct Prediction {
  mlp_Model *m;
  size_t rows;
  const char *x;
  char *out;
  size_t width; /* of an output */
} Prediction;

static mlp_Status check_built (const mlp_Model *m) {
  if (m->built) return check_ports(m, "model_predict");
  return mlpi_error(m->rt, MLP_ESTATE,
                    "model_predict: expected a model that is built");
}

/* A few sizes of batch only: each has a plan of its own. The results do not
** depend on how rows are cut. */
static mlp_Status predict (void *arg) {
  Prediction *p = arg;
  mlp_Status s = check_built(p->m);
  if (s == MLP_OK)
    s = need(p->m->rt, p->rows == 0 || (p->x != NULL && p->out != NULL),
             "model_predict");
  for (size_t n = 256; n > 0 && s == MLP_OK; n /= 4)
    while (p->rows >= n && s == MLP_OK) {
      mlpi_Stage *g;
      s = mlpi_model_stage(p->m, n, false, NULL, &g);
      if (s != MLP_OK) return s;
      size_t size = mlpi_dtype_size(p->m->dtype);
      size_t in = mlpi_count(&g->x[0].at) * size,
             out = mlpi_count(&g->p[0].at) * size;
      mlpi_Array to = g->p[0].at;
      memcpy(g->x[0].at.data, p->x, in);
      s = mlpi_plan_forward(g->plan, p->m->iterations);
      mlpi_set_strides(&to);
      to.data = p->out;
      if (s == MLP_OK) mlpi_array_copy(&g->p[0].at, &to);
      p->rows -= n;
      p->x += in;
      p->out += out;
    }
  return s;
}

mlp_Status mlp_model_predict (mlp_Model *m, size_t rows, const void *x,
                              void *out) {
  Prediction p = { .m = m, .rows = rows, .x = x, .out = out };
  return guarded(of(m), predict, &p);
}

static mlp_Status outputs (void *arg) {
  Prediction *p = arg;
  mlpi_Stage *g;
  mlp_Status s = check_built(p->m);
  if (s == MLP_OK) s = mlpi_model_stage(p->m, 1, false, NULL, &g);
  if (s == MLP_OK) p->width = mlpi_count(&g->p[0].at);
  return s;
}

mlp_Status mlp_model_outputs (mlp_Model *m, size_t *n) {
  Prediction p = { .m = m };
  if (n == NULL) return MLP_EARG;
  mlp_Status s = guarded(of(m), outputs, &p);
  *n = p.width;
  return s;
}

/*
** Training in pieces
*/

struct mlp_Training {
  mlpi_Run *run;
  bool shuffle;
};

void mlp_training_preset (mlp_TrainingConfig *config, size_t struct_size) {
  memset(config, 0, struct_size);
  config->struct_size = struct_size;
  config->batch_size = 32;
  config->epochs = 1;
  config->shuffle = 1;
}

typedef struct Start {
  mlp_Model *m;
  mlp_Tensor *x, *y;
  mlp_TrainingConfig config;
  mlp_Training *t;
} Start;

static mlp_Status start (void *arg) {
  Start *a = arg;
  const mlp_TrainingConfig *c = &a->config;
  mlp_Runtime *rt = a->m->rt;
  mlp_Status s = need(rt, a->x != NULL && a->y != NULL, "training_new");
  if (s == MLP_OK && (c->batch_size == 0 || c->epochs == 0))
    s = mlpi_error(rt, MLP_EARG,
                   "training_new: expected at least 1 row and 1 epoch");
  if (s == MLP_OK) s = check_ports(a->m, "training_new");
  if (s != MLP_OK) return s;
  mlp_Training *t = mlpi_calloc(rt, 1, sizeof *t);
  if (t == NULL) return MLP_ENOMEM;
  t->shuffle = c->shuffle != 0;
  const mlpi_Feed feed = feed_of(a->x, a->y);
  s = mlpi_run_new(a->m, MLPI_TRAIN, &feed, c->batch_size, t->shuffle ? 1 : 0,
                   &t->run);
  if (s != MLP_OK) {
    mlpi_free(rt, t, sizeof *t);
    return s;
  }
  t->run->epochs = c->epochs;
  a->t = t;
  return MLP_OK;
}

mlp_Status mlp_training_new (mlp_Model *m, mlp_Tensor *x, mlp_Tensor *y,
                             const mlp_TrainingConfig *config,
                             mlp_Training **out) {
  Start a = { .m = m, .x = x, .y = y };
  if (out == NULL) return MLP_EARG;
  *out = NULL;
  mlp_training_config_init(&a.config);
  if (config != NULL) {
    if (config->struct_size != sizeof a.config) return MLP_EABI;
    a.config = *config;
  }
  mlp_Status s = guarded(of(m), start, &a);
  *out = a.t;
  return s;
}

void mlp_training_release (mlp_Training *t) {
  bool inside;
  mlp_Runtime *rt = t == NULL ? NULL : t->run->rt;
  if (mlpi_enter_any(rt, &inside) != MLP_OK) return;
  mlpi_run_release(t->run);
  mlpi_free(rt, t, sizeof *t);
  mlpi_leave_any(rt, inside, MLP_OK);
}

typedef struct Step {
  mlp_Training *t;
  double seconds;
  int done;
} Step;

/* Begin the next epoch, where there is one. */
static mlp_Status next_epoch (Step *a) {
  mlpi_Run *r = a->t->run;
  if (r->diverged)
    return mlpi_error(r->rt, MLP_ENUMERIC,
                      "training_step: the loss is not finite at epoch %lu, "
                      "batch %lu; a smaller learning rate or scaled inputs "
                      "usually help",
                      (unsigned long)r->epoch, (unsigned long)r->batches);
  a->done = r->epoch >= r->epochs;
  if (!a->done) mlpi_run_restart(r, a->t->shuffle ? r->epoch + 1 : 0, NULL);
  return MLP_OK;
}

/* An epoch that is over stays, with its values, until the next step. */
static mlp_Status step (void *arg) {
  Step *a = arg;
  mlpi_Run *r = a->t->run;
  const double end = mlpi_now() + a->seconds;
  double left = a->seconds;
  do {
    mlp_Status s = r->done ? next_epoch(a) : MLP_OK;
    if (s == MLP_OK && !a->done) s = mlpi_run_on(r, 0, left);
    if (s != MLP_OK) return s;
    left = end - mlpi_now();
  } while (!a->done && left > 0);
  if (r->done && !r->diverged) a->done = r->epoch >= r->epochs;
  return MLP_OK;
}

mlp_Status mlp_training_step (mlp_Training *t, double milliseconds, int *done) {
  Step a = { .t = t, .seconds = milliseconds > 0 ? milliseconds / 1000 : 0 };
  mlp_Status s = guarded(t == NULL ? NULL : t->run->rt, step, &a);
  if (done != NULL) *done = a.done;
  return s;
}

mlp_Status mlp_training_values (const mlp_Training *t, int n, double *values) {
  mlp_Status s = mlpi_enter(t == NULL ? NULL : t->run->rt);
  return s != MLP_OK ? s : mlpi_leave(t->run->rt, values_of(t->run, n, values));
}
