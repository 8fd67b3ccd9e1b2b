/*
** pool_test.c - every tile of every job runs once, whoever takes it, and a job
** is over when mlpi_parallel returns: what it worked on may go.
*/
#include "base/pool.h"

#include <stdio.h>
#include <string.h>

enum { JOBS = 20000, MOST = 40 };

typedef struct Job {
  atomic_int runs[MOST];
  atomic_int sum;
} Job;

static void count (void *ud, size_t tile) {
  Job *j = ud;
  atomic_fetch_add(&j->runs[tile], 1);
  atomic_fetch_add(&j->sum, (int)tile + 1);
}

/* The job lies on the stack, and is wiped when it is over. */
static bool one_job (mlp_Runtime *rt, size_t tiles) {
  Job j;
  memset(&j, 0, sizeof j);
  mlpi_parallel(rt, tiles, count, &j);
  bool good = atomic_load(&j.sum) == (int)(tiles * (tiles + 1) / 2);
  for (size_t i = 0; i < MOST; i++)
    good &= atomic_load(&j.runs[i]) == (i < tiles);
  memset(&j, 0xff, sizeof j);
  return good;
}

/* Jobs in a row; with more threads than processors some always come late. */
static bool many_jobs (int threads) {
  mlp_Config config;
  mlp_Runtime *rt;
  bool good = true;
  mlp_config_init(&config);
  config.threads = threads;
  if (mlp_create(&config, &rt) != MLP_OK) return false;
  for (size_t i = 0; i < JOBS; i++) good &= one_job(rt, i % (MOST + 1));
  mlp_destroy(rt);
  return good;
}

int main (void) {
  static const int threads[] = { 1, 2, 3, 8 };
  int passed = 0, failed = 0;
  for (size_t i = 0; i < sizeof threads / sizeof *threads; i++)
    many_jobs(threads[i]) ? passed++ : failed++;
  printf("pool: %d passed, %d failed\n", passed, failed);
  return failed > 0;
}
