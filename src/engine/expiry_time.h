/*
 * When items expire (docs/semantics.md 9).
 *
 * The option ttl names an attribute. An item whose attribute is a Number
 * expires when that many seconds since 1970 have passed; fractions of a second
 * do not count. An item with anything else never expires, nor does one whose
 * time was five years ago or more.
 *
 * Layer: engine. Goes by the definition alone.
 */
#ifndef DYN_ENGINE_EXPIRY_TIME_H
#define DYN_ENGINE_EXPIRY_TIME_H

#include "engine/definition.h"
#include "item/codec.h"

/* What lies further away than any clock goes never expires. */
#define DYN_EXPIRY_SECONDS_MAX (INT64_MAX / 1000 / 2)

/* When an item expires. */
typedef struct dyn_expiry {
    bool is_there;  /* false: never */
    int64_t second; /* since 1970 */
} dyn_expiry;

/* What an item has of the attribute of a table; nothing in a table without the
 * option. The one that reads a stored item fails as dyn_view_find() does. */
dyn_expiry dyn_expiry_of(const dyn_definition *definition, const dyn_map *item);
dyn_status dyn_expiry_of_view(dyn_call *call, const dyn_definition *definition,
                              const dyn_view *view, dyn_expiry *out);

/* Whether an item has expired. */
bool dyn_expiry_is_over(const dyn_expiry *expiry, int64_t now_ms);

/* The second that a time lies in; the first second that is less than five years
 * before another one. */
int64_t dyn_expiry_second(int64_t now_ms);
int64_t dyn_expiry_first_young(int64_t second);

#endif
