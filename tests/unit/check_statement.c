/* Statements of PartiQL: what they are read as, what is wrong with them, and
 * what their WHERE says about a key. */
#include "expressions.h"
#include "partiql/parse.h"
#include "partiql/where.h"

#include <stdio.h>

/* ------------------------------------------------------------- describing --
 */

static const char *text_of(dyn_buffer *buffer)
{
    dyn_bytes out;
    ck_assert_int_eq(dyn_buffer_end(buffer, &out), DYN_OK);
    return (const char *)out.data;
}

static void add_path(dyn_buffer *out, const dyn_path *path)
{
    char index[32];
    dyn_buffer_add_bytes(out, path->name);
    for (size_t i = 0; i < path->step_count; i++) {
        const dyn_step *step = &path->steps[i];
        if (step->is_index) {
            snprintf(index, sizeof(index), "[%zu]", step->index);
            dyn_buffer_add_text(out, index);
        } else {
            dyn_buffer_add_byte(out, '.');
            dyn_buffer_add_bytes(out, step->name);
        }
    }
}

static const char *operator_text(const dyn_node *node)
{
    static const char *const operators[] = {
        [DYN_NODE_OR] = "or",
        [DYN_NODE_AND] = "and",
        [DYN_NODE_NOT] = "not",
        [DYN_NODE_EQUAL] = "=",
        [DYN_NODE_NOT_EQUAL] = "<>",
        [DYN_NODE_LESS] = "<",
        [DYN_NODE_LESS_EQUAL] = "<=",
        [DYN_NODE_GREATER] = ">",
        [DYN_NODE_GREATER_EQUAL] = ">=",
        [DYN_NODE_BETWEEN] = "between",
        [DYN_NODE_IN] = "in",
        [DYN_NODE_PLUS] = "+",
        [DYN_NODE_MINUS] = "-",
    };
    static const char *const functions[] = {
        "unknown",  "exists", "missing",       "type",        "begins_with",
        "contains", "size",   "if_not_exists", "list_append",
    };
    return node->type == DYN_NODE_CALL ? functions[node->function]
                                       : operators[node->type];
}

/* (operator operand ...), with paths and JSON. */
static void add_node(dyn_buffer *out, const dyn_node *node)
{
    if (node->type == DYN_NODE_PATH) {
        add_path(out, &node->path);
        return;
    }
    if (node->type == DYN_NODE_VALUE) {
        dyn_value_to_json(out, node->value, DYN_JSON_PLAIN);
        return;
    }
    dyn_buffer_add_byte(out, '(');
    dyn_buffer_add_text(out, operator_text(node));
    for (const dyn_node *n = node->first; n != NULL; n = n->next) {
        dyn_buffer_add_byte(out, ' ');
        add_node(out, n);
    }
    dyn_buffer_add_byte(out, ')');
}

static void add_update(dyn_buffer *out, const dyn_update *update)
{
    static const char *const verbs[] = {" set ", " remove ", " add ",
                                        " delete "};
    for (size_t i = 0; i < update->changed.paths.count; i++) {
        const dyn_action *action = &update->actions[i];
        dyn_buffer_add_text(out, verbs[action->verb]);
        add_path(out, &action->path);
        if (action->operand == NULL) continue;
        dyn_buffer_add_byte(out, ' ');
        add_node(out, action->operand);
    }
}

static void add_select(dyn_buffer *out, const dyn_statement *statement)
{
    for (size_t i = 0; i < statement->projection.paths.count; i++) {
        dyn_buffer_add_byte(out, ' ');
        add_path(out, &statement->projection.paths.paths[i]);
    }
    if (!statement->has_projection) dyn_buffer_add_text(out, " *");
}

