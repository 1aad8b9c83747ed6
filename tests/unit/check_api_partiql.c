/* What is wrong with a request that has statements, which of its problems is
 * told; pages, and what a batch leaves. */
#include "api.h"

#define VALIDATION "ValidationException: "
#define INVALID    VALIDATION "One or more parameter values were invalid: "
#define MALFORMED                                                              \
    VALIDATION "Statement wasn't well formed, can't be processed: "
#define NO_WHOLE_KEY                                                           \
    VALIDATION "Where clause does not contain a mandatory equality on all "    \
               "key attributes"
#define NO_TABLE "ResourceNotFoundException: Requested resource not found"
#define FAILED   "ConditionalCheckFailedException: The conditional request failed"
#define WRONG_TOKEN                                                            \
    VALIDATION "Given nextToken does not match the query: it goes with the "   \
               "Statement and the Parameters of the page before"
#define BELOW_KEY                                                              \
    VALIDATION "Key attributes must be scalars; list random access '[]' and "  \
               "map lookup '.' are not allowed: Key: Artist"

static void setup(void)
{
    api_setup(
        "CREATE VIRTUAL TABLE Music USING dynamo("
        "Artist TEXT PARTITION KEY, Song TEXT SORT KEY, Year NUMBER,"
        "LOCAL INDEX by_year (Year) PROJECT KEYS,"
        "GLOBAL INDEX by_genre (Genre TEXT, Year) PROJECT (Label));"
        "CREATE VIRTUAL TABLE Plain USING dynamo("
        "Id NUMBER PARTITION KEY);"
        "INSERT INTO Music(Artist, Song, Year) VALUES('a', 's', 1),"
        "('a', 't', 2), ('b', 's', 3);"
        "CREATE VIRTUAL TABLE Deep USING dynamo("
        "Id NUMBER PARTITION KEY);"
        "INSERT INTO Deep(item) VALUES('{\"Id\":1,\"nil\":null,\"l\":[\"z\"],"
        "\"m\":{\"a\":{\"b\":{\"x\":1}},\"l\":[{\"c\":[2,[3]]},4]}}'),"
        "('{\"Id\":2}');");
}

/* -------------------------------------------------------------- statements --
 */

/* A request of ExecuteStatement that has a statement, and what more. */
#define RUN(statement, more) "{\"Statement\":\"" statement "\"" more "}"

