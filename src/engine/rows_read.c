/*
 * Reading the trees of rows: a row by its key, ranges, counts.
 */
#include "engine/rows_internal.h"

#include "item/key.h"

#include <limits.h>

/* ------------------------------------------------------------- by a key -- */

static dyn_status get_from_leaf(dyn_call *call, dyn_store *store,
                                const dyn_leaf *in, dyn_bytes key, bool *found,
                                dyn_row *out)
{
    dyn_leaf_place place = {.shared = 0};
    if (!dyn_leaf_seek(in->rows, in->heads, key, &place))
        return dyn_rows_fail_leaf(call, store);
    *found = place.is_found;
    if (!*found) return DYN_OK;
    *out = (dyn_row){.key = key, .large_id = place.row.large_id};
    return out->large_id == 0 ? dyn_copy(call, place.row.item, &out->item)
                              : dyn_large_get(call, store, out);
}

static dyn_status remember(dyn_call *call, const dyn_store *store,
                           const dyn_leaf *in, dyn_row *row)
{
    struct dyn_found *found = dyn_alloc(call, sizeof(*found));
    if (found == NULL) return DYN_NOMEM;
    found->changes = dyn_store_changes(store);
    row->found = found;
    return dyn_rows_copy_leaf(call, in, &found->leaf);
}

static dyn_status get_row(dyn_call *call, dyn_store *store, int64_t tree,
                          dyn_bytes key, bool is_to_be_written, bool *found,
                          dyn_row *out)
{
    dyn_tree_cursor at = {.tree = tree, .is_kept = !is_to_be_written};
    *found = false;
    dyn_status status = dyn_tree_find(call, store, &at, key);
    if (status == DYN_OK && at.found)
        status = get_from_leaf(call, store, &at.leaf, key, found, out);
    if (status == DYN_OK && *found && is_to_be_written && !at.is_known)
        status = remember(call, store, &at.leaf, out);
    dyn_tree_end(&at);
    return status;
}

dyn_status dyn_rows_get(dyn_call *call, dyn_store *store, int64_t tree,
                        dyn_bytes key, bool *found, dyn_row *out)
{
    return get_row(call, store, tree, key, false, found, out);
}

dyn_status dyn_rows_get_to_write(dyn_call *call, dyn_store *store, int64_t tree,
                                 dyn_bytes key, bool *found, dyn_row *out)
{
    return get_row(call, store, tree, key, true, found, out);
}

/* ------------------------------------------------------------- in order -- */

/* A range as it is read. */
typedef struct reading {
    const dyn_range *range;
    dyn_row *rows;
    size_t count;
    size_t bytes;
    bool is_end; /* what comes next is outside of the range */
} reading;

static bool is_full(const reading *r)
{
    return r->count == r->range->rows_max || r->bytes > r->range->bytes_max;
}

/* Whether there is more to read. */
static bool is_going_on(const reading *r)
{
    return !r->is_end && !is_full(r);
}

static dyn_status keep_row(dyn_call *call, dyn_store *store, reading *r,
                           const dyn_row *row)
{
    dyn_row *kept = &r->rows[r->count++];
    *kept = *row;
    if (kept->key.size_bytes <= DYN_KEY_HASH_BYTES)
        return dyn_rows_fail_leaf(call, store);
    DYN_TRY(kept->large_id != 0 ? dyn_large_get(call, store, kept)
                                : dyn_copy(call, row->item, &kept->item));
    r->bytes += kept->item.size_bytes;
    return DYN_OK;
}

/* The next row of a leaf that is in the range; otherwise *is_there is false,
 * and the range ends if there is a row behind it. */
static dyn_status next_row(dyn_call *call, dyn_store *store, reading *r,
                           dyn_leaf_cursor *cursor, bool *is_there,
                           dyn_row *row)
{
    dyn_status status = dyn_leaf_cursor_next(call, cursor, is_there, row);
    if (status == DYN_CORRUPT) return dyn_rows_fail_leaf(call, store);
    if (status != DYN_OK || !*is_there) return status;
    *is_there = dyn_bytes_compare(row->key, r->range->high) < 0;
    if (!*is_there && !r->range->down) r->is_end = true;
    return DYN_OK;
}

static dyn_status read_up(dyn_call *call, dyn_store *store, reading *r,
                          dyn_leaf_cursor *cursor)
{
    dyn_row row;
    bool is_there = true;
    while (!is_full(r)) {
        DYN_TRY(next_row(call, store, r, cursor, &is_there, &row));
        if (!is_there) return DYN_OK;
        DYN_TRY(keep_row(call, store, r, &row));
    }
    return DYN_OK;
}

/* A key is read from the one before it, so that all of them are read first; but
 * only those items are copied that are wanted. */
