/* Reading expressions: what is refused, and with which of DynamoDB's texts. */
#include "expr/condition.h"
#include "expr/reserved.h"
#include "expressions.h"

#include <stdio.h>

static const char names[] = "{\"#a\":\"a\",\"#b\":\"b\",\"#s\":\"status\"}";
static const char values[] =
    "{\":n\":5,\":m\":3,\":s\":\"text\",\":t\":\"NS\",\":bool\":true,"
    "\":null\":null,\":list\":[1],\":map\":{\"k\":1},\":ss\":{\"SS\":[\"x\"]},"
    "\":b\":{\"B\":\"AQI=\"},\":c\":{\"B\":\"AQE=\"}}";

static dyn_status parse(dyn_expression_kind kind, dyn_bytes text)
{
    dyn_substitutes substitutes = substitutes_of(names, values);
    dyn_condition condition;
    return dyn_condition_parse(&call, kind, text, &substitutes, &condition);
}

static void assert_refused(dyn_expression_kind kind, const char *text,
                           const char *message)
{
    dyn_status status = parse(kind, dyn_bytes_text(text));
    ck_assert_msg(status == DYN_INVALID, "accepted: %s", text);
    ck_assert_str_eq(call.error.message, message);
}

#define INVALID "Invalid ConditionExpression: "

static const char *const accepted[] = {
    "a = :n",
    "a=:n",
    "\ta\r\n= :n ",
    ":n = a",
    "a <> b AND c < :n or not d >= :n",
    "a.b[3].c[0][1] = :n",
    "#a.#b[0].x <= :n",
    "a BETWEEN :m AND :n AND b between :m and :n",
    "a IN (:n)",
    "a in (:n, b, :m)",
    "(a = :n)",
    "NOT (a = :n)",
    "NOT NOT a = :n",
    "(a = :n AND b = :n) OR (c = :n)",
    "(a) = (:n)",
    "attribute_exists(a)",
    "attribute_exists (a.b[1])",
    "(attribute_not_exists(a))",
    "attribute_type(a, :t)",
    "begins_with(a, :s)",
    "begins_with(a, b)",
    "begins_with(a, :b)",
    "contains(a, :list)",
    "contains(:list, a)",
    "size(a) > :n",
    "(size(a)) > :n",
    "size(a) BETWEEN size(b) AND :n",
    "size(a) IN (:n, size(b))",
    "(size(a) > :n AND size(b) > :n)",
    "contains(a, b) AND begins_with(a, b)",
    "#s = :s",
    "remove = :s",
    "a_1B = :s",
    "a = :bool OR a = :null OR a <> :map OR a IN (:ss)",
};

START_TEST(expressions_are_read)
{
    dyn_status status =
        parse(DYN_EXPRESSION_CONDITION, dyn_bytes_text(accepted[_i]));
    ck_assert_msg(status == DYN_OK, "%s: %s", accepted[_i], call.error.message);
}
END_TEST

static const struct {
    const char *text;
    const char *token;
    const char *near;
} syntax_errors[] = {
    {"a", "<EOF>", "a"},
    {"a =", "<EOF>", "="},
    {"a = ", "<EOF>", "="},
    {"= :n", "=", "= :n"},
    {"a = 3", "3", "= 3"},
    {"a = 3 AND b = :n", "3", "= 3 AND"},
    {"a = 3b", "3b", "= 3b"},
    {"a b c", "b", "a b c"},
    {"a  b  c", "b", "a  b  c"},
    {"a = _id", "_", "= _id"},
    {"a|", "|", "a|"},
    {"|", "|", "|"},
    {" | ", "|", "|"},
    {"a = :n AND", "<EOF>", "AND"},
    {"a = :n)", ")", ":n)"},
    {"(a = :n", "<EOF>", ":n"},
    {"a = :n b", "b", ":n b"},
    {"a == :n", "=", "== :n"},
    {"a != :n", "!", "a !="},
    {"a = 'x'", "'", "= 'x"},
    {"a = \"x\"", "\"", "= \"x"},
    {"a = : n", ":", "= : n"},
    {"# = :n", "#", "# ="},
    {"a. = :n", "=", ". = :n"},
    {"a[b] = :n", "b", "[b]"},
    {"a[-1] = :n", "-", "[-1"},
    {"a[1 = :n", "=", "1 = :n"},
    {"a + :n = b", "+", "a + :n"},
    {"a IN :n", ":n", "IN :n"},
    {"a IN ()", ")", "()"},
    {"a IN (:n", "<EOF>", ":n"},
    {"a BETWEEN :n", "<EOF>", ":n"},
    {"a BETWEEN :m OR :n", "OR", ":m OR :n"},
    {"size()", ")", "()"},
    {"size(a", "<EOF>", "a"},
    {"size(a,)", ")", ",)"},
    {"size(a = :n)", "=", "a = :n"},
    {"#a(b)", "(", "#a(b"},
    {"NOT", "<EOF>", "NOT"},
    {"a AND b = :n", "AND", "a AND b"},
    {"(a) AND b = :n", "AND", ") AND b"},
    {"(a = :n) = b", "=", ") = b"},
    {"a = :n = b", "=", ":n = b"},
    {"and = :n", "and", "and ="},
    {"a = (b = :n)", "=", "b = :n"},
    {"a = \xc3\xa4", "\xc3\xa4", "= \xc3\xa4"},
    {"a = \xff\xff", "\xff", "= \xff\xff"},
};

