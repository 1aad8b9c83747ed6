/* Writing a dynamo table in some way, with a row of history for each item that
 * changes, and transactions of such writes; the contracts are in history.h. */
#include "history.h"

#include <stdio.h>
#include <string.h>

/* A key and what is to become of it. */
typedef struct change {
    table t;
    char pk[8];
    int sk;
    int64_t old; /* 0: no item is there */
    int64_t new; /* 0: it is removed */
} change;

int64_t write_value(worker *w)
{
    return (int64_t)w->number * 100000000 + ++w->serial * 100;
}

/* ----------------------------------------------------------- statements -- */

/* An item in JSON, as SQL. */
static char *item_json(const change *c)
{
    long long v = (long long)c->new;
    return sqlite3_mprintf(
        "json_object('pk', json_object('S', '%s'), 'sk', json_object('N', "
        "'%d'), 'v', json_object('N', '%lld'), 'grp', json_object('S', "
        "grp_of(%lld)), 'rank', json_object('N', '' || rank_of(%lld)), 'pad', "
        "json_object('S', pad_of(%lld)))",
        c->pk, c->sk, v, v, v, v);
}

static char *key_json(const change *c)
{
    return sqlite3_mprintf("json_object('pk', json_object('S', '%s'), 'sk', "
                           "json_object('N', '%d'))",
                           c->pk, c->sk);
}

/* A condition on the old value, which holds or not, and its values. */
static char *condition_json(const change *c, bool holds)
{
    if (c->old == 0) {
        return sqlite3_mprintf("'ConditionExpression', '%s(pk)'",
                               holds ? "attribute_not_exists"
                                     : "attribute_exists");
    }
    return sqlite3_mprintf(
        "'ConditionExpression', 'v = :old', 'ExpressionAttributeValues', "
        "json_object(':old', json_object('N', '%lld'))",
        (long long)(holds ? c->old : c->old + 1));
}

static char *put_sql(const change *c, const char *how)
{
    long long v = (long long)c->new;
    return sqlite3_mprintf("%s INTO %s.%s(pk, sk, v, grp, rank, pad) "
                           "VALUES('%s', %d, %lld, grp_of(%lld), "
                           "rank_of(%lld), pad_of(%lld))",
                           how, c->t.schema, c->t.name, c->pk, c->sk, v, v, v,
                           v);
}

static char *update_sql(const change *c, const char *more)
{
    long long v = (long long)c->new;
    return sqlite3_mprintf("UPDATE %s.%s SET v = %lld, grp = grp_of(%lld), "
                           "rank = rank_of(%lld), pad = pad_of(%lld)%s WHERE "
                           "pk = '%s' AND sk = %d",
                           c->t.schema, c->t.name, v, v, v, v, more, c->pk,
                           c->sk);
}

static char *conditional_update_sql(const change *c, bool holds)
{
    char condition[60];
    snprintf(condition, sizeof(condition), ", condition = 'v = %lld'",
             (long long)(holds ? c->old : c->old + 1));
    return update_sql(c, condition);
}

static char *delete_sql(const change *c)
{
    return sqlite3_mprintf("DELETE FROM %s.%s WHERE pk = '%s' AND sk = %d",
                           c->t.schema, c->t.name, c->pk, c->sk);
}

static char *api_put_sql(const change *c, bool holds)
{
    char *item = item_json(c);
    char *condition = condition_json(c, holds);
    char *sql = sqlite3_mprintf(
        "SELECT dynamo_api('PutItem', json_object('TableName', '%s.%s', "
        "'Item', %s, %s))",
        c->t.schema, c->t.name, item, condition);
    sqlite3_free(item);
    sqlite3_free(condition);
    return sql;
}

static char *api_delete_sql(const change *c)
{
    char *key = key_json(c);
    char *sql = sqlite3_mprintf("SELECT dynamo_api('DeleteItem', "
                                "json_object('TableName', '%s.%s', 'Key', %s))",
                                c->t.schema, c->t.name, key);
    sqlite3_free(key);
    return sql;
}

