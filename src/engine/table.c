/* Open tables; the contracts are in table.h. What load.c does is to read one.
 */
#include "engine/table_internal.h"

#include "base/clock.h"
#include "base/sqlite.h"
#include "engine/client_token.h"
#include "engine/declaration.h"
#include "item/key.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

enum {
    MINUTE_MS = 60 * 1000,
    USAGE_MINUTES_KEPT = 15 * 24 * 60,
    FILL_ROWS = 64, /* that a transaction puts into an index for others */
};

/* ------------------------------------------------------------- lifetime -- */

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
    dyn_account *account = NULL;
    dyn_status status = fill_store(call, store, definition);
    if (status == DYN_OK) {
        status = dyn_session_account(call, session, schema,
                                     dyn_store_file(store), name, &account);
    }
    if (status == DYN_OK) dyn_account_clear(account);
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
    if (status == DYN_OK) {
        status = dyn_session_account(call, session, schema,
                                     dyn_store_file(table->store), name,
                                     &table->account);
    }
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
    table->session->point_read.table = NULL;
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
    return dyn_store_drop(call, table->store);
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
    if (status == DYN_OK) {
        status = dyn_account_rename(call, table->session, table->account, name);
    }
    if (status != DYN_OK) {
        sqlite3_free(copy);
        sqlite3_free(label);
        return status;
    }
    sqlite3_free(table->name);
    sqlite3_free(table->label);
    table->name = copy;
    table->label = label;
    return DYN_OK;
}

/* ------------------------------------------------------------- freshness -- */

static bool has_pending(const dyn_table *table)
{
    bool result = table->map.has_pending;
    for (size_t i = 0; i < table->definition.index_count; i++)
        result = result || table->indexes[i].map.has_pending;
    return result;
}

dyn_status dyn_table_refresh(dyn_call *call, dyn_table *table)
{
    unsigned version = 0;
    dyn_store_begin_write(table->store);
    DYN_TRY(dyn_session_check(call, table->session));
    DYN_TRY(dyn_store_version(call, table->store, &version));
    if (table->is_fresh && version == table->version) return DYN_OK;

    int64_t generation = 0;
    dyn_store_forget(table->store);
    DYN_TRY(dyn_table_meta_number(call, table, "generation", &generation));
    if (table->map.count == 0 || generation != table->generation ||
        !table->is_fresh) {
        DYN_TRY(dyn_table_load(call, table));
    } else if (!has_pending(table)) {
        DYN_TRY(dyn_table_load_state(call, table));
    }
    table->is_fresh = true;
    table->version = version;
    table->generation = generation;
    return DYN_OK;
}

dyn_status dyn_table_reread(dyn_call *call, dyn_table *table)
{
    if (!has_pending(table)) table->is_fresh = false;
    return dyn_table_refresh(call, table);
}

void dyn_table_rolled_back(dyn_table *table)
{
    dyn_usage *usage = &table->account->usage;
    dyn_partitions_discard(&table->map);
    for (size_t i = 0; i < table->definition.index_count; i++)
        dyn_partitions_discard(&table->indexes[i].map);
    for (size_t i = 0; i < usage->count; i++) {
        dyn_usage_line *line = &usage->lines[i];
        line->read_halves += line->written_halves;
        line->write_units += line->written_units;
        line->written_halves = 0;
        line->written_units = 0;
    }
    table->is_fresh = false;
}

/* ----------------------------------------------------------------- flush -- */

/* The map of a tree, and under which name its units are written: none for the
 * table itself. NULL when there is no such index any more. */
static dyn_partitions *find_map(dyn_table *table, int64_t tree, dyn_bytes *name)
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

/* A COMMIT that is refused as busy comes here again. What is in memory may not
 * be what is stored, and then has no say. */
static dyn_status flush_line(dyn_call *call, dyn_table *table,
                             dyn_usage_line *line, bool is_fresh,
                             bool *has_moved)
{
    dyn_usage_row row = {line->minute, dyn_bytes_text(""), line->read_halves,
                         line->write_units};
    dyn_partitions *map = find_map(table, line->tree, &row.name);
    if (row.read_halves == 0 && row.write_units == 0) return DYN_OK;
    if (map != NULL) {
        DYN_TRY(is_fresh ? dyn_partitions_charge(call, table->store, map, &row,
                                                 has_moved)
                         : dyn_store_usage_add(call, table->store, &row));
    }
    line->written_halves += line->read_halves;
    line->written_units += line->write_units;
    line->read_halves = 0;
    line->write_units = 0;
    return DYN_OK;
}

