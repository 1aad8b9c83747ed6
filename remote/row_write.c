/* Rows that are written; the contract is in row_write.h. */
#include "row_write.h"

#include "bridge.h"
#include "engine/item_key.h"
#include "item/item_json.h"
#include "reader.h"
#include "substitution.h"

/* Whether there must be an item before the write. */
typedef enum item_presence {
    PRESENCE_ANY,
    PRESENCE_ABSENT,
    PRESENCE_THERE,
} item_presence;

/* What a write asks of the item as it was before; its expression has the names
 * and values of substitution. */
typedef struct write_demand {
    item_presence presence;
    const dyn_condition *condition; /* NULL: there is none */
} write_demand;

static const dyn_definition *definition_of(const remote_table *table)
{
    return &table->there.definition;
}

/* ------------------------------------------------------------ conditions -- */

/* The partition key stands for the item. */
static void add_presence(remote_substitution *substitution, dyn_buffer *text,
                         const dyn_definition *definition,
                         item_presence presence)
{
    if (presence == PRESENCE_ANY) return;
    dyn_buffer_add_text(text, presence == PRESENCE_ABSENT
                                  ? "attribute_not_exists("
                                  : "attribute_exists(");
    remote_add_name(substitution, text,
                    definition->columns[definition->key.partition[0]].name);
    dyn_buffer_add_byte(text, ')');
}

/* Add the condition, and all names and values, to a request. */
static dyn_status add_demand(dyn_call *call, const dyn_definition *definition,
                             const write_demand *demand,
                             remote_substitution *substitution,
                             dyn_buffer *request)
{
    dyn_buffer text;
    dyn_bytes expression = {NULL, 0};
    dyn_buffer_begin(&text, call, 128);
    add_presence(substitution, &text, definition, demand->presence);
    if (demand->condition != NULL) {
        if (text.size_bytes > 0) dyn_buffer_add_text(&text, " AND ");
        remote_add_condition(substitution, &text, demand->condition);
    }
    DYN_TRY(dyn_buffer_end(&text, &expression));
    if (expression.size_bytes > 0)
        remote_add_expression(request, "ConditionExpression", expression);
    return remote_substitution_end(substitution, request);
}

static dyn_status send(dyn_call *call, remote_table *table,
                       const char *operation, dyn_buffer *request)
{
    dyn_bytes members = {NULL, 0};
    const dyn_json *answer = NULL;
    DYN_TRY(dyn_buffer_end(request, &members));
    return remote_table_call(call, table, operation, members, &answer);
}

/* A row that is gone by now is not updated; that is no failure. */
static dyn_status pass_absent(const write_demand *demand, dyn_status status)
{
    bool is_absent = status == DYN_CONDITION_FAILED &&
                     demand->condition == NULL &&
                     demand->presence == PRESENCE_THERE;
    return is_absent ? DYN_OK : status;
}

static dyn_status put(dyn_call *call, remote_table *table, const dyn_map *item,
                      const write_demand *demand)
{
    remote_substitution substitution;
    dyn_buffer request;
    size_t size_bytes = 0;
    DYN_TRY(dyn_item_check(call, item, &size_bytes));
    remote_substitution_begin(&substitution, call);
    dyn_buffer_begin(&request, call, 2 * size_bytes + 256);
    dyn_buffer_add_text(&request, ",\"Item\":");
    dyn_item_to_json(&request, item, DYN_JSON_TYPED);
    DYN_TRY(add_demand(call, definition_of(table), demand, &substitution,
                       &request));
    return send(call, table, "PutItem", &request);
}

/* ---------------------------------------------------------------- insert -- */

