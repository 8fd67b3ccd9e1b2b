/*
** host.c - a C host: scripts, functions, tensors, models, limits.
**   embed_host          the checks
**   embed_host FILE     run a script that prints, and print what it logs
*/
#include "check.h"

static mlp_Runtime *rt;
static Log logged;

static mlp_Runtime *new_runtime (Log *log) {
  mlp_Config c;
  mlp_Runtime *r;
  mlp_config_init(&c);
  c.log = keep;
  c.log_ud = log;
  return mlp_create(&c, &r) == MLP_OK ? r : NULL;
}

/*
** Creation
*/

static void test_create (void) {
  mlp_Config c;
  mlp_Runtime *r;
  check(mlp_abi_version() == MLP_ABI_VERSION, "version of the interface");
  check(strcmp(mlp_version_string(), MLP_VERSION) == 0, "version");
  check(mlp_create(NULL, &r) == MLP_OK, "presets");
  check(mlp_memory_used(r) == 0, "an idle runtime holds no memory");
  mlp_destroy(r);
  mlp_destroy(NULL);
  mlp_config_init(&c);
  check(mlp_create(&c, NULL) == MLP_EARG, "no place for the runtime");
  c.struct_size = 1;
  check(mlp_create(&c, &r) == MLP_EABI && r == NULL, "#K07 a wrong size");
  c.struct_size = sizeof c + 8;
  check(mlp_create(&c, &r) == MLP_EABI, "#K07 a newer host");
  c.struct_size = offsetof(mlp_Config, time_limit_s);
  check(mlp_create(&c, &r) == MLP_OK, "#K07 an older host");
  mlp_destroy(r);
  mlp_config_init(&c);
  c.isa = "z80";
  check(mlp_create(&c, &r) == MLP_EARG, "an unknown instruction set");
  mlp_config_init(&c);
  c.flags = 1u << 30;
  check(mlp_create(&c, &r) == MLP_EARG, "an unknown flag");
  check(run(NULL, "") == MLP_EARG, "#K07 no runtime");
  check(mlp_model_hash(NULL, NULL) == MLP_EARG, "#K07 no model");
  check(mlp_tensor_shape(NULL) == NULL && mlp_tensor_ndim(NULL) == 0 &&
            mlp_model_inputs(NULL) == 0 && mlp_tensor_retain(NULL) == NULL,
        "#K07 nothing to ask");
  mlp_tensor_release(NULL);
  mlp_model_release(NULL);
  mlp_training_release(NULL);
}

/*
** Scripts
*/

static void test_scripts (void) {
  check_ok(rt, run(rt, "print('a', 1, nil)"), "print");
  check(strcmp(logged.last, "a\t1\tnil") == 0, "print goes to the log");
  run(rt, "io.write('x', 2, '\\n')");
  check(strcmp(logged.last, "x2") == 0, "io.write goes to the log");
  run(rt, "io.stderr:write('to '):write('error')");
  check(strcmp(logged.last, "error") == 0, "io.stderr goes to the log");
  run(rt, "warn '@on' warn('care', 'ful')");
  check(strcmp(logged.last, "careful") == 0 && logged.warnings == 1,
        "warnings go to the log");
  check(run(rt, "x = = 1") == MLP_ESYNTAX, "a syntax error");
  check(says(rt, "test:1:"), "its place");
  check(run(rt, "local function f() error 'bad luck' end f()") == MLP_ESCRIPT &&
            says(rt, "test:1: bad luck"),
        "an error of the script");
  check(strstr(mlp_last_traceback(rt), "in upvalue 'f'") != NULL ||
            strstr(mlp_last_traceback(rt), "in local 'f'") != NULL,
        "its traceback");
  check(run(rt, "error(nil)") == MLP_ESCRIPT, "#K04 error(nil)");
  check(run(rt, "error(setmetatable({}, { __tostring = error }))") ==
            MLP_ESCRIPT,
        "an error whose text fails");
  check(run(rt, "local m = require 'mlp'; local x = m.rand { 2, 3 } + "
                "m.rand { 4, 5 }") == MLP_ESHAPE &&
            says(rt, "add: "),
        "a status of the engine's");
  check(mlp_run_file(rt, "no/such.lua") == MLP_EIO, "a file that is not there");
  check(run(rt, "\033Lua") == MLP_ESYNTAX, "a precompiled chunk");
  check(mlp_run_string(rt, NULL, 0, NULL) == MLP_EARG, "#K07 no text");
}

