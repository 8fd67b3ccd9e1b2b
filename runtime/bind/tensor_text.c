/*
** tensor_text.c - tensors as text: a header with type and shape, rows with one
** shared width, an ellipsis in the middle of what is large.
*/
#include "bind/tensor.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { WHOLE = 1000, EDGE = 3 }; /* elements shown in full; else at each end */
enum { COLUMNS = 80 };           /* where the line of a vector ends */

typedef struct Style {
  bool integers; /* no decimals */
  bool exponent; /* %e where magnitudes differ too much */
  int width, digits;
} Style;

static void element (const mlpi_Array *a, size_t i, const Style *s, char *buf,
                     size_t n) {
  double v = mlpi_get(a, i);
  if (!mlpi_is_real(a->dtype)) { /* above 2^53 no float64 */
    snprintf(buf, n, "%lld", (long long)mlpi_get_integer(a, i));
    return;
  }
  if (isnan(v)) v = NAN; /* without its sign */
  if (s->integers || !isfinite(v))
    snprintf(buf, n, "%.0f", v);
  else
    snprintf(buf, n, s->exponent ? "%.*e" : "%.*f", s->digits, v);
}

/* Of how many elements along dimension d is index i shown? */
static bool shown (const mlpi_Array *a, int d, size_t i, bool whole) {
  size_t n = a->shape[d];
  return whole || n <= 2 * EDGE || i < EDGE || i >= n - EDGE;
}

static Style style_of (const mlpi_Array *a) {
  Style s = { .integers = true, .digits = 4 };
  double largest = 0, smallest = INFINITY;
  size_t n = mlpi_count(a), step = n <= WHOLE ? 1 : n / WHOLE;
  char buf[64];
  for (size_t i = 0; i < n; i += step) {
    double v = mlpi_get(a, i), m = fabs(v);
    if (!isfinite(v)) continue;
    if (v != floor(v)) s.integers = false;
    if (m > largest) largest = m;
    if (m > 0 && m < smallest) smallest = m;
  }
  if (mlpi_is_real(a->dtype) && largest >= 1e15) s.integers = false;
  s.exponent = largest >= 1e6 || (largest > 0 && largest < 1e-3);
  for (size_t i = 0; i < n; i += step) {
    element(a, i, &s, buf, sizeof buf);
    if ((int)strlen(buf) > s.width) s.width = (int)strlen(buf);
  }
  return s;
}

static void add_row (luaL_Buffer *b, const mlpi_Array *a, size_t at,
                     const Style *s, bool whole) {
  char buf[64];
  size_t n = a->shape[a->ndim - 1];
  size_t per_line =
      1 + (size_t)(COLUMNS - s->width - 1) / (size_t)(s->width + 1);
  for (size_t i = 0; i < n; i++) {
    if (!shown(a, a->ndim - 1, i, whole)) {
      luaL_addstring(b, "  ...");
      i = n - EDGE - 1;
      continue;
    }
    if (a->ndim == 1 && i > 0 && i % per_line == 0 && whole)
      luaL_addchar(b, '\n');
    element(a, at + i, s, buf, sizeof buf);
    for (int k = (int)strlen(buf); k < s->width + 1; k++) luaL_addchar(b, ' ');
    luaL_addstring(b, buf);
  }
  luaL_addchar(b, '\n');
}

static void add_block (luaL_Buffer *b, const mlpi_Array *a, int d, size_t at,
                       const Style *s, bool whole) {
  size_t inner = 1;
  if (d == a->ndim - 1) {
    add_row(b, a, at, s, whole);
    return;
  }
  for (int k = d + 1; k < a->ndim; k++) inner *= a->shape[k];
  for (size_t i = 0; i < a->shape[d]; i++) {
    if (!shown(a, d, i, whole)) {
      luaL_addstring(b, "  ...\n");
      i = a->shape[d] - EDGE - 1;
      continue;
    }
    add_block(b, a, d + 1, at + i * inner, s, whole);
    if (d < a->ndim - 2 && i + 1 < a->shape[d]) luaL_addchar(b, '\n');
  }
}

int mlpi_tensor_tostring (lua_State *L) {
  void *const *box = luaL_testudata(L, 1, MLPI_TENSOR);
  if (box != NULL && *box == NULL) {
    lua_pushliteral(L, "tensor: freed");
    return 1;
  }
  const mlp_Tensor *t = mlpi_totensor(L, 1);
  char text[MLPI_SHAPE_TEXT], buf[64];
  luaL_Buffer b;
  mlpi_shape_text(t->a.ndim, t->a.shape, text);
  if (t->storage == NULL) {
    lua_pushfstring(L, "%s %s %s", t->symbol ? "symbol" : "unbuilt weight",
                    mlpi_dtype_name(t->a.dtype), text);
    return 1;
  }
  Style s = style_of(&t->a);
  luaL_buffinit(L, &b);
  if (t->a.ndim == 0) {
    element(&t->a, 0, &s, buf, sizeof buf);
    luaL_addstring(&b, buf);
  } else if (mlpi_count(&t->a) > 0) {
    add_block(&b, &t->a, 0, 0, &s, mlpi_count(&t->a) <= WHOLE);
  }
  luaL_addstring(&b, t->a.ndim == 0 ? " [" : "[");
  luaL_addstring(&b, mlpi_dtype_name(t->a.dtype));
  luaL_addchar(&b, ' ');
  luaL_addstring(&b, text);
  luaL_addchar(&b, ']');
  luaL_pushresult(&b);
  return 1;
}
