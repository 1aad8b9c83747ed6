/* Query and Scan, page by page; the contract is in query.h. */
#include "ops/query.h"

#include "base/clock.h"
#include "engine/expiry.h"
#include "engine/index.h"
#include "engine/row.h"
#include "engine/rows.h"

enum {
    PAGE_ROWS_FIRST = 16,
    PAGE_ROWS_MAX = 256,
    PAGE_GROWTH = 4,
    PAGE_MEMORY_BYTES = 256 * 1024, /* beyond it a page ends early */
};

/* ---------------------------------------------------------------- where -- */

/* Bounds longer than any key are cut behind the longest one: the order of a
 * key and the bound is decided before that. */
static void set_bound(unsigned char *bound, size_t *bound_bytes,
                      dyn_bytes bytes)
{
    *bound_bytes = bytes.size_bytes < DYN_INDEX_KEY_BYTES_MAX + 1
                       ? bytes.size_bytes
                       : DYN_INDEX_KEY_BYTES_MAX + 1;
    if (*bound_bytes > 0) memcpy(bound, bytes.data, *bound_bytes);
}

/* Where the rows are. */
static dyn_status begin_index(dyn_call *call, const dyn_table *table,
                              const dyn_query_request *request, dyn_query *out)
{
    const dyn_index *index =
        &dyn_table_definition(table)->indexes[request->index];
    const dyn_index_state *state =
        dyn_table_index(table, (size_t)request->index);
    if (state->is_filling) {
        return dyn_fail(call, DYN_INVALID,
                        "index %s is being filled; dynamo_maintain() goes on "
                        "with that",
                        (const char *)index->name.data);
    }
    if (request->is_strong && !index->is_local) {
        return dyn_fail(call, DYN_INVALID,
                        "Consistent reads are not supported on global "
                        "secondary indexes");
    }
    out->tree = state->tree;
    out->shape = state->shape;
    return DYN_OK;
}

/* The next page begins behind the last row of this one. */
static void move_on(dyn_query *query, dyn_bytes last)
{
    if (query->down) {
        set_bound(query->high, &query->high_bytes, last);
        return;
    }
    set_bound(query->low, &query->low_bytes, last);
    query->low[query->low_bytes++] = 0;
}

/* The number of the index that is read: the definition may be another one than
 * when the query began. -1 when there is no such index any more, and for the
 * table itself. */
static int index_number(const dyn_table *table, const dyn_query *query)
{
    size_t count = dyn_table_definition(table)->index_count;
    return count == 0 ? -1
                      : dyn_index_find(dyn_table_index(table, 0), count,
                                       query->tree, query->shape);
}

static const dyn_index *query_index(const dyn_table *table,
                                    const dyn_query *query)
{
    int number = index_number(table, query);
    return number < 0 ? NULL : &dyn_table_definition(table)->indexes[number];
}

/* -------------------------------------------------------------- charging -- */

/* A bound may be shorter than a hash. */
static uint64_t hash_of(dyn_bytes key)
{
    return key.size_bytes < DYN_KEY_HASH_BYTES ? 0 : dyn_key_hash(key);
}

/* What is evaluated from here on lies in the partition of a hash. */
static void enter_partition(const dyn_table *table, dyn_query *query,
                            uint64_t hash)
{
    int number = index_number(table, query);
    const dyn_index *index = query_index(table, query);
    const dyn_partitions *map =
        index == NULL || index->is_local
            ? dyn_table_map(table)
            : &dyn_table_index(table, (size_t)number)->map;
    size_t partition = dyn_partitions_find(map, hash);
    query->low_hash = map->all[partition].stored.low;
    query->last_hash = dyn_partitions_last(map, partition);
}

static dyn_bytes partition_key(const dyn_query *query)
{
    return (dyn_bytes){query->low, query->key_bytes};
}

/* Find out whether the range is within one partition key: it ends where that
 * key does, or before. */