static void test_refusals (void) {
  static const char *const bad[] = { "os.exit(3)",
                                     "os.exit(true, true)",
                                     "os.execute 'true'",
                                     "io.popen 'ls'",
                                     "io.read()",
                                     "io.lines()",
                                     "dofile()",
                                     "loadfile()",
                                     "os.setlocale 'C'",
                                     "io.output 'x'",
                                     "package.loadlib('x', 'y')",
                                     "debug.sethook()",
                                     "io.stdin:read()",
                                     "require 'lfs'" };
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    check(run(rt, bad[i]) != MLP_OK, bad[i]);
  check(run(rt, "os.exit(3)") == MLP_ESTATE && says(rt, "os.exit: not inside"),
        "#K04 os.exit raises");
  check_ok(rt, run(rt, "for i = 1, 10000 do print(('x'):rep(1000)) end"),
           "#K04 prints much");
  check_ok(rt, run(rt, "io.stdout:close() io.output():write 'still'"),
           "#K04 closes standard output");
  check(run(rt, "while true do local f = nil; f() end") == MLP_ESCRIPT, "loop");
}

/*
** Calls
*/

static mlp_Value integer (int64_t i) {
  mlp_Value v;
  memset(&v, 0, sizeof v);
  v.type = MLP_VINTEGER;
  v.as.integer = i;
  return v;
}

static mlp_Value text (const char *s) {
  mlp_Value v;
  memset(&v, 0, sizeof v);
  v.type = MLP_VTEXT;
  v.as.string.text = s;
  v.as.string.length = strlen(s);
  return v;
}

static void test_calls (void) {
  mlp_Value a[2], r[4];
  run(rt, "function both(a, b) return a + 1, b .. '!', a > 1, 0.5 end "
          "function table_() return mlp, {} end");
  a[0] = integer(41);
  a[1] = text("hello");
  check_ok(rt, mlp_call(rt, "both", 2, a, 4, r), "a call");
  check(r[0].type == MLP_VINTEGER && r[0].as.integer == 42, "an integer");
  check(r[1].type == MLP_VTEXT && strcmp(r[1].as.string.text, "hello!") == 0,
        "a text");
  check(r[2].type == MLP_VBOOLEAN && r[2].as.integer == 1, "a boolean");
  check(r[3].type == MLP_VNUMBER && r[3].as.number == 0.5, "a number");
  check(mlp_call(rt, "nobody", 0, NULL, 0, NULL) == MLP_EARG &&
            says(rt, "'nobody'"),
        "no such function");
  check(mlp_call(rt, "table_", 0, NULL, 2, r) == MLP_ETYPE &&
            r[0].type == MLP_VNIL,
        "a table cannot cross");
  check(mlp_call(rt, "both", 0, NULL, 0, NULL) == MLP_ESCRIPT, "it raises");
  check(mlp_call(rt, NULL, 0, NULL, 0, NULL) == MLP_EARG, "#K07 no name");
}

static int freed;
static void count_free (void *ud) {
  (void)ud;
  freed++;
}

static mlp_Status host_sum (void *ud, mlp_Runtime *r, int n,
                            const mlp_Value *args, int *n_results,
                            mlp_Value *results) {
  int64_t sum = *(int *)ud;
  for (int i = 0; i < n; i++) {
    if (args[i].type != MLP_VINTEGER)
      return mlp_fail(r, MLP_ETYPE, "sum: expected integers");
    sum += args[i].as.integer;
  }
  results[0] = integer(sum);
  *n_results = 1;
  return MLP_OK;
}

