/*
** tensor_count.c - what tensors hold, counted and sorted: positions of what is
** not 0, distinct values, histograms. Results depend on values, so that there
** are neither symbols nor gradients.
*/
#include "bind/tensor.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static mlp_Tensor *to_values (lua_State *L, const char *who) {
  mlp_Tensor *t = mlpi_totensor(L, 1);
  mlpi_check_values(L, t, who);
  return t;
}

static mlp_Tensor *push (lua_State *L, mlp_Dtype dtype, int ndim, size_t m,
                         size_t n) {
  size_t shape[2] = { m, n };
  mlp_Tensor **box = mlpi_newtensor(L);
  mlpi_check(L, mlpi_tensor_new(mlpi_runtime(L), dtype, ndim, shape, box));
  mlpi_account(L, (*box)->storage->bytes);
  return *box;
}

/* t:nonzero(): (how many, ndim), int64, indices from 1 in row-major order */
static int nonzero (lua_State *L) {
  mlp_Tensor *t = to_values(L, "nonzero");
  size_t all = mlpi_count(&t->a), n = 0, nd = (size_t)t->a.ndim;
  for (size_t i = 0; i < all; i++) n += mlpi_get(&t->a, i) != 0;
  int64_t *to = push(L, MLP_INT64, 2, n, nd)->a.data;
  for (size_t i = 0; i < all; i++) {
    if (mlpi_get(&t->a, i) == 0) continue;
    size_t rest = i;
    for (size_t d = nd; d-- > 0; rest /= t->a.shape[d])
      to[d] = (int64_t)(rest % t->a.shape[d]) + 1;
    to += nd;
  }
  return 1;
}

/* y:bincount(least): how often 1, 2, ... occur, at least up to 'least' */
static int bincount (lua_State *L) {
  mlp_Tensor *t = to_values(L, "bincount");
  lua_Integer most = mlpi_integer_or(L, 2, "bincount", "least", 0);
  size_t n = mlpi_count(&t->a);
  if (mlpi_is_real(t->a.dtype))
    mlpi_raise(L, MLP_ETYPE, "bincount: expected int64 or uint8, got %s",
               mlpi_dtype_name(t->a.dtype));
  if (most < 0)
    mlpi_raise(L, MLP_EARG, "bincount: expected a size >= 0, got %d",
               (int)most);
  for (size_t i = 0; i < n; i++) {
    int64_t v = mlpi_get_integer(&t->a, i);
    if (v < 1 || v > 1 << 28)
      mlpi_raise(L, MLP_EARG,
                 "bincount: expected numbers from 1 to 2^28, got %f at element "
                 "%d",
                 (double)v, (int)i + 1);
    if (v > most) most = v;
  }
  int64_t *to = push(L, MLP_INT64, 1, (size_t)most, 0)->a.data;
  memset(to, 0, (size_t)most * sizeof *to);
  for (size_t i = 0; i < n; i++) to[mlpi_get_integer(&t->a, i) - 1]++;
  return 1;
}

/* The least and the largest finite element; 0 and 0 of none. */
static void range_of (const mlpi_Array *a, double *low, double *high) {
  size_t n = mlpi_count(a);
  *low = INFINITY, *high = -INFINITY;
  for (size_t i = 0; i < n; i++) {
    double x = mlpi_get(a, i);
    if (!isfinite(x)) continue;
    if (x < *low) *low = x;
    if (x > *high) *high = x;
  }
  if (*low > *high) *low = *high = 0;
}

/* t:histc(bins, low, high): counts in bins of equal width, the last closed */
static int histc (lua_State *L) {
  mlp_Tensor *t = to_values(L, "histc");
  lua_Integer bins = mlpi_integer_or(L, 2, "histc", "bins", 100);
  double low = mlpi_number_or(L, 3, "histc", "low", 0);
  double high = mlpi_number_or(L, 4, "histc", "high", 0);
  if (bins < 1 || bins > 1 << 24)
    mlpi_raise(L, MLP_EARG, "histc: expected 1 to 2^24 bins, got %d",
               (int)bins);
  if (low == high) range_of(&t->a, &low, &high);
  if (low == high) low -= 1, high += 1;
  if (!(low < high) || !isfinite(high - low))
    mlpi_raise(L, MLP_EARG, "histc: expected low < high, got %f and %f", low,
               high);
  mlp_Tensor *h = push(L, t->a.dtype, 1, (size_t)bins, 0);
  mlpi_fill(h, 0);
  for (size_t i = 0; i < mlpi_count(&t->a); i++) {
    double x = mlpi_get(&t->a, i);
    if (!(x >= low && x <= high)) continue;
    size_t at = (size_t)((x - low) / (high - low) * (double)bins);
    if (at == (size_t)bins) at--;
    mlpi_set(&h->a, at, mlpi_get(&h->a, at) + 1);
  }
  return 1;
}

