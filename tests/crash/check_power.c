/*
 * Power cuts. Workloads run on a VFS that records what is asked of the disk
 * (power_vfs.h), and the power is cut at points of the record, with whatever a
 * disk may have then (power_disk.h). SQLite opens what is left. It must pass
 * integrity_check and dynamo_check() for each table, hold exactly the rows that
 * it held after one of the commits, and go on from there. That commit is not
 * earlier than the last one that the mode promises to keep.
 *
 * What it held after each commit is read from the record too, with nothing
 * lost; wherever a statement has returned, the connection that ran it must see
 * the same.
 *
 * With synchronous = OFF, cuts must lose commits and damage files: this test
 * would not find anything otherwise.
 *
 * usage: check_power [--cuts N] [--seed S] [--run NAME] [--cut NUMBER]
 * N: of all runs that must not lose anything. A run is a mode and a workload,
 * as "wal-full load"; NUMBER is one cut of it.
 */
#include "dynamo.h"

#include "power_disk.h"
#include "power_vfs.h"
#include "power_workloads.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* -------------------------------------------------------------- database -- */

enum { PATH_BYTES = 100, WHAT_BYTES = 300 };

static char live_path[PATH_BYTES];
static char image_path[PATH_BYTES];
static const char *unix_vfs; /* SQLite's own */

static void die(const char *what, const char *message)
{
    fprintf(stderr, "check_power: %s: %s\n", what, message);
    exit(1);
}

static void *must_have(void *memory)
{
    if (memory == NULL) die("memory", "is out");
    return memory;
}

static void remove_database(const char *path)
{
    static const char *const suffixes[] = {"", "-journal", "-wal", "-shm"};
    for (int i = 0; i < 4; i++) {
        char name[PATH_BYTES + 10];
        snprintf(name, sizeof(name), "%s%s", path, suffixes[i]);
        unlink(name);
    }
}

/* FNV-1a over the bytes. */
static void hash(uint64_t *sum, const void *bytes, size_t size)
{
    const unsigned char *at = bytes;
    for (size_t i = 0; i < size; i++)
        *sum = (*sum ^ at[i]) * 0x100000001b3u;
}

static void hash_column(uint64_t *sum, sqlite3_stmt *row, int column)
{
    int type = sqlite3_column_type(row, column);
    const void *bytes = sqlite3_column_blob(row, column);
    int size = sqlite3_column_bytes(row, column);
    hash(sum, &type, sizeof(type));
    hash(sum, &size, sizeof(size));
    if (size > 0) hash(sum, bytes, (size_t)size);
}

static bool hash_rows(sqlite3 *db, uint64_t *sum, const char *sql)
{
    sqlite3_stmt *row = NULL;
    if (sqlite3_prepare_v2(db, sql, -1, &row, NULL) != SQLITE_OK) return false;
    while (sqlite3_step(row) == SQLITE_ROW) {
        for (int i = 0; i < sqlite3_column_count(row); i++)
            hash_column(sum, row, i);
    }
    return sqlite3_finalize(row) == SQLITE_OK;
}

/* A sum of the schema and of the rows of all tables that are stored: so of
 * items, entries, counters, the log. False: it can't be read. */
static bool contents(sqlite3 *db, uint64_t *sum)
{
    *sum = 0xcbf29ce484222325u;
    sqlite3_stmt *table = NULL;
    bool is_ok = hash_rows(
        db, sum, "SELECT type, name, sql FROM sqlite_schema ORDER BY name");
    is_ok = is_ok && sqlite3_prepare_v2(
                         db,
                         "SELECT 'SELECT * FROM \"' || name || '\"' FROM "
                         "sqlite_schema WHERE type = 'table' AND rootpage > 0 "
                         "ORDER BY name",
                         -1, &table, NULL) == SQLITE_OK;
    while (is_ok && sqlite3_step(table) == SQLITE_ROW)
        is_ok = hash_rows(db, sum, (const char *)sqlite3_column_text(table, 0));
    return sqlite3_finalize(table) == SQLITE_OK && is_ok;
}

