/*
 * What #names and :values stand for in the expressions of a request
 * (ExpressionAttributeNames, ExpressionAttributeValues), and which of them are
 * used.
 *
 * Layer: expr.
 */
#ifndef DYN_EXPR_SUBSTITUTES_H
#define DYN_EXPR_SUBSTITUTES_H

#include "item/value.h"

typedef struct dyn_substitutes {
    const dyn_map *names;  /* #name -> S; NULL: there are none */
    const dyn_map *values; /* :value -> any; NULL: there are none */
    bool *names_used;      /* as many as names */
    bool *values_used;
} dyn_substitutes;

/* Check the tokens of names and of values, either of which may be NULL, which
 * dyn_substitutes_begin() does, too: what is wrong with one is told before what
 * is wrong with a value. Fails with DYN_INVALID as that does. */
dyn_status dyn_substitutes_check(dyn_call *call, const dyn_map *names,
                                 const dyn_map *values);

/*
 * Take names and values, which live as long as out and what is read with it;
 * either may be NULL.
 *
 * Fails with DYN_INVALID: a map is empty, a token is not `#` or `:` and
 * letters, digits and underscores, or a limit is passed (docs/semantics.md 5);
 * DYN_NOMEM.
 */
dyn_status dyn_substitutes_begin(dyn_call *call, const dyn_map *names,
                                 const dyn_map *values, dyn_substitutes *out);

/* The name that token, `#...`, stands for; NULL when it is not defined. Notes
 * that it is used. substitutes may be NULL. */
const dyn_bytes *dyn_substitutes_name(dyn_substitutes *substitutes,
                                      dyn_bytes token);

/* The same for a value, `:...`. */
const dyn_value *dyn_substitutes_value(dyn_substitutes *substitutes,
                                       dyn_bytes token);

/* Once all expressions of the request are read: fails with DYN_INVALID when
 * some token was not used (docs/semantics.md 15); DYN_NOMEM. */
dyn_status dyn_substitutes_check_used(dyn_call *call,
                                      const dyn_substitutes *substitutes);

#endif
