/* RestoreTableToPointInTime. */
#include "api/operation.h"
#include "api/request.h"
#include "api/restore.h"
#include "api/table_description.h"
#include "api/table_shape.h"
#include "base/exception.h"
#include "ops/restore.h"

#define INVALID "One or more parameter values were invalid: "

static const dyn_shape restore_time = {.kind = DYN_SHAPE_DOUBLE,
                                       .is_free = true};
static const dyn_shape_member members[] = {
    {"SourceTableArn", &dyn_shape_table, false},
    {"SourceTableName", &dyn_shape_name, false},
    {"TargetTableName", &dyn_shape_name, true},
    {"UseLatestRestorableTime", &dyn_shape_boolean, false},
    {"RestoreDateTime", &restore_time, false},
    DYN_OVERRIDE_MEMBERS,
    {NULL, NULL, false},
};
static const dyn_shape input = {.kind = DYN_SHAPE_STRUCTURE,
                                .class_name = "RestoreTableToPointInTimeInput",
                                .members = members};

static dyn_status fail_choice(dyn_call *call, const char *one,
                              const char *other)
{
    return dyn_fail(call, DYN_INVALID,
                    INVALID "exactly one of %s and %s is needed", one, other);
}

static dyn_status check_request(dyn_call *call, const dyn_json *request)
{
    bool has_time = dyn_request_member(request, "RestoreDateTime") != NULL;
    if ((dyn_request_member(request, "SourceTableArn") != NULL) ==
        (dyn_request_member(request, "SourceTableName") != NULL))
        return fail_choice(call, "SourceTableArn", "SourceTableName");
    return has_time !=
                   dyn_request_flag(request, "UseLatestRestorableTime", false)
               ? DYN_OK
               : fail_choice(call, "RestoreDateTime",
                             "UseLatestRestorableTime: true");
}

static dyn_status find_source(dyn_call *call, const dyn_host *host,
                              const dyn_json *request, dyn_table **out)
{
    dyn_bytes name = dyn_request_text(request, "SourceTableName");
    if (name.data == NULL) name = dyn_request_text(request, "SourceTableArn");
    DYN_TRY(dyn_host_find_source(call, host, name, true, out));
    if (dyn_table_definition(*out)->point_in_time_days > 0) return DYN_OK;
    return dyn_fail_as(call, "PointInTimeRecoveryUnavailableException",
                       "Point in time recovery has not yet been enabled for "
                       "this source table.");
}

/* The time that a request restores to; INT64_MAX: the latest. */
static dyn_status read_time(dyn_call *call, const dyn_table *source,
                            const dyn_json *request, int64_t *time_ms)
{
    dyn_restore_window window = dyn_restore_window_of(source);
    *time_ms = INT64_MAX;
    if (dyn_request_member(request, "RestoreDateTime") == NULL) return DYN_OK;
    *time_ms = dyn_request_time_ms(request, "RestoreDateTime", -1);
    if (window.is_there && *time_ms >= window.earliest_ms &&
        *time_ms <= window.latest_ms) {
        return DYN_OK;
    }
    return dyn_fail_as(call, "InvalidRestoreTimeException",
                       "An invalid restore time was specified. "
                       "RestoreDateTime must be between "
                       "EarliestRestorableDateTime and "
                       "LatestRestorableDateTime.");
}

static dyn_status read_origin(dyn_call *call, const dyn_table *source,
                              int64_t time_ms, dyn_origin *out)
{
    const char *arn =
        dyn_format(call, DYN_ARN_PREFIX "%s", dyn_table_label(source));
    if (arn == NULL) return DYN_NOMEM;
    out->table_arn = dyn_bytes_text(arn);
    out->backup_arn = (dyn_bytes){NULL, 0};
    out->time_ms = time_ms == INT64_MAX
                       ? dyn_restore_window_of(source).latest_ms
                       : time_ms;
    return DYN_OK;
}

static dyn_status restore_table(dyn_call *call, const dyn_host *host,
                                const dyn_json *request, dyn_buffer *response)
{
    int64_t time_ms = 0;
    int64_t items = 0;
    dyn_origin origin;
    dyn_definition definition;
    dyn_table *source = NULL;
    dyn_table *table = NULL;
    dyn_bytes name = {NULL, 0};
    DYN_TRY(check_request(call, request));
    DYN_TRY(
        dyn_copy(call, dyn_request_text(request, "TargetTableName"), &name));
    DYN_TRY(host->begin_atomic(host->context, call));
    DYN_TRY(find_source(call, host, request, &source));
    DYN_TRY(read_time(call, source, request, &time_ms));
    DYN_TRY(read_origin(call, source, time_ms, &origin));
    DYN_TRY(dyn_restore_override(call, request, dyn_table_definition(source),
                                 &definition));
    DYN_TRY(dyn_restore_create(call, host, name, &definition, &origin, &table));
    DYN_TRY(dyn_table_describe(call, response, "TableDescription", table,
                               "CREATING", NULL));
    return dyn_restore_past(call, source, time_ms, table, &items);
}

const dyn_operation dyn_operation_restore_table_to_point_in_time = {
    "RestoreTableToPointInTime", &input, restore_table};
