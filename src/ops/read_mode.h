/*
 * The mode of a read: what a statement asks for beside its conditions, in the
 * words of the hidden column mode, as in FROM orders('scan').
 *
 *   mode    word ...
 *   word    strong                   read consistently
 *         | live                     without items that have expired
 *         | scan                     read all, rather than refuse
 *         | segment i of n           of a scan: the i-th of n parts, from 0
 *         | index NAME               read that index
 *
 * Layer: ops.
 */
#ifndef DYN_OPS_READ_MODE_H
#define DYN_OPS_READ_MODE_H

#include "base/call.h"

typedef struct dyn_read_mode {
    bool is_scan;
    bool is_strong;
    bool is_live;
    bool has_segment;
    uint64_t segment;
    uint64_t segment_count;
    dyn_bytes index; /* within the text; no data: none is named */
} dyn_read_mode;

/* Fails with DYN_INVALID and what the words may be. */
dyn_status dyn_read_mode_parse(dyn_call *call, dyn_bytes text,
                               dyn_read_mode *out);

#endif
