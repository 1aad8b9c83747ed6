/* Backups; the contracts are in backup.h. */
#include "ops/backup.h"

#include "base/clock.h"
#include "base/exception.h"
#include "engine/name.h"
#include "engine/row.h"
#include "engine/rows.h"
#include "item/key.h"
#include "ops/steps.h"

enum {
    STEP_ROWS = 1000,
    PART_BYTES = 64 * 1024, /* of items in a row of the archive */
};

/* -------------------------------------------------------------- creating -- */

typedef struct copying {
    dyn_table *table;
    dyn_store *archive;
    dyn_backup *backup;
    dyn_buffer position; /* behind the last key that is copied */
} copying;

/* Add an item to a part. Fails with DYN_CORRUPT: a damaged one has no copy. */
static dyn_status copy_item(dyn_call *call, const copying *c,
                            const dyn_row *row, dyn_buffer *part)
{
    dyn_view view;
    DYN_TRY(dyn_row_open(call, dyn_table_layout(c->table), DYN_TREE_ITEMS,
                         row->key, row->item, &view));
    c->backup->items++;
    c->backup->size_bytes += (int64_t)view.size_bytes;
    dyn_backup_put(part, row->key, row->item);
    return DYN_OK;
}

static dyn_status copy_part(dyn_call *call, void *work, bool *is_end)
{
    copying *c = work;
    const dyn_range range = {
        .tree = DYN_TREE_ITEMS,
        .low = {c->position.data, c->position.size_bytes},
        .high = dyn_key_end(),
        .rows_max = STEP_ROWS,
        .bytes_max = PART_BYTES,
    };
    dyn_rows rows;
    dyn_buffer part;
    dyn_bytes data = {NULL, 0};
    dyn_buffer_begin(&part, call, PART_BYTES);
    DYN_TRY(dyn_rows_range(call, dyn_table_store(c->table), &range, &rows));
    *is_end = rows.is_end;
    if (rows.count == 0) return DYN_OK;
    for (size_t i = 0; i < rows.count; i++)
        DYN_TRY(copy_item(call, c, &rows.all[i], &part));
    c->position.size_bytes = 0;
    dyn_buffer_add_bytes(&c->position, rows.all[rows.count - 1].key);
    dyn_buffer_add_byte(&c->position, 0);
    DYN_TRY(dyn_buffer_end(&part, &data));
    return dyn_backup_add(call, c->archive, c->backup, data);
}

static dyn_status copy_table(dyn_call *call, dyn_table *table,
                             dyn_store *archive, dyn_backup *backup)
{
    copying c = {.table = table, .archive = archive, .backup = backup};
    dyn_buffer_begin(&c.position, call, DYN_KEY_BYTES_MAX + 1);
    if (c.position.failed) return DYN_NOMEM;
    DYN_TRY(dyn_backup_begin(call, archive, backup));
    DYN_TRY(dyn_work_run(call, copy_part, &c));
    return dyn_backup_end(call, archive, backup);
}

static dyn_status check_name(dyn_call *call, dyn_bytes name)
{
    if (name.size_bytes < DYN_TABLE_NAME_BYTES_MIN) {
        return dyn_fail(call, DYN_INVALID,
                        "the name of a backup has at least %d characters",
                        DYN_TABLE_NAME_BYTES_MIN);
    }
    return dyn_name_check(call, "backup", name);
}

static dyn_status describe(dyn_call *call, dyn_table *table, dyn_bytes name,
                           dyn_backup *out)
{
    dyn_birth birth;
    *out = (dyn_backup){.created_ms = dyn_clock_now_ms()};
    DYN_TRY(check_name(call, name));
    DYN_TRY(dyn_table_birth(call, table, &birth));
    out->schema = dyn_format(call, "%s", dyn_table_schema(table));
    if (out->schema == NULL) return DYN_NOMEM;
    out->table_id = birth.id;
    out->table_created_ms = birth.created_ms;
    DYN_TRY(dyn_copy(call, name, &out->name));
    DYN_TRY(dyn_copy(call, dyn_bytes_text(dyn_table_name(table)),
                     &out->table_name));
    return dyn_backup_declare(call, dyn_table_definition(table),
                              &out->declaration);
}

dyn_status dyn_create_backup(dyn_call *call, dyn_table *table, dyn_bytes name,
                             dyn_backup *out)
{
    dyn_store *archive = NULL;
    DYN_TRY(describe(call, table, name, out));
    DYN_TRY(dyn_backup_open(call, dyn_table_session(table)->db, out->schema,
                            &archive));
    dyn_status status = copy_table(call, table, archive, out);
    dyn_store_close(archive);
    return status;
}

/* --------------------------------------------------------------- finding -- */

static dyn_status list_schema(dyn_call *call, const dyn_session *session,
                              const char *schema, dyn_buffer *out)
{
    dyn_store *archive = NULL;
    DYN_TRY(dyn_backup_open(call, session->db, schema, &archive));
    dyn_status status = dyn_backup_list(call, archive, schema, out);
    dyn_store_close(archive);
    return status;
}

dyn_status dyn_list_backups(dyn_call *call, const dyn_session *session,
                            const dyn_backup **all, size_t *count)
{
    const char *const *schemas = NULL;
    size_t schema_count = 0;
    dyn_buffer found;
    dyn_bytes bytes = {NULL, 0};
    DYN_TRY(dyn_backup_schemas(call, session->db, &schemas, &schema_count));
    dyn_buffer_begin(&found, call, 8 * sizeof(dyn_backup));
    for (size_t i = 0; i < schema_count; i++)
        DYN_TRY(list_schema(call, session, schemas[i], &found));
    DYN_TRY(dyn_buffer_end(&found, &bytes));
    *all = (const dyn_backup *)(const void *)bytes.data;
    *count = bytes.size_bytes / sizeof(dyn_backup);
    return DYN_OK;
}

dyn_status dyn_find_backup(dyn_call *call, const dyn_session *session,
                           dyn_bytes arn, dyn_backup *out)
{
    const dyn_backup *all = NULL;
    size_t count = 0;
    DYN_TRY(dyn_list_backups(call, session, &all, &count));
    for (size_t i = 0; i < count; i++) {
        const char *own = NULL;
        DYN_TRY(dyn_backup_arn(call, &all[i], &own));
        if (!dyn_bytes_equal_text(arn, own)) continue;
        *out = all[i];
        return DYN_OK;
    }
    return dyn_fail_as(call, "BackupNotFoundException",
                       "Backup not found: %.*s", (int)arn.size_bytes,
                       (const char *)arn.data);
}

dyn_status dyn_delete_backup(dyn_call *call, const dyn_session *session,
                             const dyn_backup *backup)
{
    dyn_store *archive = NULL;
    DYN_TRY(dyn_backup_open(call, session->db, backup->schema, &archive));
    dyn_status status = dyn_backup_remove(call, archive, backup);
    dyn_store_close(archive);
    return status;
}
