/*
 * The rows of a store: each is in a tree, under a key, and has an item or the
 * entry of an index. Rows lie in leaves of the size of a page (leaf.h), under a
 * directory; large items in a table of their own, or leaves would hold few of
 * them (docs/format.md has the figures).
 *
 * Functions fail as store.h says. What they give is in the memory of call.
 *
 * Layer: engine.
 */
#ifndef DYN_ENGINE_ROWS_H
#define DYN_ENGINE_ROWS_H

#include "engine/leaf.h"
#include "engine/store.h"

/* ------------------------------------------------------------- by a key -- */

dyn_status dyn_rows_get(dyn_call *call, dyn_store *store, int64_t tree,
                        dyn_bytes key, bool *found, dyn_row *out);

/* The same for a row that is to be replaced or deleted: it remembers where it
 * was found, so that it need not be looked for if nothing is written before. */
dyn_status dyn_rows_get_to_write(dyn_call *call, dyn_store *store, int64_t tree,
                                 dyn_bytes key, bool *found, dyn_row *out);

/*
 * Write a row where there is none, change the one that is there, remove it.
 *
 * old is what dyn_rows_get() or dyn_rows_get_to_write() found, in the same
 * transaction. Of an entry its key is enough, for an entry never is in the
 * table of large items.
 *
 * dyn_rows_insert() fails with DYN_EXISTS, having written nothing, when the
 * item of the key is there. Entries follow from items, so that one which is
 * there already, or is not there to be changed, is damage.
 */
dyn_status dyn_rows_insert(dyn_call *call, dyn_store *store, int64_t tree,
                           dyn_bytes key, dyn_bytes item);
dyn_status dyn_rows_replace(dyn_call *call, dyn_store *store, int64_t tree,
                            const dyn_row *old, dyn_bytes item);
dyn_status dyn_rows_delete(dyn_call *call, dyn_store *store, int64_t tree,
                           const dyn_row *old);

/* dyn_rows_insert() of rows that come in the order of their keys: they fill
 * leaves. */
dyn_status dyn_rows_append(dyn_call *call, dyn_store *store, int64_t tree,
                           dyn_bytes key, dyn_bytes item);

/* Write the leaves that are kept in memory (store.h). Those that are written
 * are so when it fails. */
dyn_status dyn_rows_flush(dyn_call *call, dyn_store *store);

/* Whether a row of this key and item would take so much of a leaf that it
 * should not lie in one. */
dyn_status dyn_rows_is_large(dyn_call *call, dyn_store *store, dyn_bytes key,
                             dyn_bytes item, bool *out);

/* ------------------------------------------------------------- in order -- */

/* The rows of a tree whose key is at least low and less than high, in the order
 * of their keys or down from the last. */
typedef struct dyn_range {
    int64_t tree;
    dyn_bytes low;
    dyn_bytes high;
    bool down;
    size_t rows_max;  /* how many are read at once; at least 1 */
    size_t bytes_max; /* no more are read once they come to more than this */
} dyn_range;

/* The first rows of a range. */
typedef struct dyn_rows {
    const dyn_row *all;
    size_t count;
    bool is_end; /* there are no more in the range */
} dyn_rows;

dyn_status dyn_rows_range(dyn_call *call, dyn_store *store,
                          const dyn_range *range, dyn_rows *out);

/* ------------------------------------------------------------- counting -- */

/* The rows of a tree and the leaves that have them. Fails with DYN_CORRUPT
 * unless each leaf begins where the one before it ends. */
dyn_status dyn_rows_count(dyn_call *call, dyn_store *store, int64_t tree,
                          int64_t *rows, int64_t *leaves);

/* The rows of _large, of _leaves, and of _directory. Leaves that have not been
 * flushed may have none. */
dyn_status dyn_rows_count_large(dyn_call *call, dyn_store *store,
                                int64_t *rows);
dyn_status dyn_rows_count_leaves(dyn_call *call, dyn_store *store,
                                 int64_t *rows);
dyn_status dyn_rows_count_directory(dyn_call *call, dyn_store *store,
                                    int64_t *rows);

#endif
