/* Changes of the schema, of shadow tables and of whole files; the contracts are
 * in history.h. */
#include "history.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* --------------------------------------------------------------- schema -- */

/* All items of a table are gone. */
static void note_gone(worker *w, const table *t)
{
    char *items = truth_items(t, LAST_SEQUENCE, "");
    history_run(w,
                "INSERT INTO %s.history(seq, tbl, pk, sk, v) SELECT seq + 1, "
                "%d, pk, sk, NULL FROM %s.commits, %s",
                t->schema, t->number, t->schema, items);
    sqlite3_free(items);
    w->has_written[t->file] = true;
}

static void note_name(worker *w, const table *t, const char *name, int extra)
{
    history_run(w, "UPDATE %s.names SET name = '%s', extra = %d WHERE tbl = %d",
                t->schema, name, extra, t->number);
    w->has_written[t->file] = true;
}

/* Items for a table that has none. */
static void fill(worker *w, const table *t)
{
    long long v = (long long)write_value(w);
    int count = 1 + history_random(w, 5);
    history_run(w,
                "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM "
                "n WHERE i < %d) INSERT INTO %s.%s(pk, sk, v, grp, rank, pad) "
                "SELECT 'p' || i, i, %lld + i, grp_of(%lld + i), rank_of(%lld "
                "+ i), pad_of(%lld + i) FROM n",
                count, t->schema, t->name, v, v, v, v);
    history_run(w,
                "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM "
                "n WHERE i < %d) INSERT INTO %s.history(seq, tbl, pk, sk, v) "
                "SELECT seq + 1, %d, 'p' || i, i, %lld + i FROM %s.commits, n",
                count, t->schema, t->number, v, t->schema);
}

static void create_again(worker *w, table *t)
{
    snprintf(t->name, sizeof(t->name), "t%d", t->number);
    history_run(w, "CREATE VIRTUAL TABLE %s.%s USING %s", t->schema, t->name,
                truth_declaration());
    note_name(w, t, t->name, 0);
    fill(w, t);
}

/* It comes back in this transaction, or in a later one. */
static void drop(worker *w, table *t)
{
    history_run(w, "DROP TABLE %s.%s", t->schema, t->name);
    note_gone(w, t);
    note_name(w, t, "", 0);
    if (!w->is_lost && history_random(w, 3)) create_again(w, t);
}

static void rename_table(worker *w, table *t)
{
    char name[40];
    snprintf(name, sizeof(name), "t%d%s", t->number,
             strchr(t->name, '_') == NULL ? "_away" : "");
    history_run(w, "ALTER TABLE %s.%s RENAME TO %s", t->schema, t->name, name);
    note_name(w, t, name, t->has_extra);
    snprintf(t->name, sizeof(t->name), "%s", name);
}

/* The index may be there already, of an index that is filled. */
static void change_index(worker *w, table *t)
{
    history_run(w,
                t->has_extra
                    ? "SELECT dynamo_alter('%s.%s', 'DROP INDEX extra')"
                    : "SELECT dynamo_alter('%s.%s', 'ADD GLOBAL INDEX extra "
                      "(rank, v) PROJECT KEYS')",
                t->schema, t->name);
    note_name(w, t, t->name, !t->has_extra);
}

/* There is one backup of a table, and `backups` has what is in it. */
static void back_up(worker *w, const table *t)
{
    char *items = truth_items(t, LAST_SEQUENCE, "");
    history_run(w,
                "SELECT dynamo_api('DeleteBackup', json_object('BackupArn', "
                "arn)) FROM (SELECT DISTINCT arn FROM backups WHERE tbl = %d);"
                "DELETE FROM backups WHERE tbl = %d",
                t->number, t->number);
    answer a = history_ask(w, "SELECT dynamo_backup('%s', 'one')", t->name);
    if (a.code != SQLITE_OK && !history_is_busy(w, a.code))
        history_fail(w, "%s", a.text);
    a.text[strcspn(a.text, "\n")] = '\0';
    history_run(w,
                "INSERT INTO backups VALUES('%s', %d, NULL, NULL, NULL);"
                "INSERT INTO backups SELECT '%s', %d, pk, sk, v FROM %s",
                a.text, t->number, a.text, t->number, items);
    sqlite3_free(a.text);
    sqlite3_free(items);
    w->has_written[0] = true;
}

