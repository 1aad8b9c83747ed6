/* Uses; the contracts are in uses.h. */
#include "engine/uses.h"

#include "base/varint.h"

static const struct {
    const char *name;
    bool is_read;
} kinds[DYN_USE_COUNT] = {
    [DYN_USE_GET_ITEM] = {"GetItem", true},
    [DYN_USE_QUERY] = {"Query", true},
    [DYN_USE_SCAN] = {"Scan", true},
    [DYN_USE_PUT_ITEM] = {"PutItem", false},
    [DYN_USE_UPDATE_ITEM] = {"UpdateItem", false},
    [DYN_USE_DELETE_ITEM] = {"DeleteItem", false},
    [DYN_USE_CONDITION_CHECK] = {"ConditionCheck", false},
    [DYN_USE_BACKFILL] = {"Backfill", false},
};

const char *dyn_use_name(dyn_use use)
{
    return kinds[use].name;
}

bool dyn_use_is_read(dyn_use use)
{
    return kinds[use].is_read;
}

bool dyn_uses_is_empty(const dyn_uses *uses)
{
    for (int i = 0; i < DYN_USE_COUNT; i++) {
        if (uses->units[i] != 0 || uses->throttled[i] != 0) return false;
    }
    return true;
}

void dyn_uses_add(dyn_uses *to, const dyn_uses *more)
{
    for (int i = 0; i < DYN_USE_COUNT; i++) {
        to->units[i] += more->units[i];
        to->throttled[i] += more->throttled[i];
    }
}

dyn_uses_sum dyn_uses_sum_of(const dyn_uses *uses)
{
    dyn_uses_sum sum = {0, 0, 0};
    for (int i = 0; i < DYN_USE_COUNT; i++) {
        if (kinds[i].is_read) {
            sum.read_halves += uses->units[i];
        } else {
            sum.write_units += uses->units[i];
        }
        sum.throttled += uses->throttled[i];
    }
    return sum;
}

/* ----------------------------------------------------------- stored form -- */

static uint64_t stored(int64_t number)
{
    return number < 0 ? 0 : (uint64_t)number;
}

dyn_status dyn_uses_write(dyn_call *call, const dyn_uses *uses, dyn_bytes *out)
{
    dyn_buffer bytes;
    dyn_buffer_begin(&bytes, call, (size_t)DYN_USE_COUNT * 4);
    for (int i = 0; i < DYN_USE_COUNT; i++) {
        uint64_t units = stored(uses->units[i]);
        uint64_t throttled = stored(uses->throttled[i]);
        if (units == 0 && throttled == 0) continue;
        dyn_buffer_add_byte(&bytes, (unsigned char)i);
        dyn_varint_add(&bytes, units);
        dyn_varint_add(&bytes, throttled);
    }
    return dyn_buffer_end(&bytes, out);
}

static bool read_number(const unsigned char **next, const unsigned char *end,
                        int64_t *out)
{
    static const uint64_t most = UINT64_C(1) << 50;
    uint64_t number = 0;
    bool is_sound = dyn_varint_read(next, end, &number) && number <= most;
    *out = (int64_t)number;
    return is_sound;
}

bool dyn_uses_read(dyn_bytes bytes, dyn_uses *out)
{
    const unsigned char *next = bytes.data;
    const unsigned char *end = next + bytes.size_bytes;
    int least = 0;
    memset(out, 0, sizeof(*out));
    while (next < end) {
        int use = *next++;
        if (use < least || use >= DYN_USE_COUNT ||
            !read_number(&next, end, &out->units[use]) ||
            !read_number(&next, end, &out->throttled[use])) {
            return false;
        }
        least = use + 1;
    }
    return true;
}
