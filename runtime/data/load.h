/*
** load.h - datasets and tensors from files.
*/
#ifndef load_h
#define load_h

#include "data/data.h"

/* A column of a table, by name, or by number from 1 (-1: the last). */
typedef struct mlpi_Column {
  const char *name; /* NULL: by number */
  long number;      /* 0: none */
} mlpi_Column;

typedef struct mlpi_CsvOptions {
  char separator;     /* 0: guess */
  char decimal;       /* '.' or ',' */
  int header;         /* 1: the first record holds names; 0: no; -1: look */
  mlpi_Column target; /* the column that becomes y */
  int classes;        /* 1: y holds classes; 0: values; -1: look */
  enum { MLPI_MISSING_ERROR, MLPI_MISSING_NAN, MLPI_MISSING_DROP } missing;
  size_t n_drop, n_one_hot;
  const mlpi_Column *drop;    /* columns left out */
  const mlpi_Column *one_hot; /* columns that become one for each text */
  mlp_Dtype dtype;            /* of x, and of y where it holds values */
} mlpi_CsvOptions;

/* The target's texts, or its two whole numbers, become classes, sorted. */
mlp_Status mlpi_load_csv (mlp_Runtime *rt, const char *path,
                          const mlpi_CsvOptions *options, mlp_Dataset **out);

/* The same of a part of that file, n bytes of text that begin on that line. */
mlp_Status mlpi_load_csv_text (mlp_Runtime *rt, const char *path, size_t n,
                               const char *text, size_t line,
                               const mlpi_CsvOptions *options,
                               mlp_Dataset **out);

/* An IDX file, plain or gzip: uint8; int8, 16, 32 as int64; float32, 64. */
mlp_Status mlpi_load_idx (mlp_Runtime *rt, const char *path, mlp_Tensor **out);

/* Images (n, rows, columns) of bytes as x (n, pixels) in 0..1, float32, and
** labels from 0 as classes from 1, which 'class_names' name. */
mlp_Status mlpi_load_images (mlp_Runtime *rt, const char *name,
                             const char *images, const char *labels,
                             size_t n_classes, const char *const *class_names,
                             mlp_Dataset **out);

/* Columns of a table: (rows) or (rows, columns); of int64 with texts the text
** that each number, from 1, stands for. */
typedef struct mlpi_CsvPart {
  mlpi_Array a;
  size_t n_texts; /* 0: numbers */
  const char *const *texts;
} mlpi_CsvPart;

/* Parts side by side below a line of names (one a column, or NULL). Numbers
** read back as they are; NaN is an empty cell, infinity is refused. */
mlp_Status mlpi_save_csv (mlp_Runtime *rt, const char *path, char separator,
                          const char *const *names, size_t n,
                          const mlpi_CsvPart *parts);

/* uint8, int64 that fits 32 bits, float32 or float64. */
mlp_Status mlpi_save_idx (mlp_Runtime *rt, const char *path,
                          const mlpi_Array *a);

#endif
