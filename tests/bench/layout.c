/*
 * Compares layouts for stored items, a row of a shadow table each, through
 * plain SQL: those that leaves (src/engine/leaf.h) have to be better than.
 * Prints a markdown table; a figure in parentheses is the ratio to the better
 * of the ordinary tables O1 and O2.
 *
 *   layout [quick] [grouped] [page=BYTES] [runs=N] [size=BYTES|mixed]...
 *
 * "grouped" loads the ten items of a partition together; otherwise they arrive
 * over time, one round of all partitions after another. "mixed" is items of
 * 100 to 4000 bytes in one table. Leaves the extension itself to other files.
 *
 * cc -std=c11 -O2 layout.c -o layout -lsqlite3
 */
#define _POSIX_C_SOURCE 200809L // NOLINT(bugprone-reserved-identifier)
#define XXH_INLINE_ALL
#include <errno.h>
#include <inttypes.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <xxhash.h>

enum {
    ITEMS_PER_PARTITION = 10,
    BATCH_ROWS = 10000,
    LARGEST_BODY_BYTES = 100000,
    NOISE_BYTES = LARGEST_BODY_BYTES + 65536,
    MAX_RUNS = 15,
    MAX_SETS = 32,
    MIXED = 0,
    FIT = -1,
    KEY_BYTES = 64,
};

enum statement {
    INSERT,
    INSERT_LARGE,
    READ,
    READ_LARGE,
    RANGE,
    NEWEST,
    UPDATE,
    UPDATE_LARGE,
    STATEMENTS
};

enum metric {
    LOAD_US,
    OVERWRITE_US,
    READ_US,
    RANGE_US,
    NEWEST_US,
    BYTES_PER_ROW,
    METRICS
};

/* A body above threshold_bytes goes through the statements named LARGE; FIT
 * stands for the largest body whose row needs no overflow page.
 * Uniform sets are measured with bodies above measured_above_bytes only.
 * Parameters: ?1 key or lower bound, ?2 upper bound, ?3 body or id; with
 * text_key ?1 pk, ?2 sk, ?3 body. */
struct layout {
    const char *name;
    int threshold_bytes;
    bool text_key;
    int measured_above_bytes;
    const char *schema;
    const char *sql[STATEMENTS];
};

#define INLINE_SCHEMA                                                          \
    "CREATE TABLE items(key BLOB PRIMARY KEY, item BLOB) WITHOUT ROWID;"

#define INLINE_SQL                                                             \
    [INSERT] = "INSERT INTO items VALUES(?1, ?3)",                             \
    [READ] = "SELECT item FROM items WHERE key = ?1",                          \
    [RANGE] = ("SELECT item FROM items WHERE key >= ?1 AND key < ?2"           \
               " ORDER BY key"),                                               \
    [NEWEST] = ("SELECT item FROM items WHERE key >= ?1 AND key < ?2"          \
                " ORDER BY key DESC LIMIT 3"),                                 \
    [UPDATE] = "UPDATE items SET item = ?3 WHERE key = ?1"

#define STUB_LAYOUT(title, limit, above)                                       \
    {                                                                          \
        .name = (title), .threshold_bytes = (limit),                           \
        .measured_above_bytes = (above),                                       \
        .schema = INLINE_SCHEMA                                                \
            "CREATE TABLE large(id INTEGER PRIMARY KEY, item BLOB);",          \
        .sql = {                                                               \
            INLINE_SQL,                                                        \
            [INSERT_LARGE] = "INSERT INTO large(item) VALUES(?3)",             \
            [READ_LARGE] = "SELECT item FROM large WHERE id = ?1",             \
            [UPDATE_LARGE] = ("UPDATE large SET item = ?3 WHERE id ="          \
                              " (SELECT item FROM items WHERE key = ?1)")      \
        }                                                                      \
    }

#define ORDINARY_SQL                                                           \
    [INSERT] = "INSERT INTO t VALUES(?1, ?2, ?3)",                             \
    [READ] = "SELECT body FROM t WHERE pk = ?1 AND sk = ?2",                   \
    [RANGE] = "SELECT body FROM t WHERE pk = ?1 ORDER BY sk",                  \
    [NEWEST] = "SELECT body FROM t WHERE pk = ?1 ORDER BY sk DESC LIMIT 3",    \
    [UPDATE] = "UPDATE t SET body = ?3 WHERE pk = ?1 AND sk = ?2"

