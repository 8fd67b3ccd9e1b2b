/*
** check.h - what the hosts share: counted checks, a log that is kept, and
** standard output and error watched by a file. Only the public header.
*/
#ifndef check_h
#define check_h

#include "mlprun.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static int passed, failed;

static int check (int ok, const char *what) {
  if (ok)
    passed++;
  else
    failed++;
  if (!ok) fprintf(stderr, "FAILED %s\n", what);
  return ok;
}

/* The same, naming the runtime's message. */
static int check_ok (mlp_Runtime *rt, mlp_Status s, const char *what) {
  if (s != MLP_OK)
    fprintf(stderr, "status %d: %s\n%s\n", (int)s, mlp_last_error(rt),
            mlp_last_traceback(rt));
  return check(s == MLP_OK, what);
}

static inline int says (const mlp_Runtime *rt, const char *part) {
  return strstr(mlp_last_error(rt), part) != NULL;
}

static inline double now (void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static inline mlp_Status run (mlp_Runtime *rt, const char *text) {
  return mlp_run_string(rt, text, strlen(text), "test");
}

/* Keeps the last line that was logged. */
typedef struct Log {
  int lines, warnings;
  char last[200];
} Log;

static inline void keep (void *ud, int level, const char *text, size_t n) {
  Log *log = (Log *)ud;
  log->lines++;
  if (level == MLP_LOG_WARNING) log->warnings++;
  if (n >= sizeof log->last) n = sizeof log->last - 1;
  memcpy(log->last, text, n);
  log->last[n] = '\0';
}

/* Send standard output and error to a file; how many bytes came in the end. */
static int out_before = -1, err_before = -1;
static FILE *watched;

static inline void watch_output (void) {
  fflush(NULL);
  watched = tmpfile();
  out_before = dup(1);
  err_before = dup(2);
  dup2(fileno(watched), 1);
  dup2(fileno(watched), 2);
}

static inline long watched_output (void) {
  char text[400];
  fflush(NULL);
  long n = lseek(fileno(watched), 0, SEEK_END);
  dup2(out_before, 1);
  dup2(err_before, 2);
  if (n > 0) { /* our own complaints are among it */
    ssize_t m = pread(fileno(watched), text, sizeof text, 0);
    if (m > 0) fwrite(text, 1, (size_t)m, stderr);
  }
  fclose(watched);
  return n;
}

static inline int finish (const char *name) {
  printf("%s: %d passed, %d failed\n", name, passed, failed);
  return failed != 0;
}

#endif
