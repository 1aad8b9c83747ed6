/* Accounts and their registry; the contracts are in account.h. */
#include "engine/account.h"

#include "base/lock.h"
#include "base/sqlite.h"

/* What is pending of a partition: units of its latest minute. */
typedef struct load {
    uint64_t low;
    int64_t minute;
    int64_t read_halves;
    int64_t write_units;
} load;

typedef struct tree_loads {
    int64_t tree;
    load *loads;
    size_t count;
} tree_loads;

/* A list that grows; what it cannot take, somebody else has to. */
typedef struct usage_list {
    dyn_usage *all;
    size_t count;
    size_t room;
} usage_list;

struct dyn_account {
    dyn_account *next; /* of the registry */
    int references;    /* guarded by the lock of the process, as is_dropped */
    bool is_dropped;
    char *place; /* of the database; owned, as are the members below */
    char *id;
    dyn_lock *lock; /* guards all that follows */
    int64_t generation;
    tree_loads *trees;
    size_t tree_count;
    usage_list earlier; /* pending, of minutes before the latest */
    usage_list taken;   /* being written */
    const void *taker;
};

/* ------------------------------------------------------------ the registry --
 */

static dyn_account *registry;

/* Where a database is: the path of its file, or the connection and schema that
 * alone have it. */
static char *place_of(const struct sqlite3 *db, const char *schema,
                      const char *file)
{
    return file[0] != '\0'
               ? sqlite3_mprintf("%s", file)
               : sqlite3_mprintf(":%p:%s", (const void *)db, schema);
}

static void free_trees(tree_loads *trees, size_t count)
{
    for (size_t i = 0; i < count; i++)
        sqlite3_free(trees[i].loads);
    sqlite3_free(trees);
}

static void free_account(dyn_account *account)
{
    free_trees(account->trees, account->tree_count);
    sqlite3_free(account->earlier.all);
    sqlite3_free(account->taken.all);
    dyn_lock_free(account->lock);
    sqlite3_free(account->place);
    sqlite3_free(account->id);
    sqlite3_free(account);
}

/* Takes over place. NULL when out of memory. */
static dyn_account *make_account(char *place, dyn_bytes id)
{
    dyn_account *account = sqlite3_malloc64(sizeof(*account));
    if (account == NULL) {
        sqlite3_free(place);
        return NULL;
    }
    memset(account, 0, sizeof(*account));
    account->place = place;
    account->id = sqlite3_mprintf("%.*s", (int)id.size_bytes,
                                  id.data == NULL ? "" : (const char *)id.data);
    account->references = 1;
    if (dyn_lock_make(&account->lock) && account->id != NULL) return account;
    free_account(account);
    return NULL;
}

bool dyn_account_is_of(const dyn_account *account, dyn_bytes id)
{
    return dyn_bytes_equal_text(id, account->id);
}

static dyn_account *find_account(const char *place, dyn_bytes id)
{
    for (dyn_account *a = registry; a != NULL; a = a->next) {
        if (strcmp(a->place, place) == 0 && dyn_account_is_of(a, id)) return a;
    }
    return NULL;
}

dyn_status dyn_account_open(dyn_call *call, const struct sqlite3 *db,
                            const char *schema, const char *file, dyn_bytes id,
                            dyn_account **out)
{
    char *place = place_of(db, schema, file);
    *out = NULL;
    if (place == NULL) return dyn_fail_nomem(call);
    dyn_lock *lock = dyn_lock_of_process();
    dyn_lock_enter(lock);
    *out = find_account(place, id);
    if (*out != NULL) {
        (*out)->references++;
        (*out)->is_dropped = false;
        sqlite3_free(place);
    } else {
        *out = make_account(place, id);
        if (*out != NULL) {
            (*out)->next = registry;
            registry = *out;
        }
    }
    dyn_lock_leave(lock);
    return *out != NULL ? DYN_OK : dyn_fail_nomem(call);
}

void dyn_account_retain(dyn_account *account)
{
    dyn_lock *lock = dyn_lock_of_process();
    dyn_lock_enter(lock);
    account->references++;
    dyn_lock_leave(lock);
}

void dyn_account_release(dyn_account *account)
{
    if (account == NULL) return;
    dyn_lock *lock = dyn_lock_of_process();
    dyn_lock_enter(lock);
    bool is_last = --account->references == 0;
    dyn_account **link = &registry;
    while (is_last && *link != account)
        link = &(*link)->next;
    if (is_last) *link = account->next;
    dyn_lock_leave(lock);
    if (is_last) free_account(account);
}

void dyn_account_drop(dyn_account *account)
{
    dyn_lock *lock = dyn_lock_of_process();
    dyn_lock_enter(lock);
    account->is_dropped = true;
    dyn_lock_leave(lock);
}

