/* What the files of the planner share: the flags of a plan, the ways to read
 * that it chooses from, and the words of the mode column. */
#ifndef EXT_TABLE_PLAN_INTERNAL_H
#define EXT_TABLE_PLAN_INTERNAL_H

#include "table_plan.h"

/* A plan: flags, and the tree of the index that is read. The first flags stand
 * for an argument each, in this order; there are four in a row for the
 * attributes of a partition key, and four for those of a sort key. */
enum {
    PLAN_MODE = 1 << 0,
    PLAN_KEY = 1 << 1,
    PLAN_PARTITION = 1 << 2,
    PLAN_SORT = 1 << 6,
    PLAN_LOWER = 1 << 10,
    PLAN_UPPER = 1 << 11,
    PLAN_LIKE = 1 << 12,
    PLAN_GLOB = 1 << 13,
    PLAN_BEGINS_WITH = 1 << 14,
    PLAN_LIMIT = 1 << 15,
    PLAN_OFFSET = 1 << 16,
    PLAN_ARGUMENTS = 17,

    PLAN_LOWER_OPEN = 1 << 17,
    PLAN_UPPER_OPEN = 1 << 18,
    PLAN_DOWN = 1 << 19,
    PLAN_FETCH = 1 << 20,
    PLAN_TREE_SHIFT = 21,

    PLAN_PATTERNS = PLAN_LIKE | PLAN_GLOB | PLAN_BEGINS_WITH,
};

/* The number of a flag. */
int plan_bit(int flag);

/* The words of the mode column. */
typedef struct plan_mode {
    bool is_scan;
    bool is_strong;
    bool has_segment;
    uint64_t segment;
    uint64_t segment_count;
    dyn_bytes index; /* no data: none is named */
} plan_mode;

/* Fails with DYN_INVALID and what the words may be. */
dyn_status plan_mode_parse(dyn_call *call, dyn_bytes text, plan_mode *out);

/* A way to read: the table, or an index. */
typedef struct plan_path {
    int index; /* number in the definition; -1: the table */
    const dyn_key_schema *key;
    int flags;
    int constraint[PLAN_ARGUMENTS]; /* of each argument */
    bool is_fixed;     /* the whole partition key is compared for equality */
    int sort_count;    /* sort keys that are */
    bool has_range;    /* and the next one with a range or prefix */
    bool is_ordered;   /* it serves the ORDER BY */
    bool has_in;       /* a key is compared with a list */
    bool has_leftover; /* a condition that SQLite checks itself */
} plan_path;

typedef struct planner {
    table_vtab *table;
    const dyn_definition *definition;
    size_t index_count; /* 0 when the table could not be read */
    sqlite3_index_info *info;
    bool knows_mode;
    plan_mode mode;
    plan_path path; /* that is chosen */
} planner;

/* Whether a path names at most one item. */
bool plan_is_point(const plan_path *path);

/* Why an index cannot be read by this statement; PLAN_ELIGIBLE: it can. */
typedef enum plan_obstacle {
    PLAN_ELIGIBLE,
    PLAN_NOT_PROJECTED,
    PLAN_FILLING,
    PLAN_STRONG,
} plan_obstacle;

plan_obstacle plan_find_obstacle(const planner *p, size_t number);

/* Whether an index holds all columns that the statement uses; if not, *missing
 * is the name of one. */
bool plan_projects(const planner *p, const dyn_index *index,
                   dyn_bytes *missing);

/* Whether a column is the attribute of an index key that items may lack: an
 * index does not have those (it is sparse). */
bool plan_is_optional(const dyn_definition *definition, int column);

/* The first sort key of an index that items may lack and that no condition of
 * the statement asks for; -1: there is none, so the index has all rows. */
int plan_find_sparse(const planner *p, const dyn_index *index);

/* The sentence of the chosen path; NULL when out of memory. Freed by SQLite. */
char *plan_describe(const planner *p);

/* Begins the sentence of a statement that is refused. */
#define PLAN_REFUSED "refused: "

/* What a query of a table needs. p is NULL when nothing is known of the
 * statement. */
void plan_add_refusal(sqlite3_str *text, const table_vtab *table,
                      const dyn_definition *definition, const planner *p);

#endif
