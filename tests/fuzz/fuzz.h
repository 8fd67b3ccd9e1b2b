/*
** fuzz.h - what the fuzzers share: a runtime, the input as a file, and the
** check that nothing has leaked.
*/
#ifndef fuzz_h
#define fuzz_h

#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memfd_create */
#endif

#include "base/base.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t n);

static mlp_Runtime *rt; /* with a limit that no honest input reaches */

static void demand (int ok, const char *what) {
  if (ok) return;
  fprintf(stderr, "%s: %s\n", what, mlp_last_error(rt));
  abort();
}

/* Run f over a file that holds head and data. */
static void with_file (const void *head, size_t n_head, const void *data,
                       size_t n, void (*f)(const char *path, void *ud),
                       void *ud) {
  char path[40];
  mlp_Config config;
  mlp_config_init(&config);
  config.memory_limit = (size_t)256 << 20;
  if (rt == NULL) demand(mlp_create(&config, &rt) == MLP_OK, "no runtime");
  int fd = memfd_create("fuzz", 0);
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  demand(fd >= 0 && write(fd, head, n_head) == (ssize_t)n_head &&
             write(fd, data, n) == (ssize_t)n,
         "the input cannot be stored");
  size_t before = mlp_memory_used(rt);
  f(path, ud);
  close(fd);
  demand(mlp_memory_used(rt) == before, "memory has leaked");
}

#endif
