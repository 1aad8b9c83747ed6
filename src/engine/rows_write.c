/*
 * Writing the trees of rows: a write changes one leaf. When that grows out of
 * its page, it gives rows to the next one or is cut in two; when little is left
 * of it, it is joined with the next.
 */
#include "engine/rows_internal.h"

#include "item/key.h"

/* ---------------------------------------------------------------- sizes -- */

static dyn_status read_page_size(dyn_call *call, dyn_store *store, int *bytes)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(dyn_store_statement(call, store, DYN_SQL_PAGE_SIZE, &statement));
    int rc = sqlite3_step(statement);
    *bytes = rc == SQLITE_ROW ? sqlite3_column_int(statement, 0) : 0;
    sqlite3_reset(statement);
    return rc == SQLITE_ROW ? DYN_OK : dyn_store_fail(call, store, rc);
}

/* In a file with pages of up to 4096 bytes, a leaf fills a page: its row is
 * overwritten in place, and shares the page with no other. A larger page is
 * filled by several leaves. The numbers are those of SQLite's file format,
 * section 1.6. */
static dyn_status find_leaf_bytes(dyn_call *call, dyn_store *store)
{
    enum {
        LEAF_PAGE_BYTES = 4096,
        PAGE_HEADER_BYTES = 8,
        CELL_BYTES = 14,         /* pointer, payload size, rowid */
        RECORD_HEADER_BYTES = 4, /* its size, types of id and data */
        NO_OVERFLOW_BYTES = 35,  /* less than a page: what a cell may have */
    };
    int page = 0;
    int reserved = -1; /* asks */
    DYN_TRY(read_page_size(call, store, &page));
    int rc = sqlite3_file_control(store->db, store->schema,
                                  SQLITE_FCNTL_RESERVE_BYTES, &reserved);
    int usable = rc == SQLITE_OK ? page - reserved : page;
    int leaves = page > LEAF_PAGE_BYTES ? page / LEAF_PAGE_BYTES : 1;
    int bytes = (usable - PAGE_HEADER_BYTES) / leaves - CELL_BYTES;
    if (bytes > usable - NO_OVERFLOW_BYTES) bytes = usable - NO_OVERFLOW_BYTES;
    store->leaf_bytes = (size_t)(bytes - RECORD_HEADER_BYTES);
    return DYN_OK;
}

static dyn_status prepare(dyn_call *call, dyn_store *store)
{
    return store->leaf_bytes > 0 ? DYN_OK : find_leaf_bytes(call, store);
}

/* A leaf has room for four rows: with three it would be a quarter empty. */
dyn_status dyn_rows_is_large(dyn_call *call, dyn_store *store, dyn_bytes key,
                             dyn_bytes item, bool *out)
{
    enum {
        ROWS = 4,
        BESIDE_BYTES = 24, /* of a row: its numbers, and its part of the header
                            * and the bounds of the leaf */
    };
    DYN_TRY(prepare(call, store));
    *out = key.size_bytes + item.size_bytes + BESIDE_BYTES >
           store->leaf_bytes / ROWS;
    return DYN_OK;
}

/* --------------------------------------------------------------- leaves -- */

static dyn_status insert_in_directory(dyn_call *call, dyn_store *store,
                                      int64_t tree, dyn_bytes low, int64_t id)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(
        dyn_store_statement(call, store, DYN_SQL_DIRECTORY_INSERT, &statement));
    sqlite3_bind_int64(statement, 1, tree);
    dyn_store_bind(statement, 2, low);
    sqlite3_bind_int64(statement, 3, id);
    return dyn_store_write(call, store, statement);
}

static dyn_status delete_from_directory(dyn_call *call, dyn_store *store,
                                        int64_t tree, dyn_bytes low)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(
        dyn_store_statement(call, store, DYN_SQL_DIRECTORY_DELETE, &statement));
    sqlite3_bind_int64(statement, 1, tree);
    dyn_store_bind(statement, 2, low);
    return dyn_store_write(call, store, statement);
}

/* An id that no leaf has, in the file or in memory. One that is new in memory
 * has a higher one than those of the file. */
