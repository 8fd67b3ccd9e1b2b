/*
** csv.c - from the bytes of a file to records of cells.
** Shafranovich 2005, RFC 4180.
*/
#include "data/csv.h"
#include "base/io.h"
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

mlp_Status mlpi_csv_error (const mlpi_Csv *c, size_t line, const char *fmt,
                           ...) {
  char why[400], path[MLPI_QUOTED];
  va_list ap;
  va_start(ap, fmt);
  vsnprintf(why, sizeof why, fmt, ap);
  va_end(ap);
  return mlpi_about(c->rt, c->path,
                    mlpi_error(c->rt, MLP_EFORMAT, "csv: %s, line %zu: %s",
                               mlpi_quote(c->path, path), line, why));
}

char *mlpi_cell_text (const mlpi_Cell *cell, char buf[MLPI_CELL_TEXT]) {
  char raw[25], quoted[MLPI_QUOTED];
  size_t n = cell->n < sizeof raw ? cell->n : sizeof raw - 1;
  if (n < cell->n) /* not inside a character */
    while (n > 0 && ((unsigned char)cell->s[n] & 0xc0) == 0x80) n--;
  memcpy(raw, cell->s, n);
  raw[n] = '\0';
  snprintf(buf, MLPI_CELL_TEXT, "%.50s%s", mlpi_quote(raw, quoted),
           n < cell->n ? "..." : "");
  return buf;
}

char *mlpi_cell_copy (mlp_Runtime *rt, const mlpi_Cell *cell) {
  size_t n = 0, doubled = 0;
  for (size_t i = 0; cell->quoted && i < cell->n; i++)
    doubled += cell->s[i] == '"';
  char *copy = mlpi_alloc(rt, cell->n - doubled / 2 + 1);
  if (copy == NULL) return NULL;
  for (size_t i = 0; i < cell->n; i++) {
    copy[n++] = cell->s[i];
    if (cell->quoted && cell->s[i] == '"') i++;
  }
  copy[n] = '\0';
  return copy;
}

static bool line_end (char ch) { return ch == '\n' || ch == '\r'; }

/* The candidate that the first line has most of, outside quotes. */
static char guess_separator (const mlpi_Csv *c) {
  static const char candidate[] = ",;\t|";
  size_t count[4] = { 0 }, best = 0;
  bool quoted = false;
  for (size_t i = c->at; i < c->n; i++) {
    const char *p = strchr(candidate, c->text[i]);
    if (c->text[i] == '"') quoted = !quoted;
    if (!quoted && line_end(c->text[i])) break;
    if (!quoted && p != NULL) count[p - candidate]++;
  }
  for (size_t i = 1; i < 4; i++)
    if (count[i] > count[best]) best = i;
  return candidate[best];
}

static mlp_Status check_encoding (const mlpi_Csv *c) {
  char path[MLPI_QUOTED];
  const unsigned char *t = (const unsigned char *)c->text;
  if (c->n == 0) return mlpi_csv_error(c, 1, "the file is empty");
  if ((t[0] == 0xff && t[1] == 0xfe) || (t[0] == 0xfe && t[1] == 0xff))
    return mlpi_csv_error(c, 1, "expected UTF-8, got UTF-16; save it as UTF-8");
  const char *nul = memchr(c->text, '\0', c->n);
  if (nul == NULL) return MLP_OK;
  return mlpi_about(
      c->rt, c->path,
      mlpi_error(c->rt, MLP_EFORMAT,
                 "csv: %s: expected text, got a zero byte at offset %zu",
                 mlpi_quote(c->path, path), (size_t)(nul - c->text)));
}

