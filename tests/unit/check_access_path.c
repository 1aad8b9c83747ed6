/* The choice of a way to read: which path serves a statement, what it leaves to
 * the caller, what it costs, and what a refused statement is told. */
#include "engine/declaration.h"
#include "fault.h"
#include "ops/access_sentence.h"
#include "unit.h"

#include <sqlite3.h>
#include <string.h>

enum { TERMS_MAX = 6, ORDER_MAX = 3, COLUMNS_MAX = 8 };

static dyn_call call;
static dyn_definition definition;

static void setup(void)
{
    static const char *const arguments[] = {
        "customer TEXT PARTITION KEY",
        "day TEXT SORT KEY",
        "status TEXT",
        "amount NUMBER",
        "note TEXT",
        "LOCAL INDEX by_amount (amount)",
        "LOCAL INDEX by_note (note) PROJECT KEYS",
        "GLOBAL INDEX by_status (status, day) PROJECT (note)",
        ("GLOBAL INDEX by_place PARTITION KEY (status, amount) "
         "SORT KEY (note) PROJECT KEYS"),
        "GLOBAL INDEX by_code (code TEXT)",
    };
    ck_assert_int_eq(sqlite3_initialize(), SQLITE_OK);
    dyn_call_begin(&call);
    dyn_status status = dyn_declaration_parse(
        &call, arguments, sizeof(arguments) / sizeof(*arguments), &definition);
    ck_assert_msg(status == DYN_OK, "%s", call.error.message);
}

static void teardown(void)
{
    dyn_call_end(&call);
    ck_assert_int_eq(sqlite3_memory_used(), 0);
}

/* How a condition is written here: a column and a comparison. */
typedef struct condition {
    const char *column;
    const char *comparison; /* !: not usable, ~: not exact, *: a list */
} condition;

typedef struct statement {
    condition terms[TERMS_MAX];
    const char *order[ORDER_MAX]; /* columns, those that go down behind a - */
    const char *uses[ORDER_MAX];  /* columns that are looked at */
    const char *mode;             /* NULL: none is given */
} statement;

static int column_of(const char *name)
{
    if (strcmp(name, "key") == 0) return DYN_STORED_KEY;
    int column = dyn_definition_column(&definition, dyn_bytes_text(name));
    return column >= 0 ? column : DYN_NO_COLUMN;
}

static dyn_term term_of(const condition *c)
{
    static const char *const words[] = {
        [DYN_COMPARE_EQUAL] = "=",
        [DYN_COMPARE_IS] = "is",
        [DYN_COMPARE_ABOVE] = ">",
        [DYN_COMPARE_AT_LEAST] = ">=",
        [DYN_COMPARE_BELOW] = "<",
        [DYN_COMPARE_AT_MOST] = "<=",
        [DYN_COMPARE_LIKE] = "like",
        [DYN_COMPARE_GLOB] = "glob",
        [DYN_COMPARE_BEGINS_WITH] = "begins",
        [DYN_COMPARE_EXISTS] = "exists",
    };
    dyn_term term = {
        .column = column_of(c->column),
        .comparison = DYN_COMPARE_OTHER,
        .is_usable = strchr(c->comparison, '!') == NULL,
        .is_exact = strchr(c->comparison, '~') == NULL,
        .is_list = strchr(c->comparison, '*') != NULL,
    };
    size_t length = strcspn(c->comparison, "!~*");
    for (int i = 0; i < COUNT_OF(words); i++) {
        if (strlen(words[i]) == length &&
            memcmp(words[i], c->comparison, length) == 0)
            term.comparison = (dyn_comparison)i;
    }
    return term;
}

/* A request, and what it points to. */
typedef struct request {
    dyn_access_request of;
    dyn_term terms[TERMS_MAX];
    dyn_ordering order[ORDER_MAX];
    bool uses[COLUMNS_MAX];
    bool is_filling[COLUMNS_MAX];
} request;

