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
    bridge_result_text(context, bytes);
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

enum { EXPRESSION = 1, NAMES, VALUES, ARGUMENTS }; /* places of arguments */

/* An expression that has been parsed. SQLite keeps it with the argument, for as
 * long as that is the same in all rows of a statement; names and values may
 * differ. */
typedef struct expression {
    dyn_bytes texts[ARGUMENTS]; /* as given; that of a NULL has no data */
    dyn_map names;
    dyn_map values;
    dyn_substitutes substitutes;
    union {
        dyn_condition condition;
        dyn_projection projection;
        dyn_update update;
    };
    dyn_call memory; /* of all above */
} expression;

static void free_expression(void *pointer)
{
    expression *in = pointer;
    dyn_call_end(&in->memory);
    sqlite3_free(in);
}

/* What is made of the text of an expression, and what is done with that. */
typedef struct expression_function {
    dyn_status (*parse)(expression *in, int argc);
    dyn_status (*apply)(dyn_call *call, sqlite3_context *context,
                        const expression *in, const dyn_map *item);
} expression_function;

/* #name -> text, or :value -> any; NULL or nothing gives none. */
static dyn_status read_map(expression *in, int argc, sqlite3_value **argv,
                           int at, dyn_map *out)
{
    if (argc <= at || sqlite3_value_type(argv[at]) == SQLITE_NULL)
        return DYN_OK;
    DYN_TRY(bridge_text(&in->memory, argv[at], &in->texts[at]));
    return dyn_item_from_text(&in->memory, in->texts[at], out);
}

static dyn_status read_expression(expression *in, int argc,
                                  sqlite3_value **argv,
                                  const expression_function *function)
{
    dyn_call *memory = &in->memory;
    if (sqlite3_value_type(argv[EXPRESSION]) != SQLITE_TEXT) {
        return dyn_fail(memory, DYN_INVALID,
                        "the second argument is an expression as text");
    }
    DYN_TRY(bridge_text(memory, argv[EXPRESSION], &in->texts[EXPRESSION]));
    DYN_TRY(read_map(in, argc, argv, NAMES, &in->names));
    DYN_TRY(read_map(in, argc, argv, VALUES, &in->values));
    DYN_TRY(dyn_substitutes_begin(
        memory, in->texts[NAMES].data == NULL ? NULL : &in->names,
        in->texts[VALUES].data == NULL ? NULL : &in->values, &in->substitutes));
    DYN_TRY(function->parse(in, argc));
    return dyn_substitutes_check_used(memory, &in->substitutes);
}

static dyn_status new_expression(dyn_call *call, int argc, sqlite3_value **argv,
                                 const expression_function *function,
                                 expression **out)
{
    expression *in = sqlite3_malloc64(sizeof(*in));
    if (in == NULL) return dyn_fail_nomem(call);
    memset(in, 0, offsetof(expression, memory));
    dyn_call_begin(&in->memory);
    dyn_status status = read_expression(in, argc, argv, function);
    if (status == DYN_OK) {
        *out = in;
        return DYN_OK;
    }
    call->error = in->memory.error;
    free_expression(in);
    return status;
}

static bool is_text(sqlite3_value *value, dyn_bytes text)
{
    dyn_bytes given = {NULL, 0};
    return bridge_borrow_text(value, &given) &&
           (given.data == NULL) == (text.data == NULL) &&
           dyn_bytes_equal(given, text);
}

/* Whether a kept expression was made of the same arguments. */
static bool is_same(const expression *in, int argc, sqlite3_value **argv)
{
    if (in == NULL || sqlite3_value_type(argv[EXPRESSION]) != SQLITE_TEXT)
        return false;
    for (int i = EXPRESSION; i < argc; i++) {
        if (!is_text(argv[i], in->texts[i])) return false;
    }
    return true;
}

static dyn_status call_expression(dyn_call *call, sqlite3_context *context,
                                  int argc, sqlite3_value **argv,
                                  const expression_function *function)
{
    dyn_map item = {NULL, 0};
    DYN_TRY(read_item(call, argv[0], &item));
    expression *kept = sqlite3_get_auxdata(context, EXPRESSION);
    if (is_same(kept, argc, argv))
        return function->apply(call, context, kept, &item);
    expression *in = NULL;
    DYN_TRY(new_expression(call, argc, argv, function, &in));
    dyn_status status = function->apply(call, context, in, &item);
    /* SQLite may free it at once */
    sqlite3_set_auxdata(context, EXPRESSION, in, free_expression);
    return status;
}

/* Two arguments: a condition as SQL people write it. */
static dyn_status parse_condition(expression *in, int argc)
{
    return dyn_condition_parse(
        &in->memory,
        argc == 2 ? DYN_EXPRESSION_SQL_CONDITION : DYN_EXPRESSION_CONDITION,
        in->texts[EXPRESSION], &in->substitutes, &in->condition);
}

/* A stored form of the item: expressions are matched with that. */
static dyn_status open_view(dyn_call *call, const dyn_map *item, dyn_view *out)
{
    dyn_bytes stored = {NULL, 0};
    DYN_TRY(
        dyn_item_encode(call, NULL, item, dyn_map_size_bytes(item), &stored));
    return dyn_view_open(call, stored, out);
}

static dyn_status apply_condition(dyn_call *call, sqlite3_context *context,
                                  const expression *in, const dyn_map *item)
{
    dyn_view view;
    bool result = false;
    DYN_TRY(open_view(call, item, &view));
    DYN_TRY(dyn_condition_matches(call, &in->condition, &view, &result));
    sqlite3_result_int(context, result);
    return DYN_OK;
}

static dyn_status matches(dyn_call *call, sqlite3_context *context, int argc,
                          sqlite3_value **argv)
{
    static const expression_function function = {parse_condition,
                                                 apply_condition};
    return call_expression(call, context, argc, argv, &function);
}

static dyn_status parse_projection(expression *in, int argc)
{
    (void)argc;
    return dyn_projection_parse(&in->memory, in->texts[EXPRESSION],
                                &in->substitutes, &in->projection);
}

static dyn_status apply_projection(dyn_call *call, sqlite3_context *context,
                                   const expression *in, const dyn_map *item)
{
    dyn_map result = {NULL, 0};
    DYN_TRY(dyn_projection_apply_map(call, &in->projection, item, &result));
    return result_item(call, context, &result, DYN_JSON_PLAIN);
}

static dyn_status project(dyn_call *call, sqlite3_context *context, int argc,
                          sqlite3_value **argv)
{
    static const expression_function function = {parse_projection,
                                                 apply_projection};
    return call_expression(call, context, argc, argv, &function);
}

static dyn_status parse_update(expression *in, int argc)
{
    (void)argc;
    return dyn_update_parse(&in->memory, in->texts[EXPRESSION],
                            &in->substitutes, &in->update);
}

static dyn_status apply_update(dyn_call *call, sqlite3_context *context,
                               const expression *in, const dyn_map *item)
{
    dyn_map result = {NULL, 0};
    size_t size_bytes = 0;
    DYN_TRY(dyn_update_apply(call, &in->update, item, &result));
    DYN_TRY(dyn_item_check(call, &result, &size_bytes));
    return result_item(call, context, &result, DYN_JSON_PLAIN);
}

static dyn_status updated(dyn_call *call, sqlite3_context *context, int argc,
                          sqlite3_value **argv)
{
    static const expression_function function = {parse_update, apply_update};
    return call_expression(call, context, argc, argv, &function);
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
