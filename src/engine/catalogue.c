/*
 * The small shadow tables: each function runs one statement, or the few that
 * belong together. The contracts are in catalogue.h.
 */
#include "engine/catalogue.h"

#include "base/buffer.h"
#include "engine/rows.h"
#include "engine/store_internal.h"
#include "item/key.h"

#include <stdlib.h>

/* --------------------------------------------------------------- values -- */

static dyn_status bind_name(dyn_call *call, dyn_store *store,
                            sqlite3_stmt *statement, const char *name)
{
    return dyn_store_bind_text(call, store, statement, 1, dyn_bytes_text(name));
}

static void bind_hash(sqlite3_stmt *statement, int position, uint64_t hash)
{
    unsigned char bytes[DYN_KEY_HASH_BYTES];
    dyn_key_write_hash(hash, bytes);
    sqlite3_bind_blob(statement, position, bytes, sizeof(bytes),
                      SQLITE_TRANSIENT);
}

/* A column's text as UTF-8, whatever the encoding of the database is, in the
 * memory of call. */
static dyn_status column_text(dyn_call *call, sqlite3_stmt *statement,
                              int column, dyn_bytes *out)
{
    bool is_null = sqlite3_column_type(statement, column) == SQLITE_NULL;
    const unsigned char *text = sqlite3_column_text(statement, column);
    int size = sqlite3_column_bytes(statement, column);
    if (text == NULL && !is_null) return dyn_fail_nomem(call);
    return dyn_copy(call, (dyn_bytes){text, text == NULL ? 0 : (size_t)size},
                    out);
}

static bool column_hash(sqlite3_stmt *statement, int column, uint64_t *out)
{
    dyn_bytes bytes = dyn_store_column(statement, column);
    if (bytes.size_bytes != DYN_KEY_HASH_BYTES) return false;
    *out = dyn_key_hash(bytes);
    return true;
}

/* ----------------------------------------------------------- statements -- */

/* Run a statement whose one parameter is a tree. */
static dyn_status write_for_tree(dyn_call *call, dyn_store *store,
                                 enum dyn_sql number, int64_t tree)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(dyn_store_statement(call, store, number, &statement));
    sqlite3_bind_int64(statement, 1, tree);
    return dyn_store_write(call, store, statement);
}

/* Run a statement without parameters. */
static dyn_status write_plain(dyn_call *call, dyn_store *store,
                              enum dyn_sql number)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(dyn_store_statement(call, store, number, &statement));
    return dyn_store_write(call, store, statement);
}

/* ----------------------------------------------------------- partitions -- */

static dyn_status read_partition(dyn_call *call, dyn_store *store,
                                 sqlite3_stmt *statement, void *row)
{
    dyn_partition_row *out = row;
    out->partition = sqlite3_column_int64(statement, 0);
    out->items = sqlite3_column_int64(statement, 2);
    out->bytes = sqlite3_column_int64(statement, 3);
    out->is_walked = sqlite3_column_type(statement, 4) != SQLITE_NULL;
    out->walked = 0;
    out->left_items = sqlite3_column_int64(statement, 5);
    out->left_bytes = sqlite3_column_int64(statement, 6);
    out->give_up_bytes = sqlite3_column_int64(statement, 7);
    out->is_charged = false;
    out->minute = sqlite3_column_int64(statement, 8);
    out->parent = sqlite3_column_int64(statement, 10);
    int64_t reason = sqlite3_column_int64(statement, 11);
    out->since_ms = sqlite3_column_int64(statement, 12);
    bool is_reason = reason >= 0 && reason < DYN_PARTITION_REASONS;
    out->reason = is_reason ? (dyn_partition_reason)reason : 0;
    if (!is_reason || !column_hash(statement, 1, &out->low) ||
        !dyn_uses_read(dyn_store_column(statement, 9), &out->uses) ||
        (out->is_walked && !column_hash(statement, 4, &out->walked))) {
        return dyn_store_fail_damaged(call, store, "partitions");
    }
    return DYN_OK;
}

