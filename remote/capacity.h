/*
 * What a service says that a request has consumed, counted in the cost of the
 * statement.
 */
#ifndef REMOTE_CAPACITY_H
#define REMOTE_CAPACITY_H

#include "engine/cost.h"
#include "engine/definition.h"
#include "service.h"

/* Where it is counted. */
typedef struct remote_capacity {
    dyn_cost *cost;
    const char *table; /* its name in SQL */
    const dyn_definition *definition;
    const remote_service *service;
} remote_capacity;

/* Count ConsumedCapacity of an answer, where there is one. Local indexes count
 * to their table. Fails with DYN_INVALID when it is broken; DYN_NOMEM. */
dyn_status remote_capacity_count(dyn_call *call, const remote_capacity *to,
                                 const char *operation, const dyn_json *answer);

#endif
