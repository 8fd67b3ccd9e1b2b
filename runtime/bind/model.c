/*
** model.c - models and passes over data as Lua values. What is policy (fit,
** callbacks, summary) is in lua/mlp/model.lua, over these.
*/
#include "bind/model.h"
#include "bind/object.h"

#include <string.h>

#define BUSY  "mlp.Busy"
#define STATE "mlp.OptimizerState"

static void release_model (void *p) { mlpi_model_release(p); }

mlp_Model *mlpi_tomodel (lua_State *L, int arg) {
  mlp_Model *m = mlpi_tobox(L, arg, MLPI_MODEL);
  m->rt->host = L;
  return m;
}

/* core.model() */
static int model_new (lua_State *L) {
  mlp_Model **box = (mlp_Model **)mlpi_newbox(L, MLPI_MODEL);
  mlpi_check(L, mlpi_model_new(mlpi_runtime(L), box));
  return 1;
}

/* core.model_add(model, layer, { inputs }): inputs are the numbers of earlier
** uses, from 1; 0, -1, -2... are the model's first, second... input. */
static int model_add (lua_State *L) {
  int in[MLPI_MODEL_INPUTS];
  mlp_Model *m = mlpi_tomodel(L, 1);
  mlp_Layer *l = mlpi_tobox(L, 2, MLPI_LAYER);
  luaL_checktype(L, 3, LUA_TTABLE);
  int n = (int)lua_rawlen(L, 3);
  if (n > MLPI_MODEL_INPUTS)
    mlpi_raise(L, MLP_EARG, "%s: expected at most %d inputs, got %d",
               l->o->kind->name, MLPI_MODEL_INPUTS, n);
  for (int i = 0; i < n; i++) {
    lua_rawgeti(L, 3, i + 1);
    in[i] = (int)luaL_checkinteger(L, -1) - 1;
    lua_pop(L, 1);
  }
  mlpi_check(L, mlpi_model_add(m, l, n, in));
  return 0;
}

/* The shape of a row at 'arg', as that of a batch. */
static mlpi_Array to_row (lua_State *L, int arg, mlp_Dtype dtype) {
  int64_t size[MLP_MAXDIM];
  mlpi_Array a = { .dtype = dtype };
  int n = mlpi_tosizes(L, arg, "build", false, size, NULL);
  if (n + 1 > MLP_MAXDIM)
    mlpi_raise(L, MLP_ESHAPE, "build: too many dimensions");
  a.ndim = n + 1;
  for (int i = 0; i < n; i++) a.shape[i + 1] = (size_t)size[i];
  return a;
}

/* A list of shapes at 'arg', or the shape of the one input; 'type' is a dtype,
** or a list with one for each. */
void mlpi_torows (lua_State *L, int arg, int type, const mlp_Model *m,
                  mlp_Dtype dtype, mlpi_Array *row) {
  bool list = lua_istable(L, arg) && lua_rawgeti(L, arg, 1) == LUA_TTABLE;
  if (list && (int)lua_rawlen(L, arg) != m->n_in)
    mlpi_raise(L, MLP_EARG, "build: expected %d shapes, got %d", m->n_in,
               (int)lua_rawlen(L, arg));
  if (!list && m->n_in > 1)
    mlpi_raise(L, MLP_EARG, "build: expected a list of %d shapes", m->n_in);
  for (int i = 0; i < m->n_in; i++) {
    mlp_Dtype own = dtype;
    int top = lua_gettop(L);
    if (lua_istable(L, type)) {
      lua_rawgeti(L, type, i + 1);
      own = mlpi_todtype(L, top + 1, "build");
    }
    if (list)
      lua_rawgeti(L, arg, i + 1);
    else
      lua_pushvalue(L, arg);
    row[i] = to_row(L, lua_gettop(L), own);
    lua_settop(L, top);
  }
}

/* model:build({ features }, dtype, types): shape of a row, or a list of such;
** the types of the inputs, where they are not dtype */
static int model_build (lua_State *L) {
  mlpi_Array row[MLPI_PORTS];
  mlp_Model *m = mlpi_tomodel(L, 1);
  mlp_Dtype dtype =
      lua_isnoneornil(L, 3) ? MLP_FLOAT32 : mlpi_todtype(L, 3, "build");
  lua_settop(L, 4);
  mlpi_torows(L, 2, 4, m, dtype, row);
  mlpi_check(L, mlpi_model_build(m, dtype, row));
  mlpi_account(L, mlpi_model_count(m, false) * mlpi_dtype_size(m->dtype));
  lua_settop(L, 1);
  return 1;
}

