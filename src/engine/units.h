/*
 * The price of one read or write by its size (docs/semantics.md 2, 3). Read
 * units are counted in halves: an eventual read of up to 4 KB is one.
 *
 * Layer: engine.
 */
#ifndef DYN_ENGINE_UNITS_H
#define DYN_ENGINE_UNITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How often the table is charged for what an operation does: in a transaction
 * twice. Indexes are always charged once. */
typedef enum dyn_rate {
    DYN_RATE_SINGLE = 1,
    DYN_RATE_TRANSACTION = 2
} dyn_rate;

static inline dyn_rate dyn_rate_of(bool is_transactional)
{
    return is_transactional ? DYN_RATE_TRANSACTION : DYN_RATE_SINGLE;
}

static inline int64_t dyn_larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* Half units of reading size_bytes at once: one for each 4 KB, at least one;
 * twice that when the read is strong. */
int64_t dyn_read_halves(size_t size_bytes, bool is_strong);

/* Units of a write: one for each KB of the larger of the old and the new item,
 * at least one. */
int64_t dyn_write_units(size_t old_bytes, size_t new_bytes);

#endif
