/*
** kernels_test.c - every kernel against a naive version of its rule, bit by
** bit, on each instruction set of this machine and any number of threads.
** Compiled once per real type; the program is in the float one.
*/
#include "kernels_variant.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if MLPI_BITS == 32
typedef uint32_t Bits;
#else
typedef uint64_t Bits;
#endif

int kernels_test_f32 (mlp_Runtime *rt, int *failed);
int kernels_test_f64 (mlp_Runtime *rt, int *failed);

static int passed, failures;

static void check (bool ok, const char *what, const char *detail) {
  if (ok)
    passed++;
  else {
    failures++;
    printf("float%d %s: %s\n", MLPI_BITS, what, detail);
  }
}

static Bits bits_of (REAL x) {
  Bits b;
  memcpy(&b, &x, sizeof b);
  return b;
}

/* Equal bits; the payload of a NaN is nobody's business. */
static bool same (REAL x, REAL y) {
  return bits_of(x) == bits_of(y) || (x != x && y != y);
}

/* A stream of its own, so that a failure can be repeated. */
static uint64_t state = 42;

static uint64_t draw (void) {
  state = state * 6364136223846793005u + 1442695040888963407u;
  return (state >> 29 ^ state) * 0x9e3779b97f4a7c15u >> 16;
}
static size_t below (size_t n) { return (size_t)(draw() % n); }
static REAL uniform (void) { return (REAL)((double)draw() * 0x1p-47 - 1); }

static REAL *numbers (size_t n) {
  REAL *x = malloc((n + 1) * sizeof(REAL));
  for (size_t i = 0; i < n; i++) x[i] = uniform();
  return x;
}

/*
** Products.
*/

typedef struct Matrix {
  REAL *data, *at; /* 'at': element (0, 0) */
  ptrdiff_t rs, cs;
} Matrix;

enum { BLANKS = 16 };

/* Zeros of both signs in most of the columns, from one row to another. */
static void blank (Matrix x, size_t rows, size_t cols) {
  for (size_t j = 0; j < cols; j++) {
    const size_t from = below((unsigned)rows / 2 + 1),
                 n = below((unsigned)rows + 1);
    for (size_t i = from; i < rows && i < from + n && j % 4 > 0; i++)
      x.at[(ptrdiff_t)i * x.rs + (ptrdiff_t)j * x.cs] =
          i % 5 == 0 ? -R(0.0) : 0;
  }
}

/* how: bit 0 transposed, bit 1 padded; times 4: every other element, rows
** in reverse, one row repeated; BLANKS: many zeros. */
static Matrix matrix (size_t rows, size_t cols, int how) {
  const bool turned = how % 2, blanks = how >= BLANKS;
  how %= BLANKS;
  const size_t step = how / 4 == 1 ? 2 : 1;
  const size_t ld = (turned ? rows : cols) * step + (how / 2 % 2 ? 5 : 0);
  Matrix x = { .data = numbers((turned ? cols : rows) * ld) };
  x.at = x.data;
  x.rs = (ptrdiff_t)(turned ? step : ld);
  x.cs = (ptrdiff_t)(turned ? ld : step);
  if (how / 4 == 2 && rows > 0) {
    x.at += (ptrdiff_t)(rows - 1) * x.rs;
    x.rs = -x.rs;
  }
  if (how / 4 == 3) x.rs = 0;
  if (blanks) blank(x, rows, cols);
  return x;
}

/* The rule of kernel.h, word for word. */
static REAL element (size_t k, const REAL *a, ptrdiff_t as, const REAL *b,
                     ptrdiff_t bs) {
  REAL total = 0;
  for (size_t end, p = 0; p < k; p = end) {
    REAL chain = 0;
    end = k - p <= MLPI_KBLOCK * 3 / 2 ? k : p + MLPI_KBLOCK;
    for (size_t q = p; q < end; q++)
      chain = FMA(a[(ptrdiff_t)q * as], b[(ptrdiff_t)q * bs], chain);
    total = p == 0 ? chain : total + chain;
  }
  return total;
}

