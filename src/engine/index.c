/* Entries of indexes; the contracts are in index.h. */
#include "engine/index.h"

#include "base/buffer.h"
#include "engine/rows.h"
#include "item/key.h"

#define SHOWN(bytes) (int)(bytes).size_bytes, (const char *)(bytes).data

/* ------------------------------------------------------------------ keys -- */

dyn_status dyn_entry_fail_type(dyn_call *call, const dyn_index *index,
                               const dyn_column *column, dyn_type actual)
{
    return dyn_fail_reason(
        call, DYN_INVALID, DYN_REASON_INDEX_KEY_TYPE,
        "One or more parameter values were invalid: Type mismatch for Index "
        "Key %.*s Expected: %s Actual: %s IndexName: %.*s",
        SHOWN(column->name), dyn_type_name(column->type), dyn_type_name(actual),
        SHOWN(index->name));
}

static dyn_status check_value(dyn_call *call, const dyn_index *index,
                              const dyn_column *column, const dyn_value *value)
{
    if (value->type != column->type) {
        return dyn_entry_fail_type(call, index, column, value->type);
    }
    if (value->type != DYN_TYPE_N && value->bytes.size_bytes == 0) {
        return dyn_fail(call, DYN_INVALID,
                        "One or more parameter values are not valid. A value "
                        "specified for a secondary index key is not supported. "
                        "The AttributeValue for a key attribute cannot contain "
                        "an empty %s value. IndexName: %.*s, IndexKey: %.*s",
                        value->type == DYN_TYPE_S ? "string" : "binary",
                        SHOWN(index->name), SHOWN(column->name));
    }
    return DYN_OK;
}

/* What an item has of the key of an index. */
typedef struct key_values {
    const dyn_definition *definition;
    const dyn_index *index;
    const dyn_map *item;
    const dyn_value *values[DYN_KEY_ATTRIBUTES_MAX];
    size_t size_bytes; /* of the texts and binary values */
    bool is_there;     /* none is missing */
} key_values;

/* Find the values of some key attributes. */
static dyn_status find_values(dyn_call *call, const uint16_t *columns,
                              size_t count, key_values *out)
{
    out->size_bytes = 0;
    out->is_there = true;
    for (size_t i = 0; i < count; i++) {
        const dyn_column *column = &out->definition->columns[columns[i]];
        const dyn_value *value = dyn_map_find(out->item, column->name);
        out->values[i] = value;
        if (value == NULL) {
            out->is_there = false;
            continue;
        }
        DYN_TRY(check_value(call, out->index, column, value));
        if (value->type != DYN_TYPE_N)
            out->size_bytes += value->bytes.size_bytes;
    }
    return DYN_OK;
}

static dyn_status fail_long(dyn_call *call, const dyn_index *index,
                            const char *text)
{
    return dyn_fail(call, DYN_INVALID,
                    "One or more parameter values were invalid: %s IndexName: "
                    "%.*s",
                    text, SHOWN(index->name));
}

static bool has_sort(const dyn_definition *definition)
{
    return definition->key.sort_count > 0;
}

/* What of the key of an item does not lie in that of its entry already. */
static dyn_status add_table_key(dyn_call *call,
                                const dyn_definition *definition,
                                const dyn_key_schema *schema,
                                dyn_bytes table_key, dyn_buffer *key)
{
    const dyn_key_schema *table = &definition->key;
    const unsigned char *partition = table_key.data + DYN_KEY_HASH_BYTES;
    dyn_bytes sort = {partition, table_key.size_bytes - DYN_KEY_HASH_BYTES};
    DYN_TRY(dyn_key_next_partition(
        call, &sort, definition->columns[table->partition[0]].type, NULL));
    if (!dyn_key_schema_has(schema, table->partition[0]))
        dyn_buffer_add(key, partition, (size_t)(sort.data - partition));
    if (has_sort(definition) && !dyn_key_schema_has(schema, table->sort[0]))
        dyn_buffer_add_bytes(key, sort);
    return DYN_OK;
}

static dyn_status check_sizes(dyn_call *call, const dyn_index *index,
                              const key_values *partition,
                              const key_values *sort)
{
    if (partition->size_bytes > DYN_PARTITION_KEY_BYTES_MAX) {
        return fail_long(call, index,
                         "Size of hashkey has exceeded the maximum size limit "
                         "of2048 bytes");
    }
    if (sort->size_bytes > DYN_SORT_KEY_BYTES_MAX) {
        return fail_long(call, index,
                         "Aggregated size of all range keys has exceeded the "
                         "size limit of 1024 bytes");
    }
    return DYN_OK;
}

