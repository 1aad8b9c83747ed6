/* Lists of keys; the contract is in key_lists.h. */
#include "key_lists.h"

#include "base/exception.h"
#include "bridge.h"

#include <stdlib.h>

typedef struct lister {
    dyn_call *call;
    const plan_table *table;
    int plan;
    const char *sentence;
    int argc;
    sqlite3_value **argv;   /* as they came: some are lists */
    sqlite3_value **values; /* one of each list */
    plan_range *range;
    key_list *keys;
    size_t room;
} lister;

static dyn_status add_key(lister *l, dyn_bytes key)
{
    if (l->keys->count == l->room) {
        size_t room = 2 * l->room + 8;
        dyn_bytes *keys = dyn_alloc(l->call, room * sizeof(*keys));
        if (keys == NULL) return DYN_NOMEM;
        if (l->room > 0) memcpy(keys, l->keys->keys, l->room * sizeof(*keys));
        l->keys->keys = keys;
        l->room = room;
    }
    l->keys->keys[l->keys->count++] = key;
    return DYN_OK;
}

/* The lists behind `at` are taken apart in turn, for each value of those before
 * them. */
static dyn_status resolve_from(lister *l, int at);

static dyn_status resolve_values(lister *l)
{
    plan_range range;
    DYN_TRY(plan_resolve(l->call, l->table, l->plan, l->sentence, l->values,
                         &range));
    bool is_key = range.access == PLAN_GET;
    if (is_key || l->range->access == PLAN_NOTHING) *l->range = range;
    return is_key ? add_key(l, range.request.low) : DYN_OK;
}

/* SQLite says of a value that is no list that it is in error. */
static dyn_status resolve_list(lister *l, int at)
{
    sqlite3_value *value = NULL;
    int rc = sqlite3_vtab_in_first(l->argv[at], &value);
    if (rc == SQLITE_ERROR || rc == SQLITE_MISUSE) {
        l->values[at] = l->argv[at];
        return resolve_from(l, at + 1);
    }
    for (; rc == SQLITE_OK && value != NULL;
         rc = sqlite3_vtab_in_next(l->argv[at], &value)) {
        l->values[at] = value;
        DYN_TRY(resolve_from(l, at + 1));
    }
    if (rc == SQLITE_OK || rc == SQLITE_DONE) return DYN_OK;
    return rc == SQLITE_NOMEM
               ? dyn_fail_nomem(l->call)
               : dyn_fail_sqlite(l->call, rc, "a list cannot be read");
}

static dyn_status resolve_from(lister *l, int at)
{
    return at == l->argc ? resolve_values(l) : resolve_list(l, at);
}

static int compare_keys(const void *a, const void *b)
{
    return dyn_bytes_compare(*(const dyn_bytes *)a, *(const dyn_bytes *)b);
}

static void make_unique(key_list *keys)
{
    size_t kept = 0;
    if (keys->count == 0) return;
    qsort(keys->keys, keys->count, sizeof(*keys->keys), compare_keys);
    for (size_t i = 1; i < keys->count; i++) {
        if (!dyn_bytes_equal(keys->keys[kept], keys->keys[i]))
            keys->keys[++kept] = keys->keys[i];
    }
    keys->count = kept + 1;
}

dyn_status key_lists_resolve(dyn_call *call, const plan_table *table, int plan,
                             const char *sentence, int argc,
                             sqlite3_value **argv, plan_range *range,
                             key_list *keys)
{
    lister l = {call, table, plan, sentence, argc, argv, NULL, range, keys, 0};
    *keys = (key_list){NULL, 0};
    *range = (plan_range){.access = PLAN_NOTHING};
    range->request.index = -1;
    l.values = dyn_alloc(call, (size_t)argc * sizeof(sqlite3_value *));
    if (l.values == NULL) return DYN_NOMEM;
    DYN_TRY(resolve_from(&l, 0));
    make_unique(keys);
    return DYN_OK;
}
