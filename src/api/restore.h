/*
 * Making the table that a restore fills: of the definition of the source, as
 * far as the request does not override it.
 *
 * Layer: api.
 */
#ifndef DYN_API_RESTORE_H
#define DYN_API_RESTORE_H

#include "api/host.h"
#include "api/shape.h"
#include "engine/restore.h"

/* What both requests that restore may override. */
#define DYN_OVERRIDE_MEMBERS                                                   \
    {"BillingModeOverride", &dyn_shape_billing, false},                        \
        {"GlobalSecondaryIndexOverride", &dyn_shape_globals, false},           \
        {"LocalSecondaryIndexOverride", &dyn_shape_locals, false},             \
        {"ProvisionedThroughputOverride", &dyn_shape_throughput, false},       \
        {"OnDemandThroughputOverride", &dyn_shape_on_demand, false},           \
        {"SSESpecificationOverride", &dyn_shape_encryption, false},            \
    {                                                                          \
        "VectorIndexOverride", &dyn_shape_any_list, false                      \
    }

/* The definition that a request restores: that of the source, in the memory of
 * call, with its overrides. Fails with DYN_INVALID. */
dyn_status dyn_restore_override(dyn_call *call, const dyn_json *request,
                                const dyn_definition *source,
                                dyn_definition *out);

/* Make a table of that definition, without items, after begin_atomic(). name is
 * followed by a zero byte. Fails with DYN_INVALID, a
 * TableAlreadyExistsException when the name is taken, and as dyn_host_create()
 * does. */
dyn_status dyn_restore_create(dyn_call *call, const dyn_host *host,
                              dyn_bytes name, const dyn_definition *definition,
                              const dyn_origin *origin, dyn_table **out);

#endif
