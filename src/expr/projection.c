/* Reading and applying projections; the contracts are in projection.h. */
#include "expr/projection.h"

#include "expr/parse.h"
#include "expr/resolve.h"

#include <stdio.h>

dyn_status dyn_projection_parse(dyn_call *call, dyn_bytes text,
                                dyn_substitutes *substitutes,
                                dyn_projection *out)
{
    dyn_expression expression;
    dyn_node *root = NULL;
    dyn_expression_begin(&expression, call, DYN_EXPRESSION_PROJECTION, text,
                         substitutes);
    DYN_TRY(dyn_parse_expression(&expression, &root));
    dyn_resolve_operand(&expression, root);
    out->labels = NULL;
    DYN_TRY(dyn_tree_paths(call, root, &out->paths));
    dyn_paths_check_overlaps(&expression, out->paths);
    DYN_TRY(dyn_expression_end(&expression));
    dyn_paths_sort(out->paths);
    return DYN_OK;
}

/* What some paths, which share their first depth steps, leave of the value
 * that these lead to. */
static dyn_status project(dyn_call *call, dyn_paths paths, size_t depth,
                          const dyn_value *value, bool *found, dyn_value *out);

static dyn_status project_list(dyn_call *call, dyn_paths paths, size_t depth,
                               const dyn_list *list, dyn_list *out)
{
    size_t room = paths.count < list->count ? paths.count : list->count;
    out->count = 0;
    out->elements = dyn_alloc(call, room * sizeof(dyn_value));
    if (out->elements == NULL) return DYN_NOMEM;
    while (paths.count > 0) {
        dyn_paths same = dyn_paths_take(&paths, depth + 1);
        size_t index = same.paths->steps[depth].index;
        bool found = false;
        if (index >= list->count) break;
        DYN_TRY(project(call, same, depth + 1, &list->elements[index], &found,
                        &out->elements[out->count]));
        out->count += found;
    }
    return DYN_OK;
}

static dyn_status project_map(dyn_call *call, dyn_paths paths, size_t depth,
                              const dyn_map *map, dyn_map *out)
{
    size_t room = paths.count < map->count ? paths.count : map->count;
    out->count = 0;
    out->attributes = dyn_alloc(call, room * sizeof(dyn_attribute));
    if (out->attributes == NULL) return DYN_NOMEM;
    while (paths.count > 0) {
        dyn_paths same = dyn_paths_take(&paths, depth + 1);
        dyn_bytes name = same.paths->steps[depth].name;
        const dyn_value *value = dyn_map_find(map, name);
        if (value == NULL) continue;
        bool found = false;
        dyn_attribute *attribute = &out->attributes[out->count];
        attribute->name = name;
        DYN_TRY(
            project(call, same, depth + 1, value, &found, &attribute->value));
        out->count += found;
    }
    return DYN_OK;
}

static dyn_status project(dyn_call *call, dyn_paths paths, size_t depth,
                          const dyn_value *value, bool *found, dyn_value *out)
{
    if (paths.paths->step_count == depth) {
        *out = *value;
        *found = true;
        return DYN_OK;
    }
    *found = false;
    bool is_index = paths.paths->steps[depth].is_index;
    out->type = value->type;
    if (is_index && value->type == DYN_TYPE_L) {
        DYN_TRY(project_list(call, paths, depth, &value->list, &out->list));
        *found = out->list.count > 0;
    } else if (!is_index && value->type == DYN_TYPE_M) {
        DYN_TRY(project_map(call, paths, depth, &value->map, &out->map));
        *found = out->map.count > 0;
    }
    return DYN_OK;
}

/* Where an item's attributes come from: one of the two is NULL. */
typedef struct source {
    const dyn_view *view;
    const dyn_map *map;
} source;

static dyn_status find_attribute(dyn_call *call, source from, dyn_bytes name,
                                 bool *found, dyn_value *out)
{
    if (from.view != NULL) {
        return dyn_view_find(call, from.view, name, found, out);
    }
    const dyn_value *value = dyn_map_find(from.map, name);
    *found = value != NULL;
    if (*found) *out = *value;
    return DYN_OK;
}

/* ---------------------------------------------------------------- labels -- */

