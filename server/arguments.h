/* The command line. */
#ifndef SERVER_ARGUMENTS_H
#define SERVER_ARGUMENTS_H

#include <stdbool.h>
#include <stddef.h>

typedef struct server_arguments {
    const char *file;        /* of the database; NULL: in memory */
    const char *host;        /* the address to listen on */
    int port;                /* 0: a free one */
    const char *credentials; /* a file (credentials.h); NULL: signatures are
                              * not looked at */
    int workers;             /* threads that read */
    int http_threads;        /* threads that do HTTP */
    int timeout_seconds;     /* for a request to arrive, and its answer to be
                              * taken */
    const char *synchronous; /* PRAGMA synchronous, for a file */
    bool wants_console;      /* --console */
    bool forbids_console;
    bool has_console; /* what follows from these, the host and credentials */
    bool wants_help;
    bool wants_version;
} server_arguments;

/* What --help prints. */
extern const char arguments_help[];

/*
 * Read the command line, without the name of the program. Texts of *out point
 * into argv.
 *
 * Returns false with a message of at most size bytes that says what is wrong.
 */
bool arguments_read(int argc, char *const *argv, server_arguments *out,
                    char *message, size_t size);

#endif
