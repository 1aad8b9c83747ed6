/* DAX tables of a connection; the contracts are in dax.h. */
#include "dax.h"

#include "bridge.h"
#include "engine/declaration.h"
#include "engine/declaration_tokens.h"
#include "stale_schema.h"
#include "tables.h"
#include "text_order.h"

enum {
    MS = 1000,
    TTL_MS_USUAL = 300 * MS,
    TTL_SECONDS_MAX = 365 * 24 * 60 * 60,
    BYTES_USUAL = 64 * 1000 * 1000,
};

static const int64_t BYTES_MAX = INT64_C(1) << 40;

/* ------------------------------------------------------------- arguments -- */

/* What CREATE VIRTUAL TABLE says. */
typedef struct arguments {
    const char *base; /* a name, or schema.name */
    dyn_cache_settings settings;
} arguments;

static dyn_status parse_base(dyn_parser *p, arguments *out)
{
    bool has_schema = false;
    dyn_bytes name = {NULL, 0};
    dyn_bytes schema = {NULL, 0};
    DYN_TRY(dyn_parser_expect_name(p, "the name of a dynamo table", &name));
    DYN_TRY(dyn_parser_skip_mark(p, '.', &has_schema));
    out->base = (const char *)name.data;
    if (!has_schema) return DYN_OK;
    schema = name;
    DYN_TRY(dyn_parser_expect_name(p, "the name of a dynamo table", &name));
    out->base =
        dyn_format(p->call, "%.*s.%.*s", DYN_SHOWN(schema), DYN_SHOWN(name));
    return out->base == NULL ? DYN_NOMEM : DYN_OK;
}

/* A whole number from 0 to most. */
static dyn_status parse_number(dyn_parser *p, const char *option, int64_t most,
                               int64_t *out)
{
    int64_t number = 0;
    bool is_number = p->type == DYN_LEXEME_NUMBER;
    for (size_t i = 0; i < p->token.size_bytes && is_number; i++) {
        unsigned char c = p->token.data[i];
        is_number = c >= '0' && c <= '9' && number <= most;
        number = number * 10 + (c - '0');
    }
    if (!is_number || number > most) {
        return dyn_fail(p->call, DYN_INVALID,
                        "%s = %.*s: use a whole number from 0 to %lld", option,
                        DYN_SHOWN(p->token), (long long)most);
    }
    *out = number;
    return dyn_parser_next(p);
}

/* The options are numbers. */
typedef struct option {
    const char *name;
    int64_t most;
    int64_t *out;
} option;

static dyn_status parse_option(dyn_parser *p, arguments *out)
{
    int64_t *keep_ms = out->settings.keep_ms;
    const option options[] = {
        {"bytes", BYTES_MAX, &out->settings.bytes_max},
        {"item_ttl", TTL_SECONDS_MAX, &keep_ms[DYN_CACHE_ITEMS]},
        {"query_ttl", TTL_SECONDS_MAX, &keep_ms[DYN_CACHE_QUERIES]},
    };
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
        const option *o = &options[i];
        if (!dyn_parser_at_word(p, o->name)) continue;
        DYN_TRY(dyn_parser_next(p));
        DYN_TRY(dyn_parser_expect_mark(p, '='));
        DYN_TRY(parse_number(p, o->name, o->most, o->out));
        if (o->most == TTL_SECONDS_MAX) *o->out *= MS;
        return DYN_OK;
    }
    return dyn_parser_fail(p, "item_ttl, query_ttl or bytes");
}

static dyn_status parse_arguments(dyn_call *call, const char *const *texts,
                                  size_t count, arguments *out)
{
    out->settings = (dyn_cache_settings){
        .bytes_max = BYTES_USUAL,
        .keep_ms = {TTL_MS_USUAL, TTL_MS_USUAL},
    };
    if (count == 0) {
        return dyn_fail(call, DYN_INVALID,
                        "name the table to be cached, as in "
                        "dynamo_dax(orders)");
    }
    for (size_t i = 0; i < count; i++) {
        dyn_parser p = {.call = call, .next = texts[i]};
        DYN_TRY(dyn_parser_next(&p));
        DYN_TRY(i == 0 ? parse_base(&p, out) : parse_option(&p, out));
        if (p.type != DYN_LEXEME_END) return dyn_parser_fail(&p, "a comma");
    }
    return DYN_OK;
}

/* ----------------------------------------------------------------- known -- */

