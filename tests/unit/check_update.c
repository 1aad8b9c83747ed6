/* Updates: what they make of an item, and what is refused. */
#include "expr/update.h"
#include "expressions.h"

#include <stdio.h>

static const char before[] =
    "{\"a\":1,\"b\":\"text\",\"l\":[10,11,12,13],"
    "\"m\":{\"x\":1,\"y\":{\"z\":[1,{\"q\":2}]}},\"nil\":null,"
    "\"ns\":{\"NS\":[\"1\",\"2\"]},\"ss\":{\"SS\":[\"p\",\"q\"]}}";

static const char names[] = "{\"#a\":\"a\",\"#new\":\"new one\"}";

static const char values[] =
    "{\":1\":1,\":5\":5,\":s\":\"s\",\":t\":true,\":l\":[7,8],\":e\":[],"
    "\":m\":{\"k\":1},\":ns\":{\"NS\":[\"2\",\"3\"]},\":2\":{\"NS\":[\"2\"]},"
    "\":12\":{\"NS\":[\"1\",\"2\"]},\":ss\":{\"SS\":[\"a\",\"q\"]},"
    "\":b\":{\"BS\":[\"AQ==\"]},\":big\":1e125,\":neg\":-1,"
    "\":tiny\":1e-38}";

static dyn_status parse(const char *text, dyn_update *out)
{
    static dyn_substitutes substitutes;
    substitutes = substitutes_of(names, values);
    return dyn_update_parse(&call, dyn_bytes_text(text), &substitutes, out);
}

static dyn_update parsed(const char *text)
{
    dyn_update update;
    ck_assert_msg(parse(text, &update) == DYN_OK, "%s: %s", text,
                  call.error.message);
    return update;
}

/* What is changed of the item, as the update's own paths tell. */
static const struct {
    const char *text;
    const char *changed; /* of the item after */
    const char *old;     /* the same of the item before */
} updates[] = {
    {"SET a = :5", "{\"a\":5}", "{\"a\":1}"},
    {"set c = :m", "{\"c\":{\"k\":1}}", "{}"},
    {"SET #new = :5, #a = :s", "{\"a\":\"s\",\"new one\":5}", "{\"a\":1}"},
    {"SET a = a + :5", "{\"a\":6}", "{\"a\":1}"},
    {"SET a = :5 - a", "{\"a\":4}", "{\"a\":1}"},
    {"SET a = (a) + (:5)", "{\"a\":6}", "{\"a\":1}"},
    {"SET a = (a + :5)", "{\"a\":6}", "{\"a\":1}"},
    {"SET a = m.x - m.y.z[1].q", "{\"a\":-1}", "{\"a\":1}"},
    {"SET c = b", "{\"c\":\"text\"}", "{}"},
    /* All right-hand sides see the item as it was. */
    {"SET a = b, b = a", "{\"a\":\"text\",\"b\":1}",
     "{\"a\":1,\"b\":\"text\"}"},
    {"SET c = l[0] REMOVE l[0]", "{\"c\":10,\"l\":[11]}", "{\"l\":[10]}"},
    {"REMOVE a SET c = a", "{\"c\":1}", "{\"a\":1}"},
    /* Functions. */
    {"SET a = if_not_exists(a, :5)", "{\"a\":1}", "{\"a\":1}"},
    {"SET c = if_not_exists(c, :5)", "{\"c\":5}", "{}"},
    {"SET c = if_not_exists(c, a) + :1", "{\"c\":2}", "{}"},
    {"SET c = if_not_exists(c, if_not_exists(l[9], l[3]))", "{\"c\":13}", "{}"},
    {"SET nil = if_not_exists(nil, :5)", "{\"nil\":null}", "{\"nil\":null}"},
    {"SET l = list_append(l, :l)", "{\"l\":[10,11,12,13,7,8]}",
     "{\"l\":[10,11,12,13]}"},
    {"SET l = list_append(:l, l)", "{\"l\":[7,8,10,11,12,13]}",
     "{\"l\":[10,11,12,13]}"},
    {"SET c = list_append(if_not_exists(c, :e), :l)", "{\"c\":[7,8]}", "{}"},
    {"SET c = list_append(:e, :e)", "{\"c\":[]}", "{}"},
    /* Within maps and lists. */
    {"SET m.x = :5", "{\"m\":{\"x\":5}}", "{\"m\":{\"x\":1}}"},
    {"SET m.w = :5, m.zz = :s", "{\"m\":{\"w\":5,\"zz\":\"s\"}}", "{}"},
    {"SET m.y.z[1].q = :5, m.y.w = a",
     "{\"m\":{\"y\":{\"w\":1,\"z\":[{\"q\":5}"
     "]}}}",
     "{\"m\":{\"y\":{\"z\":[{\"q\":2}]}}}"},
    {"SET l[1] = :5", "{\"l\":[5]}", "{\"l\":[11]}"},
    {"REMOVE m.x, m.absent", "{}", "{\"m\":{\"x\":1}}"},
    {"REMOVE m.y.z[0]", "{\"m\":{\"y\":{\"z\":[{\"q\":2}]}}}",
     "{\"m\":{\"y\":{\"z\":[1]}}}"},
    {"REMOVE a, absent", "{}", "{\"a\":1}"},
    /* ADD and DELETE. */
    {"ADD a :5", "{\"a\":6}", "{\"a\":1}"},
    {"ADD a :neg, c :5", "{\"a\":0,\"c\":5}", "{\"a\":1}"},
    {"ADD m.x :5, m.c :ns", "{\"m\":{\"c\":{\"NS\":[\"2\",\"3\"]},\"x\":6}}",
     "{\"m\":{\"x\":1}}"},
    {"ADD l[0] :5", "{\"l\":[15]}", "{\"l\":[10]}"},
    {"ADD ns :ns", "{\"ns\":{\"NS\":[\"1\",\"2\",\"3\"]}}",
     "{\"ns\":{\"NS\":[\"1\",\"2\"]}}"},
    {"ADD ss :ss", "{\"ss\":{\"SS\":[\"a\",\"p\",\"q\"]}}",
     "{\"ss\":{\"SS\":[\"p\",\"q\"]}}"},
    {"ADD c :ss", "{\"c\":{\"SS\":[\"a\",\"q\"]}}", "{}"},
    {"DELETE ns :ns", "{\"ns\":{\"NS\":[\"1\"]}}",
     "{\"ns\":{\"NS\":[\"1\",\"2\"]}}"},
    {"DELETE ss :ss", "{\"ss\":{\"SS\":[\"p\"]}}",
     "{\"ss\":{\"SS\":[\"p\",\"q\"]}}"},
    {"DELETE ns :12", "{}", "{\"ns\":{\"NS\":[\"1\",\"2\"]}}"},
    {"DELETE c :ss, m.c :ss", "{}", "{}"},
    {"DELETE ns :2 ADD a :1 REMOVE b SET c = :1",
     "{\"a\":2,\"c\":1,\"ns\":{\"NS\":[\"1\"]}}",
     "{\"a\":1,\"b\":\"text\",\"ns\":{\"NS\":[\"1\",\"2\"]}}"},
};

