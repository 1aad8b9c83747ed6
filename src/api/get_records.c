/* GetRecords: changes of a shard, from the place of an iterator on.
 *
 * The log has the changes of all shards in one order. A request looks at a
 * bounded part of it, and returns where it ended: also without records, as on
 * the service. */
#include "api/operation.h"
#include "api/request.h"
#include "api/response.h"
#include "api/shard_iterator.h"
#include "api/stream_shape.h"

#include <inttypes.h>

enum {
    RECORDS_MAX = 1000,
    RESPONSE_BYTES_MAX = 1024 * 1024, /* of SizeBytes */
    PAGE_RECORDS_MIN = 32,            /* of the log */
    PAGE_RECORDS_MAX = 1024,
    PAGE_BYTES = 256 * 1024,
    SEEN_RECORDS_MAX = 16 * 1024,
    SEEN_BYTES_MAX = 16 * 1024 * 1024,
};

/* ----------------------------------------------------------------- shape -- */

static const dyn_shape text = {.kind = DYN_SHAPE_STRING,
                               .has_min = true,
                               .min = 1,
                               .has_max = true,
                               .max = 2048};
static const dyn_shape limit = {.kind = DYN_SHAPE_INTEGER,
                                .has_min = true,
                                .min = 1,
                                .has_max = true,
                                .max = RECORDS_MAX};
static const dyn_shape_member members[] = {
    {"ShardIterator", &text, true},
    {"Limit", &limit, false},
    {NULL, NULL, false},
};
static const dyn_shape input = {.kind = DYN_SHAPE_STRUCTURE,
                                .class_name = "GetRecordsInput",
                                .members = members};

/* --------------------------------------------------------------- reading -- */

/* A shard, and how far it has been read. */
typedef struct reader {
    dyn_buffer *out;
    dyn_table *table;
    dyn_streams_of streams; /* with the shard alone */
    const char *id;         /* what tells the records of the table apart */
    int64_t low;            /* the sequence to be read next */
    size_t page_records;
    size_t left; /* so many records at most */
    size_t bytes;
    size_t seen; /* records of the log, and their bytes */
    size_t seen_bytes;
    bool is_full; /* the response is */
    bool is_end;  /* there is no more by now */
} reader;

static const dyn_shard *shard_of(const reader *r)
{
    return &r->streams.shards[0];
}

static void write_identity(dyn_buffer *out)
{
    dyn_response_name(out, "userIdentity");
    dyn_buffer_add_byte(out, '{');
    dyn_response_text(out, "PrincipalId",
                      dyn_bytes_text("dynamodb.amazonaws.com"));
    dyn_response_text(out, "Type", dyn_bytes_text("Service"));
    dyn_buffer_add_byte(out, '}');
}

static dyn_status write_change(dyn_call *call, dyn_buffer *out,
                               const dyn_change *change)
{
    enum { MS_PER_SECOND = 1000 };
    const char *number = NULL;
    DYN_TRY(dyn_stream_number(call, change->sequence, &number));
    dyn_response_name(out, "dynamodb");
    dyn_buffer_add_byte(out, '{');
    dyn_response_integer(out, "ApproximateCreationDateTime",
                         change->time_ms / MS_PER_SECOND);
    dyn_response_item(out, "Keys", &change->keys);
    if (change->has_new) dyn_response_item(out, "NewImage", &change->new_image);
    if (change->has_old) dyn_response_item(out, "OldImage", &change->old_image);
    dyn_response_text(out, "SequenceNumber", dyn_bytes_text(number));
    dyn_response_integer(out, "SizeBytes", (int64_t)change->size_bytes);
    dyn_response_text(out, "StreamViewType",
                      dyn_bytes_text(dyn_stream_view_name(change->view)));
    dyn_buffer_add_byte(out, '}');
    return DYN_OK;
}

static dyn_status write_record(dyn_call *call, const reader *r,
                               const dyn_change *change)
{
    enum { ID_BYTES = 16 };
    const char *id = dyn_format(call, "%.*s%016" PRIx64, (int)ID_BYTES, r->id,
                                (uint64_t)change->sequence);
    if (id == NULL) return DYN_NOMEM;
    dyn_response_element(r->out);
    dyn_buffer_add_byte(r->out, '{');
    dyn_response_text(r->out, "eventID", dyn_bytes_text(id));
    dyn_response_text(r->out, "eventName",
                      dyn_bytes_text(dyn_change_event_name(change->event)));
    dyn_response_text(r->out, "eventVersion", dyn_bytes_text("1.1"));
    dyn_response_text(r->out, "eventSource", dyn_bytes_text("aws:dynamodb"));
    dyn_response_text(r->out, "awsRegion",
                      dyn_table_definition(r->table)->region);
    DYN_TRY(write_change(call, r->out, change));
    if (change->actor == DYN_ACTOR_TTL) write_identity(r->out);
    dyn_buffer_add_byte(r->out, '}');
    return DYN_OK;
}

