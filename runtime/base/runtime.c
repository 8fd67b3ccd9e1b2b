/*
** runtime.c - creation, memory, errors, log, cancel; who is inside.
*/
#include "base/memory.h"
#include "base/pool.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

int mlp_abi_version (void) { return MLP_ABI_VERSION; }
const char *mlp_version_string (void) { return MLP_VERSION; }

void mlp_config_preset (mlp_Config *config, size_t struct_size) {
  memset(config, 0, struct_size);
  config->struct_size = struct_size;
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

/* Take over what the host has filled in; members that it does not know yet
** keep their presets. */
static mlp_Status read_config (const mlp_Config *from, mlp_Config *c) {
  mlp_config_init(c);
  if (from == NULL) return MLP_OK;
  if (from->struct_size < offsetof(mlp_Config, time_limit_s) ||
      from->struct_size > sizeof *c)
    return MLP_EABI;
  memcpy(c, from, from->struct_size);
  if (c->threads < 0 || !(c->time_limit_s >= 0) ||
      (c->flags & ~(unsigned)MLP_NO_ENV) != 0)
    return MLP_EARG;
  return MLP_OK;
}

mlp_Status mlp_create (const mlp_Config *config, mlp_Runtime **out) {
  mlp_Config c;
  if (out == NULL) return MLP_EARG;
  *out = NULL;
  mlp_Status s = read_config(config, &c);
  if (s != MLP_OK) return s;
  if (c.alloc == NULL) c.alloc = mlpi_default_alloc;
  int isa = pick_isa(c.isa);
  if (isa < 0) return MLP_EARG;
  mlp_Runtime *rt = c.alloc(c.alloc_ud, NULL, 0, sizeof *rt);
  if (rt == NULL) return MLP_ENOMEM;
  memset(rt, 0, sizeof *rt);
  rt->alloc = c.alloc;
  rt->alloc_ud = c.alloc_ud;
  rt->memory_limit = c.memory_limit;
  rt->log = c.log;
  rt->log_ud = c.log_ud;
  rt->seed = c.seed;
  rt->isa = isa;
  rt->threads = c.threads == 0 ? 1 : c.threads;
  rt->time_limit = c.time_limit_s;
  rt->flags = c.flags;
  rt->plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
  *out = rt;
  return MLP_OK;
}

/* What the host still holds keeps the handle alive: see mlpi_leave_any. */
static void end (mlp_Runtime *rt) {
  if (rt->close != NULL) rt->close(rt);
  rt->close = NULL;
  mlpi_pool_stop(rt);
  if (rt->memory != 0) return;
  if (rt->plain != (locale_t)0) freelocale(rt->plain);
  rt->alloc(rt->alloc_ud, rt, sizeof *rt, 0);
}

void mlp_destroy (mlp_Runtime *rt) {
  if (rt == NULL || rt->destroyed) return;
  rt->destroyed = true;
  if (atomic_load(&rt->owner) == 0) end(rt); /* else its call will */
}

/*
** Who is inside
*/

mlp_Status mlpi_enter_any (mlp_Runtime *rt, bool *inside) {
  uintptr_t me = (uintptr_t)pthread_self(), none = 0;
  *inside = false;
  if (rt == NULL) return MLP_EARG;
  if (atomic_compare_exchange_strong(&rt->owner, &none, me)) {
    rt->denied = false;
    rt->deadline = rt->time_limit > 0 ? mlpi_now() + rt->time_limit : 0;
    rt->theirs = uselocale(rt->plain);
    return MLP_OK;
  }
  *inside = none == me;
  return *inside ? MLP_OK : MLP_EBUSY;
}

mlp_Status mlpi_leave_any (mlp_Runtime *rt, bool inside, mlp_Status status) {
  if (status == MLP_ENOMEM && rt->denied) status = MLP_ELIMITMEM;
  if (inside) return status;
  uselocale(rt->theirs);
  rt->deadline = 0;
  atomic_store(&rt->owner, 0);
  if (rt->destroyed && (rt->close != NULL || rt->memory == 0)) end(rt);
  return status;
}

locale_t mlpi_host_locale (mlp_Runtime *rt) {
  const bool ours = atomic_load(&rt->owner) == (uintptr_t)pthread_self();
  return uselocale(ours ? rt->theirs : (locale_t)0); /* 0 changes nothing */
}

void mlpi_our_locale (locale_t ours) { uselocale(ours); }

mlp_Status mlpi_enter (mlp_Runtime *rt) {
  bool inside;
  mlp_Status s = mlpi_enter_any(rt, &inside);
  if (s != MLP_OK || !inside) return s;
  return mlpi_error(rt, MLP_EREENTRANT,
                    "expected a call from outside, got one from inside a "
                    "callback; only tensors may be used there");
}

mlp_Status mlpi_leave (mlp_Runtime *rt, mlp_Status status) {
  return mlpi_leave_any(rt, false, status);
}

const char *mlp_last_error (const mlp_Runtime *rt) {
  return rt == NULL ? "expected a runtime, got NULL" : rt->error;
}

size_t mlp_memory_used (const mlp_Runtime *rt) {
  return rt == NULL ? 0 : rt->memory;
}

mlp_Status mlp_fail (mlp_Runtime *rt, mlp_Status status, const char *message) {
  bool inside;
  mlp_Status s = mlpi_enter_any(rt, &inside);
  if (s != MLP_OK) return s;
  if (message != NULL) mlpi_error(rt, status, "%s", message);
  return mlpi_leave_any(rt, inside, status);
}

/*
** Cancel, progress
*/

void mlp_cancel (mlp_Runtime *rt) {
  if (rt != NULL) atomic_store(&rt->cancelled, MLP_ECANCELLED);
}

void mlp_reset (mlp_Runtime *rt) {
  if (rt != NULL) atomic_store(&rt->cancelled, 0);
}

double mlpi_now (void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

mlp_Status mlpi_check_cancel (mlp_Runtime *rt) {
  if (!mlpi_stopped(rt)) return MLP_OK;
  if (atomic_load(&rt->cancelled) != MLP_ELIMITTIME)
    return mlpi_error(rt, MLP_ECANCELLED, "interrupted");
  return mlpi_error(rt, MLP_ELIMITTIME, "the time limit of %g s is over",
                    rt->time_limit);
}

/* Each store makes the odd turn before it visible to whoever sees it. */
void mlpi_set_progress (mlp_Runtime *rt, const mlp_Progress *p) {
  const memory_order release = memory_order_release;
  mlpi_Progress *to = &rt->progress;
  unsigned turn = atomic_load_explicit(&to->turn, memory_order_relaxed);
  atomic_store_explicit(&to->turn, turn + 1, memory_order_relaxed);
  atomic_store_explicit(&to->epoch, p->epoch, release);
  atomic_store_explicit(&to->epochs, p->epochs, release);
  atomic_store_explicit(&to->batch, p->batch, release);
  atomic_store_explicit(&to->batches, p->batches, release);
  atomic_store_explicit(&to->loss, p->loss, release);
  atomic_store_explicit(&to->turn, turn + 2, release);
}

static bool read_progress (const mlpi_Progress *from, mlp_Progress *p) {
  const memory_order acquire = memory_order_acquire;
  unsigned turn = atomic_load_explicit(&from->turn, acquire);
  p->epoch = atomic_load_explicit(&from->epoch, acquire);
  p->epochs = atomic_load_explicit(&from->epochs, acquire);
  p->batch = atomic_load_explicit(&from->batch, acquire);
  p->batches = atomic_load_explicit(&from->batches, acquire);
  p->loss = atomic_load_explicit(&from->loss, acquire);
  return turn % 2 == 0 && atomic_load_explicit(&from->turn, acquire) == turn;
}

mlp_Status mlp_progress (const mlp_Runtime *rt, mlp_Progress *progress) {
  mlp_Progress p = { .struct_size = sizeof p };
  if (rt == NULL || progress == NULL) return MLP_EARG;
  if (progress->struct_size != sizeof p) return MLP_EABI;
  while (!read_progress(&rt->progress, &p)) continue;
  *progress = p;
  return MLP_OK;
}

/*
** Memory
*/

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
  if (rt->memory_limit == 0 ||
      (rt->memory <= rt->memory_limit && more <= rt->memory_limit - rt->memory))
    return true;
  rt->denied = true;
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
  if (nsize <= PTRDIFF_MAX && (nsize <= osize || !injected_failure(rt)))
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
  const locale_t before = uselocale(rt->plain);
  va_list ap;
  va_start(ap, fmt);
  vsnprintf(text, sizeof text, fmt, ap);
  va_end(ap);
  uselocale(before);
  memcpy(rt->error, text, sizeof text);
  rt->path[0] = '\0';
  return status;
}

mlp_Status mlpi_about (mlp_Runtime *rt, const char *path, mlp_Status status) {
  snprintf(rt->path, sizeof rt->path, "%s", path);
  return status;
}

void mlpi_log_text (mlp_Runtime *rt, int level, const char *text, size_t n) {
  if (rt->log == NULL) return;
  const locale_t ours = mlpi_host_locale(rt);
  rt->log(rt->log_ud, level, text, n);
  mlpi_our_locale(ours);
}

void mlpi_log (mlp_Runtime *rt, int level, const char *fmt, ...) {
  char text[1000];
  va_list ap;
  if (rt->log == NULL) return;
  const locale_t before = uselocale(rt->plain);
  va_start(ap, fmt);
  int n = vsnprintf(text, sizeof text, fmt, ap);
  va_end(ap);
  uselocale(before);
  if (n < 0) return;
  mlpi_log_text(rt, level, text, (size_t)n < sizeof text ? (size_t)n : 999);
}
