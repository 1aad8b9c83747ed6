/* SQL functions of items, which are JSON texts, plain or typed. */
#include "item_functions.h"

#include "bridge.h"
#include "expr/condition.h"
#include "expr/projection.h"
#include "expr/update.h"
#include "item/codec.h"
#include "item/item_json.h"

/* What a function does with its arguments, of which the first is no NULL. */
typedef dyn_status item_function(dyn_call *call, sqlite3_context *context,
                                 int argc, sqlite3_value **argv);

static dyn_status read_item(dyn_call *call, sqlite3_value *value, dyn_map *out)
{
    dyn_bytes text = {NULL, 0};
    DYN_TRY(bridge_text(call, value, &text));
    return dyn_item_from_text(call, text, out);
}

static dyn_status result_item(dyn_call *call, sqlite3_context *context,
                              const dyn_map *item, dyn_json_form form)
{
    dyn_buffer text;
    dyn_bytes bytes = {NULL, 0};
    dyn_buffer_begin(&text, call, 256);
    dyn_item_to_json(&text, item, form);
    DYN_TRY(dyn_buffer_end(&text, &bytes));
    sqlite3_result_text64(context, (const char *)bytes.data, bytes.size_bytes,
                          SQLITE_TRANSIENT, SQLITE_UTF8);
    return DYN_OK;
}

static dyn_status item_size(dyn_call *call, sqlite3_context *context, int argc,
                            sqlite3_value **argv)
{
    (void)argc;
    dyn_map item = {NULL, 0};
    DYN_TRY(read_item(call, argv[0], &item));
    sqlite3_result_int64(context, (sqlite3_int64)dyn_map_size_bytes(&item));
    return DYN_OK;
}

static dyn_status json(dyn_call *call, sqlite3_context *context, int argc,
                       sqlite3_value **argv)
{
    (void)argc;
    dyn_map item = {NULL, 0};
    DYN_TRY(read_item(call, argv[0], &item));
    return result_item(call, context, &item, DYN_JSON_TYPED);
}

/* ----------------------------------------------------------- expressions -- */

/* An expression, and the names and values that its tokens stand for. */
typedef struct expression {
    dyn_bytes text;
    dyn_map names;
    dyn_map values;
    dyn_substitutes substitutes;
} expression;

/* #name -> text, or :value -> any; *is_given is false for NULL or nothing. */
static dyn_status read_map(dyn_call *call, int argc, sqlite3_value **argv,
                           int at, dyn_map *out, bool *is_given)
{
    *is_given = argc > at && sqlite3_value_type(argv[at]) != SQLITE_NULL;
    return *is_given ? read_item(call, argv[at], out) : DYN_OK;
}

static dyn_status read_expression(dyn_call *call, int argc,
                                  sqlite3_value **argv, expression *out)
{
    bool has_names = false;
    bool has_values = false;
    if (sqlite3_value_type(argv[1]) != SQLITE_TEXT) {
        return dyn_fail(call, DYN_INVALID,
                        "the second argument is an expression as text");
    }
    DYN_TRY(bridge_text(call, argv[1], &out->text));
    DYN_TRY(read_map(call, argc, argv, 2, &out->names, &has_names));
    DYN_TRY(read_map(call, argc, argv, 3, &out->values, &has_values));
    return dyn_substitutes_begin(call, has_names ? &out->names : NULL,
                                 has_values ? &out->values : NULL,
                                 &out->substitutes);
}

/* A stored form of the item: expressions are matched with that. */
static dyn_status open_view(dyn_call *call, const dyn_map *item, dyn_view *out)
{
    static const dyn_bytes no_key = {(const unsigned char *)"", 0};
    dyn_bytes stored = {NULL, 0};
    DYN_TRY(
        dyn_item_encode(call, item, dyn_map_size_bytes(item), no_key, &stored));
    return dyn_view_open(call, no_key, stored, out);
}

