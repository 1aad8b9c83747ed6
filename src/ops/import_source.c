/* What an import reads; the contract is in import_source.h. */
#include "ops/import_source.h"

#include "base/buffer.h"
#include "file/folder.h"
#include "file/reader.h"
#include "file/sum.h"
#include "item/json.h"

#include <stdlib.h>

#define SUMMARY "manifest-summary.json"

/* A manifest that is being read. */
typedef struct manifest {
    dyn_call *call;
    const char *folder; /* in which it lies */
    bool verifies;
    dyn_reader *reader; /* closed between uses */
    dyn_buffer files;
} manifest;

/* ----------------------------------------------------------------- paths -- */

/* What comes behind the last slash. */
static const char *last_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

static const char *folder_of(dyn_call *call, const char *path)
{
    size_t length = (size_t)(last_name(path) - path);
    return length == 0 ? "." : dyn_format(call, "%.*s", (int)length, path);
}

static dyn_status add_file(dyn_call *call, dyn_buffer *files, const char *path,
                           int64_t items)
{
    dyn_source_file file = {path, items};
    if (path == NULL) return dyn_fail_nomem(call);
    dyn_buffer_add(files, &file, sizeof(file));
    return DYN_OK;
}

static dyn_status end_files(dyn_buffer *files, dyn_import_source *out)
{
    dyn_bytes bytes = {NULL, 0};
    DYN_TRY(dyn_buffer_end(files, &bytes));
    out->files = (const dyn_source_file *)(const void *)bytes.data;
    out->count = bytes.size_bytes / sizeof(dyn_source_file);
    return DYN_OK;
}

/* -------------------------------------------------------------- manifest -- */

static dyn_status fail(const manifest *in, const char *file, const char *what)
{
    return dyn_fail(in->call, DYN_INVALID, "%s: %s", file, what);
}

/* A file is looked for by its name alone: beside the manifest, where a full
 * export has it, or one folder up, where incremental exports have theirs. */
static dyn_status find_data(const manifest *in, const char *key,
                            const char **out)
{
    const char *name = last_name(key);
    *out = dyn_format(in->call, "%s/data/%s", in->folder, name);
    if (*out == NULL) return DYN_NOMEM;
    if (dyn_path_kind_of(*out) == DYN_PATH_FILE) return DYN_OK;
    const char *above = dyn_format(in->call, "%s/../data/%s", in->folder, name);
    if (above == NULL) return DYN_NOMEM;
    if (dyn_path_kind_of(above) != DYN_PATH_FILE)
        return fail(in, *out, "the manifest names this file, which is missing");
    *out = above;
    return DYN_OK;
}

static dyn_status check_sum(const manifest *in, const char *path,
                            const dyn_json *expected)
{
    dyn_sum_text sum;
    if (!in->verifies || expected == NULL || expected->type != DYN_JSON_STRING)
        return DYN_OK;
    DYN_TRY(dyn_sum_file(in->call, path, &sum));
    if (dyn_bytes_equal_text(expected->text, sum.text)) return DYN_OK;
    return dyn_fail(in->call, DYN_INVALID,
                    "%s: its MD5 sum is %s, and not %.*s as the manifest says: "
                    "the file is damaged or not whole",
                    path, sum.text, (int)expected->text.size_bytes,
                    (const char *)expected->text.data);
}

/* {"itemCount":8,"md5Checksum":"…","etag":"…","dataFileS3Key":"…"} */
static dyn_status read_line(manifest *in, const char *path, dyn_bytes line)
{
    const dyn_json *json = NULL;
    const char *data = NULL;
    dyn_bytes name = {NULL, 0};
    DYN_TRY(dyn_json_parse(in->call, line, DYN_JSON_DEPTH_MAX, &json));
    const dyn_json *key = dyn_json_member(json, "dataFileS3Key");
    const dyn_json *count = dyn_json_member(json, "itemCount");
    if (key == NULL || key->type != DYN_JSON_STRING ||
        memchr(key->text.data, 0, key->text.size_bytes) != NULL) {
        return fail(in, path, "a line has no dataFileS3Key");
    }
    DYN_TRY(dyn_copy(in->call, key->text, &name));
    DYN_TRY(find_data(in, (const char *)name.data, &data));
    DYN_TRY(check_sum(in, data, dyn_json_member(json, "md5Checksum")));
    int64_t items = -1;
    if (count != NULL && count->type == DYN_JSON_NUMBER) {
        DYN_TRY(dyn_copy(in->call, count->text, &name));
        items = strtoll((const char *)name.data, NULL, 10);
    }
    return add_file(in->call, &in->files, data, items);
}

