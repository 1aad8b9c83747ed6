/* Exports and imports in requests and responses; the contracts are in jobs.h.
 */
#include "api/jobs.h"

#include "api/request.h"
#include "api/response.h"
#include "base/arn.h"
#include "base/clock.h"
#include "base/exception.h"

#include <stdio.h>

#define SHOWN(bytes) (int)(bytes).size_bytes, (const char *)(bytes).data

enum { PAGE_MAX = 25, TOKEN_DIGITS = 112, ID_DIGITS = 22 };

const dyn_shape dyn_shape_job_arn = {.kind = DYN_SHAPE_STRING,
                                     .has_min = true,
                                     .min = 37,
                                     .has_max = true,
                                     .max = 1024};
const dyn_shape dyn_shape_job_token = {.kind = DYN_SHAPE_STRING,
                                       .is_free = true};
const dyn_shape dyn_shape_bucket = {
    .kind = DYN_SHAPE_STRING, .has_max = true, .max = 255};
const dyn_shape dyn_shape_prefix = {
    .kind = DYN_SHAPE_STRING, .has_max = true, .max = 1024};
const dyn_shape dyn_shape_page_of_jobs = {.kind = DYN_SHAPE_INTEGER,
                                          .has_min = true,
                                          .min = 1,
                                          .has_max = true,
                                          .max = PAGE_MAX};

/* What the two kinds call the same things. */
typedef struct words {
    const char *arn; /* between the name of the table and the id */
    const char *not_found;
    const char *arn_member;
    const char *state_member;
    const char *list_member;
    const char *description_member;
} words;

static const words kinds[] = {
    [DYN_JOB_EXPORT] = {"/export/", "ExportNotFoundException", "ExportArn",
                        "ExportStatus", "ExportSummaries", "ExportDescription"},
    [DYN_JOB_IMPORT] = {"/import/", "ImportNotFoundException", "ImportArn",
                        "ImportStatus", "ImportSummaryList",
                        "ImportTableDescription"},
};

/* -------------------------------------------------------------- requests -- */

dyn_status dyn_job_path(dyn_call *call, const dyn_json *bucket,
                        const char *prefix, const char **out)
{
    dyn_bytes folder = dyn_request_text(bucket, "S3Bucket");
    dyn_bytes rest = dyn_request_text(bucket, prefix);
    bool is_text =
        folder.size_bytes > 0 &&
        memchr(folder.data, 0, folder.size_bytes) == NULL &&
        (rest.size_bytes == 0 || memchr(rest.data, 0, rest.size_bytes) == NULL);
    if (!is_text) {
        return dyn_fail(call, DYN_INVALID,
                        "S3Bucket is the path of a folder: it cannot be empty, "
                        "nor can it and %s have a zero character",
                        prefix);
    }
    bool has_slash = folder.data[folder.size_bytes - 1] == '/';
    *out = rest.size_bytes == 0 ? dyn_format(call, "%.*s", SHOWN(folder))
                                : dyn_format(call, "%.*s%s%.*s", SHOWN(folder),
                                             has_slash ? "" : "/", SHOWN(rest));
    return *out == NULL ? DYN_NOMEM : DYN_OK;
}

dyn_status dyn_job_origin_of(dyn_call *call, const dyn_json *request,
                             dyn_job_origin *out)
{
    dyn_buffer text;
    dyn_bytes bytes = {NULL, 0};
    dyn_bytes token = dyn_request_text(request, "ClientToken");
    *out = (dyn_job_origin){NULL, NULL};
    dyn_buffer_begin(&text, call, 512);
    dyn_json_write(&text, request);
    DYN_TRY(dyn_buffer_end(&text, &bytes));
    out->request = (const char *)bytes.data;
    if (token.data == NULL) return DYN_OK;
    if (token.size_bytes == 0 ||
        memchr(token.data, 0, token.size_bytes) != NULL ||
        memchr(token.data, '$', token.size_bytes) != NULL) {
        return dyn_fail(call, DYN_INVALID,
                        "ClientToken is a text without $ and without zero "
                        "characters");
    }
    DYN_TRY(dyn_copy(call, token, &bytes));
    out->token = (const char *)bytes.data;
    return DYN_OK;
}

