/* What all writes share; the contracts are in write.h. */
#include "ops/write.h"

#include "engine/expiry.h"
#include "engine/index.h"
#include "engine/row.h"
#include "engine/rows.h"
#include "item/key.h"

dyn_status dyn_write_read(dyn_call *call, dyn_table *table, dyn_bytes key,
                          dyn_before *out)
{
    *out = (dyn_before){.found = false};
    DYN_TRY(dyn_rows_get_to_write(call, dyn_table_store(table), DYN_TREE_ITEMS,
                                  key, &out->found, &out->row));
    if (!out->found) return DYN_OK;
    return dyn_row_open(call, dyn_table_layout(table), DYN_TREE_ITEMS, key,
                        out->row.item, &out->view);
}

/* -------------------------------------------------------------- the bill -- */

/* A write of the item alone. */
static void bill_item(dyn_bill *bill, const dyn_table *table,
                      const dyn_item_change *change)
{
    dyn_bill_begin(bill, change->use);
    dyn_bill_refund(bill, change->key, change->lookup);
    dyn_bill_add_write(bill, table, -1, change->key,
                       change->rate *
                           dyn_write_units(change->before->view.size_bytes,
                                           change->after_bytes));
}

dyn_status dyn_write_charge(dyn_call *call, dyn_table *table,
                            const dyn_item_change *change)
{
    dyn_bill bill;
    bill_item(&bill, table, change);
    DYN_TRY(dyn_bill_admit(call, table, &bill));
    dyn_bill_settle(table, &bill);
    return DYN_OK;
}

dyn_status dyn_write_condition(dyn_call *call, dyn_table *table,
                               const dyn_item_change *change,
                               const dyn_condition *condition)
{
    bool matches = false;
    const dyn_before *before = change->before;
    if (condition == NULL) return DYN_OK;
    DYN_TRY(dyn_condition_matches(
        call, condition, before->found ? &before->view : NULL, &matches));
    if (matches) return DYN_OK;
    DYN_TRY(dyn_write_charge(call, table, change));
    return dyn_fail(call, DYN_CONDITION_FAILED,
                    "The conditional request failed");
}

/* --------------------------------------------------------------- entries -- */

/* What a write changes in one index. */
typedef struct index_change {
    dyn_entry before;
    dyn_entry after;
    bool is_same_key;
    bool is_same; /* nothing is to be written */
} index_change;

/* What follows from a change of an item, beside its row. */
typedef struct item_changes {
    index_change *all; /* one for each index of the definition */
    size_t count;
    dyn_expiry expiry_before;
    dyn_expiry expiry_after;
} item_changes;

/* What an index has of an item; nothing of one that it cannot hold: such items
 * may have been there before the index was, or come from a region that does not
 * have the index. */
static dyn_status entry_if_any(dyn_call *call, const dyn_definition *definition,
                               const dyn_index *index, const dyn_map *item,
                               dyn_bytes key, dyn_entry *out)
{
    dyn_status status = dyn_entry_of(call, definition, index, item, key, out);
    if (status != DYN_INVALID) return status;
    *out = (dyn_entry){.is_there = false};
    return DYN_OK;
}

static dyn_status entry_after(dyn_call *call, const dyn_definition *definition,
                              const dyn_index *index,
                              const dyn_item_change *change, dyn_entry *out)
{
    return change->actor == DYN_ACTOR_REPLICA
               ? entry_if_any(call, definition, index, change->after,
                              change->key, out)
               : dyn_entry_of(call, definition, index, change->after,
                              change->key, out);
}

static bool is_same_entry(const dyn_entry *a, const dyn_entry *b)
{
    if (a->size_bytes != b->size_bytes || a->item.count != b->item.count)
        return false;
    for (size_t i = 0; i < a->item.count; i++) {
        const dyn_attribute *left = &a->item.attributes[i];
        const dyn_attribute *right = &b->item.attributes[i];
        if (!dyn_bytes_equal(left->name, right->name) ||
            !dyn_value_equal(&left->value, &right->value)) {
            return false;
        }
    }
    return true;
}

