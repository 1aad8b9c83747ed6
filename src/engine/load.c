/* Reading a table from its shadow tables; the contracts are in
 * table_internal.h. */
#include "engine/table_internal.h"

#include "base/sqlite.h"
#include "engine/catalogue.h"
#include "engine/declaration.h"
#include "engine/names.h"

#include <assert.h>
#include <inttypes.h>

/* One of the arguments, in the memory of a definition. */
static dyn_status load_argument(dyn_call *call, dyn_table *table,
                                dyn_call *memory, int64_t number,
                                const char **out)
{
    bool found = false;
    dyn_bytes text = {NULL, 0};
    int64_t unused = 0;
    char *name = dyn_format(call, "argument %04" PRId64, number);
    if (name == NULL) return DYN_NOMEM;
    DYN_TRY(
        dyn_catalogue_meta(call, table->store, name, &found, &text, &unused));
    *out = NULL;
    if (!found) return DYN_OK;
    dyn_bytes copy = {NULL, 0};
    if (dyn_copy(memory, text, &copy) != DYN_OK) return dyn_fail_nomem(call);
    *out = (const char *)copy.data;
    return DYN_OK;
}

/* All of them: as many as _meta says there are, and no more. */
static dyn_status load_texts(dyn_call *call, dyn_table *table, dyn_call *memory,
                             const char ***texts, size_t *count)
{
    int64_t stored = 0;
    DYN_TRY(dyn_table_meta_number(call, table, "arguments", &stored));
    if (stored < 1 || stored > DYN_COLUMNS_MAX + 100)
        return dyn_table_fail_meta(call, "arguments");
    *count = (size_t)stored;
    *texts = dyn_alloc(call, (*count + 1) * sizeof(char *));
    if (*texts == NULL) return DYN_NOMEM;
    for (int64_t i = 0; i <= stored; i++) {
        DYN_TRY(load_argument(call, table, memory, i, &(*texts)[i]));
        if (i < stored && (*texts)[i] == NULL) {
            const char *name = dyn_format(call, "argument %04" PRId64, i);
            return name == NULL ? DYN_NOMEM : dyn_table_fail_meta(call, name);
        }
    }
    if ((*texts)[*count] == NULL) return DYN_OK;
    return dyn_fail(call, DYN_CORRUPT,
                    "shadow tables are damaged: \"arguments\" in _meta is not "
                    "how many there are");
}

/* Read the stored declaration into memory of its own. */
static dyn_status load_arguments(dyn_call *call, dyn_table *table,
                                 dyn_call *memory, dyn_definition *out)
{
    const char **texts = NULL;
    size_t count = 0;
    DYN_TRY(load_texts(call, table, memory, &texts, &count));
    dyn_status status = dyn_declaration_parse(memory, texts, count, out);
    if (status == DYN_OK) return DYN_OK;
    if (status == DYN_NOMEM) return dyn_fail_nomem(call);
    return dyn_fail(call, DYN_CORRUPT,
                    "shadow tables are damaged: the stored declaration: %s",
                    memory->error.message);
}

static bool consists_of(dyn_bytes text, const char *characters)
{
    for (size_t i = 0; i < text.size_bytes; i++) {
        if (text.data[i] == 0 || strchr(characters, text.data[i]) == NULL)
            return false;
    }
    return text.size_bytes > 0;
}

dyn_status dyn_table_birth(dyn_call *call, dyn_table *table, dyn_birth *out)
{
    bool found = false;
    dyn_bytes time = {NULL, 0};
    int64_t number = 0;
    DYN_TRY(dyn_catalogue_meta(call, table->store, "created_ms", &found, &time,
                               &out->created_ms));
    if (!consists_of(time, "-0123456789"))
        return dyn_table_fail_meta(call, "created_ms");
    DYN_TRY(dyn_catalogue_meta(call, table->store, "id", &found, &out->id,
                               &number));
    if (out->id.size_bytes == DYN_TABLE_ID_BYTES &&
        consists_of(out->id, "0123456789abcdef")) {
        return DYN_OK;
    }
    return dyn_table_fail_meta(call, "id");
}

/* --------------------------------------------------------------- indexes -- */

/* Add a stored index to the definition; *number is that of the index. */
static dyn_status add_index(dyn_call *call, dyn_call *memory,
                            const dyn_index_row *row,
                            dyn_definition *definition, size_t *number)
{
    dyn_definition more;
    size_t local_count = dyn_definition_local_count(definition);
    dyn_status status =
        dyn_declaration_add_index(memory, definition, row->declaration, &more);
    if (status == DYN_NOMEM) return dyn_fail_nomem(call);
    if (status != DYN_OK) {
        return dyn_fail(call, DYN_CORRUPT,
                        "shadow tables are damaged: the stored index: %s",
                        memory->error.message);
    }
    *definition = more;
    *number = dyn_definition_local_count(&more) > local_count
                  ? local_count
                  : more.index_count - 1;
    return DYN_OK;
}

