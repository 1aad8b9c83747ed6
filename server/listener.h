/*
 * The socket that clients connect to.
 */
#ifndef SERVER_LISTENER_H
#define SERVER_LISTENER_H

#include "base/call.h"

/* Listen on an address, or a name of one; on a free port when it is 0. The
 * caller closes the socket. Fails with DYN_INVALID, which says why. */
dyn_status listener_open(dyn_call *call, const char *host, int port, int *out);

/* The port of a socket that listens; 0: unknown. */
int listener_port(int listener);

#endif