static dyn_status choose_id(dyn_call *call, dyn_store *store, int64_t *id)
{
    int64_t last = dyn_leaf_cache_last_new(store->cache);
    if (last == 0)
        DYN_TRY(dyn_rows_read_number(call, store, DYN_SQL_LEAF_LAST, &last));
    if (last == INT64_MAX) return dyn_rows_fail_leaf(call, store);
    *id = last + 1;
    return DYN_OK;
}

/* Write the row of a leaf, which is there unless it is new. */
static dyn_status put_leaf(dyn_call *call, dyn_store *store, int64_t id,
                           bool is_new, dyn_bytes data)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(dyn_store_statement(
        call, store, is_new ? DYN_SQL_LEAF_INSERT : DYN_SQL_LEAF_UPDATE,
        &statement));
    sqlite3_bind_int64(statement, 1, id);
    dyn_store_bind(statement, 2, data);
    DYN_TRY(dyn_store_write(call, store, statement));
    return sqlite3_changes64(store->db) == 1 ? DYN_OK
                                             : dyn_rows_fail_leaf(call, store);
}

static dyn_status delete_leaf(dyn_call *call, dyn_store *store, int64_t tree,
                              const dyn_leaf *gone)
{
    sqlite3_stmt *statement = NULL;
    dyn_leaf_cache_remove(store->cache, gone->id);
    DYN_TRY(dyn_store_statement(call, store, DYN_SQL_LEAF_DELETE, &statement));
    sqlite3_bind_int64(statement, 1, gone->id);
    DYN_TRY(dyn_store_write(call, store, statement));
    return delete_from_directory(call, store, tree, gone->low);
}

static dyn_status end_leaf(dyn_call *call, dyn_store *store, dyn_buffer *data,
                           int64_t tree, dyn_bytes *out)
{
    dyn_status status = dyn_leaf_end(data, tree, store->leaf_bytes, out);
    return status == DYN_CORRUPT ? dyn_rows_fail_leaf(call, store) : status;
}

/* Keep a leaf that has been changed in memory, if that may be and there is
 * some. */
static bool keep_changed(dyn_store *store, const dyn_changed_leaf *changed)
{
    if (!store->is_deferring) return false;
    if (!dyn_leaf_cache_change(dyn_store_cache(store), changed)) return false;
    store->edits++;
    store->has_written = true;
    return true;
}

/* Make a leaf of what has been written, without its end: `leaf` says which, and
 * whether it is new. */
static dyn_status set_leaf(dyn_call *call, dyn_store *store,
                           const dyn_changed_leaf *leaf, dyn_buffer *data)
{
    dyn_changed_leaf changed = *leaf;
    dyn_bytes out = {NULL, 0};
    if (data->failed) return DYN_NOMEM;
    if (!dyn_leaf_look(data, &changed.leaf))
        return dyn_rows_fail_leaf(call, store);
    if (keep_changed(store, &changed)) {
        return dyn_leaf_cache_is_full(store->cache)
                   ? dyn_rows_flush(call, store)
                   : DYN_OK;
    }
    int64_t id = leaf->leaf.id;
    bool is_new = leaf->is_new || dyn_leaf_cache_is_new(store->cache, id);
    DYN_TRY(end_leaf(call, store, data, leaf->tree, &out));
    DYN_TRY(put_leaf(call, store, id, is_new, out));
    dyn_leaf_cache_remove(store->cache, id); /* what it was */
    if (is_new) dyn_leaf_cache_pass_new(store->cache, id);
    return DYN_OK;
}

static dyn_status change_leaf(dyn_call *call, dyn_store *store, int64_t tree,
                              int64_t id, dyn_buffer *data)
{
    const dyn_changed_leaf changed = {.tree = tree, .leaf = {.id = id}};
    return set_leaf(call, store, &changed, data);
}

static dyn_status make_leaf(dyn_call *call, dyn_store *store, int64_t tree,
                            const dyn_leaf *bounds, dyn_buffer *data)
{
    dyn_changed_leaf made = {.tree = tree, .leaf = *bounds, .is_new = true};
    DYN_TRY(choose_id(call, store, &made.leaf.id));
    DYN_TRY(set_leaf(call, store, &made, data));
    dyn_hints_add_new(store->hints, tree, &made.leaf);
    return insert_in_directory(call, store, tree, bounds->low, made.leaf.id);
}

