/* Units that are consumed and not written yet; the contracts are in account.h
 * and account_internal.h. */
#include "engine/account_internal.h"

#include "base/sqlite.h"

/* ------------------------------------------------------------- adding up -- */

static bool is_empty(const dyn_load *l)
{
    return l->read_halves == 0 && l->write_units == 0;
}

static dyn_usage usage_of(int64_t tree, const dyn_load *l)
{
    return (dyn_usage){tree,      l->low,         true,
                       l->minute, l->read_halves, l->write_units};
}

static bool make_room(dyn_usage_list *list, size_t count)
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
static bool put_aside(dyn_usage_list *earlier, const dyn_usage *usage)
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
static void add_usage(dyn_usage_list *earlier, dyn_load *to,
                      const dyn_usage *usage)
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

void dyn_account_put(dyn_account *account, const dyn_usage *usage)
{
    const dyn_tree_loads *tree = dyn_account_tree_of(account, usage->tree);
    if (tree == NULL) return; /* the index is gone */
    add_usage(&account->earlier, dyn_account_load_of(tree, usage->low), usage);
}

void dyn_account_put_all(dyn_account *account, const dyn_tree_loads *trees,
                         size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < trees[i].count; k++) {
            dyn_usage usage = usage_of(trees[i].tree, &trees[i].loads[k]);
            if (!is_empty(&trees[i].loads[k])) dyn_account_put(account, &usage);
        }
    }
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
        const dyn_tree_loads *tree = &account->trees[i];
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
            dyn_account_put(account, &account->taken.all[i]);
        account->taken.count = 0;
        account->taker = NULL;
    }
    dyn_lock_leave(account->lock);
}
