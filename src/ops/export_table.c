/* Exports; the contract is in export_table.h. */
#include "ops/export_table.h"

#include "base/arn.h"
#include "base/buffer.h"
#include "base/calendar.h"
#include "base/clock.h"
#include "engine/row.h"
#include "engine/rows.h"
#include "file/folder.h"
#include "file/writer.h"
#include "item/item_json.h"
#include "item/json.h"
#include "item/key.h"

#include <inttypes.h>

enum { PAGE_ROWS = 256, PAGE_BYTES_MAX = 256 * 1024 };

/* An export that is being written. */
typedef struct export
{
    dyn_call *call; /* that of the export */
    dyn_table *table;
    const dyn_export_request *request;
    dyn_job *job;
    const char *folder;  /* of the one export; NULL: it is a file */
    dyn_writer *writer;  /* of the present file, if it is open. Owned */
    const char *name;    /* of that file, in the folder of data */
    int64_t file_items;  /* in it so far */
    int64_t file_bytes;  /* of text */
    int files;           /* so far */
    dyn_buffer manifest; /* a line for each file */
    size_t position_bytes;
    unsigned char position[DYN_INDEX_KEY_BYTES_MAX + 1]; /* of the next page */
}
export;

/* ------------------------------------------------------------------ files --
 */

static const char *in_folder(export *out, const char *name)
{
    return dyn_path_join(out->call, out->folder, name);
}

static bool is_named_gzip(const char *path)
{
    size_t length = strlen(path);
    return length >= strlen(".gz") &&
           strcmp(path + length - strlen(".gz"), ".gz") == 0;
}

/* Files of a folder are called by the second part of the export's id. */
static dyn_status open_file(export *out)
{
    const char *path = out->request->path;
    if (out->folder != NULL) {
        const char *dash = strchr(out->job->id, '-');
        out->name =
            dyn_format(out->call, "data/%s-%06d.json.gz",
                       dash != NULL ? dash + 1 : out->job->id, ++out->files);
        path = out->name == NULL ? NULL : in_folder(out, out->name);
        if (path == NULL) return DYN_NOMEM;
    }
    out->file_items = 0;
    out->file_bytes = 0;
    return dyn_writer_open(out->call, path,
                           out->folder != NULL || is_named_gzip(path),
                           out->request->may_replace, out->writer);
}

/* The key that a file of the export has in its bucket. */
static const char *key_of(const export *out, const char *name)
{
    const char *prefix = out->request->prefix;
    bool is_plain = prefix == NULL || prefix[0] == '\0';
    return dyn_format(out->call, "%s%sAWSDynamoDB/%s/%s",
                      is_plain ? "" : prefix,
                      is_plain || dyn_path_ends_in_slash(prefix) ? "" : "/",
                      out->job->id, name);
}

/* What the manifest says of a file. */
static dyn_status add_to_manifest(export *out, const dyn_sum_text *sum)
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

static dyn_status close_file(export *out)
{
    dyn_sum_text sum;
    if (out->writer->file < 0) return DYN_OK;
    DYN_TRY(dyn_writer_finish(out->call, out->writer, &sum));
    return out->folder == NULL ? DYN_OK : add_to_manifest(out, &sum);
}

/* ------------------------------------------------------------------ items --
 */

static dyn_status write_row(dyn_call *call, export *out, const dyn_row *row)
{
    enum { ROOM_BYTES = 512 };
    dyn_view view;
    dyn_map item = {NULL, 0};
    dyn_buffer line;
    dyn_bytes bytes = {NULL, 0};
    if (out->writer->file < 0) DYN_TRY(open_file(out));
    DYN_TRY(dyn_row_open(call, dyn_table_layout(out->table), DYN_TREE_ITEMS,
                         row->key, row->item, &view));
    DYN_TRY(dyn_view_decode(call, &view, &item));
    dyn_buffer_begin(&line, call, ROOM_BYTES);
    dyn_buffer_add_text(&line, "{\"Item\":");
    dyn_item_to_json(&line, &item, DYN_JSON_TYPED);
    dyn_buffer_add_text(&line, "}\n");
    DYN_TRY(dyn_buffer_end(&line, &bytes));
    DYN_TRY(dyn_writer_add(call, out->writer, bytes));
    out->file_items++;
    out->file_bytes += (int64_t)bytes.size_bytes;
    out->job->items++;
    out->job->bytes += (int64_t)bytes.size_bytes;
    bool is_full = out->file_bytes >= out->request->file_bytes_max;
    return out->folder != NULL && is_full ? close_file(out) : DYN_OK;
}

/* No key is between a key and the position behind it. */
static dyn_status move_behind(dyn_call *call, export *out, dyn_bytes key)
{
    if (key.size_bytes > DYN_INDEX_KEY_BYTES_MAX) {
        return dyn_fail(call, DYN_CORRUPT, "a stored key has %zu bytes",
                        key.size_bytes);
    }
    memcpy(out->position, key.data, key.size_bytes);
    out->position[key.size_bytes] = 0;
    out->position_bytes = key.size_bytes + 1;
    return DYN_OK;
}

