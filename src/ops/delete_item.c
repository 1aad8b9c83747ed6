/* DeleteItem; the contract is in delete_item.h. */
#include "ops/delete_item.h"

dyn_status dyn_delete_item(dyn_call *call, dyn_table *table,
                           const dyn_delete_request *request,
                           dyn_before *before)
{
    dyn_item_change change = {
        .is_free = request->is_free,
        .use = DYN_USE_DELETE_ITEM,
        .key = request->key,
        .before = before,
        .rate = dyn_rate_of(request->is_transactional),
        .lookup = request->lookup,
    };
    DYN_TRY(dyn_write_read(call, table, request->key, before));
    DYN_TRY(dyn_write_condition(call, table, &change, request->condition));
    return dyn_write_item(call, table, &change);
}
