/* Descriptions of point-in-time recovery; the contract is in
 * continuous_backups.h. */
#include "api/continuous_backups.h"

#include "api/response.h"
#include "ops/restore.h"

static void write_window(dyn_buffer *out, const dyn_table *table, int64_t days)
{
    dyn_restore_window window = dyn_restore_window_of(table);
    dyn_response_integer(out, "RecoveryPeriodInDays", days);
    dyn_response_time(out, "EarliestRestorableDateTime", window.earliest_ms);
    dyn_response_time(out, "LatestRestorableDateTime", window.latest_ms);
}

void dyn_continuous_backups_describe(dyn_buffer *out, const dyn_table *table)
{
    int64_t days = dyn_table_definition(table)->point_in_time_days;
    dyn_response_name(out, "ContinuousBackupsDescription");
    dyn_buffer_add_byte(out, '{');
    dyn_response_text(out, "ContinuousBackupsStatus",
                      dyn_bytes_text("ENABLED"));
    dyn_response_name(out, "PointInTimeRecoveryDescription");
    dyn_buffer_add_byte(out, '{');
    dyn_response_text(out, "PointInTimeRecoveryStatus",
                      dyn_bytes_text(days > 0 ? "ENABLED" : "DISABLED"));
    if (days > 0) write_window(out, table, days);
    dyn_buffer_add_text(out, "}}");
}
