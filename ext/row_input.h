/*
 * What a statement writes into a row: the columns of xUpdate, from which the
 * operations of ops/ or the requests of a client are made. columns begin with
 * the declared ones, and the hidden ones follow.
 */
#ifndef EXT_ROW_INPUT_H
#define EXT_ROW_INPUT_H

#include "base/sqlite.h"
#include "engine/definition.h"
#include "expr/condition.h"
#include "ops/update_item.h"

/* The item column, if it is given. Fails with DYN_INVALID, DYN_NOMEM. */
dyn_status row_read_item(dyn_call *call, const dyn_definition *declared,
                         sqlite3_value **columns, bool *is_given, dyn_map *out);

/* The attributes whose columns are given, as changes in the order of their
 * names; a NULL removes. Texts and BLOBs are those of the columns. Fails with
 * DYN_INVALID, DYN_NOMEM. */
dyn_status row_read_changes(dyn_call *call, const dyn_definition *declared,
                            sqlite3_value **columns, dyn_assignment **changes,
                            size_t *count);

/* The item of an INSERT: columns that are given win over the item column. Fails
 * with DYN_INVALID, DYN_NOMEM. */
dyn_status row_read_new_item(dyn_call *call, const dyn_definition *declared,
                             sqlite3_value **columns, dyn_map *out);

/* Check the hidden columns that a write cannot take. Fails with DYN_INVALID. */
dyn_status row_check_hidden(dyn_call *call, const dyn_definition *declared,
                            sqlite3_value **columns, bool is_update);

/* The condition that was read last stays: the rows of a statement share it. */
typedef struct row_condition row_condition;

/* The condition column; *out is NULL when it is not given, else it lives while
 * *kept does, which begins as NULL and is for row_forget_condition() to free.
 * Fails with DYN_INVALID, DYN_NOMEM. */
dyn_status row_read_condition(dyn_call *call, row_condition **kept,
                              const dyn_definition *declared,
                              sqlite3_value **columns,
                              const dyn_condition **out);
void row_forget_condition(row_condition **kept);

#endif
