/*
 * I/O errors and full disks: a VFS over the real one fails its n-th call, for
 * every n that a script of transactions comes to: of writes, syncs and
 * truncations; of reads; or of what is asked about files and their names. After
 * each, on the same connection and on a new one: a table holds what it held
 * before or after the transaction that failed, and passes dynamo_check(); where
 * SQLite keeps the transaction open, the failed statement can be repeated.
 *
 * usage: check_io DYNAMO.SO [--count EVERY] [--seed FIRST] [--plan NAME]
 * EVERY: only each so manieth n is tried; of reads, which are more, each
 * READS_EVERY times as manieth.
 */
#include <sqlite3.h>

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --------------------------------------------------------------- the VFS -- */

typedef struct shim_file {
    sqlite3_file base;
    sqlite3_file *real; /* behind this struct */
} shim_file;

static sqlite3_vfs *real_vfs;

/* The calls that are counted together. */
typedef enum call_kind { WRITES, READS, FILES } call_kind;

static struct {
    call_kind kind;
    int code;        /* to fail with; 0: never */
    long countdown;  /* calls until then */
    bool is_lasting; /* all calls after it fail, too */
    bool has_failed;
} fault;

/* Whether a call fails; with its own code unless the disk is full. */
static bool fails(call_kind kind, int *code)
{
    if (fault.code == 0 || fault.kind != kind) return false;
    bool now =
        --fault.countdown == 0 || (fault.is_lasting && fault.countdown < 0);
    if (now) fault.has_failed = true;
    *code = fault.code == SQLITE_IOERR ? *code : fault.code;
    return now;
}

#define REAL(file) (((shim_file *)(file))->real)
#define PASS(file, method, ...)                                                \
    (REAL(file)->pMethods->method(REAL(file), __VA_ARGS__))

static int shim_close(sqlite3_file *f)
{
    return REAL(f)->pMethods->xClose(REAL(f));
}
static int shim_read(sqlite3_file *f, void *to, int n, sqlite3_int64 at)
{
    int code = SQLITE_IOERR_READ;
    return fails(READS, &code) ? code : PASS(f, xRead, to, n, at);
}
static int shim_write(sqlite3_file *f, const void *from, int n,
                      sqlite3_int64 at)
{
    int code = SQLITE_IOERR_WRITE;
    if (fails(WRITES, &code)) {
        if (n > 1) PASS(f, xWrite, from, n / 2, at); /* half of it arrives */
        return code;
    }
    return PASS(f, xWrite, from, n, at);
}
static int shim_truncate(sqlite3_file *f, sqlite3_int64 size)
{
    int code = SQLITE_IOERR_TRUNCATE;
    return fails(WRITES, &code) ? code : PASS(f, xTruncate, size);
}
static int shim_sync(sqlite3_file *f, int flags)
{
    int code = SQLITE_IOERR_FSYNC;
    return fails(WRITES, &code) ? code : PASS(f, xSync, flags);
}
static int shim_size(sqlite3_file *f, sqlite3_int64 *size)
{
    int code = SQLITE_IOERR_FSTAT;
    return fails(FILES, &code) ? code : PASS(f, xFileSize, size);
}
static int shim_lock(sqlite3_file *f, int level)
{
    return PASS(f, xLock, level);
}
static int shim_unlock(sqlite3_file *f, int level)
{
    return PASS(f, xUnlock, level);
}
static int shim_reserved(sqlite3_file *f, int *out)
{
    return PASS(f, xCheckReservedLock, out);
}
static int shim_control(sqlite3_file *f, int op, void *argument)
{
    return PASS(f, xFileControl, op, argument);
}
static int shim_sector(sqlite3_file *f)
{
    return REAL(f)->pMethods->xSectorSize(REAL(f));
}
static int shim_device(sqlite3_file *f)
{
    return REAL(f)->pMethods->xDeviceCharacteristics(REAL(f));
}
static int shim_shm_map(sqlite3_file *f, int page, int size, int extend,
                        void volatile **out)
{
    return PASS(f, xShmMap, page, size, extend, out);
}
static int shim_shm_lock(sqlite3_file *f, int offset, int n, int flags)
{
    return PASS(f, xShmLock, offset, n, flags);
}
static void shim_shm_barrier(sqlite3_file *f)
{
    REAL(f)->pMethods->xShmBarrier(REAL(f));
}
static int shim_shm_unmap(sqlite3_file *f, int remove)
{
    return PASS(f, xShmUnmap, remove);
}

