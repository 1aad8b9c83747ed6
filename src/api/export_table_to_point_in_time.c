/* ExportTableToPointInTime: S3Bucket is the path of a folder that is there. The
 * export is done when the operation returns. */
#include "api/jobs.h"
#include "api/operation.h"
#include "api/request.h"
#include "base/clock.h"
#include "base/exception.h"
#include "base/time_text.h"
#include "ops/restore.h"

#include <stdlib.h>

enum { MS_PER_SECOND = 1000 };

static const char *const format_words[] = {"DYNAMODB_JSON", "ION", NULL};
static const dyn_shape format = {.kind = DYN_SHAPE_STRING,
                                 .words = format_words};
static const char *const type_words[] = {"FULL_EXPORT", "INCREMENTAL_EXPORT",
                                         NULL};
static const dyn_shape type = {.kind = DYN_SHAPE_STRING, .words = type_words};
static const char *const view_words[] = {"NEW_IMAGE", "NEW_AND_OLD_IMAGES",
                                         NULL};
static const dyn_shape view = {.kind = DYN_SHAPE_STRING, .words = view_words};
static const char *const encryption_words[] = {"AES256", "KMS", NULL};
static const dyn_shape encryption = {.kind = DYN_SHAPE_STRING,
                                     .words = encryption_words};
static const dyn_shape time_shape = {.kind = DYN_SHAPE_DOUBLE};

static const dyn_shape_member incremental_members[] = {
    {"ExportFromTime", &time_shape, false},
    {"ExportToTime", &time_shape, false},
    {"ExportViewType", &view, false},
    {NULL, NULL, false},
};
static const dyn_shape incremental = {.kind = DYN_SHAPE_STRUCTURE,
                                      .class_name =
                                          "IncrementalExportSpecification",
                                      .members = incremental_members};

static const dyn_shape_member members[] = {
    {"TableArn", &dyn_shape_table, true},
    {"ExportTime", &time_shape, false},
    {"ClientToken", &dyn_shape_job_token, false},
    {"S3Bucket", &dyn_shape_bucket, true},
    {"S3BucketOwner", &dyn_shape_string, false},
    {"S3Prefix", &dyn_shape_prefix, false},
    {"S3SseAlgorithm", &encryption, false},
    {"S3SseKmsKeyId", &dyn_shape_string, false},
    {"ExportFormat", &format, false},
    {"ExportType", &type, false},
    {"IncrementalExportSpecification", &incremental, false},
    {NULL, NULL, false},
};
static const dyn_shape input = {.kind = DYN_SHAPE_STRUCTURE,
                                .class_name = "ExportTableToPointInTimeInput",
                                .members = members};

static dyn_status check_request(dyn_call *call, const dyn_json *request)
{
    if (dyn_request_is(request, "ExportFormat", "ION")) {
        return dyn_fail(call, DYN_INVALID,
                        "dynamo does not write Amazon Ion: use ExportFormat "
                        "DYNAMODB_JSON");
    }
    if (dyn_request_is(request, "S3SseAlgorithm", "KMS")) {
        return dyn_fail(call, DYN_INVALID,
                        "dynamo writes files without encryption: leave "
                        "S3SseAlgorithm out");
    }
    return DYN_OK;
}

/* A time in ms since 1970, absent where it is; what is none is 0. */
static int64_t time_of(const dyn_json *object, const char *name, int64_t absent)
{
    bool is_there = dyn_request_member(object, name) != NULL;
    return is_there ? dyn_request_time_ms(object, name, 0) : absent;
}

/* The time of a full export; 0: it is within a second of now. */
static int64_t read_export_time(const dyn_json *request)
{
    int64_t now_ms = dyn_clock_now_ms();
    int64_t time_ms = time_of(request, "ExportTime", now_ms);
    bool is_now =
        time_ms > now_ms - MS_PER_SECOND && time_ms < now_ms + MS_PER_SECOND;
    if (is_now) return 0;
    return time_ms > 0 ? time_ms : 1; /* no table is so old */
}

static dyn_status fail_period(dyn_call *call)
{
    return dyn_fail_as(call, "InvalidExportTimeException",
                       "ExportFromTime to ExportToTime is a period of 15 "
                       "minutes to 24 hours that is over");
}

