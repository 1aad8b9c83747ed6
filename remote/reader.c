/* Reading items; the contracts are in reader.h. */
#include "reader.h"

#include "base/clock.h"
#include "engine/expiry_time.h"
#include "engine/item_key.h"
#include "item/item_json.h"
#include "item/key.h"
#include "range_request.h"

#include <stdio.h>

enum {
    LIMIT_MAX = 4096, /* a page that would have more gets no limit */
    LIMIT_GROWTH = 4,
    KEYS_MAX = DYN_BATCH_GET_KEYS_MAX,
};

void remote_reader_begin(remote_reader *reader, remote_table *table)
{
    reader->table = table;
    reader->kind = REMOTE_READ_NOTHING;
    reader->is_strong = false;
    reader->is_live = false;
    dyn_call_begin(&reader->pages[0]);
    dyn_call_begin(&reader->pages[1]);
    reader->page = 0;
    reader->last_key = NULL;
    reader->is_last = true;
    reader->items = NULL;
    reader->count = 0;
    reader->at = 0;
}

static const dyn_definition *definition_of(const remote_reader *reader)
{
    return &reader->table->there.definition;
}

void remote_reader_end(remote_reader *reader)
{
    dyn_call_end(&reader->pages[0]);
    dyn_call_end(&reader->pages[1]);
}

/* ------------------------------------------------------------------ keys -- */

/* The attributes in the order of the stored key. */
static dyn_status read_key(dyn_call *call, const dyn_definition *definition,
                           dyn_bytes rest, dyn_map *out)
{
    const dyn_key_schema *key = &definition->key;
    const dyn_column *columns = definition->columns;
    dyn_attribute *to = out->attributes;
    to[0].name = columns[key->partition[0]].name;
    DYN_TRY(dyn_key_next_partition(call, &rest, columns[key->partition[0]].type,
                                   &to[0].value));
    if (key->sort_count > 0) {
        to[1].name = columns[key->sort[0]].name;
        DYN_TRY(dyn_key_next_sort(call, &rest, columns[key->sort[0]].type,
                                  &to[1].value));
    }
    return dyn_map_sort(call, out);
}

/* A blob that SQL gives may be anything: it is a key when the item that it
 * names has it. What is wrong with it is nobody's failure. */
dyn_status remote_key_item(dyn_call *call, const dyn_definition *definition,
                           dyn_bytes key, bool *is_key, dyn_map *out)
{
    enum { KEYS = 2 };
    dyn_bytes own = {NULL, 0};
    *is_key = false;
    out->count = dyn_key_schema_count(&definition->key);
    out->attributes = dyn_alloc(call, KEYS * sizeof(dyn_attribute));
    if (out->attributes == NULL) return DYN_NOMEM;
    if (key.size_bytes < DYN_KEY_HASH_BYTES) return DYN_OK;
    dyn_bytes rest = {key.data + DYN_KEY_HASH_BYTES,
                      key.size_bytes - DYN_KEY_HASH_BYTES};
    dyn_status status = read_key(call, definition, rest, out);
    if (status == DYN_OK) status = dyn_item_key(call, definition, out, &own);
    if (status == DYN_NOMEM) return status;
    *is_key = status == DYN_OK && dyn_bytes_equal(own, key);
    return DYN_OK;
}

/* --------------------------------------------------------------- answers -- */

static dyn_status fail_answer(dyn_call *call, const remote_reader *reader,
                              const char *operation, const char *problem)
{
    return remote_fail_answer(call, reader->table->service, operation, problem);
}

/* The items of a list become the page. */
static dyn_status take_items(dyn_call *call, remote_reader *reader,
                             const char *operation, const dyn_json *list)
{
    reader->count = 0;
    reader->at = 0;
    if (list == NULL || list->type != DYN_JSON_ARRAY)
        return fail_answer(call, reader, operation, "there are no items");
    reader->items = dyn_alloc(call, list->count * sizeof(dyn_map));
    if (reader->items == NULL) return DYN_NOMEM;
    for (const dyn_json *one = list->first; one != NULL; one = one->next) {
        dyn_status status =
            dyn_item_from_typed(call, one, &reader->items[reader->count]);
        if (status == DYN_NOMEM) return status;
        if (status != DYN_OK)
            return fail_answer(call, reader, operation, "an item is none");
        reader->count++;
    }
    return DYN_OK;
}

/* ----------------------------------------------------------------- pages -- */

