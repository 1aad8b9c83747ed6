/*
 * Times dynamo tables beside ordinary tables with the same rows. Prints a
 * markdown table; the ratio is to the better of two ordinary tables, WITHOUT
 * ROWID and with a rowid, both with PRIMARY KEY(pk, sk).
 *
 *   table EXTENSION [quick] [rows=N] [rounds=N] [size=BYTES]...
 *   table EXTENSION growth [rows=N]
 *   table EXTENSION memory
 *
 * Without a size, items are of 200 bytes. "growth" measures while the tables
 * grow to rows=N, "memory" the peaks of a large item and of full scans.
 * Each table has a file and a connection of its own: WAL, synchronous=NORMAL,
 * SQLite's cache size. What is compared is measured in turns.
 *
 * cc -std=c11 -O2 table.c -o table -lsqlite3
 */
#define _POSIX_C_SOURCE 200809L // NOLINT(bugprone-reserved-identifier)
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

enum {
    ITEMS_PER_PARTITION = 10,
    BATCH_ROWS = 10000,
    USUAL_ITEM_BYTES = 200,
    LARGEST_ITEM_BYTES = 400000,
    OTHER_BYTES = 60, /* of an item: keys, names, amount and status */
    NOISE_BYTES = LARGEST_ITEM_BYTES + 65536,
    MAX_ROUNDS = 101,
    MAX_SIZES = 8,
    STORES = 3,
};

enum statement { INSERT, READ, QUERY, NEWEST, OVERWRITE, STATEMENTS };

enum metric {
    READ_US,
    QUERY_US,
    NEWEST_US,
    LOAD_RANDOM_US,
    OVERWRITE_US,
    LOAD_ORDERED_US,
    BYTES_PER_ROW,
    METRICS
};

/* A limit of 0: there is none. */
static const struct {
    const char *name;
    double limit;
} metrics[METRICS] = {
    [READ_US] = {"point read in a transaction, µs", 2.0},
    [QUERY_US] = {"query of 10 items, µs", 2.0},
    [NEWEST_US] = {"newest 3 of 10, µs", 2.5},
    [LOAD_RANDOM_US] = {"load, keys at random, µs/row", 1.3},
    [OVERWRITE_US] = {"single-commit overwrite, µs", 1.3},
    [LOAD_ORDERED_US] = {"load, keys in order, µs/row", 0},
    [BYTES_PER_ROW] = {"file, bytes/row", 0},
};

static const struct {
    const char *name;
    const char *schema;
} tables[STORES] = {
    {"dynamo", "CREATE VIRTUAL TABLE t USING dynamo(pk TEXT PARTITION KEY,"
               " sk TEXT SORT KEY, amount NUMBER, status TEXT, note TEXT)"},
    {"without rowid", "CREATE TABLE t(pk TEXT, sk TEXT, amount NUMBER,"
                      " status TEXT, note TEXT, PRIMARY KEY(pk, sk))"
                      " WITHOUT ROWID"},
    {"rowid", "CREATE TABLE t(pk TEXT, sk TEXT, amount NUMBER,"
              " status TEXT, note TEXT, PRIMARY KEY(pk, sk))"},
};

/* Parameters: ?1 pk, ?2 sk, ?3 amount, ?4 status, ?5 note. */
static const char *const statements[STATEMENTS] = {
    [INSERT] = "INSERT INTO t(pk, sk, amount, status, note)"
               " VALUES(?1, ?2, ?3, ?4, ?5)",
    [READ] = "SELECT amount, status, note FROM t WHERE pk = ?1 AND sk = ?2",
    [QUERY] = "SELECT sk, amount, status, note FROM t WHERE pk = ?1"
              " ORDER BY sk",
    [NEWEST] = "SELECT sk, amount, status, note FROM t WHERE pk = ?1"
               " ORDER BY sk DESC LIMIT 3",
    [OVERWRITE] = "INSERT OR REPLACE INTO t(pk, sk, amount, status, note)"
                  " VALUES(?1, ?2, ?3, ?4, ?5)",
};

struct options {
    const char *extension;
    bool quick;
    bool growth;
    bool memory;
    uint32_t rows; /* 0: by size */
    int rounds;
    int sizes[MAX_SIZES];
    int size_count;
};

struct store {
    char path[600];
    sqlite3 *db;
    sqlite3_stmt *statements[STATEMENTS];
};

