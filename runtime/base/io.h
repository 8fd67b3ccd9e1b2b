/*
** io.h - every byte that we read from or write to a file passes here.
** Files are written whole or not at all: temporary, write, fsync, rename,
** fsync of the folder.
*/
#ifndef io_h
#define io_h

#include "base/base.h"

/*
** Replace 'path' by n bytes. On failure MLP_EIO, the message names path and
** reason, the old file is untouched and no temporary is left; if only the sync
** of the folder failed, the message says that the new file is in place. A
** symbolic link is followed; what is there must be a regular file that may be
** written to.
*/
mlp_Status mlpi_write_file (mlp_Runtime *rt, const char *who, const char *path,
                            const void *data, size_t n);

/* The same from pieces, for files larger than one buffer. */
typedef struct mlpi_Piece {
  const void *data;
  size_t n;
} mlpi_Piece;
mlp_Status mlpi_write_pieces (mlp_Runtime *rt, const char *who,
                              const char *path, size_t n,
                              const mlpi_Piece *pieces);

/*
** Put n bytes behind what a regular file holds. On failure it is as long as it
** was (a close that fails may leave it longer). taken, where not NULL: a new
** file, which is gone after a failure; where there is one of that name nothing
** is done, and *taken says so.
*/
mlp_Status mlpi_append_file (mlp_Runtime *rt, const char *who, const char *path,
                             const void *data, size_t n, bool *taken);

/* Cut a regular file to 'limit' bytes where it has more; *n: how many it has
** then. On failure it is as it was. */
mlp_Status mlpi_cut_file (mlp_Runtime *rt, const char *who, const char *path,
                          size_t limit, size_t *n);

/* The whole of a regular file, and a NUL behind it that does not count.
** Refuses folders, FIFOs, devices, more than 'limit' bytes (0: the memory
** limit decides). Free *data with mlpi_free(rt, *data, *n + 1). */
mlp_Status mlpi_read_file (mlp_Runtime *rt, const char *who, const char *path,
                           size_t limit, char **data, size_t *n);

/*
** The same piece by piece: n is the file's size, which must not change.
** mlpi_read_next fills 'to'; mlpi_read_end says that all was read. Close it in
** any case; 'who' and 'path' are lent.
*/
typedef struct mlpi_File {
  mlp_Runtime *rt;
  const char *who, *path;
  int fd;
  size_t n;
} mlpi_File;
mlp_Status mlpi_open_file (mlp_Runtime *rt, const char *who, const char *path,
                           size_t limit, mlpi_File *f);
mlp_Status mlpi_read_next (const mlpi_File *f, void *to, size_t n);
mlp_Status mlpi_read_end (const mlpi_File *f);
void mlpi_close_file (const mlpi_File *f);

/* The same, inflated where it is gzip (by its first two bytes). */
mlp_Status mlpi_read_gzip (mlp_Runtime *rt, const char *who, const char *path,
                           size_t limit, char **data, size_t *n);

/* "<who>: cannot read '<path>': <why>"; the reason that it has more bytes than
** 'limit'. */
mlp_Status mlpi_unreadable (mlp_Runtime *rt, mlp_Status status, const char *who,
                            const char *path, const char *why);
mlp_Status mlpi_too_large (mlp_Runtime *rt, const char *who, const char *path,
                           size_t limit);

/* What strerror says, but in one language and from any thread: a constant, or
** buf. */
enum { MLPI_OS_REASON = 40 };
const char *mlpi_os_reason (int error, char buf[MLPI_OS_REASON]);

/* Make a folder and its parents; fine where it exists. */
mlp_Status mlpi_make_folder (mlp_Runtime *rt, const char *who,
                             const char *path);

/*
** Tests: called before each system call of this layer with its name ("open",
** "write", "fsync", "close", "rename"...). A positive answer is taken as that
** errno instead of making the call; a negative one lets a read or write do at
** most that many bytes. Per runtime.
*/
typedef int (*mlpi_IoFault)(void *ud, const char *call);
void mlpi_io_fault (mlp_Runtime *rt, mlpi_IoFault f, void *ud);

/* For those who make such a call: what was answered; an errno is set. */
int mlpi_injected (mlp_Runtime *rt, const char *call);

#endif
