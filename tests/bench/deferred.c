/*
 * What it would save to append changes to a log, and to change leaves later.
 * Pages alone are written, through SQLite: no row is made, kept or read. Rows
 * come to leaves at random, in transactions; a leaf is cut in two when it is
 * full. Either each leaf that has changed is written with its transaction, or
 * the change goes to a page of the log, and the leaves of its oldest pages are
 * written, with all of their changes, when the log is longer than allowed.
 * Prints a markdown table.
 *
 *   cc -std=c11 -O2 deferred.c -o deferred -lsqlite3 && ./deferred [ROWS]
 */
#define _DEFAULT_SOURCE
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    PAGE_BYTES = 4048, /* of a BLOB that fills a page of 4096 */
    LEAF_ROWS = 22,    /* that a leaf has room for */
    CHANGE_BYTES = 230,
    PAGE_CHANGES = PAGE_BYTES / CHANGE_BYTES,
    BATCH_ROWS = 10000,
    LEAVES_MAX = 1 << 20,
    LOG_PAGES_MAX = 1 << 20
};

/* Changes of leaves, in the order in which they came. */
typedef struct log_page {
    uint32_t leaves[PAGE_CHANGES];
    int count;
} log_page;

static struct leaf {
    int rows;
    int64_t applied; /* the last page of the log whose changes it has */
    bool is_new;     /* it has not been written */
    bool is_cut;     /* it is to be written whole */
    bool is_changed; /* in this transaction */
} leaves[LEAVES_MAX];

static uint32_t leaf_count;
static uint32_t changed[LEAVES_MAX];
static uint32_t changed_count;
static log_page pages[LOG_PAGES_MAX];
static int64_t first_page; /* that is still there */
static int64_t last_page;  /* 0: there has been none */
static bool is_page_open;  /* the last one has room, and is to be written */

static const char *path = "deferred.db";
static sqlite3 *db;
static sqlite3_stmt *put;
static sqlite3_stmt *append;
static sqlite3_stmt *removal;

static void fail(void)
{
    fprintf(stderr, "%s\n", sqlite3_errmsg(db));
    exit(1);
}

static void execute(const char *sql)
{
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK) fail();
}

static sqlite3_stmt *prepared(const char *sql)
{
    sqlite3_stmt *out = NULL;
    if (sqlite3_prepare_v2(db, sql, -1, &out, NULL) != SQLITE_OK) fail();
    return out;
}

static void run(sqlite3_stmt *statement, int64_t id)
{
    static unsigned char page[PAGE_BYTES];
    if (++page[0] == 0) page[1]++; /* no two are equal */
    sqlite3_bind_int64(statement, 1, id);
    if (sqlite3_bind_parameter_count(statement) > 1)
        sqlite3_bind_blob(statement, 2, page, PAGE_BYTES, SQLITE_STATIC);
    if (sqlite3_step(statement) != SQLITE_DONE) fail();
    sqlite3_reset(statement);
}

static void remove_file(void)
{
    static const char *const ends[] = {"", "-wal", "-shm"};
    for (int i = 0; i < 3; i++) {
        char name[64];
        snprintf(name, sizeof name, "%s%s", path, ends[i]);
        unlink(name);
    }
}

static void open_file(void)
{
    remove_file();
    if (sqlite3_open(path, &db) != SQLITE_OK) fail();
    execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
            "CREATE TABLE leaves(id INTEGER PRIMARY KEY, data BLOB NOT NULL);"
            "CREATE TABLE log(id INTEGER PRIMARY KEY, data BLOB NOT NULL)");
    put = prepared("INSERT OR REPLACE INTO leaves VALUES(?1, ?2)");
    append = prepared("INSERT INTO log VALUES(?1, ?2)");
    removal = prepared("DELETE FROM log WHERE id = ?1");
}

static long close_file(void)
{
    sqlite3_stmt *count = prepared("PRAGMA page_count");
    long out = sqlite3_step(count) == SQLITE_ROW
                   ? (long)sqlite3_column_int64(count, 0)
                   : 0;
    sqlite3_finalize(count);
    sqlite3_finalize(put);
    sqlite3_finalize(append);
    sqlite3_finalize(removal);
    sqlite3_close(db);
    remove_file();
    return out;
}

