/* HTTP by libmicrohttpd; the contract is in http.h. */
#include "http.h"

#include "base/buffer.h"
#include "exchange.h"
#include "listener.h"
#include "peers.h"
#include "poller.h"
#include "router.h"

#include <assert.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum {
    HEADERS_BYTES_MAX = 16 * 1024, /* memory of a connection: line, headers */
    READ_BYTES = 8 * 1024,         /* of a body, at once */
    SMALL_BODY_BYTES = 64 * 1024,  /* of a write that takes little */
    ALONE_LEAST = 16,              /* exchanges, until the next is expected
                                    * to be alone, too */
    IDLE_MS = 60 * 1000,           /* between requests */
    CONNECTIONS_MAX = 20000,
    FILES_KEPT = 200, /* descriptors that are for others than connections */
    STOP_MS = 5000,   /* for answers to be taken when the server stops */
};
/* Of all requests together. */
#define BODIES_BYTES ((size_t)256 * 1024 * 1024)

struct server_http {
    http_settings settings;
    int listener;
    server_poller pollers[WORKERS_SUBMITTERS_MAX]; /* with a daemon each */
    int daemon_count;
    int thread_count; /* of pollers that run */
    poller_orders orders;
    atomic_bool is_stopping;
    server_peers peers;
    atomic_size_t budget_bytes;
    atomic_int working; /* exchanges that have arrived and not ended */
    atomic_int alone;   /* how many in a row had no other at their side */
};

/* ------------------------------------------------------------- exchanges -- */

static server_peer *peer_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info == NULL ? NULL : info->socket_context;
}

static void connection_changes(void *context, struct MHD_Connection *connection,
                               void **own,
                               enum MHD_ConnectionNotificationCode what)
{
    server_http *http = context;
    if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
        peers_remove(&http->peers, *own);
        return;
    }
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    *own = peers_add(&http->peers, info->connect_fd,
                     (int64_t)http->settings.timeout_seconds * 1000);
}

/* The first line of a request has come. */
static void *request_begins(void *context, const char *uri,
                            struct MHD_Connection *connection)
{
    server_http *http = context;
    peers_expect(&http->peers, peer_of(connection),
                 (int64_t)http->settings.timeout_seconds * 1000);
    server_exchange *made = exchange_begin(uri, &http->budget_bytes);
    if (made == NULL) return NULL;
    made->owner = http;
    made->connection = connection;
    return made;
}

/* The answer is sent, or there is nobody to send it to. */
static void request_ends(void *context, struct MHD_Connection *connection,
                         void **own, enum MHD_RequestTerminationCode why)
{
    (void)why;
    server_http *http = context;
    server_exchange *exchange = *own;
    *own = NULL;
    if (exchange == NULL) return;
    if (exchange->stage >= EXCHANGE_WORKING)
        atomic_fetch_sub(&http->working, 1);
    peers_expect(&http->peers, peer_of(connection), IDLE_MS);
    exchange_end(exchange);
}

/* On the thread of a worker. */
static void run(server_work *work, server_database *database)
{
    server_exchange *exchange = (server_exchange *)(void *)work;
    const server_http *http = exchange->owner;
    router_answer(&exchange->call, database, &http->settings.router,
                  &exchange->request, &exchange->answer);
}

/* The same. */
static void done(server_work *work)
{
    server_exchange *exchange = (server_exchange *)(void *)work;
    server_poller *poller = exchange->poller; /* the exchange may end now */
    exchange->stage = EXCHANGE_ANSWERED;
    MHD_resume_connection(exchange->connection);
    poller_wake(poller);
}

static enum MHD_Result copy_header(void *context, enum MHD_ValueKind kind,
                                   const char *name, const char *value)
{
    (void)kind;
    dyn_buffer *all = context;
    http_header header = {dyn_bytes_text(name),
                          dyn_bytes_text(value == NULL ? "" : value)};
    dyn_buffer_add(all, &header, sizeof(header));
    return MHD_YES;
}

/* Names and values stay where libmicrohttpd has them until the request ends. */
static dyn_status read_headers(server_exchange *exchange)
{
    enum { USUAL = 16 };
    dyn_buffer all;
    dyn_bytes bytes;
    dyn_buffer_begin(&all, &exchange->call, USUAL * sizeof(http_header));
    MHD_get_connection_values(exchange->connection, MHD_HEADER_KIND,
                              copy_header, &all);
    DYN_TRY(dyn_buffer_end(&all, &bytes));
    exchange->request.headers = (const http_header *)(const void *)bytes.data;
    exchange->request.header_count = bytes.size_bytes / sizeof(http_header);
    return DYN_OK;
}

/* ----------------------------------------------------------------- stages --
 */

