/* DeleteBackup. */
#include "api/backup_description.h"
#include "api/operation.h"
#include "api/request.h"
#include "ops/backup.h"

static const dyn_shape_member members[] = {
    {"BackupArn", &dyn_shape_backup_arn, true},
    {NULL, NULL, false},
};
static const dyn_shape input = {.kind = DYN_SHAPE_STRUCTURE,
                                .class_name = "DeleteBackupInput",
                                .members = members};

static dyn_status delete_backup(dyn_call *call, const dyn_host *host,
                                const dyn_json *request, dyn_buffer *response)
{
    dyn_backup backup;
    DYN_TRY(host->begin_atomic(host->context, call));
    DYN_TRY(dyn_find_backup(call, host->session,
                            dyn_request_text(request, "BackupArn"), &backup));
    DYN_TRY(dyn_backup_describe(call, response, &backup, "DELETED"));
    return dyn_delete_backup(call, host->session, &backup);
}

const dyn_operation dyn_operation_delete_backup = {"DeleteBackup", &input,
                                                   delete_backup};
