/* The files of an export; the contracts are in export_files.h. */
#include "ops/export_files.h"

#include "base/arn.h"
#include "base/calendar.h"
#include "base/clock.h"
#include "file/folder.h"
#include "item/json.h"

#include <inttypes.h>

/* ------------------------------------------------------------------ data -- */

static const char *in_folder(dyn_export_files *out, const char *name)
{
    return dyn_path_join(out->call, out->folder, name);
}

static bool is_named_gzip(const char *path)
{
    size_t length = strlen(path);
    return length >= strlen(".gz") &&
           strcmp(path + length - strlen(".gz"), ".gz") == 0;
}

/* The name of a file of data: those of incremental exports lie in one folder.
 */
static dyn_status name_file(dyn_export_files *out, const char **path)
{
    const char *id = out->job->id;
    out->name =
        out->request->period == NULL
            ? dyn_format(out->call, "%s/data/%s-%06d.json.gz", id, id,
                         ++out->files)
            : dyn_format(out->call, "data/%s-%06d.json.gz", id, ++out->files);
    if (out->name == NULL) return DYN_NOMEM;
    *path = dyn_format(out->call, "%s/../%s", out->folder, out->name);
    return *path == NULL ? DYN_NOMEM : DYN_OK;
}

static dyn_status open_file(dyn_export_files *out)
{
    const char *path = out->request->path;
    if (out->folder != NULL) DYN_TRY(name_file(out, &path));
    out->file_items = 0;
    out->file_bytes = 0;
    return dyn_writer_open(out->call, path,
                           out->folder != NULL || is_named_gzip(path),
                           out->request->may_replace, out->writer);
}

/* The key that a file of the export has in its bucket. */
static const char *key_of(const dyn_export_files *out, const char *name)
{
    const char *prefix = out->request->prefix;
    bool is_plain = prefix == NULL || prefix[0] == '\0';
    return dyn_format(out->call, "%s%sAWSDynamoDB/%s", is_plain ? "" : prefix,
                      is_plain || dyn_path_ends_in_slash(prefix) ? "" : "/",
                      name);
}

/* What the manifest says of a file. */
static dyn_status add_to_manifest(dyn_export_files *out,
                                  const dyn_sum_text *sum)
{
    const char *text =
        dyn_format(out->call,
                   "{\"itemCount\":%" PRId64 ",\"md5Checksum\":\"%s\","
                   "\"dataFileS3Key\":",
                   out->file_items, sum->text);
    const char *key = key_of(out, out->name);
    if (text == NULL || key == NULL) return DYN_NOMEM;
    dyn_buffer_add_text(&out->manifest, text);
    dyn_json_write_string(&out->manifest, dyn_bytes_text(key));
    dyn_buffer_add_text(&out->manifest, "}\n");
    return DYN_OK;
}

static dyn_status close_file(dyn_export_files *out)
{
    dyn_sum_text sum;
    if (out->writer->file < 0) return DYN_OK;
    DYN_TRY(dyn_writer_finish(out->call, out->writer, &sum));
    return out->folder == NULL ? DYN_OK : add_to_manifest(out, &sum);
}

/* -------------------------------------------------------------- manifest -- */

static void add_member(dyn_buffer *out, const char *name, const char *value)
{
    dyn_buffer_add_text(out, name);
    if (value == NULL) {
        dyn_buffer_add_text(out, "null");
    } else {
        dyn_json_write_string(out, dyn_bytes_text(value));
    }
}

static const char *time_text(dyn_call *call, int64_t time_ms)
{
    dyn_date date = dyn_date_of(time_ms);
    return dyn_format(call, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", date.year,
                      date.month, date.day, date.hour, date.minute, date.second,
                      date.millisecond);
}

/* Which state, or which changes. */
static dyn_status print_times(const dyn_export_files *out, dyn_buffer *all)
{
    const dyn_export_period *period = out->request->period;
    int64_t time_ms = out->request->time_ms;
    if (time_ms == 0) time_ms = out->job->started_ms;
    const char *first =
        time_text(out->call, period == NULL ? time_ms : period->from_ms);
    const char *end = time_text(out->call, period == NULL ? 0 : period->to_ms);
    if (first == NULL || end == NULL) return DYN_NOMEM;
    add_member(all, ",\"exportType\":",
               period == NULL ? "FULL_EXPORT" : "INCREMENTAL_EXPORT");
    add_member(
        all,
        period == NULL ? ",\"exportTime\":" : ",\"exportFromTime\":", first);
    if (period == NULL) return DYN_OK;
    add_member(all, ",\"exportToTime\":", end);
    add_member(all, ",\"outputView\":",
               period->has_old ? "NEW_AND_OLD_IMAGES" : "NEW_IMAGE");
    return DYN_OK;
}

/* Whose export it is. */
static dyn_status print_names(const dyn_export_files *out, dyn_buffer *all)
{
    dyn_call *call = out->call;
    const dyn_job *job = out->job;
    const char *started = time_text(call, job->started_ms);
    const char *ended = time_text(call, dyn_clock_now_ms());
    const char *table = dyn_format(call, DYN_ARN_PREFIX "%s", job->table);
    const char *own =
        dyn_format(call, DYN_ARN_PREFIX "%s/export/%s", job->table, job->id);
    if (started == NULL || ended == NULL || table == NULL || own == NULL)
        return DYN_NOMEM;
    add_member(all, ",\"exportArn\":", own);
    add_member(all, ",\"startTime\":", started);
    add_member(all, ",\"endTime\":", ended);
    add_member(all, ",\"tableArn\":", table);
    add_member(all, ",\"tableId\":", job->table_id);
    return DYN_OK;
}

