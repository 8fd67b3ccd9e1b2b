/*
** stage.c - a model traced and compiled for batches of one size and mode; and
** the loss that both executors compute.
*/
#include "model/model.h"
#include "loss/loss.h"
#include "metric/metric.h"
#include "regularizer/regularizer.h"

#include <string.h>

/* *sum = *sum + t, either of which may be NULL; takes t. */
static mlp_Status add_to (mlp_Tensor **sum, mlp_Tensor *t) {
  mlp_Tensor *next = NULL;
  if (*sum == NULL) {
    *sum = t;
    return MLP_OK;
  }
  mlp_Status s = mlpi_apply2("add", NULL, *sum, t, &next);
  mlpi_tensor_release(t);
  mlpi_tensor_release(*sum);
  *sum = next;
  return s;
}

static mlp_Status add_penalties (mlp_Layer *l, mlp_Tensor **sum) {
  for (int i = 0; i < l->n_weights; i++) {
    const mlp_Object *r = l->weight[i].regularizer;
    mlp_Tensor *penalty = NULL;
    if (r == NULL) continue;
    mlp_Status s = ((const mlp_Regularizer *)r->kind)
                       ->penalty(r, l->weight[i].tensor, &penalty);
    if (s == MLP_OK) s = add_to(sum, penalty);
    if (s != MLP_OK) return s;
  }
  return MLP_OK;
}

static bool is_penalty (const mlpi_Node *n) {
  return n->op != NULL && strcmp(n->op->name, "with_penalty") == 0;
}

/* Penalties on outputs of layers, found on the way to the outputs p. */
static mlp_Status add_activities (mlp_Model *m, mlp_Tensor *const *p,
                                  mlp_Tensor **sum) {
  mlpi_Node **node;
  size_t n;
  mlp_Status s = mlpi_nodes_behind(m->rt, m->n_out, p, NULL, &node, &n);
  for (size_t i = 0; i < n && s == MLP_OK; i++)
    if (is_penalty(node[i]) && node[i]->in[1] != NULL)
      s = add_to(sum, mlpi_tensor_retain(node[i]->in[1]));
  mlpi_nodes_free(m->rt, node, n);
  return s;
}

/* *t times a number; 1 leaves it as it is. */
static mlp_Status scale (mlp_Tensor **t, double factor) {
  mlp_Tensor *number = NULL, *product = NULL;
  if (factor == 1) return MLP_OK;
  mlp_Status s = mlpi_scalar((*t)->rt, (*t)->a.dtype, factor, &number);
  if (s == MLP_OK) s = mlpi_apply2("mul", NULL, *t, number, &product);
  mlpi_tensor_release(number);
  if (s != MLP_OK) return s;
  mlpi_tensor_release(*t);
  *t = product;
  return MLP_OK;
}

static mlp_Status need_target (const mlp_Model *m, int i, const mlp_Tensor *y) {
  if (y != NULL) return MLP_OK;
  return mlpi_error(m->rt, MLP_EARG, "loss: expected targets for output '%s'",
                    mlpi_model_output_name(m, i));
}

/* "output 'price': mean_squared_error: expected ...": which of several. */
static mlp_Status name_output (const mlp_Model *m, int i, mlp_Status s) {
  if (m->n_out == 1 || (s != MLP_ESHAPE && s != MLP_EARG && s != MLP_ETYPE))
    return s;
  return mlpi_error(m->rt, s, "output '%s': %.400s",
                    mlpi_model_output_name(m, i), m->rt->error);
}

/* The loss of one output into the sum. */
static mlp_Status add_loss (mlp_Model *m, int i, mlp_Tensor *y, mlp_Tensor *p,
                            mlp_Tensor *w, mlp_Tensor **part,
                            mlp_Tensor **sum) {
  mlp_Tensor *loss = NULL;
  mlp_Status s = need_target(m, i, y);
  if (s == MLP_OK)
    s = name_output(m, i, mlpi_loss(m->out[i].loss, y, p, w, &loss));
  if (s == MLP_OK && part != NULL) *part = mlpi_tensor_retain(loss);
  if (s == MLP_OK) s = scale(&loss, m->out[i].weight);
  if (s == MLP_OK) return add_to(sum, loss);
  mlpi_tensor_release(loss);
  return s;
}