static void multiply (size_t m, size_t n, size_t k, Matrix a, Matrix b, REAL *c,
                      size_t crs) {
  for (size_t i = 0; i < m; i++)
    for (size_t j = 0; j < n; j++)
      c[i * crs + j] = element(k, a.at + (ptrdiff_t)i * a.rs, a.cs,
                               b.at + (ptrdiff_t)j * b.cs, b.rs);
}

/* Run a product; its scratch ends in a guard that must survive. */
static bool run_gemm (mlp_Runtime *rt, const Kernels *f, size_t m, size_t n,
                      size_t k, Matrix a, Matrix b, REAL *c, size_t crs) {
  size_t bytes = f->scratch(m, n, k, a.rs, a.cs, b.rs, b.cs);
  char *scratch = aligned_alloc(64, (bytes + 127) / 64 * 64);
  memset(scratch + bytes, 'g', 64);
  f->gemm(rt, m, n, k, a.at, a.rs, a.cs, b.at, b.rs, b.cs, c, (ptrdiff_t)crs,
          bytes > 0 ? scratch : NULL);
  bool intact = true;
  for (int i = 0; i < 64; i++) intact = intact && scratch[bytes + i] == 'g';
  free(scratch);
  return intact;
}

static void test_product (mlp_Runtime *rt, size_t m, size_t n, size_t k,
                          int how_a, int how_b) {
  const size_t crs = n + below(4), count = m * crs;
  Matrix a = matrix(m, k, how_a), b = matrix(k, n, how_b);
  REAL *before = numbers(count), *want = numbers(count), *got = numbers(count);
  memcpy(want, before, count * sizeof(REAL));
  multiply(m, n, k, a, b, want, crs);
  for (int isa = 0; isa <= rt->isa; isa++) {
    char what[160];
    snprintf(what, sizeof what,
             "%zu x %zu x %zu, layouts %d %d, isa %d, threads %d", m, n, k,
             how_a, how_b, isa, rt->threads);
    memcpy(got, before, count * sizeof(REAL));
    bool intact = run_gemm(rt, kernels_of(isa), m, n, k, a, b, got, crs);
    check(intact, "gemm wrote past its scratch", what);
    check(memcmp(got, want, count * sizeof(REAL)) == 0, "gemm", what);
  }
  free(a.data), free(b.data), free(want), free(got), free(before);
}

static void test_products (mlp_Runtime *rt) {
  static const size_t edge[] = { 0,   1,   2,   3,   4,   5,   6,   7,   8,
                                 9,   11,  13,  15,  16,  17,  23,  31,  32,
                                 33,  47,  64,  65,  97,  127, 131, 255, 256,
                                 257, 384, 385, 521, 640, 641 };
  enum { EDGES = sizeof edge / sizeof *edge };
  for (int i = 0; i < 500; i++) {
    size_t m = edge[below(EDGES)], n = edge[below(EDGES)];
    size_t k = edge[below(EDGES)];
    while (m * n * k > 400000) m /= 2, n = (n + 1) / 2;
    test_product(rt, m, n, k, (int)below(2 * BLANKS), (int)below(BLANKS));
  }
}

/* Large enough to be cut into jobs. */
static void test_large_products (mlp_Runtime *rt) {
  for (int threads = 1; threads <= 4; threads *= 2) {
    mlpi_set_threads(rt, threads);
    for (int how = 0; how < 4; how++) {
      test_product(rt, 32, 128, 784, how % 2 + BLANKS, how / 2);
      test_product(rt, 784, 130, 33, how % 2 + BLANKS, how / 2);
      test_product(rt, 300, 65, 650, how % 2 + BLANKS, how / 2);
      test_product(rt, 1, 131, 784, how % 2 + BLANKS, how / 2);
      test_product(rt, 5, 200, 99, how % 2 + BLANKS, how / 2);
      test_product(rt, 32, 128, 784, how % 2, how / 2);
      test_product(rt, 241, 67, 300, how % 2, how / 2);
      test_product(rt, 1, 1031, 1033, how % 2, how / 2);
      test_product(rt, 1300, 10, 257, how % 2, how / 2);
      test_product(rt, 67, 97, 641, how % 2, how / 2);
    }
  }
  mlpi_set_threads(rt, 1);
}

