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
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "host/transport_internal.h"

struct px_listener {
    int fd;            /* the socket, or a pty's master until it is accepted, then -1 */
    px_transport *pty; /* the one connection of a pty, until it is accepted */
    char name[300];
    char file[sizeof((struct sockaddr_un *)0)->sun_path]; /* to be removed, or empty */
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
        if (bind(fd, at->ai_addr, at->ai_addrlen) == 0 && listen(fd, 16) == 0)
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

/* A socket that nobody answers at was left by a server that died. */
static bool left_behind(const struct sockaddr_un *address)
{
    struct stat about;
    if (lstat(address->sun_path, &about) != 0 || !S_ISSOCK(about.st_mode))
        return false;
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const bool dead =
        fd >= 0 && connect(fd, (const struct sockaddr *)address, sizeof *address) != 0 && errno == ECONNREFUSED;
    if (fd >= 0)
        close(fd);
    return dead;
}

static bool listen_unix(px_listener *l, const char *spec, px_error *error)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(spec + 5) >= sizeof address.sun_path || spec[5] == '\0')
        return px_fail(error, PX_E_USAGE, "'%s': a Unix socket's name has 1 to %zu bytes", spec,
                       sizeof address.sun_path - 1);
    strcpy(address.sun_path, spec + 5);
    if (left_behind(&address))
        unlink(address.sun_path);
    l->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (l->fd < 0 || bind(l->fd, (const struct sockaddr *)&address, sizeof address) != 0)
        return px_fail(error, PX_E_SYSTEM, "cannot listen on %s: %s", spec,
                       errno == EADDRINUSE ? "something of that name is there already" : strerror(errno));
    strcpy(l->file, address.sun_path);
    if (listen(l->fd, 16) != 0)
        return px_fail(error, PX_E_SYSTEM, "cannot listen on %s: %s", spec, strerror(errno));
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
    if (l->file[0] != '\0')
        unlink(l->file);
    free(l);
}

const char *px_listener_name(const px_listener *l) { return l->name; }
int px_listener_fd(const px_listener *l) { return l->fd; }

px_io px_listener_accept(px_listener *l, px_transport **transport, int milliseconds, px_error *error)
{
    if (l->pty != NULL) {
        *transport = l->pty;
        l->pty = NULL;
        l->fd = -1;
        return PX_IO_DONE;
    }
    struct pollfd poll_fd = {.fd = l->fd, .events = POLLIN};
    if (poll(&poll_fd, 1, milliseconds) <= 0)
        return PX_IO_TIMEOUT;
    const int fd = accept(l->fd, NULL, NULL);
    if (fd < 0 && (errno == EAGAIN || errno == EINTR || errno == ECONNABORTED))
        return PX_IO_TIMEOUT; /* it came and went */
    if (fd < 0) {
        px_fail(error, PX_E_SYSTEM, "%s: %s", l->name, strerror(errno));
        return PX_IO_FAILED;
    }
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    if (px_transport_adopt(transport, fd, l->name, error))
        return PX_IO_DONE;
    close(fd);
    return PX_IO_FAILED;
}