void mlpi_csv_rewind (mlpi_Csv *c) {
  c->at = c->n >= 3 && memcmp(c->text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
  c->line = c->first;
}

static mlp_Status begin (mlpi_Csv *c) {
  mlp_Status s = check_encoding(c);
  mlpi_csv_rewind(c);
  if (s == MLP_OK && c->separator == 0) c->separator = guess_separator(c);
  if (s != MLP_OK) mlpi_csv_close(c);
  return s;
}

mlp_Status mlpi_csv_open (mlp_Runtime *rt, const char *path, char separator,
                          mlpi_Csv *c) {
  *c = (mlpi_Csv){ .rt = rt, .path = path, .separator = separator, .first = 1 };
  mlp_Status s = mlpi_read_gzip(rt, "csv", path, 0, &c->text, &c->n);
  return s != MLP_OK ? s : begin(c);
}

mlp_Status mlpi_csv_open_text (mlp_Runtime *rt, const char *path, size_t n,
                               const char *text, size_t line, char separator,
                               mlpi_Csv *c) {
  *c = (mlpi_Csv){ .rt = rt,
                   .path = path,
                   .separator = separator,
                   .first = line,
                   .n = n,
                   .text = mlpi_alloc(rt, n + 1) };
  if (c->text == NULL) return MLP_ENOMEM;
  memcpy(c->text, text, n);
  c->text[n] = '\0';
  return begin(c);
}

void mlpi_csv_close (mlpi_Csv *c) {
  if (c->text != NULL) mlpi_free(c->rt, c->text, c->n + 1);
  mlpi_free(c->rt, c->cell, c->room * sizeof *c->cell);
  c->text = NULL;
  c->cell = NULL;
}

/* Step over one line end. */
static void end_line (mlpi_Csv *c) {
  c->at += c->text[c->at] == '\r' && c->text[c->at + 1] == '\n' ? 2 : 1;
  c->line++;
}

static bool blank (const mlpi_Csv *c, char ch) {
  return (ch == ' ' || ch == '\t') && ch != c->separator;
}

static void skip_blanks (mlpi_Csv *c) {
  while (blank(c, c->text[c->at])) c->at++;
}

/* The character at s, whole, for a message. */
static const char *character (const char *s, char quoted[MLPI_QUOTED]) {
  char one[5] = { 0 };
  const size_t n = mlpi_utf8_length(s);
  memcpy(one, s, n == 0 ? 1 : n);
  return mlpi_quote(one, quoted);
}

/* From the opening quote to behind the closing one. */
static mlp_Status quoted_cell (mlpi_Csv *c, mlpi_Cell *cell) {
  size_t open = c->line;
  cell->quoted = true;
  cell->s = c->text + ++c->at;
  for (;; c->at++) {
    char ch = c->text[c->at];
    if (c->at >= c->n)
      return mlpi_csv_error(c, open, "a quote opens here and never closes");
    if (ch == '\n' || (ch == '\r' && c->text[c->at + 1] != '\n')) c->line++;
    if (ch != '"') continue;
    if (c->text[c->at + 1] != '"') break;
    c->at++;
  }
  cell->n = (size_t)(c->text + c->at - cell->s);
  c->at++;
  skip_blanks(c);
  if (c->at == c->n || c->text[c->at] == c->separator ||
      line_end(c->text[c->at]))
    return MLP_OK;
  char quoted[MLPI_QUOTED];
  return mlpi_csv_error(c, c->line,
                        "expected a separator behind the closing quote, got %s",
                        character(c->text + c->at, quoted));
}

static mlp_Status plain_cell (mlpi_Csv *c, mlpi_Cell *cell) {
  cell->quoted = false;
  cell->s = c->text + c->at;
  for (; c->at < c->n; c->at++) {
    char ch = c->text[c->at];
    if (ch == c->separator || line_end(ch)) break;
    if (ch == '"')
      return mlpi_csv_error(c, c->line,
                            "a quote inside a cell; put the cell in quotes "
                            "and double the quote");
  }
  cell->n = (size_t)(c->text + c->at - cell->s);
  while (cell->n > 0 && blank(c, cell->s[cell->n - 1])) cell->n--;
  return MLP_OK;
}

static mlp_Status make_room (mlpi_Csv *c, size_t cells) {
  if (cells > MLPI_CSV_COLUMNS)
    return mlpi_csv_error(c, c->start, "more than %d columns",
                          MLPI_CSV_COLUMNS);
  if (cells <= c->room) return MLP_OK;
  size_t room = c->room == 0 ? 16 : 2 * c->room;
  mlpi_Cell *p =
      mlpi_realloc(c->rt, c->cell, c->room * sizeof *p, room * sizeof *p);
  if (p == NULL) return MLP_ENOMEM;
  c->cell = p;
  c->room = room;
  return MLP_OK;
}

mlp_Status mlpi_csv_next (mlpi_Csv *c, bool *more) {
  size_t n = 0;
  for (; c->at < c->n && line_end(c->text[c->at]);) end_line(c);
  c->start = c->line;
  *more = c->at < c->n;
  if (!*more) return MLP_OK;
  for (;; c->at++) { /* over the separator */
    mlp_Status s = make_room(c, n + 1);
    skip_blanks(c);
    if (s == MLP_OK)
      s = c->text[c->at] == '"' ? quoted_cell(c, &c->cell[n])
                                : plain_cell(c, &c->cell[n]);
    if (s != MLP_OK) return s;
    n++;
    if (c->at == c->n || c->text[c->at] != c->separator) break;
  }
  if (c->at < c->n) end_line(c);
  if (c->columns == 0) c->columns = n;
  if (n == c->columns) return MLP_OK;
  return mlpi_csv_error(c, c->start,
                        "expected %zu cells as in the first line, got %zu",
                        c->columns, n);
}