START_TEST(syntax_errors_name_the_token_and_its_neighbours)
{
    char *message =
        dyn_format(&call, INVALID "Syntax error; token: \"%s\", near: \"%s\"",
                   syntax_errors[_i].token, syntax_errors[_i].near);
    assert_refused(DYN_EXPRESSION_CONDITION, syntax_errors[_i].text, message);
}
END_TEST

#define COUNTED "Incorrect number of operands for operator or function; "
#define TYPED   "Incorrect operand type for operator or function; "
#define MISUSED                                                                \
    "The function is not allowed to be used this way in an expression; "
#define DISTINCT                                                               \
    "The first operand must be distinct from the remaining operands for this " \
    "operator or function; operator: "
#define RESERVED    "Attribute name is a reserved keyword; reserved keyword: "
#define PARENTHESES "The expression has redundant parentheses;"
#define ANY_TYPE    "{NS,SS,L,BS,N,M,B,BOOL,NULL,S}"

static const struct {
    const char *text;
    const char *message; /* behind the prefix */
} refused[] = {
    {"", "The expression can not be empty;"},
    {" \n", "The expression can not be empty;"},
    {"((a = :n))", PARENTHESES},
    {"NOT ((a = :n))", PARENTHESES},
    {"((a)) = :n", PARENTHESES},
    {"a = ((:n))", PARENTHESES},
    {"((attribute_exists(a)))", PARENTHESES},
    {"((size(a))) = :n", PARENTHESES},
    {"foo(a)", "Invalid function name; function: foo"},
    {"Size(a) = :n", "Invalid function name; function: Size"},
    {"foo(a, bar(b))", "Invalid function name; function: bar"},
    {"size(a)", MISUSED "function: size"},
    {"NOT size(a)", MISUSED "function: size"},
    {"a = :n AND size(a)", MISUSED "function: size"},
    {"(size(a))", MISUSED "function: size"},
    {"attribute_exists(a) = :bool", MISUSED "function: attribute_exists"},
    {"a = contains(a, b)", MISUSED "function: contains"},
    {"a IN (:n, begins_with(a, b))", MISUSED "function: begins_with"},
    {"contains(a, attribute_exists(b))", MISUSED "function: attribute_exists"},
    {"size(begins_with(a, :s))", MISUSED "function: begins_with"},
    {"if_not_exists(a, b) = :n",
     "The function is not allowed in a condition expression; function: "
     "if_not_exists"},
    {"list_append(a, b)",
     "The function is not allowed in a condition expression; function: "
     "list_append"},
    {"name = :n", RESERVED "name"},
    {"Status = :n", RESERVED "Status"},
    {"a.b[1].size = :n", RESERVED "size"},
    {"size(size) = :n", RESERVED "size"},
    {"#x = :n", "An expression attribute name used in the document path is "
                "not defined; attribute name: #x"},
    {"a.#x = :n", "An expression attribute name used in the document path is "
                  "not defined; attribute name: #x"},
    {"a = :x", "An expression attribute value used in expression is not "
               "defined; attribute value: :x"},
    {"size(a, b) = :n",
     COUNTED "operator or function: size, number of operands: 2"},
    {"attribute_exists(a, b)",
     COUNTED "operator or function: attribute_exists, number of operands: 2"},
    {"contains(a)",
     COUNTED "operator or function: contains, number of operands: 1"},
    {"begins_with(a, b, :n)",
     COUNTED "operator or function: begins_with, number of operands: 3"},
    {"a = a", DISTINCT "=, first operand: [a]"},
    {"#a <> a", DISTINCT "<>, first operand: [a]"},
    {"a.b[3] >= a.b[3]", DISTINCT ">=, first operand: [a, b, [3]]"},
    {"contains(a, a)", DISTINCT "contains, first operand: [a]"},
    {"begins_with(a, #a)", DISTINCT "begins_with, first operand: [a]"},
    {"a IN (:n, a)", DISTINCT "IN, first operand: [a]"},
    {"a BETWEEN :n AND a", DISTINCT "BETWEEN, first operand: [a]"},
    {"attribute_exists(:n)", "Operator or function requires a document path; "
                             "operator or function: attribute_exists"},
    {"attribute_not_exists(size(a))", "Operator or function requires a "
                                      "document path; operator or function: "
                                      "attribute_not_exists"},
    {"begins_with(a, :n)",
     TYPED "operator or function: begins_with, operand type: N"},
    {"begins_with(:list, :s)",
     TYPED "operator or function: begins_with, operand type: L"},
    {"begins_with(size(a), :s)",
     TYPED "operator or function: begins_with, operand type: N"},
    {"size(:n) = :n", TYPED "operator or function: size, operand type: N"},
    {"size(:null) = :n",
     TYPED "operator or function: size, operand type: NULL"},
    {"size(size(a)) = :n", TYPED "operator or function: size, operand type: N"},
    {"attribute_type(a, b)",
     TYPED "operator or function: attribute_type, operand type: " ANY_TYPE},
    {"attribute_type(a, :n)",
     TYPED "operator or function: attribute_type, operand type: N"},
    {"attribute_type(a, :s)",
     "Invalid attribute type name found; type: text, valid types: "
     "{B,NULL,SS,BOOL,L,BS,N,NS,S,M}"},
    {"a < :bool", TYPED "operator: <, operand type: BOOL"},
    {":map >= a", TYPED "operator: >=, operand type: M"},
    {"a BETWEEN :ss AND :ss", TYPED "operator: BETWEEN, operand type: SS"},
    {"a BETWEEN :n AND :m",
     "The BETWEEN operator requires upper bound to be greater than or equal to "
     "lower bound; lower bound operand: AttributeValue: {N:5}, upper bound "
     "operand: AttributeValue: {N:3}"},
    {"a BETWEEN :b AND :c",
     "The BETWEEN operator requires upper bound to be greater than or equal to "
     "lower bound; lower bound operand: AttributeValue: {B:AQI=}, upper bound "
     "operand: AttributeValue: {B:AQE=}"},
    {"a BETWEEN :n AND :s",
     "The BETWEEN operator requires same data type for lower and upper bounds; "
     "lower bound operand: AttributeValue: {N:5}, upper bound operand: "
     "AttributeValue: {S:text}"},
    {"a[2147483648] = :n",
     "List index is not within the allowable range; index: [2147483648]"},
    {"a[99999999999999999999] = :n",
     "List index is not within the allowable range; index: "
     "[99999999999999999999]"},
    /* The round decides, then the predicate, then what comes first. */
    {"a = :x AND foo(a) AND ((b = :n))", PARENTHESES},
    {"name = :x AND foo(a)", "Invalid function name; function: foo"},
    {"a = :x AND name = :n", RESERVED "name"},
    {"begins_with(a, :n) AND b = :x",
     TYPED "operator or function: begins_with, operand type: N"},
    {"contains(a) AND b = b",
     COUNTED "operator or function: contains, number of operands: 1"},
    {"b = b AND contains(a)", DISTINCT "=, first operand: [b]"},
    {"a = :x AND b = :y", "An expression attribute value used in expression is "
                          "not defined; attribute value: :x"},
};

