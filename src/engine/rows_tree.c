/*
 * From leaf to leaf of a tree of rows. Each is a directory of leaves, in the
 * order of their keys, and the leaves; a row is in the last leaf that does not
 * begin behind its key. Which one that is tells the directory, or a hint.
 */
#include "engine/rows_internal.h"

/* Of statements that give leaves. */
enum { LEAF_COLUMN, DATA_COLUMN, LOW_COLUMN };

/* Of the one that looks into the directory alone. */
enum { ID_COLUMN, EDGE_COLUMN };

dyn_status dyn_rows_fail_leaf(dyn_call *call, dyn_store *store)
{
    return dyn_store_fail_damaged(call, store, "leaves");
}

dyn_status dyn_rows_fail_directory(dyn_call *call, dyn_store *store)
{
    if (store->has_written) call->error.torn = true;
    return dyn_fail(call, DYN_CORRUPT,
                    "shadow tables are damaged: %s_directory and the leaves "
                    "do not fit together",
                    store->table);
}

dyn_status dyn_rows_copy_leaf(dyn_call *call, const dyn_leaf *in, dyn_leaf *out)
{
    *out = (dyn_leaf){.id = in->id};
    DYN_TRY(dyn_copy(call, in->low, &out->low));
    DYN_TRY(dyn_copy(call, in->high, &out->high));
    return dyn_copy(call, in->rows, &out->rows);
}

/* Look at a leaf in memory, if it is there. It is held, for large items that
 * are read on its behalf may take its room. */
static dyn_status look(dyn_call *call, dyn_store *store,
                       dyn_tree_cursor *cursor, int64_t id)
{
    const dyn_leaf *known = dyn_leaf_cache_find(
        store->cache, cursor->tree, id, dyn_store_foreign_changes(store));
    cursor->is_known = known != NULL;
    cursor->leaf.id = id;
    if (known == NULL) return DYN_OK;
    if (cursor->is_kept) dyn_leaf_cache_only_reads(known);
    cursor->leaf = *known;
    return dyn_leaf_cache_hold(call, known);
}

/* Look at the leaf that a statement stands at. Returns false for what is no
 * leaf of the tree. */
static bool open_leaf(dyn_tree_cursor *cursor)
{
    return dyn_leaf_open(dyn_store_column(cursor->statement, DATA_COLUMN),
                         cursor->tree, &cursor->leaf);
}

/* Look at the leaf that a cursor stands at. */
static dyn_status read_leaf(dyn_call *call, dyn_store *store,
                            dyn_tree_cursor *cursor)
{
    sqlite3_stmt *at = cursor->statement;
    int64_t id = sqlite3_column_int64(at, LEAF_COLUMN);
    bool is_there = sqlite3_column_type(at, DATA_COLUMN) == SQLITE_BLOB ||
                    dyn_leaf_cache_is_new(store->cache, id);
    if (!is_there) return dyn_rows_fail_leaf(call, store);
    DYN_TRY(look(call, store, cursor, id));
    if (!cursor->is_known && !open_leaf(cursor))
        return dyn_rows_fail_leaf(call, store);
    return dyn_bytes_equal(dyn_store_column(at, LOW_COLUMN), cursor->leaf.low)
               ? DYN_OK
               : dyn_rows_fail_directory(call, store);
}

dyn_status dyn_tree_next(dyn_call *call, dyn_store *store,
                         dyn_tree_cursor *cursor)
{
    int rc = sqlite3_step(cursor->statement);
    cursor->found = rc == SQLITE_ROW;
    if (cursor->found) return read_leaf(call, store, cursor);
    return rc == SQLITE_DONE ? DYN_OK : dyn_store_fail(call, store, rc);
}

void dyn_tree_end(dyn_tree_cursor *cursor)
{
    sqlite3_reset(cursor->statement);
}

dyn_status dyn_tree_go(dyn_call *call, dyn_store *store,
                       dyn_tree_cursor *cursor, enum dyn_sql number,
                       dyn_bytes edge)
{
    dyn_tree_end(cursor);
    DYN_TRY(dyn_store_statement(call, store, number, &cursor->statement));
    sqlite3_bind_int64(cursor->statement, 1, cursor->tree);
    dyn_store_bind(cursor->statement, 2, edge);
    return dyn_tree_next(call, store, cursor);
}

/* Keep the leaf that a cursor has found, if it is worth that. */
static void keep_leaf(dyn_store *store, const dyn_tree_cursor *cursor)
{
    if (!cursor->is_kept || cursor->is_known) return;
    dyn_leaf_cache_add(dyn_store_cache(store), cursor->tree, &cursor->leaf,
                       dyn_store_foreign_changes(store));
}