static const char *describe(const dyn_statement *statement)
{
    static const char *const kinds[] = {"select", "exists", "insert", "update",
                                        "delete"};
    static const char *const returning[] = {
        "", " returning all old", " returning all new",
        " returning modified old", " returning modified new"};
    dyn_buffer out;
    dyn_buffer_begin(&out, &call, 0);
    dyn_buffer_add_text(&out, kinds[statement->kind]);
    if (dyn_statement_is_read(statement)) add_select(&out, statement);
    dyn_buffer_add_text(&out, " of ");
    dyn_buffer_add_bytes(&out, statement->table);
    if (statement->index.data != NULL) {
        dyn_buffer_add_byte(&out, '/');
        dyn_buffer_add_bytes(&out, statement->index);
    }
    if (statement->kind == DYN_STATEMENT_INSERT) {
        dyn_buffer_add_byte(&out, ' ');
        dyn_item_to_json(&out, &statement->item, DYN_JSON_PLAIN);
    }
    add_update(&out, &statement->update);
    if (statement->where.root != NULL) {
        dyn_buffer_add_text(&out, " where ");
        add_node(&out, statement->where.root);
    }
    if (statement->order.data != NULL) {
        dyn_buffer_add_text(&out, statement->is_down ? " down " : " up ");
        dyn_buffer_add_bytes(&out, statement->order);
    }
    dyn_buffer_add_text(&out, returning[statement->returning]);
    return text_of(&out);
}

/* The description of a statement with the parameters 1, "two", {"SS":["3"]}, or
 * as many of them; or what is wrong with it. */
static const char *answer_to(const char *text, size_t parameter_count)
{
    dyn_statement statement;
    static const char parameters[] = "{\"a\":1,\"b\":\"two\","
                                     "\"c\":{\"SS\":[\"3\"]}}";
    dyn_map given = item_of(parameters);
    dyn_value *values = dyn_alloc(&call, given.count * sizeof(*values));
    ck_assert_ptr_nonnull(values);
    for (size_t i = 0; i < given.count; i++)
        values[i] = given.attributes[i].value;
    dyn_list list = {values, parameter_count};
    dyn_status status =
        dyn_statement_parse(&call, dyn_bytes_text(text), &list, &statement);
    if (status == DYN_OK) return describe(&statement);
    ck_assert_int_eq(status, DYN_INVALID);
    return call.error.message;
}

/* ---------------------------------------------------------------- reading --
 */

static const struct {
    const char *text;
    size_t parameter_count;
    const char *expected;
} statements[] = {
    {"SELECT * FROM t", 0, "select * of t"},
    {"select b, a.\"x\"\"y\"[3].z from \"t-1\".\"i.2\"", 0,
     "select a.x\"y[3].z b of t-1/i.2"},
    {"SELECT -- all of\n * -- \r\n\tFROM t--", 0, "select * of t"},
    {"SELECT * FROM t WHERE k = 'it''s' ORDER BY s", 0,
     "select * of t where (= k \"it's\") up s"},
    {"SELECT * FROM t WHERE k = ? AND s > ? ORDER BY s DESC", 2,
     "select * of t where (and (= k 1) (> s \"two\")) down s"},
    {"SELECT * FROM t WHERE a=1 OR b<>2 AND NOT c!=3 OR d<=4", 0,
     "select * of t where (or (or (= a 1) (and (<> b 2) (not (<> c 3)))) "
     "(<= d 4))"},
    {"SELECT * FROM t WHERE ((a < ((1))) AND (b >= 2 OR c > 3))", 0,
     "select * of t where (and (< a 1) (or (>= b 2) (> c 3)))"},
    {"SELECT * FROM t WHERE a BETWEEN 1 AND 2 AND b IN [1, c] AND d IN (2)", 0,
     "select * of t where (and (and (between a 1 2) (in b 1 c)) (in d 2))"},
    {"SELECT * FROM t WHERE a IS MISSING OR b IS NOT MISSING OR c IS NULL OR d "
     "IS NOT NULL",
     0,
     "select * of t where (or (or (or (missing a) (exists b)) (type c "
     "\"NULL\")) (not (type d \"NULL\")))"},
    {"SELECT * FROM t WHERE Begins_With(a, 'x') AND CONTAINS(b, 1) AND "
     "((size(c)) > 2) AND attribute_type(d, 'S') AND attribute_exists(e)",
     0,
     "select * of t where (and (and (and (and (begins_with a \"x\") (contains "
     "b 1)) (> (size c) 2)) (type d \"S\")) (exists e))"},
    {"EXISTS(SELECT * FROM t WHERE a = 1)", 0, "exists * of t where (= a 1)"},
    /* Values. */
    {"INSERT INTO t VALUE {'b': true, 'a': FALSE, 'c': null, 'd': [], 'e': {}}",
     0, "insert of t {\"a\":false,\"b\":true,\"c\":null,\"d\":[],\"e\":{}}"},
    {"INSERT INTO t VALUE {'a': -1.50, 'b': +2e3, 'c': "
     "12345678901234567890123456789012345678, 'd': - 0}",
     0,
     "insert of t {\"a\":-1.5,\"b\":2000,\"c\":"
     "12345678901234567890123456789012345678,\"d\":0}"},
    {"INSERT INTO t VALUE {'a': [?, [?], {'': <<'y','x'>>}], 'b': <<2, 1>>}", 2,
     "insert of t {\"a\":[1,[\"two\"],{\"\":{\"SS\":[\"x\",\"y\"]}}],\"b\":{"
     "\"NS\":[\"1\",\"2\"]}}"},
    /* Words that are names where they can be. */
    {"SELECT all, value, old FROM exists WHERE set_add = 1 AND by = 2", 0,
     "select all old value of exists where (and (= set_add 1) (= by 2))"},
    {"UPDATE returning SET asc = new RETURNING ALL OLD *", 0,
     "update of returning set asc new returning all old"},
    /* Updates. */
    {"UPDATE t SET a = 1, b.c[0] = b.d SET e = e + ? REMOVE f, g[1] REMOVE h "
     "WHERE k = 1 RETURNING MODIFIED NEW *",
     1,
     "update of t set a 1 set b.c[0] b.d set e (+ e 1) remove f remove g[1] "
     "remove h where (= k 1) returning modified new"},
    {"UPDATE t SET a = (a - 1), b = if_not_exists(b, 0) - -1, c = "
     "list_append(c, [1]) RETURNING MODIFIED OLD *",
     0,
     "update of t set a (- a 1) set b (- (if_not_exists b 0) -1) set c "
     "(list_append c [1]) returning modified old"},
    {"UPDATE t SET a.b = set_add(a.b, <<1>>) SET c = SET_DELETE(c, <<'x'>>) "
     "RETURNING ALL NEW *",
     0,
     "update of t add a.b {\"NS\":[\"1\"]} delete c {\"SS\":[\"x\"]} returning "
     "all new"},
    {"DELETE FROM \"t\" WHERE k = 1 RETURNING ALL OLD *", 0,
     "delete of t where (= k 1) returning all old"},
    {"DELETE FROM t", 0, "delete of t"},
};

