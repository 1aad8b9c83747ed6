/*
 * A connection to the database, with the extension. It is for one thread at a
 * time. Only this and main.c know SQLite.
 */
#ifndef SERVER_DATABASE_H
#define SERVER_DATABASE_H

#include "base/call.h"

typedef struct server_database server_database;

/* Make SQLite ready for many threads with a connection each. To be called once,
 * before anything else. Returns whether it worked. */
bool database_prepare(void);

/*
 * Open the file at path, which is made when it is not there, with a write-ahead
 * log. synchronous is a mode of PRAGMA synchronous. A file that is private to
 * this process is locked once, and not for each transaction.
 *
 * *out is to be closed. Fails with DYN_INVALID, which says what SQLite says;
 * DYN_NOMEM.
 */
dyn_status database_open(dyn_call *call, const char *path,
                         const char *synchronous, bool is_private,
                         server_database **out);
void database_close(server_database *database); /* NULL is allowed */

/* Have a function called after each transaction that the connection commits,
 * while it holds no lock. */
typedef void database_pause(void *context);
void database_set_pause(server_database *database, database_pause *pause,
                        void *context);

/*
 * Run an operation by dynamo_api(). *text, in the memory of call, is the
 * response, or the exception when *is_exception.
 *
 * Another process that writes is waited for, for DATABASE_WAIT_MS at most.
 * Fails with DYN_NOMEM.
 */
enum { DATABASE_WAIT_MS = 30 * 1000 };
dyn_status database_run(dyn_call *call, server_database *database,
                        dyn_bytes operation, dyn_bytes request, dyn_bytes *text,
                        bool *is_exception);

/* What one column of a row holds. */
typedef struct database_cell {
    dyn_bytes text; /* of a number, too; empty for NULL */
    bool is_null;
    bool is_number;
} database_cell;

typedef struct database_rows {
    const database_cell *cells; /* row by row; in the memory of the call */
    size_t columns;
    size_t count; /* of rows */
} database_rows;

/* Run a statement of SQL whose parameters ?1, ... are texts, which may be
 * without data for NULL, to its end. Fails with DYN_SQLITE and what SQLite
 * says; DYN_NOMEM. */
dyn_status database_query(dyn_call *call, server_database *database,
                          const char *sql, const dyn_bytes *arguments,
                          size_t argument_count, database_rows *out);

/* Begin a transaction that writes, for the operations that follow. Returns
 * whether it has begun. */
bool database_begin(server_database *database);

/* Whether it still is one: an operation that fails half way rolls it back. */
bool database_has_begun(const server_database *database);

/* Commit it, or roll it back. Returns whether it is committed. */
bool database_commit(server_database *database);

/* Do what is due of all tables: dynamo_maintain(). What goes wrong is told on
 * standard error when it differs from the last time. */
void database_maintain(server_database *database);

#endif
