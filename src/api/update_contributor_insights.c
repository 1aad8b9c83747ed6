/* UpdateContributorInsights. It changes the option of the table, also where an
 * index is named: the index has that of its table. */
#include "api/contributor_insights.h"
#include "api/operation.h"
#include "api/request.h"
#include "api/table_shape.h"
#include "ops/alter_table.h"

static const char *const action_words[] = {"ENABLE", "DISABLE", NULL};
static const dyn_shape action = {.kind = DYN_SHAPE_STRING,
                                 .words = action_words};
static const char *const mode_words[] = {"ACCESSED_AND_THROTTLED_KEYS",
                                         "THROTTLED_KEYS", NULL};
static const dyn_shape mode = {.kind = DYN_SHAPE_STRING, .words = mode_words};

static const dyn_shape_member members[] = {
    {"TableName", &dyn_shape_own_table, true},
    {"IndexName", &dyn_shape_index_name, false},
    {"ContributorInsightsAction", &action, true},
    {"ContributorInsightsMode", &mode, false},
    {NULL, NULL, false},
};
static const dyn_shape input = {.kind = DYN_SHAPE_STRUCTURE,
                                .class_name = "UpdateContributorInsightsInput",
                                .members = members};

static dyn_hot_keys_option option_of(const dyn_json *request)
{
    if (dyn_request_is(request, "ContributorInsightsAction", "DISABLE"))
        return DYN_HOT_KEYS_OFF;
    return dyn_request_is(request, "ContributorInsightsMode", "THROTTLED_KEYS")
               ? DYN_HOT_KEYS_THROTTLED
               : DYN_HOT_KEYS_ON;
}

static dyn_status update(dyn_call *call, const dyn_host *host,
                         const dyn_json *request, dyn_buffer *response)
{
    dyn_table *table = NULL;
    dyn_alteration change = {.kind = DYN_CHANGE_OPTIONS};
    DYN_TRY(host->begin_atomic(host->context, call));
    DYN_TRY(dyn_insights_find(call, host, request, true, &table));
    change.definition = *dyn_table_definition(table);
    change.definition.hot_keys = option_of(request);
    DYN_TRY(dyn_alter_table(call, table, &change));
    dyn_insights_write(response, table, dyn_request_text(request, "IndexName"),
                       "ENABLING", "DISABLING");
    return DYN_OK;
}

const dyn_operation dyn_operation_update_contributor_insights = {
    "UpdateContributorInsights", &input, update};