bool dyn_account_is_over(const dyn_account *account)
{
    dyn_lock *lock = dyn_lock_of_process();
    dyn_lock_enter(lock);
    bool is_over = account->is_dropped && account->references == 1;
    dyn_lock_leave(lock);
    return is_over;
}

/* ------------------------------------------------------------- adding up -- */

/* The last load that does not begin behind a hash. */
static load *find_load(const tree_loads *tree, uint64_t hash)
{
    size_t low = 0;
    size_t high = tree->count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (tree->loads[middle].low <= hash) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return &tree->loads[low];
}

static tree_loads *find_tree(const dyn_account *account, int64_t tree)
{
    for (size_t i = 0; i < account->tree_count; i++) {
        if (account->trees[i].tree == tree) return &account->trees[i];
    }
    return NULL;
}

static bool is_empty(const load *l)
{
    return l->read_halves == 0 && l->write_units == 0;
}

static dyn_usage usage_of(int64_t tree, const load *l)
{
    return (dyn_usage){tree,      l->low,         true,
                       l->minute, l->read_halves, l->write_units};
}

static bool make_room(usage_list *list, size_t count)
{
    if (list->count + count <= list->room) return true;
    size_t room = 2 * list->room + count;
    dyn_usage *all = sqlite3_realloc64(list->all, room * sizeof(dyn_usage));
    if (all == NULL) return false;
    list->all = all;
    list->room = room;
    return true;
}

/* Put units of an earlier minute aside: they are the tree's by then. False when
 * there is no memory for them. */
static bool put_aside(usage_list *earlier, const dyn_usage *usage)
{
    for (size_t i = earlier->count; i > 0; i--) {
        dyn_usage *other = &earlier->all[i - 1];
        if (other->tree != usage->tree || other->minute != usage->minute)
            continue;
        other->read_halves += usage->read_halves;
        other->write_units += usage->write_units;
        return true;
    }
    if (!make_room(earlier, 1)) return false;
    earlier->all[earlier->count] = *usage;
    earlier->all[earlier->count++].is_latest = false;
    return true;
}

/* Add units to a load, whose minute is the later one of the two. */
static void add_usage(usage_list *earlier, load *to, const dyn_usage *usage)
{
    if (is_empty(to)) to->minute = usage->minute;
    if (usage->minute > to->minute) {
        dyn_usage before = usage_of(usage->tree, to);
        if (put_aside(earlier, &before)) {
            to->read_halves = 0;
            to->write_units = 0;
        }
        to->minute = usage->minute;
    } else if (usage->minute < to->minute && put_aside(earlier, usage)) {
        return;
    }
    to->read_halves += usage->read_halves;
    to->write_units += usage->write_units;
}

static void add_to_tree(dyn_account *account, const dyn_usage *usage)
{
    const tree_loads *tree = find_tree(account, usage->tree);
    if (tree == NULL) return; /* the index is gone */
    add_usage(&account->earlier, find_load(tree, usage->low), usage);
}

void dyn_account_add(dyn_account *account, const dyn_charge *charges,
                     size_t count)
{
    dyn_lock_enter(account->lock);
    for (size_t i = 0; i < count; i++) {
        const dyn_charge *c = &charges[i];
        add_to_tree(account, &(dyn_usage){c->tree, c->hash, true, c->minute,
                                          c->read_halves, c->write_units});
    }
    dyn_lock_leave(account->lock);
}

/* ------------------------------------------------------------- the map -- */

static bool is_tree(const tree_loads *known, const dyn_account_tree *tree)
{
    if (known->tree != tree->tree || known->count != tree->count) return false;
    for (size_t i = 0; i < tree->count; i++) {
        if (known->loads[i].low != tree->lows[i]) return false;
    }
    return true;
}

static bool is_known(const dyn_account *account, const dyn_account_tree *trees,
                     size_t count)
{
    if (account->tree_count != count) return false;
    for (size_t i = 0; i < count; i++) {
        if (!is_tree(&account->trees[i], &trees[i])) return false;
    }
    return true;
}

static bool make_tree(const dyn_account_tree *tree, tree_loads *out)
{
    out->tree = tree->tree;
    out->loads = sqlite3_malloc64((tree->count + 1) * sizeof(load));
    if (out->loads == NULL) return false;
    out->count = tree->count;
    for (size_t i = 0; i < tree->count; i++)
        out->loads[i] = (load){.low = tree->lows[i]};
    return true;
}

/* NULL when out of memory. */
static tree_loads *make_trees(const dyn_account_tree *trees, size_t count)
{
    tree_loads *out = sqlite3_malloc64((count + 1) * sizeof(tree_loads));
    if (out == NULL) return NULL;
    memset(out, 0, (count + 1) * sizeof(tree_loads));
    for (size_t i = 0; i < count; i++) {
        if (make_tree(&trees[i], &out[i])) continue;
        free_trees(out, count);
        return NULL;
    }
    return out;
}