/* The next page, in memory of its own. */
static dyn_status write_page(dyn_call *page, export *out, bool *is_end)
{
    static const unsigned char last[DYN_KEY_HASH_BYTES + 1] = {
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    dyn_rows rows;
    const dyn_range range = {
        .tree = DYN_TREE_ITEMS,
        .low = {out->position, out->position_bytes},
        .high = {last, sizeof(last)},
        .rows_max = PAGE_ROWS,
        .bytes_max = PAGE_BYTES_MAX,
    };
    DYN_TRY(dyn_rows_range(page, dyn_table_store(out->table), &range, &rows));
    *is_end = rows.is_end || rows.count == 0;
    for (size_t i = 0; i < rows.count; i++)
        DYN_TRY(write_row(page, out, &rows.all[i]));
    return *is_end ? DYN_OK
                   : move_behind(page, out, rows.all[rows.count - 1].key);
}

static dyn_status write_items(export *out)
{
    for (bool is_end = false; !is_end;) {
        dyn_call page;
        dyn_call_begin(&page);
        dyn_status status = write_page(&page, out, &is_end);
        if (status != DYN_OK) {
            out->call->error = page.error;
            out->call->error.text = NULL; /* the page's memory */
            out->call->error.members = NULL;
        }
        dyn_call_end(&page);
        if (status != DYN_OK) return status;
    }
    return DYN_OK;
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

static dyn_status print_summary(export *out, dyn_bytes *text)
{
    dyn_call *call = out->call;
    const dyn_export_request *request = out->request;
    const dyn_job *job = out->job;
    int64_t now_ms = dyn_clock_now_ms();
    const char *started = time_text(call, job->started_ms);
    const char *ended = time_text(call, now_ms);
    const char *arn = dyn_format(call, DYN_ARN_PREFIX "%s", job->table);
    const char *export_arn =
        dyn_format(call, DYN_ARN_PREFIX "%s/export/%s", job->table, job->id);
    const char *files = key_of(out, "manifest-files.json");
    const char *counts = dyn_format(
        call, ",\"billedSizeBytes\":%" PRId64 ",\"itemCount\":%" PRId64,
        job->bytes, job->items);
    if (started == NULL || ended == NULL || arn == NULL || export_arn == NULL ||
        files == NULL || counts == NULL) {
        return DYN_NOMEM;
    }
    dyn_buffer all;
    dyn_buffer_begin(&all, call, 1024);
    add_member(&all, "{\"version\":\"2020-06-30\",\"exportArn\":", export_arn);
    add_member(&all, ",\"startTime\":", started);
    add_member(&all, ",\"endTime\":", ended);
    add_member(&all, ",\"tableArn\":", arn);
    add_member(&all, ",\"tableId\":", job->table_id);
    add_member(&all, ",\"exportTime\":", started);
    add_member(&all, ",\"s3Bucket\":",
               request->bucket != NULL ? request->bucket : request->path);
    add_member(&all, ",\"s3Prefix\":", request->prefix);
    add_member(&all, ",\"s3SseAlgorithm\":", "AES256");
    add_member(&all, ",\"s3SseKmsKeyId\":", NULL);
    add_member(&all, ",\"manifestFilesS3Key\":", files);
    dyn_buffer_add_text(&all, counts);
    add_member(&all, ",\"outputFormat\":", "DYNAMODB_JSON");
    add_member(&all, ",\"exportType\":", "FULL_EXPORT");
    dyn_buffer_add_text(&all, "}");
    return dyn_buffer_end(&all, text);
}

/* A file, and one with its sum beside it. */
static dyn_status write_summed(export *out, const char *name, dyn_bytes text)
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

static dyn_status write_manifest(export *out)
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

/* ---------------------------------------------------------------- export -- */

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

static dyn_status make_folder(export *out)
{
    const char *all =
        dyn_path_join(out->call, out->request->path, "AWSDynamoDB");
    if (all == NULL) return DYN_NOMEM;
    out->folder = dyn_path_join(out->call, all, out->job->id);
    const char *data = out->folder == NULL ? NULL : in_folder(out, "data");
    if (data == NULL) return DYN_NOMEM;
    dyn_buffer_begin(&out->manifest, out->call, 1024);
    return dyn_folder_make(out->call, data);
}

/* A file of its own has no items if the table has none. */
static dyn_status write_all(export *out)
{
    if (out->request->is_folder) {
        DYN_TRY(make_folder(out));
    } else {
        DYN_TRY(open_file(out));
    }
    DYN_TRY(write_items(out));
    DYN_TRY(close_file(out));
    return out->folder == NULL ? DYN_OK : write_manifest(out);
}

dyn_status dyn_export_table(dyn_call *call, dyn_table *table,
                            const dyn_export_request *request, dyn_job *job)
{
    export out = {.call = call, .table = table, .request = request, .job = job};
    out.writer = dyn_writer_new(call);
    if (out.writer == NULL) return DYN_NOMEM;
    dyn_status status = write_all(&out);
    dyn_writer_discard(out.writer);
    return status;
}
