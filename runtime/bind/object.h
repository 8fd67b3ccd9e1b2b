/*
** object.h - objects of any family as Lua values.
*/
#ifndef bind_object_h
#define bind_object_h

#include "bind/bind.h"

/*
** Fill o's options from the table at 'arg' (nil: all presets; another value:
** the first option), which must be the top: by name, or by position. Keys in
*'extra' are left to the
** caller. Raises for unknown, missing and wrong ones; returns o.
*/
mlp_Object *mlpi_fill_object (lua_State *L, mlp_Object *o, int arg,
                              const char *extra);

void mlpi_push_object (lua_State *L, mlp_Object *o); /* retains */

/* Push an option by its name, "kind" or "family": 1; else nothing: 0. */
int mlpi_object_field (lua_State *L, const mlp_Object *o, const char *key);

/* Push the value of an option. */
void mlpi_push_option (lua_State *L, const mlp_Option *p, const mlpi_Value *v);

/* Push "dense { units = 16, ... }". */
void mlpi_object_text (lua_State *L, const mlp_Object *o);

#endif
