/*
** tensor.h - tensors as Lua values: shared by the bind/tensor*.c files.
*/
#ifndef bind_tensor_h
#define bind_tensor_h

#include "bind/bind.h"
#include "graph/graph.h"

/* A dtype by name at 'arg': "float32", "float64", "int64", "uint8". */
mlp_Dtype mlpi_todtype (lua_State *L, int arg, const char *who);

/* The 'dtype' field of the options at 'arg', else 'preset'. */
mlp_Dtype mlpi_optdtype (lua_State *L, int arg, const char *who,
                         mlp_Dtype preset);

/* Sizes from a list at 'arg', or from all arguments from 'arg' on where they
** are numbers; *next: the argument behind. 'negative': -1 may stand for what
** is left. Returns how many. */
int mlpi_tosizes (lua_State *L, int arg, const char *who, bool negative,
                  int64_t *size, int *next);

/* Push the result of an op; retries once after a full collection where
** memory ran out. */
void mlpi_push_apply (lua_State *L, const char *op, const mlpi_Attrs *attrs,
                      int n_in, mlp_Tensor *const *in);

/* The tensor at 'arg', or a number there as a 0-dimensional constant of the
** type of 'like' (left on the stack in its place). */
mlp_Tensor *mlpi_tooperand (lua_State *L, int arg, const mlp_Tensor *like);

/* Is it arithmetic of int64 and uint8 tensors alone, which mlpi_push_whole
** does? Its result is int64, of "mean" float32. */
bool mlpi_is_whole (const char *op, int n_in, mlp_Tensor *const *in);
int mlpi_push_whole (lua_State *L, const char *op, const mlpi_Attrs *attrs,
                     int n_in, mlp_Tensor *const *in);

/* The tensor's values may be read: raises for a symbol. */
void mlpi_check_values (lua_State *L, const mlp_Tensor *t, const char *who);

/* A new tensor on the stack from a (nested) table of numbers at 'arg'. */
mlp_Tensor *mlpi_table_to_tensor (lua_State *L, int arg, mlp_Dtype dtype);

/* Push the shape: a list of sizes that prints and compares as one value. */
void mlpi_push_shape (lua_State *L, const mlpi_Array *a);

/* Push the element as a Lua number (an integer for int64, uint8). */
void mlpi_push_element (lua_State *L, const mlpi_Array *a, size_t i);

/* The tensor at 'arg' may be written over; raises where a tape stands in the
** way. */
mlp_Tensor *mlpi_tochanging (lua_State *L, int arg, const char *who);

/* Where the last argument is { out = t }: t goes to n + 1, behind the n
** arguments that the function takes (nil where missing); returns n + 1. Else
** the stack has n values, and 0 is returned. */
int mlpi_out_option (lua_State *L, int n, const char *who);

/* t:clamp(low, high): nil where there is no limit. */
mlpi_Attrs mlpi_to_bounds (lua_State *L, const char *who);

/* Set every element. */
void mlpi_fill (mlp_Tensor *t, double v);

/* Ops of one and of two tensors that have a form in place. */
#define MLPI_MATHS                                                             \
  "neg exp log log1p expm1 log2 log10 exp2 sqrt rsqrt square abs sign "        \
  "reciprocal tanh sigmoid relu softplus sin cos tan asin acos atan sinh "     \
  "cosh "                                                                      \
  "erf floor ceil round trunc frac"
#define MLPI_ARITHMETIC                                                        \
  "add sub mul div pow maximum minimum fmod remainder cmul=mul cdiv=div"

void mlpi_tensor_change_methods (lua_State *L); /* fill_, add_... to a table */
void mlpi_tensor_count_methods (lua_State *L);  /* unique, histc... */

int mlpi_tensor_index (lua_State *L);    /* t[i], t[{...}], t.field */
int mlpi_tensor_newindex (lua_State *L); /* t[i] = v */
int mlpi_tensor_tostring (lua_State *L);

extern const luaL_Reg mlpi_tensor_linalg[];    /* methods: decompositions */
extern const luaL_Reg mlpi_tensor_operators[]; /* metamethods */
void mlpi_tensor_op_methods (lua_State *L);    /* adds closures to a table */

#endif
