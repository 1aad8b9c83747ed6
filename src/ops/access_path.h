/*
 * Access paths: the ways in which a statement can read a table, and the choice
 * of the best one, before the values in the statement are known.
 *
 * A statement is described by its conditions, its order and the columns it
 * looks at. The table is one path, each index is another. A path serves some
 * of the conditions: equality of the whole partition key, then equality of
 * sort keys from the left, then a range or prefix of the next sort key. It may
 * also give the rows in the order that is wanted. The caller checks the other
 * conditions itself, and sorts if the path does not.
 *
 * A statement that serves no partition key is a scan. It must ask for that by
 * its mode; otherwise it is refused, and access_sentence.h says why.
 *
 * Layer: ops. Plain data, of no connection: nothing here fails.
 */
#ifndef DYN_OPS_ACCESS_PATH_H
#define DYN_OPS_ACCESS_PATH_H

#include "engine/definition.h"
#include "ops/read_mode.h"

/* What a condition is of when it is of no column. */
enum {
    DYN_NO_COLUMN = -1,  /* something that no path serves */
    DYN_STORED_KEY = -2, /* the stored key of the item, as a whole */
};

typedef enum dyn_comparison {
    DYN_COMPARE_EQUAL,
    DYN_COMPARE_IS, /* equal, or both missing */
    DYN_COMPARE_ABOVE,
    DYN_COMPARE_AT_LEAST,
    DYN_COMPARE_BELOW,
    DYN_COMPARE_AT_MOST,
    DYN_COMPARE_LIKE,
    DYN_COMPARE_GLOB,
    DYN_COMPARE_BEGINS_WITH,
    DYN_COMPARE_EXISTS, /* IS NOT NULL */
    DYN_COMPARE_OTHER,
} dyn_comparison;

/* A condition: a column, compared with a value. All of them must be true. */
typedef struct dyn_term {
    int column; /* of the definition, DYN_NO_COLUMN or DYN_STORED_KEY */
    dyn_comparison comparison;
    bool is_usable; /* the value is known when reading begins */
    bool is_exact;  /* texts are compared byte by byte, as keys are */
    bool is_list;   /* with each value of a list in turn */
} dyn_term;

typedef struct dyn_ordering {
    int column; /* of the definition, or DYN_NO_COLUMN */
    bool is_down;
} dyn_ordering;

/* A statement. All is borrowed. */
typedef struct dyn_access_request {
    const char *table_name; /* for sentences */
    const dyn_definition *definition;
    size_t index_count;     /* 0: no index can be used */
    const bool *is_filling; /* of each index: not ACTIVE yet; NULL: none is */
    const dyn_term *terms;
    size_t term_count;
    const dyn_ordering *order;
    size_t order_count;
    const bool *uses;   /* of each attribute of the definition: it is looked at;
                         * NULL: none is */
    bool uses_item;     /* the item as a whole is looked at */
    bool has_limit;     /* only so many rows are wanted */
    bool has_condition; /* of writing, which is compared with */
    bool is_mode_known; /* false: mode is of no meaning, and may be anything */
    dyn_read_mode mode;
} dyn_access_request;

/* What a path does with a condition. */
typedef enum dyn_access_slot {
    DYN_SLOT_STORED_KEY,
    DYN_SLOT_PARTITION, /* equality, of each partition key */
    DYN_SLOT_SORT =     /* equality, of sort keys from the left */
    DYN_SLOT_PARTITION + DYN_KEY_ATTRIBUTES_MAX,
    DYN_SLOT_LOWER = /* of the sort key behind those */
    DYN_SLOT_SORT + DYN_KEY_ATTRIBUTES_MAX,
    DYN_SLOT_UPPER,
    DYN_SLOT_LIKE,
    DYN_SLOT_GLOB,
    DYN_SLOT_BEGINS_WITH,
    DYN_SLOTS,
} dyn_access_slot;

enum { DYN_NO_TERM = -1 };

typedef struct dyn_access_path {
    int index; /* number in the definition; -1: the table */
    const dyn_key_schema *key;
    int terms[DYN_SLOTS]; /* the number of a term, or DYN_NO_TERM */
    int sort_count;       /* sort keys that are compared for equality */
    bool is_fixed;        /* so is the whole partition key: it is a query */
    bool is_fetching;     /* of a local index: it reads the items, too */
    bool is_ordered;      /* it gives the order that is wanted */
    bool is_down;         /* from the last sort key to the first */
    bool is_limited;      /* the caller sees to no more than the LIMIT */
    bool has_list;        /* a key is compared with a list */
    bool has_leftover;    /* a condition is left to the caller */
} dyn_access_path;

/* Choose the best path; the table, to be scanned or refused, when none serves
 * a partition key. The index that the mode names is the only way. Without
 * one, the table goes before all global indexes, whose reads may be of another
 * moment; and an index that leaves out items which the statement may want is
 * none. */
void dyn_access_choose(const dyn_access_request *request, dyn_access_path *out);

/* Whether a path serves a condition in a slot: a dyn_access_slot, or one of
 * those of a further key. */
bool dyn_access_has(const dyn_access_path *path, int slot);

/* Whether a path names at most one item. */
bool dyn_access_is_point(const dyn_access_path *path);

/* Whether a path is a scan, and the mode asks for it. */
bool dyn_access_is_scan(const dyn_access_request *request,
                        const dyn_access_path *path);

/* Whether a statement is refused, as far as its mode is known: its path is a
 * scan, which it does not ask for; or it compares with a condition of writing.
 */
bool dyn_access_is_refused(const dyn_access_request *request,
                           const dyn_access_path *path);

/* A guess, to compare plans: of rows, and of reads in no unit. */
typedef struct dyn_access_cost {
    int64_t rows;
    double reads;
} dyn_access_cost;

dyn_access_cost dyn_access_estimate(const dyn_access_request *request,
                                    const dyn_access_path *path);

/* Why an index cannot be read by a statement. */
typedef enum dyn_obstacle {
    DYN_OBSTACLE_NONE,
    DYN_OBSTACLE_PROJECTION, /* it lacks what the statement looks at */
    DYN_OBSTACLE_FILLING,
    DYN_OBSTACLE_STRONG, /* global, and the read is to be consistent */
} dyn_obstacle;

/* *missing, unless NULL, is what the index does not project. */
dyn_obstacle dyn_access_obstacle(const dyn_access_request *request,
                                 size_t index, dyn_bytes *missing);

/* Whether items may lack a column: it is no key of the table. */
bool dyn_access_is_optional(const dyn_definition *definition, int column);

/* The first sort key of an index that items may lack and that no condition of
 * the statement asks for; -1: there is none, so the index has all the items
 * that are wanted. */
int dyn_access_sparse(const dyn_access_request *request, size_t index);

#endif
