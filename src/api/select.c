/* Pages of a SELECT; the contract is in select.h. */
#include "api/select.h"

#include "api/key.h"
#include "api/page.h"
#include "api/request.h"
#include "api/response.h"
#include "base/base64.h"
#include "item/item_json.h"
#include "item/key.h"
#include "ops/query.h"

#define SHOWN(bytes) (int)(bytes).size_bytes, (const char *)(bytes).data

typedef struct range_list {
    dyn_key_range *ranges;
    size_t count;
} range_list;

/* ---------------------------------------------------------------- ranges -- */

static dyn_status check_order(dyn_call *call, const dyn_statement_call *in,
                              const dyn_key_attributes *key)
{
    dyn_bytes order = in->statement.order;
    if (order.data == NULL) return DYN_OK;
    if (in->statement.where.root == NULL) {
        return dyn_fail(call, DYN_INVALID,
                        "Must have WHERE clause in the statement when using "
                        "ORDER BY clause.");
    }
    if (!in->where.has_partition || in->where.members.count > 0) {
        return dyn_fail(call, DYN_INVALID,
                        "Must have at least one non-optional hash key "
                        "condition in WHERE clause when using ORDER BY "
                        "clause.");
    }
    if (key->sort_count > 0 && dyn_bytes_equal(order, key->sort[0].name))
        return DYN_OK;
    return dyn_fail(call, DYN_INVALID,
                    "Variable reference %.*s in ORDER BY clause must be the "
                    "sort key",
                    SHOWN(order));
}

/* One range, or one for each member of IN. */
static dyn_status query_ranges(dyn_call *call, const dyn_statement_call *in,
                               const dyn_key_attributes *key, range_list *out)
{
    const dyn_list *members = &in->where.members;
    dyn_key_terms terms = in->where.terms;
    out->count = members->count == 0 ? 1 : members->count;
    out->ranges = dyn_alloc(call, out->count * sizeof(dyn_key_range));
    if (out->ranges == NULL) return DYN_NOMEM;
    for (size_t i = 0; i < out->count; i++) {
        if (members->count > 0)
            terms.partition[0].value = &members->elements[i];
        DYN_TRY(dyn_key_range_of(call, in->table, in->index, key, &terms,
                                 &out->ranges[i]));
    }
    return DYN_OK;
}

static dyn_status scan_range(dyn_call *call, range_list *out)
{
    out->count = 1;
    out->ranges = dyn_alloc(call, sizeof(dyn_key_range));
    if (out->ranges == NULL) return DYN_NOMEM;
    return dyn_query_segment(call, 0, 1, &out->ranges[0].low,
                             &out->ranges[0].high);
}

/* ----------------------------------------------------------------- token -- */

static dyn_status digest(dyn_call *call, const dyn_statement_call *in,
                         unsigned char out[DYN_KEY_HASH_BYTES])
{
    dyn_buffer text;
    dyn_bytes bytes = {NULL, 0};
    dyn_buffer_begin(&text, call, 0);
    dyn_buffer_add_bytes(&text, dyn_request_text(in->request, "Statement"));
    for (size_t i = 0; i < in->parameters.count; i++)
        dyn_value_to_json(&text, &in->parameters.elements[i], DYN_JSON_TYPED);
    DYN_TRY(dyn_buffer_end(&text, &bytes));
    dyn_key_write_hash(dyn_key_digest(bytes), out);
    return DYN_OK;
}