/* Names from the list at 'arg', valid while it is; false: none. */
static int to_names (lua_State *L, int arg, const char **name) {
  luaL_checktype(L, arg, LUA_TTABLE);
  int n = (int)lua_rawlen(L, arg);
  for (int i = 0; i < n && i < MLPI_PORTS; i++) {
    lua_rawgeti(L, arg, i + 1);
    name[i] = lua_tostring(L, -1);
    lua_pop(L, 1);
  }
  return n;
}

/* core.model_inputs(model, { names or false }) */
static int model_inputs (lua_State *L) {
  const char *name[MLPI_PORTS];
  mlp_Model *m = mlpi_tomodel(L, 1);
  int n = to_names(L, 2, name);
  mlpi_check(L, mlpi_model_set_inputs(m, n, name));
  return 0;
}

/* core.model_outputs(model, { uses }, { names or false }) */
static int model_outputs (lua_State *L) {
  const char *name[MLPI_PORTS];
  int use[MLPI_PORTS];
  mlp_Model *m = mlpi_tomodel(L, 1);
  luaL_checktype(L, 2, LUA_TTABLE);
  int n = to_names(L, 3, name);
  for (int i = 0; i < n && i < MLPI_PORTS; i++) {
    lua_rawgeti(L, 2, i + 1);
    use[i] = (int)luaL_checkinteger(L, -1) - 1;
    lua_pop(L, 1);
  }
  mlpi_check(L, mlpi_model_set_outputs(m, n, use, name));
  return 0;
}

/* core.model_call(model, x, training): x a tensor, or a list of them; the
** output, or all of them */
static int model_call (lua_State *L) {
  mlp_Tensor *x[MLPI_PORTS], *out[MLPI_PORTS], **box[MLPI_PORTS];
  mlp_Model *m = mlpi_tomodel(L, 1);
  const mlpi_Pass pass = { .training = lua_toboolean(L, 3),
                           .step = m->iterations };
  mlpi_totensors(L, 2, "model", "inputs", m->n_in, false, x);
  luaL_checkstack(L, m->n_out + 4, NULL);
  for (int i = 0; i < m->n_out; i++) box[i] = mlpi_newtensor(L);
  mlp_Status s = mlpi_model_call(m, x, &pass, out);
  for (int i = 0; i < m->n_out; i++) *box[i] = out[i];
  mlpi_check(L, s);
  for (int i = 0; i < m->n_out; i++)
    if (out[i]->storage != NULL) mlpi_account(L, out[i]->storage->bytes);
  return m->n_out;
}

/* The objects of the list at 'arg', one of n; false: none. */
static void to_losses (lua_State *L, int arg, int n, mlp_Object **loss) {
  for (int i = 0; i < n; i++) {
    lua_rawgeti(L, arg, i + 1);
    loss[i] = lua_toboolean(L, -1) ? mlpi_tobox(L, -1, MLPI_OBJECT) : NULL;
    lua_pop(L, 1); /* the list keeps it */
  }
}

/* { object, output, weighted } on top */
static mlpi_Measure to_measure (lua_State *L, const mlp_Model *m) {
  mlpi_Measure q;
  luaL_checktype(L, -1, LUA_TTABLE);
  lua_rawgeti(L, -1, 1);
  lua_rawgeti(L, -2, 2);
  lua_rawgeti(L, -3, 3);
  q.o = mlpi_tobox(L, -3, MLPI_OBJECT);
  q.output = (int)luaL_checkinteger(L, -2) - 1;
  q.weighted = lua_toboolean(L, -1);
  if (q.output < 0 || q.output >= m->n_out)
    mlpi_raise(L, MLP_EARG, "compile: there is no output %d", q.output + 1);
  lua_pop(L, 3);
  return q;
}

/* core.model_compile(model, optimizer, losses, weights, metrics): for each
** output a loss or false, and its weight; { object, output, weighted }, ... */
static int model_compile (lua_State *L) {
  mlp_Object *loss[MLPI_PORTS];
  double weight[MLPI_PORTS];
  mlpi_Measure metric[MLPI_METRICS];
  mlp_Model *m = mlpi_tomodel(L, 1);
  mlp_Object *optimizer = mlpi_tobox(L, 2, MLPI_OBJECT);
  for (int i = 3; i <= 5; i++) luaL_checktype(L, i, LUA_TTABLE);
  to_losses(L, 3, m->n_out, loss);
  for (int i = 0; i < m->n_out; i++) {
    lua_rawgeti(L, 4, i + 1);
    weight[i] = luaL_checknumber(L, -1);
    lua_pop(L, 1);
  }
  int n = (int)lua_rawlen(L, 5);
  for (int i = 0; i < n && i < MLPI_METRICS; i++) {
    lua_rawgeti(L, 5, i + 1);
    metric[i] = to_measure(L, m);
    lua_pop(L, 1);
  }
  mlpi_check(L, mlpi_model_compile(m, optimizer, loss, weight, n, metric));
  return 0;
}

