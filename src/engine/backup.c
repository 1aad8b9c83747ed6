/* Backups; the contracts are in backup.h. */
#include "engine/backup.h"

#include "base/arn.h"
#include "base/varint.h"
#include "engine/declaration.h"
#include "engine/names.h"
#include "engine/store_internal.h"
#include "item/json.h"
#include "item/key.h"

#include <inttypes.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#define ARCHIVE "_dynamo"

enum { FORMAT = 2 }; /* of the archive and what is in it: docs/format.md */

dyn_status dyn_backup_open(dyn_call *call, struct sqlite3 *db,
                           const char *schema, dyn_store **out)
{
    return dyn_store_open(call, db, schema, ARCHIVE, out);
}

/* ------------------------------------------------------------------ sums -- */

static uint64_t add_number(uint64_t sum, int64_t number)
{
    unsigned char bytes[DYN_KEY_HASH_BYTES];
    dyn_key_write_hash((uint64_t)number, bytes);
    return XXH3_64bits_withSeed(bytes, sizeof(bytes), sum);
}

static int64_t sum_of(const dyn_backup *backup)
{
    const dyn_bytes texts[] = {backup->name, backup->table_name,
                               backup->table_id, backup->declaration};
    const int64_t numbers[] = {
        backup->id,    backup->created_ms, backup->table_created_ms,
        backup->items, backup->size_bytes, backup->parts};
    uint64_t sum = FORMAT;
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        sum = add_number(sum, numbers[i]);
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        sum = XXH3_64bits_withSeed(texts[i].data, texts[i].size_bytes, sum);
    return (int64_t)(sum & UINT32_MAX);
}

static int64_t sum_of_part(int64_t id, int64_t part, dyn_bytes data)
{
    uint64_t sum = add_number(add_number(FORMAT, id), part);
    sum = XXH3_64bits_withSeed(data.data, data.size_bytes, sum);
    return (int64_t)(sum & UINT32_MAX);
}

/* --------------------------------------------------------------- writing -- */

dyn_status dyn_backup_begin(dyn_call *call, dyn_store *archive,
                            dyn_backup *backup)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(dyn_store_run(call, archive, DYN_SQL_BACKUP_CREATE));
    DYN_TRY(
        dyn_store_statement(call, archive, DYN_SQL_BACKUP_INSERT, &statement));
    sqlite3_bind_int(statement, 1, FORMAT);
    DYN_TRY(dyn_store_bind_text(call, archive, statement, 2, backup->name));
    sqlite3_bind_int64(statement, 3, backup->created_ms);
    DYN_TRY(
        dyn_store_bind_text(call, archive, statement, 4, backup->table_name));
    DYN_TRY(dyn_store_bind_text(call, archive, statement, 5, backup->table_id));
    sqlite3_bind_int64(statement, 6, backup->table_created_ms);
    dyn_store_bind(statement, 7, backup->declaration);
    DYN_TRY(dyn_store_write(call, archive, statement));
    backup->id = archive->inserted_id;
    return DYN_OK;
}

dyn_status dyn_backup_add(dyn_call *call, dyn_store *archive,
                          dyn_backup *backup, dyn_bytes part)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(dyn_store_statement(call, archive, DYN_SQL_BACKUP_PART_INSERT,
                                &statement));
    sqlite3_bind_int64(statement, 1, backup->id);
    sqlite3_bind_int64(statement, 2, backup->parts);
    dyn_store_bind(statement, 3, part);
    sqlite3_bind_int64(statement, 4,
                       sum_of_part(backup->id, backup->parts, part));
    DYN_TRY(dyn_store_write(call, archive, statement));
    backup->parts++;
    return DYN_OK;
}

dyn_status dyn_backup_end(dyn_call *call, dyn_store *archive,
                          const dyn_backup *backup)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(
        dyn_store_statement(call, archive, DYN_SQL_BACKUP_FINISH, &statement));
    sqlite3_bind_int64(statement, 1, backup->id);
    sqlite3_bind_int64(statement, 2, backup->items);
    sqlite3_bind_int64(statement, 3, backup->size_bytes);
    sqlite3_bind_int64(statement, 4, backup->parts);
    sqlite3_bind_int64(statement, 5, sum_of(backup));
    return dyn_store_write(call, archive, statement);
}

