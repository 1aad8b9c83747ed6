/*
 * An open table: its definition, its store, its partition maps and indexes. One
 * per connection and table.
 *
 * Whoever enters the engine brings a table up to date once, with
 * dyn_table_refresh(), before an operation uses it.
 *
 * Layer: engine.
 */
#ifndef DYN_ENGINE_TABLE_H
#define DYN_ENGINE_TABLE_H

#include "engine/definition.h"
#include "engine/log.h"
#include "engine/log_keep.h"
#include "engine/partitions.h"
#include "engine/readers.h"
#include "engine/row.h"
#include "engine/session.h"
#include "engine/store.h"

/* What is kept of an index beside its definition. */
typedef struct dyn_index_state {
    int64_t tree;       /* of the store; stays the same, and fits in 5 bits.
                         * One that was dropped leaves it to another */
    uint64_t shape;     /* dyn_index_shape() */
    dyn_partitions map; /* of the entries; one range for a local index */
    const dyn_layout *layout; /* of its entries */
    bool is_filling; /* CREATING: only items whose key is less than position
                      * are in it */
    unsigned char *position; /* owned */
    size_t position_bytes;
    int64_t skipped;  /* items whose key attributes it cannot hold */
    size_t cost_line; /* of the session's cost, or none (bill.c) */
} dyn_index_state;

/* The number of the index of that tree and shape; -1 when there is none. */
int dyn_index_find(const dyn_index_state *indexes, size_t count, int64_t tree,
                   uint64_t shape);

/* ------------------------------------------------------------ what it is -- */

dyn_session *dyn_table_session(const dyn_table *table);
dyn_table *dyn_table_next(const dyn_table *table); /* of the session, or NULL */
const char *dyn_table_schema(const dyn_table *table);
const char *dyn_table_name(const dyn_table *table);

/* What people call it: its name, or schema.name when it is in an attached
 * database. */
const char *dyn_table_label(const dyn_table *table);

/* What the schema of SQLite declares. The stored definition must have the same
 * columns. Borrowed; NULL unless it has been set. */
const dyn_definition *dyn_table_declared(const dyn_table *table);
void dyn_table_declare(dyn_table *table, const dyn_definition *declared);

/* Whether it takes part in SQLite's transaction, and is told of its end. */
bool dyn_table_has_joined(const dyn_table *table);
void dyn_table_set_joined(dyn_table *table, bool has_joined);

/* The transaction has begun to write to it, or has ended: until then it is read
 * as it is stored, whatever its delays are (source.h). */
void dyn_table_set_writing(dyn_table *table, bool is_writing);

/* What follows is what dyn_table_refresh() has read. The memory of an earlier
 * definition stays while a cursor may show what was read with it. */
const dyn_definition *dyn_table_definition(const dyn_table *table);
const dyn_partitions *dyn_table_map(const dyn_table *table);
const dyn_layout *dyn_table_layout(const dyn_table *table); /* of items */

/* That of an index, by its number in the definition. */
const dyn_index_state *dyn_table_index(const dyn_table *table, size_t number);

/* Another number whenever the definition has been read anew: no other one of
 * the session. */
int64_t dyn_table_load_number(const dyn_table *table);

dyn_store *dyn_table_store(const dyn_table *table);

/* Count a change of items and bytes at a hash, in the map of the table (-1) or
 * of an index. */
void dyn_table_count(dyn_table *table, int index, uint64_t hash, int64_t items,
                     int64_t bytes);

/* ------------------------------------------------------------- its log -- */

/* What of the log is kept: whether anybody wants to hear of changes, and which
 * positions are known. */
const dyn_log_keep *dyn_table_log_keep(const dyn_table *table);

/* Add a record of a change to the log, with what somebody wants to hear of it.
 * record->sequence is not looked at. Fails as a write does. */
dyn_status dyn_table_log(dyn_call *call, dyn_table *table,
                         const dyn_log_record *record);

/* Add a reader, or write one anew; remove one; write how far one is, and its
 * state. Fail as a write does. */
dyn_status dyn_table_add_reader(dyn_call *call, dyn_table *table,
                                const dyn_log_reader *reader);
dyn_status dyn_table_remove_reader(dyn_call *call, dyn_table *table,
                                   dyn_log_reader_kind kind, dyn_bytes name);
dyn_status dyn_table_move_reader(dyn_call *call, dyn_table *table,
                                 const dyn_log_reader *reader);

/* ------------------------------------------------------------- lifetime -- */

/* Make the shadow tables of a table and what they hold at first.
 * Fails with DYN_INVALID, DYN_SQLITE, DYN_NOMEM. */
dyn_status dyn_table_create(dyn_call *call, dyn_session *session,
                            const char *schema, const char *name,
                            const dyn_definition *definition);

/* To follow when a table has been created and opened. It gains units from now
 * on, if its limits are enforced. Fails as dyn_table_refresh() and a write do.
 */
dyn_status dyn_table_begin(dyn_call *call, dyn_table *table,
                           const dyn_definition *definition);

/* Open a table without reading it. dyn_table_refresh() reads it, so a damaged
 * table can still be opened and dropped. */
dyn_status dyn_table_open(dyn_call *call, dyn_session *session,
                          const char *schema, const char *name,
                          dyn_table **out);
void dyn_table_close(dyn_table *table); /* NULL is allowed */

/*
 * Operations that use tables without a statement that SQLite has prepared for
 * them do so between these two. When a transaction that has changed the schema
 * fails, SQLite closes all tables, in the middle of what they are doing: they
 * then stay in memory until the last unpin.
 */
void dyn_tables_pin(dyn_session *session);
void dyn_tables_unpin(dyn_session *session);