/* Leaves that are in the file are overwritten through one handle, where they
 * are so many: a statement for each would make its row anew, and takes twice as
 * long, but to open the handle takes as long as a statement. After an error
 * nothing else may be written: SQLite may have rolled the transaction back. */
enum { HANDLE_LEAVES_LEAST = 3 };

/* Have the handle, NULL at first, at the row of a leaf. */
static dyn_status move_handle(dyn_call *call, dyn_store *store,
                              sqlite3_blob **handle, int64_t id)
{
    enum { WRITABLE = 1 };
    int rc = *handle != NULL
                 ? sqlite3_blob_reopen(*handle, id)
                 : sqlite3_blob_open(store->db, store->schema, store->leaves,
                                     "data", id, WRITABLE, handle);
    return rc == SQLITE_OK ? DYN_OK : dyn_store_fail(call, store, rc);
}

/* Overwrite a leaf, if it is as long as its row was. */
static dyn_status overwrite(dyn_call *call, dyn_store *store,
                            sqlite3_blob **handle, int64_t id, dyn_bytes data,
                            bool *is_done)
{
    int bytes = (int)data.size_bytes;
    DYN_TRY(move_handle(call, store, handle, id));
    *is_done = sqlite3_blob_bytes(*handle) == bytes;
    if (!*is_done) return DYN_OK;
    store->has_written = true;
    int rc = sqlite3_blob_write(*handle, data.data, bytes, 0);
    return rc == SQLITE_OK ? DYN_OK : dyn_store_fail(call, store, rc);
}

/* Write a leaf to the file as it has been changed; by a statement, if there is
 * no handle. */
static dyn_status write_changed(dyn_call *call, dyn_store *store,
                                sqlite3_blob **handle,
                                const dyn_changed_leaf *changed)
{
    dyn_buffer data;
    dyn_bytes out = {NULL, 0};
    dyn_leaf_begin(&data, call, store->leaf_bytes, &changed->leaf);
    dyn_buffer_add_bytes(&data, changed->leaf.rows);
    DYN_TRY(end_leaf(call, store, &data, changed->tree, &out));
    int64_t id = changed->leaf.id;
    bool is_done = false;
    if (handle != NULL && !changed->is_new)
        DYN_TRY(overwrite(call, store, handle, id, out, &is_done));
    return is_done ? DYN_OK : put_leaf(call, store, id, changed->is_new, out);
}

dyn_status dyn_rows_flush(dyn_call *call, dyn_store *store)
{
    const dyn_changed_leaf **all = NULL;
    size_t count = 0;
    dyn_status status = DYN_OK;
    DYN_TRY(dyn_leaf_cache_changed(call, store->cache, &all, &count));
    sqlite3_blob *blob = NULL;
    sqlite3_blob **handle = count >= HANDLE_LEAVES_LEAST ? &blob : NULL;
    for (size_t i = 0; i < count && status == DYN_OK; i++) {
        dyn_call one;
        dyn_call_begin(&one);
        status = write_changed(&one, store, handle, all[i]);
        if (status != DYN_OK) call->error = one.error;
        dyn_call_end(&one);
    }
    int rc = sqlite3_blob_close(blob);
    if (status == DYN_OK && rc != SQLITE_OK)
        status = dyn_store_fail(call, store, rc);
    if (status == DYN_OK) {
        dyn_leaf_cache_written(store->cache, dyn_store_foreign_changes(store));
    }
    store->mark.leaf_id = 0; /* the next transaction may find another leaf */
    return status;
}

/* -------------------------------------------------- cutting and joining -- */

static dyn_status check_rows(dyn_call *call, dyn_store *store,
                             dyn_status status)
{
    return status == DYN_CORRUPT ? dyn_rows_fail_leaf(call, store) : status;
}