static dyn_status run_for(dyn_call *call, dyn_store *archive,
                          enum dyn_sql number, int64_t id)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(dyn_store_statement(call, archive, number, &statement));
    sqlite3_bind_int64(statement, 1, id);
    return dyn_store_write(call, archive, statement);
}

dyn_status dyn_backup_remove(dyn_call *call, dyn_store *archive,
                             const dyn_backup *backup)
{
    DYN_TRY(run_for(call, archive, DYN_SQL_BACKUP_PARTS_DELETE, backup->id));
    return run_for(call, archive, DYN_SQL_BACKUP_DELETE, backup->id);
}

/* --------------------------------------------------------------- reading -- */

/* Whether a backup has been made in the schema. */
static dyn_status is_there(dyn_call *call, const dyn_store *archive, bool *out)
{
    int rc = sqlite3_table_column_metadata(archive->db, archive->schema,
                                           ARCHIVE "_backups", NULL, NULL, NULL,
                                           NULL, NULL, NULL);
    *out = rc == SQLITE_OK;
    return rc == SQLITE_NOMEM ? dyn_fail_nomem(call) : DYN_OK;
}

static dyn_status column_text(dyn_call *call, sqlite3_stmt *statement,
                              int column, dyn_bytes *out)
{
    bool is_null = sqlite3_column_type(statement, column) == SQLITE_NULL;
    const unsigned char *text = sqlite3_column_text(statement, column);
    int size = sqlite3_column_bytes(statement, column);
    if (text == NULL && !is_null) return dyn_fail_nomem(call);
    return dyn_copy(call, (dyn_bytes){text, text == NULL ? 0 : (size_t)size},
                    out);
}

static dyn_status read_backup(dyn_call *call, dyn_store *archive,
                              sqlite3_stmt *statement, dyn_backup *out)
{
    out->id = sqlite3_column_int64(statement, 0);
    DYN_TRY(column_text(call, statement, 2, &out->name));
    out->created_ms = sqlite3_column_int64(statement, 3);
    DYN_TRY(column_text(call, statement, 4, &out->table_name));
    DYN_TRY(column_text(call, statement, 5, &out->table_id));
    out->table_created_ms = sqlite3_column_int64(statement, 6);
    DYN_TRY(dyn_copy(call, dyn_store_column(statement, 7), &out->declaration));
    out->items = sqlite3_column_int64(statement, 8);
    out->size_bytes = sqlite3_column_int64(statement, 9);
    out->parts = sqlite3_column_int64(statement, 10);
    if (sqlite3_column_int64(statement, 1) != FORMAT) {
        return dyn_fail(call, DYN_CORRUPT,
                        "backup %" PRId64 " of schema %s is of format %" PRId64
                        ", which this version of dynamo does not know",
                        out->id, archive->schema,
                        (int64_t)sqlite3_column_int64(statement, 1));
    }
    return sqlite3_column_int64(statement, 11) == sum_of(out)
               ? DYN_OK
               : dyn_store_fail_damaged(call, archive, "backups");
}

/* The statement is for the caller to reset. */
static dyn_status read_all(dyn_call *call, dyn_store *archive,
                           sqlite3_stmt *statement, const char *schema,
                           dyn_buffer *out)
{
    int rc;
    while ((rc = sqlite3_step(statement)) == SQLITE_ROW) {
        dyn_backup backup = {.schema = schema};
        DYN_TRY(read_backup(call, archive, statement, &backup));
        dyn_buffer_add(out, &backup, sizeof(backup));
    }
    return rc == SQLITE_DONE ? DYN_OK : dyn_store_fail(call, archive, rc);
}

dyn_status dyn_backup_list(dyn_call *call, dyn_store *archive,
                           const char *schema, dyn_buffer *out)
{
    bool has_any = false;
    sqlite3_stmt *statement = NULL;
    const char *copy = dyn_format(call, "%s", schema);
    if (copy == NULL) return DYN_NOMEM;
    DYN_TRY(is_there(call, archive, &has_any));
    if (!has_any) return DYN_OK;
    DYN_TRY(
        dyn_store_statement(call, archive, DYN_SQL_BACKUP_LIST, &statement));
    dyn_status status = read_all(call, archive, statement, copy, out);
    sqlite3_reset(statement);
    return status;
}

