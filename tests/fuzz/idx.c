/*
** idx.c - libFuzzer feeds the reader of IDX files. Every input is tried as a
** file, and once more behind the magic number that its first byte picks.
*/
#include "fuzz.h"
#include "data/load.h"

static void try_file (const char *path, void *ud) {
  mlp_Tensor *t;
  (void)ud;
  mlp_Status status = mlpi_load_idx(rt, path, &t);
  demand((status == MLP_OK) == (t != NULL), "status and result disagree");
  mlpi_tensor_release(t);
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t n) {
  static const uint8_t type[] = { 0x08, 0x09, 0x0b, 0x0c, 0x0d, 0x0e };
  with_file("", 0, data, n, try_file, NULL);
  if (n == 0) return 0;
  const uint8_t magic[] = { 0, 0, type[data[0] / 16 % 6], data[0] % 16 };
  with_file(magic, sizeof magic, data + 1, n - 1, try_file, NULL);
  return 0;
}