/* The members that queries and scans have in common. */
static void add_paging(const remote_reader *reader, dyn_buffer *request)
{
    if (reader->is_strong)
        dyn_buffer_add_text(request, ",\"ConsistentRead\":true");
    if (reader->limit > 0) {
        char limit[32];
        snprintf(limit, sizeof(limit), ",\"Limit\":%zu", reader->limit);
        dyn_buffer_add_text(request, limit);
    }
    if (reader->last_key != NULL) {
        dyn_buffer_add_text(request, ",\"ExclusiveStartKey\":");
        dyn_json_write(request, reader->last_key);
    }
}

/* A page of a range, in the memory of call. */
static dyn_status read_range(dyn_call *call, remote_reader *reader)
{
    dyn_buffer text;
    dyn_bytes members = {NULL, 0};
    const dyn_json *answer = NULL;
    const char *operation = reader->range.request.is_scan ? "Scan" : "Query";
    dyn_buffer_begin(&text, call, 256);
    add_paging(reader, &text);
    DYN_TRY(
        range_add_members(call, definition_of(reader), &reader->range, &text));
    DYN_TRY(dyn_buffer_end(&text, &members));
    DYN_TRY(
        remote_table_call(call, reader->table, operation, members, &answer));
    DYN_TRY(
        take_items(call, reader, operation, dyn_json_member(answer, "Items")));
    reader->last_key = dyn_json_member(answer, "LastEvaluatedKey");
    reader->is_last = reader->last_key == NULL;
    reader->limit *= LIMIT_GROWTH;
    if (reader->limit > LIMIT_MAX) reader->limit = 0;
    return DYN_OK;
}

/* {"TableName":…, as RequestItems has it, with the next keys. */
static dyn_status write_batch(dyn_call *call, const remote_reader *reader,
                              size_t count, dyn_bytes *out)
{
    const remote_table *table = reader->table;
    dyn_buffer text;
    dyn_buffer_begin(&text, call, 64 * count + 256);
    dyn_json_write_string(&text, dyn_bytes_text(table->settings.table));
    dyn_buffer_add_text(&text, ":{");
    if (reader->is_strong)
        dyn_buffer_add_text(&text, "\"ConsistentRead\":true,");
    dyn_buffer_add_text(&text, "\"Keys\":[");
    for (size_t i = 0; i < count; i++) {
        dyn_map key = {NULL, 0};
        bool is_key = false;
        DYN_TRY(remote_key_item(call, &table->there.definition,
                                reader->keys[reader->key_at + i], &is_key,
                                &key));
        if (i > 0) dyn_buffer_add_byte(&text, ',');
        dyn_item_to_json(&text, &key, DYN_JSON_TYPED);
    }
    dyn_buffer_add_text(&text, "]}");
    return dyn_buffer_end(&text, out);
}

static dyn_status send_batch(dyn_call *call, remote_reader *reader,
                             dyn_bytes items, const dyn_json **out)
{
    dyn_buffer text;
    dyn_bytes request = {NULL, 0};
    dyn_buffer_begin(&text, call, items.size_bytes + 128);
    dyn_buffer_add_text(
        &text, "{\"ReturnConsumedCapacity\":\"INDEXES\",\"RequestItems\":{");
    dyn_buffer_add_bytes(&text, items);
    dyn_buffer_add_text(&text, "}}");
    DYN_TRY(dyn_buffer_end(&text, &request));
    return remote_table_send(call, reader->table, "BatchGetItem", request, out);
}

/* The member of a table in an object by tables, which has that one alone. */
static const dyn_json *of_table(const dyn_json *answer, const char *name)
{
    const dyn_json *tables = dyn_json_member(answer, name);
    return tables == NULL || tables->type != DYN_JSON_OBJECT ? NULL
                                                             : tables->first;
}

/* What a batch had no room or units for, as RequestItems again; no bytes: it
 * had all. */
static dyn_status left_over(dyn_call *call, const remote_reader *reader,
                            const dyn_json *answer, dyn_bytes *out)
{
    const dyn_json *rest = of_table(answer, "UnprocessedKeys");
    dyn_buffer text;
    *out = (dyn_bytes){NULL, 0};
    if (rest == NULL) return DYN_OK;
    dyn_buffer_begin(&text, call, 256);
    dyn_json_write_string(&text, dyn_bytes_text(reader->table->settings.table));
    dyn_buffer_add_byte(&text, ':');
    dyn_json_write(&text, rest);
    return dyn_buffer_end(&text, out);
}

/* The items of several answers make one page. */
static dyn_status add_items(dyn_call *call, remote_reader *reader,
                            const dyn_json *list)
{
    dyn_map *before = reader->items;
    size_t count = reader->count;
    if (list == NULL) return DYN_OK;
    DYN_TRY(take_items(call, reader, "BatchGetItem", list));
    if (count == 0) return DYN_OK;
    dyn_map *all = dyn_alloc(call, (count + reader->count) * sizeof(*all));
    if (all == NULL) return DYN_NOMEM;
    memcpy(all, before, count * sizeof(*all));
    if (reader->count > 0)
        memcpy(all + count, reader->items, reader->count * sizeof(*all));
    reader->items = all;
    reader->count += count;
    return DYN_OK;
}