dyn_status dyn_catalogue_partitions(dyn_call *call, dyn_store *store,
                                    int64_t tree, dyn_partition_row **rows,
                                    size_t *count)
{
    void *all = NULL;
    sqlite3_stmt *statement = NULL;
    DYN_TRY(
        dyn_store_statement(call, store, DYN_SQL_PARTITION_LIST, &statement));
    sqlite3_bind_int64(statement, 1, tree);
    DYN_TRY(dyn_store_read_all(call, store, statement, read_partition,
                               sizeof(dyn_partition_row), &all, count));
    for (size_t i = 0; i < *count; i++)
        ((dyn_partition_row *)all)[i].tree = tree;
    *rows = all;
    return DYN_OK;
}

dyn_status dyn_catalogue_partition_insert(dyn_call *call, dyn_store *store,
                                          const dyn_partition_row *row)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(
        dyn_store_statement(call, store, DYN_SQL_PARTITION_INSERT, &statement));
    sqlite3_bind_int64(statement, 1, row->tree);
    bind_hash(statement, 2, row->low);
    sqlite3_bind_int64(statement, 3, row->items);
    sqlite3_bind_int64(statement, 4, row->bytes);
    sqlite3_bind_int64(statement, 5, row->parent);
    sqlite3_bind_int64(statement, 6, row->reason);
    sqlite3_bind_int64(statement, 7, row->since_ms);
    return dyn_store_write(call, store, statement);
}

dyn_status dyn_catalogue_partition_add(dyn_call *call, dyn_store *store,
                                       const dyn_partition_row *difference)
{
    sqlite3_stmt *statement = NULL;
    dyn_bytes uses = {NULL, 0};
    if (difference->is_charged)
        DYN_TRY(dyn_uses_write(call, &difference->uses, &uses));
    DYN_TRY(
        dyn_store_statement(call, store, DYN_SQL_PARTITION_ADD, &statement));
    sqlite3_bind_int64(statement, 1, difference->partition);
    sqlite3_bind_int64(statement, 2, difference->items);
    sqlite3_bind_int64(statement, 3, difference->bytes);
    sqlite3_bind_int64(statement, 4, difference->left_items);
    sqlite3_bind_int64(statement, 5, difference->left_bytes);
    if (difference->is_charged) {
        sqlite3_bind_int64(statement, 6, difference->minute);
        dyn_store_bind(statement, 7, uses);
    } else {
        sqlite3_bind_null(statement, 6);
        sqlite3_bind_null(statement, 7);
    }
    return dyn_store_write(call, store, statement);
}

dyn_status dyn_catalogue_partition_set(dyn_call *call, dyn_store *store,
                                       const dyn_partition_row *row)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(
        dyn_store_statement(call, store, DYN_SQL_PARTITION_SET, &statement));
    sqlite3_bind_int64(statement, 1, row->partition);
    sqlite3_bind_int64(statement, 2, row->items);
    sqlite3_bind_int64(statement, 3, row->bytes);
    if (row->is_walked) {
        bind_hash(statement, 4, row->walked);
    } else {
        sqlite3_bind_null(statement, 4);
    }
    sqlite3_bind_int64(statement, 5, row->left_items);
    sqlite3_bind_int64(statement, 6, row->left_bytes);
    sqlite3_bind_int64(statement, 7, row->give_up_bytes);
    return dyn_store_write(call, store, statement);
}

static dyn_status read_gates(dyn_call *call, sqlite3_stmt *statement,
                             const char **text)
{
    dyn_bytes bytes = {NULL, 0};
    DYN_TRY(column_text(call, statement, 0, &bytes));
    if (bytes.data != NULL) *text = (const char *)bytes.data;
    return DYN_OK;
}

dyn_status dyn_catalogue_gates(dyn_call *call, dyn_store *store, int64_t tree,
                               const char **text)
{
    sqlite3_stmt *statement = NULL;
    *text = "";
    DYN_TRY(dyn_store_statement(call, store, DYN_SQL_GATES_GET, &statement));
    sqlite3_bind_int64(statement, 1, tree);
    int rc = sqlite3_step(statement);
    dyn_status status = DYN_OK;
    if (rc == SQLITE_ROW) {
        status = read_gates(call, statement, text);
    } else if (rc != SQLITE_DONE) {
        status = dyn_store_fail(call, store, rc);
    }
    sqlite3_reset(statement);
    return status;
}

