/* Who serves a read; the contracts are in source.h. */
#include "engine/source.h"

#include "base/clock.h"
#include "engine/bill.h"
#include "engine/table_internal.h"

/* By turn: a test that should read strongly fails at its first read. */
static const struct {
    const char *name;
    int64_t lag_halves; /* of the delay */
} copies[] = {
    {"follower 2", 2},
    {"follower 1", 1},
    {"primary", 0},
};

enum { COPIES = sizeof(copies) / sizeof(copies[0]), PRIMARY = COPIES - 1 };

static bool is_of_global_index(const dyn_table *table, int index)
{
    return index >= 0 && !table->definition.indexes[index].is_local;
}

/* After a rollback to a savepoint SQLite may go on with another object of the
 * same table: that has the same account. */
static bool is_written(const dyn_table *table)
{
    const dyn_table *other = table->session->tables;
    while (other != NULL &&
           !(other->is_writing && other->account == table->account))
        other = other->next;
    return other != NULL;
}

static int take_turn(dyn_table *table, bool is_global)
{
    unsigned *turn = is_global ? &table->index_turn : &table->turn;
    int copy = (int)(*turn % COPIES);
    if (!table->session->is_estimating) *turn = (*turn + 1) % COPIES;
    return copy;
}

/* The log tells no more than it goes back. */
static void begin_past(dyn_source *source, int64_t lag_ms)
{
    int64_t position = dyn_past_position(dyn_clock_now_ms() - lag_ms);
    int64_t first = dyn_table_log_keep(source->table)->whole_from;
    dyn_past_begin(&source->past, source->table,
                   position > first ? position : first);
    source->is_past = true;
}

dyn_status dyn_source_begin(dyn_call *call, dyn_source *source,
                            dyn_table *table, int index, bool is_strong)
{
    bool is_global = is_of_global_index(table, index);
    int64_t delay_ms = is_global ? table->definition.index_delay_ms
                                 : table->definition.replica_delay_ms;
    source->table = table;
    source->is_past = false;
    if (delay_ms == 0) return DYN_OK;

    int copy = is_strong || is_written(table) ? (int)PRIMARY
                                              : take_turn(table, is_global);
    int64_t lag_ms = delay_ms * copies[copy].lag_halves / 2;
    DYN_TRY(dyn_bill_served(call, table, index, copies[copy].name, lag_ms));
    if (lag_ms > 0) begin_past(source, lag_ms);
    return DYN_OK;
}

void dyn_source_end(dyn_source *source)
{
    if (source->is_past) dyn_past_end(&source->past);
}

dyn_status dyn_source_get(dyn_call *call, dyn_source *source, dyn_bytes key,
                          bool *found, dyn_row *out)
{
    return source->is_past ? dyn_past_get(call, &source->past, key, found, out)
                           : dyn_rows_get(call, source->table->store,
                                          DYN_TREE_ITEMS, key, found, out);
}

dyn_status dyn_source_range(dyn_call *call, dyn_source *source,
                            const dyn_range *range, dyn_rows *out)
{
    return source->is_past
               ? dyn_past_range(call, &source->past, range, out)
               : dyn_rows_range(call, source->table->store, range, out);
}
