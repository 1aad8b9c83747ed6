/* Conditions: which items meet them, in DynamoDB's form and in SQL's. */
#include "expr/condition.h"
#include "expressions.h"

#include <stdio.h>

static const char stored_item[] =
    "{\"n\":5,\"big\":12345678901234567890123456789012345678,\"s\":\"hello\","
    "\"u\":\"\xc3\xa9t\xc3\xa9\",\"blank\":\"\",\"b\":{\"B\":\"AQID\"},"
    "\"yes\":true,\"off\":false,\"nil\":null,"
    "\"l\":[1,\"two\",{\"k\":[10,20]},[]],\"m\":{\"x\":1,\"y\":{\"z\":\"q\"}},"
    "\"ss\":{\"SS\":[\"a\",\"b\"]},\"ns\":{\"NS\":[\"1\",\"2.50\"]},"
    "\"bs\":{\"BS\":[\"AQ==\"]}}";

static const char values[] =
    "{\":5\":5,\":4\":4,\":6\":6,\":0\":0,\":1\":1,\":2\":2,\":3\":3,"
    "\":five\":\"5\",\":he\":\"he\",\":hello\":\"hello\",\":ll\":\"ll\","
    "\":z\":\"z\",\":e\":\"\",\":a\":\"a\",\":t\":true,\":nil\":null,"
    "\":b1\":{\"B\":\"AQ==\"},\":b12\":{\"B\":\"AQI=\"},"
    "\":b23\":{\"B\":\"AgM=\"},\":l\":[1,\"two\",{\"k\":[10,20]},[]],"
    "\":m\":{\"y\":{\"z\":\"q\"},\"x\":1.0},\":k\":{\"k\":[10,20]},"
    "\":ss\":{\"SS\":[\"b\",\"a\"]},\":25\":2.5,\":S\":\"S\",\":N\":\"N\","
    "\":NULL\":\"NULL\",\":BS\":\"BS\",\":M\":\"M\"}";

