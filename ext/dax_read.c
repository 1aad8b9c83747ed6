/*
 * Reading through a cache; the contracts are in dax_read.h.
 *
 *   page      is_last:1  position_bytes:varint  position  row*
 *   row       key_bytes:varint  key  item_bytes:varint  item
 *
 * position is the key in the table or the index of the last row that was
 * evaluated; the next page begins behind it.
 */
#include "dax_read.h"

#include "base/varint.h"
#include "ops/get_item.h"

void dax_reader_set(dax_reader *reader, const dyn_query_request *request)
{
    const dyn_index_state *indexes = reader->dax->known.indexes;
    reader->request = *request;
    reader->tree = request->index < 0 ? 0 : indexes[request->index].tree;
    reader->shape = request->index < 0 ? 0 : indexes[request->index].shape;
}

dyn_status dax_reader_open(dyn_call *call, dax_reader *reader, dyn_table **out)
{
    dax_table *dax = reader->dax;
    DYN_TRY(
        dyn_dax_is_writing(dax->dax)
            ? dax_open_to_write(call, reader->session, dax, reader->join, out)
            : dax_open_to_read(call, reader->session, dax, &reader->hold, out));
    reader->load = dyn_table_load_number(*out);
    return DYN_OK;
}

bool dax_reader_is_cached(const dax_reader *reader, bool is_strong)
{
    return !is_strong && !dyn_dax_is_writing(reader->dax->dax);
}

/* What may still be rolled back is not kept. */
static bool is_kept(const dax_reader *reader, bool is_strong)
{
    return dax_reader_is_cached(reader, is_strong) &&
           !reader->session->is_estimating &&
           dax_is_committed(reader->session, reader->dax);
}

/* A read that the cache should have served. */
static void note_miss(dax_reader *reader, dyn_cache_kind kind, bool is_strong)
{
    if (dax_reader_is_cached(reader, is_strong))
        dyn_dax_missed(reader->dax->dax, kind);
}

/* That there is no memory for the line in the cost of the statement is no
 * failure. */
static void note_hit(dyn_call *call, dax_reader *reader)
{
    size_t line = 0;
    dyn_cost *cost = &reader->session->cost;
    if (dyn_cost_line_of(call, cost, reader->dax->name, NULL, &line) == DYN_OK)
        dyn_cost_add_hit(cost, line);
}

static dyn_status find(dyn_call *call, dax_reader *reader, dyn_cache_kind kind,
                       dyn_bytes key, bool *is_hit, dyn_bytes *value)
{
    dyn_bytes kept = {NULL, 0};
    *is_hit = dyn_dax_find(reader->dax->dax, kind, key, &kept);
    if (!*is_hit) return DYN_OK;
    note_hit(call, reader);
    return dyn_copy(call, kept, value);
}

/* ----------------------------------------------------------------- items -- */

dyn_status dax_encode(dyn_call *call, const dyn_view *item, dyn_bytes *out)
{
    dyn_map map = {NULL, 0};
    DYN_TRY(dyn_view_decode(call, item, &map));
    return dyn_item_encode(call, NULL, &map, item->size_bytes, out);
}

dyn_status dax_find_item(dyn_call *call, dax_reader *reader, dyn_bytes key,
                         bool *is_hit, dyn_bytes *item)
{
    return find(call, reader, DYN_CACHE_ITEMS, key, is_hit, item);
}

dyn_status dax_read_item(dyn_call *call, dax_reader *reader, dyn_table *table,
                         const dyn_get_request *request, dyn_bytes *item,
                         dyn_lookup *lookup)
{
    dyn_get_response response;
    note_miss(reader, DYN_CACHE_ITEMS, request->is_strong);
    DYN_TRY(dyn_get_item(call, table, request, &response));
    *item = (dyn_bytes){NULL, 0};
    *lookup = response.lookup;
    if (response.found) DYN_TRY(dax_encode(call, &response.item, item));
    if (is_kept(reader, request->is_strong)) {
        dyn_dax_add(reader->dax->dax, DYN_CACHE_ITEMS, request->key, *item,
                    response.lookup.read_halves);
    }
    return DYN_OK;
}

/* ----------------------------------------------------------------- pages -- */

