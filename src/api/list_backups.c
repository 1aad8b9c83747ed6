/* ListBackups. Backups are told in the order of their ARNs: those of a table
 * one after the other, as they were made. */
#include "api/backup_description.h"
#include "api/operation.h"
#include "api/request.h"
#include "api/response.h"
#include "api/table_shape.h"
#include "ops/backup.h"

#include <stdlib.h>

enum { BACKUPS_MAX = 100 };

static const char *const type_words[] = {"USER", "SYSTEM", "AWS_BACKUP", "ALL",
                                         NULL};
static const dyn_shape type = {.kind = DYN_SHAPE_STRING, .words = type_words};
static const dyn_shape time_bound = {.kind = DYN_SHAPE_DOUBLE, .is_free = true};
static const dyn_shape limit = {.kind = DYN_SHAPE_INTEGER,
                                .has_min = true,
                                .min = 1,
                                .has_max = true,
                                .max = BACKUPS_MAX};
static const dyn_shape_member members[] = {
    {"TableName", &dyn_shape_table, false},
    {"Limit", &limit, false},
    {"TimeRangeLowerBound", &time_bound, false},
    {"TimeRangeUpperBound", &time_bound, false},
    {"ExclusiveStartBackupArn", &dyn_shape_backup_arn, false},
    {"BackupType", &type, false},
    {NULL, NULL, false},
};
static const dyn_shape input = {.kind = DYN_SHAPE_STRUCTURE,
                                .class_name = "ListBackupsInput",
                                .members = members};

typedef struct listed {
    const dyn_backup *backup;
    const char *arn;
} listed;

static int compare(const void *a, const void *b)
{
    return strcmp(((const listed *)a)->arn, ((const listed *)b)->arn);
}

static dyn_status list_all(dyn_call *call, const dyn_host *host, listed **out,
                           size_t *count)
{
    const dyn_backup *all = NULL;
    DYN_TRY(host->snapshot(host->context, call));
    DYN_TRY(dyn_list_backups(call, host->session, &all, count));
    *out = dyn_alloc(call, *count * sizeof(listed));
    if (*out == NULL) return DYN_NOMEM;
    for (size_t i = 0; i < *count; i++) {
        (*out)[i].backup = &all[i];
        DYN_TRY(dyn_backup_arn(call, &all[i], &(*out)[i].arn));
    }
    if (*count > 1) qsort(*out, *count, sizeof(listed), compare);
    return DYN_OK;
}

static dyn_status is_asked_for(dyn_call *call, const dyn_json *request,
                               const listed *l, bool *out)
{
    const char *label = NULL;
    int64_t created_ms = l->backup->created_ms;
    dyn_bytes start = dyn_request_text(request, "ExclusiveStartBackupArn");
    dyn_bytes table = dyn_request_text(request, "TableName");
    DYN_TRY(dyn_backup_label(call, l->backup, &label));
    *out =
        (table.data == NULL ||
         dyn_bytes_equal_text(dyn_host_table_name(table), label)) &&
        (start.data == NULL ||
         dyn_bytes_compare(dyn_bytes_text(l->arn), start) > 0) &&
        created_ms >= dyn_request_time_ms(request, "TimeRangeLowerBound", 0) &&
        created_ms <
            dyn_request_time_ms(request, "TimeRangeUpperBound", INT64_MAX);
    return DYN_OK;
}

/* All are made by the user. */
static bool is_for_users(const dyn_json *request)
{
    return dyn_request_member(request, "BackupType") == NULL ||
           dyn_request_is(request, "BackupType", "USER") ||
           dyn_request_is(request, "BackupType", "ALL");
}

static dyn_status list_backups(dyn_call *call, const dyn_host *host,
                               const dyn_json *request, dyn_buffer *response)
{
    listed *all = NULL;
    size_t count = 0;
    const char *last = NULL;
    int64_t left = dyn_request_integer(request, "Limit", BACKUPS_MAX);
    DYN_TRY(list_all(call, host, &all, &count));
    if (!is_for_users(request)) count = 0;
    dyn_response_name(response, "BackupSummaries");
    dyn_buffer_add_byte(response, '[');
    for (size_t i = 0; i < count && left >= 0; i++) {
        bool is_shown = false;
        DYN_TRY(is_asked_for(call, request, &all[i], &is_shown));
        if (!is_shown || left-- == 0) continue;
        DYN_TRY(dyn_backup_write_summary(call, response, all[i].backup));
        last = all[i].arn;
    }
    dyn_buffer_add_byte(response, ']');
    if (left < 0) {
        dyn_response_text(response, "LastEvaluatedBackupArn",
                          dyn_bytes_text(last));
    }
    return DYN_OK;
}

const dyn_operation dyn_operation_list_backups = {"ListBackups", &input,
                                                  list_backups};
