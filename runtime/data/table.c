/*
** table.c - from the records of a CSV file to a dataset, in three passes:
** what shape it has, which texts its columns hold, and the numbers.
*/
#include "data/distinct.h"
#include "data/load.h"
#include "base/text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { FEATURE, DROPPED, ONE_HOT, TARGET }; /* what a column is for */

typedef struct Table {
  mlp_Runtime *rt;
  const mlpi_CsvOptions *o;
  mlpi_Csv csv;
  size_t columns;
  bool header;
  mlpi_Cell *name;         /* of each column, where there is a header */
  unsigned char *role;     /* of each column */
  mlpi_Distinct *distinct; /* of each column; the target and ONE_HOT fill it */
  ptrdiff_t target;        /* -1: none */
  size_t rows, width;      /* of x */
  bool has_text, classes;  /* the target's; without 'classes', all or none */
} Table;

static bool is_missing (const mlpi_Cell *c) {
  static const char *const word[] = { "",    "?",   "NA",   "N/A",
                                      "NaN", "nan", "null", "NULL" };
  for (size_t i = 0; i < sizeof word / sizeof *word; i++)
    if (strlen(word[i]) == c->n && memcmp(word[i], c->s, c->n) == 0)
      return true;
  return false;
}

static bool number (const Table *t, const mlpi_Cell *c, double *value) {
  char buf[64];
  const char *comma = t->o->decimal == ',' ? memchr(c->s, ',', c->n) : NULL;
  if (comma == NULL) return mlpi_parse_number(c->s, c->n, value);
  if (c->n > sizeof buf || memchr(c->s, '.', c->n) != NULL) return false;
  memcpy(buf, c->s, c->n);
  buf[comma - c->s] = '.';
  return mlpi_parse_number(buf, c->n, value);
}

static mlpi_Entry entry (const Table *t, const mlpi_Cell *c) {
  mlpi_Entry e = { .cell = *c };
  e.number = number(t, c, &e.value);
  return e;
}

/* "column 3 'age'" into buf; returns buf. */
enum { COLUMN_TEXT = 100 };
static char *column_text (const Table *t, size_t i, char buf[COLUMN_TEXT]) {
  char name[MLPI_CELL_TEXT] = "";
  if (t->header) mlpi_cell_text(&t->name[i], name);
  snprintf(buf, COLUMN_TEXT, "column %zu%s%s", i + 1, t->header ? " " : "",
           name);
  return buf;
}

/* Complain about a cell of the current record. */
static mlp_Status cell_error (const Table *t, size_t i, const char *expected,
                              const char *hint) {
  char where[COLUMN_TEXT], got[MLPI_CELL_TEXT];
  return mlpi_csv_error(&t->csv, t->csv.start, "%s: expected %s, got %s%s",
                        column_text(t, i, where), expected,
                        mlpi_cell_text(&t->csv.cell[i], got), hint);
}

/* Does the first record look like names? Nothing in it is a number, nothing
** is empty, and the second has a number or there is none. */
static mlp_Status detect_header (Table *t) {
  size_t numbers[2] = { 0 }, empty = 0;
  bool more = true;
  double v;
  for (int k = 0; k < 2; k++) {
    mlp_Status s = mlpi_csv_next(&t->csv, &more);
    if (s != MLP_OK) return s;
    for (size_t i = 0; more && i < t->csv.columns; i++) {
      numbers[k] += number(t, &t->csv.cell[i], &v);
      if (k == 0) empty += t->csv.cell[i].n == 0;
    }
  }
  t->header = numbers[0] == 0 && empty == 0 && (numbers[1] > 0 || !more);
  return MLP_OK;
}

