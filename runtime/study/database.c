/*
** database.c - opening a study's file, transactions, locks, messages.
*/
#include "study/database.h"
#include "base/text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#if defined(__linux__)
#include <sys/vfs.h>
#endif

enum {
  KEPT = 64, /* prepared statements */
  SOON = 500 /* looks at a lock that is expected to be free in a moment */
};

typedef struct Kept {
  char *sql;
  size_t length;
  sqlite3_stmt *statement;
} Kept;

struct mlpi_Database {
  mlp_Runtime *rt;
  sqlite3 *handle;
  char *path; /* NULL: in memory */
  double timeout, waiting_since;
  uint32_t jitter;
  bool in_transaction, keeps_journal;
  dev_t device; /* of the file when it was opened */
  ino_t inode;
  Kept kept[KEPT];
  int nkept;
};

sqlite3 *mlpi_database_handle (mlpi_Database *db) { return db->handle; }
mlp_Runtime *mlpi_database_runtime (mlpi_Database *db) { return db->rt; }

/*
** Messages
*/

/* Who holds a lock on the file, by /proc/locks; 0: nobody knows. */
static long lock_holder (const mlpi_Database *db) {
  char line[256];
  long holder = 0;
  FILE *f = fopen("/proc/locks", "r");
  if (f == NULL) return 0;
  while (holder == 0 && fgets(line, sizeof line, f) != NULL) {
    long pid;
    unsigned major, minor;
    unsigned long long inode;
    if (sscanf(line, "%*s %*s %*s %*s %ld %x:%x:%llu", &pid, &major, &minor,
               &inode) == 4 &&
        inode == (unsigned long long)db->inode && pid != (long)getpid())
      holder = pid;
  }
  fclose(f);
  return holder;
}

static mlp_Status locked (mlpi_Database *db) {
  char who[64] = "another program";
  long pid = lock_holder(db);
  if (pid != 0) snprintf(who, sizeof who, "process %ld", pid);
  return mlpi_error(db->rt, MLP_EBUSY,
                    "study: '%s' has been locked by %s for more than %g s; "
                    "nothing was written, end that program and try again",
                    db->path, who, db->timeout);
}

static mlp_Status refused (mlpi_Database *db, const char *what) {
  mlp_Status status = mlpi_error(db->rt, MLP_EIO, "study: cannot use '%s': %s",
                                 db->path == NULL ? "memory" : db->path, what);
  return db->path == NULL ? status : mlpi_about(db->rt, db->path, status);
}

mlp_Status mlpi_database_check (mlpi_Database *db, int code) {
  switch (code & 0xff) {
  case SQLITE_OK:
  case SQLITE_ROW:
  case SQLITE_DONE:
    return MLP_OK;
  case SQLITE_NOMEM:
    return mlpi_error(db->rt, MLP_ENOMEM, "study: not enough memory");
  case SQLITE_BUSY:
  case SQLITE_LOCKED:
    if (mlpi_check_cancel(db->rt) != MLP_OK) return MLP_ECANCELLED;
    return locked(db);
  case SQLITE_NOTADB:
    return refused(db, "it is not a study file (SQLite)");
  case SQLITE_CORRUPT:
    return refused(db, "it is damaged; a copy of the readable part: sqlite3 "
                       "FILE .recover");
  case SQLITE_READONLY:
    return refused(db, "it, or its folder, may not be written to");
  case SQLITE_FULL:
    return refused(db, "the disk is full; what was committed before is kept");
  default:
    return refused(db, sqlite3_errmsg(db->handle));
  }
}

/*
** Locks: wait with jittered pauses, and look at Ctrl-C in between. A commit of
** another worker takes a few milliseconds, so the pauses stay as short as that
** for the first seconds: longer ones would let whoever has just committed win
** again and again.
*/

static int wait_for_lock (void *ud, int n) {
  mlpi_Database *db = ud;
  if (n == 0) db->waiting_since = mlpi_now();
  if (mlpi_cancelled(db->rt)) return 0;
  if (mlpi_now() - db->waiting_since > db->timeout) return 0;
  db->jitter = db->jitter * 1664525u + 1013904223u;
  const long ms = n < 2 ? 1L << n : n < SOON ? 4 : 100;
  long ns = ms * 500000 + (long)(db->jitter >> 16) * ms * 500000 / 65536;
  struct timespec pause = { ns / 1000000000, ns % 1000000000 };
  nanosleep(&pause, NULL);
  return 1;
}

