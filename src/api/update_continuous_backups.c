/* UpdateContinuousBackups: the option point_in_time. */
#include "api/continuous_backups.h"
#include "api/operation.h"
#include "api/request.h"
#include "api/table_shape.h"
#include "ops/alter_table.h"

static const dyn_shape days = {.kind = DYN_SHAPE_INTEGER,
                               .has_min = true,
                               .min = 1,
                               .has_max = true,
                               .max = DYN_POINT_IN_TIME_DAYS_MAX};
static const dyn_shape_member specification_members[] = {
    {"PointInTimeRecoveryEnabled", &dyn_shape_boolean, true},
    {"RecoveryPeriodInDays", &days, false},
    {NULL, NULL, false},
};
static const dyn_shape specification = {.kind = DYN_SHAPE_STRUCTURE,
                                        .class_name =
                                            "PointInTimeRecoverySpecification",
                                        .members = specification_members};
static const dyn_shape_member members[] = {
    {"TableName", &dyn_shape_own_table, true},
    {"PointInTimeRecoverySpecification", &specification, true},
    {NULL, NULL, false},
};
static const dyn_shape input = {.kind = DYN_SHAPE_STRUCTURE,
                                .class_name = "UpdateContinuousBackupsInput",
                                .members = members};

static dyn_status update(dyn_call *call, const dyn_host *host,
                         const dyn_json *request, dyn_buffer *response)
{
    dyn_table *table = NULL;
    dyn_alteration change = {.kind = DYN_CHANGE_OPTIONS};
    const dyn_json *given =
        dyn_request_member(request, "PointInTimeRecoverySpecification");
    bool is_on = dyn_request_flag(given, "PointInTimeRecoveryEnabled", false);
    DYN_TRY(host->begin_atomic(host->context, call));
    DYN_TRY(dyn_host_find_source(
        call, host, dyn_request_text(request, "TableName"), true, &table));
    change.definition = *dyn_table_definition(table);
    change.definition.point_in_time_days =
        is_on ? dyn_request_integer(given, "RecoveryPeriodInDays",
                                    DYN_POINT_IN_TIME_DAYS_MAX)
              : 0;
    DYN_TRY(dyn_alter_table(call, table, &change));
    dyn_continuous_backups_describe(response, table);
    return DYN_OK;
}

const dyn_operation dyn_operation_update_continuous_backups = {
    "UpdateContinuousBackups", &input, update};