/* --------------------------------------------------------------- finding -- */

dyn_status dyn_job_of_token(dyn_call *call, const dyn_host *host,
                            dyn_job_kind kind, const dyn_job_origin *origin,
                            const char *exception, bool *found, dyn_job *out)
{
    static const int64_t lifetime_ms = INT64_C(8) * 60 * 60 * 1000;
    dyn_job *jobs = NULL;
    size_t count = 0;
    int64_t now_ms = dyn_clock_now_ms();
    *found = false;
    if (origin->token == NULL) return DYN_OK;
    DYN_TRY(host->list_jobs(host->context, call, &jobs, &count));
    for (size_t i = 0; i < count; i++) {
        const dyn_job_origin *other = &jobs[i].origin;
        if (jobs[i].kind != kind || other->token == NULL ||
            strcmp(other->token, origin->token) != 0 ||
            now_ms - jobs[i].started_ms >= lifetime_ms) {
            continue;
        }
        if (other->request == NULL ||
            strcmp(other->request, origin->request) != 0) {
            return dyn_fail_as(call, exception,
                               "another request has had the ClientToken %s",
                               origin->token);
        }
        *found = true;
        *out = jobs[i];
    }
    return DYN_OK;
}

static const char *arn_of(dyn_call *call, const dyn_job *job)
{
    return dyn_format(call, DYN_ARN_PREFIX "%s%s%s", job->table,
                      kinds[job->kind].arn, job->id);
}

dyn_status dyn_job_find(dyn_call *call, const dyn_host *host, dyn_job_kind kind,
                        dyn_bytes arn, dyn_job *out)
{
    dyn_job *jobs = NULL;
    size_t count = 0;
    DYN_TRY(host->list_jobs(host->context, call, &jobs, &count));
    for (size_t i = 0; i < count; i++) {
        const char *other = arn_of(call, &jobs[i]);
        if (other == NULL) return DYN_NOMEM;
        *out = jobs[i];
        if (jobs[i].kind == kind && dyn_bytes_equal_text(arn, other))
            return DYN_OK;
    }
    return dyn_fail_as(call, kinds[kind].not_found, "%s not found: %.*s",
                       kind == DYN_JOB_EXPORT ? "Export" : "Import",
                       SHOWN(arn));
}

/* ----------------------------------------------------------- description -- */

/* An import that has passed over items counts as failed, with what it has
 * imported. */
static bool has_failed(const dyn_job *job)
{
    return job->state == DYN_JOB_FAILED ||
           (job->state == DYN_JOB_COMPLETED && job->errors > 0);
}

static const char *state_of(const dyn_job *job)
{
    if (has_failed(job)) return "FAILED";
    return job->state == DYN_JOB_COMPLETED ? "COMPLETED" : "IN_PROGRESS";
}

static void write_text(dyn_buffer *out, const char *name, const char *text)
{
    if (text != NULL) dyn_response_text(out, name, dyn_bytes_text(text));
}

static dyn_status write_arns(dyn_call *call, dyn_buffer *out,
                             const dyn_job *job)
{
    const words *own = &kinds[job->kind];
    const char *arn = arn_of(call, job);
    const char *table = dyn_format(call, DYN_ARN_PREFIX "%s", job->table);
    if (arn == NULL || table == NULL) return DYN_NOMEM;
    write_text(out, own->arn_member, arn);
    write_text(out, own->state_member, state_of(job));
    write_text(out, "TableArn", table);
    return DYN_OK;
}

static void write_times(dyn_buffer *out, const dyn_job *job)
{
    dyn_response_time(out, "StartTime", job->started_ms);
    if (job->ended_ms != 0) dyn_response_time(out, "EndTime", job->ended_ms);
}