mlp_Status mlpi_model_loss (mlp_Model *m, mlp_Tensor *const *y,
                            mlp_Tensor *const *p, mlp_Tensor *const *w,
                            mlp_Tensor **part, mlp_Tensor **out) {
  mlp_Tensor *sum = NULL;
  mlp_Status s = MLP_OK;
  *out = NULL;
  if (m->optimizer == NULL)
    return mlpi_error(m->rt, MLP_ESTATE,
                      "model: expected a compiled model, got one without a "
                      "loss; call model:compile{...} first");
  for (int i = 0; i < m->n_out && s == MLP_OK; i++)
    if (m->out[i].loss != NULL)
      s = add_loss(m, i, y[i], p[i], w[i], part == NULL ? NULL : &part[i],
                   &sum);
  for (int i = 0; i < m->n_layers && s == MLP_OK; i++)
    s = add_penalties(m->layer[i], &sum);
  if (s == MLP_OK) s = add_activities(m, p, &sum);
  if (s != MLP_OK) {
    mlpi_tensor_release(sum);
    return s;
  }
  *out = sum;
  return MLP_OK;
}

/*
** Stages
*/

void mlpi_stage_free (mlp_Runtime *rt, mlpi_Stage *g) {
  mlpi_plan_release(g->plan);
  mlpi_tensor_release(g->loss.symbol);
  for (int i = 0; i < g->n_ends; i++) mlpi_tensor_release(g->x[i].symbol);
  mlpi_storage_release(g->own);
  mlpi_free(rt, g->x, (size_t)g->n_ends * sizeof *g->x);
  mlpi_free(rt, g, sizeof *g);
}

static mlpi_Stage *new_stage (const mlp_Model *m, size_t rows, bool training,
                              bool with_loss) {
  mlpi_Stage *g = mlpi_calloc(m->rt, 1, sizeof *g);
  if (g == NULL) return NULL;
  g->rows = rows;
  g->training = training;
  g->with_loss = with_loss;
  g->n_ends = m->n_in + 4 * m->n_out + m->n_metrics;
  g->x = mlpi_calloc(m->rt, (size_t)g->n_ends, sizeof *g->x);
  if (g->x == NULL) {
    mlpi_free(m->rt, g, sizeof *g);
    return NULL;
  }
  g->p = g->x + m->n_in;
  g->y = g->p + m->n_out;
  g->w = g->y + m->n_out;
  g->part = g->w + m->n_out;
  g->value = g->part + m->n_out;
  return g;
}

void mlpi_model_forget (mlp_Model *m) {
  while (m->stages != NULL) {
    mlpi_Stage *g = m->stages;
    m->stages = g->next;
    mlpi_stage_free(m->rt, g);
  }
  mlpi_storage_release(m->grads);
  m->grads = NULL;
}

/* A symbol for batches of 'rows' like that array. */
static mlp_Status symbol (mlpi_Trace *t, const mlpi_Array *like, size_t rows,
                          mlp_Tensor **out) {
  size_t shape[MLP_MAXDIM];
  memcpy(shape, like->shape, sizeof shape);
  shape[0] = rows;
  return mlpi_trace_input(t, like->dtype, like->ndim, shape, out);
}

static mlp_Status trace_targets (mlp_Model *m, mlpi_Trace *t, mlpi_Stage *g,
                                 const mlpi_Feed *feed) {
  mlp_Status s = MLP_OK;
  for (int i = 0; i < m->n_out && s == MLP_OK; i++) {
    if (!mlpi_model_wants(m, i) || feed->y[i] == NULL) continue;
    s = symbol(t, &feed->y[i]->a, g->rows, &g->y[i].symbol);
    if (s == MLP_OK && feed->w[i] != NULL)
      s = symbol(t, &feed->w[i]->a, g->rows, &g->w[i].symbol);
  }
  return s;
}

/* Symbols of several ends, and back. */
static void take (int n, const mlpi_End *end, mlp_Tensor **t) {
  for (int i = 0; i < n; i++) t[i] = end[i].symbol;
}

static void put (int n, mlpi_End *end, mlp_Tensor *const *t) {
  for (int i = 0; i < n; i++) end[i].symbol = t[i];
}

static mlp_Status trace_loss (mlp_Model *m, mlpi_Stage *g) {
  mlp_Tensor *y[MLPI_PORTS], *p[MLPI_PORTS], *w[MLPI_PORTS];
  mlp_Tensor *part[MLPI_PORTS] = { NULL };
  take(m->n_out, g->y, y);
  take(m->n_out, g->p, p);
  take(m->n_out, g->w, w);
  mlp_Status s =
      mlpi_model_loss(m, y, p, w, m->n_out > 1 ? part : NULL, &g->loss.symbol);
  put(m->n_out, g->part, part);
  return s;
}

