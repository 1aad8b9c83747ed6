/* PutItem, step by step; the contract is in put_item.h. */
#include "ops/put_item.h"

dyn_status dyn_put_item(dyn_call *call, dyn_table *table,
                        const dyn_put_request *request,
                        dyn_put_response *response)
{
    dyn_item_change change = {
        .is_free = request->is_free,
        .use = DYN_USE_PUT_ITEM,
        .before = &response->before,
        .after = request->item,
        .rate = dyn_rate_of(request->is_transactional),
    };
    response->before = (dyn_before){.found = false};
    DYN_TRY(dyn_table_key(call, table, request->item, &response->key));
    DYN_TRY(dyn_item_check(call, request->item, &change.after_bytes));
    DYN_TRY(dyn_write_check_types(call, table, request->item));
    change.key = response->key;
    if (!request->only_if_absent || request->condition != NULL) {
        DYN_TRY(dyn_write_read(call, table, response->key, &response->before));
        DYN_TRY(dyn_write_condition(call, table, &change, request->condition));
    }
    return request->only_if_absent ? dyn_write_new_item(call, table, &change)
                                   : dyn_write_item(call, table, &change);
}
