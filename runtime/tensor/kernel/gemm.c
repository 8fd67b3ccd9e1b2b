/*
** gemm.c - products of matrices, at the machine's speed and with the same
** bits on all machines.
** C is cut into jobs (what a thread takes), jobs into tiles (what registers
** hold). Everything here decides by shape and strides alone, and no decision
** changes the order in which an element of C is summed.
*/
#include "tensor/kernel/ahead.h"
#include "tensor/kernel/pack.h"
#include "tensor/kernel/zeros.h"

#include <limits.h>

typedef mlpi_Product Product;

/* One run of a product. */
typedef struct Run {
  const Product *x;
  mlp_Runtime *rt;
  const REAL *a, *b, *bias;
  REAL *c;
  size_t p;              /* the block of k that is being multiplied */
  REAL *copy_a, *copy_b; /* of that block; a strip of B for each slot */
  uint16_t *terms;  /* of each tile of rows, a list for each block; or NULL */
  atomic_uint free; /* slots that no job holds, as bits */
} Run;

enum {
  JOB_ROWS = 256,  /* by MLPI_KBLOCK of A, and */
  STRIP_COLS = 64, /* of B stay in the second-level cache */
  JOB_COLS = 512,
  JOB_WORK = 1 << 20, /* multiply-adds that are worth a hand-over */
  SMALL = 2 * JOB_WORK / MLPI_KBLOCK, /* elements of C: not worth a cut */
  JOBS = 8, /* that keep the threads of a small machine busy */
  FAR = (4 << 20) / sizeof(REAL), /* elements: not in a cache by themselves */
  SLOTS = 32,                     /* of scratch: jobs at the same time */
  COPY = 64,                      /* rows or columns that a job copies */
  LOOK = 1 << 18,     /* multiply-adds that are worth a look at A's zeros; */
  LOOK_ONE = 1 << 15, /* where A is one tile of rows, it is a shorter one */
  GAP = 64 / sizeof(REAL), /* puts rows of a copy in different cache sets */
  PAGE = 4096 / sizeof(REAL)
};

/* C (m, n) from row i and column j, the block of k from p. */
typedef struct Part {
  size_t i, m, j, n, p;
} Part;

/* What follows a part: rows of A, and of B the first columns. */
typedef struct Next {
  Ahead a, b;
} Next;

typedef void (*TileFn)(const Tile *t);

/* Whole vectors; the last in part; whole ones, and some terms left out. */
enum { WHOLE, PART, SOME };

#define TILE(mr, nv)                                                           \
  static void whole_##mr##_##nv(const Tile *t) {                               \
    tile(mr, nv, true, false, t);                                              \
  }                                                                            \
  static void part_##mr##_##nv(const Tile *t) {                                \
    tile(mr, nv, false, false, t);                                             \
  }                                                                            \
  static void some_##mr##_##nv(const Tile *t) { tile(mr, nv, true, true, t); }