/* The lines of the indexes; that of the tree of the times of expiry is the last
 * of all, and not one of them. */
static dyn_status load_rows(dyn_call *call, dyn_table *table,
                            dyn_index_row **rows, size_t *count,
                            dyn_expiry_tree *expiry)
{
    const dyn_index_row *line = NULL;
    DYN_TRY(dyn_catalogue_indexes(call, table->store, rows, count));
    if (*count > 0 && (*rows)[*count - 1].tree == DYN_TREE_EXPIRY)
        line = &(*rows)[--*count];
    return dyn_expiry_read(call, line, expiry);
}

static dyn_status load_index_state(dyn_call *call, dyn_table *table,
                                   const dyn_index_row *row,
                                   dyn_index_state *out)
{
    *out = (dyn_index_state){
        .tree = row->tree,
        .map = {.tree = row->tree},
        .cost_line = DYN_NO_LINE,
        .is_filling = row->is_filling,
        .skipped = row->skipped,
    };
    DYN_TRY(dyn_index_state_move(call, out, row->position));
    return dyn_partitions_load(call, table->store, &out->map);
}

/* The indexes of a table, added to its definition. *states is the caller's to
 * free, also after a failure. */
static dyn_status load_indexes(dyn_call *call, dyn_table *table,
                               dyn_call *memory, dyn_definition *definition,
                               dyn_index_state **states,
                               dyn_expiry_tree *expiry)
{
    dyn_index_row *rows = NULL;
    size_t count = 0;
    DYN_TRY(load_rows(call, table, &rows, &count, expiry));
    *states = sqlite3_malloc64((count + 1) * sizeof(dyn_index_state));
    if (*states == NULL) return dyn_fail_nomem(call);
    memset(*states, 0, (count + 1) * sizeof(dyn_index_state));
    for (size_t i = 0; i < count; i++) {
        size_t number = 0;
        DYN_TRY(add_index(call, memory, &rows[i], definition, &number));
        memmove(*states + number + 1, *states + number,
                (i - number) * sizeof(dyn_index_state));
        memset(*states + number, 0, sizeof(dyn_index_state));
        DYN_TRY(load_index_state(call, table, &rows[i], *states + number));
    }
    return DYN_OK;
}

/* ----------------------------------------------------------------- table -- */

static dyn_status check_format(dyn_call *call, dyn_table *table)
{
    int64_t format = 0;
    DYN_TRY(dyn_table_meta_number(call, table, "format", &format));
    if (format == DYN_FORMAT) return DYN_OK;
    return dyn_fail(call, DYN_CORRUPT,
                    "the table is stored in format %" PRId64
                    ", and this version of dynamo knows format %d; read it "
                    "with the version that made it",
                    format, DYN_FORMAT);
}

static dyn_status load_names(dyn_call *call, dyn_table *table, dyn_call *memory,
                             dyn_definition *definition)
{
    bool found = false;
    dyn_bytes text = {NULL, 0};
    const dyn_json *list = NULL;
    DYN_TRY(
        dyn_catalogue_meta_bytes(call, table->store, "names", &found, &text));
    if (!found) return dyn_table_fail_meta(call, "names");
    dyn_status status = dyn_copy(memory, text, &text);
    if (status == DYN_OK) status = dyn_json_parse(memory, text, 1, &list);
    if (status == DYN_OK) status = dyn_names_read(memory, list, definition);
    if (status == DYN_NOMEM) return dyn_fail_nomem(call);
    return status == DYN_OK ? DYN_OK : dyn_table_fail_meta(call, "names");
}

static dyn_status load_definition(dyn_call *call, dyn_table *table,
                                  dyn_call *memory, dyn_definition *out,
                                  dyn_index_state **states,
                                  dyn_expiry_tree *expiry)
{
    DYN_TRY(check_format(call, table));
    DYN_TRY(load_arguments(call, table, memory, out));
    if (table->declared != NULL &&
        !dyn_definition_has_columns(out, table->declared)) {
        return dyn_fail(call, DYN_CORRUPT,
                        "shadow tables are damaged: the stored declaration "
                        "has other columns than the table");
    }
    DYN_TRY(load_names(call, table, memory, out));
    return load_indexes(call, table, memory, out, states, expiry);
}