static char directory[512];
static char noise[NOISE_BYTES];
static uint64_t random_state = 1;
static volatile uint64_t bytes_read;

/* ------------------------------------------------------------------ tools --
 */

static _Noreturn void fail(const char *what, const char *why)
{
    fprintf(stderr, "table: %s: %s\n", what, why);
    exit(EXIT_FAILURE);
}

static void remove_files(const char *path)
{
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    char name[640];

    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        snprintf(name, sizeof name, "%s%s", path, suffixes[i]);
        unlink(name);
    }
}

static void path_of(int number, char *path, size_t path_bytes)
{
    snprintf(path, path_bytes, "%s/%d.db", directory, number);
}

static void remove_directory(void)
{
    char path[600];

    for (int i = 0; i < STORES; i++) {
        path_of(i, path, sizeof path);
        remove_files(path);
    }
    rmdir(directory);
}

static void make_directory(void)
{
    const char *parent = getenv("TMPDIR");

    snprintf(directory, sizeof directory, "%s/dynamo-table-XXXXXX",
             parent != NULL ? parent : "/tmp");
    if (mkdtemp(directory) == NULL) fail(directory, strerror(errno));
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

/* The rows' numbers, first ones in order, or all at random. */
static uint32_t *make_order(uint32_t rows, bool at_random)
{
    uint32_t *order = calloc(rows, sizeof *order);

    if (order == NULL) fail("calloc", strerror(errno));
    for (uint32_t i = 0; i < rows; i++)
        order[i] = i;
    for (uint32_t i = rows; at_random && i > 1; i--) {
        uint32_t other = random_below(i);
        uint32_t last = order[i - 1];

        order[i - 1] = order[other];
        order[other] = last;
    }
    return order;
}

/* ----------------------------------------------------------------- stores --
 */

static void execute(struct store *store, const char *sql)
{
    if (sqlite3_exec(store->db, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail(sql, sqlite3_errmsg(store->db));
}

static void load_extension(sqlite3 *db, const char *path)
{
    char *message = NULL;

    sqlite3_enable_load_extension(db, 1);
    if (sqlite3_load_extension(db, path, "sqlite3_dynamo_init", &message) !=
        SQLITE_OK)
        fail(path, message != NULL ? message : sqlite3_errmsg(db));
}

static void open_store(struct store *store, int number, const char *extension)
{
    *store = (struct store){.db = NULL};
    path_of(number, store->path, sizeof store->path);
    remove_files(store->path);
    if (sqlite3_open(store->path, &store->db) != SQLITE_OK)
        fail(store->path, sqlite3_errmsg(store->db));
    if (number == 0) load_extension(store->db, extension);
    execute(store, "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;");
    execute(store, tables[number].schema);
    for (int i = 0; i < STATEMENTS; i++) {
        if (sqlite3_prepare_v2(store->db, statements[i], -1,
                               &store->statements[i], NULL) != SQLITE_OK)
            fail(statements[i], sqlite3_errmsg(store->db));
    }
}

static void close_store(struct store *store)
{
    for (int i = 0; i < STATEMENTS; i++)
        sqlite3_finalize(store->statements[i]);
    if (sqlite3_close(store->db) != SQLITE_OK)
        fail("close", sqlite3_errmsg(store->db));
    remove_files(store->path);
}

static void open_stores(struct store stores[STORES], const char *extension)
{
    for (int i = 0; i < STORES; i++)
        open_store(&stores[i], i, extension);
}

static void close_stores(struct store stores[STORES])
{
    for (int i = 0; i < STORES; i++)
        close_store(&stores[i]);
}

static void bind_key(sqlite3_stmt *statement, uint32_t row)
{
    char pk[24];
    char sk[24];

    snprintf(pk, sizeof pk, "customer-%06" PRIu32, row / ITEMS_PER_PARTITION);
    snprintf(sk, sizeof sk, "order-%010" PRIu32, row % ITEMS_PER_PARTITION);
    sqlite3_bind_text(statement, 1, pk, -1, SQLITE_TRANSIENT);
    if (sqlite3_bind_parameter_count(statement) > 1)
        sqlite3_bind_text(statement, 2, sk, -1, SQLITE_TRANSIENT);
}

/* Put a row: ever different content, of up to 15 bytes less. */
static void write_row(struct store *store, enum statement which, uint32_t row,
                      int item_bytes)
{
    static const char *const states[] = {"new", "paid", "shipped", "returned"};
    sqlite3_stmt *statement = store->statements[which];
    int note_bytes = item_bytes - OTHER_BYTES - (int)random_below(16);
    uint32_t from = random_below(NOISE_BYTES - LARGEST_ITEM_BYTES);

    bind_key(statement, row);
    sqlite3_bind_int64(statement, 3, random_below(100000));
    sqlite3_bind_text(statement, 4, states[random_below(4)], -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, 5, noise + from, note_bytes, SQLITE_STATIC);
    if (sqlite3_step(statement) != SQLITE_DONE ||
        sqlite3_reset(statement) != SQLITE_OK)
        fail(sqlite3_sql(statement), sqlite3_errmsg(store->db));
}

static void read_rows(struct store *store, enum statement which, uint32_t row)
{
    sqlite3_stmt *statement = store->statements[which];
    int rows_expected = which == READ    ? 1
                        : which == QUERY ? ITEMS_PER_PARTITION
                                         : 3;
    int rows = 0;

    bind_key(statement, row);
    while (sqlite3_step(statement) == SQLITE_ROW) {
        for (int i = 0; i < sqlite3_column_count(statement); i++) {
            const unsigned char *text = sqlite3_column_text(statement, i);

            if (text == NULL) fail(sqlite3_sql(statement), "NULL");
            bytes_read += (uint64_t)sqlite3_column_bytes(statement, i);
        }
        rows++;
    }
    if (sqlite3_reset(statement) != SQLITE_OK || rows != rows_expected)
        fail(sqlite3_sql(statement), sqlite3_errmsg(store->db));
}

/* --------------------------------------------------------------- measures --
 */

static double time_batch(struct store *store, const uint32_t *order,
                         uint32_t rows, int item_bytes)
{
    double started = now_us();

    execute(store, "BEGIN");
    for (uint32_t i = 0; i < rows; i++)
        write_row(store, INSERT, order[i], item_bytes);
    execute(store, "COMMIT");
    return now_us() - started;
}

/* The stores take turns by transactions; µs per row. */
static void load(struct store stores[STORES], const uint32_t *order,
                 uint32_t rows, int item_bytes, double result[STORES])
{
    memset(result, 0, STORES * sizeof *result);
    for (uint32_t done = 0; done < rows; done += BATCH_ROWS) {
        uint32_t batch = rows - done < BATCH_ROWS ? rows - done : BATCH_ROWS;

        for (int i = 0; i < STORES; i++)
            result[i] +=
                time_batch(&stores[i], order + done, batch, item_bytes) / rows;
    }
}

static double time_reads(struct store *store, enum statement which,
                         uint32_t rows, uint32_t count)
{
    double started = now_us();

    execute(store, "BEGIN");
    for (uint32_t i = 0; i < count; i++)
        read_rows(store, which, random_below(rows));
    execute(store, "COMMIT");
    return (now_us() - started) / count;
}

static double time_overwrites(struct store *store, uint32_t rows,
                              uint32_t count, int item_bytes)
{
    double started = now_us();

    for (uint32_t i = 0; i < count; i++)
        write_row(store, OVERWRITE, random_below(rows), item_bytes);
    return (now_us() - started) / count;
}

static double time_operations(struct store *store, enum metric metric,
                              uint32_t rows, uint32_t count, int item_bytes)
{
    switch (metric) {
    case READ_US:
        return time_reads(store, READ, rows, count);
    case QUERY_US:
        return time_reads(store, QUERY, rows, count / 4);
    case NEWEST_US:
        return time_reads(store, NEWEST, rows, count / 4);
    default:
        return time_overwrites(store, rows, count / 4, item_bytes);
    }
}

/* Medians of rounds, in each of which every store has its turn. */
static void measure_operations(struct store stores[STORES], uint32_t rows,
                               int item_bytes, int rounds,
                               double result[METRICS][STORES])
{
    static const enum metric timed[] = {READ_US, QUERY_US, NEWEST_US,
                                        OVERWRITE_US};
    static double values[METRICS][STORES][MAX_ROUNDS];
    uint32_t count = item_bytes > 20000 ? 200 : 2000;

    for (int n = 0; n < rounds; n++) {
        for (size_t m = 0; m < sizeof timed / sizeof timed[0]; m++) {
            uint64_t seed = next_random();

            for (int i = 0; i < STORES; i++) {
                int at = (i + n) % STORES;

                random_state = seed;
                values[timed[m]][at][n] = time_operations(
                    &stores[at], timed[m], rows, count, item_bytes);
            }
        }
    }
    for (size_t m = 0; m < sizeof timed / sizeof timed[0]; m++) {
        for (int i = 0; i < STORES; i++)
            result[timed[m]][i] = median(values[timed[m]][i], rounds);
    }
}

static double file_bytes(struct store *store)
{
    struct stat status;

    execute(store, "PRAGMA wal_checkpoint(TRUNCATE)");
    if (stat(store->path, &status) != 0) fail(store->path, strerror(errno));
    return (double)status.st_size;
}

static void print_metric(const char *subject, enum metric metric,
                         const double values[STORES])
{
    double better = values[1] < values[2] ? values[1] : values[2];

    printf("| %s | %s |", subject, metrics[metric].name);
    for (int i = 0; i < STORES; i++)
        printf(" %.1f |", values[i]);
    printf(" %.2f |", values[0] / better);
    if (metrics[metric].limit > 0)
        printf(" %.1f%s |\n", metrics[metric].limit,
               values[0] / better > metrics[metric].limit ? " **over**" : "");
    else
        printf(" |\n");
    fflush(stdout);
}

static void print_head(const char *subject)
{
    printf("| %s | |", subject);
    for (int i = 0; i < STORES; i++)
        printf(" %s |", tables[i].name);
    printf(" ratio | limit |\n|--:|---|--:|--:|--:|--:|--:|\n");
}

static uint32_t rows_for(const struct options *options, int item_bytes)
{
    uint32_t rows = 60000000 / (uint32_t)item_bytes;

    if (options->rows != 0) return options->rows;
    if (rows > 300000) rows = 300000;
    if (options->quick) rows /= 3;
    return rows - rows % ITEMS_PER_PARTITION;
}

/* The operations are measured in the tables that were loaded at random. */
static void measure_size(const struct options *options, int item_bytes)
{
    struct store stores[STORES];
    double result[METRICS][STORES];
    uint32_t rows = rows_for(options, item_bytes);
    uint32_t *order = make_order(rows, false);
    char subject[64];

    open_stores(stores, options->extension);
    load(stores, order, rows, item_bytes, result[LOAD_ORDERED_US]);
    close_stores(stores);
    free(order);

    order = make_order(rows, true);
    open_stores(stores, options->extension);
    load(stores, order, rows, item_bytes, result[LOAD_RANDOM_US]);
    for (int i = 0; i < STORES; i++)
        result[BYTES_PER_ROW][i] = file_bytes(&stores[i]) / rows;
    measure_operations(stores, rows, item_bytes, options->rounds, result);
    close_stores(stores);
    free(order);
    snprintf(subject, sizeof subject, "%d x %" PRIu32, item_bytes, rows);
    for (enum metric i = 0; i < METRICS; i++)
        print_metric(subject, i, result[i]);
}

/* Keys in order, so that the partitions are whole at every size. */
static void measure_growth(const struct options *options)
{
    static const uint32_t usual[] = {10000, 100000, 1000000, 3000000};
    uint32_t most = options->rows != 0 ? options->rows : 3000000;
    uint32_t *order = make_order(most, false);
    struct store stores[STORES];
    double result[METRICS][STORES];
    uint32_t rows = 0;
    char subject[32];

    open_stores(stores, options->extension);
    for (size_t n = 0; n < sizeof usual / sizeof usual[0]; n++) {
        if (usual[n] > most) break;
        load(stores, order + rows, usual[n] - rows, USUAL_ITEM_BYTES,
             result[LOAD_ORDERED_US]);
        rows = usual[n];
        measure_operations(stores, rows, USUAL_ITEM_BYTES, options->rounds,
                           result);
        snprintf(subject, sizeof subject, "%" PRIu32, rows);
        for (enum metric i = 0; i < METRICS; i++) {
            if (i != LOAD_RANDOM_US && i != BYTES_PER_ROW)
                print_metric(subject, i, result[i]);
        }
    }
    close_stores(stores);
    free(order);
}

/* ----------------------------------------------------------------- memory --
 */

/* The process' peak of resident memory; resetting it is Linux' own. */
static long peak_kb(void)
{
    char line[128];
    long kb = -1;
    FILE *file = fopen("/proc/self/status", "r");

    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, "VmHWM:", 6) == 0) kb = strtol(line + 6, NULL, 10);
    }
    if (file != NULL) fclose(file);
    return kb;
}

