/*
** bind.h - level 8: what the files of this folder share.
** Rule: check arguments (may raise: nothing is held), make the userdata ('__gc'
** owns from here), call the engine (may fail: '__gc' cleans). Then Lua may
** raise at any time and nothing leaks.
**
** A file bind/<name>.c defines 'void mlpi_open_<name> (lua_State *L)', which
** adds its functions to the table on top of the stack (the module mlp.core);
** the Makefile finds it by folder.
*/
#ifndef bind_h
#define bind_h

#include "base/base.h"
#include "tensor/tensor.h"

#include <lua.h>
#include <lauxlib.h>

#define MLPI_TENSOR  "mlp.Tensor"
#define MLPI_LAYER   "mlp.Layer"
#define MLPI_OBJECT  "mlp.Object" /* optimizers, losses, initializers... */
#define MLPI_MODEL   "mlp.Model"
#define MLPI_SYMBOL  "mlp.Symbol"
#define MLPI_DATASET "mlp.Dataset"
#define MLPI_FIGURE  "mlp.Figure"

/* Registry key: the Lua error behind an MLP_ECALLBACK, which mlpi_check
** raises again as the same object. */
#define MLPI_CALLBACK_ERROR "mlp.callback_error"

mlp_Runtime *mlpi_runtime (lua_State *L);

/* MLP_OK: return. Else raise an error object { message, kind } whose text
** starts with the position of the script's line. */
void mlpi_check (lua_State *L, mlp_Status status);

/* The same for a message that the binding itself composes. */
int mlpi_raise (lua_State *L, mlp_Status status, const char *fmt, ...);

/* What the value at 'arg' is, for "got ...": 'text', 3, a tensor (32, 10), a
** table, none. Pushes the text, which keeps it alive. */
const char *mlpi_got (lua_State *L, int arg);

/* The name of a file: a string, not empty, that ends where C says. */
const char *mlpi_topath (lua_State *L, int arg, const char *who);

/* Arguments that have to be there: raise "<who>: argument '<name>': expected a
** number, got ...". */
lua_Number mlpi_number (lua_State *L, int arg, const char *who,
                        const char *name);
lua_Integer mlpi_integer (lua_State *L, int arg, const char *who,
                          const char *name);
/* The same, or a preset where there is none. */
lua_Number mlpi_number_or (lua_State *L, int arg, const char *who,
                           const char *name, lua_Number preset);
lua_Integer mlpi_integer_or (lua_State *L, int arg, const char *who,
                             const char *name, lua_Integer preset);
/* The same for a table; 'want' says of what. */
void mlpi_table (lua_State *L, int arg, const char *who, const char *want);

/* Raise that a value of a type has no such field; suggests one of its methods,
** which are in the table at 'methods'. */
int mlpi_no_field (lua_State *L, const char *type, const char *key,
                   int methods);

/* Push "x.lua:12: ", the innermost line of a script; or "". */
void mlpi_push_where (lua_State *L);

/* A userdata that holds one pointer, NULL for now, with that metatable. */
void **mlpi_newbox (lua_State *L, const char *type);
/* The pointer in it; raises "expected <type>, got ..." or "was freed". */
void *mlpi_tobox (lua_State *L, int arg, const char *type);
/* The same, NULL where the value is something else. */
void *mlpi_testbox (lua_State *L, int arg, const char *type);

/*
** Define a userdata type: metamethods, methods (through __index), __name,
** __metatable locked, and __gc/__close/:free() that call 'release'.
** Pushes nothing.
*/
void mlpi_newtype (lua_State *L, const char *type, const luaL_Reg *meta,
                   const luaL_Reg *methods, void (*release)(void *));

/* Let f(value, key) answer __index; its upvalue 1 is the table of methods. */
void mlpi_index_with (lua_State *L, const char *type, lua_CFunction f);

/* Let a field that the type does not have raise, instead of being nil. */
void mlpi_strict (lua_State *L, const char *type);

/* The list on top prints as "(200, 3)", or as "{ no, yes }". */
void mlpi_mark_shape (lua_State *L);
void mlpi_mark_names (lua_State *L);

/* The table on top prints with its fields: see lua/mlp/inspect.lua. */
void mlpi_mark_fields (lua_State *L);

mlp_Tensor **mlpi_newtensor (lua_State *L);
mlp_Tensor *mlpi_totensor (lua_State *L, int arg);
/* Tell the collector how much memory hangs on what was just made. */
void mlpi_account (lua_State *L, size_t bytes);

/* Fields of an options table at 'arg' (may be nil or none): the preset where
** absent; raises naming 'who' and the option where the type is wrong. */
lua_Number mlpi_optnumber (lua_State *L, int arg, const char *who,
                           const char *name, lua_Number preset);
lua_Integer mlpi_optinteger (lua_State *L, int arg, const char *who,
                             const char *name, lua_Integer preset);
bool mlpi_optboolean (lua_State *L, int arg, const char *name, bool preset);
/* Valid while the table is. NULL where absent. */
const char *mlpi_optstring (lua_State *L, int arg, const char *who,
                            const char *name);
/* Raise for a key that is not in the space-separated list 'known': lists
** them and suggests the nearest. */
void mlpi_checkkeys (lua_State *L, int arg, const char *who, const char *known);

#endif
