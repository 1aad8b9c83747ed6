/* When items expire; the contracts are in expiry_time.h. */
#include "engine/expiry_time.h"

/* Five years of 365 days. */
static const int64_t YEARS_SECONDS = INT64_C(5) * 365 * 24 * 60 * 60;

static dyn_expiry expiry_of_value(const dyn_value *value)
{
    dyn_expiry out = {false, 0};
    if (value->type != DYN_TYPE_N) return out;
    out.is_there = dyn_number_floor(&value->number, &out.second) &&
                   out.second <= DYN_EXPIRY_SECONDS_MAX &&
                   out.second >= -DYN_EXPIRY_SECONDS_MAX;
    return out;
}

dyn_expiry dyn_expiry_of(const dyn_definition *definition, const dyn_map *item)
{
    const dyn_expiry none = {false, 0};
    if (definition->ttl.size_bytes == 0) return none;
    const dyn_value *value = dyn_map_find(item, definition->ttl);
    return value == NULL ? none : expiry_of_value(value);
}

dyn_status dyn_expiry_of_view(dyn_call *call, const dyn_definition *definition,
                              const dyn_view *view, dyn_expiry *out)
{
    bool found = false;
    dyn_value value;
    *out = (dyn_expiry){false, 0};
    if (definition->ttl.size_bytes == 0) return DYN_OK;
    DYN_TRY(dyn_view_find(call, view, definition->ttl, &found, &value));
    if (found) *out = expiry_of_value(&value);
    return DYN_OK;
}

int64_t dyn_expiry_second(int64_t now_ms)
{
    return now_ms / 1000 - (now_ms % 1000 < 0);
}

int64_t dyn_expiry_first_young(int64_t second)
{
    return second - YEARS_SECONDS + 1;
}

bool dyn_expiry_is_over(const dyn_expiry *expiry, int64_t now_ms)
{
    int64_t now = dyn_expiry_second(now_ms);
    return expiry->is_there && expiry->second < now &&
           expiry->second >= dyn_expiry_first_young(now);
}
