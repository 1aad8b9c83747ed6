/*
 * Times dynamo tables beside ordinary tables with the same rows. Prints a
 * markdown table; the ratio is to the better of two ordinary tables, WITHOUT
 * ROWID and with a rowid, both with PRIMARY KEY(pk, sk).
 *
 *   table EXTENSION [rows=N] [rounds=N] [size=BYTES]... [scattered] [batch=N]
 *   table EXTENSION growth [rows=N]
 *   table EXTENSION memory
 *   table EXTENSION only=NUMBER store=NUMBER [rows=N] [size=BYTES]
 *
 * Without a size, items are of 200 bytes. "scattered" numbers the partition
 * keys so that those which follow upon each other lie far apart in every table,
 * as they do where they are hashed. "batch" is how many rows a transaction
 * loads, and cache=BYTES in any form is dynamo_cache_bytes(). "growth"
 * measures while the tables grow to rows=N, "memory" the peaks of a large item
 * and of full scans. "only" runs one operation in one table, without a clock,
 * for a profiler that counts what happens in measured(): callgrind with
 * --toggle-collect=measured.
 *
 * Each kind of table has a file and a connection of its own: WAL,
 * synchronous=NORMAL, SQLite's cache size. What is compared is measured in
 * turns, round by round.
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
    GROUP_ROWS = 10, /* of one partition key, and of one index key */
    HOT_ROWS = 1000,
    USUAL_ITEM_BYTES = 200,
    LARGEST_ITEM_BYTES = 400000,
    OTHER_BYTES = 60, /* of an item: keys, names, amount and status */
    NOISE_BYTES = LARGEST_ITEM_BYTES + 65536,
    MAX_ROUNDS = 101,
    MAX_SIZES = 8,
};

enum { DYNAMO, WITHOUT_ROWID, ROWID, STORES };

/* t, and i with two indexes. */
enum table { T, I, TABLES };

static const char *const names[STORES] = {"dynamo", "without rowid", "rowid"};

static const char *const schemas[STORES] = {
    "CREATE VIRTUAL TABLE t USING dynamo(pk TEXT PARTITION KEY,"
    " sk TEXT SORT KEY, amount NUMBER, status TEXT, note TEXT);"
    "CREATE VIRTUAL TABLE i USING dynamo(pk TEXT PARTITION KEY,"
    " sk TEXT SORT KEY, status TEXT, customer TEXT, note TEXT,"
    " GLOBAL INDEX by_status (status, sk) PROJECT KEYS,"
    " GLOBAL INDEX by_customer (customer, sk) PROJECT KEYS)",
    "CREATE TABLE t(pk TEXT, sk TEXT, amount NUMBER, status TEXT, note TEXT,"
    " PRIMARY KEY(pk, sk)) WITHOUT ROWID;"
    "CREATE TABLE i(pk TEXT, sk TEXT, status TEXT, customer TEXT, note TEXT,"
    " PRIMARY KEY(pk, sk)) WITHOUT ROWID;"
    "CREATE INDEX by_status ON i(status, sk);"
    "CREATE INDEX by_customer ON i(customer, sk)",
    "CREATE TABLE t(pk TEXT, sk TEXT, amount NUMBER, status TEXT, note TEXT,"
    " PRIMARY KEY(pk, sk));"
    "CREATE TABLE i(pk TEXT, sk TEXT, status TEXT, customer TEXT, note TEXT,"
    " PRIMARY KEY(pk, sk));"
    "CREATE INDEX by_status ON i(status, sk, pk);"
    "CREATE INDEX by_customer ON i(customer, sk, pk)",
};

enum which { ANY, HOT, NEW }; /* row of those that there are */

/* Parameters: ?1 pk, ?2 sk, ?3 amount, ?4 status, ?5 note, ?6 customer, ?7 the
 * sk of the fourth row behind. */
enum operation {
    READ,
    READ_HOT,
    READ_ALONE,
    QUERY,
    NEWEST,
    RANGE,
    UPDATE,
    OVERWRITE_ALONE,
    LOAD_RANDOM,
    LOAD_ORDERED,
    INDEX_QUERY,
    INDEX_PUT,
    OPERATIONS
};

