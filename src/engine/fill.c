/* Filling an index from the items that were there before it, a bounded step at
 * a time; the contract is in table_internal.h. Items are taken in the order of
 * their keys, and writes keep the index for those that have been taken. */
#include "engine/table_internal.h"

#include "engine/bill.h"
#include "engine/catalogue.h"
#include "engine/due_kinds.h"
#include "engine/index.h"
#include "engine/row.h"
#include "engine/rows.h"
#include "item/codec.h"
#include "item/key.h"

enum { FILL_BYTES_MAX = 1024 * 1024 };

static void charge(dyn_table *table, size_t number, const dyn_entry *entry)
{
    dyn_bill bill;
    dyn_bill_begin(&bill, DYN_USE_BACKFILL);
    bill.is_background = true;
    dyn_bill_add_write(&bill, table, (int)number, entry->key,
                       dyn_write_units(0, entry->size_bytes));
    dyn_bill_settle(table, &bill);
}

static dyn_status add_entry(dyn_call *call, dyn_table *table, size_t number,
                            bool is_charged, const dyn_entry *entry)
{
    dyn_index_state *state = &table->indexes[number];
    dyn_bytes stored = {NULL, 0};
    DYN_TRY(dyn_entry_encode(call, table->store, table->layout->names, entry,
                             &stored));
    DYN_TRY(
        dyn_rows_insert(call, table->store, state->tree, entry->key, stored));
    dyn_partitions_add(&state->map, dyn_key_hash(entry->key), 1,
                       (int64_t)entry->size_bytes);
    if (is_charged) charge(table, number, entry);
    return DYN_OK;
}

/* An item that the index cannot hold is counted and left out, and so is a
 * damaged one: that is for dynamo_check() to tell. */
static dyn_status add_row(dyn_call *call, dyn_table *table, size_t number,
                          bool is_charged, const dyn_row *row)
{
    const dyn_definition *definition = &table->definition;
    dyn_view view;
    dyn_map item = {NULL, 0};
    dyn_entry entry = {.is_there = false};
    dyn_status status = dyn_row_open(call, table->layout, DYN_TREE_ITEMS,
                                     row->key, row->item, &view);
    if (status == DYN_OK) status = dyn_view_decode(call, &view, &item);
    if (status == DYN_OK) {
        status = dyn_entry_of(call, definition, &definition->indexes[number],
                              &item, row->key, &entry);
    }
    if (status == DYN_INVALID || status == DYN_CORRUPT) {
        table->indexes[number].skipped++;
        return DYN_OK;
    }
    if (status != DYN_OK || !entry.is_there) return status;
    return add_entry(call, table, number, is_charged, &entry);
}

/* The position behind a key: no key is between the two. */
static dyn_status behind(dyn_call *call, dyn_bytes key, dyn_bytes *out)
{
    unsigned char *copy = dyn_alloc(call, key.size_bytes + 1);
    if (copy == NULL) return DYN_NOMEM;
    memcpy(copy, key.data, key.size_bytes);
    copy[key.size_bytes] = 0;
    *out = (dyn_bytes){copy, key.size_bytes + 1};
    return DYN_OK;
}

dyn_status dyn_fill_read(dyn_call *call, const dyn_table *table,
                         size_t rows_max, dyn_bytes *position, dyn_rows *items)
{
    const dyn_range range = {
        .tree = DYN_TREE_ITEMS,
        .low = *position,
        .high = dyn_key_end(),
        .rows_max = rows_max,
        .bytes_max = FILL_BYTES_MAX,
    };
    DYN_TRY(dyn_rows_range(call, table->store, &range, items));
    return items->count == 0
               ? DYN_OK
               : behind(call, items->all[items->count - 1].key, position);
}

dyn_status dyn_fill_index(dyn_call *call, dyn_table *table, size_t number,
                          bool is_charged, size_t rows_max, int64_t *rows)
{
    dyn_index_state *state = &table->indexes[number];
    dyn_bytes position = {state->position, state->position_bytes};
    dyn_rows items;
    dyn_store_begin_write(table->store);
    DYN_TRY(dyn_fill_read(call, table, rows_max, &position, &items));
    for (size_t i = 0; i < items.count; i++)
        DYN_TRY(add_row(call, table, number, is_charged, &items.all[i]));
    dyn_index_row row = {
        .tree = state->tree,
        .is_filling = !items.is_end,
        .position = position,
        .skipped = state->skipped,
    };
    DYN_TRY(dyn_index_state_move(call, state, position));
    DYN_TRY(dyn_catalogue_index_set(call, table->store, &row));
    state->is_filling = !items.is_end;
    *rows += (int64_t)items.count;
    return items.is_end ? dyn_store_change_schema(call, table->store) : DYN_OK;
}

int64_t dyn_fill_due_ms(dyn_table *table)
{
    return dyn_table_is_filling(table) ? DYN_DUE_NOW : DYN_DUE_NEVER;
}

dyn_status dyn_fill_step(dyn_call *call, dyn_table *table, size_t rows_max,
                         int64_t *done)
{
    for (size_t i = 0; i < table->definition.index_count; i++) {
        if (!table->indexes[i].is_filling) continue;
        DYN_TRY(dyn_due_forgive(
            call, table, dyn_fill_index(call, table, i, true, rows_max, done)));
    }
    return DYN_OK;
}