static dyn_status flush_usage(dyn_call *call, dyn_table *table, bool is_fresh)
{
    dyn_usage *usage = &table->account->usage;
    bool has_moved = false;
    int64_t newest = 0;
    for (size_t i = 0; i < usage->count; i++) {
        dyn_usage_line *line = &usage->lines[i];
        if (line->minute > newest) newest = line->minute;
        DYN_TRY(flush_line(call, table, line, is_fresh, &has_moved));
    }
    if (!has_moved) return DYN_OK;
    DYN_TRY(dyn_client_tokens_prune(call, table->store));
    return dyn_store_usage_prune(call, table->store,
                                 newest - USAGE_MINUTES_KEPT);
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

dyn_status dyn_table_change_generation(dyn_call *call, dyn_table *table)
{
    table->generation =
        table->generation < INT64_MAX ? table->generation + 1 : 0;
    return dyn_store_set_meta_number(call, table->store, "generation",
                                     table->generation);
}

static dyn_status flush_counters(dyn_call *call, dyn_table *table,
                                 bool is_fresh)
{
    bool has_split = false;
    int64_t partition_bytes =
        is_fresh ? table->definition.partition_bytes : INT64_MAX;
    DYN_TRY(dyn_partitions_flush(call, table->store, &table->map,
                                 partition_bytes, &has_split));
    for (size_t i = 0; i < table->definition.index_count; i++) {
        bool index_has_split = false;
        bool is_local = table->definition.indexes[i].is_local;
        DYN_TRY(dyn_partitions_flush(call, table->store, &table->indexes[i].map,
                                     is_local ? INT64_MAX : partition_bytes,
                                     &index_has_split));
        has_split = has_split || index_has_split;
    }
    return has_split ? dyn_table_change_generation(call, table) : DYN_OK;
}

dyn_status dyn_table_flush(dyn_call *call, dyn_table *table)
{
    bool exists = false;
    bool is_fresh = false;
    DYN_TRY(check_state(call, table, &exists, &is_fresh));
    return exists ? flush_counters(call, table, is_fresh) : DYN_OK;
}

/* Take a step of filling each index that is not ACTIVE yet. */
static dyn_status fill_indexes(dyn_call *call, dyn_table *table)
{
    dyn_session *session = table->session;
    size_t rows_max =
        session->fill_rows_max > 0 ? session->fill_rows_max : FILL_ROWS;
    for (size_t i = 0; i < table->definition.index_count; i++) {
        int64_t rows = 0;
        if (!table->indexes[i].is_filling) continue;
        DYN_TRY(dyn_fill_step(call, table, i, rows_max, &rows));
        session->filled_rows += rows;
    }
    return DYN_OK;
}

dyn_status dyn_table_flush_usage(dyn_call *call, dyn_table *table)
{
    return flush_usage(call, table, true);
}

dyn_status dyn_table_sync(dyn_call *call, dyn_table *table)
{
    bool exists = false;
    DYN_TRY(dyn_session_check(call, table->session));
    DYN_TRY(check_state(call, table, &exists, &table->commits_fresh));
    if (!exists) return DYN_OK;
    if (table->commits_fresh) DYN_TRY(fill_indexes(call, table));
    DYN_TRY(flush_usage(call, table, table->commits_fresh));
    return flush_counters(call, table, table->commits_fresh);
}

static int64_t full_partitions(const dyn_partitions *map,
                               int64_t partition_bytes)
{
    int64_t count = 0;
    for (size_t i = 0; i < map->count; i++)
        count += dyn_partitions_is_full(&map->all[i], partition_bytes);
    return count;
}

int64_t dyn_table_work(const dyn_table *table)
{
    const dyn_usage *usage = &table->account->usage;
    int64_t partition_bytes = table->definition.partition_bytes;
    int64_t work = full_partitions(&table->map, partition_bytes);
    for (size_t i = 0; i < table->definition.index_count; i++) {
        if (table->definition.indexes[i].is_local) continue;
        work += full_partitions(&table->indexes[i].map, partition_bytes);
    }
    for (size_t i = 0; i < usage->count; i++) {
        const dyn_usage_line *line = &usage->lines[i];
        work += line->read_halves != 0 || line->write_units != 0;
    }
    return work;
}

bool dyn_table_is_filling(const dyn_table *table)
{
    for (size_t i = 0; i < table->definition.index_count; i++) {
        if (table->indexes[i].is_filling) return true;
    }
    return false;
}

/* The commit itself changes the version. Another connection's changes it when
 * this one reads next. */
void dyn_table_committed(dyn_table *table)
{
    dyn_call call;
    dyn_call_begin(&call);
    dyn_account_clear(table->account);
    table->is_fresh =
        table->commits_fresh &&
        dyn_store_version(&call, table->store, &table->version) == DYN_OK;
    dyn_call_end(&call);
}

/* ----------------------------------------------------------------- units -- */

dyn_status dyn_table_meter(dyn_call *call, dyn_table *table, int index,
                           dyn_meter *out)
{
    const dyn_definition *definition = &table->definition;
    const dyn_index *of = index < 0 ? NULL : &definition->indexes[index];
    out->minute = dyn_clock_now_ms() / MINUTE_MS;
    out->tree = of == NULL || of->is_local ? DYN_TREE_ITEMS
                                           : table->indexes[index].tree;
    DYN_TRY(dyn_cost_line_of(call, &table->session->cost, table->label,
                             of == NULL ? NULL : (const char *)of->name.data,
                             &out->cost_line));
    return dyn_usage_prepare(call, &table->account->usage,
                             2 * (1 + definition->index_count));
}

void dyn_table_charge(dyn_table *table, const dyn_meter *meter,
                      int64_t read_halves, int64_t write_units)
{
    dyn_cost_line *cost = &table->session->cost.lines[meter->cost_line];
    cost->is_used = true;
    cost->read_halves += read_halves;
    cost->write_units += write_units;
    dyn_usage_add(&table->account->usage, meter->minute, meter->tree,
                  read_halves, write_units);
}

/* All lines of usage that a table has, as they are found. */
typedef struct usage_list {
    dyn_usage_row *rows;
    size_t count;
} usage_list;

static void list_map(usage_list *list, const dyn_partitions *map,
                     dyn_bytes name)
{
    for (size_t i = 0; i < map->count; i++) {
        dyn_usage_row *row = &list->rows[list->count];
        row->name = name;
        if (dyn_partition_units(&map->all[i], row)) list->count++;
    }
}

static void list_lines(usage_list *list, dyn_table *table)
{
    const dyn_usage *usage = &table->account->usage;
    for (size_t i = 0; i < usage->count; i++) {
        const dyn_usage_line *line = &usage->lines[i];
        dyn_usage_row *row = &list->rows[list->count];
        row->minute = line->minute;
        row->read_halves = line->read_halves;
        row->write_units = line->write_units;
        bool is_nothing = row->read_halves == 0 && row->write_units == 0;
        if (!is_nothing && find_map(table, line->tree, &row->name) != NULL)
            list->count++;
    }
}

static int compare_usage(const void *left, const void *right)
{
    const dyn_usage_row *a = left;
    const dyn_usage_row *b = right;
    if (a->minute != b->minute) return a->minute < b->minute ? -1 : 1;
    return dyn_bytes_compare(a->name, b->name);
}

/* Add up what is of one minute and name. */
static void merge_usage(usage_list *list)
{
    dyn_usage_row *last = NULL;
    size_t count = 0;
    qsort(list->rows, list->count, sizeof(dyn_usage_row), compare_usage);
    for (size_t i = 0; i < list->count; i++) {
        const dyn_usage_row *row = &list->rows[i];
        if (last == NULL || compare_usage(last, row) != 0) {
            last = &list->rows[count++];
            *last = *row;
            continue;
        }
        last->read_halves += row->read_halves;
        last->write_units += row->write_units;
    }
    list->count = count;
}

dyn_status dyn_table_usage(dyn_call *call, dyn_table *table,
                           dyn_usage_row **rows, size_t *count)
{
    dyn_usage_row *stored = NULL;
    usage_list list = {NULL, 0};
    DYN_TRY(dyn_store_usage(call, table->store, &stored, &list.count));
    size_t most =
        list.count + table->map.count + table->account->usage.count + 1;
    for (size_t i = 0; i < table->definition.index_count; i++)
        most += table->indexes[i].map.count;
    list.rows = dyn_alloc(call, most * sizeof(dyn_usage_row));
    if (list.rows == NULL) return DYN_NOMEM;
    if (list.count > 0)
        memcpy(list.rows, stored, list.count * sizeof(dyn_usage_row));
    list_map(&list, &table->map, dyn_bytes_text(""));
    for (size_t i = 0; i < table->definition.index_count; i++) {
        list_map(&list, &table->indexes[i].map,
                 table->definition.indexes[i].name);
    }
    list_lines(&list, table);
    merge_usage(&list);
    *rows = list.rows;
    *count = list.count;
    return DYN_OK;
}

/* ------------------------------------------------------------------ keys -- */

#define SHOWN(bytes) (int)(bytes).size_bytes, (const char *)(bytes).data

static bool is_partition_key(const dyn_table *table, size_t column)
{
    return table->definition.key.partition[0] == column;
}

dyn_status dyn_table_check_key_size(dyn_call *call, bool is_partition,
                                    const dyn_value *value)
{
    size_t size_bytes = value->bytes.size_bytes;
    if (is_partition && size_bytes > DYN_PARTITION_KEY_BYTES_MAX) {
        return dyn_fail(call, DYN_INVALID,
                        "One or more parameter values were invalid: Size of "
                        "hashkey has exceeded the maximum size limit of2048 "
                        "bytes");
    }
    if (!is_partition && size_bytes > DYN_SORT_KEY_BYTES_MAX) {
        return dyn_fail(call, DYN_INVALID,
                        "One or more parameter values were invalid: Aggregated "
                        "size of all range keys has exceeded the size limit of "
                        "1024 bytes");
    }
    return DYN_OK;
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
    return dyn_table_check_key_size(call, is_partition_key(table, column),
                                    value);
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