static void add_text(dyn_buffer *out, dyn_bytes text)
{
    dyn_varint_add(out, text.size_bytes);
    dyn_buffer_add_bytes(out, text);
}

static bool take_text(const unsigned char **next, const unsigned char *end,
                      dyn_bytes *out)
{
    uint64_t size_bytes = 0;
    if (!dyn_varint_read(next, end, &size_bytes)) return false;
    if (size_bytes > (uint64_t)(end - *next)) return false;
    *out = (dyn_bytes){*next, (size_t)size_bytes};
    *next += size_bytes;
    return true;
}

/* All that a page is asked with. */
static dyn_status page_key(dyn_call *call, const dax_reader *reader,
                           dyn_bytes *out)
{
    dyn_buffer key;
    const dyn_query_request *request = &reader->request;
    dyn_bytes index = {NULL, 0};
    if (request->index >= 0)
        index = reader->dax->known.definition->indexes[request->index].name;
    dyn_buffer_begin(&key, call,
                     request->low.size_bytes + request->high.size_bytes + 64);
    add_text(&key, index);
    dyn_varint_add(&key, reader->shape);
    add_text(&key, reader->mode);
    dyn_buffer_add_byte(&key, request->down);
    dyn_buffer_add_byte(&key, request->is_fetching);
    dyn_varint_add(&key, request->rows_wanted > INT64_MAX
                             ? 0
                             : (uint64_t)request->rows_wanted);
    add_text(&key, request->low);
    add_text(&key, request->high);
    return dyn_buffer_end(&key, out);
}

/* The request goes on behind the last row of a page. */
static void move_on(dax_reader *reader, dyn_bytes last, size_t rows)
{
    dyn_query_request *request = &reader->request;
    size_t size_bytes = last.size_bytes;
    if (size_bytes > DYN_INDEX_KEY_BYTES_MAX)
        size_bytes = DYN_INDEX_KEY_BYTES_MAX;
    memcpy(reader->position, last.data, size_bytes);
    if (!request->down) reader->position[size_bytes++] = 0;
    dyn_bytes position = {reader->position, size_bytes};
    *(request->down ? &request->high : &request->low) = position;
    if (request->rows_wanted == SIZE_MAX) return;
    request->rows_wanted -=
        rows < request->rows_wanted ? rows : request->rows_wanted;
}

static size_t count_rows(dax_page page)
{
    dyn_bytes key = {NULL, 0};
    dyn_bytes item = {NULL, 0};
    size_t count = 0;
    while (dax_page_take(&page, &key, &item))
        count++;
    return count;
}

/* Begin to take rows from the bytes of a page. */
static void open_page(dax_reader *reader, dyn_bytes bytes, dax_page *page)
{
    const unsigned char *next = bytes.data + 1;
    const unsigned char *end = bytes.data + bytes.size_bytes;
    dyn_bytes position = {NULL, 0};
    take_text(&next, end, &position);
    page->is_last = bytes.data[0] != 0;
    page->rows = (dyn_bytes){next, (size_t)(end - next)};
    if (!page->is_last) move_on(reader, position, count_rows(*page));
}

bool dax_page_take(dax_page *page, dyn_bytes *key, dyn_bytes *item)
{
    const unsigned char *next = page->rows.data;
    const unsigned char *end = next + page->rows.size_bytes;
    if (page->rows.size_bytes == 0 || !take_text(&next, end, key) ||
        !take_text(&next, end, item)) {
        return false;
    }
    page->rows = (dyn_bytes){next, (size_t)(end - next)};
    return true;
}

dyn_status dax_find_page(dyn_call *call, dax_reader *reader, bool *is_hit,
                         dax_page *page)
{
    dyn_bytes key = {NULL, 0};
    dyn_bytes bytes = {NULL, 0};
    DYN_TRY(page_key(call, reader, &key));
    DYN_TRY(find(call, reader, DYN_CACHE_QUERIES, key, is_hit, &bytes));
    if (!*is_hit) return DYN_OK;
    dax_reader_finish(reader);
    open_page(reader, bytes, page);
    return DYN_OK;
}

/* A page in the making. */
typedef struct page_maker {
    dyn_call *call;
    dax_reader *reader;
    dyn_table *table;
    dyn_buffer rows;
    dyn_bytes position;
    size_t evaluated;
    size_t evaluated_bytes; /* DynamoDB's sizes */
} page_maker;

