/* Names of streams; the contracts are in stream_shape.h. */
#include "api/stream_shape.h"

#include "base/arn.h"
#include "base/calendar.h"

dyn_status dyn_stream_label(dyn_call *call, int64_t label_ms, const char **out)
{
    dyn_date date = dyn_date_of(label_ms);
    *out = dyn_format(call, "%04d-%02d-%02dT%02d:%02d:%02d.%03d", date.year,
                      date.month, date.day, date.hour, date.minute, date.second,
                      date.millisecond);
    return *out != NULL ? DYN_OK : DYN_NOMEM;
}

dyn_status dyn_stream_arn(dyn_call *call, const char *table, int64_t label_ms,
                          const char **out)
{
    const char *label = NULL;
    DYN_TRY(dyn_stream_label(call, label_ms, &label));
    *out = dyn_format(call, DYN_ARN_PREFIX "%s/stream/%s", table, label);
    return *out != NULL ? DYN_OK : DYN_NOMEM;
}
