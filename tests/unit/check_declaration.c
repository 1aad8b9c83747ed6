/* Declarations: what is good, every message for what is not, and that a
 * printed declaration means the same. The messages for one index are in
 * check_index.c; here is how indexes go with columns, and with each other. */
#include "call.h"
#include "engine/declaration.h"
#include "fault.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

enum { ARGUMENTS_MAX = 12 };

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
    {{KEY, "GLOBAL BLOB", "\"LOCAL\" TEXT", "index", "project TEXT"},
     "\"id\" TEXT PARTITION KEY\n\"GLOBAL\" BLOB\n\"LOCAL\" TEXT\n"
     "\"index\"\n\"project\" TEXT\n"},
    {{"PRIMARY TEXT PARTITION KEY", "INDEX NUMBER SORT KEY", "key BLOB",
      "unique"},
     "\"PRIMARY\" TEXT PARTITION KEY\n\"INDEX\" NUMBER SORT KEY\n"
     "\"key\" BLOB\n\"unique\"\n"},
    {{"GLOBAL INDEX x (e TEXT)", KEY, "a", "strict = 'plan'",
      "GLOBAL /* one */ INDEX -- more\n y (e)"},
     "\"id\" TEXT PARTITION KEY\n\"a\"\nstrict = 'plan'\n"},
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
    {{KEY, "stream = 'KEYS_ONLY'"},
     "\"id\" TEXT PARTITION KEY\nstream = 'KEYS_ONLY'\n"},
    {{KEY, "stream = 'off'"}, "\"id\" TEXT PARTITION KEY\n"},
    {{KEY, "index_delay_ms = 3600000", "replica_delay_ms = 1"},
     "\"id\" TEXT PARTITION KEY\nreplica_delay_ms = 1\nindex_delay_ms = "
     "3600000\n"},
    {{KEY, "index_delay_ms = 0", "replica_delay_ms = 0"},
     "\"id\" TEXT PARTITION KEY\n"},
    {{KEY, "point_in_time = 35"},
     "\"id\" TEXT PARTITION KEY\npoint_in_time = 35\n"},
    {{KEY, "point_in_time = 'off'"}, "\"id\" TEXT PARTITION KEY\n"},
    {{KEY, "replication_delay_ms = 60", "region = 'eu-west-1'"},
     "\"id\" TEXT PARTITION KEY\nregion = 'eu-west-1'\n"
     "replication_delay_ms = 60\n"},
    {{KEY, "ttl_delay = 60", "ttl = 'it''s \"over\"'"},
     "\"id\" TEXT PARTITION KEY\nttl = 'it''s \"over\"'\nttl_delay = 60\n"},
    {{KEY, "ttl = 'id'"}, "\"id\" TEXT PARTITION KEY\nttl = 'id'\n"},
    {{KEY, "read_scaling = '5..100'", "warm_write_units = 9000",
      "WRITE_SCALING = ' 1 .. 9 AT 20  up every 60 DOWN every 0300 '"},
     "\"id\" TEXT PARTITION KEY\nwarm_write_units = 9000\n"
     "read_scaling = '5..100 at 70'\n"
     "write_scaling = '1..9 at 20 up every 60 down every 300'\n"},
    {{KEY, "read_scaling = 'off'", "write_scaling = '7..7down never'"},
     "\"id\" TEXT PARTITION KEY\nwrite_scaling = '7..7 at 70 down never'\n"},
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
    ck_assert_int_eq(a.throughput.read_units, b.throughput.read_units);
    ck_assert_int_eq(a.throughput.write_units, b.throughput.write_units);
    ck_assert_int_eq(a.partition_bytes, b.partition_bytes);
    ck_assert_int_eq(a.strict_plan, b.strict_plan);
    ck_assert_int_eq(a.stream, b.stream);
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
#define NO_COLUMN_KEY                                                          \
    "keys are declared at their columns, as in id TEXT PARTITION KEY and day " \
    "TEXT SORT KEY"
#define NO_COLUMN_INDEX "an index begins with LOCAL INDEX or GLOBAL INDEX"
#define NO_KEY(words)                                                          \
    "\"" words "\" is no key of column \"id\": write \"id\" NUMBER PARTITION " \
    "KEY or \"id\" NUMBER SORT KEY"
#define OPTIONS                                                                \
    "there are billing, deletion_protection, hot_keys, index_delay_ms, "       \
    "max_read_units, max_write_units, partition_bytes, point_in_time, "        \
    "read_scaling, read_units, region, replica_delay_ms, "                     \
    "replication_delay_ms, stream, strict, "                                   \
    "table_class, throttle, throttle_wait_ms, ttl, ttl_delay, "                \
    "warm_read_units, warm_write_units, write_scaling, write_units"

