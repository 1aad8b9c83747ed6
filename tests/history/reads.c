/* Reading a dynamo table in some way, and the same in plain SQL; the contracts
 * are in history.h. */
#include "history.h"

#include <stdio.h>
#include <string.h>

/* A read, as it is asked of the dynamo table and of the history. In the latter
 * the items stand for %s. */
typedef struct reading {
    char *dynamo;
    char *plain;
    char and[80]; /* on the key */
} reading;

static void free_reading(reading *r)
{
    sqlite3_free(r->dynamo);
    sqlite3_free(r->plain);
}

/* The columns of an item, and whether the others fit its value. */
#define WHOLE                                                                  \
    "pk, sk, v, rank IS rank_of(v) AND grp IS grp_of(v) AND pad IS pad_of(v)"
#define KEYS  "pk, sk, v, rank IS rank_of(v) AND grp IS grp_of(v)"
#define PLAIN "pk, sk, v, 1"

/* ------------------------------------------------------------ statements -- */

static reading by_key(const char *mode, const table *t, const char *pk, int sk)
{
    reading r = {.dynamo = sqlite3_mprintf(
                     "SELECT " WHOLE " FROM %s.%s%s WHERE pk = '%s' AND sk = "
                     "%d",
                     t->schema, t->name, mode, pk, sk)};
    snprintf(r.and, sizeof(r.and), "AND pk = '%s' AND sk = %d", pk, sk);
    r.plain = sqlite3_mprintf("SELECT " PLAIN " FROM %%s");
    return r;
}

static reading by_keys(worker *w, const char *mode, const table *t)
{
    int a = history_random(w, PARTITION_KEYS);
    int b = history_random(w, PARTITION_KEYS);
    int sk = history_random(w, SORT_KEYS);
    reading r = {.dynamo = sqlite3_mprintf(
                     "SELECT " WHOLE " FROM %s.%s%s WHERE pk IN ('p%d', 'p%d') "
                     "AND sk BETWEEN %d AND %d ORDER BY pk, sk",
                     t->schema, t->name, mode, a, b, sk, sk + 2)};
    snprintf(r.and, sizeof(r.and),
             "AND pk IN ('p%d', 'p%d') AND sk BETWEEN %d AND %d", a, b, sk,
             sk + 2);
    r.plain = sqlite3_mprintf("SELECT " PLAIN " FROM %%s ORDER BY pk, sk");
    return r;
}

static reading by_range(worker *w, const char *mode, const table *t)
{
    int pk = history_random(w, PARTITION_KEYS);
    int sk = history_random(w, SORT_KEYS);
    const char *order = history_random(w, 2) ? "DESC" : "ASC";
    reading r = {.dynamo = sqlite3_mprintf(
                     "SELECT " WHOLE " FROM %s.%s%s WHERE pk = 'p%d' AND sk >= "
                     "%d ORDER BY sk %s LIMIT 4",
                     t->schema, t->name, mode, pk, sk, order)};
    snprintf(r.and, sizeof(r.and), "AND pk = 'p%d' AND sk >= %d", pk, sk);
    r.plain = sqlite3_mprintf("SELECT " PLAIN " FROM %%s ORDER BY sk %s LIMIT "
                              "4",
                              order);
    return r;
}

static reading by_local_index(worker *w, const table *t)
{
    int pk = history_random(w, PARTITION_KEYS);
    int rank = history_random(w, RANKS);
    reading r = {.dynamo = sqlite3_mprintf(
                     "SELECT " WHOLE " FROM %s.%s('%s index by_rank') WHERE pk "
                     "= 'p%d' AND rank >= %d ORDER BY pk, sk",
                     t->schema, t->name, history_random(w, 2) ? "strong" : "",
                     pk, rank)};
    snprintf(r.and, sizeof(r.and), "AND pk = 'p%d'", pk);
    r.plain = sqlite3_mprintf("SELECT " PLAIN " FROM %%s WHERE rank_of(v) >= "
                              "%d ORDER BY pk, sk",
                              rank);
    return r;
}

static reading by_global_index(worker *w, const table *t)
{
    int group = history_random(w, GROUPS);
    int rank = history_random(w, RANKS);
    reading r = {.dynamo = sqlite3_mprintf(
                     "SELECT " KEYS " FROM %s.%s WHERE grp = 'g%d' AND rank >= "
                     "%d ORDER BY pk, sk",
                     t->schema, t->name, group, rank)};
    r.plain = sqlite3_mprintf("SELECT " PLAIN " FROM %%s WHERE grp_of(v) = "
                              "'g%d' AND rank_of(v) >= %d ORDER BY pk, sk",
                              group, rank);
    return r;
}

static reading by_extra_index(worker *w, const table *t)
{
    int rank = history_random(w, RANKS);
    reading r = {.dynamo = sqlite3_mprintf(
                     "SELECT pk, sk, v, 1 FROM %s.%s('index extra') WHERE rank "
                     "= %d ORDER BY pk, sk",
                     t->schema, t->name, rank)};
    r.plain = sqlite3_mprintf("SELECT " PLAIN " FROM %%s WHERE rank_of(v) = %d "
                              "ORDER BY pk, sk",
                              rank);
    return r;
}

