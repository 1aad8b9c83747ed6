/*
 * What no server on this machine can go below, under the load of server.c: one
 * that answers each request of DynamoDB's protocol with the same item, and does
 * nothing else. "raw" reads and writes the sockets itself, on one thread;
 * "library" has libmicrohttpd do so, with as many threads as there are
 * processors. Prints its address, as dynamo-server does, and serves until it is
 * killed.
 *
 *   server_floor raw|library
 *
 * cc -std=c11 -O2 server_floor.c -o server_floor -lmicrohttpd
 */
#define _GNU_SOURCE // NOLINT(bugprone-reserved-identifier)
#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { REQUEST_BYTES = 4096, EVENTS = 256, BACKLOG = 1024 };

/* server.c waits until a table is active. */
static const char body[] =
    "{\"Table\":{\"TableStatus\":\"ACTIVE\"},\"Item\":{\"id\":{\"S\":"
    "\"key00000\"},\"n\":{\"N\":\"0\"},\"text\":{\"S\":\""
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"}"
    "}}";

static void fail(const char *what)
{
    fprintf(stderr, "server_floor: %s: %s\n", what, strerror(errno));
    exit(EXIT_FAILURE);
}

static void print_address(int port)
{
    printf("http://127.0.0.1:%d\n", port);
    fflush(stdout);
}

static int listen_anywhere(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof(address);
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (listener < 0 ||
        bind(listener, (struct sockaddr *)&address, sizeof(address)) != 0 ||
        listen(listener, BACKLOG) != 0 ||
        getsockname(listener, (struct sockaddr *)&address, &size) != 0)
        fail("listen");
    print_address(ntohs(address.sin_port));
    return listener;
}

/* -------------------------------------------------------------------- raw - */

typedef struct client {
    int socket;
    size_t got_bytes;
    char request[REQUEST_BYTES + 1];
} client;

static char answer[1024];
static size_t answer_bytes;

static void add_client(int poll, int listener)
{
    int on = 1;
    client *made = calloc(1, sizeof(*made));
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = made};
    if (made == NULL) fail("calloc");
    made->socket = accept(listener, NULL, NULL);
    if (made->socket < 0) fail("accept");
    setsockopt(made->socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    epoll_ctl(poll, EPOLL_CTL_ADD, made->socket, &event);
}

static bool is_whole(const client *from)
{
    const char *end = strstr(from->request, "\r\n\r\n");
    const char *length = strcasestr(from->request, "\r\nContent-Length:");
    return end != NULL && length != NULL &&
           from->got_bytes >= (size_t)(end + 4 - from->request) +
                                  strtoul(length + 17, NULL, 10);
}

static void serve(client *from)
{
    ssize_t got = read(from->socket, from->request + from->got_bytes,
                       REQUEST_BYTES - from->got_bytes);
    if (got <= 0) {
        close(from->socket);
        free(from);
        return;
    }
    from->got_bytes += (size_t)got;
    from->request[from->got_bytes] = '\0';
    if (!is_whole(from)) return;
    from->got_bytes = 0;
    if (write(from->socket, answer, answer_bytes) < 0) fail("write");
}

static void serve_raw(void)
{
    struct epoll_event events[EVENTS];
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    int listener = listen_anywhere();
    int poll = epoll_create1(0);
    answer_bytes = (size_t)snprintf(
        answer, sizeof(answer),
        "HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.0\r\n"
        "Content-Length: %zu\r\n\r\n%s",
        sizeof(body) - 1, body);
    epoll_ctl(poll, EPOLL_CTL_ADD, listener, &event);
    for (;;) {
        int count = epoll_wait(poll, events, EVENTS, -1);
        for (int i = 0; i < count; i++) {
            if (events[i].data.ptr == NULL)
                add_client(poll, listener);
            else
                serve(events[i].data.ptr);
        }
    }
}

/* ---------------------------------------------------------------- library - */

static enum MHD_Result handle(void *context, struct MHD_Connection *connection,
                              const char *uri, const char *method,
                              const char *version, const char *data,
                              size_t *data_bytes, void **own)
{
    static int begun;
    (void)context, (void)uri, (void)method, (void)version, (void)data;
    if (*own == NULL || *data_bytes > 0) {
        *own = &begun;
        *data_bytes = 0;
        return MHD_YES;
    }
    struct MHD_Response *response = MHD_create_response_from_buffer(
        sizeof(body) - 1, (void *)body, MHD_RESPMEM_PERSISTENT);
    MHD_add_response_header(response, "Content-Type",
                            "application/x-amz-json-1.0");
    enum MHD_Result result = MHD_queue_response(connection, 200, response);
    MHD_destroy_response(response);
    return result;
}

static void serve_by_library(void)
{
    struct MHD_Daemon *daemon = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD, 0, NULL, NULL, handle, NULL,
        MHD_OPTION_LISTEN_SOCKET, listen_anywhere(),
        MHD_OPTION_THREAD_POOL_SIZE, (unsigned)sysconf(_SC_NPROCESSORS_ONLN),
        MHD_OPTION_END);
    if (daemon == NULL) fail("MHD_start_daemon");
    for (;;)
        pause();
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "raw") == 0) serve_raw();
    if (argc == 2 && strcmp(argv[1], "library") == 0) serve_by_library();
    fputs("usage: server_floor raw|library\n", stderr);
    return 2;
}
