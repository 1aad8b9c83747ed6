/* GetItem; the contract is in get_item.h. */
#include "ops/get_item.h"

#include "engine/row.h"
#include "item/key.h"

dyn_status dyn_get_item(dyn_call *call, dyn_table *table,
                        const dyn_get_request *request,
                        dyn_get_response *response)
{
    dyn_meter meter;
    dyn_row row;
    response->item = (dyn_view){.size_bytes = 0};
    DYN_TRY(dyn_table_refresh(call, table));
    DYN_TRY(dyn_table_meter(call, table, -1, &meter));
    DYN_TRY(dyn_store_get(call, table->store, request->key, &response->found,
                          &row));
    if (response->found) {
        DYN_TRY(dyn_row_open(call, table->layout, DYN_TREE_ITEMS, request->key,
                             row.item, &response->item));
    }
    int64_t halves =
        dyn_read_halves(response->item.size_bytes, request->is_strong);
    if (request->is_transactional) halves *= 2;
    dyn_table_charge(table, &meter, halves, 0);
    table->session->point_read = (dyn_point_read){
        table, dyn_key_digest(request->key), meter.minute, halves};
    return DYN_OK;
}
