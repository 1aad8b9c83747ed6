/* What the files of the planner share: the flags of a plan. */
#ifndef EXT_TABLE_PLAN_INTERNAL_H
#define EXT_TABLE_PLAN_INTERNAL_H

#include "ops/access_path.h"
#include "table_plan.h"

/* A plan: flags, and the tree of the index that is read. The first flags stand
 * for an argument each, in this order. */
enum {
    PLAN_MODE = 1 << 0,
    PLAN_SLOT_SHIFT = 1, /* a flag for each slot of a path */
    PLAN_LIMIT_SHIFT = PLAN_SLOT_SHIFT + DYN_SLOTS,
    PLAN_LIMIT = 1 << PLAN_LIMIT_SHIFT,
    PLAN_OFFSET = PLAN_LIMIT << 1,

    PLAN_LOWER_OPEN = PLAN_LIMIT << 2,
    PLAN_UPPER_OPEN = PLAN_LIMIT << 3,
    PLAN_DOWN = PLAN_LIMIT << 4,
    PLAN_FETCH = PLAN_LIMIT << 5,
    PLAN_TREE_SHIFT = PLAN_LIMIT_SHIFT + 6,
};

/* The flag of a slot. */
static inline int plan_flag(int slot)
{
    return 1 << (PLAN_SLOT_SHIFT + slot);
}

#endif
