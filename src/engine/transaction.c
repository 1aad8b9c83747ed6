/* A table within SQLite's transactions: is what is in memory what the
 * transaction sees, what is written when it ends, and what is true after that.
 * The contracts are in table.h. */
#include "engine/table_internal.h"

#include "engine/due.h"

/* ------------------------------------------------------------- freshness -- */

static bool has_pending(const dyn_table *table)
{
    bool result = table->map.has_pending;
    for (size_t i = 0; i < table->definition.index_count; i++)
        result = result || table->indexes[i].map.has_pending;
    return result;
}

static dyn_status load(dyn_call *call, dyn_table *table, int64_t generation)
{
    bool is_same = table->is_fresh && table->map.count > 0 &&
                   generation == table->generation;
    if (is_same && has_pending(table)) return DYN_OK;
    DYN_TRY(is_same ? dyn_table_load_state(call, table)
                    : dyn_table_load(call, table));
    return dyn_table_adopt(call, table, generation);
}

dyn_status dyn_table_refresh(dyn_call *call, dyn_table *table)
{
    unsigned version = 0;
    dyn_store_begin_write(table->store);
    DYN_TRY(dyn_session_check(call, table->session));
    DYN_TRY(dyn_store_version(call, table->store, &version));
    if (table->is_fresh && version == table->version) return DYN_OK;

    int64_t generation = 0;
    dyn_store_forget(table->store);
    DYN_TRY(dyn_table_meta_number(call, table, "generation", &generation));
    DYN_TRY(load(call, table, generation));
    table->is_fresh = true;
    table->version = version;
    table->generation = generation;
    return DYN_OK;
}

dyn_status dyn_table_reread(dyn_call *call, dyn_table *table)
{
    if (!has_pending(table)) table->is_fresh = false;
    return dyn_table_refresh(call, table);
}

dyn_status dyn_table_change_generation(dyn_call *call, dyn_table *table)
{
    table->generation =
        table->generation < INT64_MAX ? table->generation + 1 : 0;
    return dyn_store_set_meta_number(call, table->store, "generation",
                                     table->generation);
}

/* --------------------------------------------------------------- writing -- */

/* Whether the shadow tables are there to be written to, and the counters in
 * memory are those that the transaction sees. */
static dyn_status check_state(dyn_call *call, const dyn_table *table,
                              bool *exists, bool *is_fresh)
{
    unsigned version = 0;
    *is_fresh = false;
    DYN_TRY(dyn_store_exists(call, table->store, exists));
    if (!*exists) return DYN_OK;
    DYN_TRY(dyn_store_version(call, table->store, &version));
    *is_fresh = table->is_fresh && version == table->version;
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
    DYN_TRY(check_state(call, table, &exists, &is_fresh));
    return exists ? dyn_table_flush_counters(call, table) : DYN_OK;
}

/* Due work needs to know what is stored; units are written in any case. */
dyn_status dyn_table_sync(dyn_call *call, dyn_table *table)
{
    bool exists = false;
    DYN_TRY(dyn_session_check(call, table->session));
    DYN_TRY(check_state(call, table, &exists, &table->commits_fresh));
    if (!exists) return DYN_OK;
    DYN_TRY(table->commits_fresh ? dyn_due_run(call, table)
                                 : dyn_table_flush_usage(call, table, false));
    return dyn_table_flush_counters(call, table);
}

/* ------------------------------------------------------------ afterwards -- */

/* Who wants to know how a transaction of a table ended. */
static const struct {
    void (*committed)(dyn_table *table);
    void (*rolled_back)(dyn_table *table);
} listeners[] = {
    {dyn_usage_committed, dyn_usage_rolled_back},
};

enum { LISTENER_COUNT = sizeof(listeners) / sizeof(listeners[0]) };

/* The commit itself changes the version. Another connection's changes it when
 * this one reads next. */
void dyn_table_committed(dyn_table *table)
{
    dyn_call call;
    dyn_call_begin(&call);
    for (size_t i = 0; i < LISTENER_COUNT; i++)
        listeners[i].committed(table);
    table->is_fresh =
        table->commits_fresh &&
        dyn_store_version(&call, table->store, &table->version) == DYN_OK;
    dyn_call_end(&call);
}

void dyn_table_rolled_back(dyn_table *table)
{
    dyn_partitions_discard(&table->map);
    for (size_t i = 0; i < table->definition.index_count; i++)
        dyn_partitions_discard(&table->indexes[i].map);
    for (size_t i = 0; i < LISTENER_COUNT; i++)
        listeners[i].rolled_back(table);
    table->is_fresh = false;
}
