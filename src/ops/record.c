/* Records of the log; the contracts are in record.h. */
#include "ops/record.h"

#include "engine/row.h"
#include "item/codec.h"

/* The attributes of a key are those of an item that has no others. */
dyn_status dyn_record_keys(dyn_call *call, const dyn_table *table,
                           dyn_bytes key, dyn_map *out)
{
    dyn_map nothing = {NULL, 0};
    dyn_bytes stored = {NULL, 0};
    size_t size_bytes = 0;
    DYN_TRY(dyn_item_encode(call, &nothing, 0, &stored));
    return dyn_record_item(call, table, key, stored, out, &size_bytes);
}

dyn_status dyn_record_item(dyn_call *call, const dyn_table *table,
                           dyn_bytes key, dyn_bytes stored, dyn_map *out,
                           size_t *size_bytes)
{
    dyn_view view;
    DYN_TRY(dyn_row_open(call, dyn_table_layout(table), DYN_TREE_ITEMS, key,
                         stored, &view));
    *size_bytes += view.size_bytes;
    return dyn_view_decode(call, &view, out);
}

const char *dyn_actor_name(dyn_actor actor)
{
    static const char *const names[DYN_ACTORS] = {
        [DYN_ACTOR_USER] = "user",
        [DYN_ACTOR_TTL] = "ttl",
    };
    return names[actor];
}
