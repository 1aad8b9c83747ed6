/*
 * Plans: from the WHERE and ORDER BY of a statement to a range of keys.
 *
 * xBestIndex writes a plan into idxNum (flags) and a sentence into idxStr,
 * which EXPLAIN QUERY PLAN prints; xFilter reads both, and the arguments in the
 * order of the flags.
 */
#ifndef EXT_TABLE_PLAN_H
#define EXT_TABLE_PLAN_H

#include "ops/query.h"
#include "table.h"

/* Operator of begins_with(column, text) as a constraint. */
enum { PLAN_OP_BEGINS_WITH = SQLITE_INDEX_CONSTRAINT_FUNCTION };

typedef enum plan_access {
    PLAN_NOTHING, /* no row can match */
    PLAN_GET,     /* one key: low of the request */
    PLAN_RANGE,
} plan_access;

/* What a statement reads, once its arguments are known. */
typedef struct plan_range {
    plan_access access;
    dyn_query_request request;
    dyn_bytes mode; /* as given; no data: it is not */
} plan_range;

int plan_best_index(table_vtab *table, sqlite3_index_info *info);

/* Turn a plan and its arguments into what is to be read, in the memory of
 * call. sentence is that of the plan. Fails with DYN_INVALID when the query is
 * refused, and as dyn_table_refresh() does. */
dyn_status plan_resolve(dyn_call *call, const table_vtab *table, int plan,
                        const char *sentence, sqlite3_value **arguments,
                        plan_range *out);

#endif
