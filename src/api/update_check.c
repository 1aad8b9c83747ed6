/* Rules of updates; the contracts are in update_check.h. */
#include "api/update_check.h"

#include "api/key.h"
#include "engine/index.h"
#include "expr/resolve.h"

static dyn_status check_key(dyn_call *call, const dyn_table *table,
                            dyn_paths paths)
{
    dyn_key_attribute whole[4 * DYN_KEY_ATTRIBUTES_MAX];
    size_t count = dyn_key_whole(table, -1, whole);
    for (size_t i = 0; i < count; i++) {
        if (!dyn_paths_mention(paths, whole[i].name, false)) continue;
        return dyn_fail(call, DYN_INVALID,
                        "One or more parameter values were invalid: Cannot "
                        "update attribute %.*s. This attribute is part of the "
                        "key",
                        (int)whole[i].name.size_bytes,
                        (const char *)whole[i].name.data);
    }
    return DYN_OK;
}

/* The type that an operand has whatever the item is. */
static bool find_type(const dyn_node *operand, dyn_type *out)
{
    if (operand->type == DYN_NODE_CALL &&
        operand->function == DYN_FUNCTION_IF_NOT_EXISTS) {
        operand = operand->last;
    }
    if (operand->type == DYN_NODE_VALUE) {
        *out = operand->value->type;
    } else if (operand->type == DYN_NODE_PLUS ||
               operand->type == DYN_NODE_MINUS) {
        *out = DYN_TYPE_N;
    } else if (operand->type == DYN_NODE_CALL) {
        *out = DYN_TYPE_L;
    } else {
        return false;
    }
    return true;
}

static dyn_status check_index_type(dyn_call *call, const dyn_index *index,
                                   const dyn_column *column,
                                   const dyn_update *parsed)
{
    for (size_t i = 0; i < parsed->changed.paths.count; i++) {
        const dyn_action *one = &parsed->actions[i];
        dyn_type type = column->type;
        if (one->operand == NULL || one->path.step_count > 0 ||
            !dyn_bytes_equal(one->path.name, column->name) ||
            !find_type(one->operand, &type) || type == column->type) {
            continue;
        }
        return dyn_entry_fail_type(call, index, column, type);
    }
    return DYN_OK;
}

static dyn_status check_index_types(dyn_call *call, const dyn_table *table,
                                    const dyn_update *parsed)
{
    const dyn_definition *definition = dyn_table_definition(table);
    for (size_t i = 0; i < definition->index_count; i++) {
        const dyn_index *index = dyn_definition_told_index(definition, i);
        for (size_t c = 0; c < dyn_key_schema_count(&index->key); c++) {
            size_t column = dyn_key_schema_column(&index->key, c);
            DYN_TRY(check_index_type(call, index, &definition->columns[column],
                                     parsed));
        }
    }
    return DYN_OK;
}

/* The paths of all actions, on both sides. */
static dyn_status find_paths(dyn_call *call, const dyn_update *parsed,
                             dyn_paths *out)
{
    dyn_paths changed = parsed->changed.paths;
    size_t count = changed.count;
    dyn_paths *read = dyn_alloc_zero(call, changed.count, sizeof(dyn_paths));
    if (read == NULL) return DYN_NOMEM;
    for (size_t i = 0; i < changed.count; i++) {
        const dyn_node *operand = parsed->actions[i].operand;
        if (operand != NULL) DYN_TRY(dyn_tree_paths(call, operand, &read[i]));
        count += read[i].count;
    }
    *out = (dyn_paths){dyn_alloc(call, count * sizeof(dyn_path)), 0};
    if (out->paths == NULL) return DYN_NOMEM;
    for (size_t i = 0; i < changed.count; i++) {
        out->paths[out->count++] = changed.paths[i];
        for (size_t p = 0; p < read[i].count; p++)
            out->paths[out->count++] = read[i].paths[p];
    }
    return DYN_OK;
}

dyn_status dyn_update_check(dyn_call *call, const dyn_table *table,
                            const dyn_update *parsed)
{
    dyn_paths paths = {NULL, 0};
    DYN_TRY(check_key(call, table, parsed->changed.paths));
    DYN_TRY(check_index_types(call, table, parsed));
    DYN_TRY(find_paths(call, parsed, &paths));
    return dyn_key_check_paths(call, table, paths);
}

dyn_status dyn_update_failure(dyn_call *call, bool is_older, dyn_status status)
{
    if (status != DYN_INVALID) return status;
    if (is_older && call->error.reason == DYN_REASON_OPERAND_TYPE) {
        return dyn_fail(call, DYN_INVALID,
                        "Type mismatch for attribute to update");
    }
    if (!is_older && call->error.reason == DYN_REASON_INDEX_KEY_TYPE) {
        return dyn_fail(call, DYN_INVALID,
                        "The update expression attempted to update the "
                        "secondary index key to unsupported type");
    }
    return status;
}