/* Where all bodies have one size, D(t) is A up to t and "D" beyond it, whatever
 * t is (so "D" starts above the least t); only mixed sizes need them all. */
static const struct layout layouts[] = {
    {.name = "A",
     .threshold_bytes = LARGEST_BODY_BYTES,
     .schema = INLINE_SCHEMA,
     .sql = {INLINE_SQL}},
    {.name = "B",
     .threshold_bytes = 0,
     .schema = "CREATE TABLE items(id INTEGER PRIMARY KEY, item BLOB);"
               "CREATE TABLE keys(key BLOB PRIMARY KEY, id INTEGER)"
               " WITHOUT ROWID;",
     .sql = {[INSERT] = "INSERT INTO keys VALUES(?1, ?3)",
             [INSERT_LARGE] = "INSERT INTO items(item) VALUES(?3)",
             [READ] = ("SELECT item FROM keys CROSS JOIN items USING(id)"
                       " WHERE key = ?1"),
             [RANGE] = ("SELECT item FROM keys CROSS JOIN items USING(id)"
                        " WHERE key >= ?1 AND key < ?2 ORDER BY key"),
             [NEWEST] = ("SELECT item FROM keys CROSS JOIN items USING(id)"
                         " WHERE key >= ?1 AND key < ?2"
                         " ORDER BY key DESC LIMIT 3"),
             [UPDATE_LARGE] = ("UPDATE items SET item = ?3 WHERE id ="
                               " (SELECT id FROM keys WHERE key = ?1)")}},
    STUB_LAYOUT("D", 0, 250),
    STUB_LAYOUT("D(250)", 250, LARGEST_BODY_BYTES),
    STUB_LAYOUT("D(500)", 500, LARGEST_BODY_BYTES),
    STUB_LAYOUT("D(1000)", 1000, LARGEST_BODY_BYTES),
    STUB_LAYOUT("D(2000)", 2000, LARGEST_BODY_BYTES),
    STUB_LAYOUT("D(fit)", FIT, LARGEST_BODY_BYTES),
    {.name = "O1",
     .threshold_bytes = LARGEST_BODY_BYTES,
     .text_key = true,
     .schema = "CREATE TABLE t(pk TEXT, sk TEXT, body BLOB,"
               " PRIMARY KEY(pk, sk)) WITHOUT ROWID;",
     .sql = {ORDINARY_SQL}},
    {.name = "O2",
     .threshold_bytes = LARGEST_BODY_BYTES,
     .text_key = true,
     .schema = "CREATE TABLE t(pk TEXT, sk TEXT, body BLOB,"
               " PRIMARY KEY(pk, sk));",
     .sql = {ORDINARY_SQL}},
};

enum { LAYOUTS = sizeof layouts / sizeof layouts[0] };

static const int mixed_bytes[] = {100, 200,  300,  400,  600,
                                  800, 1100, 1500, 2200, 4000};

struct options {
    bool quick;
    bool grouped;
    int page_bytes;
    int runs;
    int sizes[MAX_SETS];
    int set_count;
};

/* Rows of one body size, and the order in which they are loaded. */
struct data_set {
    int body_bytes;
    uint32_t rows;
    uint32_t *order;
};

struct store {
    const struct layout *layout;
    int threshold_bytes;
    sqlite3 *db;
    sqlite3_stmt *statements[STATEMENTS];
};

struct key {
    char pk[24];
    char sk[24];
    unsigned char low[KEY_BYTES];
    unsigned char high[KEY_BYTES];
    int item_bytes;
    int prefix_bytes;
};

static char directory[512];
static char database[600];
static unsigned char noise[NOISE_BYTES];
static uint64_t random_state;
static volatile uint64_t bytes_read;

static void remove_files(void)
{
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    char path[sizeof database + 8];

    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        snprintf(path, sizeof path, "%s%s", database, suffixes[i]);
        unlink(path);
    }
}

static void remove_directory(void)
{
    remove_files();
    rmdir(directory);
}

static _Noreturn void fail(const char *what, const char *why)
{
    fprintf(stderr, "layout: %s: %s\n", what, why);
    exit(EXIT_FAILURE);
}

