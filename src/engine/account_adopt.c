/* What an account makes of partitions that a connection has read; the contract
 * is in account.h. */
#include "engine/account_internal.h"

#include "base/clock.h"
#include "base/sqlite.h"

static bool is_limit(const dyn_gate *gate, const dyn_limit *limit)
{
    return gate->limit.is_on_demand == limit->is_on_demand &&
           gate->limit.units == limit->units &&
           gate->limit.floor_units == limit->floor_units;
}

static bool is_tree(const dyn_tree_loads *known, const dyn_account_tree *tree)
{
    for (int i = 0; i < DYN_DIRECTIONS; i++) {
        if (!is_limit(&known->gates[i], &tree->limits[i])) return false;
    }
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

/* What is known of a partition goes on with it; one that was split, or lies
 * elsewhere now, begins with the buckets of the one before, and cold. */
static void inherit(const dyn_tree_loads *old, size_t number,
                    dyn_tree_loads *out)
{
    dyn_load *load = &out->loads[number];
    dyn_load *parent = dyn_account_load_of(old, load->low);
    bool is_last = number + 1 == out->count;
    bool was_last = parent + 1 == old->loads + old->count;
    for (int i = 0; i < DYN_DIRECTIONS; i++)
        load->buckets[i] = parent->buckets[i];
    if (parent->low != load->low || is_last != was_last) return;
    if (!is_last && parent[1].low != load[1].low) return;
    load->heats = parent->heats;
    load->has_cut = parent->has_cut;
    load->cut = parent->cut;
    parent->heats = NULL;
}

static bool make_tree(const dyn_account_tree *tree, int64_t now_ms,
                      dyn_tree_loads *out)
{
    out->tree = tree->tree;
    out->loads = sqlite3_malloc64((tree->count + 1) * sizeof(dyn_load));
    if (out->loads == NULL) return false;
    out->count = tree->count;
    out->stored.number = DYN_NO_TEXT;
    for (int i = 0; i < DYN_DIRECTIONS; i++)
        out->gates[i] = dyn_gate_begin(&tree->limits[i], now_ms);
    for (size_t i = 0; i < tree->count; i++)
        out->loads[i] = dyn_load_begin(tree->lows[i], now_ms);
    return true;
}

static void change_gates(dyn_gate gates[DYN_DIRECTIONS],
                         const dyn_account_tree *tree, int64_t now_ms)
{
    for (int i = 0; i < DYN_DIRECTIONS; i++) {
        if (!is_limit(&gates[i], &tree->limits[i]))
            dyn_gate_change(&gates[i], &tree->limits[i], now_ms);
    }
}

static void inherit_tree(dyn_tree_loads *old, const dyn_account_tree *tree,
                         int64_t now_ms, dyn_tree_loads *out)
{
    memcpy(out->gates, old->gates, sizeof(out->gates));
    out->stored = old->stored;
    out->written = old->written;
    out->writer = old->writer;
    change_gates(out->gates, tree, now_ms);
    if (out->stored.number != DYN_NO_TEXT)
        change_gates(out->stored.all, tree, now_ms);
    if (out->writer != NULL) change_gates(out->written.all, tree, now_ms);
    for (int i = 0; i < DYN_HOT_KINDS; i++) {
        out->hot[i] = old->hot[i];
        old->hot[i] = NULL;
    }
    for (size_t i = 0; i < out->count; i++)
        inherit(old, i, out);
}

/* NULL when out of memory. */
static dyn_tree_loads *make_trees(const dyn_account_tree *trees, size_t count,
                                  int64_t now_ms)
{
    dyn_tree_loads *out =
        sqlite3_malloc64((count + 1) * sizeof(dyn_tree_loads));
    if (out == NULL) return NULL;
    memset(out, 0, (count + 1) * sizeof(dyn_tree_loads));
    for (size_t i = 0; i < count; i++) {
        if (make_tree(&trees[i], now_ms, &out[i])) continue;
        dyn_account_free_trees(out, count);
        return NULL;
    }
    return out;
}

/* What the old loads hold goes to those of the new map. */
static bool replace_trees(dyn_account *account, const dyn_account_tree *trees,
                          size_t count)
{
    dyn_tree_loads *old = account->trees;
    size_t old_count = account->tree_count;
    int64_t now_ms = dyn_clock_now_ms();
    dyn_tree_loads *made = make_trees(trees, count, now_ms);
    if (made == NULL) return false;
    for (size_t i = 0; i < count; i++) {
        dyn_tree_loads *before = dyn_account_tree_of(account, made[i].tree);
        if (before != NULL) inherit_tree(before, &trees[i], now_ms, &made[i]);
    }
    account->trees = made;
    account->tree_count = count;
    dyn_account_put_all(account, old, old_count);
    dyn_account_free_trees(old, old_count);
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