/* What a request has said, as it has said it; NULL has said nothing. */
static void write_members(dyn_buffer *out, const dyn_json *request,
                          const char *const *names)
{
    for (; request != NULL && *names != NULL; names++) {
        const dyn_json *member = dyn_json_member(request, *names);
        if (member == NULL) continue;
        dyn_response_name(out, *names);
        dyn_json_write(out, member);
    }
}

/* A job that SQL has begun has no request. */
static dyn_status read_request(dyn_call *call, const dyn_job *job,
                               const dyn_json **out)
{
    const char *text = job->origin.request;
    *out = NULL;
    if (text == NULL) return DYN_OK;
    dyn_status status =
        dyn_json_parse(call, dyn_bytes_text(text), DYN_JSON_DEPTH_MAX, out);
    return status == DYN_INVALID ? DYN_OK : status;
}

static void write_failure(dyn_call *call, dyn_buffer *out, const dyn_job *job)
{
    if (!has_failed(job)) return;
    bool is_of_items = job->state == DYN_JOB_COMPLETED;
    const char *message = job->message != NULL ? job->message : "unknown";
    if (is_of_items) {
        message = dyn_format(call,
                             "Some of the items failed validation checks. The "
                             "first: %s",
                             message);
    }
    write_text(out, "FailureCode",
               is_of_items ? "ItemValidationError" : "InternalServerError");
    write_text(out, "FailureMessage", message);
}

static const char *type_of(const dyn_json *request)
{
    bool is_full = request == NULL ||
                   !dyn_request_is(request, "ExportType", "INCREMENTAL_EXPORT");
    return is_full ? "FULL_EXPORT" : "INCREMENTAL_EXPORT";
}

static void write_export(dyn_buffer *out, const dyn_job *job,
                         const dyn_json *request)
{
    static const char *const names[] = {"ClientToken",
                                        "ExportTime",
                                        "S3Bucket",
                                        "S3BucketOwner",
                                        "S3Prefix",
                                        "S3SseAlgorithm",
                                        "S3SseKmsKeyId",
                                        "IncrementalExportSpecification",
                                        NULL};
    write_text(out, "ExportManifest", job->manifest);
    bool is_full = strcmp(type_of(request), "FULL_EXPORT") == 0;
    bool is_past =
        request != NULL && dyn_request_member(request, "ExportTime") != NULL;
    if (is_full && !is_past)
        dyn_response_time(out, "ExportTime", job->started_ms);
    write_members(out, request, names);
    if (request == NULL) write_text(out, "S3Bucket", job->path);
    write_text(out, "ExportFormat", "DYNAMODB_JSON");
    write_text(out, "ExportType", type_of(request));
    dyn_response_integer(out, "BilledSizeBytes", job->bytes);
    dyn_response_integer(out, "ItemCount", job->items);
}

static void write_import(dyn_buffer *out, const dyn_job *job,
                         const dyn_json *request)
{
    static const char *const names[] = {"ClientToken",
                                        "S3BucketSource",
                                        "InputFormat",
                                        "InputFormatOptions",
                                        "InputCompressionType",
                                        "TableCreationParameters",
                                        NULL};
    write_members(out, request, names);
    dyn_response_integer(out, "ErrorCount", job->errors);
    dyn_response_integer(out, "ProcessedSizeBytes", job->bytes);
    dyn_response_integer(out, "ProcessedItemCount",
                         job->items + job->deletes + job->errors);
    dyn_response_integer(out, "ImportedItemCount", job->items);
}

dyn_status dyn_job_describe(dyn_call *call, dyn_buffer *out, const dyn_job *job)
{
    const dyn_json *request = NULL;
    DYN_TRY(read_request(call, job, &request));
    dyn_response_name(out, kinds[job->kind].description_member);
    dyn_buffer_add_byte(out, '{');
    DYN_TRY(write_arns(call, out, job));
    write_text(out, "TableId", job->table_id);
    write_times(out, job);
    if (job->kind == DYN_JOB_EXPORT) {
        write_export(out, job, request);
    } else {
        write_import(out, job, request);
    }
    write_failure(call, out, job);
    dyn_buffer_add_byte(out, '}');
    return DYN_OK;
}

