/*
** pool.c - worker threads that spin briefly, then sleep.
** Hand-over to a spinning worker costs well under a microsecond, through the
** condition variable tens of them. Nobody waits for a worker that has taken no
** tile: where other programs hold its processor, the caller does the work.
*/
#include "base/pool.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

enum {
  SPINS = 4000, /* some tens of microseconds */
  RANGES = 8,
  LINE = 64 /* bytes that processors pass to each other at once */
};

/*
** A job's tiles lie in ranges, one for each thread or shared by some: who has
** done its own helps with the others. So a thread works on the same part of
** memory in one job after another, and finds it in its cache.
**
** The ticket: the number of the job, from 1, in the high half; in the low half
** the next tile to hand out. Who takes a tile has read the job's fields before
** and moves the ticket on by compare-and-swap, which fails where that job is
** over: so the fields may change as soon as all tiles of a job are done.
*/
typedef struct Range {
  atomic_uint_least64_t ticket;
  char apart[LINE - sizeof(uint64_t)];
} Range;

struct mlpi_Pool {
  mlp_Runtime *rt;
  pthread_mutex_t lock;
  pthread_cond_t wake;
  _Atomic(mlpi_Tile) f;
  _Atomic(void *) ud;
  atomic_uint_least32_t tiles;
  atomic_uint_least32_t job; /* the number of the last one */
  atomic_int sleepers, started;
  atomic_bool stop;
  int workers, spins, ranges;
  char apart[LINE];
  atomic_size_t left; /* tiles of the job that are not done */
  char apart_too[LINE];
  Range range[RANGES];
  pthread_t thread[];
};

enum { CLOSED = UINT32_MAX }; /* in place of a tile: there is none */

static uint64_t ticket_of (uint32_t job, uint32_t tile) {
  return (uint64_t)job << 32 | tile;
}

/* The first tile of a range. */
static uint32_t begin_of (const mlpi_Pool *p, int range, uint32_t tiles) {
  return (uint32_t)((uint64_t)range * tiles / (uint64_t)p->ranges);
}

static void relax (void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#else
  atomic_signal_fence(memory_order_seq_cst);
#endif
}

/* Take tiles of that range of the job that runs, until there are none. */
static void work_range (mlpi_Pool *p, int range) {
  atomic_uint_least64_t *ticket = &p->range[range].ticket;
  uint64_t t = atomic_load(ticket);
  for (;;) {
    const uint32_t tile = (uint32_t)t;
    const mlpi_Tile f = atomic_load_explicit(&p->f, memory_order_acquire);
    void *ud = atomic_load_explicit(&p->ud, memory_order_acquire);
    const uint32_t tiles =
        atomic_load_explicit(&p->tiles, memory_order_acquire);
    if (tile >= begin_of(p, range + 1, tiles)) return;
    if (!atomic_compare_exchange_weak(ticket, &t, t + 1)) continue;
    if (!mlpi_aborted(p->rt)) f(ud, tile);
    atomic_fetch_sub_explicit(&p->left, 1, memory_order_release);
    t = atomic_load(ticket);
  }
}

/* All ranges, from the thread's own on. */
static void work (mlpi_Pool *p, int thread) {
  for (int i = 0; i < p->ranges; i++) work_range(p, (thread + i) % p->ranges);
}

static bool is_news (mlpi_Pool *p, uint32_t seen) {
  return atomic_load(&p->job) != seen;
}

/* Wait until the job's number is not 'seen' any more. */
static void wait_job (mlpi_Pool *p, uint32_t seen) {
  for (int i = 0; i < p->spins; i++) {
    if (is_news(p, seen)) return;
    relax();
  }
  pthread_mutex_lock(&p->lock);
  atomic_fetch_add(&p->sleepers, 1);
  while (!is_news(p, seen)) pthread_cond_wait(&p->wake, &p->lock);
  atomic_fetch_sub(&p->sleepers, 1);
  pthread_mutex_unlock(&p->lock);
}

