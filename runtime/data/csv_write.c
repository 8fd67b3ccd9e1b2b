/*
** csv_write.c - tables as CSV files. RFC 4180, with LF at the end of a line.
*/
#include "base/io.h"
#include "base/text.h"
#include "data/load.h"

#include <math.h>
#include <string.h>

/* Text as a cell: in quotes where it would not be read back otherwise. */
static void add_text (mlpi_Text *t, const char *s, char separator) {
  const char odd[] = { separator, '"', '\r', '\n', '\0' };
  const size_t n = strlen(s);
  const bool blank = n == 0 || s[0] == ' ' || s[0] == '\t' || s[n - 1] == ' ' ||
                     s[n - 1] == '\t';
  if (!blank && strpbrk(s, odd) == NULL) {
    mlpi_text_bytes(t, s, n);
    return;
  }
  mlpi_text_add(t, "\"");
  for (size_t i = 0; i < n; i++) {
    if (s[i] == '"') mlpi_text_add(t, "\"");
    mlpi_text_bytes(t, s + i, 1);
  }
  mlpi_text_add(t, "\"");
}

static void add_number (mlpi_Text *t, const mlpi_Array *a, double v) {
  char text[MLPI_NUMBER_TEXT];
  if (isnan(v)) return;
  mlpi_text_add(t, a->dtype == MLP_FLOAT32 ? mlpi_float_text((float)v, text)
                                           : mlpi_number_text(v, text));
}

static size_t columns_of (const mlpi_CsvPart *p) {
  return p->a.ndim == 1 ? 1 : p->a.shape[1];
}

/* Element (row, column) as a cell; false: it is infinite, or has no text. */
static bool add_cell (mlpi_Text *t, const mlpi_CsvPart *p, size_t row,
                      size_t column, char separator) {
  const double v = mlpi_get(&p->a, row * columns_of(p) + column);
  if (isinf(v)) return false;
  if (p->n_texts == 0) {
    add_number(t, &p->a, v);
    return true;
  }
  if (!(v >= 1 && v <= (double)p->n_texts)) return false;
  add_text(t, p->texts[(size_t)v - 1], separator);
  return true;
}

static mlp_Status refuse (mlp_Runtime *rt, size_t row, size_t column) {
  return mlpi_error(rt, MLP_EARG,
                    "save_csv: row %zu, column %zu: expected a finite number, "
                    "NaN for an empty cell, or a class that has a name",
                    row + 1, column + 1);
}

static mlp_Status add_row (mlpi_Text *t, size_t row, char separator, size_t n,
                           const mlpi_CsvPart *parts) {
  const size_t start = t->n;
  size_t at = 0;
  for (size_t k = 0; k < n; k++)
    for (size_t c = 0; c < columns_of(&parts[k]); c++, at++) {
      if (at > 0) mlpi_text_bytes(t, &separator, 1);
      if (!add_cell(t, &parts[k], row, c, separator))
        return refuse(t->rt, row, at);
    }
  /* one empty cell alone would be an empty line, which does not count */
  if (t->n == start) mlpi_text_add(t, "\"\"");
  mlpi_text_add(t, "\n");
  return mlpi_text_status(t);
}

static void add_names (mlpi_Text *t, const char *const *names, char separator,
                       size_t n, const mlpi_CsvPart *parts) {
  size_t columns = 0;
  for (size_t k = 0; k < n; k++) columns += columns_of(&parts[k]);
  for (size_t c = 0; c < columns; c++) {
    if (c > 0) mlpi_text_bytes(t, &separator, 1);
    add_text(t, names[c], separator);
  }
  mlpi_text_add(t, "\n");
}

mlp_Status mlpi_save_csv (mlp_Runtime *rt, const char *path, char separator,
                          const char *const *names, size_t n,
                          const mlpi_CsvPart *parts) {
  mlp_Status s = MLP_OK;
  mlpi_Text t;
  mlpi_text_init(&t, rt);
  if (names != NULL) add_names(&t, names, separator, n, parts);
  for (size_t i = 0; i < parts[0].a.shape[0] && s == MLP_OK; i++)
    s = add_row(&t, i, separator, n, parts);
  if (s == MLP_OK) s = mlpi_text_status(&t);
  if (s == MLP_OK) s = mlpi_write_file(rt, "save_csv", path, t.s, t.n);
  mlpi_text_free(&t);
  return s;
}
