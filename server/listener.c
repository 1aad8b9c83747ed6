/* The socket that clients connect to; the contract is in listener.h. */
#include "listener.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 1024, NONE = -1 };

static dyn_status find_address(dyn_call *call, const char *host, int port,
                               struct addrinfo **out)
{
    char digits[sizeof("65535")];
    const struct addrinfo hints = {.ai_family = AF_UNSPEC,
                                   .ai_socktype = SOCK_STREAM,
                                   .ai_flags = AI_PASSIVE};
    snprintf(digits, sizeof(digits), "%d", port);
    int rc = getaddrinfo(host, digits, &hints, out);
    if (rc == 0) return DYN_OK;
    return dyn_fail(call, DYN_INVALID, "%s is no address: %s", host,
                    gai_strerror(rc));
}

/* A socket that is closed by exec() and never waits; errno says why there is
 * none. An address of IPv6 is for IPv6 alone. */
static int open_socket(const struct addrinfo *address)
{
    static const int on = 1;
    int made = socket(address->ai_family, SOCK_STREAM, 0);
    if (made == NONE) return NONE;
    setsockopt(made, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (address->ai_family == AF_INET6)
        setsockopt(made, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
    if (fcntl(made, F_SETFD, FD_CLOEXEC) == 0 &&
        fcntl(made, F_SETFL, O_NONBLOCK) == 0 &&
        bind(made, address->ai_addr, address->ai_addrlen) == 0 &&
        listen(made, BACKLOG) == 0)
        return made;
    int reason = errno;
    close(made);
    errno = reason;
    return NONE;
}

dyn_status listener_open(dyn_call *call, const char *host, int port, int *out)
{
    struct addrinfo *address = NULL;
    *out = NONE;
    DYN_TRY(find_address(call, host, port, &address));
    *out = open_socket(address);
    int reason = errno;
    freeaddrinfo(address);
    if (*out != NONE) return DYN_OK;
    return dyn_fail(call, DYN_INVALID, "port %d of %s cannot be had: %s", port,
                    host, strerror(reason));
}

int listener_port(int listener)
{
    struct sockaddr_storage address;
    socklen_t bytes = sizeof(address);
    memset(&address, 0, sizeof(address));
    if (getsockname(listener, (struct sockaddr *)&address, &bytes) != 0)
        return 0;
    return ntohs(address.ss_family == AF_INET6
                     ? ((struct sockaddr_in6 *)(void *)&address)->sin6_port
                     : ((struct sockaddr_in *)(void *)&address)->sin_port);
}
