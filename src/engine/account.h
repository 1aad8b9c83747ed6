/*
 * The account of a table: what all connections of a process together have
 * consumed of it and not yet written to its file. There is one for each table
 * of each file, in a registry of the process; it goes with the last connection
 * that uses it. A table of a database without a file is its connection's own,
 * and so is its account.
 *
 * Units are kept by partition. A partition holds those of its latest minute;
 * when units of a later one come, the earlier ones are put aside.
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

#include "base/call.h"

struct sqlite3;
typedef struct dyn_account dyn_account;

/* What an operation takes of one partition of the table or of an index. */
typedef struct dyn_charge {
    int index;      /* whose cost it is: a number in the definition, -1: that of
                     * the table itself */
    int64_t tree;   /* who pays: a local index is charged to the table */
    uint64_t hash;  /* of the partition key */
    int64_t minute; /* since 1970 */
    int64_t read_halves;
    int64_t write_units;
} dyn_charge;

/* Units of a partition in a minute. */
typedef struct dyn_usage {
    int64_t tree;
    uint64_t low;   /* where the partition begins */
    bool is_latest; /* no later minute of this partition is known */
    int64_t minute; /* since 1970 */
    int64_t read_halves;
    int64_t write_units;
} dyn_usage;

/* The partitions of a tree. */
typedef struct dyn_account_tree {
    int64_t tree;
    const uint64_t *lows; /* where each begins, rising from 0 */
    size_t count;
} dyn_account_tree;

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

/* Add units. Where memory for another minute is out, they count for the latest
 * one. */
void dyn_account_add(dyn_account *account, const dyn_charge *charges,
                     size_t count);

bool dyn_account_has_usage(dyn_account *account);

/* All that is not written yet, in the memory of call. dyn_account_take() is for
 * who writes it: it is no longer pending, until that connection ends its
 * transaction. Fail with DYN_NOMEM. */
dyn_status dyn_account_usage(dyn_call *call, dyn_account *account,
                             dyn_usage **usage, size_t *count);
dyn_status dyn_account_take(dyn_call *call, dyn_account *account,
                            const void *taker, dyn_usage **usage,
                            size_t *count);

/* What that taker has taken is written; or is rolled back, and with it the
 * partitions that were adopted. Nothing when another one has taken. */
void dyn_account_committed(dyn_account *account, const void *taker);
void dyn_account_rolled_back(dyn_account *account, const void *taker);

#endif