/* core.model_objects(model): its losses (false: none) and their weights, one an
** output; the list of its metrics { object, output, weighted } */
static int model_objects (lua_State *L) {
  mlp_Model *m = mlpi_tomodel(L, 1);
  lua_createtable(L, m->n_out, 0);
  lua_createtable(L, m->n_out, 0);
  for (int i = 0; i < m->n_out; i++) {
    if (m->out[i].loss != NULL)
      mlpi_push_object(L, m->out[i].loss);
    else
      lua_pushboolean(L, 0);
    lua_rawseti(L, -3, i + 1);
    lua_pushnumber(L, m->out[i].weight);
    lua_rawseti(L, -2, i + 1);
  }
  lua_createtable(L, m->n_metrics, 0);
  for (int i = 0; i < m->n_metrics; i++) {
    lua_createtable(L, 3, 0);
    mlpi_push_object(L, m->metric[i].o);
    lua_rawseti(L, -2, 1);
    lua_pushinteger(L, m->metric[i].output + 1);
    lua_rawseti(L, -2, 2);
    lua_pushboolean(L, m->metric[i].weighted);
    lua_rawseti(L, -2, 3);
    lua_rawseti(L, -2, i + 1);
  }
  return 3;
}

/* core.model_loss(model, y, p, w): the loss and all penalties; each a tensor or
** a list, one an output; w may be nil */
static int model_loss (lua_State *L) {
  mlp_Model *m = mlpi_tomodel(L, 1);
  mlpi_Feed f;
  mlp_Tensor *p[MLPI_PORTS];
  mlpi_totensors(L, 2, "loss", "targets", m->n_out, true, f.y);
  mlpi_totensors(L, 3, "loss", "predictions", m->n_out, false, p);
  mlpi_totensors(L, 4, "loss", "sample weights", m->n_out, true, f.w);
  mlpi_check(L, mlpi_model_loss(m, f.y, p, f.w, NULL, mlpi_newtensor(L)));
  return 1;
}

static int model_step (lua_State *L) {
  mlpi_check(L, mlpi_model_step(mlpi_tomodel(L, 1), true));
  return 0;
}

/* core.model_use_average(model): weights become their averages, if any */
static int model_use_average (lua_State *L) {
  mlpi_model_use_average(mlpi_tomodel(L, 1));
  return 0;
}

/* core.model_swap_average(model): did they change places? */
static int model_swap_average (lua_State *L) {
  lua_pushboolean(L, mlpi_model_swap_average(mlpi_tomodel(L, 1)));
  return 1;
}

/* An optimizer's state outside of its model: see mlp.lr_find. */
typedef struct State {
  mlp_Runtime *rt;
  mlpi_Storage *slots;
  uint64_t iterations;
} State;

static void release_state (void *p) {
  State *s = p;
  mlp_Runtime *rt = s->rt;
  mlpi_storage_release(s->slots);
  mlpi_free(rt, s, sizeof *s);
}

/* core.model_take_state(model): its optimizer starts anew */
static int model_take_state (lua_State *L) {
  mlp_Model *m = mlpi_tomodel(L, 1);
  State **box = (State **)mlpi_newbox(L, STATE);
  State *s = mlpi_alloc(m->rt, sizeof *s);
  if (s == NULL) mlpi_check(L, MLP_ENOMEM);
  *s = (State){ m->rt, m->slots, m->iterations };
  *box = s;
  m->slots = NULL;
  m->iterations = 0;
  return 1;
}

/* core.model_give_state(model, state): what was taken from it */
static int model_give_state (lua_State *L) {
  mlp_Model *m = mlpi_tomodel(L, 1);
  State *s = mlpi_tobox(L, 2, STATE);
  mlpi_storage_release(m->slots);
  m->slots = s->slots;
  m->iterations = s->iterations;
  s->slots = NULL;
  return 0;
}

static int model_zero_grad (lua_State *L) {
  mlpi_model_zero_grad(mlpi_tomodel(L, 1));
  return 0;
}

