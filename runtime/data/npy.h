/*
** npy.h - NumPy's arrays in files: .npy, and .npz, which is a zip of them.
** Format: numpy.lib.format, versions 1.0 to 3.0. What a file claims is checked
** against its size before any memory is taken; pickled objects are not read.
*/
#ifndef npy_h
#define npy_h

#include "tensor/tensor.h"

/* bool and uint8 as uint8; other whole numbers as int64; float16 and 32 as
** float32; float64. Either byte order, either order of axes. */
mlp_Status mlpi_load_npy (mlp_Runtime *rt, const char *path, mlp_Tensor **out);

/* The same from the n bytes of a file that 'label' names in messages. */
mlp_Status mlpi_parse_npy (mlp_Runtime *rt, const char *label, const char *data,
                           size_t n, mlp_Tensor **out);

/* A tensor over the file itself: pages are read as they are used. Elements must
** lie there as ours do: row-major, little-endian, float32, float64, int64 or
** uint8. See mlpi_map_file. */
mlp_Status mlpi_map_npy (mlp_Runtime *rt, const char *path, mlp_Tensor **out);

/* Version 1.0, row-major, little-endian. */
mlp_Status mlpi_save_npy (mlp_Runtime *rt, const char *path,
                          const mlpi_Array *a);

/* The bytes of such a file; free with mlpi_free(rt, *data, *n). */
mlp_Status mlpi_format_npy (mlp_Runtime *rt, const mlpi_Array *a, char **data,
                            size_t *n);

/* An .npz that was read: names without ".npy", in the order of the file. */
typedef struct mlpi_Npz {
  mlp_Runtime *rt;
  size_t n;
  char **name;
  mlp_Tensor **tensor;
} mlpi_Npz;

mlp_Status mlpi_load_npz (mlp_Runtime *rt, const char *path, mlpi_Npz **out);
void mlpi_npz_free (mlpi_Npz *z);

/* Names are UTF-8 and differ from each other; equal arguments give equal
** bytes. 'packed': deflated, as numpy.savez_compressed does. */
mlp_Status mlpi_save_npz (mlp_Runtime *rt, const char *path, size_t n,
                          const char *const *names, const mlpi_Array *arrays,
                          bool packed);

#endif
