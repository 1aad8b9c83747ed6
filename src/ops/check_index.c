/* The check of indexes: each item has the entries it should have, and there are
 * no others. The contracts are in check_index.h. */
#include "ops/check_index.h"

#include "engine/index.h"
#include "engine/row.h"
#include "engine/rows.h"
#include "item/codec.h"
#include "item/key.h"

#include <inttypes.h>
#include <stdio.h>

enum { ROWS = 256, BYTES = 1024 * 1024 };

static const char *index_name(const dyn_checker *c, size_t number)
{
    return (const char *)dyn_table_definition(c->table)
        ->indexes[number]
        .name.data;
}

dyn_status dyn_check_begin_indexes(dyn_checker *c)
{
    size_t count = dyn_table_definition(c->table)->index_count;
    c->index_tallies = dyn_alloc_zero(c->call, count, sizeof(dyn_tally *));
    c->entries = dyn_alloc_zero(c->call, count, sizeof(int64_t));
    c->is_damaged = dyn_alloc_zero(c->call, count, sizeof(bool));
    if (c->index_tallies == NULL || c->entries == NULL || c->is_damaged == NULL)
        return DYN_NOMEM;
    for (size_t i = 0; i < count; i++) {
        c->index_tallies[i] =
            dyn_alloc_zero(c->call, dyn_table_index(c->table, i)->map.count,
                           sizeof(dyn_tally));
        if (c->index_tallies[i] == NULL) return DYN_NOMEM;
    }
    return DYN_OK;
}

/* ---------------------------------------------------- from item to entry -- */

static void add_entry_problem(dyn_checker *c, size_t number, dyn_bytes key,
                              const char *problem)
{
    char what[300];
    snprintf(what, sizeof(what), "index %s: item", index_name(c, number));
    dyn_check_add_key(c, what, key, problem);
}

static dyn_status check_entry(dyn_checker *c, dyn_call *call, size_t number,
                              dyn_bytes key, const dyn_entry *entry)
{
    const dyn_index_state *state = dyn_table_index(c->table, number);
    dyn_bytes expected = {NULL, 0};
    dyn_bytes reference = {NULL, 0};
    dyn_row stored;
    bool found = false;
    c->entries[number]++;
    dyn_check_count(&state->map, c->index_tallies[number], entry->key,
                    entry->size_bytes);
    DYN_TRY(dyn_item_encode(call, state->layout->names, &entry->rest,
                            entry->size_bytes, &expected));
    DYN_TRY(dyn_item_encode(call, NULL, NULL, entry->size_bytes, &reference));
    DYN_TRY(dyn_rows_get(call, dyn_table_store(c->table), state->tree,
                         entry->key, &found, &stored));
    if (!found) {
        add_entry_problem(c, number, key, "its entry is missing");
    } else if (!dyn_bytes_equal(expected, stored.item) &&
               !dyn_bytes_equal(reference, stored.item)) {
        add_entry_problem(c, number, key, "its entry is another one");
    }
    return DYN_OK;
}

/* Once is enough. */
static void add_damage(dyn_checker *c, size_t number, const char *problem)
{
    char text[300 + DYN_ERROR_MESSAGE_BYTES];
    snprintf(text, sizeof(text), "index %s: %s", index_name(c, number),
             problem);
    dyn_check_add(c, text);
    c->is_damaged[number] = true;
}

dyn_status dyn_check_entries_of(dyn_checker *c, dyn_call *call, dyn_bytes key,
                                const dyn_map *item)
{
    const dyn_definition *definition = dyn_table_definition(c->table);
    for (size_t i = 0; i < definition->index_count; i++) {
        const dyn_index_state *state = dyn_table_index(c->table, i);
        dyn_bytes position = {state->position, state->position_bytes};
        dyn_entry entry;
        if (state->is_filling && dyn_bytes_compare(key, position) >= 0)
            continue;
        dyn_status status = dyn_entry_of(
            call, definition, &definition->indexes[i], item, key, &entry);
        if (status == DYN_INVALID) continue; /* skipped when it was filled */
        if (status != DYN_OK) return status;
        if (!entry.is_there || c->is_damaged[i]) continue;
        status = check_entry(c, call, i, key, &entry);
        if (status == DYN_CORRUPT) {
            add_damage(c, i, call->error.message);
        } else if (status != DYN_OK) {
            return status;
        }
    }
    return DYN_OK;
}

/* ---------------------------------------------------- from entry to item -- */

