/*
 * The floor for a virtual table with leaves: the module of dynamo's name, for
 * table.c. A query reads one page by its number, as a leaf would be, and
 * answers from memory; a put writes nothing but a page for every 16 rows, at
 * the end. What is left is what SQLite costs: its interface of virtual tables,
 * and the pages. With -DNO_PAGES there are none.
 *
 *   cc -std=c11 -O2 -shared -fPIC floor.c -o floor.so && ./table ./floor.so
 */
#include <sqlite3ext.h>
SQLITE_EXTENSION_INIT1
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { SORT_COLUMN = 1, NOTE_COLUMN = 4 };

enum {
    GROUP_ROWS = 10,
    RANGE_ROWS = 5,
    NOTE_BYTES = 132,
    PAGE_ROWS = 16,
    PAGE_BYTES = 4050, /* in a page of 4096, without overflow */
};

enum plan { KEY = 1, SORT = 2, LOW = 4 }; /* bits of idxNum */

typedef struct floor_table {
    sqlite3_vtab base;
    sqlite3 *db;
    sqlite3_stmt *get; /* a page by its number */
    sqlite3_stmt *put;
    int64_t pages;
    int64_t rows;      /* that have no page yet */
    int amount_column; /* -1: none */
    int group_column;  /* another one than 0: of the index */
} floor_table;

typedef struct floor_cursor {
    sqlite3_vtab_cursor base;
    char key[32]; /* as it was asked for, and shown for all texts */
    int row;
    int count;
} floor_cursor;

static char page[PAGE_BYTES];
static volatile unsigned bytes_read;
static char note[NOTE_BYTES + 1];

/* ---------------------------------------------------------------- pages -- */

#ifndef NO_PAGES
static int prepare(sqlite3 *db, const char *sql, const char *table,
                   sqlite3_stmt **out)
{
    char *text = sqlite3_mprintf(sql, table);
    int rc =
        sqlite3_prepare_v3(db, text, -1, SQLITE_PREPARE_PERSISTENT, out, NULL);
    sqlite3_free(text);
    return rc;
}

static int open_pages(sqlite3 *db, const char *name, floor_table *table)
{
    char *sql = sqlite3_mprintf(
        "CREATE TABLE %s_pages(id INTEGER PRIMARY KEY, data)", name);
    int rc = sqlite3_exec(db, sql, NULL, NULL, NULL);
    sqlite3_free(sql);
    if (rc == SQLITE_OK)
        rc = prepare(db, "SELECT data FROM %s_pages WHERE id = ?1", name,
                     &table->get);
    if (rc == SQLITE_OK)
        rc = prepare(db, "INSERT OR REPLACE INTO %s_pages VALUES(?1, ?2)", name,
                     &table->put);
    return rc;
}

/* The page in which a key would be. */
static int64_t page_of(const floor_table *table, const char *key)
{
    uint64_t hash = 14695981039346656037u; /* FNV-1a */
    for (; *key != 0; key++)
        hash = (hash ^ (unsigned char)*key) * 1099511628211u;
    return table->pages == 0 ? 1 : (int64_t)(hash % (uint64_t)table->pages) + 1;
}

static int read_page(const floor_table *table, const char *key)
{
    sqlite3_bind_int64(table->get, 1, page_of(table, key));
    if (sqlite3_step(table->get) == SQLITE_ROW) {
        const unsigned char *data = sqlite3_column_blob(table->get, 0);
        bytes_read += data[sqlite3_column_bytes(table->get, 0) - 1];
    }
    return sqlite3_reset(table->get);
}

static int write_page(const floor_table *table, int64_t id)
{
    sqlite3_bind_int64(table->put, 1, id);
    sqlite3_bind_blob(table->put, 2, page, sizeof(page), SQLITE_STATIC);
    sqlite3_step(table->put);
    return sqlite3_reset(table->put);
}