static const struct {
    const char *text;
    bool expected;
} conditions[] = {
    {"n = :5", true},
    {"n = :4", false},
    {"n = :five", false},
    {"n <> :five", true},
    {"n <> :5", false},
    {"n < :6 AND n > :4 AND n <= :5 AND n >= :5", true},
    {"n < :5 OR n > :5", false},
    {"n < :z OR n > :z OR n <= :z OR n >= :z", false},
    {":4 < n", true},
    {"s = :hello AND s > :he AND s < :z", true},
    {"b > :b12 AND b < :b23", true},
    {"yes = :t", true},
    {"off = :t", false},
    {"nil = :nil", true},
    {"l = :l", true},
    {"m = :m", true},
    {"ss = :ss", true},
    {"l[0] = :1 AND l[2].k[1] > :6 AND m.y.z < :z", true},
    /* What is not there. */
    {"x = :5", false},
    {"x <> :5", true},
    {"NOT x = :5", true},
    {"x < :5 OR x <= :5 OR x > :5 OR x >= :5", false},
    {"x = y", false},
    {"x <> y", true},
    {"x BETWEEN :4 AND :6", false},
    {"n BETWEEN x AND :6", false},
    {"x IN (:5, y)", false},
    {"l[4] = :1 OR l[0].k = :1 OR m[0] = :1 OR n.x = :1", false},
    {"ss[0] = :a", false},
    {"begins_with(x, :he) OR contains(x, :he) OR attribute_type(x, :S)", false},
    {"size(x) = :0", false},
    {"size(x) <> :0", true},
    {"attribute_not_exists(x)", true},
    {"attribute_not_exists(n)", false},
    {"attribute_exists(nil)", true},
    {"attribute_exists(l[3])", true},
    {"attribute_exists(l[4])", false},
    {"attribute_exists(m.y.z)", true},
    {"attribute_exists(m.y.z.q)", false},
    /* BETWEEN, IN. */
    {"n BETWEEN :4 AND :6", true},
    {"n BETWEEN :5 AND :5", true},
    {"n BETWEEN :6 AND m.x", false},
    {"s BETWEEN :he AND :z", true},
    {":5 BETWEEN n AND n", true},
    {"n IN (:five, :4, :5)", true},
    {"n IN (:five, :4)", false},
    {"l[2] IN (:m, :k)", true},
    /* Functions. */
    {"begins_with(s, :he)", true},
    {"begins_with(s, :hello)", true},
    {"begins_with(s, :e)", true},
    {"begins_with(s, :ll)", false},
    {"begins_with(b, :b12)", true},
    {"begins_with(b, :b23)", false},
    {"begins_with(s, :b12)", false},
    {"begins_with(n, :five)", false},
    {"begins_with(:hello, m.y.z)", false},
    {"contains(s, :ll)", true},
    {"contains(s, :e)", true},
    {"contains(s, :z)", false},
    {"contains(s, :5)", false},
    {"contains(b, :b23)", true},
    {"contains(blank, :ll)", false},
    {"contains(ss, :a)", true},
    {"contains(ss, :z)", false},
    {"contains(ns, :25)", true},
    {"contains(ns, :five)", false},
    {"contains(bs, :b1)", true},
    {"contains(l, :k)", true},
    {"contains(l, :1)", true},
    {"contains(l, :2)", false},
    {"contains(m, :1)", false},
    {"contains(n, :5)", false},
    {"contains(:hello, s)", true},
    {"attribute_type(s, :S)", true},
    {"attribute_type(s, :N)", false},
    {"attribute_type(nil, :NULL)", true},
    {"attribute_type(bs, :BS)", true},
    {"attribute_type(m.y, :M)", true},
    {"size(s) = :5", true},
    {"size(u) = :3", true}, /* characters; its bytes are 5 */
    {"size(blank) = :0", true},
    {"size(b) = :3", true},
    {"size(l) = :4", true},
    {"size(m) = :2 AND size(ss) = :2 AND size(bs) = :1", true},
    {"size(l[2].k) = :2", true},
    {"size(n) >= :0", false},
    {"size(yes) >= :0 OR size(nil) >= :0", false},
    {"size(s) > size(ss)", true},
    {"size(s) = n", true},
    {"size(:hello) = n", true},
    /* AND, OR, NOT. */
    {"n = :5 OR n = :4 AND n = :4", true},
    {"(n = :5 OR n = :4) AND n = :4", false},
    {"NOT n = :4 AND n = :5", true},
    {"NOT (n = :4 OR n = :5)", false},
    {"NOT NOT n = :5", true},
    {"NOT contains(s, :z) AND NOT attribute_exists(x)", true},
};

static dyn_condition parsed(dyn_expression_kind kind, const char *text,
                            dyn_substitutes *substitutes)
{
    dyn_condition condition;
    ck_assert_msg(dyn_condition_parse(&call, kind, dyn_bytes_text(text),
                                      substitutes, &condition) == DYN_OK,
                  "%s: %s", text, call.error.message);
    return condition;
}

static void assert_matches(const dyn_condition *condition, const dyn_view *item,
                           const char *text, bool expected)
{
    bool out = !expected;
    ck_assert_int_eq(dyn_condition_matches(&call, condition, item, &out),
                     DYN_OK);
    ck_assert_msg(out == expected, "%s", text);
}

START_TEST(an_item_meets_a_condition_or_not)
{
    dyn_substitutes substitutes = substitutes_of(NULL, values);
    const char *text = conditions[_i].text;
    dyn_condition condition =
        parsed(DYN_EXPRESSION_CONDITION, text, &substitutes);
    dyn_view view = view_of(stored_item);
    assert_matches(&condition, &view, text, conditions[_i].expected);
}
END_TEST

START_TEST(names_stand_for_attributes_with_any_characters)
{
    dyn_view view = view_of("{\"a.b\":{\"[0]\":[7]}}");
    dyn_substitutes substitutes =
        substitutes_of("{\"#x\":\"a.b\",\"#0\":\"[0]\"}", "{\":v\":7}");
    dyn_condition condition =
        parsed(DYN_EXPRESSION_FILTER, "#x.#0[0] = :v", &substitutes);
    assert_matches(&condition, &view, "", true);
}
END_TEST

