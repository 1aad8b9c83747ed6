/* Restoring; the contracts are in restore.h. */
#include "engine/restore.h"

#include "engine/table_internal.h"
#include "item/codec.h"

#define TIME   "restored_ms"
#define TABLE  "restored_table"
#define BACKUP "restored_backup"

/* ------------------------------------------------------------ definition -- */

static void forget_throughput(dyn_throughput *throughput)
{
    throughput->warm_read_units = 0;
    throughput->warm_write_units = 0;
    throughput->read_scaling = (dyn_scaling_settings){0};
    throughput->write_scaling = (dyn_scaling_settings){0};
}

dyn_status dyn_restore_definition(dyn_call *call, const dyn_definition *source,
                                  dyn_definition *out)
{
    size_t bytes = source->index_count * sizeof(dyn_index);
    *out = *source;
    out->indexes = dyn_alloc(call, bytes);
    if (out->indexes == NULL) return DYN_NOMEM;
    if (bytes > 0) memcpy(out->indexes, source->indexes, bytes);
    for (size_t i = 0; i < out->index_count; i++)
        forget_throughput(&out->indexes[i].throughput);
    forget_throughput(&out->throughput);
    out->stream = DYN_STREAM_OFF;
    out->is_protected = false;
    out->point_in_time_days = 0;
    dyn_definition_set_ttl(out, (dyn_bytes){NULL, 0});
    return DYN_OK;
}

/* ----------------------------------------------------------------- items -- */

static dyn_status fail(dyn_call *call, dyn_status status)
{
    if (status == DYN_NOMEM) return status;
    return dyn_fail(call, DYN_CORRUPT,
                    "what is to be restored is damaged: it has an item that "
                    "the table cannot have");
}

/* Whether it is an item of the table, and stored under its key. */
static dyn_status check_item(dyn_call *call, const dyn_table *table,
                             dyn_bytes key, const dyn_view *view)
{
    dyn_map item = {NULL, 0};
    dyn_bytes own_key = {NULL, 0};
    size_t size_bytes = 0;
    DYN_TRY(dyn_view_decode(call, view, &item));
    DYN_TRY(dyn_table_key(call, table, &item, &own_key));
    DYN_TRY(dyn_item_check(call, &item, &size_bytes));
    return size_bytes == view->size_bytes && dyn_bytes_equal(key, own_key)
               ? DYN_OK
               : DYN_CORRUPT;
}

static void count(dyn_table *table, dyn_bytes key, int items, size_t bytes)
{
    dyn_table_count(table, -1, dyn_key_hash(key), items,
                    items * (int64_t)bytes);
}

dyn_status dyn_restore_item(dyn_call *call, dyn_table *table, dyn_bytes key,
                            dyn_bytes stored)
{
    dyn_view view = {.size_bytes = 0};
    dyn_status status = dyn_row_open(call, dyn_table_layout(table),
                                     DYN_TREE_ITEMS, key, stored, &view);
    if (status == DYN_OK) status = check_item(call, table, key, &view);
    if (status != DYN_OK) return fail(call, status);
    status = dyn_rows_append(call, table->store, DYN_TREE_ITEMS, key, stored);
    if (status == DYN_EXISTS) return fail(call, status);
    if (status == DYN_OK) count(table, key, 1, view.size_bytes);
    return status;
}

static dyn_status fail_undo(dyn_call *call)
{
    return dyn_fail(call, DYN_CORRUPT,
                    "shadow tables are damaged: the log is not that of the "
                    "items of its table");
}

/* Put the item from before a change in the place of the row that is there, if
 * one is. */