START_TEST(an_update_makes_an_item_of_an_item)
{
    dyn_update update = parsed(updates[_i].text);
    dyn_map item = item_of(before);
    dyn_map out;
    dyn_map shown;
    dyn_status status = dyn_update_apply(&call, &update, &item, &out);
    ck_assert_msg(status == DYN_OK, "%s: %s", updates[_i].text,
                  call.error.message);
    ck_assert_int_eq(
        dyn_projection_apply_map(&call, &update.changed, &out, &shown), DYN_OK);
    ck_assert_str_eq(json_of(&shown), updates[_i].changed);
    ck_assert_int_eq(
        dyn_projection_apply_map(&call, &update.changed, &item, &shown),
        DYN_OK);
    ck_assert_str_eq(json_of(&shown), updates[_i].old);
    ck_assert_str_eq(json_of(&item), before);
}
END_TEST

static const struct {
    const char *text;
    const char *before;
    const char *after;
} wholes[] = {
    {"SET c = :1", "{}", "{\"c\":1}"},
    {"SET a = :1, c = :1, e = :1", "{\"b\":2,\"d\":2}",
     "{\"a\":1,\"b\":2,\"c\":1,\"d\":2,\"e\":1}"},
    {"REMOVE b SET d = :1", "{\"a\":1,\"b\":2,\"c\":3}",
     "{\"a\":1,\"c\":3,\"d\":1}"},
    {"SET l[9] = :5, l[4] = :1", "{\"l\":[0]}", "{\"l\":[0,1,5]}"},
    {"SET l[9] = :5, l[0] = :1 REMOVE l[1], l[7]", "{\"l\":[0,0,7]}",
     "{\"l\":[1,7,5]}"},
    {"REMOVE l[0], l[2]", "{\"l\":[0,1,2,3]}", "{\"l\":[1,3]}"},
    {"REMOVE l[0]", "{\"l\":[0]}", "{\"l\":[]}"},
    {"REMOVE l[2].a", "{\"l\":[0,1,{\"a\":1}]}", "{\"l\":[0,1,{}]}"},
    {"ADD l[5] :5, l[6] :ss", "{\"l\":[0]}",
     "{\"l\":[0,5,{\"SS\":[\"a\",\"q\"]}]}"},
    {"DELETE l[1] :12, l[7] :12", "{\"l\":[0,{\"NS\":[\"1\"]},2]}",
     "{\"l\":[0,2]}"},
    {"SET m.a = m.b, m.b = m.a", "{\"m\":{\"a\":1,\"b\":2,\"c\":3}}",
     "{\"m\":{\"a\":2,\"b\":1,\"c\":3}}"},
    {"SET c = m", "{\"m\":{\"a\":1}}", "{\"c\":{\"a\":1},\"m\":{\"a\":1}}"},
    {"SET m.m = m", "{\"m\":{\"a\":1}}", "{\"m\":{\"a\":1,\"m\":{\"a\":1}}}"},
};