/* Put an item, and check another one. */
static char *api_check_sql(const change *c, const change *other, bool holds)
{
    char *item = item_json(c);
    char *key = key_json(other);
    char *condition = condition_json(other, holds);
    char *sql = sqlite3_mprintf(
        "SELECT dynamo_api('TransactWriteItems', json_object('TransactItems', "
        "json_array(json_object('Put', json_object('TableName', '%s.%s', "
        "'Item', %s)), json_object('ConditionCheck', json_object('TableName', "
        "'%s.%s', 'Key', %s, %s)))))",
        c->t.schema, c->t.name, item, c->t.schema, c->t.name, key, condition);
    sqlite3_free(item);
    sqlite3_free(key);
    sqlite3_free(condition);
    return sql;
}

/* Put two items. */
static char *api_puts_sql(const change *c, const change *other)
{
    char *one = item_json(c);
    char *two = item_json(other);
    char *sql = sqlite3_mprintf(
        "SELECT dynamo_api('TransactWriteItems', json_object('TransactItems', "
        "json_array(json_object('Put', json_object('TableName', '%s.%s', "
        "'Item', %s)), json_object('Put', json_object('TableName', '%s.%s', "
        "'Item', %s)))))",
        c->t.schema, c->t.name, one, c->t.schema, c->t.name, two);
    sqlite3_free(one);
    sqlite3_free(two);
    return sql;
}

/* -------------------------------------------------------------- one item -- */

/* Run a statement, which has to succeed, or be refused by a constraint. Returns
 * whether it succeeded; it is freed. */
static bool run_write(worker *w, char *sql, bool succeeds)
{
    answer a = history_ask(w, "%s", sql);
    bool is_busy = history_is_busy(w, a.code);
    bool is_right =
        succeeds ? a.code == SQLITE_OK : (a.code & 0xff) == SQLITE_CONSTRAINT;
    if (!is_right && !is_busy)
        history_fail(w, "%s\nfailed or not (%d): %s", sql, a.code, a.text);
    if (sqlite3_get_autocommit(w->db) && !is_busy)
        history_fail(w, "%s\nended the transaction", sql);
    if (!succeeds) history_count(w, COUNT_REFUSED);
    sqlite3_free(a.text);
    sqlite3_free(sql);
    return succeeds && !is_busy;
}

/* Whether the history is written before the table, which changes SQLite's count
 * of changes between a write and the read after it, or not. */
static void write_both(worker *w, const change *c, char *sql)
{
    bool is_first = history_random(w, 2) == 0;
    if (is_first) truth_note(w, &c->t, c->pk, c->sk, c->new);
    run_write(w, sql, true);
    if (!is_first) truth_note(w, &c->t, c->pk, c->sk, c->new);
}

/* A write that changes nothing, since the item is not there or is refused. */
static void write_nothing(worker *w, char *sql, bool succeeds)
{
    run_write(w, sql, succeeds);
}

static void update_item(worker *w, const change *c)
{
    if (c->old == 0) {
        write_nothing(w, update_sql(c, ""), true);
    } else if (history_random(w, 2)) {
        write_both(w, c, update_sql(c, ""));
    } else if (history_random(w, 3)) {
        write_both(w, c, conditional_update_sql(c, true));
    } else {
        write_nothing(w, conditional_update_sql(c, false), false);
    }
}

static void put_item(worker *w, const change *c)
{
    if (history_random(w, 2)) {
        write_both(w, c, put_sql(c, "INSERT OR REPLACE"));
    } else if (c->old == 0) {
        write_both(w, c, put_sql(c, "INSERT"));
    } else {
        write_nothing(w, put_sql(c, "INSERT"), false);
    }
}

static void put_item_by_api(worker *w, const change *c)
{
    if (history_random(w, 3)) {
        write_both(w, c, api_put_sql(c, true));
    } else {
        write_nothing(w, api_put_sql(c, false), false);
    }
}

static void delete_item(worker *w, change *c)
{
    c->new = 0;
    char *sql = history_random(w, 2) ? delete_sql(c) : api_delete_sql(c);
    if (c->old != 0) {
        write_both(w, c, sql);
    } else {
        write_nothing(w, sql, true);
    }
}

