/*
 * Which pages may speak to the server: those of the console, to the console,
 * and none that has come under a foreign name.
 *
 * A browser that visits a foreign page sends that page's requests from inside
 * of the machine. So a request has to be for a host that no foreign name can
 * stand for, and one that writes has to come from a page of the same origin.
 */
#ifndef SERVER_GUARD_H
#define SERVER_GUARD_H

#include "request.h"

/* Whether the Host of a request is an address in digits, localhost, or the one
 * that is listened on: a foreign name may lead here, too (DNS rebinding). */
bool guard_host_is_own(const http_request *request, const char *listened_on);

/* Whether a request of the API comes from no page, or is for such a host.
 * Browsers let no other site's page send X-Amz-Target, unless the page has been
 * led here by a name of its own. */
bool guard_may_call(const http_request *request, const char *listened_on);

/* Whether a request is one of a page of the same origin, or opens a page: a
 * foreign page may have a link, and nothing of the console within it, which
 * would consume units. Old browsers do not tell. */
bool guard_may_read(const http_request *request);

/* Whether a request that writes comes from a page of the same origin: Origin
 * names the Host of the request, and Sec-Fetch-Site does not contradict; or
 * there is no Origin and Sec-Fetch-Site says so. */
bool guard_origin_is_own(const http_request *request);

#endif
