/*
 * What PutItem, UpdateItem and DeleteItem have in common: the condition, the
 * table, and the members of their responses.
 *
 * Layer: api.
 */
#ifndef DYN_API_WRITE_ITEM_H
#define DYN_API_WRITE_ITEM_H

#include "api/capacity.h"
#include "api/expressions.h"
#include "api/host.h"
#include "ops/write.h"

typedef struct dyn_write_call {
    const dyn_json *request;
    dyn_table *table;
    dyn_capacity capacity;
    dyn_expressions expressions;
    bool has_condition;
    dyn_condition condition;
} dyn_write_call;

/* Check that ReturnValues, of a put or a delete, is NONE or ALL_OLD. Fails with
 * DYN_INVALID. */
dyn_status dyn_write_check_return_values(dyn_call *call,
                                         const dyn_json *request);

/* Check that a request, which may have an update or not, does not mix
 * expressions and older members. Fails with DYN_INVALID, DYN_NOMEM. */
dyn_status dyn_write_check_mixed(dyn_call *call, const dyn_json *request,
                                 bool may_update);

/* Read UpdateExpression, unless update is NULL, and ConditionExpression or
 * Expected of a request, which is not mixed. Fails with DYN_INVALID, DYN_NOMEM.
 */
dyn_status dyn_write_read_expressions(dyn_call *call, dyn_write_call *write,
                                      dyn_update *update);

/* The condition for ops/; NULL when there is none. */
const dyn_condition *dyn_write_condition_of(const dyn_write_call *write);

/* Open the table, begin to count, and check that the condition does not look
 * below a key. Fails as dyn_host_write(), and with DYN_INVALID. */
dyn_status dyn_write_begin(dyn_call *call, const dyn_host *host,
                           dyn_write_call *write);

/* Pass on how an operation ended: a failed condition with the item that failed
 * it, if that is asked for. */
dyn_status dyn_write_failure(dyn_call *call, const dyn_write_call *write,
                             const dyn_before *before, dyn_status status);

/* `Attributes`, unless there is none. */
void dyn_write_attributes(dyn_buffer *out, const dyn_map *attributes);
dyn_status dyn_write_old_attributes(dyn_call *call, dyn_buffer *out,
                                    const dyn_before *before);

/* Whether a request wants ItemCollectionMetrics, and a table has such. */
bool dyn_write_has_metrics(const dyn_json *request, const dyn_table *table);

/* Write the metrics of the collection of an item, an object. */
void dyn_write_metrics(dyn_buffer *out, const dyn_table *table,
                       const dyn_map *item, dyn_bytes key);

/* `{"Item":...}`, of the item before a failed write. Fails with DYN_CORRUPT,
 * DYN_NOMEM. */
dyn_status dyn_write_item_member(dyn_call *call, const dyn_before *before,
                                 dyn_bytes *out);

/* `ConsumedCapacity` and `ItemCollectionMetrics`; item has the key. */
void dyn_write_end(dyn_buffer *out, const dyn_write_call *write,
                   const dyn_map *item, dyn_bytes key);

#endif