/* The headers have come. */
static enum MHD_Result
begin_request(server_http *http, server_exchange *exchange, const char *method)
{
    if (atomic_load(&http->is_stopping)) return MHD_NO;
    exchange->request.method = dyn_bytes_text(method);
    exchange->stage = EXCHANGE_ARRIVING;
    return read_headers(exchange) == DYN_OK ? MHD_YES : MHD_NO;
}

static void add_headers(struct MHD_Response *response,
                        const http_answer *answer)
{
    char checksum[sizeof("4294967295")];
    snprintf(checksum, sizeof(checksum), "%u", (unsigned)answer->checksum);
    MHD_add_response_header(response, "x-amzn-RequestId", answer->id);
    MHD_add_response_header(response, "x-amz-crc32", checksum);
    MHD_add_response_header(response, "Content-Type", answer->content_type);
    if (answer->is_gzip)
        MHD_add_response_header(response, "Content-Encoding", "gzip");
    for (const answer_header *more = answer->more;
         more != NULL && more->name != NULL; more++)
        MHD_add_response_header(response, more->name, more->value);
}

/* The body stays with the exchange, which ends after the answer is sent. */
static enum MHD_Result send_answer(server_http *http,
                                   const server_exchange *exchange)
{
    const http_answer *answer = &exchange->answer;
    struct MHD_Response *response = MHD_create_response_from_buffer(
        answer->body.size_bytes, (void *)answer->body.data,
        MHD_RESPMEM_PERSISTENT);
    if (response == NULL) return MHD_NO;
    add_headers(response, answer);
    if (atomic_load(&http->is_stopping))
        MHD_add_response_header(response, "Connection", "close");
    peers_expect(&http->peers, peer_of(exchange->connection),
                 (int64_t)http->settings.timeout_seconds * 1000);
    enum MHD_Result result =
        MHD_queue_response(exchange->connection, answer->status, response);
    MHD_destroy_response(response);
    poller_expect_soon();
    return result;
}

static void count_working(server_http *http)
{
    bool is_alone = atomic_fetch_add(&http->working, 1) == 0;
    if (!is_alone)
        atomic_store(&http->alone, 0);
    else if (atomic_load(&http->alone) < ALONE_LEAST)
        atomic_fetch_add(&http->alone, 1);
}

/* Whether the next request is likely to be alone, too. */
static bool is_alone(const void *context)
{
    const server_http *http = context;
    return atomic_load(&http->alone) >= ALONE_LEAST;
}

/* Whether a write had better be done on this thread: it takes little, and none
 * is likely to come that could share its transaction. */
static bool is_for_here(const server_http *http,
                        const server_exchange *exchange)
{
    return is_alone(http) &&
           exchange->request.body.size_bytes <= SMALL_BODY_BYTES;
}

/* The whole request has come. A worker may answer it before this returns. */
static enum MHD_Result hand_over(server_http *http, server_exchange *exchange)
{
    struct MHD_Connection *connection = exchange->connection;
    server_lane lane = router_lane(&exchange->request);
    exchange->work.run = run;
    exchange->work.done = done;
    exchange->poller = poller_own();
    exchange->stage = EXCHANGE_WORKING;
    poller_note_request();
    count_working(http);
    if (lane == LANE_QUICK) {
        run(&exchange->work, workers_quick(http->settings.workers));
        return send_answer(http, exchange);
    }
    if (lane == LANE_WRITE && is_for_here(http, exchange) &&
        workers_write_here(http->settings.workers, &exchange->work))
        return send_answer(http, exchange);
    peers_expect(&http->peers, peer_of(connection), PEER_NO_LIMIT);
    MHD_suspend_connection(connection);
    poller_expect_soon();
    if (!workers_submit(http->settings.workers, lane, &exchange->work)) {
        exchange->stage = EXCHANGE_REFUSED;
        MHD_resume_connection(connection);
        poller_wake(exchange->poller);
    }
    return MHD_YES;
}

/* Called when the headers have come, for each piece of the body, at the end of
 * that, and when the request is resumed. */
static enum MHD_Result handle(void *context, struct MHD_Connection *connection,
                              const char *uri, const char *method,
                              const char *version, const char *data,
                              size_t *data_bytes, void **own)
{
    (void)connection, (void)uri, (void)version;
    server_http *http = context;
    server_exchange *exchange = *own;
    if (exchange == NULL) return MHD_NO;
    switch (exchange->stage) {
    case EXCHANGE_BEGUN:
        return begin_request(http, exchange, method);
    case EXCHANGE_ARRIVING:
        if (*data_bytes == 0) return hand_over(http, exchange);
        exchange_add_body(exchange, data, *data_bytes);
        *data_bytes = 0;
        return MHD_YES;
    case EXCHANGE_ANSWERED:
        return send_answer(http, exchange);
    case EXCHANGE_WORKING:
    case EXCHANGE_REFUSED:
        break;
    }
    return MHD_NO;
}

