/* Query. */
#include "api/key.h"
#include "api/legacy.h"
#include "api/operation.h"
#include "api/page.h"
#include "api/request.h"

static const dyn_shape_member members[] = {
    {"TableName", &dyn_shape_table, true},
    {"IndexName", &dyn_shape_name, false},
    {"Select", &dyn_shape_select, false},
    {"AttributesToGet", &dyn_shape_to_get, false},
    {"Limit", &dyn_shape_positive, false},
    {"ConsistentRead", &dyn_shape_boolean, false},
    {"KeyConditions", &dyn_shape_filters, false},
    {"QueryFilter", &dyn_shape_filters, false},
    {"ConditionalOperator", &dyn_shape_conditional_operator, false},
    {"ScanIndexForward", &dyn_shape_boolean, false},
    {"ExclusiveStartKey", &dyn_shape_item, false},
    {"ReturnConsumedCapacity", &dyn_shape_return_capacity, false},
    {"ProjectionExpression", &dyn_shape_string, false},
    {"FilterExpression", &dyn_shape_string, false},
    {"KeyConditionExpression", &dyn_shape_string, false},
    {"ExpressionAttributeNames", &dyn_shape_names, false},
    {"ExpressionAttributeValues", &dyn_shape_item, false},
    {NULL, NULL, false},
};
static const dyn_shape input = {.kind = DYN_SHAPE_STRUCTURE,
                                .class_name = "QueryInput",
                                .members = members};

/* --------------------------------------------------------------- request -- */

static dyn_status check_key_condition(dyn_call *call, const dyn_json *request)
{
    if (dyn_request_member(request, "KeyConditions") != NULL ||
        dyn_request_member(request, "KeyConditionExpression") != NULL) {
        return DYN_OK;
    }
    return dyn_fail(call, DYN_INVALID,
                    "Either the KeyConditions or KeyConditionExpression "
                    "parameter must be specified in the request.");
}

/* All expressions are read before it is asked what the key condition means. */
static dyn_status read_expressions(dyn_call *call, dyn_page *page,
                                   dyn_key_list *asked)
{
    bool is_there = false;
    dyn_condition condition;
    DYN_TRY(dyn_expressions_begin(call, page->request, &page->expressions));
    DYN_TRY(dyn_expressions_condition(call, &page->expressions, page->request,
                                      DYN_EXPRESSION_KEY_CONDITION, &is_there,
                                      &condition));
    DYN_TRY(dyn_page_read_expressions(call, page));
    return is_there ? dyn_key_condition_read(call, &condition, asked)
                    : dyn_legacy_key_conditions(call, page->request, asked);
}

static dyn_status read_request(dyn_call *call, dyn_page *page,
                               dyn_key_list *asked)
{
    static const char *const expressions[] = {"ProjectionExpression",
                                              "FilterExpression",
                                              "KeyConditionExpression", NULL};
    static const char *const older[] = {"AttributesToGet", "QueryFilter",
                                        "ConditionalOperator", "KeyConditions",
                                        NULL};
    const dyn_json *request = page->request;
    DYN_TRY(dyn_expressions_check_mixed(call, request, expressions, older));
    DYN_TRY(dyn_page_read_older_filter(call, page, "QueryFilter"));
    DYN_TRY(dyn_page_read_select(call, page));
    DYN_TRY(dyn_page_read_start(call, page));
    DYN_TRY(check_key_condition(call, request));
    return read_expressions(call, page, asked);
}

/* ----------------------------------------------------------------- range -- */

/* What the request says of the attributes of the key, one after the other:
 * where to start, and what is asked. */
