/*
 * Reading the trees of rows. Each is a directory of leaves, in the order of
 * their keys, and the leaves; a row is in the last leaf that does not begin
 * behind its key. Which one that is tells the directory, or a hint.
 */
#include "engine/store_internal.h"

#include "item/key.h"

/* Of statements that give leaves; those that read the directory have all. */
enum { LEAF_COLUMN, DATA_COLUMN, LOW_COLUMN };

/* --------------------------------------------------------------- leaves -- */

dyn_status dyn_store_fail_leaf(dyn_call *call, dyn_store *store)
{
    return dyn_store_fail_damaged(call, store, "leaves");
}

dyn_status dyn_store_fail_directory(dyn_call *call, dyn_store *store)
{
    if (store->has_written) call->error.torn = true;
    return dyn_fail(call, DYN_CORRUPT,
                    "shadow tables are damaged: %s_directory and the leaves "
                    "do not fit together",
                    store->table);
}

/* The leaf that a statement stands at, until it moves on. */
static dyn_status read_leaf(dyn_call *call, dyn_store *store,
                            sqlite3_stmt *statement, int64_t tree,
                            dyn_leaf *out)
{
    out->id = sqlite3_column_int64(statement, LEAF_COLUMN);
    bool is_leaf =
        sqlite3_column_type(statement, DATA_COLUMN) == SQLITE_BLOB &&
        dyn_leaf_open(dyn_store_column(statement, DATA_COLUMN), tree, out);
    if (!is_leaf) return dyn_store_fail_leaf(call, store);
    return dyn_bytes_equal(dyn_store_column(statement, LOW_COLUMN), out->low)
               ? DYN_OK
               : dyn_store_fail_directory(call, store);
}

/* Go to the next leaf of a statement. */
static dyn_status next_leaf(dyn_call *call, dyn_store *store,
                            sqlite3_stmt *statement, int64_t tree, bool *found,
                            dyn_leaf *out)
{
    int rc = sqlite3_step(statement);
    *found = rc == SQLITE_ROW;
    if (*found) return read_leaf(call, store, statement, tree, out);
    return rc == SQLITE_DONE ? DYN_OK : dyn_store_fail(call, store, rc);
}

dyn_status dyn_store_go_to_leaf(dyn_call *call, dyn_store *store,
                                enum dyn_sql number, int64_t tree,
                                dyn_bytes edge, sqlite3_stmt **statement,
                                bool *found, dyn_leaf *out)
{
    DYN_TRY(dyn_store_statement(call, store, number, statement));
    sqlite3_bind_int64(*statement, 1, tree);
    dyn_store_bind(*statement, 2, edge);
    return next_leaf(call, store, *statement, tree, found, out);
}

/* Follow a hint to the leaf in which a key would be. It need not be there any
 * more, or not have the key. */
static dyn_status follow_hint(dyn_call *call, dyn_store *store, int64_t id,
                              int64_t tree, dyn_bytes key,
                              sqlite3_stmt **statement, bool *found,
                              dyn_leaf *out)
{
    DYN_TRY(dyn_store_statement(call, store, DYN_SQL_LEAF_GET, statement));
    sqlite3_bind_int64(*statement, 1, id);
    int rc = sqlite3_step(*statement);
    *found =
        rc == SQLITE_ROW &&
        dyn_leaf_open(dyn_store_column(*statement, DATA_COLUMN), tree, out) &&
        dyn_leaf_is_within(out, key);
    if (*found) out->id = id;
    if (rc != SQLITE_ROW && rc != SQLITE_DONE)
        return dyn_store_fail(call, store, rc);
    if (!*found) sqlite3_reset(*statement);
    return DYN_OK;
}

