/* Items without their keys; the contracts are in row.h. */
#include "engine/row.h"

#include "item/key.h"

/* Add what is not in the key of the index already. */
static void add_parts(dyn_key_layout *layout, const dyn_definition *definition,
                      const dyn_index *index, const uint16_t *columns,
                      size_t count, bool is_sort)
{
    for (size_t i = 0; i < count; i++) {
        const dyn_column *column = &definition->columns[columns[i]];
        if (index != NULL && dyn_key_schema_has(&index->key, columns[i]))
            continue;
        layout->parts[layout->count++] =
            (dyn_key_part){column->name, column->type, is_sort};
    }
}

static void add_schema(dyn_key_layout *layout, const dyn_definition *definition,
                       const dyn_index *index, const dyn_key_schema *key)
{
    add_parts(layout, definition, index, key->partition, key->partition_count,
              false);
    add_parts(layout, definition, index, key->sort, key->sort_count, true);
}

/* The first part of each column. */
static dyn_status find_parts(dyn_call *call, const dyn_definition *definition,
                             dyn_key_layout *layout)
{
    size_t count = definition->column_count;
    uint8_t *part_of = dyn_alloc(call, count);
    if (part_of == NULL) return DYN_NOMEM;
    memset(part_of, DYN_NO_PART, count);
    for (size_t i = layout->count; i-- > 0;) {
        int column = dyn_definition_column(definition, layout->parts[i].name);
        if (column >= 0 && (size_t)column < count) part_of[column] = (uint8_t)i;
    }
    layout->part_of = part_of;
    layout->column_count = count;
    return DYN_OK;
}

dyn_status dyn_row_layout(dyn_call *call, const dyn_definition *definition,
                          const dyn_index *index, const dyn_key_layout **out)
{
    enum { PARTS_MAX = 4 * DYN_KEY_ATTRIBUTES_MAX };
    dyn_key_layout *layout =
        dyn_alloc(call, sizeof(*layout) + PARTS_MAX * sizeof(dyn_key_part));
    if (layout == NULL) return DYN_NOMEM;
    *layout = (dyn_key_layout){.parts = (dyn_key_part *)(void *)(layout + 1)};
    if (index != NULL) add_schema(layout, definition, NULL, &index->key);
    add_schema(layout, definition, index, &definition->key);
    *out = layout;
    return find_parts(call, definition, layout);
}

dyn_status dyn_row_open(dyn_call *call, const dyn_key_layout *layout,
                        int64_t tree, dyn_bytes key, dyn_bytes stored,
                        dyn_view *out)
{
    DYN_TRY(dyn_view_open(call, stored, out));
    bool is_item = tree == DYN_TREE_ITEMS;
    if (key.size_bytes < DYN_KEY_HASH_BYTES || (is_item && out->is_reference))
        return dyn_fail(call, DYN_CORRUPT, "a stored item does not decode");
    out->key = (dyn_bytes){key.data + DYN_KEY_HASH_BYTES,
                           key.size_bytes - DYN_KEY_HASH_BYTES};
    out->layout = layout;
    return DYN_OK;
}

dyn_status dyn_row_encode(dyn_call *call, const dyn_definition *definition,
                          const dyn_map *item, size_t size_bytes,
                          dyn_bytes *out)
{
    dyn_map rest = {NULL, 0};
    rest.attributes = dyn_alloc(call, item->count * sizeof(dyn_attribute));
    if (rest.attributes == NULL) return DYN_NOMEM;
    for (size_t i = 0; i < item->count; i++) {
        const dyn_attribute *attribute = &item->attributes[i];
        if (!dyn_definition_is_key(definition, attribute->name))
            rest.attributes[rest.count++] = *attribute;
    }
    return dyn_item_encode(call, &rest, size_bytes, out);
}