START_TEST(what_an_update_does_not_name_stays)
{
    dyn_update update = parsed(wholes[_i].text);
    dyn_map item = item_of(wholes[_i].before);
    dyn_map out;
    dyn_status status = dyn_update_apply(&call, &update, &item, &out);
    ck_assert_msg(status == DYN_OK, "%s: %s", wholes[_i].text,
                  call.error.message);
    ck_assert_str_eq(json_of(&out), wholes[_i].after);
    ck_assert_str_eq(json_of(&item), wholes[_i].before);
}
END_TEST

#define NO_PATH                                                                \
    "The document path provided in the update expression is invalid for "      \
    "update"
#define NO_ATTRIBUTE                                                           \
    "The provided expression refers to an attribute that does not exist in "   \
    "the item"
#define WRONG_TYPE                                                             \
    "An operand in the update expression has an incorrect data type"
#define OVERFLOW                                                               \
    "Number overflow. Attempting to store a number with magnitude larger "     \
    "than supported range"
#define TOO_MANY_DIGITS                                                        \
    "Attempting to store more than 38 significant digits in a Number"

static const struct {
    const char *text;
    const char *message;
} failing[] = {
    {"SET c.x = :1", NO_PATH},
    {"SET c[0] = :1", NO_PATH},
    {"SET a.x = :1", NO_PATH},
    {"SET l.x = :1", NO_PATH},
    {"SET m[0] = :1", NO_PATH},
    {"SET ss[0] = :1", NO_PATH},
    {"SET m.absent.x = :1", NO_PATH},
    {"SET l[4].x = :1", NO_PATH},
    {"SET l[9][9] = :1", NO_PATH},
    {"REMOVE c.x", NO_PATH},
    {"REMOVE l[0].x", NO_PATH},
    {"ADD c.x :1", NO_PATH},
    {"DELETE c.x :ss", NO_PATH},
    {"SET c = d", NO_ATTRIBUTE},
    {"SET c = m.absent", NO_ATTRIBUTE},
    {"SET c = l[4]", NO_ATTRIBUTE},
    {"SET c = l.x", NO_ATTRIBUTE},
    {"SET c = c + :1", NO_ATTRIBUTE},
    {"SET c = list_append(c, :l)", NO_ATTRIBUTE},
    {"SET c = if_not_exists(c, d)", NO_ATTRIBUTE},
    {"SET c = b + :1", WRONG_TYPE},
    {"SET c = :1 - ns", WRONG_TYPE},
    {"SET c = list_append(a, :l)", WRONG_TYPE},
    {"SET c = list_append(l, ss)", WRONG_TYPE},
    {"SET c = list_append(l, l) + :1", WRONG_TYPE},
    {"ADD b :1", WRONG_TYPE},
    {"ADD a :ns", WRONG_TYPE},
    {"ADD ns :1", WRONG_TYPE},
    {"ADD ns :ss", WRONG_TYPE},
    {"ADD l :ss", WRONG_TYPE},
    {"ADD nil :1", WRONG_TYPE},
    {"DELETE ns :ss", WRONG_TYPE},
    {"DELETE a :ns", WRONG_TYPE},
    {"SET c = :big - :1", TOO_MANY_DIGITS},
    {"ADD a :tiny", TOO_MANY_DIGITS},
};

