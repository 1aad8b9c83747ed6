/* What may be consumed: of the gates of trees (gate.h), and of the buckets of
 * partitions, which also have heat. The contracts are in account.h and
 * account_internal.h. */
#include "engine/account_internal.h"

#include "base/limits.h"
#include "base/sqlite.h"

enum {
    HALF_MILLI = 500, /* thousandths of a unit in half a read unit */
    UNIT_MILLI = 1000,
};

static const dyn_bucket_rate partition_rates[DYN_DIRECTIONS] = {
    [DYN_READING] = {DYN_PARTITION_READ_UNITS, DYN_PARTITION_SECONDS},
    [DYN_WRITING] = {DYN_PARTITION_WRITE_UNITS, DYN_PARTITION_SECONDS},
};

/* ------------------------------------------------------------ partitions -- */

dyn_load dyn_load_begin(uint64_t low, int64_t now_ms)
{
    dyn_load load = {.low = low};
    for (int i = 0; i < DYN_DIRECTIONS; i++)
        load.buckets[i] = dyn_bucket_begin(partition_rates[i], now_ms);
    return load;
}

static uint64_t last_of(const dyn_tree_loads *tree, const dyn_load *load)
{
    return load + 1 < tree->loads + tree->count ? load[1].low - 1 : UINT64_MAX;
}

/* The heat of a partition in this minute; NULL where memory is out, which only
 * means that it is not split for heat yet. */
static dyn_heat *heat_of(const dyn_tree_loads *tree, dyn_load *load,
                         dyn_direction direction, int64_t minute)
{
    if (load->heats == NULL) {
        load->heats = sqlite3_malloc64(DYN_DIRECTIONS * sizeof(dyn_heat));
        if (load->heats == NULL) return NULL;
        for (int i = 0; i < DYN_DIRECTIONS; i++) {
            load->heats[i] =
                dyn_heat_begin(load->low, last_of(tree, load), minute);
        }
    }
    dyn_heat *heat = &load->heats[direction];
    uint64_t cut = 0;
    if (dyn_heat_come_to(heat, minute, partition_rates[direction].units,
                         &cut)) {
        load->has_cut = true;
        load->cut = cut;
    }
    return heat;
}

/* -------------------------------------------------------------- requests -- */

/* A charge, and where it goes. */
typedef struct passage {
    dyn_tree_loads *tree;
    dyn_load *load;
    dyn_gate *gate;
    dyn_direction direction;
    int64_t cost_milli;
} passage;

/* False when the tree is gone. */
static bool find_passage(const dyn_account *account, const dyn_charge *charge,
                         passage *out)
{
    out->tree = dyn_account_tree_of(account, charge->tree);
    if (out->tree == NULL) return false;
    out->load = dyn_account_load_of(out->tree, charge->hash);
    out->direction = charge->write_units != 0 ? DYN_WRITING : DYN_READING;
    out->gate = &out->tree->gates[out->direction];
    out->cost_milli =
        charge->read_halves * HALF_MILLI + charge->write_units * UNIT_MILLI;
    return true;
}

static void refuse(dyn_refusals *out, const passage *at,
                   dyn_refusal_reason reason, int64_t next_ms)
{
    dyn_refusal refusal = {at->tree->tree, at->direction, reason};
    if (next_ms > out->next_ms) out->next_ms = next_ms;
    for (size_t i = 0; i < out->count; i++) {
        const dyn_refusal *other = &out->all[i];
        if (other->tree == refusal.tree && other->reason == reason &&
            other->direction == refusal.direction)
            return;
    }
    if (out->count < DYN_REFUSALS_MAX) out->all[out->count++] = refusal;
}

static void ask(passage *at, int64_t now_ms, dyn_refusals *out)
{
    dyn_gate *gate = at->gate;
    dyn_bucket *partition = &at->load->buckets[at->direction];
    dyn_bucket_rate partition_rate = partition_rates[at->direction];
    int64_t next_ms = 0;
    dyn_gate_fill(gate, now_ms);
    dyn_bucket_fill(partition, partition_rate, now_ms);
    if (at->cost_milli <= 0) return;
    if (!dyn_gate_has_units(gate, now_ms, &next_ms)) {
        refuse(out, at,
               gate->limit.is_on_demand ? DYN_ACCOUNT_LIMIT_EXCEEDED
                                        : DYN_PROVISIONED_EXCEEDED,
               next_ms);
    }
    if (!dyn_gate_is_below_maximum(gate, now_ms, &next_ms))
        refuse(out, at, DYN_MAX_ON_DEMAND_EXCEEDED, next_ms);
    if (!dyn_bucket_may(partition)) {
        dyn_heat *heat =
            heat_of(at->tree, at->load, at->direction, gate->minute);
        if (heat != NULL) dyn_heat_throttle(heat);
        refuse(out, at, DYN_KEY_RANGE_EXCEEDED,
               dyn_bucket_next_ms(partition, partition_rate, now_ms));
    }
}