START_TEST(problems_are_told_as_dynamodb_tells_them)
{
    char *message = dyn_format(&call, INVALID "%s", refused[_i].message);
    assert_refused(DYN_EXPRESSION_CONDITION, refused[_i].text, message);
}
END_TEST

START_TEST(messages_begin_with_the_kind_of_expression)
{
    assert_refused(DYN_EXPRESSION_FILTER, "",
                   "Invalid FilterExpression: The expression can not be "
                   "empty;");
    assert_refused(DYN_EXPRESSION_FILTER, "a == :n",
                   "Invalid FilterExpression: Syntax error; token: \"=\", "
                   "near: \"== :n\"");
    assert_refused(DYN_EXPRESSION_KEY_CONDITION, "name = :n",
                   "Invalid KeyConditionExpression: " RESERVED "name");
}
END_TEST

/* An expression of count times piece, and tail. */
static dyn_bytes repeat(const char *piece, size_t count, const char *tail)
{
    dyn_buffer buffer;
    dyn_bytes out;
    dyn_buffer_begin(&buffer, &call, 0);
    while (count-- > 0)
        dyn_buffer_add_text(&buffer, piece);
    dyn_buffer_add_text(&buffer, tail);
    ck_assert_int_eq(dyn_buffer_end(&buffer, &out), DYN_OK);
    return out;
}

