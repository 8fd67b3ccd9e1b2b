/*
** renorm.c - what brings a batch's standardized features to the averages of all
** batches: r = s / S in [rmin, rmax] and d = (mean - M) / S in [-dmax, dmax],
** as rows of (2, n); s = sqrt(variance + epsilon), M and S are the states
** renorm_mean and renorm_stddev, S at least sqrt(epsilon). Constants: no
** gradient flows through them. Ioffe 2017, arXiv:1702.03275; as Keras 3.
** Then M follows the mean and S follows s; moving_stddev follows s, too, with
** the other momentum, and moving_variance is its square less epsilon.
** attrs.number: epsilon, momentum, that of M and S, and a factor to the
** variance that moving_stddev sees. attrs.flag and attrs.stream: as those of
** moving_average. attrs.axis[0]: where attrs.object has its options rmax, rmin
** and dmax, read each time; without an object there are no limits.
*/
#include "op/op.h"
#include "tensor/kernel/kernel.h"

#include <math.h>

/* inputs; from RENORM_MEAN on states, of the mean's shape as all are */
enum {
  MEAN,
  VARIANCE,
  RENORM_MEAN,
  RENORM_STDDEV,
  MOVING_STDDEV,
  MOVING_VARIANCE,
  INPUTS
};

static mlp_Status shape (mlpi_Call *c) {
  const size_t two[] = { 2, c->in[MEAN].shape[0] };
  mlp_Status s = mlpi_check_real(c, 0);
  if (s != MLP_OK) return s;
  for (int i = MEAN; i < INPUTS; i++)
    if (c->in[i].ndim != 1 || c->in[i].shape[0] != two[1])
      return mlpi_error(c->rt, MLP_ESHAPE,
                        "renorm: expected vectors of one length");
  return mlpi_array_init(c->rt, c->op->name, &c->out, c->in[MEAN].dtype, 2,
                         two);
}

static REAL *element (const mlpi_Array *a, size_t i) {
  return (REAL *)a->data + (ptrdiff_t)i * a->stride[0];
}

/* NaN stays. */
static REAL within (REAL x, REAL lo, REAL hi) {
  return x < lo ? lo : x > hi ? hi : x;
}

static void follow (REAL *state, REAL keep, REAL x) {
  *state = keep * *state + (1 - keep) * x;
}

typedef struct Limits {
  REAL rmax, rmin, dmax;
} Limits;

static Limits limits_of (const mlpi_Attrs *a) {
  if (a->object == NULL) return (Limits){ INFINITY, 0, INFINITY };
  const mlpi_Value *v = a->object->value + a->axis[0];
  return (Limits){ (REAL)v[0].number, (REAL)v[1].number, (REAL)v[2].number };
}

static void forward (const mlpi_Call *c) {
  const double *number = c->attrs.number, t = (double)c->attrs.stream.step;
  const double warm =
      c->attrs.flag && t / (t + 1) < number[1] ? t / (t + 1) : number[1];
  const REAL epsilon = (REAL)number[0], keep = (REAL)warm;
  const REAL renorm_keep = (REAL)number[2], factor = (REAL)number[3];
  const Limits most = limits_of(&c->attrs);
  const size_t n = c->in[MEAN].shape[0];
  REAL *r = c->out.data, *d = r + n;
  for (size_t i = 0; i < n; i++) {
    const REAL mean = *element(&c->in[MEAN], i);
    const REAL variance = *element(&c->in[VARIANCE], i);
    const REAL s = SQRT(variance + epsilon);
    REAL *m = element(&c->in[RENORM_MEAN], i);
    REAL *deviation = element(&c->in[RENORM_STDDEV], i);
    REAL *moving = element(&c->in[MOVING_STDDEV], i);
    const REAL S = within(*deviation, SQRT(epsilon), INFINITY);
    r[i] = within(s / S, most.rmin, most.rmax);
    d[i] = within((mean - *m) / S, -most.dmax, most.dmax);
    follow(m, renorm_keep, mean);
    follow(deviation, renorm_keep, s);
    follow(moving, keep, SQRT(variance * factor + epsilon));
    *element(&c->in[MOVING_VARIANCE], i) =
        within(*moving * *moving - epsilon, 0, INFINITY);
  }
}

static void sample (mlpi_OpSample *s, mlp_Dtype dtype) {
  mlpi_sample_input(s, MEAN, dtype, 1);
  for (int i = VARIANCE; i < INPUTS; i++) s->in[i] = s->in[MEAN];
  s->attrs.number[0] = 0.125;
  s->attrs.number[1] = 0.75;
  s->attrs.number[2] = 0.5;
  s->attrs.number[3] = 1;
}

const mlpi_Op mlp_op_renorm = {
  .name = "renorm",
  .doc = "r and d of batch renormalization; on the way the averages that they "
         "come from follow the batch.",
  .min_in = INPUTS,
  .max_in = INPUTS,
  .flags = MLPI_OP_RANDOM, /* for the step alone */
  .inputs = "mean variance renorm_mean renorm_stddev moving_stddev "
            "moving_variance",
  .shape = shape,
  .forward = forward,
  .check_min = 0.25,
  .check_max = 3,
  .sample = sample,
};
