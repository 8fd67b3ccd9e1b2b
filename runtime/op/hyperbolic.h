/*
** hyperbolic.h - sinh and cosh by expm1 and exp. Halves of exp(|x| / 2) twice,
** so that they overflow no sooner than they must.
*/
#ifndef hyperbolic_h
#define hyperbolic_h

#include "tensor/kernel/kernel.h"
#include "tensor/kernel/vmath.h"

static inline REAL op_cosh (REAL x) {
  const REAL half = v_exp(R(0.5) * v_abs(x));
  return R(0.5) * half * half + R(0.5) / half / half;
}

/* Near 0 by expm1, which is exact there. */
static inline REAL op_sinh (REAL x) {
  const REAL a = v_abs(x), e = v_expm1(a), half = v_exp(R(0.5) * a);
  const REAL small = R(0.5) * (e + e / (e + 1));
  const REAL large = R(0.5) * half * half;
  return v_copysign(a < 20 ? small : large, x);
}

#endif