static dyn_status put_before(dyn_call *call, dyn_table *table,
                             const dyn_log_record *change, const dyn_row *row)
{
    dyn_view view = {.size_bytes = 0};
    dyn_bytes before = change->before;
    bool had = before.size_bytes > 0;
    dyn_store *store = table->store;
    if (!had) return dyn_rows_delete(call, store, DYN_TREE_ITEMS, row);
    dyn_status status = dyn_row_open(call, table->layout, DYN_TREE_ITEMS,
                                     change->key, before, &view);
    if (status == DYN_OK) status = check_item(call, table, change->key, &view);
    if (status == DYN_NOMEM) return status;
    if (status != DYN_OK) return fail_undo(call);
    count(table, change->key, 1, view.size_bytes);
    return row != NULL
               ? dyn_rows_replace(call, store, DYN_TREE_ITEMS, row, before)
               : dyn_rows_insert(call, store, DYN_TREE_ITEMS, change->key,
                                 before);
}

dyn_status dyn_restore_undo(dyn_call *call, dyn_table *table,
                            const dyn_log_record *change)
{
    bool found = false;
    dyn_row row;
    dyn_view view;
    bool has = change->after.size_bytes > 0;
    DYN_TRY(dyn_rows_get_to_write(call, table->store, DYN_TREE_ITEMS,
                                  change->key, &found, &row));
    if (found != has || (!has && change->before.size_bytes == 0))
        return fail_undo(call);
    if (!has) return put_before(call, table, change, NULL);
    if (!dyn_bytes_equal(row.item, change->after)) return fail_undo(call);
    DYN_TRY(dyn_row_open(call, table->layout, DYN_TREE_ITEMS, change->key,
                         row.item, &view));
    count(table, change->key, -1, view.size_bytes);
    return put_before(call, table, change, &row);
}

/* --------------------------------------------------------------- indexes -- */

dyn_status dyn_restore_begin_indexes(dyn_call *call, dyn_table *table)
{
    for (size_t i = 0; i < table->definition.index_count; i++) {
        dyn_index_state *state = &table->indexes[i];
        const dyn_index_row row = {.tree = state->tree, .is_filling = true};
        DYN_TRY(dyn_catalogue_index_set(call, table->store, &row));
        state->is_filling = true;
    }
    return DYN_OK;
}

dyn_status dyn_restore_indexes(dyn_call *call, dyn_table *table,
                               size_t rows_max, bool *is_end)
{
    int64_t rows = 0;
    for (size_t i = 0; i < table->definition.index_count; i++) {
        if (!table->indexes[i].is_filling) continue;
        *is_end = false;
        return dyn_fill_index(call, table, i, false, rows_max, &rows);
    }
    *is_end = true;
    return DYN_OK;
}

/* ---------------------------------------------------------------- origin -- */

static dyn_status set_text(dyn_call *call, dyn_table *table, const char *name,
                           dyn_bytes text)
{
    dyn_bytes copy = {NULL, 0};
    DYN_TRY(dyn_copy(call, text, &copy));
    return dyn_catalogue_meta_set_text(call, table->store, name,
                                       (const char *)copy.data);
}

dyn_status dyn_restore_set_origin(dyn_call *call, dyn_table *table,
                                  const dyn_origin *origin)
{
    DYN_TRY(dyn_catalogue_meta_set_number(call, table->store, TIME,
                                          origin->time_ms));
    DYN_TRY(set_text(call, table, TABLE, origin->table_arn));
    return origin->backup_arn.size_bytes == 0
               ? DYN_OK
               : set_text(call, table, BACKUP, origin->backup_arn);
}

dyn_status dyn_restore_origin(dyn_call *call, dyn_table *table, bool *found,
                              dyn_origin *out)
{
    bool is_there = false;
    int64_t number = 0;
    dyn_bytes text = {NULL, 0};
    dyn_store *store = table->store;
    *out = (dyn_origin){.time_ms = 0};
    DYN_TRY(dyn_catalogue_meta(call, store, TIME, found, &text, &out->time_ms));
    if (!*found) return DYN_OK;
    DYN_TRY(dyn_catalogue_meta(call, store, TABLE, &is_there, &out->table_arn,
                               &number));
    return dyn_catalogue_meta(call, store, BACKUP, &is_there, &out->backup_arn,
                              &number);
}