dyn_status dyn_catalogue_gates_set(dyn_call *call, dyn_store *store,
                                   int64_t tree, const char *text)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(dyn_store_statement(call, store, DYN_SQL_GATES_SET, &statement));
    sqlite3_bind_int64(statement, 1, tree);
    DYN_TRY(
        dyn_store_bind_text(call, store, statement, 2, dyn_bytes_text(text)));
    return dyn_store_write(call, store, statement);
}

dyn_status dyn_catalogue_partitions_delete(dyn_call *call, dyn_store *store,
                                           int64_t tree)
{
    DYN_TRY(write_for_tree(call, store, DYN_SQL_LOAD_DELETE, tree));
    return write_for_tree(call, store, DYN_SQL_PARTITION_DELETE, tree);
}

/* --------------------------------------------------------------- shards -- */

static dyn_status read_shard(dyn_call *call, dyn_store *store,
                             sqlite3_stmt *statement, void *row)
{
    dyn_shard *out = row;
    out->shard = sqlite3_column_int64(statement, 0);
    out->stream = sqlite3_column_int64(statement, 1);
    out->parent = sqlite3_column_int64(statement, 4);
    out->first = sqlite3_column_int64(statement, 5);
    out->is_open = sqlite3_column_type(statement, 6) == SQLITE_NULL;
    out->last = sqlite3_column_int64(statement, 6);
    if (!column_hash(statement, 2, &out->low) ||
        !column_hash(statement, 3, &out->high) || out->low > out->high ||
        out->shard < 1 || out->stream < 0 || out->parent < 0 ||
        out->parent >= out->shard || out->first < 0 || out->last < 0) {
        return dyn_store_fail_damaged(call, store, "shards");
    }
    return DYN_OK;
}

dyn_status dyn_catalogue_shards(dyn_call *call, dyn_store *store,
                                dyn_shard **shards, size_t *count)
{
    void *all = NULL;
    sqlite3_stmt *statement = NULL;
    DYN_TRY(dyn_store_statement(call, store, DYN_SQL_SHARD_LIST, &statement));
    DYN_TRY(dyn_store_read_all(call, store, statement, read_shard,
                               sizeof(dyn_shard), &all, count));
    *shards = all;
    return DYN_OK;
}

dyn_status dyn_catalogue_shard(dyn_call *call, dyn_store *store, int64_t number,
                               dyn_shard *out, bool *found)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(dyn_store_statement(call, store, DYN_SQL_SHARD_GET, &statement));
    sqlite3_bind_int64(statement, 1, number);
    int rc = sqlite3_step(statement);
    *found = rc == SQLITE_ROW;
    dyn_status status = DYN_OK;
    if (*found) status = read_shard(call, store, statement, out);
    if (!*found && rc != SQLITE_DONE) status = dyn_store_fail(call, store, rc);
    sqlite3_reset(statement);
    return status;
}

dyn_status dyn_catalogue_shard_open(dyn_call *call, dyn_store *store,
                                    const dyn_shard *shard)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(dyn_store_statement(call, store, DYN_SQL_SHARD_INSERT, &statement));
    sqlite3_bind_int64(statement, 1, shard->stream);
    bind_hash(statement, 2, shard->low);
    bind_hash(statement, 3, shard->high);
    sqlite3_bind_int64(statement, 4, shard->parent);
    sqlite3_bind_int64(statement, 5, shard->first);
    return dyn_store_write(call, store, statement);
}

dyn_status dyn_catalogue_shard_close(dyn_call *call, dyn_store *store,
                                     int64_t shard, int64_t last)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(dyn_store_statement(call, store, DYN_SQL_SHARD_CLOSE, &statement));
    sqlite3_bind_int64(statement, 1, shard);
    sqlite3_bind_int64(statement, 2, last);
    return dyn_store_write(call, store, statement);
}

dyn_status dyn_catalogue_shards_prune(dyn_call *call, dyn_store *store,
                                      int64_t first)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(dyn_store_statement(call, store, DYN_SQL_SHARD_PRUNE, &statement));
    sqlite3_bind_int64(statement, 1, first);
    return dyn_store_write(call, store, statement);
}

/* -------------------------------------------------------------- indexes -- */

