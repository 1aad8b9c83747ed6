/* Insights of tables; the contracts are in contributor_insights.h. */
#include "api/contributor_insights.h"

#include "api/request.h"
#include "api/response.h"

dyn_status dyn_insights_find(dyn_call *call, const dyn_host *host,
                             const dyn_json *request, bool is_write,
                             dyn_table **out)
{
    dyn_bytes name = dyn_request_text(request, "IndexName");
    DYN_TRY(dyn_host_find(call, host, dyn_request_text(request, "TableName"),
                          is_write, out));
    if (name.data == NULL) return DYN_OK;
    const dyn_definition *definition = dyn_table_definition(*out);
    int number = dyn_definition_index(definition, name);
    if (number >= 0 && !definition->indexes[number].is_local) return DYN_OK;
    return dyn_fail(call, DYN_NOT_FOUND,
                    "Requested resource not found: Index: %.*s not found",
                    (int)name.size_bytes, (const char *)name.data);
}

void dyn_insights_write(dyn_buffer *out, const dyn_table *table,
                        dyn_bytes index, const char *when_on,
                        const char *when_off)
{
    dyn_hot_keys_option option =
        dyn_definition_hot_keys(dyn_table_definition(table));
    bool is_on = option != DYN_HOT_KEYS_OFF;
    dyn_response_text(out, "TableName", dyn_bytes_text(dyn_table_label(table)));
    if (index.data != NULL) dyn_response_text(out, "IndexName", index);
    dyn_response_text(out, "ContributorInsightsStatus",
                      dyn_bytes_text(is_on ? when_on : when_off));
    if (!is_on) return;
    dyn_response_text(out, "ContributorInsightsMode",
                      dyn_bytes_text(option == DYN_HOT_KEYS_ON
                                         ? "ACCESSED_AND_THROTTLED_KEYS"
                                         : "THROTTLED_KEYS"));
}