dyn_status dyn_table_drop(dyn_call *call, dyn_table *table);
dyn_status dyn_table_rename(dyn_call *call, dyn_table *table, const char *name);

/* Whether the object is of no use any more: there is a newer one of the name,
 * or what the transaction had made was rolled back to a savepoint, which SQLite
 * tells nobody who was made behind it. Fails with DYN_CORRUPT, DYN_SQLITE,
 * DYN_NOMEM. */
dyn_status dyn_table_is_past(dyn_call *call, const dyn_table *table,
                             bool *is_past);

/* Whether what is in memory is known to be what the transaction sees, by the
 * version of the store alone. */
bool dyn_table_is_current(dyn_call *call, const dyn_table *table);

/* Read the definition and the maps again if they are not those that the
 * transaction sees. Every operation begins with it. Fails with DYN_CORRUPT,
 * also for a format that this version does not know, DYN_SQLITE, DYN_NOMEM. */
dyn_status dyn_table_refresh(dyn_call *call, dyn_table *table);

/* Give numbers to names of an item that is to be written (names.h), as long as
 * there are any. *has_learned tells whether one got one. Fails as a write does.
 */
dyn_status dyn_table_learn(dyn_call *call, dyn_table *table,
                           const dyn_map *item, bool *has_learned);

/* Have the names of another table, whose items are to come as they are stored:
 * the table is empty. Fails with DYN_CORRUPT where they have other columns, and
 * as a write does. */
dyn_status dyn_table_take_names(dyn_call *call, dyn_table *table,
                                const dyn_definition *source);

/* The same, and read them in any case, unless counters are pending. */
dyn_status dyn_table_reread(dyn_call *call, dyn_table *table);

/* The transaction is rolled back, and what was read in it may be void. Pending
 * counters are forgotten; units that were consumed stay consumed. */
void dyn_table_rolled_back(dyn_table *table);

/* A savepoint begins: what is in memory so far belongs to what it keeps, and is
 * written. Fails as a write does. */
dyn_status dyn_table_savepoint(dyn_call *call, dyn_table *table, int number);

/* It is gone back to. Where nothing has changed since, what is in memory stays:
 * a statement that comes to nothing, as when it has to be prepared again, goes
 * back to a savepoint of its own, also in the middle of a write. */
void dyn_table_rolled_back_to(dyn_table *table, int number);

/* Write pending counters, as a change of the definition needs. Fails as a write
 * does. */
dyn_status dyn_table_flush(dyn_call *call, dyn_table *table);

/* The end of a transaction: do the work that is due, which writes the pending
 * units, and write the pending counters. Without knowing what is stored, as
 * after a change of the schema, only units and counters are written. Fails as a
 * write does. */
typedef dyn_status dyn_table_work(dyn_call *call, dyn_table *table);
dyn_status dyn_table_sync(dyn_call *call, dyn_table *table,
                          dyn_table_work *work);

/* The transaction is committed. */
void dyn_table_committed(dyn_table *table);

/* Whether an index of it is being filled. */
bool dyn_table_is_filling(const dyn_table *table);

/* ------------------------------------------------------------- changing -- */

/* Add a global index, the last one of a definition that is else that of the
 * table: empty, and to be filled as due work. Fails with DYN_INVALID, and as a
 * write does. */
dyn_status dyn_table_add_index(dyn_call *call, dyn_table *table,
                               const dyn_definition *more);

/* Fail with DYN_NOT_FOUND when there is no such index, dyn_table_drop_index()
 * with DYN_INVALID when it is local. */
dyn_status dyn_table_drop_index(dyn_call *call, dyn_table *table,
                                dyn_bytes name);

/* Change options to those of a definition that is else that of the table; or
 * the throughput of a global index. Fail with DYN_INVALID,
 * dyn_table_change_index() with DYN_NOT_FOUND when there is no such index; and
 * as a write does. */
dyn_status dyn_table_change_options(dyn_call *call, dyn_table *table,
                                    const dyn_definition *changed);
dyn_status dyn_table_change_index(dyn_call *call, dyn_table *table,
                                  dyn_bytes name, const dyn_throughput *given);

/* Empty an index, to be filled again. */
dyn_status dyn_table_rebuild_index(dyn_call *call, dyn_table *table,
                                   dyn_bytes name);

enum { DYN_TABLE_ID_BYTES = 32 };

/* What is known of a table beside its definition. */
typedef struct dyn_birth {
    int64_t created_ms; /* since 1970 */
    dyn_bytes id;       /* hexadecimal digits, DYN_TABLE_ID_BYTES of them */
} dyn_birth;

/* Fails with DYN_CORRUPT, DYN_SQLITE, DYN_NOMEM. */
dyn_status dyn_table_birth(dyn_call *call, dyn_table *table, dyn_birth *out);

/* ---------------------------------------------------------------- units -- */

/* What the table and its indexes have consumed, by minute, name and use: what
 * is stored, and what is pending in this process. The names live while the
 * definition and call do. Fails with DYN_CORRUPT, DYN_SQLITE, DYN_NOMEM. */
dyn_status dyn_table_usage(dyn_call *call, dyn_table *table,
                           dyn_usage_row **rows, size_t *count);

/* The same, of that minute and later ones. */
dyn_status dyn_table_usage_since(dyn_call *call, dyn_table *table,
                                 int64_t minute, dyn_usage_row **rows,
                                 size_t *count);

/* ----------------------------------------------------------------- keys -- */

/* The stored key of an item, and the check of one key attribute; as in
 * item_key.h. */
dyn_status dyn_table_key(dyn_call *call, const dyn_table *table,
                         const dyn_map *item, dyn_bytes *out);
dyn_status dyn_table_check_key_value(dyn_call *call, const dyn_table *table,
                                     size_t column, const dyn_value *value);

#endif