/* Write a leaf; one without an id is to be made. */
static dyn_status write_leaf(dyn_call *call, dyn_store *store, int64_t tree,
                             const dyn_leaf *to, dyn_bytes rows)
{
    dyn_buffer data;
    dyn_leaf_begin(&data, call, store->leaf_bytes, to);
    dyn_buffer_add_bytes(&data, rows);
    return to->id == 0 ? make_leaf(call, store, tree, to, &data)
                       : change_leaf(call, store, tree, to->id, &data);
}

/* The least bytes that are greater than the keys before a cut and not than
 * those behind it. */
static dyn_bytes separator(const dyn_leaf_cut *cut)
{
    return (dyn_bytes){cut->key.data, cut->first.shared + 1};
}

/* The leaves that one is cut into. */
static void cut_leaf(const dyn_leaf *in, const dyn_leaf_cut *cut,
                     dyn_leaf *left, dyn_leaf *right)
{
    *left = *in;
    *right = *in;
    left->high = separator(cut);
    right->low = left->high;
    right->id = 0; /* is to be made */
}

/* Cut rows near their middle, between keys that share little, so that rows
 * which are read together stay so, and the directory is short. */
static dyn_status halve(dyn_call *call, dyn_store *store, dyn_bytes rows,
                        dyn_leaf_cut *out)
{
    size_t eighth = rows.size_bytes / 8;
    return check_rows(
        call, store,
        dyn_leaf_cut_rows(call, rows, 3 * eighth, 5 * eighth, out));
}

/* The rows behind a cut, in the memory of call. */
static dyn_status copy_right(dyn_call *call, const dyn_store *store,
                             const dyn_leaf_cut *cut, dyn_bytes *out)
{
    dyn_buffer rows;
    dyn_buffer_begin(&rows, call, store->leaf_bytes);
    dyn_leaf_add_right(&rows, cut);
    return dyn_buffer_end(&rows, out);
}

static dyn_status write_rows(dyn_call *call, dyn_store *store, int64_t tree,
                             const dyn_leaf *to, dyn_bytes rows);

static dyn_status write_right(dyn_call *call, dyn_store *store, int64_t tree,
                              const dyn_leaf *to, const dyn_leaf_cut *cut)
{
    dyn_bytes rows;
    DYN_TRY(copy_right(call, store, cut, &rows));
    return write_rows(call, store, tree, to, rows);
}

/* Write rows into a leaf, and what does not fit there into new ones behind it.
 * One row that does not fit is a leaf nevertheless. */
static dyn_status write_rows(dyn_call *call, dyn_store *store, int64_t tree,
                             const dyn_leaf *to, dyn_bytes rows)
{
    dyn_leaf left = {.id = 0};
    dyn_leaf right = {.id = 0};
    dyn_leaf_cut cut = {.key = {NULL, 0}};
    if (dyn_leaf_bytes(to, rows.size_bytes) > store->leaf_bytes)
        DYN_TRY(halve(call, store, rows, &cut));
    if (cut.key.size_bytes == 0) return write_leaf(call, store, tree, to, rows);
    cut_leaf(to, &cut, &left, &right);
    DYN_TRY(write_rows(call, store, tree, &left, cut.left));
    return write_right(call, store, tree, &right, &cut);
}

/* Cut rows behind as many of them as a leaf has room for. */
static dyn_status cut_behind(dyn_call *call, dyn_store *store,
                             const dyn_leaf *in, dyn_leaf_cut *cut,
                             dyn_leaf *left, dyn_leaf *right)
{
    size_t room = in->rows.size_bytes - 1;
    for (;;) {
        DYN_TRY(check_rows(call, store,
                           dyn_leaf_cut_rows(call, in->rows, room, room, cut)));
        if (cut->key.size_bytes == 0) return DYN_OK;
        cut_leaf(in, cut, left, right);
        if (cut->left.size_bytes > room ||
            dyn_leaf_bytes(left, cut->left.size_bytes) <= store->leaf_bytes)
            return DYN_OK;
        room = cut->left.size_bytes - 1;
    }
}

/* Write its rows into a leaf as far as they fit there, and the others into a
 * new one. */
