/* DeleteItem; the contract is in delete_item.h. */
#include "ops/delete_item.h"

#include "ops/write.h"

dyn_status dyn_delete_item(dyn_call *call, dyn_table *table, dyn_bytes key)
{
    dyn_before before;
    DYN_TRY(dyn_table_refresh(call, table));
    DYN_TRY(dyn_write_read(call, table, key, &before));
    return dyn_write_item(call, table, key, &before, NULL, 0);
}
