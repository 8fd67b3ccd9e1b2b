/*
** font.c - letters as filled outlines. FreeType reads DejaVu Sans, which is
** part of the program, and cairo fills the curves. Cairo's own text would
** move every letter to a whole pixel and keep faces in a cache of the
** process; outlines sit where the metrics say and leave nothing behind.
*/
#include "plot/canvas.h"

#include <math.h>

#include <ft2build.h>
#include FT_FREETYPE_H
#include FT_OUTLINE_H

extern const unsigned char mlpi_font[], mlpi_font_end[];

struct mlpi_Font {
  mlp_Runtime *rt;
  FT_Library library;
  FT_Face face;
};

static const double LINE = 1.2; /* ems between base lines */

mlp_Status mlpi_font_open (mlp_Runtime *rt, mlpi_Font **out) {
  mlpi_Font *f = mlpi_calloc(rt, 1, sizeof *f);
  *out = NULL;
  if (f == NULL) return MLP_ENOMEM;
  f->rt = rt;
  if (FT_Init_FreeType(&f->library) != 0 ||
      FT_New_Memory_Face(f->library, mlpi_font, mlpi_font_end - mlpi_font, 0,
                         &f->face) != 0) {
    mlpi_font_close(f);
    return mlpi_error(rt, MLP_ENOMEM, "plot: cannot open the embedded font");
  }
  *out = f;
  return MLP_OK;
}

void mlpi_font_close (mlpi_Font *f) {
  if (f == NULL) return;
  if (f->library != NULL) FT_Done_FreeType(f->library); /* and its face */
  mlpi_free(f->rt, f, sizeof *f);
}

/* The next character of UTF-8 text; what is not UTF-8 counts as Latin-1. */
static FT_ULong next_char (const char **text) {
  const unsigned char *s = (const unsigned char *)*text;
  int more = s[0] >= 0xF0 ? 3 : s[0] >= 0xE0 ? 2 : s[0] >= 0xC0 ? 1 : 0;
  FT_ULong c = more == 0 ? s[0] : s[0] & (0x3FU >> more);
  for (int i = 1; i <= more; i++) {
    if ((s[i] & 0xC0) != 0x80) {
      *text += 1;
      return s[0];
    }
    c = c << 6 | (s[i] & 0x3F);
  }
  *text += more + 1;
  return c;
}

/* A text on its way: where the next letter goes, in font units. */
typedef struct Walk {
  mlpi_Font *font;
  const char *rest;
  FT_UInt last;
  double x;
} Walk;

/* Load the next letter of the line; false at its end. */
static bool next_glyph (Walk *w, double *x) {
  FT_Vector kern;
  FT_Face face = w->font->face;
  if (*w->rest == '\0' || *w->rest == '\n') return false;
  FT_UInt glyph = FT_Get_Char_Index(face, next_char(&w->rest));
  if (w->last != 0 &&
      FT_Get_Kerning(face, w->last, glyph, FT_KERNING_UNSCALED, &kern) == 0)
    w->x += (double)kern.x;
  w->last = glyph;
  if (FT_Load_Glyph(face, glyph, FT_LOAD_NO_SCALE) != 0) return false;
  *x = w->x;
  w->x += (double)face->glyph->metrics.horiAdvance;
  return true;
}

/* One line; returns what is behind it. */
static const char *measure_line (mlpi_Font *f, const char *text,
                                 mlpi_Ink *out) {
  Walk w = { .font = f, .rest = text };
  double x, em = f->face->units_per_EM;
  *out = (mlpi_Ink){ .x0 = HUGE_VAL, .y0 = HUGE_VAL, .x1 = 0, .y1 = -HUGE_VAL };
  while (next_glyph(&w, &x)) {
    const FT_Glyph_Metrics *m = &f->face->glyph->metrics;
    if (m->width == 0) continue;
    out->x0 = fmin(out->x0, (x + (double)m->horiBearingX) / em);
    out->x1 = fmax(out->x1, (x + (double)(m->horiBearingX + m->width)) / em);
    out->y0 = fmin(out->y0, (double)-m->horiBearingY / em);
    out->y1 = fmax(out->y1, (double)(m->height - m->horiBearingY) / em);
  }
  out->advance = w.x / em;
  if (out->x0 > out->x1) *out = (mlpi_Ink){ .advance = out->advance };
  return *w.rest == '\n' ? w.rest + 1 : NULL;
}

