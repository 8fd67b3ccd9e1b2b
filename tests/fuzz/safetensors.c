/*
** safetensors.c - libFuzzer feeds the reader of model files. Every input is
** tried as a file, and, so that few are lost to a wrong length, once more as
** header and payload with the right length before them. What is accepted must
** survive being written and read again.
*/
#include "fuzz.h"
#include "model/safetensors.h"

static char again[64]; /* a file for the second round */

static void forget (void) { remove(again); }

static void round_trip (const mlpi_Safetensors *s) {
  mlpi_Safetensors *t;
  mlpi_Metadata *notes = malloc((s->n_metadata + 1) * sizeof *notes);
  size_t n = 0;
  for (size_t i = 0; i < s->n_metadata; i++)
    if (strcmp(s->metadata[i].key, MLPI_CHECKSUM_KEY) != 0)
      notes[n++] = s->metadata[i];
  demand(mlpi_safetensors_write(rt, "fuzz", again, s->n, s->arrays, n, notes) ==
             MLP_OK,
         "an accepted file cannot be written");
  demand(mlpi_safetensors_read(rt, "fuzz", again, &t) == MLP_OK && t->verified,
         "a written file cannot be read");
  demand(t->n == s->n && t->n_metadata == n + 1, "something was lost");
  for (size_t i = 0; i < s->n; i++) {
    const mlpi_Array *a = &s->arrays[i].array, *b = &t->arrays[i].array;
    demand(a->dtype == b->dtype && mlpi_same_shape(a, b) &&
               memcmp(a->data, b->data,
                      mlpi_count(a) * mlpi_dtype_size(a->dtype)) == 0,
           "a tensor has changed");
  }
  mlpi_safetensors_free(t);
  free(notes);
}

static void try_file (const char *path, void *ud) {
  mlpi_Safetensors *s;
  (void)ud;
  if (mlpi_safetensors_read(rt, "fuzz", path, &s) == MLP_OK) round_trip(s);
  mlpi_safetensors_free(s);
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t n) {
  if (again[0] == '\0') {
    snprintf(again, sizeof again, "/dev/shm/mlprun-fuzz-%ld", (long)getpid());
    atexit(forget);
  }
  uint64_t header = n;
  while (header > 0 && data[header - 1] != '}') header--;
  with_file("", 0, data, n, try_file, NULL);
  if (header > 0) with_file(&header, sizeof header, data, n, try_file, NULL);
  return 0;
}
