/* The report and the tallies of a check; the contract is in checker.h. */
#include "ops/checker.h"

#include "item/key.h"

#include <inttypes.h>
#include <stdio.h>

void dyn_check_add(dyn_checker *c, const char *text)
{
    if (c->problems++ >= DYN_CHECK_PROBLEMS_MAX) return;
    if (c->report.size_bytes > 0) dyn_buffer_add_byte(&c->report, '\n');
    dyn_buffer_add_text(&c->report, text);
}

void dyn_check_add_key(dyn_checker *c, const char *what, dyn_bytes key,
                       const char *problem)
{
    enum { KEY_BYTES_SHOWN = 40 };
    char hex[2 * KEY_BYTES_SHOWN + 1] = "";
    for (size_t i = 0; i < key.size_bytes && i < KEY_BYTES_SHOWN; i++)
        snprintf(hex + 2 * i, 3, "%02X", key.data[i]);
    char text[512];
    snprintf(text, sizeof(text), "%s x'%s%s': %s", what, hex,
             key.size_bytes > KEY_BYTES_SHOWN ? "..." : "", problem);
    dyn_check_add(c, text);
}

void dyn_check_count(const dyn_partitions *map, dyn_tally *tallies,
                     dyn_bytes key, size_t size_bytes)
{
    uint64_t hash = dyn_key_hash(key);
    size_t number = dyn_partitions_find(map, hash);
    const dyn_partition_row *row = &map->all[number].stored;
    dyn_tally *t = &tallies[number];
    t->items++;
    t->bytes += (int64_t)size_bytes;
    if (row->is_walked && hash < row->walked) {
        t->left_items++;
        t->left_bytes += (int64_t)size_bytes;
    }
}

static void check_counter(dyn_checker *c, const char *of, size_t number,
                          const char *what, int64_t stored, int64_t counted)
{
    if (stored == counted) return;
    char text[512];
    snprintf(text, sizeof(text),
             "%spartition %zu: %s is %" PRId64 ", and should be %" PRId64, of,
             number + 1, what, stored, counted);
    dyn_check_add(c, text);
}

void dyn_check_counters(dyn_checker *c, const char *of,
                        const dyn_partitions *map, const dyn_tally *tallies)
{
    for (size_t i = 0; i < map->count; i++) {
        const dyn_partition_row *stored = &map->all[i].stored;
        const dyn_partition_row *pending = &map->all[i].pending;
        const dyn_tally *t = &tallies[i];
        check_counter(c, of, i, "items", stored->items + pending->items,
                      t->items);
        check_counter(c, of, i, "bytes", stored->bytes + pending->bytes,
                      t->bytes);
        if (!stored->is_walked) continue;
        check_counter(c, of, i, "left_items",
                      stored->left_items + pending->left_items, t->left_items);
        check_counter(c, of, i, "left_bytes",
                      stored->left_bytes + pending->left_bytes, t->left_bytes);
    }
}

dyn_status dyn_check_pages(dyn_checker *c, dyn_check_page *page, void *position)
{
    bool is_end = false;
    dyn_status status = DYN_OK;
    while (!is_end && status == DYN_OK) {
        dyn_call call;
        dyn_call_begin(&call);
        status = page(c, &call, position, &is_end);
        if (status == DYN_CORRUPT) {
            dyn_check_add(c, call.error.message);
            is_end = true;
            status = DYN_OK;
        } else if (status != DYN_OK) {
            c->call->error.sqlite_code = call.error.sqlite_code;
            dyn_fail(c->call, status, "%s", call.error.message);
        }
        dyn_call_end(&call);
    }
    return status;
}