static dyn_status read_index(dyn_call *call, dyn_store *store,
                             sqlite3_stmt *statement, void *row)
{
    dyn_index_row *out = row;
    dyn_bytes declaration = {NULL, 0};
    out->tree = sqlite3_column_int64(statement, 0);
    out->is_filling = sqlite3_column_type(statement, 2) != SQLITE_NULL;
    out->skipped = sqlite3_column_int64(statement, 3);
    if (out->tree < 1 || out->tree > DYN_TREE_MAX || out->skipped < 0 ||
        sqlite3_column_type(statement, 1) != SQLITE_TEXT) {
        return dyn_store_fail_damaged(call, store, "indexes");
    }
    DYN_TRY(column_text(call, statement, 1, &declaration));
    out->declaration = (const char *)declaration.data;
    return dyn_copy(call, dyn_store_column(statement, 2), &out->position);
}

dyn_status dyn_catalogue_indexes(dyn_call *call, dyn_store *store,
                                 dyn_index_row **rows, size_t *count)
{
    void *all = NULL;
    sqlite3_stmt *statement = NULL;
    DYN_TRY(dyn_store_statement(call, store, DYN_SQL_INDEX_LIST, &statement));
    DYN_TRY(dyn_store_read_all(call, store, statement, read_index,
                               sizeof(dyn_index_row), &all, count));
    *rows = all;
    return DYN_OK;
}

static void bind_position(sqlite3_stmt *statement, int position,
                          const dyn_index_row *row)
{
    if (!row->is_filling) {
        sqlite3_bind_null(statement, position);
    } else {
        dyn_store_bind(statement, position,
                       row->position.size_bytes == 0 ? dyn_bytes_text("")
                                                     : row->position);
    }
}

/* Remove a tree, but no leaf that damage has made another tree's, too. */
static dyn_status delete_tree(dyn_call *call, dyn_store *store, int64_t tree)
{
    DYN_TRY(dyn_rows_flush(call, store));
    dyn_store_forget(store);
    dyn_store_forget_trees(store);
    DYN_TRY(write_for_tree(call, store, DYN_SQL_TREE_LEAVES_DELETE, tree));
    return write_for_tree(call, store, DYN_SQL_TREE_DELETE, tree);
}

dyn_status dyn_catalogue_index_insert(dyn_call *call, dyn_store *store,
                                      const dyn_index_row *row)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(delete_tree(call, store, row->tree));
    DYN_TRY(dyn_store_statement(call, store, DYN_SQL_INDEX_INSERT, &statement));
    sqlite3_bind_int64(statement, 1, row->tree);
    DYN_TRY(dyn_store_bind_text(call, store, statement, 2,
                                dyn_bytes_text(row->declaration)));
    bind_position(statement, 3, row);
    return dyn_store_write(call, store, statement);
}

dyn_status dyn_catalogue_index_delete(dyn_call *call, dyn_store *store,
                                      int64_t tree)
{
    DYN_TRY(write_for_tree(call, store, DYN_SQL_INDEX_DELETE, tree));
    return delete_tree(call, store, tree);
}

dyn_status dyn_catalogue_index_set(dyn_call *call, dyn_store *store,
                                   const dyn_index_row *row)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(dyn_store_statement(call, store, DYN_SQL_INDEX_SET, &statement));
    sqlite3_bind_int64(statement, 1, row->tree);
    bind_position(statement, 2, row);
    sqlite3_bind_int64(statement, 3, row->skipped);
    return dyn_store_write(call, store, statement);
}

dyn_status dyn_catalogue_index_declare(dyn_call *call, dyn_store *store,
                                       int64_t tree, const char *declaration)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(
        dyn_store_statement(call, store, DYN_SQL_INDEX_DECLARE, &statement));
    sqlite3_bind_int64(statement, 1, tree);
    DYN_TRY(dyn_store_bind_text(call, store, statement, 2,
                                dyn_bytes_text(declaration)));
    return dyn_store_write(call, store, statement);
}

dyn_status dyn_catalogue_index_clear(dyn_call *call, dyn_store *store,
                                     int64_t tree)
{
    DYN_TRY(delete_tree(call, store, tree));
    DYN_TRY(write_plain(call, store, DYN_SQL_DIRECTORY_SWEEP));
    return write_plain(call, store, DYN_SQL_LEAVES_SWEEP);
}

/* ---------------------------------------------------------------- usage -- */

