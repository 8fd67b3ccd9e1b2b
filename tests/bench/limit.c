/*
** limit.c - the time of a workload's bare matrix products, as a contestant of
** bench.lua: forward, dW, and dX but for the first layer. Argument: "ours", or
** "openblas" (OPENBLAS_CORETYPE and OPENBLAS_NUM_THREADS say how); then the
** number of threads.
*/
#include "base/memory.h"
#include "kernels_variant.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { WIDTHS = 64 };

typedef void (*Sgemm)(int order, int ta, int tb, int m, int n, int k,
                      float alpha, const float *a, int lda, const float *b,
                      int ldb, float beta, float *c, int ldc);

/* Who multiplies: OpenBLAS, or where sgemm is NULL we. */
typedef struct Who {
  mlp_Runtime *rt;
  const Kernels *f;
  Sgemm sgemm;
  void *scratch;
} Who;

/* C (m, n) = op(A) op(B); 'T': stored transposed. */
static void multiply (const Who *w, char ta, char tb, int m, int n, int k,
                      const float *a, const float *b, float *c) {
  const int lda = ta == 'T' ? m : k, ldb = tb == 'T' ? k : n;
  if (w->sgemm)
    w->sgemm(101, ta == 'T' ? 112 : 111, tb == 'T' ? 112 : 111, m, n, k, 1, a,
             lda, b, ldb, 0, c, n);
  else
    w->f->gemm(w->rt, (size_t)m, (size_t)n, (size_t)k, a, ta == 'T' ? 1 : lda,
               ta == 'T' ? lda : 1, b, tb == 'T' ? 1 : ldb, tb == 'T' ? ldb : 1,
               c, n, w->scratch);
}

typedef struct Net {
  int rows, layers, width[WIDTHS];
  float *act[WIDTHS], *grad[WIDTHS]; /* of layer i's output; act[0] = x */
  float *w[WIDTHS], *dw[WIDTHS];     /* of layer i, from 1 */
} Net;

static float *numbers (size_t n) {
  float *x = aligned_alloc(64, (n * sizeof *x + 127) / 64 * 64);
  if (x == NULL) exit(1);
  mlpi_ask_large_pages(x, n * sizeof *x); /* as all of ours does */
  for (size_t i = 0; i < n; i++)
    x[i] = (float)(i * 2654435761u % 1000) / 999 - 0.5f;
  return x;
}

static void make_net (Net *t, const char *widths, int rows) {
  t->rows = rows;
  t->layers = -1;
  for (char *end; *widths != '\0'; widths = *end == ',' ? end + 1 : end)
    t->width[++t->layers] = (int)strtol(widths, &end, 10);
  for (int i = 0; i <= t->layers; i++) {
    const size_t n = (size_t)rows * (size_t)t->width[i];
    t->act[i] = numbers(n);
    t->grad[i] = numbers(n);
    if (i == 0) continue;
    const size_t m = (size_t)t->width[i - 1] * (size_t)t->width[i];
    t->w[i] = numbers(m);
    t->dw[i] = numbers(m);
  }
}

static void free_net (Net *t) {
  for (int i = 0; i <= t->layers; i++) {
    free(t->act[i]), free(t->grad[i]);
    if (i > 0) free(t->w[i]), free(t->dw[i]);
  }
}

static void forward (const Who *w, const Net *t) {
  for (int i = 1; i <= t->layers; i++)
    multiply(w, 'N', 'N', t->rows, t->width[i], t->width[i - 1], t->act[i - 1],
             t->w[i], t->act[i]);
}

static void backward (const Who *w, const Net *t) {
  for (int i = t->layers; i > 0; i--) {
    multiply(w, 'T', 'N', t->width[i - 1], t->width[i], t->rows, t->act[i - 1],
             t->grad[i], t->dw[i]);
    if (i > 1)
      multiply(w, 'N', 'T', t->rows, t->width[i - 1], t->width[i], t->grad[i],
               t->w[i], t->grad[i - 1]);
  }
}

static double now (void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Seconds of one step, over 'times' of them. */
static double step (const Who *w, const Net *t, bool training, int times) {
  double start = now();
  for (int i = 0; i < times; i++) {
    forward(w, t);
    if (training) backward(w, t);
  }
  return (now() - start) / times;
}

static double flops (const Net *t) {
  double n = 0;
  for (int i = 1; i <= t->layers; i++)
    n += 6.0 * t->rows * t->width[i] * t->width[i - 1];
  return n;
}

static void answer (const Who *w, const char *line) {
  char kind[16], widths[256];
  int batch;
  Net t;
  if (sscanf(line, "%*s %15s %255s %*s %*s %d", kind, widths, &batch) != 3 ||
      strcmp(kind, "other") == 0) {
    puts("-");
    return;
  }
  make_net(&t, widths, batch);
  const bool training = strcmp(kind, "train") == 0;
  step(w, &t, training, 1);
  printf("%.6g\n", 1e6 * step(w, &t, training, 1 + (int)(1e9 / flops(&t))));
  free_net(&t);
}

int main (int argc, char **argv) {
  char line[1024];
  mlp_Config config;
  Who w = { .scratch = aligned_alloc(64, 64 << 20) };
  mlp_config_init(&config);
  config.threads = argc > 2 ? atoi(argv[2]) : 1;
  if (w.scratch == NULL || mlp_create(&config, &w.rt) != MLP_OK) return 2;
  w.f = kernels_of(w.rt->isa);
  if (argc > 1 && strcmp(argv[1], "openblas") == 0) {
    void *lib = dlopen("libopenblas.so.0", RTLD_NOW);
    if (lib) *(void **)&w.sgemm = dlsym(lib, "cblas_sgemm");
    if (w.sgemm == NULL) return 2;
  }
  while (fgets(line, sizeof line, stdin) != NULL) {
    answer(&w, line);
    fflush(stdout);
  }
  mlp_destroy(w.rt);
  free(w.scratch);
  return 0;
}
