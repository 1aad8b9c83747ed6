/* A token bucket; the contract is in bucket.h. Nothing overflows: balances lie
 * in DYN_BUCKET_DEBT_MILLI .. most, and a gain is multiplied out only when it
 * is less than what lacks. */
#include "engine/bucket.h"

enum { MILLI = 1000, SECOND_MS = 1000 };

static int64_t most_milli(dyn_bucket_rate rate)
{
    return rate.units * MILLI * rate.seconds;
}

static void cut(dyn_bucket *bucket, dyn_bucket_rate rate)
{
    int64_t most = most_milli(rate);
    if (bucket->balance_milli > most) bucket->balance_milli = most;
}

/* How many milliseconds gain an amount above zero; the rate is above zero. */
static int64_t gaining_ms(dyn_bucket_rate rate, int64_t amount_milli)
{
    return (amount_milli - 1) / rate.units + 1;
}

dyn_bucket dyn_bucket_begin(dyn_bucket_rate rate, int64_t now_ms)
{
    return (dyn_bucket){rate.units * MILLI, now_ms};
}

/* Time has gone on by so much, or all the more. */
static void gain(dyn_bucket *bucket, dyn_bucket_rate rate, uint64_t elapsed_ms)
{
    int64_t lacking = most_milli(rate) - bucket->balance_milli;
    if (rate.units == 0 || lacking <= 0) return;
    if (elapsed_ms < (uint64_t)gaining_ms(rate, lacking)) {
        bucket->balance_milli += (int64_t)elapsed_ms * rate.units;
    } else {
        bucket->balance_milli += lacking;
    }
}

void dyn_bucket_fill(dyn_bucket *bucket, dyn_bucket_rate rate, int64_t now_ms)
{
    cut(bucket, rate);
    if (now_ms >= bucket->filled_ms) {
        gain(bucket, rate, (uint64_t)now_ms - (uint64_t)bucket->filled_ms);
    } else if ((uint64_t)bucket->filled_ms - (uint64_t)now_ms <=
               (uint64_t)(rate.seconds * SECOND_MS)) {
        return;
    }
    bucket->filled_ms = now_ms;
}

bool dyn_bucket_may(const dyn_bucket *bucket)
{
    return bucket->balance_milli > 0;
}

void dyn_bucket_pay(dyn_bucket *bucket, int64_t cost_milli)
{
    int64_t left = bucket->balance_milli - DYN_BUCKET_DEBT_MILLI;
    bucket->balance_milli -= cost_milli < left ? cost_milli : left;
}

void dyn_bucket_refund(dyn_bucket *bucket, dyn_bucket_rate rate,
                       int64_t paid_milli)
{
    int64_t lacking = most_milli(rate) - bucket->balance_milli;
    if (lacking <= 0) return;
    bucket->balance_milli += paid_milli < lacking ? paid_milli : lacking;
}

void dyn_bucket_take(dyn_bucket *bucket, dyn_bucket_rate rate, int64_t milli)
{
    if (milli >= 0) {
        dyn_bucket_pay(bucket, milli);
    } else {
        dyn_bucket_refund(bucket, rate, -milli);
    }
}

int64_t dyn_bucket_next_ms(const dyn_bucket *bucket, dyn_bucket_rate rate,
                           int64_t now_ms)
{
    dyn_bucket filled = *bucket;
    dyn_bucket_fill(&filled, rate, now_ms);
    if (dyn_bucket_may(&filled)) return now_ms;
    if (rate.units == 0) return INT64_MAX;
    int64_t wait_ms = gaining_ms(rate, 1 - filled.balance_milli);
    return filled.filled_ms > INT64_MAX - wait_ms ? INT64_MAX
                                                  : filled.filled_ms + wait_ms;
}

void dyn_bucket_set_rate(dyn_bucket *bucket, dyn_bucket_rate before,
                         dyn_bucket_rate after, int64_t now_ms)
{
    dyn_bucket_fill(bucket, before, now_ms);
    cut(bucket, after);
}
