/*
 * Times reads that a DAX table serves from its cache beside ordinary tables
 * with the same rows, in autocommit: WITHOUT ROWID, and with a rowid, both with
 * PRIMARY KEY(pk, sk). Prints markdown tables; ratios are to the better one.
 *
 *   dax EXTENSION [rounds=N]
 *   dax EXTENSION growth [items=N]
 *
 * Items are of 200 bytes, ten in a partition. "growth" measures a hit and the
 * memory of an item while the cache grows to items=N, a million if not given.
 *
 * cc -std=c11 -O2 dax.c -o dax -lsqlite3
 */
#define _POSIX_C_SOURCE 200809L // NOLINT(bugprone-reserved-identifier)
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    HOT_ITEMS = 1000,
    ITEMS_PER_PARTITION = 10,
    ROUNDS_USUAL = 31,
    ROUNDS_MAX = 301,
    NOTE_BYTES = 140, /* so that an item has 200 */
    GROWTH_ITEMS = 1000000,
    SAMPLES = 200000,
};

enum store { DAX, DYNAMO, WITHOUT_ROWID, ROWID, STORES };
enum metric { READ, QUERY, METRICS };

static const char *const store_names[STORES] = {
    [DAX] = "DAX",
    [DYNAMO] = "dynamo",
    [WITHOUT_ROWID] = "without rowid",
    [ROWID] = "rowid",
};

static const char *const table_names[STORES] = {
    [DAX] = "hot", [DYNAMO] = "t", [WITHOUT_ROWID] = "w", [ROWID] = "r"};

/* What a metric may be of the better ordinary table. */
static const struct {
    const char *name;
    const char *sql;
    double limit;
} metrics[METRICS] = {
    [READ] = {"point read",
              "SELECT amount, status, note FROM %s"
              " WHERE pk = ?1 AND sk = ?2",
              0.25},
    [QUERY] = {"query of 10 items",
               "SELECT sk, amount, status, note FROM %s"
               " WHERE pk = ?1 ORDER BY sk",
               1.0},
};

static char path[64];
static volatile int64_t bytes_read;

static _Noreturn void fail(sqlite3 *db, const char *what)
{
    fprintf(stderr, "dax: %s: %s\n", what, sqlite3_errmsg(db));
    exit(EXIT_FAILURE);
}

static void execute(sqlite3 *db, const char *sql)
{
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK) fail(db, sql);
}

static void remove_file(void)
{
    static const char *const suffixes[] = {"", "-wal", "-shm", "-journal"};
    char name[80];
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        snprintf(name, sizeof name, "%s%s", path, suffixes[i]);
        unlink(name);
    }
}

static double now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static int compare_doubles(const void *left, const void *right)
{
    double a = *(const double *)left;
    double b = *(const double *)right;
    return (a > b) - (a < b);
}

static double median(double *values, int count)
{
    qsort(values, (size_t)count, sizeof *values, compare_doubles);
    return values[count / 2];
}

static sqlite3 *open_file(const char *extension, const char *journal, int items)
{
    sqlite3 *db = NULL;
    char sql[512];
    snprintf(path, sizeof path, "/tmp/dynamo-dax-%ld.db", (long)getpid());
    remove_file();
    if (sqlite3_open(path, &db) != SQLITE_OK) fail(db, path);
    sqlite3_enable_load_extension(db, 1);
    if (sqlite3_load_extension(db, extension, "sqlite3_dynamo_init", NULL) !=
        SQLITE_OK)
        fail(db, extension);
    snprintf(sql, sizeof sql, "PRAGMA journal_mode = %s", journal);
    execute(db, sql);
    execute(db, "CREATE VIRTUAL TABLE t USING dynamo(pk TEXT PARTITION KEY,"
                " sk TEXT SORT KEY, amount NUMBER, status TEXT, note TEXT);"
                "CREATE TABLE w(pk TEXT, sk TEXT, amount NUMBER, status TEXT,"
                " note TEXT, PRIMARY KEY(pk, sk)) WITHOUT ROWID;"
                "CREATE TABLE r(pk TEXT, sk TEXT, amount NUMBER, status TEXT,"
                " note TEXT, PRIMARY KEY(pk, sk));"
                "CREATE VIRTUAL TABLE temp.hot USING dynamo_dax(t,"
                " item_ttl = 86400, query_ttl = 86400, bytes = 4000000000);"
                "BEGIN;");
    for (int i = DYNAMO; i < STORES; i++) {
        if (items > HOT_ITEMS && i != DYNAMO) continue;
        snprintf(sql, sizeof sql,
                 "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM"
                 " n WHERE i + 1 < %d) INSERT INTO %s SELECT"
                 " printf('customer-%%06d', i / %d),"
                 " printf('order-%%010d', i %% %d), i, 'shipped',"
                 " substr(hex(randomblob(%d)), 1, %d) FROM n",
                 items, table_names[i], ITEMS_PER_PARTITION,
                 ITEMS_PER_PARTITION, NOTE_BYTES, NOTE_BYTES);
        execute(db, sql);
    }
    execute(db, "COMMIT");
    return db;
}

static sqlite3_stmt *prepare(sqlite3 *db, enum store store, enum metric metric)
{
    char sql[256];
    sqlite3_stmt *statement = NULL;
    snprintf(sql, sizeof sql, metrics[metric].sql, table_names[store]);
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK)
        fail(db, sql);
    return statement;
}

