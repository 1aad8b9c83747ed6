/* The list of due work and when how much of it is done; the contracts are in
 * due.h. */
#include "ops/due.h"

#include "base/clock.h"
#include "engine/due_kinds.h"
#include "engine/expiry.h"
#include "ops/expire.h"

enum { MAINTENANCE_TRANSACTIONS_MAX = 64 };

/* A kind of work. Sizes are rows, of whatever the kind works on: a writer, who
 * has not asked for it, bears little. */
typedef struct due_kind {
    int64_t (*due_ms)(dyn_table *table);
    dyn_status (*step)(dyn_call *call, dyn_table *table, size_t rows_max,
                       int64_t *done);
    size_t rows_of_write;
    size_t rows_of_maintenance;
} due_kind;

/* In the order in which they are done: filling an index makes units, units make
 * auto scaling change what is provisioned, and that splits partitions. */
static const due_kind kinds[] = {
    {dyn_fill_due_ms, dyn_fill_step, 64, 250},
    {dyn_expiry_tree_due_ms, dyn_expiry_tree_step, 64, 250},
    {dyn_expiry_due_ms, dyn_expire_step, 64, 400},
    {dyn_usage_due_ms, dyn_usage_step, SIZE_MAX, SIZE_MAX},
    {dyn_scaling_due_ms, dyn_scaling_step, SIZE_MAX, SIZE_MAX},
    {dyn_split_due_ms, dyn_split_step, 256, 256},
    {dyn_trim_due_ms, dyn_trim_step, 64, 1000},
};

enum { KIND_COUNT = sizeof(kinds) / sizeof(kinds[0]) };

/* When the next work of a table that is up to date is due, in ms since 1970;
 * DYN_DUE_NEVER, as things are. */
static int64_t next_due_ms(dyn_table *table)
{
    int64_t first = DYN_DUE_NEVER;
    for (size_t i = 0; i < KIND_COUNT; i++) {
        int64_t due_ms = kinds[i].due_ms(table);
        if (due_ms < first) first = due_ms;
    }
    return first;
}

/* A step of each kind of work that is due. */
static dyn_status step_all(dyn_call *call, dyn_table *table)
{
    dyn_maintenance *run = dyn_table_session(table)->maintenance;
    int64_t now_ms = dyn_clock_now_ms();
    int64_t done = 0;
    for (size_t i = 0; i < KIND_COUNT; i++) {
        if (kinds[i].due_ms(table) > now_ms) continue;
        DYN_TRY(kinds[i].step(call, table,
                              run != NULL ? kinds[i].rows_of_maintenance
                                          : kinds[i].rows_of_write,
                              &done));
    }
    if (run != NULL) run->done += done;
    return DYN_OK;
}

dyn_status dyn_due_sync(dyn_call *call, dyn_table *table)
{
    return dyn_table_sync(call, table, step_all);
}

bool dyn_maintenance_is_over(const dyn_maintenance *run, dyn_table *table)
{
    return run->transactions >= MAINTENANCE_TRANSACTIONS_MAX ||
           next_due_ms(table) > dyn_clock_now_ms();
}