static const exchange statements[] = {
    {"ExecuteStatement", "{}",
     VALIDATION "1 validation error detected: Value null at 'statement' failed "
                "to satisfy constraint: Member must not be null"},
    {"ExecuteStatement", "{\"Statement\":\"\",\"Parameters\":[],\"Limit\":0}",
     VALIDATION
     "3 validation errors detected: Value '' at 'statement' failed to satisfy "
     "constraint: Member must have length greater than or equal to 1; Value "
     "'[]' at 'parameters' failed to satisfy constraint: Member must have "
     "length greater than or equal to 1; Value at 'Limit' failed to satisfy "
     "constraint: Member must have value greater than or equal to 1"},
    /* Parameters, then the statement, then the table. */
    {"ExecuteStatement", RUN("SELECT", ",\"Parameters\":[{}]"),
     VALIDATION "Supplied AttributeValue is empty, must contain exactly one of "
                "the supported datatypes"},
    {"ExecuteStatement", RUN("SELECT * FROM None WHERE a = ? ?", ""),
     MALFORMED "unexpected \"?\" at byte 31"},
    {"ExecuteStatement", RUN("SELECT * FROM None WHERE a = ?", ""),
     VALIDATION "Number of parameters in request and statement don't match."},
    {"ExecuteStatement", RUN("EXISTS(SELECT * FROM None)", ""),
     VALIDATION "EXISTS can only be used in ExecuteTransaction"},
    {"ExecuteStatement", RUN("SELECT * FROM None", ""), NO_TABLE},
    {"ExecuteStatement", RUN("INSERT INTO music VALUE {}", ""), NO_TABLE},
    {"ExecuteStatement", RUN("SELECT Song FROM \\\"main.Plain\\\"", ""),
     "{\"Items\":[]}"},

    {"ExecuteStatement", RUN("INSERT INTO Music VALUE {'Artist': 'a'}", ""),
     INVALID "Missing the key Song in the item"},
    {"ExecuteStatement", RUN("INSERT INTO Plain VALUE {'Id': 'a'}", ""),
     INVALID "Type mismatch for key Id expected: N actual: S"},
    {"ExecuteStatement",
     RUN("INSERT INTO Music VALUE {'Artist': 'a', 'Song': 's'}", ""),
     "DuplicateItemException: Duplicate primary key exists in table"},
    {"ExecuteStatement", RUN("INSERT INTO Plain VALUE {'Id': 1, '': 2}", ""),
     INVALID "An attribute name must not be empty"},

    {"ExecuteStatement", RUN("UPDATE Music SET x = 1", ""), NO_WHOLE_KEY},
    {"ExecuteStatement", RUN("UPDATE Music SET x = 1 WHERE Artist = 'a'", ""),
     NO_WHOLE_KEY},
    {"ExecuteStatement",
     RUN("DELETE FROM Music WHERE Artist IN ['a'] AND Song = 's'", ""),
     NO_WHOLE_KEY},
    {"ExecuteStatement", RUN("DELETE FROM Plain WHERE Id = '1'", ""),
     INVALID "Condition parameter type does not match schema type: Id is N, "
             "not S"},
    {"ExecuteStatement",
     RUN("DELETE FROM Music WHERE Artist = 'a' AND Song = ''", ""),
     VALIDATION "One or more parameter values are not valid. The "
                "AttributeValue for a key attribute cannot contain an empty "
                "string value. Key: Song"},
    {"ExecuteStatement",
     RUN("UPDATE Music SET Song = 't' WHERE Artist = 'a' AND Song = 's'", ""),
     INVALID "Cannot update attribute Song. This attribute is part of the key"},
    {"ExecuteStatement",
     RUN("UPDATE Music REMOVE Artist.x WHERE Artist = 'a' AND Song = 's'", ""),
     VALIDATION "One or more parameter values were invalid: Cannot update "
                "attribute Artist. This attribute is part of the key"},
    {"ExecuteStatement", RUN("SELECT Artist[0] FROM Music", ""), BELOW_KEY},
    {"ExecuteStatement", RUN("SELECT * FROM Music WHERE Artist.x = 1", ""),
     BELOW_KEY},
    {"ExecuteStatement", RUN("UPDATE Plain SET x = 1 WHERE Id = 1", ""),
     FAILED},
    {"ExecuteStatement",
     RUN("UPDATE Plain SET x = 1 WHERE Id = 1",
         ",\"ReturnValuesOnConditionCheckFailure\":\"ALL_OLD\""),
     FAILED},
    {"ExecuteStatement", RUN("DELETE FROM Plain WHERE Id = 1 AND x = 1", ""),
     "{\"Items\":[]}"},
    {"ExecuteStatement",
     RUN("DELETE FROM Music WHERE Artist = 'a' AND Song = 's' AND Year = 2",
         ",\"ReturnValuesOnConditionCheckFailure\":\"ALL_OLD\""),
     FAILED "\n{\"Item\":{\"Artist\":{\"S\":\"a\"},\"Song\":{\"S\":\"s\"},"
            "\"Year\":{\"N\":\"1\"}}}"},
    {"ExecuteStatement",
     RUN("UPDATE Music SET x = 1 WHERE Artist = 'a' AND Song = 's' RETURNING "
         "MODIFIED OLD *",
         ""),
     "{\"Items\":[{}]}"},
    {"ExecuteStatement",
     RUN("UPDATE Music SET x.y = 1 WHERE Artist = 'a' AND Song = 's'", ""),
     VALIDATION "The document path provided in the update expression is "
                "invalid for update"},
};

START_TEST(a_statement_has_to_fit_its_table)
{
    check_exchange(&statements[_i]);
}
END_TEST

/* ----------------------------------------------------------------- reading --
 */

