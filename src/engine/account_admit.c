/* What may be consumed: gates of trees, buckets and heat of partitions. The
 * contracts are in account.h and account_internal.h. */
#include "engine/account_internal.h"

#include "base/limits.h"
#include "base/sqlite.h"

enum {
    HALF_MILLI = 500, /* thousandths of a unit in half a read unit */
    UNIT_MILLI = 1000,
    MINUTE_MS = 60 * 1000,
};

static const dyn_bucket_rate partition_rates[DYN_DIRECTIONS] = {
    [DYN_READING] = {DYN_PARTITION_READ_UNITS, DYN_PARTITION_SECONDS},
    [DYN_WRITING] = {DYN_PARTITION_WRITE_UNITS, DYN_PARTITION_SECONDS},
};

/* ----------------------------------------------------------------- gates -- */

/* On demand, a table of the service has no more than its account's quota. */
static dyn_bucket_rate rate_of(dyn_gate *gate, int64_t minute)
{
    if (!gate->limit.is_on_demand) {
        return (dyn_bucket_rate){gate->limit.units, DYN_PROVISIONED_SECONDS};
    }
    int64_t ceiling = dyn_peak_ceiling(&gate->peak, minute);
    if (ceiling > DYN_TABLE_UNITS_MAX) ceiling = DYN_TABLE_UNITS_MAX;
    return (dyn_bucket_rate){ceiling, DYN_PARTITION_SECONDS};
}

static dyn_bucket_rate maximum_of(const dyn_gate *gate)
{
    return (dyn_bucket_rate){gate->limit.units, DYN_PARTITION_SECONDS};
}

static bool has_maximum(const dyn_gate *gate)
{
    return gate->limit.is_on_demand && gate->limit.units > 0;
}

/* What was ever provisioned is there on demand, too. */
static int64_t floor_of(const dyn_limit *limit)
{
    return limit->is_on_demand || limit->units < limit->floor_units
               ? limit->floor_units
               : limit->units;
}

dyn_gate dyn_gate_begin(const dyn_limit *limit, int64_t now_ms)
{
    dyn_gate gate = {
        .limit = *limit,
        .peak = dyn_peak_begin(floor_of(limit)),
        .minute = now_ms / MINUTE_MS,
    };
    gate.bucket = dyn_bucket_begin(rate_of(&gate, gate.minute), now_ms);
    gate.maximum = dyn_bucket_begin(maximum_of(&gate), now_ms);
    return gate;
}

/* A minute begins, with the ceiling that it has. */
static void begin_minute(dyn_gate *gate, int64_t minute)
{
    dyn_bucket_rate before = rate_of(gate, gate->minute);
    gate->minute = minute;
    dyn_bucket_set_rate(&gate->bucket, before, rate_of(gate, minute),
                        minute * MINUTE_MS);
}

/* Come to a time. When other minutes have begun, the peak is told of the one
 * that was left. A bucket on demand is full after a second, so of the minutes
 * between only the last one matters. */
static void come_to(dyn_gate *gate, int64_t now_ms)
{
    int64_t minute = now_ms / MINUTE_MS;
    if (minute == gate->minute) return;
    if (gate->minute_milli > 0)
        dyn_peak_end_minute(&gate->peak, gate->minute, gate->minute_milli);
    gate->minute_milli = 0;
    if (minute - 1 > gate->minute) begin_minute(gate, minute - 1);
    begin_minute(gate, minute);
}

static void fill(dyn_gate *gate, int64_t now_ms)
{
    come_to(gate, now_ms);
    dyn_bucket_fill(&gate->bucket, rate_of(gate, gate->minute), now_ms);
    if (has_maximum(gate))
        dyn_bucket_fill(&gate->maximum, maximum_of(gate), now_ms);
}