/*
** Products of several models abreast.
*/

enum { MODELS = MLPI_ABREAST };

/* A matrix of each model, interleaved; how: as that of 'matrix', below 4. */
static Matrix matrices (size_t rows, size_t cols, int how) {
  const bool turned = how % 2;
  const size_t ld = (turned ? rows : cols) + (how / 2 ? 3 : 0);
  Matrix x = { .data = numbers((turned ? cols : rows) * ld * MODELS) };
  x.at = x.data;
  x.rs = (ptrdiff_t)((turned ? 1 : ld) * MODELS);
  x.cs = (ptrdiff_t)((turned ? ld : 1) * MODELS);
  return x;
}

static void test_abreast_of (const mlp_Runtime *rt, size_t m, size_t n,
                             size_t k, int how_a, int how_b, bool biased) {
  Matrix a = matrices(m, k, how_a), b = matrices(k, n, how_b);
  REAL *bias = numbers(2 * n * MODELS), *want = numbers(m * n * MODELS);
  REAL *got = numbers(m * n * MODELS);
  const mlpi_AbreastProduct x = { m, n, k, a.rs, a.cs, b.rs, b.cs, 2 * MODELS };
  for (size_t i = 0; i < m * n * MODELS; i++) {
    const size_t row = i / (n * MODELS), col = i / MODELS % n,
                 model = i % MODELS;
    want[i] = element(k, a.at + (ptrdiff_t)row * a.rs + model, a.cs,
                      b.at + (ptrdiff_t)col * b.cs + model, b.rs);
    if (biased) want[i] += bias[2 * col * MODELS + model];
  }
  for (int isa = 0; isa <= rt->isa; isa++) {
    char what[100];
    snprintf(what, sizeof what, "%zu x %zu x %zu, layouts %d %d, isa %d", m, n,
             k, how_a, how_b, isa);
    memset(got, 0xff, m * n * MODELS * sizeof(REAL));
    kernels_of(isa)->abreast(&x, a.at, b.at, biased ? bias : NULL, got);
    check(memcmp(got, want, m * n * MODELS * sizeof(REAL)) == 0, "abreast",
          what);
  }
  free(a.data), free(b.data), free(bias), free(want), free(got);
}

static void test_abreast (const mlp_Runtime *rt) {
  static const size_t chain[] = {
    0, 1, 2, 9, 32, 255, 256, 257, 384, 385, 650
  };
  for (int i = 0; i < 300; i++) {
    const size_t m = below(14), n = below(12), k = chain[below(11)];
    test_abreast_of(rt, m, n, k, (int)below(4), (int)below(4), below(2));
  }
}

/*
** Sums.
*/

static REAL tree (const REAL *sums, size_t n) {
  size_t left = 1;
  if (n == 1) return sums[0];
  while (left * 2 < n) left *= 2;
  return tree(sums, left) + tree(sums + left, n - left);
}

static REAL naive_sum (size_t n, const REAL *x, ptrdiff_t stride,
                       const REAL *y) {
  REAL sums[64];
  const size_t blocks = (n + MLPI_SUMBLOCK - 1) / MLPI_SUMBLOCK;
  for (size_t b = 0; b < blocks; b++) {
    REAL lane[MLPI_LANES] = { 0 };
    const size_t first = b * MLPI_SUMBLOCK;
    for (size_t i = first; i < n && i < first + MLPI_SUMBLOCK; i++) {
      const REAL term = x[(ptrdiff_t)i * stride];
      lane[i % MLPI_LANES] += y != NULL ? term * y[i] : term;
    }
    for (int h = 8; h > 0; h /= 2)
      for (int l = 0; l < h; l++) lane[l] += lane[l + h];
    sums[b] = lane[0];
  }
  return n == 0 ? 0 : tree(sums, blocks);
}

