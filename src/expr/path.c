/* Order, overlap and text of document paths; the contracts are in path.h. */
#include "expr/path.h"

static int compare_steps(const dyn_step *a, const dyn_step *b)
{
    if (a->is_index != b->is_index) return a->is_index ? -1 : 1;
    if (a->is_index) return (a->index > b->index) - (a->index < b->index);
    return dyn_bytes_compare(a->name, b->name);
}

int dyn_path_compare(const dyn_path *a, const dyn_path *b)
{
    int order = dyn_bytes_compare(a->name, b->name);
    for (size_t i = 0; order == 0; i++) {
        if (i == a->step_count || i == b->step_count) {
            return (a->step_count > b->step_count) -
                   (a->step_count < b->step_count);
        }
        order = compare_steps(&a->steps[i], &b->steps[i]);
    }
    return order;
}

const dyn_value *dyn_path_find(const dyn_path *path, const dyn_map *item)
{
    const dyn_value *value = dyn_map_find(item, path->name);
    for (size_t i = 0; i < path->step_count && value != NULL; i++) {
        const dyn_step *step = &path->steps[i];
        if (value->type != (step->is_index ? DYN_TYPE_L : DYN_TYPE_M)) {
            return NULL;
        }
        if (!step->is_index) {
            value = dyn_map_find(&value->map, step->name);
        } else if (step->index < value->list.count) {
            value = &value->list.elements[step->index];
        } else {
            value = NULL;
        }
    }
    return value;
}

/* By insertion: an expression has few paths, and never more than 2048. */
void dyn_paths_sort(dyn_paths paths)
{
    for (size_t i = 1; i < paths.count; i++) {
        dyn_path path = paths.paths[i];
        size_t to = i;
        for (; to > 0; to--) {
            if (dyn_path_compare(&paths.paths[to - 1], &path) <= 0) break;
            paths.paths[to] = paths.paths[to - 1];
        }
        paths.paths[to] = path;
    }
}

/* Whether two paths that share the first depth - 1 steps share the next. */
static bool share_step(const dyn_path *a, const dyn_path *b, size_t depth)
{
    if (depth == 0) return dyn_bytes_equal(a->name, b->name);
    return compare_steps(&a->steps[depth - 1], &b->steps[depth - 1]) == 0;
}

dyn_paths dyn_paths_take(dyn_paths *paths, size_t depth)
{
    dyn_paths taken = {paths->paths, 1};
    while (taken.count < paths->count &&
           share_step(taken.paths, &taken.paths[taken.count], depth)) {
        taken.count++;
    }
    paths->paths += taken.count;
    paths->count -= taken.count;
    return taken;
}

static void report_pair(dyn_expression *expression, dyn_check check,
                        const dyn_path *one, const dyn_path *two)
{
    const char *one_text = dyn_path_text(expression->call, one);
    const char *two_text = dyn_path_text(expression->call, two);
    if (one_text == NULL || two_text == NULL) {
        expression->status = DYN_NOMEM;
        return;
    }
    dyn_expression_report(expression, check,
                          "Two document paths %s with each other; must remove "
                          "or rewrite one of these paths; path one: %s, path "
                          "two: %s",
                          check == DYN_CHECK_OVERLAP ? "overlap" : "conflict",
                          one_text, two_text);
}

/* Returns whether there is an overlap. */
static bool check_pair(dyn_expression *expression, const dyn_path *one,
                       const dyn_path *two)
{
    if (!dyn_bytes_equal(one->name, two->name)) return false;
    for (size_t i = 0; i < one->step_count && i < two->step_count; i++) {
        const dyn_step *a = &one->steps[i];
        const dyn_step *b = &two->steps[i];
        if (a->is_index != b->is_index) {
            report_pair(expression, DYN_CHECK_CONFLICT, one, two);
            return false;
        }
        if (compare_steps(a, b) != 0) return false;
    }
    report_pair(expression, DYN_CHECK_OVERLAP, one, two);
    return true;
}

void dyn_paths_check_overlaps(dyn_expression *expression, dyn_paths paths)
{
    for (size_t i = 1; i < paths.count; i++) {
        for (size_t j = 0; j < i; j++) {
            if (check_pair(expression, &paths.paths[j], &paths.paths[i])) {
                return;
            }
        }
    }
}

bool dyn_paths_mention(dyn_paths paths, dyn_bytes name, bool is_below)
{
    for (size_t i = 0; i < paths.count; i++) {
        const dyn_path *path = &paths.paths[i];
        if (is_below && path->step_count == 0) continue;
        if (dyn_bytes_equal(path->name, name)) return true;
    }
    return false;
}

const char *dyn_path_text(dyn_call *call, const dyn_path *path)
{
    dyn_buffer text;
    dyn_bytes out = {NULL, 0};
    dyn_buffer_begin(&text, call, 0);
    dyn_buffer_add_byte(&text, '[');
    dyn_buffer_add_bytes(&text, path->name);
    for (size_t i = 0; i < path->step_count; i++) {
        const dyn_step *step = &path->steps[i];
        dyn_buffer_add_text(&text, ", ");
        if (step->is_index) {
            char *index = dyn_format(call, "[%zu]", step->index);
            if (index == NULL) return NULL;
            dyn_buffer_add_text(&text, index);
        } else {
            dyn_buffer_add_bytes(&text, step->name);
        }
    }
    dyn_buffer_add_byte(&text, ']');
    if (dyn_buffer_end(&text, &out) != DYN_OK) return NULL;
    return (const char *)out.data;
}
