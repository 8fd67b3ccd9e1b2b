/*
** schema.c - the tables of a study's file.
** The first group is Optuna's (optuna.storages.RDBStorage, revision v3.2.0.a:
** Optuna 3.2 to 5), so that Optuna and optuna-dashboard open our files and we
** theirs. The second group, mlprun_*, is ours; Optuna leaves it alone.
*/
#include "study/database.h"

#include <stdio.h>
#include <string.h>

enum { FORMAT = 1 }; /* of the tables mlprun_* */

static const char optuna[] =
    "CREATE TABLE studies (study_id INTEGER NOT NULL,"
    " study_name VARCHAR(512) NOT NULL, PRIMARY KEY (study_id));"
    "CREATE UNIQUE INDEX ix_studies_study_name ON studies (study_name);"

    "CREATE TABLE version_info (version_info_id INTEGER NOT NULL,"
    " schema_version INTEGER, library_version VARCHAR(256),"
    " PRIMARY KEY (version_info_id), CHECK (version_info_id=1));"

    "CREATE TABLE study_directions (study_direction_id INTEGER NOT NULL,"
    " direction VARCHAR(8) NOT NULL, study_id INTEGER NOT NULL,"
    " objective INTEGER NOT NULL, PRIMARY KEY (study_direction_id),"
    " UNIQUE (study_id, objective),"
    " FOREIGN KEY(study_id) REFERENCES studies (study_id));"

    "CREATE TABLE study_user_attributes"
    " (study_user_attribute_id INTEGER NOT NULL, study_id INTEGER,"
    " \"key\" VARCHAR(512), value_json TEXT,"
    " PRIMARY KEY (study_user_attribute_id), UNIQUE (study_id, \"key\"),"
    " FOREIGN KEY(study_id) REFERENCES studies (study_id));"

    "CREATE TABLE study_system_attributes"
    " (study_system_attribute_id INTEGER NOT NULL, study_id INTEGER,"
    " \"key\" VARCHAR(512), value_json TEXT,"
    " PRIMARY KEY (study_system_attribute_id), UNIQUE (study_id, \"key\"),"
    " FOREIGN KEY(study_id) REFERENCES studies (study_id));"

    "CREATE TABLE trials (trial_id INTEGER NOT NULL, number INTEGER,"
    " study_id INTEGER, state VARCHAR(8) NOT NULL, datetime_start DATETIME,"
    " datetime_complete DATETIME, PRIMARY KEY (trial_id),"
    " FOREIGN KEY(study_id) REFERENCES studies (study_id));"
    "CREATE INDEX ix_trials_study_id ON trials (study_id);"

    "CREATE TABLE trial_user_attributes"
    " (trial_user_attribute_id INTEGER NOT NULL, trial_id INTEGER,"
    " \"key\" VARCHAR(512), value_json TEXT,"
    " PRIMARY KEY (trial_user_attribute_id), UNIQUE (trial_id, \"key\"),"
    " FOREIGN KEY(trial_id) REFERENCES trials (trial_id));"

    "CREATE TABLE trial_system_attributes"
    " (trial_system_attribute_id INTEGER NOT NULL, trial_id INTEGER,"
    " \"key\" VARCHAR(512), value_json TEXT,"
    " PRIMARY KEY (trial_system_attribute_id), UNIQUE (trial_id, \"key\"),"
    " FOREIGN KEY(trial_id) REFERENCES trials (trial_id));"

    "CREATE TABLE trial_params (param_id INTEGER NOT NULL, trial_id INTEGER,"
    " param_name VARCHAR(512), param_value FLOAT, distribution_json TEXT,"
    " PRIMARY KEY (param_id), UNIQUE (trial_id, param_name),"
    " FOREIGN KEY(trial_id) REFERENCES trials (trial_id));"

    "CREATE TABLE trial_values (trial_value_id INTEGER NOT NULL,"
    " trial_id INTEGER NOT NULL, objective INTEGER NOT NULL, value FLOAT,"
    " value_type VARCHAR(7) NOT NULL, PRIMARY KEY (trial_value_id),"
    " UNIQUE (trial_id, objective),"
    " FOREIGN KEY(trial_id) REFERENCES trials (trial_id));"

    "CREATE TABLE trial_intermediate_values"
    " (trial_intermediate_value_id INTEGER NOT NULL,"
    " trial_id INTEGER NOT NULL, step INTEGER NOT NULL,"
    " intermediate_value FLOAT, intermediate_value_type VARCHAR(7) NOT NULL,"
    " PRIMARY KEY (trial_intermediate_value_id), UNIQUE (trial_id, step),"
    " FOREIGN KEY(trial_id) REFERENCES trials (trial_id));"

    "CREATE TABLE trial_heartbeats (trial_heartbeat_id INTEGER NOT NULL,"
    " trial_id INTEGER NOT NULL, heartbeat DATETIME NOT NULL,"
    " PRIMARY KEY (trial_heartbeat_id), UNIQUE (trial_id),"
    " FOREIGN KEY(trial_id) REFERENCES trials (trial_id));"

    "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL,"
    " CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num));";

