/* Rules of updates; the contracts are in update_check.h. */
#include "api/update_check.h"

#include "api/key.h"
#include "engine/index.h"

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
    return dyn_key_check_paths(call, table, paths);
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
                                    bool is_local, const dyn_update *parsed)
{
    const dyn_definition *definition = &table->definition;
    for (size_t i = 0; i < definition->index_count; i++) {
        const dyn_index *index = &definition->indexes[i];
        if (index->is_local != is_local) continue;
        for (size_t c = 0; c < definition->attribute_count; c++) {
            if (!dyn_key_schema_has(&index->key, c)) continue;
            DYN_TRY(
                check_index_type(call, index, &definition->columns[c], parsed));
        }
    }
    return DYN_OK;
}

static dyn_status check_operand(dyn_call *call, const dyn_table *table,
                                const dyn_node *node)
{
    if (node->type == DYN_NODE_PATH) {
        dyn_path path = node->path;
        return dyn_key_check_paths(call, table, (dyn_paths){&path, 1});
    }
    for (const dyn_node *n = node->first; n != NULL; n = n->next)
        DYN_TRY(check_operand(call, table, n));
    return DYN_OK;
}

dyn_status dyn_update_check(dyn_call *call, const dyn_table *table,
                            const dyn_update *parsed)
{
    DYN_TRY(check_key(call, table, parsed->changed.paths));
    DYN_TRY(check_index_types(call, table, false, parsed));
    DYN_TRY(check_index_types(call, table, true, parsed));
    for (size_t i = 0; i < parsed->changed.paths.count; i++) {
        if (parsed->actions[i].operand == NULL) continue;
        DYN_TRY(check_operand(call, table, parsed->actions[i].operand));
    }
    return DYN_OK;
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
