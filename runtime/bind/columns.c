/*
** columns.c - scalers and made-up features, for Lua.
*/
#include "bind/dataset.h"
#include "data/columns.h"

/* core.scaler_fit(x, "standard" or "minmax", low, high): shift, scale */
static int scaler_fit (lua_State *L) {
  static const char *const names[] = { "standard", "minmax", NULL };
  mlp_Tensor *x = mlpi_totensor(L, 1);
  mlpi_Scaling how = (mlpi_Scaling)luaL_checkoption(L, 2, NULL, names);
  double low = luaL_optnumber(L, 3, 0), high = luaL_optnumber(L, 4, 1);
  mlp_Tensor **shift = mlpi_newtensor(L), **scale = mlpi_newtensor(L);
  mlpi_check(L, mlpi_scaler_fit(x, how, low, high, shift, scale));
  return 2;
}

/* core.scaler_apply(x, shift, scale, inverse) */
static int scaler_apply (lua_State *L) {
  mlp_Tensor *x = mlpi_totensor(L, 1), *shift = mlpi_totensor(L, 2);
  mlp_Tensor *scale = mlpi_totensor(L, 3);
  bool inverse = lua_toboolean(L, 4);
  mlp_Tensor **t = mlpi_newtensor(L);
  mlpi_check(L, mlpi_scaler_apply(x, shift, scale, inverse, t));
  mlpi_account_tensor(L, *t);
  return 1;
}

/* core.feature_columns(x, { { what, i, j }, ... }) */
static int feature_columns (lua_State *L) {
  static const char *const names[] = { "copy", "product", "sin", "cos", NULL };
  mlp_Tensor *x = mlpi_totensor(L, 1);
  luaL_checktype(L, 2, LUA_TTABLE);
  size_t n = lua_rawlen(L, 2);
  mlpi_Term *term = lua_newuserdatauv(L, (n + 1) * sizeof *term, 0);
  for (size_t k = 0; k < n; k++) {
    lua_rawgeti(L, 2, (lua_Integer)k + 1);
    for (int f = 1; f <= 3; f++) lua_rawgeti(L, -f, f);
    term[k].what = luaL_checkoption(L, -3, NULL, names);
    term[k].i = (size_t)luaL_checkinteger(L, -2) - 1;
    term[k].j = (size_t)luaL_checkinteger(L, -1) - 1;
    lua_pop(L, 4);
  }
  mlp_Tensor **t = mlpi_newtensor(L);
  mlpi_check(L, mlpi_feature_columns(x, n, term, t));
  mlpi_account_tensor(L, *t);
  return 1;
}

/* core.column_statistic(x, what, q): a number for each column */
static int column_statistic (lua_State *L) {
  static const char *const names[] = { "count",   "mean",     "mode",
                                       "max_abs", "quantile", NULL };
  mlp_Tensor *x = mlpi_totensor(L, 1);
  mlpi_Statistic what = (mlpi_Statistic)luaL_checkoption(L, 2, NULL, names);
  double q = luaL_optnumber(L, 3, 0.5);
  mlp_Tensor **t = mlpi_newtensor(L);
  mlpi_check(L, mlpi_column_statistic(x, what, q, t));
  return 1;
}

static const luaL_Reg functions[] = { { "scaler_fit", scaler_fit },
                                      { "scaler_apply", scaler_apply },
                                      { "feature_columns", feature_columns },
                                      { "column_statistic", column_statistic },
                                      { NULL, NULL } };

void mlpi_open_columns (lua_State *L);
void mlpi_open_columns (lua_State *L) { luaL_setfuncs(L, functions, 0); }
