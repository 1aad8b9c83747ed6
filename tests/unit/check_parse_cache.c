/* Trees that are kept: what is read with them is what is read without. */
#include "expr/parse_cache.h"

#include "expr/condition.h"
#include "expr/update.h"
#include "expressions.h"

#include <stdio.h>

static const char item[] =
    "{\"a\":1,\"b\":{\"c\":[10,20,30],\"d\":\"text\"},\"e\":\"text\",\"f\":7}";

static dyn_parse_cache cache;

static void cache_setup(void)
{
    setup();
    dyn_parse_cache_begin_call(&cache, &call);
}

static void cache_teardown(void)
{
    dyn_parse_cache_clear(&cache);
    teardown();
}

/* The next call; what the one before it has is gone. */
static void next_call(void)
{
    dyn_call_end(&call);
    dyn_call_begin(&call);
    dyn_parse_cache_begin_call(&cache, &call);
}

static size_t count_kept(void)
{
    size_t count = 0;
    for (size_t i = 0; i < DYN_PARSED_TREES_MAX; i++)
        count += cache.trees[i] != NULL;
    return count;
}

static bool is_kept(dyn_expression_kind kind, const char *text)
{
    dyn_expression expression;
    dyn_node *root = NULL;
    dyn_expression_begin(&expression, &call, kind, dyn_bytes_text(text), NULL);
    ck_assert_int_eq(dyn_parse_cache_find(&expression, &root), DYN_OK);
    return root != NULL;
}

/* ------------------------------------------------------------- same text -- */

/* What comes of an expression, or why it is refused. */
static const char *result_of(dyn_expression_kind kind, const char *text,
                             const char *names, const char *values)
{
    dyn_substitutes substitutes = substitutes_of(names, values);
    dyn_bytes bytes = dyn_bytes_text(text);
    dyn_map before = item_of(item);
    dyn_map after;
    dyn_status status;
    if (kind == DYN_EXPRESSION_UPDATE) {
        dyn_update update;
        status = dyn_update_parse(&call, bytes, &substitutes, &update);
        if (status == DYN_OK)
            status = dyn_update_apply(&call, &update, &before, &after);
    } else if (kind == DYN_EXPRESSION_PROJECTION) {
        dyn_projection projection;
        status = dyn_projection_parse(&call, bytes, &substitutes, &projection);
        if (status == DYN_OK) {
            status =
                dyn_projection_apply_map(&call, &projection, &before, &after);
        }
    } else {
        dyn_condition condition;
        bool matches = false;
        dyn_view view = view_of(item);
        status =
            dyn_condition_parse(&call, kind, bytes, &substitutes, &condition);
        if (status == DYN_OK) {
            status = dyn_condition_matches(&call, &condition, &view, &matches);
        }
        if (status == DYN_OK) return matches ? "yes" : "no";
    }
    if (status != DYN_OK) return dyn_format(&call, "%s", call.error.message);
    return json_of(&after);
}

#define CONDITION  DYN_EXPRESSION_CONDITION
#define UPDATE     DYN_EXPRESSION_UPDATE
#define PROJECTION DYN_EXPRESSION_PROJECTION
#define INVALID    "Invalid ConditionExpression: "

/* Twice the same text, with other names and values. */
static const struct {
    dyn_expression_kind kind;
    const char *text;
    const char *names;
    const char *values;
    const char *result;
    const char *other_names;
    const char *other_values;
    const char *other_result;
} twice[] = {
    {CONDITION, "#x = :v", "{\"#x\":\"a\"}", "{\":v\":1}", "yes",
     "{\"#x\":\"f\"}", "{\":v\":1}", "no"},
    {CONDITION,
     "NOT (b.#x[1] IN (:v, :w) OR size(e) > :v) AND b.d = e AND "
     "begins_with(e, :t)",
     "{\"#x\":\"c\"}", "{\":v\":4,\":w\":5,\":t\":\"te\"}", "yes",
     "{\"#x\":\"c\"}", "{\":v\":4,\":w\":20,\":t\":\"te\"}", "no"},
    {CONDITION, "a BETWEEN :v AND :w", NULL, "{\":v\":0,\":w\":2}", "yes", NULL,
     "{\":v\":2,\":w\":0}",
     INVALID "The BETWEEN operator requires upper bound to be greater than or "
             "equal to lower bound; lower bound operand: AttributeValue: "
             "{N:2}, upper bound operand: AttributeValue: {N:0}"},
    {CONDITION, "#x = :v", NULL, "{\":v\":1}",
     INVALID "An expression attribute name used in the document path is not "
             "defined; attribute name: #x",
     "{\"#x\":\"a\"}", "{\":v\":1}", "yes"},
    {CONDITION, "status = :v OR foo(a)", NULL, "{\":v\":1}",
     INVALID "Invalid function name; function: foo", NULL, "{\":v\":2}",
     INVALID "Invalid function name; function: foo"},
    {UPDATE,
     "SET a = a + :n, b.c = list_append(b.c, :l), h = if_not_exists(#x, :n) "
     "REMOVE e, b.d ADD f :n",
     "{\"#x\":\"f\"}", "{\":n\":1,\":l\":[1]}",
     "{\"a\":2,\"b\":{\"c\":[10,20,30,1]},\"f\":8,\"h\":7}", "{\"#x\":\"g\"}",
     "{\":n\":2,\":l\":[]}",
     "{\"a\":3,\"b\":{\"c\":[10,20,30]},\"f\":9,\"h\":2}"},
    {PROJECTION, "#x, b.c[2], b.c[0], e", "{\"#x\":\"a\"}", NULL,
     "{\"a\":1,\"b\":{\"c\":[10,30]},\"e\":\"text\"}", "{\"#x\":\"zz\"}", NULL,
     "{\"b\":{\"c\":[10,30]},\"e\":\"text\"}"},
    {PROJECTION, "a, #x", "{\"#x\":\"b\"}", NULL,
     "{\"a\":1,\"b\":{\"c\":[10,20,30],\"d\":\"text\"}}", "{\"#x\":\"a\"}",
     NULL,
     "Invalid ProjectionExpression: Two document paths overlap with each "
     "other; must remove or rewrite one of these paths; path one: [a], path "
     "two: [a]"},
};