static dyn_status write_appended(dyn_call *call, dyn_store *store, int64_t tree,
                                 const dyn_leaf *in)
{
    dyn_leaf left = {.id = 0};
    dyn_leaf right = {.id = 0};
    dyn_leaf_cut cut = {.key = {NULL, 0}};
    DYN_TRY(cut_behind(call, store, in, &cut, &left, &right));
    if (cut.key.size_bytes == 0)
        return write_leaf(call, store, tree, in, in->rows);
    DYN_TRY(write_leaf(call, store, tree, &left, cut.left));
    return write_right(call, store, tree, &right, &cut);
}

/* The leaf behind another one, in the memory of the call. */
static dyn_status copy_next(dyn_call *call, dyn_store *store, int64_t tree,
                            const dyn_leaf *in, dyn_leaf *out)
{
    dyn_tree_cursor at = {.tree = tree};
    dyn_status status = dyn_tree_find(call, store, &at, in->high);
    bool is_next = at.found && dyn_bytes_equal(in->high, at.leaf.low);
    if (status == DYN_OK) {
        status = is_next ? dyn_rows_copy_leaf(call, &at.leaf, out)
                         : dyn_rows_fail_directory(call, store);
    }
    dyn_tree_end(&at);
    return status;
}

/* A leaf begins somewhere else. */
static dyn_status move_leaf(dyn_call *call, dyn_store *store, int64_t tree,
                            const dyn_leaf *leaf, dyn_bytes low)
{
    DYN_TRY(delete_from_directory(call, store, tree, leaf->low));
    return insert_in_directory(call, store, tree, low, leaf->id);
}

/* Write the rows of two leaves into them, cut near their middle, if both have
 * room then. */
static dyn_status share_rows(dyn_call *call, dyn_store *store, int64_t tree,
                             const dyn_leaf *in, const dyn_leaf *next,
                             bool *is_done)
{
    dyn_leaf left = *in;
    dyn_leaf right = *next;
    dyn_leaf_cut cut = {.key = {NULL, 0}};
    dyn_buffer all;
    dyn_bytes rows;
    *is_done = false;
    dyn_buffer_begin(&all, call, 2 * store->leaf_bytes);
    DYN_TRY(check_rows(call, store,
                       dyn_leaf_join(call, in->rows, next->rows, &all)));
    DYN_TRY(dyn_buffer_end(&all, &rows));
    DYN_TRY(halve(call, store, rows, &cut));
    if (cut.key.size_bytes == 0) return DYN_OK;
    left.high = separator(&cut);
    right.low = left.high;
    DYN_TRY(copy_right(call, store, &cut, &rows));
    *is_done =
        dyn_leaf_bytes(&left, cut.left.size_bytes) <= store->leaf_bytes &&
        dyn_leaf_bytes(&right, rows.size_bytes) <= store->leaf_bytes;
    if (!*is_done) return DYN_OK;
    DYN_TRY(move_leaf(call, store, tree, next, right.low));
    DYN_TRY(write_leaf(call, store, tree, &left, cut.left));
    return write_leaf(call, store, tree, &right, rows);
}

/* Let the next leaf take rows of one that has grown out of its page, if it is
 * half empty: so leaves are fuller than by cutting alone. */
static dyn_status share_with_next(dyn_call *call, dyn_store *store,
                                  int64_t tree, const dyn_leaf *in,
                                  bool *is_done)
{
    dyn_leaf next = {.id = 0};
    *is_done = false;
    if (in->high.size_bytes == 0) return DYN_OK;
    DYN_TRY(copy_next(call, store, tree, in, &next));
    if (next.rows.size_bytes > store->leaf_bytes / 2) return DYN_OK;
    return share_rows(call, store, tree, in, &next, is_done);
}

/* Rows that come in their order fill leaves; others are left room on both
 * sides. */
static dyn_status split_leaf(dyn_call *call, dyn_store *store, int64_t tree,
                             const dyn_leaf *in, bool is_appended)
{
    bool is_done = false;
    if (is_appended) return write_appended(call, store, tree, in);
    DYN_TRY(share_with_next(call, store, tree, in, &is_done));
    return is_done ? DYN_OK : write_rows(call, store, tree, in, in->rows);
}