/* The table of a backup takes the place of the one that is there. */
static void restore(worker *w, table *t)
{
    if (history_number(w, "SELECT count(*) FROM backups WHERE tbl = %d",
                       t->number) == 0)
        return;
    history_run(w,
                "DROP TABLE %s;"
                "SELECT dynamo_restore(arn, '%s') FROM backups WHERE tbl = %d "
                "AND pk IS NULL",
                t->name, t->name, t->number);
    note_gone(w, t);
    history_run(w,
                "INSERT INTO history(seq, tbl, pk, sk, v) SELECT seq + 1, tbl, "
                "pk, sk, v FROM backups, commits WHERE tbl = %d AND pk IS NOT "
                "NULL",
                t->number);
    answer a = history_ask(w,
                           "SELECT instr(dynamo_declaration('%s'), 'extra') "
                           "> 0",
                           t->name);
    note_name(w, t, t->name, a.text[0] == '1');
    sqlite3_free(a.text);
}

static void change_other_tables(worker *w)
{
    history_run(w,
                "CREATE TABLE IF NOT EXISTS plain%d(x);"
                "DROP TABLE plain%d;"
                "CREATE VIRTUAL TABLE d%d USING dynamo(id TEXT PARTITION KEY);"
                "INSERT INTO d%d VALUES('a');"
                "DROP TABLE d%d",
                w->number, w->number, w->number, w->number, w->number);
}

void change_schema(worker *w)
{
    table t;
    int what = history_random(w, 7);
    bool is_there = truth_table(w, 0, history_random(w, TABLES), &t);
    if (w->is_lost || t.is_damaged) return;
    if (!is_there) {
        create_again(w, &t);
    } else if (what == 0) {
        drop(w, &t);
    } else if (what == 1 || what == 5) {
        rename_table(w, &t);
    } else if (what == 2) {
        change_index(w, &t);
    } else if (what == 3) {
        back_up(w, &t);
    } else if (what == 4) {
        restore(w, &t);
    } else {
        change_other_tables(w);
    }
    history_count(w, COUNT_SCHEMA);
    for (int i = 0; i < TABLES && !w->is_lost; i++)
        if (truth_table(w, 0, i, &t)) read_all(w, &t);
}

/* --------------------------------------------------------- shadow tables -- */

/* Earlier leaves and large items are written into the file, and read as they
 * are. Leaves are in the file as they are when a savepoint begins. */
static void go_back(worker *w, const table *t, const char *pk, int sk)
{
    const char *const one = "SELECT substr(pad, 1, 1) FROM %s.%s('strong') "
                            "WHERE pk = '%s' AND sk = %d";
    history_run(w,
                "SAVEPOINT old;"
                "DELETE FROM temp.old_leaves;"
                "DELETE FROM temp.old_large;"
                "INSERT INTO old_leaves SELECT id, data FROM %s.%s_leaves;"
                "INSERT INTO old_large SELECT id, data FROM %s.%s_large",
                t->schema, t->name, t->schema, t->name);
    history_run(w,
                "UPDATE %s.%s SET pad = replace(pad, 'x', 'y') WHERE pk = "
                "'%s' AND sk = %d",
                t->schema, t->name, pk, sk);
    answer new = history_ask(w, one, t->schema, t->name, pk, sk);
    history_run(w, "SAVEPOINT new");
    history_run(w,
                "UPDATE %s.%s_leaves AS l SET data = (SELECT data FROM "
                "old_leaves o WHERE o.id = l.id) WHERE id IN (SELECT id "
                "FROM old_leaves);"
                "UPDATE %s.%s_large AS l SET data = (SELECT data FROM "
                "old_large o WHERE o.id = l.id) WHERE id IN (SELECT id "
                "FROM old_large)",
                t->schema, t->name, t->schema, t->name);
    answer old = history_ask(w, one, t->schema, t->name, pk, sk);
    if (!w->is_lost &&
        (strcmp(new.text, "y\n") != 0 || strcmp(old.text, "x\n") != 0))
        history_fail(w, "leaves of before were written, and read was %s, %s",
                     new.text, old.text);
    sqlite3_free(new.text);
    sqlite3_free(old.text);
    history_run(w, "ROLLBACK TO old; RELEASE old");
}

void change_leaves(worker *w)
{
    table t;
    char pk[8];
    int sk = history_random(w, SORT_KEYS);
    snprintf(pk, sizeof(pk), "p%d", history_random(w, PARTITION_KEYS));
    if (!truth_usable(w, &t) || w->is_lost) return;
    int64_t value = truth_value(w, &t, pk, sk);
    if (w->is_lost || value == 0 || value % 53 == 0) return;
    go_back(w, &t, pk, sk);
    if (!w->is_lost) read_key(w, &t, pk, sk);
    history_count(w, COUNT_DAMAGE);
}

static void note_damaged(worker *w, const table *t, int damaged)
{
    history_run(w, "UPDATE names SET damaged = %d WHERE tbl = %d", damaged,
                t->number);
    w->has_written[0] = true;
}

static int64_t noted_damage(worker *w, const table *t)
{
    return history_number(w, "SELECT damaged FROM names WHERE tbl = %d",
                          t->number);
}

