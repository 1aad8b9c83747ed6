/* From a request to its answer; the contract is in router.h. */
#include "router.h"

#include "authorization.h"
#include "base/arn.h"
#include "base/exception.h"
#include "console.h"
#include "failure.h"
#include "guard.h"
#include "pack.h"

#include <sys/random.h>
#include <time.h>

enum { GZIP_BYTES_MIN = 1024 }; /* smaller bodies are not packed */

/* ---------------------------------------------------------------- requests --
 */

/* The operation that a target names; without data when there is none. */
static dyn_bytes find_operation(const http_request *request)
{
    static const char *const services[] = {"DynamoDB_20120810.",
                                           "DynamoDBStreams_20120810."};
    dyn_bytes target = http_request_header(request, "x-amz-target");
    for (size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++) {
        dyn_bytes service = dyn_bytes_text(services[i]);
        if (target.size_bytes > service.size_bytes &&
            dyn_bytes_begin_with(target, service)) {
            return (dyn_bytes){target.data + service.size_bytes,
                               target.size_bytes - service.size_bytes};
        }
    }
    return (dyn_bytes){NULL, 0};
}

static bool is_api(const http_request *request)
{
    return dyn_bytes_equal_text(request->method, "POST");
}

server_lane router_lane(const http_request *request)
{
    if (console_is_asked(request)) return console_lane(request);
    if (!is_api(request)) return LANE_READ;
    dyn_bytes operation = find_operation(request);
    if (operation.data == NULL) return LANE_READ;
    return lane_of(operation, request->body);
}

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool is_packed(const http_request *request)
{
    return dyn_bytes_equal_nocase(
        http_request_header(request, "content-encoding"),
        dyn_bytes_text("gzip"));
}

/* What makes a request one that the database is asked. */
static dyn_status read_request(dyn_call *call, const router_settings *settings,
                               const http_request *request,
                               dyn_bytes *operation, dyn_bytes *body)
{
    if (!guard_may_call(request, settings->host)) {
        return dyn_fail_as(call, "AccessDeniedException",
                           "a page finds this server at localhost, at an "
                           "address in digits, or at the name that --host "
                           "gives");
    }
    *operation = find_operation(request);
    if (operation->data == NULL) {
        return dyn_fail_as(call, "UnknownOperationException",
                           "X-Amz-Target has to be DynamoDB_20120810 or "
                           "DynamoDBStreams_20120810, a dot, and an operation");
    }
    if (request->is_too_large) {
        return dyn_fail_as(call, "RequestEntityTooLargeException",
                           "a request has at most %d bytes",
                           REQUEST_BODY_BYTES_MAX);
    }
    if (request->is_refused) {
        return dyn_fail_as(call, "ServiceUnavailable",
                           "too many large requests at once; try again");
    }
    if (settings->credentials != NULL) {
        DYN_TRY(authorization_check(call, settings->credentials, request,
                                    now_ms()));
    }
    *body = request->body;
    if (!is_packed(request)) return DYN_OK;
    return unpack_gzip(call, request->body, REQUEST_BODY_BYTES_MAX, body);
}

/* ----------------------------------------------------------------- answers --
 */

static dyn_status answer_api(dyn_call *call, server_database *database,
                             const router_settings *settings,
                             const http_request *request, http_answer *answer)
{
    dyn_bytes operation = {NULL, 0};
    dyn_bytes body = {NULL, 0};
    bool is_exception = false;
    DYN_TRY(read_request(call, settings, request, &operation, &body));
    DYN_TRY(database_run(call, database, operation, body, &answer->body,
                         &is_exception));
    if (is_exception) return failure_answer(call, answer->body, answer);
    answer->status = 200;
    answer->content_type = "application/x-amz-json-1.0";
    return DYN_OK;
}

static void answer_page(const http_request *request, http_answer *answer)
{
    bool is_read = dyn_bytes_equal_text(request->method, "GET") ||
                   dyn_bytes_equal_text(request->method, "HEAD");
    bool is_root = dyn_bytes_equal_text(http_request_path(request), "/");
    if (is_read && is_root) {
        answer->status = 200;
        answer->content_type = "text/plain";
        answer->body = dyn_bytes_text("healthy: dynamodb." DYN_ARN_REGION
                                      ".amazonaws.com ");
        return;
    }
    answer->status = 404;
    answer->content_type = "text/plain";
    answer->body = dyn_bytes_text("<UnknownOperationException/>\n");
}

/* Random bytes are asked for by the page. */
static unsigned char random_byte(void)
{
    static _Thread_local unsigned char bytes[4096];
    static _Thread_local size_t left;
    if (left == 0) {
        ssize_t got = getrandom(bytes, sizeof(bytes), 0);
        (void)got; /* then they are those of before */
        left = sizeof(bytes);
    }
    return bytes[--left];
}

static void make_id(char id[REQUEST_ID_CHARACTERS + 1])
{
    static const char characters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    for (int i = 0; i < REQUEST_ID_CHARACTERS; i++)
        id[i] = characters[random_byte() % (sizeof(characters) - 1)];
    id[REQUEST_ID_CHARACTERS] = '\0';
}

/* `gzip`, `deflate, gzip;q=0.5`, `*`; but not `gzip;q=0`. */
static bool takes_gzip(dyn_bytes accepted)
{
    size_t at = 0;
    while (at < accepted.size_bytes) {
        size_t end = at;
        while (end < accepted.size_bytes && accepted.data[end] != ',')
            end++;
        while (at < end && accepted.data[at] == ' ')
            at++;
        dyn_bytes one = {accepted.data + at, end - at};
        if (dyn_bytes_equal_nocase(one, dyn_bytes_text("gzip")) ||
            (dyn_bytes_begin_with(one, dyn_bytes_text("gzip;q=")) &&
             one.data[one.size_bytes - 1] != '0'))
            return true;
        at = end + 1;
    }
    return false;
}

/* A body that cannot be packed goes as it is. */
static void pack(dyn_call *call, const http_request *request,
                 http_answer *answer)
{
    dyn_bytes packed;
    if (answer->body.size_bytes < GZIP_BYTES_MIN ||
        !takes_gzip(http_request_header(request, "accept-encoding")) ||
        pack_gzip(call, answer->body, &packed) != DYN_OK)
        return;
    answer->body = packed;
    answer->is_gzip = true;
}

void router_answer(dyn_call *call, server_database *database,
                   const router_settings *settings, const http_request *request,
                   http_answer *answer)
{
    *answer = (http_answer){.status = 500};
    if (settings->has_console && console_is_asked(request)) {
        console_answer(call, database, settings->host, request, answer);
    } else if (!is_api(request)) {
        answer_page(request, answer);
    } else if (answer_api(call, database, settings, request, answer) !=
               DYN_OK) {
        dyn_bytes text = dyn_bytes_text(dyn_exception_text(call));
        if (failure_answer(call, text, answer) != DYN_OK)
            failure_answer_nomem(answer);
    }
    pack(call, request, answer);
    answer->checksum = pack_checksum(answer->body);
    make_id(answer->id);
}