static const sqlite3_io_methods shim_methods = {
    .iVersion = 2,
    .xClose = shim_close,
    .xRead = shim_read,
    .xWrite = shim_write,
    .xTruncate = shim_truncate,
    .xSync = shim_sync,
    .xFileSize = shim_size,
    .xLock = shim_lock,
    .xUnlock = shim_unlock,
    .xCheckReservedLock = shim_reserved,
    .xFileControl = shim_control,
    .xSectorSize = shim_sector,
    .xDeviceCharacteristics = shim_device,
    .xShmMap = shim_shm_map,
    .xShmLock = shim_shm_lock,
    .xShmBarrier = shim_shm_barrier,
    .xShmUnmap = shim_shm_unmap,
};

static int shim_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *base,
                     int flags, int *out_flags)
{
    (void)vfs;
    shim_file *file = (shim_file *)base;
    int code = SQLITE_CANTOPEN;
    base->pMethods = NULL;
    if (fails(FILES, &code)) return code;
    file->real = (sqlite3_file *)(file + 1);
    int rc = real_vfs->xOpen(real_vfs, name, file->real, flags, out_flags);
    base->pMethods = file->real->pMethods != NULL ? &shim_methods : NULL;
    return rc;
}

static int shim_delete(sqlite3_vfs *vfs, const char *name, int sync_directory)
{
    (void)vfs;
    int code = SQLITE_IOERR_DELETE;
    return fails(FILES, &code)
               ? code
               : real_vfs->xDelete(real_vfs, name, sync_directory);
}

static int shim_access(sqlite3_vfs *vfs, const char *name, int flags, int *out)
{
    (void)vfs;
    int code = SQLITE_IOERR_ACCESS;
    return fails(FILES, &code) ? code
                               : real_vfs->xAccess(real_vfs, name, flags, out);
}

static void install_shim(void)
{
    static sqlite3_vfs shim;
    real_vfs = sqlite3_vfs_find(NULL);
    shim = *real_vfs; /* whose other methods do not mind */
    shim.zName = "shim";
    shim.szOsFile = (int)sizeof(shim_file) + real_vfs->szOsFile;
    shim.xOpen = shim_open;
    shim.xDelete = shim_delete;
    shim.xAccess = shim_access;
    sqlite3_vfs_register(&shim, 1);
}

/* -------------------------------------------------------------- database -- */

static const char *extension;
static char path[64];
static const char *journal_mode;

static void die(const char *what, const char *message)
{
    fprintf(stderr, "%s: %s\n", what, message);
    exit(1);
}

static char *text_of(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    char *out = NULL;
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW) {
        out = sqlite3_mprintf("%s", sqlite3_column_text(statement, 0));
    } else {
        die(sql, sqlite3_errmsg(db));
    }
    sqlite3_finalize(statement);
    return out;
}

/* The loading itself and the settings are not what is tested. */
static sqlite3 *open_database(void)
{
    int code = fault.code;
    fault.code = 0;
    sqlite3 *db = NULL;
    char *message = NULL;
    if (sqlite3_open(path, &db) != SQLITE_OK) die(path, sqlite3_errmsg(db));
    sqlite3_enable_load_extension(db, 1);
    if (sqlite3_load_extension(db, extension, NULL, &message) != SQLITE_OK) {
        die(extension, message);
    }
    char *pragma = sqlite3_mprintf("PRAGMA journal_mode = %s", journal_mode);
    sqlite3_free(text_of(db, pragma));
    sqlite3_free(pragma);
    /* a small cache spills pages in the middle of transactions */
    sqlite3_exec(db,
                 "PRAGMA cache_size = 4; PRAGMA wal_autocheckpoint = 20; "
                 "SELECT dynamo_clock('2026-01-01')",
                 NULL, NULL, NULL);
    fault.code = code;
    return db;
}

