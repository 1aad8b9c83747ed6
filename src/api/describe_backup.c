/* DescribeBackup. */
#include "api/backup_description.h"
#include "api/operation.h"
#include "api/request.h"
#include "ops/backup.h"

static const dyn_shape_member members[] = {
    {"BackupArn", &dyn_shape_backup_arn, true},
    {NULL, NULL, false},
};
static const dyn_shape input = {.kind = DYN_SHAPE_STRUCTURE,
                                .class_name = "DescribeBackupInput",
                                .members = members};

static dyn_status describe_backup(dyn_call *call, const dyn_host *host,
                                  const dyn_json *request, dyn_buffer *response)
{
    dyn_backup backup;
    DYN_TRY(host->snapshot(host->context, call));
    DYN_TRY(dyn_find_backup(call, host->session,
                            dyn_request_text(request, "BackupArn"), &backup));
    return dyn_backup_describe(call, response, &backup, "AVAILABLE");
}

const dyn_operation dyn_operation_describe_backup = {"DescribeBackup", &input,
                                                     describe_backup};