static void reset_peaks(void)
{
    FILE *file = fopen("/proc/self/clear_refs", "w");

    if (file != NULL) {
        fputs("5", file);
        fclose(file);
    }
    sqlite3_memory_highwater(1);
}

static void print_peaks(const char *subject, const char *table,
                        sqlite3_int64 before)
{
    printf("| %s | %s | %lld | %lld | %ld |\n", subject, table,
           (long long)before / 1024,
           (long long)sqlite3_memory_highwater(0) / 1024, peak_kb());
    fflush(stdout);
}

static void measure_memory(const struct options *options)
{
    static const uint32_t sizes[] = {20000, 200000};
    uint32_t *order = make_order(sizes[1], false);
    char subject[64];

    printf("| | table | SQLite before, KB | peak, KB | VmHWM, KB |\n"
           "|---|---|--:|--:|--:|\n");
    for (int i = 0; i < STORES; i++) {
        struct store store;
        uint32_t rows = 0;

        open_store(&store, i, options->extension);
        for (size_t n = 0; n < sizeof sizes / sizeof sizes[0]; n++) {
            time_batch(&store, order + rows, sizes[n] - rows, USUAL_ITEM_BYTES);
            rows = sizes[n];
            reset_peaks();
            sqlite3_int64 before = sqlite3_memory_used();
            execute(&store, i == 0 ? "SELECT count(*) FROM t('scan')"
                                   : "SELECT count(*) FROM t");
            snprintf(subject, sizeof subject, "count(*) of %" PRIu32, rows);
            print_peaks(subject, tables[i].name, before);
        }
        reset_peaks();
        sqlite3_int64 before = sqlite3_memory_used();
        write_row(&store, INSERT, rows, LARGEST_ITEM_BYTES);
        print_peaks("insert of 400 KB", tables[i].name, before);
        close_store(&store);
    }
    free(order);
}

