/* The check of a table; the contract is in check.h. */
#include "ops/check.h"

#include "engine/row.h"
#include "engine/rows.h"
#include "engine/scaling_record.h"
#include "item/codec.h"
#include "item/key.h"
#include "ops/check_expiry.h"
#include "ops/check_index.h"
#include "ops/check_log.h"
#include "ops/check_replicas.h"
#include "ops/check_usage.h"

#include <inttypes.h>
#include <stdio.h>

enum { ROWS = 256, BYTES = 1024 * 1024 };

static void add_item_problem(dyn_checker *c, dyn_bytes key, const char *problem)
{
    dyn_check_add_key(c, "item", key, problem);
}

static dyn_status check_item(dyn_checker *c, dyn_call *call, const dyn_row *row)
{
    dyn_view view;
    dyn_map item = {NULL, 0};
    dyn_bytes key = {NULL, 0};
    size_t size_bytes = 0;
    c->items++;
    if (row->large_id != 0) c->large++;
    dyn_status status =
        dyn_row_open(call, dyn_table_layout(c->table), DYN_TREE_ITEMS, row->key,
                     row->item, &view);
    if (status == DYN_OK) status = dyn_view_decode(call, &view, &item);
    if (status == DYN_NOMEM) return status;
    if (status != DYN_OK) {
        add_item_problem(c, row->key, "its bytes are damaged");
        return DYN_OK;
    }
    dyn_check_count(dyn_table_map(c->table), c->tallies, row->key,
                    view.size_bytes);
    status = dyn_table_key(call, c->table, &item, &key);
    if (status == DYN_NOMEM) return status;
    if (status != DYN_OK || !dyn_bytes_equal(key, row->key)) {
        add_item_problem(c, row->key, "it is stored under another key");
    }
    status = dyn_item_check(call, &item, &size_bytes);
    if (status == DYN_NOMEM) return status;
    if (status != DYN_OK || size_bytes != view.size_bytes) {
        add_item_problem(c, row->key, "its size is not what is stored");
    }
    DYN_TRY(dyn_check_expiry_of(c, call, row->key, &item));
    return dyn_check_entries_of(c, call, row->key, &item);
}

static dyn_status check_page(dyn_checker *c, dyn_call *call, void *last_key,
                             bool *is_end)
{
    dyn_buffer *position = last_key;
    const dyn_range range = {.tree = DYN_TREE_ITEMS,
                             .low = {position->data, position->size_bytes},
                             .high = dyn_key_end(),
                             .rows_max = ROWS,
                             .bytes_max = BYTES};
    dyn_rows rows;
    DYN_TRY(dyn_rows_range(call, dyn_table_store(c->table), &range, &rows));
    *is_end = rows.is_end;
    for (size_t i = 0; i < rows.count; i++)
        DYN_TRY(check_item(c, call, &rows.all[i]));
    if (rows.count > 0) {
        position->size_bytes = 0;
        dyn_buffer_add_bytes(position, rows.all[rows.count - 1].key);
        dyn_buffer_add_byte(position, 0);
    }
    return position->failed ? DYN_NOMEM : DYN_OK;
}

static dyn_status check_items(dyn_checker *c)
{
    dyn_buffer position;
    dyn_buffer_begin(&position, c->call, DYN_KEY_BYTES_MAX);
    return dyn_check_pages(c, check_page, &position);
}

static void check_rows(dyn_checker *c, const char *table, int64_t stored,
                       int64_t counted)
{
    if (stored == counted) return;
    char text[160];
    snprintf(text, sizeof(text),
             "%s has %" PRId64 " rows, and should have %" PRId64, table, stored,
             counted);
    dyn_check_add(c, text);
}

/* Rows that no key leads to. */
static dyn_status check_lost_items(dyn_checker *c)
{
    int64_t items = 0;
    int64_t leaves = 0;
    int64_t large = 0;
    DYN_TRY(dyn_rows_count(c->call, dyn_table_store(c->table), DYN_TREE_ITEMS,
                           &items, &leaves));
    DYN_TRY(dyn_rows_count_large(c->call, dyn_table_store(c->table), &large));
    check_rows(c, "the tree of the items", items, c->items);
    check_rows(c, "_large", large, c->large);
    c->leaves += leaves;
    return DYN_OK;
}

/* Leaves that are in no tree. */
static dyn_status check_lost_leaves(dyn_checker *c)
{
    int64_t leaves = 0;
    int64_t listed = 0;
    DYN_TRY(dyn_rows_count_leaves(c->call, dyn_table_store(c->table), &leaves));
    DYN_TRY(
        dyn_rows_count_directory(c->call, dyn_table_store(c->table), &listed));
    check_rows(c, "_leaves", leaves, c->leaves);
    check_rows(c, "_directory", listed, c->leaves);
    return DYN_OK;
}

static dyn_status check_all(dyn_checker *c)
{
    dyn_birth birth;
    /* what is in memory does not vouch for what is stored */
    DYN_TRY(dyn_table_reread(c->call, c->table));
    DYN_TRY(dyn_rows_flush(c->call, dyn_table_store(c->table)));
    DYN_TRY(dyn_table_birth(c->call, c->table, &birth));
    DYN_TRY(dyn_scaling_check_record(c->call, c->table));
    c->tallies = dyn_alloc_zero(c->call, dyn_table_map(c->table)->count,
                                sizeof(*c->tallies));
    if (c->tallies == NULL) return DYN_NOMEM;
    DYN_TRY(dyn_check_begin_indexes(c));
    DYN_TRY(check_items(c));
    dyn_check_counters(c, "", dyn_table_map(c->table), c->tallies);
    DYN_TRY(check_lost_items(c));
    DYN_TRY(dyn_check_indexes(c));
    DYN_TRY(dyn_check_log(c));
    DYN_TRY(dyn_check_replicas(c));
    DYN_TRY(dyn_check_expiry(c));
    if (c->problems == 0) DYN_TRY(check_lost_leaves(c));
    return dyn_check_usage(c);
}

dyn_status dyn_check_table(dyn_call *call, dyn_table *table, dyn_bytes *report)
{
    dyn_checker c = {.call = call, .table = table};
    dyn_buffer_begin(&c.report, call, 256);
    dyn_status status = check_all(&c);
    if (status == DYN_CORRUPT) {
        dyn_check_add(&c, call->error.message);
        status = DYN_OK;
    }
    if (status != DYN_OK) return status;
    if (c.problems == 0) dyn_buffer_add_text(&c.report, "ok");
    return dyn_buffer_end(&c.report, report);
}
