/*
** io.c - reading files whole, replacing files whole.
** The order of calls that survives a crash at any of them is SQLite's
** (sqlite.org/atomiccommit.html) for a file that is only ever replaced:
** write and sync a temporary, rename it, sync the folder.
*/
#define _XOPEN_SOURCE 700 /* realpath */

#include "base/io.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

void mlpi_io_fault (mlp_Runtime *rt, mlpi_IoFault f, void *ud) {
  rt->io_fault = f;
  rt->io_fault_ud = ud;
}

const char *mlpi_os_reason (int error, char buf[MLPI_OS_REASON]) {
  static const struct {
    int error;
    const char *text;
  } known[] = {
    { EACCES, "permission denied" },
    { EPERM, "operation not permitted" },
    { EROFS, "the file system is read-only" },
    { ENOENT, "no such file or folder" },
    { EEXIST, "it exists already" },
    { EISDIR, "it is a folder" },
    { ENOTDIR, "a part of the path is not a folder" },
    { ELOOP, "too many symbolic links" },
    { ENAMETOOLONG, "the name is too long" },
    { ENOSPC, "no space left on the device" },
    { EDQUOT, "the disk quota is used up" },
    { EFBIG, "the file would be too large" },
    { EIO, "input/output error" },
    { EMFILE, "too many open files" },
    { ENFILE, "too many open files on this machine" },
    { EBUSY, "it is in use" },
    { ENXIO, "it is not a regular file" },
  };
  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    if (known[i].error == error) return known[i].text;
  snprintf(buf, MLPI_OS_REASON, "error %d of the operating system", error);
  return buf;
}

static mlp_Status cannot (mlp_Runtime *rt, const char *who, const char *what,
                          const char *path, int error) {
  char quoted[MLPI_QUOTED], buf[MLPI_OS_REASON];
  return mlpi_about(rt, path,
                    mlpi_error(rt, MLP_EIO, "%s: cannot %s %s: %s", who, what,
                               mlpi_quote(path, quoted),
                               mlpi_os_reason(error, buf)));
}

/* -- system calls, which tests may make fail ------------------------------- */

int mlpi_injected (mlp_Runtime *rt, const char *call) {
  if (rt->io_fault == NULL) return 0;
  int e = rt->io_fault(rt->io_fault_ud, call);
  if (e > 0) errno = e;
  return e;
}

static size_t shortened (size_t n, int e) {
  const size_t most = (size_t)1 << 30; /* more is cut or refused by systems */
  if (n > most) n = most;
  return e < 0 && (size_t) - (e + 1) < n ? (size_t) - (e + 1) + 1 : n;
}

static int sys_open (mlp_Runtime *rt, int at, const char *path, int flags) {
  int fd;
  do {
    if (mlpi_injected(rt, "open") > 0)
      fd = -1;
    else
      fd = openat(at, path, flags | O_CLOEXEC, 0666);
  } while (fd < 0 && errno == EINTR);
  return fd;
}

/* Closed in any case. An interrupted close has closed, too. */
static int sys_close (mlp_Runtime *rt, int fd) {
  int fault = mlpi_injected(rt, "close"), error = errno;
  int failed = close(fd);
  if (fault > 0) {
    errno = error;
    failed = -1;
  }
  return failed && errno != EINTR ? -1 : 0;
}

static int sys_fsync (mlp_Runtime *rt, int fd) {
  int failed;
  do {
    failed = mlpi_injected(rt, "fsync") > 0 ? -1 : fsync(fd);
  } while (failed && errno == EINTR); /* no other error is asked twice */
  return failed;
}

static int sys_rename (mlp_Runtime *rt, int at, const char *from,
                       const char *to) {
  int failed;
  do {
    failed = mlpi_injected(rt, "rename") > 0 ? -1 : renameat(at, from, at, to);
  } while (failed && errno == EINTR);
  return failed;
}