/* The definition is whole only now, and its names stay where they are. */
static dyn_status finish_states(dyn_call *call, dyn_call *memory,
                                const dyn_definition *definition,
                                dyn_index_state *states, dyn_names **names,
                                const dyn_layout **layout)
{
    assert(states != NULL);
    *names = dyn_alloc(memory, sizeof(**names));
    dyn_status status = *names == NULL ? DYN_NOMEM : DYN_OK;
    if (status == DYN_OK) status = dyn_names_of(memory, definition, *names);
    if (status == DYN_OK)
        status = dyn_row_layout(memory, definition, NULL, *names, layout);
    for (size_t i = 0; i < definition->index_count && status == DYN_OK; i++) {
        const dyn_index *index = &definition->indexes[i];
        states[i].shape = dyn_index_shape(definition, index);
        status = dyn_row_layout(memory, definition, index, *names,
                                &states[i].layout);
    }
    return status == DYN_OK ? DYN_OK : dyn_fail_nomem(call);
}

static void take_memory(dyn_table *table, dyn_memory *memory)
{
    memory->older = table->memory;
    table->memory = memory;
    if (table->session->open_cursors > 0) return;
    dyn_memory_free(memory->older);
    memory->older = NULL;
}

/* The account is that of the id: a table that was dropped and made anew is
 * another one. */
static dyn_status open_account(dyn_call *call, dyn_table *table)
{
    bool found = false;
    dyn_bytes id = {NULL, 0};
    int64_t number = 0;
    dyn_account *account = NULL;
    DYN_TRY(dyn_catalogue_meta(call, table->store, "id", &found, &id, &number));
    if (table->account != NULL && dyn_account_is_of(table->account, id))
        return DYN_OK;
    DYN_TRY(dyn_session_account(call, table->session, table->schema,
                                dyn_store_file(table->store), id, &account));
    dyn_account_release(table->account);
    table->account = account;
    return DYN_OK;
}

dyn_status dyn_table_load(dyn_call *call, dyn_table *table)
{
    DYN_TRY(open_account(call, table));
    dyn_memory *memory = dyn_memory_new();
    if (memory == NULL) return dyn_fail_nomem(call);
    dyn_definition definition = {.column_count = 0};
    dyn_index_state *states = NULL;
    dyn_expiry_tree expiry;
    const dyn_layout *layout = NULL;
    dyn_names *names = NULL;
    dyn_status status = load_definition(call, table, &memory->call, &definition,
                                        &states, &expiry);
    if (status == DYN_OK) {
        status = finish_states(call, &memory->call, &definition, states, &names,
                               &layout);
    }
    if (status == DYN_OK)
        status = dyn_partitions_load(call, table->store, &table->map);
    if (status != DYN_OK) {
        dyn_index_states_free(states, definition.index_count);
        dyn_memory_free(memory);
        return status;
    }
    dyn_index_states_free(table->indexes, table->definition.index_count);
    take_memory(table, memory);
    table->definition = definition;
    table->load = ++table->session->loads;
    table->layout = layout;
    table->names = names;
    table->scaled_minute = DYN_NO_MINUTE;
    table->indexes = states;
    table->expiry = expiry;
    return DYN_OK;
}

static dyn_index_state *find_tree(dyn_table *table, int64_t tree)
{
    for (size_t i = 0; i < table->definition.index_count; i++) {
        if (table->indexes[i].tree == tree) return &table->indexes[i];
    }
    return NULL;
}

dyn_status dyn_table_load_state(dyn_call *call, dyn_table *table)
{
    dyn_index_row *rows = NULL;
    size_t count = 0;
    DYN_TRY(dyn_partitions_load(call, table->store, &table->map));
    if (table->definition.index_count == 0 && !table->expiry.is_there)
        return DYN_OK;
    DYN_TRY(load_rows(call, table, &rows, &count, &table->expiry));
    bool is_same = count == table->definition.index_count;
    for (size_t i = 0; i < count && is_same; i++) {
        dyn_index_state *state = find_tree(table, rows[i].tree);
        is_same = state != NULL;
        if (!is_same) break;
        state->is_filling = rows[i].is_filling;
        state->skipped = rows[i].skipped;
        DYN_TRY(dyn_index_state_move(call, state, rows[i].position));
        DYN_TRY(dyn_partitions_load(call, table->store, &state->map));
    }
    if (is_same) return DYN_OK;
    return dyn_fail(call, DYN_CORRUPT,
                    "shadow tables are damaged: _indexes has changed without "
                    "\"generation\" in _meta");
}
