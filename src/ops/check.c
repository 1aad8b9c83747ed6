/* The check of a table; the contract is in check.h. */
#include "ops/check.h"

#include "item/codec.h"
#include "item/key.h"

#include <inttypes.h>
#include <stdio.h>

enum { PROBLEMS_MAX = 100, ROWS = 256, BYTES = 1024 * 1024 };

/* What the walk over the items has counted for a partition. */
typedef struct tally {
    int64_t items;
    int64_t bytes;
    int64_t left_items;
    int64_t left_bytes;
} tally;

typedef struct checker {
    dyn_call *call;
    dyn_table *table;
    dyn_buffer report;
    int problems;
    tally *tallies; /* of each partition */
    int64_t items;  /* rows that the walk came across */
    int64_t large;
} checker;

static void add_problem(checker *c, const char *text)
{
    if (c->problems++ >= PROBLEMS_MAX) return;
    if (c->report.size_bytes > 0) dyn_buffer_add_byte(&c->report, '\n');
    dyn_buffer_add_text(&c->report, text);
}

static void add_item_problem(checker *c, dyn_bytes key, const char *problem)
{
    enum { KEY_BYTES_SHOWN = 40 };
    char text[256];
    size_t used = 0;
    used += (size_t)snprintf(text, sizeof(text), "item x'");
    for (size_t i = 0; i < key.size_bytes && i < KEY_BYTES_SHOWN; i++) {
        used += (size_t)snprintf(text + used, sizeof(text) - used, "%02X",
                                 key.data[i]);
    }
    snprintf(text + used, sizeof(text) - used, "%s': %s",
             key.size_bytes > KEY_BYTES_SHOWN ? "..." : "", problem);
    add_problem(c, text);
}

static void count_item(checker *c, dyn_bytes key, size_t size_bytes)
{
    uint64_t hash = dyn_key_hash(key);
    size_t number = dyn_partitions_find(&c->table->map, hash);
    const dyn_partition_row *row = &c->table->map.all[number].stored;
    tally *t = &c->tallies[number];
    t->items++;
    t->bytes += (int64_t)size_bytes;
    if (row->is_walked && hash < row->walked) {
        t->left_items++;
        t->left_bytes += (int64_t)size_bytes;
    }
}

static dyn_status check_item(checker *c, dyn_call *call, const dyn_row *row)
{
    dyn_view view;
    dyn_map item = {NULL, 0};
    dyn_bytes key = {NULL, 0};
    size_t size_bytes = 0;
    c->items++;
    if (row->large_id != 0) c->large++;
    dyn_status status = dyn_view_open(call, row->key, row->item, &view);
    if (status == DYN_OK) status = dyn_view_decode(call, &view, &item);
    if (status == DYN_NOMEM) return status;
    if (status != DYN_OK) {
        add_item_problem(c, row->key, "its bytes are damaged");
        return DYN_OK;
    }
    count_item(c, row->key, view.size_bytes);
    status = dyn_table_key(call, c->table, &item, &key);
    if (status == DYN_NOMEM) return status;
    if (status != DYN_OK || !dyn_bytes_equal(key, row->key)) {
        add_item_problem(c, row->key, "it is stored under another key");
    }
    status = dyn_item_check(call, &item, &size_bytes);
    if (status == DYN_NOMEM) return status;
    if (status != DYN_OK || size_bytes != view.size_bytes) {
        add_item_problem(c, row->key, "its size is not what is stored");
    }
    return DYN_OK;
}

/* Each page has memory of its own, so that a check of a large table does not
 * grow. */
static dyn_status check_page(checker *c, dyn_call *call, dyn_buffer *position,
                             bool *is_end)
{
    dyn_bytes low = {position->data, position->size_bytes};
    static const unsigned char last[] = {0xff, 0xff, 0xff, 0xff, 0xff,
                                         0xff, 0xff, 0xff, 0xff};
    const dyn_row *rows = NULL;
    size_t count = 0;
    DYN_TRY(dyn_store_range(call, c->table->store, low,
                            (dyn_bytes){last, sizeof(last)}, false, ROWS, BYTES,
                            &rows, &count, is_end));
    for (size_t i = 0; i < count; i++)
        DYN_TRY(check_item(c, call, &rows[i]));
    if (count > 0) {
        position->size_bytes = 0;
        dyn_buffer_add_bytes(position, rows[count - 1].key);
        dyn_buffer_add_byte(position, 0);
    }
    return position->failed ? DYN_NOMEM : DYN_OK;
}

