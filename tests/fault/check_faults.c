/*
 * Every SQL script again, once for each allocation it makes, with that
 * allocation failing: the first ones of each statement, and ever fewer of those
 * after them, for a long statement repeats itself. Whatever the script then
 * does, nothing may crash, every dynamo table must be sound, and nothing may be
 * left allocated.
 *
 * Each failure happens in a process of its own, forked from one that has run
 * the script up to the statement that is to fail. That process goes on until
 * no transaction is open, and every GOES_ON-th of them to the script's end.
 *
 * The default takes a few allocations of each statement; --all takes several
 * times as many, and as much longer.
 *
 * As tests/sql/run.sh does, it runs in a folder of its own, in which the script
 * may write, and which has the files beside the script as files/.
 *
 * usage: check_faults [--all] SCRIPT.sql [ENCODING]
 */
#include "dynamo.h"
#include "fault.h"

#include <libgen.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    /* How a process with a failing allocation ends. */
    SURVIVED = 0,
    FOUND_PROBLEM = 1,
    NOT_HIT = 3, /* the statement makes fewer allocations */
};

/* Which allocations of a statement fail. */
typedef struct fault_choice {
    int first;   /* so many, each of them */
    int slope;   /* the gap grows by one in so many */
    int goes_on; /* after one in so many failures the script runs to its end */
} fault_choice;

static const fault_choice few = {.first = 2, .slope = 1, .goes_on = 64};
static const fault_choice all = {.first = 500, .slope = 32, .goes_on = 16};

static char *read_script(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) return NULL;
    char *text = NULL;
    if (fseek(file, 0, SEEK_END) == 0) {
        long size = ftell(file);
        rewind(file);
        text = size < 0 ? NULL : calloc(1, (size_t)size + 1);
        if (text != NULL && fread(text, 1, (size_t)size, file) == 0) {
            free(text);
            text = NULL;
        }
    }
    fclose(file);
    return text;
}

/* Lines that begin with a dot are the shell's: make them comments. */
static void drop_commands(char *script)
{
    for (char *line = script; line != NULL && *line != '\0';) {
        if (line[0] == '.' && line[1] != '\0') line[0] = line[1] = '-';
        line = strchr(line, '\n');
        if (line != NULL) line++;
    }
}

/* Where the statement ends that script begins with. A script that ends within
 * a statement ends there. */
static const char *end_of_statement(const char *script)
{
    size_t size = strlen(script);
    char *part = calloc(1, size + 1);
    if (part == NULL) abort();
    const char *end = script;
    do {
        const char *next = strchr(end, ';');
        end = next == NULL ? script + size : next + 1;
        memcpy(part, script, (size_t)(end - script));
    } while (*end != '\0' && !sqlite3_complete(part));
    free(part);
    return end;
}

/* Run the statements from script up to end, going on after errors as the shell
 * does. */
static void run(sqlite3 *db, const char *script, const char *end)
{
    while (script < end) {
        sqlite3_stmt *statement = NULL;
        const char *rest = script;
        sqlite3_prepare_v2(db, script, (int)(end - script), &statement, &rest);
        while (sqlite3_step(statement) == SQLITE_ROW) {
            for (int i = 0; i < sqlite3_column_count(statement); i++)
                sqlite3_column_text(statement, i);
        }
        sqlite3_finalize(statement);
        script = rest == script ? end : rest;
    }
}

static bool is_sound(sqlite3 *db, const char *schema, const char *table)
{
    sqlite3_stmt *statement = NULL;
    char *name = sqlite3_mprintf("%s.%s", schema, table);
    sqlite3_prepare_v2(db, "SELECT dynamo_check(?)", -1, &statement, NULL);
    sqlite3_bind_text(statement, 1, name, -1, sqlite3_free);
    bool has_row = sqlite3_step(statement) == SQLITE_ROW;
    const char *report = has_row
                             ? (const char *)sqlite3_column_text(statement, 0)
                             : sqlite3_errmsg(db);
    bool is_ok = has_row && report != NULL && strcmp(report, "ok") == 0;
    if (!is_ok) fprintf(stderr, "%s.%s: %s\n", schema, table, report);
    sqlite3_finalize(statement);
    return is_ok;
}

static bool all_sound(sqlite3 *db)
{
    sqlite3_stmt *statement = NULL;
    bool is_ok = true;
    int rc = sqlite3_prepare_v2(
        db, "SELECT schema_name, table_name FROM dynamo_tables", -1, &statement,
        NULL);
    while (rc == SQLITE_OK && (rc = sqlite3_step(statement)) == SQLITE_ROW) {
        rc = SQLITE_OK;
        is_ok &= is_sound(db, (const char *)sqlite3_column_text(statement, 0),
                          (const char *)sqlite3_column_text(statement, 1));
    }
    if (rc != SQLITE_DONE) {
        fprintf(stderr, "dynamo_tables: %s\n", sqlite3_errmsg(db));
    }
    sqlite3_finalize(statement);
    return is_ok && rc == SQLITE_DONE;
}