#define ENTRY(mr, nv)                                                          \
  { whole_##mr##_##nv, part_##mr##_##nv, some_##mr##_##nv }
#define TILES(mr) TILE(mr, 1) TILE(mr, 2)
#define ROW(mr)   [mr] = { [1] = ENTRY(mr, 1), [2] = ENTRY(mr, 2) }

/* clang-format off */
TILES(1) TILE(1, 4) TILE(1, 8) TILES(2) TILE(2, 4)
TILES(3) TILES(4) TILES(5) TILES(6)
#if MR > 6
TILES(7) TILES(8) TILES(9) TILES(10) TILES(11) TILES(12)
#endif

static const TileFn tiles[MR + 1][NV_MAX + 1][3] = {
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

/* Do copies pay at all? */
static bool is_large (size_t n, size_t k) { return k >= 64 && n >= 64; }

/*
** Decide what to copy. B must be where its columns are not contiguous, and
** pays where many rows of A will read it. A pays where a row of its own is
** not contiguous, or rows lie pages apart and fall into the same cache sets.
*/
static void plan (Product *x) {
  const bool large = is_large(x->n, x->k);
  const bool pages = x->m >= 64 && x->ars % PAGE == 0;
  x->pack_b = (x->bcs != 1 && x->n > 1) || (large && x->m >= 64);
  x->pack_a = large && x->m > 1 && (x->acs != 1 || pages);
  x->rows = x->m;
  x->cols = x->n;
  x->across = x->jobs = 1;
  if ((double)x->m * (double)x->n * (double)x->k >= 2.0 * JOB_WORK) cut(x);
  x->slots = x->jobs < SLOTS ? (int)x->jobs : SLOTS;
  x->share_b = x->pack_b && x->m > x->rows;
  x->by_block = x->pack_a || x->share_b;
}

/* Terms of the longest block of k: that is the last, where it takes a rest
 * along. */
static size_t longest_block (size_t k) {
  const size_t rest = k % MLPI_KBLOCK;
  if (k <= MLPI_KBLOCK) return k;
  return MLPI_KBLOCK + (rest <= MLPI_KBLOCK / 2 ? rest : 0);
}

/* Elements of scratch: rows of A, each with a gap; and B, or where jobs share
** no copies a strip of it for each slot. */
static size_t a_size (const Product *x) {
  return x->pack_a ? ceil_div((longest_block(x->k) + GAP) * x->m, 16) * 16 : 0;
}

static size_t b_size (const Product *x) {
  const size_t strip = x->cols < STRIP_COLS ? x->cols : STRIP_COLS;
  const size_t w = x->share_b ? x->n : strip;
  if (!x->pack_b) return 0;
  return ceil_div(longest_block(x->k) * (ceil_div(w, VL) * VL), 16) * 16;
}

/* Of uint16_t: the lists of a tile's terms, block after block. */
static size_t terms_of (size_t k) { return k + k / MLPI_KBLOCK + 1; }

/* Bytes for all lists. */
static size_t terms_size (const Product *x) {
  const double work = (double)x->m * (double)x->n * (double)x->k;
  if (work < (x->m > MR ? LOOK : LOOK_ONE)) return 0;
  return ceil_div(x->m, MR) * terms_of(x->k) * sizeof(uint16_t);
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

/* All rows of a job by one panel of columns: t holds the first tile, and moves
** on; lists of terms are 'terms' apart. 'next', or NULL, is fetched meanwhile.
*/
static void run_panel (Tile *t, size_t m, int nv, size_t terms, Next *next) {
  const int kind = t->part != VL ? PART : WHOLE;
  for (size_t mr, i = 0; i < m; i += mr) {
    if (next) fetch_step(&next->a), fetch_step(&next->b);
    mr = tile_rows(m - i);
    const bool some = t->terms && *t->terms < t->k && kind == WHOLE;
    tiles[mr][nv][some ? SOME : kind](t);
    t->a += (ptrdiff_t)mr * t->ars;
    t->c += (ptrdiff_t)mr * t->crs;
    if (t->terms) t->terms += terms;
  }
}

/* Ask for some rows of B ahead of their copy: the machine fetches ahead by
** itself only along a row. */
static void fetch (const REAL *b, ptrdiff_t brs, size_t rows, size_t n) {
  for (size_t p = 0; p < rows; p++, b += brs)
    for (size_t j = 0; j < n; j += 64 / sizeof(REAL)) __builtin_prefetch(b + j);
}

/* Copy B (k, n) so that each panel of columns is contiguous: a few rows of all
** panels at a time, or where columns lie along memory, panel by panel. */
static void pack_panels (const Product *x, REAL *to, const REAL *b, size_t m,
                         size_t n, size_t k) {
  const size_t step = x->bcs == 1 ? 16 : k;
  for (size_t p = 0; p < k; p += step) {
    const size_t rows = k - p < step ? k - p : step;
    if (x->bcs == 1 && p + 2 * step <= k)
      fetch(b + (ptrdiff_t)(p + step) * x->brs, x->brs, step, n);
    for (size_t w, j = 0; j < n; j += w) {
      const size_t ld = (size_t)panel_vectors(m, n - j) * VL;
      w = n - j < ld ? n - j : ld;
      pack(to + j * k + p * ld, ld, rows, w,
           b + (ptrdiff_t)p * x->brs + (ptrdiff_t)j * x->bcs, x->brs, x->bcs);
    }
  }
}

/* n columns of C: *t holds the first tile, and B's strides are as given, or
** those of its panels in 'packed'. */
static void run_strip (const Product *x, const Tile *first, const REAL *packed,
                       size_t rows, size_t m, size_t n, Next *next) {
  Tile t = *first;
  const size_t terms = terms_of(x->k);
  for (size_t w, j = 0; j < n; j += w) {
    const int nv = panel_vectors(rows, n - j);
    const size_t width = (size_t)nv * VL;
    w = n - j < width ? n - j : width;
    t.part = w + VL - width;
    t.a = first->a;
    t.terms = first->terms;
    t.b = packed ? packed + j * t.k : first->b + j;
    t.c = first->c + j;
    if (packed) t.brs = (ptrdiff_t)width;
    if (first->bias) t.bias = first->bias + j;
    run_panel(&t, m, nv, terms, next);
  }
}

static size_t tiles_of (size_t m, size_t n) {
  return ceil_div(m, MR) * ceil_div(n, (size_t)NV * VL);
}

static size_t strip_of (size_t n) { return n < STRIP_COLS ? n : STRIP_COLS; }

/* The first strip of n columns of B, which will be copied: it is fetched along
** memory. */
static Ahead ahead_b (const Product *x, const REAL *b, size_t k, size_t n,
                      size_t steps) {
  if (n == 0 || x->k * x->n < FAR) return (Ahead){ 0 };
  if (x->bcs == 1) return ahead(b, x->brs, k, strip_of(n), steps);
  return ahead(b, x->bcs, strip_of(n), k, steps);
}

/* The same, strip by strip, each copied before it is used. */
static void run_copied (const Product *x, Tile t, REAL *strip, size_t m,
                        size_t n, Next *next) {
  const Ahead then = next->b;
  for (size_t w, j = 0; j < n; j += w) {
    w = strip_of(n - j);
    pack_panels(x, strip, t.b, m, w, t.k);
    t.b += (ptrdiff_t)w * x->bcs;
    next->b =
        j + w == n ? then : ahead_b(x, t.b, t.k, n - j - w, tiles_of(m, w));
    run_strip(x, &t, strip, m, m, w, next);
    t.c += w;
    if (t.bias) t.bias += w;
  }
}

/* What a thread reads in part 'then' that it will not have at hand. */
static Next next_of (const Run *r, const Part *now, const Part *then) {
  const Product *x = r->x;
  const size_t k = mlpi_chain(x->k - then->p);
  Next next = { 0 };
  if (then->n == 0) return next;
  if (!x->pack_a && x->acs == 1 && x->m * x->k >= FAR &&
      (now->i != then->i || now->p != then->p))
    next.a = ahead(r->a + (ptrdiff_t)then->i * x->ars + then->p, x->ars,
                   then->m, k, tiles_of(now->m, now->n));
  if (x->pack_b && !x->share_b)
    next.b = ahead_b(
        x, r->b + (ptrdiff_t)then->p * x->brs + (ptrdiff_t)then->j * x->bcs, k,
        then->n, tiles_of(now->m, strip_of(now->n)));
  return next;
}

static void run_part (const Run *r, REAL *strip, const Part *now, Next *next) {
  const Product *x = r->x;
  const size_t k = mlpi_chain(x->k - now->p), m = now->m, n = now->n;
  Tile t = { .k = k,
             .ars = x->ars,
             .acs = x->acs,
             .brs = x->brs,
             .crs = x->crs,
             .fetch_c = now->p > 0 || x->m * x->n >= FAR,
             .add = now->p > 0 };
  t.a = r->a + (ptrdiff_t)now->i * x->ars + (ptrdiff_t)now->p * x->acs;
  t.b = r->b + (ptrdiff_t)now->p * x->brs + (ptrdiff_t)now->j * x->bcs;
  t.c = r->c + (ptrdiff_t)now->i * x->crs + now->j;
  if (r->bias && now->p + k == x->k) t.bias = r->bias + now->j;
  if (r->terms)
    t.terms =
        r->terms + now->i / MR * terms_of(x->k) + now->p + now->p / MLPI_KBLOCK;
  if (x->pack_a) {
    t.a = r->copy_a + now->i * (k + GAP);
    t.ars = (ptrdiff_t)(k + GAP);
    t.acs = 1;
  }
  if (!x->pack_b)
    run_strip(x, &t, NULL, m, m, n, next);
  else if (x->share_b)
    run_strip(x, &t, r->copy_b + now->j * k, MR, m, n, next);
  else
    run_copied(x, t, strip, m, n, next);
}

static Part part_of (const Product *x, size_t job, size_t p) {
  if (job >= x->jobs) return (Part){ 0 };
  Part t = { .i = job / x->across * x->rows,
             .j = job % x->across * x->cols,
             .p = p };
  t.m = x->m - t.i < x->rows ? x->m - t.i : x->rows;
  t.n = x->n - t.j < x->cols ? x->n - t.j : x->cols;
  return t;
}

/* A job; most threads take the one behind it next. */
static void run_job (const Run *r, size_t job, REAL *strip) {
  const Product *x = r->x;
  Part now = part_of(x, job, r->p);
  for (;;) {
    const size_t p = now.p + mlpi_chain(x->k - now.p);
    const bool last = x->by_block || p >= x->k;
    const Part then = last ? part_of(x, job + 1, r->p) : part_of(x, job, p);
    Next next = next_of(r, &now, &then);
    run_part(r, strip, &now, &next);
    if (last || mlpi_aborted(r->rt)) return;
    now = then;
  }
}

static int take_slot (Run *r) {
  unsigned had = atomic_load(&r->free);
  for (;;)
    if (had == 0)
      had = atomic_load(&r->free);
    else if (atomic_compare_exchange_weak(&r->free, &had, had & (had - 1)))
      return __builtin_ctz(had);
}

/* A job on whatever thread, with a strip of the scratch for itself. */
static void share (void *ud, size_t job) {
  Run *r = ud;
  if (r->x->share_b || !r->x->pack_b) {
    run_job(r, job, NULL);
    return;
  }
  const int slot = take_slot(r);
  run_job(r, job, r->copy_b + (size_t)slot * b_size(r->x));
  atomic_fetch_or(&r->free, 1u << slot);
}

/* Some rows of a block of A, to where they are read. */
static void copy_rows (void *ud, size_t job) {
  const Run *r = ud;
  const Product *x = r->x;
  const size_t k = mlpi_chain(x->k - r->p), i = job * COPY;
  const size_t m = x->m - i < COPY ? x->m - i : COPY;
  pack(r->copy_a + i * (k + GAP), k + GAP, m, k,
       r->a + (ptrdiff_t)i * x->ars + (ptrdiff_t)r->p * x->acs, x->ars, x->acs);
}

/* Some columns of a block of B, as panels. */
static void copy_columns (void *ud, size_t job) {
  const Run *r = ud;
  const Product *x = r->x;
  const size_t k = mlpi_chain(x->k - r->p), j = job * COPY;
  const size_t n = x->n - j < COPY ? x->n - j : COPY;
  pack_panels(x, r->copy_b + j * k,
              r->b + (ptrdiff_t)r->p * x->brs + (ptrdiff_t)j * x->bcs, MR, n,
              k);
}

/* Block by block: what jobs share is copied first. */
static void run_blocks (Run *r) {
  const Product *x = r->x;
  for (; r->p < x->k && !mlpi_aborted(r->rt); r->p += mlpi_chain(x->k - r->p)) {
    if (x->share_b) mlpi_parallel(r->rt, ceil_div(x->n, COPY), copy_columns, r);
    if (x->pack_a) mlpi_parallel(r->rt, ceil_div(x->m, COPY), copy_rows, r);
    mlpi_parallel(r->rt, x->jobs, share, r);
  }
}

/* The lists of a tile of mr rows. */
static void list_tile (const Product *x, const REAL *a, size_t mr,
                       uint16_t *to) {
  for (size_t p = 0, k; p < x->k; p += k) {
    k = mlpi_chain(x->k - p);
    list_terms(a + (ptrdiff_t)p * x->acs, x->ars, x->acs, mr, k,
               to + p + p / MLPI_KBLOCK);
  }
}

/* Of the rows of some jobs. */
static void list_rows (void *ud, size_t job) {
  const Run *r = ud;
  const Product *x = r->x;
  const size_t from = job * x->rows, left = x->m - from;
  const size_t m = left < x->rows ? left : x->rows;
  const REAL *a = r->a + (ptrdiff_t)from * x->ars;
  uint16_t *to = r->terms + from / MR * terms_of(x->k);
  for (size_t mr, i = 0; i < m; i += mr, to += terms_of(x->k)) {
    mr = tile_rows(m - i);
    list_tile(x, a + (ptrdiff_t)i * x->ars, mr, to);
  }
}

/* Lists of all terms, if there seem to be zeros in A; or NULL. */
static uint16_t *find_terms (Run *r, void *room) {
  const Product *x = r->x;
  const size_t mr = x->m < MR ? x->m : MR, middle = (x->m - mr) / 2;
  if (terms_size(x) == 0) return NULL;
  const REAL *other = r->a + (ptrdiff_t)middle * x->ars;
  if (!has_zeros(r->a, x->ars, x->acs, mr, x->k) &&
      (middle == 0 || !has_zeros(other, x->ars, x->acs, mr, x->k)))
    return NULL;
  r->terms = room;
  mlpi_parallel(r->rt, ceil_div(x->m, x->rows), list_rows, r);
  return r->terms;
}

static __attribute__((noinline)) void
run_large (mlp_Runtime *rt, const Product *x, const REAL *a, const REAL *b,
           const REAL *bias, REAL *c, REAL *scratch) {
  Run r = { .x = x, .rt = rt, .a = a, .b = b, .bias = bias, .c = c };
  r.copy_a = scratch;
  r.copy_b = scratch + a_size(x);
  r.terms = find_terms(&r, (char *)scratch + x->scratch - terms_size(x));
  atomic_init(&r.free, UINT_MAX >> (SLOTS - x->slots));
  if (x->by_block)
    run_blocks(&r);
  else if (x->jobs == 1)
    run_job(&r, 0, scratch);
  else
    mlpi_parallel(rt, x->jobs, share, &r);
}

/*
** What happens once for a shape, and what happens at each run.
*/

mlpi_Product mlpi_product (size_t m, size_t n, size_t k, ptrdiff_t ars,
                           ptrdiff_t acs, ptrdiff_t brs, ptrdiff_t bcs,
                           ptrdiff_t crs, bool biased) {
  if (n == 1 && m > 1 && ars == 1 && crs == 1 && !biased) {
    /* a column as a row, C^T = B^T A^T: vectors run along it */
    Product x = mlpi_product(1, m, k, bcs, brs, acs, ars, 1, false);
    x.turned = true;
    return x;
  }
  Product x = { .m = m, .n = n, .k = k };
  x.ars = ars, x.acs = acs, x.brs = brs, x.bcs = bcs, x.crs = crs;
  if (m == 0 || n == 0) return x;
  plan(&x);
  x.small = x.jobs == 1 && !x.by_block && mlpi_chain(k) == k;
  const int panel = panel_vectors(m, n);
  x.vectors = (size_t)panel * VL >= n ? panel : 0;
  const size_t strips = x.share_b ? 1 : (size_t)x.slots;
  x.scratch = (a_size(&x) + strips * b_size(&x)) * sizeof(REAL);
  x.scratch += terms_size(&x);
  return x;
}

/* k = 1: each row of C is B's times a number. */
static void run_outer (const Product *x, const REAL *a, const REAL *b,
                       REAL *c) {
  const size_t whole = x->n - x->n % VL, part = x->n - whole;
  const Mask mask = vec_mask(part > 0 ? part : 1);
  const Vec zero = { 0 };
  for (size_t i = 0; i < x->m; i++, a += x->ars, c += x->crs) {
    const Vec av = vec_splat(*a);
    for (size_t j = 0; j < whole; j += VL)
      vec_store(c + j, vec_fma(av, vec_load(b + j), zero));
    if (part > 0)
      vec_store_part(c + whole,
                     vec_fma(av, vec_load_part(b + whole, mask), zero), part);
  }
}

/* One job, one block of k, one panel of columns. */
static void run_one_panel (const Product *x, const REAL *a, const REAL *b,
                           const REAL *bias, REAL *c, REAL *strip) {
  const size_t width = (size_t)x->vectors * VL;
  Tile t = { x->k,   a, x->ars, x->acs, b,    x->brs, c,
             x->crs, 0, false,  false,  bias, NULL };
  t.part = x->n + VL - width;
  if (x->pack_b) {
    pack(strip, width, x->k, x->n, b, x->brs, x->bcs);
    t.b = strip;
    t.brs = (ptrdiff_t)width;
  }
  run_panel(&t, x->m, x->vectors, 0, NULL);
}

/* The same with several panels. */
static __attribute__((noinline)) void
run_panels (mlp_Runtime *rt, const Product *x, const REAL *a, const REAL *b,
            const REAL *bias, REAL *c, REAL *strip) {
  Run r = { .x = x, .rt = rt, .a = a };
  const Tile t = {
    .k = x->k,
    .a = a,
    .ars = x->ars,
    .acs = x->acs,
    .b = b,
    .brs = x->brs,
    .c = c,
    .crs = x->crs,
    .bias = bias,
    .terms = find_terms(&r, (char *)strip + x->scratch - terms_size(x)),
  };
  Next next = { 0 };
  if (x->pack_b)
    run_copied(x, t, strip, x->m, x->n, &next);
  else
    run_strip(x, &t, NULL, x->m, x->m, x->n, NULL);
}

/* A product that is not turned. */
static void run (mlp_Runtime *rt, const Product *x, const REAL *a,
                 const REAL *b, const REAL *bias, REAL *c, REAL *scratch) {
  if (x->m == 0 || x->n == 0) return;
  if (!x->small)
    run_large(rt, x, a, b, bias, c, scratch);
  else if (x->k == 1 && x->m > 1 && !x->pack_b && bias == NULL)
    run_outer(x, a, b, c);
  else if (x->vectors > 0)
    run_one_panel(x, a, b, bias, c, scratch);
  else
    run_panels(rt, x, a, b, bias, c, scratch);
}

void mlpi_multiply (mlp_Runtime *rt, const mlpi_Product *x, const REAL *a,
                    const REAL *b, const REAL *bias, REAL *c, void *scratch) {
  if (x->turned)
    run(rt, x, b, a, bias, c, scratch);
  else
    run(rt, x, a, b, bias, c, scratch);
}

void mlpi_gemm (mlp_Runtime *rt, size_t m, size_t n, size_t k, const REAL *a,
                ptrdiff_t ars, ptrdiff_t acs, const REAL *b, ptrdiff_t brs,
                ptrdiff_t bcs, REAL *c, ptrdiff_t crs, void *scratch) {
  const Product x = mlpi_product(m, n, k, ars, acs, brs, bcs, crs, false);
  mlpi_multiply(rt, &x, a, b, NULL, c, scratch);
}

size_t mlpi_gemm_scratch (size_t m, size_t n, size_t k, ptrdiff_t ars,
                          ptrdiff_t acs, ptrdiff_t brs, ptrdiff_t bcs) {
  return mlpi_product(m, n, k, ars, acs, brs, bcs, 1, false).scratch;
}