static dyn_status check_items(checker *c)
{
    dyn_buffer position;
    dyn_buffer_begin(&position, c->call, DYN_KEY_BYTES_MAX);
    bool is_end = false;
    dyn_status status = DYN_OK;
    while (!is_end && status == DYN_OK) {
        dyn_call page;
        dyn_call_begin(&page);
        status = check_page(c, &page, &position, &is_end);
        if (status == DYN_CORRUPT) {
            add_problem(c, page.error.message);
            is_end = true;
            status = DYN_OK;
        } else if (status != DYN_OK) {
            c->call->error.sqlite_code = page.error.sqlite_code;
            dyn_fail(c->call, status, "%s", page.error.message);
        }
        dyn_call_end(&page);
    }
    return status;
}

static void check_counter(checker *c, size_t number, const char *what,
                          int64_t stored, int64_t counted)
{
    if (stored == counted) return;
    char text[160];
    snprintf(text, sizeof(text),
             "partition %zu: %s is %" PRId64 ", and should be %" PRId64,
             number + 1, what, stored, counted);
    add_problem(c, text);
}

static void check_counters(checker *c)
{
    for (size_t i = 0; i < c->table->map.count; i++) {
        const dyn_partition *partition = &c->table->map.all[i];
        const dyn_partition_row *stored = &partition->stored;
        const dyn_partition_row *pending = &partition->pending;
        const tally *t = &c->tallies[i];
        check_counter(c, i, "items", stored->items + pending->items, t->items);
        check_counter(c, i, "bytes", stored->bytes + pending->bytes, t->bytes);
        if (!stored->is_walked) continue;
        check_counter(c, i, "left_items",
                      stored->left_items + pending->left_items, t->left_items);
        check_counter(c, i, "left_bytes",
                      stored->left_bytes + pending->left_bytes, t->left_bytes);
    }
}

static void check_rows(checker *c, const char *table, int64_t stored,
                       int64_t counted)
{
    if (stored == counted) return;
    char text[160];
    snprintf(text, sizeof(text),
             "%s has %" PRId64 " rows, and should have %" PRId64, table, stored,
             counted);
    add_problem(c, text);
}

/* Rows that no key leads to. */
static dyn_status check_lost_rows(checker *c)
{
    int64_t items = 0;
    int64_t large = 0;
    DYN_TRY(dyn_store_count_rows(c->call, c->table->store, &items, &large));
    check_rows(c, "_items", items, c->items);
    check_rows(c, "_large", large, c->large);
    return DYN_OK;
}

static dyn_status check_all(checker *c)
{
    /* what is in memory does not vouch for what is stored */
    if (!c->table->map.has_pending) c->table->is_fresh = false;
    DYN_TRY(dyn_table_refresh(c->call, c->table));
    c->tallies =
        dyn_alloc_zero(c->call, c->table->map.count, sizeof(*c->tallies));
    if (c->tallies == NULL) return DYN_NOMEM;
    DYN_TRY(check_items(c));
    check_counters(c);
    return check_lost_rows(c);
}

dyn_status dyn_check_table(dyn_call *call, dyn_table *table, dyn_bytes *report)
{
    checker c = {.call = call, .table = table};
    dyn_buffer_begin(&c.report, call, 256);
    dyn_status status = check_all(&c);
    if (status == DYN_CORRUPT) {
        add_problem(&c, call->error.message);
        status = DYN_OK;
    }
    if (status != DYN_OK) return status;
    if (c.problems == 0) dyn_buffer_add_text(&c.report, "ok");
    return dyn_buffer_end(&c.report, report);
}