static void *worker (void *arg) {
  mlpi_Pool *p = arg;
  const int thread = atomic_fetch_add(&p->started, 1) + 1; /* 0: the caller */
  for (uint32_t seen = 0;;) {
    wait_job(p, seen);
    if (atomic_load(&p->stop)) return NULL;
    seen = atomic_load(&p->job);
    work(p, thread);
  }
}

/* The next job; its fields are written while all tickets are closed. */
static void announce (mlpi_Pool *p, mlpi_Tile f, void *ud, uint32_t tiles) {
  const uint32_t job = atomic_load(&p->job) + 1;
  for (int i = 0; i < p->ranges; i++)
    atomic_exchange(&p->range[i].ticket, ticket_of(job - 1, CLOSED));
  atomic_store_explicit(&p->f, f, memory_order_release);
  atomic_store_explicit(&p->ud, ud, memory_order_release);
  atomic_store_explicit(&p->tiles, tiles, memory_order_release);
  atomic_store_explicit(&p->left, tiles, memory_order_release);
  for (int i = 0; i < p->ranges; i++)
    atomic_store(&p->range[i].ticket, ticket_of(job, begin_of(p, i, tiles)));
  atomic_store(&p->job, job);
  if (atomic_load(&p->sleepers) > 0) {
    pthread_mutex_lock(&p->lock);
    pthread_cond_broadcast(&p->wake);
    pthread_mutex_unlock(&p->lock);
  }
}

/* Start the threads; where the system refuses one, go on with fewer. They
** leave all signals to those of the host. */
static void start_workers (mlpi_Pool *p, int want) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  while (p->workers < want &&
         pthread_create(&p->thread[p->workers], NULL, worker, p) == 0)
    p->workers++;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static void start (mlp_Runtime *rt) {
  int want = rt->threads - 1;
  size_t bytes = sizeof(mlpi_Pool) + (size_t)want * sizeof(pthread_t);
  mlpi_Pool *p = rt->alloc(rt->alloc_ud, NULL, 0, bytes);
  if (p == NULL) return;
  memset(p, 0, sizeof *p);
  p->rt = rt;
  long cores = sysconf(_SC_NPROCESSORS_ONLN);
  p->spins = rt->threads <= cores ? SPINS : 0;
  p->ranges = rt->threads < RANGES ? rt->threads : RANGES;
  pthread_mutex_init(&p->lock, NULL);
  pthread_cond_init(&p->wake, NULL);
  start_workers(p, want);
  rt->pool = p;
}

void mlpi_pool_stop (mlp_Runtime *rt) {
  mlpi_Pool *p = rt->pool;
  if (p == NULL) return;
  atomic_store(&p->stop, true);
  announce(p, NULL, NULL, 0);
  for (int i = 0; i < p->workers; i++) pthread_join(p->thread[i], NULL);
  pthread_cond_destroy(&p->wake);
  pthread_mutex_destroy(&p->lock);
  size_t bytes = sizeof *p + (size_t)(rt->threads - 1) * sizeof(pthread_t);
  rt->alloc(rt->alloc_ud, p, bytes, 0);
  rt->pool = NULL;
}

void mlpi_set_threads (mlp_Runtime *rt, int threads) {
  mlpi_pool_stop(rt);
  rt->threads = threads < 1 ? 1 : threads;
}

void mlpi_parallel (mlp_Runtime *rt, size_t tiles, mlpi_Tile f, void *ud) {
  if (rt->threads > 1 && tiles > 1 && rt->pool == NULL) start(rt);
  mlpi_Pool *p = rt->pool;
  if (p == NULL || p->workers == 0 || tiles < 2 || tiles >= CLOSED) {
    for (size_t i = 0; i < tiles && !mlpi_aborted(rt); i++) f(ud, i);
    return;
  }
  announce(p, f, ud, (uint32_t)tiles);
  work(p, 0);
  for (int i = 0; atomic_load_explicit(&p->left, memory_order_acquire) > 0; i++)
    if (i < p->spins)
      relax();
    else
      sched_yield();
}
