/* DescribeStream: a stream and its shards, in the order in which they were
 * opened, so parents come before their children. */
#include "api/operation.h"
#include "api/request.h"
#include "api/response.h"
#include "api/stream_shape.h"
#include "api/table_description.h"

enum { SHARDS_MAX = 100 };

/* ----------------------------------------------------------------- shape -- */

static const dyn_shape limit = {.kind = DYN_SHAPE_INTEGER,
                                .has_min = true,
                                .min = 1,
                                .has_max = true,
                                .max = SHARDS_MAX};
static const char *const filter_words[] = {"CHILD_SHARDS", NULL};
static const dyn_shape filter_type = {.kind = DYN_SHAPE_STRING,
                                      .words = filter_words};
static const dyn_shape_member filter_members[] = {
    {"Type", &filter_type, false},
    {"ShardId", &dyn_shape_shard_id, false},
    {NULL, NULL, false},
};
static const dyn_shape filter = {.kind = DYN_SHAPE_STRUCTURE,
                                 .class_name = "ShardFilter",
                                 .members = filter_members};
static const dyn_shape_member members[] = {
    {"StreamArn", &dyn_shape_stream_arn, true},
    {"Limit", &limit, false},
    {"ExclusiveStartShardId", &dyn_shape_shard_id, false},
    {"ShardFilter", &filter, false},
    {NULL, NULL, false},
};
static const dyn_shape input = {.kind = DYN_SHAPE_STRUCTURE,
                                .class_name = "DescribeStreamInput",
                                .members = members};

/* --------------------------------------------------------------- request -- */

/* Which shards are asked for. */
typedef struct selection {
    int64_t stream; /* of this label */
    int64_t after;  /* with a higher number */
    int64_t parent; /* the children of this one; 0: all */
    int64_t horizon;
    int64_t left; /* so many at most */
} selection;

/* The number of a shard of the stream. */
static dyn_status read_shard(dyn_call *call, dyn_bytes name, int64_t stream,
                             int64_t *number)
{
    dyn_shard shard;
    if (!dyn_shard_parse(name, &shard) || shard.stream != stream)
        return dyn_stream_fail_no_shard(call);
    *number = shard.shard;
    return DYN_OK;
}

static dyn_status read_selection(dyn_call *call, const dyn_json *request,
                                 int64_t stream, selection *out)
{
    const dyn_json *only = dyn_request_member(request, "ShardFilter");
    dyn_bytes start = dyn_request_text(request, "ExclusiveStartShardId");
    *out =
        (selection){.stream = stream,
                    .horizon = dyn_stream_horizon(),
                    .left = dyn_request_integer(request, "Limit", SHARDS_MAX)};
    if (start.data != NULL)
        DYN_TRY(read_shard(call, start, stream, &out->after));
    if (only == NULL) return DYN_OK;
    if (dyn_request_member(only, "Type") == NULL ||
        dyn_request_member(only, "ShardId") == NULL) {
        return dyn_fail(call, DYN_INVALID,
                        "One or more parameter values were invalid: a "
                        "ShardFilter needs both Type and ShardId");
    }
    return read_shard(call, dyn_request_text(only, "ShardId"), stream,
                      &out->parent);
}

/* -------------------------------------------------------------- response -- */

/* A shard that is over is told neither by itself nor as a parent. */
static bool is_told(const selection *wanted, const dyn_shard *shard)
{
    return shard->stream == wanted->stream &&
           !dyn_shard_is_over(shard, wanted->horizon);
}

static dyn_status write_name(dyn_call *call, dyn_buffer *out, const char *name,
                             const dyn_shard *shard)
{
    const char *text = NULL;
    DYN_TRY(dyn_shard_name(call, shard, &text));
    dyn_response_text(out, name, dyn_bytes_text(text));
    return DYN_OK;
}

/* One that has no changes ends where it starts. */
static dyn_status write_range(dyn_call *call, dyn_buffer *out,
                              const dyn_shard *shard)
{
    const char *number = NULL;
    dyn_response_name(out, "SequenceNumberRange");
    dyn_buffer_add_byte(out, '{');
    DYN_TRY(dyn_stream_number(call, shard->first, &number));
    dyn_response_text(out, "StartingSequenceNumber", dyn_bytes_text(number));
    if (!shard->is_open) {
        bool is_empty = shard->last < shard->first;
        DYN_TRY(dyn_stream_number(call, is_empty ? shard->first : shard->last,
                                  &number));
        dyn_response_text(out, "EndingSequenceNumber", dyn_bytes_text(number));
    }
    dyn_buffer_add_byte(out, '}');
    return DYN_OK;
}