static const struct {
    const char *text;
    bool expected;
} without_item[] = {
    {"attribute_not_exists(a)", true},
    {"attribute_exists(a)", false},
    {"a = :v", false},
    {"a <> :v", true},
    {"a.b[0] < :v", false},
    {":v = :w", false},
    {"size(a) = :v", false},
};

START_TEST(no_item_is_an_item_without_attributes)
{
    dyn_substitutes substitutes = substitutes_of(NULL, "{\":v\":7,\":w\":8}");
    const char *text = without_item[_i].text;
    dyn_condition condition =
        parsed(DYN_EXPRESSION_CONDITION, text, &substitutes);
    dyn_view empty = view_of("{}");
    assert_matches(&condition, NULL, text, without_item[_i].expected);
    assert_matches(&condition, &empty, text, without_item[_i].expected);
}
END_TEST

static const struct {
    const char *text;
    bool expected;
} in_sql[] = {
    {"n = 5", true},
    {"n == 5.0", true},
    {"n != 5", false},
    {"n=+5 AND n>-5", true},
    {"n > -.5e1 AND n < 5.5 AND n <= 50e-1", true},
    {"n>=5", true},
    {"big = 12345678901234567890123456789012345678", true},
    {"s = 'hello'", true},
    {"s <> 'it''s'", true},
    {"blank = ''", true},
    {"b = x'010203' AND b = X'010203'", true},
    {"b > x''", true},
    {"yes = TRUE AND off = false AND nil = NULL", true},
    {"\"s\" = 'hello'", true},
    {"m.\"y\".z = 'q'", true},
    {"l[1] = 'two'", true},
    {"n IN (1, 5) AND n BETWEEN 1 AND 9", true},
    {"begins_with(s, 'he') AND contains(l, 'two')", true},
    {"attribute_type(s, 'S')", true},
    {"size(s) = 5", true},
    {"name <> 1 AND Status <> 1 AND \"and\" <> 2", true},
    {"attribute_exists(\"a\"\"b\")", false},
};

START_TEST(a_condition_in_sql_has_literals_and_any_names)
{
    const char *text = in_sql[_i].text;
    dyn_condition condition = parsed(DYN_EXPRESSION_SQL_CONDITION, text, NULL);
    dyn_view view = view_of(stored_item);
    assert_matches(&condition, &view, text, in_sql[_i].expected);
}
END_TEST

#define INVALID "Invalid ConditionExpression: "

static const struct {
    const char *text;
    const char *message;
} refused_in_sql[] = {
    {"a = 'x", INVALID "Syntax error; token: \"'x\", near: \"= 'x\""},
    {"a = 'x''", INVALID "Syntax error; token: \"'x''\", near: \"= 'x''\""},
    {"a = x'0'", INVALID "A blob is written as x'' and pairs of hexadecimal "
                         "digits; blob: x'0'"},
    {"a = x'0g'", INVALID "A blob is written as x'' and pairs of hexadecimal "
                          "digits; blob: x'0g'"},
    {"a = 5x", INVALID "Syntax error; token: \"5x\", near: \"= 5x\""},
    {"a = 5 6", INVALID "Syntax error; token: \"6\", near: \"5 6\""},
    {"a = 1e999", INVALID "Number overflow. Attempting to store a number with "
                          "magnitude larger than supported range"},
    {"a = :v", INVALID "An expression attribute value used in expression is "
                       "not defined; attribute value: :v"},
    {"#a = 5", INVALID "An expression attribute name used in the document path "
                       "is not defined; attribute name: #a"},
    {"\"\" = 5", INVALID "An attribute name must not be empty"},
    {"a[1.5] = 5", INVALID "Syntax error; token: \"1.5\", near: \"[1.5]\""},
    {"begins_with(a, 5)",
     INVALID "Incorrect operand type for operator or function; operator or "
             "function: begins_with, operand type: N"},
    {"a BETWEEN 'b' AND 'a'",
     INVALID "The BETWEEN operator requires upper bound to be greater than or "
             "equal to lower bound; lower bound operand: AttributeValue: "
             "{S:b}, upper bound operand: AttributeValue: {S:a}"},
};