START_TEST(the_same_text_is_read_again_with_other_names_and_values)
{
    dyn_expression_kind kind = twice[_i].kind;
    const char *text = dyn_format(&call, "%s", twice[_i].text);
    ck_assert_str_eq(result_of(kind, text, twice[_i].names, twice[_i].values),
                     twice[_i].result);
    ck_assert(is_kept(kind, twice[_i].text));
    ck_assert_str_eq(
        result_of(kind, text, twice[_i].other_names, twice[_i].other_values),
        twice[_i].other_result);
    next_call();
    ck_assert(is_kept(kind, twice[_i].text));
    ck_assert_str_eq(result_of(kind, twice[_i].text, twice[_i].other_names,
                               twice[_i].other_values),
                     twice[_i].other_result);
    ck_assert_str_eq(
        result_of(kind, twice[_i].text, twice[_i].names, twice[_i].values),
        twice[_i].result);
    ck_assert_uint_eq(count_kept(), 1);
}
END_TEST

START_TEST(one_call_may_read_a_text_more_than_once)
{
    dyn_substitutes one = substitutes_of("{\"#x\":\"a\"}", NULL);
    dyn_substitutes two = substitutes_of("{\"#x\":\"f\"}", NULL);
    dyn_map before = item_of(item);
    dyn_projection first;
    dyn_projection second;
    dyn_map shown;
    dyn_bytes text = dyn_bytes_text("#x");
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(dyn_projection_parse(&call, text, &one, &first),
                         DYN_OK);
        ck_assert_int_eq(dyn_projection_parse(&call, text, &two, &second),
                         DYN_OK);
        ck_assert_int_eq(
            dyn_projection_apply_map(&call, &first, &before, &shown), DYN_OK);
        ck_assert_str_eq(json_of(&shown), "{\"a\":1}");
        ck_assert_int_eq(
            dyn_projection_apply_map(&call, &second, &before, &shown), DYN_OK);
        ck_assert_str_eq(json_of(&shown), "{\"f\":7}");
    }
}
END_TEST

START_TEST(kinds_are_told_apart)
{
    ck_assert_str_eq(result_of(CONDITION, "a = f", NULL, NULL), "no");
    ck_assert(!is_kept(DYN_EXPRESSION_FILTER, "a = f"));
    ck_assert_str_eq(result_of(PROJECTION, "a = f", NULL, NULL),
                     "Invalid ProjectionExpression: Syntax error; token: "
                     "\"=\", near: \"a = f\"");
    ck_assert(!is_kept(CONDITION, "a  = f"));
}
END_TEST

/* ------------------------------------------------------ what is not kept -- */

static const char *const not_kept[] = {"a =", "", "((a = f))", "a = \xff"};

START_TEST(texts_with_problems_are_not_kept)
{
    const char *first = result_of(CONDITION, not_kept[_i], NULL, NULL);
    ck_assert_str_eq(result_of(CONDITION, not_kept[_i], NULL, NULL), first);
    ck_assert_uint_eq(count_kept(), 0);
}
END_TEST

START_TEST(large_trees_are_not_kept)
{
    char text[DYN_EXPRESSION_BYTES_MAX] = "a[0]";
    for (int i = 1; i < 600; i++) {
        size_t used = strlen(text);
        snprintf(text + used, sizeof(text) - used, ",a[%d]", i);
        if (i == 50) {
            ck_assert_str_eq(result_of(PROJECTION, text, NULL, NULL), "{}");
            ck_assert_uint_eq(count_kept(), 1);
        }
        if (strlen(text) + 8 > sizeof(text)) break;
    }
    ck_assert_str_eq(result_of(PROJECTION, text, NULL, NULL), "{}");
    ck_assert_uint_eq(count_kept(), 1);
}
END_TEST

