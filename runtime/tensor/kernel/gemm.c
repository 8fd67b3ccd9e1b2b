/*
** gemm.c - products of matrices, at the machine's speed and with the same
** bits on all machines.
** C is cut into jobs (what a thread takes), jobs into tiles (what registers
** hold). Everything here decides by shape and strides alone, and no decision
** changes the order in which an element of C is summed.
*/
#include "tensor/kernel/pack.h"
#include "tensor/kernel/tile.h"

#include <limits.h>

typedef struct Product {
  mlp_Runtime *rt;
  size_t m, n, k;
  const REAL *a, *b;
  ptrdiff_t ars, acs, brs, bcs;
  REAL *c;
  ptrdiff_t crs;
  REAL *scratch;
  bool pack_a, pack_b;
  size_t rows, cols;   /* of C in one job */
  size_t across, jobs; /* jobs side by side; all */
  int slots;
  atomic_uint free; /* slots of scratch that no job holds, as bits */
} Product;

enum {
  JOB_ROWS = 256,  /* by MLPI_KBLOCK of A, and */
  STRIP_COLS = 64, /* of B stay in the second-level cache */
  JOB_COLS = 512,
  JOB_WORK = 1 << 20,      /* multiply-adds that are worth a hand-over */
  JOBS = 8,                /* that keep the threads of a small machine busy */
  SLOTS = 32,              /* of scratch: jobs at the same time */
  GAP = 64 / sizeof(REAL), /* puts rows of a copy in different cache sets */
  PAGE = 4096 / sizeof(REAL)
};

typedef void (*TileFn)(const Tile *t);

#define TILE(mr, nv)                                                           \
  static void whole_##mr##_##nv(const Tile *t) { tile(mr, nv, true, t); }      \
  static void part_##mr##_##nv(const Tile *t) { tile(mr, nv, false, t); }