/* alone: each in a transaction of its own. A limit of 0: there is none. */
static const struct {
    const char *name;
    double limit;
    const char *sql;
    enum which which;
    bool alone;
    int rows; /* returned */
    uint32_t divisor;
} operations[OPERATIONS] = {
    [READ] = {"point read", 1.0,
              "SELECT amount, status, note FROM t WHERE pk = ?1 AND sk = ?2",
              ANY, false, 1, 1},
    [READ_HOT] = {"point read, of 1,000 hot items", 0.9,
                  "SELECT amount, status, note FROM t"
                  " WHERE pk = ?1 AND sk = ?2",
                  HOT, false, 1, 1},
    [READ_ALONE] = {"point read, autocommit", 1.1,
                    "SELECT amount, status, note FROM t"
                    " WHERE pk = ?1 AND sk = ?2",
                    ANY, true, 1, 1},
    [QUERY] = {"query of ten", 0.8,
               "SELECT sk, amount, status, note FROM t WHERE pk = ?1"
               " ORDER BY sk",
               ANY, false, GROUP_ROWS, 4},
    [NEWEST] = {"newest three of ten", 1.0,
                "SELECT sk, amount, status, note FROM t WHERE pk = ?1"
                " ORDER BY sk DESC LIMIT 3",
                ANY, false, 3, 4},
    [RANGE] = {"range of five", 1.0,
               "SELECT sk, amount, status, note FROM t"
               " WHERE pk = ?1 AND sk BETWEEN ?2 AND ?7",
               ANY, false, 5, 4},
    [UPDATE] = {"update in a transaction", 1.2,
                "UPDATE t SET amount = amount + 1 WHERE pk = ?1 AND sk = ?2",
                ANY, false, 0, 1},
    [OVERWRITE_ALONE] = {"overwrite, a commit each", 0.8,
                         "INSERT OR REPLACE INTO t(pk, sk, amount, status,"
                         " note) VALUES(?1, ?2, ?3, ?4, ?5)",
                         ANY, true, 0, 4},
    [LOAD_RANDOM] = {"load, keys at random", 1.0,
                     "INSERT INTO t(pk, sk, amount, status, note)"
                     " VALUES(?1, ?2, ?3, ?4, ?5)",
                     NEW, false, 0, 1},
    [LOAD_ORDERED] = {"load, keys in order", 1.5,
                      "INSERT INTO t(pk, sk, amount, status, note)"
                      " VALUES(?1, ?2, ?3, ?4, ?5)",
                      NEW, false, 0, 1},
    [INDEX_QUERY] = {"index query of ten", 1.2,
                     "SELECT pk, sk FROM i WHERE status = ?4 ORDER BY sk", ANY,
                     false, GROUP_ROWS, 4},
    [INDEX_PUT] = {"put with two global indexes", 1.0,
                   "INSERT INTO i(pk, sk, status, customer, note)"
                   " VALUES(?1, ?2, ?4, ?6, ?5)",
                   NEW, false, 0, 1},
};

#define BYTES_NAME "bytes of the file"

struct options {
    const char *extension;
    bool growth;
    bool memory;
    int only; /* an operation; -1: all of them */
    int store;
    int cache_bytes; /* of dynamo; -1: its usual ones */
    uint32_t rows;   /* 0: by size */
    int rounds;
    int sizes[MAX_SIZES];
    int size_count;
};

struct store {
    char path[600];
    sqlite3 *db;
    sqlite3_stmt *statements[OPERATIONS];
};

/* What the tables are filled with. */
struct data {
    uint32_t rows[TABLES]; /* that there are */
    int item_bytes;
};

static char directory[512];
static char noise[NOISE_BYTES];
static uint64_t random_state = 1;
static uint32_t key_factor = 1;     /* of the numbers of partition keys; odd */
static uint32_t batch_rows = 10000; /* of a transaction that loads */
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

static void load_dynamo(struct store *store, const struct options *options)
{
    char sql[64];

    load_extension(store->db, options->extension);
    if (options->cache_bytes < 0) return;
    snprintf(sql, sizeof sql, "SELECT dynamo_cache_bytes(%d)",
             options->cache_bytes);
    execute(store, sql);
}

