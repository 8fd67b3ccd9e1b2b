/*
** base.h - level 0: the runtime handle, memory, errors, log, cancel.
*/
#ifndef base_h
#define base_h

#include "mlprun.h"

#include <stdatomic.h>
#include <stdbool.h>

#define MLPI_ERROR_MAX 600 /* bytes of a message, its final NUL included */

typedef struct mlpi_Pool mlpi_Pool;
struct mlpi_Node;

/* The instruction sets a kernel is compiled for, worst first. */
enum { MLPI_BASELINE, MLPI_V3, MLPI_V4, MLPI_ISAS };

#if !defined(MLPI_BUILT) /* how many of them the Makefile builds */
#define MLPI_BUILT MLPI_ISAS
#endif

struct mlp_Runtime {
  mlp_Alloc alloc;
  void *alloc_ud;
  size_t memory, memory_peak, memory_limit; /* bytes; limit 0: none */
  mlp_Log log;
  void *log_ud;
  atomic_int cancelled;
  uint64_t seed;           /* of the run */
  uint32_t ordinal;        /* of the next model */
  uint64_t draws;          /* calls of rand, randn... so far */
  int isa;                 /* MLPI_BASELINE ... */
  int threads;             /* wanted; the pool starts when first needed */
  mlpi_Pool *pool;         /* NULL until then */
  uint64_t nodes;          /* applications recorded so far */
  void *host;              /* of the binding: the Lua state that called last */
  size_t unpaid;           /* bytes that the collector was not told of yet */
  bool grad_disabled;      /* inside no_grad */
  struct mlpi_Node *dying; /* tape nodes waiting to be freed */
  bool freeing;            /* the loop over 'dying' runs already */
  int (*io_fault)(void *ud, const char *call); /* tests: see io.h */
  void *io_fault_ud;
  long fail_at; /* tests: the n-th allocation from now fails; 0: none */
  bool fail_on; /* tests: and so do all that follow */
  char error[MLPI_ERROR_MAX]; /* inline: reporting must not allocate */
  char path[MLPI_ERROR_MAX];  /* of the file that it is about, or "" */
};

/* Memory. NULL means failure, with the message set. 'n' may be 0. */
void *mlpi_alloc (mlp_Runtime *rt, size_t n);
void *mlpi_calloc (mlp_Runtime *rt, size_t count, size_t size); /* zeroed */
void *mlpi_realloc (mlp_Runtime *rt, void *p, size_t osize, size_t nsize);
void mlpi_free (mlp_Runtime *rt, void *p, size_t n);
char *mlpi_strdup (mlp_Runtime *rt, const char *s); /* free: mlpi_strfree */
void mlpi_strfree (mlp_Runtime *rt, char *s);

/* *out = a * b; false where that overflows. */
static inline bool mlpi_mul (size_t a, size_t b, size_t *out) {
  return !__builtin_mul_overflow(a, b, out);
}

/*
** Record the reason and hand back 'status', so that callers can return it.
** The template: "<function>: [argument <n> '<name>':] expected <what>, got
** <what>[; <hint>]". See docs/design.md.
*/
mlp_Status mlpi_error (mlp_Runtime *rt, mlp_Status status, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Say that the error just recorded is about a file; hands 'status' back. */
mlp_Status mlpi_about (mlp_Runtime *rt, const char *path, mlp_Status status);

void mlpi_log (mlp_Runtime *rt, int level, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static inline bool mlpi_cancelled (const mlp_Runtime *rt) {
  return atomic_load_explicit(&rt->cancelled, memory_order_relaxed) != 0;
}

/* MLP_OK, or MLP_ECANCELLED with its message. */
mlp_Status mlpi_check_cancel (mlp_Runtime *rt);

#endif