static const exchange reads[] = {
    {"ExecuteStatement", RUN("SELECT * FROM Music.none", ""),
     VALIDATION "The table does not have the specified index"},
    {"ExecuteStatement", RUN("SELECT * FROM Music.none WHERE Genre = 'x'", ""),
     VALIDATION "The table does not have the specified index"},
    {"ExecuteStatement",
     RUN("SELECT * FROM Music.by_genre WHERE Genre = 'x'",
         ",\"ConsistentRead\":true"),
     VALIDATION "Consistent reads are not supported on global secondary "
                "indexes"},
    {"ExecuteStatement",
     RUN("SELECT Other FROM Music.by_genre WHERE Genre = 'x'", ""),
     INVALID "Global secondary index by_genre does not project [Other]"},
    {"ExecuteStatement",
     RUN("SELECT * FROM Music.by_genre WHERE Other = 1", ""),
     INVALID "Global secondary index by_genre does not project one or more "
             "filter attributes: [Other]"},
    {"ExecuteStatement", RUN("SELECT * FROM Music WHERE Artist = ''", ""),
     VALIDATION "One or more parameter values are not valid. The "
                "AttributeValue for a key attribute cannot contain an empty "
                "string value. Key: Artist"},
    {"ExecuteStatement", RUN("SELECT * FROM Music ORDER BY Song", ""),
     VALIDATION "Must have WHERE clause in the statement when using ORDER BY "
                "clause."},
    {"ExecuteStatement",
     RUN("SELECT * FROM Music WHERE Song = 's' ORDER BY Song", ""),
     VALIDATION "Must have at least one non-optional hash key condition in "
                "WHERE clause when using ORDER BY clause."},
    {"ExecuteStatement",
     RUN("SELECT * FROM Music WHERE Artist IN ['a'] ORDER BY Song", ""),
     VALIDATION "Must have at least one non-optional hash key condition in "
                "WHERE clause when using ORDER BY clause."},
    {"ExecuteStatement",
     RUN("SELECT * FROM Music WHERE Artist = 'a' ORDER BY Year", ""),
     VALIDATION "Variable reference Year in ORDER BY clause must be the sort "
                "key"},
    {"ExecuteStatement",
     RUN("SELECT * FROM Plain WHERE Id = 1 ORDER BY Id", ""),
     VALIDATION "Variable reference Id in ORDER BY clause must be the sort "
                "key"},
    {"ExecuteStatement",
     RUN("SELECT Song FROM Music WHERE Artist = 'a' AND Song = 's' ORDER BY "
         "Song",
         ""),
     "{\"Items\":[{\"Song\":{\"S\":\"s\"}}]}"},
    {"ExecuteStatement",
     RUN("SELECT Year FROM Music.by_year WHERE Artist = 'a' ORDER BY Year "
         "DESC",
         ",\"ConsistentRead\":true"),
     "{\"Items\":[{\"Year\":{\"N\":\"2\"}},{\"Year\":{\"N\":\"1\"}}]}"},
    {"ExecuteStatement",
     RUN("SELECT Song FROM Music WHERE Artist = 'a' AND NOT Song = 's'", ""),
     "{\"Items\":[{\"Song\":{\"S\":\"t\"}}]}"},
    /* An attribute is named by the last name of its path and what is behind,
     * and holds what the path leads to. */
    {"ExecuteStatement",
     RUN("SELECT Id, m.a.b, m.l[1], m.l[0].c[1][0], l[0], m.none FROM Deep "
         "WHERE Id = 1",
         ""),
     "{\"Items\":[{\"Id\":{\"N\":\"1\"},\"b\":{\"M\":{\"x\":{\"N\":\"1\"}}},"
     "\"c[1][0]\":{\"N\":\"3\"},\"l[0]\":{\"S\":\"z\"},\"l[1]\":{\"N\":\"4\"}}]"
     "}"},
    {"ExecuteStatement", RUN("SELECT m.a.b.x FROM Deep", ""),
     "{\"Items\":[{},{\"x\":{\"N\":\"1\"}}]}"},
    {"ExecuteStatement",
     RUN("SELECT m.a.b.x, l[0], c, d, e, f, g, h, i, j, k, n, o, p, q, r, s "
         "FROM Deep WHERE Id = 1",
         ""),
     "{\"Items\":[{\"l[0]\":{\"S\":\"z\"},\"x\":{\"N\":\"1\"}}]}"},
    {"ExecuteStatement", RUN("SELECT m.a.b, b FROM Deep", ""),
     VALIDATION "Invalid statement: Two of the selected attributes are named "
                "b, as each is by the last name of its path; select one of "
                "them"},
    /* NULL is a type, which what is missing does not have; IS NOT is what IS is
     * not. */
    {"ExecuteStatement", RUN("SELECT Id FROM Deep WHERE nil IS NULL", ""),
     "{\"Items\":[{\"Id\":{\"N\":\"1\"}}]}"},
    {"ExecuteStatement", RUN("SELECT Id FROM Deep WHERE none IS NULL", ""),
     "{\"Items\":[]}"},
    {"ExecuteStatement", RUN("SELECT Id FROM Deep WHERE nil IS NOT NULL", ""),
     "{\"Items\":[{\"Id\":{\"N\":\"2\"}}]}"},
    {"ExecuteStatement",
     RUN("SELECT Id FROM Deep WHERE Id = 1 AND none IS NOT NULL", ""),
     "{\"Items\":[{\"Id\":{\"N\":\"1\"}}]}"},
    /* One item is no page. */
    {"ExecuteStatement",
     RUN("SELECT Year FROM Music WHERE Artist = 'a' AND Song = 's'",
         ",\"Limit\":1"),
     "{\"Items\":[{\"Year\":{\"N\":\"1\"}}]}"},
    {"ExecuteStatement",
     RUN("SELECT Year FROM Music WHERE Artist = 'a' AND Song = 's'",
         ",\"NextToken\":\"AAAA\""),
     WRONG_TOKEN},
    {"ExecuteStatement",
     RUN("SELECT * FROM Music", ",\"NextToken\":\"no base64\""), WRONG_TOKEN},
    {"ExecuteStatement", RUN("SELECT * FROM Music", ",\"NextToken\":\"AAAA\""),
     WRONG_TOKEN},
    {"ExecuteStatement",
     RUN("SELECT * FROM Music", ",\"NextToken\":\"AAAAAAAAAAAAAAAA\""),
     WRONG_TOKEN},
};