/* Join a leaf of which little is left with the next one, if they have room for
 * more then. */
static dyn_status join_leaf(dyn_call *call, dyn_store *store, int64_t tree,
                            const dyn_leaf *in, bool *is_joined)
{
    dyn_leaf next = {.id = 0};
    dyn_leaf both = *in;
    dyn_buffer all;
    dyn_bytes rows;
    DYN_TRY(copy_next(call, store, tree, in, &next));
    *is_joined =
        in->rows.size_bytes == 0 ||
        in->rows.size_bytes + next.rows.size_bytes <= store->leaf_bytes / 4 * 3;
    if (!*is_joined) return DYN_OK;
    dyn_buffer_begin(&all, call, store->leaf_bytes);
    DYN_TRY(check_rows(call, store,
                       dyn_leaf_join(call, in->rows, next.rows, &all)));
    DYN_TRY(dyn_buffer_end(&all, &rows));
    DYN_TRY(delete_leaf(call, store, tree, &next));
    both.high = next.high;
    return write_rows(call, store, tree, &both, rows);
}

/* ----------------------------------------------------------------- rows -- */

typedef enum change {
    INSERT, /* a row that is not there */
    APPEND, /* the same; rows come in the order of their keys */
    UPDATE, /* one that is */
    DELETE,
} change;

/* A change of a row, and what becomes of the leaf in which its key is. */
typedef struct edit {
    int64_t tree;
    change what;
    const dyn_row *row;
    bool is_right; /* the row is there, or not, as the change needs it; if it
                    * is not right, nothing is done */
    bool is_first; /* the tree has no leaf */
    bool is_done;  /* the leaf has been changed in memory */
    int64_t id;    /* of the leaf */
    dyn_buffer data;
    bool is_appended; /* behind all rows of the leaf, and more are likely to
                       * follow: the partition key is that of the last one, or
                       * rows come in order */
} edit;

static bool is_new(change what)
{
    return what == INSERT || what == APPEND;
}

/* Change a leaf where it is in memory, if it has been changed there before, and
 * is neither to be cut nor joined. */
static bool edit_in_memory(dyn_call *call, dyn_store *store, const dyn_leaf *in,
                           const dyn_leaf_place *place, const edit *e)
{
    dyn_buffer middle;
    if (!store->is_deferring) return false;
    dyn_buffer_begin(&middle, call, 256);
    dyn_leaf_splice_middle(&middle, place, e->row, e->what == DELETE);
    size_t rows_bytes =
        place->before.size_bytes + middle.size_bytes + place->after.size_bytes;
    bool is_small = e->what == DELETE && rows_bytes < store->leaf_bytes / 4;
    if (middle.failed || is_small ||
        dyn_leaf_bytes(in, rows_bytes) > store->leaf_bytes ||
        !dyn_leaf_cache_splice(store->cache, in->id, place->before.size_bytes,
                               (dyn_bytes){middle.data, middle.size_bytes},
                               place->after.size_bytes))
        return false;
    store->edits++;
    store->has_written = true;
    return true;
}

static bool seek(const dyn_store *store, const dyn_leaf *in, dyn_bytes key,
                 dyn_leaf_place *out)
{
    const insert_mark *mark = &store->mark;
    bool is_marked = mark->leaf_id == in->id && mark->edits == store->edits;
    return (is_marked &&
            dyn_leaf_seek_behind(in->rows, &mark->row, key, out)) ||
           dyn_leaf_seek(in->rows, in->heads, key, out);
}

static void set_mark(dyn_store *store, const edit *e,
                     const dyn_leaf_place *place)
{
    insert_mark *mark = &store->mark;
    dyn_bytes key = e->row->key;
    bool is_marked =
        e->is_done && is_new(e->what) && key.size_bytes <= MARK_KEY_BYTES_MAX;
    mark->leaf_id = is_marked ? e->id : 0;
    if (!is_marked) return;
    mark->edits = store->edits;
    mark->row = (dyn_leaf_mark){
        place->before.size_bytes, place->shared, {mark->key, key.size_bytes}};
    memcpy(mark->key, key.data, key.size_bytes);
}