static const struct {
    const char *piece;
    size_t count;
    const char *tail;
    const char *message; /* NULL: it is accepted */
} limits[] = {
    {" ", 4096 - 6, "a = :n", NULL},
    {" ", 4097 - 6, "a = :n",
     "Expression size has exceeded the maximum allowed size; expression size: "
     "4097"},
    {"a=:n OR ", 149, "a=:n AND a=:n",
     "The expression contains too many "
     "operators; operator count: 301"},
    {"a=:n OR ", 149, "NOT a=:n", NULL},
    {"NOT ", 299, "a=:n", NULL},
    {"NOT ", 300, "a=:n",
     "The expression contains too many operators; operator count: 301"},
    {"NOT(", 1024, "", "Syntax error; token: \"<EOF>\", near: \"(\""},
    {"(", 4096, "", "Syntax error; token: \"<EOF>\", near: \"(\""},
    {"f(", 2048, "", "Syntax error; token: \"<EOF>\", near: \"(\""},
    {"a.", 33, "a = :n",
     "The document path has too many nesting elements; nesting levels: 33"},
    {"a.", 32, "a = :n", NULL},
};

START_TEST(limits_hold_and_are_told)
{
    dyn_bytes text =
        repeat(limits[_i].piece, limits[_i].count, limits[_i].tail);
    dyn_status status = parse(DYN_EXPRESSION_CONDITION, text);
    if (limits[_i].message == NULL) {
        ck_assert_msg(status == DYN_OK, "%s", call.error.message);
    } else {
        char *message = dyn_format(&call, INVALID "%s", limits[_i].message);
        ck_assert_int_eq(status, DYN_INVALID);
        ck_assert_str_eq(call.error.message, message);
    }
}
END_TEST

START_TEST(parentheses_may_be_as_deep_as_the_text_allows)
{
    enum { DEPTH = 2045 };
    dyn_bytes open = repeat("(", DEPTH, "");
    dyn_bytes close = repeat(")", DEPTH, "");
    char *text = dyn_format(&call, "%sa=:n%s", (const char *)open.data,
                            (const char *)close.data);
    assert_refused(DYN_EXPRESSION_CONDITION, text, INVALID PARENTHESES);
}
END_TEST

START_TEST(in_takes_a_hundred_operands)
{
    dyn_bytes text = repeat("b,", 99, "b)");
    char *full = dyn_format(&call, "a IN (%s", (const char *)text.data);
    ck_assert_int_eq(parse(DYN_EXPRESSION_CONDITION, dyn_bytes_text(full)),
                     DYN_OK);
    full = dyn_format(&call, "a IN (b,%s", (const char *)text.data);
    assert_refused(DYN_EXPRESSION_CONDITION, full,
                   INVALID "The IN operator is provided with too many "
                           "operands; number of operands: 101");
}
END_TEST

