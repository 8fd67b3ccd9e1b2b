/*
** runtime.c - creation, memory, errors, log, cancel.
*/
#include "base/base.h"
#include "base/pool.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *default_alloc (void *ud, void *p, size_t osize, size_t nsize) {
  (void)ud;
  (void)osize;
  if (nsize == 0) {
    free(p);
    return NULL;
  }
  return realloc(p, nsize);
}

int mlp_abi_version (void) { return MLP_ABI_VERSION; }
const char *mlp_version_string (void) { return MLP_VERSION; }

void mlp_config_init (mlp_Config *config) {
  *config = (mlp_Config){ .struct_size = sizeof *config };
}

/* The best instruction set of this machine. */
static int machine_isa (void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq"))
    return MLPI_V4;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
      __builtin_cpu_supports("bmi2"))
    return MLPI_V3;
#endif
  return MLPI_BASELINE;
}

/* The best that this build has too: it has the first MLPI_BUILT of them. */
static int best_isa (void) {
  int isa = machine_isa();
  return isa < MLPI_BUILT ? isa : MLPI_BUILT - 1;
}

/* The number of the named set; -1 where unknown or not to be had here. */
static int pick_isa (const char *name) {
  static const char *const names[] = { "baseline", "v3", "v4" };
  int best = best_isa();
  if (name == NULL) return best;
  for (int i = 0; i <= best; i++)
    if (strcmp(names[i], name) == 0) return i;
  return -1;
}

mlp_Status mlp_create (const mlp_Config *config, mlp_Runtime **out) {
  mlp_Config c;
  mlp_Runtime *rt;
  mlp_config_init(&c);
  *out = NULL;
  if (config != NULL) {
    if (config->struct_size != sizeof c) return MLP_EABI;
    c = *config;
  }
  if (c.alloc == NULL) c.alloc = default_alloc;
  int isa = pick_isa(c.isa);
  if (isa < 0 || c.threads < 0) return MLP_EARG;
  rt = c.alloc(c.alloc_ud, NULL, 0, sizeof *rt);
  if (rt == NULL) return MLP_ENOMEM;
  *rt = (mlp_Runtime){ .alloc = c.alloc,
                       .alloc_ud = c.alloc_ud,
                       .memory_limit = c.memory_limit,
                       .log = c.log,
                       .log_ud = c.log_ud,
                       .seed = c.seed,
                       .isa = isa,
                       .threads = c.threads == 0 ? 1 : c.threads };
  *out = rt;
  return MLP_OK;
}

void mlp_destroy (mlp_Runtime *rt) {
  if (rt == NULL) return;
  mlpi_pool_stop(rt);
  rt->alloc(rt->alloc_ud, rt, sizeof *rt, 0);
}

const char *mlp_last_error (const mlp_Runtime *rt) { return rt->error; }
size_t mlp_memory_used (const mlp_Runtime *rt) { return rt->memory; }
void mlp_cancel (mlp_Runtime *rt) { atomic_store(&rt->cancelled, 1); }
void mlp_reset (mlp_Runtime *rt) { atomic_store(&rt->cancelled, 0); }

mlp_Status mlpi_check_cancel (mlp_Runtime *rt) {
  if (!mlpi_cancelled(rt)) return MLP_OK;
  return mlpi_error(rt, MLP_ECANCELLED, "interrupted");
}

/* A size in the unit a reader would choose: "40.0 MB". */
static void human (double bytes, char *buf, size_t n) {
  static const char *const unit[] = { "bytes", "kB", "MB", "GB", "TB", "PB" };
  int i = 0;
  while (bytes >= 1000 && i < 5) bytes /= 1000, i++;
  snprintf(buf, n, i == 0 ? "%.0f %s" : "%.1f %s", bytes, unit[i]);
}

