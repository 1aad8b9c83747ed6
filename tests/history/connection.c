/* A worker's connection and its log; the contracts are in history.h. */
#include "history.h"

#include "dynamo.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ------------------------------------------------------------------ log -- */

static void log_line(worker *w, char *line)
{
    char **place = &w->log[w->logged++ % LOG_LINES];
    sqlite3_free(*place);
    *place = line;
}

static void print_log(const worker *w)
{
    long first = w->logged > LOG_LINES ? w->logged - LOG_LINES : 0;
    for (long i = first; i < w->logged; i++)
        fprintf(stderr, "  %s\n", w->log[i % LOG_LINES]);
}

void history_fail(worker *w, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    if (!atomic_exchange(&w->all->has_failed, true)) {
        print_log(w);
        fprintf(stderr,
                "history: seed %llu, worker %d: ", (unsigned long long)w->seed,
                w->number);
        vfprintf(stderr, format, arguments);
        fprintf(stderr, "\n");
        w->all->is_told = true;
        _exit(1);
    }
    va_end(arguments);
    for (;;)
        pause(); /* the one that was first is still printing */
}

void history_count(const worker *w, enum count what)
{
    atomic_fetch_add(&w->all->counts[what], 1);
}

int history_random(worker *w, int limit)
{
    w->random ^= w->random << 13;
    w->random ^= w->random >> 7;
    w->random ^= w->random << 17;
    return (int)((w->random >> 11) % (uint64_t)limit);
}

/* ------------------------------------------------------------ functions -- */

static void grp_of(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    (void)argc;
    char text[8];
    snprintf(text, sizeof(text), "g%d",
             (int)(sqlite3_value_int64(argv[0]) % GROUPS));
    sqlite3_result_text(context, text, -1, SQLITE_TRANSIENT);
}

static void rank_of(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    (void)argc;
    sqlite3_result_int64(context, sqlite3_value_int64(argv[0]) % RANKS);
}

/* Some items are large: they lie outside of the leaves. */
static void pad_of(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    (void)argc;
    int64_t value = sqlite3_value_int64(argv[0]);
    int size = (int)(value % 7) * 30 + (value % 11 == 0 ? 1500 : 0) +
               (value % 7 == 3 ? 16400 : 0) + 1;
    char text[20000];
    memset(text, 'x', (size_t)size);
    sqlite3_result_text(context, text, size, SQLITE_TRANSIENT);
}

/* Another blob of the same size: of a leaf, the first bytes are its checksum.
 */
static void flip(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    (void)argc;
    const void *data = sqlite3_value_blob(argv[0]);
    int size = sqlite3_value_bytes(argv[0]);
    unsigned char *copy = sqlite3_malloc(size + 1);
    if (size > 0) memcpy(copy, data, (size_t)size);
    if (size > 0) copy[0] ^= 1;
    sqlite3_result_blob(context, copy, size, sqlite3_free);
}

static void add_functions(sqlite3 *db)
{
    static const struct {
        const char *name;
        void (*function)(sqlite3_context *, int, sqlite3_value **);
    } all[] = {{"grp_of", grp_of},
               {"rank_of", rank_of},
               {"pad_of", pad_of},
               {"flip", flip}};
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        sqlite3_create_function(db, all[i].name, 1,
                                SQLITE_UTF8 | SQLITE_INNOCUOUS |
                                    SQLITE_DETERMINISTIC,
                                NULL, all[i].function, NULL, NULL);
}

/* ----------------------------------------------------------- connection -- */

/* For about two seconds. SQLite's own handler waits longer between its tries.
 */
static int wait_for_lock(void *unused, int tries)
{
    (void)unused;
    usleep(1000);
    return tries < 2000;
}

