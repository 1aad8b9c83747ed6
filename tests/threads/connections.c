/*
 * Eight threads with a connection each, on one file: together they are granted
 * what one would be, second by second, while other tables come and go and
 * connections are closed and opened.
 *
 * usage: connections [SECONDS]
 */
#include "dynamo.h"

#include "base/clock.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { THREADS = 8, SECONDS = 10, WRITE_UNITS = 40, READ_UNITS = 25 };

static char file[64];
static _Atomic int written;
static _Atomic int read_halves;
static _Atomic bool is_over;

static void fail(sqlite3 *db, const char *what)
{
    fprintf(stderr, "connections: %s: %s\n", what, sqlite3_errmsg(db));
    exit(1);
}

static int run(sqlite3 *db, const char *sql)
{
    return sqlite3_exec(db, sql, NULL, NULL, NULL);
}

static sqlite3 *open_file(void)
{
    sqlite3 *db = NULL;
    if (sqlite3_open(file, &db) != SQLITE_OK) fail(db, file);
    if (sqlite3_dynamo_init(db, NULL, NULL) != SQLITE_OK) fail(db, "init");
    sqlite3_busy_timeout(db, 60000);
    return db;
}

/* Whether a statement was let in; what fails otherwise ends the test. */
static bool is_granted(sqlite3 *db, const char *sql)
{
    if (run(db, sql) == SQLITE_OK) return true;
    if (strstr(sqlite3_errmsg(db), "ProvisionedThroughputExceeded") == NULL)
        fail(db, sql);
    return false;
}

/* Write and read until both are refused. */
static void *consume(void *argument)
{
    sqlite3 *db = open_file();
    char put[128];
    snprintf(put, sizeof(put), "INSERT OR REPLACE INTO t VALUES('k%d', 1)",
             *(int *)argument);
    while (is_granted(db, put))
        written++;
    while (is_granted(db, "SELECT * FROM t WHERE id = 'k1'"))
        read_halves++;
    sqlite3_close(db);
    return NULL;
}

/* Other tables come and go, which changes the schema under the others. */
static void *disturb(void *unused)
{
    (void)unused;
    sqlite3 *db = open_file();
    while (!is_over) {
        if (run(db, "CREATE VIRTUAL TABLE IF NOT EXISTS other USING "
                    "dynamo(id TEXT PARTITION KEY)") != SQLITE_OK ||
            run(db, "INSERT OR REPLACE INTO other VALUES('a')") != SQLITE_OK ||
            run(db, "DROP TABLE other") != SQLITE_OK)
            fail(db, "other");
        usleep(20000);
    }
    sqlite3_close(db);
    return NULL;
}

static void run_second(int second)
{
    static const int numbers[THREADS] = {0, 1, 2, 3, 4, 5, 6, 7};
    pthread_t threads[THREADS];
    written = 0;
    read_halves = 0;
    for (int i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, consume, (void *)&numbers[i]);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    int least = second == 0; /* has been read before */
    if (written == WRITE_UNITS && read_halves == 2 * READ_UNITS - least) return;
    fprintf(stderr, "connections: second %d: %d writes, %d reads\n", second,
            (int)written, (int)read_halves);
    exit(1);
}

int main(int argc, char **argv)
{
    int seconds = argc > 1 ? atoi(argv[1]) : SECONDS;
    pthread_t other;
    snprintf(file, sizeof(file), "/tmp/dynamo-connections-%d.db",
             (int)getpid());
    sqlite3_initialize();
    dyn_clock_freeze(INT64_C(1767225600000));
    sqlite3 *db = open_file();
    if (run(db, "PRAGMA journal_mode = WAL") != SQLITE_OK ||
        run(db, "CREATE VIRTUAL TABLE t USING dynamo(id TEXT PARTITION KEY, v "
                "NUMBER, billing = 'provisioned', read_units = 25, "
                "write_units = 40)") != SQLITE_OK)
        fail(db, "t");
    /* what is only read is not stored, and lives with the connections */
    if (run(db, "SELECT * FROM t WHERE id = 'k1'") != SQLITE_OK) fail(db, "t");
    pthread_create(&other, NULL, disturb, NULL);
    for (int second = 0; second < seconds; second++) {
        run_second(second);
        dyn_clock_move(1000);
    }
    is_over = true;
    pthread_join(other, NULL);
    sqlite3_close(db);
    unlink(file);
    char beside[80];
    snprintf(beside, sizeof(beside), "%s-wal", file);
    unlink(beside);
    snprintf(beside, sizeof(beside), "%s-shm", file);
    unlink(beside);
    dyn_clock_release();
    printf("connections: ok\n");
    return 0;
}
