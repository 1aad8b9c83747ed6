/* Records of the log; the contracts are in record.h. */
#include "ops/record.h"

#include "engine/row.h"
#include "item/codec.h"
#include "item/item_json.h"

/* The attributes of a key are those of an item that has no others. */
dyn_status dyn_record_keys(dyn_call *call, const dyn_table *table,
                           dyn_bytes key, dyn_map *out)
{
    dyn_map nothing = {NULL, 0};
    dyn_bytes stored = {NULL, 0};
    size_t size_bytes = 0;
    DYN_TRY(dyn_item_encode(call, NULL, &nothing, 0, &stored));
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

static dyn_status to_text(dyn_call *call, const dyn_map *item, dyn_bytes *out)
{
    dyn_buffer text;
    dyn_buffer_begin(&text, call, 256);
    dyn_item_to_json(&text, item, DYN_JSON_PLAIN);
    return dyn_buffer_end(&text, out);
}

dyn_status dyn_record_item_text(dyn_call *call, const dyn_table *table,
                                dyn_bytes key, dyn_bytes stored, dyn_bytes *out)
{
    dyn_map item = {NULL, 0};
    size_t size_bytes = 0;
    DYN_TRY(dyn_record_item(call, table, key, stored, &item, &size_bytes));
    return to_text(call, &item, out);
}

dyn_status dyn_record_keys_text(dyn_call *call, const dyn_table *table,
                                dyn_bytes key, dyn_bytes *out)
{
    dyn_map keys = {NULL, 0};
    DYN_TRY(dyn_record_keys(call, table, key, &keys));
    return to_text(call, &keys, out);
}

const char *dyn_actor_name(dyn_actor actor)
{
    static const char *const names[DYN_ACTORS] = {
        [DYN_ACTOR_USER] = "user",
        [DYN_ACTOR_TTL] = "ttl",
        [DYN_ACTOR_REPLICA] = "replica",
    };
    return names[actor];
}