/* Where it lies, and what there is of it. */
static dyn_status print_place(const dyn_export_files *out, dyn_buffer *all)
{
    dyn_call *call = out->call;
    const dyn_export_request *request = out->request;
    const dyn_job *job = out->job;
    const char *files = dyn_format(call, "%s/manifest-files.json", job->id);
    if (files != NULL) files = key_of(out, files);
    const char *counts = dyn_format(
        call, ",\"billedSizeBytes\":%" PRId64 ",\"itemCount\":%" PRId64,
        job->bytes, job->items);
    if (files == NULL || counts == NULL) return DYN_NOMEM;
    add_member(all, ",\"s3Bucket\":",
               request->bucket != NULL ? request->bucket : request->path);
    add_member(all, ",\"s3Prefix\":", request->prefix);
    add_member(all, ",\"s3SseAlgorithm\":", "AES256");
    add_member(all, ",\"s3SseKmsKeyId\":", NULL);
    add_member(all, ",\"manifestFilesS3Key\":", files);
    dyn_buffer_add_text(all, counts);
    return DYN_OK;
}

static dyn_status print_summary(const dyn_export_files *out, dyn_bytes *text)
{
    dyn_buffer all;
    dyn_buffer_begin(&all, out->call, 1024);
    add_member(&all, "{\"version\":",
               out->request->period == NULL ? "2020-06-30" : "2023-08-01");
    DYN_TRY(print_names(out, &all));
    DYN_TRY(print_place(out, &all));
    add_member(&all, ",\"outputFormat\":", "DYNAMODB_JSON");
    DYN_TRY(print_times(out, &all));
    dyn_buffer_add_byte(&all, '}');
    return dyn_buffer_end(&all, text);
}

/* A file, and one with its sum beside it. */
static dyn_status write_summed(dyn_export_files *out, const char *name,
                               dyn_bytes text)
{
    dyn_sum_text sum;
    const char *base = dyn_format(out->call, "%s.json", name);
    const char *md5 = dyn_format(out->call, "%s.md5", name);
    if (base == NULL || md5 == NULL) return DYN_NOMEM;
    base = in_folder(out, base);
    md5 = in_folder(out, md5);
    if (base == NULL || md5 == NULL) return DYN_NOMEM;
    DYN_TRY(dyn_writer_whole(out->call, base, text, &sum));
    return dyn_writer_whole(out->call, md5, dyn_bytes_text(sum.text), NULL);
}

static dyn_status write_manifest(dyn_export_files *out)
{
    dyn_bytes files = {NULL, 0};
    dyn_bytes summary = {NULL, 0};
    DYN_TRY(dyn_buffer_end(&out->manifest, &files));
    DYN_TRY(print_summary(out, &summary));
    DYN_TRY(write_summed(out, "manifest-files", files));
    DYN_TRY(write_summed(out, "manifest-summary", summary));
    out->job->manifest = dyn_format(
        out->call, "AWSDynamoDB/%s/manifest-summary.json", out->job->id);
    return out->job->manifest == NULL ? DYN_NOMEM : DYN_OK;
}

/* ----------------------------------------------------------------- begin -- */

bool dyn_export_is_folder(const char *path)
{
    return dyn_path_ends_in_slash(path) ||
           dyn_path_kind_of(path) == DYN_PATH_FOLDER;
}

dyn_status dyn_export_check_folder(dyn_call *call, const char *path)
{
    switch (dyn_path_kind_of(path)) {
    case DYN_PATH_NONE:
        return dyn_path_fail(call, path);
    case DYN_PATH_FOLDER:
        return DYN_OK;
    case DYN_PATH_FILE:
    case DYN_PATH_OTHER:
        break;
    }
    return dyn_fail(call, DYN_INVALID, "%s is no folder", path);
}

static dyn_status make_folder(dyn_export_files *out)
{
    const char *all =
        dyn_path_join(out->call, out->request->path, "AWSDynamoDB");
    if (all == NULL) return DYN_NOMEM;
    out->folder = dyn_path_join(out->call, all, out->job->id);
    if (out->folder == NULL) return DYN_NOMEM;
    const char *data = dyn_path_join(
        out->call, out->request->period == NULL ? out->folder : all, "data");
    if (data == NULL) return DYN_NOMEM;
    dyn_buffer_begin(&out->manifest, out->call, 1024);
    DYN_TRY(dyn_folder_make(out->call, out->folder));
    return dyn_folder_make(out->call, data);
}

/* A file of its own has no items if there are none. */
dyn_status dyn_export_begin(dyn_call *call, const dyn_export_request *request,
                            dyn_job *job, dyn_export_files *out)
{
    *out = (dyn_export_files){.call = call, .request = request, .job = job};
    out->writer = dyn_writer_new(call);
    if (out->writer == NULL) return DYN_NOMEM;
    return request->is_folder ? make_folder(out) : open_file(out);
}

dyn_status dyn_export_add(dyn_call *call, dyn_export_files *out, dyn_bytes line)
{
    if (out->writer->file < 0) DYN_TRY(open_file(out));
    DYN_TRY(dyn_writer_add(call, out->writer, line));
    out->file_items++;
    out->file_bytes += (int64_t)line.size_bytes;
    out->job->items++;
    out->job->bytes += (int64_t)line.size_bytes;
    bool is_full = out->file_bytes >= out->request->file_bytes_max;
    return out->folder != NULL && is_full ? close_file(out) : DYN_OK;
}

dyn_status dyn_export_end(dyn_export_files *out)
{
    DYN_TRY(close_file(out));
    return out->folder == NULL ? DYN_OK : write_manifest(out);
}

void dyn_export_discard(dyn_export_files *out)
{
    if (out->writer != NULL) dyn_writer_discard(out->writer);
}