static mlp_Status host_pair (void *ud, mlp_Runtime *r, int n,
                             const mlp_Value *args, int *n_results,
                             mlp_Value *results) {
  size_t shape[1] = { 2 };
  float values[2] = { 3, 4 };
  (void)ud, (void)n, (void)args;
  results[0].type = MLP_VTENSOR;
  *n_results = 1;
  return mlp_tensor_new(r, MLP_FLOAT32, 1, shape, values,
                        &results[0].as.tensor);
}

static mlp_Status host_again (void *ud, mlp_Runtime *r, int n,
                              const mlp_Value *args, int *n_results,
                              mlp_Value *results) {
  (void)n, (void)args, (void)n_results, (void)results;
  *(mlp_Status *)ud = run(r, "x = 1");
  return MLP_OK;
}

static void test_functions (void) {
  int base = 100;
  mlp_Status inner = MLP_OK;
  check_ok(rt, mlp_register(rt, "sum", host_sum, &base, count_free),
           "register");
  check_ok(rt, run(rt, "assert(sum(1, 2, 3) == 106)"), "call from Lua");
  check(run(rt, "sum('x')") == MLP_ETYPE && says(rt, "sum: expected integers"),
        "an error of the host's function");
  check_ok(rt,
           run(rt, "local ok, e = pcall(sum, 'x') assert(not ok and e.kind == "
                   "'type')"),
           "the script may catch it");
  mlp_register(rt, "pair", host_pair, NULL, NULL);
  check_ok(rt, run(rt, "require 'mlp' assert(pair():sum():item() == 7)"),
           "a tensor from the host");
  mlp_register(rt, "again", host_again, &inner, NULL);
  check_ok(rt, run(rt, "again()"), "a call inside a call");
  check(inner == MLP_EREENTRANT, "#K08 is refused");
  check(mlp_register(rt, NULL, host_sum, NULL, count_free) == MLP_EARG &&
            freed == 1,
        "free_ud is called where it fails");
}

/*
** Tensors
*/

static int released;
static void release (void *ud, void *data) {
  (void)ud, (void)data;
  released++;
}

static void test_tensors (void) {
  static float buffer[6] = { 1, 2, 3, 4, 5, 6 };
  size_t shape[2] = { 2, 3 }, huge[2] = { (size_t)-1, 8 };
  mlp_Tensor *t, *u;
  mlp_Value v, r[1];
  void *data;
  float back[6];
  check_ok(
      rt, mlp_tensor_wrap(rt, buffer, MLP_FLOAT32, 2, shape, release, NULL, &t),
      "wrap");
  mlp_tensor_data(t, &data);
  check(data == buffer, "without a copy");
  run(rt, "kept = nil function double(t) t:mul_(2) kept = t return t:t() end");
  v.type = MLP_VTENSOR;
  v.as.tensor = t;
  check_ok(rt, mlp_call(rt, "double", 1, &v, 1, r), "to a script and back");
  check(buffer[5] == 12, "which writes into the host's memory");
  u = r[0].as.tensor;
  check(mlp_tensor_ndim(u) == 2 && mlp_tensor_shape(u)[0] == 3 &&
            mlp_tensor_dtype(u) == MLP_FLOAT32,
        "a transposed view");
  check(mlp_tensor_data(u, &data) == MLP_ESTATE, "that has gaps");
  check_ok(rt, mlp_tensor_read(u, back, sizeof back), "read");
  check(back[1] == 8, "in its own order");
  check(mlp_tensor_read(u, back, 4) == MLP_EARG, "not enough room");
  mlp_tensor_release(u);
  mlp_tensor_release(t);
  check(released == 0, "Lua keeps it");
  run(rt, "kept = nil collectgarbage() collectgarbage()");
  check(released == 1, "released once");
  check(mlp_tensor_wrap(rt, buffer, MLP_FLOAT32, 2, huge, release, NULL, &t) !=
                MLP_OK &&
            t == NULL && released == 2,
        "released where wrapping fails");
  check(mlp_tensor_wrap(rt, (char *)buffer + 1, MLP_FLOAT32, 2, shape, release,
                        NULL, &t) == MLP_EARG,
        "not aligned");
}