START_TEST(a_statement_is_read)
{
    ck_assert_str_eq(
        answer_to(statements[_i].text, statements[_i].parameter_count),
        statements[_i].expected);
}
END_TEST

/* --------------------------------------------------------------- problems --
 */

#define MALFORMED  "Statement wasn't well formed, can't be processed: "
#define UNEXPECTED MALFORMED "unexpected "
#define WORD       "; a name that is a word of PartiQL stands in double quotes"
#define COUNTS     "Number of parameters in request and statement don't match."

static const struct {
    const char *text;
    size_t parameter_count;
    const char *expected;
} problems[] = {
    {"", 0, UNEXPECTED "end of the statement"},
    {" -- nothing", 0, UNEXPECTED "end of the statement"},
    {"SELECT * FROM", 0, UNEXPECTED "end of the statement"},
    {"SELEC * FROM t", 0, UNEXPECTED "\"SELEC\" at byte 0"},
    {"SELECT * FROM t;", 0, UNEXPECTED "\";\" at byte 15"},
    {"SELECT * FROM t SELECT", 0, UNEXPECTED "\"SELECT\" at byte 16" WORD},
    {"SELECT order FROM t", 0, UNEXPECTED "\"order\" at byte 7" WORD},
    {"SELECT \xc3\xa9 FROM t", 0, UNEXPECTED "\"\xc3\xa9\" at byte 7"},
    {"SELECT \xc3 FROM t", 0, MALFORMED "it is not UTF-8"},
    {"SELECT * FROM t WHERE a = 'x", 0,
     UNEXPECTED "\"'x\" at byte 26; text ends with a single quote, one within "
                "is doubled"},
    {"SELECT \"a FROM t", 0,
     UNEXPECTED "\"\"a FROM t\" at byte 7; a name ends with a double quote, "
                "one within is doubled"},
    {"SELECT \"\" FROM t", 0,
     MALFORMED "a name in double quotes must not be empty"},
    {"SELECT * FROM \"\"", 0,
     MALFORMED "a name in double quotes must not be empty"},
    {"SELECT a[1.5] FROM t", 0, UNEXPECTED "\"1.5\" at byte 9"},
    {"SELECT a[2147483648] FROM t", 0,
     "Invalid statement: List index is not within the allowable range; index: "
     "[2147483648]"},
    {"SELECT 1x FROM t", 0, UNEXPECTED "\"1x\" at byte 7"},
    {"SELECT * FROM t WHERE a = MISSING()", 0, UNEXPECTED "\")\" at byte 34"},
    {"SELECT * FROM t WHERE a IN []", 0, UNEXPECTED "\"]\" at byte 28"},
    {"SELECT * FROM t ORDER BY a.b", 0,
     "ORDER BY takes the name of the sort key; what is below a has no order"},
    {"EXISTS(SELECT * FROM t ORDER BY a)", 0,
     UNEXPECTED "\"ORDER\" at byte 23" WORD},
    {"INSERT INTO t VALUE [1]", 0,
     MALFORMED "what is inserted must be a map, VALUE {'name': value, ...}"},
    {"INSERT INTO t VALUE {a: 1}", 0, UNEXPECTED "\"a\" at byte 21"},
    {"INSERT INTO t VALUE {'a': b}", 0, UNEXPECTED "\"b\" at byte 26"},
    {"INSERT INTO t VALUE {'a': <<>>}", 0, UNEXPECTED "\">>\" at byte 28"},
    {"INSERT INTO t VALUE {'a': <<1, 'x'>>}", 0,
     "The members of a set must all be strings, all numbers, or all binary "
     "values"},
    {"INSERT INTO t VALUE {'a': <<null>>}", 0,
     "The members of a set must all be strings, all numbers, or all binary "
     "values"},
    {"INSERT INTO t VALUE {'a': <<1, 1.0>>}", 0,
     "Input collection contains duplicates"},
    {"INSERT INTO t VALUE {'a': 123456789012345678901234567890123456789}", 0,
     "Attempting to store more than 38 significant digits in a Number"},
    {"INSERT INTO t VALUE {'a': -1e126}", 0,
     "Number overflow. Attempting to store a number with magnitude larger than "
     "supported range"},
    {"UPDATE t WHERE a = 1", 0, UNEXPECTED "\"WHERE\" at byte 9" WORD},
    {"UPDATE t SET a = 1, a.b = 2", 0,
     "Invalid statement: Two document paths overlap with each other; must "
     "remove or rewrite one of these paths; path one: [a], path two: [a, b]"},
    {"UPDATE t SET a = size(b)", 0,
     "Invalid statement: The function is not allowed in an update expression; "
     "function: size"},
    {"UPDATE t SET a = set_add(b, <<1>>)", 0,
     "Invalid statement: the first operand of set_add must be the path that is "
     "set"},
    {"UPDATE t SET a = set_delete(a, 1)", 0,
     "Invalid statement: Incorrect operand type for operator or function; "
     "operator or function: set_delete, operand type: N"},
    {"UPDATE t SET a = b + 'x'", 0,
     "Invalid statement: Incorrect operand type for operator or function; "
     "operator or function: +, operand type: S"},
    {"DELETE FROM t RETURNING ALL NEW *", 0,
     MALFORMED "DELETE can only be RETURNING ALL OLD *"},
    {"SELECT a, a FROM t", 0,
     "Invalid statement: Two document paths overlap with each other; must "
     "remove or rewrite one of these paths; path one: [a], path two: [a]"},
    {"SELECT * FROM t WHERE foo(a)", 0,
     "Invalid statement: Invalid function name; function: foo"},
    {"SELECT * FROM t WHERE set_add(a, <<1>>)", 0,
     "Invalid statement: Invalid function name; function: set_add"},
    {"SELECT * FROM t WHERE size(a)", 0,
     "Invalid statement: The function is not allowed to be used this way in an "
     "expression; function: size"},
    {"SELECT * FROM t WHERE contains(a)", 0,
     "Invalid statement: Incorrect number of operands for operator or "
     "function; operator or function: contains, number of operands: 1"},
    {"SELECT * FROM t WHERE 1 IS MISSING", 0,
     "Invalid statement: Operator or function requires a document path; "
     "operator or function: IS"},
    {"SELECT * FROM t WHERE a < [1]", 0,
     "Invalid statement: Incorrect operand type for operator or function; "
     "operator: <, operand type: L"},
    {"SELECT * FROM t WHERE a BETWEEN 2 AND 1", 0,
     "Invalid statement: The BETWEEN operator requires upper bound to be "
     "greater than or equal to lower bound; lower bound operand: "
     "AttributeValue: {N:2}, upper bound operand: AttributeValue: {N:1}"},
    {"SELECT * FROM t WHERE a = ?", 0, COUNTS},
    {"SELECT * FROM t WHERE a = ?", 2, COUNTS},
    {"SELECT * FROM t", 1, COUNTS},
    /* Syntax is looked at before parameters are counted. */
    {"SELECT * FROM t WHERE a = ? ?", 0, UNEXPECTED "\"?\" at byte 28"},
};

