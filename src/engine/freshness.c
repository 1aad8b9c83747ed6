/* Whether what is in memory of a table is what the transaction sees; the
 * contracts are in table.h. */
#include "engine/table_internal.h"

static bool has_pending(const dyn_table *table)
{
    bool result = table->map.has_pending;
    for (size_t i = 0; i < table->definition.index_count; i++)
        result = result || table->indexes[i].map.has_pending;
    return result;
}

static dyn_status load(dyn_call *call, dyn_table *table, int64_t generation)
{
    bool is_same = table->is_fresh && table->map.count > 0 &&
                   generation == table->generation;
    table->expiry.is_known = false;
    if (is_same && has_pending(table)) return DYN_OK;
    DYN_TRY(is_same ? dyn_table_load_state(call, table)
                    : dyn_table_load(call, table));
    DYN_TRY(dyn_table_load_log(call, table, is_same));
    return dyn_table_adopt(call, table, generation);
}

bool dyn_table_is_current(dyn_call *call, const dyn_table *table)
{
    unsigned version = 0;
    return table->is_fresh &&
           dyn_store_version(call, table->store, &version) == DYN_OK &&
           version == table->version;
}

/* An object of the same table behind t, or behind the first one. */
static dyn_table *next_same(const dyn_table *table, dyn_table *t)
{
    do {
        t = t == NULL ? table->session->tables : t->next;
    } while (t != NULL && (t == table || !dyn_table_is_same(table, t)));
    return t;
}

static bool is_open(const dyn_session *session, const dyn_table *table)
{
    const dyn_table *t = session->tables;
    while (t != NULL && t != table)
        t = t->next;
    return t != NULL;
}

/* What earlier objects of the table have in memory is to be seen. SQLite may
 * close one while a statement of it is prepared anew: then the next one is
 * looked for from the first. */
static dyn_status flush_earlier(dyn_call *call, const dyn_table *table)
{
    dyn_status status = DYN_OK;
    dyn_table *t = next_same(table, NULL);
    dyn_tables_pin(table->session);
    while (t != NULL && status == DYN_OK) {
        dyn_store_defer(t->store, false);
        status = dyn_table_flush(call, t);
        t = next_same(table, is_open(table->session, t) ? t : NULL);
    }
    dyn_tables_unpin(table->session);
    return status;
}

dyn_status dyn_table_refresh(dyn_call *call, dyn_table *table)
{
    unsigned version = 0;
    dyn_store_begin_write(table->store);
    dyn_session_settle(table->session, dyn_store_has_transaction(table->store));
    DYN_TRY(dyn_session_check(call, table->session));
    DYN_TRY(dyn_store_version(call, table->store, &version));
    if (table->is_superseded) dyn_store_forget(table->store);
    if (table->is_fresh && version == table->version) return DYN_OK;

    int64_t generation = 0;
    DYN_TRY(flush_earlier(call, table));
    dyn_store_forget(table->store);
    DYN_TRY(dyn_table_meta_number(call, table, "generation", &generation));
    if (generation != table->generation) dyn_store_forget_trees(table->store);
    DYN_TRY(load(call, table, generation));
    table->is_fresh = true;
    table->version = version;
    table->foreign_changes = dyn_store_foreign_changes(table->store);
    table->generation = generation;
    return DYN_OK;
}

dyn_status dyn_table_reread(dyn_call *call, dyn_table *table)
{
    if (!has_pending(table)) table->is_fresh = false;
    return dyn_table_refresh(call, table);
}