static dyn_status read_lines(manifest *in, dyn_reader *reader)
{
    for (;;) {
        dyn_bytes line = {NULL, 0};
        dyn_bytes copy = {NULL, 0};
        DYN_TRY(dyn_reader_line(in->call, reader, &line));
        if (line.data == NULL) return DYN_OK;
        if (line.size_bytes == 0) continue;
        DYN_TRY(dyn_copy(in->call, line, &copy));
        DYN_TRY(read_line(in, reader->path, copy));
    }
}

static dyn_status read_files(manifest *in)
{
    const char *path =
        dyn_path_join(in->call, in->folder, "manifest-files.json");
    if (path == NULL) return DYN_NOMEM;
    DYN_TRY(dyn_reader_open(in->call, path, in->reader));
    dyn_status status = read_lines(in, in->reader);
    dyn_reader_close(in->reader);
    return status;
}

/* The sum of a file of the manifest, if there is one beside it. */
static dyn_status check_beside(const manifest *in, const char *name)
{
    dyn_bytes line = {NULL, 0};
    const char *path = dyn_format(in->call, "%s/%s.json", in->folder, name);
    const char *md5 = dyn_format(in->call, "%s/%s.md5", in->folder, name);
    if (path == NULL || md5 == NULL) return DYN_NOMEM;
    if (dyn_path_kind_of(md5) != DYN_PATH_FILE) return DYN_OK;
    DYN_TRY(dyn_reader_open(in->call, md5, in->reader));
    dyn_status status = dyn_reader_line(in->call, in->reader, &line);
    const dyn_json expected = {.type = DYN_JSON_STRING, .text = line};
    if (status == DYN_OK && line.data != NULL)
        status = check_sum(in, path, &expected);
    dyn_reader_close(in->reader);
    return status;
}

/* What kind of export it is tells each line of the files. */
static dyn_status check_format(const manifest *in, const char *path,
                               dyn_bytes text)
{
    const dyn_json *json = NULL;
    dyn_status status =
        dyn_json_parse(in->call, text, DYN_JSON_DEPTH_MAX, &json);
    if (status == DYN_INVALID) return fail(in, path, "it is no JSON");
    if (status != DYN_OK) return status;
    const dyn_json *format = dyn_json_member(json, "outputFormat");
    if (format == NULL || format->type != DYN_JSON_STRING ||
        dyn_bytes_equal_text(format->text, "DYNAMODB_JSON")) {
        return DYN_OK;
    }
    return fail(in, path,
                "the export is in Amazon Ion, which dynamo does not read: "
                "export the table as DYNAMODB_JSON");
}

static dyn_status read_text(dyn_call *call, dyn_reader *reader, dyn_bytes *out)
{
    dyn_buffer text;
    dyn_buffer_begin(&text, call, 1024);
    for (;;) {
        dyn_bytes line = {NULL, 0};
        DYN_TRY(dyn_reader_line(call, reader, &line));
        if (line.data == NULL) return dyn_buffer_end(&text, out);
        dyn_buffer_add_bytes(&text, line);
        dyn_buffer_add_byte(&text, '\n');
        if (text.size_bytes > DYN_LINE_BYTES_MAX) {
            return dyn_fail(call, DYN_INVALID, "%s: it is longer than 16 MB",
                            reader->path);
        }
    }
}

static dyn_status read_summary(const manifest *in)
{
    dyn_bytes text = {NULL, 0};
    const char *path = dyn_path_join(in->call, in->folder, SUMMARY);
    if (path == NULL) return DYN_NOMEM;
    DYN_TRY(check_beside(in, "manifest-summary"));
    DYN_TRY(check_beside(in, "manifest-files"));
    DYN_TRY(dyn_reader_open(in->call, path, in->reader));
    dyn_status status = read_text(in->call, in->reader, &text);
    dyn_reader_close(in->reader);
    return status == DYN_OK ? check_format(in, path, text) : status;
}

static dyn_status read_manifest(dyn_call *call, const char *folder,
                                bool verifies, dyn_import_source *out)
{
    manifest in = {.call = call, .folder = folder, .verifies = verifies};
    in.reader = dyn_reader_new(call);
    if (in.reader == NULL) return DYN_NOMEM;
    dyn_buffer_begin(&in.files, call, 16 * sizeof(dyn_source_file));
    DYN_TRY(read_summary(&in));
    DYN_TRY(read_files(&in));
    return end_files(&in.files, out);
}

