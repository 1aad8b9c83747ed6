/* What the tables hold, in plain SQL; the contracts are in history.h. */
#include "history.h"

#include <stdio.h>
#include <string.h>

const char *truth_declaration(void)
{
    return "dynamo(pk TEXT PARTITION KEY, sk NUMBER SORT KEY, v NUMBER, grp "
           "TEXT, rank NUMBER, pad TEXT, LOCAL INDEX by_rank (rank), GLOBAL "
           "INDEX by_grp (grp, rank) PROJECT (v), partition_bytes = 20000)";
}

void truth_create(worker *w)
{
    history_run(
        w, "CREATE TABLE commits(seq INTEGER);"
           "INSERT INTO commits VALUES(0);"
           "CREATE TABLE names(tbl INTEGER PRIMARY KEY, name TEXT, damaged "
           "INTEGER DEFAULT 0, extra INTEGER DEFAULT 0);"
           "CREATE TABLE history(id INTEGER PRIMARY KEY, seq INTEGER, tbl "
           "INTEGER, pk TEXT, sk INTEGER, v INTEGER);"
           "CREATE INDEX history_keys ON history(tbl, pk, sk, id, seq, v);"
           "CREATE TABLE backups(arn TEXT, tbl INTEGER, pk TEXT, sk INTEGER, "
           "v INTEGER);"
           "CREATE TABLE saved(leaf INTEGER, data BLOB)");
    for (int i = 0; i < TABLES; i++)
        history_run(w,
                    "CREATE VIRTUAL TABLE t%d USING %s;"
                    "INSERT INTO names(tbl, name) VALUES(%d, 't%d')",
                    i, truth_declaration(), i, i);
}

/* The name is the last column: it may be empty. */
bool truth_table(worker *w, int file, int number, table *out)
{
    int damaged = 0;
    int extra = 0;
    *out = (table){.number = number, .file = file};
    out->schema = file == 0 ? "main" : "other";
    answer a = history_ask(
        w,
        "SELECT damaged, extra, coalesce(name, '') FROM %s.names WHERE tbl = "
        "%d",
        out->schema, number);
    if (a.code != SQLITE_OK && !history_is_busy(w, a.code))
        history_fail(w, "%s", a.text);
    if (a.code == SQLITE_OK)
        sscanf(a.text, "%d|%d|%39s", &damaged, &extra, out->name);
    sqlite3_free(a.text);
    out->is_damaged = damaged != 0;
    out->has_extra = extra != 0;
    return out->name[0] != '\0';
}

bool truth_usable(worker *w, table *out)
{
    int file = w->has_other ? history_random(w, 2) : 0;
    return truth_table(w, file, history_random(w, TABLES), out) &&
           !out->is_damaged;
}

char *truth_items(const table *t, int64_t sequence, const char *and)
{
    return sqlite3_mprintf(
        "(SELECT pk, sk, v FROM (SELECT pk, sk, v, max(id) FROM %s.history "
        "WHERE tbl = %d AND seq <= %lld %s GROUP BY pk, sk) WHERE v IS NOT "
        "NULL)",
        t->schema, t->number, (long long)sequence, and);
}

int64_t truth_value(worker *w, const table *t, const char *pk, int sk)
{
    return history_number(w,
                          "SELECT v FROM %s.history WHERE tbl = %d AND pk = "
                          "'%s' AND sk = %d ORDER BY id DESC LIMIT 1",
                          t->schema, t->number, pk, sk);
}

void truth_note(worker *w, const table *t, const char *pk, int sk,
                int64_t value)
{
    w->has_written[t->file] = true;
    history_count(w, COUNT_WRITES);
    history_run(w,
                "INSERT INTO %s.history(seq, tbl, pk, sk, v) SELECT seq + 1, "
                "%d, '%s', %d, nullif(%lld, 0) FROM %s.commits",
                t->schema, t->number, pk, sk, (long long)value, t->schema);
}
