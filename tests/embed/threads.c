/*
** threads.c - runtimes in threads: independent, with the same bits as alone
** (#K01); one runtime in two threads at once is refused (#K02). Meant for
** ThreadSanitizer, too: make tsan.
*/
#include "check.h"

#include <pthread.h>

enum { THREADS = 4, ROUNDS = 3 };

/* The thread's own: a script, and a model made in C. */
typedef struct Result {
  char script[65], model[65];
  int failures;
} Result;

static void train_script (mlp_Runtime *rt, Result *r) {
  mlp_Value v;
  r->failures += mlp_run_file(rt, "tests/embed/design.lua") != MLP_OK;
  r->failures += mlp_call(rt, "design_hash", 0, NULL, 1, &v) != MLP_OK;
  if (v.type == MLP_VTEXT) snprintf(r->script, 65, "%s", v.as.string.text);
}

static void train_model (mlp_Runtime *rt, Result *r) {
  const mlp_Setting hidden[] = { { "units", 16, NULL, NULL, NULL, 0 },
                                 { "activation", 0, "gelu", NULL, NULL, 0 },
                                 { NULL, 0, NULL, NULL, NULL, 0 } };
  const mlp_Setting half[] = { { "rate", 0.5, NULL, NULL, NULL, 0 },
                               { NULL, 0, NULL, NULL, NULL, 0 } };
  size_t shape[2] = { 64, 16 };
  float xs[64 * 16];
  mlp_Model *m;
  mlp_Tensor *x;
  for (int i = 0; i < 64 * 16; i++) xs[i] = (float)(i % 17) / 17;
  mlp_tensor_wrap(rt, xs, MLP_FLOAT32, 2, shape, NULL, NULL, &x);
  r->failures += mlp_model_new(rt, &m) != MLP_OK;
  mlp_model_add(m, "dense", hidden);
  mlp_model_add(m, "dropout", half);
  mlp_model_add(m, "dense", hidden);
  mlp_model_compile(m, "adam", NULL, "mse", NULL, NULL);
  for (int i = 0; i < 20; i++)
    r->failures += mlp_model_train(m, x, x, NULL) != MLP_OK;
  mlp_model_hash(m, r->model);
  mlp_tensor_release(x);
  mlp_model_release(m);
}

static void *work (void *ud) {
  Result *r = (Result *)ud;
  for (int i = 0; i < ROUNDS; i++) {
    mlp_Config c;
    mlp_Runtime *rt;
    mlp_config_init(&c);
    c.threads = 1 + i % 2;
    r->failures += mlp_create(&c, &rt) != MLP_OK;
    train_script(rt, r);
    train_model(rt, r);
    mlp_destroy(rt);
  }
  return NULL;
}

static void test_threads (void) {
  Result alone, r[THREADS];
  pthread_t thread[THREADS];
  memset(&alone, 0, sizeof alone);
  memset(r, 0, sizeof r);
  work(&alone);
  check(alone.failures == 0, "one runtime");
  for (int i = 0; i < THREADS; i++)
    pthread_create(&thread[i], NULL, work, &r[i]);
  for (int i = 0; i < THREADS; i++) pthread_join(thread[i], NULL);
  for (int i = 0; i < THREADS; i++) {
    check(r[i].failures == 0, "a runtime of several");
    check(strcmp(r[i].script, alone.script) == 0, "#K01 a script's bits");
    check(strcmp(r[i].model, alone.model) == 0, "#K01 a model's bits");
  }
}

/* What another thread may do while a runtime works. */
static void *look_on (void *ud) {
  mlp_Runtime *rt = (mlp_Runtime *)ud;
  mlp_Progress p;
  int busy = 0, seen = 0;
  p.struct_size = sizeof p;
  for (double end = now() + 5; now() < end && (busy < 10 || seen < 10);) {
    mlp_Value v;
    busy += mlp_call(rt, "nobody", 0, NULL, 0, &v) == MLP_EBUSY;
    if (mlp_progress(rt, &p) == MLP_OK && p.epoch > 0) {
      seen++;
      if (p.batch < 1 || p.batch > p.batches || p.epochs != 1000000) break;
    }
  }
  mlp_cancel(rt);
  return busy >= 10 && seen >= 10 ? ud : NULL;
}

static void test_busy (void) {
  mlp_Runtime *rt;
  pthread_t thread;
  void *ok;
  mlp_Status s;
  mlp_create(NULL, &rt);
  check_ok(rt,
           run(rt,
               "local mlp = require 'mlp' local x = mlp.rand { 64, 8 } local "
               "m = mlp.Sequential { mlp.Dense(8) } m:compile { optimizer = "
               "'sgd', loss = 'mse' } function go() m:fit({ x = x, y = x }, "
               "{ epochs = 1000000, verbose = 0 }) end"),
           "a script");
  pthread_create(&thread, NULL, look_on, rt);
  do s = mlp_call(rt, "go", 0, NULL, 0, NULL);
  while (s == MLP_EBUSY); /* the other one was first */
  check(s == MLP_ECANCELLED, "cancelled");
  pthread_join(thread, &ok);
  check(ok != NULL, "#K02 a second thread is refused, and sees progress");
  mlp_destroy(rt);
}

int main (void) {
  test_threads();
  test_busy();
  return finish("embed_threads");
}