START_TEST(a_select_has_to_fit_its_table)
{
    check_exchange(&reads[_i]);
}
END_TEST

static char *text_of(const char *sql)
{
    sqlite3_stmt *statement = NULL;
    ck_assert_msg(sqlite3_prepare_v2(db, sql, -1, &statement, NULL) ==
                      SQLITE_OK,
                  "%s", sqlite3_errmsg(db));
    ck_assert_msg(sqlite3_step(statement) == SQLITE_ROW, "%s",
                  sqlite3_errmsg(db));
    char *text =
        sqlite3_mprintf("%s", (const char *)sqlite3_column_text(statement, 0));
    sqlite3_finalize(statement);
    return text;
}

static void check_text(const char *sql, const char *expected)
{
    char *text = text_of(sql);
    ck_assert_str_eq(text, expected);
    sqlite3_free(text);
}

/* Read all pages of request, which is in quotes, by NextToken; the songs. */
#define ALL_PAGES(request)                                                     \
    "WITH RECURSIVE page(answer) AS ("                                         \
    "SELECT dynamo_api('ExecuteStatement', " request ") UNION ALL "            \
    "SELECT dynamo_api('ExecuteStatement', json_set(" request ","              \
    "'$.NextToken', answer ->> '$.NextToken')) FROM page "                     \
    "WHERE answer ->> '$.NextToken' IS NOT NULL) "                             \
    "SELECT group_concat((SELECT ifnull(group_concat(value ->> '$.Artist.S' "  \
    "|| "                                                                      \
    "(value ->> '$.Song.S'), ''), '') FROM json_each(answer, '$.Items')), "    \
    "'|') "                                                                    \
    "FROM page"

