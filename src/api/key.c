/* Keys in requests; the contracts are in key.h. */
#include "api/key.h"

#include "api/request.h"
#include "engine/item_key.h"
#include "item/item_json.h"

dyn_status dyn_key_read(dyn_call *call, const dyn_json *object, dyn_map *out)
{
    return dyn_item_from_typed(call, dyn_request_member(object, "Key"), out);
}

static bool has_attribute(const dyn_table *table, const dyn_map *key,
                          size_t column)
{
    const dyn_column *attribute = &dyn_table_definition(table)->columns[column];
    const dyn_value *value = dyn_map_find(key, attribute->name);
    return value != NULL && value->type == attribute->type;
}

bool dyn_key_is_in(const dyn_table *table, const dyn_map *item)
{
    const dyn_key_schema *schema = &dyn_table_definition(table)->key;
    return has_attribute(table, item, schema->partition[0]) &&
           (schema->sort_count == 0 ||
            has_attribute(table, item, schema->sort[0]));
}

static bool is_empty(const dyn_value *value)
{
    return value->type != DYN_TYPE_N && value->bytes.size_bytes == 0;
}

static bool is_column_empty(const dyn_table *table, const dyn_map *item,
                            size_t column)
{
    return is_empty(
        dyn_map_find(item, dyn_table_definition(table)->columns[column].name));
}

bool dyn_key_is_empty(const dyn_table *table, const dyn_map *item)
{
    const dyn_key_schema *schema = &dyn_table_definition(table)->key;
    return dyn_key_is_in(table, item) &&
           (is_column_empty(table, item, schema->partition[0]) ||
            (schema->sort_count > 0 &&
             is_column_empty(table, item, schema->sort[0])));
}

static dyn_status fail_schema(dyn_call *call)
{
    return dyn_fail(call, DYN_INVALID,
                    "The provided key element does not match the schema");
}

/* An empty value is told in other words than that of an item to be put. */
dyn_status dyn_key_check_value(dyn_call *call,
                               const dyn_key_attribute *attribute,
                               bool is_partition, const dyn_value *value)
{
    if (value == NULL || value->type != attribute->type)
        return fail_schema(call);
    if (value->type == DYN_TYPE_N) return DYN_OK;
    if (value->bytes.size_bytes > 0)
        return dyn_check_key_size(call, is_partition, value);
    return dyn_fail(call, DYN_INVALID,
                    "One or more parameter values were invalid: The "
                    "AttributeValue for a key attribute cannot contain an "
                    "empty %s value. Key: %.*s",
                    value->type == DYN_TYPE_S ? "string" : "binary",
                    (int)attribute->name.size_bytes,
                    (const char *)attribute->name.data);
}

dyn_status dyn_key_of_item(dyn_call *call, const dyn_table *table,
                           const dyn_map *key, dyn_bytes *out)
{
    dyn_key_attribute names[4 * DYN_KEY_ATTRIBUTES_MAX];
    size_t count = dyn_key_whole(table, -1, names);
    if (key->count != count) return fail_schema(call);
    for (size_t i = 0; i < count; i++) {
        DYN_TRY(dyn_key_check_value(call, &names[i], i == 0,
                                    dyn_map_find(key, names[i].name)));
    }
    return dyn_table_key(call, table, key, out);
}

static size_t add_columns(const dyn_table *table, const uint16_t *columns,
                          size_t column_count, dyn_key_attribute *out)
{
    for (size_t i = 0; i < column_count; i++) {
        const dyn_column *column =
            &dyn_table_definition(table)->columns[columns[i]];
        out[i] = (dyn_key_attribute){column->name, column->type};
    }
    return column_count;
}

static const dyn_key_schema *schema_of(const dyn_table *table, int index)
{
    return index < 0 ? &dyn_table_definition(table)->key
                     : &dyn_table_definition(table)->indexes[index].key;
}

void dyn_key_names_of(const dyn_table *table, int index, dyn_key_names *out)
{
    const dyn_key_schema *schema = schema_of(table, index);
    out->all = (dyn_key_attributes){
        .partition = out->partition,
        .partition_count = add_columns(table, schema->partition,
                                       schema->partition_count, out->partition),
        .sort = out->sort,
        .sort_count =
            add_columns(table, schema->sort, schema->sort_count, out->sort),
    };
}

/* As on the service the table comes first, then its global indexes. */
dyn_status dyn_key_check_paths(dyn_call *call, const dyn_table *table,
                               dyn_paths paths)
{
    dyn_key_names key;
    const dyn_definition *definition = dyn_table_definition(table);
    dyn_key_names_of(table, -1, &key);
    DYN_TRY(dyn_paths_check_key(call, paths, &key.all, "Key"));
    for (size_t i = 0; i < definition->index_count; i++) {
        const dyn_index *index = dyn_definition_told_index(definition, i);
        dyn_key_names_of(table, (int)(index - definition->indexes), &key);
        DYN_TRY(dyn_paths_check_key(call, paths, &key.all, "IndexKey"));
    }
    return DYN_OK;
}

size_t dyn_key_whole(const dyn_table *table, int index,
                     dyn_key_attribute *names)
{
    size_t count = 0;
    const dyn_key_schema *schemas[] = {schema_of(table, index),
                                       &dyn_table_definition(table)->key};
    for (size_t i = 0; i < (index < 0 ? 1 : 2); i++) {
        dyn_key_attribute more[2 * DYN_KEY_ATTRIBUTES_MAX];
        size_t more_count = add_columns(table, schemas[i]->partition,
                                        schemas[i]->partition_count, more);
        more_count += add_columns(table, schemas[i]->sort,
                                  schemas[i]->sort_count, more + more_count);
        for (size_t m = 0; m < more_count; m++) {
            bool is_known = false;
            for (size_t n = 0; n < count; n++) {
                is_known =
                    is_known || dyn_bytes_equal(names[n].name, more[m].name);
            }
            if (!is_known) names[count++] = more[m];
        }
    }
    return count;
}
