/*
 * Expressions of requests: names and values stand behind #n0 and :v0, so that
 * no name is a reserved word and no value has to be quoted. One substitution is
 * of one request, and all its expressions.
 */
#ifndef REMOTE_SUBSTITUTION_H
#define REMOTE_SUBSTITUTION_H

#include "base/buffer.h"
#include "expr/condition.h"

typedef struct remote_substitution {
    dyn_buffer names; /* members of ExpressionAttributeNames so far */
    dyn_buffer values;
    size_t name_count;
    size_t value_count;
} remote_substitution;

void remote_substitution_begin(remote_substitution *out, dyn_call *call);

/* Add a name, or a value, to an expression. */
void remote_add_name(remote_substitution *substitution, dyn_buffer *expression,
                     dyn_bytes name);
void remote_add_value(remote_substitution *substitution, dyn_buffer *expression,
                      const dyn_value *value);

/* Add a condition of SQL, in parentheses. */
void remote_add_condition(remote_substitution *substitution,
                          dyn_buffer *expression,
                          const dyn_condition *condition);

/* Add an expression that has been ended, as a member of that name, to a request
 * that has members already. */
void remote_add_expression(dyn_buffer *request, const char *name,
                           dyn_bytes expression);

/* Add the names and values to the request, where there are any. Fails with
 * DYN_NOMEM. */
dyn_status remote_substitution_end(remote_substitution *substitution,
                                   dyn_buffer *request);

#endif