static void open_store(struct store *store, int number,
                       const struct options *options)
{
    *store = (struct store){.db = NULL};
    path_of(number, store->path, sizeof store->path);
    remove_files(store->path);
    if (sqlite3_open(store->path, &store->db) != SQLITE_OK)
        fail(store->path, sqlite3_errmsg(store->db));
    if (number == DYNAMO) load_dynamo(store, options);
    execute(store, "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;");
    execute(store, schemas[number]);
    for (int i = 0; i < OPERATIONS; i++) {
        if (sqlite3_prepare_v2(store->db, operations[i].sql, -1,
                               &store->statements[i], NULL) != SQLITE_OK)
            fail(operations[i].sql, sqlite3_errmsg(store->db));
    }
}

static void close_store(struct store *store)
{
    for (int i = 0; i < OPERATIONS; i++)
        sqlite3_finalize(store->statements[i]);
    if (sqlite3_close(store->db) != SQLITE_OK)
        fail("close", sqlite3_errmsg(store->db));
    remove_files(store->path);
}

static void open_stores(struct store stores[STORES],
                        const struct options *options)
{
    for (int i = 0; i < STORES; i++)
        open_store(&stores[i], i, options);
}

static void close_stores(struct store stores[STORES])
{
    for (int i = 0; i < STORES; i++)
        close_store(&stores[i]);
}

static void bind_text(sqlite3_stmt *statement, int position, const char *format,
                      uint32_t number)
{
    char text[32];
    int size = snprintf(text, sizeof text, format, number);

    if (position <= sqlite3_bind_parameter_count(statement))
        sqlite3_bind_text(statement, position, text, size, SQLITE_TRANSIENT);
}

/* The rows of the tables are numbered. Those of a partition key follow upon
 * each other; those of an index key are far from each other. */
static void bind_row(sqlite3_stmt *statement, uint32_t row,
                     const struct data *data, enum operation operation)
{
    uint32_t groups = data->rows[I] / GROUP_ROWS;
    uint32_t in_group = row % GROUP_ROWS;

    if (operation == RANGE) in_group /= 2;
    bind_text(statement, 1, "customer-%06" PRIu32,
              row / GROUP_ROWS * key_factor);
    bind_text(statement, 2, "order-%010" PRIu32, in_group);
    if (operations[operation].sql[0] == 'I' || operation == INDEX_QUERY) {
        sqlite3_bind_int64(statement, 3, random_below(100000));
        bind_text(statement, 4, "status-%06" PRIu32,
                  groups == 0 ? 0 : row % groups);
    }
    if (operations[operation].sql[0] == 'I') {
        int note_bytes = data->item_bytes - OTHER_BYTES - (int)random_below(16);
        uint32_t from = random_below(NOISE_BYTES - LARGEST_ITEM_BYTES);

        sqlite3_bind_text(statement, 5, noise + from, note_bytes,
                          SQLITE_STATIC);
        bind_text(statement, 6, "driver-%06" PRIu32,
                  groups == 0 ? 0 : row / 3 % groups);
    }
    bind_text(statement, 7, "order-%010" PRIu32, in_group + 4);
}

static void run_statement(struct store *store, enum operation operation)
{
    sqlite3_stmt *statement = store->statements[operation];
    int columns = sqlite3_column_count(statement);
    int rows = 0;

    while (sqlite3_step(statement) == SQLITE_ROW) {
        for (int i = 0; i < columns; i++) {
            const unsigned char *text = sqlite3_column_text(statement, i);

            if (text == NULL) fail(sqlite3_sql(statement), "NULL");
            bytes_read += (uint64_t)sqlite3_column_bytes(statement, i);
        }
        rows++;
    }
    if (sqlite3_reset(statement) != SQLITE_OK)
        fail(sqlite3_sql(statement), sqlite3_errmsg(store->db));
    if (rows != operations[operation].rows)
        fail(sqlite3_sql(statement), "not as many rows as there should be");
}

/* --------------------------------------------------------------- measures --
 */

static enum table table_of(enum operation operation)
{
    return operation == INDEX_QUERY || operation == INDEX_PUT ? I : T;
}

