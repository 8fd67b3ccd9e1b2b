/*
** safetensors.h - named arrays in a file: 8 bytes of length, a JSON header,
** raw little-endian numbers. Format: github.com/huggingface/safetensors.
*/
#ifndef safetensors_h
#define safetensors_h

#include "tensor/tensor.h"

typedef struct mlpi_NamedArray {
  const char *name;
  mlpi_Array array;
} mlpi_NamedArray;

typedef struct mlpi_Metadata {
  const char *key, *value;
} mlpi_Metadata;

/* The key of the checksum that we add to the metadata: SHA-256 of the file
** with these 64 digits taken as '0'. */
#define MLPI_CHECKSUM_KEY "mlprun.sha256"

/*
** Replace 'path' by these arrays (of any strides) and metadata, in the given
** order: equal arguments make equal bytes. Names and keys are UTF-8 and
** differ from each other.
*/
mlp_Status mlpi_safetensors_write (mlp_Runtime *rt, const char *who,
                                   const char *path, size_t n,
                                   const mlpi_NamedArray *arrays,
                                   size_t n_metadata,
                                   const mlpi_Metadata *metadata);

/* A file that was read, with all that the format demands checked. */
typedef struct mlpi_Safetensors {
  mlp_Runtime *rt;
  size_t n;                /* of arrays */
  mlpi_NamedArray *arrays; /* aligned, row-major; in the order of the header */
  size_t n_metadata;
  mlpi_Metadata *metadata; /* sorted by key */
  bool verified;           /* it had our checksum, and the right one */
  /* private: */
  char *file; /* names, values and arrays point into it */
  size_t bytes, arrays_size, metadata_size, payload;
  mlpi_NamedArray **sorted; /* n of them, by name */
} mlpi_Safetensors;

/* MLP_EIO, or MLP_EFORMAT with path, tensor and the rule that is broken. */
mlp_Status mlpi_safetensors_read (mlp_Runtime *rt, const char *who,
                                  const char *path, mlpi_Safetensors **out);
void mlpi_safetensors_free (mlpi_Safetensors *s);

/* By name and by key; NULL where there is none. */
const mlpi_NamedArray *mlpi_safetensors_item (const mlpi_Safetensors *s,
                                              const char *name);
const mlpi_Array *mlpi_safetensors_find (const mlpi_Safetensors *s,
                                         const char *name);
const char *mlpi_safetensors_metadata (const mlpi_Safetensors *s,
                                       const char *key);

#endif
