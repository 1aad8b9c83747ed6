/* Connections of SQLite; the contract is in database.h. */
#include "database.h"

#include "base/buffer.h"
#include "dynamo.h"

#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

enum { MESSAGE_BYTES = 256, CHECKPOINT_PAGES = 1000 };

struct server_database {
    sqlite3 *db;
    sqlite3_stmt *run;
    sqlite3_stmt *maintain;
    sqlite3_stmt *begin;
    sqlite3_stmt *commit;
    int64_t waits_since_ms; /* for another connection's lock */
    database_pause *pause;
    void *context;
    char told[MESSAGE_BYTES]; /* the last failure of maintenance */
};

/* Counts of memory would have all threads meet in one lock. */
bool database_prepare(void)
{
    return sqlite3_config(SQLITE_CONFIG_MULTITHREAD) == SQLITE_OK &&
           sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0) == SQLITE_OK &&
           sqlite3_initialize() == SQLITE_OK;
}

/* --------------------------------------------------------------- opening -- */

static int64_t monotonic_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Wait for a lock, which is another process's, a millisecond at a time. */
static int wait_for_lock(void *context, int count)
{
    static const struct timespec nap = {.tv_nsec = 1000000};
    server_database *own = context;
    if (count == 0) own->waits_since_ms = monotonic_ms();
    if (monotonic_ms() - own->waits_since_ms > DATABASE_WAIT_MS) return 0;
    nanosleep(&nap, NULL);
    return 1;
}

static dyn_status fail(dyn_call *call, const char *path, sqlite3 *db)
{
    return dyn_fail(call, DYN_INVALID, "%s: %s", path, sqlite3_errmsg(db));
}

static dyn_status execute(dyn_call *call, const char *path, sqlite3 *db,
                          const char *sql)
{
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK) return DYN_OK;
    return fail(call, path, db);
}

static dyn_status set_log(dyn_call *call, const char *path, sqlite3 *db)
{
    sqlite3_stmt *statement = NULL;
    sqlite3_prepare_v2(db, "PRAGMA journal_mode = WAL", -1, &statement, NULL);
    bool is_row = sqlite3_step(statement) == SQLITE_ROW;
    const char *mode =
        is_row ? (const char *)sqlite3_column_text(statement, 0) : NULL;
    bool is_set = mode != NULL && strcmp(mode, "wal") == 0;
    dyn_status status = DYN_OK;
    if (!is_row)
        status = fail(call, path, db);
    else if (!is_set)
        status = dyn_fail(call, DYN_INVALID,
                          "%s: SQLite cannot keep a write-ahead log here; use "
                          "a file on a disk of this machine",
                          path);
    sqlite3_finalize(statement);
    return status;
}

static bool prepare(sqlite3 *db, const char *sql, sqlite3_stmt **out)
{
    return sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, out,
                              NULL) == SQLITE_OK;
}

static bool prepare_all(server_database *own)
{
    return prepare(own->db, "SELECT dynamo_api(?1, ?2)", &own->run) &&
           prepare(own->db, "SELECT dynamo_maintain()", &own->maintain) &&
           prepare(own->db, "BEGIN IMMEDIATE", &own->begin) &&
           prepare(own->db, "COMMIT", &own->commit);
}

static dyn_status set_up(dyn_call *call, const char *path,
                         const char *synchronous, server_database *own)
{
    char *message = NULL;
    sqlite3_busy_handler(own->db, wait_for_lock, own);
    if (sqlite3_dynamo_init(own->db, &message, NULL) != SQLITE_OK) {
        dyn_fail(call, DYN_INVALID, "%s: %s", path,
                 message != NULL ? message : sqlite3_errmsg(own->db));
        sqlite3_free(message);
        return DYN_INVALID;
    }
    DYN_TRY(set_log(call, path, own->db));
    const char *pragma =
        dyn_format(call, "PRAGMA synchronous = %s", synchronous);
    if (pragma == NULL) return DYN_NOMEM;
    DYN_TRY(execute(call, path, own->db, pragma));
    return prepare_all(own) ? DYN_OK : fail(call, path, own->db);
}

dyn_status database_open(dyn_call *call, const char *path,
                         const char *synchronous, bool is_private,
                         server_database **out)
{
    server_database *own = sqlite3_malloc64(sizeof(*own));
    *out = NULL;
    if (own == NULL) return dyn_fail_nomem(call);
    *own = (server_database){.db = NULL};
    int rc = sqlite3_open_v2(path, &own->db,
                             SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
                                 SQLITE_OPEN_NOMUTEX,
                             is_private ? "unix-excl" : NULL);
    dyn_status status = rc == SQLITE_OK ? set_up(call, path, synchronous, own)
                                        : fail(call, path, own->db);
    if (status == DYN_OK)
        *out = own;
    else
        database_close(own);
    return status;
}

void database_close(server_database *database)
{
    if (database == NULL) return;
    sqlite3_finalize(database->run);
    sqlite3_finalize(database->maintain);
    sqlite3_finalize(database->begin);
    sqlite3_finalize(database->commit);
    sqlite3_close(database->db);
    sqlite3_free(database);
}

/* --------------------------------------------------------------- pausing -- */

/* SQLite has one function that it calls after a commit, and uses it for the
 * checkpoints of the log, which are made here then. */
static int after_commit(void *context, sqlite3 *db, const char *schema,
                        int pages)
{
    server_database *own = context;
    if (pages >= CHECKPOINT_PAGES)
        sqlite3_wal_checkpoint_v2(db, schema, SQLITE_CHECKPOINT_PASSIVE, NULL,
                                  NULL);
    own->pause(own->context);
    return SQLITE_OK;
}

