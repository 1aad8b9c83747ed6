/* Modes of SQLite, and workloads, for power cuts at any point of them. */
#ifndef TESTS_POWER_WORKLOADS_H
#define TESTS_POWER_WORKLOADS_H

/* Which commits are there after a cut. */
typedef enum power_promise {
    EVERY_COMMIT,   /* each that has returned */
    SYNCED_COMMITS, /* each that a sync has followed: of the WAL, or of the
                       directory that the journal is deleted from */
    NOTHING         /* but it is judged as if each were to be there */
} power_promise;

typedef struct power_mode {
    const char *name;
    const char *sql;
    power_promise promise;
} power_mode;

/* A journal that was deleted may be there again until the directory is synced,
 * and undoes the last commit. FULL leaves that to the file system; EXTRA syncs
 * the directory. */
static const power_mode modes[] = {
    {"wal-full", "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL",
     EVERY_COMMIT},
    {"wal-normal", "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL",
     SYNCED_COMMITS},
    {"delete-full", "PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL",
     SYNCED_COMMITS},
    {"delete-extra", "PRAGMA journal_mode = DELETE; PRAGMA synchronous = EXTRA",
     EVERY_COMMIT},
    {"wal-off", "PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF", NOTHING},
    {"delete-off", "PRAGMA journal_mode = DELETE; PRAGMA synchronous = OFF",
     NOTHING},
};
enum { MODES = sizeof(modes) / sizeof(modes[0]), SAFE_MODES = 4 };

/* Statements, run so many times: ?1 is the seed, ?2 counts the times. */
typedef struct power_step {
    int times;
    const char *sql;
} power_step;

typedef struct power_workload {
    const char *name;
    power_step steps[16];
} power_workload;

/* Items of up to `size` bytes more, in the order of no key. */
#define PUT(table, count, size)                                                \
    "WITH s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s LIMIT " #count       \
    ") INSERT OR REPLACE INTO " table "(item) SELECT json_object('pk', 'p' ||" \
    "((i * 7 + ?1) % 31), 'sk', i * 13 % 97 + ?2, 'n', i, 'c', 'c' || (i % 5)" \
    ", 'x', 1767225600 + i * ?2, 't', hex(zeroblob(i * i * (?1 + 3) % " #size  \
    "))) FROM s;"
#define CLOCK(time) "SELECT dynamo_clock('" time "');"
#define MAINTAIN    "SELECT dynamo_maintain();"

