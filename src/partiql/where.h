/*
 * The WHERE of a statement, taken apart: what it says about a key, and the
 * rest, which is a condition on the items.
 *
 * Only what AND joins at the top can say something about the key.
 *
 * Layer: partiql.
 */
#ifndef DYN_PARTIQL_WHERE_H
#define DYN_PARTIQL_WHERE_H

#include "expr/key_condition.h"
#include "partiql/statement.h"

typedef struct dyn_where {
    bool has_partition; /* all of the partition key is fixed by equality, or its
                         * only attribute by IN; else the rest is all */
    dyn_key_terms terms; /* when has_partition; values have the types of the
                          * attributes */
    dyn_list members;    /* of that IN, each once, in their order: each is to
                          * stand in terms.partition[0].value. Empty: none */
    bool is_whole;       /* all of the key is fixed by equality */
    dyn_condition rest;  /* root is NULL when there is none */
} dyn_where;

/*
 * Take apart where, which may have no root, for a key. Of several terms about
 * one attribute, the first equality is the key's, or else the first other one;
 * terms of the sort key go from the left, and end behind one that is no
 * equality.
 *
 * *out is in the memory of call and shares what it can with where. Fails with
 * DYN_INVALID: a value is of another type than the attribute, or there are more
 * than DYN_IN_PARTITIONS_MAX members; DYN_NOMEM.
 */
dyn_status dyn_where_split(dyn_call *call, const dyn_condition *where,
                           const dyn_key_attributes *key, dyn_where *out);

/* A condition, which may have no root, AND that there is an item, whose
 * attribute name then is there; or the condition, OR that there is none. *out
 * may be the condition. Fail with DYN_NOMEM. */
dyn_status dyn_where_and_exists(dyn_call *call, const dyn_condition *condition,
                                dyn_bytes name, dyn_condition *out);
dyn_status dyn_where_or_missing(dyn_call *call, const dyn_condition *condition,
                                dyn_bytes name, dyn_condition *out);

#endif
