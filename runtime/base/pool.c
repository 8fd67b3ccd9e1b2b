/*
** pool.c - worker threads that spin briefly, then sleep.
** Hand-over to a spinning worker costs well under a microsecond, through the
** condition variable tens of them.
*/
#include "base/pool.h"

#include <pthread.h>
#include <sched.h>
#include <unistd.h>

enum { SPINS = 4000 }; /* some tens of microseconds */

struct mlpi_Pool {
  mlp_Runtime *rt;
  pthread_mutex_t lock;
  pthread_cond_t wake;
  mlpi_Tile f;
  void *ud;
  size_t tiles;
  atomic_size_t next; /* tile to hand out */
  atomic_uint job;    /* number of the job; odd while closed */
  atomic_int busy;    /* workers that have not finished the job */
  atomic_int sleepers;
  atomic_bool stop;
  int workers, spins;
  pthread_t thread[];
};

static void relax (void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#else
  atomic_signal_fence(memory_order_seq_cst);
#endif
}

static void work (mlpi_Pool *p) {
  size_t i;
  while ((i = atomic_fetch_add(&p->next, 1)) < p->tiles && !mlpi_aborted(p->rt))
    p->f(p->ud, i);
}

/* Wait until the job's number is not 'seen' any more. */
static void wait_job (mlpi_Pool *p, unsigned seen) {
  for (int i = 0; i < p->spins; i++) {
    if (atomic_load_explicit(&p->job, memory_order_acquire) != seen) return;
    relax();
  }
  pthread_mutex_lock(&p->lock);
  atomic_fetch_add(&p->sleepers, 1);
  while (atomic_load(&p->job) == seen) pthread_cond_wait(&p->wake, &p->lock);
  atomic_fetch_sub(&p->sleepers, 1);
  pthread_mutex_unlock(&p->lock);
}

static void *worker (void *arg) {
  mlpi_Pool *p = arg;
  unsigned seen = 0;
  for (;;) {
    wait_job(p, seen);
    seen = atomic_load(&p->job);
    if (atomic_load(&p->stop)) return NULL;
    work(p);
    atomic_fetch_sub_explicit(&p->busy, 1, memory_order_release);
  }
}

static void announce (mlpi_Pool *p) {
  atomic_fetch_add(&p->job, 1);
  if (atomic_load(&p->sleepers) > 0) {
    pthread_mutex_lock(&p->lock);
    pthread_cond_broadcast(&p->wake);
    pthread_mutex_unlock(&p->lock);
  }
}

/* Start the threads; where the system refuses one, go on with fewer. */
static void start (mlp_Runtime *rt) {
  int want = rt->threads - 1;
  size_t bytes = sizeof(mlpi_Pool) + (size_t)want * sizeof(pthread_t);
  mlpi_Pool *p = rt->alloc(rt->alloc_ud, NULL, 0, bytes);
  if (p == NULL) return;
  *p = (mlpi_Pool){ .rt = rt };
  long cores = sysconf(_SC_NPROCESSORS_ONLN);
  p->spins = rt->threads <= cores ? SPINS : 0;
  pthread_mutex_init(&p->lock, NULL);
  pthread_cond_init(&p->wake, NULL);
  while (p->workers < want &&
         pthread_create(&p->thread[p->workers], NULL, worker, p) == 0)
    p->workers++;
  rt->pool = p;
}

void mlpi_pool_stop (mlp_Runtime *rt) {
  mlpi_Pool *p = rt->pool;
  if (p == NULL) return;
  atomic_store(&p->stop, true);
  announce(p);
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
  if (p == NULL || p->workers == 0 || tiles < 2) {
    for (size_t i = 0; i < tiles && !mlpi_aborted(rt); i++) f(ud, i);
    return;
  }
  p->f = f;
  p->ud = ud;
  p->tiles = tiles;
  atomic_store(&p->next, 0);
  atomic_store(&p->busy, p->workers);
  announce(p);
  work(p);
  for (int i = 0; atomic_load_explicit(&p->busy, memory_order_acquire) > 0; i++)
    if (i < p->spins)
      relax();
    else
      sched_yield();
}