/* What is alive when a runtime goes. */
static void test_destroy (void) {
  static double buffer[2];
  size_t shape[1] = { 2 };
  mlp_Tensor *t, *late;
  mlp_Value v;
  Log log;
  mlp_Runtime *r = new_runtime(&log);
  released = freed = 0;
  mlp_tensor_wrap(r, buffer, MLP_FLOAT64, 1, shape, release, NULL, &t);
  mlp_tensor_wrap(r, buffer, MLP_FLOAT64, 1, shape, release, NULL, &late);
  mlp_register(r, "sum", host_sum, NULL, count_free);
  run(r, "function hold(t) held = t end");
  v.type = MLP_VTENSOR;
  v.as.tensor = t;
  check_ok(r, mlp_call(r, "hold", 1, &v, 0, NULL), "hold");
  mlp_tensor_release(t);
  mlp_destroy(r);
  check(released == 1 && freed == 1, "destroy releases what scripts hold");
  mlp_tensor_release(late);
  check(released == 2, "the rest is released later, once");
}

/*
** Models
*/

enum { ROWS = 300, FEATURES = 5 };
static float xs[ROWS * FEATURES], ys[ROWS];

static void make_data (mlp_Tensor **x, mlp_Tensor **y) {
  size_t xshape[2] = { ROWS, FEATURES }, yshape[2] = { ROWS, 1 };
  for (int i = 0; i < ROWS; i++) {
    ys[i] = 0;
    for (int j = 0; j < FEATURES; j++) {
      xs[i * FEATURES + j] = (float)((i * 7 + j * 13) % 29) / 29;
      ys[i] += xs[i * FEATURES + j] * (float)(j - 2);
    }
  }
  mlp_tensor_wrap(rt, xs, MLP_FLOAT32, 2, xshape, NULL, NULL, x);
  mlp_tensor_wrap(rt, ys, MLP_FLOAT32, 2, yshape, NULL, NULL, y);
}

static mlp_Model *make_model (void) {
  const mlp_Setting l2[] = { { "l2", 0.001, NULL, NULL, NULL, 0 },
                             { NULL, 0, NULL, NULL, NULL, 0 } };
  const mlp_Setting hidden[] = { { "units", 8, NULL, NULL, NULL, 0 },
                                 { "activation", 0, "tanh", NULL, NULL, 0 },
                                 { "kernel_regularizer", 0, "l2", l2, NULL, 0 },
                                 { "name", 0, "hidden", NULL, NULL, 0 },
                                 { NULL, 0, NULL, NULL, NULL, 0 } };
  const mlp_Setting out[] = { { "units", 1, NULL, NULL, NULL, 0 },
                              { NULL, 0, NULL, NULL, NULL, 0 } };
  const mlp_Setting rate[] = { { "learning_rate", 0.01, NULL, NULL, NULL, 0 },
                               { NULL, 0, NULL, NULL, NULL, 0 } };
  const char *const metrics[] = { "mean_absolute_error", NULL };
  size_t shape[1] = { FEATURES };
  mlp_Model *m;
  check_ok(rt, mlp_model_new(rt, &m), "a model");
  check_ok(rt, mlp_model_add(m, "dense", hidden), "a hidden layer");
  check_ok(rt, mlp_model_add(m, "dense", out), "an output");
  check_ok(rt, mlp_model_build(m, MLP_FLOAT32, 1, shape), "build");
  check_ok(
      rt,
      mlp_model_compile(m, "adam", rate, "mean_squared_error", NULL, metrics),
      "compile");
  return m;
}

/* The same model and training as a script: the bits must agree. */
static const char *const twin =
    "local mlp = require 'mlp' "
    "function train(x, y) "
    "  mlp.seed(0) "
    "  local m = mlp.Sequential { input_shape = { 5 }, mlp.Dense { units = 8, "
    "    activation = 'tanh', kernel_regularizer = mlp.regularizers.l2(0.001) "
    "}, "
    "    mlp.Dense(1) } "
    "  m:compile { optimizer = mlp.Adam { learning_rate = 0.01 }, "
    "    loss = 'mean_squared_error' } "
    "  m:fit({ x = x, y = y }, { epochs = 3, verbose = 0 }) "
    "  return m:hash(), m:predict(x) "
    "end "
    "function reseed() mlp.seed(0) end";

