/* Imports; the contracts are in import_table.h. */
#include "ops/import_table.h"

#include "base/base64.h"
#include "base/clock.h"
#include "base/utf8.h"
#include "file/csv.h"
#include "item/item_json.h"
#include "ops/delete_item.h"
#include "ops/put_item.h"

#include <inttypes.h>

/* A step ends behind the item that passes either. */
enum { STEP_ITEMS = 1000, STEP_BYTES = 512 * 1024 };

/* What a line says. */
typedef struct change {
    bool is_delete;
    dyn_map item; /* of a delete, its key */
} change;

/* ------------------------------------------------------------------ files --
 */

static bool ends_with(const char *path, const char *end)
{
    size_t length = strlen(path);
    size_t end_length = strlen(end);
    return length >= end_length && strcmp(path + length - end_length, end) == 0;
}

static dyn_status check_packing(dyn_call *call, const dyn_import *import)
{
    const dyn_reader *reader = import->reader;
    dyn_import_packing packing = import->request.packing;
    if (packing == DYN_PACKED_ANY ||
        reader->is_gzip == (packing == DYN_PACKED_GZIP)) {
        return DYN_OK;
    }
    return dyn_fail(call, DYN_INVALID, "%s: it is %scompressed by gzip",
                    reader->path, reader->is_gzip ? "" : "not ");
}

/* Ion in text begins with $ion_1_0, in binary with E0 01 00 EA. */
static dyn_status check_begin(dyn_call *call, const dyn_import *import)
{
    const dyn_reader *reader = import->reader;
    dyn_bytes begin = dyn_reader_peek(reader);
    if (import->is_csv || begin.size_bytes == 0) return DYN_OK;
    if (begin.data[0] == '$' || begin.data[0] == 0xe0) {
        return dyn_fail(call, DYN_INVALID,
                        "%s: it seems to be Amazon Ion, which dynamo does not "
                        "read: export the table as DYNAMODB_JSON",
                        reader->path);
    }
    if (strchr("{ \t\r\n", begin.data[0]) != NULL && begin.data[0] != '\0')
        return DYN_OK;
    return dyn_fail(call, DYN_INVALID,
                    "%s: it does not begin with a JSON object; to read CSV, "
                    "say {\"format\": \"csv\"}",
                    reader->path);
}

bool dyn_import_is_delimiter(dyn_bytes text)
{
    static const char all[] = {',', ';', ':', '|', '\t', ' '};
    return text.size_bytes == 1 &&
           memchr(all, text.data[0], sizeof(all)) != NULL;
}

static dyn_status copy_header(dyn_import *import, const dyn_csv_record *record)
{
    size_t count = record->count;
    dyn_bytes *names = dyn_alloc(import->call, count * sizeof(dyn_bytes));
    if (names == NULL) return DYN_NOMEM;
    for (size_t i = 0; i < count; i++)
        DYN_TRY(dyn_copy(import->call, record->fields[i], &names[i]));
    import->header = names;
    import->header_count = count;
    return DYN_OK;
}

static dyn_status check_header(const dyn_import *import)
{
    const dyn_bytes *names = import->header;
    for (size_t i = 0; i < import->header_count; i++) {
        if (names[i].size_bytes == 0 || !dyn_utf8_valid(names[i])) {
            return dyn_fail(import->call, DYN_INVALID,
                            "%s: field %zu of the header has no name in UTF-8",
                            import->reader->path, i + 1);
        }
        for (size_t j = 0; j < i; j++) {
            if (!dyn_bytes_equal(names[i], names[j])) continue;
            return dyn_fail(import->call, DYN_INVALID,
                            "%s: the header has %.*s twice",
                            import->reader->path, (int)names[i].size_bytes,
                            (const char *)names[i].data);
        }
    }
    return DYN_OK;
}

static dyn_status begin_csv(dyn_import *import)
{
    dyn_csv_record record;
    import->header = import->request.header;
    import->header_count = import->request.header_count;
    if (import->header == NULL) {
        DYN_TRY(dyn_csv_read(import->call, import->reader,
                             import->request.delimiter, &record));
        DYN_TRY(copy_header(import, &record));
    }
    return check_header(import);
}

/* The next file that there is, with the memory of the import: there are not
 * many. */
static dyn_status open_next(dyn_import *import)
{
    dyn_call *call = import->call;
    dyn_import_format format = import->request.format;
    if (import->next == import->source.count) {
        import->is_over = true;
        return DYN_OK;
    }
    const char *path = import->source.files[import->next++].path;
    DYN_TRY(dyn_reader_open(call, path, import->reader));
    import->file_items = 0;
    import->is_csv = format == DYN_IMPORT_CSV ||
                     (format == DYN_IMPORT_ANY &&
                      (ends_with(path, ".csv") || ends_with(path, ".csv.gz")));
    DYN_TRY(check_packing(call, import));
    DYN_TRY(check_begin(call, import));
    return import->is_csv ? begin_csv(import) : DYN_OK;
}

