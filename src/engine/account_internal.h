/*
 * What the files of the account share: account.c has the registry,
 * account_admit.c what may be consumed, account_usage.c what has been and is
 * not written yet, account_hot_keys.c the hot keys, account_adopt.c the map,
 * account_state.c what is stored of the gates. Whoever calls a function below
 * holds the account's lock.
 *
 * Layer: engine, private to the account.
 */
#ifndef DYN_ENGINE_ACCOUNT_INTERNAL_H
#define DYN_ENGINE_ACCOUNT_INTERNAL_H

#include "engine/account.h"

#include "base/lock.h"
#include "engine/heat.h"

/* The gates of a tree as they are in a text that is stored. Each text of a tree
 * has a number: one more than that of the text before. */
typedef struct dyn_gates {
    int64_t number;
    dyn_gate all[DYN_DIRECTIONS];
} dyn_gates;

enum { DYN_NO_TEXT = -1 };

/* A partition. */
typedef struct dyn_load {
    uint64_t low;
    int64_t minute; /* the latest that has something pending */
    bool is_used;   /* the uses may not be empty */
    dyn_uses uses;
    dyn_bucket buckets[DYN_DIRECTIONS];
    dyn_heat *heats; /* owned, of each direction; NULL: nobody has asked */
    bool has_cut;    /* it is to be split, for heat, at cut */
    uint64_t cut;
} dyn_load;

typedef struct dyn_tree_loads {
    int64_t tree;
    dyn_gate gates[DYN_DIRECTIONS];
    dyn_gates stored;   /* the latest text that is known; DYN_NO_TEXT: none */
    dyn_gates written;  /* by whom is writing now */
    const void *writer; /* NULL: nobody */
    dyn_load *loads;    /* owned; rising by low */
    size_t count;
    dyn_hot_keys *hot[DYN_HOT_KINDS]; /* owned; NULL: no key was counted */
} dyn_tree_loads;

typedef struct dyn_usage_list {
    dyn_usage *all; /* owned */
    size_t count;
    size_t room;
} dyn_usage_list;

struct dyn_account {
    dyn_account *next; /* of the registry */
    int references;    /* guarded by the lock of the process, as is_dropped */
    bool is_dropped;
    char *place; /* of the database; owned, as are the members below */
    char *id;
    dyn_lock *lock; /* guards all that follows */
    int64_t generation;
    dyn_tree_loads *trees;
    size_t tree_count;
    dyn_usage_list earlier; /* pending, of minutes before the latest */
    dyn_usage_list taken;   /* being written */
    size_t taken_before;    /* how much of it, before the latest savepoint */
    const void *taker;      /* by whom */
};

/* Free trees with what they own. */
void dyn_account_free_trees(dyn_tree_loads *trees, size_t count);

/* NULL when there is no such tree. */
dyn_tree_loads *dyn_account_tree_of(const dyn_account *account, int64_t tree);

/* The partition of a hash. */
dyn_load *dyn_account_load_of(const dyn_tree_loads *tree, uint64_t hash);

/* A partition that begins at a hash, with full buckets. */
dyn_load dyn_load_begin(uint64_t low, int64_t now_ms);

/* Put something pending on the account: units and refused requests of a
 * charge; all that trees have. */
void dyn_account_put_charge(dyn_account *account, dyn_load *load,
                            const dyn_charge *charge, int64_t throttled);
void dyn_account_put_all(dyn_account *account, const dyn_tree_loads *trees,
                         size_t count);

/* A writer's transaction has ended, and is_committed or rolled back. */
void dyn_account_end_texts(dyn_account *account, const void *writer,
                           bool is_committed);

#endif
