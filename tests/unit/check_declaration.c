/* Declarations: what is good, every message for what is not, and that a
 * printed declaration means the same. */
#include "engine/declaration.h"
#include "fault.h"
#include "unit.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

enum { ARGUMENTS_MAX = 8 };

static dyn_call call;

static void setup(void)
{
    ck_assert_int_eq(sqlite3_initialize(), SQLITE_OK);
    dyn_call_begin(&call);
}

static void teardown(void)
{
    dyn_call_end(&call);
    ck_assert_int_eq(sqlite3_memory_used(), 0);
}

static size_t count_of(const char *const *arguments)
{
    size_t count = 0;
    while (arguments[count] != NULL)
        count++;
    return count;
}

#define KEY "id TEXT PARTITION KEY"

/* Each is printed as the lines beside it. */
static const struct {
    const char *arguments[ARGUMENTS_MAX];
    const char *printed;
} good[] = {
    {{KEY}, "\"id\" TEXT PARTITION KEY\n"},
    {{"id number partition key"}, "\"id\" NUMBER PARTITION KEY\n"},
    {{"  id\n\tBLOB PARTITION /* the */ KEY -- one\n"},
     "\"id\" BLOB PARTITION KEY\n"},
    {{"sk NUMBER SORT KEY", KEY, "other", "more BLOB"},
     "\"sk\" NUMBER SORT KEY\n\"id\" TEXT PARTITION KEY\n\"other\"\n"
     "\"more\" BLOB\n"},
    {{"\"two \"\"words\"\"\" TEXT PARTITION KEY"},
     "\"two \"\"words\"\"\" TEXT PARTITION KEY\n"},
    {{"`a``b` TEXT PARTITION KEY", "[c d]"},
     "\"a`b\" TEXT PARTITION KEY\n\"c d\"\n"},
    {{"\xc3\xa4$_1 TEXT PARTITION KEY"},
     "\"\xc3\xa4$_1\" TEXT PARTITION KEY\n"},
    {{"\"billing\" TEXT PARTITION KEY", "local TEXT", "global"},
     "\"billing\" TEXT PARTITION KEY\n\"local\" TEXT\n\"global\"\n"},
    {{KEY, "ID TEXT", "Id"},
     "\"id\" TEXT PARTITION KEY\n\"ID\" TEXT\n\"Id\"\n"},
    {{KEY, "billing = 'on_demand'"}, "\"id\" TEXT PARTITION KEY\n"},
    {{KEY, "billing='provisioned'", "READ_UNITS = 10", "write_units=5"},
     "\"id\" TEXT PARTITION KEY\nbilling = 'provisioned'\nread_units = 10\n"
     "write_units = 5\n"},
    {{KEY, "write_units = 40000", "read_units = 40000",
      "billing = 'provisioned'"},
     "\"id\" TEXT PARTITION KEY\nbilling = 'provisioned'\n"
     "read_units = 40000\nwrite_units = 40000\n"},
    {{KEY, "partition_bytes = 100000", "strict = 'plan'"},
     "\"id\" TEXT PARTITION KEY\npartition_bytes = 100000\n"
     "strict = 'plan'\n"},
    {{KEY, "strict = 'off'", "partition_bytes = 10737418240"},
     "\"id\" TEXT PARTITION KEY\n"},
};

static const char *printed(const dyn_definition *definition)
{
    const char *const *arguments;
    size_t count;
    dyn_buffer out;
    dyn_bytes text;
    ck_assert_int_eq(
        dyn_declaration_print(&call, definition, &arguments, &count), DYN_OK);
    dyn_buffer_begin(&out, &call, 16);
    for (size_t i = 0; i < count; i++) {
        dyn_buffer_add_text(&out, arguments[i]);
        dyn_buffer_add_byte(&out, '\n');
    }
    ck_assert_int_eq(dyn_buffer_end(&out, &text), DYN_OK);
    return (const char *)text.data;
}

START_TEST(a_good_declaration_is_read)
{
    dyn_definition definition;
    ck_assert_int_eq(dyn_declaration_parse(&call, good[_i].arguments,
                                           count_of(good[_i].arguments),
                                           &definition),
                     DYN_OK);
    ck_assert_str_eq(printed(&definition), good[_i].printed);
}
END_TEST

