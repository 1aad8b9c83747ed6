/* What the tests of expressions share: items and substitutes from JSON. */
#ifndef TESTS_EXPRESSIONS_H
#define TESTS_EXPRESSIONS_H

#include "expr/substitutes.h"
#include "fault.h"
#include "item/codec.h"
#include "item/item_json.h"
#include "unit.h"

#include <sqlite3.h>
#include <string.h>

static dyn_call call;

static void setup(void)
{
    ck_assert_int_eq(sqlite3_initialize(), SQLITE_OK);
    dyn_call_begin(&call);
}

static void teardown(void)
{
    dyn_call_end(&call);
    ck_assert_int_eq(sqlite3_memory_used(), 0);
}

/* An item, from JSON of either form. */
static inline dyn_map item_of(const char *json)
{
    dyn_map item;
    ck_assert_msg(dyn_item_from_text(&call, dyn_bytes_text(json), &item) ==
                      DYN_OK,
                  "%s: %s", json, call.error.message);
    return item;
}

/* The same, stored. */
static inline dyn_view view_of(const char *json)
{
    dyn_map item = item_of(json);
    dyn_bytes stored;
    dyn_view view;
    ck_assert_int_eq(
        dyn_item_encode(&call, NULL, &item, dyn_map_size_bytes(&item), &stored),
        DYN_OK);
    ck_assert_int_eq(dyn_view_open(&call, stored, &view), DYN_OK);
    return view;
}

/* JSON of an item: typed where the plain form has none. */
static inline const char *json_of(const dyn_map *item)
{
    dyn_buffer buffer;
    dyn_bytes out;
    dyn_buffer_begin(&buffer, &call, 0);
    dyn_item_to_json(&buffer, item, DYN_JSON_PLAIN);
    ck_assert_int_eq(dyn_buffer_end(&buffer, &out), DYN_OK);
    return (const char *)out.data;
}

/* Names and values, each a JSON object or NULL. */
static inline dyn_substitutes substitutes_of(const char *names,
                                             const char *values)
{
    dyn_substitutes out;
    dyn_map *maps = dyn_alloc_zero(&call, 2, sizeof(*maps));
    if (names != NULL) maps[0] = item_of(names);
    if (values != NULL) maps[1] = item_of(values);
    ck_assert_msg(dyn_substitutes_begin(&call, names == NULL ? NULL : &maps[0],
                                        values == NULL ? NULL : &maps[1],
                                        &out) == DYN_OK,
                  "%s", call.error.message);
    return out;
}

typedef dyn_status starved(dyn_call *used);

/* Run something with less memory than it needs: with a call that has room for
 * so many bytes, of all numbers, and then a block less than are needed. It ends
 * with DYN_NOMEM, until it has enough and ends as expected. */
static inline void run_starved(starved *run, dyn_status expected)
{
    int hits = 0;
    for (size_t room = 0; room <= DYN_CALL_FIRST_BYTES; room += 8) {
        int countdown = 0;
        for (bool done = false; !done; countdown++) {
            dyn_call used;
            dyn_call_begin(&used);
            used.free_bytes = room;
            fault_set(countdown);
            dyn_status status = run(&used);
            fault_set_off();
            done = !fault_hit();
            hits += !done;
            ck_assert_int_eq(status, done ? expected : DYN_NOMEM);
            dyn_call_end(&used);
        }
    }
    ck_assert_int_gt(hits, 0);
}

#endif
