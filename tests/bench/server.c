/*
 * Requests per second of a server that speaks DynamoDB's protocol, and how long
 * one takes: PutItem and GetItem of items of 200 bytes among 10,000 keys, with
 * connections that each send the next request when they have the answer.
 * Prints rows of a markdown table; server.sh runs it.
 *
 *   server NAME PORT [seconds=N] [connections=N] ...
 *
 * cc -std=c11 -O2 server.c -o server
 */
#define _GNU_SOURCE // NOLINT(bugprone-reserved-identifier)
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    KEYS = 10000,
    CONNECTIONS_MAX = 1000,
    REQUEST_BYTES = 1536,
    ANSWER_BYTES = 8192,
    SAMPLES_MAX = 8000000,
};

typedef struct client {
    int socket;
    size_t got_bytes;
    double since_us;
    char answer[ANSWER_BYTES + 1];
} client;

typedef struct load {
    const char *operation;
    int connections;
    double seconds;
    long failures;
    size_t answers;
} load;

static struct sockaddr_in address = {.sin_family = AF_INET};
static client clients[CONNECTIONS_MAX];
static float samples_us[SAMPLES_MAX];
static unsigned long random_state = 88172645463325252UL;
static char filler[141];

static void fail(const char *what)
{
    fprintf(stderr, "%s: %s\n", what, strerror(errno));
    exit(1);
}

static double now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static unsigned next_key(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (unsigned)(random_state % KEYS);
}

/* ---------------------------------------------------------------- requests --
 */

static void send_request(client *client, const char *operation,
                         const char *body)
{
    char text[REQUEST_BYTES];
    int size = snprintf(
        text, sizeof(text),
        "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: "
        "application/x-amz-json-1.0\r\nX-Amz-Target: DynamoDB_20120810.%s\r\n"
        "X-Amz-Date: 20260101T000000Z\r\nAuthorization: AWS4-HMAC-SHA256 "
        "Credential=a/20260101/us-east-1/dynamodb/aws4_request, "
        "SignedHeaders=host, Signature=a\r\nContent-Length: %zu\r\n\r\n%s",
        operation, strlen(body), body);
    client->got_bytes = 0;
    client->since_us = now_us();
    if (write(client->socket, text, (size_t)size) != size) fail("write");
}

static void send_next(client *client, const load *load)
{
    char body[REQUEST_BYTES / 2];
    unsigned key = next_key();
    if (load->operation[0] == 'P') {
        snprintf(body, sizeof(body),
                 "{\"TableName\":\"bench\",\"Item\":{\"id\":{\"S\":\"key%05u\"}"
                 ",\"n\":{\"N\":\"%u\"},\"text\":{\"S\":\"%s\"}}}",
                 key, key * 7, filler);
    } else {
        snprintf(body, sizeof(body),
                 "{\"TableName\":\"bench\",\"Key\":{\"id\":{\"S\":\"key%05u\"}}"
                 "}",
                 key);
    }
    send_request(client, load->operation, body);
}

/* The status of the answer when it is whole, or 0. */
static int read_answer(client *client)
{
    ssize_t got = read(client->socket, client->answer + client->got_bytes,
                       ANSWER_BYTES - client->got_bytes);
    if (got <= 0) fail("the server ends a connection");
    client->got_bytes += (size_t)got;
    client->answer[client->got_bytes] = '\0';
    const char *body = strstr(client->answer, "\r\n\r\n");
    const char *length = strcasestr(client->answer, "\r\nContent-Length:");
    if (body == NULL || length == NULL) return 0;
    size_t whole_bytes =
        (size_t)(body + 4 - client->answer) + strtoul(length + 17, NULL, 10);
    return client->got_bytes < whole_bytes ? 0 : atoi(client->answer + 9);
}