/* Every column's own name, and no two alike. */
static mlp_Status read_names (Table *t) {
  mlpi_Distinct seen = { 0, 0, NULL };
  char name[MLPI_CELL_TEXT];
  mlp_Status s = MLP_OK;
  memcpy(t->name, t->csv.cell, t->columns * sizeof *t->name);
  for (size_t i = 0; s == MLP_OK && i < t->columns; i++) {
    mlpi_Entry e = { .cell = t->name[i] };
    s = mlpi_distinct_add(t->rt, &seen, &e);
    if (s == MLP_OK && seen.n <= i)
      s = mlpi_csv_error(&t->csv, t->csv.start,
                         "column %zu: another column is named %s too", i + 1,
                         mlpi_cell_text(&t->name[i], name));
  }
  mlpi_distinct_free(t->rt, &seen);
  return s;
}

/* To the first record that holds data. */
static mlp_Status to_data (Table *t) {
  bool more;
  mlpi_csv_rewind(&t->csv);
  return t->header ? mlpi_csv_next(&t->csv, &more) : MLP_OK;
}

static mlp_Status no_rows (const Table *t) {
  return mlpi_csv_error(&t->csv, t->csv.line, "the file has no rows of data");
}

/* First pass: the number of columns, of rows, and the names. */
static mlp_Status measure (Table *t) {
  bool more = true;
  t->header = t->o->header == 1;
  mlp_Status s =
      t->o->header < 0 ? detect_header(t) : mlpi_csv_next(&t->csv, &more);
  if (s != MLP_OK) return s;
  t->columns = t->csv.columns;
  if (t->columns == 0) return no_rows(t);
  t->name = mlpi_calloc(t->rt, t->columns, sizeof *t->name);
  t->role = mlpi_calloc(t->rt, t->columns, sizeof *t->role);
  t->distinct = mlpi_calloc(t->rt, t->columns, sizeof *t->distinct);
  if (t->name == NULL || t->role == NULL || t->distinct == NULL)
    return MLP_ENOMEM;
  s = to_data(t);
  if (s == MLP_OK && t->header) s = read_names(t);
  while (s == MLP_OK && more) {
    s = mlpi_csv_next(&t->csv, &more);
    t->rows += s == MLP_OK && more;
  }
  if (s != MLP_OK || t->rows > 0) return s;
  return no_rows(t);
}

static bool named (const Table *t, size_t i, const char *name) {
  const mlpi_Cell *c = &t->name[i];
  return strlen(name) == c->n && memcmp(name, c->s, c->n) == 0;
}

static mlp_Status no_column (const Table *t, const char *option,
                             const mlpi_Column *c) {
  char list[300] = "", name[MLPI_CELL_TEXT], wanted[MLPI_QUOTED];
  size_t n = 0;
  if (c->name == NULL)
    return mlpi_error(t->rt, MLP_EARG,
                      "csv: option '%s': expected a column from 1 to %zu, "
                      "got %ld",
                      option, t->columns, c->number);
  for (size_t i = 0; t->header && i < t->columns && n < 230; i++)
    n += (size_t)snprintf(list + n, sizeof list - n, "%s%s", i > 0 ? ", " : "",
                          mlpi_cell_text(&t->name[i], name));
  return mlpi_error(t->rt, MLP_EARG,
                    "csv: option '%s': no column is named %.60s; %s%s", option,
                    mlpi_quote(c->name, wanted),
                    t->header ? "there are " : "the file has no header", list);
}

/* Give the columns of a list their role. */
static mlp_Status assign (Table *t, const char *option, size_t n,
                          const mlpi_Column *list, unsigned char role) {
  for (size_t k = 0; k < n; k++) {
    const mlpi_Column *c = &list[k];
    size_t i = 0;
    if (c->name != NULL)
      while (i < t->columns && !(t->header && named(t, i, c->name))) i++;
    else
      i = (size_t)(c->number > 0 ? c->number - 1
                                 : (long)t->columns + c->number);
    if (i >= t->columns) return no_column(t, option, c);
    t->role[i] = role;
    if (role == TARGET) t->target = (ptrdiff_t)i;
  }
  return MLP_OK;
}

static mlp_Status assign_roles (Table *t) {
  const mlpi_CsvOptions *o = t->o;
  bool target = o->target.name != NULL || o->target.number != 0;
  t->target = -1;
  mlp_Status s = assign(t, "drop", o->n_drop, o->drop, DROPPED);
  if (s == MLP_OK) s = assign(t, "one_hot", o->n_one_hot, o->one_hot, ONE_HOT);
  if (s == MLP_OK && target) s = assign(t, "target", 1, &o->target, TARGET);
  return s;
}