static void make_request(const statement *s, request *out)
{
    *out = (request){.of = {.table_name = "orders",
                            .definition = &definition,
                            .index_count = definition.index_count,
                            .is_filling = out->is_filling,
                            .terms = out->terms,
                            .order = out->order,
                            .uses = out->uses,
                            .has_limit = true,
                            .is_mode_known = true}};
    for (int i = 0; i < TERMS_MAX && s->terms[i].column != NULL; i++)
        out->terms[out->of.term_count++] = term_of(&s->terms[i]);
    for (int i = 0; i < ORDER_MAX && s->order[i] != NULL; i++) {
        bool is_down = s->order[i][0] == '-';
        out->order[out->of.order_count++] =
            (dyn_ordering){column_of(s->order[i] + is_down), is_down};
    }
    for (int i = 0; i < ORDER_MAX && s->uses[i] != NULL; i++) {
        bool is_item = strcmp(s->uses[i], "item") == 0;
        if (is_item) out->of.uses_item = true;
        if (!is_item) out->uses[column_of(s->uses[i])] = true;
    }
    if (s->mode == NULL) return;
    ck_assert_int_eq(
        dyn_read_mode_parse(&call, dyn_bytes_text(s->mode), &out->of.mode),
        DYN_OK);
}

enum { BYTES = 10000 }; /* of what is scanned */

static const char *describe(const request *r)
{
    dyn_access_path path;
    dyn_bytes sentence = {NULL, 0};
    dyn_access_choose(&r->of, &path);
    ck_assert_int_eq(
        dyn_access_describe(&call, &r->of, &path, BYTES, &sentence), DYN_OK);
    return (const char *)sentence.data;
}

/* ----------------------------------------------------------------- paths -- */

#define EVENTUALLY ", eventually consistent, read units: 0.5 or more"
#define CUSTOMER   "query the items with customer = ?"
#define NEEDS                                                                  \
    "a query needs customer = ?, or status = ? (index by_status), or status "  \
    "= ? and amount = ? and note IS NOT NULL (index by_place), or code = ? "   \
    "(index by_code); to read the whole table: FROM orders('scan'), or WHERE " \
    "mode = 'scan'"
#define STRONG_NEEDS                                                           \
    "a query needs customer = ?; to read the whole table: FROM "               \
    "orders('scan'), or WHERE mode = 'scan'"

