/* Changing tables: indexes, options, names. The contracts are in table.h. */
#include "engine/table_internal.h"

#include "base/clock.h"
#include "engine/catalogue.h"
#include "engine/declaration.h"
#include "engine/due_kinds.h"
#include "engine/scaling_record.h"
#include "engine/stream.h"
#include "engine/table_capacity.h"
#include "engine/throughput_history.h"

#include <inttypes.h>

/* What is in memory is no longer what is stored. Balances go on by other limits
 * from now on, also when nothing is consumed before the file is closed. */
static dyn_status has_changed(dyn_call *call, dyn_table *table)
{
    DYN_TRY(dyn_table_change_generation(call, table));
    table->is_fresh = false;
    DYN_TRY(dyn_table_refresh(call, table));
    DYN_TRY(dyn_provisioned_note(call, table->store, &table->definition));
    return dyn_table_save_gates(call, table);
}

/* The same, and statements that were planned with the indexes are to be planned
 * anew; with other columns, if there are other attributes. */
static dyn_status have_indexes_changed(dyn_call *call, dyn_table *table)
{
    size_t before = table->definition.attribute_count;
    DYN_TRY(has_changed(call, table));
    return table->definition.attribute_count == before
               ? dyn_store_change_schema(call, table->store)
               : dyn_store_reload_schema(call, table->store);
}

/* The number of rows that an index takes at once when it is added, and the tree
 * of the times of expiry: a small table has it filled then. */
enum { FILL_ROWS_FIRST = 1000 };

static dyn_status begin_filling(dyn_call *call, dyn_table *table, int64_t tree)
{
    int64_t rows = 0;
    for (size_t i = 0; i < table->definition.index_count; i++) {
        if (table->indexes[i].tree != tree) continue;
        return dyn_fill_index(call, table, i, true, FILL_ROWS_FIRST, &rows);
    }
    return DYN_OK;
}

static int64_t free_tree(const dyn_table *table)
{
    int64_t tree = 1;
    for (size_t i = 0; i < table->definition.index_count; i++) {
        if (table->indexes[i].tree != tree) continue;
        tree++;
        i = (size_t)-1; /* look again from the first */
    }
    return tree;
}

dyn_status dyn_table_add_index(dyn_call *call, dyn_table *table,
                               const dyn_definition *more)
{
    size_t number = more->index_count - 1;
    DYN_TRY(dyn_index_check(call, more, &more->indexes[number]));
    dyn_store_begin_write(table->store);
    DYN_TRY(dyn_table_flush(call, table));
    int64_t tree = free_tree(table);
    DYN_TRY(dyn_index_create(call, table->store, more, number, tree, true));
    DYN_TRY(have_indexes_changed(call, table));
    return begin_filling(call, table, tree);
}

static dyn_status find_index(dyn_call *call, const dyn_table *table,
                             dyn_bytes name, size_t *number)
{
    int found = dyn_definition_index(&table->definition, name);
    if (found < 0) {
        return dyn_fail(call, DYN_NOT_FOUND,
                        "The table does not have the specified index: %.*s",
                        (int)name.size_bytes, (const char *)name.data);
    }
    *number = (size_t)found;
    return DYN_OK;
}

/* Remove what is stored of the map of an index. */
static dyn_status remove_map(dyn_call *call, const dyn_table *table,
                             size_t number)
{
    const dyn_partitions *map = &table->indexes[number].map;
    DYN_TRY(dyn_partitions_settle(call, table->store, map,
                                  table->definition.indexes[number].name));
    return dyn_catalogue_partitions_delete(call, table->store, map->tree);
}

dyn_status dyn_table_drop_index(dyn_call *call, dyn_table *table,
                                dyn_bytes name)
{
    size_t number = 0;
    DYN_TRY(find_index(call, table, name, &number));
    if (table->definition.indexes[number].is_local) {
        return dyn_fail(call, DYN_INVALID,
                        "index %.*s is a local index: it cannot be dropped "
                        "without its table",
                        (int)name.size_bytes, (const char *)name.data);
    }
    int64_t tree = table->indexes[number].tree;
    dyn_store_begin_write(table->store);
    DYN_TRY(dyn_table_flush_usage(call, table, true));
    DYN_TRY(dyn_table_flush(call, table));
    DYN_TRY(dyn_throughput_history_forget(call, table, name));
    DYN_TRY(dyn_scaling_forget(call, table, name));
    DYN_TRY(remove_map(call, table, number));
    DYN_TRY(dyn_catalogue_index_delete(call, table->store, tree));
    return have_indexes_changed(call, table);
}

/* A table that was made on demand has been that since. */
static dyn_status note_provisioned(dyn_call *call, dyn_table *table)
{
    dyn_birth birth;
    dyn_throughput_history history;
    DYN_TRY(
        dyn_throughput_history_read(call, table, dyn_bytes_text(""), &history));
    if (history.on_demand_ms != 0) return DYN_OK;
    DYN_TRY(dyn_table_birth(call, table, &birth));
    return dyn_throughput_history_on_demand(call, table, birth.created_ms);
}

/* What comes with a change of billing is neither a raise nor a decrease. */
static dyn_status note_change(dyn_call *call, dyn_table *table,
                              const dyn_definition *changed)
{
    const dyn_definition *before = &table->definition;
    if (before->billing == changed->billing) {
        return dyn_throughput_history_note(call, table, dyn_bytes_text(""),
                                           &before->throughput,
                                           &changed->throughput);
    }
    if (changed->billing == DYN_PROVISIONED) {
        return note_provisioned(call, table);
    }
    return dyn_throughput_history_on_demand(call, table, dyn_clock_now_ms());
}