/* The statement stands on the part. */
static dyn_status copy_part(dyn_call *call, dyn_store *archive,
                            sqlite3_stmt *statement, const dyn_backup *backup,
                            int64_t part, dyn_bytes *out)
{
    DYN_TRY(dyn_copy(call, dyn_store_column(statement, 0), out));
    return sqlite3_column_int64(statement, 1) ==
                   sum_of_part(backup->id, part, *out)
               ? DYN_OK
               : dyn_store_fail_damaged(call, archive, "backup_items");
}

dyn_status dyn_backup_read(dyn_call *call, dyn_store *archive,
                           const dyn_backup *backup, int64_t part,
                           dyn_bytes *out)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(dyn_store_statement(call, archive, DYN_SQL_BACKUP_PART_GET,
                                &statement));
    sqlite3_bind_int64(statement, 1, backup->id);
    sqlite3_bind_int64(statement, 2, part);
    int rc = sqlite3_step(statement);
    dyn_status status = rc == SQLITE_ROW ? copy_part(call, archive, statement,
                                                     backup, part, out)
                        : rc == SQLITE_DONE ? dyn_backup_fail(call, backup)
                                            : dyn_store_fail(call, archive, rc);
    sqlite3_reset(statement);
    return status;
}

dyn_status dyn_backup_fail(dyn_call *call, const dyn_backup *backup)
{
    return dyn_fail(call, DYN_CORRUPT,
                    "shadow tables are damaged: the rows of " ARCHIVE
                    "_backup_items are not those of the backup %.*s of %.*s",
                    (int)backup->name.size_bytes,
                    (const char *)backup->name.data,
                    (int)backup->table_name.size_bytes,
                    (const char *)backup->table_name.data);
}

/* --------------------------------------------------------------- schemas -- */

static dyn_status copy_name(dyn_call *call, sqlite3_stmt *statement,
                            dyn_buffer *out)
{
    enum { NAME_COLUMN = 1 };
    const char *text =
        (const char *)sqlite3_column_text(statement, NAME_COLUMN);
    if (text == NULL) return dyn_fail_nomem(call);
    const char *copy = dyn_format(call, "%s", text);
    if (copy == NULL) return DYN_NOMEM;
    dyn_buffer_add(out, &copy, sizeof(copy));
    return DYN_OK;
}

static dyn_status list_schemas(dyn_call *call, dyn_store *store,
                               dyn_buffer *out)
{
    sqlite3_stmt *statement = NULL;
    int rc = SQLITE_ROW;
    DYN_TRY(dyn_store_statement(call, store, DYN_SQL_SCHEMA_LIST, &statement));
    dyn_status status = DYN_OK;
    while (status == DYN_OK && (rc = sqlite3_step(statement)) == SQLITE_ROW)
        status = copy_name(call, statement, out);
    if (status == DYN_OK && rc != SQLITE_DONE)
        status = dyn_store_fail(call, store, rc);
    sqlite3_reset(statement);
    return status;
}

dyn_status dyn_backup_schemas(dyn_call *call, struct sqlite3 *db,
                              const char *const **schemas, size_t *count)
{
    dyn_store *store = NULL;
    dyn_buffer all;
    dyn_bytes bytes = {NULL, 0};
    dyn_buffer_begin(&all, call, 4 * sizeof(char *));
    DYN_TRY(dyn_store_open(call, db, "main", "", &store));
    dyn_status status = list_schemas(call, store, &all);
    dyn_store_close(store);
    DYN_TRY(status);
    DYN_TRY(dyn_buffer_end(&all, &bytes));
    *schemas = (const char *const *)(const void *)bytes.data;
    *count = bytes.size_bytes / sizeof(char *);
    return DYN_OK;
}

/* ----------------------------------------------------------------- parts -- */

static void put(dyn_buffer *part, dyn_bytes bytes)
{
    dyn_varint_add(part, bytes.size_bytes);
    dyn_buffer_add_bytes(part, bytes);
}

void dyn_backup_put(dyn_buffer *part, dyn_bytes key, dyn_bytes item)
{
    put(part, key);
    put(part, item);
}