static int write_row(floor_table *table, const char *key, bool is_new)
{
    if (!is_new) {
        int rc = read_page(table, key);
        return rc == SQLITE_OK ? write_page(table, page_of(table, key)) : rc;
    }
    if (++table->rows % PAGE_ROWS != 0) return SQLITE_OK;
    return write_page(table, ++table->pages);
}
#else
static int open_pages(sqlite3 *db, const char *name, floor_table *table)
{
    (void)db, (void)name, (void)table;
    return SQLITE_OK;
}

static int read_page(const floor_table *table, const char *key)
{
    (void)table, (void)key;
    return SQLITE_OK;
}

static int write_row(floor_table *table, const char *key, bool is_new)
{
    (void)table, (void)key, (void)is_new;
    return SQLITE_OK;
}
#endif

/* --------------------------------------------------------------- module -- */

static int floor_open_table(sqlite3 *db, void *aux, int argc,
                            const char *const *argv, sqlite3_vtab **out,
                            char **message)
{
    (void)aux, (void)argc, (void)message;
    static const floor_table t = {.amount_column = 2};
    static const floor_table i = {.amount_column = -1, .group_column = 2};
    bool is_i = strcmp(argv[2], "i") == 0;
    floor_table *made = sqlite3_malloc(sizeof(*made));
    if (made == NULL) return SQLITE_NOMEM;
    *made = is_i ? i : t;
    made->db = db;
    *out = &made->base;
    int rc = open_pages(db, argv[2], made);
    if (rc != SQLITE_OK) return rc;
    return sqlite3_declare_vtab(
        db, is_i ? "CREATE TABLE x(pk TEXT, sk TEXT, status TEXT, customer "
                   "TEXT, note TEXT, key HIDDEN PRIMARY KEY) WITHOUT ROWID"
                 : "CREATE TABLE x(pk TEXT, sk TEXT, amount NUMBER, status "
                   "TEXT, note TEXT, key HIDDEN PRIMARY KEY) WITHOUT ROWID");
}

/* Another function than xCreate: else the module has a table of its own. */
static int floor_connect(sqlite3 *db, void *aux, int argc,
                         const char *const *argv, sqlite3_vtab **out,
                         char **message)
{
    return floor_open_table(db, aux, argc, argv, out, message);
}

static int floor_close_table(sqlite3_vtab *table)
{
    sqlite3_finalize(((floor_table *)table)->get);
    sqlite3_finalize(((floor_table *)table)->put);
    sqlite3_free(table);
    return SQLITE_OK;
}

static int floor_best_index(sqlite3_vtab *base, sqlite3_index_info *info)
{
    const floor_table *table = (floor_table *)base;
    int arguments = 0;
    for (int i = 0; i < info->nConstraint; i++) {
        int column = info->aConstraint[i].iColumn;
        bool is_equal = info->aConstraint[i].op == SQLITE_INDEX_CONSTRAINT_EQ;
        if (!info->aConstraint[i].usable) continue;
        if (is_equal && (column == 0 || column == table->group_column))
            info->idxNum |= KEY;
        else if (column == SORT_COLUMN)
            info->idxNum |= is_equal ? SORT : LOW;
        else
            continue;
        info->aConstraintUsage[i].argvIndex = ++arguments;
        info->aConstraintUsage[i].omit = 1;
    }
    info->orderByConsumed = 1;
    info->estimatedCost = (info->idxNum & SORT) != 0 ? 1 : 10;
    info->estimatedRows = GROUP_ROWS;
    if ((info->idxNum & SORT) != 0) info->idxFlags = SQLITE_INDEX_SCAN_UNIQUE;
    return SQLITE_OK;
}

static int floor_open(sqlite3_vtab *table, sqlite3_vtab_cursor **out)
{
    (void)table;
    floor_cursor *made = sqlite3_malloc(sizeof(*made));
    if (made == NULL) return SQLITE_NOMEM;
    memset(made, 0, sizeof(*made));
    *out = &made->base;
    return SQLITE_OK;
}