static reading by_scan(worker *w, const table *t)
{
    reading r = {.dynamo = sqlite3_mprintf(
                     "SELECT " WHOLE " FROM %s.%s('scan%s') ORDER BY pk, sk",
                     t->schema, t->name,
                     history_random(w, 2) ? " strong" : "")};
    r.plain = sqlite3_mprintf("SELECT " PLAIN " FROM %%s ORDER BY pk, sk");
    return r;
}

static reading by_index_scan(const table *t)
{
    reading r = {.dynamo = sqlite3_mprintf("SELECT " KEYS
                                           " FROM %s.%s('scan index by_grp') "
                                           "ORDER BY pk, sk",
                                           t->schema, t->name)};
    r.plain = sqlite3_mprintf("SELECT " PLAIN " FROM %%s ORDER BY pk, sk");
    return r;
}

/* ------------------------------------------------------------------ API -- */

static reading by_get_item(worker *w, const table *t)
{
    int pk = history_random(w, PARTITION_KEYS);
    int sk = history_random(w, SORT_KEYS);
    reading r = {
        .dynamo = sqlite3_mprintf(
            "SELECT dynamo_api('GetItem', '{\"TableName\": \"%s.%s\", \"Key\": "
            "{\"pk\": {\"S\": \"p%d\"}, \"sk\": {\"N\": \"%d\"}}, "
            "\"ConsistentRead\": %s, \"ProjectionExpression\": \"v\"}')",
            t->schema, t->name, pk, sk,
            history_random(w, 2) ? "true" : "false")};
    snprintf(r.and, sizeof(r.and), "AND pk = 'p%d' AND sk = %d", pk, sk);
    r.plain = sqlite3_mprintf(
        "SELECT coalesce((SELECT printf('{\"Item\":{\"v\":{\"N\":\"%%%%d\"}}}',"
        " v) FROM %%s), '{}')");
    return r;
}

static reading by_api_query(worker *w, const table *t)
{
    int pk = history_random(w, PARTITION_KEYS);
    reading r = {
        .dynamo = sqlite3_mprintf(
            "SELECT dynamo_api('Query', '{\"TableName\": \"%s.%s\", "
            "\"KeyConditionExpression\": \"pk = :p\", "
            "\"ExpressionAttributeValues\": {\":p\": {\"S\": \"p%d\"}}, "
            "\"ConsistentRead\": true, \"ProjectionExpression\": \"v\"}')",
            t->schema, t->name, pk)};
    snprintf(r.and, sizeof(r.and), "AND pk = 'p%d'", pk);
    r.plain = sqlite3_mprintf(
        "SELECT printf('{\"Items\":[%%%%s],\"Count\":%%%%d,\"ScannedCount\":"
        "%%%%d}', coalesce(group_concat(item), ''), count(*), count(*)) FROM "
        "(SELECT printf('{\"v\":{\"N\":\"%%%%d\"}}', v) AS item FROM %%s "
        "ORDER BY sk)");
    return r;
}

static reading by_transact_get(worker *w, const table *t)
{
    int pk = history_random(w, PARTITION_KEYS);
    int sk = history_random(w, SORT_KEYS);
    reading r = {
        .dynamo = sqlite3_mprintf(
            "SELECT dynamo_api('TransactGetItems', '{\"TransactItems\": "
            "[{\"Get\": {\"TableName\": \"%s.%s\", \"Key\": {\"pk\": {\"S\": "
            "\"p%d\"}, \"sk\": {\"N\": \"%d\"}}, \"ProjectionExpression\": "
            "\"v\"}}]}')",
            t->schema, t->name, pk, sk)};
    snprintf(r.and, sizeof(r.and), "AND pk = 'p%d' AND sk = %d", pk, sk);
    r.plain = sqlite3_mprintf(
        "SELECT '{\"Responses\":[' || coalesce((SELECT "
        "printf('{\"Item\":{\"v\":{\"N\":\"%%%%d\"}}}', v) FROM %%s), '{}') || "
        "']}'");
    return r;
}

static reading by_count(const table *t)
{
    reading r = {.dynamo = sqlite3_mprintf(
                     "SELECT sum(items) FROM dynamo_partitions('%s.%s') WHERE "
                     "coalesce(index_name, '') = ''",
                     t->schema, t->name)};
    r.plain = sqlite3_mprintf("SELECT count(*) FROM %%s");
    return r;
}

/* ------------------------------------------------------------ comparing -- */

static reading some_reading(worker *w, const table *t)
{
    const char *mode = history_random(w, 3) ? "('strong')" : "";
    char pk[8];
    snprintf(pk, sizeof(pk), "p%d", history_random(w, PARTITION_KEYS));
    switch (history_random(w, 16)) {
    case 0:
        return by_keys(w, mode, t);
    case 1:
    case 2:
        return by_range(w, mode, t);
    case 3:
        return by_local_index(w, t);
    case 4:
        return by_global_index(w, t);
    case 5:
        return by_scan(w, t);
    case 6:
    case 7:
        return by_get_item(w, t);
    case 8:
        return by_api_query(w, t);
    case 9:
        return by_transact_get(w, t);
    case 10:
        if (!t->is_damaged) return by_count(t);
        return by_index_scan(t);
    case 11:
        return by_index_scan(t);
    case 12:
        if (t->has_extra) return by_extra_index(w, t);
        return by_global_index(w, t);
    default:
        return by_key(mode, t, pk, history_random(w, SORT_KEYS));
    }
}