static dyn_status begin_edit(dyn_call *call, dyn_store *store,
                             const dyn_leaf *in, edit *e)
{
    dyn_leaf_place place = {.shared = 0};
    if (!seek(store, in, e->row->key, &place))
        return dyn_rows_fail_leaf(call, store);
    e->is_right = place.is_found != is_new(e->what);
    if (!e->is_right) return DYN_OK;
    e->id = in->id;
    e->is_appended = !place.has_next &&
                     (e->what == APPEND || place.shared >= DYN_KEY_HASH_BYTES);
    e->is_done = edit_in_memory(call, store, in, &place, e);
    set_mark(store, e, &place);
    if (e->is_done) return DYN_OK;
    dyn_leaf_begin(&e->data, call, store->leaf_bytes, in);
    dyn_leaf_splice(&e->data, &place, e->row, e->what == DELETE);
    return e->data.failed ? DYN_NOMEM : DYN_OK;
}

/* The same for a leaf that has to be found first. */
static dyn_status find_edit(dyn_call *call, dyn_store *store, edit *e)
{
    dyn_tree_cursor at = {.tree = e->tree};
    dyn_status status = dyn_tree_find(call, store, &at, e->row->key);
    e->is_first = !at.found;
    e->is_right = is_new(e->what);
    if (status == DYN_OK && at.found)
        status = begin_edit(call, store, &at.leaf, e);
    dyn_tree_end(&at);
    return status;
}

/* Join a leaf of which little is left, cut one that has grown out of its page:
 * long bounds alone may take all of that. *is_done is false when it is neither.
 */
static dyn_status reshape(dyn_call *call, dyn_store *store, const edit *e,
                          bool *is_done)
{
    dyn_leaf in = {.id = e->id};
    bool is_large = e->data.size_bytes > store->leaf_bytes;
    *is_done = false;
    if (!is_large && e->what != DELETE) return DYN_OK;
    if (!dyn_leaf_look(&e->data, &in)) return dyn_rows_fail_leaf(call, store);
    bool is_small = in.rows.size_bytes < store->leaf_bytes / 4;
    bool is_last = in.high.size_bytes == 0;
    if (e->what == DELETE && is_small && !is_last)
        DYN_TRY(join_leaf(call, store, e->tree, &in, is_done));
    if (*is_done || !is_large) return DYN_OK;
    *is_done = true;
    return split_leaf(call, store, e->tree, &in, e->is_appended);
}

static dyn_status end_edit(dyn_call *call, dyn_store *store, edit *e)
{
    bool is_done = e->is_done;
    if (is_done) return DYN_OK;
    DYN_TRY(reshape(call, store, e, &is_done));
    return is_done ? DYN_OK
                   : change_leaf(call, store, e->tree, e->id, &e->data);
}

static dyn_status write_first_row(dyn_call *call, dyn_store *store,
                                  int64_t tree, const dyn_row *row)
{
    const dyn_leaf all = {.low = dyn_bytes_text(""),
                          .high = dyn_bytes_text("")};
    dyn_buffer data;
    dyn_bytes rows;
    dyn_buffer_begin(&data, call, store->leaf_bytes);
    dyn_leaf_add(&data, dyn_bytes_text(""), row);
    DYN_TRY(dyn_buffer_end(&data, &rows));
    return write_leaf(call, store, tree, &all, rows);
}

/* Whether the leaf is still as it was when the row was found in it. */
static bool is_remembered(const dyn_store *store, const dyn_row *row)
{
    return row->found != NULL &&
           row->found->changes == dyn_store_changes(store);
}

/* The entry and its item are not of one piece. */
static dyn_status fail_entry(dyn_call *call, dyn_store *store, int64_t tree,
                             const char *problem)
{
    if (store->has_written) call->error.torn = true;
    if (tree == DYN_TREE_EXPIRY) {
        return dyn_fail(call, DYN_CORRUPT,
                        "shadow tables are damaged: the tree of the times of "
                        "expiry of %s %s; dynamo_check() tells more, "
                        "dynamo_alter() with ttl = NULL and then with ttl "
                        "mends it",
                        store->table, problem);
    }
    return dyn_fail(call, DYN_CORRUPT,
                    "shadow tables are damaged: index %d of %s %s; "
                    "dynamo_check() tells more, dynamo_alter() with REBUILD "
                    "INDEX mends it",
                    (int)tree, store->table, problem);
}