static dyn_call *new_memory(void)
{
    dyn_call *memory = sqlite3_malloc64(sizeof(*memory));
    if (memory != NULL) dyn_call_begin(memory);
    return memory;
}

static void free_memory(dyn_call *memory)
{
    if (memory == NULL) return;
    dyn_call_end(memory);
    sqlite3_free(memory);
}

/* The indexes are added, as to the table: its columns have their own types. */
static dyn_status copy_definition(dyn_call *memory,
                                  const dyn_definition *definition,
                                  dyn_definition *out)
{
    const char *const *texts = NULL;
    size_t count = 0;
    DYN_TRY(dyn_declaration_print(memory, definition, &texts, &count));
    DYN_TRY(dyn_declaration_parse(memory, texts, count, out));
    for (size_t i = 0; i < definition->index_count; i++) {
        const char *text = NULL;
        dyn_definition more;
        DYN_TRY(dyn_declaration_print_index(memory, definition,
                                            &definition->indexes[i], &text));
        DYN_TRY(dyn_declaration_add_index(memory, out, text, &more));
        *out = more;
    }
    return DYN_OK;
}

/* Without the maps, which grow old. */
static dyn_status copy_indexes(dyn_call *memory, const dyn_table *table,
                               const dyn_definition *definition,
                               dyn_index_state **out)
{
    size_t count = definition->index_count;
    *out = dyn_alloc_zero(memory, count, sizeof(dyn_index_state));
    if (*out == NULL) return DYN_NOMEM;
    for (size_t i = 0; i < count; i++) {
        int number = dyn_definition_index(dyn_table_definition(table),
                                          definition->indexes[i].name);
        const dyn_index_state *state = dyn_table_index(table, (size_t)number);
        (*out)[i].tree = state->tree;
        (*out)[i].shape = state->shape;
        (*out)[i].is_filling = state->is_filling;
    }
    return DYN_OK;
}

static dyn_status copy_known(dyn_call *memory, const dyn_table *table,
                             dyn_definition **definition,
                             dyn_index_state **indexes)
{
    *definition = dyn_alloc(memory, sizeof(**definition));
    if (*definition == NULL) return DYN_NOMEM;
    DYN_TRY(copy_definition(memory, dyn_table_definition(table), *definition));
    return copy_indexes(memory, table, *definition, indexes);
}

/* Whether a plan goes by the same as before. The shape of an index tells its
 * keys and their types. */
static bool is_known(const dax_table *dax, const dyn_table *table)
{
    const dyn_definition *known = dax->known.definition;
    const dyn_definition *definition = dyn_table_definition(table);
    if (known->index_count != definition->index_count) return false;
    for (size_t i = 0; i < known->index_count; i++) {
        const dyn_index_state *a = &dax->known.indexes[i];
        const dyn_index_state *b = dyn_table_index(table, i);
        if (a->tree != b->tree || a->shape != b->shape ||
            a->is_filling != b->is_filling)
            return false;
    }
    return true;
}

/* Statements of `temp` do not notice that the table behind has changed. SQLite
 * prepares all of them anew when a setting changes, and this one is as it was
 * at once. A statement that goes on would fail: so it is done when one has
 * read. */
void dax_prepare_anew(dyn_session *session, dax_table *dax)
{
    sqlite3 *db = session->db;
    int is_on = 0;
    if (!dax->is_to_prepare) return;
    dax->is_to_prepare = false;
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_VIEW, -1, &is_on);
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_VIEW, !is_on, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_VIEW, is_on, NULL);
}

/* What is known becomes what there is. */
static dyn_status know(dyn_call *call, dax_table *dax, const dyn_table *table)
{
    dyn_definition *definition = NULL;
    dyn_index_state *indexes = NULL;
    if (dax->memory != NULL && dax->load == dyn_table_load_number(table))
        return DYN_OK;
    if (!dyn_definition_has_columns(dyn_table_definition(table),
                                    &dax->declared)) {
        return dyn_fail(call, DYN_INVALID,
                        "it has other columns than when the cache \"%s\" was "
                        "made: drop that and make it anew",
                        dax->name);
    }
    if (dax->memory != NULL && is_known(dax, table)) {
        dax->load = dyn_table_load_number(table);
        return DYN_OK;
    }
    dyn_call *memory = new_memory();
    if (memory == NULL) return dyn_fail_nomem(call);
    if (copy_known(memory, table, &definition, &indexes) != DYN_OK) {
        free_memory(memory);
        return dyn_fail_nomem(call);
    }
    dax->is_to_prepare = dax->is_to_prepare || dax->memory != NULL;
    free_memory(dax->memory);
    dax->memory = memory;
    dax->known.definition = definition;
    dax->known.indexes = indexes;
    dax->known.index_count = definition->index_count;
    dax->load = dyn_table_load_number(table);
    return DYN_OK;
}