/* The period of an incremental export; *out is NULL for a full one. */
static dyn_status read_period(dyn_call *call, const dyn_json *request,
                              dyn_export_period *period,
                              const dyn_export_period **out)
{
    enum { MINUTE_MS = 60 * MS_PER_SECOND, DAY_MINUTES = 24 * 60, LEAST = 15 };
    const dyn_json *given =
        dyn_request_member(request, "IncrementalExportSpecification");
    int64_t now_ms = dyn_clock_now_ms();
    bool is_full = !dyn_request_is(request, "ExportType", "INCREMENTAL_EXPORT");
    *out = NULL;
    if (is_full && given == NULL) return DYN_OK;
    if (is_full || given == NULL) {
        return dyn_fail(call, DYN_INVALID,
                        "IncrementalExportSpecification goes with ExportType "
                        "INCREMENTAL_EXPORT");
    }
    period->from_ms = time_of(given, "ExportFromTime", 0);
    period->to_ms = time_of(given, "ExportToTime", now_ms);
    int64_t minutes = (period->to_ms - period->from_ms) / MINUTE_MS;
    if (period->to_ms > now_ms || minutes < LEAST || minutes > DAY_MINUTES)
        return fail_period(call);
    period->has_old = !dyn_request_is(given, "ExportViewType", "NEW_IMAGE");
    *out = period;
    return DYN_OK;
}

static dyn_status check_time(dyn_call *call, const dyn_table *table,
                             int64_t time_ms)
{
    const char *earliest = NULL;
    const char *latest = NULL;
    dyn_restore_window window = dyn_restore_window_of(table);
    if (time_ms == 0) return DYN_OK;
    if (!window.is_there) {
        return dyn_fail_as(call, "PointInTimeRecoveryUnavailableException",
                           "Point in time recovery is not enabled for table "
                           "'%s'",
                           dyn_table_label(table));
    }
    if (time_ms >= window.earliest_ms && time_ms <= window.latest_ms)
        return DYN_OK;
    DYN_TRY(dyn_time_text(call, window.earliest_ms, &earliest));
    DYN_TRY(dyn_time_text(call, window.latest_ms, &latest));
    return dyn_fail_as(call, "InvalidExportTimeException",
                       "The table can be exported as it was from %s to %s",
                       earliest, latest);
}

/* The name of the table, which can be exported as it was at that time. */
static dyn_status find_name(dyn_call *call, const dyn_host *host,
                            const dyn_json *request, int64_t time_ms,
                            const char **name)
{
    dyn_table *table = NULL;
    dyn_bytes arn = dyn_request_text(request, "TableArn");
    dyn_status status = dyn_host_find(call, host, arn, false, &table);
    if (status == DYN_NOT_FOUND) {
        return dyn_fail_as(call, "TableNotFoundException",
                           "Table not found: %.*s", (int)arn.size_bytes,
                           (const char *)arn.data);
    }
    if (status != DYN_OK) return status;
    DYN_TRY(check_time(call, table, time_ms));
    *name = dyn_format(call, "%s", dyn_table_label(table));
    return *name == NULL ? DYN_NOMEM : DYN_OK;
}

/* What the manifest says of where the files are. */
static dyn_status read_place(dyn_call *call, const dyn_json *request,
                             dyn_export_request *out)
{
    dyn_bytes bucket = {NULL, 0};
    dyn_bytes prefix = {NULL, 0};
    DYN_TRY(dyn_job_path(call, request, "S3Prefix", &out->path));
    DYN_TRY(dyn_copy(call, dyn_request_text(request, "S3Bucket"), &bucket));
    DYN_TRY(dyn_copy(call, dyn_request_text(request, "S3Prefix"), &prefix));
    DYN_TRY(dyn_export_check_folder(call, (const char *)bucket.data));
    out->bucket = (const char *)bucket.data;
    out->prefix = prefix.size_bytes > 0 ? (const char *)prefix.data : NULL;
    return DYN_OK;
}

static dyn_status export_table(dyn_call *call, const dyn_host *host,
                               const dyn_json *request, dyn_buffer *response)
{
    const char *name = NULL;
    bool is_known = false;
    dyn_job_origin origin;
    dyn_job job;
    dyn_export_period period;
    dyn_export_request order = {
        .is_folder = true, .file_bytes_max = DYN_EXPORT_FILE_BYTES_DEFAULT};
    DYN_TRY(check_request(call, request));
    order.time_ms = read_export_time(request);
    DYN_TRY(read_period(call, request, &period, &order.period));
    DYN_TRY(dyn_job_origin_of(call, request, &origin));
    DYN_TRY(find_name(call, host, request, order.time_ms, &name));
    DYN_TRY(dyn_job_of_token(call, host, DYN_JOB_EXPORT, &origin,
                             "ExportConflictException", &is_known, &job));
    if (is_known) return dyn_job_describe(call, response, &job);
    DYN_TRY(read_place(call, request, &order));
    DYN_TRY(
        host->export_table(host->context, call, name, &order, &origin, &job));
    return dyn_job_describe(call, response, &job);
}

const dyn_operation dyn_operation_export_table_to_point_in_time = {
    "ExportTableToPointInTime", &input, export_table};