/* Readers of a stream know what it has of a change. */
static dyn_status check_stream(dyn_call *call, dyn_stream_view before,
                               dyn_stream_view after)
{
    if (before == after || before == DYN_STREAM_OFF || after == DYN_STREAM_OFF)
        return DYN_OK;
    return dyn_fail(call, DYN_INVALID,
                    "stream = '%s': the stream has %s, and keeps that; end it "
                    "with stream = 'off' and begin another one",
                    dyn_stream_view_name(after), dyn_stream_view_name(before));
}

static dyn_status change_stream(dyn_call *call, dyn_table *table,
                                dyn_stream_view view)
{
    if (table->definition.stream == view) return DYN_OK;
    return view == DYN_STREAM_OFF
               ? dyn_stream_end(call, table->store)
               : dyn_stream_begin(call, table->store, &table->map, view);
}

/* What is given is above what there is: it is never lowered. */
static dyn_status check_warm(dyn_call *call, const char *name, int64_t before,
                             int64_t after, int64_t there)
{
    if (after == before || (after >= there && after > before)) return DYN_OK;
    return dyn_fail(call, DYN_INVALID,
                    "%s: there are %" PRId64 " a second already, and this can "
                    "only be raised",
                    name, there);
}

static dyn_status check_warm_units(dyn_call *call, const dyn_throughput *before,
                                   const dyn_throughput *after,
                                   dyn_warm_units there)
{
    DYN_TRY(check_warm(call, "warm_read_units", before->warm_read_units,
                       after->warm_read_units, there.read_units));
    return check_warm(call, "warm_write_units", before->warm_write_units,
                      after->warm_write_units, there.write_units);
}

/* Other regions know it by its name. */
static dyn_status check_region(dyn_call *call, const dyn_table *table,
                               const dyn_definition *changed)
{
    if (!table->keep.has_replicas ||
        dyn_bytes_equal(table->definition.region, changed->region))
        return DYN_OK;
    return dyn_fail(call, DYN_INVALID,
                    "the region of a table that has replicas does not change");
}

dyn_status dyn_table_change_options(dyn_call *call, dyn_table *table,
                                    const dyn_definition *changed)
{
    int64_t rows = 0;
    bool is_same_ttl = dyn_bytes_equal(table->definition.ttl, changed->ttl);
    dyn_log_keep keep = dyn_log_keep_of(changed, table->keep.has_readers);
    DYN_TRY(dyn_definition_check(call, changed));
    DYN_TRY(check_region(call, table, changed));
    DYN_TRY(check_stream(call, table->definition.stream, changed->stream));
    DYN_TRY(check_warm_units(call, &table->definition.throughput,
                             &changed->throughput,
                             dyn_definition_warm(&table->definition, NULL)));
    dyn_store_begin_write(table->store);
    DYN_TRY(dyn_table_flush(call, table));
    DYN_TRY(note_change(call, table, changed));
    DYN_TRY(change_stream(call, table, changed->stream));
    DYN_TRY(dyn_table_change_log(call, table, &keep));
    DYN_TRY(dyn_definition_write(call, table->store, changed));
    DYN_TRY(dyn_expiry_change(call, table, changed));
    DYN_TRY(has_changed(call, table));
    return is_same_ttl
               ? DYN_OK
               : dyn_expiry_tree_step(call, table, FILL_ROWS_FIRST, &rows);
}

dyn_status dyn_table_change_index(dyn_call *call, dyn_table *table,
                                  dyn_bytes name, const dyn_throughput *given)
{
    size_t number = 0;
    dyn_index changed;
    const char *declaration = NULL;
    const dyn_definition *definition = &table->definition;
    DYN_TRY(find_index(call, table, name, &number));
    DYN_TRY(dyn_index_change(call, definition, number, given, &changed));
    DYN_TRY(
        dyn_declaration_print_index(call, definition, &changed, &declaration));
    dyn_throughput before =
        dyn_index_throughput(definition, &definition->indexes[number]);
    dyn_throughput after = dyn_index_throughput(definition, &changed);
    DYN_TRY(check_warm_units(
        call, &before, &after,
        dyn_definition_warm(definition, &definition->indexes[number])));
    dyn_store_begin_write(table->store);
    DYN_TRY(dyn_table_flush(call, table));
    DYN_TRY(dyn_throughput_history_note(call, table, changed.name, &before,
                                        &after));
    DYN_TRY(dyn_catalogue_index_declare(
        call, table->store, table->indexes[number].tree, declaration));
    return has_changed(call, table);
}

dyn_status dyn_table_rebuild_index(dyn_call *call, dyn_table *table,
                                   dyn_bytes name)
{
    size_t number = 0;
    DYN_TRY(find_index(call, table, name, &number));
    int64_t tree = table->indexes[number].tree;
    const dyn_index *index = &table->definition.indexes[number];
    dyn_index_row row = {.tree = tree, .is_filling = true};
    dyn_store_begin_write(table->store);
    DYN_TRY(dyn_table_flush(call, table));
    DYN_TRY(remove_map(call, table, number));
    DYN_TRY(dyn_catalogue_index_clear(call, table->store, tree));
    DYN_TRY(
        dyn_partitions_create(call, table->store, tree,
                              dyn_index_partitions(&table->definition, index)));
    DYN_TRY(dyn_catalogue_index_set(call, table->store, &row));
    DYN_TRY(have_indexes_changed(call, table));
    return begin_filling(call, table, tree);
}

/* ---------------------------------------------------------------- names -- */

dyn_status dyn_table_rename(dyn_call *call, dyn_table *table, const char *name)
{
    DYN_TRY(dyn_name_check(call, "table", dyn_bytes_text(name)));
    DYN_TRY(dyn_table_flush(call, table));
    return dyn_table_take_name(call, table, name);
}