START_TEST(a_condition_in_sql_is_refused_as_others_are)
{
    dyn_condition condition;
    const char *text = refused_in_sql[_i].text;
    dyn_status status =
        dyn_condition_parse(&call, DYN_EXPRESSION_SQL_CONDITION,
                            dyn_bytes_text(text), NULL, &condition);
    ck_assert_msg(status == DYN_INVALID, "%s", text);
    ck_assert_str_eq(call.error.message, refused_in_sql[_i].message);
}
END_TEST

START_TEST(the_paths_of_a_condition_are_known)
{
    dyn_condition condition =
        parsed(DYN_EXPRESSION_SQL_CONDITION,
               "a = 1 AND (size(b.c) > 2 OR d IN (e, 5))", NULL);
    ck_assert_uint_eq(condition.paths.count, 4);
    ck_assert(dyn_paths_mention(condition.paths, dyn_bytes_text("e"), false));
    ck_assert(dyn_paths_mention(condition.paths, dyn_bytes_text("b"), true));
    ck_assert(!dyn_paths_mention(condition.paths, dyn_bytes_text("a"), true));
    ck_assert(!dyn_paths_mention(condition.paths, dyn_bytes_text("c"), false));
}
END_TEST

START_TEST(damaged_bytes_are_told)
{
    bool out;
    dyn_condition condition =
        parsed(DYN_EXPRESSION_SQL_CONDITION, "a = 1 OR b = 2", NULL);
    dyn_view view = view_of("{\"a\":2,\"b\":3}");
    view.attributes.size_bytes--;
    ck_assert_int_eq(dyn_condition_matches(&call, &condition, &view, &out),
                     DYN_CORRUPT);
}
END_TEST

static dyn_condition hungry;
static dyn_view hungry_view;

static dyn_status match_hungrily(dyn_call *used)
{
    bool out = false;
    DYN_TRY(dyn_condition_matches(used, &hungry, &hungry_view, &out));
    ck_assert(out);
    return DYN_OK;
}

START_TEST(matching_survives_running_out_of_memory)
{
    hungry = parsed(
        DYN_EXPRESSION_SQL_CONDITION,
        "NOT (size(l) = 1 OR contains(l, 1.5) OR m = ns) AND x <> ss AND NOT l "
        "BETWEEN m AND ns AND NOT l IN (m, ns)",
        NULL);
    hungry_view = view_of(stored_item);
    run_starved(match_hungrily, DYN_OK);
}
END_TEST

static dyn_status parse_hungrily(dyn_call *used)
{
    dyn_condition condition;
    return dyn_condition_parse(
        used, DYN_EXPRESSION_SQL_CONDITION,
        dyn_bytes_text("\"a\"\"b\" = 'it''s' OR c = x'00ff' AND d <> 1.50"),
        NULL, &condition);
}

START_TEST(reading_sql_survives_running_out_of_memory)
{
    run_starved(parse_hungrily, DYN_OK);
}
END_TEST

int main(void)
{
    fault_install();
    TCase *tests = tcase_create("condition");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, an_item_meets_a_condition_or_not, 0,
                        COUNT_OF(conditions));
    tcase_add_test(tests, names_stand_for_attributes_with_any_characters);
    tcase_add_loop_test(tests, no_item_is_an_item_without_attributes, 0,
                        COUNT_OF(without_item));
    tcase_add_loop_test(tests, a_condition_in_sql_has_literals_and_any_names, 0,
                        COUNT_OF(in_sql));
    tcase_add_loop_test(tests, a_condition_in_sql_is_refused_as_others_are, 0,
                        COUNT_OF(refused_in_sql));
    tcase_add_test(tests, the_paths_of_a_condition_are_known);
    tcase_add_test(tests, damaged_bytes_are_told);
    tcase_add_test(tests, matching_survives_running_out_of_memory);
    tcase_add_test(tests, reading_sql_survives_running_out_of_memory);
    return unit_run("condition", tests);
}
