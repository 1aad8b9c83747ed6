/*
 * A script of statements about remote tables again and again, each time with
 * another allocation of SQLite's memory failing. Whatever then fails, nothing
 * may crash, the error has to have a text, and nothing may be left allocated.
 *
 * The first allocations fail one by one, and ever fewer of those after them.
 *
 * usage: check_remote_faults DYNAMO_REMOTE.SO ENDPOINT SCRIPT.sql
 *
 * ENDPOINT has the table that the script names. In the script, @ENDPOINT@
 * stands for it. tests/remote/faults.py starts a server and runs this.
 */
#include "fault.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum {
    SCRIPT_BYTES_MAX = 16384,
    ONE_BY_ONE = 300, /* allocations; of those behind them fewer and fewer */
    SLOPE = 40,
};

/* The script with the endpoint in it; NULL when it cannot be had. */
static const char *read_script(const char *path, const char *endpoint)
{
    static char text[SCRIPT_BYTES_MAX];
    static char out[2 * SCRIPT_BYTES_MAX];
    static const char mark[] = "@ENDPOINT@";
    FILE *file = fopen(path, "rb");
    if (file == NULL) return NULL;
    text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
    fclose(file);
    const char *from = text;
    for (const char *at = strstr(from, mark); at != NULL;
         at = strstr(from, mark)) {
        strncat(out, from, (size_t)(at - from));
        strcat(out, endpoint);
        from = at + sizeof(mark) - 1;
    }
    strcat(out, from);
    return out;
}

/* A step that fails says why, but for memory that is out. */
static bool run_one(sqlite3 *db, sqlite3_stmt *statement)
{
    int rc;
    while ((rc = sqlite3_step(statement)) == SQLITE_ROW) {
        for (int i = 0; i < sqlite3_column_count(statement); i++)
            sqlite3_column_text(statement, i);
    }
    if (rc == SQLITE_DONE || statement == NULL) return true;
    bool is_told = sqlite3_errmsg(db)[0] != '\0';
    if (!is_told) fprintf(stderr, "no message: %s\n", sqlite3_sql(statement));
    return is_told;
}

static bool run(sqlite3 *db, const char *script)
{
    bool is_ok = true;
    while (*script != '\0') {
        sqlite3_stmt *statement = NULL;
        const char *rest = script;
        sqlite3_prepare_v2(db, script, -1, &statement, &rest);
        is_ok &= run_one(db, statement);
        sqlite3_finalize(statement);
        if (rest == script) { /* not even parsed: on with the next one */
            rest = strchr(script, ';');
            if (rest == NULL) break;
            rest++;
        }
        script = rest;
    }
    return is_ok;
}

static bool closes_clean(sqlite3 *db)
{
    int rc = sqlite3_close(db);
    if (rc == SQLITE_OK && sqlite3_memory_used() == 0) return true;
    fprintf(stderr, "close: %d, %lld bytes left\n", rc,
            (long long)sqlite3_memory_used());
    return false;
}

/* *is_hit: there were so many allocations. */
static bool fail_one(const char *extension, const char *script, int countdown,
                     bool *is_hit)
{
    sqlite3 *db = NULL;
    char *message = NULL;
    if (sqlite3_open(":memory:", &db) != SQLITE_OK) return false;
    sqlite3_enable_load_extension(db, 1);
    fault_set(countdown);
    sqlite3_load_extension(db, extension, NULL, &message);
    sqlite3_free(message);
    bool is_ok = run(db, script);
    fault_set_off();
    *is_hit = fault_hit();
    is_ok &= closes_clean(db);
    if (!is_ok) fprintf(stderr, "when allocation %d fails\n", countdown);
    return is_ok;
}

int main(int argc, char **argv)
{
    const char *script = argc == 4 ? read_script(argv[3], argv[2]) : NULL;
    if (script == NULL) return 2;
    fault_install();
    int failed = 0;
    bool is_hit = true;
    bool is_ok = true;
    for (int countdown = 0; is_hit && is_ok; failed++) {
        is_ok = fail_one(argv[1], script, countdown, &is_hit);
        countdown++;
        if (countdown > ONE_BY_ONE)
            countdown += (countdown - ONE_BY_ONE) / SLOPE;
    }
    if (is_ok) printf("%d allocations failed in turn\n", failed - 1);
    return is_ok ? 0 : 1;
}