static dyn_status fail_left_over(dyn_call *call, int64_t tries)
{
    dyn_fail(call, DYN_THROTTLED,
             "keys are left unprocessed (tried %lld times)", (long long)tries);
    return DYN_THROTTLED;
}

static dyn_status read_batch(dyn_call *call, remote_reader *reader,
                             dyn_bytes items)
{
    remote_service *service = reader->table->service;
    reader->count = 0;
    for (int64_t tries = 1; items.size_bytes > 0; tries++) {
        const dyn_json *answer = NULL;
        size_t before = reader->count;
        DYN_TRY(send_batch(call, reader, items, &answer));
        DYN_TRY(add_items(call, reader, of_table(answer, "Responses")));
        DYN_TRY(left_over(call, reader, answer, &items));
        if (reader->count > before) tries = 0;
        if (items.size_bytes == 0) break;
        if (tries >= remote_service_attempts(service))
            return fail_left_over(call, tries);
        DYN_TRY(remote_service_wait(call, service, tries));
    }
    return DYN_OK;
}

/* One key is asked for by itself. */
static dyn_status read_one(dyn_call *call, remote_reader *reader)
{
    bool found = false;
    reader->items = dyn_alloc(call, sizeof(dyn_map));
    if (reader->items == NULL) return DYN_NOMEM;
    DYN_TRY(remote_get(call, reader->table, reader->keys[reader->key_at],
                       reader->is_strong, &found, reader->items));
    reader->count = found;
    reader->at = 0;
    return DYN_OK;
}

static dyn_status read_keys(dyn_call *call, remote_reader *reader)
{
    size_t count = reader->key_count - reader->key_at;
    dyn_bytes items = {NULL, 0};
    if (count > KEYS_MAX) count = KEYS_MAX;
    if (count == 1) {
        DYN_TRY(read_one(call, reader));
    } else {
        DYN_TRY(write_batch(call, reader, count, &items));
        DYN_TRY(read_batch(call, reader, items));
        reader->at = 0;
    }
    reader->key_at += count;
    reader->is_last = reader->key_at == reader->key_count;
    return DYN_OK;
}

/* The page before stays until the new one is there: it has the key behind which
 * that begins. */
static dyn_status read_page(dyn_call *call, remote_reader *reader)
{
    int next = 1 - reader->page;
    dyn_call *memory = &reader->pages[next];
    dyn_call_end(memory);
    dyn_call_begin(memory);
    dyn_status status = remote_service_check(memory, reader->table->service);
    if (status == DYN_OK)
        status = reader->kind == REMOTE_READ_KEYS ? read_keys(memory, reader)
                                                  : read_range(memory, reader);
    reader->page = next;
    if (status == DYN_OK) return DYN_OK;
    dyn_call_take_error(call, memory);
    reader->is_last = true;
    reader->count = 0;
    reader->at = 0;
    return status;
}

/* ----------------------------------------------------------------- items -- */

/* Whether an item is in the range, and has not expired where only live ones are
 * asked for. */
static dyn_status is_within(dyn_call *call, const remote_reader *reader,
                            const dyn_map *item, bool *out)
{
    const dyn_query_request *request = &reader->range.request;
    bool is_item = true;
    *out = true;
    if (reader->is_live) {
        dyn_expiry expiry =
            dyn_expiry_of(&reader->table->there.definition, item);
        *out = !dyn_expiry_is_over(&expiry, dyn_clock_now_ms());
    }
    if (!*out || reader->kind == REMOTE_READ_KEYS || request->is_scan)
        return DYN_OK;
    DYN_TRY(range_is_within(call, definition_of(reader), &reader->range, item,
                            &is_item, out));
    if (is_item) return DYN_OK;
    return fail_answer(call, reader, "Query", "an item has no key");
}

dyn_status remote_reader_next(dyn_call *call, remote_reader *reader,
                              const dyn_map **out)
{
    bool is_shown = false;
    const dyn_map *item = NULL;
    *out = NULL;
    while (!is_shown) {
        dyn_call within;
        while (reader->at == reader->count && !reader->is_last)
            DYN_TRY(read_page(call, reader));
        if (reader->at == reader->count) return DYN_OK;
        item = &reader->items[reader->at++];
        dyn_call_begin(&within);
        dyn_status status = is_within(&within, reader, item, &is_shown);
        if (status != DYN_OK) dyn_call_take_error(call, &within);
        dyn_call_end(&within);
        if (status != DYN_OK) return status;
    }
    *out = item;
    return DYN_OK;
}

