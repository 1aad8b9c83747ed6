/* Looking into a request; the contract is in request.h. */
#include "request.h"

dyn_bytes http_request_header(const http_request *request, const char *name)
{
    dyn_bytes wanted = dyn_bytes_text(name);
    for (size_t i = 0; i < request->header_count; i++) {
        if (dyn_bytes_equal_nocase(request->headers[i].name, wanted))
            return request->headers[i].value;
    }
    return (dyn_bytes){NULL, 0};
}

dyn_bytes http_request_path(const http_request *request)
{
    dyn_bytes path = request->uri;
    const unsigned char *query =
        path.size_bytes == 0 ? NULL : memchr(path.data, '?', path.size_bytes);
    if (query != NULL) path.size_bytes = (size_t)(query - path.data);
    return path;
}