START_TEST(what_is_wrong_is_told)
{
    ck_assert_str_eq(answer_to(problems[_i].text, problems[_i].parameter_count),
                     problems[_i].expected);
}
END_TEST

/* ----------------------------------------------------------------- limits --
 */

/* before, then part many times, then after. */
static const char *repeat(const char *before, const char *part, size_t count,
                          const char *after)
{
    dyn_buffer out;
    dyn_buffer_begin(&out, &call, 0);
    dyn_buffer_add_text(&out, before);
    for (size_t i = 0; i < count; i++)
        dyn_buffer_add_text(&out, part);
    dyn_buffer_add_text(&out, after);
    return text_of(&out);
}

static bool is_read(const char *text)
{
    return strncmp(answer_to(text, 0), "select", 6) == 0 ||
           strncmp(call.error.message, "insert", 6) == 0;
}

START_TEST(a_statement_has_8192_bytes_at_most)
{
    ck_assert(is_read(repeat("SELECT * FROM t", " ", 8192 - 15, "")));
    ck_assert_str_eq(
        answer_to(repeat("SELECT * FROM t", " ", 8193 - 15, ""), 0),
        MALFORMED "it has 8193 bytes; the limit is 8192");
}
END_TEST

START_TEST(there_are_300_operators_at_most)
{
    ck_assert(is_read(repeat("SELECT * FROM t WHERE ", "NOT ", 299, "a=1")));
    ck_assert_str_eq(
        answer_to(repeat("SELECT * FROM t WHERE ", "NOT ", 300, "a=1"), 0),
        "Invalid statement: The expression contains too many operators; "
        "operator count: 301");
}
END_TEST