#define SORT "s NUMBER SORT KEY"
#define NEEDS_TYPE(name)                                                       \
    "index x: key \"" name "\" needs a type: declare a column \"" name         \
    "\" with one, or write it behind the name here, as in \"" name "\" TEXT"

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
    {{"id NUMBER PRIMARY KEY"}, NO_KEY("PRIMARY KEY")},
    {{"id NUMBER partiton key"}, NO_KEY("partiton KEY")},
    {{"id NUMBER HASH /* or */ KEY \"x"}, NO_KEY("HASH KEY")},
    {{"id NUMBER HASH \"KEY\""}, "unexpected \"HASH\": expected a comma"},
    {{"id PRIMARY KEY"}, "\"PRIMARY\" is no type of column \"id\": " NO_TYPE},
    {{"id TEXT", "PRIMARY KEY(id)"},
     "\"KEY\" is no type of column \"PRIMARY\": " NO_COLUMN_KEY},
    {{"id TEXT", "partition key (id)"},
     "\"key\" is no type of column \"partition\": " NO_COLUMN_KEY},
    {{KEY, "INDEX x(a)"},
     "\"x\" is no type of column \"INDEX\": " NO_COLUMN_INDEX},
    {{KEY, "index (a)"},
     "\"(\" is no type of column \"index\": " NO_COLUMN_INDEX},
    {{KEY, "UNIQUE INDEX x (a)"},
     "\"INDEX\" is no type of column \"UNIQUE\": " NO_COLUMN_INDEX},
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
    {{KEY, SORT, "a TEXT", "GLOBAL INDEX x (a)", "GLOBAL INDEX x (s)"},
     "index \"x\" is declared twice"},
    {{KEY, SORT, "a TEXT", "GLOBAL INDEX x (a)", "LOCAL INDEX X (a)"},
     "index \"X\" is declared twice"},
    {{KEY, "GLOBAL INDEX x (a TEXT)", "GLOBAL INDEX y (a NUMBER)"},
     "index y: key \"a\" is TEXT elsewhere"},
    {{KEY, "GLOBAL INDEX x (a BLOB)", "a NUMBER"},
     "index x: key \"a\" is NUMBER elsewhere"},
    {{KEY, SORT, "GLOBAL INDEX y (a BLOB)", "LOCAL INDEX x (a TEXT)"},
     "index x: key \"a\" is BLOB elsewhere"},
    {{KEY, SORT, "GLOBAL INDEX y (a BLOB)", "LOCAL INDEX x (a TEXT)", "a"},
     "index x: key \"a\" is BLOB elsewhere"},
    {{KEY, "GLOBAL INDEX x (a)", "GLOBAL INDEX y (a TEXT)", "a"},
     "index x: column \"a\" is a key and needs a type: TEXT, NUMBER or BLOB"},
    {{KEY, "GLOBAL INDEX x (ID)"}, NEEDS_TYPE("ID")},
    {{KEY, "GLOBAL INDEX x (id, e)"}, NEEDS_TYPE("e")},
    {{KEY, "GLOBAL INDEX x PARTITION KEY (a TEXT) SORT KEY (b TEXT, a)"},
     "index x: \"a\" is in its key twice"},
    {{KEY, "GLOBAL INDEX x PARTITION KEY (a TEXT) SORT KEY (b TEXT, c TEXT, d "
           "TEXT, e TEXT, f TEXT)"},
     "index x: key \"f\" is one too many: there may be 4 here"},
    {{KEY, "GLOBAL INDEX x PARTITION (id)"}, "unexpected \"(\": expected KEY"},
    {{KEY, "GLOBAL INDEX x PARTITION KEY (id) SORT (id)"},
     "unexpected \"(\": expected KEY"},
    {{KEY, "GLOBAL INDEX x SORT KEY (id)"}, "unexpected \"SORT\": expected ("},
    {{KEY, "GLOBAL INDEX '' (id)"},
     "unexpected \"''\": expected the name of the index"},
    {{KEY, "GLOBAL INDEX \"\" (id)"},
     "the name of the index must not be empty"},
    {{KEY, "GLOBAL INDEX x (\"\" TEXT)"},
     "the name of a key must not be empty"},
    {{KEY, "GLOBAL INDEX x (id) PROJECT (a, \"\")"},
     "the name of an attribute must not be empty"},
    {{KEY, "GLOBAL INDEX x (id) PROJECT (a"}, "expected ) at the end"},
    {{KEY, "GLOBAL INDEX x (id) PROJECT (a b)"},
     "unexpected \"b\": expected )"},
    {{KEY, "GLOBAL INDEX x (id) PROJECT (id, a, id)"},
     "index x: \"id\" is projected twice"},
    {{KEY, "GLOBAL INDEX x (id) PROJECT KEYS (a)"},
     "unexpected \"(\": expected a comma"},
    {{KEY, "GLOBAL INDEX x (\"id)"}, "unfinished quote: \"id)"},
    {{KEY, "LOCAL \"INDEX\""},
     "\"\"INDEX\"\" is no type of column \"LOCAL\": " NO_TYPE},
    {{KEY, "\"LOCAL\" INDEX"},
     "\"INDEX\" is no type of column \"LOCAL\": " NO_COLUMN_INDEX},
    {{KEY, "GLOBAL INDEX x (id)", "colour = 'red'"},
     "unknown option \"colour\": " OPTIONS},
    {{KEY, "colour = 'red'"}, "unknown option \"colour\": " OPTIONS},
    {{KEY, "billing = 'free'"},
     "billing = 'free': expected 'on_demand' or 'provisioned'"},
    {{KEY, "billing = provisioned"},
     "billing = provisioned: expected 'on_demand' or 'provisioned'"},
    {{KEY, "billing ="}, "billing = : expected 'on_demand' or 'provisioned'"},
    {{KEY, "billing = 'on_demand' x"}, "unexpected \"x\": expected a comma"},
    {{KEY, "stream = 'ALL'"},
     "stream = 'ALL': expected 'KEYS_ONLY', 'NEW_IMAGE', 'OLD_IMAGE', "
     "'NEW_AND_OLD_IMAGES' or 'off'"},
    {{KEY, "strict = 'yes'"}, "strict = 'yes': expected 'plan' or 'off'"},
    {{KEY, "read_units = 0"}, "read_units = 0: " WHOLE},
    {{KEY, "read_units = -1"}, "read_units = -1: " WHOLE},
    {{KEY, "read_units = x"}, "read_units = x: " WHOLE},
    {{KEY, "read_units = 1e3"}, "read_units = 1e3: " WHOLE},
    {{KEY, "read_units = 1.5"}, "read_units = 1.5: " WHOLE},
    {{KEY, "read_units = .5"}, "read_units = .5: " WHOLE},
    {{KEY, "read_units = -.5"}, "read_units = -.5: " WHOLE},
    {{KEY, "write_units = +7"}, "write_units = +7: " WHOLE},
    {{KEY, "partition_bytes = -5 -- why\n"}, "partition_bytes = -5: " WHOLE},
    {{KEY, "strict = 'off'", "Strict = 'off'"}, "option strict is given twice"},
    {{KEY, "BILLING = 'on_demand'", "x", "billing = 'on_demand'"},
     "option billing is given twice"},
    {{KEY, "read_units = 1", "read_units = 2"},
     "option read_units is given twice"},
    {{KEY, "write_units = 1", "write_units = 1"},
     "option write_units is given twice"},
    {{KEY, "partition_bytes = 1", "partition_bytes = 1"},
     "option partition_bytes is given twice"},
    {{KEY, "read_units = ''"}, "read_units = '': " WHOLE},
    {{KEY, "ttl = ''"},
     "ttl = '': expected the name of an attribute, as in 'ExpiresAt'"},
    {{KEY, "ttl = id"},
     "ttl = id: expected the name of an attribute, as in 'ExpiresAt'"},
    {{KEY, "point_in_time = 36"}, "point_in_time = 36: the limit is 35"},
    {{KEY, "point_in_time = 'on'"},
     "point_in_time = 'on': expected a number of days, 1 to 35, or 'off'"},
    {{KEY, "region = eu"},
     "region = eu: expected the name of a region, as in 'eu-west-1'"},
    {{KEY, "region = 'eu_west'"},
     "\"eu_west\" is no name of a region, as eu-west-1 is one: letters, digits "
     "and -, at most 32"},
    {{KEY, "replication_delay_ms = 0"}, "replication_delay_ms = 0: " WHOLE},
    {{KEY, "ttl = 'a'", "ttl_delay = 0"}, "ttl_delay = 0: " WHOLE},
    {{KEY, "ttl = 'a'", "ttl_delay = 2592001"},
     "ttl_delay = 2592001: the limit is 2592000"},
    {{KEY, "replica_delay_ms = 'soon'"},
     "replica_delay_ms = 'soon': expected a whole number"},
    {{KEY, "replica_delay_ms = 3600001"},
     "replica_delay_ms = 3600001: the limit is 3600000"},
    {{KEY, "index_delay_ms = 3600001"},
     "index_delay_ms = 3600001: the limit is 3600000"},
    {{KEY, "ttl_delay = 5"},
     "ttl_delay goes with ttl, as in ttl = 'ExpiresAt'"},
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

