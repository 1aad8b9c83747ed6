/*
 * Updates: SET, REMOVE, ADD and DELETE of attributes and of what is within them
 * (docs/semantics.md 15).
 *
 * Layer: expr.
 */
#ifndef DYN_EXPR_UPDATE_H
#define DYN_EXPR_UPDATE_H

#include "expr/projection.h"
#include "expr/tree.h"

typedef enum dyn_verb {
    DYN_VERB_SET,
    DYN_VERB_REMOVE,
    DYN_VERB_ADD,
    DYN_VERB_DELETE,
} dyn_verb;

typedef struct dyn_action {
    dyn_path path;
    dyn_verb verb;
    const dyn_node *operand; /* NULL for REMOVE */
} dyn_action;

typedef struct dyn_update {
    dyn_projection changed; /* what is changed: to be applied to the item before
                             * and after */
    const dyn_action *actions; /* one for each path of changed, in that order */
} dyn_update;

/*
 * Read an update expression. *out is in the memory of call and points into text
 * and to what substitutes were made of; substitutes may be NULL.
 *
 * Fails with DYN_INVALID and DynamoDB's text, `Invalid UpdateExpression: ...`;
 * DYN_NOMEM.
 */
dyn_status dyn_update_parse(dyn_call *call, dyn_bytes text,
                            dyn_substitutes *substitutes, dyn_update *out);

/* The update that count actions make, given in the order in which they are
 * written, with all in them resolved; they are put into that of *out. Fails as
 * dyn_update_parse(), also with what was reported to expression before. */
dyn_status dyn_update_of_actions(dyn_expression *expression,
                                 dyn_action *actions, size_t count,
                                 dyn_update *out);

/* Whether it has actions and all of them remove: REMOVE and DELETE. Where no
 * item is, there is nothing to remove, and it makes none. */
bool dyn_update_only_removes(const dyn_update *update);

/*
 * The item that an update makes of another one, or of the bare key. All that it
 * computes it computes from the item as it was.
 *
 * SET and ADD of a list element beyond the end append it, in the order of their
 * indexes; an index is that in the list as it was. An emptied set is removed.
 *
 * *out is in the memory of call and shares what it can with item and update;
 * its size and nesting are not checked. Fails with DYN_INVALID:
 *   The document path provided in the update expression is invalid for update
 *   The provided expression refers to an attribute that does not exist in the
 *   item
 *   An operand in the update expression has an incorrect data type
 * and as dyn_number_add() does; DYN_NOMEM.
 */
dyn_status dyn_update_apply(dyn_call *call, const dyn_update *update,
                            const dyn_map *item, dyn_map *out);

#endif
