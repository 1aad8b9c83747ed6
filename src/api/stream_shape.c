/* Names of streams; the contracts are in stream_shape.h. */
#include "api/stream_shape.h"

#include "base/arn.h"
#include "base/calendar.h"
#include "base/exception.h"

#include <inttypes.h>
#include <stdio.h>

#define STREAM_MARK  "/stream/"
#define SHOWN(bytes) (int)(bytes).size_bytes, (const char *)(bytes).data

const dyn_shape dyn_shape_stream_arn = {.kind = DYN_SHAPE_STRING,
                                        .has_min = true,
                                        .min = 37,
                                        .has_max = true,
                                        .max = 1024};
const dyn_shape dyn_shape_shard_id = {.kind = DYN_SHAPE_STRING,
                                      .has_min = true,
                                      .min = 28,
                                      .has_max = true,
                                      .max = 65};

/* --------------------------------------------------------------- writing -- */

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
    *out = dyn_format(call, DYN_ARN_PREFIX "%s" STREAM_MARK "%s", table, label);
    return *out != NULL ? DYN_OK : DYN_NOMEM;
}

dyn_status dyn_stream_number(dyn_call *call, int64_t sequence, const char **out)
{
    *out = dyn_format(call, "1%020" PRId64, sequence);
    return *out != NULL ? DYN_OK : DYN_NOMEM;
}

/* --------------------------------------------------------------- reading -- */

static dyn_status read_label(dyn_call *call, dyn_bytes label, int64_t *out,
                             bool *is_label)
{
    const char *printed = NULL;
    dyn_bytes text = {NULL, 0};
    dyn_date date = {.month = 1, .day = 1};
    DYN_TRY(dyn_copy(call, label, &text));
    *is_label = sscanf((const char *)text.data, "%4d-%2d-%2dT%2d:%2d:%2d.%3d",
                       &date.year, &date.month, &date.day, &date.hour,
                       &date.minute, &date.second, &date.millisecond) == 7;
    *out = *is_label ? dyn_date_ms(&date) : 0;
    DYN_TRY(dyn_stream_label(call, *out, &printed));
    *is_label = *is_label && dyn_bytes_equal_text(label, printed);
    return DYN_OK;
}

/* Where the mark of an ARN begins; the size of rest if it has none. */
static size_t find_mark(dyn_bytes rest)
{
    const dyn_bytes mark = dyn_bytes_text(STREAM_MARK);
    for (size_t at = 0; at + mark.size_bytes <= rest.size_bytes; at++) {
        dyn_bytes tail = {rest.data + at, rest.size_bytes - at};
        if (dyn_bytes_begin_with(tail, mark)) return at;
    }
    return rest.size_bytes;
}

dyn_status dyn_stream_read_arn(dyn_call *call, dyn_bytes arn, dyn_bytes *table,
                               int64_t *label_ms)
{
    bool is_arn = false;
    const dyn_bytes prefix = dyn_bytes_text(DYN_ARN_PREFIX);
    if (dyn_bytes_begin_with(arn, prefix)) {
        dyn_bytes rest = {arn.data + prefix.size_bytes,
                          arn.size_bytes - prefix.size_bytes};
        size_t at = find_mark(rest);
        size_t behind = at + sizeof(STREAM_MARK) - 1;
        if (at > 0 && at < rest.size_bytes) {
            dyn_bytes label = {rest.data + behind, rest.size_bytes - behind};
            DYN_TRY(dyn_copy(call, (dyn_bytes){rest.data, at}, table));
            DYN_TRY(read_label(call, label, label_ms, &is_arn));
        }
    }
    if (is_arn) return DYN_OK;
    return dyn_fail(call, DYN_INVALID,
                    "Invalid StreamArn: %.*s; one of a stream here is "
                    "" DYN_ARN_PREFIX "<table>" STREAM_MARK
                    "<label>, as ListStreams tells it",
                    SHOWN(arn));
}

dyn_status dyn_stream_read_number(dyn_call *call, dyn_bytes number,
                                  int64_t *sequence)
{
    const char *printed = NULL;
    dyn_bytes text = {NULL, 0};
    DYN_TRY(dyn_copy(call, number, &text));
    bool is_number =
        sscanf((const char *)text.data, "1%20" SCNd64, sequence) == 1 &&
        *sequence >= 0;
    if (!is_number) *sequence = 0;
    DYN_TRY(dyn_stream_number(call, *sequence, &printed));
    if (is_number && dyn_bytes_equal_text(number, printed)) return DYN_OK;
    return dyn_fail(call, DYN_INVALID,
                    "Invalid SequenceNumber: %.*s; it is to be that of a "
                    "record, or of the SequenceNumberRange of a shard",
                    SHOWN(number));
}

/* --------------------------------------------------------------- finding -- */

dyn_status dyn_stream_find_table(dyn_call *call, const dyn_host *host,
                                 dyn_bytes arn, dyn_table **table,
                                 int64_t *label_ms)
{
    dyn_bytes name = {NULL, 0};
    DYN_TRY(dyn_stream_read_arn(call, arn, &name, label_ms));
    dyn_status status = dyn_host_read(call, host, name, table);
    if (status != DYN_NOT_FOUND) return status;
    return dyn_stream_fail_unknown(call, arn);
}

dyn_status dyn_stream_fail_unknown(dyn_call *call, dyn_bytes arn)
{
    return dyn_fail(call, DYN_NOT_FOUND,
                    "Requested resource not found: Stream: %.*s not found",
                    SHOWN(arn));
}

dyn_status dyn_stream_fail_no_shard(dyn_call *call)
{
    return dyn_fail(call, DYN_NOT_FOUND,
                    "Requested resource not found: Shard does not exist");
}

dyn_status dyn_stream_fail_trimmed(dyn_call *call)
{
    return dyn_fail_as(call, "TrimmedDataAccessException",
                       "The operation attempted to read past the oldest stream "
                       "record in a shard");
}

dyn_status dyn_stream_check_place(dyn_call *call, dyn_table *table,
                                  int64_t sequence)
{
    bool is_trimmed = false;
    int64_t horizon = dyn_stream_horizon();
    if (sequence >= horizon) return DYN_OK;
    DYN_TRY(dyn_log_has_had(call, dyn_table_store(table), sequence, horizon,
                            &is_trimmed));
    return is_trimmed ? dyn_stream_fail_trimmed(call) : DYN_OK;
}