static double now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static uint32_t random_below(uint32_t end)
{
    static uint64_t state = 88172645463325252U;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)(state % end);
}

static int compare(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left;
    uint32_t b = *(const uint32_t *)right;
    return (a > b) - (a < b);
}

/* ------------------------------------------------------------ the leaves -- */

static void mark(uint32_t number)
{
    if (!leaves[number].is_changed) changed[changed_count++] = number;
    leaves[number].is_changed = true;
}

static uint32_t make_leaf(int rows)
{
    leaves[leaf_count] = (struct leaf){.rows = rows, .is_new = true};
    mark(leaf_count);
    return leaf_count++;
}

static void add_row(void)
{
    struct leaf *leaf = &leaves[random_below(leaf_count)];
    mark((uint32_t)(leaf - leaves));
    if (++leaf->rows <= LEAF_ROWS) return;
    leaf->rows = LEAF_ROWS / 2 + 1;
    leaf->is_cut = true;
    make_leaf(LEAF_ROWS / 2);
}

static void write_leaf(uint32_t number)
{
    struct leaf *leaf = &leaves[number];
    leaf->applied = last_page;
    leaf->is_new = leaf->is_cut = false;
    run(put, number + 1);
}

/* --------------------------------------------------------------- the log -- */

static void end_page(void)
{
    if (is_page_open) run(append, last_page);
    is_page_open = false;
}

static void log_change(uint32_t number)
{
    if (!is_page_open) pages[++last_page % LOG_PAGES_MAX].count = 0;
    is_page_open = true;
    log_page *page = &pages[last_page % LOG_PAGES_MAX];
    page->leaves[page->count++] = number;
    if (page->count == PAGE_CHANGES) end_page();
}

/* Write the leaves of the oldest pages, until there are no more than pages_max.
 */
static void shorten(int64_t pages_max)
{
    uint32_t due_count = 0;
    static uint32_t due[LEAVES_MAX];
    int64_t from = first_page;
    for (; last_page - first_page >= pages_max; first_page++) {
        const log_page *page = &pages[first_page % LOG_PAGES_MAX];
        for (int i = 0; i < page->count; i++) {
            struct leaf *leaf = &leaves[page->leaves[i]];
            if (leaf->applied >= first_page) continue;
            leaf->applied = last_page;
            due[due_count++] = page->leaves[i];
        }
    }
    qsort(due, due_count, sizeof *due, compare);
    for (uint32_t i = 0; i < due_count; i++)
        write_leaf(due[i]);
    for (; from < first_page; from++)
        run(removal, from);
}

/* ------------------------------------------------------------ the loading --
 */

/* log_pages: how many the log may have; 0: there is none. */
static void load_batch(int64_t log_pages)
{
    execute("BEGIN");
    changed_count = 0;
    if (leaf_count == 0) make_leaf(0);
    for (int i = 0; i < BATCH_ROWS; i++)
        add_row();
    qsort(changed, changed_count, sizeof *changed, compare);
    for (uint32_t i = 0; i < changed_count; i++) {
        struct leaf *leaf = &leaves[changed[i]];
        leaf->is_changed = false;
        if (log_pages > 0 && !leaf->is_new && !leaf->is_cut)
            log_change(changed[i]);
        else
            write_leaf(changed[i]);
    }
    end_page();
    if (log_pages > 0) shorten(log_pages);
    execute("COMMIT");
}

static void measure(int megabytes, long rows)
{
    memset(leaves, 0, sizeof leaves);
    leaf_count = 0;
    first_page = 1;
    last_page = 0;
    open_file();
    double begun = now_us();
    for (long done = 0; done < rows; done += BATCH_ROWS)
        load_batch((int64_t)megabytes * (1 << 20) / 4096);
    double took = (now_us() - begun) / (double)rows;
    printf("| %d | %.1f | %ld |\n", megabytes, took, close_file());
}

int main(int argc, char **argv)
{
    static const int megabytes[] = {0, 4, 8, 16, 32};
    long rows = argc > 1 ? strtol(argv[1], NULL, 10) : 300000;
    printf("| log, MB | µs a row | pages of the file |\n|--:|--:|--:|\n");
    for (size_t i = 0; i < sizeof megabytes / sizeof *megabytes; i++)
        measure(megabytes[i], rows);
    return 0;
}