/* Read the leaf of an id. It need not be there. */
static dyn_status get_leaf(dyn_call *call, dyn_store *store,
                           dyn_tree_cursor *cursor, int64_t id)
{
    DYN_TRY(look(call, store, cursor, id));
    cursor->found = cursor->is_known;
    if (cursor->found) return DYN_OK;
    DYN_TRY(
        dyn_store_statement(call, store, DYN_SQL_LEAF_GET, &cursor->statement));
    sqlite3_bind_int64(cursor->statement, 1, id);
    int rc = sqlite3_step(cursor->statement);
    cursor->found = rc == SQLITE_ROW && open_leaf(cursor);
    return rc == SQLITE_ROW || rc == SQLITE_DONE
               ? DYN_OK
               : dyn_store_fail(call, store, rc);
}

/* A tree in which no leaf is at or before a key has none. */
static dyn_status check_empty(dyn_call *call, dyn_store *store,
                              dyn_tree_cursor *cursor)
{
    DYN_TRY(
        dyn_tree_go(call, store, cursor, DYN_SQL_LEAF_UP, dyn_bytes_text("")));
    return cursor->found ? dyn_rows_fail_directory(call, store) : DYN_OK;
}

/* Read the leaf that a row of the directory names, in which a key would be. */
static dyn_status get_listed(dyn_call *call, dyn_store *store,
                             dyn_tree_cursor *cursor, sqlite3_stmt *row,
                             dyn_bytes key)
{
    DYN_TRY(
        get_leaf(call, store, cursor, sqlite3_column_int64(row, ID_COLUMN)));
    if (!cursor->found) return dyn_rows_fail_leaf(call, store);
    return dyn_bytes_equal(dyn_store_column(row, EDGE_COLUMN),
                           cursor->leaf.low) &&
                   dyn_leaf_is_within(&cursor->leaf, key)
               ? DYN_OK
               : dyn_rows_fail_directory(call, store);
}

/* Go to the leaf in which a key would be, by the directory. */
static dyn_status look_up(dyn_call *call, dyn_store *store,
                          dyn_tree_cursor *cursor, dyn_bytes key)
{
    sqlite3_stmt *row = NULL;
    cursor->found = false;
    DYN_TRY(dyn_store_statement(call, store, DYN_SQL_DIRECTORY_FIND, &row));
    sqlite3_bind_int64(row, 1, cursor->tree);
    dyn_store_bind(row, 2, key);
    int rc = sqlite3_step(row);
    dyn_status status = rc == SQLITE_ROW
                            ? get_listed(call, store, cursor, row, key)
                        : rc == SQLITE_DONE ? check_empty(call, store, cursor)
                                            : dyn_store_fail(call, store, rc);
    sqlite3_reset(row);
    return status;
}

/* Go to the leaf that a hint tells of. Only one that is certain is worth
 * reading from the file. */
static dyn_status follow_hint(dyn_call *call, dyn_store *store,
                              dyn_tree_cursor *cursor, const dyn_hint *hint,
                              dyn_bytes key)
{
    dyn_tree_end(cursor);
    if (hint->is_certain) {
        DYN_TRY(get_leaf(call, store, cursor, hint->leaf));
    } else {
        DYN_TRY(look(call, store, cursor, hint->leaf));
        cursor->found = cursor->is_known;
    }
    cursor->found = cursor->found && dyn_leaf_is_within(&cursor->leaf, key);
    return DYN_OK;
}

static dyn_status follow_hints(dyn_call *call, dyn_store *store,
                               dyn_tree_cursor *cursor, dyn_bytes key)
{
    dyn_hint hints[DYN_HINTS_MAX];
    size_t count = dyn_hints_find(store->hints, cursor->tree, key, hints);
    for (size_t i = 0; i < count && !cursor->found; i++)
        DYN_TRY(follow_hint(call, store, cursor, &hints[i], key));
    return DYN_OK;
}

dyn_status dyn_tree_find(dyn_call *call, dyn_store *store,
                         dyn_tree_cursor *cursor, dyn_bytes key)
{
    DYN_TRY(follow_hints(call, store, cursor, key));
    if (!cursor->found) {
        dyn_tree_end(cursor);
        DYN_TRY(look_up(call, store, cursor, key));
        if (!cursor->found) return DYN_OK;
        if (store->hints == NULL) store->hints = dyn_hints_open();
        dyn_hints_add(store->hints, cursor->tree, key, &cursor->leaf);
    }
    keep_leaf(store, cursor);
    return DYN_OK;
}