static void check_bad_settings (mlp_Model *m) {
  const mlp_Setting typo[] = { { "unit", 1, NULL, NULL, NULL, 0 },
                               { NULL, 0, NULL, NULL, NULL, 0 } };
  const mlp_Setting word[] = { { "units", 0, "many", NULL, NULL, 0 },
                               { NULL, 0, NULL, NULL, NULL, 0 } };
  int in[1] = { 7 };
  check(mlp_model_add(m, "dense", typo) == MLP_EARG &&
            says(rt, "did you mean 'units'?"),
        "an unknown option");
  check(mlp_model_add(m, "dense", word) == MLP_EARG &&
            says(rt, "dense: option 'units'"),
        "a text for a number");
  check(mlp_model_add(m, "dense", NULL) == MLP_EARG &&
            says(rt, "expected a value"),
        "a missing option");
  check(mlp_model_add(m, "dens", NULL) == MLP_EARG && says(rt, "'dense'"),
        "an unknown layer");
  check(mlp_model_join(m, "add", NULL, 1, in) == MLP_EARG, "no such input");
}

static void check_predictions (mlp_Model *m, const float *want) {
  static float out[ROWS];
  size_t n;
  check_ok(rt, mlp_model_outputs(m, &n), "outputs");
  check(n == 1 && mlp_model_inputs(m) == FEATURES, "widths");
  check_ok(rt, mlp_model_predict(m, ROWS, xs, out), "predict");
  check(memcmp(out, want, sizeof out) == 0, "as the script does, in one go");
  for (int i = 0; i < ROWS; i++)
    mlp_model_predict(m, 1, xs + i * FEATURES, out + i);
  check(memcmp(out, want, sizeof out) == 0, "and row by row");
}

static void check_file (mlp_Model *m, const char *hash) {
  const char *folder = getenv("TMPDIR");
  char path[200], again[65];
  mlp_Model *loaded;
  snprintf(path, sizeof path, "%.150s/mlprun-embed-XXXXXX",
           folder != NULL ? folder : "/tmp");
  close(mkstemp(path));
  check_ok(rt, mlp_model_save(m, path), "save");
  check_ok(rt, mlp_model_load(rt, path, &loaded), "load");
  mlp_model_hash(loaded, again);
  check(strcmp(hash, again) == 0, "the same weights");
  mlp_model_release(loaded);
  unlink(path);
  check(mlp_model_load(rt, path, &loaded) == MLP_EIO && loaded == NULL,
        "no such file");
}

static void train_in_steps (mlp_Model *m, mlp_Tensor *x, mlp_Tensor *y) {
  mlp_TrainingConfig c;
  mlp_Training *t;
  double values[2];
  int done = 0, steps = 0;
  mlp_training_config_init(&c);
  c.epochs = 3;
  check_ok(rt, mlp_training_new(m, x, y, &c, &t), "a training");
  while (!done && mlp_training_step(t, 0, &done) == MLP_OK) steps++;
  check(steps == 3 * ((ROWS + 31) / 32), "one batch a step");
  check_ok(rt, mlp_training_values(t, 2, values), "loss and metric");
  check(values[0] > 0 && values[0] < 1 && values[1] > 0, "that make sense");
  check(mlp_training_values(t, 3, values) == MLP_EARG, "too many values");
  mlp_training_release(t);
}