static dyn_status entry_key(dyn_call *call, const dyn_definition *definition,
                            const dyn_index *index, const dyn_map *item,
                            dyn_bytes table_key, dyn_entry *out)
{
    const dyn_key_schema *schema = &index->key;
    key_values partition = {definition, index, item, {NULL}, 0, true};
    key_values sort = partition;
    DYN_TRY(find_values(call, schema->partition, schema->partition_count,
                        &partition));
    DYN_TRY(find_values(call, schema->sort, schema->sort_count, &sort));
    out->is_there = partition.is_there && sort.is_there;
    if (!out->is_there) return DYN_OK;
    DYN_TRY(check_sizes(call, index, &partition, &sort));
    dyn_buffer key;
    dyn_key_begin(&key, call);
    for (size_t i = 0; i < schema->partition_count; i++)
        dyn_key_add_partition(&key, partition.values[i]);
    dyn_key_set_hash(&key);
    for (size_t i = 0; i < schema->sort_count; i++)
        dyn_key_add_sort(&key, sort.values[i]);
    DYN_TRY(add_table_key(call, definition, schema, table_key, &key));
    return dyn_buffer_end(&key, &out->key);
}

/* The values of the key of an item, as they come in that of an entry. */
typedef struct key_reader {
    dyn_call *call;
    const dyn_definition *definition;
    dyn_bytes rest;
    dyn_value partition;
    dyn_value sort;
} key_reader;

static dyn_value *value_of(key_reader *r, uint16_t column)
{
    const dyn_key_schema *table = &r->definition->key;
    if (column == table->partition[0]) return &r->partition;
    return has_sort(r->definition) && column == table->sort[0] ? &r->sort
                                                               : NULL;
}

static dyn_status read_columns(key_reader *r, const uint16_t *columns,
                               size_t count, bool is_sort)
{
    for (size_t i = 0; i < count; i++) {
        dyn_value *value = value_of(r, columns[i]);
        dyn_type type = r->definition->columns[columns[i]].type;
        DYN_TRY(is_sort
                    ? dyn_key_next_sort(r->call, &r->rest, type, value)
                    : dyn_key_next_partition(r->call, &r->rest, type, value));
    }
    return DYN_OK;
}

dyn_status dyn_entry_table_key(dyn_call *call, const dyn_definition *definition,
                               const dyn_index *index, dyn_bytes key,
                               dyn_bytes *out)
{
    const dyn_key_schema *schema = &index->key;
    const dyn_key_schema *table = &definition->key;
    key_reader r = {
        .call = call,
        .definition = definition,
        .rest = {key.data + DYN_KEY_HASH_BYTES,
                 key.size_bytes - DYN_KEY_HASH_BYTES},
    };
    DYN_TRY(
        read_columns(&r, schema->partition, schema->partition_count, false));
    DYN_TRY(read_columns(&r, schema->sort, schema->sort_count, true));
    if (!dyn_key_schema_has(schema, table->partition[0]))
        DYN_TRY(read_columns(&r, table->partition, 1, false));
    if (has_sort(definition) && !dyn_key_schema_has(schema, table->sort[0]))
        DYN_TRY(read_columns(&r, table->sort, 1, true));
    dyn_buffer table_key;
    dyn_key_begin(&table_key, call);
    dyn_key_add_partition(&table_key, &r.partition);
    dyn_key_set_hash(&table_key);
    if (has_sort(definition)) dyn_key_add_sort(&table_key, &r.sort);
    return dyn_buffer_end(&table_key, out);
}

/* ----------------------------------------------------------- projections -- */

/* Two maps of what is projected: all, and what does not lie in the key. */
static dyn_status project(dyn_call *call, const dyn_definition *definition,
                          const dyn_index *index, const dyn_map *item,
                          dyn_entry *out)
{
    size_t bytes = item->count * sizeof(dyn_attribute);
    out->item = (dyn_map){dyn_alloc(call, bytes), 0};
    out->rest = (dyn_map){dyn_alloc(call, bytes), 0};
    if (out->item.attributes == NULL || out->rest.attributes == NULL)
        return DYN_NOMEM;
    for (size_t i = 0; i < item->count; i++) {
        const dyn_attribute *attribute = &item->attributes[i];
        bool is_key = dyn_index_has_key(definition, index, attribute->name);
        if (!is_key && !dyn_index_includes(index, attribute->name)) continue;
        out->item.attributes[out->item.count++] = *attribute;
        if (!is_key) out->rest.attributes[out->rest.count++] = *attribute;
    }
    return DYN_OK;
}

dyn_status dyn_entry_of(dyn_call *call, const dyn_definition *definition,
                        const dyn_index *index, const dyn_map *item,
                        dyn_bytes table_key, dyn_entry *out)
{
    *out = (dyn_entry){.is_there = false};
    DYN_TRY(entry_key(call, definition, index, item, table_key, out));
    if (!out->is_there) return DYN_OK;
    DYN_TRY(project(call, definition, index, item, out));
    out->size_bytes = dyn_map_size_bytes(&out->item);
    return DYN_OK;
}

/* ----------------------------------------------------------- stored form -- */

dyn_status dyn_entry_encode(dyn_call *call, dyn_store *store,
                            const dyn_names *names, const dyn_entry *entry,
                            dyn_bytes *out)
{
    bool is_large = false;
    DYN_TRY(dyn_item_encode(call, names, &entry->rest, entry->size_bytes, out));
    DYN_TRY(dyn_rows_is_large(call, store, entry->key, *out, &is_large));
    return is_large ? dyn_item_encode(call, NULL, NULL, entry->size_bytes, out)
                    : DYN_OK;
}
