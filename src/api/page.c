/* Pages of Query and Scan; the contracts are in page.h. */
#include "api/page.h"

#include "api/key.h"
#include "api/legacy.h"
#include "api/request.h"
#include "api/response.h"
#include "engine/index.h"
#include "item/item_json.h"
#include "ops/query.h"

#define INVALID      "One or more parameter values were invalid: "
#define SHOWN(bytes) (int)(bytes).size_bytes, (const char *)(bytes).data

/* --------------------------------------------------------------- request -- */

/* The message of a failure, behind one that says what it is about. */
static dyn_status fail_start(dyn_call *call, dyn_status status)
{
    if (status != DYN_INVALID) return status;
    const char *message = dyn_format(call, "%s", call->error.message);
    if (message == NULL) return DYN_NOMEM;
    return dyn_fail(call, DYN_INVALID,
                    "The provided starting key is invalid: "
                    "%s",
                    message);
}

/* The service says of some failures of a value what they are about, and of
 * others not. */
static dyn_status fail_start_value(dyn_call *call, dyn_status status)
{
    dyn_reason reason = call->error.reason;
    bool is_bare = reason == DYN_REASON_NUMBER ||
                   reason == DYN_REASON_NUMBER_SET ||
                   reason == DYN_REASON_DUPLICATES;
    return is_bare ? status : fail_start(call, status);
}

/* Select goes with a projection or without one. */
static dyn_status check_select(dyn_call *call, const dyn_page *page)
{
    const dyn_json *request = page->request;
    dyn_bytes select = dyn_request_text(request, "Select");
    bool is_specific = dyn_bytes_equal_text(select, "SPECIFIC_ATTRIBUTES");
    bool is_older = dyn_request_member(request, "AttributesToGet") != NULL;
    bool has_projection =
        is_older || dyn_request_member(request, "ProjectionExpression") != NULL;
    if (select.data == NULL || is_specific == has_projection) return DYN_OK;
    const char *name = is_older ? "AttributesToGet" : "ProjectionExpression";
    if (is_specific) {
        return dyn_fail(call, DYN_INVALID,
                        "Must specify the AttributesToGet or "
                        "ProjectionExpression when choosing to get "
                        "SPECIFIC_ATTRIBUTES");
    }
    if (dyn_bytes_equal_text(select, "COUNT")) {
        return dyn_fail(call, DYN_INVALID,
                        "Cannot specify the %s when choosing to get only the "
                        "Count",
                        name);
    }
    return dyn_fail(call, DYN_INVALID,
                    "Cannot specify the %s when choosing to get %.*s", name,
                    SHOWN(select));
}

dyn_status dyn_page_read_select(dyn_call *call, dyn_page *page)
{
    DYN_TRY(dyn_legacy_attributes_to_get(
        call, page->request, &page->has_projection, &page->projection));
    return check_select(call, page);
}

dyn_status dyn_page_read_older_filter(dyn_call *call, dyn_page *page,
                                      const char *name)
{
    DYN_TRY(dyn_legacy_filter(call, page->request, name, &page->has_filter,
                              &page->filter));
    page->is_legacy_filter = page->has_filter;
    return DYN_OK;
}

dyn_status dyn_page_read_start(dyn_call *call, dyn_page *page)
{
    const dyn_json *start =
        dyn_request_member(page->request, "ExclusiveStartKey");
    page->has_start = start != NULL;
    if (start == NULL) return DYN_OK;
    return fail_start_value(call,
                            dyn_item_from_typed(call, start, &page->start));
}

dyn_status dyn_page_read_expressions(dyn_call *call, dyn_page *page)
{
    bool is_there = false;
    DYN_TRY(dyn_expressions_condition(call, &page->expressions, page->request,
                                      DYN_EXPRESSION_FILTER, &is_there,
                                      &page->filter));
    page->has_filter = page->has_filter || is_there;
    DYN_TRY(dyn_expressions_projection(call, &page->expressions, page->request,
                                       &is_there, &page->projection));
    page->has_projection = page->has_projection || is_there;
    return dyn_expressions_end(call, &page->expressions);
}

/* ----------------------------------------------------- table and index -- */

/* The attributes that paths name and an index does not hold, as messages show
 * them; NULL when it holds all. */
