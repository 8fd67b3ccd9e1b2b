/*
** npy.c - libFuzzer feeds the reader of npy files. Every input is tried as a
** file, and once more as a header and elements behind a magic number. What is
** read must come back from what is written.
*/
#include "fuzz.h"
#include "data/npy.h"

static void try_file (const char *path, void *ud) {
  mlp_Tensor *t, *again;
  char *text;
  size_t n;
  (void)ud;
  mlp_Status status = mlpi_load_npy(rt, path, &t);
  demand((status == MLP_OK) == (t != NULL), "status and result disagree");
  if (t == NULL) return;
  demand(mlpi_format_npy(rt, &t->a, &text, &n) == MLP_OK, "no text");
  demand(mlpi_parse_npy(rt, "fuzz", text, n, &again) == MLP_OK,
         "what was written is not read");
  demand(mlpi_same_shape(&t->a, &again->a), "another shape came back");
  mlpi_free(rt, text, n);
  mlpi_tensor_release(again);
  mlpi_tensor_release(t);
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t n) {
  with_file("", 0, data, n, try_file, NULL);
  if (n < 1) return 0;
  const uint8_t head[] = { 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, data[0], 0 };
  with_file(head, sizeof head, data + 1, n - 1, try_file, NULL);
  return 0;
}
