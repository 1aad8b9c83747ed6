/* ListStreams: by the names of tables, and the times when streams began. */
#include "api/operation.h"
#include "api/request.h"
#include "api/response.h"
#include "api/stream_shape.h"

enum { STREAMS_MAX = 100 };

static const dyn_shape limit = {.kind = DYN_SHAPE_INTEGER,
                                .has_min = true,
                                .min = 1,
                                .has_max = true,
                                .max = STREAMS_MAX};
static const dyn_shape_member members[] = {
    {"TableName", &dyn_shape_name, false},
    {"Limit", &limit, false},
    {"ExclusiveStartStreamArn", &dyn_shape_stream_arn, false},
    {NULL, NULL, false},
};
static const dyn_shape input = {.kind = DYN_SHAPE_STRUCTURE,
                                .class_name = "ListStreamsInput",
                                .members = members};

/* What has been listed, and from where on. */
typedef struct listing {
    dyn_buffer *out;
    dyn_bytes start_table; /* without data: from the first one */
    int64_t start_ms;
    int64_t left;
    const char *last; /* the ARN of the last one that has been listed */
} listing;

static dyn_status write_stream(dyn_call *call, listing *in, const char *table,
                               int64_t label_ms)
{
    const char *label = NULL;
    DYN_TRY(dyn_stream_arn(call, table, label_ms, &in->last));
    DYN_TRY(dyn_stream_label(call, label_ms, &label));
    dyn_response_element(in->out);
    dyn_buffer_add_byte(in->out, '{');
    dyn_response_text(in->out, "StreamArn", dyn_bytes_text(in->last));
    dyn_response_text(in->out, "TableName", dyn_bytes_text(table));
    dyn_response_text(in->out, "StreamLabel", dyn_bytes_text(label));
    dyn_buffer_add_byte(in->out, '}');
    return DYN_OK;
}

static dyn_status list_table(dyn_call *call, const dyn_host *host, listing *in,
                             dyn_bytes name)
{
    dyn_table *table = NULL;
    dyn_streams_of streams;
    int after = in->start_table.data == NULL
                    ? 1
                    : dyn_bytes_compare(name, in->start_table);
    if (after < 0) return DYN_OK;
    DYN_TRY(dyn_host_find(call, host, name, false, &table));
    DYN_TRY(dyn_streams_read(call, table, &streams));
    for (size_t i = 0; i < streams.stream_count; i++) {
        int64_t label_ms = streams.streams[i].label_ms;
        if (after == 0 && label_ms <= in->start_ms) continue;
        if (in->left-- <= 0) return DYN_OK;
        DYN_TRY(write_stream(call, in, dyn_table_label(table), label_ms));
    }
    return DYN_OK;
}

static dyn_status list_all(dyn_call *call, const dyn_host *host, listing *in)
{
    const char **names = NULL;
    size_t count = 0;
    DYN_TRY(host->list(host->context, call, &names, &count));
    for (size_t i = 0; i < count && in->left >= 0; i++)
        DYN_TRY(list_table(call, host, in, dyn_bytes_text(names[i])));
    return DYN_OK;
}

static dyn_status list_streams(dyn_call *call, const dyn_host *host,
                               const dyn_json *request, dyn_buffer *response)
{
    listing in = {.out = response,
                  .left = dyn_request_integer(request, "Limit", STREAMS_MAX)};
    dyn_bytes table = dyn_request_text(request, "TableName");
    dyn_bytes start = dyn_request_text(request, "ExclusiveStartStreamArn");
    if (start.data != NULL) {
        DYN_TRY(
            dyn_stream_read_arn(call, start, &in.start_table, &in.start_ms));
    }
    dyn_response_name(response, "Streams");
    dyn_buffer_add_byte(response, '[');
    if (table.data != NULL) {
        DYN_TRY(list_table(call, host, &in, table));
    } else {
        DYN_TRY(list_all(call, host, &in));
    }
    dyn_buffer_add_byte(response, ']');
    if (in.left < 0) {
        dyn_response_text(response, "LastEvaluatedStreamArn",
                          dyn_bytes_text(in.last));
    }
    return DYN_OK;
}

const dyn_operation dyn_operation_list_streams = {"ListStreams", &input,
                                                  list_streams};