static sqlite3 *open_image(void)
{
    sqlite3 *db = NULL;
    char shm[PATH_BYTES + 10];
    snprintf(shm, sizeof(shm), "%s-shm", image_path);
    unlink(shm); /* memory */
    if (sqlite3_open_v2(image_path, &db,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
                        unix_vfs) != SQLITE_OK ||
        sqlite3_dynamo_init(db, NULL, NULL) != SQLITE_OK)
        die(image_path, sqlite3_errmsg(db));
    return db;
}

/* ------------------------------------------------------------- recording -- */

typedef struct power_commit {
    size_t end; /* of the record when it is made */
    uint64_t sum;
} power_commit;

/* A workload in a mode. */
typedef struct power_run {
    const power_mode *mode;
    const power_workload *workload;
    char name[40];
    uint64_t seed;
    power_record record;
    power_commit *commits; /* the first is the empty file */
    size_t commit_count;
    struct point {
        size_t end; /* of the record when a statement has returned */
        uint64_t sum;
    } * returns;
    size_t return_count;
} power_run;

static void note_return(power_run *run, sqlite3 *db)
{
    if (run->return_count % 64 == 0) {
        run->returns = must_have(realloc(
            run->returns, (run->return_count + 64) * sizeof(*run->returns)));
    }
    struct point *point = &run->returns[run->return_count++];
    point->end = run->record.count;
    if (!contents(db, &point->sum)) die(run->name, sqlite3_errmsg(db));
}

static void run_sql(power_run *run, sqlite3 *db, const char *sql, int time)
{
    while (*sql != '\0') {
        sqlite3_stmt *statement = NULL;
        const char *tail = NULL;
        if (sqlite3_prepare_v2(db, sql, -1, &statement, &tail) != SQLITE_OK)
            die(sql, sqlite3_errmsg(db));
        sqlite3_bind_int64(statement, 1, (int64_t)(run->seed % 1000) + 1);
        sqlite3_bind_int(statement, 2, time);
        while (sqlite3_step(statement) == SQLITE_ROW) {
        }
        if (sqlite3_finalize(statement) != SQLITE_OK)
            die(sql, sqlite3_errmsg(db));
        if (sqlite3_get_autocommit(db)) note_return(run, db);
        sql = tail;
    }
}

static void record(power_run *run)
{
    sqlite3 *db = NULL;
    remove_database(live_path);
    power_vfs_begin(&run->record, live_path, run->seed);
    if (sqlite3_open(live_path, &db) != SQLITE_OK ||
        sqlite3_dynamo_init(db, NULL, NULL) != SQLITE_OK)
        die(live_path, sqlite3_errmsg(db));
    /* a small cache spills pages in the middle of transactions */
    run_sql(run, db,
            "PRAGMA page_size = 1024; PRAGMA cache_size = 10; PRAGMA "
            "wal_autocheckpoint = 60; SELECT dynamo_clock('2026-01-01')",
            0);
    run_sql(run, db, run->mode->sql, 0);
    for (const power_step *step = run->workload->steps; step->sql != NULL;
         step++) {
        for (int time = 1; time <= step->times; time++)
            run_sql(run, db, step->sql, time);
    }
    if (sqlite3_close(db) != SQLITE_OK) die(live_path, "does not close");
    power_vfs_end();
}

/* Whether an event is the head of a frame in the WAL that ends a transaction:
 * it has the size of the database. */
static bool is_last_head(const power_event *event)
{
    enum { FRAME_HEAD_BYTES = 24 };
    static const unsigned char none[4];
    return event->name == POWER_WAL && event->kind == POWER_WRITE &&
           event->size == FRAME_HEAD_BYTES &&
           memcmp(event->bytes + 4, none, sizeof(none)) != 0;
}

