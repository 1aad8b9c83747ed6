/* Tables by their ARN; the contracts are in tagged.h. */
#include "api/tagged.h"

#include "api/request.h"
#include "api/table_description.h"
#include "base/exception.h"

#define SHOWN(bytes) (int)(bytes).size_bytes, (const char *)(bytes).data

/* Take a part of an ARN from its front, and the mark behind it. */
static bool take(dyn_bytes *rest, unsigned char mark, dyn_bytes *out)
{
    const unsigned char *end = rest->size_bytes == 0
                                   ? NULL
                                   : memchr(rest->data, mark, rest->size_bytes);
    if (end == NULL) return false;
    *out = (dyn_bytes){rest->data, (size_t)(end - rest->data)};
    rest->data = end + 1;
    rest->size_bytes -= out->size_bytes + 1;
    return out->size_bytes > 0;
}

static bool is_number(dyn_bytes text)
{
    for (size_t i = 0; i < text.size_bytes; i++) {
        if (text.data[i] < '0' || text.data[i] > '9') return false;
    }
    return true;
}

/* The account in an ARN of a table, `arn:aws:dynamodb:region:account:table/t`.
 * Names of tables have three bytes at least. */
static bool find_account(dyn_bytes arn, dyn_bytes *account)
{
    static const char service[] = "arn:aws:dynamodb:";
    enum { NAME_BYTES_MIN = 3 };
    dyn_bytes part;
    if (!dyn_bytes_begin_with(arn, dyn_bytes_text(service))) return false;
    dyn_bytes rest = {arn.data + sizeof(service) - 1,
                      arn.size_bytes - (sizeof(service) - 1)};
    return take(&rest, ':', &part) && take(&rest, ':', account) &&
           is_number(*account) && take(&rest, '/', &part) &&
           dyn_bytes_equal_text(part, "table") &&
           rest.size_bytes >= NAME_BYTES_MIN &&
           memchr(rest.data, '/', rest.size_bytes) == NULL;
}

dyn_status dyn_tagged_check(dyn_call *call, const dyn_json *request,
                            const char *operation)
{
    dyn_bytes account = {NULL, 0};
    dyn_bytes arn = dyn_request_text(request, "ResourceArn");
    if (arn.data == NULL) {
        return dyn_fail(call, DYN_INVALID, "Invalid TableArn");
    }
    bool is_table = find_account(arn, &account);
    if (is_table && !dyn_bytes_equal_text(account, DYN_ARN_ACCOUNT)) {
        return dyn_fail_as(call, "AccessDeniedException",
                           "User: arn:aws:iam::" DYN_ARN_ACCOUNT
                           ":root is not authorized to perform: dynamodb:%s on "
                           "resource: %.*s",
                           operation, SHOWN(arn));
    }
    if (is_table && dyn_bytes_begin_with(arn, dyn_bytes_text(DYN_ARN_PREFIX)))
        return DYN_OK;
    return dyn_fail(call, DYN_INVALID,
                    "Invalid TableArn: Invalid ResourceArn provided as input "
                    "%.*s",
                    SHOWN(arn));
}

dyn_status dyn_tagged_fail_null(dyn_call *call, const char *member)
{
    return dyn_fail(call, DYN_INVALID,
                    "1 validation error detected: Value null at '%s' failed to "
                    "satisfy constraint: Member must not be null",
                    member);
}

dyn_status dyn_tagged_find(dyn_call *call, const dyn_host *host,
                           const dyn_json *request, bool is_write,
                           dyn_table **out)
{
    dyn_bytes arn = dyn_request_text(request, "ResourceArn");
    dyn_status status = dyn_host_find(call, host, arn, is_write, out);
    if (status != DYN_NOT_FOUND) return status;
    return dyn_fail(call, DYN_NOT_FOUND,
                    "Requested resource not found: ResourcArn: %.*s not found",
                    SHOWN(arn));
}