/* Does the record stay? An error where something that it must have is not
** there. */
static mlp_Status keep (const Table *t, bool *kept) {
  const char *hint = "; missing = \"drop\" leaves such rows out, "
                     "missing = \"nan\" keeps them";
  *kept = true;
  for (size_t i = 0; i < t->columns; i++) {
    if (t->role[i] == DROPPED || !is_missing(&t->csv.cell[i])) continue;
    if (t->o->missing == MLPI_MISSING_DROP)
      *kept = false;
    else if (t->o->missing == MLPI_MISSING_ERROR)
      return cell_error(t, i, "a value", hint);
    else if (t->role[i] == TARGET)
      return cell_error(t, i, "a value, for it is the target",
                        "; missing = \"drop\" leaves such rows out");
  }
  return MLP_OK;
}

/* Numbers and texts do not mix in a target, unless it is said to be classes. */
static mlp_Status look_at_target (Table *t, size_t i, bool text) {
  if (t->distinct[i].n == 0) t->has_text = text;
  if (t->has_text == text || t->o->classes >= 0) {
    t->has_text = t->has_text || text;
    return MLP_OK;
  }
  return cell_error(t, i, text ? "a number, as above" : "a text, as above",
                    "; classes = true takes both");
}

static mlp_Status note (Table *t, size_t i) {
  mlpi_Distinct *d = &t->distinct[i];
  mlpi_Entry e = entry(t, &t->csv.cell[i]);
  bool target = t->role[i] == TARGET;
  if (is_missing(&e.cell)) return MLP_OK;
  mlp_Status s = target ? look_at_target(t, i, !e.number) : MLP_OK;
  if (s != MLP_OK) return s;
  if (d->n < MLPI_DISTINCT_MAX) return mlpi_distinct_add(t->rt, d, &e);
  if (target && !t->has_text && t->o->classes != 1) return MLP_OK; /* values */
  bool found;
  mlpi_distinct_find(d, &e, &found);
  return found ? MLP_OK
               : cell_error(t, i, "at most 10000 different entries", "");
}

/* Second pass: the rows that stay, and what their columns hold. */
static mlp_Status collect (Table *t) {
  bool more = true, kept;
  mlp_Status s = to_data(t);
  for (t->rows = 0; s == MLP_OK;) {
    s = mlpi_csv_next(&t->csv, &more);
    if (s != MLP_OK || !more) break;
    s = keep(t, &kept);
    if (s != MLP_OK || !kept) continue;
    t->rows++;
    for (size_t i = 0; s == MLP_OK && i < t->columns; i++)
      if (t->role[i] >= ONE_HOT) s = note(t, i);
  }
  return s;
}

/* What y holds, and how many columns x has. */
static mlp_Status decide (Table *t) {
  if (t->rows == 0)
    return mlpi_csv_error(&t->csv, 1, "every row has a missing value");
  if (t->target >= 0) {
    const mlpi_Distinct *d = &t->distinct[t->target];
    bool two = d->n == 2 && d->entry[0].value == floor(d->entry[0].value) &&
               d->entry[1].value == floor(d->entry[1].value);
    t->classes = t->o->classes < 0 ? t->has_text || two : t->o->classes;
  }
  for (size_t i = 0; i < t->columns; i++) {
    if (t->role[i] == FEATURE) t->width++;
    if (t->role[i] == ONE_HOT) t->width += t->distinct[i].n;
  }
  if (t->width > 0) return MLP_OK;
  return mlpi_csv_error(&t->csv, 1,
                        "no column is left for x; the target takes one");
}

