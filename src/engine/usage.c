/* What a table may consume, and what it has consumed; the contracts are in
 * table.h and table_internal.h. */
#include "engine/table_internal.h"

#include "engine/catalogue.h"
#include "engine/peak.h"
#include "engine/units.h"

#include <stdlib.h>

static dyn_limit limit_of(dyn_billing billing, int64_t units, int64_t max_units,
                          int64_t floor_units)
{
    bool is_on_demand = billing == DYN_ON_DEMAND;
    return (dyn_limit){is_on_demand, is_on_demand ? max_units : units,
                       floor_units};
}

/* What a table, or an index unless that is NULL, may consume. */
static void set_limits(const dyn_definition *definition, const dyn_index *index,
                       dyn_limit limits[DYN_DIRECTIONS])
{
    dyn_throughput units = index == NULL
                               ? definition->throughput
                               : dyn_index_throughput(definition, index);
    limits[DYN_READING] =
        limit_of(definition->billing, units.read_units, units.max_read_units,
                 dyn_larger(DYN_ON_DEMAND_READ_UNITS, units.warm_read_units));
    limits[DYN_WRITING] =
        limit_of(definition->billing, units.write_units, units.max_write_units,
                 dyn_larger(DYN_ON_DEMAND_WRITE_UNITS, units.warm_write_units));
}

/* The account knows the partitions by where they begin. */
static dyn_status adopt(dyn_call *call, dyn_table *table, int64_t generation)
{
    size_t count = table->definition.index_count;
    size_t trees = 0;
    dyn_account_tree *all =
        dyn_alloc(call, (1 + count) * sizeof(dyn_account_tree));
    if (all == NULL) return DYN_NOMEM;
    for (size_t i = 0; i <= count; i++) {
        const dyn_partitions *map =
            i == 0 ? &table->map : &table->indexes[i - 1].map;
        if (i > 0 && table->definition.indexes[i - 1].is_local) continue;
        uint64_t *lows = dyn_alloc(call, map->count * sizeof(uint64_t));
        if (lows == NULL) return DYN_NOMEM;
        for (size_t k = 0; k < map->count; k++)
            lows[k] = map->all[k].stored.low;
        all[trees] = (dyn_account_tree){
            .tree = map->tree, .lows = lows, .count = map->count};
        set_limits(&table->definition,
                   i == 0 ? NULL : &table->definition.indexes[i - 1],
                   all[trees++].limits);
    }
    return dyn_account_adopt(call, table->account, generation, all, trees);
}

/* ---------------------------------------------------------------- gates -- */

/* *text is what is stored; empty of a tree that has no limits. */
static dyn_status read_tree(dyn_call *call, dyn_table *table, int64_t tree,
                            const char **text)
{
    DYN_TRY(dyn_catalogue_gates(call, table->store, tree, text));
    dyn_account_restore(table->account, tree, table->session, *text);
    return DYN_OK;
}

static dyn_status restore_tree(dyn_call *call, dyn_table *table, int64_t tree)
{
    const char *unused = NULL;
    return read_tree(call, table, tree, &unused);
}

static dyn_status save_tree(dyn_call *call, dyn_table *table, int64_t tree)
{
    const char *text = NULL;
    DYN_TRY(
        dyn_account_save(call, table->account, tree, table->session, &text));
    if (text == NULL) return DYN_OK;
    return dyn_catalogue_gates_set(call, table->store, tree, text);
}

static dyn_status replace_tree(dyn_call *call, dyn_table *table, int64_t tree)
{
    const char *stored = NULL;
    DYN_TRY(read_tree(call, table, tree, &stored));
    return stored[0] == '\0' ? DYN_OK : save_tree(call, table, tree);
}

typedef dyn_status tree_function(dyn_call *call, dyn_table *table,
                                 int64_t tree);

/* For all trees that have gates: local indexes have those of the table. */
static dyn_status for_trees(dyn_call *call, dyn_table *table,
                            tree_function *function)
{
    DYN_TRY(function(call, table, DYN_TREE_ITEMS));
    for (size_t i = 0; i < table->definition.index_count; i++) {
        if (table->definition.indexes[i].is_local) continue;
        DYN_TRY(function(call, table, table->indexes[i].tree));
    }
    return DYN_OK;
}

dyn_status dyn_table_save_gates(dyn_call *call, dyn_table *table)
{
    return dyn_definition_throttles(&table->definition)
               ? for_trees(call, table, save_tree)
               : DYN_OK;
}

dyn_status dyn_table_replace_gates(dyn_call *call, dyn_table *table)
{
    if (table->account == NULL) return DYN_OK; /* never read */
    return for_trees(call, table, replace_tree);
}

dyn_status dyn_table_adopt(dyn_call *call, dyn_table *table, int64_t generation)
{
    DYN_TRY(adopt(call, table, generation));
    return dyn_definition_throttles(&table->definition)
               ? for_trees(call, table, restore_tree)
               : DYN_OK;
}

