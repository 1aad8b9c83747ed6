/* The partition map: how many partitions a table begins with, that counters
 * are those of what was added, and that splits lose nothing. */
#include "engine/partitions.h"
#include "engine/rows.h"
#include "fault.h"
#include "item/codec.h"
#include "item/key.h"
#include "unit.h"

#include <sqlite3.h>
#include <string.h>

static dyn_call call;
static sqlite3 *db;
static dyn_store *store;
static dyn_partitions map;
static uint64_t state;

static void setup(void)
{
    state = 1;
    dyn_call_begin(&call);
    ck_assert_int_eq(sqlite3_open(":memory:", &db), SQLITE_OK);
    ck_assert_int_eq(dyn_store_open(&call, db, "main", "t", &store), DYN_OK);
    ck_assert_int_eq(dyn_store_create(&call, store), DYN_OK);
    map = (dyn_partitions){.tree = 0};
}

static void teardown(void)
{
    dyn_partitions_free(&map);
    dyn_store_close(store);
    dyn_call_end(&call);
    ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_memory_used(), 0);
}

static void create(size_t count)
{
    ck_assert_int_eq(dyn_partitions_create(&call, store, 0, count), DYN_OK);
    ck_assert_int_eq(dyn_partitions_load(&call, store, &map), DYN_OK);
}

/* With a step of a split that takes so many rows. */
static void flush_by(int64_t partition_bytes, size_t rows)
{
    bool has_split = false;
    int64_t steps = 0;
    ck_assert_int_eq(dyn_partitions_flush(&call, store, &map), DYN_OK);
    ck_assert_int_eq(dyn_partitions_split(&call, store, &map, partition_bytes,
                                          rows, &steps, &has_split),
                     DYN_OK);
}

static void flush(int64_t partition_bytes)
{
    flush_by(partition_bytes, 256);
}

/* docs/semantics.md 6; without units: on demand. */
static const struct {
    int64_t read_units;
    int64_t write_units;
    size_t partitions;
} initial[] = {
    {0, 0, 4},      {1, 1, 1},       {2997, 1, 1},       {2998, 1, 2},
    {3000, 1, 2},   {3, 999, 1},     {4, 999, 2},        {1500, 500, 1},
    {1501, 500, 2}, {3000, 1000, 2}, {6000, 1000, 3},    {1, 10000, 11},
    {40000, 1, 14}, {1, 40000, 41},  {40000, 40000, 54},
};

START_TEST(a_table_begins_with_enough_partitions)
{
    bool is_on_demand = initial[_i].read_units == 0;
    dyn_definition definition = {
        .billing = is_on_demand ? DYN_ON_DEMAND : DYN_PROVISIONED,
        .throughput.read_units = initial[_i].read_units,
        .throughput.write_units = initial[_i].write_units,
    };
    ck_assert_uint_eq(dyn_partitions_initial(&definition),
                      initial[_i].partitions);
}
END_TEST

static const size_t counts[] = {1, 2, 3, 4, 5, 7, 14, 54};

START_TEST(partitions_share_out_the_hashes_evenly)
{
    size_t count = counts[_i];
    create(count);
    ck_assert_uint_eq(map.count, count);
    ck_assert_uint_eq(dyn_partitions_last(&map, count - 1), UINT64_MAX);
    for (size_t i = 0; i < count; i++) {
        uint64_t low = map.all[i].stored.low;
        uint64_t last = dyn_partitions_last(&map, i);
        double share = ((double)last - (double)low) / 18446744073709551616.0;
        ck_assert_double_eq_tol(share, 1.0 / (double)count, 1e-6);
        ck_assert_uint_eq(dyn_partitions_find(&map, low), i);
        ck_assert_uint_eq(dyn_partitions_find(&map, last), i);
    }
    ck_assert_uint_eq(dyn_partitions_find(&map, 0), 0);
}
END_TEST

static uint64_t random_hash(void)
{
    return (uint64_t)unit_random(&state, UINT32_MAX) << 33 ^
           unit_random(&state, UINT32_MAX);
}