/* What a batch of a weighted metric adds: (sum of w times its rows, sum of w),
** each a number a row, or several of which the mean counts. */
static mlp_Status weigh (const mlpi_Measure *q, mlp_Tensor *each, mlp_Tensor *w,
                         mlp_Tensor **out) {
  if (each->a.ndim == 0)
    return mlpi_error(each->rt, MLP_EARG,
                      "compile: option 'weighted_metrics': expected of metric "
                      "'%s' one number a row, got one for the batch, which "
                      "cannot be weighted; put it in 'metrics'",
                      q->o->kind->name);
  const double rows = (double)w->a.shape[0];
  mlpi_Formula f = mlpi_formula(each);
  mlpi_Attrs column = { .n_axis = 2, .axis = { w->a.shape[0], -1 } };
  mlpi_Attrs one = { .n_axis = 1, .axis = { 1 } }, first = { .n_axis = 1 };
  mlp_Tensor *values = mlpi_of_all(&f, "reshape", &column, 1, &each);
  mlp_Tensor *weights = mlpi_of_all(&f, "reshape", &column, 1, &w);
  mlp_Tensor *sum = mlpi_of(&f, "sum", mlpi_of2(&f, "mul", values, weights));
  sum = mlpi_of_number(&f, "mul", sum, rows / (double)mlpi_count(&each->a));
  mlp_Tensor *all = mlpi_of(&f, "sum", w);
  mlp_Tensor *in[] = { mlpi_of_all(&f, "reshape", &one, 1, &sum),
                       mlpi_of_all(&f, "reshape", &one, 1, &all) };
  return mlpi_formula_end(&f, mlpi_of_all(&f, "concat", &first, 2, in), out);
}

/* A metric that is traced: its mean over the rows, or see 'weigh'. */
static mlp_Status trace_metric (const mlpi_Measure *q, mlpi_Stage *g,
                                mlp_Tensor **out) {
  const mlp_Metric *k = (const mlp_Metric *)q->o->kind;
  mlp_Tensor *p = g->p[q->output].symbol, *y = g->y[q->output].symbol;
  mlp_Tensor *t = NULL, *each = NULL;
  mlp_Status s = mlpi_any_target(y, p, &t);
  if (s == MLP_OK) s = k->apply(q->o, t, p, &each);
  mlp_Tensor *w = q->weighted ? g->w[q->output].symbol : NULL;
  if (s == MLP_OK)
    s = w == NULL ? mlpi_mean_of(each, out) : weigh(q, each, w, out);
  mlpi_tensor_release(t);
  mlpi_tensor_release(each);
  return s;
}

static mlp_Status trace_metrics (mlp_Model *m, mlpi_Stage *g) {
  mlp_Status s = MLP_OK;
  for (int i = 0; i < m->n_metrics && s == MLP_OK; i++)
    if (((const mlp_Metric *)m->metric[i].o->kind)->apply != NULL)
      s = trace_metric(&m->metric[i], g, &g->value[i].symbol);
  return s;
}

static mlp_Status trace_model (mlp_Model *m, mlpi_Trace *t, mlpi_Stage *g,
                               const mlpi_Feed *feed) {
  const mlpi_Pass pass = { .training = g->training, .step = m->iterations };
  mlp_Tensor *x[MLPI_PORTS], *p[MLPI_PORTS];
  mlp_Status s = MLP_OK;
  for (int i = 0; i < m->n_in && s == MLP_OK; i++)
    s = symbol(t, &m->in[i].like, g->rows, &g->x[i].symbol);
  take(m->n_in, g->x, x);
  if (s == MLP_OK) s = mlpi_model_call(m, x, &pass, p);
  if (s != MLP_OK) return s;
  put(m->n_out, g->p, p);
  if (!g->with_loss) return MLP_OK;
  s = trace_targets(m, t, g, feed);
  if (s == MLP_OK) s = trace_loss(m, g);
  return s != MLP_OK ? s : trace_metrics(m, g);
}

/* Predictions of a training step are computed only if a metric reads them:
** a loss that goes to the logits does not. */
static bool reads (const mlp_Model *m, const mlpi_Stage *g, int i) {
  if (!g->training) return true;
  for (int k = 0; k < m->n_metrics; k++)
    if (m->metric[k].output == i) return true;
  return false;
}

/* Where an end's memory is. */
static void place_end (const mlpi_Stage *g, mlpi_End *end) {
  if (end->symbol != NULL) end->at = mlpi_plan_array(g->plan, end->symbol);
}

static void place_ends (mlpi_Stage *g) {
  for (int i = 0; i < g->n_ends; i++) place_end(g, &g->x[i]);
  place_end(g, &g->loss);
}

