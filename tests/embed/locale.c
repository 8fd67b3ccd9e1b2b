/*
** locale.c - a host whose numbers have a decimal comma: nothing of the runtime
** does, and the host's own callbacks still do.
*/
#include "check.h"

#include <locale.h>

static char logged[200];

static void write_down (void *ud, int level, const char *text, size_t n) {
  (void)ud, (void)level, (void)text, (void)n;
  snprintf(logged, sizeof logged, "%.1f", 1.5);
}

/* As a function of a script: what the host's own formatting gives. */
static mlp_Status half (void *ud, mlp_Runtime *rt, int n_args,
                        const mlp_Value *args, int *n_results,
                        mlp_Value *results) {
  (void)ud, (void)rt, (void)n_args, (void)args;
  char text[20];
  snprintf(text, sizeof text, "%.1f", 0.5);
  results[0].type = MLP_VBOOLEAN;
  results[0].as.integer = strcmp(text, "0,5") == 0;
  *n_results = 1;
  return MLP_OK;
}

/* A locale with a decimal comma: installed, or made for the occasion. */
static int comma_locale (void) {
  char folder[200], command[300];
  const char *tmp = getenv("TMPDIR");
  if (setlocale(LC_ALL, "de_DE.UTF-8") != NULL) return 1;
  snprintf(folder, sizeof folder, "%.150s/mlprun-locale-XXXXXX",
           tmp != NULL ? tmp : "/tmp");
  if (mkdtemp(folder) == NULL) return 0;
  snprintf(command, sizeof command,
           "localedef -i de_DE -f UTF-8 '%s/de_DE.UTF-8' >/dev/null 2>&1",
           folder);
  int made = system(command) == 0;
  setenv("LOCPATH", folder, 1);
  int found = made && setlocale(LC_ALL, "de_DE.UTF-8") != NULL;
  snprintf(command, sizeof command, "rm -r '%s'", folder);
  return system(command) == 0 && found;
}

static const char *const scripts[] = {
  "assert(tostring(0.5) == '0.5' and ('%.2f'):format(1.25) == '1.25')",
  "assert(tonumber '0.5' == 1 / 2 and load 'return 2.5' () == 5 / 2)",
  "assert(tostring(mlp.tensor { 0.5, 1.25 }):find('0.5000 1.2500', 1, true))",
  "local ok, e = pcall(mlp.Dense, { units = 0.5 })\n"
  "assert(not ok and e.message:find('got 0.5', 1, true), e.message)",
  "local _, e = pcall(mlp.SGD, { learning_rate = -0.25 })\n"
  "assert(e.message:find('got -0.25', 1, true), e.message)",
  "local m = mlp.Sequential { mlp.Dropout(0.25) }\n"
  "m:build { 2 }\n"
  "assert(m:recipe():find('0.25', 1, true), m:recipe())\n"
  "mlp.from_recipe(m:recipe())",
  "assert(half())",
  "assert('a' < 'z' and 'Z' < 'a')", /* by bytes, as in every other host */
  NULL
};

static mlp_Status in_script (mlp_Runtime *rt, const char *script) {
  char text[600];
  snprintf(text, sizeof text, "local mlp = require 'mlp'\n%s", script);
  return mlp_run_string(rt, text, strlen(text), "script");
}

int main (void) {
  mlp_Runtime *rt = NULL;
  mlp_Config config;
  mlp_config_init(&config);
  config.log = write_down;
  if (!comma_locale()) {
    printf("locale: 0 passed, 0 failed, 1 skipped\n");
    return 0;
  }
  check(mlp_create(&config, &rt) == MLP_OK, "a runtime");
  check_ok(rt, mlp_register(rt, "half", half, NULL, NULL),
           "a function of the host");
  for (int i = 0; scripts[i] != NULL; i++)
    check_ok(rt, in_script(rt, scripts[i]), scripts[i]);
  check_ok(rt, in_script(rt, "print(0.5)"), "print");
  check(strcmp(logged, "1,5") == 0, "a log in the host's locale");
  char text[20];
  snprintf(text, sizeof text, "%.1f", 2.5);
  check(strcmp(text, "2,5") == 0, "the host's locale, afterwards");
  mlp_destroy(rt);
  printf("locale: %d passed, %d failed\n", passed, failed);
  return failed != 0;
}