/* A tree in which no leaf is at or before a key has none. */
static dyn_status check_empty(dyn_call *call, dyn_store *store, int64_t tree,
                              sqlite3_stmt **statement, dyn_leaf *out)
{
    bool found = false;
    sqlite3_reset(*statement);
    DYN_TRY(dyn_store_go_to_leaf(call, store, DYN_SQL_LEAF_UP, tree,
                                 dyn_bytes_text(""), statement, &found, out));
    return found ? dyn_store_fail_directory(call, store) : DYN_OK;
}

dyn_status dyn_store_find_leaf(dyn_call *call, dyn_store *store, int64_t tree,
                               dyn_bytes key, sqlite3_stmt **statement,
                               bool *found, dyn_leaf *out)
{
    int64_t hint = dyn_hints_find(store->hints, tree, key);
    *found = false;
    if (hint != 0) {
        DYN_TRY(
            follow_hint(call, store, hint, tree, key, statement, found, out));
        if (*found) return DYN_OK;
    }
    DYN_TRY(dyn_store_go_to_leaf(call, store, DYN_SQL_LEAF_FIND, tree, key,
                                 statement, found, out));
    if (!*found) return check_empty(call, store, tree, statement, out);
    if (!dyn_leaf_is_within(out, key))
        return dyn_store_fail_directory(call, store);
    if (store->hints == NULL) store->hints = dyn_hints_open();
    dyn_hints_add(store->hints, tree, key, out);
    return DYN_OK;
}

void dyn_store_seal(dyn_bytes key, dyn_bytes item,
                    unsigned char out[DYN_STORE_SEAL_BYTES])
{
    uint64_t digest = dyn_key_digest(key) ^ dyn_key_digest(item);
    for (int i = 0; i < DYN_STORE_SEAL_BYTES; i++)
        out[i] = (unsigned char)(digest >> (8 * i));
}

static bool is_sealed(dyn_bytes key, dyn_bytes *sealed)
{
    unsigned char bytes[DYN_STORE_SEAL_BYTES];
    if (sealed->size_bytes < DYN_STORE_SEAL_BYTES) return false;
    sealed->size_bytes -= DYN_STORE_SEAL_BYTES;
    dyn_store_seal(key, *sealed, bytes);
    return memcmp(bytes, sealed->data + sealed->size_bytes,
                  DYN_STORE_SEAL_BYTES) == 0;
}

/* Copy the item of a row of _large. */
static dyn_status get_large(dyn_call *call, dyn_store *store, dyn_row *row)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(dyn_store_statement(call, store, DYN_SQL_LARGE_GET, &statement));
    sqlite3_bind_int64(statement, 1, row->large_id);
    dyn_status status = DYN_OK;
    int rc = sqlite3_step(statement);
    if (rc == SQLITE_DONE) {
        status = dyn_store_fail_leaf(call, store);
    } else if (rc != SQLITE_ROW) {
        status = dyn_store_fail(call, store, rc);
    } else {
        bool is_blob = sqlite3_column_type(statement, 0) == SQLITE_BLOB;
        dyn_bytes sealed = dyn_store_column(statement, 0);
        status = is_blob && is_sealed(row->key, &sealed)
                     ? dyn_copy(call, sealed, &row->item)
                     : dyn_store_fail_damaged(call, store, "large");
    }
    sqlite3_reset(statement);
    return status;
}

static dyn_status get_from_leaf(dyn_call *call, dyn_store *store,
                                const dyn_leaf *in, dyn_bytes key, bool *found,
                                dyn_row *out)
{
    dyn_leaf_place place = {.shared = 0};
    if (!dyn_leaf_seek(in->rows, key, &place))
        return dyn_store_fail_leaf(call, store);
    *found = place.is_found;
    if (!*found) return DYN_OK;
    *out = (dyn_row){.key = key, .large_id = place.row.large_id};
    return out->large_id == 0 ? dyn_copy(call, place.row.item, &out->item)
                              : get_large(call, store, out);
}

dyn_status dyn_store_copy_leaf(dyn_call *call, const dyn_leaf *in,
                               dyn_leaf *out)
{
    out->id = in->id;
    DYN_TRY(dyn_copy(call, in->low, &out->low));
    DYN_TRY(dyn_copy(call, in->high, &out->high));
    return dyn_copy(call, in->rows, &out->rows);
}

