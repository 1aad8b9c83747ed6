/*
 * Document paths: an attribute and steps below it (docs/semantics.md 15).
 *
 * Layer: expr.
 */
#ifndef DYN_EXPR_PATH_H
#define DYN_EXPR_PATH_H

#include "expr/expression.h"
#include "item/codec.h"

/* a.b[3]: a, then the steps .b and [3]. */
typedef struct dyn_path {
    dyn_bytes name;
    const dyn_step *steps;
    size_t step_count;
} dyn_path;

/* Paths of one expression, in the order in which they are written or, where
 * that is said, in the order of dyn_path_compare(). */
typedef struct dyn_paths {
    dyn_path *paths;
    size_t count;
} dyn_paths;

/* Names by their bytes and indexes by their value, index before name, what a
 * path begins with before the path. Negative, 0 or positive. */
int dyn_path_compare(const dyn_path *a, const dyn_path *b);

/* What a path leads to in an item; NULL when there is nothing. */
const dyn_value *dyn_path_find(const dyn_path *path, const dyn_map *item);

/* Put paths into the order of dyn_path_compare(), so that those that share
 * their first steps are neighbours. */
void dyn_paths_sort(dyn_paths paths);

/* Take from the front of paths, which are in order and at least one, all that
 * begin as the first one does: with the same attribute and depth steps. */
dyn_paths dyn_paths_take(dyn_paths *paths, size_t depth);

/* Report where one path begins with another one, or where two go on from the
 * same place by name and by index. */
void dyn_paths_check_overlaps(dyn_expression *expression, dyn_paths paths);

/* Whether a path begins at the attribute of that name; below it, when is_below.
 */
bool dyn_paths_mention(dyn_paths paths, dyn_bytes name, bool is_below);

/* `[a, b, [3]]`, as messages show a path, in the memory of call. NULL, with
 * DYN_NOMEM left, when there is none. */
const char *dyn_path_text(dyn_call *call, const dyn_path *path);

#endif
