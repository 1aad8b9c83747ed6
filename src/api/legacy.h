/*
 * The parameters that were before expressions: Expected, filters,
 * KeyConditions, AttributeUpdates, AttributesToGet. They become the same trees
 * and terms that expressions do.
 *
 * All fail with DYN_INVALID and DynamoDB's text, DYN_NOMEM. *is_there tells
 * whether the request has the parameter; without it, *out stays as it is.
 *
 * Layer: api.
 */
#ifndef DYN_API_LEGACY_H
#define DYN_API_LEGACY_H

#include "expr/key_condition.h"
#include "expr/projection.h"
#include "expr/update.h"
#include "item/json.h"

/* Expected, with ConditionalOperator. */
dyn_status dyn_legacy_expected(dyn_call *call, const dyn_json *request,
                               bool *is_there, dyn_condition *out);

/* QueryFilter or ScanFilter, with ConditionalOperator. */
dyn_status dyn_legacy_filter(dyn_call *call, const dyn_json *request,
                             const char *name, bool *is_there,
                             dyn_condition *out);

/* KeyConditions of a request that has them. */
dyn_status dyn_legacy_key_conditions(dyn_call *call, const dyn_json *request,
                                     dyn_key_list *out);

/* AttributeUpdates. */
dyn_status dyn_legacy_updates(dyn_call *call, const dyn_json *request,
                              dyn_update *out);

dyn_status dyn_legacy_attributes_to_get(dyn_call *call, const dyn_json *request,
                                        bool *is_there, dyn_projection *out);

#endif
