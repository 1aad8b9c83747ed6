/* The balances and peaks of an account as texts that are stored; the contracts
 * are in account.h. A text has the members of the gate for reading, then of
 * that for writing: the two buckets, and the peak with its pending minutes. */
#include "engine/account_internal.h"

#include "base/buffer.h"
#include "engine/numbers.h"

/* ---------------------------------------------------------------- saving -- */

static void add_bucket(dyn_buffer *out, const dyn_bucket *bucket)
{
    dyn_numbers_add(out, bucket->balance_milli);
    dyn_numbers_add(out, bucket->filled_ms);
}

static void add_gate(dyn_buffer *out, const dyn_gate *gate)
{
    const dyn_peak *peak = &gate->peak;
    add_bucket(out, &gate->bucket);
    add_bucket(out, &gate->maximum);
    dyn_numbers_add(out, gate->minute);
    dyn_numbers_add(out, gate->minute_milli);
    dyn_numbers_add(out, peak->floor_units);
    dyn_numbers_add(out, peak->counted_milli);
    dyn_numbers_add(out, peak->pending_count);
    for (int64_t i = 0; i < peak->pending_count; i++) {
        dyn_numbers_add(out, peak->pending[i].minute);
        dyn_numbers_add(out, peak->pending[i].sum_milli);
    }
}

dyn_status dyn_account_save(dyn_call *call, dyn_account *account, int64_t tree,
                            const char **text)
{
    dyn_buffer out;
    dyn_bytes bytes = {NULL, 0};
    *text = NULL;
    dyn_buffer_begin(&out, call, 256);
    dyn_lock_enter(account->lock);
    const dyn_tree_loads *loads = dyn_account_tree_of(account, tree);
    bool found = loads != NULL;
    for (int i = 0; found && i < DYN_DIRECTIONS; i++)
        add_gate(&out, &loads->gates[i]);
    dyn_lock_leave(account->lock);
    if (!found) return DYN_OK;
    DYN_TRY(dyn_buffer_end(&out, &bytes));
    *text = (const char *)bytes.data;
    return DYN_OK;
}

/* ------------------------------------------------------------- restoring -- */

static dyn_bucket next_bucket(dyn_numbers *r)
{
    dyn_bucket bucket;
    bucket.balance_milli =
        dyn_numbers_next(r, DYN_BUCKET_DEBT_MILLI, INT64_MAX);
    bucket.filled_ms = dyn_numbers_next(r, INT64_MIN, INT64_MAX);
    return bucket;
}

/* Minutes and sums of pending minutes rise (peak.h). */
static bool is_rising(const dyn_peak *peak)
{
    for (int64_t i = 1; i < peak->pending_count; i++) {
        if (peak->pending[i].minute <= peak->pending[i - 1].minute ||
            peak->pending[i].sum_milli <= peak->pending[i - 1].sum_milli) {
            return false;
        }
    }
    return true;
}

/* Sums beyond this are no minute's, and twice of it does not overflow. */
#define SUM_MAX (INT64_C(1) << 50)

static dyn_peak next_peak(dyn_numbers *r)
{
    dyn_peak peak = {.floor_units =
                         dyn_numbers_next(r, 0, DYN_BUCKET_UNITS_MAX)};
    peak.counted_milli = dyn_numbers_next(r, 0, SUM_MAX);
    peak.pending_count = dyn_numbers_next(r, 0, DYN_PEAK_DELAY_MINUTES);
    for (int64_t i = 0; r->is_sound && i < peak.pending_count; i++) {
        peak.pending[i].minute =
            dyn_numbers_next(r, INT64_MIN / 2, INT64_MAX / 2);
        peak.pending[i].sum_milli = dyn_numbers_next(r, 0, SUM_MAX);
    }
    return peak;
}

static dyn_gate next_gate(dyn_numbers *r, const dyn_gate *now)
{
    dyn_gate gate = {.limit = now->limit};
    gate.bucket = next_bucket(r);
    gate.maximum = next_bucket(r);
    gate.minute = dyn_numbers_next(r, INT64_MIN / 2, INT64_MAX / 2);
    gate.minute_milli = dyn_numbers_next(r, -SUM_MAX, SUM_MAX);
    gate.peak = next_peak(r);
    dyn_peak_raise_floor(&gate.peak, now->limit.floor_units);
    if (!is_rising(&gate.peak)) r->is_sound = false;
    return gate;
}

/* A text that is damaged says nothing: the tree begins anew. */
void dyn_account_restore(dyn_account *account, int64_t tree, const char *text)
{
    dyn_numbers r = {text, true};
    dyn_lock_enter(account->lock);
    dyn_tree_loads *loads = dyn_account_tree_of(account, tree);
    if (loads != NULL && !loads->is_restored) {
        dyn_gate gates[DYN_DIRECTIONS];
        loads->is_restored = true;
        for (int i = 0; i < DYN_DIRECTIONS; i++)
            gates[i] = next_gate(&r, &loads->gates[i]);
        for (int i = 0; r.is_sound && i < DYN_DIRECTIONS; i++)
            loads->gates[i] = gates[i];
    }
    dyn_lock_leave(account->lock);
}

bool dyn_account_is_restored(dyn_account *account, int64_t tree)
{
    dyn_lock_enter(account->lock);
    const dyn_tree_loads *loads = dyn_account_tree_of(account, tree);
    bool is_restored = loads == NULL || loads->is_restored;
    dyn_lock_leave(account->lock);
    return is_restored;
}
