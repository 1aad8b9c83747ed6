/*
 * Which way an operation goes.
 *
 * Nothing depends on it but who waits for whom: an operation that is sent the
 * wrong way does the same.
 */
#ifndef SERVER_LANE_H
#define SERVER_LANE_H

#include "base/bytes.h"

typedef enum server_lane {
    LANE_QUICK, /* reads an item: as soon as it is done, nothing else waits */
    LANE_READ,  /* beside others */
    LANE_WRITE, /* writes items: in one transaction with what else waits */
    LANE_ALONE, /* writes in a transaction of its own */
    LANE_STEPS, /* writes for long, in many transactions, and others write
                 * between these */
    LANE_COUNT,
} server_lane;

/* Of an operation and its request. */
server_lane lane_of(dyn_bytes operation, dyn_bytes request);

#endif
