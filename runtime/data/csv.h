/*
** csv.h - records of a CSV file, one after the other. RFC 4180, and beyond
** it: any of CRLF, LF and CR ends a line, a byte order mark is skipped,
** blanks around unquoted cells do not count, empty lines neither.
*/
#ifndef csv_h
#define csv_h

#include "base/base.h"

enum { MLPI_CSV_COLUMNS = 100000 }; /* more are refused */

/* A cell, inside the text of the file. In quoted ones "" stands for a quote. */
typedef struct mlpi_Cell {
  const char *s;
  size_t n;
  bool quoted;
} mlpi_Cell;

typedef struct mlpi_Csv {
  mlp_Runtime *rt;
  const char *path;
  char *text; /* the whole file, n bytes and a NUL */
  size_t n;
  size_t first; /* line of the file on which the text begins */
  size_t at;    /* of what comes next */
  size_t line;  /* the same as a line, from 1 */
  char separator;
  size_t start;    /* line on which the last record began */
  size_t columns;  /* of every record, once the first was read */
  size_t room;     /* of 'cell' */
  mlpi_Cell *cell; /* the last record */
} mlpi_Csv;

/* separator 0: the one of , ; tab | that the first line has most of. */
mlp_Status mlpi_csv_open (mlp_Runtime *rt, const char *path, char separator,
                          mlpi_Csv *c);
/* The same of n bytes of text, copied, whose first line is that line of the
** file. */
mlp_Status mlpi_csv_open_text (mlp_Runtime *rt, const char *path, size_t n,
                               const char *text, size_t line, char separator,
                               mlpi_Csv *c);
void mlpi_csv_close (mlpi_Csv *c);

/* The next record; *more is false where there is none. */
mlp_Status mlpi_csv_next (mlpi_Csv *c, bool *more);
void mlpi_csv_rewind (mlpi_Csv *c);

/* "csv: '<path>', line <line>: " and what fmt says, as MLP_EFORMAT. */
mlp_Status mlpi_csv_error (const mlpi_Csv *c, size_t line, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* A cell as text for a message, cut to size. Returns buf. */
enum { MLPI_CELL_TEXT = 64 };
char *mlpi_cell_text (const mlpi_Cell *cell, char buf[MLPI_CELL_TEXT]);

/* A copy, "" undone. NULL without memory; free with mlpi_strfree. */
char *mlpi_cell_copy (mlp_Runtime *rt, const mlpi_Cell *cell);

#endif