static uint32_t choose(const struct data *data, enum operation operation)
{
    uint32_t rows = data->rows[table_of(operation)];
    uint32_t hot = rows / HOT_ROWS == 0 ? 1 : rows / HOT_ROWS;

    return operations[operation].which == HOT ? random_below(rows / hot) * hot
                                              : random_below(rows);
}

/* Run an operation on some rows; those of order, if it is given. */
static void run_rows(struct store *store, enum operation operation,
                     const struct data *data, const uint32_t *order,
                     uint32_t count)
{
    bool alone = operations[operation].alone;

    if (!alone) execute(store, "BEGIN");
    for (uint32_t i = 0; i < count; i++) {
        uint32_t row = order != NULL ? order[i] : choose(data, operation);

        bind_row(store->statements[operation], row, data, operation);
        run_statement(store, operation);
    }
    if (!alone) execute(store, "COMMIT");
}

/* What a profiler counts. */
__attribute__((noinline)) static void
measured(struct store *store, enum operation operation, const struct data *data,
         const uint32_t *order, uint32_t count)
{
    run_rows(store, operation, data, order, count);
    bytes_read++; /* no tail call */
}

static double time_of(struct store *store, enum operation operation,
                      const struct data *data, const uint32_t *order,
                      uint32_t count)
{
    double started = now_us();

    run_rows(store, operation, data, order, count);
    return (now_us() - started) / count;
}

/* Put rows, the stores in turns by transactions of batch_max; µs per row. */
static void load(struct store stores[STORES], enum operation operation,
                 struct data *data, const uint32_t *order, uint32_t rows,
                 uint32_t batch_max, double result[STORES])
{
    enum table table = table_of(operation);

    memset(result, 0, STORES * sizeof *result);
    data->rows[table] += rows;
    for (uint32_t done = 0; done < rows; done += batch_max) {
        uint32_t batch = rows - done < batch_max ? rows - done : batch_max;
        uint64_t seed = next_random();

        for (int i = 0; i < STORES; i++) {
            random_state = seed;
            if (stores[i].db == NULL) continue;
            result[i] +=
                time_of(&stores[i], operation, data, order + done, batch) *
                batch / rows;
        }
    }
}

/* Fewer where they take long; the entries of an index are always short. */
static uint32_t count_of(enum operation operation, int item_bytes)
{
    bool is_long = item_bytes > 20000 && operation != INDEX_QUERY;

    return (is_long ? 200u : 2000u) / operations[operation].divisor;
}

/* Medians of rounds, in each of which every store has its turn. */
static void measure(struct store stores[STORES], enum operation operation,
                    const struct data *data, int rounds, double result[STORES])
{
    static double values[STORES][MAX_ROUNDS];
    uint32_t count = count_of(operation, data->item_bytes);

    for (int n = -1; n < rounds; n++) {
        uint64_t seed = next_random();

        for (int i = 0; i < STORES; i++) {
            int at = (i + n + 1) % STORES;

            random_state = seed;
            double took = time_of(&stores[at], operation, data, NULL, count);
            if (n >= 0) values[at][n] = took; /* the first warms up */
        }
    }
    for (int i = 0; i < STORES; i++)
        result[i] = median(values[i], rounds);
}

static double file_bytes(struct store *store)
{
    struct stat status;

    execute(store, "PRAGMA wal_checkpoint(TRUNCATE)");
    if (stat(store->path, &status) != 0) fail(store->path, strerror(errno));
    return (double)status.st_size;
}

static void print_row(const char *subject, const char *name, double limit,
                      const double values[STORES])
{
    double better = values[1] < values[2] ? values[1] : values[2];

    printf("| %s | %s |", subject, name);
    for (int i = 0; i < STORES; i++)
        printf(" %.1f |", values[i]);
    printf(" %.2f |", values[0] / better);
    if (limit > 0)
        printf(" %.1f%s |\n", limit,
               values[0] / better > limit ? " **over**" : "");
    else
        printf(" |\n");
    fflush(stdout);
}

