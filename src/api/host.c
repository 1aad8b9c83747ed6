/* Tables by name or ARN; the contracts are in host.h. */
#include "api/host.h"

dyn_bytes dyn_host_table_name(dyn_bytes resource)
{
    static const char mark[] = ":table/";
    const size_t mark_bytes = sizeof(mark) - 1;
    if (!dyn_bytes_begin_with(resource, dyn_bytes_text("arn:")))
        return resource;
    for (dyn_bytes rest = resource; rest.size_bytes >= mark_bytes;
         rest.data++, rest.size_bytes--) {
        if (!dyn_bytes_begin_with(rest, dyn_bytes_text(mark))) continue;
        return (dyn_bytes){rest.data + mark_bytes,
                           rest.size_bytes - mark_bytes};
    }
    return resource;
}

static dyn_status find(dyn_call *call, const dyn_host *host, dyn_bytes resource,
                       bool is_write, dyn_table **out)
{
    dyn_bytes name = {NULL, 0};
    DYN_TRY(dyn_copy(call, dyn_host_table_name(resource), &name));
    bool is_name = strlen((const char *)name.data) == name.size_bytes;
    dyn_status status =
        !is_name ? DYN_NOT_FOUND
                 : (is_write ? host->write : host->read)(
                       host->context, call, (const char *)name.data, out);
    if (status == DYN_NOT_FOUND) {
        return dyn_fail(call, DYN_NOT_FOUND, "Requested resource not found");
    }
    if (status != DYN_OK) return status;
    return dyn_table_refresh(call, *out);
}

dyn_status dyn_host_read(dyn_call *call, const dyn_host *host, dyn_bytes name,
                         dyn_table **out)
{
    return find(call, host, name, false, out);
}

dyn_status dyn_host_write(dyn_call *call, const dyn_host *host, dyn_bytes name,
                          dyn_table **out)
{
    return find(call, host, name, true, out);
}

dyn_status dyn_host_find(dyn_call *call, const dyn_host *host, dyn_bytes name,
                         bool is_write, dyn_table **out)
{
    dyn_status status = find(call, host, name, is_write, out);
    if (status != DYN_NOT_FOUND) return status;
    dyn_bytes shown = dyn_host_table_name(name);
    return dyn_fail(call, DYN_NOT_FOUND,
                    "Requested resource not found: Table: %.*s not found",
                    (int)shown.size_bytes, (const char *)shown.data);
}

dyn_status dyn_host_fail_no_items(dyn_call *call, const char *operation)
{
    return dyn_fail(call, DYN_INVALID,
                    "The requestItems parameter is required for %s", operation);
}

dyn_status dyn_host_fail_twice(dyn_call *call, const dyn_table *table)
{
    return dyn_fail(call, DYN_INVALID,
                    "One or more parameter values were invalid: RequestItems "
                    "has the table %s twice, by its name and by its ARN",
                    dyn_table_label(table));
}
