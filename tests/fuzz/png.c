/*
** png.c - libFuzzer feeds the reader of PNG files.
*/
#include "fuzz.h"
#include "data/png.h"

static void try_file (const char *path, void *ud) {
  const int *channels = ud;
  mlp_Tensor *t;
  mlp_Status status = mlpi_load_png(rt, path, *channels, &t);
  demand((status == MLP_OK) == (t != NULL), "status and result disagree");
  mlpi_tensor_release(t);
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t n) {
  static const int kinds[] = { 0, 1, 3 };
  int channels = kinds[n % 3];
  with_file("", 0, data, n, try_file, &channels);
  return 0;
}