static dyn_status find_partition_key(dyn_call *call, const dyn_table *table,
                                     dyn_query *query)
{
    dyn_bytes after = {NULL, 0};
    dyn_bytes low = {query->low, query->low_bytes};
    dyn_bytes high = {query->high, query->high_bytes};
    const dyn_definition *definition = dyn_table_definition(table);
    const dyn_index *index = query_index(table, query);
    query->key_bytes = 0;
    if (dyn_definition_hot_keys(definition) == DYN_HOT_KEYS_OFF) return DYN_OK;
    const dyn_key_schema *schema =
        index == NULL ? &definition->key : &index->key;
    dyn_bytes key = dyn_key_partition(low, schema->partition_count);
    DYN_TRY(dyn_key_after(call, key, &after));
    if (dyn_bytes_compare(high, after) <= 0) query->key_bytes = key.size_bytes;
    return DYN_OK;
}

/* Begin one of DynamoDB's pages of 1 MB. */
static dyn_status begin_page(dyn_call *call, dyn_table *table, dyn_query *query,
                             uint64_t hash)
{
    dyn_bill bill;
    query->page_bytes = 0;
    query->page_halves = dyn_read_halves(0, query->is_strong);
    dyn_bill_begin(&bill, query->use);
    dyn_bill_add_page(&bill, table, index_number(table, query), hash,
                      partition_key(query), query->page_halves);
    DYN_TRY(dyn_bill_admit(call, table, &bill));
    dyn_bill_settle(table, &bill);
    query->has_page = true;
    enter_partition(table, query, hash);
    return DYN_OK;
}

/* Charge the partition for what has been evaluated in it. */
static void settle_page(dyn_table *table, dyn_query *query)
{
    dyn_bill bill;
    int64_t halves = dyn_read_halves(query->page_bytes, query->is_strong);
    if (halves == query->page_halves) return;
    dyn_bill_begin(&bill, query->use);
    dyn_bill_add_page(&bill, table, index_number(table, query), query->low_hash,
                      partition_key(query), halves - query->page_halves);
    dyn_bill_settle(table, &bill);
    query->page_halves = halves;
}

static dyn_status charge_row(dyn_call *call, dyn_table *table, dyn_query *query,
                             uint64_t hash, size_t size_bytes)
{
    if (!query->has_page) {
        DYN_TRY(begin_page(call, table, query, hash));
    } else if (hash < query->low_hash || hash > query->last_hash) {
        settle_page(table, query);
        enter_partition(table, query, hash);
    }
    query->page_bytes += size_bytes;
    if (query->page_bytes >= DYN_PAGE_BYTES_MAX) {
        settle_page(table, query);
        query->has_page = false;
    }
    return DYN_OK;
}

void dyn_query_finish(dyn_table *table, dyn_query *query)
{
    if (query->has_page) settle_page(table, query);
    query->has_page = false;
    dyn_query_drop(query);
}

void dyn_query_drop(dyn_query *query)
{
    dyn_source_end(&query->source);
}

/* --------------------------------------------------------------- reading -- */

/* What a live query asks of each row must be there. */
static dyn_status check_live(dyn_call *call, const dyn_table *table,
                             const dyn_query *query)
{
    dyn_bytes ttl = dyn_table_definition(table)->ttl;
    if (!query->is_live || ttl.size_bytes == 0 ||
        dyn_query_holds(table, query, ttl)) {
        return DYN_OK;
    }
    return dyn_fail(call, DYN_INVALID,
                    "mode live needs \"%.*s\", the attribute of time to live, "
                    "which index %s does not project: read the table, or an "
                    "index that does",
                    (int)ttl.size_bytes, (const char *)ttl.data,
                    (const char *)query_index(table, query)->name.data);
}

dyn_status dyn_query_begin(dyn_call *call, dyn_table *table,
                           const dyn_query_request *request, dyn_query *out)
{
    out->tree = DYN_TREE_ITEMS;
    if (request->index >= 0) DYN_TRY(begin_index(call, table, request, out));
    set_bound(out->low, &out->low_bytes, request->low);
    set_bound(out->high, &out->high_bytes, request->high);
    out->index = request->index;
    out->use = request->is_scan ? DYN_USE_SCAN : DYN_USE_QUERY;
    out->down = request->down;
    out->is_strong = request->is_strong;
    out->is_live = request->is_live;
    if (out->is_live) out->begin_ms = dyn_clock_now_ms();
    out->is_fetching = request->is_fetching;
    DYN_TRY(check_live(call, table, out));
    size_t rows = request->rows_wanted;
    out->page_rows =
        rows > 0 && rows < PAGE_ROWS_FIRST ? rows : PAGE_ROWS_FIRST;
    out->is_end = dyn_bytes_compare(request->low, request->high) >= 0;
    DYN_TRY(find_partition_key(call, table, out));
    DYN_TRY(dyn_source_begin(call, &out->source, table, request->index,
                             request->is_strong));
    return begin_page(call, table, out, hash_of(request->low));
}

