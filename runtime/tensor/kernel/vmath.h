#ifndef vmath_h
#define vmath_h
#include "tensor/kernel/kernel.h"
static inline REAL v_exp (REAL x) { return (REAL)exp((double)x); }
static inline REAL v_log (REAL x) { return (REAL)log((double)x); }
static inline REAL v_tanh (REAL x) { return (REAL)tanh((double)x); }
static inline REAL v_sigmoid (REAL x) { return (REAL)(1/(1+exp(-(double)x))); }
static inline REAL v_log1p (REAL x) { return (REAL)log1p((double)x); }
static inline REAL v_expm1 (REAL x) { return (REAL)expm1((double)x); }
static inline REAL v_erf (REAL x) { return (REAL)erf((double)x); }
static inline REAL v_sin (REAL x) { return (REAL)sin((double)x); }
static inline REAL v_cos (REAL x) { return (REAL)cos((double)x); }
static inline REAL v_pow (REAL x, REAL y) { return (REAL)pow((double)x, (double)y); }
static inline REAL v_softplus (REAL x) { return (REAL)((x > 0 ? x : 0) + log1p(exp(-fabs((double)x)))); }
#endif
