/* Items without their keys; the contracts are in row.h. */
#include "engine/row.h"

#include "item/key.h"

typedef struct key_reader {
    dyn_call *call;
    const dyn_definition *definition;
    dyn_bytes rest;
    dyn_map *out;
} key_reader;

/* Add an attribute in the order of names; one that is there stays. */
static void add_attribute(dyn_map *map, const dyn_attribute *attribute)
{
    size_t at = map->count;
    int order = -1;
    while (at > 0 && (order = dyn_bytes_compare(map->attributes[at - 1].name,
                                                attribute->name)) > 0) {
        at--;
    }
    if (order == 0) return;
    memmove(&map->attributes[at + 1], &map->attributes[at],
            (map->count - at) * sizeof(dyn_attribute));
    map->attributes[at] = *attribute;
    map->count++;
}

typedef dyn_status next_component(dyn_call *call, dyn_bytes *rest,
                                  dyn_type type, dyn_value *out);

/* Names are copied, for the view may outlive the definition. */
static dyn_status read_columns(key_reader *r, const uint16_t *columns,
                               size_t count, next_component *next)
{
    for (size_t i = 0; i < count; i++) {
        const dyn_column *column = &r->definition->columns[columns[i]];
        dyn_attribute attribute;
        DYN_TRY(dyn_copy(r->call, column->name, &attribute.name));
        DYN_TRY(next(r->call, &r->rest, column->type, &attribute.value));
        add_attribute(r->out, &attribute);
    }
    return DYN_OK;
}

static dyn_status read_schema(key_reader *r, const dyn_key_schema *schema)
{
    DYN_TRY(read_columns(r, schema->partition, schema->partition_count,
                         dyn_key_next_partition));
    return read_columns(r, schema->sort, schema->sort_count, dyn_key_next_sort);
}

static size_t count_keys(const dyn_key_schema *schema)
{
    return (size_t)schema->partition_count + schema->sort_count;
}

dyn_status dyn_row_keys(dyn_call *call, const dyn_definition *definition,
                        const dyn_index *index, dyn_bytes key,
                        const dyn_map **out)
{
    size_t count = count_keys(&definition->key) +
                   (index == NULL ? 0 : count_keys(&index->key));
    dyn_map *map =
        dyn_alloc(call, sizeof(*map) + count * sizeof(dyn_attribute));
    if (map == NULL) return DYN_NOMEM;
    *map = (dyn_map){(dyn_attribute *)(void *)(map + 1), 0};
    key_reader r = {
        .call = call,
        .definition = definition,
        .rest = {key.data + DYN_KEY_HASH_BYTES,
                 key.size_bytes - DYN_KEY_HASH_BYTES},
        .out = map,
    };
    if (index != NULL) DYN_TRY(read_schema(&r, &index->key));
    DYN_TRY(read_schema(&r, &definition->key));
    *out = map;
    return DYN_OK;
}

dyn_status dyn_row_open(dyn_call *call, const dyn_definition *definition,
                        dyn_bytes key, dyn_bytes stored, dyn_view *out)
{
    DYN_TRY(dyn_view_open(call, key, stored, out));
    return dyn_row_keys(call, definition, NULL, key, &out->keys);
}

dyn_status dyn_row_encode(dyn_call *call, const dyn_definition *definition,
                          const dyn_map *item, size_t size_bytes, dyn_bytes key,
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
    return dyn_item_encode(call, &rest, size_bytes, key, out);
}