/* -------------------------------------------------------------- lifetime -- */

static void free_dax(dax_table *dax)
{
    dyn_dax_close(dax->dax);
    free_memory(dax->memory);
    free_memory(dax->columns);
    sqlite3_free(dax->name);
    sqlite3_free(dax->base_schema);
    sqlite3_free(dax->base_name);
    sqlite3_free(dax);
}

void dax_release(dax_table *dax)
{
    if (dax != NULL && --dax->references == 0) free_dax(dax);
}

void dax_remove(dyn_session *session, dax_table *dax)
{
    dax_table **link = &session->dax_tables;
    while (*link != NULL && *link != dax)
        link = &(*link)->next;
    if (*link == NULL) return;
    *link = dax->next;
    dax_release(dax);
}

dax_table *dax_find(const dyn_session *session, const char *name)
{
    dax_table *dax = session->dax_tables;
    while (dax != NULL && sqlite3_stricmp(dax->name, name) != 0)
        dax = dax->next;
    return dax;
}

dyn_status dax_rename(dyn_call *call, dax_table *dax, const char *name)
{
    char *copy = sqlite3_mprintf("%s", name);
    if (copy == NULL) return dyn_fail_nomem(call);
    sqlite3_free(dax->name);
    dax->name = copy;
    return DYN_OK;
}

static dyn_status fill(dyn_call *call, dax_table *dax, const char *name,
                       const dyn_table *base,
                       const dyn_cache_settings *settings)
{
    dax->name = sqlite3_mprintf("%s", name);
    dax->base_schema = sqlite3_mprintf("%s", dyn_table_schema(base));
    dax->base_name = sqlite3_mprintf("%s", dyn_table_name(base));
    dax->dax = dyn_dax_open(settings);
    dax->columns = new_memory();
    if (dax->name == NULL || dax->base_schema == NULL ||
        dax->base_name == NULL || dax->dax == NULL || dax->columns == NULL ||
        copy_definition(dax->columns, dyn_table_definition(base),
                        &dax->declared) != DYN_OK ||
        dyn_definition_order(dax->columns, &dax->declared) != DYN_OK) {
        return dyn_fail_nomem(call);
    }
    dax->known.name = dax->base_name;
    dax->known.declared = &dax->declared;
    dax->is_new = true;
    DYN_TRY(text_order_find(call, dyn_table_session(base)->db,
                            &dax->known.collation));
    return know(call, dax, base);
}

static dyn_status make(dyn_call *call, dyn_session *session, const char *name,
                       const dyn_table *base,
                       const dyn_cache_settings *settings, dax_table **out)
{
    dax_table *dax = sqlite3_malloc64(sizeof(*dax));
    if (dax == NULL) return dyn_fail_nomem(call);
    memset(dax, 0, sizeof(*dax));
    dax->references = 1;
    dyn_status status = fill(call, dax, name, base, settings);
    if (status != DYN_OK) {
        free_dax(dax);
        return status;
    }
    dax_table *old = dax_find(session, name);
    if (old != NULL) dax_remove(session, old);
    dax->next = session->dax_tables;
    session->dax_tables = dax;
    *out = dax;
    return DYN_OK;
}

static dyn_status find_base(dyn_call *call, dyn_session *session,
                            const char *name, dyn_table **out)
{
    sqlite3_stmt *hold = NULL;
    DYN_TRY(tables_hold(call, session, &hold));
    dyn_status status = tables_find(call, session, name, out);
    if (status == DYN_OK) status = dyn_table_refresh(call, *out);
    sqlite3_finalize(hold);
    return status;
}

dyn_status dax_create(dyn_call *call, dyn_session *session, const char *name,
                      const char *const *texts, size_t count, dax_table **out)
{
    arguments given = {.base = NULL};
    held_schemas held;
    dyn_table *base = NULL;
    dyn_status status = held_schemas_begin(call, session, &held);
    if (status == DYN_OK) status = parse_arguments(call, texts, count, &given);
    if (status == DYN_OK) status = find_base(call, session, given.base, &base);
    if (status == DYN_OK)
        status = make(call, session, name, base, &given.settings, out);
    held_schemas_end(&held);
    return status;
}

/* ------------------------------------------------------ the table behind -- */