static void remove_database(void)
{
    static const char *const suffixes[] = {"", "-journal", "-wal", "-shm"};
    for (int i = 0; i < 4; i++) {
        char *name = sqlite3_mprintf("%s%s", path, suffixes[i]);
        unlink(name);
        sqlite3_free(name);
    }
}

/* ---------------------------------------------------------------- script -- */

static const char *const create =
    "PRAGMA page_size = 1024;"
    "CREATE VIRTUAL TABLE t USING dynamo(pk TEXT PARTITION KEY, sk NUMBER SORT "
    "KEY, n NUMBER, partition_bytes = 3000);"
    "CREATE TABLE plain(a);";

#define SERIES "WITH s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s LIMIT "
#define PUT(count, prefix, size)                                               \
    SERIES #count ") INSERT OR REPLACE INTO t(item) SELECT json_object('pk', " \
                  "'" prefix "' || i, 'sk', i, 'n', i, 't', "                  \
                  "hex(zeroblob(" size "))) FROM s"

/* What is due then. */
#define SWEEP(time)                                                            \
    "SELECT dynamo_clock('" time "')\nSELECT dynamo_maintain()\n"              \
    "SELECT dynamo_clock('2026-01-01')\n"

/* Each line is a transaction; its statements end with '\n'. */
static const char *const transactions[] = {
    "INSERT INTO t(pk, sk, n) VALUES('a', 1, 1)\n",
    PUT(12, "auto", "i * 30") "\n",
    "INSERT INTO t(item) VALUES(json_object('pk', 'large', 'sk', 1, 't', "
    "hex(zeroblob(9000))))\n",
    "UPDATE t SET n = 1 WHERE pk = 'large' AND sk = 1\n",
    "BEGIN\n" PUT(
        15, "in",
        "i * 40") "\n"
                  "UPDATE t SET n = n + 100 WHERE mode = 'scan' AND n < 8\n"
                  "INSERT INTO plain VALUES(1)\n"
                  "DELETE FROM t WHERE pk = 'in3' AND sk = 3\nCOMMIT\n",
    "UPDATE t SET item = json_set(item, '$.t', 'short') WHERE pk = 'large' AND "
    "sk = 1\n",
    "UPDATE t SET item = json_set(item, '$.t', hex(zeroblob(3000))) WHERE pk = "
    "'a' AND sk = 1\n",
    "BEGIN\nSAVEPOINT one\n" PUT(6, "svp", "700") "\nROLLBACK TO one\n" PUT(
        6, "svq",
        "700") "\nRELEASE one\n"
               "DELETE FROM t WHERE mode = 'scan' AND n > 100\nCOMMIT\n",
    "SELECT dynamo_maintain()\n",
    "DELETE FROM t WHERE pk = 'a'\n",
    "SELECT dynamo_maintain()\n",
    "SELECT dynamo_alter('t', 'ADD GLOBAL INDEX by_n (n) PROJECT KEYS')\n",
    "SELECT dynamo_alter('t', 'stream = ''NEW_IMAGE'', ttl = ''n''')\n",
    "UPDATE t SET n = 1767225700 WHERE pk = 'auto3' AND sk = 3\n",
    SWEEP("2026-01-01 00:02:00"),
    SWEEP("2026-01-02 01:00:00"), /* and the log is trimmed */
    "SELECT dynamo_alter('t', 'DROP INDEX by_n')\n",
    "VACUUM\n",
    "CREATE VIRTUAL TABLE u USING dynamo(id TEXT PARTITION KEY)\n",
    "INSERT INTO u(id) VALUES('x')\n",
    "ALTER TABLE u RENAME TO w\n",
    "DROP TABLE w\n",
};
enum { TRANSACTIONS = sizeof(transactions) / sizeof(transactions[0]) };