static void test_sums_of (mlp_Runtime *rt, size_t n, size_t cols) {
  REAL *x = numbers(n * cols), *y = numbers(n), *out = numbers(cols);
  const ptrdiff_t rs = (ptrdiff_t)cols;
  char what[100];
  for (int isa = 0; isa <= rt->isa; isa++) {
    const Kernels *f = kernels_of(isa);
    bool ok = true;
    snprintf(what, sizeof what, "%zu of %zu columns, isa %d", n, cols, isa);
    check(same(f->sum(n, x, 1), naive_sum(n, x, 1, NULL)), "sum", what);
    check(same(f->sum(n, x, rs), naive_sum(n, x, rs, NULL)), "sum", what);
    check(same(f->dot(n, x, y), naive_sum(n, x, 1, y)), "dot", what);
    f->sum_rows(rt, n, cols, x, rs, out);
    for (size_t j = 0; j < cols; j++)
      ok = ok && same(out[j], naive_sum(n, x + j, rs, NULL));
    check(ok, "sum_rows", what);
  }
  free(x), free(y), free(out);
}

static void test_sums (mlp_Runtime *rt) {
  static const size_t rows[] = { 0,    1,    2,    15,    16,   17,   31,
                                 100,  2047, 2048, 2049,  4096, 6143, 6145,
                                 8191, 8192, 9000, 14337, 20481 };
  static const size_t cols[] = { 1, 2, 7, 8, 9, 16, 33, 70 };
  for (int threads = 1; threads <= 4; threads *= 2) {
    mlpi_set_threads(rt, threads);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
      test_sums_of(rt, rows[i], cols[i % 8]);
  }
  mlpi_set_threads(rt, 1);
}

/* H05: the mean of 1e8 ones, and of as many tenths. */
static void test_accuracy (mlp_Runtime *rt) {
  const REAL one = 1, tenth = R(0.1);
  const size_t n = 100000000;
  for (int isa = 0; isa <= rt->isa; isa++) {
    REAL ones = kernels_of(isa)->sum(n, &one, 0);
    double mean = (double)kernels_of(isa)->sum(n, &tenth, 0) / (double)n;
    check(ones == (REAL)n, "#H05 sum", "of 1e8 ones");
    check(fabs(mean / (double)tenth - 1) < 1e-6, "#H05 sum", "of 1e8 tenths");
  }
}

/*
** Functions.
*/

typedef struct Reference {
  const char *name;
  long double (*f)(long double x);
  double low, high; /* of the arguments that are tried */
  double bound;     /* in units in the last place, for float and double */
} Reference;

static long double sigmoid (long double x) { return 1 / (1 + expl(-x)); }
static long double softplus (long double x) {
  return fmaxl(x, 0) + log1pl(expl(-fabsl(x)));
}