START_TEST(reserved_words_are_found_in_any_case)
{
    static const char *const words[] = {
        "ABORT",    "zone", "Name", "sIzE",     "YEAR",
        "flattern", "TTL",  "of",   "absolute", "SQLEXCEPTION"};
    static const char *const others[] = {"",
                                         "A",
                                         "ZONES",
                                         "names_",
                                         "cache",
                                         "id",
                                         "#name",
                                         "k",
                                         "SETT",
                                         "ABOR",
                                         "remove",
                                         "zzzzzz",
                                         "SQLEXCEPTIONSQLEXCEPTION"};
    for (int i = 0; i < COUNT_OF(words); i++) {
        ck_assert_msg(dyn_word_is_reserved(dyn_bytes_text(words[i])), "%s",
                      words[i]);
    }
    for (int i = 0; i < COUNT_OF(others); i++) {
        ck_assert_msg(!dyn_word_is_reserved(dyn_bytes_text(others[i])), "%s",
                      others[i]);
    }
}
END_TEST

/* ----------------------------------------------------------- substitutes -- */

START_TEST(substitutes_that_no_expression_uses_are_told)
{
    dyn_condition condition;
    dyn_substitutes substitutes = substitutes_of(
        "{\"#a\":\"a\",\"#b\":\"b\",\"#c\":\"c\"}", "{\":v\":1,\":w\":2}");
    ck_assert_int_eq(dyn_condition_parse(&call, DYN_EXPRESSION_CONDITION,
                                         dyn_bytes_text("#b = :v"),
                                         &substitutes, &condition),
                     DYN_OK);
    ck_assert_int_eq(dyn_substitutes_check_used(&call, &substitutes),
                     DYN_INVALID);
    ck_assert_str_eq(call.error.message,
                     "Value provided in ExpressionAttributeNames unused in "
                     "expressions: keys: {#a, #c}");
    ck_assert_int_eq(dyn_condition_parse(&call, DYN_EXPRESSION_FILTER,
                                         dyn_bytes_text("#a = #c"),
                                         &substitutes, &condition),
                     DYN_OK);
    ck_assert_int_eq(dyn_substitutes_check_used(&call, &substitutes),
                     DYN_INVALID);
    ck_assert_str_eq(call.error.message,
                     "Value provided in ExpressionAttributeValues unused in "
                     "expressions: keys: {:w}");
    ck_assert_int_eq(dyn_condition_parse(&call, DYN_EXPRESSION_FILTER,
                                         dyn_bytes_text("a < :w"), &substitutes,
                                         &condition),
                     DYN_OK);
    ck_assert_int_eq(dyn_substitutes_check_used(&call, &substitutes), DYN_OK);
}
END_TEST

static const struct {
    const char *names;
    const char *values;
    const char *message;
} bad_substitutes[] = {
    {"{}", NULL, "ExpressionAttributeNames must not be empty"},
    {NULL, "{}", "ExpressionAttributeValues must not be empty"},
    {"{\"a\":\"x\"}", NULL,
     "ExpressionAttributeNames contains invalid key: Syntax error; key: "
     "\"a\""},
    {"{\"#\":\"x\"}", NULL,
     "ExpressionAttributeNames contains invalid key: Syntax error; key: "
     "\"#\""},
    {"{\"#a-b\":\"x\"}", NULL,
     "ExpressionAttributeNames contains invalid key: Syntax error; key: "
     "\"#a-b\""},
    {NULL, "{\"#v\":1}",
     "ExpressionAttributeValues contains invalid key: Syntax error; key: "
     "\"#v\""},
};

START_TEST(substitutes_of_a_wrong_shape_are_refused)
{
    const char *given_names = bad_substitutes[_i].names;
    const char *given_values = bad_substitutes[_i].values;
    dyn_map name_map = item_of(given_names == NULL ? "{}" : given_names);
    dyn_map value_map = item_of(given_values == NULL ? "{}" : given_values);
    dyn_substitutes out;
    dyn_status status =
        dyn_substitutes_begin(&call, given_names == NULL ? NULL : &name_map,
                              given_values == NULL ? NULL : &value_map, &out);
    ck_assert_int_eq(status, DYN_INVALID);
    ck_assert_str_eq(call.error.message, bad_substitutes[_i].message);
}
END_TEST

