/* Open tables and sessions; the contracts are in table.h. */
#include "engine/table.h"

#include "base/clock.h"
#include "base/sqlite.h"
#include "engine/declaration.h"
#include "item/key.h"

#include <assert.h>
#include <inttypes.h>

enum {
    FORMAT = 1, /* docs/format.md */
    MINUTE_MS = 60 * 1000,
    USAGE_MINUTES_KEPT = 15 * 24 * 60,
};

/* -------------------------------------------------------------- sessions -- */

dyn_status dyn_session_open(dyn_call *call, struct sqlite3 *db,
                            dyn_session **out)
{
    dyn_session *session = sqlite3_malloc64(sizeof(*session));
    if (session == NULL) return dyn_fail_nomem(call);
    memset(session, 0, sizeof(*session));
    session->db = db;
    session->references = 1;
    *out = session;
    return DYN_OK;
}

void dyn_session_release(dyn_session *session)
{
    if (--session->references > 0) return;
    dyn_cost_free(&session->cost);
    sqlite3_free(session);
}

static void begin_statement(dyn_session *session)
{
    dyn_cost_reset(&session->cost);
    session->point_read.table = NULL;
}

void dyn_statement_read_begins(dyn_session *session)
{
    if (session->open_cursors++ == 0) begin_statement(session);
    session->is_inserting = false;
}

void dyn_statement_read_ends(dyn_session *session)
{
    session->open_cursors--;
}

void dyn_statement_write_begins(dyn_session *session, bool is_insert,
                                int changes)
{
    if (!is_insert || session->open_cursors > 0) return;
    if (!session->is_inserting || session->changes != changes) {
        begin_statement(session);
    }
}

void dyn_statement_write_ends(dyn_session *session, bool is_inserting,
                              int changes)
{
    session->is_inserting = is_inserting;
    session->changes = changes;
}

/* ------------------------------------------------------------- lifetime -- */

static dyn_status write_definition(dyn_call *call, dyn_store *store,
                                   const dyn_definition *definition)
{
    const char *const *arguments = NULL;
    size_t count = 0;
    DYN_TRY(dyn_declaration_print(call, definition, &arguments, &count));
    DYN_TRY(
        dyn_store_set_meta_number(call, store, "arguments", (int64_t)count));
    for (size_t i = 0; i < count; i++) {
        char *name = dyn_format(call, "argument %04zu", i);
        if (name == NULL) return DYN_NOMEM;
        DYN_TRY(dyn_store_set_meta_text(call, store, name, arguments[i]));
    }
    return DYN_OK;
}

