/* HTTP by libcurl; the contracts are in http.h. */
#include "http.h"

#include "base/buffer.h"
#include "base/sqlite.h"

#include <curl/curl.h>

enum {
    ANSWER_BYTES_MAX =
        64 * 1024 * 1024, /* a batch of 16 MB is longer as JSON */
    CONNECT_MS_MAX = 5000,
    EXPECT_MS = 200, /* that a long body waits for a server to want it */
};

struct http_connection {
    CURL *curl;
    char problem[CURL_ERROR_SIZE];
};

dyn_status http_open(dyn_call *call, http_connection **out)
{
    http_connection *connection = sqlite3_malloc64(sizeof(*connection));
    if (connection == NULL) return dyn_fail_nomem(call);
    connection->curl = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK
                           ? curl_easy_init()
                           : NULL;
    if (connection->curl == NULL) {
        sqlite3_free(connection);
        return dyn_fail_nomem(call);
    }
    *out = connection;
    return DYN_OK;
}

void http_close(http_connection *connection)
{
    if (connection == NULL) return;
    curl_easy_cleanup(connection->curl);
    sqlite3_free(connection);
}

/* Anything but all the bytes ends the transfer. */
static size_t take_body(char *data, size_t size, size_t count, void *to)
{
    dyn_buffer *body = to;
    size_t size_bytes = size * count;
    if (size_bytes > ANSWER_BYTES_MAX - body->size_bytes) return 0;
    dyn_buffer_add(body, data, size_bytes);
    return body->failed ? 0 : size_bytes;
}

/* libcurl tells all that it does; what it sends begins with headers. */
static int count_sent(CURL *curl, curl_infotype type, char *data, size_t size,
                      void *sent)
{
    (void)curl, (void)data, (void)size;
    if (type == CURLINFO_HEADER_OUT) ++*(int *)sent;
    return 0;
}

static bool add_header(struct curl_slist **headers, const char *header)
{
    struct curl_slist *longer =
        header == NULL ? NULL : curl_slist_append(*headers, header);
    if (longer != NULL) *headers = longer;
    return longer != NULL;
}

/* *out is for curl_slist_free_all(), also after a failure. All of them are
 * signed. */
static dyn_status make_headers(dyn_call *call, const http_request *request,
                               struct curl_slist **out)
{
    const char *token = request->credentials->token;
    bool is_made =
        add_header(out, "Content-Type: application/x-amz-json-1.0") &&
        add_header(out, dyn_format(call, "X-Amz-Target: %s", request->target));
    if (is_made && token != NULL)
        is_made = add_header(
            out, dyn_format(call, "X-Amz-Security-Token: %s", token));
    return is_made ? DYN_OK : dyn_fail_nomem(call);
}

static void set_signature(CURL *curl, const http_request *request,
                          const char *algorithm)
{
    curl_easy_setopt(curl, CURLOPT_AWS_SIGV4, algorithm);
    curl_easy_setopt(curl, CURLOPT_USERNAME, request->credentials->key);
    curl_easy_setopt(curl, CURLOPT_PASSWORD, request->credentials->secret);
}

static void set_watch(CURL *curl, int *sent)
{
    curl_easy_setopt(curl, CURLOPT_VERBOSE, 1L);
    curl_easy_setopt(curl, CURLOPT_DEBUGFUNCTION, count_sent);
    curl_easy_setopt(curl, CURLOPT_DEBUGDATA, sent);
}

static void set_request(http_connection *connection,
                        const http_request *request, dyn_buffer *body)
{
    CURL *curl = connection->curl;
    long timeout_ms = (long)request->timeout_ms;
    curl_easy_setopt(curl, CURLOPT_URL, request->url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, timeout_ms);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS,
                     timeout_ms < CONNECT_MS_MAX ? timeout_ms
                                                 : (long)CONNECT_MS_MAX);
    curl_easy_setopt(curl, CURLOPT_EXPECT_100_TIMEOUT_MS, (long)EXPECT_MS);
    curl_easy_setopt(curl, CURLOPT_POST, 1L);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request->body.data);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE,
                     (curl_off_t)request->body.size_bytes);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, body);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, connection->problem);
}

static bool is_passing(CURLcode code)
{
    switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_PARTIAL_FILE:
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
        return true;
    default:
        return false;
    }
}

static dyn_status find_problem(dyn_call *call,
                               const http_connection *connection, CURLcode code,
                               const dyn_buffer *body, http_answer *out)
{
    const char *problem = connection->problem;
    if (code == CURLE_OUT_OF_MEMORY || body->failed)
        return dyn_fail_nomem(call);
    if (problem[0] == '\0') problem = curl_easy_strerror(code);
    if (code == CURLE_WRITE_ERROR) problem = "the answer is longer than 64 MB";
    out->problem = dyn_format(call, "%s", problem);
    out->is_passing = is_passing(code);
    return out->problem == NULL ? DYN_NOMEM : DYN_OK;
}

static dyn_status perform(dyn_call *call, http_connection *connection,
                          dyn_buffer *body, http_answer *out)
{
    CURL *curl = connection->curl;
    connection->problem[0] = '\0';
    CURLcode code = curl_easy_perform(curl);
    if (code != CURLE_OK)
        return find_problem(call, connection, code, body, out);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &out->status);
    return dyn_buffer_end(body, &out->body);
}

dyn_status http_post(dyn_call *call, http_connection *connection,
                     const http_request *request, http_answer *out)
{
    struct curl_slist *headers = NULL;
    dyn_buffer body;
    *out = (http_answer){.problem = NULL};
    const char *algorithm =
        dyn_format(call, "aws:amz:%s:dynamodb", request->region);
    if (algorithm == NULL) return DYN_NOMEM;
    dyn_buffer_begin(&body, call, 1024);
    curl_easy_reset(connection->curl); /* its connection stays open */
    set_request(connection, request, &body);
    set_signature(connection->curl, request, algorithm);
    set_watch(connection->curl, &out->sent);
    dyn_status status = make_headers(call, request, &headers);
    if (status == DYN_OK) {
        curl_easy_setopt(connection->curl, CURLOPT_HTTPHEADER, headers);
        status = perform(call, connection, &body, out);
    }
    curl_slist_free_all(headers);
    return status;
}
