/*
 * One PartiQL statement of a request, step by step: read it, open its table and
 * see what it means there, run it. ExecuteStatement, BatchExecuteStatement and
 * transactions take these steps; a SELECT of more than one item is select.h's.
 *
 * Layer: api.
 */
#ifndef DYN_API_STATEMENT_H
#define DYN_API_STATEMENT_H

#include "api/host.h"
#include "api/shape.h"
#include "item/json.h"
#include "ops/get_item.h"
#include "partiql/where.h"

/* Statement and Parameters. */
extern const dyn_shape dyn_shape_statement;
extern const dyn_shape dyn_shape_parameters;

typedef struct dyn_statement_call {
    const dyn_json *request; /* has Statement, Parameters,
                              * ReturnValuesOnConditionCheckFailure */
    dyn_list parameters;
    dyn_statement statement;

    dyn_table *table;
    int index;       /* of a SELECT; -1: the table itself */
    dyn_where where; /* but for an INSERT: taken apart for that key */

    bool has_item;        /* it means one item, whose key is: */
    const dyn_map *key;   /* of an INSERT, the whole item */
    dyn_bytes stored_key; /* in the table */
    bool has_condition;
    dyn_condition condition; /* on that item, which may not be there */
} dyn_statement_call;

/* Read Parameters and Statement; needs no table. request lives as long as out
 * does. Fails as dyn_statement_parse(), and with DYN_INVALID for a parameter
 * that is no value; DYN_NOMEM. */
dyn_status dyn_statement_read(dyn_call *call, const dyn_json *request,
                              dyn_statement_call *out);

/* Fail because EXISTS is only for transactions. */
dyn_status dyn_statement_fail_exists(dyn_call *call);

/*
 * Open the table, to be read by a SELECT and to be written by the others, and
 * find out what the statement
 * means there: the item, and the condition on it.
 *
 *   INSERT   no condition; dyn_statement_write() refuses where an item is
 *   UPDATE   that there is an item, and the rest of WHERE
 *   DELETE   that there is none, or the rest of WHERE; no rest, no condition
 *   EXISTS   that there is an item, and the rest of WHERE
 *   SELECT   the same, with the whole key of the table; else there is no item
 *
 * Fails as dyn_host_read() or dyn_host_write(), and with DYN_INVALID: an index
 * is not there; WHERE does not fix the whole key, but for a SELECT; a value
 * breaks a rule for keys; a path leads below a key or an update changes one.
 */
dyn_status dyn_statement_open(dyn_call *call, const dyn_host *host,
                              dyn_statement_call *in);

/* Run a SELECT of one item, which costs what GetItem does. *found tells whether
 * it is there and meets the condition; *out is what is selected of it, in the
 * memory of call. Fails as dyn_get_item(). */
dyn_status dyn_statement_get(dyn_call *call, const dyn_statement_call *in,
                             bool is_strong, bool *found, dyn_map *out);

/* What a SELECT of one item selects of it, once it has been read. Fails with
 * DYN_CORRUPT, DYN_NOMEM. */
dyn_status dyn_statement_select(dyn_call *call, const dyn_statement_call *in,
                                const dyn_get_response *got, bool *found,
                                dyn_map *out);

/*
 * Run an INSERT, UPDATE or DELETE. *out is what RETURNING asks for, in the
 * memory of call; *has_values tells whether there is that.
 *
 * Fails with DYN_EXISTS and `Duplicate primary key exists in table`, with
 * DYN_CONDITION_FAILED, also where an UPDATE finds no item, and then with the
 * item if the request asks for that; and as the operations in ops/ do. It has
 * then changed nothing, unless error.torn says so.
 */
dyn_status dyn_statement_write(dyn_call *call, const dyn_statement_call *in,
                               bool *has_values, dyn_map *out);

#endif
