/* The columns of xUpdate; the contracts are in row_input.h. */
#include "row_input.h"

#include "bridge.h"
#include "item/item_json.h"
#include "table_columns.h"

dyn_status row_read_item(dyn_call *call, const dyn_definition *declared,
                         sqlite3_value **columns, bool *is_given, dyn_map *out)
{
    sqlite3_value *value = columns[declared->column_count + HIDDEN_ITEM];
    *is_given = !sqlite3_value_nochange(value) &&
                sqlite3_value_type(value) != SQLITE_NULL;
    if (!*is_given) return DYN_OK;
    dyn_bytes text = {NULL, 0};
    if (sqlite3_value_type(value) != SQLITE_TEXT) {
        return dyn_fail(call, DYN_INVALID,
                        "the item column takes an item as JSON text");
    }
    DYN_TRY(bridge_text(call, value, &text));
    return dyn_item_from_text(call, text, out);
}

dyn_status row_read_changes(dyn_call *call, const dyn_definition *declared,
                            sqlite3_value **columns, dyn_assignment **changes,
                            size_t *count)
{
    *count = 0;
    size_t most = declared->attribute_count;
    *changes = dyn_alloc(call, most * sizeof(dyn_assignment));
    dyn_value *values = dyn_alloc(call, most * sizeof(dyn_value));
    if (*changes == NULL || values == NULL) return DYN_NOMEM;
    for (size_t i = 0; i < most; i++) {
        size_t number = dyn_definition_by_name(declared, i);
        const dyn_column *attribute = &declared->columns[number];
        sqlite3_value *column = columns[table_column_of(declared, number)];
        if (sqlite3_value_nochange(column)) continue;
        bool is_null = false;
        DYN_TRY(dyn_fail_at(
            call,
            bridge_borrow_value(call, column, attribute, &is_null, &values[i]),
            "column", attribute->name));
        (*changes)[(*count)++] =
            (dyn_assignment){attribute->name, is_null ? NULL : &values[i]};
    }
    return DYN_OK;
}

dyn_status row_read_new_item(dyn_call *call, const dyn_definition *declared,
                             sqlite3_value **columns, dyn_map *out)
{
    bool is_given = false;
    dyn_map base = {NULL, 0};
    dyn_assignment *changes = NULL;
    size_t count = 0;
    DYN_TRY(row_read_item(call, declared, columns, &is_given, &base));
    DYN_TRY(row_read_changes(call, declared, columns, &changes, &count));
    out->attributes =
        dyn_alloc(call, (base.count + count) * sizeof(dyn_attribute));
    if (out->attributes == NULL) return DYN_NOMEM;
    out->count = 0;
    for (size_t i = 0; i < count; i++) {
        if (changes[i].value == NULL) continue;
        dyn_value *old = is_given ? dyn_map_find(&base, changes[i].name) : NULL;
        if (old != NULL) {
            *old = *changes[i].value;
        } else {
            out->attributes[out->count++] =
                (dyn_attribute){changes[i].name, *changes[i].value};
        }
    }
    for (size_t i = 0; i < base.count; i++) {
        out->attributes[out->count++] = base.attributes[i];
    }
    return dyn_map_sort(call, out);
}

/* ------------------------------------------------------------- condition -- */

/* What was read last stays: the rows of a statement share their condition. */
struct row_condition {
    dyn_call memory;
    dyn_bytes text;
    dyn_condition condition;
};

void row_forget_condition(row_condition **kept)
{
    if (*kept == NULL) return;
    dyn_call_end(&(*kept)->memory);
    sqlite3_free(*kept);
    *kept = NULL;
}

static dyn_status parse_condition(dyn_call *call, row_condition **kept,
                                  dyn_bytes text)
{
    row_forget_condition(kept);
    *kept = sqlite3_malloc64(sizeof(**kept));
    if (*kept == NULL) return dyn_fail_nomem(call);
    dyn_call *memory = &(*kept)->memory;
    dyn_call_begin(memory);
    dyn_status status = dyn_copy(memory, text, &(*kept)->text);
    if (status == DYN_OK) {
        status = dyn_condition_parse(memory, DYN_EXPRESSION_SQL_CONDITION,
                                     (*kept)->text, NULL, &(*kept)->condition);
    }
    if (status == DYN_OK) return DYN_OK;
    call->error = memory->error;
    row_forget_condition(kept);
    return status;
}

dyn_status row_read_condition(dyn_call *call, row_condition **kept,
                              const dyn_definition *declared,
                              sqlite3_value **columns,
                              const dyn_condition **out)
{
    sqlite3_value *value = columns[declared->column_count + HIDDEN_CONDITION];
    dyn_bytes text = {NULL, 0};
    *out = NULL;
    if (sqlite3_value_nochange(value) ||
        sqlite3_value_type(value) == SQLITE_NULL) {
        return DYN_OK;
    }
    if (sqlite3_value_type(value) != SQLITE_TEXT) {
        return dyn_fail(call, DYN_INVALID,
                        "the condition column takes a condition as text, as "
                        "in 'version = 3'");
    }
    DYN_TRY(bridge_text(call, value, &text));
    if (*kept == NULL || !dyn_bytes_equal((*kept)->text, text)) {
        DYN_TRY(parse_condition(call, kept, text));
    }
    *out = &(*kept)->condition;
    return DYN_OK;
}

/* A function of JSON that got a NULL gives one: in place of a whole item that
 * is a mistake, while of an INSERT it means that the item is not given. */
static bool is_null_item(sqlite3_value *item)
{
    return !sqlite3_value_nochange(item) &&
           sqlite3_value_type(item) == SQLITE_NULL;
}

/* Other hidden columns that a write cannot take. SQLite gives the condition as
 * unchanged in an UPDATE that does not set it, and never in UPDATE ... FROM. */
dyn_status row_check_hidden(dyn_call *call, const dyn_definition *declared,
                            sqlite3_value **columns, bool is_update)
{
    sqlite3_value **hidden = columns + declared->column_count;
    bool has_mode = !sqlite3_value_nochange(hidden[HIDDEN_MODE]);
    if (has_mode && is_update &&
        !sqlite3_value_nochange(hidden[HIDDEN_CONDITION])) {
        /* SQLite gives all columns as if each were set to what it shows, which
         * would turn BOOL into numbers and sets into texts. */
        return dyn_fail(call, DYN_INVALID,
                        "UPDATE ... FROM is not possible; use SET column = "
                        "(SELECT ...)");
    }
    if (has_mode && sqlite3_value_type(hidden[HIDDEN_MODE]) != SQLITE_NULL) {
        return dyn_fail(call, DYN_INVALID, "the mode column is for reading");
    }
    if (is_update && is_null_item(hidden[HIDDEN_ITEM])) {
        return dyn_fail(call, DYN_INVALID,
                        "item cannot be set to NULL; DELETE removes an item");
    }
    return DYN_OK;
}