static char *contents[TRANSACTIONS + 1]; /* after so many of them */

static char *contents_of(sqlite3 *db)
{
    return text_of(
        db, "SELECT (SELECT count(*) FROM plain) || ' ' || (SELECT "
            "group_concat(name) FROM (SELECT name FROM sqlite_schema WHERE "
            "name NOT LIKE 'sqlite_%' ORDER BY name)) || ' ' || (SELECT "
            "count(*) || coalesce(max(name || state), '') FROM "
            "dynamo_indexes('t')) || ' ' || (SELECT count(*) FROM "
            "t_log) || ' ' || (SELECT "
            "group_concat(item, char(10)) FROM t('scan'))");
}

/* Run a transaction. After a failure: with repeat, the fault is over and the
 * statement is run again as long as its transaction is open. */
static int run_transaction(sqlite3 *db, const char *text, bool repeat)
{
    while (*text != '\0') {
        const char *end = strchr(text, '\n');
        char *sql = sqlite3_mprintf("%.*s", (int)(end - text), text);
        bool was_open = !sqlite3_get_autocommit(db);
        int rc = sqlite3_exec(db, sql, NULL, NULL, NULL);
        bool is_open = !sqlite3_get_autocommit(db);
        if (rc != SQLITE_OK && repeat && was_open && is_open) {
            fault.code = 0;
            rc = sqlite3_exec(db, sql, NULL, NULL, NULL);
            if (rc != SQLITE_OK) die(sql, sqlite3_errmsg(db));
        }
        sqlite3_free(sql);
        if (rc != SQLITE_OK) return rc;
        text = end + 1;
    }
    return SQLITE_OK;
}

/* ----------------------------------------------------------------- checks --
 */

static long failures;

static void complain(const char *how, int transaction, const char *what)
{
    failures++;
    printf("FAIL %s, transaction %d: %.300s\n", how, transaction, what);
}

static void check_database(sqlite3 *db, const char *how, int done, bool failed)
{
    char *report = text_of(db, "SELECT dynamo_check('t')");
    if (strcmp(report, "ok") != 0) complain(how, done, report);
    sqlite3_free(report);
    char *now = contents_of(db);
    bool is_before = strcmp(now, contents[done]) == 0;
    bool is_after = failed && strcmp(now, contents[done + 1]) == 0;
    if (!is_before && !is_after) {
        complain(how, done, "neither what was before nor what comes after");
    }
    sqlite3_free(now);
}

/* A way to fail. */
typedef struct fault_plan {
    const char *name;
    call_kind kind;
    int code; /* SQLITE_IOERR: the call's own */
    bool is_lasting;
    bool repeats; /* the statement that failed, where it can */
} fault_plan;

static const fault_plan plans[] = {
    {"write error", WRITES, SQLITE_IOERR, false, false},
    {"full disk", WRITES, SQLITE_FULL, false, false},
    {"lasting write error", WRITES, SQLITE_IOERR, true, false},
    {"lasting full disk", WRITES, SQLITE_FULL, true, false},
    {"write error, repeated", WRITES, SQLITE_IOERR, false, true},
    {"full disk, repeated", WRITES, SQLITE_FULL, false, true},
    {"lasting write error, repeated", WRITES, SQLITE_IOERR, true, true},
    {"lasting full disk, repeated", WRITES, SQLITE_FULL, true, true},
    {"read error", READS, SQLITE_IOERR, false, false},
    {"read error, repeated", READS, SQLITE_IOERR, false, true},
    {"file error", FILES, SQLITE_IOERR, false, false},
    {"lasting file error", FILES, SQLITE_IOERR, true, false},
};
enum { PLANS = sizeof(plans) / sizeof(plans[0]), READS_EVERY = 3 };