START_TEST(an_item_may_not_fit_an_update)
{
    dyn_update update = parsed(failing[_i].text);
    dyn_map item = item_of(before);
    dyn_map out;
    ck_assert_msg(dyn_update_apply(&call, &update, &item, &out) == DYN_INVALID,
                  "accepted: %s", failing[_i].text);
    ck_assert_str_eq(call.error.message, failing[_i].message);
}
END_TEST

#define OPERAND "Incorrect operand type for operator or function; "
#define COUNTED "Incorrect number of operands for operator or function; "
#define PATHS                                                                  \
    " with each other; must remove or rewrite one of these paths; path one: "

static const struct {
    const char *text;
    const char *message; /* behind the prefix */
} refused[] = {
    {"", "The expression can not be empty;"},
    {"SET", "Syntax error; token: \"<EOF>\", near: \"SET\""},
    {"SET a", "Syntax error; token: \"<EOF>\", near: \"a\""},
    {"SET a = ", "Syntax error; token: \"<EOF>\", near: \"=\""},
    {"SET a = :1,", "Syntax error; token: \"<EOF>\", near: \",\""},
    {"a = :1", "Syntax error; token: \"a\", near: \"a =\""},
    {"SET a = 3 + :1", "Syntax error; token: \"3\", near: \"= 3 +\""},
    {"SET a = :1 + :1 + :1", "Syntax error; token: \"+\", near: \":1 + :1\""},
    {"SET a|", "Syntax error; token: \"|\", near: \"a|\""},
    {"SET a = _id", "Syntax error; token: \"_\", near: \"= _id\""},
    {"SET a == :1", "Syntax error; token: \"=\", near: \"== :1\""},
    {"REMOVE a = :1", "Syntax error; token: \"=\", near: \"a = :1\""},
    {"REMOVE a, b+c", "Syntax error; token: \"+\", near: \"b+c\""},
    {"ADD a b", "Syntax error; token: \"b\", near: \"a b\""},
    {"ADD a", "Syntax error; token: \"<EOF>\", near: \"a\""},
    {"DELETE a = :1", "Syntax error; token: \"=\", near: \"a = :1\""},
    {"PUT a = :1", "Syntax error; token: \"PUT\", near: \"PUT a\""},
    {"SET a = f(:1 + :1)", "Syntax error; token: \"+\", near: \":1 + :1\""},
    {"SET a = ((:1))", "The expression has redundant parentheses;"},
    {"SET a = ((:1 + :1))", "The expression has redundant parentheses;"},
    {"SET a = :1 SET b = :1",
     "The \"SET\" section can only be used once in an update expression;"},
    {"remove a set b = :1 Remove c",
     "The \"REMOVE\" section can only be used once in an update expression;"},
    {"ADD a :1 ADD b :1",
     "The \"ADD\" section can only be used once in an update expression;"},
    {"DELETE a :ss ADD c :1 DELETE b :ss",
     "The \"DELETE\" section can only be used once in an update expression;"},
    {"SET name = :1",
     "Attribute name is a reserved keyword; reserved keyword: name"},
    {"SET a.Size = :1",
     "Attribute name is a reserved keyword; reserved keyword: Size"},
    {"SET a = size(a)",
     "The function is not allowed in an update expression; function: size"},
    {"SET a = attribute_exists(a)",
     "The function is not allowed in an update expression; function: "
     "attribute_exists"},
    {"SET a = foo(a)", "Invalid function name; function: foo"},
    {"SET a = #x", "An expression attribute name used in the document path is "
                   "not defined; attribute name: #x"},
    {"ADD a :x", "An expression attribute value used in expression is not "
                 "defined; attribute value: :x"},
    {"SET a = :x, b = #x", "An expression attribute name used in the document "
                           "path is not defined; attribute name: #x"},
    {"SET a = :1, #a = :5",
     "Two document paths overlap" PATHS "[a], path two: [a]"},
    {"SET a = :1 REMOVE a.b",
     "Two document paths overlap" PATHS "[a], path two: [a, b]"},
    {"SET a.b[2].c = :1 REMOVE a.b",
     "Two document paths overlap" PATHS "[a, b, [2], c], path two: [a, b]"},
    {"SET a[1] = :1 REMOVE a.b",
     "Two document paths conflict" PATHS "[a, [1]], path two: [a, b]"},
    {"SET a = if_not_exists(:1, a)",
     "Operator or function requires a document path; operator or function: "
     "if_not_exists"},
    {"SET a = if_not_exists(a)",
     COUNTED "operator or function: if_not_exists, number of operands: 1"},
    {"SET a = list_append(a, b, c)",
     COUNTED "operator or function: list_append, number of operands: 3"},
    {"SET a = list_append(a, :1)",
     OPERAND "operator or function: list_append, operand type: N"},
    {"SET a = a + :s", OPERAND "operator or function: +, operand type: S"},
    {"SET a = :l - a", OPERAND "operator or function: -, operand type: L"},
    {"ADD a :s", OPERAND "operator: ADD, operand type: STRING, typeSet: "
                         "ALLOWED_FOR_ADD_OPERAND"},
    {"ADD a :l", OPERAND "operator: ADD, operand type: LIST, typeSet: "
                         "ALLOWED_FOR_ADD_OPERAND"},
    {"DELETE a :1", OPERAND "operator: DELETE, operand type: NUMBER, typeSet: "
                            "ALLOWED_FOR_DELETE_OPERAND"},
    {"DELETE a :m", OPERAND "operator: DELETE, operand type: MAP, typeSet: "
                            "ALLOWED_FOR_DELETE_OPERAND"},
    /* What is told first. */
    {"SET a = foo(a), name = :x",
     "Attribute name is a reserved keyword; reserved keyword: name"},
    {"SET a = :x SET b = foo(a)", "Invalid function name; function: foo"},
    {"SET a = b + :s ADD a :s",
     "Two document paths overlap" PATHS "[a], path two: [a]"},
    {"SET a = b + :s ADD c :s",
     OPERAND "operator: ADD, operand type: STRING, typeSet: "
             "ALLOWED_FOR_ADD_OPERAND"},
};