START_TEST(values_have_32_levels_at_most)
{
    const char *open = repeat("SELECT * FROM t WHERE a = ", "[", 31, "{'x':1}");
    ck_assert(is_read(repeat(open, "]", 31, "")));
    open = repeat("SELECT * FROM t WHERE a = ", "[", 32, "{'x':1}");
    ck_assert_str_eq(answer_to(repeat(open, "]", 32, ""), 0),
                     "Nesting Levels have exceeded supported limits: a value "
                     "has more than 32 levels of lists and maps");
}
END_TEST

START_TEST(paths_have_32_steps_at_most)
{
    ck_assert(is_read(repeat("SELECT a", "[0]", 32, " FROM t")));
    ck_assert_str_eq(answer_to(repeat("SELECT a", ".b", 33, " FROM t"), 0),
                     "Invalid statement: The document path has too many "
                     "nesting elements; nesting levels: 33");
}
END_TEST

START_TEST(what_is_nested_too_deeply_is_refused)
{
    static const char *const parts[] = {"(", "[", "NOT ", "size(", "{'a':"};
    const char *part = parts[_i];
    size_t count = (8192 - 30) / strlen(part);
    const char *answer =
        answer_to(repeat("SELECT * FROM t WHERE ", part, count, "a"), 0);
    ck_assert_str_eq(answer, MALFORMED "it is nested too deeply");
}
END_TEST

START_TEST(parentheses_may_be_many)
{
    const char *open = repeat("SELECT * FROM t WHERE ", "(", 900, "a=1");
    ck_assert(is_read(repeat(open, ")", 900, "")));
}
END_TEST

