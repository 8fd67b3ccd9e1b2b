/*
** base.h - level 0: the runtime handle, memory, errors, log, cancel.
*/
#ifndef base_h
#define base_h

#include "mlprun.h"

#include <locale.h>
#include <stdatomic.h>
#include <stdbool.h>

#define MLPI_ERROR_MAX 600 /* bytes of a message, its final NUL included */

typedef struct mlpi_Pool mlpi_Pool;

/* What mlp_progress reads while another thread writes: 'turn' is odd in
** between, and the reader tries again. */
typedef struct mlpi_Progress {
  atomic_uint turn;
  atomic_uint_least64_t epoch, epochs, batch, batches;
  _Atomic double loss;
} mlpi_Progress;

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
  atomic_int cancelled; /* 0, MLP_ECANCELLED or MLP_ELIMITTIME */
  bool abortable;       /* tiles may be left out once cancelled */
  double time_limit;    /* seconds for one call of the host's; 0: none */
  double deadline;      /* of the call that runs; 0: none */
  unsigned flags;       /* of mlp_Config */
  mlpi_Progress progress;
  locale_t plain;         /* "C", that of our texts and numbers... */
  locale_t theirs;        /* ...and that of the host, while a call runs */
  atomic_uintptr_t owner; /* the thread whose call runs; 0: none */
  bool denied;            /* the memory limit refused something */
  bool destroyed;         /* waits for what the host still holds */
  bool hosted;            /* the Lua state is ours, inside a host */
  void *state;            /* of the host's scripts, freed by 'close' */
  void (*close)(mlp_Runtime *rt);
  uint64_t seed;           /* of the run */
  uint32_t ordinal;        /* of the next model */
  uint64_t draws;          /* calls of rand, randn... so far */
  int isa;                 /* MLPI_BASELINE ... */
  int threads;             /* wanted; the pool starts when first needed */
  mlpi_Pool *pool;         /* NULL until then */
  uint64_t nodes;          /* applications recorded so far */
  uint64_t freezes;        /* how often a layer was frozen, thawed or set */
  bool training;           /* the pass of a layer that is written outside, */
  uint64_t step;           /* for the layers that it is made of */
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

/* The n bytes at 'text' to the log, as they are. */
void mlpi_log_text (mlp_Runtime *rt, int level, const char *text, size_t n);

double mlpi_now (void); /* seconds of a clock that only goes forward */

static inline bool mlpi_cancelled (const mlp_Runtime *rt) {
  return atomic_load_explicit(&rt->cancelled, memory_order_relaxed) != 0;
}

/* The same, and a deadline that is over cancels. Any thread of the pool. */
static inline bool mlpi_stopped (mlp_Runtime *rt) {
  if (mlpi_cancelled(rt)) return true;
  if (rt->deadline == 0 || mlpi_now() < rt->deadline) return false;
  atomic_store(&rt->cancelled, MLP_ELIMITTIME);
  return true;
}

/*
** Long work that may be left unfinished: what it computes is garbage then, so
** whoever lets it be, by 'abortable', looks at mlpi_check_cancel afterwards.
*/
static inline bool mlpi_aborted (mlp_Runtime *rt) {
  return rt->abortable && mlpi_stopped(rt);
}

enum { MLPI_LOOK = 1 << 16 }; /* numbers drawn between two looks */

/* MLP_OK, or MLP_ECANCELLED or MLP_ELIMITTIME with their message. */
mlp_Status mlpi_check_cancel (mlp_Runtime *rt);

/*
** The border to the host. A call begins with mlpi_enter: MLP_EARG for NULL,
** MLP_EBUSY while another thread's call runs, MLP_EREENTRANT inside a callback
** of one. It ends with mlpi_leave, which hands back its status, or
** MLP_ELIMITMEM where memory ran out by the limit.
*/
mlp_Status mlpi_enter (mlp_Runtime *rt);
mlp_Status mlpi_leave (mlp_Runtime *rt, mlp_Status status);

/*
** While a call runs, its thread has the locale "C": a comma as the host's
** decimal point is in no text, number or file of ours, and no order of words
** is the host's. Around its callbacks it has its own again:
**   locale_t ours = mlpi_host_locale(rt); ...; mlpi_our_locale(ours);
*/
locale_t mlpi_host_locale (mlp_Runtime *rt);
void mlpi_our_locale (locale_t ours);

/* The same for calls that callbacks may make, too: *inside says if so. */
mlp_Status mlpi_enter_any (mlp_Runtime *rt, bool *inside);
mlp_Status mlpi_leave_any (mlp_Runtime *rt, bool inside, mlp_Status status);

/* Publish where training is; epochs 0: not known. */
void mlpi_set_progress (mlp_Runtime *rt, const mlp_Progress *p);

#endif