static dyn_status insert(dyn_call *call, remote_table *table,
                         sqlite3_value **columns)
{
    const dyn_definition *definition = definition_of(table);
    dyn_map item = {NULL, 0};
    dyn_bytes key = {NULL, 0};
    sqlite3 *db = table->session->statements->db;
    bool replaces = sqlite3_vtab_on_conflict(db) == SQLITE_REPLACE;
    write_demand demand = {.presence =
                               replaces ? PRESENCE_ANY : PRESENCE_ABSENT};
    DYN_TRY(row_check_hidden(call, definition, columns, false));
    DYN_TRY(row_read_new_item(call, definition, columns, &item));
    DYN_TRY(row_read_condition(call, &table->condition, definition, columns,
                               &demand.condition));
    DYN_TRY(dyn_item_key(call, definition, &item, &key));
    dyn_status status = put(call, table, &item, &demand);
    bool is_there =
        status == DYN_CONDITION_FAILED && !replaces && demand.condition == NULL;
    if (!is_there) return status;
    const char *told = dyn_format(call, "%s", call->error.message);
    if (told == NULL) return DYN_NOMEM;
    const char *more = strstr(told, " The request was sent");
    return dyn_fail(call, DYN_EXISTS,
                    "an item with this key is there already; INSERT OR REPLACE "
                    "puts the new one in its place%s%s",
                    more != NULL ? "." : "", more != NULL ? more : "");
}

/* ---------------------------------------------------------------- update -- */

/* Whether a change is of a key attribute; it may only say what the key is.
 * Fails with DYN_INVALID. */
static dyn_status check_change(dyn_call *call, const dyn_definition *definition,
                               const dyn_map *key, const dyn_assignment *change,
                               bool *is_key)
{
    const dyn_value *value = dyn_map_find(key, change->name);
    *is_key = dyn_definition_is_key(definition, change->name);
    if (!*is_key || (change->value != NULL && value != NULL &&
                     dyn_value_equal(value, change->value)))
        return DYN_OK;
    return dyn_fail(call, DYN_INVALID,
                    "One or more parameter values were invalid: Cannot update "
                    "attribute %.*s. This attribute is part of the key",
                    (int)change->name.size_bytes,
                    (const char *)change->name.data);
}

/* Take out the changes that say what the key is. */
static dyn_status drop_keys(dyn_call *call, const dyn_definition *definition,
                            const dyn_map *key, dyn_assignment *changes,
                            size_t *count)
{
    size_t kept = 0;
    for (size_t i = 0; i < *count; i++) {
        bool is_key = false;
        DYN_TRY(check_change(call, definition, key, &changes[i], &is_key));
        if (!is_key) changes[kept++] = changes[i];
    }
    *count = kept;
    return DYN_OK;
}

/* SET #n0 = :v0, #n1 = :v1 REMOVE #n2 */
static void add_changes(remote_substitution *substitution, dyn_buffer *text,
                        const dyn_assignment *changes, size_t count, bool sets)
{
    const char *before = sets ? "SET " : " REMOVE ";
    for (size_t i = 0; i < count; i++) {
        if ((changes[i].value != NULL) != sets) continue;
        dyn_buffer_add_text(text, before);
        remote_add_name(substitution, text, changes[i].name);
        if (sets) {
            dyn_buffer_add_text(text, " = ");
            remote_add_value(substitution, text, changes[i].value);
        }
        before = ", ";
    }
}

static dyn_status update_attributes(dyn_call *call, remote_table *table,
                                    const dyn_map *key,
                                    const dyn_assignment *changes, size_t count,
                                    const write_demand *demand)
{
    remote_substitution substitution;
    dyn_buffer request;
    dyn_buffer text;
    dyn_bytes expression = {NULL, 0};
    remote_substitution_begin(&substitution, call);
    dyn_buffer_begin(&request, call, 512);
    dyn_buffer_begin(&text, call, 128);
    dyn_buffer_add_text(&request, ",\"Key\":");
    dyn_item_to_json(&request, key, DYN_JSON_TYPED);
    add_changes(&substitution, &text, changes, count, true);
    add_changes(&substitution, &text, changes, count, false);
    DYN_TRY(dyn_buffer_end(&text, &expression));
    if (expression.size_bytes > 0)
        remote_add_expression(&request, "UpdateExpression", expression);
    DYN_TRY(add_demand(call, definition_of(table), demand, &substitution,
                       &request));
    return pass_absent(demand, send(call, table, "UpdateItem", &request));
}