/* One trial of a number, whatever the workers do. */
static const char ours[] =
    "CREATE UNIQUE INDEX mlprun_trial_number ON trials (study_id, number);"

    /* The few that run or wait, among thousands that do not. */
    "CREATE INDEX mlprun_open_trials ON trials (study_id)"
    " WHERE state IN ('RUNNING', 'WAITING');"

    "CREATE TABLE mlprun_format (version INTEGER NOT NULL);"

    "CREATE TABLE mlprun_studies (study_id INTEGER PRIMARY KEY"
    " REFERENCES studies (study_id) ON DELETE CASCADE,"
    " seed INTEGER NOT NULL, options TEXT);"

    "CREATE TABLE mlprun_workers (worker_id INTEGER PRIMARY KEY,"
    " host TEXT NOT NULL, pid INTEGER NOT NULL, born INTEGER NOT NULL,"
    " version TEXT NOT NULL, code TEXT, started REAL NOT NULL);"

    "CREATE TABLE mlprun_trials (trial_id INTEGER PRIMARY KEY"
    " REFERENCES trials (trial_id) ON DELETE CASCADE,"
    " seed INTEGER NOT NULL, attempt INTEGER NOT NULL, worker_id INTEGER,"
    " started REAL, finished REAL, plan TEXT, reason TEXT);"

    "CREATE TABLE mlprun_series (series_id INTEGER PRIMARY KEY,"
    " name TEXT NOT NULL UNIQUE);"

    "CREATE TABLE mlprun_metrics (trial_id INTEGER NOT NULL"
    " REFERENCES trials (trial_id) ON DELETE CASCADE,"
    " series_id INTEGER NOT NULL, step INTEGER NOT NULL, value REAL,"
    " PRIMARY KEY (trial_id, series_id, step)) WITHOUT ROWID;"

    "CREATE TABLE mlprun_artifacts (trial_id INTEGER NOT NULL"
    " REFERENCES trials (trial_id) ON DELETE CASCADE,"
    " kind TEXT NOT NULL, sha256 TEXT NOT NULL, data BLOB NOT NULL,"
    " PRIMARY KEY (trial_id, kind));"

    "CREATE TABLE mlprun_events (event_id INTEGER PRIMARY KEY,"
    " trial_id INTEGER NOT NULL REFERENCES trials (trial_id)"
    " ON DELETE CASCADE, time REAL NOT NULL, text TEXT NOT NULL);";

/* The first column of the first row, or -1 where there is none. */
static mlp_Status ask (mlpi_Database *db, const char *sql, long *out) {
  sqlite3_stmt *s;
  bool row = false;
  *out = -1;
  mlp_Status status = mlpi_database_prepare(db, sql, &s);
  if (status == MLP_OK) status = mlpi_database_step(db, s, &row);
  if (status == MLP_OK && row) *out = (long)sqlite3_column_int64(s, 0);
  if (s != NULL) sqlite3_reset(s);
  return status;
}