static dyn_status end_file(dyn_call *call, dyn_import *import)
{
    const dyn_source_file *file = &import->source.files[import->next - 1];
    dyn_reader_close(import->reader);
    if (!import->request.verifies || file->items < 0 ||
        file->items == import->file_items) {
        return DYN_OK;
    }
    return dyn_fail(call, DYN_INVALID,
                    "%s: it has %" PRId64 " items, and not %" PRId64
                    " as the manifest says",
                    file->path, import->file_items, file->items);
}

/* ------------------------------------------------------------------- JSON --
 */

static dyn_status read_object(dyn_call *call, const dyn_json *json, change *out)
{
    const dyn_json *item = dyn_json_member(json, "Item");
    const dyn_json *keys = dyn_json_member(json, "Keys");
    const dyn_json *now = dyn_json_member(json, "NewImage");
    bool is_change = keys != NULL && dyn_json_member(json, "Metadata") != NULL;
    if (json->type != DYN_JSON_OBJECT)
        return dyn_fail(call, DYN_INVALID, "a line is no JSON object");
    if (item != NULL && json->count == 1)
        return dyn_item_from_typed(call, item, &out->item);
    if (!is_change) return dyn_item_from_json(call, json, &out->item);
    out->is_delete = now == NULL;
    return dyn_item_from_typed(call, now != NULL ? now : keys, &out->item);
}

static dyn_status read_json(dyn_call *call, dyn_bytes line, change *out)
{
    const dyn_json *json = NULL;
    DYN_TRY(dyn_json_parse(call, line, DYN_JSON_DEPTH_MAX, &json));
    return read_object(call, json, out);
}

/* -------------------------------------------------------------------- CSV --
 */

static bool is_key(const dyn_definition *definition, size_t column)
{
    if (dyn_key_schema_has(&definition->key, column)) return true;
    for (size_t i = 0; i < definition->index_count; i++) {
        if (dyn_key_schema_has(&definition->indexes[i].key, column))
            return true;
    }
    return false;
}

/* What is no number stays a text where a column may have any type. */
static dyn_status read_number(dyn_call *call, bool must_be, dyn_bytes text,
                              dyn_value *out)
{
    dyn_status status = dyn_number_parse(call, text, &out->number);
    if (status == DYN_OK) out->type = DYN_TYPE_N;
    return status == DYN_INVALID && !must_be ? DYN_OK : status;
}

static dyn_status read_field(dyn_call *call, const dyn_definition *definition,
                             dyn_bytes name, dyn_bytes text, dyn_value *out)
{
    int column = dyn_definition_column(definition, name);
    *out = (dyn_value){.type = DYN_TYPE_S, .bytes = text};
    if (!dyn_utf8_valid(text)) {
        return dyn_fail(call, DYN_INVALID, "the text is not UTF-8");
    }
    if (column < 0 || !definition->columns[column].has_type) return DYN_OK;
    dyn_type type = definition->columns[column].type;
    if (type == DYN_TYPE_N) {
        return read_number(call, is_key(definition, (size_t)column), text, out);
    }
    if (type != DYN_TYPE_B) return DYN_OK;
    out->type = DYN_TYPE_B;
    return dyn_base64_decode(call, text, &out->bytes);
}

static dyn_status read_csv(dyn_call *call, const dyn_table *table,
                           const dyn_import *import,
                           const dyn_csv_record *record, change *out)
{
    size_t count = import->header_count;
    if (record->count != count) {
        return dyn_fail(call, DYN_INVALID,
                        "there are %zu fields, and the header has %zu",
                        record->count, count);
    }
    out->item.attributes = dyn_alloc(call, count * sizeof(dyn_attribute));
    if (out->item.attributes == NULL) return DYN_NOMEM;
    for (size_t i = 0; i < count; i++) {
        dyn_attribute *attribute = &out->item.attributes[i];
        attribute->name = import->header[i];
        dyn_status status =
            read_field(call, dyn_table_definition(table), attribute->name,
                       record->fields[i], &attribute->value);
        DYN_TRY(dyn_fail_at(call, status, "field", attribute->name));
    }
    out->item.count = count;
    return dyn_map_sort(call, &out->item);
}

/* ------------------------------------------------------------------ steps --
 */

static dyn_status apply(dyn_call *call, dyn_table *table, const change *what,
                        dyn_job *job)
{
    dyn_bytes key = {NULL, 0};
    dyn_before before;
    dyn_put_response put;
    if (!what->is_delete) {
        const dyn_put_request request = {.item = &what->item, .is_free = true};
        DYN_TRY(dyn_put_item(call, table, &request, &put));
        job->items++;
        return DYN_OK;
    }
    DYN_TRY(dyn_table_key(call, table, &what->item, &key));
    const dyn_delete_request request = {.key = key, .is_free = true};
    DYN_TRY(dyn_delete_item(call, table, &request, &before));
    job->deletes++;
    return DYN_OK;
}

