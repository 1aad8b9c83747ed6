/*
 * An open table: its definition, its store, its partition map and what it has
 * consumed. One per connection and table; a session lists those of a
 * connection.
 *
 * Invariants:
 *   1. what is_fresh says is in memory is what the current transaction sees
 *   2. counters of the map and units are pending here until dyn_table_flush()
 *   3. a change of the stored definition or map raises the generation in _meta
 *
 * Layer: engine.
 */
#ifndef DYN_ENGINE_TABLE_H
#define DYN_ENGINE_TABLE_H

#include "engine/definition.h"
#include "engine/meter.h"
#include "engine/partitions.h"
#include "engine/store.h"

typedef struct dyn_table dyn_table;

/* A point read that the next write of the same key makes part of itself: the
 * lookup of an UPDATE or DELETE is not a read of its own. */
typedef struct dyn_point_read {
    const dyn_table *table; /* NULL: there is none */
    uint64_t key_hash;
    int64_t minute;
    int64_t halves;
} dyn_point_read;

/* A connection. */
typedef struct dyn_session {
    struct sqlite3 *db; /* borrowed */
    int references;
    dyn_table *tables;
    dyn_cost cost; /* of the last statement */
    dyn_point_read point_read;
    int open_cursors;  /* of all tables */
    bool is_inserting; /* the last event was an INSERT that went well */
    int changes;       /* SQLite's count of changes after it */
} dyn_session;

struct dyn_table {
    dyn_session *session;
    dyn_table *next; /* of the session */
    char *schema;    /* owned, as are the members below */
    char *name;
    dyn_store *store;
    dyn_definition definition;
    const dyn_definition *declared; /* borrowed; NULL, or what the stored one
                                     * is to have the key of */
    dyn_call *memory;               /* of the definition */
    dyn_partitions map;
    dyn_usage usage;

    bool is_fresh;
    bool commits_fresh; /* is_fresh, when the transaction began to end */
    unsigned version;   /* of the file, when it was found fresh */
    int64_t generation; /* of the stored definition and map */
};

dyn_status dyn_session_open(dyn_call *call, struct sqlite3 *db,
                            dyn_session **out);
void dyn_session_release(dyn_session *session); /* closes with the last one */

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

/* Make the shadow tables of a table and what they hold at first.
 * Fails with DYN_INVALID, DYN_SQLITE, DYN_NOMEM. */
dyn_status dyn_table_create(dyn_call *call, dyn_session *session,
                            const char *schema, const char *name,
                            const dyn_definition *definition);

/* Open a table without reading it: that waits for dyn_table_refresh(), so that
 * a damaged one can be opened and dropped. */
dyn_status dyn_table_open(dyn_call *call, dyn_session *session,
                          const char *schema, const char *name,
                          dyn_table **out);
void dyn_table_close(dyn_table *table); /* NULL is allowed */

dyn_status dyn_table_drop(dyn_call *call, dyn_table *table);
dyn_status dyn_table_rename(dyn_call *call, dyn_table *table, const char *name);

/* See to it that definition and map are those that the transaction sees: every
 * operation begins with it. Fails with DYN_CORRUPT, also for a format that this
 * version does not know, DYN_SQLITE, DYN_NOMEM. */
dyn_status dyn_table_refresh(dyn_call *call, dyn_table *table);

/* What was read may be rolled back. Pending counters are forgotten; units that
 * were consumed stay so. */
void dyn_table_rolled_back(dyn_table *table);

/* Write pending counters, so that they belong to what a savepoint keeps.
 * Fails as a write does. */
dyn_status dyn_table_flush(dyn_call *call, dyn_table *table);

/* Write pending counters and units, at the end of a transaction; when it is
 * committed, the units are no longer pending. */
dyn_status dyn_table_sync(dyn_call *call, dyn_table *table);
void dyn_table_committed(dyn_table *table);

/* How many pieces of work dyn_table_sync() would do now: minutes of units to
 * write, partitions to split. */
int64_t dyn_table_work(const dyn_table *table);

/* ---------------------------------------------------------------- units -- */

/* Where an operation is to be charged. */
typedef struct dyn_meter {
    size_t cost_line;
    int64_t minute;
} dyn_meter;

/* Make room for charging an operation, which then cannot fail. */
dyn_status dyn_table_meter(dyn_call *call, dyn_table *table, dyn_meter *out);

/* Charge half read units and write units to the statement and the minute. */
void dyn_table_charge(dyn_table *table, const dyn_meter *meter,
                      int64_t read_halves, int64_t write_units);

/* ----------------------------------------------------------------- keys -- */

/* The stored key of an item. Fails with DYN_INVALID and the texts of
 * SEMANTICS 14 when a key attribute is missing, of another type, empty or too
 * long; DYN_NOMEM. */
dyn_status dyn_table_key(dyn_call *call, const dyn_table *table,
                         const dyn_map *item, dyn_bytes *out);

/* Check one key attribute. */
dyn_status dyn_table_check_key_value(dyn_call *call, const dyn_table *table,
                                     size_t column, const dyn_value *value);

#endif