static int write_all (mlp_Runtime *rt, int fd, const char *p, size_t n) {
  while (n > 0) {
    int fault = mlpi_injected(rt, "write");
    ssize_t k = fault > 0 ? -1 : write(fd, p, shortened(n, fault));
    if (k == 0) errno = EIO;
    if (k <= 0 && (k == 0 || errno != EINTR)) return -1;
    if (k < 0) continue;
    p += k;
    n -= (size_t)k;
  }
  return 0;
}

/* Up to n bytes; fewer only at the end of the file. -1 on failure. */
static ssize_t read_all (mlp_Runtime *rt, int fd, char *p, size_t n) {
  size_t got = 0;
  while (got < n) {
    int fault = mlpi_injected(rt, "read");
    ssize_t k = fault > 0 ? -1 : read(fd, p + got, shortened(n - got, fault));
    if (k == 0) break;
    if (k < 0 && errno != EINTR) return -1;
    if (k > 0) got += (size_t)k;
  }
  return (ssize_t)got;
}

/* -- writing --------------------------------------------------------------- */

typedef struct Save {
  mlp_Runtime *rt;
  const char *who, *path;       /* for messages */
  char real[PATH_MAX];          /* folder, behind symbolic links */
  char *name;                   /* in that folder: the end of 'real' */
  char temporary[NAME_MAX + 1]; /* in that folder */
  int folder, fd;               /* -1: not open */
  mode_t mode;                  /* of the file that is there; 0: none is */
} Save;

static mlp_Status cannot_write (const Save *s) {
  return cannot(s->rt, s->who, "write", s->path, errno);
}

/*
** Where a symbolic link points to, so that the link stays. A path that is
** not there yet is taken as it is.
*/
static int resolve (Save *s) {
  struct stat st;
  if (realpath(s->path, s->real) != NULL) return 0;
  if (errno != ENOENT) return -1;
  if (lstat(s->path, &st) == 0) { /* a link to nowhere */
    errno = ENOENT;
    return -1;
  }
  if (strlen(s->path) >= sizeof s->real) {
    errno = ENAMETOOLONG;
    return -1;
  }
  strcpy(s->real, s->path);
  return 0;
}

/*
** Rename replaces what open would refuse: a read-only file, a device. What
** is there must be a regular file that could be written in place; its mode
** stays.
*/
static int check_target (Save *s) {
  struct stat st;
  if (stat(s->real, &st) != 0) return errno == ENOENT ? 0 : -1;
  s->mode = st.st_mode & 0777;
  if (S_ISREG(st.st_mode) && (st.st_mode & 0222) != 0)
    return faccessat(AT_FDCWD, s->real, W_OK, AT_EACCESS);
  errno = S_ISDIR(st.st_mode) ? EISDIR : !S_ISREG(st.st_mode) ? ENXIO : EACCES;
  return -1;
}

/* Open the folder and split off the name. */
static int open_folder (Save *s) {
  char *slash = strrchr(s->real, '/');
  s->name = slash == NULL ? s->real : slash + 1;
  if (*s->name == '\0') {
    errno = *s->real == '\0' ? ENOENT : EISDIR;
    return -1;
  }
  if (slash != NULL) *slash = '\0';
  const char *folder = slash == NULL ? "." : slash == s->real ? "/" : s->real;
  s->folder = sys_open(s->rt, AT_FDCWD, folder, O_RDONLY | O_DIRECTORY);
  return s->folder < 0 ? -1 : 0;
}

/* A name that no other process or thread has; it reaches no result. */
static int open_temporary (Save *s) {
  for (unsigned i = 0; i < 100; i++) {
    uint64_t r = i;
    if (getentropy(&r, sizeof r) != 0) r = i;
    snprintf(s->temporary, sizeof s->temporary, ".%.200s.%ld.%016llx.tmp",
             s->name, (long)getpid(), (unsigned long long)r);
    s->fd =
        sys_open(s->rt, s->folder, s->temporary, O_WRONLY | O_CREAT | O_EXCL);
    if (s->fd >= 0) return 0;
    if (errno != EEXIST) break;
  }
  return -1;
}

