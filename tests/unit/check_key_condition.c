/* Key conditions: what they ask of a key, and what is no key condition. */
#include "expr/key_condition.h"
#include "expressions.h"
#include "fault.h"

#include <stdio.h>

static const char values[] =
    "{\":s\":\"text\",\":t\":\"z\",\":n\":5,\":m\":7,\":b\":{\"B\":\"AQ==\"},"
    "\":l\":[1]}";

static const dyn_key_attribute attributes[] = {
    {{(const unsigned char *)"p", 1}, DYN_TYPE_S},
    {{(const unsigned char *)"q", 1}, DYN_TYPE_N},
    {{(const unsigned char *)"r", 1}, DYN_TYPE_S},
    {{(const unsigned char *)"k", 1}, DYN_TYPE_S},
    {{(const unsigned char *)"n", 1}, DYN_TYPE_N},
};

static const dyn_key_attributes text_key = {attributes, 1, attributes + 3, 1};
static const dyn_key_attributes number_key = {attributes, 1, attributes + 4, 1};
static const dyn_key_attributes bare_key = {attributes, 1, NULL, 0};
static const dyn_key_attributes wide_key = {attributes, 2, attributes + 2, 3};

static dyn_condition parsed(dyn_expression_kind kind, const char *text)
{
    static dyn_substitutes substitutes;
    dyn_condition condition;
    substitutes = substitutes_of("{\"#p\":\"p\",\"#k\":\"k\"}", values);
    ck_assert_msg(dyn_condition_parse(&call, kind, dyn_bytes_text(text),
                                      &substitutes, &condition) == DYN_OK,
                  "%s: %s", text, call.error.message);
    return condition;
}

/* The terms as text: attribute, operator, value, upper bound. */
static void add_term(dyn_buffer *out, const dyn_key_term *term)
{
    static const char *const relations[] = {" = ",  " < ",  " <= ",    " > ",
                                            " >= ", " in ", " begins "};
    if (out->size_bytes > 0) dyn_buffer_add_text(out, "; ");
    dyn_buffer_add_bytes(out, term->name);
    dyn_buffer_add_text(out, relations[term->relation]);
    dyn_value_to_json(out, term->value, DYN_JSON_PLAIN);
    if (term->upper == NULL) return;
    dyn_buffer_add_text(out, " to ");
    dyn_value_to_json(out, term->upper, DYN_JSON_PLAIN);
}

static const char *text_of(const dyn_key_attributes *key,
                           const dyn_key_terms *terms)
{
    dyn_buffer buffer;
    dyn_bytes out;
    dyn_buffer_begin(&buffer, &call, 0);
    for (size_t i = 0; i < key->partition_count; i++)
        add_term(&buffer, &terms->partition[i]);
    for (size_t i = 0; i < terms->sort_count; i++)
        add_term(&buffer, &terms->sort[i]);
    ck_assert_int_eq(dyn_buffer_end(&buffer, &out), DYN_OK);
    return (const char *)out.data;
}

static const struct {
    const dyn_key_attributes *key;
    const char *text;
    const char *terms;
} asked[] = {
    {&bare_key, "p = :s", "p = \"text\""},
    {&text_key, "p = :s", "p = \"text\""},
    {&text_key, ":s = #p", "p = \"text\""},
    {&text_key, "(p = :s)", "p = \"text\""},
    {&text_key, "p = :s AND k = :t", "p = \"text\"; k = \"z\""},
    {&text_key, "#k = :t AND #p = :s", "p = \"text\"; k = \"z\""},
    {&text_key, "p = :s AND k < :t", "p = \"text\"; k < \"z\""},
    {&text_key, "p = :s AND k <= :t", "p = \"text\"; k <= \"z\""},
    {&text_key, "p = :s AND k > :t", "p = \"text\"; k > \"z\""},
    {&text_key, "p = :s AND k >= :t", "p = \"text\"; k >= \"z\""},
    {&text_key, ":t < k AND p = :s", "p = \"text\"; k > \"z\""},
    {&text_key, ":t <= k AND p = :s", "p = \"text\"; k >= \"z\""},
    {&text_key, ":t > k AND p = :s", "p = \"text\"; k < \"z\""},
    {&text_key, ":t >= k AND p = :s", "p = \"text\"; k <= \"z\""},
    {&text_key, "p = :s AND k BETWEEN :s AND :t",
     "p = \"text\"; k in \"text\" to \"z\""},
    {&text_key, "(p = :s) AND (begins_with(k, :t))",
     "p = \"text\"; k begins \"z\""},
    {&number_key, "p = :s AND n BETWEEN :n AND :m",
     "p = \"text\"; n in 5 to 7"},
    {&wide_key, "p = :s AND q = :n", "p = \"text\"; q = 5"},
    {&wide_key, "q = :n AND p = :s AND r > :t",
     "p = \"text\"; q = 5; r > \"z\""},
    {&wide_key, "q = :n AND (p = :s AND k = :t) AND r = :s AND n < :m",
     "p = \"text\"; q = 5; r = \"text\"; k = \"z\"; n < 7"},
};