static void make_directory(void)
{
    const char *parent = getenv("TMPDIR");

    snprintf(directory, sizeof directory, "%s/dynamo-layout-XXXXXX",
             parent != NULL ? parent : "/tmp");
    if (mkdtemp(directory) == NULL) fail(directory, strerror(errno));
    snprintf(database, sizeof database, "%s/items.db", directory);
    atexit(remove_directory);
}

/* splitmix64 */
static uint64_t next_random(void)
{
    uint64_t z = random_state += 0x9e3779b97f4a7c15u;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static uint32_t random_below(uint32_t limit)
{
    return (uint32_t)(next_random() % limit);
}

static double now_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

/* In mixed sets each partition has one item of every size, and the newest
 * three differ from partition to partition. */
static int body_bytes_of(const struct data_set *set, uint32_t row)
{
    uint32_t partition = row / ITEMS_PER_PARTITION;

    if (set->body_bytes != MIXED) return set->body_bytes;
    return mixed_bytes[(partition + 3 * (row % ITEMS_PER_PARTITION)) % 10];
}

static uint32_t rows_for(int body_bytes, bool quick)
{
    uint32_t total = quick ? 6000000 : 60000000;
    uint32_t least = quick ? 200 : 600;
    uint32_t most = quick ? 30000 : 300000;
    uint32_t rows = total / (uint32_t)(body_bytes == MIXED ? 2000 : body_bytes);

    rows = rows < least ? least : rows > most ? most : rows;
    return rows - rows % ITEMS_PER_PARTITION;
}

static void shuffle(uint32_t *numbers, uint32_t count)
{
    for (uint32_t i = count; i > 1; i--) {
        uint32_t other = random_below(i);
        uint32_t last = numbers[i - 1];

        numbers[i - 1] = numbers[other];
        numbers[other] = last;
    }
}

static void fill_order(struct data_set *set, bool grouped)
{
    uint32_t partitions = set->rows / ITEMS_PER_PARTITION;
    uint32_t *shuffled = calloc(partitions, sizeof *shuffled);
    uint32_t at = 0;

    set->order = calloc(set->rows, sizeof *set->order);
    if (shuffled == NULL || set->order == NULL) fail("calloc", strerror(errno));
    for (uint32_t i = 0; i < partitions; i++)
        shuffled[i] = i;
    shuffle(shuffled, partitions);
    for (uint32_t i = 0; i < ITEMS_PER_PARTITION && !grouped; i++) {
        for (uint32_t j = 0; j < partitions; j++)
            set->order[at++] = shuffled[j] * ITEMS_PER_PARTITION + i;
        shuffle(shuffled, partitions);
    }
    for (uint32_t j = 0; j < partitions && grouped; j++) {
        for (uint32_t i = 0; i < ITEMS_PER_PARTITION; i++)
            set->order[at++] = shuffled[j] * ITEMS_PER_PARTITION + i;
    }
    free(shuffled);
}

/* key: 8 bytes hash of pk, big endian | 1 length of pk | pk | sk | 2 zeros.
 * high ends the partition: its prefix with the last byte one greater. */
static void make_key(uint32_t row, struct key *key)
{
    size_t pk_bytes =
        (size_t)snprintf(key->pk, sizeof key->pk, "customer-%06" PRIu32,
                         row / ITEMS_PER_PARTITION);
    size_t sk_bytes =
        (size_t)snprintf(key->sk, sizeof key->sk, "order-%010" PRIu32,
                         row % ITEMS_PER_PARTITION);
    XXH64_canonical_t hash;

    XXH64_canonicalFromHash(&hash, XXH3_64bits(key->pk, pk_bytes));
    memset(key->low, 0, sizeof key->low);
    memcpy(key->low, hash.digest, 8);
    key->low[8] = (unsigned char)pk_bytes;
    memcpy(key->low + 9, key->pk, pk_bytes);
    key->prefix_bytes = (int)(9 + pk_bytes);
    memcpy(key->high, key->low, (size_t)key->prefix_bytes);
    key->high[key->prefix_bytes - 1]++;
    memcpy(key->low + key->prefix_bytes, key->sk, sk_bytes);
    key->item_bytes = key->prefix_bytes + (int)sk_bytes + 2;
}

static void execute(struct store *store, const char *sql)
{
    if (sqlite3_exec(store->db, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail(sql, sqlite3_errmsg(store->db));
}

/* The most of an index row that SQLite keeps on its page (file format, "B-tree
 * Pages"), less 42 bytes of key and 4 of record header. */
static int fitting_body_bytes(int page_bytes)
{
    return (page_bytes - 12) * 64 / 255 - 23 - 42 - 4;
}

static void open_store(struct store *store, const struct layout *layout,
                       int page_bytes)
{
    char pragmas[128];

    remove_files();
    *store = (struct store){.layout = layout,
                            .threshold_bytes = layout->threshold_bytes};
    if (layout->threshold_bytes == FIT)
        store->threshold_bytes = fitting_body_bytes(page_bytes);
    if (sqlite3_open(database, &store->db) != SQLITE_OK)
        fail(database, sqlite3_errmsg(store->db));
    snprintf(pragmas, sizeof pragmas,
             "PRAGMA page_size = %d; PRAGMA journal_mode = WAL;"
             "PRAGMA synchronous = NORMAL;",
             page_bytes);
    execute(store, pragmas);
    execute(store, layout->schema);
    for (int i = 0; i < STATEMENTS; i++) {
        if (layout->sql[i] != NULL &&
            sqlite3_prepare_v2(store->db, layout->sql[i], -1,
                               &store->statements[i], NULL) != SQLITE_OK)
            fail(layout->sql[i], sqlite3_errmsg(store->db));
    }
}

static void close_store(struct store *store)
{
    for (int i = 0; i < STATEMENTS; i++)
        sqlite3_finalize(store->statements[i]);
    if (sqlite3_close(store->db) != SQLITE_OK)
        fail("close", sqlite3_errmsg(store->db));
    remove_files();
}

static void bind_bytes(sqlite3_stmt *statement, int at, const void *bytes,
                       int count)
{
    if (sqlite3_bind_blob(statement, at, bytes, count, SQLITE_STATIC) !=
        SQLITE_OK)
        fail("bind", sqlite3_sql(statement));
}

static void bind_text(sqlite3_stmt *statement, int at, const char *text)
{
    if (sqlite3_bind_text(statement, at, text, -1, SQLITE_STATIC) != SQLITE_OK)
        fail("bind", sqlite3_sql(statement));
}

static void bind_item(struct store *store, sqlite3_stmt *statement,
                      const struct key *key)
{
    if (store->layout->text_key) {
        bind_text(statement, 1, key->pk);
        bind_text(statement, 2, key->sk);
    } else {
        bind_bytes(statement, 1, key->low, key->item_bytes);
    }
}

static void bind_partition(struct store *store, sqlite3_stmt *statement,
                           const struct key *key)
{
    if (store->layout->text_key) {
        bind_text(statement, 1, key->pk);
    } else {
        bind_bytes(statement, 1, key->low, key->prefix_bytes);
        bind_bytes(statement, 2, key->high, key->prefix_bytes);
    }
}

/* Ever different content, or SQLite would skip unchanged pages. */
static void bind_body(sqlite3_stmt *statement, int body_bytes)
{
    uint32_t from = random_below(NOISE_BYTES - LARGEST_BODY_BYTES);

    bind_bytes(statement, 3, noise + from, body_bytes);
}

static void run(struct store *store, sqlite3_stmt *statement)
{
    if (sqlite3_step(statement) != SQLITE_DONE ||
        sqlite3_reset(statement) != SQLITE_OK)
        fail(sqlite3_sql(statement), sqlite3_errmsg(store->db));
}

static void insert_item(struct store *store, const struct key *key,
                        int body_bytes)
{
    sqlite3_stmt *insert = store->statements[INSERT];

    if (body_bytes > store->threshold_bytes) {
        bind_body(store->statements[INSERT_LARGE], body_bytes);
        run(store, store->statements[INSERT_LARGE]);
        sqlite3_bind_int64(insert, 3, sqlite3_last_insert_rowid(store->db));
    } else {
        bind_body(insert, body_bytes);
    }
    bind_item(store, insert, key);
    run(store, insert);
}

/* The new body is up to 15 bytes shorter, so that SQLite cannot always write
 * in place; it never crosses a threshold. */
static void overwrite_item(struct store *store, const struct key *key,
                           int body_bytes)
{
    int new_bytes = body_bytes - (int)random_below(16);
    sqlite3_stmt *update =
        store->statements[new_bytes > store->threshold_bytes ? UPDATE_LARGE
                                                             : UPDATE];

    bind_item(store, update, key);
    bind_body(update, new_bytes);
    run(store, update);
    if (sqlite3_changes(store->db) != 1) fail("overwrite", "row not found");
}

static void take_body(sqlite3_stmt *statement)
{
    const unsigned char *body = sqlite3_column_blob(statement, 0);
    int count = sqlite3_column_bytes(statement, 0);

    if (body == NULL || sqlite3_column_type(statement, 0) != SQLITE_BLOB)
        fail("read", sqlite3_sql(statement));
    bytes_read += (uint64_t)count + body[count - 1];
}

static void follow_stub(struct store *store, sqlite3_int64 id)
{
    sqlite3_stmt *large = store->statements[READ_LARGE];

    sqlite3_bind_int64(large, 1, id);
    if (sqlite3_step(large) != SQLITE_ROW)
        fail("stub", sqlite3_errmsg(store->db));
    take_body(large);
    sqlite3_reset(large);
}

static void read_rows(struct store *store, sqlite3_stmt *statement,
                      int rows_expected)
{
    int rows = 0;

    while (sqlite3_step(statement) == SQLITE_ROW) {
        if (sqlite3_column_type(statement, 0) == SQLITE_INTEGER)
            follow_stub(store, sqlite3_column_int64(statement, 0));
        else
            take_body(statement);
        rows++;
    }
    if (sqlite3_reset(statement) != SQLITE_OK || rows != rows_expected)
        fail(sqlite3_sql(statement), sqlite3_errmsg(store->db));
}

static double measure_load(struct store *store, const struct data_set *set)
{
    double started = now_us();
    struct key key;

    for (uint32_t i = 0; i < set->rows; i++) {
        if (i % BATCH_ROWS == 0)
            execute(store, i == 0 ? "BEGIN" : "COMMIT; BEGIN");
        make_key(set->order[i], &key);
        insert_item(store, &key, body_bytes_of(set, set->order[i]));
    }
    execute(store, "COMMIT");
    return (now_us() - started) / set->rows;
}

static double measure_overwrite(struct store *store, const struct data_set *set,
                                uint32_t count)
{
    double started = now_us();
    struct key key;

    for (uint32_t i = 0; i < count; i++) {
        uint32_t row = random_below(set->rows);

        make_key(row, &key);
        overwrite_item(store, &key, body_bytes_of(set, row));
    }
    return (now_us() - started) / count;
}

static double measure_read(struct store *store, const struct data_set *set,
                           enum statement which, uint32_t count)
{
    sqlite3_stmt *statement = store->statements[which];
    int rows_expected = which == RANGE    ? ITEMS_PER_PARTITION
                        : which == NEWEST ? 3
                                          : 1;
    double started = now_us();
    struct key key;

    execute(store, "BEGIN");
    for (uint32_t i = 0; i < count; i++) {
        make_key(random_below(set->rows), &key);
        if (which == READ)
            bind_item(store, statement, &key);
        else
            bind_partition(store, statement, &key);
        read_rows(store, statement, rows_expected);
    }
    execute(store, "COMMIT");
    return (now_us() - started) / count;
}

static double measure_file(struct store *store, const struct data_set *set)
{
    struct stat status;

    execute(store, "PRAGMA wal_checkpoint(TRUNCATE)");
    if (stat(database, &status) != 0) fail(database, strerror(errno));
    return (double)status.st_size / set->rows;
}

static void measure_layout(const struct layout *layout,
                           const struct data_set *set,
                           const struct options *options,
                           double result[METRICS])
{
    uint32_t reads = set->body_bytes >= 20000 ? 1000 : 10000;
    struct store store;

    if (options->quick) reads /= 10;
    open_store(&store, layout, options->page_bytes);
    result[LOAD_US] = measure_load(&store, set);
    result[BYTES_PER_ROW] = measure_file(&store, set);
    result[READ_US] = measure_read(&store, set, READ, reads);
    result[RANGE_US] = measure_read(&store, set, RANGE, reads / 5);
    result[NEWEST_US] = measure_read(&store, set, NEWEST, reads / 5);
    result[OVERWRITE_US] = measure_overwrite(&store, set, reads / 4);
    close_store(&store);
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
    return count % 2 != 0 ? values[count / 2]
                          : (values[count / 2 - 1] + values[count / 2]) / 2;
}

static bool applies(const struct layout *layout, int body_bytes)
{
    return body_bytes == MIXED || body_bytes > layout->measured_above_bytes;
}

static void print_set(int body_bytes, double medians[LAYOUTS][METRICS])
{
    const double *o1 = medians[LAYOUTS - 2];
    const double *o2 = medians[LAYOUTS - 1];

    for (int i = 0; i < LAYOUTS; i++) {
        if (!applies(&layouts[i], body_bytes)) continue;
        if (body_bytes == MIXED)
            printf("| mixed | %s |", layouts[i].name);
        else
            printf("| %d | %s |", body_bytes, layouts[i].name);
        for (int j = 0; j < METRICS; j++) {
            double base = o1[j] < o2[j] ? o1[j] : o2[j];
            double value = medians[i][j];

            printf(value < 100 ? " %.1f (%.2f) |" : " %.0f (%.2f) |", value,
                   value / base);
        }
        printf("\n");
    }
    fflush(stdout);
}

/* Each run starts with another layout, so that noise falls on all alike. */
static void measure_set(int body_bytes, const struct options *options)
{
    static double values[LAYOUTS][METRICS][MAX_RUNS];
    double medians[LAYOUTS][METRICS];
    double result[METRICS];
    struct data_set set = {.body_bytes = body_bytes,
                           .rows = rows_for(body_bytes, options->quick)};

    random_state = 1;
    fill_order(&set, options->grouped);
    for (int n = 0; n < options->runs; n++) {
        for (int i = 0; i < LAYOUTS; i++) {
            int at = (i + 2 * n) % LAYOUTS;

            if (!applies(&layouts[at], body_bytes)) continue;
            random_state = (uint64_t)n + 2;
            measure_layout(&layouts[at], &set, options, result);
            for (int j = 0; j < METRICS; j++)
                values[at][j][n] = result[j];
        }
    }
    for (int i = 0; i < LAYOUTS; i++) {
        for (int j = 0; j < METRICS; j++)
            medians[i][j] = median(values[i][j], options->runs);
    }
    print_set(body_bytes, medians);
    free(set.order);
}

static int number_in(const char *argument, const char *text, int least,
                     int most)
{
    char *end;
    long number = strtol(text, &end, 10);

    if (end == text || *end != '\0' || number < least || number > most)
        fail(argument, "number out of range");
    return (int)number;
}

static void add_size(struct options *options, int body_bytes)
{
    if (options->set_count == MAX_SETS) fail("size", "too many");
    options->sizes[options->set_count++] = body_bytes;
}

static void read_option(const char *argument, struct options *options)
{
    if (strcmp(argument, "quick") == 0) {
        options->quick = true;
        options->runs = 1;
    } else if (strcmp(argument, "grouped") == 0) {
        options->grouped = true;
    } else if (strncmp(argument, "page=", 5) == 0) {
        options->page_bytes = number_in(argument, argument + 5, 512, 65536);
    } else if (strncmp(argument, "runs=", 5) == 0) {
        options->runs = number_in(argument, argument + 5, 1, MAX_RUNS);
    } else if (strcmp(argument, "size=mixed") == 0) {
        add_size(options, MIXED);
    } else if (strncmp(argument, "size=", 5) == 0) {
        add_size(options,
                 number_in(argument, argument + 5, 50, LARGEST_BODY_BYTES));
    } else {
        fail(argument, "unknown argument; see the head of layout.c");
    }
}

int main(int argc, char **argv)
{
    static const int usual[] = {100,  200,   500,    1000, 2000,
                                4000, 20000, 100000, MIXED};
    struct options options = {.page_bytes = 4096, .runs = 3};

    for (int i = 1; i < argc; i++)
        read_option(argv[i], &options);
    if (options.set_count == 0) {
        for (size_t i = 0; i < sizeof usual / sizeof usual[0]; i++)
            add_size(&options, usual[i]);
    }
    make_directory();
    for (size_t i = 0; i < sizeof noise; i++)
        noise[i] = (unsigned char)next_random();

    printf("SQLite %s, page size %d, %s, median of %d\n\n",
           sqlite3_libversion(), options.page_bytes,
           options.grouped ? "grouped" : "over time", options.runs);
    printf("| body | layout | load µs | overwrite µs | read µs | 10 rows µs "
           "| newest 3 µs | bytes/row |\n|--:|---|--:|--:|--:|--:|--:|--:|\n");
    for (int i = 0; i < options.set_count; i++)
        measure_set(options.sizes[i], &options);
    return EXIT_SUCCESS;
}