/* --------------------------------------------------------------- indexes -- */

static dyn_definition definition_of(const char *const *arguments)
{
    dyn_definition definition;
    ck_assert_int_eq(dyn_declaration_parse(&call, arguments,
                                           count_of(arguments), &definition),
                     DYN_OK);
    return definition;
}

/* That an attribute is so named and typed. */
static void check_attribute(const dyn_definition *definition, size_t number,
                            const char *name, dyn_type type)
{
    ck_assert_uint_lt(number, definition->attribute_count);
    const dyn_column *column = &definition->columns[number];
    ck_assert(dyn_bytes_equal_text(column->name, name));
    ck_assert_uint_eq(column->name.data[column->name.size_bytes], 0);
    ck_assert_int_eq(column->type, type);
    ck_assert(column->has_type);
}

/* An index before the columns that it names; and what each of its parts is. */
START_TEST(an_index_has_its_name_its_keys_and_its_projection)
{
    static const char *const arguments[] = {
        "Global Index g Partition Key (b, a) Sort Key (s) Project (z, id, c)",
        "local INDEX l (b) project all",
        "partition_bytes = 5",
        KEY,
        SORT,
        "a BLOB",
        "b TEXT",
        "c",
        NULL};
    dyn_definition table = definition_of(arguments);
    ck_assert_uint_eq(table.column_count, 5);
    ck_assert_uint_eq(table.attribute_count, 5);
    ck_assert_int_eq(table.partition_bytes, 5);
    ck_assert_uint_eq(table.index_count, 2);

    const dyn_index *local = &table.indexes[0];
    ck_assert_str_eq((const char *)local->name.data, "l");
    ck_assert(local->is_local);
    ck_assert_uint_eq(local->key.partition_count, 1);
    ck_assert_uint_eq(local->key.partition[0], 0); /* id, as the table */
    ck_assert_uint_eq(local->key.sort_count, 1);
    ck_assert_uint_eq(local->key.sort[0], 3);
    ck_assert_int_eq(local->project, DYN_PROJECT_ALL);
    ck_assert_uint_eq(local->included_count, 0);

    const dyn_index *global = &table.indexes[1];
    ck_assert_str_eq((const char *)global->name.data, "g");
    ck_assert(!global->is_local);
    ck_assert_uint_eq(global->key.partition_count, 2);
    ck_assert_uint_eq(global->key.partition[0], 3);
    ck_assert_uint_eq(global->key.partition[1], 2);
    ck_assert_uint_eq(global->key.sort_count, 1);
    ck_assert_uint_eq(global->key.sort[0], 1);
    ck_assert_int_eq(global->project, DYN_PROJECT_SOME);
    ck_assert_uint_eq(global->included_count, 2); /* without id */
    ck_assert(dyn_bytes_equal_text(global->included[0], "z"));
    ck_assert(dyn_bytes_equal_text(global->included[1], "c"));
}
END_TEST