static change some_change(worker *w, const table *t)
{
    change c = {
        .t = *t, .sk = history_random(w, SORT_KEYS), .new = write_value(w)};
    snprintf(c.pk, sizeof(c.pk), "p%d", history_random(w, PARTITION_KEYS));
    c.old = truth_value(w, t, c.pk, c.sk);
    return c;
}

static void check_by_api(worker *w, const change *c)
{
    change other = some_change(w, &c->t);
    if (strcmp(other.pk, c->pk) == 0 && other.sk == c->sk) return;
    if (history_random(w, 2)) {
        write_both(w, c, api_check_sql(c, &other, true));
    } else {
        write_nothing(w, api_check_sql(c, &other, false), false);
    }
}

/* Items of one partition key are in one leaf. */
static void put_two_by_api(worker *w, const change *c)
{
    change other = *c;
    other.sk = (c->sk + 1) % SORT_KEYS;
    other.new = write_value(w);
    write_both(w, c, api_puts_sql(c, &other));
    truth_note(w, &other.t, other.pk, other.sk, other.new);
    if (!w->is_lost) read_key(w, &other.t, other.pk, other.sk);
}

/* ------------------------------------------------------------ many items -- */

/* Note the change of all items of a partition key, to value + sk. */
static void note_many(worker *w, const change *c, const char *and)
{
    char *items = truth_items(&c->t, LAST_SEQUENCE, and);
    w->has_written[c->t.file] = true;
    history_count(w, COUNT_WRITES);
    history_run(w,
                "INSERT INTO %s.history(seq, tbl, pk, sk, v) SELECT seq + 1, "
                "%d, pk, sk, %lld + sk FROM %s.commits, %s",
                c->t.schema, c->t.number, (long long)c->new, c->t.schema,
                items);
    sqlite3_free(items);
}

static char *update_many_sql(const change *c)
{
    long long v = (long long)c->new;
    return sqlite3_mprintf(
        "UPDATE %s.%s SET v = %lld + sk, grp = grp_of(%lld + sk), rank = "
        "rank_of(%lld + sk), pad = pad_of(%lld + sk) WHERE pk = '%s'",
        c->t.schema, c->t.name, v, v, v, v, c->pk);
}

static void update_many(worker *w, const change *c)
{
    char and[40];
    bool is_first = history_random(w, 2) == 0;
    snprintf(and, sizeof(and), "AND pk = '%s'", c->pk);
    if (is_first) note_many(w, c, and);
    run_write(w, update_many_sql(c), true);
    if (!is_first) note_many(w, c, and);
}

/* Several rows, of which the last one is there: none is written. */
static void insert_and_fail(worker *w, const change *c)
{
    if (c->old == 0) return;
    long long v = (long long)c->new;
    run_write(w,
              sqlite3_mprintf(
                  "INSERT INTO %s.%s(pk, sk, v, grp) VALUES('new', 1, %lld, "
                  "'g1'), ('%s', 99, %lld, 'g2'), ('%s', %d, %lld, 'g3')",
                  c->t.schema, c->t.name, v, c->pk, v, c->pk, c->sk, v),
              false);
}

/* Leaves are cut and joined: by many items that are new, or gone. */
static void fill_many(worker *w, const table *t)
{
    long long v = (long long)write_value(w);
    int first = history_random(w, PARTITION_KEYS);
    const char *const items =
        "(WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE "
        "i < 39) SELECT 'p' || ((%d + i / %d) %% %d) AS pk, i %% %d AS sk, "
        "%lld + i AS v FROM n)";
    char *from =
        sqlite3_mprintf(items, first, SORT_KEYS, PARTITION_KEYS, SORT_KEYS, v);
    history_run(w,
                "INSERT OR REPLACE INTO %s.%s(pk, sk, v, grp, rank, pad) "
                "SELECT pk, sk, v, grp_of(v), rank_of(v), pad_of(v) FROM %s",
                t->schema, t->name, from);
    history_run(w,
                "INSERT INTO %s.history(seq, tbl, pk, sk, v) SELECT seq + 1, "
                "%d, pk, sk, v FROM %s.commits, %s",
                t->schema, t->number, t->schema, from);
    w->has_written[t->file] = true;
    sqlite3_free(from);
}

