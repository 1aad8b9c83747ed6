/* UpdateContributorInsights. It changes the option of the table, also where an
 * index is named: the index has that of its table. */
#include "api/contributor_insights.h"
#include "api/operation.h"
#include "api/request.h"
#include "api/table_shape.h"

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

static const char *option_of(const dyn_json *request)
{
    if (dyn_request_is(request, "ContributorInsightsAction", "DISABLE"))
        return "hot_keys = 'off'";
    return dyn_request_is(request, "ContributorInsightsMode", "THROTTLED_KEYS")
               ? "hot_keys = 'throttled'"
               : "hot_keys = 'on'";
}

static dyn_status update(dyn_call *call, const dyn_host *host,
                         const dyn_json *request, dyn_buffer *response)
{
    dyn_table *table = NULL;
    DYN_TRY(host->begin_atomic(host->context, call));
    DYN_TRY(dyn_insights_find(call, host, request, true, &table));
    DYN_TRY(dyn_table_change_options(call, table, option_of(request)));
    dyn_insights_write(response, table, dyn_request_text(request, "IndexName"),
                       "ENABLING", "DISABLING");
    return DYN_OK;
}

const dyn_operation dyn_operation_update_contributor_insights = {
    "UpdateContributorInsights", &input, update};