/* Whether an entry is the one of an item. */
static dyn_status belongs(dyn_checker *c, dyn_call *call, size_t number,
                          dyn_bytes key, bool *out)
{
    const dyn_definition *definition = dyn_table_definition(c->table);
    const dyn_index *index = &definition->indexes[number];
    dyn_bytes table_key = {NULL, 0};
    dyn_row row;
    dyn_view view;
    dyn_map item = {NULL, 0};
    dyn_entry entry = {.is_there = false};
    *out = false;
    DYN_TRY(dyn_entry_table_key(call, definition, index, key, &table_key));
    DYN_TRY(dyn_rows_get(call, dyn_table_store(c->table), DYN_TREE_ITEMS,
                         table_key, out, &row));
    if (!*out) return DYN_OK;
    DYN_TRY(dyn_row_open(call, dyn_table_layout(c->table), DYN_TREE_ITEMS,
                         row.key, row.item, &view));
    DYN_TRY(dyn_view_decode(call, &view, &item));
    dyn_status status =
        dyn_entry_of(call, definition, index, &item, table_key, &entry);
    *out =
        status == DYN_OK && entry.is_there && dyn_bytes_equal(entry.key, key);
    return status == DYN_INVALID ? DYN_OK : status;
}

static dyn_status check_rows(dyn_checker *c, dyn_call *call, size_t number,
                             const dyn_rows *rows)
{
    char what[300];
    snprintf(what, sizeof(what), "index %s: entry", index_name(c, number));
    for (size_t i = 0; i < rows->count; i++) {
        dyn_bytes key = rows->all[i].key;
        bool is_right = false;
        dyn_status status = belongs(c, call, number, key, &is_right);
        if (status != DYN_OK && status != DYN_CORRUPT) return status;
        if (!is_right) dyn_check_add_key(c, what, key, "it belongs to no item");
    }
    return DYN_OK;
}

/* Each page has memory of its own. */
static dyn_status find_orphans(dyn_checker *c, size_t number)
{
    dyn_range range = {.tree = dyn_table_index(c->table, number)->tree,
                       .high = dyn_key_end(),
                       .rows_max = ROWS,
                       .bytes_max = BYTES};
    dyn_rows rows = {.is_end = false};
    dyn_buffer position;
    dyn_buffer_begin(&position, c->call, DYN_INDEX_KEY_BYTES_MAX + 1);
    dyn_status status = DYN_OK;
    while (!rows.is_end && status == DYN_OK) {
        dyn_call page;
        dyn_call_begin(&page);
        range.low = (dyn_bytes){position.data, position.size_bytes};
        status =
            dyn_rows_range(&page, dyn_table_store(c->table), &range, &rows);
        if (status == DYN_OK) status = check_rows(c, &page, number, &rows);
        if (status == DYN_OK && rows.count > 0) {
            position.size_bytes = 0;
            dyn_buffer_add_bytes(&position, rows.all[rows.count - 1].key);
            dyn_buffer_add_byte(&position, 0);
        }
        if (status != DYN_OK) {
            c->call->error.sqlite_code = page.error.sqlite_code;
            dyn_fail(c->call, status, "%s", page.error.message);
        }
        dyn_call_end(&page);
    }
    return position.failed ? DYN_NOMEM : status;
}

static dyn_status check_index(dyn_checker *c, size_t number)
{
    const dyn_index_state *state = dyn_table_index(c->table, number);
    int64_t rows = 0;
    int64_t leaves = 0;
    char of[300];
    snprintf(of, sizeof(of), "index %s: ", index_name(c, number));
    DYN_TRY(dyn_rows_count(c->call, dyn_table_store(c->table), state->tree,
                           &rows, &leaves));
    c->leaves += leaves;
    dyn_check_counters(c, of, &state->map, c->index_tallies[number]);
    if (rows == c->entries[number]) return DYN_OK;
    char text[512];
    snprintf(text, sizeof(text),
             "%s%" PRId64 " entries, and should be %" PRId64, of, rows,
             c->entries[number]);
    dyn_check_add(c, text);
    return find_orphans(c, number);
}

dyn_status dyn_check_indexes(dyn_checker *c)
{
    for (size_t i = 0; i < dyn_table_definition(c->table)->index_count; i++) {
        if (c->is_damaged[i]) continue;
        dyn_status status = check_index(c, i);
        if (status == DYN_CORRUPT) {
            add_damage(c, i, c->call->error.message);
        } else if (status != DYN_OK) {
            return status;
        }
    }
    return DYN_OK;
}