static dyn_status find_missing(dyn_call *call, const dyn_page *page,
                               dyn_paths paths, const char **out)
{
    const dyn_definition *definition = dyn_table_definition(page->table);
    const dyn_index *index = &definition->indexes[page->index];
    dyn_buffer text;
    dyn_bytes bytes = {NULL, 0};
    *out = NULL;
    dyn_buffer_begin(&text, call, 0);
    for (size_t i = 0; i < paths.count; i++) {
        if (dyn_index_projects(definition, index, paths.paths[i].name))
            continue;
        dyn_buffer_add_text(&text, text.size_bytes == 0 ? "[" : ", ");
        dyn_buffer_add_bytes(&text, paths.paths[i].name);
    }
    if (text.size_bytes == 0 && !text.failed) return DYN_OK;
    dyn_buffer_add_byte(&text, ']');
    DYN_TRY(dyn_buffer_end(&text, &bytes));
    *out = (const char *)bytes.data;
    return DYN_OK;
}

/* Whether the request is for all attributes and the index does not hold them.
 */
static bool wants_more(const dyn_page *page)
{
    const dyn_index *index =
        &dyn_table_definition(page->table)->indexes[page->index];
    return index->project != DYN_PROJECT_ALL &&
           dyn_request_is(page->request, "Select", "ALL_ATTRIBUTES");
}

dyn_status dyn_page_check_select(dyn_call *call, const dyn_page *page)
{
    const dyn_index *index =
        page->index < 0
            ? NULL
            : &dyn_table_definition(page->table)->indexes[page->index];
    if (index == NULL &&
        dyn_request_is(page->request, "Select", "ALL_PROJECTED_ATTRIBUTES")) {
        return dyn_fail(call, DYN_INVALID,
                        "ALL_PROJECTED_ATTRIBUTES can be used only when "
                        "Querying using an IndexName");
    }
    if (index == NULL || index->is_local || !wants_more(page)) return DYN_OK;
    return dyn_fail(call, DYN_INVALID,
                    INVALID "Select type ALL_ATTRIBUTES is not supported for "
                            "global secondary index %s because its projection "
                            "type is not ALL",
                    (const char *)index->name.data);
}

/* A local index gets from the items what it does not hold; a global one has no
 * way to them. */
dyn_status dyn_page_check_projected(dyn_call *call, dyn_page *page)
{
    const char *wanted = NULL;
    const char *filtered = NULL;
    if (page->index < 0) return DYN_OK;
    const dyn_index *index =
        &dyn_table_definition(page->table)->indexes[page->index];
    DYN_TRY(find_missing(call, page, page->projection.paths, &wanted));
    DYN_TRY(find_missing(call, page, page->filter.paths, &filtered));
    if (index->is_local) {
        page->is_fetching =
            wanted != NULL || filtered != NULL || wants_more(page);
        return DYN_OK;
    }
    const char *name = (const char *)index->name.data;
    if (wanted != NULL) {
        return dyn_fail(call, DYN_INVALID,
                        INVALID "Global secondary index %s does not project "
                                "%s",
                        name, wanted);
    }
    if (filtered != NULL) {
        return dyn_fail(call, DYN_INVALID,
                        INVALID "Global secondary index %s does not project "
                                "one or more filter attributes: %s",
                        name, filtered);
    }
    return DYN_OK;
}

static dyn_status open_index(dyn_call *call, dyn_page *page)
{
    dyn_bytes name = page->index_name;
    page->index = -1;
    if (name.data == NULL) return DYN_OK;
    const dyn_definition *definition = dyn_table_definition(page->table);
    page->index = dyn_definition_index(definition, name);
    if (page->index < 0) {
        return dyn_fail(call, DYN_INVALID,
                        "The table does not have the specified index: %.*s",
                        SHOWN(name));
    }
    if (page->is_strong && !definition->indexes[page->index].is_local) {
        return dyn_fail(call, DYN_INVALID,
                        "Consistent reads are not supported on global "
                        "secondary indexes");
    }
    return DYN_OK;
}

dyn_status dyn_page_open(dyn_call *call, const dyn_host *host, dyn_page *page)
{
    DYN_TRY(dyn_host_read(call, host, page->table_name, &page->table));
    DYN_TRY(dyn_capacity_begin(call, host->session, page->request,
                               &page->capacity));
    page->is_strong = dyn_request_flag(page->request, "ConsistentRead", false);
    return open_index(call, page);
}

/* ---------------------------------------------------------- starting key -- */

enum { WHOLE_KEY_MAX = 4 * DYN_KEY_ATTRIBUTES_MAX };

