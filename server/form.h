/*
 * The fields of a form, as browsers send them: in the query of a URL, or as a
 * body of the type application/x-www-form-urlencoded.
 */
#ifndef SERVER_FORM_H
#define SERVER_FORM_H

#include "base/call.h"

typedef struct form_field {
    dyn_bytes name;
    dyn_bytes value;
} form_field;

typedef struct server_form {
    const form_field *fields;
    size_t count;
} server_form;

/* Read what a form has sent; copies are in the memory of call. A percent sign
 * that no two digits follow is one. Fails with DYN_INVALID when there are more
 * than 64 fields; DYN_NOMEM. */
dyn_status form_read(dyn_call *call, dyn_bytes sent, server_form *out);

/* The first field of a name; empty when there is none. */
dyn_bytes form_value(const server_form *form, const char *name);

bool form_has(const server_form *form, const char *name); /* not empty */

#endif