dyn_status dyn_catalogue_usage_add(dyn_call *call, dyn_store *store,
                                   const dyn_usage_row *row)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(dyn_store_statement(call, store, DYN_SQL_USAGE_ADD, &statement));
    sqlite3_bind_int64(statement, 1, row->minute);
    DYN_TRY(dyn_store_bind_text(call, store, statement, 2, row->name));
    sqlite3_bind_int64(statement, 3, row->use);
    sqlite3_bind_int64(statement, 4, row->read_halves);
    sqlite3_bind_int64(statement, 5, row->write_units);
    sqlite3_bind_int64(statement, 6, row->throttled);
    return dyn_store_write(call, store, statement);
}

/* Whether counters of a minute may be such: sums do not overflow. */
static bool is_counted(int64_t minute, int64_t read_halves, int64_t write_units,
                       int64_t throttled)
{
    static const int64_t most = INT64_C(1) << 50;
    return minute >= -most && minute <= most && read_halves >= 0 &&
           read_halves <= most && write_units >= 0 && write_units <= most &&
           throttled >= 0 && throttled <= most;
}

static dyn_status read_usage(dyn_call *call, dyn_store *store,
                             sqlite3_stmt *statement, void *row)
{
    dyn_usage_row *out = row;
    int64_t use = sqlite3_column_int64(statement, 2);
    out->minute = sqlite3_column_int64(statement, 0);
    out->read_halves = sqlite3_column_int64(statement, 3);
    out->write_units = sqlite3_column_int64(statement, 4);
    out->throttled = sqlite3_column_int64(statement, 5);
    if (use < 0 || use >= DYN_USE_COUNT ||
        !is_counted(out->minute, out->read_halves, out->write_units,
                    out->throttled)) {
        return dyn_store_fail_damaged(call, store, "usage");
    }
    out->use = (dyn_use)use;
    return column_text(call, statement, 1, &out->name);
}

dyn_status dyn_catalogue_usage(dyn_call *call, dyn_store *store, int64_t minute,
                               dyn_usage_row **rows, size_t *count)
{
    void *all = NULL;
    sqlite3_stmt *statement = NULL;
    DYN_TRY(dyn_store_statement(call, store, DYN_SQL_USAGE_LIST, &statement));
    sqlite3_bind_int64(statement, 1, minute);
    DYN_TRY(dyn_store_read_all(call, store, statement, read_usage,
                               sizeof(dyn_usage_row), &all, count));
    *rows = all;
    return DYN_OK;
}

/* Run a statement that removes up to so many rows of before a minute. */
static dyn_status prune(dyn_call *call, dyn_store *store, enum dyn_sql number,
                        int64_t minute, int64_t rows_max)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(dyn_store_statement(call, store, number, &statement));
    sqlite3_bind_int64(statement, 1, minute);
    sqlite3_bind_int64(statement, 2, rows_max);
    return dyn_store_write(call, store, statement);
}

dyn_status dyn_catalogue_usage_prune(dyn_call *call, dyn_store *store,
                                     int64_t minute, int64_t rows_max)
{
    return prune(call, store, DYN_SQL_USAGE_PRUNE, minute, rows_max);
}

static dyn_status read_load(dyn_call *call, dyn_store *store,
                            sqlite3_stmt *statement, void *row)
{
    dyn_load_row *out = row;
    out->minute = sqlite3_column_int64(statement, 0);
    out->partition = sqlite3_column_int64(statement, 1);
    out->read_halves = sqlite3_column_int64(statement, 2);
    out->write_units = sqlite3_column_int64(statement, 3);
    out->throttled = sqlite3_column_int64(statement, 4);
    return is_counted(out->minute, out->read_halves, out->write_units,
                      out->throttled)
               ? DYN_OK
               : dyn_store_fail_damaged(call, store, "loads");
}

dyn_status dyn_catalogue_loads(dyn_call *call, dyn_store *store,
                               int64_t first_minute, dyn_load_row **rows,
                               size_t *count)
{
    void *all = NULL;
    sqlite3_stmt *statement = NULL;
    DYN_TRY(dyn_store_statement(call, store, DYN_SQL_LOAD_LIST, &statement));
    sqlite3_bind_int64(statement, 1, first_minute);
    DYN_TRY(dyn_store_read_all(call, store, statement, read_load,
                               sizeof(dyn_load_row), &all, count));
    *rows = all;
    return DYN_OK;
}