START_TEST(pages_join_to_the_whole)
{
    check_text(ALL_PAGES("'{\"Statement\":\"SELECT * FROM Music WHERE Artist "
                         "IN [''b'',''c'',''a'']\",\"Limit\":1}'"),
               "bs|as|at|");
    check_text(ALL_PAGES("'{\"Statement\":\"SELECT * FROM Music WHERE Artist = "
                         "''a'' ORDER BY Song DESC\",\"Limit\":1}'"),
               "at|as|");
    check_text(ALL_PAGES("'{\"Statement\":\"SELECT * FROM Music.by_year WHERE "
                         "Artist = ? AND Year > 0\",\"Limit\":1,"
                         "\"Parameters\":[{\"S\":\"a\"}]}'"),
               "as|at|");
}
END_TEST

START_TEST(a_scan_of_two_pages_reads_each_item_once)
{
    run_sql("CREATE TABLE answers AS SELECT (" ALL_PAGES(
        "'{\"Statement\":\"SELECT * FROM Music\",\"Limit\":2}'") ") AS songs");
    check_text("SELECT length(songs) FROM answers", "7");
    check_text("SELECT count(*) FROM answers, (VALUES('as'), ('at'), ('bs')) "
               "WHERE songs GLOB '*' || column1 || '*'",
               "3");
}
END_TEST

/* The megabyte is that of the page, not of one value of IN. */
START_TEST(a_page_of_several_partition_keys_ends_at_1_mb)
{
    run_sql("INSERT INTO Music(Artist, Song, item) "
            "SELECT artist, song, json_object('x', printf('%.*c', 300000, 'x'))"
            " FROM (SELECT column1 AS artist FROM (VALUES('p'), ('q'))),"
            "(SELECT column1 AS song FROM (VALUES('1'), ('2'), ('3')))");
    check_text(ALL_PAGES("'{\"Statement\":\"SELECT Artist, Song FROM Music "
                         "WHERE Artist IN [''p'', ''q'']\"}'"),
               "p1p2p3q1|q2q3");
}
END_TEST

/* ------------------------------------------------------------------ batches --
 */

#define BATCH(statements) "{\"Statements\":[" statements "]}"
#define S(statement)      "{\"Statement\":\"" statement "\"}"
#define ERROR(code, message)                                                   \
    "{\"Error\":{\"Code\":\"" code "\",\"Message\":\"" message "\"}"

#define BAD(message) ERROR("ValidationError", message)
#define NO_KEY                                                                 \
    BAD("Select statements within BatchExecuteStatement must specify the "     \
        "primary key in the where clause.")
#define NOT_HERE BAD("EXISTS can only be used in ExecuteTransaction")
#define NOWHERE  ERROR("ResourceNotFound", "Requested resource not found")
#define MALFORMED_AT_7                                                         \
    BAD("Statement wasn't well formed, can't be processed: unexpected "        \
        "\\\"?\\\" at byte 7")
#define BAD_INDEX_KEY                                                          \
    BAD("One or more parameter values were invalid: Type mismatch for Index "  \
        "Key Year Expected: N Actual: S IndexName: by_genre")
#define PLAIN            "{\"TableName\":\"Plain\"}"
#define IN(table)        ",\"TableName\":\"" table "\"}"
#define RESPONSES(texts) "{\"Responses\":[" texts "]}"

/* Statements of batches. */
#define GET    S("SELECT * FROM Plain WHERE Id = 1")
#define SORTED S("SELECT * FROM Plain WHERE Id = 1 ORDER BY Id")
#define ENTRY  S("SELECT * FROM Music.by_year WHERE Artist = 'a' AND Year = 1")
#define EXISTS S("EXISTS(SELECT * FROM Plain WHERE Id = 1)")
#define LOST   S("SELECT * FROM None WHERE Id = 1")
#define DELETE S("DELETE FROM Plain WHERE Id = 1")
#define AGAIN  S("DELETE FROM \\\"main.Plain\\\" WHERE Id = 1.0")
#define MISFIT                                                                 \
    S("INSERT INTO Music VALUE {'Artist': 'z', 'Song': 'z', 'Year': 'x'}")
#define INSERT(id) S("INSERT INTO Plain VALUE {'Id': " id "}")