/* The first record is told whatever its size. */
static dyn_status take_record(dyn_call *call, reader *r,
                              const dyn_log_record *record)
{
    dyn_change change;
    const dyn_shard *shard = dyn_change_shard(&r->streams, record);
    if (shard != NULL) {
        DYN_TRY(dyn_change_read(call, r->table, &r->streams, record, shard,
                                &change));
        r->is_full =
            r->bytes > 0 && r->bytes + change.size_bytes > RESPONSE_BYTES_MAX;
        if (r->is_full) return DYN_OK;
        DYN_TRY(write_record(call, r, &change));
        r->bytes += change.size_bytes;
        r->left--;
        r->is_full = r->left == 0;
    }
    r->low = record->sequence + 1;
    return DYN_OK;
}

static dyn_status read_page(dyn_call *call, reader *r)
{
    dyn_log_records records;
    const dyn_log_range range = {
        .low = r->low,
        .high = shard_of(r)->is_open ? INT64_MAX : shard_of(r)->last,
        .records_max = r->page_records,
        .bytes_max = PAGE_BYTES,
    };
    DYN_TRY(dyn_log_read(call, dyn_table_store(r->table), &range, &records));
    for (size_t i = 0; i < records.count && !r->is_full; i++) {
        const dyn_log_record *record = &records.all[i];
        r->seen_bytes += record->key.size_bytes + record->before.size_bytes +
                         record->after.size_bytes;
        DYN_TRY(take_record(call, r, record));
    }
    r->seen += records.count;
    r->is_end = records.is_end && !r->is_full;
    if (r->page_records < PAGE_RECORDS_MAX) r->page_records *= 2;
    return DYN_OK;
}

/* Each page is read in memory that is given back before the next one. */
static dyn_status read_pages(dyn_call *call, reader *r)
{
    dyn_status status = DYN_OK;
    while (status == DYN_OK && !r->is_full && !r->is_end &&
           r->seen < SEEN_RECORDS_MAX && r->seen_bytes < SEEN_BYTES_MAX) {
        dyn_call page;
        dyn_call_begin(&page);
        status = read_page(&page, r);
        if (status != DYN_OK) dyn_call_take_error(call, &page);
        dyn_call_end(&page);
    }
    return status;
}

/* ------------------------------------------------------------- operation -- */

/* The place of the iterator, where it can still be read. */
static dyn_status find_place(dyn_call *call, const dyn_host *host,
                             const dyn_shard_iterator *iterator, reader *out)
{
    dyn_birth birth;
    dyn_shard name = {.shard = iterator->shard};
    int64_t horizon = dyn_stream_horizon();
    DYN_TRY(dyn_stream_find_table(call, host, iterator->arn, &out->table,
                                  &name.stream));
    DYN_TRY(dyn_streams_read_shard(call, out->table, &name, &out->streams));
    if (dyn_streams_find(&out->streams, name.stream) == NULL)
        return dyn_stream_fail_unknown(call, iterator->arn);
    if (out->streams.shard_count == 0) return dyn_stream_fail_trimmed(call);
    DYN_TRY(dyn_table_birth(call, out->table, &birth));
    out->id = (const char *)birth.id.data;
    out->low = iterator->sequence > horizon ? iterator->sequence : horizon;
    if (iterator->is_oldest) return DYN_OK;
    return dyn_stream_check_place(call, out->table, iterator->sequence);
}

/* Where to go on: nowhere once a closed shard has been read to its end. */
static dyn_status write_next(dyn_call *call, const reader *r, dyn_bytes arn)
{
    const char *next = NULL;
    dyn_log_bounds log;
    dyn_shard_iterator iterator = {
        .arn = arn, .shard = shard_of(r)->shard, .sequence = r->low};
    if (!shard_of(r)->is_open && (r->is_end || r->low > shard_of(r)->last))
        return DYN_OK;
    DYN_TRY(dyn_log_read_bounds(call, dyn_table_store(r->table), &log));
    if (r->is_end && iterator.sequence <= log.last)
        iterator.sequence = log.last + 1;
    DYN_TRY(dyn_shard_iterator_print(call, &iterator, &next));
    dyn_response_text(r->out, "NextShardIterator", dyn_bytes_text(next));
    return DYN_OK;
}

static dyn_status get_records(dyn_call *call, const dyn_host *host,
                              const dyn_json *request, dyn_buffer *response)
{
    dyn_shard_iterator iterator;
    reader r = {
        .out = response,
        .page_records = PAGE_RECORDS_MIN,
        .left = (size_t)dyn_request_integer(request, "Limit", RECORDS_MAX),
    };
    DYN_TRY(dyn_shard_iterator_read(
        call, dyn_request_text(request, "ShardIterator"), &iterator));
    DYN_TRY(find_place(call, host, &iterator, &r));
    dyn_response_name(response, "Records");
    dyn_buffer_add_byte(response, '[');
    DYN_TRY(read_pages(call, &r));
    dyn_buffer_add_byte(response, ']');
    return write_next(call, &r, iterator.arn);
}

const dyn_operation dyn_operation_get_records = {"GetRecords", &input,
                                                 get_records};
