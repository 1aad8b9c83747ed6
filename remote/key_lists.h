/*
 * Plans of remote tables: as those of other tables, but where a whole key is
 * compared with lists, as in `id IN (…)`, all of its values come at once, so
 * that they can be asked for in batches.
 */
#ifndef REMOTE_KEY_LISTS_H
#define REMOTE_KEY_LISTS_H

#include "table_plan.h"

/* Stored keys, in their order, each once. */
typedef struct key_list {
    dyn_bytes *keys;
    size_t count;
} key_list;

/* plan_resolve() for all values of the lists. With PLAN_GET, *keys are those of
 * the items. All is in the memory of call. Fails as plan_resolve() does. */
dyn_status key_lists_resolve(dyn_call *call, const plan_table *table, int plan,
                             const char *sentence, int argc,
                             sqlite3_value **argv, plan_range *range,
                             key_list *keys);

#endif