START_TEST(keys_that_are_no_columns_are_attributes_behind_the_columns)
{
    static const char *const arguments[] = {
        "GLOBAL INDEX g1 (e NUMBER, f BLOB)",
        "GLOBAL INDEX g2 (f, e)",      /* the same two */
        "GLOBAL INDEX g3 (E TEXT, a)", /* not the same as e */
        KEY,
        "a TEXT",
        "billing = 'on_demand'",
        NULL};
    dyn_definition table = definition_of(arguments);
    ck_assert_uint_eq(table.column_count, 2);
    ck_assert_uint_eq(table.attribute_count, 5);
    check_attribute(&table, 0, "id", DYN_TYPE_S);
    check_attribute(&table, 1, "a", DYN_TYPE_S);
    check_attribute(&table, 2, "e", DYN_TYPE_N);
    check_attribute(&table, 3, "f", DYN_TYPE_B);
    check_attribute(&table, 4, "E", DYN_TYPE_S);
    ck_assert_uint_eq(table.indexes[0].key.partition[0], 2);
    ck_assert_uint_eq(table.indexes[0].key.sort[0], 3);
    ck_assert_uint_eq(table.indexes[1].key.partition[0], 3);
    ck_assert_uint_eq(table.indexes[1].key.sort[0], 2);
    ck_assert_uint_eq(table.indexes[2].key.partition[0], 4);
    ck_assert_uint_eq(table.indexes[2].key.sort[0], 1);
    ck_assert_int_eq(dyn_definition_column(&table, dyn_bytes_text("f")), 3);
    ck_assert_int_eq(dyn_definition_column(&table, dyn_bytes_text("F")), -1);
}
END_TEST

START_TEST(a_type_that_an_index_is_declared_with_is_that_of_its_column)
{
    static const char *const arguments[] = {"GLOBAL INDEX g (b NUMBER, a)",
                                            "GLOBAL INDEX h (b)",
                                            KEY,
                                            "a BLOB",
                                            "b",
                                            NULL};
    dyn_definition table = definition_of(arguments);
    ck_assert_uint_eq(table.attribute_count, 3);
    check_attribute(&table, 1, "a", DYN_TYPE_B);
    check_attribute(&table, 2, "b", DYN_TYPE_N);
    ck_assert_str_eq(printed(&table), "\"id\" TEXT PARTITION KEY\n"
                                      "\"a\" BLOB\n\"b\" NUMBER\n");
}
END_TEST

/* However many indexes there are, there is room for all of their keys. */
START_TEST(all_indexes_may_have_keys_that_are_no_columns)
{
    enum { INDEXES = DYN_GLOBAL_INDEXES_MAX };
    const char *arguments[INDEXES + 2] = {KEY};
    for (int i = 0; i < INDEXES; i++) {
        arguments[1 + i] = dyn_format(
            &call,
            "GLOBAL INDEX x%d PARTITION KEY (a%d TEXT, b%d TEXT, c%d TEXT, d%d "
            "TEXT) SORT KEY (e%d TEXT, f%d TEXT, g%d TEXT, h%d NUMBER)",
            i, i, i, i, i, i, i, i, i);
    }
    for (size_t count = 1; count <= INDEXES; count++) {
        dyn_definition table;
        ck_assert_int_eq(
            dyn_declaration_parse(&call, arguments, 1 + count, &table), DYN_OK);
        ck_assert_uint_eq(table.index_count, count);
        ck_assert_uint_eq(table.attribute_count, 1 + count * 8);
        for (size_t i = 0; i < count; i++) {
            const char *name = dyn_format(&call, "h%d", (int)i);
            ck_assert_uint_eq(table.indexes[i].key.sort[3], (i + 1) * 8);
            check_attribute(&table, (i + 1) * 8, name, DYN_TYPE_N);
        }
    }
}
END_TEST

START_TEST(the_name_of_a_key_of_an_index_has_up_to_255_bytes)
{
    char name[257];
    memset(name, 'x', sizeof(name));
    for (int size = 255; size <= 256; size++) {
        const char *arguments[] = {
            KEY, dyn_format(&call, "GLOBAL INDEX g (%.*s TEXT)", size, name)};
        dyn_definition table;
        ck_assert_int_eq(dyn_declaration_parse(&call, arguments, 2, &table),
                         size == 255 ? DYN_OK : DYN_INVALID);
    }
    ck_assert_ptr_nonnull(
        strstr(call.error.message, "xxx\" is longer than 255 bytes"));
}
END_TEST

START_TEST(the_name_of_an_index_has_up_to_255_characters)
{
    char name[257];
    memset(name, 'x', sizeof(name));
    for (int size = 255; size <= 256; size++) {
        const char *arguments[] = {
            KEY, dyn_format(&call, "GLOBAL INDEX %.*s (id)", size, name)};
        dyn_definition table;
        ck_assert_int_eq(dyn_declaration_parse(&call, arguments, 2, &table),
                         size == 255 ? DYN_OK : DYN_INVALID);
    }
}
END_TEST

START_TEST(an_index_is_found_by_its_exact_name)
{
    static const char *const arguments[] = {KEY, SORT, "GLOBAL INDEX g (s)",
                                            "LOCAL INDEX \"l.1-x\" (s)", NULL};
    dyn_definition table = definition_of(arguments);
    ck_assert_int_eq(dyn_definition_index(&table, dyn_bytes_text("l.1-x")), 0);
    ck_assert_int_eq(dyn_definition_index(&table, dyn_bytes_text("g")), 1);
    ck_assert_int_eq(dyn_definition_index(&table, dyn_bytes_text("G")), -1);
    ck_assert_int_eq(dyn_definition_index(&table, dyn_bytes_text("")), -1);
    ck_assert_int_eq(dyn_definition_index(&table, dyn_bytes_text("id")), -1);
}
END_TEST

