/*
** text.c - measured pieces of text, put where they are wanted.
*/
#include "plot/layout.h"

#include <math.h>
#include <string.h>

static int lines_of (const char *text) {
  int n = 1;
  for (; *text != '\0'; text++) n += *text == '\n';
  return n;
}

double mlpi_text_width (mlpi_Layout *l, const char *text, double size) {
  mlpi_Ink ink;
  mlpi_font_measure(l->font, text, &ink);
  return ink.advance * size * l->f->pt;
}

/* From the top of capitals to the base line of the last line. */
double mlpi_text_height (mlpi_Layout *l, const char *text, double size) {
  return (MLPI_CAP + 1.2 * (lines_of(text) - 1)) * size * l->f->pt;
}

/* Where (dx, dy), in the text's own frame, lies in the picture. */
static void rotate (const mlpi_Caption *t, double dx, double dy, double *x,
                    double *y) {
  double a = t->angle * acos(-1) / 180;
  *x = t->x + dx * cos(a) + dy * sin(a);
  *y = t->y - dx * sin(a) + dy * cos(a);
}

static mlpi_Box ink_box (const mlpi_Caption *t, const mlpi_Ink *ink,
                         double em) {
  double x, y, xs[] = { ink->x0, ink->x1 }, ys[] = { ink->y0, ink->y1 };
  mlpi_Box b = { HUGE_VAL, HUGE_VAL, -HUGE_VAL, -HUGE_VAL };
  for (int i = 0; i < 4; i++) {
    rotate(t, xs[i & 1] * em, ys[i >> 1] * em, &x, &y);
    b = (mlpi_Box){ fmin(b.x0, x), fmin(b.y0, y), fmax(b.x1, x),
                    fmax(b.y1, y) };
  }
  return b;
}

void mlpi_put_text (mlpi_Layout *l, const mlpi_Caption *like, double x,
                    double y, double ha, double va) {
  double em = like->size * l->f->pt;
  mlpi_Ink ink;
  mlpi_Caption *t;
  if (like->text == NULL || like->text[0] == '\0') return;
  t = mlpi_arena_alloc(&l->f->scene, sizeof *t);
  if (t == NULL) return; /* the arena remembers */
  *t = *like;
  mlpi_font_measure(l->font, t->text, &ink);
  t->x = x;
  t->y = y;
  rotate(t, -ha * ink.advance * em, va * mlpi_text_height(l, t->text, t->size),
         &x, &y);
  t->x = x;
  t->y = y;
  t->box = ink_box(t, &ink, em);
  t->next = NULL;
  *l->f->last_text = t;
  l->f->last_text = &t->next;
}

const char *mlpi_wrap (mlpi_Layout *l, const char *text, double size,
                       double width) {
  char *s = mlpi_arena_text(&l->f->scene, text), *line = s, *space = NULL;
  if (s == NULL || mlpi_text_width(l, s, size) <= width) return s;
  for (char *p = s; *p != '\0'; p++) {
    if (*p == '\n') line = p + 1;
    if (*p != ' ') continue;
    *p = '\0';
    bool wide = mlpi_text_width(l, line, size) > width;
    *p = ' ';
    if (wide && space != NULL && space > line) {
      *space = '\n';
      line = space + 1;
    }
    space = p;
  }
  if (space != NULL && space > line && mlpi_text_width(l, line, size) > width)
    *space = '\n';
  return s;
}

/* Cut by characters of UTF-8, whose later bytes are 10xxxxxx. */
const char *mlpi_elide (mlpi_Layout *l, const char *text, double size,
                        double width) {
  static const char dots[] = "\u2026";
  size_t n = strlen(text);
  if (mlpi_text_width(l, text, size) <= width) return text;
  char *s = mlpi_arena_alloc(&l->f->scene, n + sizeof dots);
  if (s == NULL) return text;
  memcpy(s, text, n);
  do {
    do n--;
    while (n > 0 && ((unsigned char)s[n] & 0xC0) == 0x80);
    memcpy(s + n, dots, sizeof dots);
  } while (n > 1 && mlpi_text_width(l, s, size) > width);
  return s;
}

/* "+ 10^9", "- 1.25 x 10^7", "+ 31.4159": all digits of an offset. */
static char *write_offset (char *to, double v) {
  int e = (int)floor(log10(fabs(v)) + 1e-12), decimals = 0;
  bool power = e >= 6 || e < -4;
  double m = fabs(v) / (power ? pow(10, e) : 1);
  while (decimals < 15 &&
         fabs(m - rint(m * pow(10, decimals)) / pow(10, decimals)) > 1e-14 * m)
    decimals++;
  to = stpcpy(to, v < 0 ? "\u2212 " : "+ ");
  if (!power || m != 1) {
    mlpi_format_fixed(m, decimals, to);
    to += strlen(to);
    if (power) to = stpcpy(to, " \u00D7 ");
  }
  if (power) mlpi_format_power(e, to);
  return to + strlen(to);
}

const char *mlpi_scaled_label (mlpi_Layout *l, const char *label,
                               const mlpi_Ticks *t) {
  enum { SCALE = 160 }; /* bytes: more than a power and an offset take */
  if (t->exponent == 0 && t->offset == 0) return label;
  if (label == NULL) label = "";
  char *s = mlpi_arena_alloc(&l->f->scene, strlen(label) + SCALE);
  if (s == NULL) return NULL;
  char *end = stpcpy(stpcpy(s, label), *label ? " (" : "");
  if (t->exponent != 0) {
    end = stpcpy(end, "\u00D7");
    mlpi_format_power(t->exponent, end);
    end += strlen(end);
    if (t->offset != 0) end = stpcpy(end, " ");
  }
  if (t->offset != 0) end = write_offset(end, t->offset);
  stpcpy(end, *label ? ")" : "");
  return s;
}

mlp_Status mlpi_text_size (mlp_Runtime *rt, const char *text, double size,
                           double *width, double *height) {
  mlpi_Font *font;
  mlpi_Ink ink;
  mlp_Status status = mlpi_font_open(rt, &font);
  if (status != MLP_OK) return status;
  mlpi_font_measure(font, text, &ink);
  mlpi_font_close(font);
  *width = ink.advance * size;
  *height = (MLPI_CAP + 1.2 * (lines_of(text) - 1)) * size;
  return MLP_OK;
}
