/*
** csv.c - libFuzzer feeds the reader of CSV files. The bits of the first byte
** choose the options.
*/
#include "fuzz.h"
#include "data/load.h"

static void try_file (const char *path, void *ud) {
  const mlpi_CsvOptions *options = ud;
  mlp_Dataset *d;
  mlp_Status status = mlpi_load_csv(rt, path, options, &d);
  demand((status == MLP_OK) == (d != NULL), "status and result disagree");
  mlpi_dataset_release(d);
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t n) {
  if (n == 0) return 0;
  const unsigned bits = data[0];
  const mlpi_Column first = { .number = 1 }, second = { .number = 2 };
  mlpi_CsvOptions options = {
    .separator = bits & 1 ? ';' : 0,
    .decimal = bits & 2 ? ',' : '.',
    .header = (int)(bits >> 2 & 3) % 3 - 1,
    .target.number = bits & 16 ? -1 : 0,
    .classes = -1,
    .missing = bits & 32 ? MLPI_MISSING_NAN : MLPI_MISSING_DROP,
    .n_drop = bits >> 6 & 1,
    .drop = &first,
    .n_one_hot = bits >> 7,
    .one_hot = &second,
    .dtype = bits & 8 ? MLP_FLOAT64 : MLP_FLOAT32,
  };
  with_file("", 0, data + 1, n - 1, try_file, &options);
  return 0;
}
