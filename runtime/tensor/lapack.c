/*
** lapack.c - Anderson et al., "LAPACK Users' Guide", 3rd ed. 1999, through the
** Fortran symbols of OpenBLAS.
**
** The library and its number of threads belong to the process, which may hold
** other runtimes and other users of OpenBLAS: 'blas' is the one writable global
** outside host/, under its lock. While somebody of us computes, the number is
** 1; the last one out puts back what was there. The serial flavour may not be
** entered by two threads, so that the lock is held throughout.
*/
#include "tensor/lapack.h"

#include <dlfcn.h>
#include <limits.h>
#include <math.h>
#include <pthread.h>
#include <string.h>

typedef void Geqrf (int *m, int *n, double *a, int *lda, double *tau,
                    double *work, int *lwork, int *info);
typedef void Orgqr (int *m, int *n, int *k, double *a, int *lda, double *tau,
                    double *work, int *lwork, int *info);
typedef void Gesdd (char *job, int *m, int *n, double *a, int *lda, double *s,
                    double *u, int *ldu, double *vt, int *ldvt, double *work,
                    int *lwork, int *iwork, int *info, size_t);
typedef void Syevd (char *job, char *uplo, int *n, double *a, int *lda,
                    double *w, double *work, int *lwork, int *iwork,
                    int *liwork, int *info, size_t, size_t);
typedef void Gelsd (int *m, int *n, int *nrhs, double *a, int *lda, double *b,
                    int *ldb, double *s, double *rcond, int *rank, double *work,
                    int *lwork, int *iwork, int *info);

static struct {
  pthread_mutex_t lock;
  bool tried, found, parallel;
  int users, threads; /* inside now; to put back */
  int (*get_threads)(void);
  void (*set_threads)(int n);
  int (*get_parallel)(void);
  Geqrf *geqrf;
  Orgqr *orgqr;
  Gesdd *gesdd;
  Syevd *syevd;
  Gelsd *gelsd;
} blas = { .lock = PTHREAD_MUTEX_INITIALIZER };

static bool find (void *library) {
  const struct {
    const char *name;
    void *to;
  } wanted[] = {
    { "openblas_get_num_threads", &blas.get_threads },
    { "openblas_set_num_threads", &blas.set_threads },
    { "openblas_get_parallel", &blas.get_parallel },
    { "dgeqrf_", &blas.geqrf },
    { "dorgqr_", &blas.orgqr },
    { "dgesdd_", &blas.gesdd },
    { "dsyevd_", &blas.syevd },
    { "dgelsd_", &blas.gelsd },
  };
  for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
    void *symbol = dlsym(library, wanted[i].name);
    if (symbol == NULL) return false;
    memcpy(wanted[i].to, &symbol, sizeof symbol);
  }
  blas.parallel = blas.get_parallel() != 0;
  return true;
}

/* Under the lock. The library stays loaded: it has threads. */
static bool load (void) {
  static const char *const names[] = { "libopenblas.so.0", "libopenblas.so",
                                       "libopenblas.dylib" };
  for (size_t i = 0; i < sizeof names / sizeof names[0] && !blas.tried; i++) {
    void *library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
    blas.found = library != NULL && find(library);
    blas.tried = blas.found;
  }
  blas.tried = true;
  return blas.found;
}

static mlp_Status enter (mlp_Runtime *rt, const char *who) {
  pthread_mutex_lock(&blas.lock);
  if (!load()) {
    pthread_mutex_unlock(&blas.lock);
    return mlpi_error(rt, MLP_ESTATE,
                      "%s: expected OpenBLAS on this machine, got no "
                      "libopenblas.so.0; install libopenblas0-pthread",
                      who);
  }
  if (blas.users++ == 0) {
    blas.threads = blas.get_threads();
    if (blas.threads != 1) blas.set_threads(1);
  }
  if (blas.parallel) pthread_mutex_unlock(&blas.lock);
  return MLP_OK;
}

static void leave (void) {
  if (blas.parallel) pthread_mutex_lock(&blas.lock);
  if (--blas.users == 0 && blas.threads != 1) blas.set_threads(blas.threads);
  pthread_mutex_unlock(&blas.lock);
}

/* from (rows, cols), row-major, becomes column-major; and back. */
static void to_columns (size_t rows, size_t cols, const double *from,
                        double *to) {
  for (size_t i = 0; i < rows; i++)
    for (size_t j = 0; j < cols; j++) to[j * rows + i] = from[i * cols + j];
}

static void to_rows (size_t rows, size_t cols, const double *from, double *to) {
  to_columns(cols, rows, from, to);
}

