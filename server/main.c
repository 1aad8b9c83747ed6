/*
 * dynamo-server: DynamoDB's HTTP protocol in front of a SQLite database.
 * Start reading here.
 */
#include "arguments.h"
#include "base/clock.h"
#include "credentials.h"
#include "database.h"
#include "dynamo.h"
#include "http.h"
#include "place.h"
#include "workers.h"

#include <signal.h>
#include <stdio.h>
#include <time.h>

/* What is begun is ended in the opposite order. */
typedef struct server_parts {
    server_place place;
    credential_list credentials;
    server_workers *workers;
    server_http *http;
} server_parts;

/* Signals are waited for, so that no thread is interrupted by one. */
static void hold_signals(sigset_t *ends)
{
    sigemptyset(ends);
    sigaddset(ends, SIGTERM);
    sigaddset(ends, SIGINT);
    pthread_sigmask(SIG_BLOCK, ends, NULL);
    signal(SIGPIPE, SIG_IGN);
}

static dyn_status start(dyn_call *call, const server_arguments *arguments,
                        server_parts *server)
{
    bool is_memory = arguments->file == NULL;
    if (arguments->credentials != NULL)
        DYN_TRY(credentials_load(call, arguments->credentials,
                                 &server->credentials));
    DYN_TRY(place_find(call, arguments->file, &server->place));
    const workers_settings workers = {
        .path = server->place.path,
        .synchronous = is_memory ? "off" : arguments->synchronous,
        .is_private = is_memory,
        .readers = arguments->workers,
        .submitters = arguments->http_threads};
    DYN_TRY(workers_start(call, &workers, &server->workers));
    const http_settings settings = {
        .host = arguments->host,
        .port = arguments->port,
        .threads = arguments->http_threads,
        .timeout_seconds = arguments->timeout_seconds,
        .router = {.credentials = arguments->credentials == NULL
                                      ? NULL
                                      : &server->credentials,
                   .has_console = arguments->has_console,
                   .host = arguments->host},
        .workers = server->workers,
    };
    return http_start(call, &settings, &server->http);
}

static void stop(server_parts *server)
{
    if (server->http != NULL)
        http_stop(server->http);
    else if (server->workers != NULL)
        workers_stop(server->workers);
    if (server->workers != NULL) workers_close(server->workers);
    place_leave(&server->place);
}

static void print_address(const server_arguments *arguments,
                          const server_http *http)
{
    bool is_ipv6 = strchr(arguments->host, ':') != NULL;
    printf("dynamo-server: %s at http://%s%s%s:%d\n",
           arguments->file == NULL ? "memory" : arguments->file,
           is_ipv6 ? "[" : "", arguments->host, is_ipv6 ? "]" : "",
           http_port(http));
    fflush(stdout);
}

/* Until a signal comes. The next one ends the process at once. */
static void wait_for_end(server_http *http, const sigset_t *ends)
{
    static const struct timespec second = {.tv_sec = 1};
    while (sigtimedwait(ends, NULL, &second) < 0)
        http_sweep(http);
    pthread_sigmask(SIG_UNBLOCK, ends, NULL);
}

static int serve(const server_arguments *arguments)
{
    dyn_call call;
    sigset_t ends;
    server_parts server = {.http = NULL};
    dyn_call_begin(&call);
    hold_signals(&ends);
    dyn_status status = start(&call, arguments, &server);
    if (status == DYN_OK) {
        print_address(arguments, server.http);
        wait_for_end(server.http, &ends);
    } else {
        fprintf(stderr, "dynamo-server: %s\n", call.error.message);
    }
    stop(&server);
    dyn_call_end(&call);
    return status == DYN_OK ? 0 : 1;
}

int main(int argc, char **argv)
{
    server_arguments arguments;
    char message[512];
    if (!arguments_read(argc - 1, argv + 1, &arguments, message,
                        sizeof(message))) {
        fprintf(stderr,
                "dynamo-server: %s\ndynamo-server --help lists the options\n",
                message);
        return 2;
    }
    if (arguments.wants_help) {
        fputs(arguments_help, stdout);
        return 0;
    }
    if (arguments.wants_version) {
        puts("dynamo-server " DYNAMO_VERSION);
        return 0;
    }
    dyn_clock_forbid_waiting();
    if (!database_prepare()) {
        fputs("dynamo-server: SQLite cannot be used by several threads\n",
              stderr);
        return 1;
    }
    return serve(&arguments);
}