/* An end of models abreast: its memory for one of them is 'at' bytes into that
** of the stage. Returns where it ends. */
static size_t part_end (mlpi_Stage *g, mlpi_End *end, size_t at) {
  if (end->symbol == NULL || end->at.data == NULL) return at;
  if (g->own == NULL && end->at.ndim == end->symbol->a.ndim) return at;
  if (g->own != NULL) {
    end->all = end->at;
    end->at = end->symbol->a;
    mlpi_set_strides(&end->at);
    end->at.data = (char *)g->own->data + at;
  }
  const size_t bytes =
      mlpi_count(&end->symbol->a) * mlpi_dtype_size(end->symbol->a.dtype);
  return at + (bytes + 63) / 64 * 64;
}

static size_t part_ends (mlpi_Stage *g) {
  size_t at = part_end(g, &g->loss, 0);
  for (int i = 0; i < g->n_ends; i++) at = part_end(g, &g->x[i], at);
  return at;
}

static mlp_Status compile (mlp_Model *m, mlpi_Stage *g,
                           const mlpi_Abreast *abreast) {
  mlp_Tensor *root[5 * MLPI_PORTS + MLPI_METRICS + 1];
  int n = 0;
  for (int i = 0; i < g->n_ends; i++) {
    const mlpi_End *end = &g->x[i];
    bool unread = end >= g->p && end < g->y && !reads(m, g, (int)(end - g->p));
    if (end->symbol != NULL && !unread) root[n++] = end->symbol;
  }
  if (g->loss.symbol != NULL) root[n++] = g->loss.symbol;
  mlp_Status s = mlpi_plan_compile(m->rt, g->training ? g->loss.symbol : NULL,
                                   n, root, abreast, &g->plan);
  if (s != MLP_OK) return s;
  place_ends(g);
  if (abreast == NULL) return MLP_OK;
  s = mlpi_storage_new(m->rt, part_ends(g), &g->own);
  if (s == MLP_OK) part_ends(g);
  return s;
}

/* Does an end take rows like those of t? */
static bool takes (const mlpi_End *end, const mlp_Tensor *t) {
  const mlp_Tensor *s = end->symbol;
  if (s == NULL || t == NULL) return s == NULL && t == NULL;
  return s->a.dtype == t->a.dtype && s->a.ndim == t->a.ndim &&
         memcmp(s->a.shape + 1, t->a.shape + 1,
                (size_t)(s->a.ndim - 1) * sizeof(size_t)) == 0;
}

bool mlpi_stage_fits (const mlp_Model *m, const mlpi_Stage *g, size_t rows,
                      bool training, const mlpi_Feed *feed) {
  if (g->rows != rows || g->training != training) return false;
  if (feed == NULL) return !g->with_loss;
  if (!g->with_loss) return false;
  for (int i = 0; i < m->n_out; i++) {
    bool wanted = mlpi_model_wants(m, i);
    if (!takes(&g->y[i], wanted ? feed->y[i] : NULL)) return false;
    if (!takes(&g->w[i], wanted ? feed->w[i] : NULL)) return false;
  }
  return true;
}

mlp_Status mlpi_stage_new (mlp_Model *m, size_t rows, bool training,
                           const mlpi_Feed *feed, const mlpi_Abreast *abreast,
                           mlpi_Stage **out) {
  mlpi_Trace *trace = NULL;
  *out = NULL;
  mlp_Status s = training ? mlpi_model_prepare(m) : MLP_OK;
  if (s != MLP_OK) return s;
  mlpi_Stage *g = new_stage(m, rows, training, feed != NULL);
  if (g == NULL) return MLP_ENOMEM;
  s = mlpi_trace_new(m->rt, &trace);
  if (s == MLP_OK) s = trace_model(m, trace, g, feed);
  if (s == MLP_OK) s = compile(m, g, abreast);
  mlpi_trace_release(trace);
  if (s != MLP_OK) {
    mlpi_stage_free(m->rt, g);
    return s;
  }
  *out = g;
  return MLP_OK;
}

mlp_Status mlpi_model_stage (mlp_Model *m, size_t rows, bool training,
                             const mlpi_Feed *feed, mlpi_Stage **out) {
  mlpi_model_refresh(m);
  for (mlpi_Stage *g = m->stages; g != NULL; g = g->next)
    if (mlpi_stage_fits(m, g, rows, training, feed)) {
      *out = g;
      return MLP_OK;
    }
  mlp_Status s = mlpi_stage_new(m, rows, training, feed, NULL, out);
  if (s != MLP_OK) return s;
  (*out)->number = ++m->n_staged;
  (*out)->next = m->stages;
  m->stages = *out;
  return MLP_OK;
}