static const struct {
    const char *claim;
    statement statement;
    const char *sentence;
} choices[] = {
    {"the whole key is one item",
     {.terms = {{"day", "="}, {"customer", "="}}},
     "get the item with customer = ? and day = ?, limited" EVENTUALLY},
    {"the stored key is one item",
     {.terms = {{"customer", "="}, {"key", "="}}},
     "get the item with the key ?" EVENTUALLY},
    {"a partition key is a query",
     {.terms = {{"customer", "="}}},
     CUSTOMER ", limited" EVENTUALLY},
    {"a query can be consistent",
     {.terms = {{"customer", "="}}, .mode = "strong"},
     CUSTOMER ", limited, strongly consistent, read units: 1 or more"},
    {"IS is an equality of a key that no item lacks",
     {.terms = {{"customer", "is"}}},
     CUSTOMER ", limited" EVENTUALLY},
    {"and it is none of an attribute that items lack",
     {.terms = {{"status", "is"}}},
     "refused: " NEEDS},
    {"both ends of a range are served",
     {.terms = {{"customer", "="}, {"day", ">"}, {"day", "<="}}},
     CUSTOMER " and day > ? and day <= ?, limited" EVENTUALLY},
    {"of a pattern only the prefix is, so the LIMIT is the caller's",
     {.terms = {{"customer", "="}, {"day", "like~"}}},
     CUSTOMER " and day LIKE ?" EVENTUALLY},
    {"a number has no prefix",
     {.terms = {{"customer", "="}, {"amount", "glob"}}},
     CUSTOMER EVENTUALLY},
    {"texts that are compared otherwise than keys are of no use",
     {.terms = {{"status", "=~"}}},
     "refused: " NEEDS},
    {"nor is a value that is not known yet",
     {.terms = {{"customer", "=!"}}},
     "refused: " NEEDS},
    {"nor is a condition of no column",
     {.terms = {{"nothing", "="}}},
     "refused: " NEEDS},
    {"a condition that is left over takes the LIMIT away",
     {.terms = {{"customer", "="}, {"nothing", "="}}},
     CUSTOMER EVENTUALLY},
    {"so does a list", {.terms = {{"customer", "=*"}}}, CUSTOMER EVENTUALLY},
    {"that a key exists is no condition",
     {.terms = {{"customer", "="}, {"day", "exists"}}},
     CUSTOMER ", limited" EVENTUALLY},
    {"a sort key is of no use alone",
     {.terms = {{"day", "="}}},
     "refused: " NEEDS},

    {"a local index serves its sort key",
     {.terms = {{"customer", "="}, {"amount", "="}}},
     "query index by_amount for the items with customer = ? and amount = ?, "
     "limited" EVENTUALLY},
    {"an index without what is looked at fetches the items",
     {.terms = {{"customer", "="}, {"note", "begins"}}, .uses = {"status"}},
     "query index by_note for the items with customer = ? and note beginning "
     "with ?, fetching the items from the table" EVENTUALLY},
    {"the table goes before a local index that serves no more",
     {.terms = {{"customer", "="}, {"amount", ">"}, {"day", "="}}},
     "get the item with customer = ? and day = ?" EVENTUALLY},
    {"a local index is there for its order",
     {.terms = {{"customer", "="}, {"amount", "exists"}}, .order = {"-amount"}},
     "query index by_amount for the items with customer = ?, last first, "
     "limited" EVENTUALLY},
    {"but not when it may leave items out",
     {.terms = {{"customer", "="}}, .order = {"-amount"}},
     CUSTOMER EVENTUALLY},
    {"as when items that lack its key are asked for",
     {.terms = {{"customer", "="}, {"amount", "is"}}, .order = {"amount"}},
     CUSTOMER EVENTUALLY},

    {"a global index is read when the table cannot be",
     {.terms = {{"status", "="}, {"day", ">="}}, .uses = {"note"}},
     "query index by_status for the items with status = ? and day >= ?, "
     "limited" EVENTUALLY},
    {"not when the table can be",
     {.terms = {{"status", "="}, {"day", "="}, {"customer", "="}}},
     "get the item with customer = ? and day = ?" EVENTUALLY},
    {"not when it lacks what is looked at",
     {.terms = {{"status", "="}}, .uses = {"amount"}},
     "refused: index by_status does not project amount; a query needs "
     "customer = ?, or status = ? and amount = ? and note IS NOT NULL (index "
     "by_place), or code = ? (index by_code); to read the whole table: FROM "
     "orders('scan'), or WHERE mode = 'scan'"},
    {"not for the whole item, unless it has all",
     {.terms = {{"status", "="}}, .uses = {"item"}},
     "refused: index by_status does not project the whole item; a query needs "
     "customer = ?, or code = ? (index by_code); to read the whole table: FROM "
     "orders('scan'), or WHERE mode = 'scan'"},
    {"not when the read is to be consistent",
     {.terms = {{"status", "="}}, .mode = "strong"},
     "refused: Consistent reads are not supported on global secondary indexes "
     "(index by_status); " STRONG_NEEDS},
    {"all its partition keys have to be fixed; what serves more is better",
     {.terms = {{"amount", "="}, {"status", "="}, {"note", ">"}}},
     "query index by_place for the items with status = ? and amount = ? and "
     "note > ?, limited" EVENTUALLY},
    {"not when it may leave items out",
     {.terms = {{"amount", "="}, {"status", "="}, {"day", "exists"}}},
     "query index by_status for the items with status = ?" EVENTUALLY},
    {"an index whose key is no column serves the attribute",
     {.terms = {{"code", "="}}},
     "query index by_code for the items with code = ?, limited" EVENTUALLY},
    {"and no condition of something else",
     {.terms = {{"nothing", "="}}, .mode = "index by_code"},
     "refused: a query of index by_code needs code = ?; to read the whole "
     "index: FROM orders('scan index by_code')"},

    {"the index that is named is the only way",
     {.terms = {{"customer", "="}, {"status", "="}}, .mode = "index by_status"},
     "query index by_status for the items with status = ?" EVENTUALLY},
    {"also when it leaves items out",
     {.terms = {{"customer", "="}}, .mode = "index by_amount"},
     "query index by_amount for the items with customer = ?, "
     "limited" EVENTUALLY},
    {"which is told when it cannot be read",
     {.terms = {{"customer", "="}}, .mode = "index by_status"},
     "refused: a query of index by_status needs status = ?; to read the whole "
     "index: FROM orders('scan index by_status')"},
    {"or what stands in its way",
     {.terms = {{"status", "="}}, .mode = "strong index by_status"},
     "refused: Consistent reads are not supported on global secondary indexes "
     "(index by_status)"},
    {"or that there is none",
     {.terms = {{"customer", "="}}, .mode = "index by_day"},
     "refused: The table does not have the specified index: by_day; it has "
     "by_amount, by_note, by_status, by_place, by_code"},

    {"a scan is asked for",
     {.terms = {{"status", "is"}}, .mode = "scan"},
     "scan the whole table, eventually consistent, read units: about 1.5 to "
     "its end"},
    {"of an index, too",
     {.mode = "scan index by_status"},
     "scan index by_status" EVENTUALLY},
    {"and a key goes before it",
     {.terms = {{"customer", "="}}, .mode = "scan"},
     CUSTOMER ", limited" EVENTUALLY},
};

