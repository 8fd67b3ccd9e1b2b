/*
** vpow.h - the part of vmath.h about powers: x^y = exp(y log x), where the
** logarithm and its product with y are held in two parts each.
*/
#ifndef vpow_h
#define vpow_h

/* log m + e ln 2 = *high + *low, f = m - 1. */
VMATH void v_log_two (REAL f, REAL e, REAL *high, REAL *low) {
  const REAL d = 2 + f, inv = 1 / d, s = f * inv;
  const REAL sl = FMA(-s, f - (d - 2), FMA(-s, d, f)) * inv;
  const REAL z = s * s, zl = FMA(s, s, -z) + 2 * s * sl;
  const REAL c = s * z, cl = FMA(s, z, -c) + FMA(s, zl, sl * z);
  const REAL q = V_2_3 * c;
  const REAL ql = FMA(V_2_3, c, -q) + FMA(V_2_3, cl, V_2_3_LO * c);
  const REAL a = e * V_LN2_S, b = a + 2 * s, h = b + q;
  const REAL lost = (2 * s - (b - a)) + (q - (h - b));
  const REAL tail = FMA(c * z, v_log_tail(z), FMA(e, V_LN2_SLO, ql));
  const REAL l = lost + FMA(2, sl, tail);
  *high = h + l;
  *low = l - (*high - h);
}

/* |x|^y for finite x != 0. */
VMATH REAL v_pow_abs (REAL a, REAL y) {
  REAL e, high, low, lost;
  mlpi_Uint k;
  const REAL m = v_split_any(a, &e);
  v_log_two(m - 1, e, &high, &low);
  y = v_limit(y, V_POW_MAX);
  const REAL p = y * high, pl = FMA(y, low, FMA(y, high, -p));
  const REAL b = v_limit(p, V_EXP_END);
  const REAL r = v_exp_reduce(b, &k, &lost), l = b == p ? lost + pl : lost;
  return v_exp_scale(r + l, (r - (r + l)) + l, k);
}

/* The special cases are those of C99, annex F.9.4.4. */
VMATH REAL v_pow (REAL x, REAL y) {
  const REAL a = v_abs(x), half = R(0.5) * y;
  const bool whole = V_TRUNC(y) == y, odd = whole && V_TRUNC(half) != half;
  REAL r = v_pow_abs(a, y);
  r = a == 0 ? (y < 0 ? V_INF : 0) : r;
  r = a == V_INF ? (y < 0 ? 0 : V_INF) : r;
  r = odd ? v_copysign(r, x) : r;
  r = x < 0 && a < V_INF && !whole ? V_NAN : r;
  r = x != x || y != y ? V_NAN : r;
  return x == 1 || y == 0 ? 1 : r;
}

#endif
