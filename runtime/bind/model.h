/*
** model.h - models as Lua values: shared by bind/model.c, model_fields.c,
** model_file.c, pass.c.
*/
#ifndef bind_model_h
#define bind_model_h

#include "bind/tensor.h"
#include "model/model.h"

/* The model at 'arg'; engine calls below may call back into this state. */
mlp_Model *mlpi_tomodel (lua_State *L, int arg);

/*
** n tensors from the value at 'arg': a tensor where n is 1, else a list. Where
** 'absent' is set nil, and false in the list, give NULL. Raises "<who>:
** expected
** 2 inputs, got 1".
*/
void mlpi_totensors (lua_State *L, int arg, const char *who, const char *what,
                     int n, bool absent, mlp_Tensor **t);

/* The shapes of rows at 'arg', one an input, of 'dtype', or of the dtypes that
** are listed at 'type'. */
void mlpi_torows (lua_State *L, int arg, int type, const mlp_Model *m,
                  mlp_Dtype dtype, mlpi_Array *row);

#endif