/* Run the script with a fault; false when it came to no fault. */
static bool run_with_fault(const fault_plan *plan, long countdown)
{
    char how[100];
    snprintf(how, sizeof(how), "%s, %s at %ld", journal_mode, plan->name,
             countdown);
    remove_database();
    sqlite3 *db = open_database();
    sqlite3_exec(db, create, NULL, NULL, NULL);
    fault.kind = plan->kind;
    fault.code = plan->code;
    fault.countdown = countdown;
    fault.is_lasting = plan->is_lasting;
    fault.has_failed = false;
    int done = 0;
    int rc = SQLITE_OK;
    while (done < TRANSACTIONS && rc == SQLITE_OK) {
        rc = run_transaction(db, transactions[done], plan->repeats);
        if (rc == SQLITE_OK) done++;
    }
    fault.code = 0;
    if (rc != SQLITE_OK && !fault.has_failed) die(how, sqlite3_errmsg(db));
    if (!sqlite3_get_autocommit(db)) {
        sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    }
    bool failed = rc != SQLITE_OK;
    check_database(db, how, done, failed);
    if (sqlite3_close(db) != SQLITE_OK) complain(how, done, "does not close");
    db = open_database();
    check_database(db, how, done, failed);
    /* and it goes on from there */
    char *now = contents_of(db);
    if (failed && strcmp(now, contents[done]) != 0) done++;
    sqlite3_free(now);
    for (; done < TRANSACTIONS; done++) {
        rc = run_transaction(db, transactions[done], false);
        if (rc != SQLITE_OK) complain(how, done, sqlite3_errmsg(db));
    }
    check_database(db, how, done, false);
    sqlite3_close(db);
    return fault.has_failed;
}

/* What the script does without faults. */
static void record(void)
{
    remove_database();
    sqlite3 *db = open_database();
    if (sqlite3_exec(db, create, NULL, NULL, NULL) != SQLITE_OK) {
        die(create, sqlite3_errmsg(db));
    }
    contents[0] = contents_of(db);
    for (int i = 0; i < TRANSACTIONS; i++) {
        if (run_transaction(db, transactions[i], false) != SQLITE_OK) {
            die(transactions[i], sqlite3_errmsg(db));
        }
        contents[i + 1] = contents_of(db);
    }
    sqlite3_close(db);
}

int main(int argc, char **argv)
{
    long every = 3;
    long first = 1;
    const char *only = NULL;
    if (argc < 2) die("usage", "check_io DYNAMO.SO [--count N] [--seed N]");
    extension = argv[1];
    for (int i = 2; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--count") == 0) every = atol(argv[i + 1]);
        if (strcmp(argv[i], "--seed") == 0) first = atol(argv[i + 1]);
        if (strcmp(argv[i], "--plan") == 0) only = argv[i + 1];
    }
    snprintf(path, sizeof(path), "%s/check_io_%d.db",
             access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp",
             (int)getpid());
    install_shim();
    static const char *const modes[] = {"delete", "wal"};
    long points = 0;
    for (int mode = 0; mode < 2; mode++) {
        journal_mode = modes[mode];
        record();
        for (long i = 0; i < PLANS; i++) {
            long step = plans[i].kind == READS ? every * READS_EVERY : every;
            long n = first + (only == NULL ? i % every : 0);
            if (only != NULL && strcmp(only, plans[i].name) != 0) continue;
            while (run_with_fault(&plans[i], n)) {
                n += step;
                points++;
            }
        }
        for (int i = 0; i <= TRANSACTIONS; i++)
            sqlite3_free(contents[i]);
    }
    remove_database();
    printf("%ld faults, %s\n", points, failures == 0 ? "ok" : "FAILED");
    return failures != 0;
}
