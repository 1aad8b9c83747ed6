/* Work in steps; the contract is in steps.h. */
#include "ops/steps.h"

static dyn_status take_step(dyn_call *call, dyn_work_step *step, void *work,
                            bool *is_end)
{
    dyn_call own;
    dyn_call_begin(&own);
    dyn_status status = step(&own, work, is_end);
    if (status != DYN_OK) dyn_call_take_error(call, &own);
    dyn_call_end(&own);
    return status;
}

dyn_status dyn_work_run(dyn_call *call, dyn_work_step *step, void *work)
{
    bool is_end = false;
    dyn_status status = DYN_OK;
    while (status == DYN_OK && !is_end)
        status = take_step(call, step, work, &is_end);
    return status;
}