START_TEST(counters_are_the_sum_of_what_was_added)
{
    enum { PARTITIONS = 7 };
    int64_t items[PARTITIONS] = {0};
    int64_t bytes[PARTITIONS] = {0};
    create(PARTITIONS);
    for (int round = 0; round < 5000; round++) {
        uint64_t hash = random_hash();
        int64_t size = unit_random(&state, 1000);
        size_t number = dyn_partitions_find(&map, hash);
        if (round % 100 == 42) {
            dyn_partitions_add(&map, hash, 1, size);
            dyn_partitions_discard(&map);
        }
        dyn_partitions_add(&map, hash, 1, size);
        items[number]++;
        bytes[number] += size;
        if (round % 100 == 41) flush(INT64_MAX);
    }
    flush(INT64_MAX);
    ck_assert(!map.has_pending);
    for (int again = 0; again < 2; again++) {
        for (size_t i = 0; i < PARTITIONS; i++) {
            ck_assert_int_eq(map.all[i].stored.items, items[i]);
            ck_assert_int_eq(map.all[i].stored.bytes, bytes[i]);
        }
        ck_assert_int_eq(dyn_partitions_load(&call, store, &map), DYN_OK);
    }
}
END_TEST

START_TEST(what_is_discarded_was_never_counted)
{
    create(4);
    dyn_partitions_add(&map, 0, 1, 100);
    dyn_partitions_discard(&map);
    ck_assert(!map.has_pending);
    flush(INT64_MAX);
    ck_assert_int_eq(map.all[0].stored.items, 0);
    ck_assert_int_eq(map.all[0].stored.bytes, 0);
}
END_TEST

static void charge(int64_t minute, dyn_use use, int64_t units)
{
    dyn_minute charged = {.name = dyn_bytes_text(""), .minute = minute};
    bool has_moved = false;
    charged.uses.units[use] = units;
    charged.uses.throttled[use] = 1;
    ck_assert_int_eq(
        dyn_partitions_charge(&call, store, &map, 0, &charged, &has_moved),
        DYN_OK);
}

START_TEST(what_was_charged_moves_on_when_a_later_minute_comes)
{
    dyn_usage_row *usage = NULL;
    dyn_load_row *loads = NULL;
    size_t count = 0;
    create(4);
    charge(10, DYN_USE_QUERY, 3);
    charge(10, DYN_USE_PUT_ITEM, 4);
    flush(INT64_MAX);
    charge(10, DYN_USE_QUERY, 5);
    charge(11, DYN_USE_SCAN, 6); /* 10 moves */
    charge(9, DYN_USE_SCAN, 7);  /* goes behind it */
    flush(INT64_MAX);
    ck_assert_int_eq(dyn_partitions_load(&call, store, &map), DYN_OK);
    const dyn_partition_row *row = &map.all[0].stored;
    ck_assert_int_eq(row->minute, 11);
    ck_assert_int_eq(row->uses.units[DYN_USE_SCAN], 6);
    ck_assert_int_eq(row->uses.units[DYN_USE_QUERY], 0);
    ck_assert_int_eq(
        dyn_catalogue_usage(&call, store, INT64_MIN, &usage, &count), DYN_OK);
    ck_assert_uint_eq(count, 3);
    ck_assert_int_eq(usage[0].read_halves, 7);
    ck_assert_int_eq(usage[1].read_halves, 8);
    ck_assert_int_eq(usage[1].throttled, 2);
    ck_assert_int_eq(usage[2].write_units, 4);
    ck_assert_int_eq(dyn_catalogue_loads(&call, store, 10, &loads, &count),
                     DYN_OK);
    ck_assert_uint_eq(count, 1);
    ck_assert_int_eq(loads->partition, row->partition);
    ck_assert_int_eq(loads->read_halves, 8);
    ck_assert_int_eq(loads->write_units, 4);
    ck_assert_int_eq(loads->throttled, 3);
}
END_TEST

/* --------------------------------------------------------------- splits -- */