static const Reference references[] = {
  { "exp", expl, -110, 95, 2 },
  { "exp", expl, -760, 720, 2 },
  { "expm1", expm1l, -40, 95, 2 },
  { "expm1", expm1l, -1, 1, 2 },
  { "expm1", expm1l, -1e-5, 1e-5, 2 },
  { "log", logl, 0, 1e-38, 2 },
  { "log", logl, 0, 3, 2 },
  { "log", logl, 0.9, 1.1, 2 },
  { "log", logl, 0, 1e30, 2 },
  { "log1p", log1pl, -1, 3, 2 },
  { "log1p", log1pl, -1e-3, 1e-3, 2 },
  { "log1p", log1pl, 0, 1e30, 2 },
  { "log2", log2l, 0, 3, 2 },
  { "log2", log2l, 0, 1e30, 2 },
  { "log10", log10l, 0, 3, 2 },
  { "log10", log10l, 0, 1e30, 2 },
  { "tanh", tanhl, -12, 12, 2 },
  { "tanh", tanhl, -1, 1, 2 },
  { "tanh", tanhl, -1e-4, 1e-4, 2 },
  { "sigmoid", sigmoid, -110, 110, 2 },
  { "sigmoid", sigmoid, -2, 2, 2 },
  { "softplus", softplus, -110, 110, 2 },
  { "softplus", softplus, -2, 2, 2 },
  { "erf", erfl, -7, 7, 2 },
  { "erf", erfl, -1.1, 1.1, 2 },
  { "erf", erfl, -1e-5, 1e-5, 2 },
  { "sin", sinl, -4, 4, 2 },
  { "sin", sinl, -1e6, 1e6, 2 },
  { "cos", cosl, -4, 4, 2 },
  { "cos", cosl, -1e6, 1e6, 2 },
  { "tan", tanl, -4, 4, 4 },
  { "asin", asinl, -1, 1, 2 },
  { "acos", acosl, -1, 1, 2 },
  { "atan", atanl, -4, 4, 2 },
  { "atan", atanl, -1e6, 1e6, 2 },
  { "sinh", sinhl, -95, 95, 4 },
  { "sinh", sinhl, -1, 1, 4 },
  { "cosh", coshl, -95, 95, 2 },
};
enum { REFERENCES = sizeof references / sizeof *references, SAMPLES = 20000 };

static const REAL specials[] = {
  0,
  -R(0.0),
  1,
  -1,
  R(0.5),
  -R(0.5),
  2,
  -2,
  3,
  -3,
  R(0.1),
  R(1e-30),
  R(-1e-30),
  100,
  -100,
  R(1e30),
  R(-1e30),
  1000,
  -1000,
  INFINITY,
  -INFINITY,
  NAN,
  (REAL)1e-310,
  R(1e-40),
  R(2.5),
  R(16777217.0),
};
enum { SPECIALS = sizeof specials / sizeof *specials };

static const Function *function (int isa, const char *name) {
  const Function *g = kernels_of(isa)->functions;
  while (strcmp(g->name, name) != 0) g++;
  return g;
}

/* |got - want| in units of the last place of 'want'. */
static double error_of (REAL got, long double want) {
  const int digits = MLPI_BITS == 32 ? 24 : 53;
  const int least = MLPI_BITS == 32 ? -149 : -1074;
  const REAL rounded = (REAL)want;
  int e;
  if (isnan(want) || isinf(rounded) || isnan(got) || isinf(got))
    return same(got, rounded) ? 0 : 1e9;
  frexpl(want, &e);
  return (double)(fabsl((long double)got - want) /
                  ldexpl(1, e - digits > least ? e - digits : least));
}

/* The same bits alone, in a loop, and on every instruction set. */
static void check_bits (int isas, const char *name, size_t n, const REAL *x,
                        const REAL *y, const REAL *want) {
  REAL *got = numbers(n);
  for (int isa = 0; isa <= isas; isa++)
    for (int alone = 0; alone < 2; alone++) {
      const Function *g = function(isa, name);
      size_t i = 0;
      (alone ? g->one : g->loop)(n, x, y, got);
      while (i < n && same(got[i], want[i])) i++;
      char what[100] = "";
      if (i < n)
        snprintf(what, sizeof what, "of %.17g is not the same on isa %d%s",
                 (double)x[i], isa, alone ? ", alone" : "");
      check(i == n, name, what);
    }
  free(got);
}

/* With VERBOSE: a checksum of results, to compare with another machine's. */
static void print_bits (const char *name, size_t n, const REAL *got) {
  uint64_t sum = 14695981039346656037u;
  if (getenv("VERBOSE") == NULL) return;
  for (size_t i = 0; i < n; i++) {
    uint64_t v = 0;
    memcpy(&v, got + i, sizeof(REAL));
    if (!isnan(got[i])) sum = (sum ^ v) * 1099511628211u;
  }
  printf("bits %s %d %016llx\n", name, MLPI_BITS, (unsigned long long)sum);
}

