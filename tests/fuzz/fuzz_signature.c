/*
 * Any text as a request to the server, up to the point where its operation is
 * run: the signature, a packed body, the lane; and as an exception, whose
 * answer is JSON. A libFuzzer entry point.
 *
 * The text is a line with the method and the URI, lines of headers, an empty
 * line, and the body.
 */
#include "authorization.h"
#include "base/limits.h"
#include "failure.h"
#include "item/json.h"
#include "lane.h"
#include "pack.h"
#include "sigv4.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { HEADERS_MAX = 32, NOW_MS = 0 };

static const credential_line line = {{(const unsigned char *)"AKID", 4},
                                     {(const unsigned char *)"secret", 6}};
static const credential_list keys = {&line, 1};

static void check(bool holds)
{
    if (!holds) abort();
}

static dyn_bytes take_until(dyn_bytes *text, char separator)
{
    dyn_bytes taken = {text->data, 0};
    while (taken.size_bytes < text->size_bytes &&
           text->data[taken.size_bytes] != separator)
        taken.size_bytes++;
    size_t gone = taken.size_bytes + (taken.size_bytes < text->size_bytes);
    if (gone > 0) text->data += gone;
    text->size_bytes -= gone;
    return taken;
}

static http_request read_request(dyn_bytes text, http_header *headers)
{
    http_request request = {.headers = headers};
    dyn_bytes first = take_until(&text, '\n');
    request.method = take_until(&first, ' ');
    request.uri = first;
    for (size_t i = 0; i < HEADERS_MAX; i++) {
        dyn_bytes next = take_until(&text, '\n');
        if (next.size_bytes == 0) break;
        headers[i].name = take_until(&next, ':');
        headers[i].value = next;
        request.header_count = i + 1;
    }
    request.body = text;
    return request;
}

static void check_signature(const http_request *request)
{
    dyn_call call;
    dyn_bytes canonical;
    dyn_call_begin(&call);
    dyn_status status = authorization_check(&call, &keys, request, NOW_MS);
    check(status == DYN_OK || status == DYN_INVALID);
    status = sigv4_canonical(
        &call, request, http_request_header(request, "signed"), &canonical);
    check(status == DYN_OK && canonical.size_bytes > SIGV4_HEX_CHARACTERS);
    dyn_call_end(&call);
}

static void check_body(const http_request *request)
{
    enum { MOST_BYTES = 1024 * 1024 };
    dyn_call call;
    dyn_bytes plain;
    dyn_call_begin(&call);
    if (unpack_gzip(&call, request->body, MOST_BYTES, &plain) == DYN_OK) {
        dyn_bytes packed;
        dyn_bytes again;
        check(plain.size_bytes <= MOST_BYTES);
        check(pack_gzip(&call, plain, &packed) == DYN_OK);
        check(unpack_gzip(&call, packed, MOST_BYTES, &again) == DYN_OK);
        check(dyn_bytes_equal(plain, again));
    }
    check(lane_of(request->method, request->body) < LANE_COUNT);
    dyn_call_end(&call);
}

/* Exceptions are UTF-8 by then; other bytes are not looked at here. */
static void check_failure(dyn_bytes text)
{
    dyn_call call;
    http_answer answer = {.status = 0};
    const dyn_json *json = NULL;
    dyn_call_begin(&call);
    for (size_t i = 0; i < text.size_bytes; i++) {
        if (text.data[i] >= 0x80) text.size_bytes = i;
    }
    check(failure_answer(&call, text, &answer) == DYN_OK);
    check(answer.status >= 400 && answer.status <= 503);
    dyn_status status =
        dyn_json_parse(&call, answer.body, DYN_JSON_DEPTH_MAX + 1, &json);
    /* members may have the names that the answer has already */
    check(status == DYN_OK || strstr(call.error.message, "duplicate") != NULL);
    dyn_call_end(&call);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    http_header headers[HEADERS_MAX];
    dyn_bytes text = {data, size};
    http_request request = read_request(text, headers);
    check_signature(&request);
    check_body(&request);
    check_failure(text);
    return 0;
}
