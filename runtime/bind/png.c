/*
** png.c - images in files and folders, for Lua.
*/
#include "bind/dataset.h"
#include "bind/tensor.h"
#include "data/png.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

static int load (lua_State *L) { /* core.png(path, channels) */
  const char *path = luaL_checkstring(L, 1);
  int channels = (int)luaL_checkinteger(L, 2);
  mlp_Tensor **t = mlpi_newtensor(L);
  mlpi_check(L, mlpi_load_png(mlpi_runtime(L), path, channels, t));
  mlpi_account_tensor(L, *t);
  return 1;
}

static int save (lua_State *L) { /* core.save_png(path, image) */
  const char *path = luaL_checkstring(L, 1);
  mlp_Tensor *t = mlpi_totensor(L, 2);
  mlpi_check_values(L, t, "save_png");
  mlpi_check(L, mlpi_save_png(mlpi_runtime(L), path, &t->a));
  return 0;
}

static int close_folder (lua_State *L) {
  DIR **folder = lua_touserdata(L, 1);
  if (*folder != NULL) closedir(*folder);
  *folder = NULL;
  return 0;
}

/* A box for a folder that is closed whatever Lua raises. */
static DIR **new_folder (lua_State *L) {
  DIR **box = lua_newuserdatauv(L, sizeof *box, 0);
  *box = NULL;
  if (luaL_newmetatable(L, "mlp.Folder")) {
    lua_pushcfunction(L, close_folder);
    lua_setfield(L, -2, "__gc");
  }
  lua_setmetatable(L, -2);
  return box;
}

/* core.folder(path): names of folders, names of files, in no order */
static int list (lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  const struct dirent *e;
  struct stat about;
  DIR **box = new_folder(L);
  *box = opendir(path);
  if (*box == NULL)
    mlpi_raise(L, MLP_EIO, "png_folder: '%s': %s", path, strerror(errno));
  lua_newtable(L);
  lua_newtable(L);
  while ((e = readdir(*box)) != NULL) {
    if (e->d_name[0] == '.') continue;
    lua_pushfstring(L, "%s/%s", path, e->d_name);
    if (stat(lua_tostring(L, -1), &about) != 0) about.st_mode = 0;
    lua_pop(L, 1);
    int to = S_ISDIR(about.st_mode) ? -2 : -1;
    lua_pushstring(L, e->d_name);
    lua_rawseti(L, to - 1, (lua_Integer)lua_rawlen(L, to - 1) + 1);
  }
  return 2;
}

void mlpi_open_png (lua_State *L);
void mlpi_open_png (lua_State *L) {
  static const luaL_Reg functions[] = {
    { "png", load }, { "save_png", save }, { "folder", list }, { NULL, NULL }
  };
  luaL_setfuncs(L, functions, 0);
}