static const exchange batches[] = {
    {"BatchExecuteStatement", BATCH(""),
     VALIDATION "1 validation error detected: Value '[]' at 'statements' "
                "failed to satisfy constraint: Member must have length greater "
                "than or equal to 1"},
    {"BatchExecuteStatement", BATCH("{}"),
     VALIDATION
     "1 validation error detected: Value null at "
     "'statements.1.member.statement' failed to satisfy constraint: Member "
     "must not be null"},
    {"BatchExecuteStatement", BATCH(GET "," DELETE),
     VALIDATION "The statements of a batch must be all reads or all writes: "
                "put SELECT statements and others into batches of their own"},
    {"BatchExecuteStatement", BATCH(DELETE "," AGAIN),
     VALIDATION "Provided list of item keys contains duplicates"},
    {"BatchExecuteStatement", BATCH(GET "," GET), RESPONSES(PLAIN "," PLAIN)},
    {"BatchExecuteStatement", BATCH(SORTED "," ENTRY),
     RESPONSES(NO_KEY IN("Plain") "," NO_KEY IN("Music"))},
    {"BatchExecuteStatement", BATCH(EXISTS "," LOST "," S("SELECT ?")),
     RESPONSES(NOT_HERE "}," NOWHERE "}," MALFORMED_AT_7 "}")},
    {"BatchExecuteStatement", BATCH(MISFIT "," INSERT("9")),
     RESPONSES(BAD_INDEX_KEY IN("Music") "," PLAIN)},
};

START_TEST(a_batch_tells_of_each_statement)
{
    check_exchange(&batches[_i]);
}
END_TEST

START_TEST(a_batch_of_duplicates_does_nothing)
{
    check_exchange(&(exchange){
        "BatchExecuteStatement", BATCH(INSERT("7") "," DELETE "," DELETE),
        VALIDATION "Provided list of item keys contains duplicates"});
    check_text("SELECT count(*) FROM Plain('scan')", "0");
}
END_TEST

START_TEST(a_batch_is_part_of_the_transaction)
{
    static const exchange insert = {"BatchExecuteStatement",
                                    BATCH(INSERT("7") "," INSERT("8")),
                                    RESPONSES(PLAIN "," PLAIN)};
    run_sql("BEGIN; INSERT INTO Plain(Id) VALUES(1)");
    check_exchange(&insert);
    check_text("SELECT count(*) FROM Plain('scan')", "3");
    run_sql("ROLLBACK");
    check_text("SELECT count(*) FROM Plain('scan')", "0");
    check_exchange(&insert);
    check_text("SELECT count(*) FROM Plain('scan')", "2");
    check_text("SELECT dynamo_check('Plain')", "ok");
}
END_TEST

START_TEST(nothing_is_written_within_a_statement_that_writes)
{
    run_sql("CREATE TABLE log(answer)");
    char *message = NULL;
    ck_assert_int_ne(
        sqlite3_exec(db,
                     "INSERT INTO log SELECT dynamo_api('ExecuteStatement',"
                     "'{\"Statement\":\"INSERT INTO Plain VALUE "
                     "{''Id'': 1}\"}')",
                     NULL, NULL, &message),
        SQLITE_OK);
    ck_assert_str_eq(message,
                     VALIDATION "dynamo_api() cannot write within a statement "
                                "that writes: use SELECT dynamo_api(...)");
    sqlite3_free(message);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("api_partiql");
    tcase_add_checked_fixture(tests, setup, api_teardown);
    tcase_add_loop_test(tests, a_statement_has_to_fit_its_table, 0,
                        COUNT_OF(statements));
    tcase_add_loop_test(tests, a_select_has_to_fit_its_table, 0,
                        COUNT_OF(reads));
    tcase_add_test(tests, pages_join_to_the_whole);
    tcase_add_test(tests, a_scan_of_two_pages_reads_each_item_once);
    tcase_add_test(tests, a_page_of_several_partition_keys_ends_at_1_mb);
    tcase_add_loop_test(tests, a_batch_tells_of_each_statement, 0,
                        COUNT_OF(batches));
    tcase_add_test(tests, a_batch_of_duplicates_does_nothing);
    tcase_add_test(tests, a_batch_is_part_of_the_transaction);
    tcase_add_test(tests, nothing_is_written_within_a_statement_that_writes);
    return unit_run("api_partiql", tests);
}