dyn_status dyn_page_check_start_count(dyn_call *call, const dyn_page *page)
{
    dyn_key_attribute names[WHOLE_KEY_MAX];
    if (!page->has_start ||
        page->start.count == dyn_key_whole(page->table, page->index, names)) {
        return DYN_OK;
    }
    bool is_scan_of_table = page->is_scan && page->index < 0;
    return dyn_fail(call, DYN_INVALID, "The provided starting key is invalid%s",
                    is_scan_of_table ? ": The provided key element does not "
                                       "match the schema"
                                     : "");
}

dyn_status dyn_page_check_start_value(dyn_call *call, const dyn_page *page,
                                      const dyn_key_attribute *attribute,
                                      bool is_partition)
{
    if (!page->has_start) return DYN_OK;
    const dyn_value *value = dyn_map_find(&page->start, attribute->name);
    if (value != NULL)
        return dyn_key_check_value(call, attribute, is_partition, value);
    return dyn_fail(call, DYN_INVALID, "The provided starting key is invalid");
}

/* The stored key of the item in the table that ExclusiveStartKey has. */
static dyn_status table_start_key(dyn_call *call, const dyn_page *page,
                                  dyn_bytes *out)
{
    dyn_key_attribute names[WHOLE_KEY_MAX];
    dyn_attribute attributes[WHOLE_KEY_MAX];
    dyn_map key = {attributes, 0};
    size_t count = dyn_key_whole(page->table, -1, names);
    for (size_t i = 0; i < count; i++) {
        const dyn_value *value = dyn_map_find(&page->start, names[i].name);
        if (value == NULL) continue;
        attributes[key.count++] = (dyn_attribute){names[i].name, *value};
    }
    DYN_TRY(dyn_map_sort(call, &key));
    return fail_start(call, dyn_key_of_item(call, page->table, &key, out));
}

/* The stored form of ExclusiveStartKey. */
static dyn_status start_key(dyn_call *call, const dyn_page *page,
                            dyn_bytes *out)
{
    const dyn_definition *definition = dyn_table_definition(page->table);
    dyn_entry entry;
    DYN_TRY(table_start_key(call, page, out));
    if (page->index < 0) return DYN_OK;
    DYN_TRY(dyn_entry_of(call, definition, &definition->indexes[page->index],
                         &page->start, *out, &entry));
    *out = entry.key;
    return DYN_OK;
}

dyn_status dyn_page_start(dyn_call *call, dyn_page *page, const char *outside)
{
    dyn_bytes key = {NULL, 0};
    bool is_within = false;
    if (!page->has_start) return DYN_OK;
    DYN_TRY(start_key(call, page, &key));
    DYN_TRY(
        dyn_key_range_go_on(call, key, page->down, &is_within, &page->range));
    if (is_within) return DYN_OK;
    return dyn_fail(call, DYN_INVALID, "%s", outside);
}

/* --------------------------------------------------------------- reading -- */

typedef struct reader {
    dyn_page *page;
    dyn_query query;
    size_t bytes_before; /* evaluated in the ranges before */
    dyn_buffer *response;
    bool is_count; /* items are counted and not shown */
    size_t limit;
    size_t scanned;
    size_t count;
    bool is_cut;
    dyn_buffer last_key;
    dyn_buffer last_stored_key;
} reader;

static dyn_status show_item(dyn_call *call, reader *in, const dyn_view *item)
{
    const dyn_page *page = in->page;
    dyn_map shown = {NULL, 0};
    in->count++;
    if (in->is_count) return DYN_OK;
    DYN_TRY(page->has_projection
                ? dyn_projection_apply(call, &page->projection, item, &shown)
                : dyn_view_decode(call, item, &shown));
    dyn_response_element(in->response);
    dyn_item_to_json(in->response, &shown, DYN_JSON_TYPED);
    return DYN_OK;
}

static dyn_status write_last_key(dyn_call *call, reader *in, const dyn_row *row,
                                 const dyn_view *item)
{
    dyn_key_attribute names[WHOLE_KEY_MAX];
    size_t count = dyn_key_whole(in->page->table, in->page->index, names);
    dyn_buffer *out = &in->last_key;
    dyn_buffer_add_bytes(&in->last_stored_key, row->key);
    dyn_buffer_add_byte(out, '{');
    for (size_t i = 0; i < count; i++) {
        bool found = false;
        dyn_value value;
        DYN_TRY(dyn_view_find(call, item, names[i].name, &found, &value));
        if (!found) continue;
        dyn_response_element(out);
        dyn_json_write_string(out, names[i].name);
        dyn_buffer_add_byte(out, ':');
        dyn_value_to_json(out, &value, DYN_JSON_TYPED);
    }
    dyn_buffer_add_byte(out, '}');
    return DYN_OK;
}

