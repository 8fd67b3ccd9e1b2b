/*
** open.h - what host/ needs of the binding.
*/
#ifndef open_h
#define open_h

#include "base/base.h"

#include <lua.h>

/* Tie a runtime to a state that the host made: 'require "mlp"' works in it
** from then on. The runtime outlives the state. */
void mlpi_open (lua_State *L, mlp_Runtime *rt);

/* The module for stock Lua: makes a runtime that the state owns. */
MLP_API int luaopen_mlp_core (lua_State *L);

/* Error objects carry their status; MLP_ESCRIPT for any other value. */
mlp_Status mlpi_status_of (lua_State *L, int arg);

/* For message handlers: the error value at 1; where Lua raised it inside the
** library, it becomes an error about an argument (lua/mlp/misuse.lua). */
void mlpi_explain (lua_State *L);

#endif