/* An index that is being filled does not yet have what lies behind. */
static bool is_in_reach(const dyn_index_state *state, dyn_bytes key)
{
    dyn_bytes position = {state->position, state->position_bytes};
    return !state->is_filling || dyn_bytes_compare(key, position) < 0;
}

/* Find out what a change means for an index; old is the item before, or NULL.
 */
static dyn_status find_change(dyn_call *call, const dyn_table *table,
                              size_t number, const dyn_item_change *change,
                              const dyn_map *old, index_change *out)
{
    dyn_bytes key = change->key;
    const dyn_map *now = change->after;
    const dyn_definition *definition = dyn_table_definition(table);
    const dyn_index *index = &definition->indexes[number];
    *out = (index_change){.is_same_key = false};
    if (old != NULL) {
        DYN_TRY(entry_if_any(call, definition, index, old, key, &out->before));
    }
    if (now != NULL) {
        DYN_TRY(entry_after(call, definition, index, change, &out->after));
    }
    const dyn_entry *before = &out->before;
    const dyn_entry *after = &out->after;
    out->is_same_key = before->is_there && after->is_there &&
                       dyn_bytes_equal(before->key, after->key);
    out->is_same = (!before->is_there && !after->is_there) ||
                   (out->is_same_key && is_same_entry(before, after)) ||
                   !is_in_reach(dyn_table_index(table, number), key);
    return DYN_OK;
}

/* An item and its entries in local indexes count together (docs/semantics.md
 * 1). */
static dyn_status check_size(dyn_call *call, const dyn_definition *definition,
                             const item_changes *changes, size_t size_bytes)
{
    for (size_t i = 0; i < changes->count; i++) {
        if (definition->indexes[i].is_local)
            size_bytes += changes->all[i].after.size_bytes;
    }
    if (size_bytes <= DYN_ITEM_BYTES_MAX) return DYN_OK;
    return dyn_fail(call, DYN_TOO_LARGE,
                    "Item size has exceeded the maximum allowed size");
}

static dyn_status check_types(dyn_call *call, const dyn_definition *definition,
                              const dyn_index *index, const dyn_map *item)
{
    for (size_t i = 0; i < dyn_key_schema_count(&index->key); i++) {
        const dyn_column *column =
            &definition->columns[dyn_key_schema_column(&index->key, i)];
        const dyn_value *value = dyn_map_find(item, column->name);
        if (value == NULL || value->type == column->type) continue;
        return dyn_entry_fail_type(call, index, column, value->type);
    }
    return DYN_OK;
}

dyn_status dyn_write_check_types(dyn_call *call, const dyn_table *table,
                                 const dyn_map *item)
{
    const dyn_definition *definition = dyn_table_definition(table);
    for (size_t i = 0; i < definition->index_count; i++) {
        DYN_TRY(check_types(call, definition,
                            dyn_definition_told_index(definition, i), item));
    }
    return DYN_OK;
}

static dyn_status find_expiry(dyn_call *call, const dyn_table *table,
                              const dyn_item_change *change, item_changes *out)
{
    const dyn_definition *definition = dyn_table_definition(table);
    if (change->after != NULL)
        out->expiry_after = dyn_expiry_of(definition, change->after);
    return change->before->found
               ? dyn_expiry_of_view(call, definition, &change->before->view,
                                    &out->expiry_before)
               : DYN_OK;
}

static dyn_status find_changes(dyn_call *call, const dyn_table *table,
                               const dyn_item_change *change, item_changes *out)
{
    size_t count = dyn_table_definition(table)->index_count;
    const dyn_before *before = change->before;
    DYN_TRY(find_expiry(call, table, change, out));
    dyn_map old = {NULL, 0};
    if (count == 0) return DYN_OK;
    out->all = dyn_alloc(call, count * sizeof(index_change));
    if (out->all == NULL) return DYN_NOMEM;
    out->count = count;
    if (before->found) DYN_TRY(dyn_view_decode(call, &before->view, &old));
    for (size_t i = 0; i < count; i++) {
        DYN_TRY(find_change(call, table, i, change, before->found ? &old : NULL,
                            &out->all[i]));
    }
    return change->after == NULL ? DYN_OK
                                 : check_size(call, dyn_table_definition(table),
                                              out, change->after_bytes);
}

