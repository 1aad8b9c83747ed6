/* Open tables; the contracts are in table.h. */
#include "table.h"

#include "capacity.h"
#include "engine/name.h"

static dyn_status open_parts(dyn_call *call, const char *name,
                             const char *const *arguments, size_t count,
                             remote_table *table)
{
    dyn_call *memory = &table->memory;
    sqlite3 *db = table->session->statements->db;
    table->name = dyn_format(memory, "%s", name);
    dyn_status status = table->name == NULL ? DYN_NOMEM : DYN_OK;
    if (status == DYN_OK)
        status = dyn_name_check(memory, "table", dyn_bytes_text(name));
    if (status == DYN_OK)
        status =
            remote_settings_read(memory, arguments, count, &table->settings);
    if (status == DYN_OK)
        status =
            remote_service_open(memory, db, &table->settings, &table->service);
    if (status == DYN_OK)
        status = remote_describe(memory, table->service, &table->settings,
                                 &table->there);
    if (status != DYN_OK) dyn_call_take_error(call, memory);
    return status;
}

dyn_status remote_table_open(dyn_call *call, remote_session *session,
                             const char *name, const char *const *arguments,
                             size_t count, remote_table **out)
{
    remote_table *table = sqlite3_malloc64(sizeof(*table));
    if (table == NULL) return dyn_fail_nomem(call);
    memset(table, 0, sizeof(*table));
    dyn_call_begin(&table->memory);
    table->session = session;
    session->references++;
    table->next = session->tables;
    session->tables = table;
    dyn_status status = open_parts(call, name, arguments, count, table);
    if (status != DYN_OK) {
        remote_table_close(table);
        return status;
    }
    *out = table;
    return DYN_OK;
}

void remote_table_close(remote_table *table)
{
    remote_table **link = &table->session->tables;
    while (*link != table)
        link = &(*link)->next;
    *link = table->next;
    row_forget_condition(&table->condition);
    remote_service_close(table->service);
    dyn_call_end(&table->memory);
    remote_session_release(table->session);
    sqlite3_free(table);
}

remote_table *remote_table_named(const remote_session *session,
                                 const char *name)
{
    remote_table *table = session->tables;
    while (table != NULL && sqlite3_stricmp(table->name, name) != 0)
        table = table->next;
    return table;
}

plan_table remote_table_known(const remote_table *table)
{
    return (plan_table){
        .name = table->name,
        .collation = table->collation,
        .declared = &table->there.definition,
        .definition = &table->there.definition,
        .indexes = table->there.states,
        .index_count = table->there.definition.index_count,
        .takes_lists = true,
    };
}

dyn_status remote_table_find_ttl(dyn_call *call, remote_table *table)
{
    dyn_bytes name = {NULL, 0};
    if (table->knows_ttl) return DYN_OK;
    DYN_TRY(remote_describe_ttl(call, table->service, table->settings.table,
                                &name));
    if (dyn_copy(&table->memory, name, &name) != DYN_OK)
        return dyn_fail_nomem(call);
    dyn_definition_set_ttl(&table->there.definition, name);
    table->knows_ttl = true;
    return DYN_OK;
}

dyn_status remote_table_send(dyn_call *call, remote_table *table,
                             const char *operation, dyn_bytes request,
                             const dyn_json **out)
{
    DYN_TRY(remote_service_call(call, table->service, operation, request, out));
    remote_capacity to = {&table->session->statements->cost, table->name,
                          &table->there.definition, table->service};
    return remote_capacity_count(call, &to, operation, *out);
}

dyn_status remote_table_call(dyn_call *call, remote_table *table,
                             const char *operation, dyn_bytes members,
                             const dyn_json **out)
{
    dyn_buffer text;
    dyn_bytes request = {NULL, 0};
    dyn_buffer_begin(&text, call, members.size_bytes + 128);
    dyn_buffer_add_text(&text, "{\"TableName\":");
    dyn_json_write_string(&text, dyn_bytes_text(table->settings.table));
    dyn_buffer_add_text(&text, ",\"ReturnConsumedCapacity\":\"INDEXES\"");
    dyn_buffer_add_bytes(&text, members);
    dyn_buffer_add_byte(&text, '}');
    DYN_TRY(dyn_buffer_end(&text, &request));
    return remote_table_send(call, table, operation, request, out);
}
