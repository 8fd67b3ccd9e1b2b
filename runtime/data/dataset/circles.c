/*
** circles.c - a circle inside another, as scikit-learn's make_circles.
*/
#include "data/sample.h"
#include "base/fmath.h"

enum { NOISE = MLPI_OWN, FACTOR };

static mlp_Status make (mlp_Runtime *rt, const mlp_Object *o,
                        mlp_Dataset **out) {
  mlpi_Points s;
  mlp_Status e = mlpi_sample_begin(rt, o, 2, 2, &s, out);
  if (e != MLP_OK) return e;
  size_t outer = s.n / 2;
  for (size_t i = 0; i < s.n; i++) {
    bool inner = i >= outer;
    double part = inner ? (double)(i - outer) / (double)(s.n - outer)
                        : (double)i / (double)outer;
    double r = inner ? o->value[FACTOR].number : 1;
    s.x[2 * i] = r * mlpi_cos(6.2831853071795862 * part);
    s.x[2 * i + 1] = r * mlpi_sin(6.2831853071795862 * part);
    s.y[i] = inner ? 2 : 1;
  }
  mlpi_sample_noise(&s, o->value[NOISE].number, 2 * s.n, s.x);
  return mlpi_sample_end(&s, NULL, out);
}

const mlp_Generator mlp_dataset_circles = {
  .name = "circles",
  .doc = "A circle inside another, x (n, 2): class 1 the outer one, of radius "
         "1, class 2 the inner.",
  .cite = "scikit-learn, make_circles",
  .options = {
    MLPI_SAMPLE_OPTIONS(500),
    { "noise", 0, 0, 1e3, "standard deviation of the noise on x" },
    { "factor", 0.5, 0, 1, "radius of the inner circle" },
  },
  .make = make,
};