dyn_status dyn_catalogue_load_add(dyn_call *call, dyn_store *store,
                                  const dyn_load_row *row)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(dyn_store_statement(call, store, DYN_SQL_LOAD_ADD, &statement));
    sqlite3_bind_int64(statement, 1, row->minute);
    sqlite3_bind_int64(statement, 2, row->partition);
    sqlite3_bind_int64(statement, 3, row->read_halves);
    sqlite3_bind_int64(statement, 4, row->write_units);
    sqlite3_bind_int64(statement, 5, row->throttled);
    return dyn_store_write(call, store, statement);
}

dyn_status dyn_catalogue_loads_prune(dyn_call *call, dyn_store *store,
                                     int64_t minute, int64_t rows_max)
{
    return prune(call, store, DYN_SQL_LOAD_PRUNE, minute, rows_max);
}

static dyn_status read_provisioned(dyn_call *call, dyn_store *store,
                                   sqlite3_stmt *statement, void *row)
{
    dyn_provisioned_row *out = row;
    bool has_read = sqlite3_column_type(statement, 2) != SQLITE_NULL;
    bool has_write = sqlite3_column_type(statement, 3) != SQLITE_NULL;
    out->minute = sqlite3_column_int64(statement, 0);
    out->is_on_demand = !has_read;
    out->read_units = sqlite3_column_int64(statement, 2);
    out->write_units = sqlite3_column_int64(statement, 3);
    if (has_read != has_write ||
        !is_counted(out->minute, out->read_units, out->write_units, 0)) {
        return dyn_store_fail_damaged(call, store, "provisioned");
    }
    return column_text(call, statement, 1, &out->name);
}

dyn_status dyn_catalogue_provisioned(dyn_call *call, dyn_store *store,
                                     dyn_provisioned_row **rows, size_t *count)
{
    void *all = NULL;
    sqlite3_stmt *statement = NULL;
    DYN_TRY(
        dyn_store_statement(call, store, DYN_SQL_PROVISIONED_LIST, &statement));
    DYN_TRY(dyn_store_read_all(call, store, statement, read_provisioned,
                               sizeof(dyn_provisioned_row), &all, count));
    *rows = all;
    return DYN_OK;
}

dyn_status dyn_catalogue_provisioned_put(dyn_call *call, dyn_store *store,
                                         const dyn_provisioned_row *row)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(dyn_store_statement(call, store, DYN_SQL_PROVISIONED_DELETE,
                                &statement));
    DYN_TRY(dyn_store_bind_text(call, store, statement, 1, row->name));
    sqlite3_bind_int64(statement, 2, row->minute);
    DYN_TRY(dyn_store_write(call, store, statement));
    DYN_TRY(
        dyn_store_statement(call, store, DYN_SQL_PROVISIONED_PUT, &statement));
    sqlite3_bind_int64(statement, 1, row->minute);
    DYN_TRY(dyn_store_bind_text(call, store, statement, 2, row->name));
    if (row->is_on_demand) {
        sqlite3_bind_null(statement, 3);
        sqlite3_bind_null(statement, 4);
    } else {
        sqlite3_bind_int64(statement, 3, row->read_units);
        sqlite3_bind_int64(statement, 4, row->write_units);
    }
    return dyn_store_write(call, store, statement);
}

dyn_status dyn_catalogue_provisioned_prune(dyn_call *call, dyn_store *store,
                                           int64_t minute)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(dyn_store_statement(call, store, DYN_SQL_PROVISIONED_PRUNE,
                                &statement));
    sqlite3_bind_int64(statement, 1, minute);
    return dyn_store_write(call, store, statement);
}

/* ----------------------------------------------------------------- meta -- */

/* Step to a line, if there is one; the statement is for the caller to reset. */
static dyn_status find_meta(dyn_call *call, dyn_store *store, const char *name,
                            sqlite3_stmt **statement, bool *found)
{
    DYN_TRY(dyn_store_statement(call, store, DYN_SQL_META_GET, statement));
    DYN_TRY(bind_name(call, store, *statement, name));
    int rc = sqlite3_step(*statement);
    *found = rc == SQLITE_ROW;
    return *found || rc == SQLITE_DONE ? DYN_OK
                                       : dyn_store_fail(call, store, rc);
}

