/* Statements of requests; the contracts are in statement.h. */
#include "api/statement.h"

#include "api/key.h"
#include "api/request.h"
#include "api/update_check.h"
#include "api/write_item.h"
#include "item/item_json.h"
#include "ops/delete_item.h"
#include "ops/put_item.h"
#include "ops/update_item.h"
#include "partiql/parse.h"

const dyn_shape dyn_shape_statement = {.kind = DYN_SHAPE_STRING,
                                       .has_min = true,
                                       .min = 1,
                                       .has_max = true,
                                       .max = DYN_STATEMENT_BYTES_MAX};
const dyn_shape dyn_shape_parameters = {.kind = DYN_SHAPE_LIST,
                                        .has_min = true,
                                        .min = 1,
                                        .element = &dyn_shape_value};

/* --------------------------------------------------------------- reading -- */

static dyn_status read_parameters(dyn_call *call, const dyn_json *request,
                                  dyn_list *out)
{
    const dyn_json *given = dyn_request_member(request, "Parameters");
    if (given == NULL) return DYN_OK;
    out->elements = dyn_alloc(call, given->count * sizeof(dyn_value));
    if (out->elements == NULL) return DYN_NOMEM;
    for (const dyn_json *p = given->first; p != NULL; p = p->next)
        DYN_TRY(dyn_value_from_typed(call, p, &out->elements[out->count++]));
    return DYN_OK;
}

dyn_status dyn_statement_read(dyn_call *call, const dyn_json *request,
                              dyn_statement_call *out)
{
    *out = (dyn_statement_call){.request = request, .index = -1};
    DYN_TRY(read_parameters(call, request, &out->parameters));
    return dyn_statement_parse(call, dyn_request_text(request, "Statement"),
                               &out->parameters, &out->statement);
}

dyn_status dyn_statement_fail_exists(dyn_call *call)
{
    return dyn_fail(call, DYN_INVALID,
                    "EXISTS can only be used in ExecuteTransaction");
}

/* --------------------------------------------------------------- opening -- */

static dyn_status find_index(dyn_call *call, dyn_statement_call *in)
{
    dyn_bytes name = in->statement.index;
    if (name.data == NULL) return DYN_OK;
    in->index = dyn_definition_index(dyn_table_definition(in->table), name);
    if (in->index >= 0) return DYN_OK;
    return dyn_fail(call, DYN_INVALID,
                    "The table does not have the specified index");
}

/* The key attributes and their values, where the terms fix all. */
static dyn_status read_key(dyn_call *call, const dyn_where *where, dyn_map *out)
{
    const dyn_key_terms *terms = &where->terms;
    size_t count = 1 + terms->sort_count;
    out->attributes = dyn_alloc(call, count * sizeof(dyn_attribute));
    if (out->attributes == NULL) return DYN_NOMEM;
    out->count = count;
    for (size_t i = 0; i < count; i++) {
        const dyn_key_term *term =
            i == 0 ? &terms->partition[0] : &terms->sort[i - 1];
        out->attributes[i] = (dyn_attribute){term->name, *term->value};
    }
    return dyn_map_sort(call, out);
}

static dyn_status set_condition(dyn_call *call, dyn_statement_call *in)
{
    const dyn_condition *rest = &in->where.rest;
    dyn_bytes name = in->where.terms.partition[0].name;
    switch (in->statement.kind) {
    case DYN_STATEMENT_UPDATE:
    case DYN_STATEMENT_EXISTS:
    case DYN_STATEMENT_SELECT:
        DYN_TRY(dyn_where_and_exists(call, rest, name, &in->condition));
        break;
    case DYN_STATEMENT_DELETE:
        DYN_TRY(dyn_where_or_missing(call, rest, name, &in->condition));
        break;
    case DYN_STATEMENT_INSERT:
        break;
    }
    in->has_condition = in->condition.root != NULL;
    return DYN_OK;
}

static dyn_status set_item(dyn_call *call, dyn_statement_call *in)
{
    dyn_map *key = dyn_alloc(call, sizeof(*key));
    if (key == NULL) return DYN_NOMEM;
    DYN_TRY(read_key(call, &in->where, key));
    in->has_item = true;
    in->key = key;
    DYN_TRY(dyn_table_key(call, in->table, key, &in->stored_key));
    return set_condition(call, in);
}

static dyn_status open_where(dyn_call *call, dyn_statement_call *in)
{
    const dyn_statement *statement = &in->statement;
    dyn_key_names key;
    dyn_key_names_of(in->table, in->index, &key);
    DYN_TRY(dyn_key_check_paths(call, in->table, statement->where.paths));
    DYN_TRY(dyn_key_check_paths(call, in->table, statement->projection.paths));
    if (statement->kind == DYN_STATEMENT_UPDATE)
        DYN_TRY(dyn_update_check(call, in->table, &statement->update));
    DYN_TRY(dyn_where_split(call, &statement->where, &key.all, &in->where));
    if (in->where.is_whole && in->index < 0) return set_item(call, in);
    if (statement->kind == DYN_STATEMENT_SELECT) return DYN_OK;
    return dyn_fail(call, DYN_INVALID,
                    "Where clause does not contain a mandatory equality on all "
                    "key attributes");
}

