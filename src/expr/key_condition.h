/*
 * Key conditions: what a condition says about the key of a table or an index
 * (docs/semantics.md 4, 5, 14, 15).
 *
 * Layer: expr.
 */
#ifndef DYN_EXPR_KEY_CONDITION_H
#define DYN_EXPR_KEY_CONDITION_H

#include "expr/condition.h"

typedef struct dyn_key_attribute {
    dyn_bytes name;
    dyn_type type;
} dyn_key_attribute;

typedef struct dyn_key_attributes {
    const dyn_key_attribute *partition;
    size_t partition_count; /* 1 .. DYN_KEY_ATTRIBUTES_MAX */
    const dyn_key_attribute *sort;
    size_t sort_count; /* 0 .. DYN_KEY_ATTRIBUTES_MAX */
} dyn_key_attributes;

typedef enum dyn_key_relation {
    DYN_KEY_EQUAL,
    DYN_KEY_LESS,
    DYN_KEY_LESS_EQUAL,
    DYN_KEY_GREATER,
    DYN_KEY_GREATER_EQUAL,
    DYN_KEY_BETWEEN, /* both bounds are included */
    DYN_KEY_BEGINS_WITH,
    DYN_KEY_OTHER, /* one of KeyConditions that no range of keys can serve */
} dyn_key_relation;

/* What is asked of one attribute. */
typedef struct dyn_key_term {
    dyn_bytes name;
    dyn_key_relation relation;
    const dyn_value *value; /* of BETWEEN the lower bound; of DYN_KEY_OTHER
                             * any or NULL */
    const dyn_value *upper; /* NULL but for BETWEEN */
} dyn_key_term;

/* What is asked, in the order in which it is written, before it is known of
 * which key. */
typedef struct dyn_key_list {
    dyn_key_term *terms;
    size_t count;
} dyn_key_list;

typedef struct dyn_key_terms {
    dyn_key_term partition[DYN_KEY_ATTRIBUTES_MAX]; /* as many as the key has;
                                                     * all are DYN_KEY_EQUAL */
    dyn_key_term sort[DYN_KEY_ATTRIBUTES_MAX];      /* the first ones; all but
                                                     * the last are
                                                     * DYN_KEY_EQUAL */
    size_t sort_count;
} dyn_key_terms;

/* The terms of a key condition, in the memory of call. Fails with DYN_INVALID
 * and DynamoDB's text: an operator that is none for keys, a term that is not
 * about one attribute, two about one; DYN_NOMEM. */
dyn_status dyn_key_condition_read(dyn_call *call,
                                  const dyn_condition *condition,
                                  dyn_key_list *out);

/*
 * Take what a list asks of attribute number `at` of a key, which counts on from
 * the partition key to the sort key. Taken for all of them in turn, *out is
 * what it asks of the key, with values of the types of the attributes; the
 * caller may look at something else about an attribute between.
 *
 * Fails with DYN_INVALID:
 *   Conditions can be of length 1 or 2 only
 *   Query key condition not supported
 *   Query condition missed key schema element: a
 *   Attempted conditional constraint is not an indexable operation
 *   One or more parameter values were invalid: Condition parameter type does
 *   not match schema type
 */
dyn_status dyn_key_terms_take(dyn_call *call, const dyn_key_list *list,
                              const dyn_key_attributes *key, size_t at,
                              dyn_key_terms *out);

/* Whether a predicate is about one attribute that could be of a key, as a range
 * of keys can serve it; and then what it asks. */
bool dyn_key_term_of(const dyn_node *node, dyn_key_term *out);

/* Check that the filter of a query, which messages call kind, does not name its
 * key. Fails with DYN_INVALID. */
dyn_status dyn_filter_check(dyn_call *call, const dyn_condition *filter,
                            const dyn_key_attributes *key, const char *kind);

/* Check that no path leads below an attribute of a key, which messages call
 * kind: `Key` or `IndexKey`. Fails with DYN_INVALID. */
dyn_status dyn_paths_check_key(dyn_call *call, dyn_paths paths,
                               const dyn_key_attributes *key, const char *kind);

#endif
