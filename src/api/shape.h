/*
 * Shapes of requests: which members a request may have, of which JSON types,
 * and what each of them has to be (docs/semantics.md 19).
 *
 * A shape is constant data. Those that several operations use are here; an
 * operation's own are in its file.
 *
 * Layer: api.
 */
#ifndef DYN_API_SHAPE_H
#define DYN_API_SHAPE_H

#include "item/json.h"

typedef enum dyn_shape_kind {
    DYN_SHAPE_STRING,
    DYN_SHAPE_BLOB, /* base64 in a string */
    DYN_SHAPE_BOOLEAN,
    DYN_SHAPE_INTEGER, /* 32 bits */
    DYN_SHAPE_LONG,    /* 64 bits */
    DYN_SHAPE_DOUBLE,  /* also times, in seconds */
    DYN_SHAPE_LIST,
    DYN_SHAPE_MAP,
    DYN_SHAPE_STRUCTURE,
} dyn_shape_kind;

typedef struct dyn_shape dyn_shape;
typedef struct dyn_shape_member dyn_shape_member;

struct dyn_shape {
    dyn_shape_kind kind;
    bool has_min; /* of a number; the bytes of a string; elements, members */
    bool has_max;
    int64_t min;
    int64_t max;
    bool is_name;                    /* a string of [a-zA-Z0-9_.-]+ */
    bool is_resource;                /* the same, or an ARN */
    bool is_first;                   /* a required string: the first thing that
                                      * is wrong with it is told before all
                                      * else, its absence in other words */
    bool is_bare;                    /* a limit that it breaks is told without
                                      * the value, at the names as they are */
    const char *const *words;        /* what a string may be, NULL at the end */
    const dyn_shape *element;        /* of a list; of the values of a map */
    const dyn_shape *key;            /* of the names in a map; NULL: any */
    const char *class_name;          /* of a structure */
    const dyn_shape_member *members; /* of a structure; the last has no name */
    bool is_free; /* nothing within has to be checked but its JSON types */
};

struct dyn_shape_member {
    const char *name;
    const dyn_shape *shape;
    bool is_required;
};

/*
 * Check a request, which is a JSON object, against its shape, and take out of
 * it what nobody is to see: members that are null or that the shape does not
 * have. An element of a list or map must not be null, where the shape is not
 * free.
 *
 * Fails with DYN_INVALID: a SerializationException for the first value of a
 * wrong JSON type; or else a ValidationException with all that breaks a
 * constraint (docs/semantics.md 19), ten at most. DYN_NOMEM.
 */
dyn_status dyn_shape_check(dyn_call *call, const dyn_shape *shape,
                           dyn_json *request);

/* A shape of a kind that has nothing else to say. */
extern const dyn_shape dyn_shape_string;
extern const dyn_shape dyn_shape_boolean;
extern const dyn_shape dyn_shape_strings; /* a list */

extern const dyn_shape dyn_shape_table;          /* TableArn: 1 .. 1024 bytes */
extern const dyn_shape dyn_shape_name;           /* IndexName, TableName */
extern const dyn_shape dyn_shape_positive;       /* Limit: an INTEGER >= 1 */
extern const dyn_shape dyn_shape_attribute_name; /* 1 .. 255 bytes */

extern const dyn_shape dyn_shape_value;   /* AttributeValue */
extern const dyn_shape dyn_shape_values;  /* a list of them */
extern const dyn_shape dyn_shape_item;    /* a map: items, keys, :values */
extern const dyn_shape dyn_shape_names;   /* ExpressionAttributeNames */
extern const dyn_shape dyn_shape_to_get;  /* AttributesToGet */
extern const dyn_shape dyn_shape_filters; /* KeyConditions and filters */
extern const dyn_shape dyn_shape_expected;

/* What a request may have that writes one item under a condition, which it may
 * need; and what it may want to be returned. */
#define DYN_CONDITION_MEMBERS(needs_condition)                                 \
    {"ConditionExpression", &dyn_shape_string, (needs_condition)},             \
        {"ExpressionAttributeNames", &dyn_shape_names, false},                 \
        {"ExpressionAttributeValues", &dyn_shape_item, false},                 \
    {                                                                          \
        "ReturnValuesOnConditionCheckFailure", &dyn_shape_return_failed, false \
    }
#define DYN_RETURN_MEMBERS                                                     \
    {"ReturnValues", &dyn_shape_return_values, false},                         \
        {"ReturnConsumedCapacity", &dyn_shape_return_capacity, false},         \
    {                                                                          \
        "ReturnItemCollectionMetrics", &dyn_shape_return_metrics, false        \
    }

/* Words of the same name. */
extern const dyn_shape dyn_shape_conditional_operator;
extern const dyn_shape dyn_shape_return_capacity;
extern const dyn_shape dyn_shape_return_metrics;
extern const dyn_shape dyn_shape_return_values;
extern const dyn_shape dyn_shape_return_failed;
extern const dyn_shape dyn_shape_select;

#endif