/* The table of index writes in docs/semantics.md 3. */
static void bill_entries(dyn_bill *bill, const dyn_table *table, int index,
                         const index_change *change)
{
    const dyn_entry *before = &change->before;
    const dyn_entry *after = &change->after;
    if (change->is_same) return;
    if (change->is_same_key) {
        dyn_bill_add_write(
            bill, table, index, after->key,
            dyn_write_units(before->size_bytes, after->size_bytes));
        return;
    }
    if (before->is_there) {
        dyn_bill_add_write(bill, table, index, before->key,
                           dyn_write_units(before->size_bytes, 0));
    }
    if (after->is_there) {
        dyn_bill_add_write(bill, table, index, after->key,
                           dyn_write_units(0, after->size_bytes));
    }
}

static void bill_change(dyn_bill *bill, const dyn_table *table,
                        const dyn_item_change *change,
                        const item_changes *changes)
{
    if (change->is_free) {
        dyn_bill_begin(bill, change->use);
        return;
    }
    bill_item(bill, table, change);
    for (size_t i = 0; i < changes->count; i++)
        bill_entries(bill, table, (int)i, &changes->all[i]);
}

static dyn_status write_entry(dyn_call *call, dyn_table *table, int64_t tree,
                              const index_change *change)
{
    dyn_store *store = dyn_table_store(table);
    const dyn_entry *before = &change->before;
    const dyn_entry *after = &change->after;
    const dyn_row old = {.key = before->key};
    dyn_bytes stored = {NULL, 0};
    if (before->is_there && !change->is_same_key)
        DYN_TRY(dyn_rows_delete(call, store, tree, &old));
    if (!after->is_there) return DYN_OK;
    DYN_TRY(dyn_entry_encode(call, store, dyn_table_layout(table)->names, after,
                             &stored));
    return change->is_same_key
               ? dyn_rows_replace(call, store, tree, &old, stored)
               : dyn_rows_insert(call, store, tree, after->key, stored);
}

static void count_entry(dyn_table *table, size_t number, const dyn_entry *entry,
                        int sign)
{
    if (!entry->is_there) return;
    dyn_table_count(table, (int)number, dyn_key_hash(entry->key), sign,
                    sign * (int64_t)entry->size_bytes);
}

static dyn_status write_entries(dyn_call *call, dyn_table *table,
                                const item_changes *changes)
{
    for (size_t i = 0; i < changes->count; i++) {
        if (changes->all[i].is_same) continue;
        DYN_TRY(write_entry(call, table, dyn_table_index(table, i)->tree,
                            &changes->all[i]));
    }
    return DYN_OK;
}

/* ----------------------------------------------------------------- items -- */

/* The item as it is stored. The table learns names that have no number yet, as
 * long as it can. */
static dyn_status encode(dyn_call *call, dyn_table *table,
                         const dyn_item_change *change, dyn_bytes *stored)
{
    const dyn_layout *layout = dyn_table_layout(table);
    bool has_learned = false;
    size_t texts = 0;
    DYN_TRY(dyn_item_encode_rest(call, layout, change->after,
                                 change->after_bytes, &texts, stored));
    if (texts > 0)
        DYN_TRY(dyn_table_learn(call, table, change->after, &has_learned));
    return has_learned
               ? dyn_item_encode_rest(call, layout, change->after,
                                      change->after_bytes, &texts, stored)
               : DYN_OK;
}

