/* Parts of batches that are throttled; the contracts are in batch.h. */
#include "api/batch.h"

dyn_status dyn_batch_note(dyn_call *call, dyn_batch *batch, dyn_status status,
                          bool *is_throttled)
{
    *is_throttled = status == DYN_THROTTLED;
    if (status == DYN_OK) batch->done_count++;
    if (!*is_throttled) return status;
    if (batch->refusal.status == DYN_OK) batch->refusal = call->error;
    call->error = (dyn_error){.status = DYN_OK};
    return DYN_OK;
}

dyn_status dyn_batch_end(dyn_call *call, const dyn_batch *batch)
{
    if (batch->done_count > 0 || batch->refusal.status == DYN_OK) return DYN_OK;
    call->error = batch->refusal;
    return DYN_THROTTLED;
}
