/*
** zip.h - members of a zip file, by zlib. Format: PKWARE, APPNOTE.TXT 6.3.10;
** zip64 is read. A file is hostile: sizes come from the central directory and
** are checked against the file, names are never used as paths.
*/
#ifndef zip_h
#define zip_h

#include "base/base.h"

typedef struct mlpi_ZipMember {
  char *name;
  int method; /* 0: stored, 8: deflated */
  uint32_t crc;
  uint64_t packed, size, offset; /* offset: of the local header */
} mlpi_ZipMember;

typedef struct mlpi_Zip {
  mlp_Runtime *rt;
  const char *who, *path; /* for messages; the caller keeps them */
  char *data;
  size_t bytes, n, room;
  mlpi_ZipMember *member;
} mlpi_Zip;

/* Read the file and its directory. MLP_EFORMAT: encrypted, split, damaged,
** names twice, more than 65,536 members or 1,000 times the file's size. */
mlp_Status mlpi_zip_open (mlp_Runtime *rt, const char *who, const char *path,
                          mlpi_Zip **out);
void mlpi_zip_close (mlpi_Zip *z);

/* Inflate member i and check its CRC; free with mlpi_free(rt, *data, size). */
mlp_Status mlpi_zip_read (mlpi_Zip *z, size_t i, char **data);

/* A name that is there twice among n, or NULL. */
mlp_Status mlpi_twice (mlp_Runtime *rt, size_t n, char *const *names,
                       const char **found);

typedef struct mlpi_ZipContent {
  const char *name, *data;
  size_t n;
} mlpi_ZipContent;

/* A file of these members, dated 1980-01-01 00:00; less than 4 GiB. */
mlp_Status mlpi_zip_write (mlp_Runtime *rt, const char *who, const char *path,
                           size_t n, const mlpi_ZipContent *members,
                           bool packed);

#endif
