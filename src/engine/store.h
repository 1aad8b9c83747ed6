/*
 * The shadow tables of one virtual table. Its files alone speak SQL in the
 * engine; the SQL itself is in sql/. Above it there are keys, bytes and
 * counters: it is the seam at which the storage can be changed.
 *
 * Rows lie in leaves of the size of a page (leaf.h), under a directory; large
 * items in a table of their own, or leaves would hold few of them
 * (docs/format.md has the figures).
 *
 * Every function fails with DYN_NOMEM; with DYN_CORRUPT when a shadow table is
 * missing or damaged; with DYN_SQLITE for what else SQLite refuses (a lock, a
 * full disk). A write that fails after another shadow row of its operation was
 * written leaves error.torn set in call.
 *
 * Layer: engine.
 */
#ifndef DYN_ENGINE_STORE_H
#define DYN_ENGINE_STORE_H

#include "base/call.h"
#include "engine/leaf.h"

struct sqlite3;
typedef struct dyn_store dyn_store;

/* The trees of rows: 0 is that of the items, each index has one of its own. */
enum { DYN_TREE_ITEMS = 0, DYN_TREE_MAX = 31 };

/* A line of the partition map; a hash is 8 bytes, the most significant first.
 * high is where the next one begins. */
typedef struct dyn_partition_row {
    int64_t partition;
    int64_t tree;
    uint64_t low;
    int64_t items;
    int64_t bytes;
    bool is_walked; /* a split is prepared: what lies in low .. walked - 1 has
                     * been counted into left_ */
    uint64_t walked;
    int64_t left_items;
    int64_t left_bytes;
    int64_t give_up_bytes;
    bool is_charged; /* of a difference: it has units, and they are of minute */
    int64_t minute;  /* of the last units that were charged here */
    int64_t read_halves;
    int64_t write_units;
} dyn_partition_row;

/* An index: its tree is in 1 .. DYN_TREE_MAX. */
typedef struct dyn_index_row {
    int64_t tree;
    const char *declaration;
    bool is_filling; /* only items whose key is less than position are in it */
    dyn_bytes position;
    int64_t skipped;
} dyn_index_row;

typedef struct dyn_usage_row {
    int64_t minute; /* since 1970 */
    dyn_bytes name; /* of an index; empty: the table itself */
    int64_t read_halves;
    int64_t write_units;
} dyn_usage_row;

typedef struct dyn_meta_row {
    dyn_bytes name;
    dyn_bytes text;
} dyn_meta_row;

/* Open the store of schema.table on db, a borrowed connection. Touches nothing
 * stored. On DYN_OK *out is to be closed by the caller. */
dyn_status dyn_store_open(dyn_call *call, struct sqlite3 *db,
                          const char *schema, const char *table,
                          dyn_store **out);
void dyn_store_close(dyn_store *store); /* NULL is allowed */

dyn_status dyn_store_create(dyn_call *call, dyn_store *store);
dyn_status dyn_store_drop(dyn_call *call, dyn_store *store);

/* Whether the shadow tables are there under the name of the store: not when a
 * rename was rolled back behind it. Fails with DYN_NOMEM. */
dyn_status dyn_store_exists(dyn_call *call, const dyn_store *store,
                            bool *exists);

/* Rename the shadow tables. The store goes on under the new name. */
dyn_status dyn_store_rename(dyn_call *call, dyn_store *store,
                            const char *table);

/* The file of its schema; empty when it has none. */
const char *dyn_store_file(const dyn_store *store);

/* A number that another connection's commits change. Cheap. */
dyn_status dyn_store_version(dyn_call *call, dyn_store *store,
                             unsigned *version);

/* Forget where rows were found last: somebody else may have written. */
void dyn_store_forget(dyn_store *store);

/* Forget what the operation before wrote: error.torn is about the writes that
 * come after this. */
void dyn_store_begin_write(dyn_store *store);

/* ---------------------------------------------------------------- items -- */

dyn_status dyn_store_get(dyn_call *call, dyn_store *store, dyn_bytes key,
                         bool *found, dyn_row *out);

/* The same for a row that is to be replaced or deleted: it remembers where it
 * was found, so that it need not be looked for if nothing is written before. */
dyn_status dyn_store_get_to_write(dyn_call *call, dyn_store *store,
                                  dyn_bytes key, bool *found, dyn_row *out);

/* Fails with DYN_EXISTS, having written nothing, when the key is there. */
dyn_status dyn_store_insert(dyn_call *call, dyn_store *store, dyn_bytes key,
                            dyn_bytes item);

/* old is what dyn_store_get() or dyn_store_get_to_write() found, in the same
 * transaction. */
dyn_status dyn_store_replace(dyn_call *call, dyn_store *store,
                             const dyn_row *old, dyn_bytes item);
dyn_status dyn_store_delete(dyn_call *call, dyn_store *store,
                            const dyn_row *old);

/* Rows of a tree whose key is at least low and less than high, in the order of
 * their keys or down from the last: up to rows_max of them, fewer when they
 * come to more than bytes_max. *is_end tells whether there are no more. */
dyn_status dyn_store_range(dyn_call *call, dyn_store *store, int64_t tree,
                           dyn_bytes low, dyn_bytes high, bool down,
                           size_t rows_max, size_t bytes_max,
                           const dyn_row **rows, size_t *count, bool *is_end);

