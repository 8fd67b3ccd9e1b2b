/*
** frame.c - a game: training goes on a millisecond at a time, between frames,
** and ends with the same weights as in one go.
*/
#include "check.h"

enum { ROWS = 4000, FEATURES = 20, EPOCHS = 20 };
static const double BUDGET = 1; /* milliseconds of a frame */

static mlp_Runtime *rt;
static mlp_Tensor *x, *y;

static void make_data (void) {
  static float xs[ROWS * FEATURES];
  static int64_t ys[ROWS];
  size_t xshape[2] = { ROWS, FEATURES }, yshape[1] = { ROWS };
  for (int i = 0; i < ROWS * FEATURES; i++)
    xs[i] = (float)((i * 37) % 101) / 101;
  for (int i = 0; i < ROWS; i++) ys[i] = 1 + (xs[i * FEATURES] > 0.5f);
  mlp_tensor_wrap(rt, xs, MLP_FLOAT32, 2, xshape, NULL, NULL, &x);
  mlp_tensor_wrap(rt, ys, MLP_INT64, 1, yshape, NULL, NULL, &y);
}

static mlp_Model *new_model (void) {
  const mlp_Setting hidden[] = { { "units", 32, NULL, NULL, NULL, 0 },
                                 { "activation", 0, "relu", NULL, NULL, 0 },
                                 { NULL, 0, NULL, NULL, NULL, 0 } };
  const mlp_Setting out[] = { { "units", 2, NULL, NULL, NULL, 0 },
                              { "activation", 0, "softmax", NULL, NULL, 0 },
                              { NULL, 0, NULL, NULL, NULL, 0 } };
  const char *const metrics[] = { "accuracy", NULL };
  mlp_Model *m;
  mlp_create(NULL, &rt);
  make_data();
  mlp_model_new(rt, &m);
  mlp_model_add(m, "dense", hidden);
  mlp_model_add(m, "dense", out);
  mlp_model_compile(m, "adam", NULL, "sparse_categorical_crossentropy", NULL,
                    metrics);
  return m;
}

static void end (mlp_Model *m) {
  mlp_model_release(m);
  mlp_tensor_release(x);
  mlp_tensor_release(y);
  check(mlp_memory_used(rt) == 0, "nothing is left");
  mlp_destroy(rt);
}

static int later (const void *a, const void *b) {
  double d = *(const double *)a - *(const double *)b;
  return (d > 0) - (d < 0);
}

/* Train, so many milliseconds a frame; the hash of the weights. */
static void train (double budget, char hash[65]) {
  static double took[100000];
  mlp_Model *m = new_model();
  mlp_TrainingConfig c;
  mlp_Training *t;
  double values[2] = { 0, 0 };
  int done = 0, n = 0;
  mlp_training_config_init(&c);
  c.epochs = EPOCHS;
  check_ok(rt, mlp_training_new(m, x, y, &c, &t), "begin");
  while (!done && n < 100000) {
    double start = now();
    if (!check_ok(rt, mlp_training_step(t, budget, &done), "a frame")) break;
    took[n++] = 1000 * (now() - start);
  }
  mlp_training_values(t, 2, values);
  check(values[1] > 0.9, "it has learnt");
  mlp_training_release(t);
  mlp_model_hash(m, hash);
  end(m);
  qsort(took, (size_t)n, sizeof *took, later);
  if (budget > BUDGET) return;
  printf("%d frames of %g ms: median %.2f ms, 9 of 10 below %.2f ms\n", n,
         budget, took[n / 2], took[n * 9 / 10]);
  check(n > 3 && took[n / 2] < 2 * BUDGET, "frames keep to their time");
}

int main (void) {
  char whole[65], pieces[65];
  train(1e9, whole);
  train(BUDGET, pieces);
  check(strcmp(whole, pieces) == 0, "the same bits however it is cut");
  return finish("embed_frame");
}