/* Whatever comes, it is read or refused. */
START_TEST(any_words_are_read_or_refused)
{
    static const char *const words[] = {
        "SELECT",  "*",           "FROM",    "t",           "WHERE",
        "a",       "=",           "1",       "AND",         "OR",
        "NOT",     "(",           ")",       "[",           "]",
        "{",       "}",           "'x'",     ":",           ",",
        ".",       "\"q\"",       "<<",      ">>",          "IS",
        "NULL",    "IN",          "?",       "INSERT",      "INTO",
        "VALUE",   "UPDATE",      "SET",     "REMOVE",      "DELETE",
        "<",       "-",           "+",       "size",        "ORDER",
        "BY",      "EXISTS",      "MISSING", "RETURNING",   "ALL",
        "OLD",     "BETWEEN",     "\xff",    "'",           "2.5e",
        "set_add", "list_append", "--\n",    "begins_with",
    };
    static const char *const beginnings[] = {
        "", "SELECT * FROM t WHERE ", "INSERT INTO t VALUE {'a': ",
        "UPDATE t SET a = ", "SELECT * FROM t WHERE a IN "};
    uint64_t random = (uint64_t)_i;
    for (int round = 0; round < 2000; round++) {
        dyn_call used;
        dyn_statement statement;
        char text[512];
        size_t size = (size_t)snprintf(
            text, sizeof(text), "%s",
            beginnings[unit_random(&random, COUNT_OF(beginnings))]);
        uint32_t count = unit_random(&random, 12);
        for (uint32_t i = 0; i < count; i++) {
            size +=
                (size_t)snprintf(text + size, sizeof(text) - size, "%s ",
                                 words[unit_random(&random, COUNT_OF(words))]);
        }
        dyn_call_begin(&used);
        dyn_status status = dyn_statement_parse(
            &used, (dyn_bytes){(const unsigned char *)text, size}, NULL,
            &statement);
        ck_assert(status == DYN_OK || status == DYN_INVALID);
        dyn_call_end(&used);
    }
}
END_TEST

static dyn_status parse_starved(dyn_call *used)
{
    static const char text[] =
        "UPDATE \"t\" SET a = list_append(a, [1, {'x''y': <<1>>}]) REMOVE b.c "
        "WHERE k = 'it''s' AND (a IS NULL OR b IN [1]) RETURNING ALL OLD *";
    dyn_statement statement;
    return dyn_statement_parse(used, dyn_bytes_text(text), NULL, &statement);
}

START_TEST(lack_of_memory_is_an_error)
{
    run_starved(parse_starved, DYN_OK);
}
END_TEST

/* ------------------------------------------------------------------ WHERE --
 */

static const dyn_key_attribute attributes[] = {
    {{(const unsigned char *)"k", 1}, DYN_TYPE_S},
    {{(const unsigned char *)"s", 1}, DYN_TYPE_N},
    {{(const unsigned char *)"z", 1}, DYN_TYPE_N},
};

static void add_terms(dyn_buffer *out, const dyn_key_term *terms, size_t count)
{
    static const char *const relations[] = {"=",  "<",       "<=",         ">",
                                            ">=", "between", "begins_with"};
    for (size_t i = 0; i < count; i++) {
        dyn_buffer_add_byte(out, ' ');
        dyn_buffer_add_bytes(out, terms[i].name);
        dyn_buffer_add_text(out, relations[terms[i].relation]);
        dyn_value_to_json(out, terms[i].value, DYN_JSON_PLAIN);
        if (terms[i].upper == NULL) continue;
        dyn_buffer_add_byte(out, '-');
        dyn_value_to_json(out, terms[i].upper, DYN_JSON_PLAIN);
    }
}

/* What a WHERE says about the key, and then its rest; or what is wrong. */
static const char *split(const char *text, const dyn_key_attributes *key)
{
    dyn_buffer out;
    dyn_where where;
    dyn_statement statement;
    text = repeat("DELETE FROM t WHERE ", text, 1, "");
    ck_assert_int_eq(
        dyn_statement_parse(&call, dyn_bytes_text(text), NULL, &statement),
        DYN_OK);
    if (dyn_where_split(&call, &statement.where, key, &where) != DYN_OK)
        return call.error.message;
    dyn_buffer_begin(&out, &call, 0);
    if (where.has_partition) {
        dyn_buffer_add_text(&out, where.is_whole ? "item" : "range");
        add_terms(&out, where.terms.partition, key->partition_count);
        for (size_t i = 1; i < where.members.count; i++) {
            dyn_buffer_add_byte(&out, '|');
            dyn_value_to_json(&out, &where.members.elements[i], DYN_JSON_PLAIN);
        }
        add_terms(&out, where.terms.sort, where.terms.sort_count);
    } else {
        dyn_buffer_add_text(&out, "all");
    }
    if (where.rest.root != NULL) {
        dyn_buffer_add_text(&out, "; ");
        add_node(&out, where.rest.root);
    }
    return text_of(&out);
}

