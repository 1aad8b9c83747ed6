/*
 * A connection: the tables it has open, their accounts, and the cost of its
 * last statement.
 *
 * Layer: engine.
 */
#ifndef DYN_ENGINE_SESSION_H
#define DYN_ENGINE_SESSION_H

#include "engine/account.h"
#include "engine/cost.h"
#include "engine/store.h"

struct sqlite3;
typedef struct dyn_table dyn_table;

/* An account that the connection uses, or has used: it keeps the account while
 * SQLite closes the table and opens it again, as it does when another
 * connection changes the schema. */
typedef struct dyn_account_link {
    struct dyn_account_link *next;
    dyn_account *account; /* a reference */
} dyn_account_link;

typedef struct dyn_session {
    struct sqlite3 *db; /* borrowed */
    int references;
    dyn_table *tables;
    int64_t loads;                /* of definitions, so far */
    struct dax_table *dax_tables; /* those made here (ext/dax.h), or NULL */
    int pins;                     /* dyn_tables_pin() that have no unpin yet */
    dyn_table *closed;            /* while pinned; the last unpin frees them */
    struct kept_vtab *kept;       /* statements (ext/kept.h), or NULL */
    dyn_account_link *accounts;
    dyn_store_shared shared;
    dyn_cost cost;       /* of the last statement */
    int64_t statement;   /* its number */
    int open_cursors;    /* of all tables */
    bool is_inserting;   /* the last event was a successful INSERT */
    int changes;         /* SQLite's count of changes after it */
    bool must_roll_back; /* an operation has failed, and could not be undone:
                          * after an interrupt or without memory, SQLite may
                          * run nothing more until the statement around the
                          * operation ends. COMMIT is refused */
    bool has_left_open;  /* with must_roll_back: the operation had begun the
                          * transaction itself */
    bool is_handling;    /* the SQL of a handler runs: what it writes is handled
                          * after it */
    bool is_estimating;  /* what runs is counted as cost, and in no account */
    struct dyn_maintenance
        *maintenance; /* the run in progress (ops/due.h), or NULL */
} dyn_session;

dyn_status dyn_session_open(dyn_call *call, struct sqlite3 *db,
                            dyn_session **out);
void dyn_session_release(dyn_session *session); /* closes with the last one */

/* What was left half done is over when its transaction is, for which others are
 * asked. */
void dyn_session_settle(dyn_session *session, bool has_transaction);

/* Fails with DYN_INVALID when the transaction must be rolled back. */
dyn_status dyn_session_check(dyn_call *call, const dyn_session *session);

/* The account of the table with an id in a schema that lies in file
 * (account.h). The connection keeps it, and *out is a reference of the caller's
 * own. Fails with DYN_NOMEM. */
dyn_status dyn_session_account(dyn_call *call, dyn_session *session,
                               const char *schema, const char *file,
                               dyn_bytes id, dyn_account **out);

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

/*
 * An estimate. Until it ends, what runs is as much a statement of its own as if
 * no other one were running: its cost is the session's. It is never throttled,
 * and no account hears of it. The caller rolls back what it writes, and then
 * ends the estimate: the cost is what it was before.
 *
 * Tables are not made, changed or removed meanwhile, for an account would hear
 * of that: dyn_session_check_change() fails with DYN_INVALID.
 */
typedef struct dyn_estimate {
    bool was_estimating;
    int open_cursors;
    dyn_cost cost;
} dyn_estimate;

/* Fails with DYN_NOMEM, having begun nothing. */
dyn_status dyn_estimate_begin(dyn_call *call, dyn_session *session,
                              dyn_estimate *out);
void dyn_estimate_end(dyn_session *session, const dyn_estimate *estimate);
dyn_status dyn_session_check_change(dyn_call *call, const dyn_session *session);

#endif
