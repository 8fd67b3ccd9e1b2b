/*
** map.c - a file as memory.
*/
#define _DEFAULT_SOURCE /* MAP_NORESERVE */
#include "base/map.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static mlp_Status refuse (mlp_Runtime *rt, const char *who, const char *path,
                          const char *why) {
  char quoted[MLPI_QUOTED];
  return mlpi_about(rt, path,
                    mlpi_error(rt, MLP_EIO, "%s: cannot map %s: %s", who,
                               mlpi_quote(path, quoted), why));
}

static mlp_Status refuse_by (mlp_Runtime *rt, const char *who, const char *path,
                             int error) {
  char why[100] = "";
  if (strerror_r(error, why, sizeof why) != 0) why[0] = '\0';
  return refuse(rt, who, path, why);
}

/* The pages of an open file. */
static mlp_Status map_open (mlp_Runtime *rt, const char *who, const char *path,
                            int fd, mlpi_Map *out) {
  struct stat st;
  if (fstat(fd, &st) != 0) return refuse_by(rt, who, path, errno);
  if (!S_ISREG(st.st_mode)) return refuse(rt, who, path, "not a regular file");
  if (st.st_size == 0) return refuse(rt, who, path, "the file is empty");
  void *p = mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_NORESERVE, fd, 0);
  if (p == MAP_FAILED) return refuse_by(rt, who, path, errno);
  *out = (mlpi_Map){ p, (size_t)st.st_size };
  return MLP_OK;
}

mlp_Status mlpi_map_file (mlp_Runtime *rt, const char *who, const char *path,
                          mlpi_Map *out) {
  *out = (mlpi_Map){ 0 };
  const int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (fd < 0) return refuse_by(rt, who, path, errno);
  mlp_Status s = map_open(rt, who, path, fd, out);
  close(fd);
  return s;
}

void mlpi_unmap_file (mlpi_Map *map) {
  if (map->data != NULL) munmap(map->data, map->n);
  *map = (mlpi_Map){ 0 };
}