static bool begin_surely(worker *w)
{
    for (int i = 0; i < 1000; i++)
        if (transaction_begin(w, "IMMEDIATE")) return true;
    history_fail(w, "the file stays locked");
    return false;
}

static bool damage(worker *w, table *t)
{
    if (!transaction_begin(w, "IMMEDIATE")) return false;
    bool result = history_number(w, "SELECT max(damaged) FROM names") == 0 &&
                  truth_table(w, 0, history_random(w, TABLES), t);
    if (result) {
        history_run(w,
                    "DELETE FROM saved;"
                    "INSERT INTO saved SELECT id, data FROM %s_leaves;"
                    "UPDATE %s_leaves SET data = flip(data)",
                    t->name, t->name);
        note_damaged(w, t, 1);
        read_something(w);
    }
    result = result && !w->is_lost;
    transaction_commit(w);
    return result && noted_damage(w, t) == 1;
}

/* One table at a time is damaged: `saved` is of one. Where the file has become
 * an earlier copy of itself, nothing is damaged any more. */
void damage_leaves(worker *w)
{
    table t;
    bool is_mended = false;
    if (!damage(w, &t)) return;
    usleep(5000);
    while (!is_mended) {
        begin_surely(w);
        if (noted_damage(w, &t) == 1) {
            history_run(w,
                        "UPDATE %s_leaves AS l SET data = (SELECT data FROM "
                        "saved s WHERE s.leaf = l.id)",
                        t.name);
            note_damaged(w, &t, 0);
            read_all(w, &t);
        }
        transaction_commit(w);
        is_mended = noted_damage(w, &t) == 0;
    }
    history_count(w, COUNT_DAMAGE);
}

/* ---------------------------------------------------------------- files -- */

/* What may be refused while others use the file. */
static void try(worker *w, const char *sql)
{
    answer a = history_ask(w, "%s", sql);
    if (a.code != SQLITE_OK && (a.code & 0xff) != SQLITE_BUSY &&
        (a.code & 0xff) != SQLITE_LOCKED)
        history_fail(w, "%s: %s", sql, a.text);
    sqlite3_free(a.text);
}

static void use_other_file(worker *w)
{
    int count = 2 + history_random(w, 6);
    history_run(w, "ATTACH '%s-other' AS other", w->file);
    w->has_other = true;
    while (count-- > 0)
        transaction_run(w);
    w->has_other = false;
    w->is_lost = false;
    history_run(w, "DETACH other");
}

void change_file(worker *w)
{
    switch (history_random(w, 4)) {
    case 0:
        if (!w->is_read_only) try(w, "VACUUM");
        break;
    case 1:
        if (!w->is_read_only) try(w, "PRAGMA wal_checkpoint(TRUNCATE)");
        break;
    default:
        use_other_file(w);
        break;
    }
    history_count(w, COUNT_FILES);
}

static void copy_file(worker *w, sqlite3 *from, sqlite3 *to)
{
    sqlite3_backup *backup = sqlite3_backup_init(to, "main", from, "main");
    int code =
        backup == NULL ? sqlite3_errcode(to) : sqlite3_backup_step(backup, -1);
    sqlite3_backup_finish(backup);
    if (code != SQLITE_DONE && code != SQLITE_BUSY)
        history_fail(w, "copying the file: %d %s", code, sqlite3_errstr(code));
}

/* The copy goes its own way, for some transactions. */
static void change_copy(const worker *w, const char *file)
{
    worker other = {.all = w->all,
                    .file = file,
                    .number = w->number + 100,
                    .seed = w->seed,
                    .random = w->random ^ 12345,
                    .serial = w->serial};
    history_open(&other, false);
    for (int i = 0; i < 5; i++)
        transaction_run(&other);
    history_close(&other);
    for (int i = 0; i < LOG_LINES; i++)
        sqlite3_free(other.log[i]);
}

/* The file becomes what a copy of it is, which was made earlier. Others have
 * connections to it. */
void replace_file(worker *w)
{
    char name[256];
    sqlite3 *copy = NULL;
    snprintf(name, sizeof(name), "%s-copy", w->file);
    bool is_there = access(name, F_OK) == 0;
    if (w->is_read_only ||
        history_number(w, "SELECT max(damaged) FROM names") != 0)
        return;
    sqlite3_open(name, &copy);
    if (is_there && history_random(w, 3)) {
        history_run(w, "-- the file becomes its copy");
        copy_file(w, copy, w->db);
        sqlite3_close(copy);
    } else {
        history_run(w, "-- the file is copied");
        copy_file(w, w->db, copy);
        sqlite3_close(copy);
        change_copy(w, name);
    }
    history_count(w, COUNT_FILES);
}