static int floor_close(sqlite3_vtab_cursor *cursor)
{
    sqlite3_free(cursor);
    return SQLITE_OK;
}

static int floor_filter(sqlite3_vtab_cursor *base, int plan, const char *name,
                        int argc, sqlite3_value **argv)
{
    (void)name;
    floor_cursor *cursor = (floor_cursor *)base;
    cursor->row = 0;
    cursor->count = (plan & SORT) != 0  ? 1
                    : (plan & LOW) != 0 ? RANGE_ROWS
                                        : GROUP_ROWS;
    if (argc == 0) return SQLITE_OK;
    for (int i = 0; i < argc; i++)
        (void)sqlite3_value_text(argv[i]);
    int bytes = sqlite3_value_bytes(argv[0]);
    if (bytes >= (int)sizeof(cursor->key)) return SQLITE_TOOBIG;
    memcpy(cursor->key, sqlite3_value_text(argv[0]), (size_t)bytes);
    cursor->key[bytes] = 0;
    return read_page((floor_table *)base->pVtab, cursor->key);
}

static int floor_next(sqlite3_vtab_cursor *cursor)
{
    ((floor_cursor *)cursor)->row++;
    return SQLITE_OK;
}

static int floor_eof(sqlite3_vtab_cursor *base)
{
    const floor_cursor *cursor = (floor_cursor *)base;
    return cursor->row >= cursor->count;
}

static int floor_column(sqlite3_vtab_cursor *base, sqlite3_context *context,
                        int column)
{
    const floor_cursor *cursor = (floor_cursor *)base;
    const floor_table *table = (floor_table *)base->pVtab;
    if (column == table->amount_column)
        sqlite3_result_int64(context, 80000);
    else if (column == NOTE_COLUMN)
        sqlite3_result_text(context, note, -1, SQLITE_TRANSIENT);
    else
        sqlite3_result_text(context, cursor->key, -1, SQLITE_TRANSIENT);
    return SQLITE_OK;
}

static int floor_rowid(sqlite3_vtab_cursor *cursor, sqlite3_int64 *rowid)
{
    (void)cursor, (void)rowid;
    return SQLITE_ERROR;
}

static int floor_update(sqlite3_vtab *base, int argc, sqlite3_value **argv,
                        sqlite3_int64 *rowid)
{
    enum { PK = 2 };
    floor_table *table = (floor_table *)base;
    (void)rowid;
    for (int i = 0; i < argc; i++)
        (void)sqlite3_value_bytes(argv[i]);
    bool is_new = sqlite3_value_type(argv[0]) == SQLITE_NULL &&
                  sqlite3_vtab_on_conflict(table->db) != SQLITE_REPLACE;
    return write_row(table, (const char *)sqlite3_value_text(argv[PK]), is_new);
}

static int floor_transaction(sqlite3_vtab *table)
{
    (void)table;
    return SQLITE_OK;
}

__attribute__((visibility("default"))) int
sqlite3_dynamo_init(sqlite3 *db, char **message,
                    const sqlite3_api_routines *api)
{
    static const sqlite3_module module = {
        .xCreate = floor_open_table,
        .xConnect = floor_connect,
        .xBestIndex = floor_best_index,
        .xDisconnect = floor_close_table,
        .xDestroy = floor_close_table,
        .xOpen = floor_open,
        .xClose = floor_close,
        .xFilter = floor_filter,
        .xNext = floor_next,
        .xEof = floor_eof,
        .xColumn = floor_column,
        .xRowid = floor_rowid,
        .xUpdate = floor_update,
        .xBegin = floor_transaction,
        .xSync = floor_transaction,
        .xCommit = floor_transaction,
        .xRollback = floor_transaction,
    };
    (void)message;
    SQLITE_EXTENSION_INIT2(api);
    memset(note, 'x', NOTE_BYTES);
    memset(page, 'x', PAGE_BYTES);
    return sqlite3_create_module(db, "dynamo", &module, NULL);
}