/* Lines are centred on the widest; y = 0 is the base line of the last. */
void mlpi_font_measure (mlpi_Font *f, const char *text, mlpi_Ink *out) {
  mlpi_Ink line;
  text = measure_line(f, text, out);
  while (text != NULL) {
    text = measure_line(f, text, &line);
    double wide = fmax(out->advance, line.advance);
    double a = (wide - out->advance) / 2, b = (wide - line.advance) / 2;
    out->x0 = fmin(out->x0 + a, line.x0 + b);
    out->x1 = fmax(out->x1 + a, line.x1 + b);
    out->y0 = fmin(out->y0 - LINE, line.y0);
    out->y1 = fmax(out->y1 - LINE, line.y1);
    out->advance = wide;
  }
}

/* FreeType's callbacks: 'ud' is a cairo_t, scaled to font units. */
static int move (const FT_Vector *to, void *ud) {
  cairo_close_path(ud);
  cairo_move_to(ud, (double)to->x, (double)to->y);
  return 0;
}

static int line (const FT_Vector *to, void *ud) {
  cairo_line_to(ud, (double)to->x, (double)to->y);
  return 0;
}

static int conic (const FT_Vector *c, const FT_Vector *to, void *ud) {
  double x, y, cx = (double)c->x, cy = (double)c->y;
  double tx = (double)to->x, ty = (double)to->y;
  cairo_get_current_point(ud, &x, &y);
  cairo_curve_to(ud, x + 2 * (cx - x) / 3, y + 2 * (cy - y) / 3,
                 tx + 2 * (cx - tx) / 3, ty + 2 * (cy - ty) / 3, tx, ty);
  return 0;
}

static int cubic (const FT_Vector *a, const FT_Vector *b, const FT_Vector *to,
                  void *ud) {
  cairo_curve_to(ud, (double)a->x, (double)a->y, (double)b->x, (double)b->y,
                 (double)to->x, (double)to->y);
  return 0;
}

static void draw_line (mlpi_Font *f, cairo_t *cr, const char *text) {
  static const FT_Outline_Funcs funcs = { move, line, conic, cubic, 0, 0 };
  Walk w = { .font = f, .rest = text };
  double x;
  while (next_glyph(&w, &x)) {
    cairo_save(cr);
    cairo_translate(cr, x, 0);
    cairo_new_sub_path(cr);
    FT_Outline_Decompose(&f->face->glyph->outline, &funcs, cr);
    cairo_close_path(cr);
    cairo_restore(cr);
  }
}

void mlpi_font_draw (mlpi_Font *f, cairo_t *cr, const char *text, double size,
                     double x, double y, double angle) {
  double em = f->face->units_per_EM, scale = size / em;
  mlpi_Ink whole, one;
  int lines = 0;
  for (const char *s = text; *s != '\0'; s++) lines += *s == '\n';
  mlpi_font_measure(f, text, &whole);
  cairo_save(cr);
  cairo_translate(cr, x, y);
  cairo_rotate(cr, -angle * acos(-1) / 180);
  cairo_scale(cr, scale, -scale); /* font units, y upwards */
  cairo_new_path(cr);
  for (; text != NULL; lines--) {
    const char *rest = measure_line(f, text, &one);
    cairo_save(cr);
    cairo_translate(cr, (whole.advance - one.advance) / 2 * em,
                    lines * LINE * em);
    draw_line(f, cr, text);
    cairo_restore(cr);
    text = rest;
  }
  cairo_restore(cr);
  cairo_fill(cr);
}