static const struct {
    const char *text;
    const char *expected;
} splits[] = {
    {"k = 'a'", "range k=\"a\""},
    {"'a' = k AND 1 = s", "item k=\"a\" s=1"},
    {"s = 1 AND (k = 'a')", "item k=\"a\" s=1"},
    {"k = 'a' AND s > 1", "range k=\"a\" s>1"},
    {"k = 'a' AND 1 > s", "range k=\"a\" s<1"},
    {"k = 'a' AND s >= 1 AND s < 9", "range k=\"a\" s>=1; (< s 9)"},
    {"s >= 1 AND k = 'a' AND s = 2", "item k=\"a\" s=2; (>= s 1)"},
    {"k = 'a' AND s BETWEEN 1 AND 2 AND x = 1",
     "range k=\"a\" sbetween1-2; (= x 1)"},
    {"k = 'a' AND k = 'b'", "range k=\"a\"; (= k \"b\")"},
    {"x = 1 AND (y = 2 OR k = 'b') AND k = 'a' AND NOT z = 1",
     "range k=\"a\"; (and (and (= x 1) (or (= y 2) (= k \"b\"))) (not (= z "
     "1)))"},
    {"k IN ['a', 'b', 'a'] AND s > 1", "range k=\"a\"|\"b\" s>1"},
    {"k IN ['a'] AND s = 1", "range k=\"a\" s=1"},
    {"k IN ['a', 'b'] AND k = 'a'", "range k=\"a\"; (in k \"a\" \"b\")"},
    {"k IN ['a', x]", "all; (in k \"a\" x)"},
    {"k > 'a' AND s = 1", "all; (and (> k \"a\") (= s 1))"},
    {"k = 'a' OR k = 'b'", "all; (or (= k \"a\") (= k \"b\"))"},
    {"k = x AND k.y = 'a' AND size(k) = 1 AND NOT k = 'a'",
     "all; (and (and (and (= k x) (= k.y \"a\")) (= (size k) 1)) (not (= k "
     "\"a\")))"},
    {"k = 'a' AND s IN [1] AND s <> 2",
     "range k=\"a\"; (and (in s 1) (<> s 2))"},
    {"k = 1",
     "One or more parameter values were invalid: Condition parameter type does "
     "not match schema type: k is S, not N"},
    {"k IN ['a', 1]",
     "One or more parameter values were invalid: Condition parameter type does "
     "not match schema type: k is S, not N"},
    {"k = 'a' AND begins_with(s, 'x')",
     "One or more parameter values were invalid: Condition parameter type does "
     "not match schema type: s is N, not S"},
};

START_TEST(a_where_is_taken_apart)
{
    dyn_key_attributes key = {attributes, 1, attributes + 1, 1};
    ck_assert_str_eq(split(splits[_i].text, &key), splits[_i].expected);
}
END_TEST

START_TEST(keys_have_several_attributes)
{
    dyn_key_attributes two = {attributes, 2, attributes + 2, 1};
    ck_assert_str_eq(split("k = 'a' AND z > 1", &two),
                     "all; (and (= k \"a\") (> z 1))");
    ck_assert_str_eq(split("k = 'a' AND z > 1 AND s = 2", &two),
                     "range k=\"a\" s=2 z>1");
    ck_assert_str_eq(split("k IN ['a'] AND s = 2", &two),
                     "all; (and (in k \"a\") (= s 2))");
    dyn_key_attributes sorts = {attributes, 1, attributes + 1, 2};
    ck_assert_str_eq(split("k = 'a' AND z > 1", &sorts),
                     "range k=\"a\"; (> z 1)");
    ck_assert_str_eq(split("k = 'a' AND z > 1 AND s = 2", &sorts),
                     "range k=\"a\" s=2 z>1");
    ck_assert_str_eq(split("k = 'a' AND z = 1 AND s > 2", &sorts),
                     "range k=\"a\" s>2; (= z 1)");
    dyn_key_attributes one = {attributes, 1, NULL, 0};
    ck_assert_str_eq(split("k = 'a' AND s = 2", &one), "item k=\"a\"; (= s 2)");
}
END_TEST