void dyn_gate_change(dyn_gate *gate, const dyn_limit *limit, int64_t now_ms)
{
    fill(gate, now_ms);
    dyn_bucket_rate before = rate_of(gate, gate->minute);
    dyn_bucket_rate maximum_before = maximum_of(gate);
    gate->limit = *limit;
    dyn_peak_raise_floor(&gate->peak, floor_of(limit));
    dyn_bucket_set_rate(&gate->bucket, before, rate_of(gate, gate->minute),
                        now_ms);
    dyn_bucket_set_rate(&gate->maximum, maximum_before, maximum_of(gate),
                        now_ms);
}

static void take(dyn_bucket *bucket, dyn_bucket_rate rate, int64_t milli)
{
    if (milli >= 0) {
        dyn_bucket_pay(bucket, milli);
    } else {
        dyn_bucket_refund(bucket, rate, -milli);
    }
}

void dyn_gate_merge(dyn_gate *gate, const dyn_gate *before,
                    const dyn_gate *stored, int64_t now_ms)
{
    dyn_gate known = *before;
    dyn_gate merged = *stored;
    fill(gate, now_ms);
    fill(&known, now_ms);
    fill(&merged, now_ms);
    take(&merged.bucket, rate_of(&merged, merged.minute),
         known.bucket.balance_milli - gate->bucket.balance_milli);
    if (has_maximum(gate)) {
        take(&merged.maximum, maximum_of(&merged),
             known.maximum.balance_milli - gate->maximum.balance_milli);
    }
    merged.minute_milli += gate->minute_milli - known.minute_milli;
    *gate = merged;
}

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
    fill(gate, now_ms);
    dyn_bucket_fill(partition, partition_rate, now_ms);
    if (at->cost_milli <= 0) return;
    if (!dyn_bucket_may(&gate->bucket)) {
        refuse(out, at,
               gate->limit.is_on_demand ? DYN_ACCOUNT_LIMIT_EXCEEDED
                                        : DYN_PROVISIONED_EXCEEDED,
               dyn_bucket_next_ms(&gate->bucket, rate_of(gate, gate->minute),
                                  now_ms));
    }
    if (has_maximum(gate) && !dyn_bucket_may(&gate->maximum)) {
        refuse(out, at, DYN_MAX_ON_DEMAND_EXCEEDED,
               dyn_bucket_next_ms(&gate->maximum, maximum_of(gate), now_ms));
    }
    if (!dyn_bucket_may(partition)) {
        dyn_heat *heat =
            heat_of(at->tree, at->load, at->direction, gate->minute);
        if (heat != NULL) dyn_heat_throttle(heat);
        refuse(out, at, DYN_KEY_RANGE_EXCEEDED,
               dyn_bucket_next_ms(partition, partition_rate, now_ms));
    }
}

static void give_back(passage *at, int64_t paid_milli)
{
    dyn_gate *gate = at->gate;
    dyn_bucket_refund(&gate->bucket, rate_of(gate, gate->minute), paid_milli);
    if (has_maximum(gate))
        dyn_bucket_refund(&gate->maximum, maximum_of(gate), paid_milli);
    dyn_bucket_refund(&at->load->buckets[at->direction],
                      partition_rates[at->direction], paid_milli);
}

static void pay(passage *at)
{
    if (at->cost_milli < 0) {
        give_back(at, -at->cost_milli);
        return;
    }
    dyn_bucket_pay(&at->gate->bucket, at->cost_milli);
    if (has_maximum(at->gate))
        dyn_bucket_pay(&at->gate->maximum, at->cost_milli);
    dyn_bucket_pay(&at->load->buckets[at->direction], at->cost_milli);
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
        if (find_passage(account, &charges[i], &at)) pay(&at);
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
            give_back(&at, at.cost_milli);
    }
    dyn_lock_leave(account->lock);
}

/* What is counted beside the units: the minute of the tree, and, where limits
 * are enforced, the heat of the partition. */
static void count(passage *at, uint64_t hash, int64_t now_ms, bool is_enforced)
{
    come_to(at->gate, now_ms);
    at->gate->minute_milli += at->cost_milli;
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
        if (how == DYN_SETTLE_UNPAID) pay(&at);
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
