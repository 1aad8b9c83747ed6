/* Making, opening, closing and naming tables; the contracts are in table.h. */
#include "engine/table_internal.h"

#include "base/clock.h"
#include "base/sqlite.h"
#include "engine/declaration.h"

#include <inttypes.h>

dyn_status dyn_definition_write(dyn_call *call, dyn_store *store,
                                const dyn_definition *definition)
{
    const char *const *arguments = NULL;
    size_t count = 0;
    bool found = false;
    dyn_bytes text = {NULL, 0};
    int64_t old_count = 0;
    DYN_TRY(
        dyn_store_meta(call, store, "arguments", &found, &text, &old_count));
    DYN_TRY(dyn_declaration_print(call, definition, &arguments, &count));
    DYN_TRY(
        dyn_store_set_meta_number(call, store, "arguments", (int64_t)count));
    for (size_t i = 0; i < count; i++) {
        char *name = dyn_format(call, "argument %04zu", i);
        if (name == NULL) return DYN_NOMEM;
        DYN_TRY(dyn_store_set_meta_text(call, store, name, arguments[i]));
    }
    for (int64_t i = (int64_t)count; i < old_count; i++) {
        char *name = dyn_format(call, "argument %04" PRId64, i);
        if (name == NULL) return DYN_NOMEM;
        DYN_TRY(dyn_store_delete_meta(call, store, name));
    }
    return DYN_OK;
}

static dyn_status fill_store(dyn_call *call, dyn_store *store,
                             const dyn_definition *definition)
{
    DYN_TRY(dyn_store_create(call, store));
    DYN_TRY(dyn_store_set_meta_number(call, store, "format", DYN_FORMAT));
    DYN_TRY(dyn_store_set_meta_number(call, store, "generation", 1));
    DYN_TRY(dyn_store_set_meta_number(call, store, "created_ms",
                                      dyn_clock_now_ms()));
    DYN_TRY(dyn_definition_write(call, store, definition));
    DYN_TRY(dyn_partitions_create(call, store, DYN_TREE_ITEMS,
                                  dyn_partitions_initial(definition)));
    for (size_t i = 0; i < definition->index_count; i++) {
        DYN_TRY(dyn_index_create(call, store, definition, i, (int64_t)i + 1,
                                 false));
    }
    return DYN_OK;
}

dyn_status dyn_table_create(dyn_call *call, dyn_session *session,
                            const char *schema, const char *name,
                            const dyn_definition *definition)
{
    DYN_TRY(dyn_name_check(call, "table", dyn_bytes_text(name)));
    dyn_store *store = NULL;
    DYN_TRY(dyn_store_open(call, session->db, schema, name, &store));
    dyn_status status = fill_store(call, store, definition);
    dyn_store_close(store);
    return status;
}

static char *make_label(const char *schema, const char *name)
{
    bool is_plain = strcmp(schema, "main") == 0 || strcmp(schema, "temp") == 0;
    return is_plain ? sqlite3_mprintf("%s", name)
                    : sqlite3_mprintf("%s.%s", schema, name);
}

dyn_status dyn_table_open(dyn_call *call, dyn_session *session,
                          const char *schema, const char *name, dyn_table **out)
{
    *out = NULL;
    dyn_table *table = sqlite3_malloc64(sizeof(*table));
    if (table == NULL) return dyn_fail_nomem(call);
    memset(table, 0, sizeof(*table));
    dyn_status status =
        dyn_store_open(call, session->db, schema, name, &table->store);
    table->schema = sqlite3_mprintf("%s", schema);
    table->name = sqlite3_mprintf("%s", name);
    table->label = make_label(schema, name);
    table->memory = dyn_memory_new();
    table->cost_line = DYN_NO_LINE;
    if (status != DYN_OK || table->schema == NULL || table->name == NULL ||
        table->label == NULL || table->memory == NULL) {
        dyn_table_close(table);
        return dyn_fail_nomem(call);
    }
    table->session = session;
    table->next = session->tables;
    session->tables = table;
    session->references++;
    *out = table;
    return DYN_OK;
}

static void free_table(dyn_table *table)
{
    if (table->session != NULL) dyn_session_release(table->session);
    dyn_store_close(table->store);
    dyn_partitions_free(&table->map);
    dyn_index_states_free(table->indexes, table->definition.index_count);
    dyn_account_release(table->account);
    dyn_memory_free(table->memory);
    sqlite3_free(table->schema);
    sqlite3_free(table->name);
    sqlite3_free(table->label);
    sqlite3_free(table);
}

static void unlink_table(dyn_table *table)
{
    dyn_table **link = &table->session->tables;
    while (*link != table)
        link = &(*link)->next;
    *link = table->next;
}

void dyn_table_close(dyn_table *table)
{
    if (table == NULL) return;
    dyn_session *session = table->session;
    if (session != NULL) unlink_table(table);
    if (session == NULL || session->pins == 0) {
        free_table(table);
        return;
    }
    table->next = session->closed;
    session->closed = table;
}

void dyn_tables_pin(dyn_session *session)
{
    session->pins++;
}

void dyn_tables_unpin(dyn_session *session)
{
    if (--session->pins > 0) return;
    while (session->closed != NULL) {
        dyn_table *table = session->closed;
        session->closed = table->next;
        free_table(table);
    }
}

dyn_status dyn_table_drop(dyn_call *call, dyn_table *table)
{
    DYN_TRY(dyn_store_drop(call, table->store));
    if (table->account != NULL) dyn_account_drop(table->account);
    return DYN_OK;
}

void dyn_table_forget_lines(dyn_table *table)
{
    table->cost_line = DYN_NO_LINE;
    for (size_t i = 0; i < table->definition.index_count; i++)
        table->indexes[i].cost_line = DYN_NO_LINE;
}

dyn_status dyn_table_rename(dyn_call *call, dyn_table *table, const char *name)
{
    DYN_TRY(dyn_name_check(call, "table", dyn_bytes_text(name)));
    DYN_TRY(dyn_table_flush(call, table));
    table->is_fresh = false; /* SQLite goes on with another object */
    char *copy = sqlite3_mprintf("%s", name);
    char *label = make_label(table->schema, name);
    dyn_status status = copy == NULL || label == NULL
                            ? dyn_fail_nomem(call)
                            : dyn_store_rename(call, table->store, name);
    if (status != DYN_OK) {
        sqlite3_free(copy);
        sqlite3_free(label);
        return status;
    }
    sqlite3_free(table->name);
    sqlite3_free(table->label);
    table->name = copy;
    table->label = label;
    dyn_table_forget_lines(table);
    return DYN_OK;
}

bool dyn_table_is_filling(const dyn_table *table)
{
    for (size_t i = 0; i < table->definition.index_count; i++) {
        if (table->indexes[i].is_filling) return true;
    }
    return false;
}