/* All pieces on the disk, under the temporary name. */
static int fill_temporary (Save *s, size_t n, const mlpi_Piece *pieces) {
  if (s->mode != 0 && fchmod(s->fd, s->mode) != 0) return -1;
  for (size_t i = 0; i < n; i++)
    if (write_all(s->rt, s->fd, pieces[i].data, pieces[i].n) != 0) return -1;
  if (sys_fsync(s->rt, s->fd) != 0) return -1;
  int failed = sys_close(s->rt, s->fd);
  s->fd = -1;
  return failed;
}

/* ENOSPC and its like say how much was wanted. */
static mlp_Status cannot_fill (const Save *s, size_t n,
                               const mlpi_Piece *pieces) {
  int error = errno;
  size_t bytes = 0;
  char quoted[MLPI_QUOTED], buf[MLPI_OS_REASON];
  if (error != ENOSPC && error != EDQUOT && error != EFBIG)
    return cannot_write(s);
  for (size_t i = 0; i < n; i++) bytes += pieces[i].n;
  return mlpi_about(s->rt, s->path,
                    mlpi_error(s->rt, MLP_EIO,
                               "%s: cannot write %s: %s; needs %zu bytes",
                               s->who, mlpi_quote(s->path, quoted),
                               mlpi_os_reason(error, buf), bytes));
}

/* Give the temporary its name, and make that last. */
static mlp_Status install (Save *s) {
  char quoted[MLPI_QUOTED], buf[MLPI_OS_REASON];
  if (sys_rename(s->rt, s->folder, s->temporary, s->name) != 0)
    return cannot_write(s);
  s->temporary[0] = '\0';
  if (sys_fsync(s->rt, s->folder) == 0 || errno == EINVAL)
    return MLP_OK; /* EINVAL: a file system that cannot sync folders */
  return mlpi_about(
      s->rt, s->path,
      mlpi_error(s->rt, MLP_EIO,
                 "%s: %s is in place, but may be lost if the machine "
                 "stops now: syncing its folder failed: %s",
                 s->who, mlpi_quote(s->path, quoted),
                 mlpi_os_reason(errno, buf)));
}

static mlp_Status save (Save *s, size_t n, const mlpi_Piece *pieces) {
  if (resolve(s) != 0 || check_target(s) != 0 || open_folder(s) != 0)
    return cannot_write(s);
  if (open_temporary(s) != 0) {
    s->temporary[0] = '\0';
    return cannot_write(s);
  }
  if (fill_temporary(s, n, pieces) != 0) return cannot_fill(s, n, pieces);
  return install(s);
}

mlp_Status mlpi_write_pieces (mlp_Runtime *rt, const char *who,
                              const char *path, size_t n,
                              const mlpi_Piece *pieces) {
  Save s;
  s.rt = rt;
  s.who = who;
  s.path = path;
  s.temporary[0] = '\0';
  s.folder = s.fd = -1;
  s.mode = 0;
  mlp_Status status = save(&s, n, pieces);
  if (s.fd >= 0) close(s.fd);
  if (s.temporary[0] != '\0') unlinkat(s.folder, s.temporary, 0);
  if (s.folder >= 0) close(s.folder); /* only read: nothing to lose */
  return status;
}

mlp_Status mlpi_write_file (mlp_Runtime *rt, const char *who, const char *path,
                            const void *data, size_t n) {
  return mlpi_write_pieces(rt, who, path, 1, &(mlpi_Piece){ data, n });
}

/* -- logs ------------------------------------------------------------------ */

/* How many bytes it has; -1 where it is no regular file. */
static off_t log_size (mlp_Runtime *rt, int fd) {
  struct stat st;
  if (mlpi_injected(rt, "fstat") > 0 || fstat(fd, &st) != 0) return -1;
  if (S_ISREG(st.st_mode)) return st.st_size;
  errno = S_ISDIR(st.st_mode) ? EISDIR : ENXIO;
  return -1;
}

static int sys_truncate (mlp_Runtime *rt, int fd, off_t size) {
  int failed;
  do {
    failed = mlpi_injected(rt, "truncate") > 0 ? -1 : ftruncate(fd, size);
  } while (failed && errno == EINTR);
  return failed;
}