static void put(int64_t number, size_t value_bytes)
{
    static unsigned char bytes[4000];
    dyn_attribute attributes[] = {
        {dyn_bytes_text("id"), {.type = DYN_TYPE_N}},
        {dyn_bytes_text("v"),
         {.type = DYN_TYPE_B, .bytes = {bytes, value_bytes}}},
    };
    dyn_map item = {attributes, 2};
    dyn_buffer buffer;
    dyn_bytes key;
    dyn_bytes stored;
    dyn_number_from_int64(number, &attributes[0].value.number);
    size_t size = dyn_map_size_bytes(&item);
    dyn_key_begin(&buffer, &call);
    dyn_key_add_partition(&buffer, &attributes[0].value);
    dyn_key_set_hash(&buffer);
    ck_assert_int_eq(dyn_buffer_end(&buffer, &key), DYN_OK);
    ck_assert_int_eq(dyn_item_encode(&call, NULL, &item, size, &stored),
                     DYN_OK);
    ck_assert_int_eq(dyn_rows_insert(&call, store, DYN_TREE_ITEMS, key, stored),
                     DYN_OK);
    dyn_partitions_add(&map, dyn_key_hash(key), 1, (int64_t)size);
}

enum { ROWS_MAX = 10000, BYTES_MAX = 10000000 };

/* Compare the counters of each partition with the rows in it. */
static void assert_counted(void)
{
    for (size_t i = 0; i < map.count; i++) {
        unsigned char low[DYN_KEY_HASH_BYTES];
        unsigned char high[DYN_KEY_HASH_BYTES + 1];
        dyn_rows rows;
        int64_t bytes = 0;
        memset(high, 0xff, sizeof(high));
        dyn_key_write_hash(map.all[i].stored.low, low);
        dyn_key_write_hash(dyn_partitions_last(&map, i), high);
        const dyn_range range = {.tree = DYN_TREE_ITEMS,
                                 .low = {low, sizeof(low)},
                                 .high = {high, sizeof(high)},
                                 .rows_max = ROWS_MAX,
                                 .bytes_max = BYTES_MAX};
        ck_assert_int_eq(dyn_rows_range(&call, store, &range, &rows), DYN_OK);
        for (size_t k = 0; k < rows.count; k++) {
            dyn_view view;
            ck_assert_int_eq(dyn_view_open(&call, rows.all[k].item, &view),
                             DYN_OK);
            bytes += (int64_t)view.size_bytes;
        }
        ck_assert_int_eq(map.all[i].stored.items, (int64_t)rows.count);
        ck_assert_int_eq(map.all[i].stored.bytes, bytes);
    }
}

START_TEST(a_partition_that_is_full_is_split_until_none_is)
{
    enum { ITEMS = 3000, PARTITION_BYTES = 20000 };
    create(1);
    for (int i = 0; i < ITEMS; i++) {
        put(i, unit_random(&state, 200));
        if (i % 10 == 9) {
            flush(PARTITION_BYTES);
            dyn_call_end(&call);
            dyn_call_begin(&call);
        }
        if (i % 500 == 499) assert_counted();
    }
    for (int i = 0; i < 100; i++)
        flush(PARTITION_BYTES);
    assert_counted();
    for (size_t i = 0; i < map.count; i++) {
        const dyn_partition_row *row = &map.all[i].stored;
        ck_assert(!dyn_partitions_is_full(&map.all[i], PARTITION_BYTES));
        ck_assert_int_le(row->bytes, PARTITION_BYTES);
        ck_assert_int_eq(row->reason,
                         i == 0 ? DYN_PARTITION_CREATED : DYN_PARTITION_SIZE);
        ck_assert_int_eq(row->parent != 0, i != 0);
        ck_assert_int_lt(row->parent, row->partition);
    }
    ck_assert_uint_gt(map.count, ITEMS * 100 / PARTITION_BYTES);
    ck_assert_uint_lt(map.count, 4 * ITEMS * 100 / PARTITION_BYTES);
}
END_TEST

START_TEST(a_split_in_many_steps_counts_what_comes_meanwhile)
{
    enum { ITEMS = 3000, PARTITION_BYTES = 20000 };
    create(1);
    for (int i = 0; i < ITEMS; i++) {
        put(i, unit_random(&state, 200));
        flush_by(PARTITION_BYTES, 20);
        if (i % 100 != 99) continue;
        assert_counted();
        dyn_call_end(&call);
        dyn_call_begin(&call);
    }
    ck_assert_uint_gt(map.count, 10);
}
END_TEST

/* It stands at a hash whose items are still to come. */
START_TEST(what_comes_behind_a_walk_is_left_for_it_to_count)
{
    create(1);
    map.all[0].stored.is_walked = true;
    map.all[0].stored.walked = 100;
    dyn_partitions_add(&map, 99, 1, 10);
    dyn_partitions_add(&map, 100, 1, 20);
    dyn_partitions_add(&map, 101, 1, 40);
    ck_assert_int_eq(map.all[0].pending.items, 3);
    ck_assert_int_eq(map.all[0].pending.left_items, 1);
    ck_assert_int_eq(map.all[0].pending.left_bytes, 10);
}
END_TEST