static mlp_Status number_at (const Table *t, size_t i, double *value) {
  const mlpi_Cell *c = &t->csv.cell[i];
  if (is_missing(c)) {
    *value = NAN;
    return MLP_OK;
  }
  if (number(t, c, value)) return MLP_OK;
  bool comma = c->n > 0 && memchr(c->s, ',', c->n) != NULL;
  return cell_error(
      t, i, "a finite number",
      comma ? "; decimal = \",\" reads decimal commas"
      : t->role[i] == TARGET
          ? "; classes = true makes classes of the target"
          : "; name the column in one_hot = {...} or drop = {...}");
}

/* The current record as row 'row'. */
static mlp_Status fill_row (const Table *t, size_t row, const mlp_Tensor *x,
                            const mlp_Tensor *y) {
  size_t at = row * t->width;
  for (size_t i = 0; i < t->columns; i++) {
    const mlpi_Cell *c = &t->csv.cell[i];
    mlpi_Entry e;
    double v = 0;
    bool found, hot = t->role[i] == ONE_HOT;
    if (t->role[i] == DROPPED) continue;
    if (hot || (t->role[i] == TARGET && t->classes)) {
      e = entry(t, c);
      size_t k = mlpi_distinct_find(&t->distinct[i], &e, &found);
      if (!hot) mlpi_set(&y->a, row, (double)(k + 1));
      for (size_t j = 0; hot && j < t->distinct[i].n; j++)
        mlpi_set(&x->a, at++, is_missing(c) ? NAN : j == k);
      continue;
    }
    mlp_Status s = number_at(t, i, &v);
    if (s != MLP_OK) return s;
    if (t->role[i] == TARGET)
      mlpi_set(&y->a, row, v);
    else
      mlpi_set(&x->a, at++, v);
  }
  return MLP_OK;
}

/* Third pass. */
static mlp_Status fill (Table *t, const mlp_Tensor *x, const mlp_Tensor *y) {
  bool more = true, kept;
  mlp_Status s = to_data(t);
  for (size_t row = 0; s == MLP_OK;) {
    if (row % 4096 == 0) s = mlpi_check_cancel(t->rt);
    if (s == MLP_OK) s = mlpi_csv_next(&t->csv, &more);
    if (s != MLP_OK || !more) break;
    s = keep(t, &kept);
    if (s == MLP_OK && kept) s = fill_row(t, row++, x, y);
  }
  return s;
}

static void free_list (mlp_Runtime *rt, size_t n, char **list) {
  for (size_t i = 0; list != NULL && i < n; i++) mlpi_strfree(rt, list[i]);
  mlpi_free(rt, list, n * sizeof *list);
}

static mlp_Status name_classes (const Table *t, mlp_Dataset *d) {
  const mlpi_Distinct *set = &t->distinct[t->target];
  char **list = mlpi_calloc(t->rt, set->n, sizeof *list);
  mlp_Status s = list == NULL ? MLP_ENOMEM : MLP_OK;
  for (size_t i = 0; s == MLP_OK && i < set->n; i++) {
    list[i] = mlpi_cell_copy(t->rt, &set->entry[i].cell);
    if (list[i] == NULL) s = MLP_ENOMEM;
  }
  if (s == MLP_OK)
    s = mlpi_dataset_name_classes(d, set->n, (const char *const *)list);
  free_list(t->rt, set->n, list);
  return s;
}

/* "age", or "sex=male" of a text column's entry. */
static char *feature_name (const Table *t, size_t i, const mlpi_Entry *e) {
  mlpi_Text b;
  char *name = mlpi_cell_copy(t->rt, &t->name[i]);
  if (name == NULL || e == NULL) return name;
  char *value = mlpi_cell_copy(t->rt, &e->cell), *both = NULL;
  mlpi_text_init(&b, t->rt);
  if (value != NULL) mlpi_text_format(&b, "%s=%s", name, value);
  if (value != NULL && mlpi_text_status(&b) == MLP_OK)
    both = mlpi_strdup(t->rt, b.s);
  mlpi_text_free(&b);
  mlpi_strfree(t->rt, name);
  mlpi_strfree(t->rt, value);
  return both;
}