START_TEST(a_key_schema_has_its_partition_and_its_sort_keys)
{
    dyn_key_schema key = {.partition = {4, 2, 9, 9},
                          .sort = {7, 0, 9, 9},
                          .partition_count = 2,
                          .sort_count = 1};
    static const bool expected[] = {false, false, true, false, true,
                                    false, false, true, false, false};
    for (int i = 0; i < COUNT_OF(expected); i++)
        ck_assert_int_eq(dyn_key_schema_has(&key, (size_t)i), expected[i]);
}
END_TEST

static const struct {
    const char *index;
    const char *projected; /* out of those of the test */
} projections[] = {
    {"GLOBAL INDEX x (a)", "id s a e c other"},
    {"GLOBAL INDEX x (a) PROJECT ALL", "id s a e c other"},
    {"GLOBAL INDEX x (a) PROJECT KEYS", "id s a"},
    {"GLOBAL INDEX x (a, e TEXT) PROJECT KEYS", "id s a e"},
    {"GLOBAL INDEX x (a) PROJECT (other)", "id s a other"},
    {"GLOBAL INDEX x (a) PROJECT (a, id)", "id s a"},
    {"LOCAL INDEX x (a)", "id s a e c other"},
    {"LOCAL INDEX x (e TEXT) PROJECT KEYS", "id s e"},
    {"LOCAL INDEX x (a) PROJECT (c, s)", "id s a c"},
};

START_TEST(an_index_projects_the_keys_and_what_it_includes)
{
    static const char *const names[] = {"id", "s", "a", "e", "c", "other"};
    const char *const arguments[] = {
        KEY, SORT, "a TEXT", "c BLOB", projections[_i].index, NULL};
    dyn_definition table = definition_of(arguments);
    dyn_buffer out;
    dyn_bytes text;
    dyn_buffer_begin(&out, &call, 64);
    for (int i = 0; i < COUNT_OF(names); i++) {
        if (!dyn_index_projects(&table, table.indexes,
                                dyn_bytes_text(names[i])))
            continue;
        if (out.size_bytes > 0) dyn_buffer_add_byte(&out, ' ');
        dyn_buffer_add_text(&out, names[i]);
    }
    ck_assert_int_eq(dyn_buffer_end(&out, &text), DYN_OK);
    ck_assert_str_eq((const char *)text.data, projections[_i].projected);
}
END_TEST

/* --------------------------------------------------------- one more index --
 */

#define INDEXED                                                                \
    KEY, SORT, "a TEXT", "b BLOB", "\"c \"\"d\"\"\"", "GLOBAL INDEX g (a, s)", \
        "LOCAL INDEX l (e NUMBER) PROJECT KEYS",                               \
        "GLOBAL INDEX h PARTITION KEY (b, f TEXT) SORT KEY (\"g \"\"\" BLOB, " \
        "e) PROJECT (z, \"c \"\"d\"\"\", y)"
static const char *const indexed[] = {INDEXED, NULL};

static void check_same_keys(const dyn_definition *a, const uint16_t *of_a,
                            size_t a_count, const dyn_definition *b,
                            const uint16_t *of_b, size_t b_count)
{
    ck_assert_uint_eq(a_count, b_count);
    for (size_t i = 0; i < a_count; i++) {
        const dyn_column *left = &a->columns[of_a[i]];
        const dyn_column *right = &b->columns[of_b[i]];
        ck_assert(dyn_bytes_equal(left->name, right->name));
        ck_assert_int_eq(left->type, right->type);
        ck_assert_int_eq(of_a[i] < a->column_count, of_b[i] < b->column_count);
    }
}

static void check_same_index(const dyn_definition *a, const dyn_index *x,
                             const dyn_definition *b, const dyn_index *y)
{
    ck_assert(dyn_bytes_equal(x->name, y->name));
    ck_assert_int_eq(x->is_local, y->is_local);
    check_same_keys(a, x->key.partition, x->key.partition_count, b,
                    y->key.partition, y->key.partition_count);
    check_same_keys(a, x->key.sort, x->key.sort_count, b, y->key.sort,
                    y->key.sort_count);
    ck_assert_int_eq(x->project, y->project);
    ck_assert_uint_eq(x->included_count, y->included_count);
    for (size_t i = 0; i < x->included_count; i++)
        ck_assert(dyn_bytes_equal(x->included[i], y->included[i]));
}

static const char *printed_index(const dyn_definition *definition,
                                 const dyn_index *index)
{
    const char *text = NULL;
    ck_assert_int_eq(
        dyn_declaration_print_index(&call, definition, index, &text), DYN_OK);
    return text;
}

/* A table is stored as its arguments and its indexes, one by one. */
START_TEST(a_table_and_its_printed_indexes_are_the_table_again)
{
    dyn_definition table = definition_of(indexed);
    dyn_definition again;
    const char *const *arguments;
    size_t count;
    ck_assert_int_eq(dyn_declaration_print(&call, &table, &arguments, &count),
                     DYN_OK);
    ck_assert_int_eq(dyn_declaration_parse(&call, arguments, count, &again),
                     DYN_OK);
    ck_assert_uint_eq(again.index_count, 0);
    ck_assert_uint_eq(again.attribute_count, table.column_count);
    for (size_t i = table.index_count; i-- > 0;) { /* in another order */
        dyn_definition more;
        const char *text = printed_index(&table, &table.indexes[i]);
        ck_assert_int_eq(dyn_declaration_add_index(&call, &again, text, &more),
                         DYN_OK);
        again = more;
    }
    ck_assert_uint_eq(again.index_count, table.index_count);
    ck_assert_uint_eq(again.attribute_count, table.attribute_count);
    for (size_t i = 0; i < table.index_count; i++) {
        int found = dyn_definition_index(&again, table.indexes[i].name);
        ck_assert_int_ge(found, 0);
        check_same_index(&table, &table.indexes[i], &again,
                         &again.indexes[found]);
        ck_assert_str_eq(printed_index(&table, &table.indexes[i]),
                         printed_index(&again, &again.indexes[found]));
    }
}
END_TEST