void history_open(worker *w, bool is_read_only)
{
    int flags = is_read_only ? SQLITE_OPEN_READONLY
                             : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    if (sqlite3_open_v2(w->file, &w->db, flags | SQLITE_OPEN_FULLMUTEX, NULL) !=
            SQLITE_OK ||
        sqlite3_dynamo_init(w->db, NULL, NULL) != SQLITE_OK)
        history_fail(w, "%s: %s", w->file, sqlite3_errmsg(w->db));
    sqlite3_busy_handler(w->db, wait_for_lock, NULL);
    sqlite3_extended_result_codes(w->db, 1);
    add_functions(w->db);
    w->is_read_only = is_read_only;
    w->has_other = false;
    log_line(w, sqlite3_mprintf("-- open%s", is_read_only ? " to read" : ""));
    history_run(w, "PRAGMA synchronous = OFF");
    if (history_random(w, 3) == 0) history_run(w, "PRAGMA cache_size = 10");
    history_run(w, "CREATE TEMP TABLE old_leaves(id, data);"
                   "CREATE TEMP TABLE old_large(id, data)");
}

void history_close(worker *w)
{
    int code = sqlite3_close(w->db);
    if (code != SQLITE_OK) history_fail(w, "close: %s", sqlite3_errstr(code));
    w->db = NULL;
}

/* ------------------------------------------------------------------ SQL -- */

static void add_text(sqlite3_str *out, sqlite3_stmt *statement)
{
    int count = sqlite3_column_count(statement);
    for (int i = 0; i < count; i++) {
        const char *text = (const char *)sqlite3_column_text(statement, i);
        sqlite3_str_appendf(out, "%s%s", i == 0 ? "" : "|",
                            text == NULL ? "NULL" : text);
    }
    sqlite3_str_appendchar(out, 1, '\n');
}

static int run_one(worker *w, const char **sql, sqlite3_str *out)
{
    sqlite3_stmt *statement = NULL;
    const char *rest = NULL;
    int code = sqlite3_prepare_v2(w->db, *sql, -1, &statement, &rest);
    *sql = rest;
    if (code != SQLITE_OK || statement == NULL) return code;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW)
        add_text(out, statement);
    return sqlite3_finalize(statement);
}

/* In a transaction that is to be given up nothing is run any more. */
static answer ask(worker *w, const char *format, va_list arguments)
{
    if (w->is_lost)
        return (answer){SQLITE_BUSY, sqlite3_mprintf("%s", "given up")};
    char *text = sqlite3_vmprintf(format, arguments);
    const char *sql = text;
    sqlite3_str *out = sqlite3_str_new(NULL);
    answer result = {.code = SQLITE_OK};
    while (result.code == SQLITE_OK && sql != NULL && *sql != '\0')
        result.code = run_one(w, &sql, out);
    if (result.code != SQLITE_OK)
        sqlite3_str_appendf(out, "%s", sqlite3_errmsg(w->db));
    result.text = sqlite3_str_finish(out);
    if (result.text == NULL) result.text = sqlite3_mprintf("");
    log_line(w, result.code == SQLITE_OK
                    ? sqlite3_mprintf("%s;", text)
                    : sqlite3_mprintf("%s;\n    -- %d %s", text, result.code,
                                      result.text));
    sqlite3_free(text);
    return result;
}

answer history_ask(worker *w, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    answer result = ask(w, format, arguments);
    va_end(arguments);
    return result;
}

/* A connection that only reads may take the journal of another one that is just
 * beginning to write for one that is to be rolled back: SQLite looks for the
 * writer first, and then into the journal. */
bool history_is_busy(worker *w, int code)
{
    bool is_busy = (code & 0xff) == SQLITE_BUSY ||
                   (w->is_read_only && code == SQLITE_READONLY_ROLLBACK);
    if (is_busy && !w->is_lost) history_count(w, COUNT_BUSY);
    w->is_lost = w->is_lost || is_busy;
    return is_busy;
}

int history_run(worker *w, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    answer a = ask(w, format, arguments);
    va_end(arguments);
    if (a.code != SQLITE_OK && !history_is_busy(w, a.code))
        history_fail(w, "%s", a.text);
    sqlite3_free(a.text);
    return a.code;
}

int64_t history_number(worker *w, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    answer a = ask(w, format, arguments);
    va_end(arguments);
    if (a.code != SQLITE_OK && !history_is_busy(w, a.code))
        history_fail(w, "%s", a.text);
    int64_t result = a.code == SQLITE_OK ? strtoll(a.text, NULL, 10) : 0;
    sqlite3_free(a.text);
    return result;
}