static dyn_status open_insert(dyn_call *call, dyn_statement_call *in)
{
    size_t size_bytes = 0;
    in->has_item = true;
    in->key = &in->statement.item;
    DYN_TRY(dyn_table_key(call, in->table, in->key, &in->stored_key));
    return dyn_item_check(call, in->key, &size_bytes);
}

dyn_status dyn_statement_open(dyn_call *call, const dyn_host *host,
                              dyn_statement_call *in)
{
    dyn_bytes name = in->statement.table;
    bool is_read = in->statement.kind == DYN_STATEMENT_SELECT;
    DYN_TRY((is_read ? dyn_host_read : dyn_host_write)(call, host, name,
                                                       &in->table));
    if (in->statement.kind == DYN_STATEMENT_INSERT)
        return open_insert(call, in);
    DYN_TRY(find_index(call, in));
    return open_where(call, in);
}

/* --------------------------------------------------------------- running -- */

dyn_status dyn_statement_get(dyn_call *call, const dyn_statement_call *in,
                             bool is_strong, bool *found, dyn_map *out)
{
    dyn_get_response got;
    const dyn_get_request get = {.key = in->stored_key, .is_strong = is_strong};
    DYN_TRY(dyn_get_item(call, in->table, &get, &got));
    return dyn_statement_select(call, in, &got, found, out);
}

dyn_status dyn_statement_select(dyn_call *call, const dyn_statement_call *in,
                                const dyn_get_response *got, bool *found,
                                dyn_map *out)
{
    const dyn_statement *statement = &in->statement;
    *out = (dyn_map){NULL, 0};
    DYN_TRY(dyn_condition_matches(call, &in->condition,
                                  got->found ? &got->item : NULL, found));
    if (!*found) return DYN_OK;
    return statement->has_projection
               ? dyn_projection_apply(call, &statement->projection, &got->item,
                                      out)
               : dyn_view_decode(call, &got->item, out);
}

static dyn_status insert(dyn_call *call, const dyn_statement_call *in)
{
    dyn_put_response put;
    const dyn_put_request request = {.item = in->key, .only_if_absent = true};
    dyn_status status = dyn_put_item(call, in->table, &request, &put);
    if (status != DYN_EXISTS) return status;
    return dyn_fail(call, DYN_EXISTS, "Duplicate primary key exists in table");
}

static const dyn_condition *condition_of(const dyn_statement_call *in)
{
    return in->has_condition ? &in->condition : NULL;
}

/* Pass on a failure, with the item that failed the condition if that is asked
 * for. */
static dyn_status pass(dyn_call *call, const dyn_statement_call *in,
                       const dyn_before *before, dyn_status status)
{
    const dyn_write_call write = {.request = in->request};
    return dyn_write_failure(call, &write, before, status);
}

static dyn_status old_values(dyn_call *call, const dyn_before *before,
                             const dyn_projection *changed, bool *has_values,
                             dyn_map *out)
{
    *has_values = before->found;
    if (!before->found) return DYN_OK;
    return changed == NULL
               ? dyn_view_decode(call, &before->view, out)
               : dyn_projection_apply(call, changed, &before->view, out);
}

static dyn_status update(dyn_call *call, const dyn_statement_call *in,
                         bool *has_values, dyn_map *out)
{
    dyn_update_response updated = {.after = {NULL, 0}};
    const dyn_update *changes = &in->statement.update;
    const dyn_update_request request = {
        .key = in->stored_key,
        .condition = condition_of(in),
        .update = changes,
        .key_item = in->key,
    };
    DYN_TRY(pass(call, in, &updated.before,
                 dyn_update_item(call, in->table, &request, &updated)));
    switch (in->statement.returning) {
    case DYN_RETURNING_ALL_OLD:
        return old_values(call, &updated.before, NULL, has_values, out);
    case DYN_RETURNING_MODIFIED_OLD:
        return old_values(call, &updated.before, &changes->changed, has_values,
                          out);
    case DYN_RETURNING_ALL_NEW:
        *out = updated.after;
        break;
    case DYN_RETURNING_MODIFIED_NEW:
        DYN_TRY(dyn_projection_apply_map(call, &changes->changed,
                                         &updated.after, out));
        break;
    case DYN_RETURNING_NOTHING:
        return DYN_OK;
    }
    *has_values = true;
    return DYN_OK;
}

static dyn_status delete (dyn_call *call, const dyn_statement_call *in,
                          bool *has_values, dyn_map *out)
{
    dyn_before before = {.found = false};
    const dyn_delete_request request = {.key = in->stored_key,
                                        .condition = condition_of(in)};
    DYN_TRY(pass(call, in, &before,
                 dyn_delete_item(call, in->table, &request, &before)));
    if (in->statement.returning == DYN_RETURNING_NOTHING) return DYN_OK;
    return old_values(call, &before, NULL, has_values, out);
}

dyn_status dyn_statement_write(dyn_call *call, const dyn_statement_call *in,
                               bool *has_values, dyn_map *out)
{
    *has_values = false;
    *out = (dyn_map){NULL, 0};
    if (in->statement.kind == DYN_STATEMENT_INSERT) return insert(call, in);
    if (in->statement.kind == DYN_STATEMENT_UPDATE)
        return update(call, in, has_values, out);
    return delete (call, in, has_values, out);
}