static dyn_status fail_exists(dyn_call *call)
{
    return dyn_fail(call, DYN_EXISTS, "an item is there");
}

/* A row is there that was to be inserted, or is not there any more. */
static dyn_status fail_wrong(dyn_call *call, dyn_store *store, int64_t tree,
                             change what)
{
    if (tree != DYN_TREE_ITEMS) {
        return fail_entry(call, store, tree,
                          is_new(what) ? "has an entry without an item"
                                       : "lacks the entry of an item");
    }
    return is_new(what) ? fail_exists(call) : dyn_rows_fail_leaf(call, store);
}

static dyn_status write_row(dyn_call *call, dyn_store *store, int64_t tree,
                            change what, const dyn_row *row)
{
    edit e = {.tree = tree, .what = what, .row = row};
    DYN_TRY(prepare(call, store));
    DYN_TRY(is_remembered(store, row)
                ? begin_edit(call, store, &row->found->leaf, &e)
                : find_edit(call, store, &e));
    if (!e.is_right) return fail_wrong(call, store, tree, what);
    return e.is_first ? write_first_row(call, store, tree, row)
                      : end_edit(call, store, &e);
}

/* Whether the item of a row is to lie in _large: an entry never does. */
static dyn_status is_for_large(dyn_call *call, dyn_store *store, int64_t tree,
                               const dyn_row *row, bool *out)
{
    *out = false;
    return tree == DYN_TREE_ITEMS
               ? dyn_rows_is_large(call, store, row->key, row->item, out)
               : DYN_OK;
}

/* An item that is there is noticed before a large one is written. */
static dyn_status insert_large(dyn_call *call, dyn_store *store, dyn_row *row)
{
    dyn_row old;
    bool found = false;
    DYN_TRY(dyn_rows_get(call, store, DYN_TREE_ITEMS, row->key, &found, &old));
    return found ? fail_exists(call) : dyn_large_insert(call, store, row);
}

static dyn_status insert_row(dyn_call *call, dyn_store *store, int64_t tree,
                             change what, dyn_row *row)
{
    bool is_large = false;
    DYN_TRY(is_for_large(call, store, tree, row, &is_large));
    if (is_large) DYN_TRY(insert_large(call, store, row));
    return write_row(call, store, tree, what, row);
}

dyn_status dyn_rows_insert(dyn_call *call, dyn_store *store, int64_t tree,
                           dyn_bytes key, dyn_bytes item)
{
    dyn_row row = {key, item, 0, NULL};
    return insert_row(call, store, tree, INSERT, &row);
}

dyn_status dyn_rows_append(dyn_call *call, dyn_store *store, int64_t tree,
                           dyn_bytes key, dyn_bytes item)
{
    dyn_row row = {key, item, 0, NULL};
    return insert_row(call, store, tree, APPEND, &row);
}

dyn_status dyn_rows_replace(dyn_call *call, dyn_store *store, int64_t tree,
                            const dyn_row *old, dyn_bytes item)
{
    dyn_row row = {old->key, item, 0, old->found};
    bool is_large = false;
    DYN_TRY(is_for_large(call, store, tree, &row, &is_large));
    if (old->large_id != 0 && is_large)
        return dyn_large_replace(call, store, old, item);
    if (is_large) DYN_TRY(dyn_large_insert(call, store, &row));
    DYN_TRY(write_row(call, store, tree, UPDATE, &row));
    return dyn_large_delete(call, store, old);
}

dyn_status dyn_rows_delete(dyn_call *call, dyn_store *store, int64_t tree,
                           const dyn_row *old)
{
    DYN_TRY(write_row(call, store, tree, DELETE, old));
    return dyn_large_delete(call, store, old);
}
