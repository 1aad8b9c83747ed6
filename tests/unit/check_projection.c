/* Projections: which parts of an item are left. */
#include "expr/projection.h"
#include "expressions.h"

#include <stdio.h>

static const char whole[] =
    "{\"a\":1,\"b\":{\"c\":{\"d\":2,\"e\":3},\"f\":[10,11,12]},"
    "\"l\":[\"zero\",{\"x\":1,\"y\":2},[20,21],\"three\"],"
    "\"s\":{\"SS\":[\"p\",\"q\"]},\"hollow\":{},\"z\":null}";

static const struct {
    const char *text;
    const char *left;
} projections[] = {
    {"a", "{\"a\":1}"},
    {"z, a", "{\"a\":1,\"z\":null}"},
    {"x", "{}"},
    {"x, a, y.z[1]", "{\"a\":1}"},
    {"b", "{\"b\":{\"c\":{\"d\":2,\"e\":3},\"f\":[10,11,12]}}"},
    {"b.c.e", "{\"b\":{\"c\":{\"e\":3}}}"},
    {"b.c.e, a, b.f[1]", "{\"a\":1,\"b\":{\"c\":{\"e\":3},\"f\":[11]}}"},
    {"b.c.e, b.c.d", "{\"b\":{\"c\":{\"d\":2,\"e\":3}}}"},
    {"l[0]", "{\"l\":[\"zero\"]}"},
    {"l[3], l[0]", "{\"l\":[\"zero\",\"three\"]}"},
    {"l[10], l[2]", "{\"l\":[[20,21]]}"},
    {"l[2][1], l[1].y, l[9]", "{\"l\":[{\"y\":2},[21]]}"},
    {"l[1].y, l[1].x", "{\"l\":[{\"x\":1,\"y\":2}]}"},
    {"b.f[2], b.f[0]", "{\"b\":{\"f\":[10,12]}}"},
    {"l[7]", "{}"},
    {"b.x", "{}"},
    {"b.c.x, b.c.d.y", "{}"},
    {"a.x, l.x, b[0], s[0], z.x", "{}"},
    {"hollow", "{\"hollow\":{}}"},
    {"#n.#m", "{\"b\":{\"c\":{\"d\":2,\"e\":3}}}"},
    {"s", "{\"s\":{\"SS\":[\"p\",\"q\"]}}"},
    {"and_, remove, a", "{\"a\":1}"},
};

static dyn_projection parsed(const char *text)
{
    static dyn_substitutes substitutes;
    dyn_projection projection;
    substitutes = substitutes_of("{\"#n\":\"b\",\"#m\":\"c\"}", NULL);
    ck_assert_msg(dyn_projection_parse(&call, dyn_bytes_text(text),
                                       &substitutes, &projection) == DYN_OK,
                  "%s: %s", text, call.error.message);
    return projection;
}

START_TEST(a_projection_leaves_what_its_paths_find)
{
    dyn_projection projection = parsed(projections[_i].text);
    dyn_view view = view_of(whole);
    dyn_map item = item_of(whole);
    dyn_map out;
    ck_assert_int_eq(dyn_projection_apply(&call, &projection, &view, &out),
                     DYN_OK);
    ck_assert_str_eq(json_of(&out), projections[_i].left);
    ck_assert_int_eq(dyn_projection_apply_map(&call, &projection, &item, &out),
                     DYN_OK);
    ck_assert_str_eq(json_of(&out), projections[_i].left);
}
END_TEST

START_TEST(many_paths_leave_the_same_as_few)
{
    dyn_projection projection =
        parsed("a, x1, x2, x3, x4, x5, x6, x7, x8, x9, x10, x11, x12, x13, "
               "x14, x15, x16, l[3]");
    dyn_view view = view_of(whole);
    dyn_map out;
    ck_assert_int_eq(dyn_projection_apply(&call, &projection, &view, &out),
                     DYN_OK);
    ck_assert_str_eq(json_of(&out), "{\"a\":1,\"l\":[\"three\"]}");
}
END_TEST

#define PATHS                                                                  \
    " with each other; must remove or rewrite one of these paths; path one: "

