/* Prices by size; the contracts are in units.h. */
#include "engine/units.h"

#include "base/limits.h"

static int64_t pieces(size_t size_bytes, size_t piece_bytes)
{
    int64_t count = (int64_t)((size_bytes + piece_bytes - 1) / piece_bytes);
    return count == 0 ? 1 : count;
}

int64_t dyn_read_halves(size_t size_bytes, bool is_strong)
{
    return pieces(size_bytes, DYN_READ_UNIT_BYTES) * (is_strong ? 2 : 1);
}

int64_t dyn_write_units(size_t old_bytes, size_t new_bytes)
{
    return pieces(old_bytes > new_bytes ? old_bytes : new_bytes,
                  DYN_WRITE_UNIT_BYTES);
}