/* What the old loads hold goes to those of the new map. */
static bool replace_trees(dyn_account *account, const dyn_account_tree *trees,
                          size_t count)
{
    tree_loads *old = account->trees;
    size_t old_count = account->tree_count;
    tree_loads *made = make_trees(trees, count);
    if (made == NULL) return false;
    account->trees = made;
    account->tree_count = count;
    for (size_t i = 0; i < old_count; i++) {
        for (size_t k = 0; k < old[i].count; k++) {
            dyn_usage usage = usage_of(old[i].tree, &old[i].loads[k]);
            if (!is_empty(&old[i].loads[k])) add_to_tree(account, &usage);
        }
    }
    free_trees(old, old_count);
    return true;
}

dyn_status dyn_account_adopt(dyn_call *call, dyn_account *account,
                             int64_t generation, const dyn_account_tree *trees,
                             size_t count)
{
    bool is_done = true;
    dyn_lock_enter(account->lock);
    if (generation >= account->generation) {
        is_done = is_known(account, trees, count) ||
                  replace_trees(account, trees, count);
        if (is_done) account->generation = generation;
    }
    dyn_lock_leave(account->lock);
    return is_done ? DYN_OK : dyn_fail_nomem(call);
}

/* --------------------------------------------------------------- writing -- */

static size_t count_usage(const dyn_account *account)
{
    size_t count = account->earlier.count;
    for (size_t i = 0; i < account->tree_count; i++) {
        for (size_t k = 0; k < account->trees[i].count; k++)
            count += !is_empty(&account->trees[i].loads[k]);
    }
    return count;
}

static void copy_usage(const dyn_account *account, dyn_usage *out)
{
    for (size_t i = 0; i < account->tree_count; i++) {
        const tree_loads *tree = &account->trees[i];
        for (size_t k = 0; k < tree->count; k++) {
            if (is_empty(&tree->loads[k])) continue;
            *out++ = usage_of(tree->tree, &tree->loads[k]);
        }
    }
    if (account->earlier.count > 0) {
        memcpy(out, account->earlier.all,
               account->earlier.count * sizeof(dyn_usage));
    }
}

static void clear_usage(dyn_account *account)
{
    account->earlier.count = 0;
    for (size_t i = 0; i < account->tree_count; i++) {
        for (size_t k = 0; k < account->trees[i].count; k++) {
            account->trees[i].loads[k].read_halves = 0;
            account->trees[i].loads[k].write_units = 0;
        }
    }
}

bool dyn_account_has_usage(dyn_account *account)
{
    dyn_lock_enter(account->lock);
    bool has_usage = count_usage(account) > 0;
    dyn_lock_leave(account->lock);
    return has_usage;
}

static dyn_status list_usage(dyn_call *call, const dyn_account *account,
                             dyn_usage **usage, size_t *count)
{
    *count = count_usage(account);
    *usage = dyn_alloc(call, *count * sizeof(dyn_usage));
    if (*usage == NULL) return DYN_NOMEM;
    copy_usage(account, *usage);
    return DYN_OK;
}

dyn_status dyn_account_usage(dyn_call *call, dyn_account *account,
                             dyn_usage **usage, size_t *count)
{
    dyn_lock_enter(account->lock);
    dyn_status status = list_usage(call, account, usage, count);
    dyn_lock_leave(account->lock);
    return status;
}

/* The room for giving it back is made now. */
static dyn_status take(dyn_call *call, dyn_account *account, const void *taker,
                       dyn_usage **usage, size_t *count)
{
    DYN_TRY(list_usage(call, account, usage, count));
    if (!make_room(&account->taken, *count) ||
        !make_room(&account->earlier, *count + account->taken.count)) {
        return dyn_fail_nomem(call);
    }
    if (*count > 0) {
        memcpy(account->taken.all + account->taken.count, *usage,
               *count * sizeof(dyn_usage));
    }
    account->taken.count += *count;
    account->taker = taker;
    clear_usage(account);
    return DYN_OK;
}

dyn_status dyn_account_take(dyn_call *call, dyn_account *account,
                            const void *taker, dyn_usage **usage, size_t *count)
{
    dyn_lock_enter(account->lock);
    dyn_status status = take(call, account, taker, usage, count);
    dyn_lock_leave(account->lock);
    return status;
}

void dyn_account_committed(dyn_account *account, const void *taker)
{
    dyn_lock_enter(account->lock);
    if (account->taker == taker) {
        account->taken.count = 0;
        account->taker = NULL;
    }
    dyn_lock_leave(account->lock);
}

void dyn_account_rolled_back(dyn_account *account, const void *taker)
{
    dyn_lock_enter(account->lock);
    account->generation = 0;
    if (account->taker == taker) {
        for (size_t i = 0; i < account->taken.count; i++)
            add_to_tree(account, &account->taken.all[i]);
        account->taken.count = 0;
        account->taker = NULL;
    }
    dyn_lock_leave(account->lock);
}