START_TEST(the_best_path_is_chosen)
{
    static request r;
    make_request(&choices[_i].statement, &r);
    const char *sentence = describe(&r);
    ck_assert_msg(strcmp(sentence, choices[_i].sentence) == 0,
                  "%s\nis      %s\nnot     %s", choices[_i].claim, sentence,
                  choices[_i].sentence);
}
END_TEST

/* ----------------------------------------------------------------- order -- */

static const struct {
    statement statement;
    bool is_ordered;
    bool is_down;
} orders[] = {
    {{.terms = {{"customer", "="}}, .order = {"day"}}, true, false},
    {{.terms = {{"customer", "="}}, .order = {"-day"}}, true, true},
    /* fixed columns have no say */
    {{.terms = {{"customer", "="}}, .order = {"customer", "-day"}}, true, true},
    {{.terms = {{"customer", "="}, {"day", "="}}, .order = {"note"}},
     true,
     false},
    /* nor has what follows the whole key of the table */
    {{.terms = {{"customer", "="}}, .order = {"day", "-note"}}, true, false},
    {{.terms = {{"status", "="}}, .order = {"day", "customer"}}, false, false},
    {{.terms = {{"customer", "="}}, .order = {"note", "day"}}, false, false},
    {{.terms = {{"customer", "="}}, .order = {"nothing"}}, false, false},
    {{.order = {"customer"}, .mode = "scan"}, false, false},
    {{.mode = "scan"}, true, false},
};

START_TEST(the_order_of_sort_keys_is_served_either_way)
{
    static request r;
    dyn_access_path path;
    make_request(&orders[_i].statement, &r);
    dyn_access_choose(&r.of, &path);
    ck_assert_int_eq(path.is_ordered, orders[_i].is_ordered);
    ck_assert_int_eq(path.is_down, orders[_i].is_down);
    ck_assert_int_eq(path.is_limited,
                     path.is_ordered && !path.has_leftover && !path.has_list);
}
END_TEST

/* ----------------------------------------------------- terms and indexes -- */

START_TEST(a_path_says_which_condition_it_serves)
{
    static const statement s = {.terms = {{"day", "<"},
                                          {"status", "="},
                                          {"customer", "="},
                                          {"day", ">"},
                                          {"customer", "="}}};
    static request r;
    dyn_access_path path;
    make_request(&s, &r);
    dyn_access_choose(&r.of, &path);
    ck_assert_int_eq(path.index, -1);
    ck_assert_int_eq(path.terms[DYN_SLOT_PARTITION], 2);
    ck_assert_int_eq(path.terms[DYN_SLOT_SORT], DYN_NO_TERM);
    ck_assert_int_eq(path.terms[DYN_SLOT_LOWER], 3);
    ck_assert_int_eq(path.terms[DYN_SLOT_UPPER], 0);
    ck_assert(path.has_leftover);
    ck_assert(!path.is_limited);
}
END_TEST

START_TEST(an_index_that_is_being_filled_is_not_read)
{
    static const statement s = {.terms = {{"status", "="}}};
    static request r;
    make_request(&s, &r);
    r.is_filling[dyn_definition_index(&definition,
                                      dyn_bytes_text("by_status"))] = true;
    ck_assert_str_eq(
        describe(&r),
        "refused: index by_status is still being created (dynamo_maintain() "
        "goes on with that); a query needs customer = ?, or status = ? and "
        "amount = ? and note IS NOT NULL (index by_place), or code = ? (index "
        "by_code); to read the whole table: FROM orders('scan'), or WHERE mode "
        "= 'scan'");
}
END_TEST

START_TEST(a_damaged_table_has_no_indexes)
{
    static const statement s = {.terms = {{"status", "="}}};
    static request r;
    make_request(&s, &r);
    r.of.index_count = 0;
    ck_assert_str_eq(describe(&r), "refused: " STRONG_NEEDS);
}
END_TEST

START_TEST(a_mode_that_is_not_known_may_be_a_scan)
{
    static const statement scan = {.terms = {{"status", ">"}}};
    static const statement query = {.terms = {{"customer", "="}}};
    static request r;
    make_request(&scan, &r);
    r.of.is_mode_known = false;
    ck_assert_str_eq(
        describe(&r),
        "scan if mode says so, or refuse, consistent as mode says");
    make_request(&query, &r);
    r.of.is_mode_known = false;
    ck_assert_str_eq(describe(&r),
                     CUSTOMER ", limited, consistent as mode says, read units: "
                              "0.5 or more");
}
END_TEST