/* The next line or record. *is_end is set at the end of the file. Fails for
 * what it says as the item does; also, with has_failed of the reader, when the
 * file cannot be read. */
static dyn_status take(dyn_call *call, dyn_table *table, dyn_import *import,
                       dyn_job *job, bool *is_end)
{
    dyn_bytes line = {NULL, 0};
    dyn_csv_record record = {.count = 0};
    change what = {.is_delete = false};
    dyn_reader *reader = import->reader;
    if (import->is_csv) {
        dyn_status status =
            dyn_csv_read(call, reader, import->request.delimiter, &record);
        import->line = record.line;
        if (status != DYN_OK) return status;
        *is_end = record.count == 0;
    } else {
        DYN_TRY(dyn_reader_line(call, reader, &line));
        import->line = reader->line;
        *is_end = line.data == NULL;
        if (!*is_end && line.size_bytes == 0) return DYN_OK;
    }
    if (*is_end) return DYN_OK;
    import->file_items++;
    if (import->is_csv) {
        DYN_TRY(read_csv(call, table, import, &record, &what));
    } else {
        DYN_TRY(read_json(call, line, &what));
    }
    return apply(call, table, &what, job);
}

/* Whether a failure is that of one item, which can be passed over. */
static bool is_of_item(const dyn_call *call, const dyn_import *import,
                       dyn_status status)
{
    return (status == DYN_INVALID || status == DYN_TOO_LARGE) &&
           !call->error.torn && !import->reader->has_failed;
}

/* Count an item that has been refused; the first is told. The import is over
 * when there are too many. */
static dyn_status refuse(dyn_call *call, dyn_import *import, dyn_job *job)
{
    bool is_over = job->errors >= import->request.errors_max;
    if (job->message == NULL || is_over) {
        job->message =
            dyn_format(import->call, "%s, line %" PRId64 ": %s",
                       import->reader->path, import->line, call->error.message);
        if (job->message == NULL) return dyn_fail_nomem(call);
    }
    job->errors++;
    import->has_failed = is_over;
    return DYN_OK;
}

/* Lines up to the end of the file, or of the step. */
static dyn_status read_some(dyn_call *call, dyn_table *table,
                            dyn_import *import, dyn_job *job)
{
    dyn_reader *reader = import->reader;
    int64_t end = job->bytes + STEP_BYTES;
    bool is_end = false;
    for (int i = 0; i < STEP_ITEMS && !is_end && job->bytes < end; i++) {
        int64_t before = reader->bytes;
        dyn_status status = take(call, table, import, job, &is_end);
        job->bytes += reader->bytes - before;
        if (status == DYN_OK) continue;
        if (!is_of_item(call, import, status)) return status;
        DYN_TRY(refuse(call, import, job));
        if (import->has_failed) return DYN_OK;
    }
    return is_end ? end_file(call, import) : DYN_OK;
}

/* A failure is told in the call of the step. */
static dyn_status have_file(dyn_call *call, dyn_import *import)
{
    if (import->reader->file >= 0 || import->is_over) return DYN_OK;
    dyn_status status = open_next(import);
    if (status != DYN_OK) call->error = import->call->error;
    return status;
}

dyn_status dyn_import_step(dyn_call *call, dyn_table *table, dyn_import *import,
                           dyn_job *job)
{
    dyn_store_begin_write(dyn_table_store(table));
    DYN_TRY(have_file(call, import));
    if (!import->is_over) DYN_TRY(read_some(call, table, import, job));
    if (!import->has_failed) DYN_TRY(have_file(call, import));
    import->is_over = import->is_over || import->has_failed;
    job->updated_ms = dyn_clock_now_ms();
    if (!import->is_over) return DYN_OK;
    job->state = import->has_failed ? DYN_JOB_FAILED : DYN_JOB_COMPLETED;
    job->ended_ms = job->updated_ms;
    return DYN_OK;
}

dyn_status dyn_import_begin(dyn_call *call, const dyn_import_request *request,
                            dyn_import *out)
{
    *out = (dyn_import){.call = call, .request = *request};
    out->reader = dyn_reader_new(call);
    if (out->reader == NULL) return DYN_NOMEM;
    DYN_TRY(
        dyn_import_find(call, request->path, request->verifies, &out->source));
    dyn_status status = open_next(out);
    if (status != DYN_OK) dyn_import_end(out);
    return status;
}

void dyn_import_end(dyn_import *import)
{
    dyn_reader_close(import->reader);
}