/* One element: as a number, and as int64 where it is one. */
typedef struct Value {
  double x;
  int64_t i;
  size_t at;
} Value;

/* NaN is the largest, and equal to itself. */
static int compare (const Value *a, const Value *b) {
  if (a->x != a->x || b->x != b->x) return (a->x != a->x) - (b->x != b->x);
  if (a->x != b->x) return a->x < b->x ? -1 : 1;
  return (a->i > b->i) - (a->i < b->i);
}

static int by_value (const void *p, const void *q) {
  const Value *a = p, *b = q;
  int order = compare(a, b);
  return order != 0 ? order : (a->at > b->at) - (a->at < b->at);
}

/* values, counts, places = t:unique(): ascending; places has t's shape */
static int unique (lua_State *L) {
  mlp_Tensor *t = to_values(L, "unique");
  size_t n = mlpi_count(&t->a), m = 0;
  bool whole = !mlpi_is_real(t->a.dtype);
  mlp_Tensor *room = push(L, MLP_UINT8, 1, n * sizeof(Value), 0);
  Value *v = room->a.data;
  for (size_t i = 0; i < n; i++)
    v[i] = (Value){ mlpi_get(&t->a, i), whole ? mlpi_get_integer(&t->a, i) : 0,
                    i };
  qsort(v, n, sizeof *v, by_value);
  for (size_t i = 0; i < n; i++) m += i == 0 || compare(v + i - 1, v + i) != 0;
  mlp_Tensor *values = push(L, t->a.dtype, 1, m, 0);
  int64_t *counts = push(L, MLP_INT64, 1, m, 0)->a.data;
  mlp_Tensor **places = mlpi_newtensor(L);
  mlpi_check(L,
             mlpi_tensor_new(t->rt, MLP_INT64, t->a.ndim, t->a.shape, places));
  mlpi_account(L, (*places)->storage->bytes);
  int64_t *place = (*places)->a.data;
  memset(counts, 0, m * sizeof *counts);
  for (size_t i = 0, k = 0; i < n; i++) {
    if (i == 0 || compare(v + i - 1, v + i) != 0) {
      if (t->a.dtype == MLP_INT64)
        ((int64_t *)values->a.data)[k++] = v[i].i;
      else
        mlpi_set(&values->a, k++, v[i].x);
    }
    counts[k - 1]++;
    place[v[i].at] = (int64_t)k;
  }
  return 3;
}

/* core.band(m, n, low, high): uint8 (m, n), 1 where low <= j - i <= high */
static int band (lua_State *L) {
  lua_Integer m = luaL_checkinteger(L, 1), n = luaL_checkinteger(L, 2);
  lua_Number low = luaL_checknumber(L, 3), high = luaL_checknumber(L, 4);
  if (m < 0 || n < 0)
    mlpi_raise(L, MLP_EARG, "band: expected sizes >= 0, got %d and %d", (int)m,
               (int)n);
  uint8_t *to = push(L, MLP_UINT8, 2, (size_t)m, (size_t)n)->a.data;
  for (lua_Integer i = 0; i < m; i++)
    for (lua_Integer j = 0; j < n; j++)
      *to++ = (double)(j - i) >= low && (double)(j - i) <= high;
  return 1;
}

void mlpi_tensor_count_methods (lua_State *L) {
  static const luaL_Reg methods[] = { { "nonzero", nonzero },
                                      { "bincount", bincount },
                                      { "histc", histc },
                                      { "unique", unique },
                                      { NULL, NULL } };
  luaL_setfuncs(L, methods, 0);
}

void mlpi_open_tensor_count (lua_State *L);
void mlpi_open_tensor_count (lua_State *L) {
  lua_pushcfunction(L, band);
  lua_setfield(L, -2, "band");
}
