/*
** npz.c - libFuzzer feeds the reader of npz files.
*/
#include "fuzz.h"
#include "data/npy.h"

static void try_file (const char *path, void *ud) {
  mlpi_Npz *z;
  (void)ud;
  mlp_Status status = mlpi_load_npz(rt, path, &z);
  demand((status == MLP_OK) == (z != NULL), "status and result disagree");
  mlpi_npz_free(z);
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t n) {
  with_file("", 0, data, n, try_file, NULL);
  return 0;
}
