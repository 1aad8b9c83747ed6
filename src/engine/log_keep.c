/* What of a log is kept; the contracts are in log_keep.h. */
#include "engine/log_keep.h"

#include "engine/stream.h"

#define DAY_MS (INT64_C(24) * 60 * 60 * 1000)

/* Followers want records a while longer than they lag behind: a query that
 * began to read from one goes on where it was. */
enum { READING_MS = 60 * 1000 };

/* A reader wants records with these items, so long. */
static void want(dyn_log_keep *keep, bool before, bool after, int64_t kept_ms)
{
    keep->is_logging = true;
    keep->has_before = keep->has_before || before;
    keep->has_after = keep->has_after || after;
    if (kept_ms > keep->kept_ms) keep->kept_ms = kept_ms;
}

dyn_log_keep dyn_log_keep_of(const dyn_definition *definition, bool has_readers)
{
    dyn_log_keep keep = {.has_readers = has_readers,
                         .read_to = INT64_MAX,
                         .whole_from = INT64_MAX};
    dyn_stream_view view = definition->stream;
    if (view != DYN_STREAM_OFF) {
        want(&keep, dyn_stream_view_has_old(view),
             dyn_stream_view_has_new(view), DYN_STREAM_RETENTION_MS);
    }
    int64_t delay_ms = definition->replica_delay_ms > definition->index_delay_ms
                           ? definition->replica_delay_ms
                           : definition->index_delay_ms;
    if (delay_ms > 0) want(&keep, true, true, delay_ms + READING_MS);
    if (definition->point_in_time_days > 0)
        want(&keep, true, true, definition->point_in_time_days * DAY_MS);
    if (has_readers) want(&keep, true, true, 0);
    return keep;
}

bool dyn_log_keep_is_whole(const dyn_log_keep *keep)
{
    return keep->has_before && keep->has_after;
}