/* What a condition asks of a key. */
static dyn_status terms_of(dyn_call *of, const dyn_condition *condition,
                           const dyn_key_attributes *key, dyn_key_terms *out)
{
    dyn_key_list list;
    DYN_TRY(dyn_key_condition_read(of, condition, &list));
    for (size_t i = 0; i < key->partition_count + key->sort_count; i++)
        DYN_TRY(dyn_key_terms_take(of, &list, key, i, out));
    return DYN_OK;
}

START_TEST(terms_are_those_of_the_key_in_its_order)
{
    dyn_condition condition =
        parsed(DYN_EXPRESSION_KEY_CONDITION, asked[_i].text);
    dyn_key_terms terms;
    ck_assert_msg(terms_of(&call, &condition, asked[_i].key, &terms) == DYN_OK,
                  "%s", call.error.message);
    ck_assert_str_eq(text_of(asked[_i].key, &terms), asked[_i].terms);
}
END_TEST

#define OPERATOR  "Invalid operator used in KeyConditionExpression: "
#define CONDITION "Invalid condition in KeyConditionExpression: "
#define MISSED    "Query condition missed key schema element: "
#define MISMATCH                                                               \
    "One or more parameter values were invalid: Condition parameter type "     \
    "does not match schema type"
#define UNSUPPORTED "Query key condition not supported"

static const struct {
    const dyn_key_attributes *key;
    const char *text;
    const char *message;
} refused[] = {
    {&text_key, "p = :s OR k = :t", OPERATOR "OR"},
    {&text_key, "NOT p = :s", OPERATOR "NOT"},
    {&text_key, "p = :s AND NOT k = :t", OPERATOR "NOT"},
    {&text_key, "p <> :s", OPERATOR "<>"},
    {&text_key, "p IN (:s)", OPERATOR "IN"},
    {&text_key, "attribute_exists(p)", OPERATOR "attribute_exists"},
    {&text_key, "p = :s AND contains(k, :t)", OPERATOR "contains"},
    {&text_key, "size(p) = :n",
     "KeyConditionExpressions cannot contain nested operations"},
    {&text_key, "p.x = :s",
     "KeyConditionExpressions cannot have conditions on nested attributes"},
    {&text_key, "p = k",
     CONDITION "Multiple attribute names used in one condition"},
    {&text_key, ":s = :t", CONDITION "No key attribute specified"},
    {&text_key, ":s BETWEEN p AND :t",
     CONDITION "BETWEEN operator must have the key attribute as its first "
               "operand"},
    {&text_key, "begins_with(:s, p)",
     CONDITION "begins_with operator must have the key attribute as its first "
               "operand"},
    {&text_key, "p = :s AND p = :s",
     "KeyConditionExpressions must only contain one condition per key"},
    {&text_key, "k = :t", MISSED "p"},
    {&text_key, "p = :s AND x = :t", MISSED "k"},
    {&text_key, "x = :s AND y = :t", MISSED "p"},
    {&text_key, "p = :s AND k = :t AND x = :s",
     "Conditions can be of length 1 or 2 only"},
    {&bare_key, "p = :s AND k = :t", UNSUPPORTED},
    {&text_key, "p < :s", UNSUPPORTED},
    {&text_key, "begins_with(p, :s)", UNSUPPORTED},
    {&text_key, "p BETWEEN :s AND :t", UNSUPPORTED},
    {&text_key, "p = :n", MISMATCH},
    {&text_key, "p = :l", MISMATCH},
    {&text_key, "p = :s AND k = :b", MISMATCH},
    {&number_key, "p = :s AND begins_with(n, :s)", MISMATCH},
    {&wide_key, "p = :s AND r = :s", MISSED "q"},
    {&wide_key, "p = :s AND q = :n AND k = :t", MISSED "r"},
    {&wide_key, "p = :s AND q > :n", UNSUPPORTED},
    {&wide_key, "p = :s AND q = :n AND r > :s AND k = :t", UNSUPPORTED},
    {&wide_key, "p = :s AND q = :n AND r = :s AND k = :t AND n = :n AND x = :s",
     UNSUPPORTED},
};

