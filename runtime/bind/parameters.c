/*
** parameters.c - what mlp.minimize needs to step with an optimizer over a
*tensor.
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

/* core.parameters_step(model, gradient) */
static int step (lua_State *L) {
  mlp_Model *m = mlpi_tobox(L, 1, MLPI_MODEL);
  mlpi_check(L, mlpi_parameters_step(m, mlpi_totensor(L, 2)));
  return 0;
}

/* core.parameters_of(model): the weight itself */
static int weight (lua_State *L) {
  mlp_Model *m = mlpi_tobox(L, 1, MLPI_MODEL);
  *mlpi_newtensor(L) = mlpi_tensor_retain(m->layer[0]->weight[0].tensor);
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