static dyn_status write_label(dyn_call *call, const dyn_path *path,
                              dyn_bytes *out)
{
    dyn_buffer text;
    size_t behind = path->step_count;
    while (behind > 0 && path->steps[behind - 1].is_index)
        behind--;
    *out = behind == 0 ? path->name : path->steps[behind - 1].name;
    if (behind == path->step_count) return DYN_OK;
    dyn_buffer_begin(&text, call, 0);
    dyn_buffer_add_bytes(&text, *out);
    for (; behind < path->step_count; behind++) {
        char index[32];
        snprintf(index, sizeof(index), "[%zu]", path->steps[behind].index);
        dyn_buffer_add_text(&text, index);
    }
    return dyn_buffer_end(&text, out);
}

dyn_status dyn_projection_label(dyn_call *call, dyn_projection *projection)
{
    dyn_paths paths = projection->paths;
    dyn_bytes *labels = dyn_alloc(call, paths.count * sizeof(*labels));
    if (labels == NULL) return DYN_NOMEM;
    for (size_t i = 0; i < paths.count; i++) {
        DYN_TRY(write_label(call, &paths.paths[i], &labels[i]));
        for (size_t o = 0; o < i; o++) {
            if (!dyn_bytes_equal(labels[o], labels[i])) continue;
            return dyn_fail(call, DYN_INVALID,
                            "Invalid statement: Two of the selected attributes "
                            "are named %.*s, as each is by the last name of "
                            "its path; select one of them",
                            (int)labels[i].size_bytes,
                            (const char *)labels[i].data);
        }
    }
    projection->labels = labels;
    return DYN_OK;
}

static dyn_status find_part(dyn_call *call, source from, const dyn_path *path,
                            bool *found, dyn_value *out)
{
    if (from.view != NULL) {
        return dyn_view_find_path(call, from.view, path->name, path->steps,
                                  path->step_count, found, out);
    }
    const dyn_value *value = dyn_path_find(path, from.map);
    *found = value != NULL;
    if (*found) *out = *value;
    return DYN_OK;
}

static dyn_status project_parts(dyn_call *call,
                                const dyn_projection *projection, source from,
                                dyn_map *out)
{
    for (size_t i = 0; i < projection->paths.count; i++) {
        bool found = false;
        dyn_attribute *attribute = &out->attributes[out->count];
        attribute->name = projection->labels[i];
        DYN_TRY(find_part(call, from, &projection->paths.paths[i], &found,
                          &attribute->value));
        out->count += found;
    }
    return dyn_map_sort(call, out);
}

/* ----------------------------------------------------------------- items -- */

static dyn_status project_item(dyn_call *call, const dyn_projection *projection,
                               source from, dyn_map *out)
{
    dyn_paths paths = projection->paths;
    out->count = 0;
    out->attributes = dyn_alloc(call, paths.count * sizeof(dyn_attribute));
    if (out->attributes == NULL) return DYN_NOMEM;
    if (projection->labels != NULL)
        return project_parts(call, projection, from, out);
    while (paths.count > 0) {
        dyn_paths same = dyn_paths_take(&paths, 0);
        dyn_attribute *attribute = &out->attributes[out->count];
        dyn_value value;
        bool found = false;
        attribute->name = same.paths->name;
        DYN_TRY(find_attribute(call, from, attribute->name, &found, &value));
        if (!found) continue;
        DYN_TRY(project(call, same, 0, &value, &found, &attribute->value));
        out->count += found;
    }
    return DYN_OK;
}

/* Finding one attribute reads the item from its beginning, so for more than
 * these, all of it is read once. */
enum { FINDS_MAX = 16 };

dyn_status dyn_projection_apply(dyn_call *call,
                                const dyn_projection *projection,
                                const dyn_view *item, dyn_map *out)
{
    if (projection->paths.count <= FINDS_MAX) {
        return project_item(call, projection, (source){.view = item}, out);
    }
    dyn_map all = {NULL, 0};
    DYN_TRY(dyn_view_decode(call, item, &all));
    return dyn_projection_apply_map(call, projection, &all, out);
}

dyn_status dyn_projection_apply_map(dyn_call *call,
                                    const dyn_projection *projection,
                                    const dyn_map *item, dyn_map *out)
{
    return project_item(call, projection, (source){.map = item}, out);
}