static dyn_status fill_store(dyn_call *call, dyn_store *store,
                             const dyn_definition *definition)
{
    DYN_TRY(dyn_store_create(call, store));
    DYN_TRY(dyn_store_set_meta_number(call, store, "format", FORMAT));
    DYN_TRY(dyn_store_set_meta_number(call, store, "generation", 1));
    DYN_TRY(write_definition(call, store, definition));
    return dyn_partitions_create(call, store,
                                 dyn_partitions_initial(definition));
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
    table->memory = sqlite3_malloc64(sizeof(dyn_call));
    if (table->memory != NULL) dyn_call_begin(table->memory);
    if (status != DYN_OK || table->schema == NULL || table->name == NULL ||
        table->memory == NULL) {
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

void dyn_table_close(dyn_table *table)
{
    if (table == NULL) return;
    if (table->session != NULL) {
        dyn_table **link = &table->session->tables;
        while (*link != table)
            link = &(*link)->next;
        *link = table->next;
        table->session->point_read.table = NULL;
        dyn_session_release(table->session);
    }
    dyn_store_close(table->store);
    dyn_partitions_free(&table->map);
    dyn_usage_free(&table->usage);
    if (table->memory != NULL) dyn_call_end(table->memory);
    sqlite3_free(table->memory);
    sqlite3_free(table->schema);
    sqlite3_free(table->name);
    sqlite3_free(table);
}

dyn_status dyn_table_drop(dyn_call *call, dyn_table *table)
{
    return dyn_store_drop(call, table->store);
}

dyn_status dyn_table_rename(dyn_call *call, dyn_table *table, const char *name)
{
    DYN_TRY(dyn_name_check(call, "table", dyn_bytes_text(name)));
    DYN_TRY(dyn_table_flush(call, table));
    table->is_fresh = false; /* SQLite goes on with another object */
    char *copy = sqlite3_mprintf("%s", name);
    if (copy == NULL) return dyn_fail_nomem(call);
    dyn_status status = dyn_store_rename(call, table->store, name);
    if (status != DYN_OK) {
        sqlite3_free(copy);
        return status;
    }
    sqlite3_free(table->name);
    table->name = copy;
    return DYN_OK;
}

/* ------------------------------------------------------------- freshness -- */

static dyn_status fail_meta(dyn_call *call, const char *name)
{
    return dyn_fail(call, DYN_CORRUPT,
                    "shadow tables are damaged: \"%s\" is missing in _meta",
                    name);
}

static dyn_status meta_number(dyn_call *call, dyn_table *table,
                              const char *name, int64_t *out)
{
    bool found = false;
    dyn_bytes text = {NULL, 0};
    DYN_TRY(dyn_store_meta(call, table->store, name, &found, &text, out));
    return found ? DYN_OK : fail_meta(call, name);
}

/* Read the stored definition into memory of its own. */
static dyn_status load_definition(dyn_call *call, dyn_table *table,
                                  dyn_call *memory, dyn_definition *out)
{
    int64_t count = 0;
    DYN_TRY(meta_number(call, table, "arguments", &count));
    if (count < 1 || count > DYN_COLUMNS_MAX + 100) {
        return fail_meta(call, "arguments");
    }
    const char **arguments = dyn_alloc(call, (size_t)count * sizeof(char *));
    if (arguments == NULL) return DYN_NOMEM;
    for (int64_t i = 0; i < count; i++) {
        char *name = dyn_format(call, "argument %04" PRId64, i);
        bool found = false;
        dyn_bytes text = {NULL, 0};
        int64_t number = 0;
        if (name == NULL) return DYN_NOMEM;
        DYN_TRY(
            dyn_store_meta(call, table->store, name, &found, &text, &number));
        if (!found) return fail_meta(call, name);
        dyn_bytes copy = {NULL, 0};
        if (dyn_copy(memory, text, &copy) != DYN_OK) {
            return dyn_fail_nomem(call);
        }
        arguments[i] = (const char *)copy.data;
    }
    bool is_more = false;
    dyn_bytes text = {NULL, 0};
    int64_t number = 0;
    char *behind = dyn_format(call, "argument %04" PRId64, count);
    if (behind == NULL) return DYN_NOMEM;
    DYN_TRY(
        dyn_store_meta(call, table->store, behind, &is_more, &text, &number));
    if (is_more) {
        return dyn_fail(call, DYN_CORRUPT,
                        "shadow tables are damaged: \"arguments\" in _meta is "
                        "not how many there are");
    }
    dyn_status status =
        dyn_declaration_parse(memory, arguments, (size_t)count, out);
    if (status == DYN_NOMEM) return dyn_fail_nomem(call);
    if (status != DYN_OK) {
        return dyn_fail(call, DYN_CORRUPT,
                        "shadow tables are damaged: the stored declaration: %s",
                        memory->error.message);
    }
    return DYN_OK;
}

static bool has_same_column(const dyn_definition *a, size_t a_column,
                            const dyn_definition *b, size_t b_column)
{
    const dyn_column *left = &a->columns[a_column];
    const dyn_column *right = &b->columns[b_column];
    return left->type == right->type &&
           dyn_bytes_equal(left->name, right->name);
}

/* The key of a table never changes. */
static bool has_same_key(const dyn_definition *a, const dyn_definition *b)
{
    return a->column_count > 0 &&
           has_same_column(a, a->key.partition[0], b, b->key.partition[0]) &&
           a->key.sort_count == b->key.sort_count &&
           (a->key.sort_count == 0 ||
            has_same_column(a, a->key.sort[0], b, b->key.sort[0]));
}

static dyn_status load_table(dyn_call *call, dyn_table *table)
{
    int64_t format = 0;
    DYN_TRY(meta_number(call, table, "format", &format));
    if (format != FORMAT) {
        return dyn_fail(call, DYN_CORRUPT,
                        "the table is stored in format %" PRId64
                        "; this version of dynamo knows format %d",
                        format, FORMAT);
    }
    dyn_call *memory = sqlite3_malloc64(sizeof(dyn_call));
    if (memory == NULL) return dyn_fail_nomem(call);
    dyn_call_begin(memory);
    dyn_definition definition = {.column_count = 0};
    dyn_status status = load_definition(call, table, memory, &definition);
    if (status == DYN_OK && table->declared != NULL &&
        !has_same_key(&definition, table->declared)) {
        status = dyn_fail(call, DYN_CORRUPT,
                          "shadow tables are damaged: the stored declaration "
                          "has another key than the table");
    }
    if (status != DYN_OK) {
        dyn_call_end(memory);
        sqlite3_free(memory);
        return status;
    }
    dyn_call_end(table->memory);
    sqlite3_free(table->memory);
    table->memory = memory;
    table->definition = definition;
    return dyn_partitions_load(call, table->store, &table->map);
}

dyn_status dyn_table_refresh(dyn_call *call, dyn_table *table)
{
    unsigned version = 0;
    DYN_TRY(dyn_store_version(call, table->store, &version));
    if (table->is_fresh && version == table->version) return DYN_OK;

    int64_t generation = 0;
    DYN_TRY(meta_number(call, table, "generation", &generation));
    if (table->map.count == 0 || generation != table->generation ||
        !table->is_fresh) {
        DYN_TRY(load_table(call, table));
    } else if (!table->map.has_pending) {
        DYN_TRY(dyn_partitions_load(call, table->store, &table->map));
    }
    table->is_fresh = true;
    table->version = version;
    table->generation = generation;
    return DYN_OK;
}

void dyn_table_rolled_back(dyn_table *table)
{
    dyn_partitions_discard(&table->map);
    for (size_t i = 0; i < table->usage.count; i++) {
        dyn_usage_line *line = &table->usage.lines[i];
        line->read_halves += line->written_halves;
        line->write_units += line->written_units;
        line->written_halves = 0;
        line->written_units = 0;
    }
    table->is_fresh = false;
}

/* ----------------------------------------------------------------- flush -- */

static dyn_status flush_usage(dyn_call *call, dyn_table *table)
{
    int64_t newest = 0;
    for (size_t i = 0; i < table->usage.count; i++) {
        dyn_usage_line *line = &table->usage.lines[i];
        dyn_usage_row row = {
            .minute = line->minute,
            .read_halves = line->read_halves,
            .write_units = line->write_units,
        };
        if (line->minute > newest) newest = line->minute;
        if (row.read_halves == 0 && row.write_units == 0) continue;
        DYN_TRY(dyn_store_usage_add(call, table->store, &row));
        /* a COMMIT that is refused as busy comes here again */
        line->written_halves += line->read_halves;
        line->written_units += line->write_units;
        line->read_halves = 0;
        line->write_units = 0;
    }
    if (table->usage.count > 1) {
        DYN_TRY(dyn_store_usage_prune(call, table->store,
                                      newest - USAGE_MINUTES_KEPT));
    }
    return DYN_OK;
}

/* Whether the shadow tables are there to be written to, and the counters in
 * memory are those that the transaction sees. */
static dyn_status check_state(dyn_call *call, const dyn_table *table,
                              bool *exists, bool *is_fresh)
{
    unsigned version = 0;
    *is_fresh = false;
    DYN_TRY(dyn_store_exists(call, table->store, exists));
    if (!*exists) return DYN_OK;
    DYN_TRY(dyn_store_version(call, table->store, &version));
    *is_fresh = table->is_fresh && version == table->version;
    return DYN_OK;
}

static dyn_status flush_counters(dyn_call *call, dyn_table *table,
                                 bool is_fresh)
{
    bool has_split = false;
    int64_t partition_bytes =
        is_fresh ? table->definition.partition_bytes : INT64_MAX;
    DYN_TRY(dyn_partitions_flush(call, table->store, &table->map,
                                 partition_bytes, &has_split));
    if (!has_split) return DYN_OK;
    table->generation++;
    return dyn_store_set_meta_number(call, table->store, "generation",
                                     table->generation);
}

dyn_status dyn_table_flush(dyn_call *call, dyn_table *table)
{
    bool exists = false;
    bool is_fresh = false;
    DYN_TRY(check_state(call, table, &exists, &is_fresh));
    return exists ? flush_counters(call, table, is_fresh) : DYN_OK;
}

dyn_status dyn_table_sync(dyn_call *call, dyn_table *table)
{
    bool exists = false;
    DYN_TRY(check_state(call, table, &exists, &table->commits_fresh));
    if (!exists) return DYN_OK;
    DYN_TRY(flush_counters(call, table, table->commits_fresh));
    return flush_usage(call, table);
}

int64_t dyn_table_work(const dyn_table *table)
{
    int64_t work = 0;
    for (size_t i = 0; i < table->usage.count; i++) {
        const dyn_usage_line *line = &table->usage.lines[i];
        work += line->read_halves != 0 || line->write_units != 0;
    }
    for (size_t i = 0; i < table->map.count; i++) {
        work += dyn_partitions_is_full(&table->map.all[i],
                                       table->definition.partition_bytes);
    }
    return work;
}

/* The commit itself changes the version. Another connection's changes it when
 * this one reads next. */
void dyn_table_committed(dyn_table *table)
{
    dyn_call call;
    dyn_call_begin(&call);
    table->usage.count = 0;
    table->is_fresh =
        table->commits_fresh &&
        dyn_store_version(&call, table->store, &table->version) == DYN_OK;
    dyn_call_end(&call);
}

/* ----------------------------------------------------------------- units -- */

dyn_status dyn_table_meter(dyn_call *call, dyn_table *table, dyn_meter *out)
{
    out->minute = dyn_clock_now_ms() / MINUTE_MS;
    DYN_TRY(dyn_cost_line_of(call, &table->session->cost, table->name,
                             &out->cost_line));
    return dyn_usage_prepare(call, &table->usage);
}

void dyn_table_charge(dyn_table *table, const dyn_meter *meter,
                      int64_t read_halves, int64_t write_units)
{
    dyn_cost_line *cost = &table->session->cost.lines[meter->cost_line];
    cost->is_used = true;
    cost->read_halves += read_halves;
    cost->write_units += write_units;
    dyn_usage_add(&table->usage, meter->minute, read_halves, write_units);
}

/* ------------------------------------------------------------------ keys -- */

#define SHOWN(bytes) (int)(bytes).size_bytes, (const char *)(bytes).data

static bool is_partition_key(const dyn_table *table, size_t column)
{
    return table->definition.key.partition[0] == column;
}

dyn_status dyn_table_check_key_value(dyn_call *call, const dyn_table *table,
                                     size_t column, const dyn_value *value)
{
    const dyn_column *key = &table->definition.columns[column];
    if (value->type != key->type) {
        return dyn_fail(call, DYN_INVALID,
                        "One or more parameter values were invalid: Type "
                        "mismatch for key %.*s expected: %s actual: %s",
                        SHOWN(key->name), dyn_type_name(key->type),
                        dyn_type_name(value->type));
    }
    if (value->type == DYN_TYPE_N) return DYN_OK;
    if (value->bytes.size_bytes == 0) {
        return dyn_fail(call, DYN_INVALID,
                        "One or more parameter values are not valid. The "
                        "AttributeValue for a key attribute cannot contain an "
                        "empty %s value. Key: %.*s",
                        value->type == DYN_TYPE_S ? "string" : "binary",
                        SHOWN(key->name));
    }
    if (is_partition_key(table, column)) {
        if (value->bytes.size_bytes > DYN_PARTITION_KEY_BYTES_MAX) {
            return dyn_fail(call, DYN_INVALID,
                            "One or more parameter values were invalid: Size "
                            "of hashkey has exceeded the maximum size limit "
                            "of2048 bytes");
        }
    } else if (value->bytes.size_bytes > DYN_SORT_KEY_BYTES_MAX) {
        return dyn_fail(call, DYN_INVALID,
                        "One or more parameter values were invalid: Aggregated "
                        "size of all range keys has exceeded the size limit of "
                        "1024 bytes");
    }
    return DYN_OK;
}

static dyn_status key_value(dyn_call *call, const dyn_table *table,
                            size_t column, const dyn_map *item,
                            const dyn_value **out)
{
    dyn_bytes name = table->definition.columns[column].name;
    *out = dyn_map_find(item, name);
    if (*out == NULL) {
        return dyn_fail(call, DYN_INVALID,
                        "One or more parameter values were invalid: Missing "
                        "the key %.*s in the item",
                        SHOWN(name));
    }
    return dyn_table_check_key_value(call, table, column, *out);
}

dyn_status dyn_table_key(dyn_call *call, const dyn_table *table,
                         const dyn_map *item, dyn_bytes *out)
{
    const dyn_key_schema *schema = &table->definition.key;
    const dyn_value *partition = NULL;
    const dyn_value *sort = NULL;
    DYN_TRY(key_value(call, table, schema->partition[0], item, &partition));
    if (schema->sort_count > 0) {
        DYN_TRY(key_value(call, table, schema->sort[0], item, &sort));
    }
    dyn_buffer key;
    dyn_key_begin(&key, call);
    dyn_key_add_partition(&key, partition);
    dyn_key_set_hash(&key);
    if (sort != NULL) dyn_key_add_sort(&key, sort);
    return dyn_buffer_end(&key, out);
}