/* Two arguments: a condition as SQL people write it. */
static dyn_status matches(dyn_call *call, sqlite3_context *context, int argc,
                          sqlite3_value **argv)
{
    dyn_map item = {NULL, 0};
    dyn_view view;
    expression condition_text = {.text = {NULL, 0}};
    dyn_condition condition;
    bool result = false;
    DYN_TRY(read_item(call, argv[0], &item));
    DYN_TRY(read_expression(call, argc, argv, &condition_text));
    DYN_TRY(dyn_condition_parse(
        call,
        argc == 2 ? DYN_EXPRESSION_SQL_CONDITION : DYN_EXPRESSION_CONDITION,
        condition_text.text, &condition_text.substitutes, &condition));
    DYN_TRY(dyn_substitutes_check_used(call, &condition_text.substitutes));
    DYN_TRY(open_view(call, &item, &view));
    DYN_TRY(dyn_condition_matches(call, &condition, &view, &result));
    sqlite3_result_int(context, result);
    return DYN_OK;
}

static dyn_status project(dyn_call *call, sqlite3_context *context, int argc,
                          sqlite3_value **argv)
{
    dyn_map item = {NULL, 0};
    dyn_map result = {NULL, 0};
    expression text = {.text = {NULL, 0}};
    dyn_projection projection;
    DYN_TRY(read_item(call, argv[0], &item));
    DYN_TRY(read_expression(call, argc, argv, &text));
    DYN_TRY(
        dyn_projection_parse(call, text.text, &text.substitutes, &projection));
    DYN_TRY(dyn_substitutes_check_used(call, &text.substitutes));
    DYN_TRY(dyn_projection_apply_map(call, &projection, &item, &result));
    return result_item(call, context, &result, DYN_JSON_PLAIN);
}

static dyn_status updated(dyn_call *call, sqlite3_context *context, int argc,
                          sqlite3_value **argv)
{
    dyn_map item = {NULL, 0};
    dyn_map result = {NULL, 0};
    size_t size_bytes = 0;
    expression text = {.text = {NULL, 0}};
    dyn_update update;
    DYN_TRY(read_item(call, argv[0], &item));
    DYN_TRY(read_expression(call, argc, argv, &text));
    DYN_TRY(dyn_update_parse(call, text.text, &text.substitutes, &update));
    DYN_TRY(dyn_substitutes_check_used(call, &text.substitutes));
    DYN_TRY(dyn_update_apply(call, &update, &item, &result));
    DYN_TRY(dyn_item_check(call, &result, &size_bytes));
    return result_item(call, context, &result, DYN_JSON_PLAIN);
}

/* ---------------------------------------------------------- registration -- */

static const struct {
    const char *name;
    int argc;
    item_function *function;
} functions[] = {
    {"dynamo_item_size", 1, item_size}, {"dynamo_json", 1, json},
    {"dynamo_matches", 2, matches},     {"dynamo_matches", 4, matches},
    {"dynamo_project", 2, project},     {"dynamo_project", 3, project},
    {"dynamo_updated", 2, updated},     {"dynamo_updated", 4, updated},
};

/* The number of the function is its data. */
static void call_function(sqlite3_context *context, int argc,
                          sqlite3_value **argv)
{
    const size_t *number = sqlite3_user_data(context);
    if (sqlite3_value_type(argv[0]) == SQLITE_NULL) return; /* NULL */
    dyn_call call;
    dyn_call_begin(&call);
    dyn_status status = functions[*number].function(&call, context, argc, argv);
    if (status != DYN_OK) bridge_result_error(context, &call, status);
    dyn_call_end(&call);
}

int item_functions_register(sqlite3 *db)
{
    enum { COUNT = sizeof(functions) / sizeof(functions[0]) };
    static const size_t numbers[COUNT] = {0, 1, 2, 3, 4, 5, 6, 7};
    for (size_t i = 0; i < COUNT; i++) {
        int rc = sqlite3_create_function_v2(
            db, functions[i].name, functions[i].argc,
            SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS,
            (void *)&numbers[i], call_function, NULL, NULL, NULL);
        if (rc != SQLITE_OK) return rc;
    }
    return SQLITE_OK;
}
