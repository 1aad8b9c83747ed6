/*
 * Times dynamo_api() beside INSERT and SELECT of the same items, of 200 bytes,
 * through the virtual table; and GetRecords, which has 1,000 records of such
 * items at most. Prints markdown tables.
 *
 *   api EXTENSION [items=N] [rounds=N]
 *
 * cc -std=c11 -O2 api.c -o api -lsqlite3
 */
#define _POSIX_C_SOURCE 200809L // NOLINT(bugprone-reserved-identifier)
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { ROUNDS_MAX = 51, CASES = 9, BODY_BYTES = 140, TEXTS = 32 };

static sqlite3 *db;
static char body[BODY_BYTES + 1];

static void fail(const char *what)
{
    fprintf(stderr, "%s: %s\n", what, db == NULL ? "" : sqlite3_errmsg(db));
    exit(1);
}

static void run(const char *sql)
{
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK) fail(sql);
}

static double now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* What is run for item number; ? is the key or the request. */
typedef struct bench_case {
    const char *name;
    const char *sql;
    const char *request; /* NULL: the columns are bound. Has the key, the body
                          * in what is written, and blanks */
    int is_write;
    int texts; /* of the expression, which differ in the number of blanks */
} bench_case;

#define PUT                                                                    \
    "{\"TableName\":\"things\",\"Item\":{\"pk\":{\"S\":\"customer-%07d\"},"    \
    "\"sk\":{\"N\":\"%d\"},\"amount\":{\"N\":\"12.5\"},"                       \
    "\"status\":{\"S\":\"shipped\"},\"body\":{\"S\":\"%s\"}}"
#define PUT_WITH_A_CONDITION                                                   \
    PUT ",\"ConditionExpression\":\"attribute_exists(pk)%s AND amount < :a\"," \
        "\"ExpressionAttributeValues\":{\":a\":{\"N\":\"100\"}}}"
#define GET                                                                    \
    "{\"TableName\":\"things\",\"Key\":{\"pk\":{\"S\":\"customer-%07d\"},"     \
    "\"sk\":{\"N\":\"%d\"}}"
#define GET_WITH_A_PROJECTION                                                  \
    GET ",\"ProjectionExpression\":\"pk, amount,%s #s\","                      \
        "\"ExpressionAttributeNames\":{\"#s\":\"status\"}}"

static const bench_case cases[CASES] = {
    {"INSERT OR REPLACE, columns",
     "INSERT OR REPLACE INTO things(pk, sk, amount, status, body) "
     "VALUES(?1, ?2, 12.5, 'shipped', ?3)",
     NULL, 1, 1},
    {"INSERT OR REPLACE, item",
     "INSERT OR REPLACE INTO things(item) VALUES(?1)",
     "{\"pk\":\"customer-%07d\",\"sk\":%d,\"amount\":12.5,"
     "\"status\":\"shipped\",\"body\":\"%s\"}",
     1, 1},
    {"PutItem", "SELECT dynamo_api('PutItem', ?1)", PUT "}", 1, 1},
    {"SELECT item", "SELECT item FROM things WHERE pk = ?1 AND sk = ?2", NULL,
     0, 1},
    {"GetItem", "SELECT dynamo_api('GetItem', ?1)", GET "}", 0, 1},
    {"GetItem with a projection", "SELECT dynamo_api('GetItem', ?1)",
     GET_WITH_A_PROJECTION, 0, 1},
    {"GetItem with a projection, another text each time",
     "SELECT dynamo_api('GetItem', ?1)", GET_WITH_A_PROJECTION, 0, TEXTS},
    {"PutItem with a condition", "SELECT dynamo_api('PutItem', ?1)",
     PUT_WITH_A_CONDITION, 1, 1},
    {"PutItem with a condition, another text each time",
     "SELECT dynamo_api('PutItem', ?1)", PUT_WITH_A_CONDITION, 1, TEXTS},
};

static void bind(sqlite3_stmt *statement, int number, int item, int round)
{
    static const char blanks[] = "                                ";
    char text[1024];
    const bench_case *c = &cases[number];
    if (c->request != NULL) {
        /* half of them on average, whatever the number of texts */
        const char *gap = blanks + (c->texts == 1 ? TEXTS / 2 : round % TEXTS);
        int size = snprintf(text, sizeof(text), c->request, item / 10,
                            item % 10, c->is_write ? body : gap, gap);
        sqlite3_bind_text(statement, 1, text, size, SQLITE_TRANSIENT);
        return;
    }
    int size = snprintf(text, sizeof(text), "customer-%07d", item / 10);
    sqlite3_bind_text(statement, 1, text, size, SQLITE_TRANSIENT);
    sqlite3_bind_int(statement, 2, item % 10);
    if (c->is_write) {
        sqlite3_bind_text(statement, 3, body, BODY_BYTES, SQLITE_STATIC);
    }
}