/* May 'more' bytes be had? False with the message set, where not. */
static bool within_limit (mlp_Runtime *rt, size_t more) {
  char want[32], limit[32], used[32];
  if (rt->memory_limit == 0 || more <= rt->memory_limit - rt->memory)
    return true;
  human((double)more, want, sizeof want);
  human((double)rt->memory_limit, limit, sizeof limit);
  human((double)rt->memory, used, sizeof used);
  mlpi_error(rt, MLP_ELIMITMEM,
             "not enough memory: needs %s, the limit is %s of which %s are in "
             "use; nothing was allocated",
             want, limit, used);
  return false;
}

/* Tests make the n-th allocation fail, and all after it if asked. */
static bool injected_failure (mlp_Runtime *rt) {
  if (rt->fail_at == 0) return false;
  if (rt->fail_at > 1) {
    rt->fail_at--;
    return false;
  }
  if (!rt->fail_on) rt->fail_at = 0;
  return true;
}

void *mlpi_realloc (mlp_Runtime *rt, void *p, size_t osize, size_t nsize) {
  char want[32];
  void *q = NULL;
  if (nsize == 0) nsize = 1; /* so that NULL always means failure */
  if (p != NULL && osize == 0) osize = 1;
  if (nsize > osize && !within_limit(rt, nsize - osize)) return NULL;
  if (nsize <= PTRDIFF_MAX && !injected_failure(rt))
    q = rt->alloc(rt->alloc_ud, p, osize, nsize);
  if (q == NULL) {
    human((double)nsize, want, sizeof want);
    mlpi_error(rt, MLP_ENOMEM,
               "not enough memory: needs %s; nothing was allocated", want);
    return NULL;
  }
  rt->memory += nsize - osize;
  if (rt->memory > rt->memory_peak) rt->memory_peak = rt->memory;
  return q;
}

void *mlpi_alloc (mlp_Runtime *rt, size_t n) {
  return mlpi_realloc(rt, NULL, 0, n);
}

void *mlpi_calloc (mlp_Runtime *rt, size_t count, size_t size) {
  size_t n;
  if (!mlpi_mul(count, size, &n)) n = PTRDIFF_MAX;
  void *p = mlpi_alloc(rt, n);
  if (p != NULL) memset(p, 0, n);
  return p;
}

void mlpi_free (mlp_Runtime *rt, void *p, size_t n) {
  if (p == NULL) return;
  if (n == 0) n = 1;
  rt->alloc(rt->alloc_ud, p, n, 0);
  rt->memory -= n;
}

char *mlpi_strdup (mlp_Runtime *rt, const char *s) {
  size_t n = strlen(s) + 1;
  char *copy = mlpi_alloc(rt, n);
  return copy == NULL ? NULL : memcpy(copy, s, n);
}

void mlpi_strfree (mlp_Runtime *rt, char *s) {
  if (s != NULL) mlpi_free(rt, s, strlen(s) + 1);
}

mlp_Status mlpi_error (mlp_Runtime *rt, mlp_Status status, const char *fmt,
                       ...) {
  char text[MLPI_ERROR_MAX]; /* 'fmt' may print the last message */
  va_list ap;
  va_start(ap, fmt);
  vsnprintf(text, sizeof text, fmt, ap);
  va_end(ap);
  memcpy(rt->error, text, sizeof text);
  rt->path[0] = '\0';
  return status;
}

mlp_Status mlpi_about (mlp_Runtime *rt, const char *path, mlp_Status status) {
  snprintf(rt->path, sizeof rt->path, "%s", path);
  return status;
}

void mlpi_log (mlp_Runtime *rt, int level, const char *fmt, ...) {
  char text[1000];
  va_list ap;
  if (rt->log == NULL) return;
  va_start(ap, fmt);
  int n = vsnprintf(text, sizeof text, fmt, ap);
  va_end(ap);
  if (n < 0) return;
  rt->log(rt->log_ud, level, text, (size_t)n < sizeof text ? (size_t)n : 999);
}
