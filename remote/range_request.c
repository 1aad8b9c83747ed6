/* Ranges in requests; the contracts are in range_request.h. */
#include "range_request.h"

#include "item/json.h"
#include "item/key.h"
#include "substitution.h"

#include <stdio.h>

/* The key that a range is of. */
static const dyn_key_schema *schema_of(const dyn_definition *definition,
                                       const plan_range *range)
{
    int index = range->request.index;
    return index < 0 ? &definition->key : &definition->indexes[index].key;
}

/* The beginning of the stored key of an item in what a range is of: all that
 * the range is about. */
static dyn_status range_key(dyn_call *call, const dyn_definition *definition,
                            const dyn_key_schema *schema, const dyn_map *item,
                            bool *is_there, dyn_bytes *out)
{
    dyn_buffer key;
    dyn_key_begin(&key, call);
    *is_there = true;
    for (size_t i = 0; i < dyn_key_schema_count(schema) && *is_there; i++) {
        const dyn_column *column =
            &definition->columns[dyn_key_schema_column(schema, i)];
        const dyn_value *value = dyn_map_find(item, column->name);
        *is_there = value != NULL && value->type == column->type;
        if (!*is_there) break;
        if (i < schema->partition_count) {
            dyn_key_add_partition(&key, value);
        } else {
            dyn_key_add_sort(&key, value);
        }
        if (i + 1 == schema->partition_count) dyn_key_set_hash(&key);
    }
    return dyn_buffer_end(&key, out);
}

/* ---------------------------------------------------------------- ranges -- */

static bool is_text(const dyn_value *value)
{
    return value->type != DYN_TYPE_N;
}

/* Whether keys may have that value: the service takes no other one. */
static bool is_possible(const dyn_value *value, size_t bytes_max)
{
    return !is_text(value) || (value->bytes.size_bytes > 0 &&
                               value->bytes.size_bytes <= bytes_max);
}

bool range_may_have_items(const plan_range *range)
{
    const dyn_key_condition *condition = &range->condition;
    const dyn_value *upper = condition->upper.value;
    for (size_t i = 0; i < condition->partition_count; i++) {
        if (!is_possible(condition->partition[i], DYN_PARTITION_KEY_BYTES_MAX))
            return false;
    }
    for (size_t i = 0; i < condition->sort_count; i++) {
        if (!is_possible(condition->sort[i], DYN_SORT_KEY_BYTES_MAX))
            return false;
    }
    if (upper != NULL && is_text(upper) && upper->bytes.size_bytes == 0)
        return false;
    if (condition->prefix != NULL &&
        condition->prefix->size_bytes > DYN_SORT_KEY_BYTES_MAX)
        return false;
    return dyn_bytes_compare(range->request.low, range->request.high) < 0;
}

typedef struct key_writer {
    const dyn_definition *definition;
    const dyn_key_schema *schema;
    const dyn_key_condition *condition;
    remote_substitution *substitution;
    dyn_buffer *text;
} key_writer;

/* #n0 = :v0, behind AND where it is not the first. */
static void add_comparison(key_writer *w, size_t column, const char *operator,
                           const dyn_value * value)
{
    if (w->text->size_bytes > 0) dyn_buffer_add_text(w->text, " AND ");
    remote_add_name(w->substitution, w->text,
                    w->definition->columns[column].name);
    dyn_buffer_add_text(w->text, operator);
    remote_add_value(w->substitution, w->text, value);
}

static void add_prefix(key_writer *w, size_t column, dyn_bytes prefix)
{
    dyn_value value = {.type = w->definition->columns[column].type};
    value.bytes = prefix;
    dyn_buffer_add_text(w->text, " AND begins_with(");
    remote_add_name(w->substitution, w->text,
                    w->definition->columns[column].name);
    dyn_buffer_add_text(w->text, ", ");
    remote_add_value(w->substitution, w->text, &value);
    dyn_buffer_add_byte(w->text, ')');
}

