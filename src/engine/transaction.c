/* The end of SQLite's transactions: what is written before, and who hears of it
 * afterwards. The contracts are in table.h. */
#include "engine/due_kinds.h"
#include "engine/table_internal.h"

static dyn_status write_units(dyn_call *call, dyn_table *table)
{
    DYN_TRY(dyn_table_flush_usage(call, table, false));
    return dyn_table_replace_gates(call, table);
}

/* Due work needs to know what is stored; units are written in any case. */
dyn_status dyn_table_sync(dyn_call *call, dyn_table *table,
                          dyn_table_work *work)
{
    bool exists = false;
    DYN_TRY(dyn_session_check(call, table->session));
    DYN_TRY(dyn_table_check_state(call, table, &exists, &table->commits_fresh));
    if (!exists) {
        if (table->made_id[0] != '\0') dyn_table_rolled_back(table);
        return DYN_OK;
    }
    DYN_TRY(table->commits_fresh ? work(call, table)
                                 : write_units(call, table));
    DYN_TRY(dyn_table_flush_counters(call, table));
    dyn_store_defer(table->store, false); /* nobody asks for it any more */
    return dyn_rows_flush(call, table->store);
}

dyn_status dyn_due_forgive(const dyn_call *call, const dyn_table *table,
                           dyn_status status)
{
    bool is_asked_for = table->session->maintenance != NULL;
    return status == DYN_CORRUPT && !call->error.torn && !is_asked_for ? DYN_OK
                                                                       : status;
}

/* Other tables of the file that were as it was before are as it is now: this
 * connection has changed none of them, or it has committed them, too. */
static void carry_over(const dyn_table *table, unsigned before)
{
    for (dyn_table *t = table->session->tables; t != NULL; t = t->next) {
        if (t->is_fresh && t->version == before &&
            strcmp(t->schema, table->schema) == 0 &&
            t->foreign_changes == dyn_store_foreign_changes(t->store))
            t->version = table->version;
    }
}

/* The commit itself changes the version. Another connection's changes it when
 * this one reads next. */
void dyn_table_committed(dyn_table *table)
{
    dyn_call call;
    unsigned before = table->version;
    table->made_id[0] = '\0';
    table->logged_ms = 0;
    dyn_call_begin(&call);
    dyn_usage_committed(table);
    table->is_fresh =
        table->commits_fresh &&
        dyn_store_version(&call, table->store, &table->version) == DYN_OK;
    if (table->is_fresh) carry_over(table, before);
    dyn_call_end(&call);
}

dyn_status dyn_table_savepoint(dyn_call *call, dyn_table *table, int number)
{
    DYN_TRY(dyn_table_flush(call, table));
    dyn_usage_savepoint(table);
    table->savepoint = number;
    table->savepoint_changes = dyn_store_changes(table->store);
    return DYN_OK;
}

static void discard(dyn_table *table)
{
    dyn_own_changes_forget_rows(&table->session->shared.own);
    dyn_partitions_discard(&table->map);
    for (size_t i = 0; i < table->definition.index_count; i++)
        dyn_partitions_discard(&table->indexes[i].map);
    dyn_store_discard(table->store);
    table->is_fresh = false;
    table->scaled_minute = DYN_NO_MINUTE;
}

void dyn_table_rolled_back_to(dyn_table *table, int number)
{
    bool is_latest = table->savepoint == number;
    if (is_latest &&
        table->savepoint_changes == dyn_store_changes(table->store))
        return;
    dyn_usage_rolled_back_to(table, is_latest);
    discard(table);
}

/* What the transaction had made is gone: a table of the name is another one. Of
 * a savepoint before it was made, SQLite tells it nothing. */
void dyn_table_rolled_back(dyn_table *table)
{
    if (table->made_id[0] != '\0') table->is_superseded = true;
    table->logged_ms = 0;
    dyn_usage_rolled_back(table);
    discard(table);
}
