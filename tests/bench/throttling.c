/*
 * Prints what enforcing limits adds to a point read and to a put where no limit
 * is ever reached: a table with throttle = 'on', the same one without counting
 * hot keys, and the same one with throttle = 'off', in µs of processor time.
 *
 *   throttling EXTENSION [rounds]
 *
 * The tables have 40,000 units and 54 partitions, and items of 200 bytes. They
 * take turns; a figure is the median of the rounds. Time stands still within a
 * turn and goes on by a second between two of them, so a turn takes less than
 * what a second gives to the table and to each partition.
 *
 * cc -std=c11 -O2 throttling.c -o throttling -lsqlite3
 */
#define _POSIX_C_SOURCE 200809L // NOLINT(bugprone-reserved-identifier)
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { ROWS = 20000, OPERATIONS = 10000, COMMITS = 1000, ROUNDS_MAX = 1000 };

static const char file[] = "throttling.bench.db";
static uint64_t random_state = 1;

enum { TABLES = 3 };

static const struct {
    const char *name;
    const char *options;
} tables[TABLES] = {
    {"on", ""},
    {"on, hot_keys off", ", hot_keys = 'off'"},
    {"off", ", throttle = 'off'"},
};

static const struct {
    const char *name;
    const char *sql; /* of table t0 .. */
    int count;
    int of_transaction;
} metrics[] = {
    {"point read", "SELECT v FROM t%d WHERE id = 'k' || ?1", OPERATIONS,
     OPERATIONS},
    {"put", "INSERT OR REPLACE INTO t%d VALUES('k' || ?1, ?2)", OPERATIONS,
     OPERATIONS},
    {"put, committed", "INSERT OR REPLACE INTO t%d VALUES('k' || ?1, ?2)",
     COMMITS, 1},
};

static void fail(sqlite3 *db, const char *sql)
{
    fprintf(stderr, "%s: %s\n", sql, sqlite3_errmsg(db));
    exit(1);
}

static void run(sqlite3 *db, const char *sql)
{
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK) fail(db, sql);
}

static void remove_file(void)
{
    unlink(file);
    unlink("throttling.bench.db-wal");
    unlink("throttling.bench.db-shm");
}

static void create(sqlite3 *db, int number)
{
    char sql[512];
    snprintf(sql, sizeof(sql),
             "CREATE VIRTUAL TABLE t%d USING dynamo(id TEXT PARTITION KEY, "
             "v TEXT, billing = 'provisioned', read_units = 40000, "
             "write_units = 40000%s)",
             number, tables[number].options);
    run(db, sql);
    snprintf(sql, sizeof(sql),
             "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n "
             "WHERE i < %d) INSERT INTO t%d SELECT 'k' || i, "
             "printf('%%0180d', i) FROM n",
             ROWS - 1, number);
    run(db, sql);
}

static sqlite3 *open_tables(const char *extension)
{
    sqlite3 *db = NULL;
    remove_file();
    if (sqlite3_open(file, &db) != SQLITE_OK) fail(db, file);
    sqlite3_enable_load_extension(db, 1);
    if (sqlite3_load_extension(db, extension, NULL, NULL) != SQLITE_OK)
        fail(db, extension);
    run(db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
            "SELECT dynamo_clock('2026-01-01 00:00:00')");
    for (int i = 0; i < TABLES; i++)
        create(db, i);
    return db;
}

static double now_us(void)
{
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

static int compare(const void *left, const void *right)
{
    double a = *(const double *)left;
    double b = *(const double *)right;
    return (a > b) - (a < b);
}

static uint32_t random_row(void)
{
    random_state = random_state * UINT64_C(6364136223846793005) +
                   UINT64_C(1442695040888963407);
    return (uint32_t)(random_state >> 33) % ROWS;
}

static void step(sqlite3 *db, sqlite3_stmt *statement, uint32_t row)
{
    static char text[181];
    snprintf(text, sizeof(text), "%0180u", (unsigned)random_row());
    sqlite3_bind_int64(statement, 1, row);
    if (sqlite3_bind_parameter_count(statement) > 1)
        sqlite3_bind_text(statement, 2, text, -1, SQLITE_STATIC);
    while (sqlite3_step(statement) == SQLITE_ROW)
        sqlite3_column_text(statement, 0);
    if (sqlite3_reset(statement) != SQLITE_OK) fail(db, sqlite3_sql(statement));
}

/* One turn; µs per operation. */
static double measure(sqlite3 *db, size_t metric, int table)
{
    sqlite3_stmt *statement = NULL;
    char sql[128];
    snprintf(sql, sizeof(sql), metrics[metric].sql, table);
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK)
        fail(db, sql);
    run(db, "SELECT dynamo_clock('+1 second')");
    double started = now_us();
    for (int i = 0; i < metrics[metric].count; i++) {
        if (i % metrics[metric].of_transaction == 0) run(db, "BEGIN");
        step(db, statement, random_row());
        if ((i + 1) % metrics[metric].of_transaction == 0) run(db, "COMMIT");
    }
    double ended = now_us();
    sqlite3_finalize(statement);
    return (ended - started) / metrics[metric].count;
}

static double median(double *values, int count)
{
    qsort(values, (size_t)count, sizeof(*values), compare);
    return values[count / 2];
}

static void print_metric(sqlite3 *db, size_t metric, int rounds)
{
    static double values[TABLES][ROUNDS_MAX];
    double result[TABLES];
    for (int n = 0; n < rounds; n++) {
        for (int i = 0; i < TABLES; i++) {
            int at = (i + n) % TABLES;
            values[at][n] = measure(db, metric, at);
        }
    }
    printf("| %s |", metrics[metric].name);
    for (int i = 0; i < TABLES; i++) {
        result[i] = median(values[i], rounds);
        printf(" %.2f |", result[i]);
    }
    printf(" %+.1f %% |\n", (result[0] / result[TABLES - 1] - 1) * 100);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: throttling EXTENSION [rounds]\n");
        return EXIT_FAILURE;
    }
    int rounds = argc > 2 ? atoi(argv[2]) : 51;
    if (rounds < 1 || rounds > ROUNDS_MAX) rounds = ROUNDS_MAX;
    sqlite3 *db = open_tables(argv[1]);
    printf("|  |");
    for (int i = 0; i < TABLES; i++)
        printf(" %s |", tables[i].name);
    printf(" on adds |\n|---|--:|--:|--:|--:|\n");
    for (size_t i = 0; i < sizeof(metrics) / sizeof(metrics[0]); i++)
        print_metric(db, i, rounds);
    sqlite3_close(db);
    remove_file();
    return EXIT_SUCCESS;
}