static void test_models (void) {
  mlp_Tensor *x, *y, *w;
  mlp_Value args[2], r[2];
  mlp_Progress p = { sizeof p, 0, 0, 0, 0, 0 };
  static float want[ROWS];
  char hash[65];
  double values[2], loss;
  make_data(&x, &y);
  check_ok(rt, run(rt, twin), "the script");
  args[0].type = args[1].type = MLP_VTENSOR;
  args[0].as.tensor = x;
  args[1].as.tensor = y;
  mlp_call(rt, "reseed", 0, NULL, 0, NULL);
  mlp_Model *m = make_model();
  train_in_steps(m, x, y);
  mlp_model_hash(m, hash);
  mlp_progress(rt, &p);
  check(p.epoch == 3 && p.epochs == 3 && p.batch == p.batches, "progress");
  if (check_ok(rt, mlp_call(rt, "train", 2, args, 2, r), "its training")) {
    check(strcmp(r[0].as.string.text, hash) == 0, "C and Lua: the same bits");
    mlp_tensor_read(r[1].as.tensor, want, sizeof want);
    mlp_tensor_release(r[1].as.tensor);
    check_predictions(m, want);
  }
  check_ok(rt, mlp_model_evaluate(m, x, y, 2, values), "evaluate");
  check_file(m, hash);
  check_ok(rt, mlp_model_train(m, x, y, &loss), "a batch of the host's");
  check(loss < values[0] * 1.001, "its loss");
  check_ok(rt, mlp_model_tune(m, "learning_rate", 0.5), "tune");
  check(mlp_model_tune(m, "learning_rat", 0.5) == MLP_EARG, "a wrong name");
  check_ok(rt, mlp_model_weights(m, "hidden.kernel", &w), "weights");
  check(mlp_tensor_shape(w)[1] == 8, "their shape");
  mlp_tensor_release(w);
  check(mlp_model_weights(m, "hidden.colour", &w) == MLP_EARG, "none such");
  check_bad_settings(m);
  mlp_tensor_release(x);
  mlp_tensor_release(y);
  mlp_model_release(m);
}

/* A residual network by mlp_model_join, and what is not finite. */
static void test_graph (void) {
  const mlp_Setting units[] = { { "units", FEATURES, NULL, NULL, NULL, 0 },
                                { NULL, 0, NULL, NULL, NULL, 0 } };
  mlp_Model *m;
  mlp_Tensor *x, *y, *bad;
  mlp_Training *t;
  size_t shape[2] = { ROWS, FEATURES };
  int first[1] = { 0 }, both[2] = { 1, 0 }, done;
  float *nan_;
  make_data(&x, &y);
  mlp_tensor_release(y);
  mlp_model_new(rt, &m);
  check_ok(rt, mlp_model_join(m, "dense", units, 1, first), "a branch");
  check_ok(rt, mlp_model_join(m, "add", NULL, 2, both), "joined to the input");
  mlp_model_compile(m, "sgd", NULL, "mse", NULL, NULL);
  check_ok(rt, mlp_model_train(m, x, x, NULL), "a batch");
  mlp_tensor_new(rt, MLP_FLOAT32, 2, shape, NULL, &bad);
  mlp_tensor_data(bad, (void **)&nan_);
  nan_[7] = (float)strtod("nan", NULL);
  check_ok(rt, mlp_training_new(m, x, bad, NULL, &t), "a training");
  check(mlp_training_step(t, 1e9, &done) == MLP_ENUMERIC &&
            says(rt, "not finite"),
        "that diverges");
  mlp_training_release(t);
  mlp_tensor_release(bad);
  mlp_tensor_release(x);
  mlp_model_release(m);
}

/*
** Limits
*/

static void test_memory_limit (void) {
  mlp_Config c;
  mlp_Runtime *r;
  mlp_config_init(&c);
  c.memory_limit = 8000000;
  mlp_create(&c, &r);
  check(run(r, "local t = {} for i = 1, 1e9 do t[i] = {} end") == MLP_ELIMITMEM,
        "#K04 a script that eats memory");
  check(says(r, "limit"), "the message names the limit");
  check(run(r, "big = require('mlp').zeros { 1e7 }") == MLP_ELIMITMEM,
        "a tensor above the limit");
  check(run(r, "s = ('x'):rep(1e8)") == MLP_ELIMITMEM, "a string above it");
  check_ok(r,
           run(r, "collectgarbage() assert(require('mlp').ones { 10 }:sum()"
                  ":item() == 10)"),
           "the runtime is usable");
  check(mlp_memory_used(r) < 8000000, "and within it");
  mlp_destroy(r);
}