static const power_workload workloads[] = {
    {"puts",
     {
         {1, "CREATE TABLE plain(a);"
             "CREATE VIRTUAL TABLE t USING dynamo(pk TEXT PARTITION KEY, sk "
             "NUMBER SORT KEY, n NUMBER, c TEXT, LOCAL INDEX by_n (n), GLOBAL "
             "INDEX by_c (c, n), partition_bytes = 20000)"},
         {1, PUT("t", 100, 200)},
         {25, "INSERT OR REPLACE INTO t(pk, sk, n, c) VALUES('p' || (?2 * ?1 % "
              "9), ?2, ?2, 'c' || ?2)"},
         {15, "UPDATE t SET n = n + 100, c = 'new' WHERE pk = 'p' || (?2 * ?1 "
              "% 9) AND sk = ?2"},
         {1, "BEGIN;" PUT("t", 20, 300) "INSERT INTO plain VALUES(1)"},
         {1, "SAVEPOINT s;" PUT("t", 20, 700) "ROLLBACK TO s"},
         {1, "DELETE FROM t WHERE mode = 'scan' AND n > 120; COMMIT"},
         {4, "INSERT OR REPLACE INTO t(item) VALUES(json_object('pk', 'large', "
             "'sk', ?2 % 2, 't', hex(zeroblob(4000 * ?2))))"},
         {3, "UPDATE t SET n = ?2 * 1000 WHERE pk = 'large' AND sk = 1"},
         {1, "BEGIN;" PUT("t", 150, 300) "ROLLBACK"},
         {10, "DELETE FROM t WHERE pk = 'p' || (?2 * ?1 % 9) AND sk = ?2"},
         {1, "DELETE FROM t WHERE pk = 'large'"},
     }},
    {"load", /* and the partitions split */
     {
         {1, "CREATE VIRTUAL TABLE t USING dynamo(pk TEXT PARTITION KEY, sk "
             "NUMBER SORT KEY, c TEXT, GLOBAL INDEX by_c (c) PROJECT KEYS, "
             "partition_bytes = 6000)"},
         {3, "BEGIN;" PUT("t", 300, 150) "COMMIT"},
         {1, MAINTAIN},
         {1, PUT("t", 300, 400) MAINTAIN},
         {8, "INSERT INTO t(pk, sk) VALUES('later', ?2)"},
     }},
    {"index",
     {
         {1, "CREATE VIRTUAL TABLE t USING dynamo(pk TEXT PARTITION KEY, sk "
             "NUMBER SORT KEY, n NUMBER, c TEXT)"},
         {8, PUT("t", 200, 30)}, /* the first 1,000 are indexed at once */
         {1, "SELECT dynamo_alter('t', 'ADD GLOBAL INDEX by_n (n) PROJECT "
             "KEYS')"},
         {6, "INSERT OR REPLACE INTO t(pk, sk, n) VALUES('p1', ?2, -?2)"},
         {1, MAINTAIN},
         {1, "SELECT dynamo_alter('t', 'ADD GLOBAL INDEX by_c (c, n)')"},
         {1, MAINTAIN},
         {1, "SELECT dynamo_alter('t', 'DROP INDEX by_n')"},
         {3, "INSERT OR REPLACE INTO t(pk, sk, n) VALUES('p2', ?2, -?2)"},
         {1, "SELECT dynamo_alter('t', 'REBUILD INDEX by_c')"},
         {1, MAINTAIN},
     }},
    {"streams", /* and time to live */
     {
         {1, "CREATE VIRTUAL TABLE t USING dynamo(pk TEXT PARTITION KEY, sk "
             "NUMBER SORT KEY, n NUMBER, x NUMBER, stream = "
             "'NEW_AND_OLD_IMAGES', ttl = 'x', partition_bytes = 20000)"},
         {3, PUT("t", 100, 100)},
         {1, CLOCK("2026-01-01 00:01:00")},
         {5, "INSERT OR REPLACE INTO t(pk, sk) VALUES('late', ?2)"},
         {1, CLOCK("2026-01-01 00:04:00") MAINTAIN},
         {1, "SELECT dynamo_alter('t', 'point_in_time = 1')"},
         {2, PUT("t", 60, 200)},
         {1, CLOCK("2026-01-02 00:30:00")},
         {5, "INSERT OR REPLACE INTO t(pk, sk) VALUES('later', ?2)"},
         {1, CLOCK("2026-01-03 02:00:00") MAINTAIN},
         {1, "SELECT dynamo_alter('t', 'stream = ''off'', ttl = NULL')"},
         {1, CLOCK("2026-01-04 00:00:00") MAINTAIN},
     }},
    {"tables",
     {
         {1, "CREATE VIRTUAL TABLE t USING dynamo(pk TEXT PARTITION KEY, sk "
             "NUMBER SORT KEY, n NUMBER, partition_bytes = 20000)"},
         {1, PUT("t", 150, 200)},
         {3, "CREATE VIRTUAL TABLE u USING dynamo(pk TEXT PARTITION KEY, sk "
             "NUMBER SORT KEY, c TEXT, GLOBAL INDEX by_c (c));" PUT(
                 "u", 40, 300) "ALTER TABLE u RENAME TO w; DROP TABLE w"},
         {1, "BEGIN; CREATE VIRTUAL TABLE v USING dynamo(pk TEXT PARTITION "
             "KEY, sk NUMBER SORT KEY);" PUT("v", 60, 300) "ROLLBACK"},
         {1, "DELETE FROM t WHERE mode = 'scan' AND n % 3 > 0"},
         {1, "VACUUM"},
         {2, PUT("t", 80, 250)},
         {1, "BEGIN; CREATE VIRTUAL TABLE v USING dynamo(pk TEXT PARTITION "
             "KEY, sk NUMBER SORT KEY);" PUT("v", 60, 300) "COMMIT"},
         {1, "DROP TABLE t; VACUUM"},
         {3, "INSERT OR REPLACE INTO v(pk, sk) VALUES('last', ?2)"},
     }},
};
enum { WORKLOADS = sizeof(workloads) / sizeof(workloads[0]) };

#endif