/* Whether an event may make a commit: it deletes the journal, or writes the
 * page or the head of the last frame of a transaction. The head comes first,
 * and is written again where earlier frames were changed. */
static bool may_commit(const power_record *record, size_t i)
{
    const power_event *event = &record->events[i];
    if (event->name == POWER_JOURNAL) return event->kind == POWER_DELETE;
    return is_last_head(event) || (i > 0 && is_last_head(event - 1));
}

/* Note a commit if the file has other rows than after the last one. */
static void note_commit(power_run *run, const power_disk *disk, size_t end)
{
    const char *how = NULL;
    power_random random = {0};
    power_commit *commit = &run->commits[run->commit_count];
    commit->end = end;
    power_disk_cut(disk, POWER_LOSE_NOTHING, &random, image_path, &how);
    sqlite3 *db = open_image();
    if (!contents(db, &commit->sum)) die(run->name, sqlite3_errmsg(db));
    sqlite3_close(db);
    if (run->commit_count == 0 || commit[-1].sum != commit->sum)
        run->commit_count++;
}

/* The last commit that was made before an end of the record. */
static size_t last_commit(const power_run *run, size_t end)
{
    size_t i = run->commit_count - 1;
    while (i > 0 && run->commits[i].end > end)
        i--;
    return i;
}

static void find_commits(power_run *run)
{
    const power_record *record = &run->record;
    run->commits = must_have(calloc(record->count + 1, sizeof(*run->commits)));
    power_disk *disk = power_disk_new(record);
    note_commit(run, disk, 0);
    for (size_t i = 0; i < record->count; i++) {
        power_disk_play(disk, i + 1);
        if (may_commit(record, i)) note_commit(run, disk, i + 1);
    }
    power_disk_free(disk);
    for (size_t i = 0; i < run->return_count; i++) {
        const struct point *point = &run->returns[i];
        if (run->commits[last_commit(run, point->end)].sum != point->sum)
            die(run->name, "a file without a cut is not what its writer saw");
    }
}

/* ------------------------------------------------------------------ cuts -- */

/* The first commit that may be the last one after a cut. */
static size_t promised_commit(const power_run *run, size_t end)
{
    size_t kept = 0;
    if (run->mode->promise != SYNCED_COMMITS) {
        for (size_t i = 0; i < run->return_count; i++)
            if (run->returns[i].end <= end) kept = run->returns[i].end;
    } else {
        for (size_t i = 0; i < end; i++) {
            const power_event *event = &run->record.events[i];
            if ((event->kind == POWER_SYNC && event->name == POWER_WAL) ||
                event->kind == POWER_SYNC_DIRECTORY)
                kept = i;
        }
    }
    return last_commit(run, kept);
}

/* Run a statement that gives texts; all have to be `ok`. */
static bool says_ok(sqlite3 *db, const char *sql, char *what)
{
    sqlite3_stmt *row = NULL;
    int rc = sqlite3_prepare_v2(db, sql, -1, &row, NULL);
    bool is_ok = true;
    while (rc == SQLITE_OK && is_ok && sqlite3_step(row) == SQLITE_ROW) {
        const char *text = (const char *)sqlite3_column_text(row, 0);
        is_ok = text != NULL && strcmp(text, "ok") == 0;
        snprintf(what, WHAT_BYTES, "%s: %s", sql, text ? text : "NULL");
    }
    if (rc == SQLITE_OK) rc = sqlite3_finalize(row);
    if (rc != SQLITE_OK)
        snprintf(what, WHAT_BYTES, "%s: %s", sql, sqlite3_errmsg(db));
    return rc == SQLITE_OK && is_ok;
}

static const char check_all[] =
    "SELECT dynamo_check(table_name) FROM dynamo_tables";

