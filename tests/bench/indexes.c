/*
 * Times writes and reads of a dynamo table with two global indexes beside an
 * ordinary table with two SQL indexes on the same columns. Prints a markdown
 * table.
 *
 *   indexes EXTENSION [rows]
 *
 * Each table has a file and a connection of its own: WAL, synchronous=NORMAL,
 * SQLite's cache size. What is compared is measured in turns, round by round.
 *
 * cc -std=c11 -O2 indexes.c -o indexes -lsqlite3
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

enum { ROUNDS = 15, WRITES = 2000, QUERIES = 2000, GROUP_ROWS = 10 };

enum { DYNAMO, WITHOUT_ROWID, ROWID, STORES };

static const char *const names[STORES] = {"dynamo", "without rowid", "rowid"};
static const char *const schemas[STORES] = {
    "CREATE VIRTUAL TABLE t USING dynamo(pk TEXT PARTITION KEY, sk NUMBER SORT "
    "KEY, status TEXT, customer TEXT, note TEXT, GLOBAL INDEX by_status "
    "(status, sk) PROJECT KEYS, GLOBAL INDEX by_customer (customer, sk) "
    "PROJECT "
    "KEYS)",
    "CREATE TABLE t(pk TEXT, sk NUMERIC, status TEXT, customer TEXT, note "
    "TEXT, "
    "PRIMARY KEY(pk, sk)) WITHOUT ROWID; CREATE INDEX by_status ON t(status, "
    "sk); CREATE INDEX by_customer ON t(customer, sk)",
    "CREATE TABLE t(pk TEXT, sk NUMERIC, status TEXT, customer TEXT, note "
    "TEXT, "
    "PRIMARY KEY(pk, sk)); CREATE INDEX by_status ON t(status, sk, pk); CREATE "
    "INDEX by_customer ON t(customer, sk, pk)",
};

typedef struct store {
    sqlite3 *db;
    sqlite3_stmt *insert;
    sqlite3_stmt *query;
    uint64_t random;
    int64_t next; /* row to be put */
} store;

static void fail(const char *what, const char *why)
{
    fprintf(stderr, "%s: %s\n", what, why);
    exit(EXIT_FAILURE);
}