/* A page ends at its limit, or when what has been evaluated was charged: that
 * is at 1 MB. */
static dyn_status read_row(dyn_call *call, reader *in, const dyn_row *row)
{
    const dyn_page *page = in->page;
    dyn_view item;
    bool matches = true;
    DYN_TRY(dyn_query_evaluate(call, page->table, &in->query, row, &matches,
                               &item));
    in->scanned++;
    if (matches && page->has_filter) {
        DYN_TRY(dyn_condition_matches(call, &page->filter, &item, &matches));
    }
    if (matches) DYN_TRY(show_item(call, in, &item));
    size_t bytes = in->query.page_bytes;
    in->is_cut = in->scanned == in->limit || bytes == 0 ||
                 in->bytes_before + bytes >= DYN_PAGE_BYTES_MAX;
    return in->is_cut ? write_last_key(call, in, row, &item) : DYN_OK;
}

static dyn_status read_rows(dyn_call *call, reader *in, bool *is_end)
{
    dyn_query_page rows;
    DYN_TRY(dyn_query_next(call, in->page->table, &in->query, &rows));
    for (size_t i = 0; i < rows.count && !in->is_cut; i++)
        DYN_TRY(read_row(call, in, &rows.rows[i]));
    *is_end = rows.count == 0 || in->is_cut;
    return DYN_OK;
}

/* Rows are read in memory that is given back before the next ones. */
static dyn_status read_all(dyn_call *call, reader *in)
{
    dyn_status status = DYN_OK;
    bool is_end = false;
    while (status == DYN_OK && !is_end) {
        dyn_call rows;
        dyn_call_begin(&rows);
        status = read_rows(&rows, in, &is_end);
        if (status != DYN_OK) call->error = rows.error;
        dyn_call_end(&rows);
    }
    return status;
}

static dyn_status read_range(dyn_call *call, reader *in,
                             const dyn_key_range *range)
{
    const dyn_page *page = in->page;
    const dyn_query_request request = {
        .index = page->index,
        .low = range->low,
        .high = range->high,
        .down = page->down,
        .is_scan = page->is_scan,
        .is_strong = page->is_strong,
        .is_fetching = page->is_fetching,
        .rows_wanted = in->limit - in->scanned,
    };
    DYN_TRY(dyn_query_begin(call, page->table, &request, &in->query));
    dyn_status status = read_all(call, in);
    if (status != DYN_OK) {
        dyn_query_drop(&in->query);
        return status;
    }
    in->bytes_before += in->query.page_bytes;
    dyn_query_finish(page->table, &in->query);
    return DYN_OK;
}

dyn_status dyn_page_read_items(dyn_call *call, dyn_page *page,
                               const dyn_key_range *ranges, size_t range_count,
                               dyn_buffer *response, dyn_page_end *out)
{
    reader in = {
        .page = page,
        .response = response,
        .is_count = dyn_request_is(page->request, "Select", "COUNT"),
        .limit = (size_t)dyn_request_integer(page->request, "Limit", INT64_MAX),
    };
    dyn_buffer_begin(&in.last_key, call, 0);
    dyn_buffer_begin(&in.last_stored_key, call, 0);
    for (size_t i = 0; i < range_count && !in.is_cut; i++)
        DYN_TRY(read_range(call, &in, &ranges[i]));
    *out = (dyn_page_end){
        .scanned = in.scanned, .count = in.count, .is_cut = in.is_cut};
    DYN_TRY(dyn_buffer_end(&in.last_key, &out->last_key));
    return dyn_buffer_end(&in.last_stored_key, &out->last_stored_key);
}

dyn_status dyn_page_run(dyn_call *call, dyn_page *page, dyn_buffer *response)
{
    dyn_page_end end;
    bool is_count = dyn_request_is(page->request, "Select", "COUNT");
    if (!is_count) {
        dyn_response_name(response, "Items");
        dyn_buffer_add_byte(response, '[');
    }
    DYN_TRY(dyn_page_read_items(call, page, &page->range, 1, response, &end));
    if (!is_count) dyn_buffer_add_byte(response, ']');
    dyn_response_integer(response, "Count", (int64_t)end.count);
    dyn_response_integer(response, "ScannedCount", (int64_t)end.scanned);
    if (end.is_cut) {
        dyn_response_name(response, "LastEvaluatedKey");
        dyn_buffer_add_bytes(response, end.last_key);
    }
    dyn_capacity_write_member(response, &page->capacity, page->table);
    return DYN_OK;
}