/*
** Opening
*/

static bool on_network (const char *path) {
#if defined(__linux__)
  struct statfs s;
  if (statfs(path, &s) != 0) return false;
  unsigned long type = (unsigned long)s.f_type & 0xffffffffu;
  return type == 0x6969 || type == 0xff534d42 || type == 0x517b ||
         type == 0xfe534d42; /* NFS, CIFS, SMB, SMB2 */
#else
  (void)path;
  return false;
#endif
}

/* What stat(2) says against it; remembers which file it is. */
static mlp_Status look_at (mlpi_Database *db, const mlpi_DatabaseOptions *o) {
  struct stat s;
  if (stat(db->path, &s) != 0) {
    if (errno == ENOENT && o->create) return MLP_OK;
    return refused(db, strerror(errno));
  }
  if (!S_ISREG(s.st_mode)) return refused(db, "it is not a regular file");
  if (access(db->path, o->read_only ? R_OK : R_OK | W_OK) != 0)
    return refused(db, strerror(errno));
  return MLP_OK;
}

static mlp_Status remember_file (mlpi_Database *db,
                                 const mlpi_DatabaseOptions *o) {
  struct stat s;
  if (db->path == NULL) return MLP_OK;
  if (stat(db->path, &s) != 0) return refused(db, strerror(errno));
  db->device = s.st_dev;
  db->inode = s.st_ino;
  if (!o->network && on_network(db->path))
    return refused(db, "it is on a network file system, where locks do not "
                       "hold and workers would damage it; use a local folder, "
                       "or say network = true if only one program uses it");
  return MLP_OK;
}

static mlp_Status keep_journal (mlpi_Database *db) {
  db->keeps_journal = true;
  return mlpi_database_run(db, "PRAGMA journal_mode=PERSIST");
}