static const struct {
    const char *text;
    const char *message; /* behind the prefix */
} refused[] = {
    {"", "The expression can not be empty;"},
    {"a,", "Syntax error; token: \"<EOF>\", near: \",\""},
    {"a b", "Syntax error; token: \"b\", near: \"a b\""},
    {"(a)", "Syntax error; token: \"(\", near: \"(a\""},
    {"a = b", "Syntax error; token: \"=\", near: \"a = b\""},
    {":v", "Syntax error; token: \":v\", near: \":v\""},
    {"size(a)", "Syntax error; token: \"(\", near: \"size(a\""},
    {"a[#n]", "Syntax error; token: \"#n\", near: \"[#n]\""},
    {"a, and", "Attribute name is a reserved keyword; reserved keyword: and"},
    {"a, #x", "An expression attribute name used in the document path is not "
              "defined; attribute name: #x"},
    {"a, b, a", "Two document paths overlap" PATHS "[a], path two: [a]"},
    {"a.b, c, a", "Two document paths overlap" PATHS "[a, b], path two: [a]"},
    {"#n, b[1].c",
     "Two document paths overlap" PATHS "[b], path two: [b, [1], c]"},
    {"a[1], a.b",
     "Two document paths conflict" PATHS "[a, [1]], path two: [a, b]"},
    {"a[1], a.b, c, c",
     "Two document paths overlap" PATHS "[c], path two: [c]"},
};

START_TEST(problems_are_told_as_dynamodb_tells_them)
{
    dyn_projection projection;
    dyn_substitutes substitutes = substitutes_of("{\"#n\":\"b\"}", NULL);
    char *message = dyn_format(&call, "Invalid ProjectionExpression: %s",
                               refused[_i].message);
    ck_assert_int_eq(dyn_projection_parse(&call,
                                          dyn_bytes_text(refused[_i].text),
                                          &substitutes, &projection),
                     DYN_INVALID);
    ck_assert_str_eq(call.error.message, message);
}
END_TEST

/* zz_,zy_, ... aa_ */
START_TEST(hundreds_of_paths_are_read_in_any_order)
{
    enum { LETTERS = 26 };
    dyn_buffer buffer;
    dyn_bytes text;
    dyn_projection projection;
    dyn_map out;
    dyn_buffer_begin(&buffer, &call, 0);
    for (int i = LETTERS * LETTERS - 1; i >= 0; i--) {
        dyn_buffer_add_byte(&buffer, (unsigned char)('a' + i / LETTERS));
        dyn_buffer_add_byte(&buffer, (unsigned char)('a' + i % LETTERS));
        dyn_buffer_add_text(&buffer, i == 0 ? "_" : "_,");
    }
    ck_assert_int_eq(dyn_buffer_end(&buffer, &text), DYN_OK);
    ck_assert_int_eq(dyn_projection_parse(&call, text, NULL, &projection),
                     DYN_OK);
    ck_assert_uint_eq(projection.paths.count, LETTERS * LETTERS);
    dyn_view view = view_of("{\"aa_\":1,\"mm_\":2,\"mm\":3,\"zz_\":4}");
    ck_assert_int_eq(dyn_projection_apply(&call, &projection, &view, &out),
                     DYN_OK);
    ck_assert_str_eq(json_of(&out), "{\"aa_\":1,\"mm_\":2,\"zz_\":4}");
}
END_TEST

START_TEST(damaged_bytes_are_told)
{
    dyn_projection projection = parsed("a, b");
    dyn_view view = view_of("{\"a\":2,\"b\":3}");
    dyn_map out;
    view.attributes.size_bytes--;
    ck_assert_int_eq(dyn_projection_apply(&call, &projection, &view, &out),
                     DYN_CORRUPT);
}
END_TEST

static dyn_view hungry_view;

static dyn_status project_hungrily(dyn_call *used)
{
    dyn_bytes text = dyn_bytes_text("a, b.c.d, b.f[1], l[1].x, l[0]");
    dyn_projection projection;
    dyn_map out;
    DYN_TRY(dyn_projection_parse(used, text, NULL, &projection));
    DYN_TRY(dyn_projection_apply(used, &projection, &hungry_view, &out));
    ck_assert_uint_eq(out.count, 3);
    return DYN_OK;
}

static dyn_status refuse_hungrily(dyn_call *used)
{
    dyn_projection projection;
    return dyn_projection_parse(used, dyn_bytes_text("a.b[1], c, a.b"), NULL,
                                &projection);
}

START_TEST(projecting_survives_running_out_of_memory)
{
    hungry_view = view_of(whole);
    run_starved(project_hungrily, DYN_OK);
    run_starved(refuse_hungrily, DYN_INVALID);
}
END_TEST

int main(void)
{
    fault_install();
    TCase *tests = tcase_create("projection");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, a_projection_leaves_what_its_paths_find, 0,
                        COUNT_OF(projections));
    tcase_add_test(tests, many_paths_leave_the_same_as_few);
    tcase_add_loop_test(tests, problems_are_told_as_dynamodb_tells_them, 0,
                        COUNT_OF(refused));
    tcase_add_test(tests, hundreds_of_paths_are_read_in_any_order);
    tcase_add_test(tests, damaged_bytes_are_told);
    tcase_add_test(tests, projecting_survives_running_out_of_memory);
    return unit_run("projection", tests);
}