dyn_table *dax_open_table(const dyn_session *session, const dax_table *dax)
{
    return tables_open(session, dax->base_schema, dax->base_name);
}

bool dax_is_committed(const dyn_session *session, const dax_table *dax)
{
    return sqlite3_txn_state(session->db, dax->base_schema) != SQLITE_TXN_WRITE;
}

static dyn_status fail_gone(dyn_call *call, const dax_table *dax)
{
    return dyn_fail(call, DYN_NOT_FOUND,
                    "there is no such dynamo table in %s any more: drop the "
                    "cache \"%s\", or make the table anew",
                    dax->base_schema, dax->name);
}

/* A statement that names the table, or its schema, cannot be prepared. */
static bool is_gone(const dyn_call *call, dyn_status status)
{
    return status == DYN_SQLITE && call->error.sqlite_code == SQLITE_ERROR;
}

/* Prepare a statement, unless there is one, and take its first step. */
static dyn_status step(dyn_call *call, sqlite3 *db, sqlite3_stmt **statement,
                       char *sql, int expected)
{
    int rc = SQLITE_OK;
    if (*statement == NULL) {
        if (sql == NULL) return dyn_fail_nomem(call);
        rc = sqlite3_prepare_v2(db, sql, -1, statement, NULL);
    }
    if (rc == SQLITE_OK && sqlite3_step(*statement) == expected) return DYN_OK;
    dyn_status status = bridge_fail(call, db);
    sqlite3_reset(*statement);
    return status;
}

static dyn_status begin_hold(dyn_call *call, sqlite3 *db, const dax_table *dax,
                             sqlite3_stmt **hold)
{
    char *sql = NULL;
    if (*hold != NULL && sqlite3_stmt_busy(*hold)) return DYN_OK;
    if (*hold == NULL) {
        sql = sqlite3_mprintf(/* a row also where there are no tables */
                              "SELECT 1 UNION ALL SELECT 1 FROM "
                              "\"%w\".sqlite_schema",
                              dax->base_schema);
    }
    dyn_status status = step(call, db, hold, sql, SQLITE_ROW);
    sqlite3_free(sql);
    return is_gone(call, status) ? fail_gone(call, dax) : status;
}

/* The table that is open is used as it is while nothing can have changed it:
 * to have SQLite find it takes longer than reading an item. */
dyn_status dax_open_to_read(dyn_call *call, dyn_session *session,
                            dax_table *dax, sqlite3_stmt **hold,
                            dyn_table **out)
{
    DYN_TRY(tables_settle(call, session));
    DYN_TRY(begin_hold(call, session->db, dax, hold));
    *out = dax_open_table(session, dax);
    if (*out == NULL || !dyn_table_is_current(call, *out)) {
        DYN_TRY(tables_connect(call, session, dax->base_schema, dax->base_name,
                               out));
    }
    if (*out == NULL) return fail_gone(call, dax);
    DYN_TRY(dyn_table_refresh(call, *out));
    return know(call, dax, *out);
}

/* A write that writes no item. */
static dyn_status run_join(dyn_call *call, sqlite3 *db, const dax_table *dax,
                           dax_join *join)
{
    char *sql = NULL;
    dyn_bytes column = dax->declared.columns[0].name;
    if (join->statement == NULL) {
        sql = sqlite3_mprintf(
            "INSERT INTO \"%w\".\"%w\"(\"%.*w\") SELECT NULL WHERE 0",
            dax->base_schema, dax->base_name, (int)column.size_bytes,
            (const char *)column.data);
    }
    dyn_status status = step(call, db, &join->statement, sql, SQLITE_DONE);
    sqlite3_free(sql);
    if (status == DYN_OK) sqlite3_reset(join->statement);
    return is_gone(call, status) ? fail_gone(call, dax) : status;
}

dyn_status dax_open_to_write(dyn_call *call, dyn_session *session,
                             dax_table *dax, dax_join *join, dyn_table **out)
{
    *out = join->is_done ? dax_open_table(session, dax) : NULL;
    if (*out == NULL || !dyn_table_has_joined(*out)) {
        DYN_TRY(run_join(call, session->db, dax, join));
        DYN_TRY(tables_connect(call, session, dax->base_schema, dax->base_name,
                               out));
        if (*out == NULL) return fail_gone(call, dax);
        /* one that was made in this transaction is not told */
        dyn_table_set_joined(*out, true);
        join->is_done = true;
    }
    DYN_TRY(dyn_table_refresh(call, *out));
    return know(call, dax, *out);
}