static mlp_Status has_table (mlpi_Database *db, const char *name, bool *out) {
  char sql[160];
  long n;
  snprintf(sql, sizeof sql,
           "SELECT count(*) FROM sqlite_master WHERE type='table' AND "
           "name='%s'",
           name);
  mlp_Status status = ask(db, sql, &n);
  *out = n > 0;
  return status;
}

static mlp_Status make_optuna (mlpi_Database *db, const char *stamp) {
  char sql[256];
  mlp_Status status = mlpi_database_run(db, optuna);
  snprintf(sql, sizeof sql,
           "INSERT INTO version_info VALUES (1, 12, 'mlprun %s');"
           "INSERT INTO alembic_version VALUES ('%s')",
           MLP_VERSION, stamp);
  return status != MLP_OK ? status : mlpi_database_run(db, sql);
}

static mlp_Status make_ours (mlpi_Database *db) {
  char sql[64];
  mlp_Status status = mlpi_database_run(db, ours);
  snprintf(sql, sizeof sql, "INSERT INTO mlprun_format VALUES (%d)", FORMAT);
  return status != MLP_OK ? status : mlpi_database_run(db, sql);
}

/* Is it Optuna's, at a revision whose tables are these? */
static mlp_Status check_optuna (mlpi_Database *db, const char *path) {
  sqlite3_stmt *s;
  bool row = false;
  char revision[33] = "none";
  mlp_Status status =
      mlpi_database_prepare(db, "SELECT version_num FROM alembic_version", &s);
  if (status == MLP_OK) status = mlpi_database_step(db, s, &row);
  if (row)
    snprintf(revision, 33, "%s", (const char *)sqlite3_column_text(s, 0));
  if (s != NULL) sqlite3_reset(s);
  if (status != MLP_OK) return status;
  if (strcmp(revision, "v3.2.0.a") == 0 || strcmp(revision, "v3.0.0.d") == 0)
    return MLP_OK;
  return mlpi_error(db == NULL ? NULL : mlpi_database_runtime(db), MLP_EFORMAT,
                    "study: cannot use '%s': expected Optuna's tables at "
                    "revision v3.2.0.a, got %s; 'optuna storage upgrade' "
                    "brings old files up to date",
                    path, revision);
}

static mlp_Status check_ours (mlpi_Database *db, const char *path) {
  long format;
  mlp_Status status = ask(db, "SELECT version FROM mlprun_format", &format);
  if (status != MLP_OK || format == FORMAT) return status;
  return mlpi_error(mlpi_database_runtime(db), MLP_EFORMAT,
                    "study: cannot use '%s': expected format %d, got %ld; a "
                    "later mlprun wrote it",
                    path, FORMAT, format);
}

static mlp_Status make_or_check (mlpi_Database *db,
                                 const mlpi_DatabaseOptions *o,
                                 const char *path, bool may_write) {
  long tables;
  bool theirs, own;
  mlp_Status status = ask(db, "SELECT count(*) FROM sqlite_master", &tables);
  if (status == MLP_OK) status = has_table(db, "alembic_version", &theirs);
  if (status == MLP_OK) status = has_table(db, "mlprun_format", &own);
  if (status != MLP_OK) return status;
  if (tables > 0 && !theirs)
    return mlpi_error(mlpi_database_runtime(db), MLP_EFORMAT,
                      "study: cannot use '%s': it is another program's "
                      "database, without the tables of a study",
                      path);
  status = theirs      ? check_optuna(db, path)
           : may_write ? make_optuna(db, o->stamp)
                       : MLP_OK;
  if (status != MLP_OK) return status;
  return own ? check_ours(db, path) : may_write ? make_ours(db) : MLP_OK;
}

mlp_Status mlpi_schema (mlpi_Database *db, const mlpi_DatabaseOptions *o,
                        const char *path) {
  bool own;
  mlp_Status status = has_table(db, "mlprun_format", &own);
  if (status != MLP_OK) return status;
  if (own || o->read_only) return make_or_check(db, o, path, false);
  status = mlpi_database_begin(db);
  if (status != MLP_OK) return status;
  status = make_or_check(db, o, path, true);
  if (status == MLP_OK) return mlpi_database_commit(db);
  mlpi_database_rollback(db);
  return status;
}