/* A bound that the service takes. */
static const dyn_value *sent_bound(const dyn_bound *bound)
{
    if (bound->value == NULL ||
        !is_possible(bound->value, DYN_SORT_KEY_BYTES_MAX))
        return NULL;
    return bound->value;
}

/* The service takes one condition on a sort key, so this may be of more items
 * than the range has; those are left out when they come (range_is_within()). */
static void add_range(key_writer *w)
{
    const dyn_key_condition *condition = w->condition;
    const dyn_value *lower = sent_bound(&condition->lower);
    const dyn_value *upper = sent_bound(&condition->upper);
    if (condition->prefix == NULL && lower == NULL && upper == NULL) return;
    size_t column = w->schema->sort[condition->sort_count];
    if (condition->prefix != NULL) {
        add_prefix(w, column, *condition->prefix);
    } else if (lower != NULL && upper != NULL) {
        add_comparison(w, column, " BETWEEN ", lower);
        dyn_buffer_add_text(w->text, " AND ");
        remote_add_value(w->substitution, w->text, upper);
    } else if (lower != NULL) {
        add_comparison(w, column,
                       condition->lower.is_inclusive ? " >= " : " > ", lower);
    } else {
        add_comparison(w, column,
                       condition->upper.is_inclusive ? " <= " : " < ", upper);
    }
}

static dyn_status add_key_condition(dyn_call *call,
                                    const dyn_definition *definition,
                                    const dyn_key_schema *schema,
                                    const dyn_key_condition *condition,
                                    dyn_buffer *request)
{
    remote_substitution substitution;
    dyn_buffer text;
    dyn_bytes expression = {NULL, 0};
    key_writer w = {definition, schema, condition, &substitution, &text};
    remote_substitution_begin(&substitution, call);
    dyn_buffer_begin(&text, call, 128);
    for (size_t i = 0; i < condition->partition_count; i++)
        add_comparison(&w, schema->partition[i], " = ",
                       condition->partition[i]);
    for (size_t i = 0; i < condition->sort_count; i++)
        add_comparison(&w, schema->sort[i], " = ", condition->sort[i]);
    add_range(&w);
    DYN_TRY(dyn_buffer_end(&text, &expression));
    remote_add_expression(request, "KeyConditionExpression", expression);
    return remote_substitution_end(&substitution, request);
}

static void add_number(dyn_buffer *request, const char *name, uint64_t number)
{
    char text[64];
    snprintf(text, sizeof(text), ",\"%s\":%llu", name,
             (unsigned long long)number);
    dyn_buffer_add_text(request, text);
}

dyn_status range_add_members(dyn_call *call, const dyn_definition *definition,
                             const plan_range *range, dyn_buffer *request)
{
    const dyn_query_request *query = &range->request;
    if (query->index >= 0) {
        dyn_buffer_add_text(request, ",\"IndexName\":");
        dyn_json_write_string(request, definition->indexes[query->index].name);
        if (query->is_fetching)
            dyn_buffer_add_text(request, ",\"Select\":\"ALL_ATTRIBUTES\"");
    }
    if (!query->is_scan) {
        if (query->down)
            dyn_buffer_add_text(request, ",\"ScanIndexForward\":false");
        return add_key_condition(call, definition, schema_of(definition, range),
                                 &range->condition, request);
    }
    if (range->words.has_segment) {
        add_number(request, "Segment", range->words.segment);
        add_number(request, "TotalSegments", range->words.segment_count);
    }
    return DYN_OK;
}

dyn_status range_is_within(dyn_call *call, const dyn_definition *definition,
                           const plan_range *range, const dyn_map *item,
                           bool *is_item, bool *out)
{
    dyn_bytes key = {NULL, 0};
    DYN_TRY(range_key(call, definition, schema_of(definition, range), item,
                      is_item, &key));
    *out = *is_item && dyn_bytes_compare(key, range->request.low) >= 0 &&
           dyn_bytes_compare(key, range->request.high) < 0;
    return DYN_OK;
}
