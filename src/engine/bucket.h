/*
 * A token bucket: throughput that may be used now (docs/semantics.md 6). It
 * gains its rate every second, keeps what some seconds gain, lets a request in
 * while its balance is above zero, and the request then pays its whole cost, so
 * that the balance may go below zero.
 *
 * Amounts are thousandths of a unit: half a read unit is 500. A rate of n units
 * a second is n thousandths a millisecond, so every sum is exact.
 *
 * A bucket is filled to now before anything else is asked of it. Times are
 * milliseconds, any of them. A clock that goes back by no more than the bucket
 * keeps is one that trembles: the bucket gains nothing until time is where it
 * was. One that goes back further has been set: the bucket goes on from there.
 * Neither takes what the bucket has.
 *
 * Layer: engine. Includes nothing of ours; no function can fail.
 */
#ifndef DYN_ENGINE_BUCKET_H
#define DYN_ENGINE_BUCKET_H

#include <stdbool.h>
#include <stdint.h>

enum {
    DYN_BUCKET_UNITS_MAX = 40 * 1000 * 1000, /* of a rate */
    DYN_BUCKET_SECONDS_MAX = 24 * 60 * 60,   /* that a bucket keeps */

    DYN_PROVISIONED_SECONDS = 300, /* that a table or index keeps */
    DYN_PARTITION_SECONDS = 1,
    DYN_PARTITION_READ_UNITS = 3000, /* a second */
    DYN_PARTITION_WRITE_UNITS = 1000,
};

/* No balance is lower: what a request pays beyond is forgiven. */
#define DYN_BUCKET_DEBT_MILLI (INT64_MIN / 2)

/* Stored as it is. A balance from elsewhere must not be below
 * DYN_BUCKET_DEBT_MILLI; one that is too high is cut when it is filled. */
typedef struct dyn_bucket {
    int64_t balance_milli;
    int64_t filled_ms;
} dyn_bucket;

typedef struct dyn_bucket_rate {
    int64_t units;   /* a second, 0 .. DYN_BUCKET_UNITS_MAX */
    int64_t seconds; /* that it keeps, 1 .. DYN_BUCKET_SECONDS_MAX */
} dyn_bucket_rate;

/* The bucket of a new table, index or partition: what one second gains. */
dyn_bucket dyn_bucket_begin(dyn_bucket_rate rate, int64_t now_ms);

void dyn_bucket_fill(dyn_bucket *bucket, dyn_bucket_rate rate, int64_t now_ms);

/* Whether a request is let in, whatever it costs. */
bool dyn_bucket_may(const dyn_bucket *bucket);

/* Pay a cost of 0 or more. */
void dyn_bucket_pay(dyn_bucket *bucket, int64_t cost_milli);

/* Give back what was paid, 0 or more, up to what the bucket keeps. */
void dyn_bucket_refund(dyn_bucket *bucket, dyn_bucket_rate rate,
                       int64_t paid_milli);

/* Pay, or, of an amount below zero, give back; above INT64_MIN. */
void dyn_bucket_take(dyn_bucket *bucket, dyn_bucket_rate rate, int64_t milli);

/* The earliest time, now or later, at which a request is let in if nobody pays
 * meanwhile; INT64_MAX when there is none. */
int64_t dyn_bucket_next_ms(const dyn_bucket *bucket, dyn_bucket_rate rate,
                           int64_t now_ms);

/* The rate changes now: until now it gained by the one before. The balance
 * stays, up to what the bucket keeps after it. */
void dyn_bucket_set_rate(dyn_bucket *bucket, dyn_bucket_rate before,
                         dyn_bucket_rate after, int64_t now_ms);

#endif