static dyn_status take_terms(dyn_call *call, const dyn_page *page,
                             const dyn_key_list *asked,
                             const dyn_key_attributes *key,
                             dyn_key_terms *terms)
{
    DYN_TRY(dyn_page_check_start_count(call, page));
    for (size_t i = 0; i < key->partition_count + key->sort_count; i++) {
        bool is_partition = i < key->partition_count;
        const dyn_key_attribute *attribute =
            is_partition ? &key->partition[i]
                         : &key->sort[i - key->partition_count];
        DYN_TRY(
            dyn_page_check_start_value(call, page, attribute, is_partition));
        DYN_TRY(dyn_key_terms_take(call, asked, key, i, terms));
    }
    return DYN_OK;
}

static bool term_holds(const dyn_key_term *term, const dyn_value *value)
{
    int order = dyn_value_compare(value, term->value);
    switch (term->relation) {
    case DYN_KEY_EQUAL:
        return order == 0;
    case DYN_KEY_LESS:
        return order < 0;
    case DYN_KEY_LESS_EQUAL:
        return order <= 0;
    case DYN_KEY_GREATER:
        return order > 0;
    case DYN_KEY_GREATER_EQUAL:
        return order >= 0;
    case DYN_KEY_BETWEEN:
        return order >= 0 && dyn_value_compare(value, term->upper) <= 0;
    case DYN_KEY_BEGINS_WITH:
    case DYN_KEY_OTHER:
        break;
    }
    return dyn_bytes_begin_with(value->bytes, term->value->bytes);
}

/* What is said of a start key that is not where the query reads. Its form is
 * checked before that is said. */
static const char *outside_text(const dyn_page *page,
                                const dyn_key_terms *terms)
{
    if (terms->sort_count == 0) {
        return "The provided starting key is outside query boundaries based "
               "on provided conditions";
    }
    for (size_t i = 0; i < terms->sort_count; i++) {
        const dyn_key_term *term = &terms->sort[i];
        const dyn_value *value = dyn_map_find(&page->start, term->name);
        if (value == NULL || value->type != term->value->type ||
            !term_holds(term, value)) {
            return "The provided starting key does not match the range key "
                   "predicate";
        }
    }
    return "The query can return at most one row and cannot be restarted";
}

static dyn_status check_filter(dyn_call *call, const dyn_page *page,
                               const dyn_key_attributes *key)
{
    if (!page->has_filter) return DYN_OK;
    return dyn_filter_check(call, &page->filter, key,
                            page->is_legacy_filter ? "QueryFilter"
                                                   : "Filter Expression");
}

/* What is returned, and what is filtered by. */
static dyn_status check_attributes(dyn_call *call, dyn_page *page,
                                   const dyn_key_attributes *key)
{
    DYN_TRY(dyn_key_check_paths(call, page->table, page->projection.paths));
    DYN_TRY(check_filter(call, page, key));
    DYN_TRY(dyn_page_check_select(call, page));
    DYN_TRY(dyn_key_check_paths(call, page->table, page->filter.paths));
    return dyn_page_check_projected(call, page);
}

static dyn_status query(dyn_call *call, const dyn_host *host,
                        const dyn_json *request, dyn_buffer *response)
{
    dyn_key_names key;
    dyn_key_list asked;
    dyn_key_terms terms = {.sort_count = 0};
    dyn_page page = {
        .request = request,
        .table_name = dyn_request_text(request, "TableName"),
        .index_name = dyn_request_text(request, "IndexName"),
        .down = !dyn_request_flag(request, "ScanIndexForward", true),
    };
    DYN_TRY(read_request(call, &page, &asked));
    DYN_TRY(dyn_page_open(call, host, &page));
    dyn_key_names_of(page.table, page.index, &key);
    DYN_TRY(take_terms(call, &page, &asked, &key.all, &terms));
    DYN_TRY(dyn_key_range_of(call, page.table, page.index, &key.all, &terms,
                             &page.range));
    DYN_TRY(dyn_page_start(call, &page, outside_text(&page, &terms)));
    DYN_TRY(check_attributes(call, &page, &key.all));
    return dyn_page_run(call, &page, response);
}

const dyn_operation dyn_operation_query = {"Query", &input, query};