static void test_function (int isas, const Reference *r) {
  const size_t n = SAMPLES + SPECIALS;
  REAL *x = numbers(n), *got = numbers(n);
  double worst = 0, at = 0;
  for (size_t i = 0; i < SAMPLES; i++)
    x[i] = (REAL)(r->low + (r->high - r->low) * (0.5 + 0.5 * (double)x[i]));
  memcpy(x + SAMPLES, specials, sizeof specials);
  function(isas, r->name)->loop(n, x, x, got);
  print_bits(r->name, n, got);
  for (size_t i = 0; i < n; i++) {
    double e = error_of(got[i], r->f(x[i]));
    if (fabs((double)x[i]) > 0x1p50 && isnan(got[i])) continue; /* vtrig.h */
    if (e > worst) worst = e, at = (double)x[i];
  }
  char what[100];
  snprintf(what, sizeof what, "of %.17g is wrong by %.3g ulp", at, worst);
  if (getenv("VERBOSE"))
    printf("%-9s %8g %8g  %.2f ulp at %.17g\n", r->name, r->low, r->high, worst,
           at);
  check(worst <= r->bound * (MLPI_BITS == 64 ? 2 : 1), r->name, what);
  check_bits(isas, r->name, n, x, x, got);
  free(x), free(got);
}

static void test_pow (int isas) {
  enum { N = SAMPLES + SPECIALS * SPECIALS };
  REAL *x = numbers(N), *y = numbers(N), *got = numbers(N);
  double worst = 0;
  size_t at = 0, i = 0;
  for (; i < SAMPLES; i++) {
    x[i] = i % 3 == 0 ? 1 + x[i] / 64 : i % 3 == 1 ? 50 * (x[i] + 1) : x[i];
    y[i] = i % 3 == 0   ? 3000 * y[i]
           : i % 3 == 1 ? 20 * y[i]
                        : (REAL)(i % 20) - 5;
  }
  for (int a = 0; a < SPECIALS; a++)
    for (int b = 0; b < SPECIALS; b++, i++)
      x[i] = specials[a], y[i] = specials[b];
  function(isas, "pow")->loop(N, x, y, got);
  print_bits("pow", N, got);
  for (i = 0; i < N; i++) {
    double e = error_of(got[i], powl(x[i], y[i]));
    if (e > worst) worst = e, at = i;
  }
  char what[160];
  snprintf(what, sizeof what, "%.17g ^ %.17g = %.17g is wrong by %.3g ulp",
           (double)x[at], (double)y[at], (double)got[at], worst);
  if (getenv("VERBOSE")) printf("%s\n", what);
  check(worst <= 4, "pow", what);
  check_bits(isas, "pow", N, x, y, got);
  free(x), free(y), free(got);
}

static void test_functions (int isas) {
  state = 43; /* whatever the compiler's order of arguments drew before */
  for (int i = 0; i < REFERENCES; i++) test_function(isas, &references[i]);
  test_pow(isas);
}

int TYPED (kernels_test)(mlp_Runtime *rt, int *failed) {
  test_products(rt);
  test_large_products(rt);
  test_abreast(rt);
  test_sums(rt);
  test_accuracy(rt);
  test_functions(rt->isa);
  *failed += failures;
  return passed;
}

#if MLPI_BITS == 32
int main (void) {
  mlp_Runtime *rt;
  int failed = 0;
  if (mlp_create(NULL, &rt) != MLP_OK) return 2;
  int ok = kernels_test_f32(rt, &failed);
  ok += kernels_test_f64(rt, &failed);
  mlp_destroy(rt);
  printf("kernels: %d passed, %d failed\n", ok, failed);
  return failed > 0;
}
#endif