static void delete_many(worker *w, const table *t)
{
    char in[80];
    int pk = history_random(w, PARTITION_KEYS);
    snprintf(in, sizeof(in), "pk IN ('p%d', 'p%d', 'p%d', 'p%d', 'p%d')", pk,
             (pk + 1) % PARTITION_KEYS, (pk + 2) % PARTITION_KEYS,
             (pk + 3) % PARTITION_KEYS, (pk + 4) % PARTITION_KEYS);
    char *and = sqlite3_mprintf("AND %s", in);
    char *items = truth_items(t, LAST_SEQUENCE, and);
    history_run(w, "DELETE FROM %s.%s WHERE %s", t->schema, t->name, in);
    history_run(w,
                "INSERT INTO %s.history(seq, tbl, pk, sk, v) SELECT seq + 1, "
                "%d, pk, sk, NULL FROM %s.commits, %s",
                t->schema, t->number, t->schema, items);
    w->has_written[t->file] = true;
    sqlite3_free(and);
    sqlite3_free(items);
}

/* A handler that stops a statement itself may do so when that has just ended,
 * and has changed all. */
static int stop(void *db)
{
    sqlite3_interrupt(db);
    return 0;
}

/* A statement that is interrupted has changed nothing, and may have ended the
 * transaction; otherwise it has changed all. */
static void update_interrupted(worker *w, const change *c)
{
    char and[40];
    snprintf(and, sizeof(and), "AND pk = '%s'", c->pk);
    char *sql = update_many_sql(c);
    sqlite3_progress_handler(w->db, 20 + history_random(w, 2000), stop, w->db);
    answer a = history_ask(w, "%s", sql);
    sqlite3_progress_handler(w->db, 0, NULL, NULL);
    bool is_over = sqlite3_get_autocommit(w->db) != 0;
    if (a.code == SQLITE_OK) {
        note_many(w, c, and);
    } else if (is_over) {
        w->is_lost = true;
    } else if (!history_is_busy(w, a.code) && a.code != SQLITE_INTERRUPT) {
        history_fail(w, "%s\nfailed (%d): %s", sql, a.code, a.text);
    }
    history_count(w, COUNT_REFUSED);
    sqlite3_free(a.text);
    sqlite3_free(sql);
}

void write_something(worker *w)
{
    table t;
    if (!truth_usable(w, &t) || w->is_lost) return;
    change c = some_change(w, &t);
    if (w->is_lost) return;
    switch (history_random(w, 18)) {
    case 0:
    case 1:
    case 2:
        put_item(w, &c);
        break;
    case 3:
    case 4:
        put_item_by_api(w, &c);
        break;
    case 5:
        if (history_random(w, 2)) {
            check_by_api(w, &c);
        } else {
            put_two_by_api(w, &c);
        }
        break;
    case 6:
    case 7:
    case 8:
        delete_item(w, &c);
        break;
    case 9:
    case 10:
        update_many(w, &c);
        break;
    case 11:
        insert_and_fail(w, &c);
        break;
    case 12:
        update_interrupted(w, &c);
        break;
    case 13:
        fill_many(w, &t);
        break;
    case 14:
        delete_many(w, &t);
        break;
    default:
        update_item(w, &c);
        break;
    }
    if (!w->is_lost && history_random(w, 2)) read_key(w, &t, c.pk, c.sk);
}

/* A statement outside of a transaction: a trigger writes both. The table may
 * have another name before it runs. */
