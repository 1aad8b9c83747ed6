/*
 * Projections: the parts of an item that an expression names.
 *
 * Layer: expr.
 */
#ifndef DYN_EXPR_PROJECTION_H
#define DYN_EXPR_PROJECTION_H

#include "expr/path.h"

typedef struct dyn_projection {
    dyn_paths paths;   /* in order; none begins with another one */
    dyn_bytes *labels; /* NULL, or what the attributes are named that hold what
                        * each path leads to, and nothing around it */
} dyn_projection;

/*
 * Read a projection expression. *out is in the memory of call and points into
 * text and to what substitutes were made of; substitutes may be NULL.
 *
 * Fails with DYN_INVALID and DynamoDB's text, `Invalid ProjectionExpression:
 * ...`; DYN_NOMEM.
 */
dyn_status dyn_projection_parse(dyn_call *call, dyn_bytes text,
                                dyn_substitutes *substitutes,
                                dyn_projection *out);

/*
 * Label the paths as PartiQL does, by their last name and what is behind it: b
 * for a.b, and b[0] for a.b[0]. Fails with DYN_INVALID when two labels are the
 * same; DYN_NOMEM.
 */
dyn_status dyn_projection_label(dyn_call *call, dyn_projection *projection);

/*
 * The parts of an item that the paths lead to: with labels, each an attribute
 * by itself; else within the maps and lists that they are in, where a list has
 * only those of its elements, in their order. What a path does not find is left
 * out, and so is what would be empty by that.
 *
 * *out is in the memory of call and shares what it can with item and
 * projection. Fails with DYN_NOMEM, and DYN_CORRUPT for a stored item.
 */
dyn_status dyn_projection_apply(dyn_call *call,
                                const dyn_projection *projection,
                                const dyn_view *item, dyn_map *out);
dyn_status dyn_projection_apply_map(dyn_call *call,
                                    const dyn_projection *projection,
                                    const dyn_map *item, dyn_map *out);

#endif
