/*
** parameters.c - what mlp.minimize needs to step with an optimizer over a
** tensor.
*/
#include "bind/object.h"
#include "bind/tensor.h"
#include "model/parameters.h"

/* core.parameters(optimizer, x): a model whose only weight is a copy of x */
static int parameters (lua_State *L) {
  mlp_Object *optimizer = mlpi_tobox(L, 1, MLPI_OBJECT);
  mlp_Tensor *x = mlpi_totensor(L, 2);
  mlpi_check_values(L, x, "minimize");
  if (!mlpi_is_real(x->a.dtype))
    mlpi_raise(L, MLP_ETYPE, "minimize: expected float32 or float64, got %s",
               mlpi_dtype_name(x->a.dtype));
  void **box = mlpi_newbox(L, MLPI_MODEL);
  mlpi_check(
      L, mlpi_parameters_new(mlpi_runtime(L), x, optimizer, (mlp_Model **)box));
  return 1;
}

typedef struct Search {
  lua_State *L; /* 'look' is its argument 4 */
  mlp_Model *m;
} Search;

static void push_weight (lua_State *L, const mlp_Model *m) {
  *mlpi_newtensor(L) = mlpi_tensor_retain(m->layer[0]->weight[0].tensor);
}

/* look(x): value and gradient where the search is now */
static int look_there (lua_State *L) {
  mlp_Model *m = lua_touserdata(L, 2);
  double *loss = lua_touserdata(L, 3);
  lua_pushvalue(L, 1);
  push_weight(L, m);
  lua_call(L, 1, 2);
  *loss = luaL_checknumber(L, -2);
  mlpi_check(L, mlpi_parameters_give(m, mlpi_totensor(L, -1)));
  return 0;
}

/* The same from within the engine, where an error may not pass through. */
static mlp_Status look (void *ud, double *loss) {
  const Search *k = ud;
  lua_State *L = k->L;
  if (!lua_checkstack(L, 10))
    return mlpi_error(k->m->rt, MLP_ENOMEM, "minimize: stack overflow");
  lua_pushcfunction(L, look_there);
  lua_pushvalue(L, 4);
  lua_pushlightuserdata(L, k->m);
  lua_pushlightuserdata(L, loss);
  if (lua_pcall(L, 3, 0, 0) == LUA_OK) return MLP_OK;
  lua_setfield(L, LUA_REGISTRYINDEX, MLPI_CALLBACK_ERROR);
  return mlpi_error(k->m->rt, MLP_ECALLBACK,
                    "minimize: an error in a function");
}

/* core.parameters_step(model, value, gradient, look): value and gradient are
** those at the weight. An optimizer that searches looks on, at last where it
** ends: then a boolean, whether it got no further. */
static int step (lua_State *L) {
  mlp_Model *m = mlpi_tobox(L, 1, MLPI_MODEL);
  Search k = { L, m };
  bool stalled = false;
  mlpi_check(L, mlpi_parameters_give(m, mlpi_totensor(L, 3)));
  if (!mlpi_model_descends(m)) {
    mlpi_check(L, mlpi_model_step(m, false));
    return 0;
  }
  mlpi_check(L,
             mlpi_model_descend(m, luaL_checknumber(L, 2), &k, look, &stalled));
  lua_pushboolean(L, stalled);
  return 1;
}

/* core.parameters_of(model): the weight itself */
static int weight (lua_State *L) {
  push_weight(L, mlpi_tobox(L, 1, MLPI_MODEL));
  return 1;
}

void mlpi_open_parameters (lua_State *L);
void mlpi_open_parameters (lua_State *L) {
  static const luaL_Reg functions[] = { { "parameters", parameters },
                                        { "parameters_step", step },
                                        { "parameters_of", weight },
                                        { NULL, NULL } };
  luaL_setfuncs(L, functions, 0);
}