/* -1: it holds what it did before. */
static int append_all (mlp_Runtime *rt, int fd, const char *data, size_t n) {
  const off_t size = log_size(rt, fd);
  if (size < 0) return -1;
  if (write_all(rt, fd, data, n) == 0) return 0;
  const int error = errno;
  sys_truncate(rt, fd, size);
  errno = error;
  return -1;
}

mlp_Status mlpi_append_file (mlp_Runtime *rt, const char *who, const char *path,
                             const void *data, size_t n, bool *taken) {
  const int fresh = taken != NULL ? O_CREAT | O_EXCL : 0;
  const int fd = sys_open(rt, AT_FDCWD, path,
                          O_WRONLY | O_APPEND | O_NONBLOCK | O_NOCTTY | fresh);
  if (taken != NULL) *taken = fd < 0 && errno == EEXIST;
  if (taken != NULL && *taken) return MLP_OK;
  if (fd < 0) return cannot(rt, who, "write", path, errno);
  int failed = append_all(rt, fd, data, n), error = errno;
  if (sys_close(rt, fd) != 0 && !failed) failed = -1, error = errno;
  if (!failed) return MLP_OK;
  if (fresh) unlink(path);
  return cannot(rt, who, "write", path, error);
}

/* Its size then, or -1. */
static off_t cut (mlp_Runtime *rt, int fd, size_t limit) {
  const off_t size = log_size(rt, fd);
  if (size < 0 || (size_t)size <= limit) return size;
  return sys_truncate(rt, fd, (off_t)limit) == 0 ? (off_t)limit : -1;
}

mlp_Status mlpi_cut_file (mlp_Runtime *rt, const char *who, const char *path,
                          size_t limit, size_t *n) {
  const int fd = sys_open(rt, AT_FDCWD, path, O_WRONLY | O_NONBLOCK | O_NOCTTY);
  *n = 0;
  if (fd < 0) return cannot(rt, who, "write", path, errno);
  const off_t size = cut(rt, fd, limit);
  const int error = errno;
  close(fd); /* nothing was written */
  if (size < 0) return cannot(rt, who, "write", path, error);
  *n = (size_t)size;
  return MLP_OK;
}

/* -- folders --------------------------------------------------------------- */

/* The new entry lasts once its parent is synced. */
static int sync_parent (mlp_Runtime *rt, const char *path) {
  char parent[PATH_MAX];
  const char *slash = strrchr(path, '/');
  int n = slash == NULL ? 0 : slash == path ? 1 : (int)(slash - path);
  snprintf(parent, sizeof parent, "%.*s", n, path);
  int fd = sys_open(rt, AT_FDCWD, n > 0 ? parent : ".", O_RDONLY | O_DIRECTORY);
  if (fd < 0) return errno == EACCES ? 0 : -1; /* may not look into it */
  int failed = sys_fsync(rt, fd), error = errno;
  close(fd);
  errno = error;
  return failed && error != EINVAL ? -1 : 0;
}

/* One folder, whose parent is there. */
static int make_one (mlp_Runtime *rt, const char *path) {
  struct stat st;
  int failed = mlpi_injected(rt, "mkdir") > 0 ? -1 : mkdir(path, 0777);
  if (failed == 0) return sync_parent(rt, path);
  int error = errno; /* EEXIST, or EROFS and the like for one that exists */
  if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) return 0;
  errno = error == EEXIST ? ENOTDIR : error;
  return -1;
}

mlp_Status mlpi_make_folder (mlp_Runtime *rt, const char *who,
                             const char *path) {
  char part[PATH_MAX];
  size_t n = strlen(path);
  while (n > 1 && path[n - 1] == '/') n--;
  if (n == 0 || n >= sizeof part)
    return cannot(rt, who, "make folder", path, n ? ENAMETOOLONG : ENOENT);
  for (size_t i = 1; i <= n; i++) {
    if (i < n && (path[i] != '/' || path[i - 1] == '/')) continue;
    memcpy(part, path, i);
    part[i] = '\0';
    if (make_one(rt, part) != 0)
      return cannot(rt, who, "make folder", path, errno);
  }
  return MLP_OK;
}

/* -- reading --------------------------------------------------------------- */