START_TEST(every_projection_is_printed_and_read_again)
{
    const char *const arguments[] = {
        KEY, SORT, "a TEXT", "c BLOB", projections[_i].index, NULL};
    dyn_definition table = definition_of(arguments);
    dyn_definition bare;
    dyn_definition again;
    ck_assert_int_eq(dyn_declaration_parse(&call, arguments, 4, &bare), DYN_OK);
    ck_assert_int_eq(
        dyn_declaration_add_index(&call, &bare,
                                  printed_index(&table, table.indexes), &again),
        DYN_OK);
    check_same_index(&table, table.indexes, &again, again.indexes);
}
END_TEST

START_TEST(an_index_is_printed_with_the_types_of_what_is_no_column)
{
    static const char *const texts[] = {
        "LOCAL INDEX \"l\" (\"e\" NUMBER) PROJECT KEYS",
        "GLOBAL INDEX \"g\" PARTITION KEY (\"a\") SORT KEY (\"s\")",
        ("GLOBAL INDEX \"h\" PARTITION KEY (\"b\", \"f\" TEXT) SORT KEY (\"g "
         "\"\"\" BLOB, \"e\" NUMBER) PROJECT (\"z\", \"c \"\"d\"\"\", \"y\")")};
    dyn_definition table = definition_of(indexed);
    for (int i = 0; i < COUNT_OF(texts); i++)
        ck_assert_str_eq(printed_index(&table, &table.indexes[i]), texts[i]);
}
END_TEST

#define SCALED_INDEX                                                           \
    "GLOBAL INDEX g (id) WRITE SCALING '1..9 down never' WARM READ UNITS 8 "   \
    "READ UNITS 7 READ SCALING 'off' WRITE UNITS NULL"

START_TEST(an_index_is_printed_with_its_throughput)
{
    static const char *const arguments[] = {KEY, "billing = 'provisioned'",
                                            "read_units = 1", "write_units = 1",
                                            SCALED_INDEX};
    dyn_definition table;
    ck_assert_int_eq(
        dyn_declaration_parse(&call, arguments, COUNT_OF(arguments), &table),
        DYN_OK);
    ck_assert_str_eq(printed_index(&table, table.indexes),
                     "GLOBAL INDEX \"g\" PARTITION KEY (\"id\") READ UNITS 7 "
                     "WARM READ UNITS 8 WRITE SCALING '1..9 at 70 down never'");
}
END_TEST

START_TEST(an_added_index_is_the_last_of_its_kind)
{
    dyn_definition table = definition_of(indexed);
    dyn_definition more;
    ck_assert_int_eq(
        dyn_declaration_add_index(&call, &table, "LOCAL INDEX m (a)", &more),
        DYN_OK);
    ck_assert_uint_eq(more.index_count, 4);
    ck_assert_str_eq((const char *)more.indexes[0].name.data, "l");
    ck_assert_str_eq((const char *)more.indexes[1].name.data, "m");
    ck_assert_str_eq((const char *)more.indexes[2].name.data, "g");
    ck_assert_int_eq(
        dyn_declaration_add_index(&call, &table, "GLOBAL INDEX m (a)", &more),
        DYN_OK);
    ck_assert_str_eq((const char *)more.indexes[3].name.data, "m");
}
END_TEST

/* The definition is of a call that may go on without the index, or end only
 * after the other; the text is whoever's. */
START_TEST(adding_an_index_copies_its_text_and_leaves_the_definition_alone)
{
    dyn_definition table = definition_of(indexed);
    dyn_definition before = table;
    dyn_column columns[8];
    dyn_index indexes[3];
    ck_assert_uint_eq(table.attribute_count, COUNT_OF(columns));
    ck_assert_uint_eq(table.index_count, COUNT_OF(indexes));
    memcpy(columns, table.columns, sizeof(columns));
    memcpy(indexes, table.indexes, sizeof(indexes));

    char text[] = "LOCAL INDEX m (\"new\" TEXT) PROJECT (v, \"w\")";
    dyn_call other;
    dyn_definition more;
    dyn_call_begin(&other);
    ck_assert_int_eq(dyn_declaration_add_index(&other, &table, text, &more),
                     DYN_OK);
    memset(text, '#', sizeof(text));
    check_attribute(&more, 8, "new", DYN_TYPE_S);
    const dyn_index *index = &more.indexes[1];
    ck_assert_str_eq((const char *)index->name.data, "m");
    ck_assert(dyn_bytes_equal_text(index->included[0], "v"));
    ck_assert(dyn_bytes_equal_text(index->included[1], "w"));
    dyn_call_end(&other);

    ck_assert_mem_eq(&table, &before, sizeof(table));
    ck_assert_mem_eq(table.columns, columns, sizeof(columns));
    ck_assert_mem_eq(table.indexes, indexes, sizeof(indexes));
}
END_TEST