static dyn_status remember(dyn_call *call, const dyn_store *store,
                           const dyn_leaf *in, dyn_row *row)
{
    struct dyn_found *found = dyn_alloc(call, sizeof(*found));
    if (found == NULL) return DYN_NOMEM;
    found->changes = sqlite3_total_changes64(store->db);
    row->found = found;
    return dyn_store_copy_leaf(call, in, &found->leaf);
}

static dyn_status get_row(dyn_call *call, dyn_store *store, int64_t tree,
                          dyn_bytes key, bool is_to_be_written, bool *found,
                          dyn_row *out)
{
    sqlite3_stmt *statement = NULL;
    dyn_leaf in = {.id = 0};
    dyn_status status =
        dyn_store_find_leaf(call, store, tree, key, &statement, found, &in);
    if (status == DYN_OK && *found)
        status = get_from_leaf(call, store, &in, key, found, out);
    if (status == DYN_OK && *found && is_to_be_written)
        status = remember(call, store, &in, out);
    sqlite3_reset(statement);
    return status;
}

dyn_status dyn_store_get(dyn_call *call, dyn_store *store, dyn_bytes key,
                         bool *found, dyn_row *out)
{
    return get_row(call, store, DYN_TREE_ITEMS, key, false, found, out);
}

dyn_status dyn_store_get_to_write(dyn_call *call, dyn_store *store,
                                  dyn_bytes key, bool *found, dyn_row *out)
{
    return get_row(call, store, DYN_TREE_ITEMS, key, true, found, out);
}

dyn_status dyn_store_entry_get(dyn_call *call, dyn_store *store, int64_t tree,
                               dyn_bytes key, bool *found, dyn_bytes *item)
{
    dyn_row row;
    DYN_TRY(get_row(call, store, tree, key, false, found, &row));
    if (*found) *item = row.item;
    return DYN_OK;
}

/* --------------------------------------------------------------- ranges -- */

/* Rows as they are read: up to rows_max, and no more once they come to more
 * than bytes_max. */
typedef struct range {
    dyn_bytes low;
    dyn_bytes high;
    bool down;
    size_t rows_max;
    size_t bytes_max;
    dyn_row *rows;
    size_t count;
    size_t bytes;
    bool is_end; /* what comes next is outside of it */
} range;

static bool is_full(const range *r)
{
    return r->count == r->rows_max || r->bytes > r->bytes_max;
}

static dyn_status keep_row(dyn_call *call, dyn_store *store, range *r,
                           const dyn_row *row)
{
    dyn_row *kept = &r->rows[r->count++];
    *kept = *row;
    if (kept->key.size_bytes <= DYN_KEY_HASH_BYTES)
        return dyn_store_fail_leaf(call, store);
    if (kept->large_id != 0) DYN_TRY(get_large(call, store, kept));
    r->bytes += kept->item.size_bytes;
    return DYN_OK;
}

/* The next row of a leaf that is in the range; otherwise *is_there is false,
 * and the range ends if there is a row behind it. */
static dyn_status next_row(dyn_call *call, dyn_store *store, range *r,
                           dyn_leaf_cursor *cursor, bool *is_there,
                           dyn_row *row)
{
    dyn_status status = dyn_leaf_cursor_next(call, cursor, is_there, row);
    if (status == DYN_CORRUPT) return dyn_store_fail_leaf(call, store);
    if (status != DYN_OK || !*is_there) return status;
    *is_there = dyn_bytes_compare(row->key, r->high) < 0;
    if (!*is_there && !r->down) r->is_end = true;
    return DYN_OK;
}