/* What the history says, after a commit. */
static answer ask_history(worker *w, const table *t, const reading *r,
                          int64_t sequence)
{
    char *items = truth_items(t, sequence, r->and);
    answer a = history_ask(w, r->plain, items);
    sqlite3_free(items);
    if (a.code != SQLITE_OK && !history_is_busy(w, a.code))
        history_fail(w, "%s", a.text);
    return a;
}

static bool is_filling(const answer *a)
{
    return a->code != SQLITE_OK && strstr(a->text, "is being filled") != NULL;
}

/* Damage of all leaves is noticed by each read that comes to one, and so by all
 * that have something to show. */
static void check_damaged(worker *w, const table *t, const reading *r,
                          const answer *is)
{
    answer truth = ask_history(w, t, r, LAST_SEQUENCE);
    bool shows =
        strchr(truth.text, '|') != NULL || strstr(truth.text, "\"N\"") != NULL;
    if (is->code == SQLITE_OK && truth.code == SQLITE_OK &&
        (shows || strcmp(is->text, truth.text) != 0))
        history_fail(w, "all leaves are damaged, and this was read:\n%s\n%s",
                     r->dynamo, is->text);
    if (is->code != SQLITE_OK && (is->code & 0xff) != SQLITE_CORRUPT)
        history_fail(w, "damage is told as %d: %s", is->code, is->text);
    sqlite3_free(truth.text);
    history_count(w, COUNT_REFUSED);
}

static void compare(worker *w, const table *t, reading r)
{
    answer is = history_ask(w, "%s", r.dynamo);
    answer truth = {.text = NULL};
    if (w->is_lost || history_is_busy(w, is.code) || is_filling(&is)) {
        /* nothing to compare */
    } else if (t->is_damaged) {
        check_damaged(w, t, &r, &is);
    } else {
        truth = ask_history(w, t, &r, LAST_SEQUENCE);
        if (truth.code == SQLITE_OK &&
            (is.code != SQLITE_OK || strcmp(is.text, truth.text) != 0))
            history_fail(w, "%s\nis (%d)\n%s\nand not\n%s", r.dynamo, is.code,
                         is.text, truth.text);
        history_count(w, COUNT_READS);
    }
    sqlite3_free(is.text);
    sqlite3_free(truth.text);
    free_reading(&r);
}

void read_something(worker *w)
{
    table t;
    int file = w->has_other ? history_random(w, 2) : 0;
    if (truth_table(w, file, history_random(w, TABLES), &t))
        compare(w, &t, some_reading(w, &t));
}

void read_key(worker *w, const table *t, const char *pk, int sk)
{
    compare(w, t, by_key("('strong')", t, pk, sk));
}

void read_all(worker *w, const table *t)
{
    compare(w, t, by_scan(w, t));
}

/* ---------------------------------------------------------------- alone -- */

static int64_t last_commit(worker *w)
{
    return history_number(w, "SELECT seq FROM main.commits");
}

/* Whether the answer is what the history says after one of the commits. */
static bool is_explained(worker *w, const table *t, const reading *r,
                         const answer *is, int64_t first)
{
    int64_t last = last_commit(w);
    bool result = is->code != SQLITE_OK && last > first;
    for (int64_t s = last; s >= first && !result; s--) {
        answer truth = ask_history(w, t, r, s);
        result = truth.code != SQLITE_OK ||
                 (is->code == SQLITE_OK && strcmp(is->text, truth.text) == 0);
        sqlite3_free(truth.text);
    }
    return result;
}

void read_alone(worker *w)
{
    table t;
    if (!truth_table(w, 0, history_random(w, TABLES), &t) || t.is_damaged)
        return;
    int64_t first = last_commit(w);
    /* what was read of the table has to be of that commit, too */
    table again;
    reading r = some_reading(w, &t);
    if (truth_table(w, 0, t.number, &again) && !w->is_lost &&
        strcmp(again.name, t.name) == 0 && again.has_extra == t.has_extra &&
        !again.is_damaged) {
        answer is = history_ask(w, "%s", r.dynamo);
        history_run(w, "BEGIN");
        if (!w->is_lost && !history_is_busy(w, is.code) && !is_filling(&is) &&
            !is_explained(w, &t, &r, &is, first))
            history_fail(w,
                         "%s\nis (%d)\n%s\nwhich no commit from %lld on "
                         "explains",
                         r.dynamo, is.code, is.text, (long long)first);
        if (!sqlite3_get_autocommit(w->db)) history_run(w, "COMMIT");
        history_count(w, COUNT_ALONE);
        sqlite3_free(is.text);
    }
    free_reading(&r);
}
