/*
** process.c - other processes, by posix_spawn: fork would copy threads' locks.
*/
#include "base/process.h"
#include "base/io.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static size_t length (const char *const *list) {
  size_t n = 0;
  while (list[n] != NULL) n++;
  return n;
}

/* Do both set the same variable? */
static bool same_name (const char *a, const char *b) {
  size_t n = strcspn(b, "=");
  return strncmp(a, b, n + 1) == 0;
}

/* env[0..]: ours without those of 'extra', then 'extra'. */
static void merge (const char **env, const char *const *extra) {
  size_t n = 0;
  for (char **e = environ; *e != NULL; e++) {
    bool replaced = false;
    for (const char *const *x = extra; *x != NULL; x++)
      replaced = replaced || same_name(*e, *x);
    if (!replaced) env[n++] = *e;
  }
  for (const char *const *x = extra; *x != NULL; x++) env[n++] = *x;
  env[n] = NULL;
}

/* The child starts with the default signals, as a shell would start it. */
static int reset_signals (posix_spawnattr_t *attr) {
  sigset_t all;
  sigemptyset(&all);
  sigaddset(&all, SIGINT);
  sigaddset(&all, SIGTERM);
  sigaddset(&all, SIGHUP);
  sigaddset(&all, SIGPIPE);
  int failed = posix_spawnattr_setsigdefault(attr, &all);
  return failed ? failed
                : posix_spawnattr_setflags(attr, POSIX_SPAWN_SETSIGDEF);
}

mlp_Status mlpi_spawn (mlp_Runtime *rt, const char *path,
                       const char *const *argv, const char *const *env,
                       const char *out, long *pid) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attr;
  pid_t child = 0;
  size_t n = (length((const char *const *)environ) + length(env) + 1);
  const char **merged = mlpi_alloc(rt, n * sizeof *merged);
  if (merged == NULL) return MLP_ENOMEM;
  merge(merged, env);
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attr);
  int failed = reset_signals(&attr);
  if (!failed && out != NULL)
    failed = posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, out,
                                              O_WRONLY, 0);
  if (!failed)
    failed = posix_spawn(&child, path, &actions, &attr,
                         (char *const *)(uintptr_t)argv,
                         (char *const *)(uintptr_t)merged);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attr);
  mlpi_free(rt, merged, n * sizeof *merged);
  *pid = child;
  if (failed == 0) return MLP_OK;
  char quoted[MLPI_QUOTED], buf[MLPI_OS_REASON];
  return mlpi_error(rt, MLP_EIO, "spawn: cannot start %s: %s",
                    mlpi_quote(path, quoted), mlpi_os_reason(failed, buf));
}

mlp_Status mlpi_wait (mlp_Runtime *rt, long pid, bool *ended, int *code) {
  int status = 0;
  pid_t got;
  do got = waitpid((pid_t)pid, &status, WNOHANG);
  while (got < 0 && errno == EINTR);
  *ended = got != 0;
  *code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  if (got >= 0) return MLP_OK;
  *code = 127;
  return mlpi_error(rt, MLP_ESTATE, "wait: %ld is no child of this process",
                    pid);
}

long long mlpi_process_born (long pid) {
  char path[64], line[1024];
  long long born = 0;
  snprintf(path, sizeof path, "/proc/%ld/stat", pid);
  FILE *f = fopen(path, "r");
  if (f == NULL) return 0;
  char *text = fgets(line, sizeof line, f);
  fclose(f);
  if (text == NULL || (text = strrchr(line, ')')) == NULL) return 0;
  char state = '?'; /* fields 3 and 22 of proc(5) */
  if (sscanf(text + 1,
             " %c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s "
             "%*s %*s %*s %lld",
             &state, &born) != 2)
    return 0;
  return state == 'Z' || state == 'X' ? 0 : born;
}

bool mlpi_process_alive (long pid, long long born) {
  long long now = mlpi_process_born(pid);
  if (now != 0) return born == 0 || now == born;
  if (mlpi_process_born((long)getpid()) != 0) return false; /* /proc works */
  return kill((pid_t)pid, 0) == 0 || errno == EPERM;
}

void mlpi_terminate (long pid) { kill((pid_t)pid, SIGTERM); }

void mlpi_sleep (double seconds) {
  if (!(seconds > 0)) return;
  time_t whole = (time_t)seconds;
  struct timespec t = { whole, (long)((seconds - (double)whole) * 1e9) };
  nanosleep(&t, NULL);
}
