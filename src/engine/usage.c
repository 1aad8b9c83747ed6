/* Units on their way to the file; the contracts are in table.h and
 * table_internal.h. */
#include "engine/table_internal.h"

#include "engine/client_token.h"
#include "engine/due.h"
#include "engine/peak.h"

#include <stdlib.h>

enum { USAGE_MINUTES_KEPT = 15 * 24 * 60 };

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
                 DYN_ON_DEMAND_READ_UNITS);
    limits[DYN_WRITING] =
        limit_of(definition->billing, units.write_units, units.max_write_units,
                 DYN_ON_DEMAND_WRITE_UNITS);
}

/* The account knows the partitions by where they begin. */
dyn_status dyn_table_adopt(dyn_call *call, dyn_table *table, int64_t generation)
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

/* --------------------------------------------------------------- writing -- */

/* The map of a tree, and under which name its units are written: none for the
 * table itself. NULL when there is no such index any more. */
static dyn_partitions *find_map(dyn_table *table, int64_t tree, dyn_bytes *name)
{
    *name = dyn_bytes_text("");
    if (tree == DYN_TREE_ITEMS) return &table->map;
    for (size_t i = 0; i < table->definition.index_count; i++) {
        if (table->indexes[i].tree != tree) continue;
        *name = table->definition.indexes[i].name;
        return &table->indexes[i].map;
    }
    return NULL;
}

/* Units of the latest minute go to the row of their partition, unless what is
 * known of that may not be what is stored. */
static dyn_status write_usage(dyn_call *call, dyn_table *table,
                              const dyn_usage *usage, bool is_fresh,
                              bool *has_moved)
{
    dyn_usage_row row = {usage->minute, dyn_bytes_text(""), usage->read_halves,
                         usage->write_units};
    dyn_partitions *map = find_map(table, usage->tree, &row.name);
    if (map == NULL) return DYN_OK;
    return is_fresh && usage->is_latest
               ? dyn_partitions_charge(call, table->store, map, usage->low,
                                       &row, has_moved)
               : dyn_store_usage_add(call, table->store, &row);
}

static int compare_minutes(const void *left, const void *right)
{
    const dyn_usage *a = left;
    const dyn_usage *b = right;
    if (a->tree != b->tree) return a->tree < b->tree ? -1 : 1;
    if (a->minute == b->minute) return 0;
    return a->minute < b->minute ? -1 : 1;
}

/* A COMMIT that is refused as busy comes here again, with what has been
 * consumed since. *minutes is how many lines of dynamo_capacity that is. */
static dyn_status flush_usage(dyn_call *call, dyn_table *table, bool is_fresh,
                              int64_t *minutes)
{
    dyn_usage *usage = NULL;
    size_t count = 0;
    bool has_moved = false;
    int64_t newest = 0;
    if (table->account == NULL) return DYN_OK; /* never read */
    DYN_TRY(
        dyn_account_take(call, table->account, table->session, &usage, &count));
    if (count > 1) qsort(usage, count, sizeof(dyn_usage), compare_minutes);
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || usage[i].minute > newest) newest = usage[i].minute;
        *minutes += i == 0 || compare_minutes(&usage[i - 1], &usage[i]) != 0;
        DYN_TRY(write_usage(call, table, &usage[i], is_fresh, &has_moved));
    }
    if (!has_moved) return DYN_OK;
    DYN_TRY(dyn_client_tokens_prune(call, table->store));
    return dyn_store_usage_prune(call, table->store,
                                 newest - USAGE_MINUTES_KEPT);
}

dyn_status dyn_table_flush_usage(dyn_call *call, dyn_table *table,
                                 bool is_fresh)
{
    int64_t minutes = 0;
    return flush_usage(call, table, is_fresh, &minutes);
}

int64_t dyn_usage_due_ms(dyn_table *table)
{
    return dyn_account_has_usage(table->account) ? DYN_DUE_NOW : DYN_DUE_NEVER;
}

/* There are no more rows than partitions. */
dyn_status dyn_usage_step(dyn_call *call, dyn_table *table, size_t rows_max,
                          int64_t *done)
{
    (void)rows_max;
    return flush_usage(call, table, true, done);
}

void dyn_usage_committed(dyn_table *table)
{
    if (table->account == NULL) return;
    dyn_account_committed(table->account, table->session);
}

void dyn_usage_rolled_back(dyn_table *table)
{
    if (table->account == NULL) return;
    dyn_account_rolled_back(table->account, table->session);
}

/* --------------------------------------------------------------- reading -- */

/* All lines of usage that a table has, as they are found. */
typedef struct usage_list {
    dyn_usage_row *rows;
    size_t count;
} usage_list;

static void list_map(usage_list *list, const dyn_partitions *map,
                     dyn_bytes name)
{
    for (size_t i = 0; i < map->count; i++) {
        dyn_usage_row *row = &list->rows[list->count];
        row->name = name;
        if (dyn_partition_units(&map->all[i], row)) list->count++;
    }
}

static void list_pending(usage_list *list, dyn_table *table,
                         const dyn_usage *pending, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        dyn_usage_row *row = &list->rows[list->count];
        row->minute = pending[i].minute;
        row->read_halves = pending[i].read_halves;
        row->write_units = pending[i].write_units;
        if (find_map(table, pending[i].tree, &row->name) != NULL) list->count++;
    }
}

static int compare_usage(const void *left, const void *right)
{
    const dyn_usage_row *a = left;
    const dyn_usage_row *b = right;
    if (a->minute != b->minute) return a->minute < b->minute ? -1 : 1;
    return dyn_bytes_compare(a->name, b->name);
}

/* Add up what is of one minute and name. */
static void merge_usage(usage_list *list)
{
    dyn_usage_row *last = NULL;
    size_t count = 0;
    qsort(list->rows, list->count, sizeof(dyn_usage_row), compare_usage);
    for (size_t i = 0; i < list->count; i++) {
        const dyn_usage_row *row = &list->rows[i];
        if (last == NULL || compare_usage(last, row) != 0) {
            last = &list->rows[count++];
            *last = *row;
            continue;
        }
        last->read_halves += row->read_halves;
        last->write_units += row->write_units;
    }
    list->count = count;
}

dyn_status dyn_table_usage(dyn_call *call, dyn_table *table,
                           dyn_usage_row **rows, size_t *count)
{
    dyn_usage_row *stored = NULL;
    dyn_usage *pending = NULL;
    size_t pending_count = 0;
    usage_list list = {NULL, 0};
    DYN_TRY(dyn_store_usage(call, table->store, &stored, &list.count));
    DYN_TRY(dyn_account_usage(call, table->account, &pending, &pending_count));
    size_t most = list.count + table->map.count + pending_count + 1;
    for (size_t i = 0; i < table->definition.index_count; i++)
        most += table->indexes[i].map.count;
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
    merge_usage(&list);
    *rows = list.rows;
    *count = list.count;
    return DYN_OK;
}
