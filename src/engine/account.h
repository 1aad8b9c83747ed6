/*
 * The account of a table: what all connections of a process together may
 * consume of it, and what they have consumed and not yet written to its file.
 * Processes learn of each other by what is stored there.
 * There is one for each table of each file, in a registry of the process; it
 * goes with the last connection that uses it. A table of a database without a
 * file is its connection's own, and so is its account.
 *
 * What may be consumed is a matter of buckets (bucket.h): the table and each
 * global index have one for reading and one for writing, and so has each of
 * their partitions. A request must pass all that it touches, and pays them all
 * at once: so threads are granted together what one would be.
 *
 * Units and refused requests are kept by partition and use. A partition holds
 * those of its latest minute; when units of a later one come, the earlier ones
 * are put aside.
 *
 * A connection that writes takes the units along and writes them to the file in
 * its own transaction. They are gone with its commit, and are given back when
 * it rolls back: what was consumed stays so.
 *
 * Every function may be called from any thread. The lock of the process guards
 * the registry, and each account has one of its own.
 *
 * Layer: engine.
 */
#ifndef DYN_ENGINE_ACCOUNT_H
#define DYN_ENGINE_ACCOUNT_H

#include "engine/gate.h"
#include "engine/hot_keys.h"
#include "engine/uses.h"

struct sqlite3;
typedef struct dyn_account dyn_account;

/* What an operation takes of one partition of the table or of an index. */
typedef struct dyn_charge {
    int index; /* whose cost it is: a number in the definition, -1: that of
                * the table itself */
    dyn_use use;
    int64_t tree;   /* who pays: a local index is charged to the table */
    uint64_t hash;  /* of the partition key */
    int64_t minute; /* since 1970 */
    int64_t read_halves;
    int64_t write_units;
    dyn_bytes key; /* hash and partition key (item/key.h), borrowed; empty: of
                    * no single key, or nobody counts by key */
} dyn_charge;

/* What a partition had in a minute. */
typedef struct dyn_usage {
    int64_t tree;
    uint64_t low;    /* where the partition begins */
    bool is_latest;  /* no later minute of this partition is known */
    bool is_of_tree; /* of all partitions: too much is pending for more */
    int64_t minute;  /* since 1970 */
    dyn_uses uses;
} dyn_usage;

/* Reading and writing have limits of their own. */
typedef enum dyn_direction {
    DYN_READING,
    DYN_WRITING,
    DYN_DIRECTIONS
} dyn_direction;

/* The partitions of a tree. */
typedef struct dyn_account_tree {
    int64_t tree;
    const uint64_t *lows; /* where each begins, rising from 0 */
    size_t count;
    dyn_limit limits[DYN_DIRECTIONS];
} dyn_account_tree;

/* Why a request is refused: in the words of the service, behind TableRead,
 * TableWrite, IndexRead, IndexWrite. */
typedef enum dyn_refusal_reason {
    DYN_PROVISIONED_EXCEEDED,
    DYN_ACCOUNT_LIMIT_EXCEEDED,
    DYN_KEY_RANGE_EXCEEDED,
    DYN_MAX_ON_DEMAND_EXCEEDED,
    DYN_REFUSAL_REASONS
} dyn_refusal_reason;

typedef struct dyn_refusal {
    int64_t tree; /* that is exhausted */
    dyn_direction direction;
    dyn_refusal_reason reason;
} dyn_refusal;

enum { DYN_REFUSALS_MAX = 8 }; /* that are told of one request */

typedef struct dyn_refusals {
    dyn_refusal all[DYN_REFUSALS_MAX];
    size_t count;
    int64_t next_ms; /* when the request may pass, if nobody else comes */
} dyn_refusals;

/*
 * The account of the table with an id in a file, made when there is none; file
 * is empty for a database without one. *out is to be released by the caller.
 * Fails with DYN_NOMEM.
 */
dyn_status dyn_account_open(dyn_call *call, const struct sqlite3 *db,
                            const char *schema, const char *file, dyn_bytes id,
                            dyn_account **out);
void dyn_account_retain(dyn_account *account);
void dyn_account_release(dyn_account *account); /* NULL is allowed */

/* Whether it is that of the table with this id. */
bool dyn_account_is_of(const dyn_account *account, dyn_bytes id);

/* The table is dropped, unless that is rolled back: then its account is opened
 * again. dyn_account_is_over() tells that nobody else has it, either. */
void dyn_account_drop(dyn_account *account);
bool dyn_account_is_over(const dyn_account *account);

/* The partitions that a connection has read, of a generation of the stored map
 * (table.h): what is known by then goes to those that have its place. That of
 * an earlier generation changes nothing. Fails with DYN_NOMEM. */