void database_set_pause(server_database *database, database_pause *pause,
                        void *context)
{
    database->pause = pause;
    database->context = context;
    sqlite3_wal_hook(database->db, after_commit, database);
}

/* --------------------------------------------------------------- running -- */

static dyn_status read_result(dyn_call *call, server_database *own,
                              dyn_bytes *text, bool *is_exception)
{
    *is_exception = sqlite3_step(own->run) != SQLITE_ROW;
    if (*is_exception)
        return dyn_copy(call, dyn_bytes_text(sqlite3_errmsg(own->db)), text);
    const unsigned char *data = sqlite3_column_text(own->run, 0);
    if (data == NULL) return dyn_fail_nomem(call);
    size_t size_bytes = (size_t)sqlite3_column_bytes(own->run, 0);
    return dyn_copy(call, (dyn_bytes){data, size_bytes}, text);
}

dyn_status database_run(dyn_call *call, server_database *database,
                        dyn_bytes operation, dyn_bytes request, dyn_bytes *text,
                        bool *is_exception)
{
    sqlite3_bind_text64(database->run, 1, (const char *)operation.data,
                        operation.size_bytes, SQLITE_STATIC, SQLITE_UTF8);
    sqlite3_bind_text64(database->run, 2,
                        request.data == NULL ? "" : (const char *)request.data,
                        request.size_bytes, SQLITE_STATIC, SQLITE_UTF8);
    dyn_status status = read_result(call, database, text, is_exception);
    sqlite3_reset(database->run);
    sqlite3_clear_bindings(database->run);
    return status;
}

/* ------------------------------------------------------------- any SQL -- */

static dyn_status read_cell(dyn_call *call, sqlite3_stmt *statement, int column,
                            dyn_buffer *cells)
{
    const int type = sqlite3_column_type(statement, column);
    database_cell cell = {.is_null = type == SQLITE_NULL,
                          .is_number =
                              type == SQLITE_INTEGER || type == SQLITE_FLOAT};
    if (!cell.is_null) {
        const unsigned char *data = sqlite3_column_text(statement, column);
        if (data == NULL) return dyn_fail_nomem(call);
        size_t size_bytes = (size_t)sqlite3_column_bytes(statement, column);
        DYN_TRY(dyn_copy(call, (dyn_bytes){data, size_bytes}, &cell.text));
    }
    dyn_buffer_add(cells, &cell, sizeof(cell));
    return DYN_OK;
}

static dyn_status read_rows(dyn_call *call, sqlite3_stmt *statement,
                            database_rows *out)
{
    enum { USUAL_BYTES = 1024 };
    dyn_buffer cells;
    dyn_bytes bytes;
    int rc;
    *out = (database_rows){.columns = (size_t)sqlite3_column_count(statement)};
    dyn_buffer_begin(&cells, call, USUAL_BYTES);
    while ((rc = sqlite3_step(statement)) == SQLITE_ROW) {
        for (int i = 0; i < (int)out->columns; i++)
            DYN_TRY(read_cell(call, statement, i, &cells));
        out->count++;
    }
    if (rc != SQLITE_DONE)
        return dyn_fail_text(
            call, DYN_SQLITE,
            dyn_format(call, "%s",
                       sqlite3_errmsg(sqlite3_db_handle(statement))));
    DYN_TRY(dyn_buffer_end(&cells, &bytes));
    out->cells = (const database_cell *)(const void *)bytes.data;
    return DYN_OK;
}

dyn_status database_query(dyn_call *call, server_database *database,
                          const char *sql, const dyn_bytes *arguments,
                          size_t argument_count, database_rows *out)
{
    sqlite3_stmt *statement = NULL;
    *out = (database_rows){.cells = NULL};
    if (sqlite3_prepare_v2(database->db, sql, -1, &statement, NULL) !=
        SQLITE_OK)
        return dyn_fail(call, DYN_SQLITE, "%s", sqlite3_errmsg(database->db));
    for (size_t i = 0; i < argument_count; i++)
        sqlite3_bind_text64(
            statement, (int)i + 1, (const char *)arguments[i].data,
            arguments[i].size_bytes, SQLITE_STATIC, SQLITE_UTF8);
    dyn_status status = read_rows(call, statement, out);
    sqlite3_finalize(statement);
    return status;
}

bool database_begin(server_database *database)
{
    bool is_begun = sqlite3_step(database->begin) == SQLITE_DONE;
    sqlite3_reset(database->begin);
    return is_begun;
}

bool database_has_begun(const server_database *database)
{
    return sqlite3_get_autocommit(database->db) == 0;
}

bool database_commit(server_database *database)
{
    bool is_committed = sqlite3_step(database->commit) == SQLITE_DONE;
    sqlite3_reset(database->commit);
    if (database_has_begun(database))
        sqlite3_exec(database->db, "ROLLBACK", NULL, NULL, NULL);
    return is_committed;
}

void database_maintain(server_database *database)
{
    int rc = sqlite3_step(database->maintain);
    const char *message = rc == SQLITE_ROW ? "" : sqlite3_errmsg(database->db);
    if (strncmp(database->told, message, sizeof(database->told) - 1) != 0) {
        snprintf(database->told, sizeof(database->told), "%s", message);
        if (message[0] != '\0')
            fprintf(stderr, "dynamo-server: maintenance: %s\n", message);
    }
    sqlite3_reset(database->maintain);
}
