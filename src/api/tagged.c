/* Tables by their ARN; the contract is in tagged.h. */
#include "api/tagged.h"

#include "api/request.h"

#define SHOWN(bytes) (int)(bytes).size_bytes, (const char *)(bytes).data

dyn_status dyn_tagged_find(dyn_call *call, const dyn_host *host,
                           const dyn_json *request, bool is_write,
                           dyn_table **out)
{
    dyn_bytes arn = dyn_request_text(request, "ResourceArn");
    if (arn.data == NULL) {
        return dyn_fail(call, DYN_INVALID, "Invalid TableArn");
    }
    dyn_bytes name = dyn_host_table_name(arn);
    bool is_table =
        name.data != arn.data && name.size_bytes > 0 &&
        dyn_bytes_begin_with(arn, dyn_bytes_text("arn:aws:dynamodb:")) &&
        memchr(name.data, '/', name.size_bytes) == NULL;
    if (!is_table) {
        return dyn_fail(call, DYN_INVALID,
                        "Invalid TableArn: Invalid ResourceArn provided as "
                        "input %.*s",
                        SHOWN(arn));
    }
    dyn_status status = dyn_host_find(call, host, name, is_write, out);
    if (status != DYN_NOT_FOUND) return status;
    return dyn_fail(call, DYN_NOT_FOUND,
                    "Requested resource not found: ResourcArn: %.*s not found",
                    SHOWN(arn));
}
