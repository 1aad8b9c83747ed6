/* ConditionCheck; the contract is in check_item.h. */
#include "ops/check_item.h"

dyn_status dyn_check_item(dyn_call *call, dyn_table *table, dyn_bytes key,
                          const dyn_condition *condition, dyn_before *before)
{
    dyn_meter meter;
    *before = (dyn_before){.found = false};
    DYN_TRY(dyn_table_refresh(call, table));
    DYN_TRY(dyn_write_read(call, table, key, before));
    DYN_TRY(dyn_write_condition(call, table, DYN_RATE_TRANSACTION, before,
                                condition, 0));
    DYN_TRY(dyn_table_meter(call, table, -1, &meter));
    dyn_table_charge(table, &meter, 0,
                     DYN_RATE_TRANSACTION *
                         dyn_write_units(before->view.size_bytes, 0));
    return DYN_OK;
}
