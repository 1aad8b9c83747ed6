/* The command line; the contract is in arguments.h. */
#include "arguments.h"

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
    "  --timeout SECONDS    for a request to arrive (30)\n"
    "  --workers N          connections that read (as many as processors, 4 "
    "at\n"
    "                       least)\n"
    "  --version, --help\n";

typedef struct argument_reading {
    server_arguments *out;
    char *message;
    size_t size;
} argument_reading;

static bool fail(const argument_reading *reading, const char *format,
                 const char *name, const char *value)
{
    snprintf(reading->message, reading->size, format, name, value);
    return false;
}

static bool read_number(const argument_reading *reading, const char *name,
                        const char *value, int minimum, int maximum, int *out)
{
    char *end = NULL;
    long number = strtol(value, &end, 10);
    bool is_number = end != value && *end == '\0' && value[0] != ' ';
    if (!is_number || number < minimum || number > maximum) {
        snprintf(reading->message, reading->size,
                 "%s is a number from %d to %d, not %s", name, minimum, maximum,
                 value);
        return false;
    }
    *out = (int)number;
    return true;
}

static bool read_synchronous(const argument_reading *reading, const char *value)
{
    static const char *const modes[] = {"off", "normal", "full"};
    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        if (strcmp(value, modes[i]) != 0) continue;
        reading->out->synchronous = modes[i];
        return true;
    }
    return fail(reading, "%s is off, normal or full, not %s", "--synchronous",
                value);
}

static bool read_option(const argument_reading *reading, const char *name,
                        const char *value)
{
    server_arguments *out = reading->out;
    if (strcmp(name, "--port") == 0)
        return read_number(reading, name, value, 0, PORT_MAX, &out->port);
    if (strcmp(name, "--workers") == 0)
        return read_number(reading, name, value, 1, WORKERS_MAX, &out->workers);
    if (strcmp(name, "--timeout") == 0)
        return read_number(reading, name, value, 1, TIMEOUT_SECONDS_MAX,
                           &out->timeout_seconds);
    if (strcmp(name, "--synchronous") == 0)
        return read_synchronous(reading, value);
    if (value[0] == '\0') return fail(reading, "%s is empty%s", name, "");
    if (strcmp(name, "--host") == 0)
        out->host = value;
    else
        out->credentials = value;
    return true;
}

static bool is_option(const char *name)
{
    static const char *const names[] = {"--port",        "--workers",
                                        "--timeout",     "--host",
                                        "--credentials", "--synchronous"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(name, names[i]) == 0) return true;
    }
    return false;
}

static bool read_flag(server_arguments *out, const char *name)
{
    if (strcmp(name, "--help") == 0)
        out->wants_help = true;
    else if (strcmp(name, "--version") == 0)
        out->wants_version = true;
    else
        return false;
    return true;
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

static int usual_workers(void)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    if (processors < WORKERS_MIN) return WORKERS_MIN;
    return processors > WORKERS_MAX ? WORKERS_MAX : (int)processors;
}

bool arguments_read(int argc, char *const *argv, server_arguments *out,
                    char *message, size_t size)
{
    const argument_reading reading = {out, message, size};
    *out = (server_arguments){.host = "127.0.0.1",
                              .port = PORT_USUAL,
                              .workers = usual_workers(),
                              .timeout_seconds = TIMEOUT_SECONDS_USUAL,
                              .synchronous = "full"};
    for (int i = 0; i < argc; i++) {
        bool is_read = false;
        if (is_option(argv[i])) {
            if (i + 1 == argc)
                return fail(&reading, "%s needs a value%s", argv[i], "");
            is_read = read_option(&reading, argv[i], argv[i + 1]);
            i++;
        } else if (argv[i][0] == '-') {
            is_read = read_flag(out, argv[i]) ||
                      fail(&reading, "there is no option %s%s", argv[i], "");
        } else {
            is_read = read_file(&reading, argv[i]);
        }
        if (!is_read) return false;
    }
    if (out->file != NULL && strcmp(out->file, ":memory:") == 0)
        out->file = NULL;
    return true;
}
