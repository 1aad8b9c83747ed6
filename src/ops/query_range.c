/* Ranges of stored keys; the contracts are in query_range.h. */
#include "ops/query_range.h"

#include "item/key.h"

#include <assert.h>

/* The beginning of a key, then a sort key or the beginning of one. */
static dyn_status join(dyn_call *call, dyn_bytes begin, const dyn_value *sort,
                       const dyn_bytes *prefix, dyn_bytes *out)
{
    dyn_buffer key;
    dyn_buffer_begin(&key, call, begin.size_bytes + 64);
    dyn_buffer_add_bytes(&key, begin);
    if (sort != NULL) dyn_key_add_sort(&key, sort);
    if (prefix != NULL) dyn_key_add_sort_prefix(&key, *prefix);
    return dyn_buffer_end(&key, out);
}

static dyn_bytes later(dyn_bytes a, dyn_bytes b)
{
    return dyn_bytes_compare(a, b) >= 0 ? a : b;
}

static dyn_bytes earlier(dyn_bytes a, dyn_bytes b)
{
    return dyn_bytes_compare(a, b) <= 0 ? a : b;
}

/* Narrow low and high by what is said of the sort attribute behind begin. */
static dyn_status narrow(dyn_call *call, const dyn_key_condition *condition,
                         dyn_bytes begin, dyn_bytes *low, dyn_bytes *high)
{
    dyn_bytes edge = {NULL, 0};
    if (condition->lower.value != NULL) {
        DYN_TRY(join(call, begin, condition->lower.value, NULL, &edge));
        if (!condition->lower.is_inclusive)
            DYN_TRY(dyn_key_after(call, edge, &edge));
        *low = later(*low, edge);
    }
    if (condition->upper.value != NULL) {
        DYN_TRY(join(call, begin, condition->upper.value, NULL, &edge));
        if (condition->upper.is_inclusive)
            DYN_TRY(dyn_key_after(call, edge, &edge));
        *high = earlier(*high, edge);
    }
    if (condition->prefix != NULL) {
        DYN_TRY(join(call, begin, NULL, condition->prefix, &edge));
        *low = later(*low, edge);
        DYN_TRY(dyn_key_after(call, edge, &edge));
        *high = earlier(*high, edge);
    }
    return DYN_OK;
}

dyn_status dyn_query_range(dyn_call *call, const dyn_key_condition *condition,
                           dyn_bytes *low, dyn_bytes *high)
{
    dyn_buffer key;
    dyn_bytes begin = {NULL, 0};
    dyn_key_begin(&key, call);
    for (size_t i = 0; i < condition->partition_count; i++)
        dyn_key_add_partition(&key, condition->partition[i]);
    dyn_key_set_hash(&key);
    for (size_t i = 0; i < condition->sort_count; i++)
        dyn_key_add_sort(&key, condition->sort[i]);
    DYN_TRY(dyn_buffer_end(&key, &begin));
    *low = begin;
    DYN_TRY(dyn_key_after(call, begin, high));
    return narrow(call, condition, begin, low, high);
}

/* Where segment number of count begins: number * 2^64 / count, rounded up. */
static uint64_t segment_start(uint64_t number, uint64_t count)
{
    __extension__ typedef unsigned __int128 wide;
    wide whole = (wide)1 << 64;
    return (uint64_t)((whole * number + count - 1) / count);
}

static dyn_status edge_of_hash(dyn_call *call, uint64_t hash, dyn_bytes *out)
{
    unsigned char bytes[DYN_KEY_HASH_BYTES];
    dyn_key_write_hash(hash, bytes);
    return dyn_copy(call, (dyn_bytes){bytes, sizeof(bytes)}, out);
}

dyn_status dyn_query_segment(dyn_call *call, uint64_t number, uint64_t count,
                             dyn_bytes *low, dyn_bytes *high)
{
    assert(number < count);
    DYN_TRY(edge_of_hash(call, segment_start(number, count), low));
    if (number + 1 == count) return dyn_copy(call, dyn_key_end(), high);
    return edge_of_hash(call, segment_start(number + 1, count), high);
}