/* The item behind an entry. */
static dyn_status get_item(dyn_call *call, dyn_table *table, dyn_query *query,
                           dyn_bytes key, dyn_view *out)
{
    dyn_row row;
    bool found = false;
    DYN_TRY(dyn_source_get(call, &query->source, key, &found, &row));
    if (!found) {
        return dyn_fail(call, DYN_CORRUPT,
                        "shadow tables are damaged: an index has an entry "
                        "without an item");
    }
    return dyn_row_open(call, dyn_table_layout(table), DYN_TREE_ITEMS, key,
                        row.item, out);
}

/* What a reference stands for. */
static dyn_status follow(dyn_call *call, dyn_table *table, dyn_query *query,
                         dyn_bytes key, dyn_view *out)
{
    const dyn_index *index = query_index(table, query);
    dyn_view item;
    dyn_map map = {NULL, 0};
    dyn_entry entry;
    dyn_bytes stored = {NULL, 0};
    DYN_TRY(get_item(call, table, query, key, &item));
    if (index->project == DYN_PROJECT_ALL) {
        *out = item;
        return DYN_OK;
    }
    DYN_TRY(dyn_view_decode(call, &item, &map));
    DYN_TRY(dyn_entry_of(call, dyn_table_definition(table), index, &map, key,
                         &entry));
    DYN_TRY(
        dyn_item_encode(call, NULL, &entry.item, entry.size_bytes, &stored));
    return dyn_view_open(call, stored, out);
}

dyn_status dyn_query_fetch(dyn_call *call, dyn_table *table, dyn_query *query,
                           dyn_bytes key, dyn_view *out)
{
    DYN_TRY(get_item(call, table, query, key, out));
    dyn_bill bill;
    const dyn_index *index = query_index(table, query);
    dyn_bill_begin(&bill, query->use);
    dyn_bill_add_read(&bill, table, -1, key,
                      dyn_read_halves(out->size_bytes, query->is_strong));
    if (index != NULL && index->is_local)
        return dyn_bill_add_on(call, table, &bill);
    DYN_TRY(dyn_bill_admit(call, table, &bill));
    dyn_bill_settle(table, &bill);
    return DYN_OK;
}

bool dyn_query_is_whole(const dyn_table *table, const dyn_query *query)
{
    if (query->tree == DYN_TREE_ITEMS || query->is_fetching) return true;
    const dyn_index *index = query_index(table, query);
    return index != NULL && index->project == DYN_PROJECT_ALL;
}

bool dyn_query_holds(const dyn_table *table, const dyn_query *query,
                     dyn_bytes name)
{
    const dyn_index *index = query_index(table, query);
    return dyn_query_is_whole(table, query) ||
           (index != NULL &&
            dyn_index_projects(dyn_table_definition(table), index, name));
}

static dyn_status fail_gone(dyn_call *call)
{
    return dyn_fail(call, DYN_INVALID, "the index that is read is gone");
}

/* An index can be dropped while it is read. */
static bool is_gone(const dyn_table *table, const dyn_query *query)
{
    return query->tree != DYN_TREE_ITEMS && query_index(table, query) == NULL;
}

