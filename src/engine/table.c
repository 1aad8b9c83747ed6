/* Opening and closing tables, and what all that works with one needs; the
 * contracts are in table.h and table_internal.h. */
#include "engine/table_internal.h"

#include "base/sqlite.h"
#include "engine/catalogue.h"

#include <inttypes.h>

/* ------------------------------------------------------------ what it is -- */

dyn_session *dyn_table_session(const dyn_table *table)
{
    return table->session;
}

dyn_table *dyn_table_next(const dyn_table *table)
{
    return table->next;
}

const char *dyn_table_schema(const dyn_table *table)
{
    return table->schema;
}

const char *dyn_table_name(const dyn_table *table)
{
    return table->name;
}

const char *dyn_table_label(const dyn_table *table)
{
    return table->label;
}

const dyn_definition *dyn_table_declared(const dyn_table *table)
{
    return table->declared;
}

void dyn_table_declare(dyn_table *table, const dyn_definition *declared)
{
    table->declared = declared;
}

bool dyn_table_has_joined(const dyn_table *table)
{
    return table->has_joined;
}

void dyn_table_set_joined(dyn_table *table, bool has_joined)
{
    table->has_joined = has_joined;
}

void dyn_table_set_writing(dyn_table *table, bool is_writing)
{
    table->is_writing = is_writing;
    dyn_store_defer(table->store, is_writing);
}

const dyn_definition *dyn_table_definition(const dyn_table *table)
{
    return &table->definition;
}

const dyn_partitions *dyn_table_map(const dyn_table *table)
{
    return &table->map;
}

const dyn_layout *dyn_table_layout(const dyn_table *table)
{
    return table->layout;
}

const dyn_index_state *dyn_table_index(const dyn_table *table, size_t number)
{
    return &table->indexes[number];
}

int dyn_index_find(const dyn_index_state *indexes, size_t count, int64_t tree,
                   uint64_t shape)
{
    for (size_t i = 0; i < count; i++) {
        if (indexes[i].tree == tree && indexes[i].shape == shape) return (int)i;
    }
    return -1;
}

int64_t dyn_table_load_number(const dyn_table *table)
{
    return table->load;
}

dyn_store *dyn_table_store(const dyn_table *table)
{
    return table->store;
}

void dyn_table_count(dyn_table *table, int index, uint64_t hash, int64_t items,
                     int64_t bytes)
{
    dyn_partitions_add(index < 0 ? &table->map : &table->indexes[index].map,
                       hash, items, bytes);
}

/* ------------------------------------------------------------- lifetime -- */

static char *make_label(const char *schema, const char *name)
{
    bool is_plain = strcmp(schema, "main") == 0 || strcmp(schema, "temp") == 0;
    return is_plain ? sqlite3_mprintf("%s", name)
                    : sqlite3_mprintf("%s.%s", schema, name);
}

bool dyn_table_is_same(const dyn_table *table, const dyn_table *other)
{
    return dyn_bytes_equal_nocase(dyn_bytes_text(table->schema),
                                  dyn_bytes_text(other->schema)) &&
           dyn_bytes_equal_nocase(dyn_bytes_text(table->name),
                                  dyn_bytes_text(other->name));
}

/* A new object of a table knows all counters from here on; others do not, and
 * do not see what it has written in their leaves in memory. */
static void supersede(const dyn_table *table)
{
    for (dyn_table *t = table->session->tables; t != NULL; t = t->next)
        t->is_superseded = t->is_superseded || dyn_table_is_same(table, t);
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
    supersede(table);
    dyn_store_share(table->store, &session->shared);
    table->next = session->tables;
    session->tables = table;
    session->references++;
    *out = table;
    return DYN_OK;
}

