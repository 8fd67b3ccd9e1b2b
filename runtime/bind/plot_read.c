/*
** plot_read.c - data and options of figures, from Lua.
*/
#include "bind/plot.h"

#include <math.h>
#include <string.h>

int mlpi_bad_data (lua_State *L, mlpi_Source src, const char *want,
                   const char *got) {
  if (src.arg == 0)
    return mlpi_raise(L, MLP_EARG, "%s: option '%s': expected %s, got %s",
                      src.who, src.name, want, got);
  return mlpi_raise(L, MLP_EARG, "%s: argument %d '%s': expected %s, got %s",
                    src.who, src.arg, src.name, want, got);
}

/* A tensor with values, or NULL for a table; raises for anything else. */
static mlp_Tensor *data_tensor (lua_State *L, int at, mlpi_Source src) {
  mlp_Tensor *t = mlpi_testbox(L, at, MLPI_TENSOR);
  if (t == NULL && !lua_istable(L, at))
    mlpi_bad_data(L, src, "a list of numbers or a tensor",
                  lua_isnoneornil(L, at) ? "nil" : mlpi_got(L, at));
  if (t != NULL && t->a.data == NULL)
    mlpi_bad_data(L, src, "a tensor with values", "a symbol");
  return t;
}

double mlpi_number_at (lua_State *L, int at, lua_Integer i, mlpi_Source src) {
  int ok;
  lua_rawgeti(L, at, i);
  double v = lua_tonumberx(L, -1, &ok);
  if (!ok || lua_type(L, -1) != LUA_TNUMBER) {
    const char *got = lua_pushfstring(L, "%s at index %I", luaL_typename(L, -1),
                                      (LUAI_UACINT)i);
    mlpi_bad_data(L, src, "numbers", got);
  }
  lua_pop(L, 1);
  return v;
}

/* Copy a list or tensor into the figure. */
void mlpi_read_vector (lua_State *L, mlpi_Figure *f, int at, mlpi_Source src,
                       mlpi_Vector *out) {
  at = lua_absindex(L, at);
  mlp_Tensor *t = data_tensor(L, at, src);
  size_t n = t != NULL ? mlpi_count(&t->a) : lua_rawlen(L, at);
  mlpi_check(L, mlpi_vector(f, n, out));
  for (size_t i = 0; i < n; i++)
    out->v[i] = t != NULL ? mlpi_get(&t->a, i)
                          : mlpi_number_at(L, at, (lua_Integer)i + 1, src);
  mlpi_account(L, n * sizeof *out->v);
}

/* The same for an option; leaves 'out' empty where that is absent. */
void mlpi_read_option (lua_State *L, mlpi_Figure *f, int opts, const char *who,
                       const char *name, mlpi_Vector *out) {
  if (!lua_istable(L, opts)) return;
  if (lua_getfield(L, opts, name) != LUA_TNIL)
    mlpi_read_vector(L, f, -1, (mlpi_Source){ who, name, 0 }, out);
  lua_pop(L, 1);
}

void mlpi_read_names (lua_State *L, mlpi_Figure *f, int opts, const char *who,
                      const char *name, mlpi_Names *out) {
  if (!lua_istable(L, opts)) return;
  int type = lua_getfield(L, opts, name), at = lua_gettop(L);
  mlpi_Source src = { who, name, 0 };
  if (type != LUA_TNIL && type != LUA_TTABLE)
    mlpi_bad_data(L, src, "a list of strings", luaL_typename(L, at));
  size_t n = type == LUA_TNIL ? 0 : lua_rawlen(L, at);
  if (type != LUA_TNIL) mlpi_check(L, mlpi_names(f, n, out));
  for (size_t i = 0; i < n; i++) {
    lua_rawgeti(L, at, (lua_Integer)i + 1);
    const char *s = luaL_tolstring(L, -1, NULL);
    out->name[i] = mlpi_arena_text(&f->keep, s);
    if (out->name[i] == NULL) mlpi_check(L, MLP_ENOMEM);
    lua_pop(L, 2);
  }
  lua_pop(L, 1);
}

const char *mlpi_keep_text (lua_State *L, mlpi_Figure *f, const char *s) {
  if (s == NULL) return NULL;
  s = mlpi_arena_text(&f->keep, s);
  if (s == NULL) mlpi_check(L, MLP_ENOMEM);
  return s;
}

const char *mlpi_text_option (lua_State *L, mlpi_Figure *f, int opts,
                              const char *who, const char *name,
                              const char *preset) {
  const char *s = mlpi_optstring(L, opts, who, name);
  return s == NULL ? preset : mlpi_keep_text(L, f, s);
}

/* Rows of a table, each a list of equally many numbers. */
static void read_rows (lua_State *L, mlpi_Figure *f, int at, mlpi_Source src,
                       mlpi_Series *s) {
  s->rows = lua_rawlen(L, at);
  lua_rawgeti(L, at, 1);
  s->cols = lua_rawlen(L, -1);
  lua_pop(L, 1);
  size_t n;
  if (!mlpi_mul(s->rows, s->cols, &n)) n = PTRDIFF_MAX;
  mlpi_check(L, mlpi_vector(f, n, &s->c));
  for (size_t r = 0; r < s->rows; r++) {
    lua_rawgeti(L, at, (lua_Integer)r + 1);
    if (!lua_istable(L, -1) || lua_rawlen(L, -1) != s->cols)
      mlpi_bad_data(
          L, src, "rows of equal length",
          lua_pushfstring(L, "another at index %I", (LUAI_UACINT)(r + 1)));
    int row = lua_gettop(L);
    for (size_t c = 0; c < s->cols; c++)
      s->c.v[r * s->cols + c] = mlpi_number_at(L, row, (lua_Integer)c + 1, src);
    lua_pop(L, 1);
  }
}

