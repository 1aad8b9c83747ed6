/* RestoreTableFromBackup. */
#include "api/backup_description.h"
#include "api/operation.h"
#include "api/request.h"
#include "api/restore.h"
#include "api/table_description.h"
#include "api/table_shape.h"
#include "ops/backup.h"
#include "ops/restore.h"

static const dyn_shape_member members[] = {
    {"TargetTableName", &dyn_shape_name, true},
    {"BackupArn", &dyn_shape_backup_arn, true},
    DYN_OVERRIDE_MEMBERS,
    {NULL, NULL, false},
};
static const dyn_shape input = {.kind = DYN_SHAPE_STRUCTURE,
                                .class_name = "RestoreTableFromBackupInput",
                                .members = members};

static dyn_status read_origin(dyn_call *call, const dyn_backup *backup,
                              dyn_bytes arn, dyn_origin *out)
{
    const char *table = NULL;
    DYN_TRY(dyn_backup_table_arn(call, backup, &table));
    *out = (dyn_origin){backup->created_ms, dyn_bytes_text(table), arn};
    return DYN_OK;
}

/* The description is that of a table which is being made: it has no items yet.
 */
static dyn_status restore_table(dyn_call *call, const dyn_host *host,
                                const dyn_json *request, dyn_buffer *response)
{
    dyn_backup backup;
    dyn_origin origin;
    dyn_definition source;
    dyn_definition definition;
    dyn_table *table = NULL;
    dyn_bytes name = {NULL, 0};
    dyn_bytes arn = dyn_request_text(request, "BackupArn");
    DYN_TRY(
        dyn_copy(call, dyn_request_text(request, "TargetTableName"), &name));
    DYN_TRY(host->begin_atomic(host->context, call));
    DYN_TRY(dyn_find_backup(call, host->session, arn, &backup));
    DYN_TRY(read_origin(call, &backup, arn, &origin));
    DYN_TRY(dyn_backup_definition(call, &backup, &source));
    DYN_TRY(dyn_restore_override(call, request, &source, &definition));
    DYN_TRY(dyn_restore_create(call, host, name, &definition, &origin, &table));
    DYN_TRY(dyn_table_describe(call, response, "TableDescription", table,
                               "CREATING", NULL));
    return dyn_restore_backup(call, &backup, table);
}

const dyn_operation dyn_operation_restore_table_from_backup = {
    "RestoreTableFromBackup", &input, restore_table};