static dyn_status read_down(dyn_call *call, dyn_store *store, reading *r,
                            dyn_leaf_cursor *cursor)
{
    enum { ROWS = 64 };
    dyn_buffer all;
    dyn_row row;
    bool is_there = true;
    dyn_buffer_begin(&all, call, ROWS * sizeof(dyn_row));
    for (;;) {
        DYN_TRY(next_row(call, store, r, cursor, &is_there, &row));
        if (!is_there) break;
        dyn_buffer_add(&all, &row, sizeof(row));
    }
    if (all.failed) return DYN_NOMEM;
    const dyn_row *rows = (const dyn_row *)(const void *)all.data;
    for (size_t i = all.size_bytes / sizeof(row); i > 0 && !is_full(r); i--)
        DYN_TRY(keep_row(call, store, r, &rows[i - 1]));
    return DYN_OK;
}

/* The keys of a leaf are in order, and have to be within its bounds: a reader
 * goes on behind the last key that it saw, and one that lies outside would lead
 * it back to leaves that it has read. */
static dyn_status check_bounds(dyn_call *call, dyn_store *store,
                               const dyn_leaf *in, const reading *r,
                               size_t first)
{
    if (first == r->count) return DYN_OK;
    return dyn_leaf_is_within(in, r->rows[first].key) &&
                   dyn_leaf_is_within(in, r->rows[r->count - 1].key)
               ? DYN_OK
               : dyn_rows_fail_leaf(call, store);
}

/* Read the rows of a leaf that are in the range. */
static dyn_status read_leaf(dyn_call *call, dyn_store *store, reading *r,
                            const dyn_leaf *in)
{
    const dyn_range *range = r->range;
    dyn_leaf_cursor cursor;
    size_t first = r->count;
    if (!dyn_leaf_cursor_begin(in, range->low, &cursor))
        return dyn_rows_fail_leaf(call, store);
    DYN_TRY(range->down ? read_down(call, store, r, &cursor)
                        : read_up(call, store, r, &cursor));
    DYN_TRY(check_bounds(call, store, in, r, first));
    if (is_full(r)) return DYN_OK;
    bool is_last = in->high.size_bytes == 0 ||
                   dyn_bytes_compare(in->high, range->high) >= 0;
    if (range->down ? dyn_bytes_compare(in->low, range->low) <= 0 : is_last)
        r->is_end = true;
    return DYN_OK;
}

/* Where a leaf and the next one to be read meet. */
static dyn_bytes far_edge(const reading *r, const dyn_leaf *in)
{
    return r->range->down ? in->low : in->high;
}

static dyn_bytes near_edge(const reading *r, const dyn_leaf *in)
{
    return r->range->down ? in->high : in->low;
}

/* The leaf that a cursor has gone to has to be the one behind an edge. */
static dyn_status check_beside(dyn_call *call, dyn_store *store,
                               const reading *r, const dyn_tree_cursor *at,
                               dyn_bytes edge)
{
    return at->found && dyn_bytes_equal(edge, near_edge(r, &at->leaf))
               ? DYN_OK
               : dyn_rows_fail_directory(call, store);
}

/* Read the leaf that a cursor stands at, and go to the next one. */
static dyn_status read_and_go_on(dyn_call *call, dyn_store *store, reading *r,
                                 dyn_tree_cursor *at)
{
    dyn_bytes edge = {NULL, 0};
    DYN_TRY(read_leaf(call, store, r, &at->leaf));
    if (!is_going_on(r)) return DYN_OK;
    DYN_TRY(dyn_copy(call, far_edge(r, &at->leaf), &edge));
    DYN_TRY(dyn_tree_next(call, store, at));
    return check_beside(call, store, r, at, edge);
}

/* Read from the leaf that begins, or going down ends, at an edge. */
static dyn_status read_on(dyn_call *call, dyn_store *store, reading *r,
                          dyn_bytes edge)
{
    dyn_tree_cursor at = {.tree = r->range->tree};
    enum dyn_sql number = r->range->down ? DYN_SQL_LEAF_DOWN : DYN_SQL_LEAF_UP;
    dyn_status status = dyn_tree_go(call, store, &at, number, edge);
    if (status == DYN_OK) status = check_beside(call, store, r, &at, edge);
    while (status == DYN_OK && is_going_on(r))
        status = read_and_go_on(call, store, r, &at);
    dyn_tree_end(&at);
    return status;
}

/* A key of the leaf that begins, or going down ends, at an edge: a little less
 * than the edge is in the leaf before it, as good as ever. */
static dyn_status key_beside(dyn_call *call, const reading *r, dyn_bytes edge,
                             dyn_bytes *out)
{
    enum { HIGH_BYTES = 8 };
    *out = edge;
    if (!r->range->down || edge.size_bytes == 0) return DYN_OK;
    size_t last = edge.size_bytes - 1;
    unsigned char *key = dyn_alloc(call, edge.size_bytes + HIGH_BYTES);
    if (key == NULL) return DYN_NOMEM;
    memcpy(key, edge.data, edge.size_bytes);
    memset(key + edge.size_bytes, UCHAR_MAX, HIGH_BYTES);
    *out = (dyn_bytes){key, last}; /* it ends with a zero */
    if (key[last] == 0) return DYN_OK;
    key[last]--;
    out->size_bytes = edge.size_bytes + HIGH_BYTES;
    return DYN_OK;
}

