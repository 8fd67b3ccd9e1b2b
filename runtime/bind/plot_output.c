/*
** plot_output.c - figures as files and bytes: PNG, SVG, PDF, animations.
*/
#include "bind/plot.h"
#include "base/io.h"

#include <string.h>

/* By what the path ends in. */
static mlpi_Format format_of (lua_State *L, const char *path) {
  static const struct {
    const char *end;
    mlpi_Format format;
  } formats[] = { { ".png", MLPI_PNG },
                  { ".svg", MLPI_SVG },
                  { ".pdf", MLPI_PDF } };
  const char *name = strrchr(path, '/'), *dot;
  dot = strrchr(name == NULL ? path : name, '.');
  if (dot == NULL) return MLPI_PNG;
  for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
    if (strcmp(dot, formats[i].end) == 0) return formats[i].format;
  mlpi_raise(L, MLP_EARG,
             "save: argument 1 'path': expected a name that ends in .png, "
             ".svg or .pdf, got '%s'",
             path);
  return MLPI_PNG;
}

/* figure:save(path) */
static int figure_save (lua_State *L) {
  mlpi_Figure *f = mlpi_tofigure(L);
  const char *path = mlpi_topath(L, 2, "save");
  mlp_Status status = mlpi_figure_encode(f, format_of(L, path));
  if (status == MLP_OK)
    status = mlpi_write_file(f->rt, "save", path, f->out.data, f->out.n);
  mlpi_bytes_drop(f->rt, &f->out);
  mlpi_check(L, status);
  lua_settop(L, 1);
  return 1;
}

static int bytes (lua_State *L, mlpi_Format format) {
  mlpi_Figure *f = mlpi_tofigure(L);
  mlpi_check(L, mlpi_figure_encode(f, format));
  lua_pushlstring(L, (const char *)f->out.data, f->out.n);
  mlpi_bytes_drop(f->rt, &f->out);
  return 1;
}

/* figure:png(), figure:svg(), figure:pdf(): the bytes as a string */
static int figure_png (lua_State *L) { return bytes(L, MLPI_PNG); }
static int figure_svg (lua_State *L) { return bytes(L, MLPI_SVG); }
static int figure_pdf (lua_State *L) { return bytes(L, MLPI_PDF); }

/* The strings of the list at 1. */
static mlpi_Frame *read_frames (lua_State *L, size_t *n) {
  luaL_checktype(L, 1, LUA_TTABLE);
  *n = lua_rawlen(L, 1);
  if (*n < 1 || *n > 100000)
    mlpi_raise(L, MLP_EARG, "animate: expected 1 to 100000 pictures, got %d",
               (int)*n);
  mlpi_Frame *list = lua_newuserdatauv(L, *n * sizeof *list, 0);
  for (size_t i = 0; i < *n; i++) {
    lua_rawgeti(L, 1, (lua_Integer)i + 1);
    list[i].data = (const unsigned char *)luaL_checklstring(L, -1, &list[i].n);
    lua_pop(L, 1); /* the list keeps the string */
  }
  return list;
}

/* A file that Lua's collector gives back, whatever is raised. */
typedef struct Buffer {
  mlp_Runtime *rt;
  mlpi_Bytes bytes;
} Buffer;

static int drop_buffer (lua_State *L) {
  Buffer *b = lua_touserdata(L, 1);
  mlpi_bytes_drop(b->rt, &b->bytes);
  return 0;
}

/* animate(pngs, seconds, rounds, hold, title) -> bytes */
static int animate (lua_State *L) {
  size_t n;
  double seconds = luaL_checknumber(L, 2);
  lua_Integer rounds = luaL_checkinteger(L, 3);
  double hold = luaL_optnumber(L, 4, 0);
  const char *title = luaL_optstring(L, 5, NULL);
  const mlpi_Frame *frames = read_frames(L, &n);
  Buffer *b = lua_newuserdatauv(L, sizeof *b, 0);
  *b = (Buffer){ .rt = mlpi_runtime(L) };
  if (luaL_newmetatable(L, "mlp.plot.buffer")) {
    lua_pushcfunction(L, drop_buffer);
    lua_setfield(L, -2, "__gc");
  }
  lua_setmetatable(L, -2);
  if (!(seconds >= .001 && seconds <= 60) || !(hold >= 0) || rounds < 0 ||
      rounds > 1000000)
    mlpi_raise(L, MLP_EARG,
               "animate: expected .001 to 60 seconds a frame and 0 to 1000000 "
               "rounds, got %g and %d",
               seconds, (int)rounds);
  mlpi_check(L, mlpi_animate(b->rt, frames, n, seconds, hold, (int)rounds,
                             title, &b->bytes));
  lua_pushlstring(L, (const char *)b->bytes.data, b->bytes.n);
  mlpi_bytes_drop(b->rt, &b->bytes);
  return 1;
}

/* write(path, bytes): whole or not at all */
static int write_bytes (lua_State *L) {
  size_t n;
  const char *path = mlpi_topath(L, 1, "save"),
             *data = luaL_checklstring(L, 2, &n);
  mlpi_check(L, mlpi_write_file(mlpi_runtime(L), "save", path, data, n));
  return 0;
}

/* thumbnail(figure, rows, cols) -> string of rows * cols * 3 bytes */
static int thumbnail (lua_State *L) {
  mlpi_Figure *f = mlpi_tofigure(L);
  lua_Integer rows = luaL_checkinteger(L, 2), cols = luaL_checkinteger(L, 3);
  if (rows < 1 || cols < 1 || rows > 4096 || cols > 4096)
    mlpi_raise(L, MLP_EARG,
               "thumbnail: expected 1 to 4096 rows and columns, got %d and %d",
               (int)rows, (int)cols);
  size_t n = (size_t)(rows * cols * 3);
  unsigned char *out = lua_newuserdatauv(L, n, 0);
  mlpi_check(L, mlpi_figure_thumbnail(f, (int)rows, (int)cols, out));
  lua_pushlstring(L, (const char *)out, n);
  return 1;
}

const luaL_Reg mlpi_plot_output[] = { { "animate", animate },
                                      { "write", write_bytes },
                                      { "thumbnail", thumbnail },
                                      { NULL, NULL } };

const luaL_Reg mlpi_figure_output[] = { { "save", figure_save },
                                        { "png", figure_png },
                                        { "svg", figure_svg },
                                        { "pdf", figure_pdf },
                                        { NULL, NULL } };
