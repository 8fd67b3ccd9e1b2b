/*
** kernels.c - speed of products, sums and functions on one core.
** OpenBLAS, where it can be loaded, is the yard-stick. Each number is the
** best of several rounds of processor time, taken in turn, so that a busy
** neighbour hurts all
** alike. Argument: "baseline", "v3" or "v4".
*/
#include "kernels_variant.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ROUNDS = 15 };

typedef void (*CblasFn)(int order, int ta, int tb, int m, int n, int k,
                        float alpha, const float *a, int lda, const float *b,
                        int ldb, float beta, float *c, int ldc);

typedef struct Shape {
  int m, n, k;
  char a, b; /* 'N', or 'T' where the matrix is stored transposed */
  const char *where;
} Shape;

static const Shape shapes[] = {
  { 32, 16, 16, 'N', 'N', "W1 forward" },
  { 16, 16, 32, 'T', 'N', "W1 dW" },
  { 32, 16, 16, 'N', 'T', "W1 dX" },
  { 32, 2, 16, 'N', 'N', "W1 output" },
  { 16, 2, 32, 'T', 'N', "W1 output dW" },
  { 32, 16, 2, 'N', 'T', "W1 output dX" },
  { 32, 32, 32, 'N', 'N', "W2 forward" },
  { 32, 32, 32, 'T', 'N', "W2 dW" },
  { 32, 32, 32, 'N', 'T', "W2 dX" },
  { 32, 128, 784, 'N', 'N', "W3 forward" },
  { 784, 128, 32, 'T', 'N', "W3 dW" },
  { 32, 10, 128, 'N', 'N', "W3 output" },
  { 128, 10, 32, 'T', 'N', "W3 output dW" },
  { 32, 128, 10, 'N', 'T', "W3 output dX" },
  { 128, 512, 784, 'N', 'N', "W4 forward" },
  { 784, 512, 128, 'T', 'N', "W4 dW" },
  { 128, 512, 512, 'N', 'N', "W4 forward" },
  { 512, 512, 128, 'T', 'N', "W4 dW" },
  { 128, 512, 512, 'N', 'T', "W4 dX" },
  { 128, 10, 512, 'N', 'N', "W4 output" },
  { 256, 2048, 2048, 'N', 'N', "W5 forward" },
  { 256, 2048, 2048, 'N', 'T', "W5 dX" },
  { 2048, 2048, 256, 'T', 'N', "W5 dW" },
  { 1, 128, 784, 'N', 'N', "one row" },
  { 1, 128, 784, 'N', 'T', "one row" },
  { 10000, 128, 784, 'N', 'N', "10,000 rows" },
  { 32, 1, 32, 'N', 'N', "one column" },
  { 0 },
};