void write_alone(worker *w)
{
    table t;
    if (!truth_table(w, 0, history_random(w, TABLES), &t) || t.is_damaged)
        return;
    long long v = (long long)write_value(w);
    history_run(w,
                "CREATE TEMP VIEW puts AS SELECT 1 AS pk, 1 AS sk, 1 AS v;"
                "CREATE TEMP TRIGGER put INSTEAD OF INSERT ON puts BEGIN "
                "INSERT INTO history(seq, tbl, pk, sk, v) SELECT seq + 1, %d, "
                "new.pk, new.sk, new.v FROM commits;"
                "UPDATE commits SET seq = seq + 1;"
                "INSERT OR REPLACE INTO %s(pk, sk, v, grp, rank, pad) "
                "VALUES(new.pk, new.sk, new.v, grp_of(new.v), rank_of(new.v), "
                "pad_of(new.v)); END",
                t.number, t.name);
    answer a = history_ask(w, "INSERT INTO puts VALUES('p%d', %d, %lld)",
                           history_random(w, PARTITION_KEYS),
                           history_random(w, SORT_KEYS), v);
    bool is_there = strstr(a.text, "no such table") == NULL;
    if (a.code == SQLITE_OK) {
        history_count(w, COUNT_COMMITS);
    } else if (is_there && (a.code & 0xff) != SQLITE_BUSY &&
               (a.code & 0xff) != SQLITE_CORRUPT) {
        history_fail(w, "%s", a.text);
    }
    sqlite3_free(a.text);
    history_run(w, "DROP TRIGGER IF EXISTS temp.put;"
                   "DROP VIEW IF EXISTS temp.puts");
}

/* ---------------------------------------------------------- transactions -- */

bool transaction_begin(worker *w, const char *how)
{
    w->is_lost = false;
    w->has_written[0] = false;
    w->has_written[1] = false;
    return history_run(w, "BEGIN %s", how) == SQLITE_OK;
}

void transaction_roll_back(worker *w)
{
    if (!w->is_lost) history_count(w, COUNT_UNDONE);
    w->is_lost = false;
    if (!sqlite3_get_autocommit(w->db)) history_run(w, "ROLLBACK");
}

/* Old states that no reader asks for any more are forgotten. */
static void number_commit(worker *w, const char *schema)
{
    history_run(w, "UPDATE %s.commits SET seq = seq + 1", schema);
    if (history_random(w, 50) != 0) return;
    history_run(w,
                "DELETE FROM %s.history WHERE seq < (SELECT seq - 300 FROM "
                "%s.commits) AND id NOT IN (SELECT max(id) FROM %s.history "
                "GROUP BY tbl, pk, sk)",
                schema, schema, schema);
}

void transaction_commit(worker *w)
{
    bool has_written = w->has_written[0] || w->has_written[1];
    if (!w->is_lost && w->has_written[0]) number_commit(w, "main");
    if (!w->is_lost && w->has_written[1]) number_commit(w, "other");
    if (!w->is_lost) history_run(w, "COMMIT");
    if (w->is_lost) {
        transaction_roll_back(w);
    } else if (has_written) {
        history_count(w, COUNT_COMMITS);
    }
}

enum { SAVEPOINTS = 3 };

/* Begin a savepoint, or go back to one, or release one. Returns how many there
 * are. */
static int use_savepoint(worker *w, int depth)
{
    if (depth == 0 || (depth < SAVEPOINTS && history_random(w, 2))) {
        history_run(w, "SAVEPOINT s%d", depth);
        return depth + 1;
    }
    int to = history_random(w, depth);
    if (history_random(w, 3)) {
        history_run(w, "ROLLBACK TO s%d", to);
        history_count(w, COUNT_UNDONE);
        return to + 1;
    }
    history_run(w, "RELEASE s%d", to);
    return to;
}

static void take_step(worker *w, bool writes, int *depth)
{
    int what = history_random(w, 100);
    if (what < 45 || (!writes && what < 90)) {
        read_something(w);
    } else if (what < 80) {
        if (writes) write_something(w);
    } else if (what < 95) {
        *depth = use_savepoint(w, *depth);
    } else if (what < 98) {
        if (writes) change_schema(w);
    } else if (what < 99) {
        if (writes) change_leaves(w);
    } else if (writes) {
        history_run(w, "SELECT dynamo_maintain()");
    }
}

/* A transaction that begins with reading is given up when it cannot write. */
void transaction_run(worker *w)
{
    bool writes = !w->is_read_only && history_random(w, 3) != 0;
    bool is_immediate = writes && history_random(w, 3) != 0;
    int depth = 0;
    if (!transaction_begin(w, is_immediate ? "IMMEDIATE" : "DEFERRED")) return;
    for (int i = 1 + history_random(w, 10); i > 0 && !w->is_lost; i--)
        take_step(w, writes, &depth);
    if (w->is_lost || history_random(w, 4) == 0) {
        transaction_roll_back(w);
    } else {
        transaction_commit(w);
    }
}
