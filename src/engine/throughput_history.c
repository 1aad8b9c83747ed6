/* The history of throughput, a text of _meta; the contracts are in
 * throughput_history.h. The text has five numbers: the members in their order,
 * and last the day of decreases_today. */
#include "engine/throughput_history.h"

#include "base/clock.h"
#include "base/exception.h"
#include "engine/catalogue.h"
#include "engine/decreases.h"

#include <inttypes.h>
#include <stdlib.h>

enum { DAY_MS = 24 * 60 * 60 * 1000 };

static char *name_of(dyn_call *call, dyn_bytes name)
{
    return dyn_format(call, "throughput %.*s", (int)name.size_bytes,
                      (const char *)name.data);
}

dyn_status dyn_throughput_history_read(dyn_call *call, dyn_table *table,
                                       dyn_bytes name,
                                       dyn_throughput_history *out)
{
    bool found = false;
    dyn_bytes text = {NULL, 0};
    int64_t number = 0;
    char *meta = name_of(call, name);
    *out = (dyn_throughput_history){0};
    if (meta == NULL) return DYN_NOMEM;
    DYN_TRY(dyn_catalogue_meta(call, dyn_table_store(table), meta, &found,
                               &text, &number));
    if (!found) return DYN_OK;
    char *next = NULL;
    out->increased_ms = strtoll((const char *)text.data, &next, 10);
    out->decreased_ms = strtoll(next, &next, 10);
    out->decreases_today = strtoll(next, &next, 10);
    out->on_demand_ms = strtoll(next, &next, 10);
    if (strtoll(next, NULL, 10) != dyn_clock_now_ms() / DAY_MS)
        out->decreases_today = 0;
    return DYN_OK;
}

static dyn_status write_history(dyn_call *call, dyn_table *table,
                                dyn_bytes name,
                                const dyn_throughput_history *history)
{
    char *meta = name_of(call, name);
    char *text = dyn_format(
        call, "%" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64,
        history->increased_ms, history->decreased_ms, history->decreases_today,
        history->on_demand_ms, dyn_clock_now_ms() / DAY_MS);
    if (meta == NULL || text == NULL) return DYN_NOMEM;
    return dyn_catalogue_meta_set_text(call, dyn_table_store(table), meta,
                                       text);
}

static dyn_status check_decrease(dyn_call *call,
                                 const dyn_throughput_history *history)
{
    dyn_decreases decreases = {history->decreases_today, history->decreased_ms};
    if (dyn_decreases_left(&decreases, dyn_clock_now_ms()) > 0) return DYN_OK;
    return dyn_fail_as(call, "LimitExceededException",
                       "Subscriber limit exceeded: Provisioned throughput "
                       "decreases are limited within a given UTC day. After "
                       "the first %d decreases, each subsequent decrease in "
                       "the same UTC day can be performed at most once every "
                       "3600 seconds. Number of decreases today: %" PRId64,
                       DYN_DECREASES_AT_ONCE, history->decreases_today);
}

dyn_status dyn_throughput_history_note(dyn_call *call, dyn_table *table,
                                       dyn_bytes name,
                                       const dyn_throughput *before,
                                       const dyn_throughput *after)
{
    dyn_throughput_history history;
    bool is_decrease = after->read_units < before->read_units ||
                       after->write_units < before->write_units;
    bool is_increase = after->read_units > before->read_units ||
                       after->write_units > before->write_units;
    if (!is_decrease && !is_increase) return DYN_OK;
    DYN_TRY(dyn_throughput_history_read(call, table, name, &history));
    if (is_increase) history.increased_ms = dyn_clock_now_ms();
    if (is_decrease) {
        DYN_TRY(check_decrease(call, &history));
        history.decreased_ms = dyn_clock_now_ms();
        history.decreases_today++;
    }
    return write_history(call, table, name, &history);
}

dyn_status dyn_throughput_history_on_demand(dyn_call *call, dyn_table *table,
                                            int64_t time_ms)
{
    dyn_throughput_history history;
    DYN_TRY(
        dyn_throughput_history_read(call, table, dyn_bytes_text(""), &history));
    history.on_demand_ms = time_ms;
    return write_history(call, table, dyn_bytes_text(""), &history);
}

dyn_status dyn_throughput_history_forget(dyn_call *call, dyn_table *table,
                                         dyn_bytes name)
{
    char *meta = name_of(call, name);
    if (meta == NULL) return DYN_NOMEM;
    return dyn_catalogue_meta_delete(call, dyn_table_store(table), meta);
}
