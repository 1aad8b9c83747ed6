/*
 * What the files of the rows share: rows_tree.c goes from leaf to leaf,
 * rows_large.c has the large items, rows_read.c and rows_write.c read and write
 * rows.
 *
 * Layer: engine, private to the rows.
 */
#ifndef DYN_ENGINE_ROWS_INTERNAL_H
#define DYN_ENGINE_ROWS_INTERNAL_H

#include "engine/rows.h"
#include "engine/store_internal.h"

/* Where a row was found, in the memory of a call. */
struct dyn_found {
    dyn_leaf leaf;
    int64_t changes; /* dyn_store_changes(): while there are no more, the leaf
                      * is as it was, in a transaction */
};

/* Copy a leaf into the memory of call. */
dyn_status dyn_rows_copy_leaf(dyn_call *call, const dyn_leaf *in,
                              dyn_leaf *out);

/* The first number that a statement without parameters gives; NULL is 0. */
dyn_status dyn_rows_read_number(dyn_call *call, dyn_store *store,
                                enum dyn_sql number, int64_t *out);

/* A leaf is damaged; or is not where those beside it say. */
dyn_status dyn_rows_fail_leaf(dyn_call *call, dyn_store *store);
dyn_status dyn_rows_fail_directory(dyn_call *call, dyn_store *store);

/* ------------------------------------------------- from leaf to leaf -- */

/* A place among the leaves of a tree. It begins as {.tree = tree}, and has to
 * end by dyn_tree_end(), whatever failed. */
typedef struct dyn_tree_cursor {
    int64_t tree;
    sqlite3_stmt *statement; /* that stands at the leaf; NULL: none */
    bool found;              /* there is a leaf; false: no more, or none */
    bool is_kept;            /* the leaf that is found is worth keeping: it is
                              * read, and not to be written */
    bool is_known;           /* it was in memory, and is held by the call */
    dyn_leaf leaf;           /* lives until the cursor moves on */
} dyn_tree_cursor;

/* Go to the leaf in which a key would be: there is one unless the tree is
 * empty. From here the cursor cannot go to the next. */
dyn_status dyn_tree_find(dyn_call *call, dyn_store *store,
                         dyn_tree_cursor *cursor, dyn_bytes key);

/* Go to a leaf by the directory alone: DYN_SQL_LEAF_UP goes to the one that
 * begins with an edge and then up, DYN_SQL_LEAF_DOWN to the one that ends with
 * it and then down. The directory may be damaged, so the caller checks that the
 * leaf begins or ends there. */
dyn_status dyn_tree_go(dyn_call *call, dyn_store *store,
                       dyn_tree_cursor *cursor, enum dyn_sql number,
                       dyn_bytes edge);

/* Go on to the next leaf. */
dyn_status dyn_tree_next(dyn_call *call, dyn_store *store,
                         dyn_tree_cursor *cursor);

void dyn_tree_end(dyn_tree_cursor *cursor);

/* ---------------------------------------------------------- large items -- */

/* Get the item of a row, which is in _large: a copy, or what is in memory, held
 * by the call. */
dyn_status dyn_large_get(dyn_call *call, dyn_store *store, dyn_row *row);

/* Write the item of a row that is not in _large to there, and set its large_id;
 * or in the place of an old one. */
dyn_status dyn_large_insert(dyn_call *call, dyn_store *store, dyn_row *row);
dyn_status dyn_large_replace(dyn_call *call, dyn_store *store,
                             const dyn_row *old, dyn_bytes item);

/* Remove the item of a row; there is nothing to do when it is in its leaf. */
dyn_status dyn_large_delete(dyn_call *call, dyn_store *store,
                            const dyn_row *row);

#endif