static void open_client(client *client)
{
    int on = 1;
    client->socket = socket(AF_INET, SOCK_STREAM, 0);
    if (client->socket < 0 ||
        connect(client->socket, (const struct sockaddr *)&address,
                sizeof(address)) != 0)
        fail("connect");
    setsockopt(client->socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

/* -------------------------------------------------------------------- load --
 */

static void take_answer(client *client, load *load, double end_us)
{
    int status = read_answer(client);
    if (status == 0) return;
    double now = now_us();
    if (status != 200) load->failures++;
    if (load->answers < SAMPLES_MAX)
        samples_us[load->answers++] = (float)(now - client->since_us);
    if (now < end_us)
        send_next(client, load);
    else
        client->since_us = 0;
}

static int count_busy(const load *load)
{
    int busy = 0;
    for (int i = 0; i < load->connections; i++)
        busy += clients[i].since_us > 0;
    return busy;
}

static void run_load(load *load)
{
    struct epoll_event events[CONNECTIONS_MAX];
    int poll = epoll_create1(0);
    double end_us = now_us() + load->seconds * 1e6;
    for (int i = 0; i < load->connections; i++) {
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = &clients[i]};
        open_client(&clients[i]);
        epoll_ctl(poll, EPOLL_CTL_ADD, clients[i].socket, &event);
        send_next(&clients[i], load);
    }
    while (now_us() < end_us || count_busy(load) > 0) {
        int count = epoll_wait(poll, events, CONNECTIONS_MAX, 100);
        for (int i = 0; i < count; i++)
            take_answer(events[i].data.ptr, load, end_us);
    }
    for (int i = 0; i < load->connections; i++)
        close(clients[i].socket);
    close(poll);
}

static int compare_samples(const void *a, const void *b)
{
    float left = *(const float *)a;
    float right = *(const float *)b;
    return (left > right) - (left < right);
}

static void print_row(const char *name, const load *load, double seconds)
{
    qsort(samples_us, load->answers, sizeof(float), compare_samples);
    printf("| %s | %s | %d | %.0f | %.2f | %.2f | %ld |\n", name,
           load->operation, load->connections, (double)load->answers / seconds,
           (double)samples_us[load->answers / 2] / 1e3,
           (double)samples_us[load->answers * 99 / 100] / 1e3, load->failures);
    fflush(stdout);
}

static void run(const char *name, const char *operation, int connections,
                double seconds)
{
    load load = {operation, connections, seconds, 0, 0};
    double begin_us = now_us();
    run_load(&load);
    print_row(name, &load, (now_us() - begin_us) / 1e6);
}

/* -------------------------------------------------------------------- main --
 */

static void ask(const char *operation, const char *body)
{
    client *client = &clients[0];
    open_client(client);
    send_request(client, operation, body);
    while (read_answer(client) == 0) {
    }
    close(client->socket);
}

static void make_table(void)
{
    ask("CreateTable",
        "{\"TableName\":\"bench\",\"KeySchema\":[{\"AttributeName\":\"id\","
        "\"KeyType\":\"HASH\"}],\"AttributeDefinitions\":[{\"AttributeName\":"
        "\"id\",\"AttributeType\":\"S\"}],\"BillingMode\":\"PAY_PER_"
        "REQUEST\"}");
    do {
        usleep(50000);
        ask("DescribeTable", "{\"TableName\":\"bench\"}");
    } while (strstr(clients[0].answer, "\"ACTIVE\"") == NULL);
}

static int read_option(const char *argument, const char *name, int usual)
{
    size_t size = strlen(name);
    return strncmp(argument, name, size) == 0 ? atoi(argument + size) : usual;
}

int main(int argc, char **argv)
{
    int counts[8] = {1, 16, 100};
    int count = 3;
    int given = 0;
    int seconds = 3;
    if (argc < 3) {
        fputs("usage: server NAME PORT [seconds=N] [connections=N] ...\n",
              stderr);
        return 2;
    }
    for (int i = 3; i < argc; i++) {
        seconds = read_option(argv[i], "seconds=", seconds);
        int connections = read_option(argv[i], "connections=", 0);
        if (connections > 0 && connections <= CONNECTIONS_MAX && given < 8)
            counts[given++] = connections;
    }
    if (given > 0) count = given;
    address.sin_port = htons((unsigned short)atoi(argv[2]));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    memset(filler, 'x', sizeof(filler) - 1);
    make_table();
    for (int i = 0; i < count; i++) {
        run(argv[1], "PutItem", counts[i], seconds);
        run(argv[1], "GetItem", counts[i], seconds);
    }
    return 0;
}
