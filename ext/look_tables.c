/*
 * dynamo_tables and dynamo_indexes: what tables and their indexes are, and how
 * much they hold.
 */
#include "look.h"

static dyn_status add_table(dyn_call *call, dyn_table *table, dyn_buffer *rows)
{
    const char *name = NULL;
    const char *schema = dyn_format(call, "%s", dyn_table_schema(table));
    DYN_TRY(look_table_name(call, table, &name));
    if (schema == NULL) return DYN_NOMEM;
    dyn_bytes ttl = {NULL, 0};
    DYN_TRY(dyn_copy(call, dyn_table_definition(table)->ttl, &ttl));
    int64_t items = 0;
    int64_t bytes = 0;
    dyn_partitions_sum(dyn_table_map(table), &items, &bytes);
    const dyn_definition *definition = dyn_table_definition(table);
    look_row out = {{
        look_text(schema),
        look_text(name),
        look_text(definition->billing == DYN_PROVISIONED ? "provisioned"
                                                         : "on_demand"),
        look_number(definition->throughput.read_units),
        look_number(definition->throughput.write_units),
        look_number((int64_t)dyn_table_map(table)->count),
        look_number(items),
        look_number(bytes),
        look_text(ttl.size_bytes == 0 ? NULL : (const char *)ttl.data),
    }};
    dyn_buffer_add(rows, &out, sizeof(out));
    return DYN_OK;
}

/* A table that cannot be read is listed with its name alone: it is there to be
 * checked, or dropped. */
static dyn_status add_damaged_table(dyn_call *call, dyn_table *table,
                                    dyn_buffer *rows)
{
    const char *name = NULL;
    const char *schema = dyn_format(call, "%s", dyn_table_schema(table));
    DYN_TRY(look_table_name(call, table, &name));
    if (schema == NULL) return DYN_NOMEM;
    look_row out = {{look_text(schema), look_text(name)}};
    dyn_buffer_add(rows, &out, sizeof(out));
    return DYN_OK;
}

const looking_table look_tables = {
    .name = "dynamo_tables",
    .declaration =
        "CREATE TABLE x(schema_name, table_name, billing, read_units, "
        "write_units, partitions, items, bytes, ttl, argument HIDDEN)",
    .columns = 9,
    .add = add_table,
    .add_damaged = add_damaged_table,
};

static void add_separated(dyn_buffer *text, dyn_bytes name)
{
    if (text->size_bytes > 0) dyn_buffer_add_text(text, ", ");
    dyn_buffer_add_bytes(text, name);
}

/* The names of key attributes; NULL when there are none. */
static dyn_status key_text(dyn_call *call, const dyn_definition *definition,
                           const uint16_t *columns, size_t count,
                           const char **out)
{
    dyn_buffer text;
    dyn_bytes bytes = {NULL, 0};
    *out = NULL;
    if (count == 0) return DYN_OK;
    dyn_buffer_begin(&text, call, 64);
    for (size_t i = 0; i < count; i++)
        add_separated(&text, definition->columns[columns[i]].name);
    DYN_TRY(dyn_buffer_end(&text, &bytes));
    *out = (const char *)bytes.data;
    return DYN_OK;
}

static dyn_status projection_text(dyn_call *call, const dyn_index *index,
                                  const char **out)
{
    dyn_buffer text;
    dyn_bytes bytes = {NULL, 0};
    *out = index->project == DYN_PROJECT_ALL ? "ALL" : "KEYS";
    if (index->project != DYN_PROJECT_SOME) return DYN_OK;
    dyn_buffer_begin(&text, call, 64);
    for (size_t i = 0; i < index->included_count; i++)
        add_separated(&text, index->included[i]);
    DYN_TRY(dyn_buffer_end(&text, &bytes));
    *out = (const char *)bytes.data;
    return DYN_OK;
}

static dyn_status add_index(dyn_call *call, const dyn_table *table,
                            size_t number, const char *name, dyn_buffer *rows)
{
    const dyn_definition *definition = dyn_table_definition(table);
    const dyn_index *index = &definition->indexes[number];
    const dyn_index_state *state = dyn_table_index(table, number);
    const char *index_name = NULL;
    const char *partition = NULL;
    const char *sort = NULL;
    const char *projection = NULL;
    int64_t entries = 0;
    int64_t bytes = 0;
    DYN_TRY(look_index_name(call, index, &index_name));
    DYN_TRY(key_text(call, definition, index->key.partition,
                     index->key.partition_count, &partition));
    DYN_TRY(key_text(call, definition, index->key.sort, index->key.sort_count,
                     &sort));
    DYN_TRY(projection_text(call, index, &projection));
    dyn_partitions_sum(&state->map, &entries, &bytes);
    look_row out = {{
        look_text(name),
        look_text(index_name),
        look_text(index->is_local ? "local" : "global"),
        look_text(state->is_filling ? "CREATING" : "ACTIVE"),
        look_text(partition),
        look_text(sort),
        look_text(projection),
        look_number(entries),
        look_number(bytes),
        look_number(state->skipped),
    }};
    dyn_buffer_add(rows, &out, sizeof(out));
    return DYN_OK;
}

static dyn_status add_indexes(dyn_call *call, dyn_table *table,
                              dyn_buffer *rows)
{
    const char *name = NULL;
    DYN_TRY(look_table_name(call, table, &name));
    for (size_t i = 0; i < dyn_table_definition(table)->index_count; i++)
        DYN_TRY(add_index(call, table, i, name, rows));
    return DYN_OK;
}

const looking_table look_indexes = {
    .name = "dynamo_indexes",
    .declaration =
        "CREATE TABLE x(table_name, name, kind, state, partition_key, "
        "sort_key, projection, entries, bytes, skipped, argument HIDDEN)",
    .columns = 10,
    .add = add_indexes,
};