static dyn_status write_token(dyn_call *call, const dyn_statement_call *in,
                              dyn_bytes stored_key, dyn_buffer *response)
{
    dyn_buffer token;
    dyn_bytes bytes = {NULL, 0};
    unsigned char mark[DYN_KEY_HASH_BYTES];
    DYN_TRY(digest(call, in, mark));
    dyn_buffer_begin(&token, call, sizeof(mark) + stored_key.size_bytes);
    dyn_buffer_add(&token, mark, sizeof(mark));
    dyn_buffer_add_bytes(&token, stored_key);
    DYN_TRY(dyn_buffer_end(&token, &bytes));
    size_t size = dyn_base64_encoded_bytes(bytes.size_bytes);
    char *text = dyn_alloc(call, size);
    if (text == NULL) return DYN_NOMEM;
    dyn_base64_encode(bytes, text);
    dyn_response_text(response, "NextToken",
                      (dyn_bytes){(const unsigned char *)text, size});
    return DYN_OK;
}

dyn_status dyn_select_fail_token(dyn_call *call)
{
    return dyn_fail(call, DYN_INVALID,
                    "Given nextToken does not match the query: it goes with "
                    "the Statement and the Parameters of the page before");
}

/* Leave of the ranges what is behind the key that NextToken has. */
static dyn_status go_on(dyn_call *call, const dyn_statement_call *in,
                        range_list *list)
{
    unsigned char mark[DYN_KEY_HASH_BYTES];
    dyn_bytes token = {NULL, 0};
    dyn_bytes text = dyn_request_text(in->request, "NextToken");
    if (text.data == NULL) return DYN_OK;
    dyn_status status = dyn_base64_decode(call, text, &token);
    if (status == DYN_INVALID) return dyn_select_fail_token(call);
    if (status != DYN_OK) return status;
    DYN_TRY(digest(call, in, mark));
    if (!dyn_bytes_begin_with(token, (dyn_bytes){mark, sizeof(mark)}))
        return dyn_select_fail_token(call);
    dyn_bytes key = {token.data + sizeof(mark),
                     token.size_bytes - sizeof(mark)};
    for (; list->count > 0; list->ranges++, list->count--) {
        bool is_within = false;
        DYN_TRY(dyn_key_range_go_on(call, key, in->statement.is_down,
                                    &is_within, list->ranges));
        if (is_within) return DYN_OK;
    }
    return dyn_select_fail_token(call);
}

/* --------------------------------------------------------------- reading -- */

static dyn_status run_page(dyn_call *call, const dyn_statement_call *in,
                           dyn_page *page, const range_list *list,
                           dyn_buffer *response)
{
    dyn_page_end end;
    dyn_response_name(response, "Items");
    dyn_buffer_add_byte(response, '[');
    DYN_TRY(dyn_page_read_items(call, page, list->ranges, list->count, response,
                                &end));
    dyn_buffer_add_byte(response, ']');
    if (end.is_cut)
        DYN_TRY(write_token(call, in, end.last_stored_key, response));
    dyn_capacity_write_member(response, &page->capacity, page->table);
    if (end.is_cut) {
        dyn_response_name(response, "LastEvaluatedKey");
        dyn_buffer_add_bytes(response, end.last_key);
    }
    return DYN_OK;
}

dyn_status dyn_select_run(dyn_call *call, const dyn_host *host,
                          const dyn_statement_call *in, dyn_buffer *response)
{
    dyn_key_names key;
    range_list list = {NULL, 0};
    const dyn_statement *statement = &in->statement;
    dyn_page page = {
        .request = in->request,
        .is_scan = !in->where.has_partition,
        .table_name = statement->table,
        .index_name = statement->index,
        .has_filter = in->where.rest.root != NULL,
        .filter = in->where.rest,
        .has_projection = statement->has_projection,
        .projection = statement->projection,
        .down = statement->is_down,
    };
    DYN_TRY(dyn_page_open(call, host, &page));
    DYN_TRY(dyn_page_check_projected(call, &page));
    dyn_key_names_of(page.table, page.index, &key);
    DYN_TRY(check_order(call, in, &key.all));
    DYN_TRY(in->where.has_partition ? query_ranges(call, in, &key.all, &list)
                                    : scan_range(call, &list));
    DYN_TRY(go_on(call, in, &list));
    return run_page(call, in, &page, &list, response);
}