/* What is below zero is given back. */
static void pay(passage *at, int64_t milli)
{
    dyn_gate_pay(at->gate, milli);
    dyn_bucket_take(&at->load->buckets[at->direction],
                    partition_rates[at->direction], milli);
}

bool dyn_account_admit(dyn_account *account, int64_t now_ms,
                       const dyn_charge *charges, size_t count,
                       dyn_refusals *out)
{
    passage at;
    *out = (dyn_refusals){.next_ms = now_ms};
    dyn_lock_enter(account->lock);
    for (size_t i = 0; i < count; i++) {
        if (find_passage(account, &charges[i], &at)) ask(&at, now_ms, out);
    }
    for (size_t i = 0; i < count && out->count == 0; i++) {
        if (find_passage(account, &charges[i], &at)) pay(&at, at.cost_milli);
    }
    dyn_lock_leave(account->lock);
    return out->count == 0;
}

void dyn_account_refund(dyn_account *account, const dyn_charge *charges,
                        size_t count)
{
    passage at;
    dyn_lock_enter(account->lock);
    for (size_t i = 0; i < count; i++) {
        if (find_passage(account, &charges[i], &at) && at.cost_milli > 0)
            pay(&at, -at.cost_milli);
    }
    dyn_lock_leave(account->lock);
}

/* What is counted beside the units: the minute of the tree, and, where limits
 * are enforced, the heat of the partition. */
static void count(passage *at, uint64_t hash, int64_t now_ms, bool is_enforced)
{
    dyn_gate_count(at->gate, at->cost_milli, now_ms);
    if (!is_enforced || at->cost_milli <= 0) return;
    dyn_heat *heat =
        heat_of(at->tree, at->load, at->direction, at->gate->minute);
    if (heat != NULL) dyn_heat_add(heat, hash, at->cost_milli);
}

void dyn_account_settle(dyn_account *account, int64_t now_ms,
                        const dyn_charge *charges, size_t count_of,
                        dyn_settlement how)
{
    passage at;
    dyn_lock_enter(account->lock);
    for (size_t i = 0; i < count_of; i++) {
        const dyn_charge *c = &charges[i];
        if (!find_passage(account, c, &at)) continue;
        if (how == DYN_SETTLE_UNPAID) pay(&at, at.cost_milli);
        count(&at, c->hash, now_ms, how != DYN_SETTLE_FREE);
        dyn_account_put_charge(account, at.load, c, 0);
    }
    dyn_lock_leave(account->lock);
}

void dyn_account_throttle(dyn_account *account, const dyn_charge *charge)
{
    passage at;
    dyn_charge refused = *charge;
    refused.read_halves = 0;
    refused.write_units = 0;
    dyn_lock_enter(account->lock);
    if (find_passage(account, &refused, &at))
        dyn_account_put_charge(account, at.load, &refused, 1);
    dyn_lock_leave(account->lock);
}

dyn_burst dyn_account_burst(dyn_account *account, int64_t tree, uint64_t low,
                            int64_t now_ms)
{
    dyn_burst burst = {{0, 0}};
    dyn_lock_enter(account->lock);
    const dyn_tree_loads *loads = dyn_account_tree_of(account, tree);
    for (int i = 0; loads != NULL && i < DYN_DIRECTIONS; i++) {
        dyn_bucket bucket = dyn_account_load_of(loads, low)->buckets[i];
        dyn_bucket_fill(&bucket, partition_rates[i], now_ms);
        burst.milli[i] = bucket.balance_milli;
    }
    dyn_lock_leave(account->lock);
    return burst;
}

/* ---------------------------------------------------------------- splits -- */

bool dyn_account_next_cut(dyn_account *account, int64_t tree, uint64_t *cut)
{
    bool found = false;
    dyn_lock_enter(account->lock);
    const dyn_tree_loads *loads = dyn_account_tree_of(account, tree);
    for (size_t i = 0; loads != NULL && i < loads->count && !found; i++) {
        found = loads->loads[i].has_cut;
        if (found) *cut = loads->loads[i].cut;
    }
    dyn_lock_leave(account->lock);
    return found;
}

void dyn_account_forget_cut(dyn_account *account, int64_t tree, uint64_t cut)
{
    dyn_lock_enter(account->lock);
    const dyn_tree_loads *loads = dyn_account_tree_of(account, tree);
    if (loads != NULL) dyn_account_load_of(loads, cut)->has_cut = false;
    dyn_lock_leave(account->lock);
}