static void print_operation(const char *subject, enum operation operation,
                            const double values[STORES])
{
    print_row(subject, operations[operation].name, operations[operation].limit,
              values);
}

static void print_head(const char *subject)
{
    printf("| %s | µs |", subject);
    for (int i = 0; i < STORES; i++)
        printf(" %s |", names[i]);
    printf(" ratio | limit |\n|--:|---|--:|--:|--:|--:|--:|\n");
}

static uint32_t rows_for(const struct options *options, int item_bytes)
{
    uint32_t rows = 60000000 / (uint32_t)item_bytes;

    if (options->rows != 0) return options->rows;
    return rows > 300000 ? 300000 : rows - rows % GROUP_ROWS;
}

static void measure_all(struct store stores[STORES], const char *subject,
                        const struct data *data, int rounds)
{
    double result[STORES];

    for (enum operation i = 0; i < LOAD_RANDOM; i++) {
        measure(stores, i, data, rounds, result);
        print_operation(subject, i, result);
    }
}

/* A load of new tables, by transactions of so many rows. */
static void measure_load(const struct options *options, const char *subject,
                         int item_bytes, enum operation operation,
                         uint32_t batch)
{
    struct store stores[STORES];
    struct data data = {.item_bytes = item_bytes};
    double result[STORES];
    char name[64];
    uint32_t rows = rows_for(options, item_bytes);
    uint32_t *order = make_order(rows, operation == LOAD_RANDOM);

    open_stores(stores, options);
    load(stores, operation, &data, order, rows, batch, result);
    snprintf(name, sizeof name, "%s%s", operations[operation].name,
             batch == batch_rows ? "" : ", at one go");
    print_row(subject, name, operations[operation].limit, result);
    close_stores(stores);
    free(order);
}

/* The operations are measured in the tables that were loaded at random. */
static void measure_size(const struct options *options, int item_bytes)
{
    struct store stores[STORES];
    struct data data = {.item_bytes = item_bytes};
    double result[STORES];
    uint32_t rows = rows_for(options, item_bytes);
    uint32_t *order = make_order(rows, true);
    char subject[64];

    snprintf(subject, sizeof subject, "%d x %" PRIu32, item_bytes, rows);
    if (batch_rows < rows) {
        measure_load(options, subject, item_bytes, LOAD_ORDERED, rows);
        measure_load(options, subject, item_bytes, LOAD_RANDOM, rows);
    }
    measure_load(options, subject, item_bytes, LOAD_ORDERED, batch_rows);
    open_stores(stores, options);
    load(stores, LOAD_RANDOM, &data, order, rows, batch_rows, result);
    print_operation(subject, LOAD_RANDOM, result);
    for (int i = 0; i < STORES; i++)
        result[i] = file_bytes(&stores[i]) / rows;
    print_row(subject, BYTES_NAME, 1.1, result);
    measure_all(stores, subject, &data, options->rounds);
    load(stores, INDEX_PUT, &data, order, rows, batch_rows, result);
    print_operation(subject, INDEX_PUT, result);
    measure(stores, INDEX_QUERY, &data, options->rounds, result);
    print_operation(subject, INDEX_QUERY, result);
    close_stores(stores);
    free(order);
}

/* Keys in order, so that the partitions are whole at every size. */
static void measure_growth(const struct options *options)
{
    static const uint32_t usual[] = {10000, 100000, 1000000, 10000000};
    uint32_t most = options->rows != 0 ? options->rows : 3000000;
    uint32_t *order = make_order(most, false);
    struct store stores[STORES];
    struct data data = {.item_bytes = USUAL_ITEM_BYTES};
    double result[STORES];
    char subject[32];

    open_stores(stores, options);
    for (size_t n = 0; n < sizeof usual / sizeof usual[0]; n++) {
        uint32_t before = data.rows[T];

        if (usual[n] > most) break;
        load(stores, LOAD_ORDERED, &data, order + before, usual[n] - before,
             batch_rows, result);
        snprintf(subject, sizeof subject, "%" PRIu32, usual[n]);
        print_operation(subject, LOAD_ORDERED, result);
        measure_all(stores, subject, &data, options->rounds);
    }
    close_stores(stores);
    free(order);
}