/* The column stays without a type, as it is in the schema of SQLite. */
START_TEST(the_type_that_an_added_index_says_of_a_column_is_kept_with_the_index)
{
    static const char *const arguments[] = {KEY, "v", NULL};
    dyn_definition table = definition_of(arguments);
    dyn_definition one;
    dyn_definition two;
    dyn_definition other;
    ck_assert_int_eq(dyn_declaration_add_index(
                         &call, &table, "GLOBAL INDEX g (v NUMBER)", &one),
                     DYN_OK);
    ck_assert_int_eq(
        dyn_declaration_add_index(&call, &one, "GLOBAL INDEX h (id, v)", &two),
        DYN_OK);
    ck_assert_int_eq(two.columns[1].type, DYN_TYPE_N);
    ck_assert(dyn_definition_has_columns(&two, &table));
    ck_assert_str_eq(printed(&two), printed(&table));
    ck_assert_str_eq(printed_index(&two, &two.indexes[0]),
                     "GLOBAL INDEX \"g\" PARTITION KEY (\"v\" NUMBER)");
    ck_assert_str_eq(printed_index(&two, &two.indexes[1]),
                     "GLOBAL INDEX \"h\" PARTITION KEY (\"id\") SORT KEY "
                     "(\"v\" NUMBER)");
    ck_assert_int_eq(dyn_declaration_add_index(
                         &call, &two, "GLOBAL INDEX i (v TEXT)", &other),
                     DYN_INVALID);
    ck_assert_str_eq(call.error.message,
                     "index i: key \"v\" is NUMBER elsewhere");
}
END_TEST

static const struct {
    const char *text;
    const char *message;
} not_added[] = {
    {"", "an argument is empty: is there a comma too many?"},
    {"a TEXT", "unexpected \"a\": expected LOCAL INDEX or GLOBAL INDEX"},
    {"strict = 'off'",
     "unexpected \"strict\": expected LOCAL INDEX or GLOBAL INDEX"},
    {"INDEX m (a)", "unexpected \"INDEX\": expected LOCAL INDEX or GLOBAL "
                    "INDEX"},
    {"GLOBAL INDEX g (a)", "index \"g\" is declared twice"},
    {"LOCAL INDEX H (a)", "index \"H\" is declared twice"},
    {"LOCAL INDEX m (e TEXT)", "index m: key \"e\" is NUMBER elsewhere"},
    {"LOCAL INDEX m (\"c \"\"d\"\"\")",
     "index m: column \"c \"d\"\" is a key and needs a type: TEXT, NUMBER or "
     "BLOB"},
    {"GLOBAL INDEX m (a), GLOBAL INDEX n (a)",
     "unexpected \",\": expected a comma"},
};

START_TEST(an_index_that_does_not_go_with_the_others_is_not_added)
{
    dyn_definition table = definition_of(indexed);
    dyn_definition more;
    ck_assert_int_eq(
        dyn_declaration_add_index(&call, &table, not_added[_i].text, &more),
        DYN_INVALID);
    ck_assert_str_eq(call.error.message, not_added[_i].message);
}
END_TEST

/* Add indexes, format having the number of each twice, until one is refused.
 * Returns how many there are. */
static size_t add_until_refused(dyn_definition table, const char *format)
{
    for (int i = 0;; i++) {
        dyn_definition more;
        const char *text = dyn_format(&call, format, i, i);
        if (dyn_declaration_add_index(&call, &table, text, &more) != DYN_OK)
            return table.index_count;
        table = more;
    }
}

START_TEST(adding_indexes_ends_at_the_limits)
{
    static const char *const arguments[] = {KEY, SORT, NULL};
    dyn_definition table = definition_of(arguments);
    ck_assert_uint_eq(add_until_refused(table, "LOCAL INDEX x%d (k%d TEXT)"),
                      5);
    ck_assert_str_eq(call.error.message, "index x5 is one too many: a table "
                                         "has up to 5 local indexes");
    ck_assert_uint_eq(add_until_refused(table, "GLOBAL INDEX x%d (k%d TEXT)"),
                      20);
    ck_assert_str_eq(call.error.message, "index x20 is one too many: a table "
                                         "has up to 20 global indexes");
    ck_assert_uint_eq(
        add_until_refused(table, "GLOBAL INDEX x%d (id) PROJECT (a%d,b,c,d,e,"
                                 "f,g,h,i,j,k,l,m,n,o,p,q,r,t,u)"),
        5);
    ck_assert_str_eq(call.error.message,
                     "index x5: all indexes of a table together can project "
                     "100 attributes by name");
}
END_TEST

/* ---------------------------------------------------- memory, and any text --
 */

/* Read a declaration, print it, and read what was printed. */
static dyn_status read_and_print(const char *const *arguments, size_t count)
{
    dyn_definition table;
    dyn_definition again;
    const char *const *printed_arguments;
    DYN_TRY(dyn_declaration_parse(&call, arguments, count, &table));
    DYN_TRY(dyn_declaration_print(&call, &table, &printed_arguments, &count));
    DYN_TRY(dyn_declaration_parse(&call, printed_arguments, count, &again));
    for (size_t i = 0; i < table.index_count; i++) {
        dyn_definition more;
        const char *text = NULL;
        DYN_TRY(dyn_declaration_print_index(&call, &table, &table.indexes[i],
                                            &text));
        DYN_TRY(dyn_declaration_add_index(&call, &again, text, &more));
        again = more;
    }
    return DYN_OK;
}

/* Whether it goes without the countdown-th allocation. A call has some memory
 * of its own: less of it, so that more is allocated at other places. */
static bool runs_without(int countdown, size_t own_bytes)
{
    dyn_call_end(&call);
    dyn_call_begin(&call);
    call.free_bytes = own_bytes;
    fault_set(countdown);
    dyn_status status = read_and_print(indexed, count_of(indexed));
    fault_set_off();
    ck_assert_int_eq(status, fault_hit() ? DYN_NOMEM : DYN_OK);
    return !fault_hit();
}

START_TEST(every_allocation_may_fail)
{
    int failures = 0;
    for (size_t own = 0; own <= DYN_CALL_FIRST_BYTES; own += 8) {
        for (int countdown = 0; !runs_without(countdown, own); countdown++)
            failures++;
    }
    ck_assert_int_gt(failures, 100);
}
END_TEST

