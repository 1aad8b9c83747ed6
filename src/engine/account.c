/* The registry of accounts, and finding the partitions of one; the contracts
 * are in account.h and account_internal.h. */
#include "engine/account_internal.h"

#include "base/sqlite.h"

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

void dyn_account_free_trees(dyn_tree_loads *trees, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < trees[i].count; k++)
            sqlite3_free(trees[i].loads[k].heats);
        for (int k = 0; k < DYN_HOT_KINDS; k++)
            dyn_hot_keys_close(trees[i].hot[k]);
        sqlite3_free(trees[i].loads);
    }
    sqlite3_free(trees);
}

static void free_account(dyn_account *account)
{
    dyn_account_free_trees(account->trees, account->tree_count);
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

/* --------------------------------------------------------------- the map -- */

dyn_load *dyn_account_load_of(const dyn_tree_loads *tree, uint64_t hash)
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

dyn_tree_loads *dyn_account_tree_of(const dyn_account *account, int64_t tree)
{
    for (size_t i = 0; i < account->tree_count; i++) {
        if (account->trees[i].tree == tree) return &account->trees[i];
    }
    return NULL;
}