static dyn_status write_shard(dyn_call *call, dyn_buffer *out,
                              const dyn_shard *shard, const dyn_shard *parent)
{
    dyn_response_element(out);
    dyn_buffer_add_byte(out, '{');
    DYN_TRY(write_name(call, out, "ShardId", shard));
    DYN_TRY(write_range(call, out, shard));
    if (parent != NULL) DYN_TRY(write_name(call, out, "ParentShardId", parent));
    dyn_buffer_add_byte(out, '}');
    return DYN_OK;
}

static dyn_status write_shards(dyn_call *call, dyn_buffer *out,
                               const dyn_streams_of *all, selection *wanted)
{
    const dyn_shard *last = NULL;
    dyn_response_name(out, "Shards");
    dyn_buffer_add_byte(out, '[');
    for (size_t i = 0; i < all->shard_count && wanted->left >= 0; i++) {
        const dyn_shard *shard = &all->shards[i];
        if (shard->shard <= wanted->after || !is_told(wanted, shard)) continue;
        if (wanted->parent != 0 && shard->parent != wanted->parent) continue;
        if (wanted->left-- == 0) break;
        const dyn_shard *parent = dyn_streams_shard(all, shard->parent);
        bool has_parent = parent != NULL && is_told(wanted, parent);
        DYN_TRY(write_shard(call, out, shard, has_parent ? parent : NULL));
        last = shard;
    }
    dyn_buffer_add_byte(out, ']');
    if (wanted->left >= 0) return DYN_OK;
    return write_name(call, out, "LastEvaluatedShardId", last);
}

static dyn_status write_stream(dyn_call *call, dyn_buffer *out,
                               const dyn_table *table, const dyn_stream *stream)
{
    const char *arn = NULL;
    const char *label = NULL;
    const dyn_definition *definition = dyn_table_definition(table);
    DYN_TRY(
        dyn_stream_arn(call, dyn_table_label(table), stream->label_ms, &arn));
    DYN_TRY(dyn_stream_label(call, stream->label_ms, &label));
    dyn_response_text(out, "StreamArn", dyn_bytes_text(arn));
    dyn_response_text(out, "StreamLabel", dyn_bytes_text(label));
    dyn_response_text(out, "StreamStatus",
                      dyn_bytes_text(stream->is_open ? "ENABLED" : "DISABLED"));
    dyn_response_text(out, "StreamViewType",
                      dyn_bytes_text(dyn_stream_view_name(stream->view)));
    dyn_response_time(out, "CreationRequestDateTime", stream->label_ms);
    dyn_response_text(out, "TableName", dyn_bytes_text(dyn_table_label(table)));
    dyn_table_describe_key(out, definition, &definition->key);
    return DYN_OK;
}

static dyn_status describe(dyn_call *call, const dyn_host *host,
                           const dyn_json *request, dyn_buffer *response)
{
    selection wanted;
    int64_t label_ms = 0;
    dyn_table *table = NULL;
    dyn_streams_of streams;
    dyn_bytes arn = dyn_request_text(request, "StreamArn");
    DYN_TRY(dyn_stream_find_table(call, host, arn, &table, &label_ms));
    DYN_TRY(dyn_streams_read(call, table, &streams));
    const dyn_stream *stream = dyn_streams_find(&streams, label_ms);
    if (stream == NULL) return dyn_stream_fail_unknown(call, arn);
    DYN_TRY(read_selection(call, request, label_ms, &wanted));
    dyn_response_name(response, "StreamDescription");
    dyn_buffer_add_byte(response, '{');
    DYN_TRY(write_stream(call, response, table, stream));
    DYN_TRY(write_shards(call, response, &streams, &wanted));
    dyn_buffer_add_byte(response, '}');
    return DYN_OK;
}

const dyn_operation dyn_operation_describe_stream = {"DescribeStream", &input,
                                                     describe};
