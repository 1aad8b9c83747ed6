/* ListContributorInsights: of one table, or of all. A token is the place of the
 * last entry of its page, `orders` or `orders/by_day`. */
#include "api/contributor_insights.h"
#include "api/operation.h"
#include "api/request.h"
#include "api/response.h"
#include "api/table_shape.h"

enum { RESULTS_MAX = 100 };

static const dyn_shape results = {
    .kind = DYN_SHAPE_INTEGER, .has_max = true, .max = RESULTS_MAX};
static const dyn_shape_member members[] = {
    {"TableName", &dyn_shape_table, false},
    {"NextToken", &dyn_shape_string, false},
    {"MaxResults", &results, false},
    {NULL, NULL, false},
};
static const dyn_shape input = {.kind = DYN_SHAPE_STRUCTURE,
                                .class_name = "ListContributorInsightsInput",
                                .members = members};

typedef struct page {
    dyn_call *call;
    dyn_buffer *response;
    dyn_bytes token; /* the place that entries begin behind; no data once it is
                      * found */
    int64_t left;
    const char *last;
    bool is_over; /* there is more than what is left */
} page;

static dyn_status add_entry(page *to, const dyn_table *table, dyn_bytes index)
{
    bool is_table = index.data == NULL;
    char *place = dyn_format(to->call, "%s%s%.*s", dyn_table_label(table),
                             is_table ? "" : "/", (int)index.size_bytes,
                             is_table ? "" : (const char *)index.data);
    if (place == NULL) return DYN_NOMEM;
    if (to->token.data != NULL) {
        if (dyn_bytes_equal_text(to->token, place)) to->token.data = NULL;
        return DYN_OK;
    }
    to->is_over = to->left == 0;
    if (to->is_over) return DYN_OK;
    to->left--;
    to->last = place;
    dyn_response_element(to->response);
    dyn_buffer_add_byte(to->response, '{');
    dyn_insights_write(to->response, table, index, "ENABLED", "DISABLED");
    dyn_buffer_add_byte(to->response, '}');
    return DYN_OK;
}

static dyn_status add_table(page *to, const dyn_table *table)
{
    const dyn_definition *definition = dyn_table_definition(table);
    DYN_TRY(add_entry(to, table, (dyn_bytes){NULL, 0}));
    for (size_t i = 0; i < definition->index_count && !to->is_over; i++) {
        if (definition->indexes[i].is_local) continue;
        DYN_TRY(add_entry(to, table, definition->indexes[i].name));
    }
    return DYN_OK;
}

static dyn_status add_tables(page *to, const dyn_host *host, dyn_bytes name)
{
    dyn_table *table = NULL;
    const char **names = NULL;
    size_t count = 0;
    if (name.data != NULL) {
        DYN_TRY(dyn_host_find(to->call, host, name, false, &table));
        return add_table(to, table);
    }
    DYN_TRY(host->list(host->context, to->call, &names, &count));
    for (size_t i = 0; i < count && !to->is_over; i++) {
        DYN_TRY(dyn_host_find(to->call, host, dyn_bytes_text(names[i]), false,
                              &table));
        DYN_TRY(add_table(to, table));
    }
    return DYN_OK;
}

static dyn_status list(dyn_call *call, const dyn_host *host,
                       const dyn_json *request, dyn_buffer *response)
{
    page to = {.call = call,
               .response = response,
               .token = dyn_request_text(request, "NextToken"),
               .left = dyn_request_integer(request, "MaxResults", RESULTS_MAX)};
    if (to.left < 1) {
        return dyn_fail(call, DYN_INVALID,
                        "MaxResults is %lld: it has to be 1 to %d",
                        (long long)to.left, (int)RESULTS_MAX);
    }
    dyn_response_name(response, "ContributorInsightsSummaries");
    dyn_buffer_add_byte(response, '[');
    DYN_TRY(add_tables(&to, host, dyn_request_text(request, "TableName")));
    dyn_buffer_add_byte(response, ']');
    if (to.token.data != NULL) {
        return dyn_fail(call, DYN_INVALID,
                        "Invalid NextToken: the table or index that it names "
                        "is not there any more");
    }
    if (to.is_over)
        dyn_response_text(response, "NextToken", dyn_bytes_text(to.last));
    return DYN_OK;
}

const dyn_operation dyn_operation_list_contributor_insights = {
    "ListContributorInsights", &input, list};
