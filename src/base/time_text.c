/* Times as texts; the contract is in time_text.h. */
#include "base/time_text.h"

#include "base/calendar.h"

dyn_status dyn_time_text(dyn_call *call, int64_t time_ms, const char **out)
{
    dyn_date date = dyn_date_of(time_ms);
    *out = dyn_format(call, "%04d-%02d-%02d %02d:%02d:%02d.%03d", date.year,
                      date.month, date.day, date.hour, date.minute, date.second,
                      date.millisecond);
    return *out != NULL ? DYN_OK : DYN_NOMEM;
}