/* ----------------------------------------------------------------- lists -- */

static dyn_status write_summary(dyn_call *call, dyn_buffer *out,
                                const dyn_job *job)
{
    static const char *const names[] = {"S3BucketSource", "InputFormat", NULL};
    const dyn_json *request = NULL;
    DYN_TRY(read_request(call, job, &request));
    dyn_response_element(out);
    dyn_buffer_add_byte(out, '{');
    if (job->kind == DYN_JOB_EXPORT) {
        const char *arn = arn_of(call, job);
        if (arn == NULL) return DYN_NOMEM;
        write_text(out, "ExportArn", arn);
        write_text(out, "ExportStatus", state_of(job));
        write_text(out, "ExportType", type_of(request));
    } else {
        DYN_TRY(write_arns(call, out, job));
        write_members(out, request, names);
        write_times(out, job);
    }
    dyn_buffer_add_byte(out, '}');
    return DYN_OK;
}

/* The hexadecimal digits of an id, behind zeros: clients check how long a token
 * of ListImports is. */
static dyn_status token_of(dyn_call *call, const dyn_job *job, const char **out)
{
    const char *dash = strchr(job->id, '-');
    char *token = dyn_alloc(call, TOKEN_DIGITS + 1);
    if (token == NULL) return DYN_NOMEM;
    *out = token;
    memset(token, '0', TOKEN_DIGITS);
    token[TOKEN_DIGITS] = '\0';
    if (dash == NULL || strlen(job->id) != ID_DIGITS + 1) return DYN_OK;
    size_t first = (size_t)(dash - job->id);
    memcpy(token + TOKEN_DIGITS - ID_DIGITS, job->id, first);
    memcpy(token + TOKEN_DIGITS - ID_DIGITS + first, dash + 1,
           ID_DIGITS - first);
    return DYN_OK;
}

static bool is_listed(const dyn_job *job, dyn_job_kind kind, dyn_bytes table)
{
    return job->kind == kind &&
           (table.data == NULL ||
            dyn_bytes_equal_text(dyn_host_table_name(table), job->table));
}

/* Those of a list, in place; and the first that is behind a token. */
static dyn_status choose(dyn_call *call, dyn_job_kind kind,
                         const dyn_json *request, dyn_job *jobs, size_t *count,
                         size_t *first)
{
    size_t kept = 0;
    dyn_bytes table = dyn_request_text(request, "TableArn");
    dyn_bytes token = dyn_request_text(request, "NextToken");
    bool is_found = token.data == NULL;
    *first = 0;
    for (size_t i = 0; i < *count; i++) {
        const char *own = NULL;
        if (!is_listed(&jobs[i], kind, table)) continue;
        DYN_TRY(token_of(call, &jobs[i], &own));
        jobs[kept++] = jobs[i];
        if (is_found || !dyn_bytes_equal_text(token, own)) continue;
        is_found = true;
        *first = kept;
    }
    *count = kept;
    if (is_found) return DYN_OK;
    return dyn_fail(call, DYN_INVALID, "Invalid NextToken");
}

dyn_status dyn_jobs_list(dyn_call *call, const dyn_host *host,
                         dyn_job_kind kind, const dyn_json *request,
                         int64_t most, dyn_buffer *response)
{
    dyn_job *jobs = NULL;
    size_t count = 0;
    size_t first = 0;
    const char *token = NULL;
    DYN_TRY(host->list_jobs(host->context, call, &jobs, &count));
    DYN_TRY(choose(call, kind, request, jobs, &count, &first));
    size_t end = count - first > (size_t)most ? first + (size_t)most : count;
    dyn_response_name(response, kinds[kind].list_member);
    dyn_buffer_add_byte(response, '[');
    for (size_t i = first; i < end; i++)
        DYN_TRY(write_summary(call, response, &jobs[i]));
    dyn_buffer_add_byte(response, ']');
    if (end == count) return DYN_OK;
    DYN_TRY(token_of(call, &jobs[end - 1], &token));
    write_text(response, "NextToken", token);
    return DYN_OK;
}
