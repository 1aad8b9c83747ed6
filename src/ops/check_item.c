/* ConditionCheck; the contract is in check_item.h. */
#include "ops/check_item.h"

dyn_status dyn_check_item(dyn_call *call, dyn_table *table, dyn_bytes key,
                          const dyn_condition *condition, dyn_before *before)
{
    dyn_item_change change = {
        .use = DYN_USE_CONDITION_CHECK,
        .key = key,
        .before = before,
        .rate = DYN_RATE_TRANSACTION,
    };
    DYN_TRY(dyn_write_read(call, table, key, before));
    DYN_TRY(dyn_write_condition(call, table, &change, condition));
    return dyn_write_charge(call, table, &change);
}