/* Read bytes that end where their memory does. */
static dyn_status read_exactly(const char *bytes, size_t size_bytes)
{
    char *text = malloc(size_bytes + 1);
    memcpy(text, bytes, size_bytes);
    text[size_bytes] = '\0';
    const char *const arguments[] = {KEY, SORT, text};
    dyn_status status = read_and_print(arguments, COUNT_OF(arguments));
    free(text);
    dyn_call_end(&call);
    dyn_call_begin(&call);
    return status;
}

START_TEST(a_text_that_is_cut_is_read_or_refused)
{
    static const char *const texts[] = {
        ("GLOBAL INDEX \"h\" PARTITION KEY (b BLOB, [f] TEXT) SORT KEY (\"g "
         "\"\"\" BLOB, `e``` NUMBER) PROJECT (z, \"c \"\"d\"\"\", y) -- end"),
        "LOCAL /* a */ INDEX l (e NUMBER) /* b */ PROJECT KEYS",
        "partition_bytes = -1.5 /* c",
    };
    for (int i = 0; i < COUNT_OF(texts); i++) {
        for (size_t size = 0; size <= strlen(texts[i]); size++) {
            dyn_status status = read_exactly(texts[i], size);
            ck_assert(status == DYN_OK || status == DYN_INVALID);
        }
    }
}
END_TEST

/* What is read can be printed and read again, whatever it was. */
START_TEST(any_words_are_read_or_refused)
{
    static const char *const words[] = {
        "LOCAL",
        "GLOBAL",
        "INDEX",
        "PARTITION",
        "SORT",
        "KEY",
        "PROJECT",
        "ALL",
        "KEYS",
        "TEXT",
        "NUMBER",
        "BLOB",
        "(",
        ")",
        "(a",
        ",",
        "=",
        "a",
        "b",
        "id",
        "s",
        "\"x y\"",
        "[a]",
        "`b`",
        "'c'",
        "\"",
        "'",
        "[",
        "-1",
        "12",
        "--",
        "\n",
        "/*",
        "*/",
        "strict",
        "(a TEXT)",
        "(id)",
        "GLOBAL INDEX x",
        "LOCAL INDEX y",
        "\xff",
    };
    uint64_t state = 1;
    int good_count = 0;
    for (int i = 0; i < 20000; i++) {
        char text[256] = "";
        uint32_t count = 1 + unit_random(&state, 8);
        for (uint32_t j = 0; j < count; j++) {
            strcat(text, words[unit_random(&state, COUNT_OF(words))]);
            if (unit_random(&state, 4) > 0) strcat(text, " ");
        }
        dyn_status status = read_exactly(text, strlen(text));
        ck_assert_msg(status == DYN_OK || status == DYN_INVALID, "%s", text);
        good_count += status == DYN_OK;
    }
    ck_assert_int_gt(good_count, 100);
}
END_TEST

/* ----------------------------------------------------------------- names -- */

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
    tcase_add_checked_fixture(tests, call_setup, call_teardown);
    tcase_add_loop_test(tests, a_good_declaration_is_read, 0, COUNT_OF(good));
    tcase_add_loop_test(tests, what_is_printed_means_the_same, 0,
                        COUNT_OF(good));
    tcase_add_test(tests, columns_are_found_by_their_exact_name);
    tcase_add_loop_test(tests, a_bad_declaration_is_refused_with_a_reason, 0,
                        COUNT_OF(bad));
    tcase_add_test(tests, the_name_of_a_key_has_up_to_255_bytes);
    tcase_add_test(tests, a_table_has_up_to_1000_columns);
    tcase_add_test(tests, an_index_has_its_name_its_keys_and_its_projection);
    tcase_add_test(tests,
                   keys_that_are_no_columns_are_attributes_behind_the_columns);
    tcase_add_test(tests,
                   a_type_that_an_index_is_declared_with_is_that_of_its_column);
    tcase_add_test(tests, all_indexes_may_have_keys_that_are_no_columns);
    tcase_add_test(tests, the_name_of_a_key_of_an_index_has_up_to_255_bytes);
    tcase_add_test(tests, the_name_of_an_index_has_up_to_255_characters);
    tcase_add_test(tests, an_index_is_found_by_its_exact_name);
    tcase_add_test(tests, a_key_schema_has_its_partition_and_its_sort_keys);
    tcase_add_loop_test(tests, an_index_projects_the_keys_and_what_it_includes,
                        0, COUNT_OF(projections));
    tcase_add_test(tests, a_table_and_its_printed_indexes_are_the_table_again);
    tcase_add_loop_test(tests, every_projection_is_printed_and_read_again, 0,
                        COUNT_OF(projections));
    tcase_add_test(tests, an_index_is_printed_with_its_throughput);
    tcase_add_test(tests,
                   an_index_is_printed_with_the_types_of_what_is_no_column);
    tcase_add_test(tests, an_added_index_is_the_last_of_its_kind);
    tcase_add_test(
        tests, adding_an_index_copies_its_text_and_leaves_the_definition_alone);
    tcase_add_test(
        tests,
        the_type_that_an_added_index_says_of_a_column_is_kept_with_the_index);
    tcase_add_loop_test(tests,
                        an_index_that_does_not_go_with_the_others_is_not_added,
                        0, COUNT_OF(not_added));
    tcase_add_test(tests, adding_indexes_ends_at_the_limits);
    tcase_add_test(tests, every_allocation_may_fail);
    tcase_add_test(tests, a_text_that_is_cut_is_read_or_refused);
    tcase_add_test(tests, any_words_are_read_or_refused);
    tcase_add_loop_test(tests, a_table_name_has_the_characters_of_dynamodb, 0,
                        COUNT_OF(names));
    tcase_add_test(tests, a_table_name_has_up_to_255_characters);
    return unit_run("declaration", tests);
}
