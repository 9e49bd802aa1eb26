/* transport_listen.c - places where clients of the link come to: TCP, Unix sockets, a new pseudo-terminal. */
#define _XOPEN_SOURCE 700 /* posix_openpt */
#define _DEFAULT_SOURCE

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pxi/pace.h"
#include "wire/socket_name.h"
#include "wire/transport_internal.h"

enum { BACKLOG = 128 };

struct px_listener {
    int fd;            /* the socket, or a pty's master until it is accepted, then -1 */
    px_transport *pty; /* the one connection of a pty, until it is accepted */
    char name[300];
    int failure; /* errno of the accept that failed */
    px_socket_name file;
};

/* ---- TCP ---- */

/* The address that the socket really got, for port 0. */
static void name_tcp(px_listener *l)
{
    struct sockaddr_storage address;
    socklen_t size = sizeof address;
    char host[200], port[16];
    if (getsockname(l->fd, (struct sockaddr *)&address, &size) == 0 &&
        getnameinfo((struct sockaddr *)&address, size, host, sizeof host, port, sizeof port,
                    NI_NUMERICHOST | NI_NUMERICSERV) == 0)
        snprintf(l->name, sizeof l->name, strchr(host, ':') != NULL ? "tcp:[%s]:%s" : "tcp:%s:%s", host, port);
}

static bool listen_tcp(px_listener *l, const char *spec, px_error *error)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
    struct addrinfo *found, *at;
    px_tcp place;
    if (!px_tcp_place(spec, 0, &place, error))
        return false;
    const int failed = getaddrinfo(place.host, place.port, &hints, &found);
    if (failed != 0)
        return px_fail(error, PX_E_SYSTEM, "%s: %s", spec, gai_strerror(failed));
    const int on = 1;
    for (at = found; at != NULL && l->fd < 0; at = at->ai_next) {
        const int fd = socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd < 0)
            continue;
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        if (bind(fd, at->ai_addr, at->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
            l->fd = fd;
        else
            close(fd);
    }
    freeaddrinfo(found);
    if (l->fd < 0)
        return px_fail(error, PX_E_SYSTEM, "cannot listen on %s: %s", spec, strerror(errno));
    name_tcp(l);
    return true;
}

/* ---- Unix sockets ---- */

static bool listen_unix(px_listener *l, const char *spec, px_error *error)
{
    const char *path = spec + strlen("unix:");
    if (strlen(path) >= sizeof l->file.path || path[0] == '\0')
        return px_fail(error, PX_E_USAGE, "'%s': a Unix socket's name has 1 to %zu bytes", spec, sizeof l->file.path - 1);
    l->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int failure = l->fd < 0 ? errno : px_socket_name_take(&l->file, l->fd, path, BACKLOG);
    if (failure != 0)
        return px_fail(error, PX_E_SYSTEM, "cannot listen on %s: %s", spec, px_socket_name_why(failure));
    snprintf(l->name, sizeof l->name, "%s", spec);
    return true;
}

/* ---- a pseudo-terminal ---- */

static bool listen_pty(px_listener *l, px_error *error)
{
    const int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    const char *slave_name;
    if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0 || (slave_name = ptsname(master)) == NULL) {
        if (master >= 0)
            close(master);
        return px_fail(error, PX_E_SYSTEM, "cannot make a pseudo-terminal: %s", strerror(errno));
    }
    snprintf(l->name, sizeof l->name, "%s", slave_name);
    if (!px_transport_adopt(&l->pty, master, l->name, error)) {
        close(master);
        return false;
    }
    l->pty->slave = open(l->name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (l->pty->slave < 0)
        return px_fail(error, PX_E_SYSTEM, "cannot open the pseudo-terminal %s: %s", l->name, strerror(errno));
    l->fd = master;
    return px_tty_raw(l->pty->slave, 0, l->name, error);
}

/* ---- any ---- */

bool px_listener_open(px_listener **listener, const char *spec, px_error *error)
{
    px_listener *l = calloc(1, sizeof *l);
    if (l == NULL)
        return px_fail(error, PX_E_SYSTEM, "no memory to listen on %s", spec);
    l->fd = -1;
    bool good;
    if (strncmp(spec, "tcp:", 4) == 0)
        good = listen_tcp(l, spec, error);
    else if (strncmp(spec, "unix:", 5) == 0)
        good = listen_unix(l, spec, error);
    else if (strcmp(spec, "pty") == 0)
        good = listen_pty(l, error);
    else
        good = px_fail(error, PX_E_USAGE, "cannot listen on '%s'; expected tcp:[HOST:]PORT, unix:PATH or pty", spec);
    if (!good) {
        px_listener_close(l);
        return false;
    }
    if (l->pty == NULL)
        px_nonblocking(l->fd);
    *listener = l;
    return true;
}

void px_listener_close(px_listener *l)
{
    if (l == NULL)
        return;
    if (l->pty != NULL)
        px_transport_close(l->pty);
    else if (l->fd >= 0)
        close(l->fd);
    px_socket_name_give_back(&l->file);
    free(l);
}

const char *px_listener_name(const px_listener *l) { return l->name; }
int px_listener_fd(const px_listener *l) { return l->fd; }

int px_listener_failure(const px_listener *l) { return l->failure; }

/* Of these accept(2) says that a server should go on: they are about the connection that was to be had. */
static bool went_away(int failure)
{
    static const int ways[] = {ECONNABORTED, EPROTO,       EPERM,      ENETDOWN,    ENOPROTOOPT, EHOSTDOWN,
                               ENONET,       EHOSTUNREACH, EOPNOTSUPP, ENETUNREACH, ETIMEDOUT};
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        if (failure == ways[i])
            return true;
    return false;
}

static px_io not_accepted(px_listener *l, int failure, px_error *error)
{
    if (failure == EAGAIN || failure == EWOULDBLOCK || failure == EINTR)
        return PX_IO_TIMEOUT;
    l->failure = failure;
    const bool went = went_away(failure);
    px_fail(error, PX_E_SYSTEM, went ? "%s: a connection went away before it was accepted: %s" : "%s: %s", l->name,
            strerror(failure));
    return went ? PX_IO_GONE : PX_IO_FAILED;
}

px_io px_listener_accept(px_listener *l, px_transport **transport, int milliseconds, px_error *error)
{
    if (l->pty != NULL) {
        *transport = l->pty;
        l->pty = NULL;
        l->fd = -1;
        return PX_IO_DONE;
    }
    int fd = accept(l->fd, NULL, NULL);
    if (fd < 0 && (errno == EAGAIN || errno == EWOULDBLOCK) && milliseconds != 0) {
        const px_io waited = px_await(l->fd, POLLIN, milliseconds < 0 ? -1 : px_seconds() + milliseconds * 1e-3);
        if (waited != PX_IO_DONE)
            return waited == PX_IO_TIMEOUT ? waited : not_accepted(l, errno, error);
        fd = accept(l->fd, NULL, NULL);
    }
    if (fd < 0)
        return not_accepted(l, errno, error);
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    if (px_transport_adopt(transport, fd, l->name, error))
        return PX_IO_DONE;
    close(fd);
    l->failure = ENOMEM;
    return PX_IO_FAILED;
}
