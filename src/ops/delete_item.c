/* DeleteItem; the contract is in delete_item.h. */
#include "ops/delete_item.h"

dyn_status dyn_delete_item(dyn_call *call, dyn_table *table,
                           const dyn_delete_request *request,
                           dyn_before *before)
{
    *before = (dyn_before){.found = false};
    DYN_TRY(dyn_table_refresh(call, table));
    DYN_TRY(dyn_write_read(call, table, request->key, before));
    DYN_TRY(dyn_write_condition(call, table,
                                dyn_rate_of(request->is_transactional), before,
                                request->condition, 0));
    return dyn_write_item(call, table, dyn_rate_of(request->is_transactional),
                          request->key, before, NULL, 0);
}