static bool take(dyn_bytes *part, dyn_bytes *out)
{
    uint64_t size = 0;
    const unsigned char *next = part->data;
    const unsigned char *end = part->data + part->size_bytes;
    if (!dyn_varint_read(&next, end, &size)) return false;
    if (size > (uint64_t)(end - next)) return false;
    *out = (dyn_bytes){next, (size_t)size};
    *part = (dyn_bytes){next + size, (size_t)(end - next) - (size_t)size};
    return true;
}

bool dyn_backup_take(dyn_bytes *part, dyn_bytes *key, dyn_bytes *item)
{
    return take(part, key) && take(part, item);
}

/* ----------------------------------------------------------------- names -- */

dyn_status dyn_backup_label(dyn_call *call, const dyn_backup *backup,
                            const char **out)
{
    const char *schema = backup->schema;
    const char *name = (const char *)backup->table_name.data;
    bool is_plain = strcmp(schema, "main") == 0 || strcmp(schema, "temp") == 0;
    *out = is_plain ? name : dyn_format(call, "%s.%s", schema, name);
    return *out == NULL ? DYN_NOMEM : DYN_OK;
}

dyn_status dyn_backup_arn(dyn_call *call, const dyn_backup *backup,
                          const char **out)
{
    const char *label = NULL;
    DYN_TRY(dyn_backup_label(call, backup, &label));
    *out =
        dyn_format(call, DYN_ARN_PREFIX "%s/backup/%014" PRId64 "-%08" PRIx64,
                   label, backup->created_ms, (uint64_t)backup->id);
    return *out == NULL ? DYN_NOMEM : DYN_OK;
}

/* ---------------------------------------------------------- declarations -- */

dyn_status dyn_backup_declare(dyn_call *call, const dyn_definition *definition,
                              dyn_bytes *out)
{
    const char *const *arguments = NULL;
    size_t count = 0;
    dyn_bytes names = {NULL, 0};
    dyn_buffer text;
    DYN_TRY(dyn_declaration_print_all(call, definition, &arguments, &count));
    DYN_TRY(dyn_names_print(call, definition, &names));
    dyn_buffer_begin(&text, call, 512);
    dyn_buffer_add_text(&text, "{\"arguments\":");
    for (size_t i = 0; i < count; i++) {
        dyn_buffer_add_byte(&text, i == 0 ? '[' : ',');
        dyn_json_write_string(&text, dyn_bytes_text(arguments[i]));
    }
    dyn_buffer_add_text(&text, "],\"names\":");
    dyn_buffer_add_bytes(&text, names);
    dyn_buffer_add_byte(&text, '}');
    return dyn_buffer_end(&text, out);
}

/* The arguments of a declaration; they may have anything but zero bytes. */
static dyn_status read_arguments(dyn_call *call, const dyn_json *list,
                                 const char ***out)
{
    size_t count = 0;
    *out = dyn_alloc(call, list->count * sizeof(char *));
    if (*out == NULL) return DYN_NOMEM;
    for (const dyn_json *c = list->first; c != NULL; c = c->next) {
        dyn_bytes text = {NULL, 0};
        DYN_TRY(dyn_copy(call, c->text, &text));
        (*out)[count++] = (const char *)text.data;
    }
    return DYN_OK;
}

static dyn_status read_definition(dyn_call *call, const dyn_json *json,
                                  dyn_definition *out)
{
    const char **texts = NULL;
    if (json->type != DYN_JSON_OBJECT) return DYN_CORRUPT;
    const dyn_json *arguments = dyn_json_member(json, "arguments");
    const dyn_json *names = dyn_json_member(json, "names");
    if (arguments == NULL || names == NULL) return DYN_CORRUPT;
    if (arguments->type != DYN_JSON_ARRAY) return DYN_CORRUPT;
    DYN_TRY(read_arguments(call, arguments, &texts));
    DYN_TRY(dyn_declaration_parse(call, texts, arguments->count, out));
    return dyn_names_read(call, names, out);
}

dyn_status dyn_backup_definition(dyn_call *call, const dyn_backup *backup,
                                 dyn_definition *out)
{
    const dyn_json *json = NULL;
    dyn_status status = dyn_json_parse(call, backup->declaration, 2, &json);
    if (status == DYN_OK) status = read_definition(call, json, out);
    return status == DYN_OK || status == DYN_NOMEM
               ? status
               : dyn_backup_fail(call, backup);
}
