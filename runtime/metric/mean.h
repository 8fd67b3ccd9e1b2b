/*
** mean.h - template of a metric that is a mean.
** The file that includes it has defined
**   static double each (const mlp_Object *o, double y, double p)
** of one output, for the mean over rows and outputs; or, with ROWS defined,
**   static double row (const mlp_Object *o, const mlpi_Array *y,
**                      const REAL *x, size_t width, size_t i)
** of the targets y of row i and its outputs x[0..width), for the mean over
** rows. With FINISH defined, the mean goes through it. The descriptor ends with
** MEAN_METRIC.
*/
enum { SUM, COUNT }; /* state */

static void update (const mlp_Object *o, const mlpi_Scored *s, double *state) {
  size_t rows = mlpi_rows(s->p), width = mlpi_width(s->p);
  const REAL *x = s->p->data;
  for (size_t i = 0; i < rows; i++, x += width) {
    const double w = mlpi_weight(s, i);
#if defined(ROWS)
    state[SUM] += w * row(o, s->y, x, width, i);
    state[COUNT] += w;
#else
    for (size_t j = 0; j < width; j++)
      state[SUM] += w * each(o, mlpi_target(s->y, width, i, j), (double)x[j]);
    state[COUNT] += w * (double)width;
#endif
  }
}

#if !defined(FINISH)
#define FINISH(x) (x)
#endif

static double result (const mlp_Object *o, size_t width, const double *state) {
  (void)o, (void)width;
  return FINISH(mlpi_share(state[SUM], state[COUNT]));
}

#define MEAN_METRIC .update = update, .result = result
