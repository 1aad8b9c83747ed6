/*
 * Access keys and their secrets, which are read once and then only looked at.
 *
 * A file of them has a line for each: the access key, spaces or tabs, and the
 * secret. Empty lines and lines that begin with # are passed over.
 */
#ifndef SERVER_CREDENTIALS_H
#define SERVER_CREDENTIALS_H

#include "base/call.h"

typedef struct credential_line {
    dyn_bytes access_key;
    dyn_bytes secret;
} credential_line;

typedef struct credential_list {
    const credential_line *all;
    size_t count;
} credential_list;

/* Read the text of a file; what is read points into text.
 * Fails with DYN_INVALID that names the line; DYN_NOMEM. */
dyn_status credentials_read(dyn_call *call, dyn_bytes text,
                            credential_list *out);

/* Read a file; what is read is in the memory of call.
 * Fails as credentials_read(), and with DYN_INVALID when the file cannot be
 * read. */
dyn_status credentials_load(dyn_call *call, const char *path,
                            credential_list *out);

/* The secret of an access key; without data when there is none. */
dyn_bytes credentials_secret(const credential_list *credentials,
                             dyn_bytes access_key);

#endif