static mlp_Status name_features (const Table *t, mlp_Dataset *d) {
  char **list = mlpi_calloc(t->rt, t->width, sizeof *list);
  mlp_Status s = list == NULL ? MLP_ENOMEM : MLP_OK;
  size_t n = 0;
  for (size_t i = 0; s == MLP_OK && i < t->columns; i++) {
    bool hot = t->role[i] == ONE_HOT;
    size_t k = hot ? t->distinct[i].n : t->role[i] == FEATURE;
    for (size_t j = 0; s == MLP_OK && j < k; j++, n++) {
      list[n] = feature_name(t, i, hot ? &t->distinct[i].entry[j] : NULL);
      if (list[n] == NULL) s = MLP_ENOMEM;
    }
  }
  if (s == MLP_OK)
    s = mlpi_dataset_name_features(d, n, (const char *const *)list);
  free_list(t->rt, t->width, list);
  return s;
}

/* "iris" of "tables/iris.csv.gz" into buf, cut to size; returns buf. */
static char *base_name (const char *path, char *buf, size_t size) {
  const char *slash = strrchr(path, '/');
  const char *name = slash == NULL ? path : slash + 1;
  size_t n = strcspn(name, ".");
  snprintf(buf, size, "%.*s", n < size ? (int)n : (int)size - 1, name);
  return buf;
}

static mlp_Status build (Table *t, mlp_Dataset **out) {
  size_t shape[] = { t->rows, t->width }, column[] = { t->rows, 1 };
  mlp_Tensor *x = NULL, *y = NULL;
  char name[256];
  mlp_Dtype dtype = t->classes ? MLP_INT64 : t->o->dtype;
  size_t k = t->classes ? t->distinct[t->target].n : 0;
  mlp_Status s = mlpi_tensor_new(t->rt, t->o->dtype, 2, shape, &x);
  if (s == MLP_OK && t->target >= 0)
    s = mlpi_tensor_new(t->rt, dtype, t->classes ? 1 : 2, column, &y);
  if (s == MLP_OK) s = fill(t, x, y);
  base_name(t->csv.path, name, sizeof name);
  if (s == MLP_OK) s = mlpi_dataset_new(t->rt, name, x, y, k, out);
  if (s == MLP_OK && t->classes) s = name_classes(t, *out);
  if (s == MLP_OK && t->header) s = name_features(t, *out);
  mlpi_tensor_release(x);
  mlpi_tensor_release(y);
  if (s == MLP_OK) return MLP_OK;
  mlpi_dataset_release(*out);
  *out = NULL;
  return s;
}

/* From records that were opened; closes them. */
static mlp_Status read_table (Table *t, mlp_Dataset **out) {
  mlp_Status s = measure(t);
  if (s == MLP_OK) s = assign_roles(t);
  if (s == MLP_OK) s = collect(t);
  if (s == MLP_OK) s = decide(t);
  if (s == MLP_OK) s = build(t, out);
  for (size_t i = 0; t->distinct != NULL && i < t->columns; i++)
    mlpi_distinct_free(t->rt, &t->distinct[i]);
  mlpi_free(t->rt, t->name, t->columns * sizeof *t->name);
  mlpi_free(t->rt, t->role, t->columns * sizeof *t->role);
  mlpi_free(t->rt, t->distinct, t->columns * sizeof *t->distinct);
  mlpi_csv_close(&t->csv);
  return s;
}

mlp_Status mlpi_load_csv (mlp_Runtime *rt, const char *path,
                          const mlpi_CsvOptions *options, mlp_Dataset **out) {
  Table t = { .rt = rt, .o = options };
  *out = NULL;
  mlp_Status s = mlpi_csv_open(rt, path, options->separator, &t.csv);
  return s != MLP_OK ? s : read_table(&t, out);
}

mlp_Status mlpi_load_csv_text (mlp_Runtime *rt, const char *path, size_t n,
                               const char *text, size_t line,
                               const mlpi_CsvOptions *options,
                               mlp_Dataset **out) {
  Table t = { .rt = rt, .o = options };
  *out = NULL;
  mlp_Status s =
      mlpi_csv_open_text(rt, path, n, text, line, options->separator, &t.csv);
  return s != MLP_OK ? s : read_table(&t, out);
}