dyn_status dyn_account_adopt(dyn_call *call, dyn_account *account,
                             int64_t generation, const dyn_account_tree *trees,
                             size_t count);

/* Ask for what charges say, at a time: all of it is paid, or nothing, and out
 * tells why. Charges below zero are given back. Returns whether they are paid.
 */
bool dyn_account_admit(dyn_account *account, int64_t now_ms,
                       const dyn_charge *charges, size_t count,
                       dyn_refusals *out);

/* Give back what was paid for something that is then not done. */
void dyn_account_refund(dyn_account *account, const dyn_charge *charges,
                        size_t count);

/* Count a request that was refused, where one of its charges says. */
void dyn_account_throttle(dyn_account *account, const dyn_charge *charge);

typedef enum dyn_settlement {
    DYN_SETTLE_FREE,   /* limits are not enforced */
    DYN_SETTLE_PAID,   /* admitted before */
    DYN_SETTLE_UNPAID, /* known only now: paid whatever there is */
} dyn_settlement;

/* Add units that have been consumed. Where memory for another minute is out,
 * they count for the latest one. */
void dyn_account_settle(dyn_account *account, int64_t now_ms,
                        const dyn_charge *charges, size_t count,
                        dyn_settlement how);

/* What is counted by key: units consumed, and units that refused requests would
 * have taken. */
typedef enum dyn_hot_kind {
    DYN_HOT_CONSUMED,
    DYN_HOT_THROTTLED,
    DYN_HOT_KINDS
} dyn_hot_kind;

/* Count charges by their keys, but refunds, which cannot be taken off a sketch
 * (hot_keys.h). Where memory for one is out, nothing is counted. */
void dyn_account_count_keys(dyn_account *account, dyn_hot_kind kind,
                            int64_t now_ms, const dyn_charge *charges,
                            size_t count);

/* The hot keys of a tree; none of one that there is not. Fails with DYN_NOMEM.
 */
dyn_status dyn_account_hot_keys(dyn_call *call, dyn_account *account,
                                int64_t tree, dyn_hot_kind kind, int64_t now_ms,
                                dyn_hot_key_list *out);

/* What is left of the second that a partition has, in thousandths of a unit;
 * zeros of one that there is not. */
typedef struct dyn_burst {
    int64_t milli[DYN_DIRECTIONS];
} dyn_burst;
dyn_burst dyn_account_burst(dyn_account *account, int64_t tree, uint64_t low,
                            int64_t now_ms);

/* Whether a partition of a tree is to be split for heat, and where: *cut is the
 * first hash of its upper part. dyn_account_forget_cut() when that is done, or
 * cannot be. */
bool dyn_account_next_cut(dyn_account *account, int64_t tree, uint64_t *cut);
void dyn_account_forget_cut(dyn_account *account, int64_t tree, uint64_t cut);

/*
 * Balances and peaks are stored as a text for each tree, with what a
 * transaction writes. So they come back when a file is opened again, and other
 * processes see them.
 *
 * dyn_account_save() gives the text that a writer is to store, in the memory of
 * call; NULL for a tree that is gone. It fails with DYN_NOMEM.
 *
 * dyn_account_restore() takes a text that a reader has found in the file. The
 * first one counts as it is. One that another process has stored since counts,
 * less what this process has taken and not stored. An earlier one, one that
 * this process has stored, and a damaged one change nothing.
 */
dyn_status dyn_account_save(dyn_call *call, dyn_account *account, int64_t tree,
                            const void *writer, const char **text);
void dyn_account_restore(dyn_account *account, int64_t tree, const void *reader,
                         const char *text);

bool dyn_account_has_usage(dyn_account *account);

/* All that is not written yet, in the memory of call. dyn_account_take() is for
 * who writes it: it is no longer pending, until that connection ends its
 * transaction. Fail with DYN_NOMEM. */
dyn_status dyn_account_usage(dyn_call *call, dyn_account *account,
                             dyn_usage **usage, size_t *count);
dyn_status dyn_account_take(dyn_call *call, dyn_account *account,
                            const void *taker, dyn_usage **usage,
                            size_t *count);

/* What that taker has taken, and what it has saved, is written; or is rolled
 * back, and with it the partitions that were adopted. Nothing when another one
 * has taken and saved. */
void dyn_account_committed(dyn_account *account, const void *taker);
void dyn_account_rolled_back(dyn_account *account, const void *taker);

/* The same within a transaction. It goes back to its latest savepoint, and what
 * was taken before that is still being written; or to an earlier one, and then
 * all that was taken counts as rolled back, since what was not is not known. */
void dyn_account_savepoint(dyn_account *account, const void *taker);
void dyn_account_rolled_back_to(dyn_account *account, const void *taker,
                                bool is_latest);

#endif
