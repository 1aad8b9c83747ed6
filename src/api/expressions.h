/*
 * The expressions of a request, and what they may refer to (docs/semantics.md
 * 5, 15).
 *
 * Layer: api.
 */
#ifndef DYN_API_EXPRESSIONS_H
#define DYN_API_EXPRESSIONS_H

#include "expr/condition.h"
#include "expr/projection.h"
#include "expr/update.h"
#include "item/json.h"

/* Check that a request does not mix expressions with the parameters that were
 * before them, and has no #names and :values without expressions. Both lists
 * are of names of members, in the order of messages, and end with NULL.
 * Fails with DYN_INVALID, DYN_NOMEM. */
dyn_status dyn_expressions_check_mixed(dyn_call *call, const dyn_json *request,
                                       const char *const *expressions,
                                       const char *const *older);

typedef struct dyn_expressions {
    dyn_map names; /* ExpressionAttributeNames */
    dyn_map values;
    dyn_substitutes substitutes;
} dyn_expressions;

/* Take #names and :values of a request, or of one of the requests within it;
 * out stays where it is. Fails with DYN_INVALID, DYN_NOMEM. */
dyn_status dyn_expressions_begin(dyn_call *call, const dyn_json *request,
                                 dyn_expressions *out);

/* Read an expression of the request, the member that kind says; *is_there tells
 * whether it has it. Fail with DYN_INVALID, DYN_NOMEM. */
dyn_status dyn_expressions_condition(dyn_call *call, dyn_expressions *in,
                                     const dyn_json *request,
                                     dyn_expression_kind kind, bool *is_there,
                                     dyn_condition *out);
dyn_status dyn_expressions_projection(dyn_call *call, dyn_expressions *in,
                                      const dyn_json *request, bool *is_there,
                                      dyn_projection *out);
dyn_status dyn_expressions_update(dyn_call *call, dyn_expressions *in,
                                  const dyn_json *request, bool *is_there,
                                  dyn_update *out);

/* Once all are read: fails with DYN_INVALID when a name or value was not used.
 */
dyn_status dyn_expressions_end(dyn_call *call, const dyn_expressions *in);

#endif