/* A prefix and a number of digits, faster than printf. */
static void format(char *out, const char *prefix, int number, int digits)
{
    size_t prefix_bytes = strlen(prefix);
    memcpy(out, prefix, prefix_bytes);
    out += prefix_bytes;
    out[digits] = '\0';
    for (; digits > 0; number /= 10)
        out[--digits] = (char)('0' + number % 10);
}

static void read_rows(sqlite3 *db, sqlite3_stmt *statement, int item,
                      int expected)
{
    char pk[24];
    char sk[24];
    int rows = 0;
    format(pk, "customer-", item / ITEMS_PER_PARTITION, 6);
    sqlite3_bind_text(statement, 1, pk, -1, SQLITE_STATIC);
    if (expected == 1) {
        format(sk, "order-", item % ITEMS_PER_PARTITION, 10);
        sqlite3_bind_text(statement, 2, sk, -1, SQLITE_STATIC);
    }
    for (; sqlite3_step(statement) == SQLITE_ROW; rows++) {
        for (int i = 0; i < sqlite3_column_count(statement); i++) {
            if (sqlite3_column_text(statement, i) == NULL) fail(db, "NULL");
            bytes_read += sqlite3_column_bytes(statement, i);
        }
    }
    if (sqlite3_reset(statement) != SQLITE_OK || rows != expected)
        fail(db, sqlite3_sql(statement));
}

/* µs a statement, of all hot items or partitions once. */
static double measure(sqlite3 *db, sqlite3_stmt *statement, enum metric metric)
{
    int step = metric == READ ? 1 : ITEMS_PER_PARTITION;
    double begin_us = now_us();
    for (int i = 0; i < HOT_ITEMS; i += step)
        read_rows(db, statement, i, step);
    return (now_us() - begin_us) / (HOT_ITEMS / step);
}

static void compare(sqlite3 *db, const char *journal, enum metric metric,
                    int rounds)
{
    double times[STORES][ROUNDS_MAX];
    double medians[STORES];
    sqlite3_stmt *statements[STORES];
    for (int s = 0; s < STORES; s++) {
        statements[s] = prepare(db, (enum store)s, metric);
        measure(db, statements[s], metric); /* the first time is a miss */
    }
    for (int round = 0; round < rounds; round++) {
        for (int s = 0; s < STORES; s++)
            times[s][round] = measure(db, statements[s], metric);
    }
    printf("| %s, %s |", metrics[metric].name, journal);
    for (int s = 0; s < STORES; s++) {
        medians[s] = median(times[s], rounds);
        printf(" %.2f |", medians[s]);
        sqlite3_finalize(statements[s]);
    }
    double better = medians[WITHOUT_ROWID] < medians[ROWID]
                        ? medians[WITHOUT_ROWID]
                        : medians[ROWID];
    printf(" %.2f | %.2f |\n", medians[DAX] / better, metrics[metric].limit);
}

static void compare_all(const char *extension, int rounds)
{
    static const char *const journals[] = {"WAL", "DELETE"};
    printf("| µs, in autocommit |");
    for (int s = 0; s < STORES; s++)
        printf(" %s |", store_names[s]);
    printf(" ratio | goal |\n|---|---|---|---|---|---|---|\n");
    for (int j = 0; j < 2; j++) {
        sqlite3 *db = open_file(extension, journals[j], HOT_ITEMS);
        for (int m = 0; m < METRICS; m++)
            compare(db, journals[j], (enum metric)m, rounds);
        sqlite3_close(db);
        remove_file();
    }
}

/* ---------------------------------------------------------------- growth -- */

static void grow(const char *extension, int items)
{
    sqlite3 *db = open_file(extension, "WAL", items);
    sqlite3_stmt *read = prepare(db, DAX, READ);
    uint64_t random = 1;
    int cached = 0;
    printf("| cached items | hit, µs | memory, bytes/item |\n|---|---|---|\n");
    execute(db, "BEGIN; SELECT count(*) FROM t('scan');");
    read_rows(db, read, 0, 1);
    sqlite3_int64 before = sqlite3_memory_used();
    for (int most = 10000; most <= items; most *= 10) {
        for (; cached < most; cached++)
            read_rows(db, read, cached, 1);
        sqlite3_int64 used = sqlite3_memory_used() - before;
        double begin_us = now_us();
        for (int i = 0; i < SAMPLES; i++) {
            random = random * UINT64_C(6364136223846793005) + 1;
            read_rows(db, read, (int)((random >> 33) % (uint64_t)cached), 1);
        }
        printf("| %d | %.2f | %lld |\n", cached,
               (now_us() - begin_us) / SAMPLES, (long long)(used / cached));
    }
    sqlite3_finalize(read);
    sqlite3_close(db);
    remove_file();
}

int main(int argc, char **argv)
{
    int rounds = ROUNDS_USUAL;
    int items = GROWTH_ITEMS;
    bool is_growth = false;
    if (argc < 2) {
        fprintf(stderr, "usage: dax EXTENSION [rounds=N] | growth [items=N]\n");
        return EXIT_FAILURE;
    }
    for (int i = 2; i < argc; i++) {
        if (strcmp(argv[i], "growth") == 0) is_growth = true;
        if (strncmp(argv[i], "rounds=", 7) == 0) rounds = atoi(argv[i] + 7);
        if (strncmp(argv[i], "items=", 6) == 0) items = atoi(argv[i] + 6);
    }
    if (rounds < 1 || rounds > ROUNDS_MAX) rounds = ROUNDS_USUAL;
    if (is_growth) {
        grow(argv[1], items);
    } else {
        compare_all(argv[1], rounds);
    }
    return EXIT_SUCCESS;
}
