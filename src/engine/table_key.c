/* Keys of the items of an open table; the contracts are in table.h. */
#include "engine/table_internal.h"

#include "engine/item_key.h"

dyn_status dyn_table_key(dyn_call *call, const dyn_table *table,
                         const dyn_map *item, dyn_bytes *out)
{
    return dyn_item_key(call, &table->definition, item, out);
}

dyn_status dyn_table_check_key_value(dyn_call *call, const dyn_table *table,
                                     size_t column, const dyn_value *value)
{
    return dyn_check_key_value(call, &table->definition, column, value);
}
