/*
 * The bill of an operation: what it takes of which partitions. It is made once,
 * and everything that is about units reads it:
 *
 *   1. the operation finds out what it will do, and adds that to its bill;
 *   2. dyn_bill_admit() asks whether it may: nothing is written before that;
 *   3. the operation writes;
 *   4. dyn_bill_settle() counts the bill, or dyn_bill_cancel() drops it because
 *      the write has failed.
 *
 * A read has no effect but its answer, so a point read is admitted when it is
 * known what it costs. A query is admitted with the least that a page costs,
 * and settles the rest of the page when it has been evaluated.
 *
 * Layer: engine.
 */
#ifndef DYN_ENGINE_BILL_H
#define DYN_ENGINE_BILL_H

#include "engine/account.h"
#include "engine/table.h"
#include "engine/units.h"

/* A refund, the item, and two partitions of each index. */
enum { DYN_CHARGES_MAX = 2 + 2 * DYN_INDEXES_MAX };

typedef struct dyn_bill {
    int64_t now_ms;     /* since 1970 */
    dyn_use use;        /* of all charges but refunds, which are of reads */
    bool is_background; /* no statement's cost: work of our own */
    bool is_admitted;
    size_t count;
    dyn_charge charges[DYN_CHARGES_MAX];
} dyn_bill;

/* A point read, as it was charged. The lookup of an UPDATE or DELETE is part of
 * the write that follows, whose bill refunds it. */
typedef struct dyn_lookup {
    uint64_t key_digest; /* of the stored key (item/key.h) */
    int64_t minute;
    int64_t read_halves; /* 0: nothing to refund */
} dyn_lookup;

void dyn_bill_begin(dyn_bill *bill, dyn_use use);

/* Add half read units, or write units, of a stored key: of the table (index -1)
 * or of an index, by its number. The key is borrowed until the bill is settled
 * or cancelled. */
void dyn_bill_add_read(dyn_bill *bill, const dyn_table *table, int index,
                       dyn_bytes key, int64_t halves);
void dyn_bill_add_write(dyn_bill *bill, const dyn_table *table, int index,
                        dyn_bytes key, int64_t units);

/* The same for a part of a page, in the partition of a hash. partition_key is
 * that of dyn_key_partition(), borrowed; empty when the page is of several. */
void dyn_bill_add_page(dyn_bill *bill, const dyn_table *table, int index,
                       uint64_t hash, dyn_bytes partition_key, int64_t halves);

/* Take a lookup back, if it was of the item under that stored key. */
void dyn_bill_refund(dyn_bill *bill, dyn_bytes key, const dyn_lookup *lookup);

/* Ask whether the operation may take what the bill says, and wait for it as
 * long as the table has it (throttle_wait_ms). In an estimate (session.h) all
 * may, and the account is not asked. Fails with DYN_THROTTLED, with
 * the reasons as members of the error, having taken nothing; DYN_NOMEM. */
dyn_status dyn_bill_admit(dyn_call *call, dyn_table *table, dyn_bill *bill);

/* Count the bill, in the cost of the statement and, but for an estimate, in the
 * account of the table.
 * What has not been admitted is counted all the same. */
void dyn_bill_settle(dyn_table *table, const dyn_bill *bill);

/* Count the bill of what belongs to an operation that has been admitted by
 * another bill. Fails with DYN_NOMEM. */
dyn_status dyn_bill_add_on(dyn_call *call, dyn_table *table,
                           const dyn_bill *bill);

/* Tell the cost of the statement which copy (source.h) serves its reads of the
 * table (index -1) or of an index; by is a literal. Fails with DYN_NOMEM. */
dyn_status dyn_bill_served(dyn_call *call, dyn_table *table, int index,
                           const char *by, int64_t lag_ms);

/* Drop a bill that has been admitted: what it took is given back. */
void dyn_bill_cancel(dyn_table *table, const dyn_bill *bill);

#endif