START_TEST(in_takes_50_partition_keys)
{
    dyn_key_attributes key = {attributes, 1, attributes + 1, 1};
    const char *text = repeat("k IN (", "'a',", 49, "'a')");
    ck_assert_str_eq(split(text, &key), "range k=\"a\"");
    text = repeat("k IN (", "'a',", 50, "'a')");
    ck_assert_str_eq(split(text, &key),
                     "IN takes up to 50 values of the partition key k; number "
                     "of values: 51");
}
END_TEST

START_TEST(existence_is_added_to_a_condition)
{
    dyn_statement statement;
    dyn_condition out;
    dyn_bytes name = dyn_bytes_text("k");
    const dyn_condition none = {.root = NULL};
    dyn_bytes text = dyn_bytes_text("DELETE FROM t WHERE a = 1 OR b = 2");
    ck_assert_int_eq(dyn_statement_parse(&call, text, NULL, &statement),
                     DYN_OK);
    const dyn_condition *rest = &statement.where;
    const char *expected[] = {"(exists k)",
                              "(and (exists k) (or (= a 1) (= b 2)))",
                              "(or (missing k) (or (= a 1) (= b 2)))"};
    for (size_t i = 0; i < 3; i++) {
        dyn_buffer shown;
        dyn_status status =
            i == 2 ? dyn_where_or_missing(&call, rest, name, &out)
                   : dyn_where_and_exists(&call, i == 0 ? &none : rest, name,
                                          &out);
        ck_assert_int_eq(status, DYN_OK);
        dyn_buffer_begin(&shown, &call, 0);
        add_node(&shown, out.root);
        ck_assert_str_eq(text_of(&shown), expected[i]);
        ck_assert_uint_eq(out.paths.count, i == 0 ? 1 : 3);
    }
    ck_assert_int_eq(dyn_where_or_missing(&call, &none, name, &out), DYN_OK);
    ck_assert_ptr_null(out.root);
}
END_TEST

static dyn_status split_starved(dyn_call *used)
{
    static const char text[] =
        "SELECT * FROM t WHERE x = 1 AND y = 2 AND k IN ['a', 'b'] AND s > 1";
    static const dyn_key_attributes key = {attributes, 1, attributes + 1, 1};
    dyn_where where;
    dyn_condition out;
    dyn_statement statement;
    DYN_TRY(dyn_statement_parse(used, dyn_bytes_text(text), NULL, &statement));
    DYN_TRY(dyn_where_split(used, &statement.where, &key, &where));
    return dyn_where_and_exists(used, &where.rest, key.partition[0].name, &out);
}

START_TEST(taking_apart_needs_memory)
{
    run_starved(split_starved, DYN_OK);
}
END_TEST

int main(void)
{
    fault_install();
    TCase *tests = tcase_create("statement");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, a_statement_is_read, 0, COUNT_OF(statements));
    tcase_add_loop_test(tests, what_is_wrong_is_told, 0, COUNT_OF(problems));
    tcase_add_test(tests, a_statement_has_8192_bytes_at_most);
    tcase_add_test(tests, there_are_300_operators_at_most);
    tcase_add_test(tests, values_have_32_levels_at_most);
    tcase_add_test(tests, paths_have_32_steps_at_most);
    tcase_add_loop_test(tests, what_is_nested_too_deeply_is_refused, 0, 5);
    tcase_add_test(tests, parentheses_may_be_many);
    tcase_add_loop_test(tests, any_words_are_read_or_refused, 0, 10);
    tcase_add_test(tests, lack_of_memory_is_an_error);
    tcase_add_loop_test(tests, a_where_is_taken_apart, 0, COUNT_OF(splits));
    tcase_add_test(tests, keys_have_several_attributes);
    tcase_add_test(tests, in_takes_50_partition_keys);
    tcase_add_test(tests, existence_is_added_to_a_condition);
    tcase_add_test(tests, taking_apart_needs_memory);
    return unit_run("statement", tests);
}