START_TEST(what_is_printed_means_the_same)
{
    dyn_definition a;
    dyn_definition b;
    const char *const *arguments;
    size_t count;
    ck_assert_int_eq(dyn_declaration_parse(&call, good[_i].arguments,
                                           count_of(good[_i].arguments), &a),
                     DYN_OK);
    ck_assert_int_eq(dyn_declaration_print(&call, &a, &arguments, &count),
                     DYN_OK);
    ck_assert_int_eq(dyn_declaration_parse(&call, arguments, count, &b),
                     DYN_OK);
    ck_assert_uint_eq(a.column_count, b.column_count);
    for (size_t i = 0; i < a.column_count; i++) {
        ck_assert(dyn_bytes_equal(a.columns[i].name, b.columns[i].name));
        ck_assert_int_eq(a.columns[i].type, b.columns[i].type);
        ck_assert_int_eq(a.columns[i].has_type, b.columns[i].has_type);
    }
    ck_assert_int_eq(a.key.partition[0], b.key.partition[0]);
    ck_assert_int_eq(a.key.sort_count, b.key.sort_count);
    ck_assert_int_eq(a.key.sort[0], b.key.sort[0]);
    ck_assert_int_eq(a.billing, b.billing);
    ck_assert_int_eq(a.read_units, b.read_units);
    ck_assert_int_eq(a.write_units, b.write_units);
    ck_assert_int_eq(a.partition_bytes, b.partition_bytes);
    ck_assert_int_eq(a.strict_plan, b.strict_plan);
}
END_TEST

START_TEST(columns_are_found_by_their_exact_name)
{
    static const char *const arguments[] = {KEY, "ID", "b"};
    dyn_definition definition;
    ck_assert_int_eq(dyn_declaration_parse(&call, arguments, 3, &definition),
                     DYN_OK);
    ck_assert_int_eq(dyn_definition_column(&definition, dyn_bytes_text("id")),
                     0);
    ck_assert_int_eq(dyn_definition_column(&definition, dyn_bytes_text("ID")),
                     1);
    ck_assert_int_eq(dyn_definition_column(&definition, dyn_bytes_text("Id")),
                     -1);
}
END_TEST

#define WHOLE   "expected a whole number above 0"
#define NO_TYPE "use TEXT, NUMBER or BLOB, then PARTITION KEY or SORT KEY"
#define OPTIONS                                                                \
    "there are billing, partition_bytes, read_units, strict, write_units"

static const struct {
    const char *arguments[ARGUMENTS_MAX];
    const char *message;
} bad[] = {
    {{NULL},
     "a table needs a partition key, as in: dynamo(id TEXT PARTITION "
     "KEY)"},
    {{"id TEXT"},
     "a table needs a partition key, as in: dynamo(id TEXT "
     "PARTITION KEY)"},
    {{"id TEXT SORT KEY"},
     "a table needs a partition key, as in: dynamo(id "
     "TEXT PARTITION KEY)"},
    {{KEY, ""}, "an argument is empty: is there a comma too many?"},
    {{KEY, " -- nothing\n"},
     "an argument is empty: is there a comma too "
     "many?"},
    {{"id PARTITION KEY"},
     "partition key \"id\" needs a type: TEXT, NUMBER or BLOB"},
    {{KEY, "x SORT KEY"}, "sort key \"x\" needs a type: TEXT, NUMBER or BLOB"},
    {{KEY, "x TEXT PARTITION KEY"},
     "\"x\" is a second partition key: a table has one"},
    {{KEY, "x TEXT SORT KEY", "y TEXT SORT KEY"},
     "\"y\" is a second sort key: a table has one"},
    {{KEY, "id TEXT"}, "column \"id\" is declared twice"},
    {{"id INTEGER PARTITION KEY"},
     "\"INTEGER\" is no type of column \"id\": " NO_TYPE},
    {{KEY, "x \"TEXT\""}, "\"\"TEXT\"\" is no type of column \"x\": " NO_TYPE},
    {{"id TEXT PARTITION"}, "expected KEY at the end"},
    {{"id TEXT PARTITION KEYS"}, "unexpected \"KEYS\": expected KEY"},
    {{"id TEXT PARTITION KEY NOT NULL"},
     "unexpected \"NOT\": expected a comma"},
    {{"id TEXT PARTITION KEY SORT KEY"},
     "unexpected \"SORT\": expected a comma"},
    {{KEY, "x TEXT y"}, "unexpected \"y\": expected a comma"},
    {{KEY, "(x)"}, "unexpected \"(\": expected a column or an option"},
    {{KEY, "1x TEXT"}, "unexpected \"1x\": expected a column or an option"},
    {{KEY, "'x' TEXT"}, "unexpected \"'x'\": expected a column or an option"},
    {{KEY, "\"\" TEXT"}, "a column or an option must not be empty"},
    {{KEY, "\"x TEXT"}, "unfinished quote: \"x TEXT"},
    {{KEY, "[x TEXT"}, "unfinished quote: [x TEXT"},
    {{KEY, "LOCAL INDEX x (y)"},
     "index x: a table without a sort key has no local indexes"},
    {{KEY, "global index x (y)"},
     "index x: key \"y\" needs a type: declare a column \"y\" with one, or "
     "write it behind the name here, as in \"y\" TEXT"},
    {{KEY, "colour = 'red'"}, "unknown option \"colour\": " OPTIONS},
    {{KEY, "billing = 'free'"},
     "billing = 'free': expected 'on_demand' or 'provisioned'"},
    {{KEY, "billing = provisioned"},
     "billing = provisioned: expected 'on_demand' or 'provisioned'"},
    {{KEY, "billing ="}, "billing = : expected 'on_demand' or 'provisioned'"},
    {{KEY, "billing = 'on_demand' x"}, "unexpected \"x\": expected a comma"},
    {{KEY, "strict = 'yes'"}, "strict = 'yes': expected 'plan' or 'off'"},
    {{KEY, "read_units = 0"}, "read_units = 0: " WHOLE},
    {{KEY, "read_units = -1"}, "read_units = -1: " WHOLE},
    {{KEY, "read_units = x"}, "read_units = x: " WHOLE},
    {{KEY, "read_units = 1e3"}, "read_units = 1e3: " WHOLE},
    {{KEY, "read_units = 1.5"}, "read_units = 1.5: " WHOLE},
    {{KEY, "strict = 'off'", "Strict = 'off'"}, "option strict is given twice"},
    {{KEY, "read_units = ''"}, "read_units = '': " WHOLE},
    {{KEY, "write_units = 40001"}, "write_units = 40001: the limit is 40000"},
    {{KEY, "write_units = 99999999999999999999"},
     "write_units = 99999999999999999999: " WHOLE},
    {{KEY, "read_units = 1", "write_units = 1"},
     "read_units and write_units go with billing = 'provisioned'"},
    {{KEY, "billing = 'provisioned'"},
     "billing = 'provisioned' needs read_units = and write_units ="},
    {{KEY, "billing = 'provisioned'", "read_units = 1"},
     "billing = 'provisioned' needs read_units = and write_units ="},
};

