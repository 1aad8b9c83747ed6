/* The sweep of time to live; the contract is in expire.h. */
#include "ops/expire.h"

#include "engine/due_kinds.h"
#include "engine/expiry.h"
#include "ops/write.h"

enum { STEP_BYTES_MAX = 1024 * 1024 };

/* The item of a row of the tree. One that is damaged, or is not there under
 * this time, is not found: that is for dynamo_check() to tell, and does not
 * keep others from being swept. */
static dyn_status read_item(dyn_call *call, dyn_table *table,
                            const dyn_expired *row, dyn_before *out)
{
    dyn_map item = {NULL, 0};
    dyn_status status = dyn_write_read(call, table, row->item_key, out);
    if (status == DYN_OK && out->found)
        status = dyn_view_decode(call, &out->view, &item);
    if (status == DYN_CORRUPT) {
        out->found = false;
        return DYN_OK;
    }
    if (status != DYN_OK || !out->found) return status;
    dyn_expiry expiry = dyn_expiry_of(dyn_table_definition(table), &item);
    out->found = expiry.is_there && expiry.second == row->second;
    return DYN_OK;
}

static dyn_status sweep_row(dyn_call *call, dyn_table *table,
                            const dyn_expired *row, size_t *size_bytes)
{
    dyn_before before;
    DYN_TRY(read_item(call, table, row, &before));
    if (!before.found) return dyn_expiry_drop(call, table, row);
    const dyn_item_change change = {
        .actor = DYN_ACTOR_TTL,
        .is_free = true,
        .use = DYN_USE_DELETE_ITEM,
        .key = row->item_key,
        .before = &before,
        .rate = dyn_rate_of(false),
    };
    *size_bytes += before.view.size_bytes;
    return dyn_write_item(call, table, &change);
}

/* How many items a step takes that may remove so many rows: an item has one of
 * its own, one in the tree of the times, and at most one in each index. */
static size_t items_of(const dyn_table *table, size_t rows_max)
{
    size_t items = rows_max / (2 + dyn_table_definition(table)->index_count);
    return items > 0 ? items : 1;
}

dyn_status dyn_expire_step(dyn_call *call, dyn_table *table, size_t rows_max,
                           int64_t *done)
{
    dyn_expired *rows = NULL;
    size_t count = 0;
    size_t size_bytes = 0;
    dyn_store_begin_write(dyn_table_store(table));
    dyn_status status =
        dyn_expiry_take(call, table, items_of(table, rows_max), &rows, &count);
    if (status != DYN_OK) return dyn_due_forgive(call, table, status);
    for (size_t i = 0; i < count; i++) {
        if (size_bytes >= STEP_BYTES_MAX) {
            dyn_expiry_note(table, rows[i].second);
            return DYN_OK;
        }
        DYN_TRY(sweep_row(call, table, &rows[i], &size_bytes));
        (*done)++;
    }
    return DYN_OK;
}
