/*
 * An HTTP request that has arrived as a whole, and the answer to it: what the
 * parts of the server hand to each other. Neither knows how bytes travel.
 */
#ifndef SERVER_REQUEST_H
#define SERVER_REQUEST_H

#include "base/bytes.h"

#include <stdint.h>

enum {
    REQUEST_BODY_BYTES_MAX = 16 * 1024 * 1024, /* also unpacked */
    REQUEST_ID_CHARACTERS = 52,
};

typedef struct http_header {
    dyn_bytes name;
    dyn_bytes value;
} http_header;

/* All of it lives as long as the request does. */
typedef struct http_request {
    dyn_bytes method; /* as it was sent: `POST` */
    dyn_bytes uri;    /* as it was sent: the path, and the query behind a ? */
    const http_header *headers; /* in the order they were sent */
    size_t header_count;
    dyn_bytes body;
    bool is_too_large; /* the body had more than REQUEST_BODY_BYTES_MAX, and is
                        * not here */
    bool is_refused;   /* it is not here, for other requests take the memory */
} http_request;

/* The value of the first header of a name, whose case does not matter; without
 * data when there is none. */
dyn_bytes http_request_header(const http_request *request, const char *name);

/* The path of the request, without the query. */
dyn_bytes http_request_path(const http_request *request);

/* A header of an answer beyond those that each has. */
typedef struct answer_header {
    const char *name; /* NULL behind the last one */
    const char *value;
} answer_header;

/* All of it lives as long as the request that it answers. */
typedef struct http_answer {
    unsigned status;           /* 200, 400, ... */
    const char *content_type;  /* a literal */
    const answer_header *more; /* headers; NULL: none */
    dyn_bytes body;
    bool is_gzip; /* the body is packed */
    char id[REQUEST_ID_CHARACTERS + 1];
    uint32_t checksum; /* CRC32 of the body */
} http_answer;

#endif