static dyn_status add_row(page_maker *m, const dyn_row *row)
{
    dyn_query *query = &m->reader->query;
    bool is_shown = false;
    dyn_view view;
    dyn_bytes key = {NULL, 0};
    dyn_bytes item = {NULL, 0};
    DYN_TRY(
        dyn_query_evaluate(m->call, m->table, query, row, &is_shown, &view));
    m->position = row->key;
    m->evaluated++;
    m->evaluated_bytes += view.size_bytes;
    if (!is_shown) return DYN_OK;
    DYN_TRY(dyn_query_key(m->call, m->table, query, row, &key));
    DYN_TRY(dax_encode(m->call, &view, &item));
    add_text(&m->rows, key);
    add_text(&m->rows, item);
    return DYN_OK;
}

/* Evaluate rows of the table, and no more than are wanted. */
static dyn_status add_rows(page_maker *m, bool *is_last)
{
    dax_reader *reader = m->reader;
    dyn_query_page page;
    size_t wanted = reader->request.rows_wanted;
    if (!reader->is_query) {
        DYN_TRY(dyn_query_begin(m->call, m->table, &reader->request,
                                &reader->query));
        reader->is_query = true;
    }
    DYN_TRY(dyn_query_next(m->call, m->table, &reader->query, &page));
    while (m->evaluated < page.count && (wanted == 0 || m->evaluated < wanted))
        DYN_TRY(add_row(m, &page.rows[m->evaluated]));
    bool is_whole = m->evaluated == page.count;
    *is_last = is_whole && (page.count == 0 || reader->query.is_end);
    if (!is_whole) dax_reader_finish(reader);
    return DYN_OK;
}

static dyn_status make_page(page_maker *m, dyn_bytes *out)
{
    bool is_last = false;
    dyn_buffer page;
    dyn_bytes rows = {NULL, 0};
    dyn_buffer_begin(&m->rows, m->call, 256);
    DYN_TRY(add_rows(m, &is_last));
    DYN_TRY(dyn_buffer_end(&m->rows, &rows));
    dyn_buffer_begin(&page, m->call,
                     rows.size_bytes + m->position.size_bytes + 16);
    dyn_buffer_add_byte(&page, is_last);
    add_text(&page, m->position);
    dyn_buffer_add_bytes(&page, rows);
    return dyn_buffer_end(&page, out);
}

/* Find the index of the request among those that there are. */
static dyn_status find_index(dyn_call *call, dax_reader *reader)
{
    const plan_table *known = &reader->dax->known;
    if (reader->request.index < 0) return DYN_OK;
    int number = dyn_index_find(known->indexes, known->index_count,
                                reader->tree, reader->shape);
    if (number < 0)
        return dyn_fail(call, DYN_INVALID, "the index that is read is gone");
    reader->request.index = number;
    return DYN_OK;
}

dyn_status dax_read_page(dyn_call *call, dax_reader *reader, dyn_table *table,
                         dax_page *page)
{
    dyn_bytes key = {NULL, 0};
    dyn_bytes bytes = {NULL, 0};
    bool is_strong = reader->request.is_strong;
    page_maker m = {.call = call, .reader = reader, .table = table};
    DYN_TRY(find_index(call, reader));
    note_miss(reader, DYN_CACHE_QUERIES, is_strong);
    DYN_TRY(page_key(call, reader, &key));
    DYN_TRY(make_page(&m, &bytes));
    if (is_kept(reader, is_strong)) {
        dyn_dax_add(reader->dax->dax, DYN_CACHE_QUERIES, key, bytes,
                    dyn_read_halves(m.evaluated_bytes, false));
    }
    open_page(reader, bytes, page);
    return DYN_OK;
}

/* The table may be gone when a transaction has been rolled back meanwhile. */
void dax_reader_finish(dax_reader *reader)
{
    if (!reader->is_query) return;
    reader->is_query = false;
    dyn_table *table = dax_open_table(reader->session, reader->dax);
    if (table != NULL && dyn_table_load_number(table) == reader->load)
        dyn_query_finish(table, &reader->query);
}