/* Room for doubles and ints, freed together. */
typedef struct Room {
  mlp_Runtime *rt;
  size_t bytes;
  double *d;
} Room;

static bool room_new (mlp_Runtime *rt, size_t doubles, Room *room) {
  *room = (Room){ .rt = rt };
  if (!mlpi_mul(doubles, sizeof(double), &room->bytes)) room->bytes = SIZE_MAX;
  room->d = mlpi_alloc(rt, room->bytes);
  return room->d != NULL;
}

static void room_free (Room *room) {
  mlpi_free(room->rt, room->d, room->bytes);
}

static mlp_Status too_large (mlp_Runtime *rt, const char *who) {
  return mlpi_error(rt, MLP_ESHAPE,
                    "%s: expected fewer than 2^31 elements of work", who);
}

/* LAPACK counts in 'int'; its work is a small multiple of the matrix. */
static bool countable (size_t a, size_t b) {
  size_t n;
  return mlpi_mul(a, b, &n) && n < INT_MAX / 16;
}

static mlp_Status verdict (mlp_Runtime *rt, const char *who, int info) {
  if (info == 0) return MLP_OK;
  return mlpi_error(rt, MLP_ENUMERIC,
                    "%s: the iteration did not converge (LAPACK's info %d)",
                    who, info);
}

/* The diagonal of r becomes positive: column j of q and row j of r turn. */
static void settle_qr (size_t m, size_t n, size_t k, double *q, double *r) {
  for (size_t j = 0; j < k; j++) {
    if (!(r[j * n + j] < 0)) continue;
    for (size_t i = 0; i < m; i++) q[i * k + j] = -q[i * k + j];
    for (size_t i = j; i < n; i++) r[j * n + i] = -r[j * n + i];
  }
}

static int call_qr (size_t m, size_t n, size_t k, double *a, double *tau,
                    double *work, int lwork, double *q, double *r) {
  int rows = (int)m, cols = (int)n, rank = (int)k, info;
  blas.geqrf(&rows, &cols, a, &rows, tau, work, &lwork, &info);
  for (size_t i = 0; i < k; i++)
    for (size_t j = 0; j < n; j++) r[i * n + j] = j < i ? 0 : a[j * m + i];
  if (info == 0)
    blas.orgqr(&rows, &rank, &rank, a, &rows, tau, work, &lwork, &info);
  to_rows(m, k, a, q);
  return info;
}

enum { BLOCK = 64 }; /* columns of work for each row */

mlp_Status mlpi_qr (mlp_Runtime *rt, size_t m, size_t n, double *a, double *q,
                    double *r) {
  Room room;
  size_t k = m < n ? m : n, lwork = BLOCK * (n + 1);
  if (!countable(m, n) || !countable(n, BLOCK)) return too_large(rt, "qr");
  if (k == 0) return MLP_OK;
  if (!room_new(rt, m * n + k + lwork, &room)) return MLP_ENOMEM;
  mlp_Status s = enter(rt, "qr");
  if (s == MLP_OK) {
    double *tau = room.d + m * n;
    to_columns(m, n, a, room.d);
    int info = call_qr(m, n, k, room.d, tau, tau + k, (int)lwork, q, r);
    leave();
    settle_qr(m, n, k, q, r);
    s = verdict(rt, "qr", info);
  }
  room_free(&room);
  return s;
}

/* Is the element of largest size in x[i * stride] negative? The first counts
** among equals. */
static bool points_down (size_t n, const double *x, size_t stride) {
  double most = 0;
  for (size_t i = 0; i < n; i++)
    if (fabs(x[i * stride]) > fabs(most)) most = x[i * stride];
  return most < 0;
}

static void turn (size_t n, double *x, size_t stride) {
  for (size_t i = 0; i < n; i++) x[i * stride] = -x[i * stride];
}

static size_t svd_work (size_t m, size_t n) {
  size_t k = m < n ? m : n, most = m < n ? n : m;
  return 4 * k * k + 7 * k + (most > BLOCK ? most : BLOCK) * 8 +
         BLOCK * (m + n);
}

