/*
** embed.h - level 9: libmlprun inside a host, what its files share.
** Every function of mlprun.h enters the runtime (base.h), does its work and
** leaves. What may run Lua code does so in a protected call. The Lua state is
** made when first needed: a runtime without scripts has none.
*/
#ifndef embed_h
#define embed_h

#include "base/base.h"
#include "base/kind.h"
#include "model/model.h"

#include <lua.h>

enum { MLPI_TRACEBACK = 2000, MLPI_WARNING = 1000 };

/* The scripts of a runtime. */
typedef struct mlpi_Embed {
  mlp_Runtime *rt;
  lua_State *L;
  mlp_Status status; /* of the error that was raised last */
  bool raised;       /* this call was cancelled, and the script knows */
  double grace;      /* until then it may clean up; 0: not cancelled yet */
  char traceback[MLPI_TRACEBACK];
  bool warns;
  size_t n_warning; /* bytes of a warning that comes in pieces */
  char warning[MLPI_WARNING];
} mlpi_Embed;

/* embed_state.c: the scripts of rt, made at the first call. */
mlp_Status mlpi_embed (mlp_Runtime *rt, mlpi_Embed **out);
static inline mlpi_Embed *mlpi_embed_of (lua_State *L) {
  return *(mlpi_Embed **)lua_getextraspace(L);
}

/* embed.c: call body(arg) in protected mode; results stay on the stack until
** the next call. On failure the message is set and the stack is empty. */
mlp_Status mlpi_embed_call (mlpi_Embed *e, lua_CFunction body, void *arg,
                            int n_results);

/* The same for work that may call back into Lua, where there are scripts:
** models may hold losses and layers that are written in Lua. Not begun where
** the runtime was cancelled. */
mlp_Status mlpi_protected (mlp_Runtime *rt, mlp_Status (*f)(void *arg),
                           void *arg);

/* embed_value.c: values across the border. Raises for a value that cannot
** cross; 'who' is for the message. Fetching a tensor or model lends it. */
void mlpi_push_public (lua_State *L, const mlp_Value *v, const char *who);
void mlpi_fetch_public (lua_State *L, int at, mlp_Value *v, const char *who);
mlp_Value mlpi_retain_public (mlp_Value v);
void mlpi_release_public (mlp_Value *v); /* makes it nil */

/* embed_settings.c: an object with these settings, except for names in
** 'extra' (space-separated), which are left to the caller. */
mlp_Status mlpi_object_from (mlp_Runtime *rt, const char *family,
                             const char *name, const mlp_Setting *settings,
                             const char *extra, mlp_Object **out);

#endif