static void test_time_limit (void) {
  mlp_Config c;
  mlp_Runtime *r;
  mlp_config_init(&c);
  c.time_limit_s = 0.1;
  mlp_create(&c, &r);
  check_ok(r, run(r, "x = 1"), "in time");
  double start = now();
  check(run(r, "while true do end") == MLP_ELIMITTIME, "#K04 an endless loop");
  check(now() - start < 0.1 + 0.2, "ends soon");
  check(says(r, "time limit"), "and says why");
  check(run(r, "x = 1") == MLP_ELIMITTIME, "it sticks");
  mlp_reset(r);
  check_ok(r, run(r, "x = 1"), "until it is reset");
  start = now();
  check(run(r, "local m = require 'mlp' local a = m.rand { 3000, 3000 } "
               "while true do a = a:matmul(a) end") == MLP_ELIMITTIME,
        "products");
  check(now() - start < 0.1 + 0.2, "end soon");
  mlp_destroy(r);
}

/* The host's allocator, which fails at the n-th call. */
typedef struct Heap {
  long left, used;
} Heap;

static void *heap_alloc (void *ud, void *p, size_t osize, size_t nsize) {
  Heap *h = (Heap *)ud;
  if (nsize == 0) {
    if (p != NULL) h->used -= (long)osize;
    free(p);
    return NULL;
  }
  if (nsize > osize && h->left-- <= 0) return NULL;
  p = realloc(p, nsize);
  if (p != NULL) h->used += (long)nsize - (long)osize;
  return p;
}

static int survives (long n) {
  Heap h = { n, 0 };
  mlp_Config c;
  mlp_Runtime *r;
  mlp_config_init(&c);
  c.alloc = heap_alloc;
  c.alloc_ud = &h;
  mlp_Status s = mlp_create(&c, &r);
  if (s == MLP_OK)
    s = run(r, "local m = require 'mlp' x = m.ones { 4 } assert(#x == 4)");
  if (s == MLP_OK) s = mlp_register(r, "again", host_again, NULL, NULL);
  mlp_destroy(r);
  return (s == MLP_OK || s == MLP_ENOMEM) && h.used == 0;
}

static void test_allocator (void) {
  int ok = 1;
  for (long n = 0; n < 12000; n += n < 40 ? 1 : 97) ok = ok && survives(n);
  check(ok, "#K06 an allocator that fails at the n-th call: status, no leak");
}

/*
** Cancel (from other threads: stop.c)
*/

static void test_cancel (void) {
  mlp_cancel(rt);
  check(run(rt, "x = 1") == MLP_ECANCELLED, "#K03 cancel before a run");
  check(run(rt, "x = 1") == MLP_ECANCELLED, "sticks");
  mlp_reset(rt);
  check_ok(rt, run(rt, "x = 1"), "until it is reset");
  mlp_cancel(NULL);
  mlp_reset(NULL);
}

static int run_script (const char *path) {
  rt = new_runtime(&logged);
  mlp_Status s = mlp_run_file(rt, path);
  puts(s == MLP_OK ? logged.last : mlp_last_error(rt));
  mlp_destroy(rt);
  return s != MLP_OK;
}

int main (int argc, char **argv) {
  if (argc > 1) return run_script(argv[1]);
  watch_output();
  test_create();
  rt = new_runtime(&logged);
  test_scripts();
  test_refusals();
  test_calls();
  test_functions();
  test_tensors();
  test_destroy();
  test_models();
  test_graph();
  test_memory_limit();
  test_time_limit();
  test_allocator();
  test_cancel();
  mlp_destroy(rt);
  check(freed == 2, "the function of the host's is freed with the runtime");
  check(watched_output() == 0, "nothing on descriptors 1 and 2");
  return finish("embed_host");
}