mlp_Status mlpi_svd (mlp_Runtime *rt, size_t m, size_t n, double *a, double *u,
                     double *s, double *v) {
  Room room;
  size_t k = m < n ? m : n, lwork = svd_work(m, n);
  if (!countable(m, n) || !countable(m + n, BLOCK)) return too_large(rt, "svd");
  if (k == 0) return MLP_OK;
  if (!room_new(rt, m * n + m * k + k * n + lwork + 4 * k, &room))
    return MLP_ENOMEM;
  mlp_Status status = enter(rt, "svd");
  if (status == MLP_OK) {
    double *ua = room.d + m * n, *va = ua + m * k, *work = va + k * n;
    int rows = (int)m, cols = (int)n, rank = (int)k, size = (int)lwork, info;
    to_columns(m, n, a, room.d);
    blas.gesdd("S", &rows, &cols, room.d, &rows, s, ua, &rows, va, &rank, work,
               &size, (int *)(work + lwork), &info, 1);
    leave();
    to_rows(m, k, ua, u);
    to_rows(k, n, va, v);
    for (size_t j = 0; j < k; j++)
      if (points_down(m, u + j, k)) turn(m, u + j, k), turn(n, v + j * n, 1);
    status = verdict(rt, "svd", info);
  }
  room_free(&room);
  return status;
}

mlp_Status mlpi_eigh (mlp_Runtime *rt, size_t n, double *a, double *w) {
  Room room;
  size_t lwork = 1 + 6 * n + 2 * n * n + BLOCK * n, liwork = 3 + 5 * n;
  if (!countable(n, n + BLOCK)) return too_large(rt, "eigh");
  if (n == 0) return MLP_OK;
  if (!room_new(rt, n * n + lwork + liwork, &room)) return MLP_ENOMEM;
  mlp_Status s = enter(rt, "eigh");
  if (s == MLP_OK) {
    int order = (int)n, size = (int)lwork, isize = (int)liwork, info;
    double *work = room.d + n * n;
    to_columns(n, n, a, room.d);
    blas.syevd("V", "L", &order, room.d, &order, w, work, &size,
               (int *)(work + lwork), &isize, &info, 1, 1);
    leave();
    to_rows(n, n, room.d, a);
    for (size_t j = 0; j < n; j++)
      if (points_down(n, a + j, n)) turn(n, a + j, n);
    s = verdict(rt, "eigh", info);
  }
  room_free(&room);
  return s;
}

/* The solver says itself how much it wants. */
static void lstsq_work (size_t r, size_t n, size_t m, size_t *lwork,
                        size_t *liwork) {
  int rows = (int)r, cols = (int)n, rhs = (int)m, query = -1, rank, info, ni;
  int most = rows > cols ? rows : cols;
  double none = 0, rcond = -1, wanted = 0;
  blas.gelsd(&rows, &cols, &rhs, &none, &rows, &none, &most, &none, &rcond,
             &rank, &wanted, &query, &ni, &info);
  *lwork = (size_t)wanted + 1;
  *liwork = (size_t)ni + 1;
}

static mlp_Status run_lstsq (mlp_Runtime *rt, size_t r, size_t n, size_t m,
                             const double *a, const double *b, double rcond,
                             double *x, size_t *rank) {
  Room room;
  size_t most = r > n ? r : n, k = r < n ? r : n, lwork, liwork;
  lstsq_work(r, n, m, &lwork, &liwork);
  if (!room_new(rt, r * n + most * m + k + lwork + liwork, &room))
    return MLP_ENOMEM;
  double *bc = room.d + r * n, *s = bc + most * m, *work = s + k;
  int rows = (int)r, cols = (int)n, rhs = (int)m, ldb = (int)most;
  int size = (int)lwork, found = 0, info;
  to_columns(r, n, a, room.d);
  for (size_t j = 0; j < m; j++)
    for (size_t i = 0; i < most; i++)
      bc[j * most + i] = i < r ? b[i * m + j] : 0;
  blas.gelsd(&rows, &cols, &rhs, room.d, &rows, bc, &ldb, s, &rcond, &found,
             work, &size, (int *)(work + lwork), &info);
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < m; j++) x[i * m + j] = bc[j * most + i];
  room_free(&room);
  *rank = (size_t)found;
  return verdict(rt, "lstsq", info);
}

mlp_Status mlpi_lstsq (mlp_Runtime *rt, size_t r, size_t n, size_t m, double *a,
                       double *b, double rcond, double *x, size_t *rank) {
  size_t most = r > n ? r : n;
  *rank = 0;
  if (!countable(r, n) || !countable(most, m + BLOCK))
    return too_large(rt, "lstsq");
  memset(x, 0, n * m * sizeof *x);
  if (r == 0 || n == 0 || m == 0) return MLP_OK;
  mlp_Status s = enter(rt, "lstsq");
  if (s != MLP_OK) return s;
  s = run_lstsq(rt, r, n, m, a, b, rcond, x, rank);
  leave();
  return s;
}
