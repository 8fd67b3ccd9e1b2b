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
  JOB_ROWS = 240, /* of A: 256 x 240 stay in the second-level cache */
  JOB_COLS = 256,
  JOB_WORK = 1 << 19, /* multiply-adds that are worth a hand-over */
  JOBS = 8,           /* that are enough for the threads of a small net */
  SLOTS = 32,
  PANEL_MAX = NV_MAX * VL
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

static bool pays (const Product *x) {
  return (double)x->m * (double)x->n * (double)x->k >= 2 * JOB_WORK;
}

static size_t ceil_div (size_t a, size_t b) { return (a + b - 1) / b; }

/* Halve the larger side of a job until there are jobs for a few threads. */
static void cut (Product *x) {
  x->rows = x->m < JOB_ROWS ? x->m : JOB_ROWS;
  x->cols = x->n < JOB_COLS ? x->n : JOB_COLS;
  for (;;) {
    x->across = ceil_div(x->n, x->cols);
    x->jobs = x->across * ceil_div(x->m, x->rows);
    double work = (double)x->rows * (double)x->cols * (double)x->k;
    if (x->jobs >= JOBS || work < 2 * JOB_WORK) return;
    if (x->cols >= 4 * NV * VL)
      x->cols = ceil_div(x->cols / 2, NV * VL) * NV * VL;
    else if (x->rows >= 4 * MR)
      x->rows = ceil_div(x->rows / 2, MR) * MR;
    else
      return;
  }
}

/*
** Decide what to copy. B must be where its columns are not contiguous; a
** panel of it is worth copying where many rows of A will read it and its rows
** lie far apart. A, where a column of a tile would touch many cache lines.
*/
static void plan (Product *x) {
  const bool large = x->k >= 64 && x->n >= 64;
  x->pack_b = (x->bcs != 1 && x->n > 1) || (large && x->m >= 64);
  x->pack_a = large && x->acs != 1 && x->m > 1;
  x->rows = x->m;
  x->cols = x->n;
  x->across = x->jobs = 1;
  if (pays(x)) cut(x);
  x->slots = x->jobs < SLOTS ? (int)x->jobs : SLOTS;
}

static size_t block_of (size_t k) { return k < MLPI_KBLOCK ? k : MLPI_KBLOCK; }

/* Elements of scratch for a job: a panel of B, the job's rows of A. */
static size_t panel_size (const Product *x) {
  size_t w = ceil_div(x->cols < PANEL_MAX ? x->cols : PANEL_MAX, VL) * VL;
  return x->pack_b ? ceil_div(block_of(x->k) * w, 16) * 16 : 0;
}

static size_t slot_size (const Product *x) {
  size_t a = x->pack_a ? block_of(x->k) * x->rows : 0;
  return panel_size(x) + ceil_div(a, 16) * 16;
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

/* All rows of a job by one panel of columns: t has b, brs, c's first row. */
static void run_panel (Tile t, size_t m, int nv, bool packed) {
  for (size_t mr, i = 0; i < m; i += mr) {
    mr = tile_rows(m - i);
    if (packed) t.acs = (ptrdiff_t)mr;
    tiles[mr][nv][t.part != VL](&t);
    t.a += packed ? (ptrdiff_t)(mr * t.k) : (ptrdiff_t)mr * t.ars;
    t.c += (ptrdiff_t)mr * t.crs;
  }
}

/* Copy rows of A so that a tile reads it in order. */
static void pack_rows (const Product *x, REAL *to, const REAL *a, size_t m,
                       size_t k) {
  for (size_t mr, i = 0; i < m; i += mr) {
    mr = tile_rows(m - i);
    pack(to + i * k, mr, k, mr, a + (ptrdiff_t)i * x->ars, x->acs, x->ars);
  }
}

/* C (m, n) from row i and column j, one block of k from p. */
static void run_block (const Product *x, REAL *scratch, size_t i, size_t m,
                       size_t j, size_t n, size_t p) {
  const size_t left = x->k - p, k = block_of(left);
  const REAL *b = x->b + (ptrdiff_t)p * x->brs + (ptrdiff_t)j * x->bcs;
  Tile t = { .k = k,
             .ars = x->ars,
             .acs = x->acs,
             .brs = x->brs,
             .crs = x->crs,
             .add = p > 0 };
  t.a = x->a + (ptrdiff_t)i * x->ars + (ptrdiff_t)p * x->acs;
  t.c = x->c + (ptrdiff_t)i * x->crs + j;
  if (x->pack_a) {
    REAL *to = scratch + panel_size(x);
    pack_rows(x, to, t.a, m, k);
    t.a = to;
    t.ars = 1;
  }
  for (size_t w, done = 0; done < n; done += w) {
    const int nv = panel_vectors(m, n - done);
    w = n - done < (size_t)nv * VL ? n - done : (size_t)nv * VL;
    t.part = w - (size_t)(nv - 1) * VL;
    t.b = b;
    if (x->pack_b) {
      t.brs = nv * VL;
      pack(scratch, (size_t)nv * VL, k, w, b, x->brs, x->bcs);
      t.b = scratch;
    }
    run_panel(t, m, nv, x->pack_a);
    b += (ptrdiff_t)w * x->bcs;
    t.c += w;
  }
}

static int take_slot (Product *x) {
  unsigned had = atomic_load(&x->free);
  for (;;)
    if (had == 0)
      had = atomic_load(&x->free);
    else if (atomic_compare_exchange_weak(&x->free, &had, had & (had - 1)))
      return __builtin_ctz(had);
}

static void run_job (void *ud, size_t job) {
  Product *x = ud;
  const size_t i = job / x->across * x->rows, j = job % x->across * x->cols;
  const size_t m = x->m - i < x->rows ? x->m - i : x->rows;
  const size_t n = x->n - j < x->cols ? x->n - j : x->cols;
  const int slot = take_slot(x);
  REAL *scratch = x->scratch + (size_t)slot * slot_size(x);
  size_t p = 0;
  do run_block(x, scratch, i, m, j, n, p);
  while ((p += MLPI_KBLOCK) < x->k);
  atomic_fetch_or(&x->free, 1u << slot);
}

void mlpi_gemm (mlp_Runtime *rt, size_t m, size_t n, size_t k, const REAL *a,
                ptrdiff_t ars, ptrdiff_t acs, const REAL *b, ptrdiff_t brs,
                ptrdiff_t bcs, REAL *c, ptrdiff_t crs, void *scratch) {
  Product x = { .m = m,
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
  atomic_init(&x.free, UINT_MAX >> (SLOTS - x.slots));
  if (x.jobs == 1)
    run_job(&x, 0);
  else
    mlpi_parallel(rt, x.jobs, run_job, &x);
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
