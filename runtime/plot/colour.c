/*
** colour.c - colours by name, cycles for categories, colour maps.
** Okabe & Ito 2008, "Color universal design", without the yellow, which does
** not show on white; viridis and magma by Smith & van der Walt, coolwarm by
** Moreland 2009, RdBu, greys and blues by Brewer, playground by
** Smilkov & Carter 2016: 33 knots of each, which
** miss the whole map by at most .013.
*/
#include "plot/plot.h"

#include <math.h>
#include <string.h>

#define RGB(hex)                                                               \
  { ((hex) >> 16) / 255.0, ((hex) >> 8 & 255) / 255.0, ((hex)&255) / 255.0, 1 }

static const mlpi_Colour okabe_ito[] = {
  RGB(0x0072B2), RGB(0xD55E00), RGB(0x009E73), RGB(0xCC79A7),
  RGB(0xE69F00), RGB(0x56B4E9), RGB(0x000000),
};
static const mlpi_Colour on_dark[] = {
  RGB(0x56B4E9), RGB(0xE69F00), RGB(0x2BC79A), RGB(0xE18FBF),
  RGB(0xF0E442), RGB(0xFF7F3F), RGB(0xFFFFFF),
};
static const mlpi_Colour tab10[] = {
  RGB(0x1F77B4), RGB(0xFF7F0E), RGB(0x2CA02C), RGB(0xD62728), RGB(0x9467BD),
  RGB(0x8C564B), RGB(0xE377C2), RGB(0x7F7F7F), RGB(0xBCBD22), RGB(0x17BECF),
};

static const mlpi_Theme themes[] = {
  { "light", RGB(0xFFFFFF), RGB(0x1A1A1A), RGB(0xE6E6E6), RGB(0x808080),
    okabe_ito, 7 },
  { "dark", RGB(0x16191F), RGB(0xE2E4E9), RGB(0x2E333D), RGB(0x8A909C), on_dark,
    7 },
  { "tab10", RGB(0xFFFFFF), RGB(0x1A1A1A), RGB(0xE6E6E6), RGB(0x808080), tab10,
    10 },
};
const char mlpi_theme_names[] = "light dark tab10";

const mlpi_Theme *mlpi_theme (const char *name) {
  for (size_t i = 0; i < sizeof themes / sizeof *themes; i++)
    if (strcmp(themes[i].name, name) == 0) return &themes[i];
  return NULL;
}

mlpi_Colour mlpi_cycle (const mlpi_Theme *t, int i) {
  return t->cycle[i % t->ncycle];
}

/* Lines of one colour differ in their dashes, areas and points cannot: the
** second round is nearer to the foreground, the third to the background. */
mlpi_Colour mlpi_cycle_class (const mlpi_Theme *t, int i) {
  mlpi_Colour c = mlpi_cycle(t, i);
  int round = i / t->ncycle % 3;
  mlpi_Colour to = round == 1 ? t->fore : t->back;
  double share = round == 0 ? 0 : .45;
  if (i % t->ncycle == t->ncycle - 1) to = t->back; /* black itself */
  if (round == 2 && i % t->ncycle == t->ncycle - 1) share = .7;
  return (mlpi_Colour){ c.r + share * (to.r - c.r), c.g + share * (to.g - c.g),
                        c.b + share * (to.b - c.b), c.a };
}

static int digit (char c) {
  if ('0' <= c && c <= '9') return c - '0';
  if ('a' <= c && c <= 'f') return c - 'a' + 10;
  if ('A' <= c && c <= 'F') return c - 'A' + 10;
  return -1;
}

/* n hexadecimal digits to 'channels' values in [0, 1]. */
static bool parse_hex (const char *s, size_t n, double *out) {
  size_t each = n == 3 ? 1 : 2;
  if (n != 3 && n != 6 && n != 8) return false;
  for (size_t i = 0; i < n; i += each) {
    int hi = digit(s[i]), lo = digit(s[i + each - 1]);
    if (hi < 0 || lo < 0) return false;
    out[i / each] = (hi * 16 + lo) / 255.0;
  }
  return true;
}

static bool named_colour (const mlpi_Theme *t, const char *s,
                          mlpi_Colour *out) {
  static const struct {
    const char *name;
    mlpi_Colour colour;
  } names[] = {
    { "black", RGB(0x000000) },  { "white", RGB(0xFFFFFF) },
    { "grey", RGB(0x808080) },   { "gray", RGB(0x808080) },
    { "blue", RGB(0x0072B2) },   { "red", RGB(0xC8102E) },
    { "green", RGB(0x009E73) },  { "orange", RGB(0xE69F00) },
    { "purple", RGB(0x7B3294) }, { "pink", RGB(0xCC79A7) },
    { "yellow", RGB(0xF0E442) }, { "brown", RGB(0x8C564B) },
    { "cyan", RGB(0x56B4E9) },   { "magenta", RGB(0xCC79A7) },
    { "k", RGB(0x000000) },      { "w", RGB(0xFFFFFF) },
    { "b", RGB(0x0072B2) },      { "r", RGB(0xC8102E) },
    { "g", RGB(0x009E73) },      { "y", RGB(0xF0E442) },
  };
  *out = t->fore;
  if (strcmp(s, "fore") == 0) return true;
  *out = t->faint;
  if (strcmp(s, "faint") == 0) return true;
  *out = t->back;
  if (strcmp(s, "back") == 0) return true;
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    *out = names[i].colour;
    if (strcmp(names[i].name, s) == 0) return true;
  }
  return false;
}