mlp_Status mlpi_unreadable (mlp_Runtime *rt, mlp_Status status, const char *who,
                            const char *path, const char *why) {
  char quoted[MLPI_QUOTED];
  return mlpi_about(rt, path,
                    mlpi_error(rt, status, "%s: cannot read %s: %s", who,
                               mlpi_quote(path, quoted), why));
}

mlp_Status mlpi_too_large (mlp_Runtime *rt, const char *who, const char *path,
                           size_t limit) {
  char why[80];
  snprintf(why, sizeof why, "it has more than the allowed %zu bytes", limit);
  return mlpi_unreadable(rt, MLP_EFORMAT, who, path, why);
}

/* A regular file of at most 'limit' bytes, or why not. */
static mlp_Status check_regular (mlpi_File *f, size_t limit) {
  struct stat st;
  if (mlpi_injected(f->rt, "fstat") > 0 || fstat(f->fd, &st) != 0)
    return cannot(f->rt, f->who, "read", f->path, errno);
  if (S_ISDIR(st.st_mode))
    return cannot(f->rt, f->who, "read", f->path, EISDIR);
  if (!S_ISREG(st.st_mode))
    return mlpi_unreadable(f->rt, MLP_EIO, f->who, f->path,
                           "it is not a regular file");
  if (limit > 0 && (uintmax_t)st.st_size > limit)
    return mlpi_too_large(f->rt, f->who, f->path, limit);
  if ((uintmax_t)st.st_size >= SIZE_MAX)
    return mlpi_too_large(f->rt, f->who, f->path, SIZE_MAX - 1);
  f->n = (size_t)st.st_size;
  return MLP_OK;
}

mlp_Status mlpi_open_file (mlp_Runtime *rt, const char *who, const char *path,
                           size_t limit, mlpi_File *f) {
  *f = (mlpi_File){ .rt = rt, .who = who, .path = path };
  f->fd = sys_open(rt, AT_FDCWD, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  if (f->fd < 0) return cannot(rt, who, "read", path, errno);
  mlp_Status s = check_regular(f, limit);
  if (s != MLP_OK) mlpi_close_file(f);
  return s;
}

void mlpi_close_file (const mlpi_File *f) { close(f->fd); }

static mlp_Status changed (const mlpi_File *f) {
  return mlpi_unreadable(f->rt, MLP_EIO, f->who, f->path,
                         "it changed while it was read");
}

mlp_Status mlpi_read_next (const mlpi_File *f, void *to, size_t n) {
  const ssize_t got = read_all(f->rt, f->fd, to, n);
  if (got < 0) return cannot(f->rt, f->who, "read", f->path, errno);
  return (size_t)got == n ? MLP_OK : changed(f);
}

mlp_Status mlpi_read_end (const mlpi_File *f) {
  char extra;
  const ssize_t got = read_all(f->rt, f->fd, &extra, 1);
  if (got < 0) return cannot(f->rt, f->who, "read", f->path, errno);
  return got == 0 ? MLP_OK : changed(f);
}

/* All of it and a NUL. */
static mlp_Status read_open (const mlpi_File *f, char **data) {
  char *p = mlpi_alloc(f->rt, f->n + 1);
  if (p == NULL)
    return mlpi_unreadable(f->rt, MLP_ENOMEM, f->who, f->path, f->rt->error);
  mlp_Status s = mlpi_read_next(f, p, f->n);
  if (s == MLP_OK) s = mlpi_read_end(f);
  if (s != MLP_OK) {
    mlpi_free(f->rt, p, f->n + 1);
    return s;
  }
  p[f->n] = '\0';
  *data = p;
  return MLP_OK;
}

mlp_Status mlpi_read_file (mlp_Runtime *rt, const char *who, const char *path,
                           size_t limit, char **data, size_t *n) {
  mlpi_File f;
  *data = NULL;
  *n = 0;
  mlp_Status s = mlpi_open_file(rt, who, path, limit, &f);
  if (s != MLP_OK) return s;
  s = read_open(&f, data);
  if (s == MLP_OK) *n = f.n;
  mlpi_close_file(&f);
  return s;
}