static double now (void) {
  struct timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static float *numbers (size_t n) {
  float *x = aligned_alloc(64, (n * sizeof *x + 63) / 64 * 64);
  for (size_t i = 0; i < n; i++) x[i] = (float)(i * 2654435761u % 1000) / 999;
  return x;
}

typedef struct Job {
  const Shape *s;
  const Kernels *f;
  CblasFn blas; /* NULL: ours */
  mlp_Runtime *rt;
  float *a, *b, *c;
  void *scratch;
} Job;

static void multiply (const Job *j) {
  const Shape *s = j->s;
  const bool ta = s->a == 'T', tb = s->b == 'T';
  const int lda = ta ? s->m : s->k, ldb = tb ? s->k : s->n;
  if (j->blas)
    j->blas(101, ta ? 112 : 111, tb ? 112 : 111, s->m, s->n, s->k, 1, j->a, lda,
            j->b, ldb, 0, j->c, s->n);
  else
    j->f->gemm(j->rt, (size_t)s->m, (size_t)s->n, (size_t)s->k, j->a,
               ta ? 1 : lda, ta ? lda : 1, j->b, tb ? 1 : ldb, tb ? ldb : 1,
               j->c, s->n, j->scratch);
}

/* Seconds of one call, over a few milliseconds of them. */
static double time_of (const Job *j, int calls) {
  double start = now();
  for (int i = 0; i < calls; i++) multiply(j);
  return (now() - start) / calls;
}

static size_t scratch_of (const Kernels *f, const Shape *s) {
  const bool ta = s->a == 'T', tb = s->b == 'T';
  return f->scratch((size_t)s->m, (size_t)s->n, (size_t)s->k, ta ? 1 : s->k,
                    ta ? s->m : 1, tb ? 1 : s->n, tb ? s->k : 1);
}

static void bench_product (mlp_Runtime *rt, const Kernels *f, CblasFn blas,
                           const Shape *s) {
  Job ours = { s,
               f,
               NULL,
               rt,
               numbers((size_t)s->m * (size_t)s->k),
               numbers((size_t)s->k * (size_t)s->n),
               numbers((size_t)s->m * (size_t)s->n),
               aligned_alloc(64, (scratch_of(f, s) + 127) / 64 * 64) };
  Job theirs = ours;
  const double flop = 2.0 * s->m * s->n * s->k;
  const int calls = (int)(3e7 / flop) + 1;
  double best[2] = { 1e9, 1e9 };
  theirs.blas = blas;
  for (int i = 0; i < ROUNDS; i++) {
    double t = time_of(&ours, calls);
    best[0] = t < best[0] ? t : best[0];
    t = blas ? time_of(&theirs, calls) : 1e9;
    best[1] = t < best[1] ? t : best[1];
  }
  printf("%5d x %4d x %4d %c%c %10.3f us %7.1f", s->m, s->n, s->k, s->a, s->b,
         best[0] * 1e6, flop / best[0] * 1e-9);
  if (blas) printf(" %7.1f %6.2f", flop / best[1] * 1e-9, best[1] / best[0]);
  printf("  %s\n", s->where);
  free(ours.a), free(ours.b), free(ours.c), free(ours.scratch);
}

static void bench_products (mlp_Runtime *rt, const Kernels *f) {
  void *lib = dlopen("libopenblas.so.0", RTLD_NOW);
  CblasFn blas = NULL;
  if (lib) *(void **)&blas = dlsym(lib, "cblas_sgemm");
  printf("    m      n      k        ours   GFLOP/s %s\n",
         blas ? "OpenBLAS ratio" : "(no OpenBLAS)");
  for (const Shape *s = shapes; s->m > 0; s++) bench_product(rt, f, blas, s);
}

static void bench_sums (mlp_Runtime *rt, const Kernels *f) {
  static const size_t rows[] = { 32, 2048, 60000 };
  for (int i = 0; i < 3; i++) {
    const size_t cols = 128, n = rows[i] * cols;
    float *x = numbers(n), out[128], best[3] = { 1e9f, 1e9f, 1e9f };
    volatile float sink;
    const int calls = (int)(20000000 / n) + 1;
    for (int r = 0; r < ROUNDS; r++) {
      double t[4] = { now() };
      for (int c = 0; c < calls; c++) sink = f->sum(n, x, 1);
      t[1] = now();
      for (int c = 0; c < calls; c++) sink = f->dot(n, x, x);
      t[2] = now();
      for (int c = 0; c < calls; c++)
        f->sum_rows(rt, rows[i], cols, x, (ptrdiff_t)cols, out);
      t[3] = now();
      for (int k = 0; k < 3; k++) {
        float ns = (float)((t[k + 1] - t[k]) / calls / (double)n * 1e9);
        best[k] = ns < best[k] ? ns : best[k];
      }
    }
    (void)sink;
    printf("%zu terms, ns a term: sum %.3f, dot %.3f, sum_rows %.3f\n", n,
           best[0], best[1], best[2]);
    free(x);
  }
}

static void bench_functions (const Kernels *f) {
  enum { N = 1024 };
  float *x = numbers(N), *y = numbers(N), *out = numbers(N);
  for (const Function *g = f->functions; g->name != NULL; g++) {
    double best = 1e9;
    for (int r = 0; r < ROUNDS; r++) {
      double start = now();
      for (int c = 0; c < 500; c++) g->loop(N, x, y, out);
      double t = (now() - start) / 500;
      best = t < best ? t : best;
    }
    printf("%-10s %.3f ns a value\n", g->name, best / N * 1e9);
  }
  free(x), free(y), free(out);
}

int main (int argc, char **argv) {
  mlp_Config config;
  mlp_Runtime *rt;
  mlp_config_init(&config);
  config.isa = argc > 1 ? argv[1] : NULL;
  if (mlp_create(&config, &rt) != MLP_OK) return 2;
  const Kernels *f = kernels_of(rt->isa);
  bench_products(rt, f);
  bench_sums(rt, f);
  bench_functions(f);
  mlp_destroy(rt);
  return 0;
}