static void free_table(dyn_table *table)
{
    dyn_store_close(table->store);
    if (table->session != NULL) dyn_session_release(table->session);
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

/* The lines of the session's cost are those of other names from here on. */
static void forget_lines(dyn_table *table)
{
    table->cost_line = DYN_NO_LINE;
    for (size_t i = 0; i < table->definition.index_count; i++)
        table->indexes[i].cost_line = DYN_NO_LINE;
}

bool dyn_table_is_filling(const dyn_table *table)
{
    for (size_t i = 0; i < table->definition.index_count; i++) {
        if (table->indexes[i].is_filling) return true;
    }
    return false;
}

dyn_status dyn_table_take_name(dyn_call *call, dyn_table *table,
                               const char *name)
{
    table->is_fresh = false; /* SQLite goes on with another object */
    char *copy = sqlite3_mprintf("%s", name);
    char *label = make_label(table->schema, name);
    dyn_status status = copy == NULL || label == NULL
                            ? dyn_fail_nomem(call)
                            : dyn_rows_flush(call, table->store);
    if (status == DYN_OK) status = dyn_store_rename(call, table->store, name);
    if (status != DYN_OK) {
        sqlite3_free(copy);
        sqlite3_free(label);
        return status;
    }
    sqlite3_free(table->name);
    sqlite3_free(table->label);
    table->name = copy;
    table->label = label;
    forget_lines(table);
    return DYN_OK;
}

/* ------------------------------------------------------------- its memory --
 */

dyn_memory *dyn_memory_new(void)
{
    dyn_memory *memory = sqlite3_malloc64(sizeof(*memory));
    if (memory == NULL) return NULL;
    dyn_call_begin(&memory->call);
    memory->older = NULL;
    return memory;
}

void dyn_memory_free(dyn_memory *memory)
{
    while (memory != NULL) {
        dyn_memory *older = memory->older;
        dyn_call_end(&memory->call);
        sqlite3_free(memory);
        memory = older;
    }
}

void dyn_index_states_free(dyn_index_state *states, size_t count)
{
    if (states == NULL) return;
    for (size_t i = 0; i < count; i++) {
        dyn_partitions_free(&states[i].map);
        sqlite3_free(states[i].position);
    }
    sqlite3_free(states);
}

dyn_status dyn_index_state_move(dyn_call *call, dyn_index_state *state,
                                dyn_bytes position)
{
    unsigned char *copy = sqlite3_malloc64(position.size_bytes + 1);
    if (copy == NULL) return dyn_fail_nomem(call);
    if (position.size_bytes > 0)
        memcpy(copy, position.data, position.size_bytes);
    sqlite3_free(state->position);
    state->position = copy;
    state->position_bytes = position.size_bytes;
    return DYN_OK;
}

/* ------------------------------------------------------- what is stored -- */

dyn_status dyn_table_fail_meta(dyn_call *call, const char *name)
{
    return dyn_fail(call, DYN_CORRUPT,
                    "shadow tables are damaged: \"%s\" is missing or "
                    "wrong in _meta",
                    name);
}

dyn_status dyn_table_meta_number(dyn_call *call, dyn_table *table,
                                 const char *name, int64_t *out)
{
    bool found = false;
    dyn_bytes text = {NULL, 0};
    DYN_TRY(dyn_catalogue_meta(call, table->store, name, &found, &text, out));
    return found ? DYN_OK : dyn_table_fail_meta(call, name);
}

dyn_status dyn_table_raise_generation(dyn_call *call, dyn_table *table)
{
    table->generation =
        table->generation < INT64_MAX ? table->generation + 1 : 0;
    return dyn_catalogue_meta_set_number(call, table->store, "generation",
                                         table->generation);
}

dyn_status dyn_table_change_generation(dyn_call *call, dyn_table *table)
{
    DYN_TRY(dyn_session_check_change(call, table->session));
    return dyn_table_raise_generation(call, table);
}

/* The map of a tree, and under which name its units are written: none for the
 * table itself. NULL when there is no such index any more. */
dyn_partitions *dyn_table_map_of(dyn_table *table, int64_t tree,
                                 dyn_bytes *name)
{
    *name = dyn_bytes_text("");
    if (tree == DYN_TREE_ITEMS) return &table->map;
    for (size_t i = 0; i < table->definition.index_count; i++) {
        if (table->indexes[i].tree != tree) continue;
        *name = table->definition.indexes[i].name;
        return &table->indexes[i].map;
    }
    return NULL;
}
