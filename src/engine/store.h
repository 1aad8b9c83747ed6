/*
 * The shadow tables of one virtual table: their lifetime. What is in them is
 * reached through rows.h (the rows of trees) and catalogue.h (partitions,
 * indexes, usage, meta). The files behind these three headers alone speak SQL
 * in the engine; the SQL itself is in sql/. Above them there are keys, bytes
 * and counters: this is the seam at which the storage can be changed.
 *
 * Every function of the three that returns a status fails with DYN_NOMEM; with
 * DYN_CORRUPT when a shadow table is missing or damaged; with DYN_SQLITE for
 * what else SQLite refuses (a lock, a full disk). A write that fails after
 * another shadow row of its operation was written leaves error.torn set in
 * call.
 *
 * Layer: engine.
 */
#ifndef DYN_ENGINE_STORE_H
#define DYN_ENGINE_STORE_H

#include "base/call.h"
#include "engine/leaf_cache.h"
#include "engine/own_changes.h"

struct sqlite3;
struct sqlite3_stmt;
typedef struct dyn_store dyn_store;

/* The trees of rows: 0 is that of the items, the last one that of the times at
 * which they expire, and each index has one of its own. */
enum { DYN_TREE_ITEMS = 0, DYN_TREE_EXPIRY = 31, DYN_TREE_MAX = 31 };

/* What the stores of a connection share. All of it is 0 at first. */
typedef struct dyn_store_shared {
    dyn_own_changes own;
    dyn_leaf_pool leaves;
} dyn_store_shared;

/* Open the store of schema.table on db, a borrowed connection. Touches nothing
 * stored. On DYN_OK *out is to be closed by the caller. */
dyn_status dyn_store_open(dyn_call *call, struct sqlite3 *db,
                          const char *schema, const char *table,
                          dyn_store **out);
void dyn_store_close(dyn_store *store); /* NULL is allowed */

/* Have a store that was just opened share what lives longer than it. Otherwise
 * it takes what others do for foreign. */
void dyn_store_share(dyn_store *store, dyn_store_shared *shared);

dyn_status dyn_store_create(dyn_call *call, dyn_store *store);
dyn_status dyn_store_drop(dyn_call *call, dyn_store *store);

/* Whether the shadow tables are there under the name of the store: not when a
 * rename was rolled back behind it. Fails with DYN_NOMEM. */
dyn_status dyn_store_exists(dyn_call *call, const dyn_store *store,
                            bool *exists);

/* Whether _meta is, which a rename moves last. Fails with DYN_NOMEM. */
dyn_status dyn_store_has_meta(dyn_call *call, const dyn_store *store,
                              bool *has);

/* Rename the shadow tables. The store goes on under the new name. */
dyn_status dyn_store_rename(dyn_call *call, dyn_store *store,
                            const char *table);

/* Have SQLite prepare statements anew, those of all connections: what they were
 * planned with has changed. */
dyn_status dyn_store_change_schema(dyn_call *call, dyn_store *store);

/* The same, and this connection asks its tables for their columns again, as
 * others do anyway. Later statements have a new object of the table; the one at
 * hand goes on until they come. */
dyn_status dyn_store_reload_schema(dyn_call *call, dyn_store *store);

/* Whether the connection has a transaction that lasts longer than the statement
 * that runs. A COMMIT runs outside of it already. */
bool dyn_store_has_transaction(const dyn_store *store);

/* Whether its schema is written to by the transaction that is open, or by a
 * statement alone. */
bool dyn_store_is_written(const dyn_store *store);

/* The file of its schema; empty when it has none. */
const char *dyn_store_file(const dyn_store *store);

/*
 * Hold a read transaction of the schema, until *out is reset, which is a
 * statement of the store. It is NULL when that is in use, and none is held.
 * Fails with DYN_SQLITE, DYN_NOMEM.
 */
dyn_status dyn_store_hold(dyn_call *call, dyn_store *store,
                          struct sqlite3_stmt **out);

/* A number that another connection's commits change. Cheap. */
dyn_status dyn_store_version(dyn_call *call, dyn_store *store,
                             unsigned *version);

/* A number that every change of the store changes, and every change that the
 * connection makes by SQL. */
int64_t dyn_store_changes(const dyn_store *store);

/* The same for changes that are not ours (own_changes.h). */
int64_t dyn_store_foreign_changes(const dyn_store *store);

/* Forget what was found last: somebody else may have written. */
void dyn_store_forget(dyn_store *store);

/* Forget in which leaves keys were found: a tree has been removed. A leaf of it
 * that damage has made another tree's is there still. */
void dyn_store_forget_trees(dyn_store *store);

/*
 * While a store defers, its changes of rows may stay in memory. Whoever lets it
 * do so has dyn_rows_flush() called before the transaction ends, and before
 * each savepoint, and dyn_store_discard() when either is rolled back.
 */
void dyn_store_defer(dyn_store *store, bool is_deferring);

/* What is in memory of the leaves of this store (leaf_cache.h). */
dyn_leaf_cache_counts dyn_store_cache_counts(const dyn_store *store);

/* What is not in the file is rolled back: forget it, and what was found. */
void dyn_store_discard(dyn_store *store);

/* Forget what the operation before wrote: error.torn is about the writes that
 * come after this. */
void dyn_store_begin_write(dyn_store *store);

#endif