/* One operation in one store, after what it needs. */
static void run_only(const struct options *options)
{
    struct store stores[STORES] = {{.db = NULL}};
    struct data data = {.item_bytes = options->sizes[0]};
    double result[STORES];
    enum operation operation = (enum operation)options->only;
    uint32_t rows = rows_for(options, data.item_bytes);
    uint32_t *order = make_order(rows, operation != LOAD_ORDERED);
    struct store *store = &stores[options->store];

    open_store(store, options->store, options);
    if (operations[operation].which == NEW) {
        data.rows[table_of(operation)] = rows;
        measured(store, operation, &data, order, rows);
    } else {
        load(stores, table_of(operation) == T ? LOAD_RANDOM : INDEX_PUT, &data,
             order, rows, batch_rows, result);
        run_rows(store, operation, &data, NULL, 2000);
        measured(store, operation, &data, NULL, 2000);
    }
    close_store(store);
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
    const struct data data = {.item_bytes = USUAL_ITEM_BYTES};
    const struct data large = {.item_bytes = LARGEST_ITEM_BYTES};
    char subject[64];

    printf("| | table | SQLite before, KB | peak, KB | VmHWM, KB |\n"
           "|---|---|--:|--:|--:|\n");
    for (int i = 0; i < STORES; i++) {
        struct store store;
        uint32_t rows = 0;

        open_store(&store, i, options);
        for (size_t n = 0; n < sizeof sizes / sizeof sizes[0]; n++) {
            run_rows(&store, LOAD_ORDERED, &data, order + rows,
                     sizes[n] - rows);
            rows = sizes[n];
            reset_peaks();
            sqlite3_int64 before = sqlite3_memory_used();
            execute(&store, i == 0 ? "SELECT count(*) FROM t('scan')"
                                   : "SELECT count(*) FROM t");
            snprintf(subject, sizeof subject, "count(*) of %" PRIu32, rows);
            print_peaks(subject, names[i], before);
        }
        reset_peaks();
        sqlite3_int64 before = sqlite3_memory_used();
        run_rows(&store, LOAD_ORDERED, &large, &rows, 1);
        print_peaks("insert of 400 KB", names[i], before);
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

/* Whether an argument is a name and a number. */
static bool is_number(const char *argument, const char *name, int least,
                      int most, int *out)
{
    size_t size = strlen(name);

    if (strncmp(argument, name, size) != 0) return false;
    *out = number_in(argument, argument + size, least, most);
    return true;
}

static void read_option(const char *argument, struct options *options)
{
    int number = 0;

    if (strcmp(argument, "growth") == 0) {
        options->growth = true;
    } else if (strcmp(argument, "scattered") == 0) {
        key_factor = 2654435761u; /* the golden ratio of 2^32 */
    } else if (strcmp(argument, "memory") == 0) {
        options->memory = true;
    } else if (is_number(argument, "rows=", 100, 100000000, &number)) {
        options->rows = (uint32_t)number / GROUP_ROWS * GROUP_ROWS;
    } else if (is_number(argument, "batch=", 1, INT32_MAX, &number)) {
        batch_rows = (uint32_t)number;
    } else if (is_number(argument, "rounds=", 1, MAX_ROUNDS, &number)) {
        options->rounds = number;
    } else if (is_number(argument, "only=", 0, OPERATIONS - 1, &number)) {
        options->only = number;
    } else if (is_number(argument, "cache=", 0, INT32_MAX, &number)) {
        options->cache_bytes = number;
    } else if (is_number(argument, "store=", 0, STORES - 1, &number)) {
        options->store = number;
    } else if (is_number(argument, "size=", 100, LARGEST_ITEM_BYTES, &number)) {
        if (options->size_count == MAX_SIZES) fail(argument, "too many");
        options->sizes[options->size_count++] = number;
    } else {
        fail(argument, "unknown argument; see the head of table.c");
    }
}

int main(int argc, char **argv)
{
    struct options options = {.rounds = 5, .only = -1, .cache_bytes = -1};

    if (argc < 2) fail("usage", "table EXTENSION [growth | memory]");
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
    if (options.only >= 0) {
        run_only(&options);
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