/* --------------------------------------------------------------- reading -- */

/* All lines of usage that a table has, as they are found. */
typedef struct usage_list {
    dyn_usage_row *rows;
    size_t count;
} usage_list;

/* A line for each use. */
static void list_minute(usage_list *list, const dyn_minute *charged)
{
    for (int i = 0; i < DYN_USE_COUNT; i++) {
        int64_t units = charged->uses.units[i];
        int64_t throttled = charged->uses.throttled[i];
        bool is_read = dyn_use_is_read((dyn_use)i);
        if (units == 0 && throttled == 0) continue;
        list->rows[list->count++] = (dyn_usage_row){
            .minute = charged->minute,
            .name = charged->name,
            .use = (dyn_use)i,
            .read_halves = is_read ? units : 0,
            .write_units = is_read ? 0 : units,
            .throttled = throttled,
        };
    }
}

static void list_map(usage_list *list, const dyn_partitions *map,
                     dyn_bytes name)
{
    for (size_t i = 0; i < map->count; i++) {
        dyn_minute held = {.name = name};
        if (dyn_partition_minute(&map->all[i], &held)) list_minute(list, &held);
    }
}

static void list_pending(usage_list *list, dyn_table *table,
                         const dyn_usage *pending, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        dyn_minute charged = {.minute = pending[i].minute,
                              .uses = pending[i].uses};
        if (dyn_table_map_of(table, pending[i].tree, &charged.name) != NULL)
            list_minute(list, &charged);
    }
}

static int compare_usage(const void *left, const void *right)
{
    const dyn_usage_row *a = left;
    const dyn_usage_row *b = right;
    if (a->minute != b->minute) return a->minute < b->minute ? -1 : 1;
    int order = dyn_bytes_compare(a->name, b->name);
    return order != 0 ? order : (int)a->use - (int)b->use;
}

/* Leave out what was before a minute. */
static void drop_earlier(usage_list *list, int64_t minute)
{
    size_t count = 0;
    for (size_t i = 0; i < list->count; i++) {
        if (list->rows[i].minute >= minute) list->rows[count++] = list->rows[i];
    }
    list->count = count;
}

static bool has_units(const dyn_usage_row *row)
{
    return row->read_halves != 0 || row->write_units != 0 ||
           row->throttled != 0;
}

/* Add up what is of one minute, name and use; what is refunded is nothing. */
static void merge_usage(usage_list *list)
{
    dyn_usage_row *last = NULL;
    size_t count = 0;
    qsort(list->rows, list->count, sizeof(dyn_usage_row), compare_usage);
    for (size_t i = 0; i < list->count; i++) {
        const dyn_usage_row *row = &list->rows[i];
        if (last == NULL || compare_usage(last, row) != 0) {
            if (last != NULL && !has_units(last)) count--;
            last = &list->rows[count++];
            *last = *row;
            continue;
        }
        last->read_halves += row->read_halves;
        last->write_units += row->write_units;
        last->throttled += row->throttled;
    }
    if (last != NULL && !has_units(last)) count--;
    list->count = count;
}

dyn_status dyn_table_usage(dyn_call *call, dyn_table *table,
                           dyn_usage_row **rows, size_t *count)
{
    return dyn_table_usage_since(call, table, INT64_MIN, rows, count);
}

dyn_status dyn_table_usage_since(dyn_call *call, dyn_table *table,
                                 int64_t minute, dyn_usage_row **rows,
                                 size_t *count)
{
    dyn_usage_row *stored = NULL;
    dyn_usage *pending = NULL;
    size_t pending_count = 0;
    usage_list list = {NULL, 0};
    DYN_TRY(
        dyn_catalogue_usage(call, table->store, minute, &stored, &list.count));
    DYN_TRY(dyn_account_usage(call, table->account, &pending, &pending_count));
    size_t minutes = table->map.count + pending_count;
    for (size_t i = 0; i < table->definition.index_count; i++)
        minutes += table->indexes[i].map.count;
    size_t most = list.count + minutes * DYN_USE_COUNT + 1;
    list.rows = dyn_alloc(call, most * sizeof(dyn_usage_row));
    if (list.rows == NULL) return DYN_NOMEM;
    if (list.count > 0)
        memcpy(list.rows, stored, list.count * sizeof(dyn_usage_row));
    list_map(&list, &table->map, dyn_bytes_text(""));
    for (size_t i = 0; i < table->definition.index_count; i++) {
        list_map(&list, &table->indexes[i].map,
                 table->definition.indexes[i].name);
    }
    list_pending(&list, table, pending, pending_count);
    drop_earlier(&list, minute);
    merge_usage(&list);
    *rows = list.rows;
    *count = list.count;
    return DYN_OK;
}
