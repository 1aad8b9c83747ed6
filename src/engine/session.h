/*
 * A connection: the tables it has open, the cost of its last statement, and
 * what it has consumed and not yet written to the file.
 *
 * Layer: engine.
 */
#ifndef DYN_ENGINE_SESSION_H
#define DYN_ENGINE_SESSION_H

#include "engine/meter.h"

struct sqlite3;
typedef struct dyn_table dyn_table;

/* What a table has consumed. It outlives the open table, which SQLite closes
 * when another connection changes the schema. */
typedef struct dyn_account {
    struct dyn_account *next; /* of the session */
    char *schema;             /* owned, as are the members below */
    char *file;               /* of the schema: another one may be attached
                               * under its name */
    char *table;
    dyn_usage usage;
} dyn_account;

/* A point read that the next write of the same key makes part of itself: the
 * lookup of an UPDATE or DELETE is not a read of its own. */
typedef struct dyn_point_read {
    const dyn_table *table; /* NULL: there is none */
    uint64_t key_hash;
    int64_t minute;
    int64_t halves;
} dyn_point_read;

typedef struct dyn_session {
    struct sqlite3 *db; /* borrowed */
    int references;
    dyn_table *tables;
    int pins;          /* of operations that use tables */
    dyn_table *closed; /* meanwhile: to be freed when there are none */
    dyn_account *accounts;
    dyn_cost cost; /* of the last statement */
    dyn_point_read point_read;
    int open_cursors;     /* of all tables */
    bool is_inserting;    /* the last event was an INSERT that went well */
    int changes;          /* SQLite's count of changes after it */
    bool must_roll_back;  /* an operation has failed, and could not be undone:
                           * when memory is out, SQLite runs nothing more until
                           * the statement around it ends. The transaction is
                           * not committed */
    bool has_left_open;   /* and it was the operation's own */
    size_t fill_rows_max; /* that the end of a transaction puts into an index;
                           * 0: as many as others should bear */
    int64_t filled_rows;  /* so far */
} dyn_session;

dyn_status dyn_session_open(dyn_call *call, struct sqlite3 *db,
                            dyn_session **out);
void dyn_session_release(dyn_session *session); /* closes with the last one */

/* Fails with DYN_INVALID when the transaction must be rolled back. */
dyn_status dyn_session_check(dyn_call *call, const dyn_session *session);

/* The account of a table of schema, which is a file, made when there is none.
 * Fails with DYN_NOMEM. */
dyn_status dyn_session_account(dyn_call *call, dyn_session *session,
                               const char *schema, const char *file,
                               const char *table, dyn_account **out);

/* The table of an account is another one now, or has another name, whose old
 * account ends. Fails with DYN_NOMEM. */
void dyn_account_clear(dyn_account *account);
dyn_status dyn_account_rename(dyn_call *call, dyn_session *session,
                              dyn_account *account, const char *table);

/*
 * Statements are told apart for the cost of the last one: a cursor that opens
 * while no other is open begins one, and so does an INSERT outside of a cursor,
 * unless it directly follows an INSERT and no statement has ended in between,
 * which would have raised SQLite's count of changes.
 */
void dyn_statement_read_begins(dyn_session *session);
void dyn_statement_read_ends(dyn_session *session);
void dyn_statement_write_begins(dyn_session *session, bool is_insert,
                                int changes);
void dyn_statement_write_ends(dyn_session *session, bool is_inserting,
                              int changes);

#endif
