/* PutItem, step by step; the contract is in put_item.h. */
#include "ops/put_item.h"

dyn_status dyn_put_item(dyn_call *call, dyn_table *table,
                        const dyn_put_request *request,
                        dyn_put_response *response)
{
    size_t size_bytes = 0;
    const dyn_map *item = request->item;
    dyn_before *before = &response->before;
    *before = (dyn_before){.found = false};
    DYN_TRY(dyn_table_refresh(call, table));
    DYN_TRY(dyn_table_key(call, table, item, &response->key));
    DYN_TRY(dyn_item_check(call, item, &size_bytes));
    DYN_TRY(dyn_write_check_types(call, table, item));
    if (!request->only_if_absent || request->condition != NULL) {
        DYN_TRY(dyn_write_read(call, table, response->key, before));
        DYN_TRY(dyn_write_condition(call, table,
                                    dyn_rate_of(request->is_transactional),
                                    before, request->condition, size_bytes));
    }
    if (request->only_if_absent) {
        return dyn_write_new_item(call, table,
                                  dyn_rate_of(request->is_transactional),
                                  response->key, item, size_bytes);
    }
    return dyn_write_item(call, table, dyn_rate_of(request->is_transactional),
                          response->key, before, item, size_bytes);
}
