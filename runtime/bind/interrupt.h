/*
** interrupt.h - code that answers an interruption itself.
*/
#ifndef interrupt_h
#define interrupt_h

#include <lua.h>
#include <stdbool.h>

/* Does a shield (see interrupt.c) hold off the error for now? */
bool mlpi_shielded (lua_State *L);

#endif
