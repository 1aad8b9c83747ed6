/* Keys of a table; the contract is in schema.h. */
#include "schema.h"

#include "item/item_json.h"

/* The API has no operations on tables for shorter names than these; with the
 * name of the database, they are longer. */
enum { NAME_BYTES_MIN = 3 };

void schema_add_table_name(dyn_buffer *json, dyn_bytes table)
{
    dyn_buffer name;
    dyn_bytes whole = table;
    dyn_buffer_begin(&name, json->call, table.size_bytes + sizeof("main."));
    if (table.size_bytes < NAME_BYTES_MIN) dyn_buffer_add_text(&name, "main.");
    dyn_buffer_add_bytes(&name, table);
    (void)dyn_buffer_end(&name, &whole);
    dyn_buffer_add_text(json, "\"TableName\":");
    dyn_json_write_string(json, whole);
}

/* ---------------------------------------------------------------- reading --
 */

/* The text of a member; without data when there is none, or no object. */
static dyn_bytes text_of(const dyn_json *object, const char *name)
{
    const dyn_json *member =
        object == NULL ? NULL : dyn_json_member(object, name);
    return member == NULL ? (dyn_bytes){NULL, 0} : member->text;
}

static char type_of(const dyn_json *table, dyn_bytes name)
{
    const dyn_json *all = dyn_json_member(table, "AttributeDefinitions");
    for (const dyn_json *one = all == NULL ? NULL : all->first; one != NULL;
         one = one->next) {
        dyn_bytes type = text_of(one, "AttributeType");
        if (dyn_bytes_equal(text_of(one, "AttributeName"), name) &&
            type.size_bytes > 0)
            return (char)type.data[0];
    }
    return 'S';
}

static void read_path(const dyn_json *table, const dyn_json *described,
                      schema_path *out)
{
    const dyn_json *keys = dyn_json_member(described, "KeySchema");
    dyn_bytes projection =
        text_of(dyn_json_member(described, "Projection"), "ProjectionType");
    out->index = text_of(described, "IndexName");
    out->holds_all =
        projection.data == NULL || dyn_bytes_equal_text(projection, "ALL");
    for (const dyn_json *one = keys == NULL ? NULL : keys->first; one != NULL;
         one = one->next) {
        schema_key key = {.name = text_of(one, "AttributeName")};
        key.type = type_of(table, key.name);
        if (!dyn_bytes_equal_text(text_of(one, "KeyType"), "HASH")) {
            if (out->sort_count < SCHEMA_PARTS_MAX)
                out->sort[out->sort_count++] = key;
        } else if (out->partition_count < SCHEMA_PARTS_MAX) {
            out->partition[out->partition_count++] = key;
        }
    }
}

static void read_paths(const dyn_json *table, const char *kind, bool is_global,
                       schema_path *paths, size_t *count)
{
    const dyn_json *all = dyn_json_member(table, kind);
    for (const dyn_json *one = all == NULL ? NULL : all->first; one != NULL;
         one = one->next) {
        paths[*count].is_global = is_global;
        read_path(table, one, &paths[(*count)++]);
    }
}

static size_t count_of(const dyn_json *table, const char *kind)
{
    const dyn_json *all = dyn_json_member(table, kind);
    return all == NULL ? 0 : all->count;
}

dyn_status schema_read(console_page *page, table_schema *out)
{
    static const char local[] = "LocalSecondaryIndexes";
    static const char global[] = "GlobalSecondaryIndexes";
    dyn_buffer request;
    dyn_bytes text;
    const dyn_json *response = NULL;
    dyn_buffer_begin(&request, page->call, 64 + page->table.size_bytes);
    dyn_buffer_add_byte(&request, '{');
    schema_add_table_name(&request, page->table);
    dyn_buffer_add_byte(&request, '}');
    DYN_TRY(dyn_buffer_end(&request, &text));
    DYN_TRY(page_api(page, "DescribeTable", text, &text));
    DYN_TRY(dyn_json_parse(page->call, text, DYN_JSON_DEPTH_MAX, &response));
    const dyn_json *table = dyn_json_member(response, "Table");
    size_t most = 1 + count_of(table, local) + count_of(table, global);
    schema_path *paths = dyn_alloc_zero(page->call, most, sizeof(*paths));
    if (paths == NULL) return DYN_NOMEM;
    read_path(table, table, &paths[0]);
    *out = (table_schema){paths, 1};
    read_paths(table, local, false, paths, &out->count);
    read_paths(table, global, true, paths, &out->count);
    return DYN_OK;
}

const schema_path *schema_find(const table_schema *schema, dyn_bytes index)
{
    for (size_t i = 0; i < schema->count; i++) {
        if (dyn_bytes_equal(schema->paths[i].index, index))
            return &schema->paths[i];
    }
    return NULL;
}

/* ------------------------------------------------------------------- keys --
 */

static dyn_status add_part(dyn_buffer *json, const schema_key *key,
                           const dyn_map *item)
{
    const dyn_value *value = dyn_map_find(item, key->name);
    if (value == NULL)
        return dyn_fail(json->call, DYN_INVALID,
                        "the item lacks its key %.*s, of the type %c",
                        (int)key->name.size_bytes, (const char *)key->name.data,
                        key->type);
    if (json->size_bytes > 1) dyn_buffer_add_byte(json, ',');
    dyn_json_write_string(json, key->name);
    dyn_buffer_add_byte(json, ':');
    dyn_value_to_json(json, value, DYN_JSON_TYPED);
    return DYN_OK;
}

dyn_status schema_key_of(dyn_call *call, const table_schema *schema,
                         const dyn_map *item, dyn_bytes *out)
{
    const schema_path *path = &schema->paths[0];
    dyn_buffer json;
    dyn_buffer_begin(&json, call, 128);
    dyn_buffer_add_byte(&json, '{');
    DYN_TRY(add_part(&json, &path->partition[0], item));
    if (path->sort_count > 0) DYN_TRY(add_part(&json, &path->sort[0], item));
    dyn_buffer_add_byte(&json, '}');
    return dyn_buffer_end(&json, out);
}
