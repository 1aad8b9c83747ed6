/* Hot keys of trees, in sketches that are made when the first key is counted;
 * the contracts are in account.h. */
#include "engine/account_internal.h"

static void count_key(dyn_tree_loads *tree, dyn_hot_kind kind, int64_t now_ms,
                      const dyn_charge *charge)
{
    if (tree->hot[kind] == NULL)
        tree->hot[kind] = dyn_hot_keys_open(dyn_hot_units);
    dyn_hot_keys_add(tree->hot[kind], now_ms, charge->key, charge->read_halves,
                     charge->write_units);
}

void dyn_account_count_keys(dyn_account *account, dyn_hot_kind kind,
                            int64_t now_ms, const dyn_charge *charges,
                            size_t count)
{
    dyn_lock_enter(account->lock);
    for (size_t i = 0; i < count; i++) {
        const dyn_charge *c = &charges[i];
        dyn_tree_loads *tree = dyn_account_tree_of(account, c->tree);
        bool is_refund = c->read_halves < 0 || c->write_units < 0;
        if (tree == NULL || is_refund || c->key.size_bytes == 0) continue;
        count_key(tree, kind, now_ms, c);
    }
    dyn_lock_leave(account->lock);
}

dyn_status dyn_account_hot_keys(dyn_call *call, dyn_account *account,
                                int64_t tree, dyn_hot_kind kind, int64_t now_ms,
                                dyn_hot_key_list *out)
{
    dyn_lock_enter(account->lock);
    const dyn_tree_loads *loads = dyn_account_tree_of(account, tree);
    dyn_status status = dyn_hot_keys_list(
        call, loads == NULL ? NULL : loads->hot[kind], now_ms, out);
    dyn_lock_leave(account->lock);
    return status;
}