/* A matrix: rows, a tensor (rows, cols) or (rows, cols, channels), or flat
** data with the options 'rows' and 'cols'. */
void mlpi_read_matrix (lua_State *L, mlpi_Figure *f, int at, int opts,
                       mlpi_Source src, mlpi_Series *s) {
  mlp_Tensor *t = data_tensor(L, at, src);
  lua_Integer rows = mlpi_optinteger(L, opts, src.who, "rows", 0);
  lua_Integer cols = mlpi_optinteger(L, opts, src.who, "cols", 0);
  bool nested = t == NULL && lua_rawgeti(L, at, 1) == LUA_TTABLE;
  if (t == NULL) lua_pop(L, 1);
  if (nested) {
    read_rows(L, f, at, src, s);
    return;
  }
  mlpi_read_vector(L, f, at, src, &s->c);
  s->rows = rows > 0                      ? (size_t)rows
            : t != NULL && t->a.ndim >= 2 ? t->a.shape[0]
                                          : 1;
  s->cols = cols > 0                      ? (size_t)cols
            : t != NULL && t->a.ndim >= 2 ? t->a.shape[1]
                                          : s->c.n;
  if (s->rows != 0 && s->cols != 0 && s->rows <= s->c.n &&
      s->cols <= s->c.n / s->rows)
    s->channels = s->c.n / s->rows / s->cols;
}

/* ---- options ---- */

/* The index of the option's word in 'choices' (separated by spaces). */
int mlpi_choice (lua_State *L, int opts, const char *who, const char *name,
                 const char *choices, int preset) {
  const char *s = mlpi_optstring(L, opts, who, name), *p = choices;
  if (s == NULL) return preset;
  for (int i = 0; *p != '\0'; i++) {
    size_t n = strcspn(p, " ");
    if (strlen(s) == n && memcmp(s, p, n) == 0) return i;
    p += n + (p[n] == ' ');
  }
  return mlpi_raise(L, MLP_EARG,
                    "%s: option '%s': expected one of %s, got '%s'", who, name,
                    choices, s);
}

bool mlpi_colour_option (lua_State *L, const mlpi_Figure *f, int opts,
                         const char *who, const char *name, mlpi_Colour *out) {
  const char *s = mlpi_optstring(L, opts, who, name);
  if (s == NULL) return false;
  if (!mlpi_parse_colour(f->theme, s, out))
    mlpi_raise(L, MLP_EARG,
               "%s: option '%s': expected \"#rrggbb\", \"C0\" to \"C9\" or a "
               "name such as \"black\", got '%s'",
               who, name, s);
  return true;
}

double mlpi_positive (lua_State *L, int opts, const char *who, const char *name,
                      double preset, double max) {
  double v = mlpi_optnumber(L, opts, who, name, preset);
  if (!(v >= 0 && v <= max))
    mlpi_raise(L, MLP_EARG, "%s: option '%s': expected 0 to %g, got %g", who,
               name, max, v);
  return v;
}

void mlpi_map_option (lua_State *L, int opts, const char *who,
                      const char *preset, mlpi_Series *s) {
  const char *name = mlpi_optstring(L, opts, who, "cmap");
  if (name == NULL) name = preset;
  if (!mlpi_find_map(name, &s->map))
    mlpi_raise(L, MLP_EARG,
               "%s: option 'cmap': expected one of %s, with \"_r\" where "
               "reversed, got '%s'",
               who, mlpi_map_names, name);
  s->vmin = mlpi_optnumber(L, opts, who, "vmin", NAN);
  s->vmax = mlpi_optnumber(L, opts, who, "vmax", NAN);
  s->shades = (int)mlpi_optinteger(L, opts, who, "shades", 0);
  s->map_log = mlpi_choice(L, opts, who, "scale", "linear log", 0) == 1;
}

/* Options that every series has. */
mlpi_Series *mlpi_begin (lua_State *L, mlpi_Figure *f, mlpi_SeriesKind kind,
                         int opts, const char *who, const char *known) {
  if (!lua_isnoneornil(L, opts) && !lua_istable(L, opts))
    mlpi_bad_data(L, (mlpi_Source){ who, "options", opts - 1 }, "a table",
                  luaL_typename(L, opts));
  mlpi_checkkeys(L, opts, who, known);
  mlpi_Series *s = mlpi_series_begin(f, kind);
  if (s == NULL) mlpi_check(L, MLP_ENOMEM);
  s->label = mlpi_text_option(L, f, opts, who, "label", NULL);
  s->has_colour = mlpi_colour_option(L, f, opts, who, "color", &s->colour);
  s->alpha = mlpi_positive(L, opts, who, "alpha", 1, 1);
  s->right = mlpi_choice(L, opts, who, "axis", "left right", 0) == 1;
  return s;
}

int mlpi_end (lua_State *L, mlpi_Figure *f, int panel, mlpi_Series *s,
              const char *who) {
  mlpi_check(L, mlpi_series_end(f, panel, s, who));
  lua_settop(L, 1);
  return 1;
}

void mlpi_pen_options (lua_State *L, int opts, const char *who, mlpi_Series *s,
                       double width, int dash) {
  static const char dashes[] = "solid dashed dotted dashdot";
  s->width = mlpi_positive(L, opts, who, "linewidth", width, 100);
  s->dash = mlpi_choice(L, opts, who, "dash", dashes, dash);
}