/* Before and after what a transaction left open. */
static bool is_left_sound(sqlite3 *db)
{
    if (!all_sound(db)) return false;
    if (sqlite3_get_autocommit(db)) return true;
    static const char rollback[] = "ROLLBACK";
    run(db, rollback, &rollback[sizeof(rollback) - 1]);
    return all_sound(db);
}

static bool closes_clean(sqlite3 *db)
{
    int rc = sqlite3_close(db);
    if (rc == SQLITE_OK && sqlite3_memory_used() == 0) return true;
    fprintf(stderr, "close: %d, %lld bytes left\n", rc,
            (long long)sqlite3_memory_used());
    return false;
}

/* The end of a process of its own: let this allocation of a statement fail. */
static int fail_one(sqlite3 *db, const char *start, const char *end,
                    int countdown, bool to_end)
{
    fault_set(countdown);
    run(db, start, end);
    fault_set_off();
    bool is_hit = fault_hit();
    if (!is_hit) return NOT_HIT;
    while (*end != '\0' && (to_end || !sqlite3_get_autocommit(db))) {
        start = end;
        end = end_of_statement(start);
        run(db, start, end);
    }
    return is_left_sound(db) && closes_clean(db) ? SURVIVED : FOUND_PROBLEM;
}

static int next_countdown(fault_choice choice, int countdown)
{
    if (countdown < choice.first) return countdown + 1;
    return countdown + 1 + (countdown - choice.first) / choice.slope;
}

/* Fail the allocations of one statement in turn, and count how many did in all.
 * Returns whether there was no problem. */
static bool fail_each(sqlite3 *db, fault_choice choice, const char *start,
                      const char *end, int *failed)
{
    for (int countdown = 0;; countdown = next_countdown(choice, countdown)) {
        int status = 0;
        bool to_end = *failed % choice.goes_on == 0;
        pid_t child = fork();
        if (child == 0) exit(fail_one(db, start, end, countdown, to_end));
        if (child < 0 || waitpid(child, &status, 0) != child) return false;
        if (!WIFEXITED(status) || WEXITSTATUS(status) == FOUND_PROBLEM) {
            fprintf(stderr, "%s when allocation %d fails in:\n%.*s\n",
                    WIFEXITED(status) ? "problem" : "crash", countdown,
                    (int)(end - start), start);
            return false;
        }
        if (WEXITSTATUS(status) != SURVIVED) return true;
        (*failed)++;
    }
}

/* Returns how many allocations failed, or -1 after a problem. */
static int fail_script(sqlite3 *db, fault_choice choice, const char *script)
{
    int failed = 0;
    while (*script != '\0') {
        const char *end = end_of_statement(script);
        if (!fail_each(db, choice, script, end, &failed)) return -1;
        run(db, script, end);
        script = end;
    }
    return failed;
}

static int set_encoding(sqlite3 *db, const char *encoding)
{
    char *sql = sqlite3_mprintf("PRAGMA encoding = %Q", encoding);
    int rc = sqlite3_exec(db, sql, NULL, NULL, NULL);
    sqlite3_free(sql);
    return rc;
}

static char folder[] = "/tmp/check_faults.XXXXXX";

/* A folder of its own, with the files that are beside the script. */
static bool enter_folder(const char *script)
{
    char files[PATH_MAX];
    char *path = realpath(script, NULL);
    if (path == NULL || mkdtemp(folder) == NULL) return false;
    snprintf(files, sizeof(files), "%s/files", dirname(path));
    free(path);
    return chdir(folder) == 0 && symlink(files, "files") == 0;
}

static void remove_folder(void)
{
    pid_t child = fork();
    if (child == 0) {
        execlp("rm", "rm", "-rf", "--", folder, (char *)NULL);
        _exit(1);
    }
    waitpid(child, NULL, 0);
}

static int check(char *script, bool is_all, const char *encoding)
{
    sqlite3 *db = NULL;
    if (sqlite3_open(":memory:", &db) != SQLITE_OK) return 2;
    if (set_encoding(db, encoding) != SQLITE_OK) return 2;
    if (sqlite3_dynamo_init(db, NULL, NULL) != SQLITE_OK) return 2;
    int failed = fail_script(db, is_all ? all : few, script);
    bool is_clean = failed >= 0 && is_left_sound(db) && closes_clean(db);
    if (!is_clean) return 1;
    printf("%d allocations failed in turn\n", failed);
    return 0;
}

int main(int argc, char **argv)
{
    bool is_all = argc >= 2 && strcmp(argv[1], "--all") == 0;
    if (is_all) argc--, argv++;
    char *script = argc >= 2 ? read_script(argv[1]) : NULL;
    const char *encoding = argc >= 3 ? argv[2] : "UTF-8";
    if (script == NULL || !enter_folder(argv[1])) return 2;
    drop_commands(script);
    fault_install();
    int result = check(script, is_all, encoding);
    free(script);
    remove_folder();
    return result;
}