/* ------------------------------------------------------------------- main --
 */

static int number_in(const char *argument, const char *text, int least,
                     int most)
{
    char *end;
    long number = strtol(text, &end, 10);

    if (end == text || *end != '\0' || number < least || number > most)
        fail(argument, "number out of range");
    return (int)number;
}

static void read_option(const char *argument, struct options *options)
{
    if (strcmp(argument, "quick") == 0) {
        options->quick = true;
        options->rounds = 5;
    } else if (strcmp(argument, "growth") == 0) {
        options->growth = true;
    } else if (strcmp(argument, "memory") == 0) {
        options->memory = true;
    } else if (strncmp(argument, "rows=", 5) == 0) {
        options->rows =
            (uint32_t)number_in(argument, argument + 5, 100, 100000000) /
            ITEMS_PER_PARTITION * ITEMS_PER_PARTITION;
    } else if (strncmp(argument, "rounds=", 7) == 0) {
        options->rounds = number_in(argument, argument + 7, 1, MAX_ROUNDS);
    } else if (strncmp(argument, "size=", 5) == 0) {
        if (options->size_count == MAX_SIZES) fail(argument, "too many");
        options->sizes[options->size_count++] =
            number_in(argument, argument + 5, 100, LARGEST_ITEM_BYTES);
    } else {
        fail(argument, "unknown argument; see the head of table.c");
    }
}

int main(int argc, char **argv)
{
    struct options options = {.rounds = 15};

    if (argc < 2) fail("usage", "table EXTENSION [quick | growth | memory]");
    options.extension = argv[1];
    for (int i = 2; i < argc; i++)
        read_option(argv[i], &options);
    if (options.size_count == 0)
        options.sizes[options.size_count++] = USUAL_ITEM_BYTES;
    make_directory();
    for (size_t i = 0; i < sizeof noise; i++)
        noise[i] = (char)('a' + random_below(26));

    if (options.memory) {
        measure_memory(&options);
        return EXIT_SUCCESS;
    }
    printf("SQLite %s, medians of %d rounds\n\n", sqlite3_libversion(),
           options.rounds);
    print_head(options.growth ? "items" : "bytes x items");
    if (options.growth) {
        measure_growth(&options);
        return EXIT_SUCCESS;
    }
    for (int i = 0; i < options.size_count; i++)
        measure_size(&options, options.sizes[i]);
    return EXIT_SUCCESS;
}