START_TEST(other_conditions_are_refused_as_dynamodb_does)
{
    dyn_condition condition =
        parsed(DYN_EXPRESSION_KEY_CONDITION, refused[_i].text);
    dyn_key_terms terms;
    ck_assert_int_eq(terms_of(&call, &condition, refused[_i].key, &terms),
                     DYN_INVALID);
    ck_assert_str_eq(call.error.message, refused[_i].message);
}
END_TEST

START_TEST(a_filter_does_not_name_the_key)
{
    dyn_condition filter = parsed(DYN_EXPRESSION_FILTER, "x = :s OR y = :s");
    ck_assert_int_eq(dyn_filter_check(&call, &filter, &text_key, "QueryFilter"),
                     DYN_OK);
    filter = parsed(DYN_EXPRESSION_FILTER, "x = :s OR size(#k) = :n");
    ck_assert_int_eq(dyn_filter_check(&call, &filter, &text_key, "QueryFilter"),
                     DYN_INVALID);
    ck_assert_str_eq(call.error.message,
                     "QueryFilter can only contain non-primary key "
                     "attributes: Primary key attribute: k");
}
END_TEST

START_TEST(nothing_is_below_a_key_attribute)
{
    dyn_condition filter = parsed(DYN_EXPRESSION_FILTER, "p = :s OR x.y = :s");
    ck_assert_int_eq(dyn_paths_check_key(&call, filter.paths, &text_key, "Key"),
                     DYN_OK);
    filter = parsed(DYN_EXPRESSION_FILTER, "p = :s OR k[0] = :s");
    ck_assert_int_eq(dyn_paths_check_key(&call, filter.paths, &text_key, "Key"),
                     DYN_INVALID);
    ck_assert_str_eq(call.error.message,
                     "Key attributes must be scalars; list random access '[]' "
                     "and map lookup '.' are not allowed: Key: k");
    ck_assert_int_eq(
        dyn_paths_check_key(&call, filter.paths, &text_key, "IndexKey"),
        DYN_INVALID);
    ck_assert_str_eq(call.error.message,
                     "Key attributes must be scalars; list random access '[]' "
                     "and map lookup '.' are not allowed: IndexKey: k");
}
END_TEST

START_TEST(extracting_survives_running_out_of_memory)
{
    dyn_condition condition =
        parsed(DYN_EXPRESSION_KEY_CONDITION, "p = :s AND k = :t");
    dyn_key_terms terms;
    dyn_call used;
    dyn_call_begin(&used);
    used.free_bytes = 0;
    fault_set(0);
    ck_assert_int_eq(terms_of(&used, &condition, &text_key, &terms), DYN_NOMEM);
    fault_set_off();
    dyn_call_end(&used);
}
END_TEST

int main(void)
{
    fault_install();
    TCase *tests = tcase_create("key_condition");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, terms_are_those_of_the_key_in_its_order, 0,
                        COUNT_OF(asked));
    tcase_add_loop_test(tests, other_conditions_are_refused_as_dynamodb_does, 0,
                        COUNT_OF(refused));
    tcase_add_test(tests, a_filter_does_not_name_the_key);
    tcase_add_test(tests, nothing_is_below_a_key_attribute);
    tcase_add_test(tests, extracting_survives_running_out_of_memory);
    return unit_run("key_condition", tests);
}
