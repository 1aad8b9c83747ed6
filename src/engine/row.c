/* Items without their keys; the contracts are in row.h. */
#include "engine/row.h"

#include "item/key.h"

/* Add what is not in the key of the index already. */
static void add_parts(dyn_layout *layout, const dyn_definition *definition,
                      const dyn_index *index, const uint16_t *columns,
                      size_t count, bool is_sort)
{
    for (size_t i = 0; i < count; i++) {
        const dyn_column *column = &definition->columns[columns[i]];
        if (index != NULL && dyn_key_schema_has(&index->key, columns[i]))
            continue;
        layout->parts[layout->part_count++] =
            (dyn_key_part){column->name, column->type, is_sort};
    }
}

static void add_schema(dyn_layout *layout, const dyn_definition *definition,
                       const dyn_index *index, const dyn_key_schema *key)
{
    add_parts(layout, definition, index, key->partition, key->partition_count,
              false);
    add_parts(layout, definition, index, key->sort, key->sort_count, true);
}

/* The first part that has a name. */
static uint8_t part_of(const dyn_layout *layout, dyn_bytes name)
{
    for (size_t i = 0; i < layout->part_count; i++) {
        if (dyn_bytes_equal(layout->parts[i].name, name)) return (uint8_t)i;
    }
    return DYN_NO_PART;
}

static dyn_status find_parts(dyn_call *call, const dyn_definition *definition,
                             dyn_layout *layout)
{
    size_t count = definition->column_count;
    uint8_t *parts = dyn_alloc(call, count);
    if (parts == NULL) return DYN_NOMEM;
    for (size_t i = 0; i < count; i++)
        parts[i] = part_of(layout, definition->columns[i].name);
    layout->part_of = parts;
    layout->column_count = count;
    return DYN_OK;
}

dyn_status dyn_row_layout(dyn_call *call, const dyn_definition *definition,
                          const dyn_index *index, const dyn_names *names,
                          const dyn_layout **out)
{
    enum { PARTS_MAX = 4 * DYN_KEY_ATTRIBUTES_MAX };
    dyn_layout *layout =
        dyn_alloc(call, sizeof(*layout) + PARTS_MAX * sizeof(dyn_key_part));
    if (layout == NULL) return DYN_NOMEM;
    *layout = (dyn_layout){.parts = (dyn_key_part *)(void *)(layout + 1),
                           .names = names};
    if (index != NULL) add_schema(layout, definition, NULL, &index->key);
    add_schema(layout, definition, index, &definition->key);
    *out = layout;
    return find_parts(call, definition, layout);
}

dyn_status dyn_row_open(dyn_call *call, const dyn_layout *layout, int64_t tree,
                        dyn_bytes key, dyn_bytes stored, dyn_view *out)
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