#define ENTRY(mr, nv)                                                          \
  { whole_##mr##_##nv, part_##mr##_##nv }
#define TILES(mr) TILE(mr, 1) TILE(mr, 2)
#define ROW(mr)   [mr] = { [1] = ENTRY(mr, 1), [2] = ENTRY(mr, 2) }

/* clang-format off */
TILES(1) TILE(1, 4) TILE(1, 8) TILES(2) TILE(2, 4)
TILES(3) TILES(4) TILES(5) TILES(6)
#if MR > 6
TILES(7) TILES(8) TILES(9) TILES(10) TILES(11) TILES(12)
#endif

static const TileFn tiles[MR + 1][NV_MAX + 1][2] = {
  [1] = { [1] = ENTRY(1, 1), [2] = ENTRY(1, 2),
          [4] = ENTRY(1, 4), [8] = ENTRY(1, 8) },
  [2] = { [1] = ENTRY(2, 1), [2] = ENTRY(2, 2), [4] = ENTRY(2, 4) },
  ROW(3), ROW(4), ROW(5), ROW(6),
#if MR > 6
  ROW(7), ROW(8), ROW(9), ROW(10), ROW(11), ROW(12),
#endif
};
/* clang-format on */

static size_t ceil_div (size_t a, size_t b) { return (a + b - 1) / b; }

/* The size of equal parts of n, none larger than 'most', of whole 'unit's. */
static size_t even (size_t n, size_t most, size_t unit) {
  return ceil_div(ceil_div(n, ceil_div(n, most)), unit) * unit;
}

/* Halve jobs, columns first, until there are enough for a few threads. */
static void cut (Product *x) {
  x->rows = even(x->m, JOB_ROWS, MR);
  x->cols = even(x->n, JOB_COLS, NV * VL);
  for (;;) {
    const double work = (double)x->rows * (double)x->cols * (double)x->k;
    x->across = ceil_div(x->n, x->cols);
    x->jobs = x->across * ceil_div(x->m, x->rows);
    if (x->jobs >= JOBS || work < 2.0 * JOB_WORK) return;
    if (x->cols >= 4 * NV * VL)
      x->cols = even(x->cols, x->cols / 2, NV * VL);
    else if (x->rows >= 4 * MR)
      x->rows = even(x->rows, x->rows / 2, MR);
    else
      return;
  }
}

/*
** Decide what to copy. B must be where its columns are not contiguous, and
** pays where many rows of A will read it. A pays where a row of its own is
** not contiguous, or rows lie pages apart and fall into the same cache sets.
*/
static void plan (Product *x) {
  const bool large = x->k >= 64 && x->n >= 64;
  const bool pages = x->m >= 64 && x->ars % PAGE == 0;
  x->pack_b = (x->bcs != 1 && x->n > 1) || (large && x->m >= 64);
  x->pack_a = large && x->m > 1 && (x->acs != 1 || pages);
  x->rows = x->m;
  x->cols = x->n;
  x->across = x->jobs = 1;
  if ((double)x->m * (double)x->n * (double)x->k >= 2.0 * JOB_WORK) cut(x);
  x->slots = x->jobs < SLOTS ? (int)x->jobs : SLOTS;
}

static size_t block_of (size_t k) { return k < MLPI_KBLOCK ? k : MLPI_KBLOCK; }

/* Elements of scratch for a job: a strip of B, then its rows of A. */
static size_t b_size (const Product *x) {
  const size_t w = x->cols < STRIP_COLS ? x->cols : STRIP_COLS;
  return x->pack_b ? block_of(x->k) * (ceil_div(w, VL) * VL) : 0;
}

static size_t slot_size (const Product *x) {
  size_t a = x->pack_a ? (block_of(x->k) + GAP) * x->rows : 0;
  return ceil_div(b_size(x) + a, 16) * 16;
}

/* Rows of the next tile: the last two share what is left. */
static size_t tile_rows (size_t left) {
  return left >= 2 * MR ? MR : left > MR ? (left + 1) / 2 : left;
}

/* Vectors of the next panel, for tiles of at most 'rows' rows. */
static int panel_vectors (size_t rows, size_t cols) {
  int nv = rows == 1 ? 8 : rows == 2 ? 4 : NV;
  while (nv > 1 && (size_t)(nv - 1) * VL >= cols) nv /= 2;
  return nv;
}

/* All rows of a job by one panel of columns: t holds the first tile. */
static void run_panel (Tile t, size_t m, int nv) {
  for (size_t mr, i = 0; i < m; i += mr) {
    mr = tile_rows(m - i);
    tiles[mr][nv][t.part != VL](&t);
    t.a += (ptrdiff_t)mr * t.ars;
    t.c += (ptrdiff_t)mr * t.crs;
  }
}

/*
** Copy B (k, n) so that each panel of columns is contiguous. A few rows of
** all panels at a time: reading along B's rows lets the machine fetch ahead.
*/
static void pack_panels (const Product *x, REAL *to, const REAL *b, size_t m,
                         size_t n, size_t k) {
  enum { STEP = 16 };
  for (size_t p = 0; p < k; p += STEP) {
    const size_t rows = k - p < STEP ? k - p : STEP;
    for (size_t w, j = 0; j < n; j += w) {
      const size_t ld = (size_t)panel_vectors(m, n - j) * VL;
      w = n - j < ld ? n - j : ld;
      pack(to + j * k + p * ld, ld, rows, w,
           b + (ptrdiff_t)p * x->brs + (ptrdiff_t)j * x->bcs, x->brs, x->bcs);
    }
  }
}

/* n columns of C: t holds the first tile, and B's strides are as given. */
static void run_strip (const Product *x, Tile t, REAL *scratch, size_t m,
                       size_t n) {
  const REAL *b = t.b;
  if (x->pack_b) pack_panels(x, scratch, b, m, n, t.k);
  for (size_t w, j = 0; j < n; j += w, t.c += w) {
    const int nv = panel_vectors(m, n - j);
    const size_t width = (size_t)nv * VL;
    w = n - j < width ? n - j : width;
    t.part = w + VL - width;
    t.b = x->pack_b ? scratch + j * t.k : b + j;
    if (x->pack_b) t.brs = (ptrdiff_t)width;
    run_panel(t, m, nv);
  }
}

/* C (m, n) from row i and column j, one block of k from p. */
static void run_block (const Product *x, REAL *scratch, size_t i, size_t m,
                       size_t j, size_t n, size_t p) {
  const size_t step = x->pack_b ? STRIP_COLS : n;
  Tile t = { .k = block_of(x->k - p),
             .ars = x->ars,
             .acs = x->acs,
             .brs = x->brs,
             .crs = x->crs,
             .add = p > 0 };
  t.a = x->a + (ptrdiff_t)i * x->ars + (ptrdiff_t)p * x->acs;
  t.b = x->b + (ptrdiff_t)p * x->brs + (ptrdiff_t)j * x->bcs;
  t.c = x->c + (ptrdiff_t)i * x->crs + j;
  if (x->pack_a) {
    REAL *to = scratch + b_size(x);
    pack(to, t.k + GAP, m, t.k, t.a, x->ars, x->acs);
    t.a = to;
    t.ars = (ptrdiff_t)(t.k + GAP);
    t.acs = 1;
  }
  for (size_t done = 0; done < n; done += step) {
    run_strip(x, t, scratch, m, n - done < step ? n - done : step);
    t.b += (ptrdiff_t)step * x->bcs;
    t.c += step;
  }
}

static void run_job (const Product *x, size_t job, REAL *scratch) {
  const size_t i = job / x->across * x->rows, j = job % x->across * x->cols;
  const size_t m = x->m - i < x->rows ? x->m - i : x->rows;
  const size_t n = x->n - j < x->cols ? x->n - j : x->cols;
  size_t p = 0;
  do run_block(x, scratch, i, m, j, n, p);
  while ((p += MLPI_KBLOCK) < x->k && !mlpi_aborted(x->rt));
}

static int take_slot (Product *x) {
  unsigned had = atomic_load(&x->free);
  for (;;)
    if (had == 0)
      had = atomic_load(&x->free);
    else if (atomic_compare_exchange_weak(&x->free, &had, had & (had - 1)))
      return __builtin_ctz(had);
}

/* A job on whatever thread, with a piece of the scratch for itself. */
static void share (void *ud, size_t job) {
  Product *x = ud;
  const int slot = take_slot(x);
  run_job(x, job, x->scratch + (size_t)slot * slot_size(x));
  atomic_fetch_or(&x->free, 1u << slot);
}

void mlpi_gemm (mlp_Runtime *rt, size_t m, size_t n, size_t k, const REAL *a,
                ptrdiff_t ars, ptrdiff_t acs, const REAL *b, ptrdiff_t brs,
                ptrdiff_t bcs, REAL *c, ptrdiff_t crs, void *scratch) {
  Product x = { .rt = rt,
                .m = m,
                .n = n,
                .k = k,
                .a = a,
                .b = b,
                .ars = ars,
                .acs = acs,
                .brs = brs,
                .bcs = bcs,
                .c = c,
                .crs = crs,
                .scratch = scratch };
  if (m == 0 || n == 0) return;
  plan(&x);
  if (x.jobs == 1) {
    run_job(&x, 0, scratch);
    return;
  }
  atomic_init(&x.free, UINT_MAX >> (SLOTS - x.slots));
  mlpi_parallel(rt, x.jobs, share, &x);
}

size_t mlpi_gemm_scratch (size_t m, size_t n, size_t k, ptrdiff_t ars,
                          ptrdiff_t acs, ptrdiff_t brs, ptrdiff_t bcs) {
  Product x = {
    .m = m, .n = n, .k = k, .ars = ars, .acs = acs, .brs = brs, .bcs = bcs
  };
  if (m == 0 || n == 0) return 0;
  plan(&x);
  return (size_t)x.slots * slot_size(&x) * sizeof(REAL);
}
