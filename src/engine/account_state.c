/* The balances and peaks of an account as texts that are stored; the contracts
 * are in account.h. A text has the members of the gate for reading, then of
 * that for writing: the two buckets, and the peak with its pending minutes. */
#include "engine/account_internal.h"

#include "base/buffer.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* ---------------------------------------------------------------- saving -- */

static void add_number(dyn_buffer *out, int64_t number)
{
    char text[32];
    snprintf(text, sizeof(text), "%s%" PRId64, out->size_bytes > 0 ? " " : "",
             number);
    dyn_buffer_add_text(out, text);
}

static void add_bucket(dyn_buffer *out, const dyn_bucket *bucket)
{
    add_number(out, bucket->balance_milli);
    add_number(out, bucket->filled_ms);
}

static void add_gate(dyn_buffer *out, const dyn_gate *gate)
{
    const dyn_peak *peak = &gate->peak;
    add_bucket(out, &gate->bucket);
    add_bucket(out, &gate->maximum);
    add_number(out, gate->minute);
    add_number(out, gate->minute_milli);
    add_number(out, peak->floor_units);
    add_number(out, peak->counted_milli);
    add_number(out, peak->pending_count);
    for (int64_t i = 0; i < peak->pending_count; i++) {
        add_number(out, peak->pending[i].minute);
        add_number(out, peak->pending[i].sum_milli);
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

/* Numbers of a text, one after the other. */
typedef struct reader {
    const char *rest;
    bool is_sound;
} reader;

static int64_t next_number(reader *r, int64_t least, int64_t most)
{
    char *end = NULL;
    int64_t number = strtoll(r->rest, &end, 10);
    if (end == r->rest || number < least || number > most) r->is_sound = false;
    r->rest = end;
    return number;
}

static dyn_bucket next_bucket(reader *r)
{
    dyn_bucket bucket;
    bucket.balance_milli = next_number(r, DYN_BUCKET_DEBT_MILLI, INT64_MAX);
    bucket.filled_ms = next_number(r, INT64_MIN, INT64_MAX);
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

static dyn_peak next_peak(reader *r)
{
    dyn_peak peak = {.floor_units = next_number(r, 0, DYN_BUCKET_UNITS_MAX)};
    peak.counted_milli = next_number(r, 0, SUM_MAX);
    peak.pending_count = next_number(r, 0, DYN_PEAK_DELAY_MINUTES);
    for (int64_t i = 0; r->is_sound && i < peak.pending_count; i++) {
        peak.pending[i].minute = next_number(r, INT64_MIN / 2, INT64_MAX / 2);
        peak.pending[i].sum_milli = next_number(r, 0, SUM_MAX);
    }
    return peak;
}

static dyn_gate next_gate(reader *r, const dyn_gate *now)
{
    dyn_gate gate = {.limit = now->limit};
    gate.bucket = next_bucket(r);
    gate.maximum = next_bucket(r);
    gate.minute = next_number(r, INT64_MIN / 2, INT64_MAX / 2);
    gate.minute_milli = next_number(r, -SUM_MAX, SUM_MAX);
    gate.peak = next_peak(r);
    dyn_peak_raise_floor(&gate.peak, now->limit.floor_units);
    if (!is_rising(&gate.peak)) r->is_sound = false;
    return gate;
}

/* A text that is damaged says nothing: the tree begins anew. */
void dyn_account_restore(dyn_account *account, int64_t tree, const char *text)
{
    reader r = {text, true};
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
