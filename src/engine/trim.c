/* Trimming the log of a table, a bounded step at a time: records that nobody is
 * promised any more. The contracts are in due_kinds.h. */
#include "engine/due_kinds.h"

#include "engine/stream.h"
#include "engine/table_internal.h"

int64_t dyn_trim_due_ms(dyn_table *table)
{
    if (table->log.is_empty) return DYN_DUE_NEVER;
    return dyn_log_time_ms(table->log.first) + DYN_STREAM_RETENTION_MS + 1;
}

dyn_status dyn_trim_step(dyn_call *call, dyn_table *table, size_t rows_max,
                         int64_t *done)
{
    bool removed = false;
    DYN_TRY(dyn_log_trim(call, table->store, dyn_stream_horizon(), rows_max,
                         &removed));
    DYN_TRY(dyn_streams_prune(call, table->store));
    DYN_TRY(dyn_log_read_bounds(call, table->store, &table->log));
    *done += removed;
    return DYN_OK;
}
