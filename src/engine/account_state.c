/* The balances and peaks of an account as texts that are stored; the contracts
 * are in account.h. A text has the members of the gate for reading, then of
 * that for writing: the two buckets, and the peak with its pending minutes; and
 * its number. */
#include "engine/account_internal.h"

#include "base/buffer.h"
#include "base/clock.h"
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

/* The tree is stored as it is now, once this writer commits. */
static void note_writer(dyn_tree_loads *tree, const void *writer)
{
    tree->written.number = tree->stored.number + 1;
    memcpy(tree->written.all, tree->gates, sizeof(tree->gates));
    tree->writer = writer;
}

dyn_status dyn_account_save(dyn_call *call, dyn_account *account, int64_t tree,
                            const void *writer, const char **text)
{
    dyn_buffer out;
    dyn_bytes bytes = {NULL, 0};
    *text = NULL;
    dyn_buffer_begin(&out, call, 256);
    dyn_lock_enter(account->lock);
    dyn_tree_loads *loads = dyn_account_tree_of(account, tree);
    bool found = loads != NULL;
    if (found) note_writer(loads, writer);
    for (int i = 0; found && i < DYN_DIRECTIONS; i++)
        add_gate(&out, &loads->gates[i]);
    if (found) dyn_numbers_add(&out, loads->written.number);
    dyn_lock_leave(account->lock);
    if (!found) return DYN_OK;
    DYN_TRY(dyn_buffer_end(&out, &bytes));
    *text = (const char *)bytes.data;
    return DYN_OK;
}

static void end_text(dyn_tree_loads *tree, bool is_committed)
{
    if (is_committed) tree->stored = tree->written;
    tree->writer = NULL;
}

void dyn_account_end_texts(dyn_account *account, const void *writer,
                           bool is_committed)
{
    for (size_t i = 0; i < account->tree_count; i++) {
        if (account->trees[i].writer == writer)
            end_text(&account->trees[i], is_committed);
    }
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

#define NUMBER_MAX (INT64_C(1) << 62)

/* False: it is damaged. The texts of earlier versions have no number. */
static bool read_gates(const char *text, const dyn_gate now[DYN_DIRECTIONS],
                       dyn_gates *out)
{
    dyn_numbers r = {text, true};
    for (int i = 0; i < DYN_DIRECTIONS; i++)
        out->all[i] = next_gate(&r, &now[i]);
    out->number = 0;
    if (r.is_sound && !dyn_numbers_are_read(&r))
        out->number = dyn_numbers_next(&r, 0, NUMBER_MAX);
    return r.is_sound;
}

static void restore(dyn_tree_loads *tree, const void *reader,
                    const dyn_gates *text, int64_t now_ms)
{
    bool is_written =
        tree->writer != NULL && text->number == tree->written.number;
    /* who sees another one's text sees that it is committed */
    if (is_written && tree->writer != reader) end_text(tree, true);
    if (is_written || text->number <= tree->stored.number) return;
    for (int i = 0; i < DYN_DIRECTIONS; i++) {
        if (tree->stored.number == DYN_NO_TEXT) {
            tree->gates[i] = text->all[i];
        } else {
            dyn_gate_merge(&tree->gates[i], &tree->stored.all[i], &text->all[i],
                           now_ms);
        }
    }
    tree->stored = *text;
}

/* A text that is damaged says nothing. */
void dyn_account_restore(dyn_account *account, int64_t tree, const void *reader,
                         const char *text)
{
    dyn_gates gates;
    dyn_lock_enter(account->lock);
    dyn_tree_loads *loads = dyn_account_tree_of(account, tree);
    if (loads != NULL && read_gates(text, loads->gates, &gates))
        restore(loads, reader, &gates, dyn_clock_now_ms());
    dyn_lock_leave(account->lock);
}
