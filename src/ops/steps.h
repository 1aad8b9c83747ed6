/*
 * Work of any size, in steps: each has memory of its own, which is free again
 * when it ends.
 *
 * Layer: ops.
 */
#ifndef DYN_OPS_STEPS_H
#define DYN_OPS_STEPS_H

#include "base/call.h"

/* One step, with what the steps share; *is_end: it was the last one. */
typedef dyn_status dyn_work_step(dyn_call *call, void *work, bool *is_end);

/* Take steps until one is the last, or fails: then that failed, in call. */
dyn_status dyn_work_run(dyn_call *call, dyn_work_step *step, void *work);

#endif