dyn_status dyn_catalogue_meta(dyn_call *call, dyn_store *store,
                              const char *name, bool *found, dyn_bytes *text,
                              int64_t *number)
{
    *found = false;
    *number = 0;
    *text = (dyn_bytes){NULL, 0};
    sqlite3_stmt *statement = NULL;
    dyn_status status = find_meta(call, store, name, &statement, found);
    if (status == DYN_OK && *found) {
        *number = sqlite3_column_int64(statement, 0);
        status = column_text(call, statement, 0, text);
    }
    sqlite3_reset(statement);
    return status;
}

dyn_status dyn_catalogue_meta_set_text(dyn_call *call, dyn_store *store,
                                       const char *name, const char *text)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(dyn_store_statement(call, store, DYN_SQL_META_PUT, &statement));
    DYN_TRY(bind_name(call, store, statement, name));
    DYN_TRY(
        dyn_store_bind_text(call, store, statement, 2, dyn_bytes_text(text)));
    return dyn_store_write(call, store, statement);
}

dyn_status dyn_catalogue_meta_set_number(dyn_call *call, dyn_store *store,
                                         const char *name, int64_t number)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(dyn_store_statement(call, store, DYN_SQL_META_PUT, &statement));
    DYN_TRY(bind_name(call, store, statement, name));
    sqlite3_bind_int64(statement, 2, number);
    return dyn_store_write(call, store, statement);
}

dyn_status dyn_catalogue_meta_bytes(dyn_call *call, dyn_store *store,
                                    const char *name, bool *found,
                                    dyn_bytes *out)
{
    *found = false;
    sqlite3_stmt *statement = NULL;
    dyn_status status = find_meta(call, store, name, &statement, found);
    *found = *found && sqlite3_column_type(statement, 0) == SQLITE_BLOB;
    if (status == DYN_OK && *found)
        status = dyn_copy(call, dyn_store_column(statement, 0), out);
    sqlite3_reset(statement);
    return status;
}

dyn_status dyn_catalogue_meta_set_bytes(dyn_call *call, dyn_store *store,
                                        const char *name, dyn_bytes bytes)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(dyn_store_statement(call, store, DYN_SQL_META_PUT, &statement));
    DYN_TRY(bind_name(call, store, statement, name));
    dyn_store_bind(statement, 2, bytes);
    return dyn_store_write(call, store, statement);
}

dyn_status dyn_catalogue_meta_delete(dyn_call *call, dyn_store *store,
                                     const char *name)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(dyn_store_statement(call, store, DYN_SQL_META_DELETE, &statement));
    DYN_TRY(bind_name(call, store, statement, name));
    return dyn_store_write(call, store, statement);
}

static dyn_status read_meta(dyn_call *call, dyn_store *store,
                            sqlite3_stmt *statement, void *row)
{
    (void)store;
    dyn_meta_row *out = row;
    DYN_TRY(column_text(call, statement, 0, &out->name));
    return column_text(call, statement, 1, &out->text);
}

/* SQLite's order is that of the bytes in the encoding of the database. */
static int compare_meta(const void *left, const void *right)
{
    const dyn_meta_row *a = left;
    const dyn_meta_row *b = right;
    return dyn_bytes_compare(a->name, b->name);
}

dyn_status dyn_catalogue_meta_list(dyn_call *call, dyn_store *store,
                                   const char *prefix, dyn_meta_row **rows,
                                   size_t *count)
{
    void *all = NULL;
    sqlite3_stmt *statement = NULL;
    DYN_TRY(dyn_store_statement(call, store, DYN_SQL_META_LIST, &statement));
    DYN_TRY(bind_name(call, store, statement, prefix));
    DYN_TRY(dyn_store_read_all(call, store, statement, read_meta,
                               sizeof(dyn_meta_row), &all, count));
    if (*count > 1) qsort(all, *count, sizeof(dyn_meta_row), compare_meta);
    *rows = all;
    return DYN_OK;
}

dyn_status dyn_catalogue_meta_prune(dyn_call *call, dyn_store *store,
                                    const char *prefix, int64_t least)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(dyn_store_statement(call, store, DYN_SQL_META_PRUNE, &statement));
    DYN_TRY(bind_name(call, store, statement, prefix));
    sqlite3_bind_int64(statement, 2, least);
    return dyn_store_write(call, store, statement);
}