START_TEST(a_bad_declaration_is_refused_with_a_reason)
{
    dyn_definition definition;
    ck_assert_int_eq(dyn_declaration_parse(&call, bad[_i].arguments,
                                           count_of(bad[_i].arguments),
                                           &definition),
                     DYN_INVALID);
    ck_assert_str_eq(call.error.message, bad[_i].message);
}
END_TEST

START_TEST(the_name_of_a_key_has_up_to_255_bytes)
{
    for (int size = 255; size <= 256; size++) {
        char argument[400];
        dyn_definition definition;
        snprintf(
            argument, sizeof(argument), "%.*s TEXT PARTITION KEY", size,
            "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
            "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
            "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
            "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
            "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
        const char *const arguments[] = {argument};
        ck_assert_int_eq(
            dyn_declaration_parse(&call, arguments, 1, &definition),
            size == 255 ? DYN_OK : DYN_INVALID);
    }
}
END_TEST

START_TEST(a_table_has_up_to_1000_columns)
{
    static char texts[1001][32];
    static const char *arguments[1001];
    dyn_definition definition;
    for (int i = 0; i <= 1000; i++) {
        snprintf(texts[i], sizeof(texts[i]), "c%d TEXT%s", i,
                 i == 0 ? " PARTITION KEY" : "");
        arguments[i] = texts[i];
    }
    ck_assert_int_eq(dyn_declaration_parse(&call, arguments, 1000, &definition),
                     DYN_OK);
    ck_assert_int_eq(dyn_declaration_parse(&call, arguments, 1001, &definition),
                     DYN_INVALID);
    ck_assert_str_eq(call.error.message, "more than 1000 columns");
}
END_TEST

static const struct {
    const char *name;
    bool is_good;
} names[] = {
    {"orders", true}, {"a.b-c_D9", true},  {"a", true},
    {"", false},      {"a b", false},      {"a\"b", false},
    {"a'b", false},   {"\xc3\xa4", false}, {"a;", false},
};

START_TEST(a_table_name_has_the_characters_of_dynamodb)
{
    dyn_status status =
        dyn_name_check(&call, "table", dyn_bytes_text(names[_i].name));
    ck_assert_int_eq(status, names[_i].is_good ? DYN_OK : DYN_INVALID);
}
END_TEST

START_TEST(a_table_name_has_up_to_255_characters)
{
    unsigned char name[256];
    memset(name, 'x', sizeof(name));
    ck_assert_int_eq(dyn_name_check(&call, "table", (dyn_bytes){name, 255}),
                     DYN_OK);
    ck_assert_int_eq(dyn_name_check(&call, "table", (dyn_bytes){name, 256}),
                     DYN_INVALID);
}
END_TEST

int main(void)
{
    fault_install();
    TCase *tests = tcase_create("declaration");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, a_good_declaration_is_read, 0, COUNT_OF(good));
    tcase_add_loop_test(tests, what_is_printed_means_the_same, 0,
                        COUNT_OF(good));
    tcase_add_test(tests, columns_are_found_by_their_exact_name);
    tcase_add_loop_test(tests, a_bad_declaration_is_refused_with_a_reason, 0,
                        COUNT_OF(bad));
    tcase_add_test(tests, the_name_of_a_key_has_up_to_255_bytes);
    tcase_add_test(tests, a_table_has_up_to_1000_columns);
    tcase_add_loop_test(tests, a_table_name_has_the_characters_of_dynamodb, 0,
                        COUNT_OF(names));
    tcase_add_test(tests, a_table_name_has_up_to_255_characters);
    return unit_run("declaration", tests);
}