START_TEST(a_partition_holds_what_it_may)
{
    create(1);
    dyn_partitions_add(&map, 0, 1, 100);
    ck_assert(!dyn_partitions_is_full(&map.all[0], 100));
    ck_assert(dyn_partitions_is_full(&map.all[0], 99));
}
END_TEST

START_TEST(one_key_that_holds_more_than_half_is_not_split)
{
    create(1);
    put(1, 4000);
    for (int i = 0; i < 10; i++)
        flush(1000);
    ck_assert_uint_eq(map.count, 1);
    ck_assert(!dyn_partitions_is_full(&map.all[0], 1000));
    assert_counted();
}
END_TEST

/* -------------------------------------------------------------- refused -- */

static const char *const damages[] = {
    "DELETE FROM t_partitions",
    "DELETE FROM t_partitions WHERE partition = 1",
    "UPDATE t_partitions SET items = -1 WHERE partition = 2",
    "UPDATE t_partitions SET bytes = -1 WHERE partition = 2",
    "UPDATE t_partitions SET parent = 1 WHERE partition = 2",
    "UPDATE t_partitions SET reason = 2 WHERE partition = 2",
    "UPDATE t_partitions SET since_ms = 1 << 51 WHERE partition = 2",
    "UPDATE t_partitions SET left_items = 1 WHERE partition = 2",
    "UPDATE t_partitions SET left_bytes = 1 WHERE partition = 2",
    "UPDATE t_partitions SET walked = zeroblob(8) WHERE partition = 2",
    "UPDATE t_partitions SET walked = x'ffffffffffffffff' WHERE partition = 2",
};

START_TEST(a_map_that_is_none_is_refused)
{
    create(4);
    ck_assert_int_eq(sqlite3_exec(db, damages[_i], NULL, NULL, NULL),
                     SQLITE_OK);
    ck_assert_int_ne(sqlite3_changes(db), 0);
    ck_assert_int_eq(dyn_partitions_load(&call, store, &map), DYN_CORRUPT);
    ck_assert_str_eq(call.error.message, "shadow tables are damaged: the "
                                         "partition map is not one");
}
END_TEST

START_TEST(loading_survives_running_out_of_memory)
{
    create(4);
    for (int countdown = 0; countdown < 1000; countdown++) {
        dyn_call inner;
        dyn_call_begin(&inner);
        fault_set(countdown);
        dyn_status status = dyn_partitions_load(&inner, store, &map);
        fault_set_off();
        dyn_call_end(&inner);
        ck_assert_uint_eq(map.count, 4);
        if (!fault_hit()) {
            ck_assert_int_eq(status, DYN_OK);
            return;
        }
        ck_assert(status == DYN_NOMEM || status == DYN_OK);
    }
    ck_abort_msg("never succeeded");
}
END_TEST

int main(void)
{
    fault_install();
    TCase *tests = tcase_create("partitions");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, a_table_begins_with_enough_partitions, 0,
                        COUNT_OF(initial));
    tcase_add_loop_test(tests, partitions_share_out_the_hashes_evenly, 0,
                        COUNT_OF(counts));
    tcase_add_test(tests, counters_are_the_sum_of_what_was_added);
    tcase_add_test(tests, what_is_discarded_was_never_counted);
    tcase_add_test(tests, what_was_charged_moves_on_when_a_later_minute_comes);
    tcase_add_test(tests, a_partition_that_is_full_is_split_until_none_is);
    tcase_add_test(tests, a_split_in_many_steps_counts_what_comes_meanwhile);
    tcase_add_test(tests, what_comes_behind_a_walk_is_left_for_it_to_count);
    tcase_add_test(tests, a_partition_holds_what_it_may);
    tcase_add_test(tests, one_key_that_holds_more_than_half_is_not_split);
    tcase_add_loop_test(tests, a_map_that_is_none_is_refused, 0,
                        COUNT_OF(damages));
    tcase_add_test(tests, loading_survives_running_out_of_memory);
    return unit_run("partitions", tests);
}
