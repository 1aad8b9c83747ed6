/* How the tree of the times of expiry comes and goes; the contracts are in
 * table_internal.h and due_kinds.h.
 *
 * Its line in _indexes says TTL while the tree follows from the items. When the
 * option ends or names another attribute, the line says ENDED: writes leave the
 * tree alone from there on, and it is emptied, a bounded step at a time. Then
 * it is filled anew for the attribute that the option has, or its line is
 * removed.
 */
#include "engine/expiry.h"

#include "engine/catalogue.h"
#include "engine/due_kinds.h"
#include "engine/row.h"
#include "engine/rows.h"
#include "engine/table_internal.h"

enum { EMPTY_BYTES_MAX = 1024 * 1024 };

#define KEPT  "TTL"
#define ENDED "ENDED"

/* ------------------------------------------------------------- its line -- */

static dyn_status fail_line(dyn_call *call)
{
    return dyn_fail(call, DYN_CORRUPT,
                    "shadow tables are damaged: the tree of the times of "
                    "expiry has a wrong line in _indexes");
}

dyn_status dyn_expiry_read(dyn_call *call, const dyn_index_row *row,
                           dyn_expiry_tree *out)
{
    *out = (dyn_expiry_tree){.is_there = row != NULL};
    if (row == NULL) return DYN_OK;
    dyn_bytes word = dyn_bytes_text(row->declaration);
    out->is_ended = dyn_bytes_equal_text(word, ENDED);
    out->is_filling = row->is_filling;
    out->position_bytes = row->position.size_bytes;
    if (!out->is_ended && !dyn_bytes_equal_text(word, KEPT))
        return fail_line(call);
    if (out->position_bytes > sizeof(out->position)) return fail_line(call);
    if (out->position_bytes > 0)
        memcpy(out->position, row->position.data, out->position_bytes);
    return DYN_OK;
}

/* Write how far the tree is filled. */
static dyn_status move(dyn_call *call, dyn_table *table, bool is_filling,
                       dyn_bytes position)
{
    dyn_expiry_tree *tree = &table->expiry;
    const dyn_index_row row = {.tree = DYN_TREE_EXPIRY,
                               .is_filling = is_filling,
                               .position = position};
    DYN_TRY(dyn_catalogue_index_set(call, table->store, &row));
    tree->is_filling = is_filling;
    tree->position_bytes = position.size_bytes;
    if (position.size_bytes > 0) /* which may be that of the tree */
        memmove(tree->position, position.data, position.size_bytes);
    return DYN_OK;
}

dyn_status dyn_expiry_create(dyn_call *call, dyn_store *store, bool is_filling)
{
    const dyn_index_row row = {
        .tree = DYN_TREE_EXPIRY, .declaration = KEPT, .is_filling = is_filling};
    return dyn_catalogue_index_insert(call, store, &row);
}

dyn_status dyn_expiry_change(dyn_call *call, dyn_table *table,
                             const dyn_definition *changed)
{
    if (dyn_bytes_equal(table->definition.ttl, changed->ttl)) return DYN_OK;
    if (table->expiry.is_there) {
        return dyn_catalogue_index_declare(call, table->store, DYN_TREE_EXPIRY,
                                           ENDED);
    }
    return changed->ttl.size_bytes > 0
               ? dyn_expiry_create(call, table->store, true)
               : DYN_OK;
}

/* ------------------------------------------------------------- emptying -- */

/* All of an earlier option is gone. */
static dyn_status begin_anew(dyn_call *call, dyn_table *table)
{
    dyn_expiry_tree *tree = &table->expiry;
    tree->is_ended = false;
    if (table->definition.ttl.size_bytes > 0) {
        tree->is_known = false;
        DYN_TRY(dyn_catalogue_index_declare(call, table->store, DYN_TREE_EXPIRY,
                                            KEPT));
        return move(call, table, true, dyn_bytes_text(""));
    }
    tree->is_there = false;
    return dyn_catalogue_index_delete(call, table->store, DYN_TREE_EXPIRY);
}

static dyn_status empty_some(dyn_call *call, dyn_table *table, size_t rows_max,
                             int64_t *done, bool *is_end)
{
    const dyn_range range = {
        .tree = DYN_TREE_EXPIRY,
        .low = dyn_bytes_text(""),
        .high = dyn_key_end(),
        .rows_max = rows_max,
        .bytes_max = EMPTY_BYTES_MAX,
    };
    dyn_rows rows;
    DYN_TRY(dyn_rows_range(call, table->store, &range, &rows));
    for (size_t i = 0; i < rows.count; i++) {
        DYN_TRY(
            dyn_rows_delete(call, table->store, DYN_TREE_EXPIRY, &rows.all[i]));
    }
    *done += (int64_t)rows.count;
    *is_end = rows.is_end;
    return DYN_OK;
}

/* A damaged tree is removed at once: so a new option mends it. */
static dyn_status empty(dyn_call *call, dyn_table *table, size_t rows_max,
                        int64_t *done)
{
    bool is_end = false;
    dyn_status status = empty_some(call, table, rows_max, done, &is_end);
    if (status == DYN_CORRUPT) {
        status = dyn_catalogue_index_clear(call, table->store, DYN_TREE_EXPIRY);
        is_end = true;
    }
    if (status != DYN_OK) return status;
    return is_end ? begin_anew(call, table) : DYN_OK;
}

/* --------------------------------------------------------------- filling -- */

/* A damaged item is left out: that is for dynamo_check() to tell. */
static dyn_status add_row(dyn_call *call, dyn_table *table, const dyn_row *row)
{
    dyn_view view;
    dyn_expiry expiry = {false, 0};
    dyn_status status = dyn_row_open(call, table->layout, DYN_TREE_ITEMS,
                                     row->key, row->item, &view);
    if (status == DYN_OK) {
        status = dyn_expiry_of_view(call, &table->definition, &view, &expiry);
    }
    if (status == DYN_CORRUPT) return DYN_OK;
    if (status != DYN_OK || !expiry.is_there) return status;
    return dyn_expiry_insert(call, table, row->key, expiry.second);
}

static dyn_status fill(dyn_call *call, dyn_table *table, size_t rows_max,
                       int64_t *done)
{
    const dyn_expiry_tree *tree = &table->expiry;
    dyn_bytes position = {tree->position, tree->position_bytes};
    dyn_rows items;
    DYN_TRY(dyn_fill_read(call, table, rows_max, &position, &items));
    for (size_t i = 0; i < items.count; i++)
        DYN_TRY(add_row(call, table, &items.all[i]));
    *done += (int64_t)items.count;
    return move(call, table, !items.is_end, position);
}

/* ------------------------------------------------------------------- due -- */

int64_t dyn_expiry_tree_due_ms(dyn_table *table)
{
    const dyn_expiry_tree *tree = &table->expiry;
    return tree->is_there && (tree->is_ended || tree->is_filling)
               ? DYN_DUE_NOW
               : DYN_DUE_NEVER;
}

dyn_status dyn_expiry_tree_step(dyn_call *call, dyn_table *table,
                                size_t rows_max, int64_t *done)
{
    const dyn_expiry_tree *tree = &table->expiry;
    dyn_status status = DYN_OK;
    dyn_store_begin_write(table->store);
    if (tree->is_ended) status = empty(call, table, rows_max, done);
    if (status == DYN_OK && dyn_expiry_is_kept(table) && tree->is_filling)
        status = fill(call, table, rows_max, done);
    return dyn_due_forgive(call, table, status);
}
