/*
** study.c - runtimes in threads that work on one study: each runs the script,
** they share its trials, and the table is that of one alone. #F75
*/
#include "check.h"

#include <pthread.h>

enum { THREADS = 3 };

static const char *script = "tests/embed/study.lua";

static mlp_Value text (const char *s) {
  mlp_Value v;
  v.type = MLP_VTEXT;
  v.as.string.text = s;
  v.as.string.length = strlen(s);
  return v;
}

/* Returns NULL where it fails. */
static void *search (void *path) {
  mlp_Runtime *rt;
  mlp_Value v = text((const char *)path);
  int ok =
      mlp_create(NULL, &rt) == MLP_OK && mlp_run_file(rt, script) == MLP_OK;
  ok = ok && mlp_call(rt, "search", 1, &v, 0, NULL) == MLP_OK;
  if (!ok) fprintf(stderr, "%s\n", mlp_last_error(rt));
  mlp_destroy(rt);
  return ok ? path : NULL;
}

static void read_table (const char *path, char *out, size_t size) {
  mlp_Runtime *rt;
  mlp_Value v = text(path), table;
  *out = '\0';
  mlp_create(NULL, &rt);
  check_ok(rt, mlp_run_file(rt, script), "the script");
  check_ok(rt, mlp_call(rt, "trials", 1, &v, 1, &table), "the table");
  if (table.type == MLP_VTEXT) snprintf(out, size, "%s", table.as.string.text);
  mlp_destroy(rt);
}

static void new_path (char *path, size_t size) {
  const char *folder = getenv("TMPDIR");
  snprintf(path, size, "%.150s/mlprun-study-XXXXXX",
           folder != NULL ? folder : "/tmp");
  close(mkstemp(path));
}

int main (void) {
  static char alone[8192], shared[8192];
  char path[200];
  pthread_t thread[THREADS];
  new_path(path, sizeof path);
  check(search(path) != NULL, "one runtime");
  read_table(path, alone, sizeof alone);
  unlink(path);
  new_path(path, sizeof path);
  for (int i = 0; i < THREADS; i++)
    pthread_create(&thread[i], NULL, search, path);
  for (int i = 0; i < THREADS; i++) {
    void *ok;
    pthread_join(thread[i], &ok);
    check(ok != NULL, "a runtime of several");
  }
  read_table(path, shared, sizeof shared);
  unlink(path);
  check(strstr(alone, "23 COMPLETE") != NULL, "all trials");
  check(strcmp(alone, shared) == 0, "the same table");
  return finish("embed_study");
}