/* *stored is the item as it is stored. */
static dyn_status write_row(dyn_call *call, dyn_table *table,
                            const dyn_item_change *change, dyn_bytes *stored)
{
    dyn_store *store = dyn_table_store(table);
    const dyn_before *before = change->before;
    if (change->after == NULL) {
        return before->found
                   ? dyn_rows_delete(call, store, DYN_TREE_ITEMS, &before->row)
                   : DYN_OK;
    }
    DYN_TRY(encode(call, table, change, stored));
    return before->found ? dyn_rows_replace(call, store, DYN_TREE_ITEMS,
                                            &before->row, *stored)
                         : dyn_rows_insert(call, store, DYN_TREE_ITEMS,
                                           change->key, *stored);
}

/* There is no record where nothing has changed. Equal items have equal bytes.
 */
static dyn_status write_log(dyn_call *call, dyn_table *table,
                            const dyn_item_change *change, dyn_bytes stored)
{
    const dyn_before *before = change->before;
    bool is_there = change->after != NULL;
    if (!dyn_table_log_keep(table)->is_logging) return DYN_OK;
    if (!before->found && !is_there) return DYN_OK;
    if (before->found && is_there && dyn_bytes_equal(before->row.item, stored))
        return DYN_OK;
    dyn_log_record record = {
        .event = !is_there       ? DYN_LOG_REMOVE
                 : before->found ? DYN_LOG_MODIFY
                                 : DYN_LOG_INSERT,
        .actor = change->actor,
        .key = change->key,
        .before = before->row.item,
        .after = stored,
    };
    return dyn_table_log(call, table, &record);
}

static dyn_status write_rows(dyn_call *call, dyn_table *table,
                             const dyn_item_change *change,
                             const item_changes *changes)
{
    dyn_bytes stored = {NULL, 0};
    dyn_store_begin_write(dyn_table_store(table));
    DYN_TRY(write_row(call, table, change, &stored));
    DYN_TRY(dyn_expiry_write(call, table, change->key, &changes->expiry_before,
                             &changes->expiry_after));
    DYN_TRY(write_entries(call, table, changes));
    return write_log(call, table, change, stored);
}

static void count_rows(dyn_table *table, const dyn_item_change *change,
                       const item_changes *changes)
{
    dyn_table_count(table, -1, dyn_key_hash(change->key),
                    (change->after != NULL) - (int)change->before->found,
                    (int64_t)change->after_bytes -
                        (int64_t)change->before->view.size_bytes);
    for (size_t i = 0; i < changes->count; i++) {
        if (changes->all[i].is_same) continue;
        count_entry(table, i, &changes->all[i].before, -1);
        count_entry(table, i, &changes->all[i].after, 1);
    }
}

/* What was written in another region is not refused here: it is counted, and
 * belongs to no statement. */
static dyn_status admit(dyn_call *call, dyn_table *table,
                        const dyn_item_change *change, dyn_bill *bill)
{
    bill->is_background = change->actor == DYN_ACTOR_REPLICA;
    return bill->is_background ? DYN_OK : dyn_bill_admit(call, table, bill);
}

/* All that can be refused is found out before anything is written. */
dyn_status dyn_write_item(dyn_call *call, dyn_table *table,
                          const dyn_item_change *change)
{
    dyn_bill bill;
    item_changes changes = {.count = 0};
    DYN_TRY(find_changes(call, table, change, &changes));
    bill_change(&bill, table, change, &changes);
    DYN_TRY(admit(call, table, change, &bill));
    dyn_status status = write_rows(call, table, change, &changes);
    if (status != DYN_OK) {
        dyn_bill_cancel(table, &bill);
        return status;
    }
    count_rows(table, change, &changes);
    dyn_bill_settle(table, &bill);
    return DYN_OK;
}

dyn_status dyn_write_new_item(dyn_call *call, dyn_table *table,
                              const dyn_item_change *change)
{
    dyn_before before = {.found = false};
    dyn_item_change made = *change;
    made.before = &before;
    dyn_status status = dyn_write_item(call, table, &made);
    if (status != DYN_EXISTS) return status;

    DYN_TRY(dyn_write_read(call, table, change->key, &before));
    DYN_TRY(dyn_write_charge(call, table, &made));
    return dyn_fail(call, DYN_EXISTS,
                    "an item with this key is there already; INSERT OR REPLACE "
                    "puts the new one in its place");
}
