/* DeleteTable; the contracts are in delete_table.h. */
#include "ops/delete_table.h"

#include "ops/handler.h"

dyn_status dyn_delete_table_check(dyn_call *call, const dyn_table *table)
{
    if (!dyn_table_definition(table)->is_protected) return DYN_OK;
    return dyn_fail(call, DYN_INVALID,
                    "Resource cannot be deleted as it is currently protected "
                    "against deletion. Disable deletion protection first.");
}

dyn_status dyn_delete_table(dyn_call *call, dyn_table *table)
{
    /* A damaged table can be dropped. After an error of the disk there may be
     * no transaction left in which that would be all or nothing. */
    dyn_status status = dyn_table_refresh(call, table);
    if (status == DYN_NOMEM || status == DYN_SQLITE) return status;
    if (status == DYN_OK) DYN_TRY(dyn_delete_table_check(call, table));
    DYN_TRY(dyn_handlers_drop(call, table));
    return dyn_table_drop(call, table);
}
