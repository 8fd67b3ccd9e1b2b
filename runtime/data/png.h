/*
** png.h - images in PNG files as numbers. Format: ISO/IEC 15948. By libpng's
** row interface, with limits of our own: 16,384 pixels a side, 256 MiB.
*/
#ifndef data_png_h
#define data_png_h

#include "tensor/tensor.h"

/* (height, width, channels), float32 in 0..1: a value divided by the largest of
** its depth. 'channels' 1 or 3 makes grey (0.299 R + 0.587 G + 0.114 B) or RGB,
** without alpha; 0: as in the file (palettes are RGB, or RGBA). */
mlp_Status mlpi_load_png (mlp_Runtime *rt, const char *path, int channels,
                          mlp_Tensor **out);

/* The same from the n bytes of a file that 'path' names in messages. */
mlp_Status mlpi_parse_png (mlp_Runtime *rt, const char *path, const char *data,
                           size_t n, int channels, mlp_Tensor **out);

/* uint8, or reals in 0..1 (rounded; NaN is 0), of shape (height, width) or
** (height, width, channels) with 1 to 4 channels, at 8 bits. */
mlp_Status mlpi_save_png (mlp_Runtime *rt, const char *path,
                          const mlpi_Array *image);

#endif
