/* PutItem, step by step; the contract is in put_item.h. */
#include "ops/put_item.h"

#include "ops/write.h"

dyn_status dyn_put_item(dyn_call *call, dyn_table *table,
                        const dyn_put_request *request, dyn_bytes *key)
{
    size_t size_bytes = 0;
    DYN_TRY(dyn_table_refresh(call, table));
    DYN_TRY(dyn_table_key(call, table, request->item, key));
    DYN_TRY(dyn_item_check(call, request->item, &size_bytes));
    if (request->only_if_absent) {
        return dyn_write_new_item(call, table, *key, request->item, size_bytes);
    }
    dyn_before before;
    DYN_TRY(dyn_write_read(call, table, *key, &before));
    return dyn_write_item(call, table, *key, &before, request->item,
                          size_bytes);
}