static bool is_changed(const dyn_assignment *changes, size_t count,
                       dyn_bytes name)
{
    for (size_t i = 0; i < count; i++) {
        if (dyn_bytes_equal(changes[i].name, name)) return true;
    }
    return false;
}

/* The item that is given, with changes, and with the key where it lacks it. */
static dyn_status build_item(dyn_call *call, const dyn_map *given,
                             const dyn_map *key, const dyn_assignment *changes,
                             size_t count, dyn_map *out)
{
    out->count = 0;
    out->attributes = dyn_alloc(call, (given->count + key->count + count) *
                                          sizeof(dyn_attribute));
    if (out->attributes == NULL) return DYN_NOMEM;
    for (size_t i = 0; i < given->count; i++) {
        if (!is_changed(changes, count, given->attributes[i].name))
            out->attributes[out->count++] = given->attributes[i];
    }
    for (size_t i = 0; i < count; i++) {
        if (changes[i].value != NULL)
            out->attributes[out->count++] =
                (dyn_attribute){changes[i].name, *changes[i].value};
    }
    for (size_t i = 0; i < key->count; i++) {
        if (dyn_map_find(given, key->attributes[i].name) == NULL)
            out->attributes[out->count++] = key->attributes[i];
    }
    return dyn_map_sort(call, out);
}

/* The keys of an item that is given have to be those of the row. */
static dyn_status check_given(dyn_call *call, const dyn_definition *definition,
                              const dyn_map *key, const dyn_map *given)
{
    for (size_t i = 0; i < key->count; i++) {
        bool is_key = false;
        dyn_bytes name = key->attributes[i].name;
        dyn_assignment change = {name, dyn_map_find(given, name)};
        if (change.value != NULL)
            DYN_TRY(check_change(call, definition, key, &change, &is_key));
    }
    return DYN_OK;
}

static dyn_status update_row(dyn_call *call, remote_table *table,
                             const dyn_map *key, sqlite3_value **columns)
{
    const dyn_definition *definition = definition_of(table);
    write_demand demand = {.presence = PRESENCE_THERE};
    bool is_given = false;
    dyn_map given = {NULL, 0};
    dyn_map item = {NULL, 0};
    dyn_assignment *changes = NULL;
    size_t count = 0;
    DYN_TRY(row_check_hidden(call, definition, columns, true));
    DYN_TRY(row_read_condition(call, &table->condition, definition, columns,
                               &demand.condition));
    DYN_TRY(row_read_item(call, definition, columns, &is_given, &given));
    DYN_TRY(row_read_changes(call, definition, columns, &changes, &count));
    DYN_TRY(drop_keys(call, definition, key, changes, &count));
    if (!is_given)
        return update_attributes(call, table, key, changes, count, &demand);
    DYN_TRY(check_given(call, definition, key, &given));
    DYN_TRY(build_item(call, &given, key, changes, count, &item));
    return pass_absent(&demand, put(call, table, &item, &demand));
}

/* ------------------------------------------------------------------ rows -- */

static dyn_status delete_row(dyn_call *call, remote_table *table,
                             const dyn_map *key)
{
    dyn_buffer request;
    dyn_buffer_begin(&request, call, 128);
    dyn_buffer_add_text(&request, ",\"Key\":");
    dyn_item_to_json(&request, key, DYN_JSON_TYPED);
    return send(call, table, "DeleteItem", &request);
}

/* argv[0] is the old key (NULL: INSERT), argv[1] the new one; the columns
 * follow. One argument alone: DELETE. */
dyn_status remote_write_row(dyn_call *call, remote_table *table, int argc,
                            sqlite3_value **argv)
{
    dyn_bytes key = {NULL, 0};
    dyn_map key_item = {NULL, 0};
    bool is_key = false;
    if (argc > 1 && sqlite3_value_type(argv[0]) == SQLITE_NULL)
        return insert(call, table, argv + 2);
    DYN_TRY(bridge_blob(call, argv[0], &key));
    DYN_TRY(
        remote_key_item(call, definition_of(table), key, &is_key, &key_item));
    if (!is_key) return DYN_OK;
    return argc > 1 ? update_row(call, table, &key_item, argv + 2)
                    : delete_row(call, table, &key_item);
}
