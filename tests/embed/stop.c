/*
** stop.c - cancel from another thread: in scripts, in training, in a large
** product, each after at most 200 ms of work by the process (#K03). Work is
** counted, not time: neighbours on the machine make nothing fail.
*/
#include "check.h"

#include <pthread.h>

static mlp_Runtime *rt;
static double pressed, worked;

/* Milliseconds of work of this process, all its threads together. */
static double work (void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return 1e3 * (double)t.tv_sec + 1e-6 * (double)t.tv_nsec;
}

/* Press the button 100 ms from now. */
static void *press (void *ud) {
  const struct timespec wait = { 0, 100000000 };
  (void)ud;
  nanosleep(&wait, NULL);
  pressed = now();
  worked = work();
  mlp_cancel(rt);
  return NULL;
}

static void check_latency (mlp_Status s, pthread_t thread, const char *what) {
  double end = now(), busy = work();
  pthread_join(thread, NULL);
  busy -= worked;
  printf("%-40s %6.1f ms, of work %6.1f ms\n", what, 1000 * (end - pressed),
         busy);
  if (s != MLP_ECANCELLED)
    fprintf(stderr, "status %d: %s\n", (int)s, mlp_last_error(rt));
  check(s == MLP_ECANCELLED && busy >= 0 && busy <= 200, what);
  mlp_reset(rt);
}

static void stop_script (const char *what, const char *text) {
  pthread_t thread;
  pthread_create(&thread, NULL, press, NULL);
  mlp_Status s = run(rt, text);
  check_latency(s, thread, what);
}

static void test_scripts (void) {
  stop_script("a loop", "while true do end");
  stop_script("a coroutine",
              "coroutine.wrap(function() while true do end end)()");
  stop_script("coroutines without end",
              "while true do coroutine.resume(coroutine.create(function() "
              "while true do end end)) end");
  stop_script("a loop that swallows errors",
              "while true do pcall(function() while true do end end) end");
  stop_script("the same on two levels",
              "local function f() while true do pcall(function() while true do "
              "end end) end end while true do pcall(f) end");
  stop_script("a script behind a shield",
              "local core = require 'mlp.core' or require 'mlp' and require "
              "'mlp.core' local s <close> = core.shield() "
              "while true do pcall(function() while true do end end) end");
  stop_script("a script that returns after it",
              "pcall(function() while true do end end)");
  check_ok(rt, run(rt, "x = 1"), "the runtime is usable");
}

static void test_training (void) {
  check_ok(
      rt,
      run(rt,
          "local mlp = require 'mlp' local x, y = mlp.rand { 512, 8 }, "
          "mlp.rand { 512, 1 } model = mlp.Sequential { mlp.Dense(64), "
          "mlp.Dense(1) } model:compile { optimizer = 'sgd', loss = 'mse' } "
          "function go(n) model:fit({ x = x, y = y }, { epochs = n, verbose = "
          "0 }) end"),
      "a model");
  stop_script("model:fit", "go(1000000)");
  check_ok(rt, run(rt, "go(1)"), "the model trains again");
  stop_script("model:fit, tried again and again",
              "while true do pcall(go, 1000000) end");
  check_ok(rt, run(rt, "go(1)"), "the model trains again");
  stop_script("a hand-written loop",
              "local mlp = require 'mlp' local x = mlp.rand { 512, 8 } while "
              "true do local y = model(x) end");
}

/* One batch that takes seconds: it is left, and its step is not made. */
static void test_large_batch (void) {
  const mlp_Setting units[] = { { "units", 2000, NULL, NULL, NULL, 0 },
                                { NULL, 0, NULL, NULL, NULL, 0 } };
  enum { ROWS = 10000, FEATURES = 1000 };
  size_t xshape[2] = { ROWS, FEATURES }, yshape[2] = { ROWS, 2000 };
  char before[65], after[65];
  mlp_Model *m;
  mlp_Tensor *x, *y;
  pthread_t thread;
  mlp_tensor_new(rt, MLP_FLOAT32, 2, xshape, NULL, &x);
  mlp_tensor_new(rt, MLP_FLOAT32, 2, yshape, NULL, &y);
  mlp_model_new(rt, &m);
  mlp_model_add(m, "batch_normalization", NULL); /* it counts: that, too */
  mlp_model_add(m, "dense", units);
  mlp_model_add(m, "dense", units);
  mlp_model_compile(m, "adam", NULL, "mse", NULL, NULL);
  mlp_model_build(m, MLP_FLOAT32, 1, xshape + 1);
  mlp_model_hash(m, before);
  pthread_create(&thread, NULL, press, NULL);
  mlp_Status s = mlp_model_train(m, x, y, NULL);
  check_latency(s, thread, "one large batch of training");
  mlp_model_hash(m, after);
  check(strcmp(before, after) == 0, "no step is made, nothing is counted");
  mlp_model_release(m);
  mlp_tensor_release(x);
  mlp_tensor_release(y);
}

static void test_products (const char *threads) {
  char text[200];
  snprintf(text, sizeof text,
           "a = require('mlp').zeros { 4000, 4000 } "
           "require('mlp.core').threads(%s)",
           threads);
  check_ok(rt, run(rt, text), "two matrices");
  snprintf(text, sizeof text, "a product of 4000 x 4000, %s thread(s)",
           threads);
  stop_script(text, "b = a:matmul(a)");
  check_ok(rt, run(rt, "assert(b == nil)"), "no result is left");
  check_ok(rt, run(rt, "a = require('mlp').zeros { 5000, 60, 60 }"), "many");
  stop_script("products of small matrices",
              "while true do local b = a:matmul(a) end");
}

int main (void) {
  mlp_create(NULL, &rt);
  test_scripts();
  test_training();
  test_large_batch();
  test_products("1");
  test_products("2");
  check_ok(rt, run(rt, "assert(require('mlp').ones { 3 }:sum():item() == 3)"),
           "the runtime is usable");
  mlp_destroy(rt);
  return finish("embed_stop");
}
