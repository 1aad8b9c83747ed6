/*
 * Plans: from the WHERE and ORDER BY of a statement to a range of keys.
 *
 * xBestIndex writes a plan into idxNum (flags) and a sentence into idxStr,
 * which EXPLAIN QUERY PLAN prints, and behind its zero the shape of the index
 * that is read. xFilter reads all of that, and the arguments in the order of
 * the flags.
 */
#ifndef EXT_TABLE_PLAN_H
#define EXT_TABLE_PLAN_H

#include "engine/table.h"
#include "ops/query.h"
#include "ops/read_mode.h"
#include "table_columns.h"

typedef enum plan_access {
    PLAN_NOTHING, /* no row can match */
    PLAN_GET,     /* one key: low of the request */
    PLAN_RANGE,
} plan_access;

/* What a statement reads, once its arguments are known. */
typedef struct plan_range {
    plan_access access;
    dyn_query_request request;
    dyn_key_condition condition; /* of a range that is no scan */
    dyn_bytes mode;              /* as given; no data: it is not */
    dyn_read_mode words;         /* what it says */
} plan_range;

/* What is planned for: a table as far as it is known. */
typedef struct plan_table {
    const char *name;
    const char *collation;          /* of the columns: the order of keys */
    const dyn_definition *declared; /* the columns */
    const dyn_definition *definition;
    const dyn_index_state *indexes; /* that are known */
    size_t index_count;
    const dyn_partitions *map; /* of the items; NULL: nothing is known of it */
    bool takes_lists; /* lists that a whole key is compared with come as one
                       * argument each; else their values come in turn */
} plan_table;

/* xBestIndex. */
int plan_best_index(const plan_table *table, sqlite3_index_info *info);

/* Turn a plan and its arguments into what is to be read, in the memory of
 * call. sentence is that of the plan. Fails with DYN_INVALID when the query is
 * refused; DYN_NOMEM. */
dyn_status plan_resolve(dyn_call *call, const plan_table *table, int plan,
                        const char *sentence, sqlite3_value **arguments,
                        plan_range *out);

#endif