dyn_status dyn_query_next(dyn_call *call, dyn_table *table, dyn_query *query,
                          dyn_query_page *page)
{
    *page = (dyn_query_page){NULL, 0};
    if (query->is_end) return DYN_OK;
    if (is_gone(table, query)) return fail_gone(call);
    const dyn_range range = {
        .tree = query->tree,
        .low = {query->low, query->low_bytes},
        .high = {query->high, query->high_bytes},
        .down = query->down,
        .rows_max = query->page_rows,
        .bytes_max = PAGE_MEMORY_BYTES,
    };
    dyn_rows rows;
    DYN_TRY(dyn_source_range(call, &query->source, &range, &rows));
    *page = (dyn_query_page){rows.all, rows.count};
    query->is_end = rows.is_end;
    if (!query->is_end) {
        dyn_bytes last = page->rows[page->count - 1].key;
        if (last.size_bytes > DYN_INDEX_KEY_BYTES_MAX) {
            return dyn_fail(call, DYN_CORRUPT,
                            "shadow tables are damaged: a key is too long");
        }
        move_on(query, last);
    }
    if (query->page_rows < PAGE_ROWS_MAX) query->page_rows *= PAGE_GROWTH;
    return DYN_OK;
}

dyn_status dyn_query_key(dyn_call *call, const dyn_table *table,
                         const dyn_query *query, const dyn_row *row,
                         dyn_bytes *key)
{
    *key = row->key;
    if (query->tree == DYN_TREE_ITEMS) return DYN_OK;
    const dyn_index *index = query_index(table, query);
    if (index == NULL) return fail_gone(call);
    return dyn_entry_table_key(call, dyn_table_definition(table), index,
                               row->key, key);
}

/* The item behind an entry, or what a reference stands for. */
static dyn_status look_behind(dyn_call *call, dyn_table *table,
                              dyn_query *query, const dyn_row *row,
                              dyn_view *out)
{
    dyn_bytes key = {NULL, 0};
    DYN_TRY(dyn_query_key(call, table, query, row, &key));
    return query->is_fetching ? dyn_query_fetch(call, table, query, key, out)
                              : follow(call, table, query, key, out);
}

/* The same. An entry of the primary that was deleted since the page was read
 * may have no item any more, which is no damage. */
static dyn_status look_behind_if_there(dyn_call *call, dyn_table *table,
                                       dyn_query *query, const dyn_row *row,
                                       bool *is_there, dyn_view *out)
{
    dyn_row entry;
    dyn_error damage;
    dyn_status status = look_behind(call, table, query, row, out);
    if (status != DYN_CORRUPT || query->source.is_past) return status;
    damage = call->error;
    DYN_TRY(dyn_rows_get(call, dyn_table_store(table), query->tree, row->key,
                         is_there, &entry));
    if (!*is_there) return DYN_OK;
    call->error = damage;
    return DYN_CORRUPT;
}

static dyn_status open_row(dyn_call *call, const dyn_table *table,
                           const dyn_query *query, const dyn_row *row,
                           dyn_view *out)
{
    const dyn_layout *layout = dyn_table_layout(table);
    if (query->tree != DYN_TREE_ITEMS) {
        int number = index_number(table, query);
        if (number < 0) return fail_gone(call);
        layout = dyn_table_index(table, (size_t)number)->layout;
    }
    return dyn_row_open(call, layout, query->tree, row->key, row->item, out);
}

/* Whether a live query shows what it has evaluated. */
static dyn_status find_live(dyn_call *call, const dyn_table *table,
                            const dyn_query *query, const dyn_view *evaluated,
                            bool *out)
{
    dyn_expiry expiry = {false, 0};
    DYN_TRY(dyn_expiry_of_view(call, dyn_table_definition(table), evaluated,
                               &expiry));
    *out = !dyn_expiry_is_over(&expiry, query->begin_ms);
    return DYN_OK;
}

dyn_status dyn_query_evaluate(dyn_call *call, dyn_table *table,
                              dyn_query *query, const dyn_row *row,
                              bool *is_shown, dyn_view *out)
{
    bool is_item = query->tree == DYN_TREE_ITEMS;
    *is_shown = true;
    DYN_TRY(open_row(call, table, query, row, out));
    DYN_TRY(charge_row(call, table, query, hash_of(row->key), out->size_bytes));
    if (!is_item && (query->is_fetching || out->is_reference))
        DYN_TRY(look_behind_if_there(call, table, query, row, is_shown, out));
    return *is_shown && query->is_live
               ? find_live(call, table, query, out, is_shown)
               : DYN_OK;
}
