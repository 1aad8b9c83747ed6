/*
 * What the operations on contributor insights share. The insights of a table
 * are its hot keys, and their mode is its option hot_keys; its global indexes
 * have no option of their own.
 *
 * Layer: api.
 */
#ifndef DYN_API_CONTRIBUTOR_INSIGHTS_H
#define DYN_API_CONTRIBUTOR_INSIGHTS_H

#include "api/host.h"
#include "base/buffer.h"
#include "item/json.h"

/* Find the table that a request names. Fails as dyn_host_find() does, and with
 * DYN_NOT_FOUND when the table has no global index IndexName. */
dyn_status dyn_insights_find(dyn_call *call, const dyn_host *host,
                             const dyn_json *request, bool is_write,
                             dyn_table **out);

/* Write what insights there are of a table, or of an index where its name has
 * data: members of an object. The status is one of two. */
void dyn_insights_write(dyn_buffer *out, const dyn_table *table,
                        dyn_bytes index, const char *when_on,
                        const char *when_off);

#endif
