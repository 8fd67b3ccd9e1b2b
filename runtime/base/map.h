/*
** map.h - a file as memory: pages come from it when they are first read, and
** may be dropped again, so that it may be larger than memory.
*/
#ifndef map_h
#define map_h

#include "base/base.h"

typedef struct mlpi_Map {
  char *data;
  size_t n;
} mlpi_Map;

/* The whole of a regular file that is not empty. Writing to it is allowed and
** stays private; the file is never changed. It must not shrink meanwhile:
** reading behind its end would end the process. */
mlp_Status mlpi_map_file (mlp_Runtime *rt, const char *who, const char *path,
                          mlpi_Map *out);
void mlpi_unmap_file (mlpi_Map *map);

#endif
