/*
** playground.c - points, and labels read beside them.
*/
#include "data/playground.h"

const char *const mlpi_playground_names[] = { "-1", "1" };

double mlpi_playground_noise (const mlp_Object *o) {
  return o->value[MLPI_OWN].number / 100;
}

mlp_Status mlpi_playground_make (mlp_Runtime *rt, const mlp_Object *o,
                                 const mlpi_Playground *p, mlp_Dataset **out) {
  double noise = mlpi_playground_noise(o), away = p->radius;
  mlpi_Points s;
  mlp_Status e = mlpi_sample_begin(rt, o, 2, p->classes ? 2 : 0, &s, out);
  if (e != MLP_OK) return e;
  mlpi_Stream at = mlpi_sample_stream(rt, o, MLPI_POINTS);
  mlpi_Stream by = mlpi_sample_stream(rt, o, MLPI_NOISE);
  for (size_t i = 0; i < s.n; i++) {
    double *x = s.x + 2 * i;
    p->place(i, s.n, mlpi_uniform(&at, 2 * i), mlpi_uniform(&at, 2 * i + 1), x);
    double label =
        p->label(x[0] + mlpi_between(&by, 2 * i, -away, away) * noise,
                 x[1] + mlpi_between(&by, 2 * i + 1, -away, away) * noise);
    s.y[i] = p->classes ? (label > 0 ? 2 : 1) : label;
  }
  return mlpi_sample_end(&s, p->classes ? mlpi_playground_names : NULL, out);
}

void mlpi_playground_square (size_t i, size_t n, double u, double v,
                             double x[2]) {
  (void)i;
  (void)n;
  x[0] = u * 12 - 6;
  x[1] = v * 12 - 6;
}
