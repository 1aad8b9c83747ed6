/* CreateBackup. */
#include "api/backup_description.h"
#include "api/operation.h"
#include "api/request.h"
#include "api/table_shape.h"
#include "ops/backup.h"

static const dyn_shape name = {.kind = DYN_SHAPE_STRING,
                               .has_min = true,
                               .min = 3,
                               .has_max = true,
                               .max = 255,
                               .is_name = true};
static const dyn_shape_member members[] = {
    {"TableName", &dyn_shape_own_table, true},
    {"BackupName", &name, true},
    {NULL, NULL, false},
};
static const dyn_shape input = {.kind = DYN_SHAPE_STRUCTURE,
                                .class_name = "CreateBackupInput",
                                .members = members};

static dyn_status create_backup(dyn_call *call, const dyn_host *host,
                                const dyn_json *request, dyn_buffer *response)
{
    dyn_table *table = NULL;
    dyn_backup backup;
    DYN_TRY(host->begin_atomic(host->context, call));
    DYN_TRY(dyn_host_find_source(
        call, host, dyn_request_text(request, "TableName"), true, &table));
    DYN_TRY(dyn_create_backup(
        call, table, dyn_request_text(request, "BackupName"), &backup));
    return dyn_backup_write_details(call, response, &backup, "CREATING");
}

const dyn_operation dyn_operation_create_backup = {"CreateBackup", &input,
                                                   create_backup};