static void run(store *s, const char *sql)
{
    if (sqlite3_exec(s->db, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail(sql, sqlite3_errmsg(s->db));
}

static sqlite3_stmt *prepare(store *s, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(s->db, sql, -1, &statement, NULL) != SQLITE_OK)
        fail(sql, sqlite3_errmsg(s->db));
    return statement;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static uint32_t draw(store *s, uint32_t below)
{
    s->random =
        s->random * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (uint32_t)(s->random >> 33) % below;
}

/* Keys are at random, so that no order helps anybody. */
static void put(store *s)
{
    static char note[100];
    char pk[32], status[32], customer[32];
    memset(note, 'n', sizeof(note));
    uint64_t mixed = (uint64_t)s->next * UINT64_C(0x9E3779B97F4A7C15);
    snprintf(pk, sizeof(pk), "p%016llx", (unsigned long long)mixed);
    snprintf(status, sizeof(status), "status%lld",
             (long long)(mixed >> 20) % 30000);
    snprintf(customer, sizeof(customer), "customer%lld",
             (long long)(mixed >> 24) % 30000);
    sqlite3_bind_text(s->insert, 1, pk, -1, SQLITE_TRANSIENT);
    sqlite3_bind_int64(s->insert, 2, s->next++);
    sqlite3_bind_text(s->insert, 3, status, -1, SQLITE_TRANSIENT);
    sqlite3_bind_text(s->insert, 4, customer, -1, SQLITE_TRANSIENT);
    sqlite3_bind_text(s->insert, 5, note, sizeof(note), SQLITE_STATIC);
    if (sqlite3_step(s->insert) != SQLITE_DONE)
        fail("insert", sqlite3_errmsg(s->db));
    sqlite3_reset(s->insert);
}

static double time_puts(store *s, bool is_one_transaction)
{
    double begin = now();
    if (is_one_transaction) run(s, "BEGIN");
    for (int i = 0; i < WRITES; i++)
        put(s);
    if (is_one_transaction) run(s, "COMMIT");
    return (now() - begin) / WRITES;
}

static double time_bulk(store *s)
{
    return time_puts(s, true);
}

static double time_commits(store *s)
{
    return time_puts(s, false);
}

static double time_queries(store *s)
{
    int rows = 0;
    double begin = now();
    run(s, "BEGIN");
    for (int i = 0; i < QUERIES; i++) {
        char status[32];
        snprintf(status, sizeof(status), "status%u", draw(s, 30000));
        sqlite3_bind_text(s->query, 1, status, -1, SQLITE_TRANSIENT);
        while (sqlite3_step(s->query) == SQLITE_ROW) {
            rows += sqlite3_column_bytes(s->query, 0) > 0;
            rows -= sqlite3_column_int(s->query, 1) < 0;
        }
        sqlite3_reset(s->query);
    }
    run(s, "COMMIT");
    if (rows == 0) fail("query", "no rows");
    return (now() - begin) / QUERIES;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void measure(store *stores, const char *what, double limit,
                    double (*time_it)(store *s))
{
    double times[STORES][ROUNDS];
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < STORES; i++)
            times[i][round] = time_it(&stores[i]);
    }
    for (int i = 0; i < STORES; i++)
        qsort(times[i], ROUNDS, sizeof(double), compare);
    double ours = times[DYNAMO][ROUNDS / 2];
    double a = times[WITHOUT_ROWID][ROUNDS / 2], b = times[ROWID][ROUNDS / 2];
    double ratio = ours / (a < b ? a : b);
    printf("| %s | %.1f | %.1f | %.1f | %.2f | %.1f%s |\n", what, ours, a, b,
           ratio, limit, ratio > limit ? " **over**" : "");
}

static void open_store(store *s, int which, const char *extension,
                       const char *directory, int64_t rows)
{
    char path[512];
    snprintf(path, sizeof(path), "%s/%d.db", directory, which);
    *s = (store){.random = 1};
    sqlite3_open(path, &s->db);
    sqlite3_enable_load_extension(s->db, 1);
    if (sqlite3_load_extension(s->db, extension, NULL, NULL) != SQLITE_OK)
        fail(extension, sqlite3_errmsg(s->db));
    run(s, "PRAGMA journal_mode = WAL");
    run(s, "PRAGMA synchronous = NORMAL");
    run(s, schemas[which]);
    s->insert = prepare(s, "INSERT INTO t(pk, sk, status, customer, note) "
                           "VALUES(?1, ?2, ?3, ?4, ?5)");
    s->query = prepare(s, "SELECT pk, sk FROM t WHERE status = ?1 ORDER BY sk");
    while (s->next < rows) {
        run(s, "BEGIN");
        for (int i = 0; i < 10000 && s->next < rows; i++)
            put(s);
        run(s, "COMMIT");
    }
    fprintf(stderr, "%s: %lld rows\n", names[which], (long long)s->next);
}

int main(int argc, char **argv)
{
    char directory[] = "/tmp/bench-indexes-XXXXXX";
    store stores[STORES];
    if (argc < 2) fail("usage", "indexes EXTENSION [rows]");
    int64_t rows = argc > 2 ? atoll(argv[2]) : 300000;
    if (mkdtemp(directory) == NULL) fail(directory, "cannot be made");
    for (int i = 0; i < STORES; i++)
        open_store(&stores[i], i, argv[1], directory, rows);
    printf("| µs, %lld items | dynamo | %s | %s | ratio | limit |\n"
           "|---|--:|--:|--:|--:|--:|\n",
           (long long)rows, names[WITHOUT_ROWID], names[ROWID]);
    measure(stores, "put in a transaction", 1.3, time_bulk);
    measure(stores, "put, a commit each", 1.3, time_commits);
    measure(stores, "index query of 10", 2.0, time_queries);
    return EXIT_SUCCESS;
}