/* Whether the tables can be written and maintained as before. */
static bool goes_on(sqlite3 *db, char *what)
{
    sqlite3_stmt *table = NULL;
    char sql[200];
    bool is_ok = sqlite3_prepare_v2(db, "SELECT table_name FROM dynamo_tables",
                                    -1, &table, NULL) == SQLITE_OK;
    while (is_ok && sqlite3_step(table) == SQLITE_ROW) {
        snprintf(sql, sizeof(sql),
                 "INSERT OR REPLACE INTO %s(pk, sk) VALUES('goes on', 1)",
                 (const char *)sqlite3_column_text(table, 0));
        is_ok = sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK;
    }
    is_ok = sqlite3_finalize(table) == SQLITE_OK && is_ok;
    is_ok = is_ok && sqlite3_exec(db, "SELECT dynamo_maintain()", NULL, NULL,
                                  NULL) == SQLITE_OK;
    if (!is_ok) {
        snprintf(what, WHAT_BYTES, "it does not go on: %s", sqlite3_errmsg(db));
        return false;
    }
    return says_ok(db, check_all, what);
}

typedef enum power_outcome { KEPT, LOST, DAMAGED } power_outcome;

/* Judge what is left after a cut. */
static power_outcome judge(const power_run *run, sqlite3 *db, size_t promised,
                           char *what)
{
    uint64_t sum = 0;
    if (!contents(db, &sum)) {
        snprintf(what, WHAT_BYTES, "it can't be read: %s", sqlite3_errmsg(db));
        return DAMAGED;
    }
    if (!says_ok(db, "PRAGMA integrity_check", what) ||
        !says_ok(db, check_all, what))
        return DAMAGED;
    size_t found = run->commit_count;
    while (found > 0 && run->commits[found - 1].sum != sum)
        found--;
    if (found == 0) {
        snprintf(what, WHAT_BYTES, "it is as after no commit");
        return DAMAGED;
    }
    if (found - 1 < promised) {
        snprintf(what, WHAT_BYTES, "it is as after commit %zu, not %zu",
                 found - 1, promised);
        return LOST;
    }
    return goes_on(db, what) ? KEPT : DAMAGED;
}

typedef struct power_cut {
    long number;
    size_t end; /* of the record */
    power_random random;
} power_cut;

/* Half of the cuts are where a sync begins or ends. */
static power_cut choose_cut(const power_run *run, long number)
{
    const power_record *record = &run->record;
    power_cut cut = {.number = number,
                     .random = {run->seed * 1000003 + (uint64_t)number}};
    for (const char *c = run->name; *c != '\0'; c++)
        cut.random.state = cut.random.state * 31 + (unsigned char)*c;
    cut.end = power_random_below(&cut.random, record->count + 1);
    if (power_random_below(&cut.random, 2) == 0) {
        while (cut.end < record->count &&
               record->events[cut.end].kind != POWER_SYNC)
            cut.end++;
        if (cut.end < record->count)
            cut.end += power_random_below(&cut.random, 2);
    }
    return cut;
}

static int compare_cuts(const void *left, const void *right)
{
    const power_cut *l = left;
    const power_cut *r = right;
    if (l->end != r->end) return l->end < r->end ? -1 : 1;
    return l->number < r->number ? -1 : 1;
}

static power_outcome make_cut(const power_run *run, power_disk *disk,
                              power_cut *cut)
{
    const char *how = NULL;
    char what[WHAT_BYTES] = "";
    power_disk_play(disk, cut->end);
    power_disk_cut(disk, POWER_LOSE_AT_RANDOM, &cut->random, image_path, &how);
    sqlite3 *db = open_image();
    size_t promised = promised_commit(run, cut->end);
    power_outcome outcome = judge(run, db, promised, what);
    sqlite3_close(db);
    if (outcome != KEPT && run->mode->promise != NOTHING) {
        printf("FAIL %s, cut %ld, after event %zu of %zu, left of what is not "
               "synced: %s. %s\n"
               "  repeat: check_power --seed %llu --run '%s' --cut %ld\n",
               run->name, cut->number, cut->end, run->record.count, how, what,
               (unsigned long long)run->seed, run->name, cut->number);
    }
    return outcome;
}