/* ----------------------------------------------------------------- begin -- */

static dyn_status begin(dyn_call *call, remote_reader *reader, remote_read kind)
{
    if (reader->is_live) DYN_TRY(remote_table_find_ttl(call, reader->table));
    reader->kind = kind;
    reader->last_key = NULL;
    reader->is_last = false;
    reader->count = 0;
    reader->at = 0;
    return DYN_OK;
}

/* Keys of no item, as those with empty values are, are not asked for. */
static dyn_status is_possible_key(dyn_call *call, const remote_reader *reader,
                                  dyn_bytes key, bool *out)
{
    dyn_call within;
    dyn_map item = {NULL, 0};
    dyn_call_begin(&within);
    dyn_status status =
        remote_key_item(&within, definition_of(reader), key, out, &item);
    if (status != DYN_OK) dyn_call_take_error(call, &within);
    dyn_call_end(&within);
    return status;
}

dyn_status remote_reader_keys(dyn_call *call, remote_reader *reader,
                              const dyn_bytes *keys, size_t count)
{
    DYN_TRY(begin(call, reader, REMOTE_READ_KEYS));
    dyn_bytes *asked = dyn_alloc(call, count * sizeof(*asked));
    if (asked == NULL) return DYN_NOMEM;
    reader->keys = asked;
    reader->key_count = 0;
    reader->key_at = 0;
    for (size_t i = 0; i < count; i++) {
        bool is_key = false;
        DYN_TRY(is_possible_key(call, reader, keys[i], &is_key));
        if (is_key) asked[reader->key_count++] = keys[i];
    }
    reader->is_last = reader->key_count == 0;
    return DYN_OK;
}

/* A live query needs to see when items expire. */
static dyn_status check_live(dyn_call *call, const remote_reader *reader,
                             const dyn_query_request *request)
{
    const dyn_definition *definition = &reader->table->there.definition;
    if (!reader->is_live || request->index < 0 || request->is_fetching ||
        definition->ttl.size_bytes == 0)
        return DYN_OK;
    const dyn_index *index = &definition->indexes[request->index];
    if (dyn_index_projects(definition, index, definition->ttl)) return DYN_OK;
    return dyn_fail(call, DYN_INVALID,
                    "mode: index %s does not project %s, so 'live' cannot be "
                    "read from it",
                    (const char *)index->name.data,
                    (const char *)definition->ttl.data);
}

dyn_status remote_reader_range(dyn_call *call, remote_reader *reader,
                               const plan_range *range)
{
    DYN_TRY(begin(call, reader, REMOTE_READ_RANGE));
    DYN_TRY(check_live(call, reader, &range->request));
    reader->range = *range;
    reader->limit = range->request.rows_wanted;
    if (reader->limit > LIMIT_MAX) reader->limit = 0;
    if (!range->request.is_scan && !range_may_have_items(range))
        reader->is_last = true;
    return DYN_OK;
}

/* -------------------------------------------------------------- one item -- */

static dyn_status write_get(dyn_call *call, const dyn_map *key, bool is_strong,
                            dyn_bytes *out)
{
    dyn_buffer text;
    dyn_buffer_begin(&text, call, 128);
    if (is_strong) dyn_buffer_add_text(&text, ",\"ConsistentRead\":true");
    dyn_buffer_add_text(&text, ",\"Key\":");
    dyn_item_to_json(&text, key, DYN_JSON_TYPED);
    return dyn_buffer_end(&text, out);
}

dyn_status remote_get(dyn_call *call, remote_table *table, dyn_bytes key,
                      bool is_strong, bool *found, dyn_map *out)
{
    dyn_map its_key = {NULL, 0};
    dyn_bytes members = {NULL, 0};
    const dyn_json *answer = NULL;
    *found = false;
    bool is_key = false;
    DYN_TRY(remote_key_item(call, &table->there.definition, key, &is_key,
                            &its_key));
    if (!is_key) return DYN_OK;
    DYN_TRY(write_get(call, &its_key, is_strong, &members));
    DYN_TRY(remote_table_call(call, table, "GetItem", members, &answer));
    const dyn_json *item = dyn_json_member(answer, "Item");
    if (item == NULL) return DYN_OK;
    dyn_status status = dyn_item_from_typed(call, item, out);
    *found = status == DYN_OK;
    if (status == DYN_OK || status == DYN_NOMEM) return status;
    return remote_fail_answer(call, table->service, "GetItem",
                              "Item is no item");
}
