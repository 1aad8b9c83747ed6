/* Units that are consumed and not written yet; the contracts are in account.h
 * and account_internal.h. */
#include "engine/account_internal.h"

#include "base/sqlite.h"

/* ------------------------------------------------------------- adding up -- */

enum {
    /* So many entries are by partition, which covers three hours of a table
     * with four partitions and five indexes; what comes then is by tree. */
    BY_PARTITION_MAX = 4096,
    LOOK_BACK_MAX = 256, /* among them, for one to add to */
};

static bool is_empty(const dyn_load *l)
{
    return !l->is_used || dyn_uses_is_empty(&l->uses);
}

static void clear(dyn_load *l)
{
    l->is_used = false;
    memset(&l->uses, 0, sizeof(l->uses));
}

static dyn_usage usage_of(int64_t tree, const dyn_load *l)
{
    return (dyn_usage){.tree = tree,
                       .low = l->low,
                       .is_latest = true,
                       .minute = l->minute,
                       .uses = l->uses};
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

static bool is_alike(const dyn_usage *a, const dyn_usage *b)
{
    return a->minute == b->minute && a->tree == b->tree && a->low == b->low &&
           a->is_of_tree == b->is_of_tree;
}

/* Put what is of an earlier minute aside. An entry that is not found, because
 * it is too far back, is there twice then. False when there is no memory. */
static bool put_aside(dyn_usage_list *earlier, const dyn_usage *usage)
{
    dyn_usage entry = *usage;
    entry.is_latest = false;
    if (earlier->count >= BY_PARTITION_MAX) entry.is_of_tree = true;
    if (entry.is_of_tree) entry.low = 0;
    size_t least =
        earlier->count > LOOK_BACK_MAX ? earlier->count - LOOK_BACK_MAX : 0;
    for (size_t i = earlier->count; i > least; i--) {
        dyn_usage *other = &earlier->all[i - 1];
        if (!is_alike(other, &entry)) continue;
        dyn_uses_add(&other->uses, &entry.uses);
        return true;
    }
    if (!make_room(earlier, 1)) return false;
    earlier->all[earlier->count++] = entry;
    return true;
}

/* Add to a load, whose minute is the later one of the two. */
static void add_usage(dyn_usage_list *earlier, dyn_load *to,
                      const dyn_usage *usage)
{
    if (usage->is_of_tree && put_aside(earlier, usage)) return;
    if (is_empty(to)) to->minute = usage->minute;
    if (usage->minute > to->minute) {
        dyn_usage before = usage_of(usage->tree, to);
        if (put_aside(earlier, &before)) clear(to);
        to->minute = usage->minute;
    } else if (usage->minute < to->minute && put_aside(earlier, usage)) {
        return;
    }
    to->is_used = true;
    dyn_uses_add(&to->uses, &usage->uses);
}

/* What a partition had. */
static void put_usage(dyn_account *account, const dyn_usage *usage)
{
    const dyn_tree_loads *tree = dyn_account_tree_of(account, usage->tree);
    if (tree == NULL) return; /* the index is gone */
    add_usage(&account->earlier, dyn_account_load_of(tree, usage->low), usage);
}

void dyn_account_put_charge(dyn_account *account, dyn_load *load,
                            const dyn_charge *charge, int64_t throttled)
{
    /* a charge is of reading or of writing */
    int64_t units = charge->read_halves + charge->write_units;
    if (load->is_used && load->minute == charge->minute) {
        load->uses.units[charge->use] += units;
        load->uses.throttled[charge->use] += throttled;
        return;
    }
    dyn_usage usage = {
        .tree = charge->tree, .low = load->low, .minute = charge->minute};
    usage.uses.units[charge->use] = units;
    usage.uses.throttled[charge->use] = throttled;
    add_usage(&account->earlier, load, &usage);
}

void dyn_account_put_all(dyn_account *account, const dyn_tree_loads *trees,
                         size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < trees[i].count; k++) {
            dyn_usage usage = usage_of(trees[i].tree, &trees[i].loads[k]);
            if (!is_empty(&trees[i].loads[k])) put_usage(account, &usage);
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
            if (account->trees[i].loads[k].is_used)
                clear(&account->trees[i].loads[k]);
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

/* What was taken behind so many entries is pending again. */
static void put_taken(dyn_account *account, size_t kept)
{
    for (size_t i = kept; i < account->taken.count; i++)
        put_usage(account, &account->taken.all[i]);
    account->taken.count = kept;
}

static void end_taking(dyn_account *account)
{
    account->taken.count = 0;
    account->taken_before = 0;
    account->taker = NULL;
}

void dyn_account_committed(dyn_account *account, const void *taker)
{
    dyn_lock_enter(account->lock);
    if (account->taker == taker) end_taking(account);
    dyn_account_end_texts(account, taker, true);
    dyn_lock_leave(account->lock);
}

void dyn_account_rolled_back(dyn_account *account, const void *taker)
{
    dyn_lock_enter(account->lock);
    account->generation = 0;
    if (account->taker == taker) {
        put_taken(account, 0);
        end_taking(account);
    }
    dyn_account_end_texts(account, taker, false);
    dyn_lock_leave(account->lock);
}

void dyn_account_savepoint(dyn_account *account, const void *taker)
{
    dyn_lock_enter(account->lock);
    if (account->taker == taker) account->taken_before = account->taken.count;
    dyn_lock_leave(account->lock);
}

void dyn_account_rolled_back_to(dyn_account *account, const void *taker,
                                bool is_latest)
{
    dyn_lock_enter(account->lock);
    account->generation = 0;
    if (account->taker == taker)
        put_taken(account, is_latest ? account->taken_before : 0);
    dyn_lock_leave(account->lock);
}