/* ------------------------------------------------------ beginning, ending --
 */

/* As many connections as there may be files. */
static unsigned connections_max(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return FILES_KEPT;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    getrlimit(RLIMIT_NOFILE, &limit);
    const rlim_t kept = FILES_KEPT;
    if (limit.rlim_cur > CONNECTIONS_MAX + kept) return CONNECTIONS_MAX;
    if (limit.rlim_cur < 2 * kept) return (unsigned)limit.rlim_cur / 2;
    return (unsigned)(limit.rlim_cur - kept);
}

/* What clients do wrong is told to them, and not to the terminal. */
static void ignore_log(void *context, const char *format, va_list args)
{
    (void)context, (void)format, (void)args;
}

static struct MHD_Daemon *start_daemon(server_http *http)
{
    unsigned share = connections_max() / (unsigned)http->settings.threads;
    return MHD_start_daemon(
        MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, handle, http,
        MHD_OPTION_EXTERNAL_LOGGER, ignore_log, NULL, MHD_OPTION_LISTEN_SOCKET,
        http->listener, MHD_OPTION_CONNECTION_LIMIT, share > 0 ? share : 1,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HEADERS_BYTES_MAX,
        MHD_OPTION_CONNECTION_MEMORY_INCREMENT, (size_t)READ_BYTES,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)(2 * IDLE_MS / 1000),
        MHD_OPTION_NOTIFY_CONNECTION, connection_changes, http,
        MHD_OPTION_URI_LOG_CALLBACK, request_begins, http,
        MHD_OPTION_NOTIFY_COMPLETED, request_ends, http, MHD_OPTION_END);
}

/* All daemons are there before the first thread runs one. */
static bool start_threads(server_http *http)
{
    for (int i = 0; i < http->settings.threads; i++) {
        server_poller *poller = &http->pollers[i];
        poller->orders = &http->orders;
        poller->daemon = start_daemon(http);
        if (poller->daemon == NULL) return false;
        http->daemon_count++;
    }
    for (int i = 0; i < http->daemon_count; i++) {
        if (!poller_start(&http->pollers[i])) return false;
        http->thread_count++;
    }
    return true;
}

/* Let threads end, and close all that is open. */
static void stop_threads(server_http *http)
{
    atomic_store(&http->orders.is_over, true);
    for (int i = 0; i < http->thread_count; i++) {
        poller_wake(&http->pollers[i]);
        poller_join(&http->pollers[i]);
    }
    for (int i = 0; i < http->daemon_count; i++)
        MHD_stop_daemon(http->pollers[i].daemon);
    close(http->listener);
}

static dyn_status start(dyn_call *call, server_http *http)
{
    const http_settings *settings = &http->settings;
    DYN_TRY(
        listener_open(call, settings->host, settings->port, &http->listener));
    if (start_threads(http)) return DYN_OK;
    stop_threads(http);
    return dyn_fail(call, DYN_INVALID, "no threads can be started");
}

dyn_status http_start(dyn_call *call, const http_settings *settings,
                      server_http **out)
{
    *out = NULL;
    assert(settings->threads <= WORKERS_SUBMITTERS_MAX);
    server_http *made = calloc(1, sizeof(*made));
    if (made == NULL || !peers_begin(&made->peers)) {
        free(made);
        return dyn_fail_nomem(call);
    }
    made->settings = *settings;
    made->orders.is_alone = is_alone;
    made->orders.context = made;
    atomic_init(&made->budget_bytes, BODIES_BYTES);
    dyn_status status = start(call, made);
    if (status == DYN_OK) {
        *out = made;
        return DYN_OK;
    }
    peers_end(&made->peers);
    free(made);
    return status;
}

int http_port(const server_http *http)
{
    return listener_port(http->listener);
}

void http_sweep(server_http *http)
{
    peers_shut_late(&http->peers);
}

/* Wait until the answers are sent, for a while. */
static void wait_for_answers(const server_http *http)
{
    static const struct timespec nap = {.tv_nsec = 5000000};
    for (int waited_ms = 0; waited_ms < STOP_MS; waited_ms += 5) {
        if (atomic_load(&http->working) == 0) return;
        nanosleep(&nap, NULL);
    }
}

void http_stop(server_http *http)
{
    atomic_store(&http->is_stopping, true);
    for (int i = 0; i < http->daemon_count; i++)
        MHD_quiesce_daemon(http->pollers[i].daemon);
    workers_stop(http->settings.workers);
    wait_for_answers(http);
    stop_threads(http);
    peers_end(&http->peers);
    free(http);
}
