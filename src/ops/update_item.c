/* UpdateItem, step by step; the contract is in update_item.h. */
#include "ops/update_item.h"

/* Set or remove one attribute; item has room for one more. */
static void apply_change(dyn_map *item, const dyn_assignment *change)
{
    size_t at = 0;
    while (at < item->count &&
           dyn_bytes_compare(item->attributes[at].name, change->name) < 0) {
        at++;
    }
    bool is_there = at < item->count &&
                    dyn_bytes_equal(item->attributes[at].name, change->name);
    dyn_attribute *here = &item->attributes[at];
    size_t behind = item->count - at;
    if (change->value == NULL) {
        if (!is_there) return;
        memmove(here, here + 1, (behind - 1) * sizeof(*here));
        item->count--;
        return;
    }
    if (!is_there) {
        memmove(here + 1, here, behind * sizeof(*here));
        item->count++;
    }
    *here = (dyn_attribute){change->name, *change->value};
}

/* Give the item the key attributes that it lacks. */
static dyn_status add_key(dyn_call *call, const dyn_table *table,
                          const dyn_view *old, size_t column, dyn_map *item)
{
    dyn_bytes name = dyn_table_definition(table)->columns[column].name;
    if (dyn_map_find(item, name) != NULL) return DYN_OK;
    bool found = false;
    dyn_value *value = dyn_alloc(call, sizeof(*value));
    if (value == NULL) return DYN_NOMEM;
    DYN_TRY(dyn_view_find(call, old, name, &found, value));
    if (found) apply_change(item, &(dyn_assignment){name, value});
    return DYN_OK;
}

static dyn_status copy_with_room(dyn_call *call, const dyn_map *from,
                                 size_t room, dyn_map *out)
{
    out->count = from->count;
    out->attributes =
        dyn_alloc(call, (from->count + room) * sizeof(dyn_attribute));
    if (out->attributes == NULL) return DYN_NOMEM;
    if (from->count > 0) {
        memcpy(out->attributes, from->attributes,
               from->count * sizeof(dyn_attribute));
    }
    return DYN_OK;
}

/* The item that changes make of the one that is there. */
static dyn_status apply_changes(dyn_call *call, const dyn_table *table,
                                const dyn_update_request *request,
                                const dyn_view *old, dyn_map *out)
{
    enum { KEYS = 2 };
    dyn_map base = {NULL, 0};
    if (request->base != NULL) {
        base = *request->base;
    } else {
        DYN_TRY(dyn_view_decode(call, old, &base));
    }
    DYN_TRY(copy_with_room(call, &base, request->change_count + KEYS, out));
    const dyn_key_schema *key = &dyn_table_definition(table)->key;
    DYN_TRY(add_key(call, table, old, key->partition[0], out));
    if (key->sort_count > 0) {
        DYN_TRY(add_key(call, table, old, key->sort[0], out));
    }
    for (size_t i = 0; i < request->change_count; i++) {
        apply_change(out, &request->changes[i]);
    }
    return DYN_OK;
}

/* The name of the key attribute in which item differs from the stored one. */
static dyn_status changed_key(dyn_call *call, const dyn_table *table,
                              const dyn_view *old, const dyn_map *item,
                              dyn_bytes *name)
{
    const dyn_key_schema *key = &dyn_table_definition(table)->key;
    bool found = false;
    dyn_value value;
    *name = dyn_table_definition(table)->columns[key->partition[0]].name;
    DYN_TRY(dyn_view_find(call, old, *name, &found, &value));
    const dyn_value *now = dyn_map_find(item, *name);
    if (found && now != NULL && dyn_value_equal(&value, now) &&
        key->sort_count > 0) {
        *name = dyn_table_definition(table)->columns[key->sort[0]].name;
    }
    return DYN_OK;
}

static dyn_status apply_expression(dyn_call *call,
                                   const dyn_update_request *request,
                                   const dyn_before *before, dyn_map *out)
{
    dyn_map item = *request->key_item;
    if (before->found) DYN_TRY(dyn_view_decode(call, &before->view, &item));
    return dyn_update_apply(call, request->update, &item, out);
}

/* The item as it will be, and its size. */
static dyn_status build_item(dyn_call *call, const dyn_table *table,
                             const dyn_update_request *request,
                             const dyn_before *before, dyn_map *out,
                             size_t *size_bytes)
{
    DYN_TRY(request->update != NULL
                ? apply_expression(call, request, before, out)
                : apply_changes(call, table, request, &before->view, out));
    dyn_bytes key = {NULL, 0};
    dyn_status status = dyn_table_key(call, table, out, &key);
    if (status == DYN_NOMEM) return status;
    if (status != DYN_OK || !dyn_bytes_equal(key, request->key)) {
        dyn_bytes name = {NULL, 0};
        DYN_TRY(changed_key(call, table, &before->view, out, &name));
        return dyn_fail(call, DYN_INVALID,
                        "One or more parameter values were invalid: Cannot "
                        "update attribute %.*s. This attribute is part of the "
                        "key",
                        (int)name.size_bytes, (const char *)name.data);
    }
    return dyn_item_check(call, out, size_bytes);
}

static dyn_item_change change_of(const dyn_update_request *request,
                                 const dyn_update_response *response)
{
    return (dyn_item_change){
        .use = DYN_USE_UPDATE_ITEM,
        .key = request->key,
        .before = &response->before,
        .rate = dyn_rate_of(request->is_transactional),
        .lookup = request->lookup,
    };
}

/* A failed condition comes before what is wrong with the new item, and is
 * charged by its size. */
static dyn_status write_update(dyn_call *call, dyn_table *table,
                               const dyn_update_request *request,
                               dyn_update_response *response)
{
    size_t size_bytes = 0;
    dyn_item_change change = change_of(request, response);
    dyn_status built = build_item(call, table, request, &response->before,
                                  &response->after, &size_bytes);
    if (built == DYN_NOMEM) return built;
    bool makes_none =
        !response->before.found && dyn_update_only_removes(request->update);
    if (built == DYN_OK && !makes_none) change.after_bytes = size_bytes;
    DYN_TRY(dyn_write_condition(call, table, &change, request->condition));
    if (built != DYN_OK) return built;
    if (makes_none) {
        response->after = (dyn_map){NULL, 0};
    } else {
        change.after = &response->after;
    }
    return dyn_write_item(call, table, &change);
}

dyn_status dyn_update_item(dyn_call *call, dyn_table *table,
                           const dyn_update_request *request,
                           dyn_update_response *response)
{
    *response = (dyn_update_response){.after = {NULL, 0}};
    DYN_TRY(dyn_write_read(call, table, request->key, &response->before));
    if (!response->before.found && request->update == NULL) return DYN_OK;
    dyn_status status = write_update(call, table, request, response);
    if (status != DYN_TOO_LARGE) return status;
    return dyn_fail(call, DYN_TOO_LARGE,
                    "Item size to update has exceeded the maximum allowed "
                    "size");
}