bool mlpi_parse_colour (const mlpi_Theme *t, const char *s, mlpi_Colour *out) {
  double v[4] = { 0, 0, 0, 1 };
  if (s[0] == 'C' && '0' <= s[1] && s[1] <= '9' && s[2] == '\0') {
    *out = mlpi_cycle(t, s[1] - '0');
    return true;
  }
  if (s[0] != '#') return named_colour(t, s, out);
  if (!parse_hex(s + 1, strlen(s + 1), v)) return false;
  *out = (mlpi_Colour){ v[0], v[1], v[2], v[3] };
  return true;
}

static const char viridis[] =
    "440154470d6048186a482374472d7b4537814240863e49893b528b375b8d"
    "33638d2f6b8e2c728e297a8e26828e23898e21918c1f988b1fa08822a785"
    "28ae8032b67a3fbc734ec36b5ec96270cf5784d44b98d83eaddc30c2df23"
    "d8e219ece51bfde725";
static const char magma[] =
    "0000040303120a0822130d341d114729115a36106b440f7651127c5d177f"
    "6a1c81762181832681902a819c2e7faa337db73779c43c75d0416fdc4869"
    "e75263ef5d5ef56b5cf9795dfc8961fd9869fea772feb67cfec488fed395"
    "fde2a3fcf0b2fcfdbf";
static const char rdbu[] =
    "67001f7f0823960f27ae172abb2a34c6413ed25849dc6e57e58368ef9979"
    "f5ac8bf8bda1fbceb7fdddcbfbe6daf9efe9f6f7f7eaf1f5deebf2d2e6f0"
    "c0dcebacd2e598c8e081bad868abd04f9bc73e8cbf337eb82870b11e61a5"
    "15508d0d3f76053061";
static const char coolwarm[] =
    "3b4cc0445acc4e68d85875e16282ea6c8ff1779af782a6fb8db0fe98b9ff"
    "a3c2feaec9fcb9d0f9c3d5f4ccd9edd5dbe5dddcdce5d8d1ecd3c5f1ccb8"
    "f5c4acf7ba9ff7b093f6a586f4987af08b6eeb7d62e46e56dd5f4bd44e41"
    "ca3b37be242eb40426";
static const char greys[] =
    "fffffffbfbfbf7f7f7f4f4f4f0f0f0eaeaeae4e4e4dfdfdfd9d9d9d2d2d2"
    "cbcbcbc4c4c4bdbdbdb3b3b3a9a9a99f9f9f9595958d8d8d8484847b7b7b"
    "7272726a6a6a6262625a5a5a5151514646463a3a3a2f2f2f2424241b1b1b"
    "111111080808000000";
static const char blues[] =
    "f7fbfff1f7fdeaf3fbe4eff9deebf7d8e7f5d2e3f3ccdff1c6dbefbcd7eb"
    "b2d2e8a8cee49dcae191c3de84bcdb77b5d96aaed660a7d256a0ce4b98ca"
    "4191c63989c13181bd2979b92070b41a68ae1460a80e58a208509b08488e"
    "08408208377608306b";
static const char playground[] =
    "f59322f4982ff39e3bf3a348f2a954f1ae61f0b46defb97aeebe86eec493"
    "edc9a0eccfacebd4b9eadac5eadfd2e9e5dee8eaebdae3e8ccdce5bed4e2"
    "b0cde0a2c6dd94bfda86b8d778b0d46aa9d15ca2ce4e9bcb4094c8328dc6"
    "2485c3167ec00877bd";

enum { KNOTS = 33 };
static const struct {
  const char *name, *knots;
} maps[] = {
  { "viridis", viridis },       { "magma", magma }, { "RdBu", rdbu },
  { "coolwarm", coolwarm },     { "greys", greys }, { "blues", blues },
  { "playground", playground },
};
const char mlpi_map_names[] =
    "viridis magma RdBu coolwarm greys blues playground";

bool mlpi_find_map (const char *name, mlpi_Map *out) {
  size_t n = strlen(name);
  bool reversed = n > 2 && strcmp(name + n - 2, "_r") == 0;
  if (reversed) n -= 2;
  for (size_t i = 0; i < sizeof maps / sizeof *maps; i++) {
    if (strlen(maps[i].name) != n || memcmp(maps[i].name, name, n) != 0)
      continue;
    *out = (mlpi_Map){ maps[i].knots, reversed };
    return true;
  }
  return false;
}

mlpi_Colour mlpi_map_colour (const mlpi_Map *m, double t) {
  double a[3], b[3];
  t = t < 0 ? 0 : t > 1 ? 1 : t;
  if (m->reversed) t = 1 - t;
  int i = (int)(t * (KNOTS - 1));
  if (i > KNOTS - 2) i = KNOTS - 2;
  double w = t * (KNOTS - 1) - i;
  parse_hex(m->knots + 6 * i, 6, a);
  parse_hex(m->knots + 6 * i + 6, 6, b);
  return (mlpi_Colour){ a[0] + w * (b[0] - a[0]), a[1] + w * (b[1] - a[1]),
                        a[2] + w * (b[2] - a[2]), 1 };
}