/* Settings of the connection. Nothing in a file may call what is not SQL. */
static mlp_Status configure (mlpi_Database *db) {
  sqlite3_busy_handler(db->handle, wait_for_lock, db);
  sqlite3_extended_result_codes(db->handle, 0);
  sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
  sqlite3_db_config(db->handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
  return mlpi_database_run(db, "PRAGMA synchronous=FULL;"
                               "PRAGMA foreign_keys=ON;"
                               "PRAGMA cache_size=-512;" /* kB */
                               "PRAGMA temp_store=MEMORY");
}

static mlp_Status open_handle (mlpi_Database *db,
                               const mlpi_DatabaseOptions *o) {
  int flags = o->read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
  if (o->create && !o->read_only) flags |= SQLITE_OPEN_CREATE;
  const char *name = db->path == NULL ? ":memory:" : db->path;
  int code =
      sqlite3_open_v2(name, &db->handle, flags | SQLITE_OPEN_NOMUTEX, NULL);
  return mlpi_database_check(db, code);
}

static mlp_Status open_in_steps (mlpi_Database *db,
                                 const mlpi_DatabaseOptions *o) {
  mlp_Status status = db->path == NULL ? MLP_OK : look_at(db, o);
  if (status == MLP_OK) status = open_handle(db, o);
  if (status == MLP_OK) status = configure(db);
  if (status == MLP_OK && o->keep_journal) status = keep_journal(db);
  if (status == MLP_OK) status = mlpi_schema(db, o, db->path);
  if (status == MLP_OK) status = remember_file(db, o);
  return status;
}

mlp_Status mlpi_database_open (mlp_Runtime *rt, const char *path,
                               const mlpi_DatabaseOptions *o,
                               mlpi_Database **out) {
  *out = NULL;
  mlpi_Database *db = mlpi_calloc(rt, 1, sizeof *db);
  if (db == NULL) return MLP_ENOMEM;
  db->rt = rt;
  db->timeout = o->timeout;
  db->jitter = (uint32_t)getpid();
  if (path != NULL && (db->path = mlpi_strdup(rt, path)) == NULL) {
    mlpi_database_close(db);
    return MLP_ENOMEM;
  }
  mlp_Status status = open_in_steps(db, o);
  if (status == MLP_OK)
    *out = db;
  else
    mlpi_database_close(db);
  return status;
}

void mlpi_database_close (mlpi_Database *db) {
  if (db == NULL) return;
  mlp_Runtime *rt = db->rt;
  for (int i = 0; i < db->nkept; i++) {
    sqlite3_finalize(db->kept[i].statement);
    mlpi_strfree(rt, db->kept[i].sql);
  }
  if (db->keeps_journal)
    sqlite3_exec(db->handle, "PRAGMA journal_mode=DELETE", NULL, NULL, NULL);
  sqlite3_close(db->handle);
  mlpi_strfree(rt, db->path);
  mlpi_free(rt, db, sizeof *db);
}

/*
** Statements
*/

/* Room for one more: the oldest goes. */
static Kept *room (mlpi_Database *db) {
  if (db->nkept < KEPT) return &db->kept[db->nkept++];
  sqlite3_finalize(db->kept[0].statement);
  mlpi_strfree(db->rt, db->kept[0].sql);
  memmove(db->kept, db->kept + 1, (KEPT - 1) * sizeof *db->kept);
  return &db->kept[KEPT - 1];
}

mlp_Status mlpi_database_prepare (mlpi_Database *db, const char *sql,
                                  sqlite3_stmt **out) {
  const size_t length = strlen(sql);
  *out = NULL;
  for (int i = 0; i < db->nkept; i++)
    if (db->kept[i].length == length && strcmp(db->kept[i].sql, sql) == 0) {
      *out = db->kept[i].statement;
      sqlite3_reset(*out);
      sqlite3_clear_bindings(*out);
      return MLP_OK;
    }
  char *copy = mlpi_strdup(db->rt, sql);
  if (copy == NULL) return MLP_ENOMEM;
  int code = sqlite3_prepare_v3(db->handle, sql, -1, SQLITE_PREPARE_PERSISTENT,
                                out, NULL);
  if (code != SQLITE_OK) {
    mlpi_strfree(db->rt, copy);
    return mlpi_database_check(db, code);
  }
  *room(db) = (Kept){ copy, length, *out };
  return MLP_OK;
}

mlp_Status mlpi_database_step (mlpi_Database *db, sqlite3_stmt *s, bool *row) {
  int code = sqlite3_step(s);
  *row = code == SQLITE_ROW;
  if (code == SQLITE_ROW || code == SQLITE_DONE) return MLP_OK;
  mlp_Status status = mlpi_database_check(db, code);
  sqlite3_reset(s);
  return status;
}

mlp_Status mlpi_database_run (mlpi_Database *db, const char *sql) {
  return mlpi_database_check(db,
                             sqlite3_exec(db->handle, sql, NULL, NULL, NULL));
}

/*
** Transactions
*/

/* Is the file that is open still the one at its path? */
static mlp_Status still_there (mlpi_Database *db) {
  struct stat s;
  if (db->path == NULL || db->inode == 0) return MLP_OK;
  if (stat(db->path, &s) != 0)
    return refused(db, errno == ENOENT ? "it was deleted while it was open"
                                       : strerror(errno));
  if (s.st_dev != db->device || s.st_ino != db->inode)
    return refused(db, "it was replaced by another file while it was open");
  return MLP_OK;
}

mlp_Status mlpi_database_begin (mlpi_Database *db) {
  mlp_Status status = still_there(db);
  if (status == MLP_OK) status = mlpi_database_run(db, "BEGIN IMMEDIATE");
  db->in_transaction = status == MLP_OK;
  return status;
}

mlp_Status mlpi_database_commit (mlpi_Database *db) {
  mlp_Status status = mlpi_database_run(db, "COMMIT");
  if (status != MLP_OK) mlpi_database_rollback(db);
  db->in_transaction = false;
  return status;
}

void mlpi_database_rollback (mlpi_Database *db) {
  if (!sqlite3_get_autocommit(db->handle))
    sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
  db->in_transaction = false;
}