static dyn_status read_up(dyn_call *call, dyn_store *store, range *r,
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

/* A key is read from the one before it, so that all of them are read first. */
static dyn_status read_down(dyn_call *call, dyn_store *store, range *r,
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
                               const dyn_leaf *in, const range *r, size_t first)
{
    if (first == r->count) return DYN_OK;
    return dyn_leaf_is_within(in, r->rows[first].key) &&
                   dyn_leaf_is_within(in, r->rows[r->count - 1].key)
               ? DYN_OK
               : dyn_store_fail_leaf(call, store);
}

static dyn_status read_rows(dyn_call *call, dyn_store *store, range *r,
                            const dyn_leaf *in)
{
    dyn_leaf_cursor cursor;
    size_t first = r->count;
    if (!dyn_leaf_cursor_begin(in->rows, r->low, &cursor))
        return dyn_store_fail_leaf(call, store);
    DYN_TRY(r->down ? read_down(call, store, r, &cursor)
                    : read_up(call, store, r, &cursor));
    DYN_TRY(check_bounds(call, store, in, r, first));
    if (is_full(r)) return DYN_OK;
    bool is_last =
        in->high.size_bytes == 0 || dyn_bytes_compare(in->high, r->high) >= 0;
    if (r->down ? dyn_bytes_compare(in->low, r->low) <= 0 : is_last)
        r->is_end = true;
    return DYN_OK;
}

/* Whether a leaf is the next one behind an edge. */
static bool is_beside(const range *r, dyn_bytes edge, const dyn_leaf *in)
{
    return dyn_bytes_equal(edge, r->down ? in->high : in->low);
}

/* Read the leaf that a statement stands at, and go to the next one. */
static dyn_status read_and_go_on(dyn_call *call, dyn_store *store,
                                 sqlite3_stmt *statement, int64_t tree,
                                 range *r, dyn_leaf *in)
{
    bool found = false;
    dyn_bytes edge = {NULL, 0};
    DYN_TRY(read_rows(call, store, r, in));
    if (r->is_end || is_full(r)) return DYN_OK;
    DYN_TRY(dyn_copy(call, r->down ? in->low : in->high, &edge));
    DYN_TRY(next_leaf(call, store, statement, tree, &found, in));
    return found && is_beside(r, edge, in)
               ? DYN_OK
               : dyn_store_fail_directory(call, store);
}

/* Read from the leaf that begins, or going down ends, at an edge. */
static dyn_status read_on(dyn_call *call, dyn_store *store, int64_t tree,
                          dyn_bytes edge, range *r)
{
    sqlite3_stmt *statement = NULL;
    bool found = false;
    dyn_leaf in = {.id = 0};
    dyn_status status = dyn_store_go_to_leaf(
        call, store, r->down ? DYN_SQL_LEAF_DOWN : DYN_SQL_LEAF_UP, tree, edge,
        &statement, &found, &in);
    if (status == DYN_OK && !(found && is_beside(r, edge, &in)))
        status = dyn_store_fail_directory(call, store);
    while (status == DYN_OK && !r->is_end && !is_full(r))
        status = read_and_go_on(call, store, statement, tree, r, &in);
    sqlite3_reset(statement);
    return status;
}

/* Read the leaf in which the range begins: most end there. *edge becomes where
 * the next one is. */
static dyn_status read_first(dyn_call *call, dyn_store *store, int64_t tree,
                             range *r, dyn_bytes *edge)
{
    sqlite3_stmt *statement = NULL;
    bool found = false;
    dyn_leaf in = {.id = 0};
    dyn_status status = dyn_store_find_leaf(
        call, store, tree, r->down ? r->high : r->low, &statement, &found, &in);
    if (!found) r->is_end = true;
    if (status == DYN_OK && found) status = read_rows(call, store, r, &in);
    if (status == DYN_OK && !r->is_end && !is_full(r))
        status = dyn_copy(call, r->down ? in.low : in.high, edge);
    sqlite3_reset(statement);
    return status;
}

static dyn_status read_range(dyn_call *call, dyn_store *store, int64_t tree,
                             range *r)
{
    dyn_bytes edge = {NULL, 0};
    DYN_TRY(read_first(call, store, tree, r, &edge));
    if (r->is_end || is_full(r)) return DYN_OK;
    return read_on(call, store, tree, edge, r);
}

dyn_status dyn_store_range(dyn_call *call, dyn_store *store, int64_t tree,
                           dyn_bytes low, dyn_bytes high, bool down,
                           size_t rows_max, size_t bytes_max,
                           const dyn_row **rows, size_t *count, bool *is_end)
{
    range r = {.low = low,
               .high = high,
               .down = down,
               .rows_max = rows_max,
               .bytes_max = bytes_max};
    r.rows = dyn_alloc(call, rows_max * sizeof(dyn_row));
    if (r.rows == NULL) return DYN_NOMEM;
    dyn_status status = read_range(call, store, tree, &r);
    *rows = r.rows;
    *count = r.count;
    *is_end = r.is_end;
    return status;
}

/* ------------------------------------------------------------- counting -- */

/* Count the rows of the leaves that a statement gives: each begins where the
 * one before it ends, from the first to the last. */
static dyn_status count_rows(dyn_call *call, dyn_store *store,
                             sqlite3_stmt *statement, int64_t tree, bool found,
                             dyn_leaf *in, int64_t *rows, int64_t *leaves)
{
    dyn_buffer edge;
    dyn_buffer_begin(&edge, call, DYN_INDEX_KEY_BYTES_MAX);
    *rows = 0;
    for (*leaves = 0; found; (*leaves)++) {
        int64_t count = 0;
        if (!dyn_bytes_equal(in->low, (dyn_bytes){edge.data, edge.size_bytes}))
            return dyn_store_fail_directory(call, store);
        if (!dyn_leaf_count(in->rows, &count))
            return dyn_store_fail_leaf(call, store);
        *rows += count;
        edge.size_bytes = 0;
        dyn_buffer_add_bytes(&edge, in->high);
        if (edge.failed) return DYN_NOMEM;
        DYN_TRY(next_leaf(call, store, statement, tree, &found, in));
    }
    return edge.size_bytes == 0 ? DYN_OK
                                : dyn_store_fail_directory(call, store);
}

dyn_status dyn_store_count(dyn_call *call, dyn_store *store, int64_t tree,
                           int64_t *rows, int64_t *leaves)
{
    sqlite3_stmt *statement = NULL;
    bool found = false;
    dyn_leaf in = {.id = 0};
    dyn_status status =
        dyn_store_go_to_leaf(call, store, DYN_SQL_LEAF_UP, tree,
                             dyn_bytes_text(""), &statement, &found, &in);
    if (status == DYN_OK) {
        status =
            count_rows(call, store, statement, tree, found, &in, rows, leaves);
    }
    sqlite3_reset(statement);
    return status;
}

/* The first number that a statement without parameters gives. */
static dyn_status read_number(dyn_call *call, dyn_store *store,
                              enum dyn_sql number, int64_t *out)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(dyn_store_statement(call, store, number, &statement));
    int rc = sqlite3_step(statement);
    if (rc == SQLITE_ROW) *out = sqlite3_column_int64(statement, 0);
    sqlite3_reset(statement);
    return rc == SQLITE_ROW ? DYN_OK : dyn_store_fail(call, store, rc);
}

dyn_status dyn_store_count_large(dyn_call *call, dyn_store *store,
                                 int64_t *rows)
{
    return read_number(call, store, DYN_SQL_LARGE_COUNT, rows);
}

dyn_status dyn_store_count_leaves(dyn_call *call, dyn_store *store,
                                  int64_t *rows)
{
    return read_number(call, store, DYN_SQL_LEAF_COUNT, rows);
}

dyn_status dyn_store_count_directory(dyn_call *call, dyn_store *store,
                                     int64_t *rows)
{
    return read_number(call, store, DYN_SQL_DIRECTORY_COUNT, rows);
}
