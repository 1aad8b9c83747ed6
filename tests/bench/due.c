/*
 * Prints what runs inside a user's commit beside the write itself: how long a
 * commit of one item takes while nothing is due, while an index is filled,
 * while partitions are split, with units of 1, 4 and 400 partitions to write,
 * and while expired items are swept; and how long one call of dynamo_maintain()
 * takes for the same work, and a step of it, which holds the write lock.
 *
 *   due EXTENSION [rows]
 *
 * Each line is a file of its own: WAL, synchronous=NORMAL, SQLite's cache size.
 * The longest commit is what a writer may have to wait for.
 *
 * cc -std=c11 -O2 due.c -o due -lsqlite3
 */
#define _POSIX_C_SOURCE 200809L // NOLINT(bugprone-reserved-identifier)
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { COMMITS = 300, ROWS = 20000, SWEPT = 100000 };

static const char *extension;
static const char file[] = "due.bench.db";

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
    unlink("due.bench.db-wal");
    unlink("due.bench.db-shm");
}

/* A table of so many rows of 200 bytes. */
static sqlite3 *open_table(const char *options, int rows)
{
    sqlite3 *db = NULL;
    char sql[1024];
    remove_file();
    if (sqlite3_open(file, &db) != SQLITE_OK) fail(db, file);
    sqlite3_enable_load_extension(db, 1);
    if (sqlite3_load_extension(db, extension, NULL, NULL) != SQLITE_OK)
        fail(db, extension);
    run(db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
    snprintf(sql, sizeof(sql),
             "CREATE VIRTUAL TABLE t USING dynamo(id TEXT PARTITION KEY, "
             "v TEXT%s)",
             options);
    run(db, sql);
    snprintf(sql, sizeof(sql),
             "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
             "WHERE i < %d) INSERT INTO t(id, v) SELECT 'k' || i, "
             "printf('%%0180d', i) FROM n",
             rows);
    run(db, sql);
    return db;
}

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int compare(const void *left, const void *right)
{
    double a = *(const double *)left;
    double b = *(const double *)right;
    return (a > b) - (a < b);
}

/* Commits of one put each, after a statement that may make units. */
static void time_commits(const char *name, sqlite3 *db, const char *before)
{
    static double ms[COMMITS];
    sqlite3_stmt *put = NULL;
    if (sqlite3_prepare_v2(db,
                           "INSERT OR REPLACE INTO t(id, v) VALUES('k' || ?1, "
                           "printf('%0180d', ?1))",
                           -1, &put, NULL) != SQLITE_OK)
        fail(db, "put");
    for (int i = 0; i < COMMITS; i++) {
        if (before != NULL) run(db, before);
        double start = now_ms();
        sqlite3_bind_int(put, 1, i * 37 % ROWS);
        sqlite3_step(put);
        if (sqlite3_reset(put) != SQLITE_OK) fail(db, "put");
        ms[i] = now_ms() - start;
    }
    sqlite3_finalize(put);
    qsort(ms, COMMITS, sizeof(*ms), compare);
    printf("| %s | %.3f | %.3f | %.3f |\n", name, ms[COMMITS / 2],
           ms[COMMITS * 99 / 100], ms[COMMITS - 1]);
    fflush(stdout);
}

/* A step of dynamo_maintain() holds the write lock from the begin of its
 * statement until its commit is in the WAL. */
typedef struct step {
    double begin_ms;
    double longest_ms;
} step;

static int step_begins(unsigned event, void *context, void *statement,
                       void *text)
{
    (void)event, (void)statement, (void)text;
    ((step *)context)->begin_ms = now_ms();
    return 0;
}

/* With the lock released, a checkpoint as SQLite makes it by itself. */
static int step_ends(void *context, sqlite3 *db, const char *schema, int pages)
{
    step *s = context;
    if (now_ms() - s->begin_ms > s->longest_ms)
        s->longest_ms = now_ms() - s->begin_ms;
    if (pages >= 1000) sqlite3_wal_checkpoint(db, schema);
    return SQLITE_OK;
}

static void time_maintain(const char *name, sqlite3 *db)
{
    double longest = 0;
    step steps = {0, 0};
    int calls = 0;
    double start = now_ms();
    sqlite3_trace_v2(db, SQLITE_TRACE_STMT, step_begins, &steps);
    sqlite3_wal_hook(db, step_ends, &steps);
    for (int work = 1; work > 0; calls++) {
        sqlite3_stmt *statement = NULL;
        double begin = now_ms();
        sqlite3_prepare_v2(db, "SELECT dynamo_maintain()", -1, &statement,
                           NULL);
        if (sqlite3_step(statement) != SQLITE_ROW) fail(db, "dynamo_maintain");
        work = sqlite3_column_int(statement, 0);
        sqlite3_finalize(statement);
        if (now_ms() - begin > longest) longest = now_ms() - begin;
    }
    sqlite3_trace_v2(db, 0, NULL, NULL);
    sqlite3_wal_autocheckpoint(db, 1000);
    printf("| dynamo_maintain(): %s, %d calls, the longest step %.1f | %.1f in "
           "all | | %.1f |\n",
           name, calls, steps.longest_ms, now_ms() - start, longest);
    fflush(stdout);
}

static void close_table(sqlite3 *db)
{
    sqlite3_close(db);
    remove_file();
}

static void add_index(sqlite3 *db)
{
    run(db, "SELECT dynamo_alter('t', 'ADD GLOBAL INDEX by_v (v)')");
}

/* Items that all have expired, with two indexes beside them. */
static void time_sweep(int rows)
{
    char sql[1024];
    sqlite3 *db = open_table(", e NUMBER, GLOBAL INDEX by_v (v) PROJECT KEYS, "
                             "GLOBAL INDEX by_e (kind TEXT, e NUMBER)",
                             1);
    snprintf(sql, sizeof(sql),
             "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
             "WHERE i < %d) INSERT OR REPLACE INTO t(item) SELECT "
             "json_object('id', 'k' || "
             "i, 'v', printf('%%0180d', i), 'kind', 'k' || (i %% 9), 'e', "
             "unixepoch() - i %% 100000) FROM n",
             rows);
    run(db, sql);
    double start = now_ms();
    run(db, "SELECT dynamo_alter('t', 'ttl = ''e''')");
    printf("| ttl is turned on | | | %.1f |\n", now_ms() - start);
    time_maintain("the times are gathered, and items swept", db);
    run(db, sql);
    run(db, "SELECT dynamo_clock('+1 day')");
    time_commits("items are swept, 16 a commit, 2 indexes", db, NULL);
    time_maintain("the rest of that", db);
    run(db, "SELECT dynamo_clock(NULL)");
    close_table(db);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: due EXTENSION [rows]\n");
        return 2;
    }
    extension = argv[1];
    int rows = argc > 2 ? atoi(argv[2]) : ROWS;
    static const char scan[] = "SELECT count(*) FROM t('scan')";
    printf("| a commit of one put, %d rows | median ms | 99 %% | longest |\n"
           "|---|---|---|---|\n",
           rows);
    sqlite3 *db = open_table("", rows);
    time_commits("nothing is due", db, NULL);
    add_index(db);
    time_commits("an index is filled, 64 items a commit", db, NULL);
    time_maintain("the rest of that", db);
    close_table(db);

    db = open_table(", partition_bytes = 1000000", rows);
    time_commits("partitions of 1 MB are split, 256 items a commit", db, NULL);
    time_maintain("the rest of that", db);
    close_table(db);

    db = open_table(", billing = 'provisioned', read_units = 1, write_units = "
                    "1, throttle = 'off'",
                    rows);
    time_commits("units of 1 partition", db, scan);
    close_table(db);
    db = open_table("", rows);
    time_commits("units of 4 partitions, all read before", db, scan);
    close_table(db);
    db = open_table(", partition_bytes = 50000", rows);
    time_maintain("partitions of 50 KB", db);
    time_commits("units of some 400 partitions, all read before", db, scan);
    close_table(db);
    time_sweep(SWEPT);
    return 0;
}