/* --------------------------------------------------------------- folders -- */

static dyn_status has_file(dyn_call *call, const char *folder, const char *name,
                           bool *out)
{
    const char *path = dyn_path_join(call, folder, name);
    if (path == NULL) return DYN_NOMEM;
    *out = dyn_path_kind_of(path) != DYN_PATH_NONE;
    return DYN_OK;
}

/* The one export in a folder AWSDynamoDB. One that is not whole has no summary.
 */
static dyn_status find_export(dyn_call *call, const char *folder,
                              const char **out)
{
    const char **names = NULL;
    size_t count = 0;
    size_t found = 0;
    DYN_TRY(dyn_folder_list(call, folder, &names, &count));
    for (size_t i = 0; i < count; i++) {
        bool is_export = false;
        const char *path = dyn_path_join(call, folder, names[i]);
        if (path == NULL) return DYN_NOMEM;
        DYN_TRY(has_file(call, path, SUMMARY, &is_export));
        if (!is_export) continue;
        *out = path;
        found++;
    }
    if (found == 1) return DYN_OK;
    return dyn_fail(call, DYN_INVALID,
                    "%s has %zu exports that are whole: name the folder of one",
                    folder, found);
}

/* All files of a folder that has no manifest. */
static dyn_status list_files(dyn_call *call, const char *folder,
                             dyn_import_source *out)
{
    const char **names = NULL;
    size_t count = 0;
    bool is_export = false;
    dyn_buffer files;
    DYN_TRY(has_file(call, folder, "data", &is_export));
    if (is_export) {
        return dyn_fail(call, DYN_INVALID,
                        "%s has a folder data, and no " SUMMARY
                        ": the export is not whole; name the folder data "
                        "to read what there is",
                        folder);
    }
    DYN_TRY(dyn_folder_list(call, folder, &names, &count));
    dyn_buffer_begin(&files, call, count * sizeof(dyn_source_file));
    for (size_t i = 0; i < count; i++) {
        const char *path = dyn_path_join(call, folder, names[i]);
        if (path == NULL) return DYN_NOMEM;
        if (dyn_path_kind_of(path) == DYN_PATH_FILE)
            DYN_TRY(add_file(call, &files, path, -1));
    }
    if (files.size_bytes == 0)
        return dyn_fail(call, DYN_INVALID, "%s has no files", folder);
    return end_files(&files, out);
}

static dyn_status find_in_folder(dyn_call *call, const char *folder,
                                 bool verifies, dyn_import_source *out)
{
    bool has_manifest = false;
    bool has_exports = false;
    DYN_TRY(has_file(call, folder, SUMMARY, &has_manifest));
    DYN_TRY(has_file(call, folder, "AWSDynamoDB", &has_exports));
    if (!has_manifest && has_exports) {
        folder = dyn_path_join(call, folder, "AWSDynamoDB");
        if (folder == NULL) return DYN_NOMEM;
    }
    if (!has_manifest &&
        (has_exports || strcmp(last_name(folder), "AWSDynamoDB") == 0)) {
        DYN_TRY(find_export(call, folder, &folder));
        has_manifest = true;
    }
    return has_manifest ? read_manifest(call, folder, verifies, out)
                        : list_files(call, folder, out);
}

dyn_status dyn_import_find(dyn_call *call, const char *path, bool verifies,
                           dyn_import_source *out)
{
    dyn_buffer files;
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/')
        length--;
    path = dyn_format(call, "%.*s", (int)length, path);
    if (path == NULL) return DYN_NOMEM;
    switch (dyn_path_kind_of(path)) {
    case DYN_PATH_NONE:
        return dyn_path_fail(call, path);
    case DYN_PATH_FOLDER:
        return find_in_folder(call, path, verifies, out);
    case DYN_PATH_FILE:
    case DYN_PATH_OTHER:
        break;
    }
    if (strcmp(last_name(path), SUMMARY) == 0) {
        const char *folder = folder_of(call, path);
        return folder == NULL ? DYN_NOMEM
                              : read_manifest(call, folder, verifies, out);
    }
    dyn_buffer_begin(&files, call, sizeof(dyn_source_file));
    DYN_TRY(add_file(call, &files, path, -1));
    return end_files(&files, out);
}