START_TEST(substitutes_are_limited_in_size)
{
    dyn_substitutes out;
    dyn_bytes token = repeat("a", 255, "");
    char *json = dyn_format(&call, "{\"#%s\":\"x\"}", (const char *)token.data);
    dyn_map map = item_of(json);
    ck_assert_int_eq(dyn_substitutes_begin(&call, &map, NULL, &out),
                     DYN_INVALID);
    map.attributes[0].name.size_bytes--;
    ck_assert_int_eq(dyn_substitutes_begin(&call, &map, NULL, &out), DYN_OK);

    dyn_bytes text = repeat("x", 2 * 1024 * 1024, "y");
    dyn_attribute attribute = {dyn_bytes_text(":v"),
                               {.type = DYN_TYPE_S, .bytes = text}};
    map = (dyn_map){&attribute, 1};
    ck_assert_int_eq(dyn_substitutes_begin(&call, NULL, &map, &out),
                     DYN_INVALID);
    attribute.value.bytes.size_bytes--;
    ck_assert_int_eq(dyn_substitutes_begin(&call, NULL, &map, &out), DYN_OK);
}
END_TEST

/* ---------------------------------------------------------------- memory -- */

static const struct {
    const char *text;
    dyn_status status;
} hungry[] = {
    {"a.b[3] = :n AND (size(#a) > :n OR contains(a, :list)) AND NOT b IN (:n)",
     DYN_OK},
    {"a.b.c = a.b.c", DYN_INVALID},
    {"a BETWEEN :b AND :c", DYN_INVALID},
    {"a BETWEEN :n AND :m AND foo(a)", DYN_INVALID},
    {"a = :n AND b c", DYN_INVALID},
};

static const char *hungry_text;
static dyn_substitutes hungry_substitutes;

static dyn_status parse_hungrily(dyn_call *used)
{
    dyn_condition condition;
    return dyn_condition_parse(used, DYN_EXPRESSION_CONDITION,
                               dyn_bytes_text(hungry_text), &hungry_substitutes,
                               &condition);
}

START_TEST(reading_survives_running_out_of_memory)
{
    hungry_text = hungry[_i].text;
    hungry_substitutes = substitutes_of(names, values);
    run_starved(parse_hungrily, hungry[_i].status);
}
END_TEST

static dyn_map hungry_names;

static dyn_status substitute_hungrily(dyn_call *used)
{
    dyn_substitutes substitutes;
    DYN_TRY(dyn_substitutes_begin(used, &hungry_names, NULL, &substitutes));
    return dyn_substitutes_check_used(used, &substitutes);
}

START_TEST(substitutes_survive_running_out_of_memory)
{
    hungry_names = item_of(names);
    run_starved(substitute_hungrily, DYN_INVALID);
}
END_TEST

int main(void)
{
    fault_install();
    TCase *tests = tcase_create("expression");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, expressions_are_read, 0, COUNT_OF(accepted));
    tcase_add_loop_test(tests, syntax_errors_name_the_token_and_its_neighbours,
                        0, COUNT_OF(syntax_errors));
    tcase_add_loop_test(tests, problems_are_told_as_dynamodb_tells_them, 0,
                        COUNT_OF(refused));
    tcase_add_test(tests, messages_begin_with_the_kind_of_expression);
    tcase_add_loop_test(tests, limits_hold_and_are_told, 0, COUNT_OF(limits));
    tcase_add_test(tests, parentheses_may_be_as_deep_as_the_text_allows);
    tcase_add_test(tests, in_takes_a_hundred_operands);
    tcase_add_test(tests, reserved_words_are_found_in_any_case);
    tcase_add_test(tests, substitutes_that_no_expression_uses_are_told);
    tcase_add_loop_test(tests, substitutes_of_a_wrong_shape_are_refused, 0,
                        COUNT_OF(bad_substitutes));
    tcase_add_test(tests, substitutes_are_limited_in_size);
    tcase_add_loop_test(tests, reading_survives_running_out_of_memory, 0,
                        COUNT_OF(hungry));
    tcase_add_test(tests, substitutes_survive_running_out_of_memory);
    return unit_run("expression", tests);
}
