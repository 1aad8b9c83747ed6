/* The command line; the contract is in arguments.h. */
#include "arguments.h"

#include "workers.h"

#include <arpa/inet.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    PORT_USUAL = 8000,
    PORT_MAX = 65535,
    WORKERS_MIN = 4,
    WORKERS_MAX = 64,
    TIMEOUT_SECONDS_USUAL = 30,
    TIMEOUT_SECONDS_MAX = 3600,
};

const char arguments_help[] =
    "usage: dynamo-server [FILE] [option ...]\n"
    "\n"
    "Serves the tables of a SQLite database by DynamoDB's HTTP protocol. "
    "Without\n"
    "FILE, or with :memory:, they are gone when the server ends.\n"
    "\n"
    "  --port N             the port (8000); 0: a free one, which is printed\n"
    "  --host ADDRESS       the address to listen on (127.0.0.1)\n"
    "  --credentials FILE   check signatures with the keys of FILE: an access\n"
    "                       key and its secret on each line\n"
    "  --synchronous MODE   off, normal or full (full): what is on the disk\n"
    "                       before a write is answered; docs/server.md\n"
    "  --timeout SECONDS    for a request to arrive, and for its answer to be "
    "taken\n"
    "                       (30)\n"
    "  --workers N          connections that read (as many as processors, 4 "
    "at\n"
    "                       least)\n"
    "  --http-threads N     threads that do HTTP (as many as processors)\n"
    "  --console            have the console at / also with --credentials or "
    "another\n"
    "                       --host: whoever reaches the port reads and writes "
    "there\n"
    "                       without a signature; docs/server.md\n"
    "  --no-console         have none\n"
    "  --version, --help\n";

typedef struct argument_reading {
    server_arguments *out;
    char *message;
    size_t size;
} argument_reading;

/* ---------------------------------------------------------------- options --
 */

#define AT(member) offsetof(server_arguments, member)

typedef enum option_kind {
    OPTION_NUMBER, /* an int, from minimum to maximum */
    OPTION_TEXT,
    OPTION_FLAG, /* a bool, without a value */
} option_kind;

typedef struct known_option {
    const char *name;
    option_kind kind;
    size_t at; /* the member of server_arguments */
    int minimum;
    int maximum;
} known_option;

static const known_option options[] = {
    {"--port", OPTION_NUMBER, AT(port), 0, PORT_MAX},
    {"--workers", OPTION_NUMBER, AT(workers), 1, WORKERS_MAX},
    {"--http-threads", OPTION_NUMBER, AT(http_threads), 1,
     WORKERS_SUBMITTERS_MAX},
    {"--timeout", OPTION_NUMBER, AT(timeout_seconds), 1, TIMEOUT_SECONDS_MAX},
    {"--host", OPTION_TEXT, AT(host), 0, 0},
    {"--credentials", OPTION_TEXT, AT(credentials), 0, 0},
    {"--synchronous", OPTION_TEXT, AT(synchronous), 0, 0},
    {"--console", OPTION_FLAG, AT(wants_console), 0, 0},
    {"--no-console", OPTION_FLAG, AT(forbids_console), 0, 0},
    {"--help", OPTION_FLAG, AT(wants_help), 0, 0},
    {"--version", OPTION_FLAG, AT(wants_version), 0, 0},
};

static const known_option *find_option(const char *name)
{
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
        if (strcmp(options[i].name, name) == 0) return &options[i];
    }
    return NULL;
}

static void *member(const argument_reading *reading, const known_option *option)
{
    return (char *)reading->out + option->at;
}

/* ---------------------------------------------------------------- reading --
 */

static bool fail(const argument_reading *reading, const char *format,
                 const char *name, const char *value)
{
    snprintf(reading->message, reading->size, format, name, value);
    return false;
}

static bool read_number(const argument_reading *reading,
                        const known_option *option, const char *value)
{
    char *end = NULL;
    long number = strtol(value, &end, 10);
    bool is_number = end != value && *end == '\0' && value[0] != ' ';
    if (!is_number || number < option->minimum || number > option->maximum) {
        snprintf(reading->message, reading->size,
                 "%s is a number from %d to %d, not %s", option->name,
                 option->minimum, option->maximum, value);
        return false;
    }
    *(int *)member(reading, option) = (int)number;
    return true;
}

static bool read_text(const argument_reading *reading,
                      const known_option *option, const char *value)
{
    if (value[0] == '\0')
        return fail(reading, "%s is empty%s", option->name, "");
    *(const char **)member(reading, option) = value;
    return true;
}

static bool check_synchronous(const argument_reading *reading)
{
    const char *mode = reading->out->synchronous;
    if (strcmp(mode, "off") == 0 || strcmp(mode, "normal") == 0 ||
        strcmp(mode, "full") == 0)
        return true;
    return fail(reading, "%s is off, normal or full, not %s", "--synchronous",
                mode);
}

static bool read_file(const argument_reading *reading, const char *name)
{
    if (reading->out->file != NULL)
        return fail(reading, "one file can be served: %s or %s",
                    reading->out->file, name);
    if (name[0] == '\0') return fail(reading, "%s is empty%s", "FILE", "");
    reading->out->file = name;
    return true;
}

/* Read what begins at argv[0]. *taken is how many of argc words it has. */
static bool read_next(const argument_reading *reading, int argc,
                      char *const *argv, int *taken)
{
    const known_option *option = find_option(argv[0]);
    *taken = 1;
    if (argv[0][0] != '-') return read_file(reading, argv[0]);
    if (option == NULL)
        return fail(reading, "there is no option %s%s", argv[0], "");
    if (option->kind == OPTION_FLAG) {
        *(bool *)member(reading, option) = true;
        return true;
    }
    if (argc < 2) return fail(reading, "%s needs a value%s", argv[0], "");
    *taken = 2;
    return option->kind == OPTION_NUMBER ? read_number(reading, option, argv[1])
                                         : read_text(reading, option, argv[1]);
}

static int between(long number, int minimum, int maximum)
{
    if (number < minimum) return minimum;
    return number > maximum ? maximum : (int)number;
}

/* An address that other machines cannot reach. */
static bool is_loopback(const char *host)
{
    unsigned char address[sizeof(struct in6_addr)];
    if (strcmp(host, "localhost") == 0 || strcmp(host, "::1") == 0) return true;
    return inet_pton(AF_INET, host, address) == 1 && address[0] == 127;
}

/* The console asks for no signature, so where others have to sign, or another
 * machine may come, it is there only when it is asked for. */
static bool decide_console(const server_arguments *arguments)
{
    if (arguments->forbids_console) return false;
    return arguments->wants_console ||
           (arguments->credentials == NULL && is_loopback(arguments->host));
}

bool arguments_read(int argc, char *const *argv, server_arguments *out,
                    char *message, size_t size)
{
    const argument_reading reading = {out, message, size};
    const long processors = sysconf(_SC_NPROCESSORS_ONLN);
    *out = (server_arguments){
        .host = "127.0.0.1",
        .port = PORT_USUAL,
        .workers = between(processors, WORKERS_MIN, WORKERS_MAX),
        .http_threads = between(processors, 1, WORKERS_SUBMITTERS_MAX),
        .timeout_seconds = TIMEOUT_SECONDS_USUAL,
        .synchronous = "full"};
    for (int i = 0, taken = 0; i < argc; i += taken) {
        if (!read_next(&reading, argc - i, argv + i, &taken)) return false;
    }
    if (out->file != NULL && strcmp(out->file, ":memory:") == 0)
        out->file = NULL;
    out->has_console = decide_console(out);
    return check_synchronous(&reading);
}
