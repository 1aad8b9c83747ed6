/* Who may speak to the server; the contract is in guard.h. */
#include "guard.h"

#include <arpa/inet.h>
#include <stdio.h>

/* The host without its port, and without the brackets of IPv6. */
static dyn_bytes host_name(dyn_bytes host)
{
    size_t end = 0;
    if (host.size_bytes > 0 && host.data[0] == '[') {
        while (end < host.size_bytes && host.data[end] != ']')
            end++;
        return (dyn_bytes){host.data + 1, end - 1};
    }
    while (end < host.size_bytes && host.data[end] != ':')
        end++;
    return (dyn_bytes){host.data, end};
}

static bool is_address(dyn_bytes name)
{
    char text[INET6_ADDRSTRLEN];
    struct in6_addr address;
    if (name.size_bytes >= sizeof(text)) return false;
    snprintf(text, sizeof(text), "%.*s", (int)name.size_bytes,
             (const char *)name.data);
    return inet_pton(AF_INET, text, &address) == 1 ||
           inet_pton(AF_INET6, text, &address) == 1;
}

bool guard_host_is_own(const http_request *request, const char *listened_on)
{
    dyn_bytes name = host_name(http_request_header(request, "host"));
    if (name.size_bytes == 0) return false;
    return dyn_bytes_equal_nocase(name, dyn_bytes_text("localhost")) ||
           dyn_bytes_equal_nocase(name, dyn_bytes_text(listened_on)) ||
           is_address(name);
}

bool guard_may_call(const http_request *request, const char *listened_on)
{
    return http_request_header(request, "origin").data == NULL ||
           guard_host_is_own(request, listened_on);
}

bool guard_may_read(const http_request *request)
{
    dyn_bytes site = http_request_header(request, "sec-fetch-site");
    dyn_bytes destination = http_request_header(request, "sec-fetch-dest");
    return site.data == NULL || dyn_bytes_equal_text(site, "same-origin") ||
           dyn_bytes_equal_text(site, "none") ||
           dyn_bytes_equal_text(destination, "document");
}

/* What stands behind the scheme: a proxy in front may have another one. */
static dyn_bytes origin_host(dyn_bytes origin)
{
    static const char *const schemes[] = {"http://", "https://"};
    for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
        dyn_bytes scheme = dyn_bytes_text(schemes[i]);
        if (dyn_bytes_begin_with(origin, scheme))
            return (dyn_bytes){origin.data + scheme.size_bytes,
                               origin.size_bytes - scheme.size_bytes};
    }
    return (dyn_bytes){NULL, 0};
}

bool guard_origin_is_own(const http_request *request)
{
    dyn_bytes site = http_request_header(request, "sec-fetch-site");
    dyn_bytes origin = http_request_header(request, "origin");
    dyn_bytes host = http_request_header(request, "host");
    bool is_same_site = dyn_bytes_equal_text(site, "same-origin");
    if (site.data != NULL && !is_same_site) return false;
    if (origin.data == NULL) return is_same_site;
    dyn_bytes from = origin_host(origin);
    return from.size_bytes > 0 && dyn_bytes_equal_nocase(from, host);
}
