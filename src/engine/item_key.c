/* Keys of items; the contracts are in item_key.h. */
#include "engine/item_key.h"

#include "item/key.h"

#define SHOWN(bytes) (int)(bytes).size_bytes, (const char *)(bytes).data

static bool is_partition_key(const dyn_definition *definition, size_t column)
{
    return definition->key.partition[0] == column;
}

dyn_status dyn_check_key_size(dyn_call *call, bool is_partition,
                              const dyn_value *value)
{
    size_t size_bytes = value->bytes.size_bytes;
    if (is_partition && size_bytes > DYN_PARTITION_KEY_BYTES_MAX) {
        return dyn_fail(call, DYN_INVALID,
                        "One or more parameter values were invalid: Size of "
                        "hashkey has exceeded the maximum size limit of2048 "
                        "bytes");
    }
    if (!is_partition && size_bytes > DYN_SORT_KEY_BYTES_MAX) {
        return dyn_fail(call, DYN_INVALID,
                        "One or more parameter values were invalid: Aggregated "
                        "size of all range keys has exceeded the size limit of "
                        "1024 bytes");
    }
    return DYN_OK;
}

dyn_status dyn_check_key_value(dyn_call *call, const dyn_definition *definition,
                               size_t column, const dyn_value *value)
{
    const dyn_column *key = &definition->columns[column];
    if (value->type != key->type) {
        return dyn_fail(call, DYN_INVALID,
                        "One or more parameter values were invalid: Type "
                        "mismatch for key %.*s expected: %s actual: %s",
                        SHOWN(key->name), dyn_type_name(key->type),
                        dyn_type_name(value->type));
    }
    if (value->type == DYN_TYPE_N) return DYN_OK;
    if (value->bytes.size_bytes == 0) {
        return dyn_fail(call, DYN_INVALID,
                        "One or more parameter values are not valid. The "
                        "AttributeValue for a key attribute cannot contain an "
                        "empty %s value. Key: %.*s",
                        value->type == DYN_TYPE_S ? "string" : "binary",
                        SHOWN(key->name));
    }
    return dyn_check_key_size(call, is_partition_key(definition, column),
                              value);
}

static dyn_status key_value(dyn_call *call, const dyn_definition *definition,
                            size_t column, const dyn_map *item,
                            const dyn_value **out)
{
    dyn_bytes name = definition->columns[column].name;
    *out = dyn_map_find(item, name);
    if (*out == NULL) {
        return dyn_fail(call, DYN_INVALID,
                        "One or more parameter values were invalid: Missing "
                        "the key %.*s in the item",
                        SHOWN(name));
    }
    return dyn_check_key_value(call, definition, column, *out);
}

dyn_status dyn_item_key(dyn_call *call, const dyn_definition *definition,
                        const dyn_map *item, dyn_bytes *out)
{
    const dyn_key_schema *schema = &definition->key;
    const dyn_value *partition = NULL;
    const dyn_value *sort = NULL;
    DYN_TRY(
        key_value(call, definition, schema->partition[0], item, &partition));
    if (schema->sort_count > 0) {
        DYN_TRY(key_value(call, definition, schema->sort[0], item, &sort));
    }
    dyn_buffer key;
    dyn_key_begin(&key, call);
    dyn_key_add_partition(&key, partition);
    dyn_key_set_hash(&key);
    if (sort != NULL) dyn_key_add_sort(&key, sort);
    return dyn_buffer_end(&key, out);
}
