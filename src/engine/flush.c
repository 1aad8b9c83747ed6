/* What is pending of a table, on its way to the file: counters, and units. The
 * contracts are in table.h and table_internal.h. */
#include "engine/table_internal.h"

#include "engine/catalogue.h"
#include "engine/client_token.h"
#include "engine/due_kinds.h"

#include <stdlib.h>

enum { USAGE_MINUTES_KEPT = 15 * 24 * 60, PRUNED_ROWS_MAX = 256 };

/* -------------------------------------------------------------- counters -- */

/* Whether the shadow tables are there to be written to: those of this table,
 * and not of another one of the name, which a rollback has brought back, or
 * which is just being renamed. */
static dyn_status find_shadows(dyn_call *call, const dyn_table *table,
                               bool *exists)
{
    dyn_bytes id = {NULL, 0};
    int64_t number = 0;
    DYN_TRY(dyn_store_exists(call, table->store, exists));
    if (!*exists || table->made_id[0] == '\0') return DYN_OK;
    DYN_TRY(dyn_store_has_meta(call, table->store, exists));
    if (!*exists) return DYN_OK;
    DYN_TRY(dyn_catalogue_meta(call, table->store, "id", exists, &id, &number));
    *exists = *exists && dyn_bytes_equal(id, dyn_bytes_text(table->made_id));
    return DYN_OK;
}

dyn_status dyn_table_is_past(dyn_call *call, const dyn_table *table,
                             bool *is_past)
{
    bool exists = true;
    *is_past = table->is_superseded;
    if (*is_past || table->made_id[0] == '\0') return DYN_OK;
    DYN_TRY(find_shadows(call, table, &exists));
    *is_past = !exists;
    return DYN_OK;
}

/* The same, and whether the counters in memory are those that the transaction
 * sees. */
dyn_status dyn_table_check_state(dyn_call *call, const dyn_table *table,
                                 bool *exists, bool *is_fresh)
{
    unsigned version = 0;
    *is_fresh = false;
    DYN_TRY(find_shadows(call, table, exists));
    if (!*exists) return DYN_OK;
    DYN_TRY(dyn_store_version(call, table->store, &version));
    *is_fresh =
        table->is_fresh && version == table->version && !table->is_superseded;
    return DYN_OK;
}

dyn_status dyn_table_flush_counters(dyn_call *call, dyn_table *table)
{
    DYN_TRY(dyn_partitions_flush(call, table->store, &table->map));
    for (size_t i = 0; i < table->definition.index_count; i++) {
        DYN_TRY(
            dyn_partitions_flush(call, table->store, &table->indexes[i].map));
    }
    return DYN_OK;
}

dyn_status dyn_table_flush(dyn_call *call, dyn_table *table)
{
    bool exists = false;
    bool is_fresh = false;
    DYN_TRY(dyn_table_check_state(call, table, &exists, &is_fresh));
    if (!exists) return DYN_OK;
    DYN_TRY(dyn_table_flush_counters(call, table));
    return dyn_rows_flush(call, table->store);
}

/* ----------------------------------------------------------------- units -- */

/* Units of the latest minute go to the row of their partition, unless what is
 * known of that may not be what is stored. */
static dyn_status write_usage(dyn_call *call, dyn_table *table,
                              const dyn_usage *usage, bool is_fresh,
                              bool *has_moved)
{
    dyn_minute charged = {.minute = usage->minute, .uses = usage->uses};
    dyn_partitions *map = dyn_table_map_of(table, usage->tree, &charged.name);
    if (map == NULL) return DYN_OK;
    if (is_fresh && usage->is_latest) {
        return dyn_partitions_charge(call, table->store, map, usage->low,
                                     &charged, has_moved);
    }
    int64_t partition = 0;
    if (is_fresh && !usage->is_of_tree) {
        size_t number = dyn_partitions_find(map, usage->low);
        partition = map->all[number].stored.partition;
    }
    return dyn_partition_put_aside(call, table->store, partition, &charged);
}

/* Remove what is too old, a little more than a minute brings. */
static dyn_status prune(dyn_call *call, const dyn_table *table, int64_t newest,
                        int64_t added)
{
    int64_t rows_max = added * DYN_USE_COUNT + PRUNED_ROWS_MAX;
    DYN_TRY(dyn_client_tokens_prune(call, table->store));
    DYN_TRY(dyn_catalogue_provisioned_prune(call, table->store,
                                            newest - USAGE_MINUTES_KEPT));
    DYN_TRY(dyn_catalogue_loads_prune(
        call, table->store, newest - DYN_LOAD_MINUTES_KEPT, rows_max));
    return dyn_catalogue_usage_prune(call, table->store,
                                     newest - USAGE_MINUTES_KEPT, rows_max);
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
    return has_moved ? prune(call, table, newest, (int64_t)count) : DYN_OK;
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
    DYN_TRY(flush_usage(call, table, true, done));
    return dyn_table_save_gates(call, table);
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

void dyn_usage_savepoint(dyn_table *table)
{
    if (table->account == NULL) return;
    dyn_account_savepoint(table->account, table->session);
}

void dyn_usage_rolled_back_to(dyn_table *table, bool is_latest)
{
    if (table->account == NULL) return;
    dyn_account_rolled_back_to(table->account, table->session, is_latest);
}