START_TEST(problems_are_told_as_dynamodb_tells_them)
{
    dyn_update update;
    char *message =
        dyn_format(&call, "Invalid UpdateExpression: %s", refused[_i].message);
    ck_assert_msg(parse(refused[_i].text, &update) == DYN_INVALID,
                  "accepted: %s", refused[_i].text);
    ck_assert_str_eq(call.error.message, message);
}
END_TEST

START_TEST(an_overflow_is_told)
{
    dyn_update update = parsed("ADD a :big");
    dyn_map item = item_of("{\"a\":9e125}");
    dyn_map out;
    ck_assert_int_eq(dyn_update_apply(&call, &update, &item, &out),
                     DYN_INVALID);
    ck_assert_str_eq(call.error.message, OVERFLOW);
}
END_TEST

START_TEST(the_attributes_that_an_update_changes_are_known)
{
    dyn_update update = parsed("SET m.x = a ADD #new :1");
    dyn_paths paths = update.changed.paths;
    ck_assert(dyn_paths_mention(paths, dyn_bytes_text("m"), false));
    ck_assert(dyn_paths_mention(paths, dyn_bytes_text("new one"), false));
    ck_assert(!dyn_paths_mention(paths, dyn_bytes_text("a"), false));
    ck_assert(!dyn_paths_mention(paths, dyn_bytes_text("new one"), true));
}
END_TEST

static dyn_map hungry_item;
static dyn_substitutes hungry_substitutes;

static dyn_status update_hungrily(dyn_call *used)
{
    dyn_bytes text =
        dyn_bytes_text("SET m.y.z[1].q = list_append(l, :l), #a = a + :1 "
                       "ADD ns :ns DELETE ss :ss REMOVE l[0]");
    dyn_update update;
    dyn_map out;
    DYN_TRY(dyn_update_parse(used, text, &hungry_substitutes, &update));
    return dyn_update_apply(used, &update, &hungry_item, &out);
}

START_TEST(updating_survives_running_out_of_memory)
{
    hungry_substitutes = substitutes_of(names, values);
    hungry_item = item_of(before);
    run_starved(update_hungrily, DYN_OK);
}
END_TEST

int main(void)
{
    fault_install();
    TCase *tests = tcase_create("update");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, an_update_makes_an_item_of_an_item, 0,
                        COUNT_OF(updates));
    tcase_add_loop_test(tests, what_an_update_does_not_name_stays, 0,
                        COUNT_OF(wholes));
    tcase_add_loop_test(tests, an_item_may_not_fit_an_update, 0,
                        COUNT_OF(failing));
    tcase_add_loop_test(tests, problems_are_told_as_dynamodb_tells_them, 0,
                        COUNT_OF(refused));
    tcase_add_test(tests, an_overflow_is_told);
    tcase_add_test(tests, the_attributes_that_an_update_changes_are_known);
    tcase_add_test(tests, updating_survives_running_out_of_memory);
    return unit_run("update", tests);
}
