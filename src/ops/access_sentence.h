/*
 * What is said of an access path: the sentence that EXPLAIN QUERY PLAN shows,
 * and what a refused statement is told.
 *
 * Layer: ops.
 */
#ifndef DYN_OPS_ACCESS_SENTENCE_H
#define DYN_OPS_ACCESS_SENTENCE_H

#include "ops/access_path.h"

/* Begins the sentence of a statement that is refused. */
#define DYN_ACCESS_REFUSED "refused: "

/* Say what a path reads and what that costs each time, in the memory of call,
 * followed by a zero byte. bytes: of all that a scan reads, when that is known
 * (dyn_access_is_whole()). Fails with DYN_NOMEM. */
dyn_status dyn_access_describe(dyn_call *call,
                               const dyn_access_request *request,
                               const dyn_access_path *path, int64_t bytes,
                               dyn_bytes *out);

/* Whether a path reads all of the table or of an index, and nothing else. */
bool dyn_access_is_whole(const dyn_access_request *request,
                         const dyn_access_path *path);

/* Say why a statement is refused and what it needs, which is what follows
 * DYN_ACCESS_REFUSED. Fails with DYN_NOMEM. */
dyn_status dyn_access_explain(dyn_call *call, const dyn_access_request *request,
                              dyn_bytes *out);

#endif