/* Read the leaf that has a key, which a hint and memory may know, if it is the
 * one at the edge; the first one where there is none yet. *edge becomes where
 * the next one is. */
static dyn_status read_by_key(dyn_call *call, dyn_store *store, reading *r,
                              dyn_bytes key, dyn_bytes *edge, bool *is_read)
{
    bool is_first = edge->data == NULL;
    dyn_tree_cursor at = {.tree = r->range->tree, .is_kept = true};
    dyn_status status = dyn_tree_find(call, store, &at, key);
    *is_read = status == DYN_OK && at.found &&
               (is_first || dyn_bytes_equal(*edge, near_edge(r, &at.leaf)));
    if (!at.found && is_first) r->is_end = true;
    if (*is_read) status = read_leaf(call, store, r, &at.leaf);
    if (*is_read && status == DYN_OK && is_going_on(r))
        status = dyn_copy(call, far_edge(r, &at.leaf), edge);
    dyn_tree_end(&at);
    return status;
}

/* Read the leaf in which the range begins, and those beside it: most end there,
 * and they are likely to be in memory. */
static dyn_status read_near(dyn_call *call, dyn_store *store, reading *r,
                            dyn_bytes *edge)
{
    enum { LEAVES = 4 };
    const dyn_range *range = r->range;
    dyn_bytes key = range->down ? range->high : range->low;
    bool is_read = true;
    for (int i = 0; i < LEAVES && is_read && is_going_on(r); i++) {
        if (i > 0) DYN_TRY(key_beside(call, r, *edge, &key));
        DYN_TRY(read_by_key(call, store, r, key, edge, &is_read));
    }
    return DYN_OK;
}

dyn_status dyn_rows_range(dyn_call *call, dyn_store *store,
                          const dyn_range *range, dyn_rows *out)
{
    reading r = {.range = range};
    dyn_bytes edge = {NULL, 0};
    r.rows = dyn_alloc(call, range->rows_max * sizeof(dyn_row));
    if (r.rows == NULL) return DYN_NOMEM;
    DYN_TRY(read_near(call, store, &r, &edge));
    if (is_going_on(&r)) DYN_TRY(read_on(call, store, &r, edge));
    *out = (dyn_rows){r.rows, r.count, r.is_end};
    return DYN_OK;
}

/* ------------------------------------------------------------- counting -- */

/* Count the rows from the leaf that a cursor stands at: each leaf begins where
 * the one before it ends, from the first to the last. */
static dyn_status count_rows(dyn_call *call, dyn_store *store,
                             dyn_tree_cursor *at, int64_t *rows,
                             int64_t *leaves)
{
    dyn_buffer edge;
    dyn_buffer_begin(&edge, call, DYN_INDEX_KEY_BYTES_MAX);
    *rows = 0;
    for (*leaves = 0; at->found; (*leaves)++) {
        int64_t count = 0;
        if (!dyn_bytes_equal(at->leaf.low,
                             (dyn_bytes){edge.data, edge.size_bytes}))
            return dyn_rows_fail_directory(call, store);
        if (!dyn_leaf_count(at->leaf.rows, &count))
            return dyn_rows_fail_leaf(call, store);
        *rows += count;
        edge.size_bytes = 0;
        dyn_buffer_add_bytes(&edge, at->leaf.high);
        if (edge.failed) return DYN_NOMEM;
        DYN_TRY(dyn_tree_next(call, store, at));
    }
    return edge.size_bytes == 0 ? DYN_OK : dyn_rows_fail_directory(call, store);
}

dyn_status dyn_rows_count(dyn_call *call, dyn_store *store, int64_t tree,
                          int64_t *rows, int64_t *leaves)
{
    dyn_tree_cursor at = {.tree = tree};
    dyn_status status =
        dyn_tree_go(call, store, &at, DYN_SQL_LEAF_UP, dyn_bytes_text(""));
    if (status == DYN_OK) status = count_rows(call, store, &at, rows, leaves);
    dyn_tree_end(&at);
    return status;
}

dyn_status dyn_rows_read_number(dyn_call *call, dyn_store *store,
                                enum dyn_sql number, int64_t *out)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(dyn_store_statement(call, store, number, &statement));
    DYN_TRY(dyn_store_get_row(call, store, statement));
    *out = sqlite3_column_int64(statement, 0);
    sqlite3_reset(statement);
    return DYN_OK;
}

dyn_status dyn_rows_count_large(dyn_call *call, dyn_store *store, int64_t *rows)
{
    return dyn_rows_read_number(call, store, DYN_SQL_LARGE_COUNT, rows);
}

dyn_status dyn_rows_count_leaves(dyn_call *call, dyn_store *store,
                                 int64_t *rows)
{
    return dyn_rows_read_number(call, store, DYN_SQL_LEAF_COUNT, rows);
}

dyn_status dyn_rows_count_directory(dyn_call *call, dyn_store *store,
                                    int64_t *rows)
{
    return dyn_rows_read_number(call, store, DYN_SQL_DIRECTORY_COUNT, rows);
}
