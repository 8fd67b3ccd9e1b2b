/*
** dataset.h - what makes datasets here.
*/
#ifndef bind_dataset_h
#define bind_dataset_h

#include "bind/bind.h"
#include "data/data.h"

mlp_Dataset **mlpi_newdataset (lua_State *L);

/* Tell the collector what hangs on it. */
void mlpi_account_tensor (lua_State *L, const mlp_Tensor *t);
void mlpi_account_dataset (lua_State *L, const mlp_Dataset *d);

/* The names in the list at 'arg' as pointers in a userdata that is left on
** the stack: Lua keeps the strings while the list lives. */
const char **mlpi_tonames (lua_State *L, int arg, const char *what, size_t *n);

#endif