/* Microseconds for each item, in one transaction or one each. */
static double time_case(int number, int items, int has_transaction)
{
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(db, cases[number].sql, -1, &statement, NULL))
        fail(cases[number].sql);
    double start = now_us();
    if (has_transaction) run("BEGIN");
    for (int i = 0; i < items; i++) {
        bind(statement, number, (int)((i * 7919LL) % items), i);
        int rc = sqlite3_step(statement);
        if (rc != SQLITE_ROW && rc != SQLITE_DONE) fail(cases[number].name);
        sqlite3_reset(statement);
    }
    if (has_transaction) run("COMMIT");
    double us = (now_us() - start) / items;
    sqlite3_finalize(statement);
    return us;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

/* -------------------------------------------------------------- streams -- */

enum { RECORDS = 1000 }; /* of a GetRecords */

static void fill_stream(void)
{
    run("CREATE VIRTUAL TABLE logged USING dynamo(pk TEXT PARTITION KEY, "
        "stream = 'NEW_AND_OLD_IMAGES', billing = 'provisioned', read_units = "
        "1, write_units = 1, throttle = 'off')");
    run("WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE "
        "n < 1000) INSERT INTO logged(item) SELECT json_object('pk', "
        "'customer-' || n, 'sk', n, 'amount', 12.5, 'status', 'shipped', "
        "'body', hex(zeroblob(70))) FROM n");
}

/* The oldest place in the one shard there is. */
#define PLACE                                                                  \
    "SELECT json_object('ShardIterator', dynamo_api('GetShardIterator', "      \
    "json_object('StreamArn', arn, 'ShardIteratorType', 'TRIM_HORIZON', "      \
    "'ShardId', dynamo_api('DescribeStream', json_object('StreamArn', arn)) "  \
    "->> '$.StreamDescription.Shards[0].ShardId')) ->> '$.ShardIterator') "    \
    "FROM (SELECT dynamo_api('ListStreams', '{}') ->> "                        \
    "'$.Streams[0].StreamArn' AS arn)"

/* Microseconds for each record. */
static double time_records(const char *sql)
{
    sqlite3_stmt *place = NULL;
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(db, PLACE, -1, &place, NULL) ||
        sqlite3_step(place) != SQLITE_ROW ||
        sqlite3_prepare_v2(db, sql, -1, &statement, NULL)) {
        fail(sql);
    }
    sqlite3_bind_value(statement, 1, sqlite3_column_value(place, 0));
    double start = now_us();
    while (sqlite3_step(statement) == SQLITE_ROW) {
    }
    double us = (now_us() - start) / RECORDS;
    if (sqlite3_reset(statement) != SQLITE_OK) fail(sql);
    sqlite3_finalize(statement);
    sqlite3_finalize(place);
    return us;
}

static void time_streams(int rounds)
{
    static const char *const texts[][2] = {
        {"GetRecords", "SELECT dynamo_api('GetRecords', ?1)"},
        {"SELECT of dynamo_stream", "SELECT sequence, event, key, old, new "
                                    "FROM dynamo_stream('logged')"},
    };
    fill_stream();
    printf("\n| %d records of a stream | each, µs |\n|---|---|\n", RECORDS);
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        double us[ROUNDS_MAX];
        for (int r = 0; r < rounds; r++)
            us[r] = time_records(texts[i][1]);
        qsort(us, (size_t)rounds, sizeof(double), compare);
        printf("| %s | %.2f |\n", texts[i][0], us[rounds / 2]);
    }
}

static void open_table(const char *extension, char *path)
{
    char sql[512];
    close(mkstemp(path));
    if (sqlite3_open(path, &db) != SQLITE_OK) fail(path);
    sqlite3_enable_load_extension(db, 1);
    if (sqlite3_load_extension(db, extension, NULL, NULL) != SQLITE_OK)
        fail(extension);
    run("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
    snprintf(
        sql, sizeof(sql),
        "CREATE VIRTUAL TABLE things USING dynamo(pk TEXT PARTITION KEY, sk "
        "NUMBER SORT KEY, amount NUMBER, status TEXT, body TEXT)");
    run(sql);
}

int main(int argc, char **argv)
{
    static double us[CASES][2][ROUNDS_MAX];
    char path[] = "/tmp/bench-api-XXXXXX";
    int items = 20000;
    int rounds = 5;
    if (argc < 2) return 2;
    for (int i = 2; i < argc; i++) {
        if (strncmp(argv[i], "items=", 6) == 0) items = atoi(argv[i] + 6);
        if (strncmp(argv[i], "rounds=", 7) == 0) rounds = atoi(argv[i] + 7);
    }
    if (rounds > ROUNDS_MAX) rounds = ROUNDS_MAX;
    memset(body, 'x', BODY_BYTES);
    open_table(argv[1], path);
    time_case(0, items, 1);
    for (int r = 0; r < rounds; r++) {
        for (int c = 0; c < CASES; c++) {
            us[c][0][r] = time_case(c, items, 1);
            us[c][1][r] = time_case(c, items / 10, 0);
        }
    }
    printf("| | in a transaction, µs | alone, µs |\n|---|---|---|\n");
    for (int c = 0; c < CASES; c++) {
        for (int t = 0; t < 2; t++)
            qsort(us[c][t], (size_t)rounds, sizeof(double), compare);
        printf("| %s | %.2f | %.2f |\n", cases[c].name, us[c][0][rounds / 2],
               us[c][1][rounds / 2]);
    }
    time_streams(rounds);
    sqlite3_close(db);
    unlink(path);
    return 0;
}
