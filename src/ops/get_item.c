/* GetItem; the contract is in get_item.h. */
#include "ops/get_item.h"

#include "base/clock.h"
#include "engine/expiry.h"
#include "engine/row.h"
#include "engine/source.h"
#include "item/key.h"

static dyn_status hide_expired(dyn_call *call, const dyn_table *table,
                               dyn_get_response *response)
{
    dyn_expiry expiry = {false, 0};
    DYN_TRY(dyn_expiry_of_view(call, dyn_table_definition(table),
                               &response->item, &expiry));
    response->found = !dyn_expiry_is_over(&expiry, dyn_clock_now_ms());
    return DYN_OK;
}

static dyn_status read_item(dyn_call *call, dyn_table *table,
                            const dyn_get_request *request,
                            dyn_get_response *response)
{
    dyn_row row;
    dyn_source source;
    DYN_TRY(dyn_source_begin(call, &source, table, -1, request->is_strong));
    dyn_status status =
        dyn_source_get(call, &source, request->key, &response->found, &row);
    dyn_source_end(&source);
    if (status != DYN_OK || !response->found) return status;
    return dyn_row_open(call, dyn_table_layout(table), DYN_TREE_ITEMS,
                        request->key, row.item, &response->item);
}

dyn_status dyn_get_item(dyn_call *call, dyn_table *table,
                        const dyn_get_request *request,
                        dyn_get_response *response)
{
    dyn_bill bill;
    *response = (dyn_get_response){.found = false};
    DYN_TRY(read_item(call, table, request, response));
    int64_t halves =
        dyn_rate_of(request->is_transactional) *
        dyn_read_halves(response->item.size_bytes, request->is_strong);
    dyn_bill_begin(&bill, DYN_USE_GET_ITEM);
    dyn_bill_add_read(&bill, table, -1, request->key, halves);
    DYN_TRY(dyn_bill_admit(call, table, &bill));
    dyn_bill_settle(table, &bill);
    response->lookup = (dyn_lookup){dyn_key_digest(request->key),
                                    bill.charges[0].minute, halves};
    return request->is_live && response->found
               ? hide_expired(call, table, response)
               : DYN_OK;
}
