/* GetShardIterator: a place in a shard. */
#include "api/operation.h"
#include "api/request.h"
#include "api/response.h"
#include "api/shard_iterator.h"
#include "api/stream_shape.h"

#define SHOWN(bytes) (int)(bytes).size_bytes, (const char *)(bytes).data

/* ----------------------------------------------------------------- shape -- */

static const char *const type_words[] = {"TRIM_HORIZON", "LATEST",
                                         "AT_SEQUENCE_NUMBER",
                                         "AFTER_SEQUENCE_NUMBER", NULL};
static const dyn_shape type = {.kind = DYN_SHAPE_STRING, .words = type_words};
static const dyn_shape number = {.kind = DYN_SHAPE_STRING,
                                 .has_min = true,
                                 .min = 21,
                                 .has_max = true,
                                 .max = 40};
static const dyn_shape_member members[] = {
    {"StreamArn", &dyn_shape_stream_arn, true},
    {"ShardId", &dyn_shape_shard_id, true},
    {"ShardIteratorType", &type, true},
    {"SequenceNumber", &number, false},
    {NULL, NULL, false},
};
static const dyn_shape input = {.kind = DYN_SHAPE_STRUCTURE,
                                .class_name = "GetShardIteratorInput",
                                .members = members};

/* ----------------------------------------------------------------- place -- */

static bool has_number(const dyn_json *request)
{
    return dyn_request_is(request, "ShardIteratorType", "AT_SEQUENCE_NUMBER") ||
           dyn_request_is(request, "ShardIteratorType",
                          "AFTER_SEQUENCE_NUMBER");
}

static dyn_status check_number(dyn_call *call, const dyn_json *request)
{
    dyn_bytes name = dyn_request_text(request, "ShardIteratorType");
    bool is_there = dyn_request_member(request, "SequenceNumber") != NULL;
    if (is_there == has_number(request)) return DYN_OK;
    return dyn_fail(call, DYN_INVALID,
                    is_there ? "SequenceNumber does not go with "
                               "ShardIteratorType %.*s"
                             : "ShardIteratorType %.*s needs a SequenceNumber",
                    SHOWN(name));
}

/* The sequence that is named: one that the shard may have. */
static dyn_status read_sequence(dyn_call *call, const dyn_json *request,
                                const dyn_shard *shard,
                                const dyn_log_bounds *log, int64_t *out)
{
    dyn_bytes given = dyn_request_text(request, "SequenceNumber");
    int64_t last = shard->is_open ? log->last : shard->last;
    if (last < shard->first) last = shard->first;
    DYN_TRY(dyn_stream_read_number(call, given, out));
    if (*out >= shard->first && *out <= last) return DYN_OK;
    return dyn_fail(call, DYN_INVALID,
                    "Invalid SequenceNumber: %.*s is not one of shard %.*s",
                    SHOWN(given), SHOWN(dyn_request_text(request, "ShardId")));
}

static dyn_status find_place(dyn_call *call, const dyn_json *request,
                             dyn_table *table, const dyn_shard *shard,
                             dyn_shard_iterator *out)
{
    dyn_log_bounds log;
    DYN_TRY(dyn_log_read_bounds(call, dyn_table_store(table), &log));
    if (has_number(request)) {
        DYN_TRY(read_sequence(call, request, shard, &log, &out->sequence));
        DYN_TRY(dyn_stream_check_place(call, table, out->sequence));
        out->sequence += dyn_request_is(request, "ShardIteratorType",
                                        "AFTER_SEQUENCE_NUMBER");
        return DYN_OK;
    }
    out->is_oldest =
        dyn_request_is(request, "ShardIteratorType", "TRIM_HORIZON");
    out->sequence = out->is_oldest ? shard->first : log.last + 1;
    return DYN_OK;
}

/* ------------------------------------------------------------- operation -- */

static dyn_status get_iterator(dyn_call *call, const dyn_host *host,
                               const dyn_json *request, dyn_buffer *response)
{
    dyn_shard name;
    int64_t label_ms = 0;
    const char *text = NULL;
    dyn_table *table = NULL;
    dyn_streams_of streams;
    dyn_shard_iterator iterator = {.arn =
                                       dyn_request_text(request, "StreamArn")};
    DYN_TRY(check_number(call, request));
    DYN_TRY(dyn_stream_find_table(call, host, iterator.arn, &table, &label_ms));
    bool is_name = dyn_shard_parse(dyn_request_text(request, "ShardId"), &name);
    DYN_TRY(dyn_streams_read_shard(call, table, &name, &streams));
    if (dyn_streams_find(&streams, label_ms) == NULL)
        return dyn_stream_fail_unknown(call, iterator.arn);
    if (!is_name || name.stream != label_ms || streams.shard_count == 0)
        return dyn_stream_fail_no_shard(call);
    iterator.shard = name.shard;
    DYN_TRY(find_place(call, request, table, &streams.shards[0], &iterator));
    DYN_TRY(dyn_shard_iterator_print(call, &iterator, &text));
    dyn_response_text(response, "ShardIterator", dyn_bytes_text(text));
    return DYN_OK;
}

const dyn_operation dyn_operation_get_shard_iterator = {"GetShardIterator",
                                                        &input, get_iterator};
