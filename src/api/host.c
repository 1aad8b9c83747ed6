/* Tables by name or ARN; the contracts are in host.h. */
#include "api/host.h"

#include "base/exception.h"

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

dyn_status dyn_host_find_source(dyn_call *call, const dyn_host *host,
                                dyn_bytes name, bool is_write, dyn_table **out)
{
    dyn_status status = find(call, host, name, is_write, out);
    if (status != DYN_NOT_FOUND) return status;
    dyn_bytes shown = dyn_host_table_name(name);
    return dyn_fail_as(call, "TableNotFoundException", "Table not found: %.*s",
                       (int)shown.size_bytes, (const char *)shown.data);
}

/* Whether another table has the name. To SQLite, names that differ by case are
 * the same. */
static dyn_status check_name(dyn_call *call, const dyn_host *host,
                             const dyn_new_table *made)
{
    const char **names = NULL;
    size_t count = 0;
    DYN_TRY(host->list(host->context, call, &names, &count));
    for (size_t i = 0; i < count; i++) {
        dyn_bytes other = dyn_bytes_text(names[i]);
        if (dyn_bytes_equal(other, made->name)) {
            return dyn_fail_as(call, made->exception,
                               "Table already exists: %s", names[i]);
        }
        if (!dyn_bytes_equal_nocase(other, made->name)) continue;
        return dyn_fail(call, DYN_INVALID,
                        "One or more parameter values were invalid: there is a "
                        "table %s; in an SQLite database, names of tables "
                        "cannot differ by case alone",
                        names[i]);
    }
    return DYN_OK;
}

/* Why a table could not be made. Names are looked at only then: what reads
 * before it writes cannot wait for another connection. */
static dyn_status explain(dyn_call *call, const dyn_host *host,
                          const dyn_new_table *made, dyn_status status)
{
    if (status != DYN_INVALID) return status;
    const char *message = dyn_format(call, "%s", call->error.message);
    if (message == NULL) return DYN_NOMEM;
    DYN_TRY(check_name(call, host, made));
    return dyn_fail(call, status, "%s", message);
}

dyn_status dyn_host_create(dyn_call *call, const dyn_host *host,
                           const dyn_new_table *made, dyn_table **out)
{
    dyn_status status =
        host->create(host->context, call, (const char *)made->name.data,
                     made->arguments, made->count);
    if (status != DYN_OK) return explain(call, host, made, status);
    return dyn_host_find(call, host, made->name, true, out);
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