/* The rows of a tree and the leaves that have them. Fails with DYN_CORRUPT
 * unless each leaf begins where the one before it ends. */
dyn_status dyn_store_count(dyn_call *call, dyn_store *store, int64_t tree,
                           int64_t *rows, int64_t *leaves);

/* The rows of _large, of _leaves, and of _directory. */
dyn_status dyn_store_count_large(dyn_call *call, dyn_store *store,
                                 int64_t *rows);
dyn_status dyn_store_count_leaves(dyn_call *call, dyn_store *store,
                                  int64_t *rows);
dyn_status dyn_store_count_directory(dyn_call *call, dyn_store *store,
                                     int64_t *rows);

/* -------------------------------------------------------------- indexes -- */

/* In the order of tree. */
dyn_status dyn_store_indexes(dyn_call *call, dyn_store *store,
                             dyn_index_row **rows, size_t *count);

/* Add an index with an empty tree; remove one with its tree. */
dyn_status dyn_store_index_insert(dyn_call *call, dyn_store *store,
                                  const dyn_index_row *row);
dyn_status dyn_store_index_delete(dyn_call *call, dyn_store *store,
                                  int64_t tree);

/* Write position and skipped. */
dyn_status dyn_store_index_set(dyn_call *call, dyn_store *store,
                               const dyn_index_row *row);

/* Write its declaration. */
dyn_status dyn_store_index_declare(dyn_call *call, dyn_store *store,
                                   int64_t tree, const char *declaration);

/* Empty the tree of an index, and remove what belongs to no tree of an index
 * any more. */
dyn_status dyn_store_index_clear(dyn_call *call, dyn_store *store,
                                 int64_t tree);

/* Whether a row of this key and item would take so much of a leaf that it
 * should not lie in one. */
dyn_status dyn_store_is_large(dyn_call *call, dyn_store *store, dyn_bytes key,
                              dyn_bytes item, bool *out);

/* The stored form of the entry under a key, in the memory of call. */
dyn_status dyn_store_entry_get(dyn_call *call, dyn_store *store, int64_t tree,
                               dyn_bytes key, bool *found, dyn_bytes *item);

/* Write an entry where there is none, change the one that is there, remove it.
 * Fail with DYN_CORRUPT when the tree is not as it has to be for that. */
dyn_status dyn_store_entry_insert(dyn_call *call, dyn_store *store,
                                  int64_t tree, dyn_bytes key, dyn_bytes item);
dyn_status dyn_store_entry_update(dyn_call *call, dyn_store *store,
                                  int64_t tree, dyn_bytes key, dyn_bytes item);
dyn_status dyn_store_entry_delete(dyn_call *call, dyn_store *store,
                                  int64_t tree, dyn_bytes key);

/* ------------------------------------------------- partitions and usage -- */

/* Those of a tree, in the order of low. */
dyn_status dyn_store_partitions(dyn_call *call, dyn_store *store, int64_t tree,
                                dyn_partition_row **rows, size_t *count);
dyn_status dyn_store_partition_insert(dyn_call *call, dyn_store *store,
                                      const dyn_partition_row *row);

/* Remove all of a tree. */
dyn_status dyn_store_partitions_delete(dyn_call *call, dyn_store *store,
                                       int64_t tree);

/* Add to the counters and units of a partition; all but partition, tree, low,
 * walked, give_up_bytes and minute are differences. */
dyn_status dyn_store_partition_add(dyn_call *call, dyn_store *store,
                                   const dyn_partition_row *difference);

/* Write all but partition, tree, low and units. */
dyn_status dyn_store_partition_set(dyn_call *call, dyn_store *store,
                                   const dyn_partition_row *row);

dyn_status dyn_store_usage_add(dyn_call *call, dyn_store *store,
                               const dyn_usage_row *row);
dyn_status dyn_store_usage(dyn_call *call, dyn_store *store,
                           dyn_usage_row **rows, size_t *count);

/* Remove what is older than minute. */
dyn_status dyn_store_usage_prune(dyn_call *call, dyn_store *store,
                                 int64_t minute);

/* ----------------------------------------------------------------- meta -- */

/* A named text or number of the table; an absent one is 0 and empty. */
dyn_status dyn_store_meta(dyn_call *call, dyn_store *store, const char *name,
                          bool *found, dyn_bytes *text, int64_t *number);
dyn_status dyn_store_set_meta_text(dyn_call *call, dyn_store *store,
                                   const char *name, const char *text);
dyn_status dyn_store_delete_meta(dyn_call *call, dyn_store *store,
                                 const char *name);
/* Those whose name begins with the word prefix and a blank, in the order of
 * what stands behind that, which is their name here. */
dyn_status dyn_store_meta_list(dyn_call *call, dyn_store *store,
                               const char *prefix, dyn_meta_row **rows,
                               size_t *count);

/* Remove those of them whose text begins with a number less than least. */
dyn_status dyn_store_meta_prune(dyn_call *call, dyn_store *store,
                                const char *prefix, int64_t least);

dyn_status dyn_store_set_meta_number(dyn_call *call, dyn_store *store,
                                     const char *name, int64_t number);

#endif
