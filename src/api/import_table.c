/* ImportTable: S3Bucket is the path of a folder, and S3KeyPrefix that of a file
 * or folder in it. The import is done when the operation returns. */
#include "api/create_table.h"
#include "api/jobs.h"
#include "api/operation.h"
#include "api/request.h"

/* ----------------------------------------------------------------- shape -- */

static const char *const format_words[] = {"DYNAMODB_JSON", "ION", "CSV", NULL};
static const dyn_shape format = {.kind = DYN_SHAPE_STRING,
                                 .words = format_words};
static const char *const packing_words[] = {"GZIP", "ZSTD", "NONE", NULL};
static const dyn_shape packing = {.kind = DYN_SHAPE_STRING,
                                  .words = packing_words};

static const dyn_shape_member source_members[] = {
    {"S3BucketOwner", &dyn_shape_string, false},
    {"S3Bucket", &dyn_shape_bucket, true},
    {"S3KeyPrefix", &dyn_shape_prefix, false},
    {NULL, NULL, false},
};
static const dyn_shape source = {.kind = DYN_SHAPE_STRUCTURE,
                                 .class_name = "S3BucketSource",
                                 .members = source_members};

static const dyn_shape delimiter = {.kind = DYN_SHAPE_STRING,
                                    .has_min = true,
                                    .min = 1,
                                    .has_max = true,
                                    .max = 1};
static const dyn_shape header = {.kind = DYN_SHAPE_STRING,
                                 .has_min = true,
                                 .min = 1,
                                 .has_max = true,
                                 .max = 65536};
static const dyn_shape headers = {.kind = DYN_SHAPE_LIST,
                                  .has_min = true,
                                  .min = 1,
                                  .has_max = true,
                                  .max = 255,
                                  .element = &header};
static const dyn_shape_member csv_members[] = {
    {"Delimiter", &delimiter, false},
    {"HeaderList", &headers, false},
    {NULL, NULL, false},
};
static const dyn_shape csv = {.kind = DYN_SHAPE_STRUCTURE,
                              .class_name = "CsvOptions",
                              .members = csv_members};
static const dyn_shape_member options_members[] = {
    {"Csv", &csv, false},
    {NULL, NULL, false},
};
static const dyn_shape options = {.kind = DYN_SHAPE_STRUCTURE,
                                  .class_name = "InputFormatOptions",
                                  .members = options_members};

static const dyn_shape_member members[] = {
    {"ClientToken", &dyn_shape_job_token, false},
    {"S3BucketSource", &source, true},
    {"InputFormat", &format, true},
    {"InputFormatOptions", &options, false},
    {"InputCompressionType", &packing, false},
    {"TableCreationParameters", &dyn_shape_creation, true},
    {NULL, NULL, false},
};
static const dyn_shape input = {.kind = DYN_SHAPE_STRUCTURE,
                                .class_name = "ImportTableInput",
                                .members = members};

/* --------------------------------------------------------------- request -- */

static dyn_status read_headers(dyn_call *call, const dyn_json *list,
                               dyn_import_request *out)
{
    dyn_bytes *names = dyn_alloc(call, list->count * sizeof(dyn_bytes));
    if (names == NULL) return DYN_NOMEM;
    out->header = names;
    out->header_count = list->count;
    for (const dyn_json *c = list->first; c != NULL; c = c->next)
        *names++ = c->text;
    return DYN_OK;
}

static dyn_status read_csv(dyn_call *call, const dyn_json *request,
                           dyn_import_request *out)
{
    const dyn_json *given = dyn_request_member(request, "InputFormatOptions");
    const dyn_json *own =
        given == NULL ? NULL : dyn_request_member(given, "Csv");
    if (own == NULL) return DYN_OK;
    if (out->format != DYN_IMPORT_CSV) {
        return dyn_fail(call, DYN_INVALID,
                        "InputFormatOptions.Csv goes with InputFormat CSV");
    }
    const dyn_json *list = dyn_request_member(own, "HeaderList");
    dyn_bytes mark = dyn_request_text(own, "Delimiter");
    if (mark.data != NULL) {
        if (!dyn_import_is_delimiter(mark)) {
            return dyn_fail(call, DYN_INVALID,
                            "Delimiter is one of , ; : | and the characters "
                            "of a tab and a blank");
        }
        out->delimiter = mark.data[0];
    }
    return list == NULL ? DYN_OK : read_headers(call, list, out);
}

static dyn_status read_request(dyn_call *call, const dyn_json *request,
                               dyn_import_request *out)
{
    if (dyn_request_is(request, "InputFormat", "ION")) {
        return dyn_fail(call, DYN_INVALID,
                        "dynamo does not read Amazon Ion: use InputFormat "
                        "DYNAMODB_JSON or CSV");
    }
    if (dyn_request_is(request, "InputCompressionType", "ZSTD")) {
        return dyn_fail(call, DYN_INVALID,
                        "dynamo does not read what Zstandard has compressed: "
                        "use InputCompressionType GZIP or NONE");
    }
    *out = (dyn_import_request){
        .format = dyn_request_is(request, "InputFormat", "CSV")
                      ? DYN_IMPORT_CSV
                      : DYN_IMPORT_JSON,
        .packing = dyn_request_is(request, "InputCompressionType", "GZIP")
                       ? DYN_PACKED_GZIP
                       : DYN_PACKED_NOT,
        .errors_max = INT64_MAX,
        .verifies = true,
        .delimiter = ',',
    };
    DYN_TRY(read_csv(call, request, out));
    return dyn_job_path(call, dyn_request_member(request, "S3BucketSource"),
                        "S3KeyPrefix", &out->path);
}

/* ------------------------------------------------------------- operation -- */

static dyn_status create_and_import(dyn_call *call, const dyn_host *host,
                                    const dyn_json *request, dyn_import *import,
                                    const dyn_job_origin *origin, dyn_job *job)
{
    dyn_table *table = NULL;
    DYN_TRY(dyn_create_table(
        call, host, dyn_request_member(request, "TableCreationParameters"),
        &table));
    const char *name = dyn_format(call, "%s", dyn_table_label(table));
    if (name == NULL) return DYN_NOMEM;
    return host->import_table(host->context, call, name, import, origin, job);
}

static dyn_status import_table(dyn_call *call, const dyn_host *host,
                               const dyn_json *request, dyn_buffer *response)
{
    bool is_known = false;
    dyn_job_origin origin;
    dyn_import_request order;
    dyn_import import;
    dyn_job job;
    DYN_TRY(read_request(call, request, &order));
    DYN_TRY(dyn_job_origin_of(call, request, &origin));
    DYN_TRY(dyn_job_of_token(call, host, DYN_JOB_IMPORT, &origin,
                             "ImportConflictException", &is_known, &job));
    if (is_known) return dyn_job_describe(call, response, &job);
    DYN_TRY(dyn_import_begin(call, &order, &import));
    dyn_status status =
        create_and_import(call, host, request, &import, &origin, &job);
    dyn_import_end(&import);
    return status == DYN_OK ? dyn_job_describe(call, response, &job) : status;
}

const dyn_operation dyn_operation_import_table = {"ImportTable", &input,
                                                  import_table};