/* ------------------------------------------------------------------ main -- */

typedef struct power_options {
    long cuts;
    uint64_t seed;
    const char *run;
    long cut; /* -1: all */
} power_options;

static long totals[DAMAGED + 1]; /* of the modes with a promise */
static long without_syncs[DAMAGED + 1];

static void make_cuts(power_run *run, long first, long count)
{
    power_cut *cuts = must_have(calloc((size_t)count + 1, sizeof(*cuts)));
    for (long i = 0; i < count; i++)
        cuts[i] = choose_cut(run, first + i);
    qsort(cuts, (size_t)count, sizeof(*cuts), compare_cuts);
    power_disk *disk = power_disk_new(&run->record);
    long *sums = run->mode->promise == NOTHING ? without_syncs : totals;
    long outcomes[DAMAGED + 1] = {0};
    for (long i = 0; i < count; i++)
        outcomes[make_cut(run, disk, &cuts[i])]++;
    for (int i = KEPT; i <= DAMAGED; i++)
        sums[i] += outcomes[i];
    power_disk_free(disk);
    free(cuts);
    printf("%-20s %6zu events, %4zu commits, %5ld cuts: %ld kept, %ld lost, "
           "%ld damaged\n",
           run->name, run->record.count, run->commit_count - 1, count,
           outcomes[KEPT], outcomes[LOST], outcomes[DAMAGED]);
}

static void make_run(const power_options *options, const power_mode *mode,
                     const power_workload *workload)
{
    power_run run = {.mode = mode, .workload = workload, .seed = options->seed};
    snprintf(run.name, sizeof(run.name), "%s %s", mode->name, workload->name);
    if (options->run != NULL && strcmp(options->run, run.name) != 0) return;
    record(&run);
    find_commits(&run);
    if (options->cut >= 0)
        make_cuts(&run, options->cut, 1);
    else
        make_cuts(&run, 0, options->cuts / (SAFE_MODES * WORKLOADS));
    power_record_free(&run.record);
    free(run.commits);
    free(run.returns);
}

static power_options read_options(int argc, char **argv)
{
    power_options options = {.cuts = 400, .seed = 1, .cut = -1};
    for (int i = 1; i + 1 < argc; i += 2) {
        const char *value = argv[i + 1];
        if (strcmp(argv[i], "--cuts") == 0) options.cuts = atol(value);
        if (strcmp(argv[i], "--seed") == 0)
            options.seed = strtoull(value, NULL, 10);
        if (strcmp(argv[i], "--run") == 0) options.run = value;
        if (strcmp(argv[i], "--cut") == 0) options.cut = atol(value);
    }
    return options;
}

int main(int argc, char **argv)
{
    power_options options = read_options(argc, argv);
    const char *directory = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    snprintf(live_path, PATH_BYTES, "%s/check_power_%d_live", directory,
             (int)getpid());
    snprintf(image_path, PATH_BYTES, "%s/check_power_%d_image", directory,
             (int)getpid());
    unix_vfs = sqlite3_vfs_find(NULL)->zName;
    power_vfs_install();
    for (size_t i = 0; i < MODES; i++)
        for (size_t j = 0; j < WORKLOADS; j++)
            make_run(&options, &modes[i], &workloads[j]);
    remove_database(live_path);
    remove_database(image_path);
    bool is_blind = options.run == NULL &&
                    (without_syncs[LOST] == 0 || without_syncs[DAMAGED] == 0);
    if (is_blind) printf("FAIL nothing is lost or damaged without syncs\n");
    bool is_ok = totals[LOST] + totals[DAMAGED] == 0 && !is_blind;
    printf("%ld cuts, %s\n", totals[KEPT] + totals[LOST] + totals[DAMAGED],
           is_ok ? "ok" : "FAILED");
    return !is_ok;
}
