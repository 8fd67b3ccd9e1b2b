/*
** custom.h - Lua functions that the engine calls while it traces or runs.
*/
#ifndef bind_custom_h
#define bind_custom_h

#include "bind/bind.h"

/* A Lua value, held in the registry for the engine. */
typedef struct mlpi_Held {
  mlp_Runtime *rt;
  lua_State *main;
  int ref;
} mlpi_Held;

/* Hold the value at 'arg'; may raise, with h->ref LUA_NOREF. */
void mlpi_hold (lua_State *L, mlpi_Held *h, mlp_Runtime *rt, int arg);
void mlpi_drop (const mlpi_Held *h);

/* f(value, ud) in a protected call of the state that is running. A Lua error
** comes out of mlpi_check as the same object. */
mlp_Status mlpi_call_held (const mlpi_Held *h, lua_CFunction f, void *ud);

#endif