/* core.model_memory(model, rows, training): bytes of weights, gradients, the
** optimizer's state, the plan, the description */
static int model_memory (lua_State *L) {
  mlpi_Memory b;
  mlp_Model *m = mlpi_tomodel(L, 1);
  mlpi_check(L, mlpi_model_memory(m, (size_t)luaL_checkinteger(L, 2),
                                  lua_toboolean(L, 3), &b));
  lua_pushinteger(L, (lua_Integer)b.weights);
  lua_pushinteger(L, (lua_Integer)b.gradients);
  lua_pushinteger(L, (lua_Integer)b.state);
  lua_pushinteger(L, (lua_Integer)b.plan);
  lua_pushinteger(L, (lua_Integer)b.model);
  return 5;
}

static int model_hash (lua_State *L) {
  char hex[65];
  mlpi_check(L, mlpi_model_hash(mlpi_tomodel(L, 1), hex));
  lua_pushstring(L, hex);
  return 1;
}

static int model_count (lua_State *L) {
  lua_pushinteger(L, (lua_Integer)mlpi_model_count(mlpi_tomodel(L, 1),
                                                   lua_toboolean(L, 2)));
  return 1;
}

/* Copies of the weights of a layer and its parts, in the order of
** layer:weights, behind element n of the table on top. */
static int push_copies (lua_State *L, const mlp_Layer *l, int n) {
  for (int i = 0; i < l->n_weights; i++) {
    const mlp_Tensor *t = l->weight[i].tensor;
    mlpi_check_values(L, t, "get_weights");
    mlp_Tensor **copy = mlpi_newtensor(L);
    mlpi_check(L,
               mlpi_tensor_new(t->rt, t->a.dtype, t->a.ndim, t->a.shape, copy));
    mlpi_array_copy(&t->a, &(*copy)->a);
    lua_rawseti(L, -2, ++n);
  }
  for (int i = 0; i < l->n_parts; i++) n = push_copies(L, l->parts[i], n);
  return n;
}

/* core.model_copies(model): of all weights, in order of layers */
static int model_copies (lua_State *L) {
  const mlp_Model *m = mlpi_tomodel(L, 1);
  int n = 0;
  lua_createtable(L, 2 * m->n_layers, 0);
  mlpi_mark_fields(L);
  for (int i = 0; i < m->n_layers; i++)
    if (!m->layer[i]->made) n = push_copies(L, m->layer[i], n);
  return 1;
}

/* A box that holds the model while it is in fit. */
static int end_busy (lua_State *L) {
  mlp_Model **box = luaL_checkudata(L, 1, BUSY);
  if (*box != NULL) {
    (*box)->busy = false;
    mlpi_model_release(*box);
  }
  *box = NULL;
  return 0;
}

/* core.model_busy(model): a value whose close ends it, or nil where the model
** is busy already. An error may strike before that value is in its variable:
** then the collector ends it. */
static int model_busy (lua_State *L) {
  mlp_Model *m = mlpi_tomodel(L, 1);
  if (m->busy) lua_gc(L, LUA_GCCOLLECT);
  if (m->busy) return 0;
  mlp_Model **box = lua_newuserdatauv(L, sizeof *box, 0);
  *box = NULL;
  luaL_setmetatable(L, BUSY);
  *box = mlpi_model_retain(m);
  m->busy = true;
  return 1;
}

static const luaL_Reg model_methods[] = {
  { "build", model_build },         { "step", model_step },
  { "zero_grad", model_zero_grad }, { "hash", model_hash },
  { "count", model_count },         { NULL, NULL }
};
static const luaL_Reg busy_meta[] = { { "__close", end_busy },
                                      { "__gc", end_busy },
                                      { NULL, NULL } };
static const luaL_Reg functions[] = {
  { "model", model_new },
  { "model_add", model_add },
  { "model_call", model_call },
  { "model_compile", model_compile },
  { "model_objects", model_objects },
  { "model_busy", model_busy },
  { "model_memory", model_memory },
  { "model_copies", model_copies },
  { "model_loss", model_loss },
  { "model_inputs", model_inputs },
  { "model_outputs", model_outputs },
  { "model_use_average", model_use_average },
  { "model_swap_average", model_swap_average },
  { "model_take_state", model_take_state },
  { "model_give_state", model_give_state },
  { NULL, NULL }
};

void mlpi_open_model (lua_State *L);
void mlpi_open_model (lua_State *L) {
  mlpi_newtype(L, MLPI_MODEL, NULL, model_methods, release_model);
  luaL_newmetatable(L, BUSY);
  luaL_setfuncs(L, busy_meta, 0);
  lua_pop(L, 1);
  mlpi_newtype(L, STATE, NULL, NULL, release_state);
  luaL_setfuncs(L, functions, 0);
}
