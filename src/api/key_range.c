/* Ranges of keys; the contracts are in key_range.h. */
#include "api/key_range.h"

#include "ops/query.h"

/* A key cannot be empty, and the table's has its limits. */
static dyn_status check_key_value(dyn_call *call, const dyn_table *table,
                                  int index, const dyn_key_term *term,
                                  const dyn_value *value)
{
    const dyn_definition *definition = dyn_table_definition(table);
    if (index < 0) {
        int column = dyn_definition_column(definition, term->name);
        return dyn_table_check_key_value(call, table, (size_t)column, value);
    }
    if (value->type == DYN_TYPE_N || value->bytes.size_bytes > 0) return DYN_OK;
    return dyn_fail(
        call, DYN_INVALID,
        "One or more parameter values are not valid. A value specified for a "
        "secondary index key is not supported. The AttributeValue for a key "
        "attribute cannot contain an empty %s value. IndexName: %s, IndexKey: "
        "%.*s",
        value->type == DYN_TYPE_S ? "string" : "binary",
        (const char *)definition->indexes[index].name.data,
        (int)term->name.size_bytes, (const char *)term->name.data);
}

static dyn_status check_term(dyn_call *call, const dyn_table *table, int index,
                             const dyn_key_term *term)
{
    DYN_TRY(check_key_value(call, table, index, term, term->value));
    return term->upper == NULL
               ? DYN_OK
               : check_key_value(call, table, index, term, term->upper);
}

/* The last term about a sort key, which may be a range. */
static void set_sort_term(const dyn_key_term *term, dyn_key_condition *out)
{
    bool is_inclusive = term->relation == DYN_KEY_LESS_EQUAL ||
                        term->relation == DYN_KEY_GREATER_EQUAL ||
                        term->relation == DYN_KEY_BETWEEN;
    switch (term->relation) {
    case DYN_KEY_EQUAL:
        out->sort[out->sort_count++] = term->value;
        break;
    case DYN_KEY_LESS:
    case DYN_KEY_LESS_EQUAL:
        out->upper = (dyn_bound){term->value, is_inclusive};
        break;
    case DYN_KEY_GREATER:
    case DYN_KEY_GREATER_EQUAL:
        out->lower = (dyn_bound){term->value, is_inclusive};
        break;
    case DYN_KEY_BETWEEN:
        out->lower = (dyn_bound){term->value, is_inclusive};
        out->upper = (dyn_bound){term->upper, is_inclusive};
        break;
    case DYN_KEY_BEGINS_WITH:
        out->prefix = &term->value->bytes;
        break;
    case DYN_KEY_OTHER:
        break;
    }
}

dyn_status dyn_key_range_of(dyn_call *call, const dyn_table *table, int index,
                            const dyn_key_attributes *key,
                            const dyn_key_terms *terms, dyn_key_range *out)
{
    dyn_key_condition range = {.partition_count = key->partition_count};
    for (size_t i = 0; i < key->partition_count; i++) {
        DYN_TRY(check_term(call, table, index, &terms->partition[i]));
        range.partition[i] = terms->partition[i].value;
    }
    for (size_t i = 0; i < terms->sort_count; i++) {
        DYN_TRY(check_term(call, table, index, &terms->sort[i]));
        set_sort_term(&terms->sort[i], &range);
    }
    return dyn_query_range(call, &range, &out->low, &out->high);
}

dyn_status dyn_key_range_go_on(dyn_call *call, dyn_bytes key, bool down,
                               bool *is_within, dyn_key_range *range)
{
    *is_within = dyn_bytes_compare(key, range->low) >= 0 &&
                 dyn_bytes_compare(key, range->high) < 0;
    if (!*is_within) return DYN_OK;
    if (down) {
        range->high = key;
        return DYN_OK;
    }
    dyn_buffer behind;
    dyn_buffer_begin(&behind, call, key.size_bytes + 1);
    dyn_buffer_add_bytes(&behind, key);
    dyn_buffer_add_byte(&behind, 0);
    return dyn_buffer_end(&behind, &range->low);
}