START_TEST(a_statement_of_which_nothing_is_known_is_told_all_ways)
{
    dyn_access_request r = {.table_name = "orders",
                            .definition = &definition,
                            .index_count = definition.index_count};
    dyn_bytes text = {NULL, 0};
    ck_assert_int_eq(dyn_access_explain(&call, &r, &text), DYN_OK);
    ck_assert_str_eq((const char *)text.data, NEEDS);
}
END_TEST

START_TEST(only_a_scan_of_everything_is_told_what_it_costs)
{
    static const statement part = {.mode = "scan segment 0 of 2"};
    static const statement strong = {.mode = "scan strong"};
    static request r;
    make_request(&part, &r);
    r.of.has_limit = false;
    ck_assert_str_eq(describe(&r), "scan the whole table" EVENTUALLY);
    make_request(&strong, &r);
    r.of.has_limit = false;
    ck_assert_str_eq(describe(&r), "scan the whole table, strongly consistent, "
                                   "read units: about 3 to its end");
    r.of.has_limit = true;
    ck_assert_str_eq(describe(&r), "scan the whole table, strongly "
                                   "consistent, read units: 1 or more");
}
END_TEST

/* ------------------------------------------------------------------ cost -- */

static double reads_of(const statement *s)
{
    static request r;
    dyn_access_path path;
    make_request(s, &r);
    dyn_access_choose(&r.of, &path);
    dyn_access_cost cost = dyn_access_estimate(&r.of, &path);
    ck_assert_int_eq(dyn_access_is_point(&path), cost.rows == 1);
    return cost.reads;
}

START_TEST(what_reads_more_costs_more)
{
    static const statement rising[] = {
        {.terms = {{"customer", "="}, {"day", "="}}},
        {.terms = {{"customer", "="}, {"day", ">"}}},
        {.terms = {{"status", "="}, {"day", ">"}}},
        {.terms = {{"customer", "="}, {"note", ">"}}, .uses = {"status"}},
        {.terms = {{"customer", "="}}},
        {.terms = {{"status", "="}}},
        {.mode = "scan"},
        {.mode = NULL},
    };
    for (int i = 1; i < COUNT_OF(rising); i++)
        ck_assert_double_lt(reads_of(&rising[i - 1]), reads_of(&rising[i]));
}
END_TEST

/* ---------------------------------------------------------------- memory -- */

START_TEST(a_sentence_survives_each_allocation_that_fails)
{
    static const statement s = {.terms = {{"status", "="}}, .uses = {"amount"}};
    static request r;
    dyn_access_path path;
    make_request(&s, &r);
    dyn_access_choose(&r.of, &path);
    for (int countdown = 0;; countdown++) {
        dyn_call other;
        dyn_bytes sentence = {NULL, 0};
        dyn_call_begin(&other);
        /* what is in the call itself does not fail */
        ck_assert_ptr_nonnull(dyn_alloc(&other, DYN_CALL_FIRST_BYTES - 64));
        fault_set(countdown);
        dyn_status status =
            dyn_access_describe(&other, &r.of, &path, BYTES, &sentence);
        fault_set_off();
        dyn_call_end(&other);
        ck_assert_int_eq(status, fault_hit() ? DYN_NOMEM : DYN_OK);
        if (!fault_hit()) {
            ck_assert_int_gt(countdown, 0);
            return;
        }
    }
}
END_TEST

int main(void)
{
    fault_install();
    TCase *tests = tcase_create("access path");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, the_best_path_is_chosen, 0, COUNT_OF(choices));
    tcase_add_loop_test(tests, the_order_of_sort_keys_is_served_either_way, 0,
                        COUNT_OF(orders));
    tcase_add_test(tests, a_path_says_which_condition_it_serves);
    tcase_add_test(tests, an_index_that_is_being_filled_is_not_read);
    tcase_add_test(tests, a_damaged_table_has_no_indexes);
    tcase_add_test(tests, a_mode_that_is_not_known_may_be_a_scan);
    tcase_add_test(tests, only_a_scan_of_everything_is_told_what_it_costs);
    tcase_add_test(tests,
                   a_statement_of_which_nothing_is_known_is_told_all_ways);
    tcase_add_test(tests, what_reads_more_costs_more);
    tcase_add_test(tests, a_sentence_survives_each_allocation_that_fails);
    return unit_run("access path", tests);
}
