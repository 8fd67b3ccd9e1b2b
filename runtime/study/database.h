/*
** database.h - a study's file: SQLite with Optuna's tables and ours beside
** them. Here are opening, transactions, waiting for locks and the messages of
** what can go wrong; the schema is in schema.c, and what is asked of the tables
** in lua/mlp/tune/storage.lua.
**
** Rollback journal and synchronous=FULL: what was committed survives a kill and
** a power cut. (Write-ahead logs lose data in SQLite before 3.51.3:
** sqlite.org/wal.html#walresetbug.)
*/
#ifndef database_h
#define database_h

#include "base/base.h"

#include <sqlite3.h>

typedef struct mlpi_Database mlpi_Database;

typedef struct mlpi_DatabaseOptions {
  double timeout;    /* seconds to wait for another program's lock */
  bool create;       /* make the file where there is none */
  bool read_only;    /* never write to it */
  bool network;      /* also on a network file system, where locks may fail */
  bool keep_journal; /* the journal stays between commits, which are shorter
                        then; it is removed at the end */
  const char *stamp; /* revision of Optuna's tables in a new file */
} mlpi_DatabaseOptions;

/*
** Open, and check that it is a study file; path NULL: in memory. A new file
** gets the tables. *out is NULL on failure. Close it with _close.
*/
mlp_Status mlpi_database_open (mlp_Runtime *rt, const char *path,
                               const mlpi_DatabaseOptions *o,
                               mlpi_Database **out);
void mlpi_database_close (mlpi_Database *db); /* NULL is fine */

/* The statement of that text, reset, without values; it stays the database's
** and is kept for the next call. */
mlp_Status mlpi_database_prepare (mlpi_Database *db, const char *sql,
                                  sqlite3_stmt **out);

/* The next row (*row true) or the end. Waits for locks. */
mlp_Status mlpi_database_step (mlpi_Database *db, sqlite3_stmt *s, bool *row);

/* Statements without values or results, one after the other. */
mlp_Status mlpi_database_run (mlpi_Database *db, const char *sql);

/*
** A transaction that writes, from the start: two of them never overlap, and
** none fails halfway for want of a lock. A file that was deleted or replaced
** is found here. Commit returns when the data is on the disk.
*/
mlp_Status mlpi_database_begin (mlpi_Database *db);
mlp_Status mlpi_database_commit (mlpi_Database *db);
void mlpi_database_rollback (mlpi_Database *db);

sqlite3 *mlpi_database_handle (mlpi_Database *db);
mlp_Runtime *mlpi_database_runtime (mlpi_Database *db);

/* Turn the code of an sqlite3 call into a status with a message. */
mlp_Status mlpi_database_check (mlpi_Database *db, int code);

/* schema.c: make the tables where the file is empty, else check them. */
mlp_Status mlpi_schema (mlpi_Database *db, const mlpi_DatabaseOptions *o,
                        const char *path);

#endif