/* -------------------------------------------------------------- eviction -- */

static const char *text_of(int number)
{
    return dyn_format(&call, "b.c[%d]", number);
}

static void read_number(int number)
{
    result_of(PROJECTION, text_of(number), NULL, NULL);
}

START_TEST(the_least_recently_used_makes_place)
{
    for (int i = 0; i < DYN_PARSED_TREES_MAX; i++)
        read_number(i);
    next_call();
    read_number(0);
    read_number(100);
    ck_assert_uint_eq(count_kept(), DYN_PARSED_TREES_MAX);
    ck_assert(is_kept(PROJECTION, text_of(100)));
    ck_assert(is_kept(PROJECTION, text_of(0)));
    ck_assert(!is_kept(PROJECTION, text_of(1)));
    for (int i = 2; i < DYN_PARSED_TREES_MAX; i++)
        ck_assert(is_kept(PROJECTION, text_of(i)));
}
END_TEST

START_TEST(what_the_call_uses_stays)
{
    enum { COUNT = 100 };
    dyn_projection read[COUNT];
    for (int i = 0; i < DYN_PARSED_TREES_MAX / 2; i++)
        read_number(i);
    next_call();
    dyn_map before = item_of(item);
    for (int i = 0; i < COUNT; i++) {
        /* names of paths are where the text of the tree is */
        const char *text = dyn_format(&call, "n%d, b.c[1]", i);
        ck_assert_int_eq(
            dyn_projection_parse(&call, dyn_bytes_text(text), NULL, &read[i]),
            DYN_OK);
    }
    for (int i = 0; i < COUNT; i++) {
        dyn_map shown;
        const char *name = dyn_format(&call, "n%d", i);
        ck_assert_uint_eq(read[i].paths.count, 2);
        ck_assert(dyn_bytes_equal_text(read[i].paths.paths[1].name, name));
        ck_assert_int_eq(
            dyn_projection_apply_map(&call, &read[i], &before, &shown), DYN_OK);
        ck_assert_str_eq(json_of(&shown), "{\"b\":{\"c\":[20]}}");
    }
    ck_assert(is_kept(PROJECTION, "n0, b.c[1]"));
    ck_assert(is_kept(PROJECTION, "n15, b.c[1]"));
    ck_assert(!is_kept(PROJECTION, "n16, b.c[1]"));
    ck_assert(!is_kept(PROJECTION, text_of(0)));
    next_call();
    read_number(1);
    ck_assert(is_kept(PROJECTION, text_of(1)));
}
END_TEST

/* ---------------------------------------------------------------- memory -- */

static dyn_status read_once(dyn_call *used)
{
    dyn_condition condition;
    dyn_parse_cache_begin_call(&cache, used);
    return dyn_condition_parse(used, CONDITION,
                               dyn_bytes_text("a.b[3] = f AND size(a) > f"),
                               NULL, &condition);
}

START_TEST(a_tree_that_cannot_be_kept_is_no_failure)
{
    int failures = 0;
    for (int countdown = 0;; countdown++) {
        dyn_call used;
        dyn_call_begin(&used);
        dyn_parse_cache_clear(&cache);
        fault_set(countdown);
        dyn_status status = read_once(&used);
        fault_set_off();
        dyn_call_end(&used);
        if (!fault_hit()) break;
        ck_assert_uint_eq(count_kept(), 0);
        failures += status == DYN_OK;
        ck_assert(status == DYN_OK || status == DYN_NOMEM);
    }
    ck_assert_int_eq(failures, 1);
    ck_assert_uint_eq(count_kept(), 1);
}
END_TEST

START_TEST(a_copy_survives_running_out_of_memory)
{
    dyn_call first;
    dyn_call_begin(&first);
    ck_assert_int_eq(read_once(&first), DYN_OK);
    dyn_call_end(&first);
    run_starved(read_once, DYN_OK);
    ck_assert_uint_eq(count_kept(), 1);
}
END_TEST

int main(void)
{
    fault_install();
    TCase *tests = tcase_create("parse_cache");
    tcase_add_checked_fixture(tests, cache_setup, cache_teardown);
    tcase_add_loop_test(tests,
                        the_same_text_is_read_again_with_other_names_and_values,
                        0, COUNT_OF(twice));
    tcase_add_test(tests, one_call_may_read_a_text_more_than_once);
    tcase_add_test(tests, kinds_are_told_apart);
    tcase_add_loop_test(tests, texts_with_problems_are_not_kept, 0,
                        COUNT_OF(not_kept));
    tcase_add_test(tests, large_trees_are_not_kept);
    tcase_add_test(tests, the_least_recently_used_makes_place);
    tcase_add_test(tests, what_the_call_uses_stays);
    tcase_add_test(tests, a_tree_that_cannot_be_kept_is_no_failure);
    tcase_add_test(tests, a_copy_survives_running_out_of_memory);
    return unit_run("parse_cache", tests);
}
