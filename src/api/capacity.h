/*
 * ConsumedCapacity: the units of a request, as ReturnConsumedCapacity asks for
 * them. They are what the statement has been charged since the request began.
 *
 * Layer: api.
 */
#ifndef DYN_API_CAPACITY_H
#define DYN_API_CAPACITY_H

#include "engine/table.h"
#include "item/json.h"

typedef struct dyn_capacity {
    const dyn_session *session; /* NULL: nobody asks */
    bool has_indexes;           /* INDEXES, not TOTAL */
    bool is_split;              /* reads and writes are also told apart, as in
                                 * transactions; the caller sets it */
    dyn_cost_line *before;      /* of the statement, when the request began */
    size_t before_count;
} dyn_capacity;

/* Begin to count what a request, or a part of one, is charged.
 * Fails with DYN_NOMEM. */
dyn_status dyn_capacity_begin(dyn_call *call, const dyn_session *session,
                              const dyn_json *request, dyn_capacity *out);

/* Write what a table and its indexes were charged, an object; or, as a member
 * of a response, `"ConsumedCapacity":` and that. Nothing when nobody asks. */
void dyn_capacity_write(dyn_buffer *out, const dyn_capacity *capacity,
                        const dyn_table *table);
/* Begin and end the member of a response that has one object for each table,
 * written by dyn_capacity_write(). Nothing when nobody asks. */
void dyn_capacity_begin_list(dyn_buffer *out, const dyn_capacity *capacity);
void dyn_capacity_end_list(dyn_buffer *out, const dyn_capacity *capacity);

void dyn_capacity_write_member(dyn_buffer *out, const dyn_capacity *capacity,
                               const dyn_table *table);

#endif
