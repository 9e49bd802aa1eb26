/* transport.c - see transport.h: naming, reading and writing; transport_tty.c has serial ports, transport_listen.c the
 * listening side. */
#define _DEFAULT_SOURCE

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "pxi/number.h"
#include "pxi/pace.h"
#include "wire/transport_internal.h"

enum { CONNECT_MS = 5000, SOON_NS = 10000000 };

/* ---- life ---- */

void px_nonblocking(int fd) { fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK); }

static px_transport *new_transport(const char *name, px_error *error)
{
    px_transport *t = calloc(1, sizeof *t);
    if (t == NULL) {
        px_fail(error, PX_E_SYSTEM, "no memory to open %s", name);
        return NULL;
    }
    t->fd = t->slave = -1;
    snprintf(t->name, sizeof t->name, "%s", name);
    return t;
}

void px_transport_close(px_transport *t)
{
    if (t == NULL)
        return;
    if (t->fd >= 0) {
        px_tty_close(t);
        close(t->fd);
    }
    if (t->slave >= 0)
        close(t->slave);
    free(t);
}

bool px_transport_adopt(px_transport **transport, int fd, const char *name, px_error *error)
{
    px_transport *t = new_transport(name, error);
    if (t == NULL)
        return false;
    struct stat about;
    const int on = 1;
    t->fd = fd;
    t->socket = fstat(fd, &about) == 0 && S_ISSOCK(about.st_mode);
    if (t->socket)
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on); /* a Unix socket has no such option */
    px_nonblocking(fd);
    *transport = t;
    return true;
}

int px_transport_fd(const px_transport *t) { return t->fd; }
const char *px_transport_name(const px_transport *t) { return t->name; }
uint32_t px_transport_baud(const px_transport *t) { return t->baud; }
bool px_transport_is_pty(const px_transport *t) { return t->pty; }

/* ---- bytes ---- */

/* When the other end has gone: what a person would look at. */
static px_io gone(const px_transport *t, const char *why, px_error *error)
{
    if (t->baud != 0)
        px_fail(error, PX_E_SYSTEM, "%s is gone (%s): was the cable pulled out, or the board switched off?", t->name,
                why);
    else
        px_fail(error, PX_E_SYSTEM, "%s hung up (%s): did the program at the other end end?", t->name, why);
    return PX_IO_GONE;
}

static px_io broken(const px_transport *t, px_error *error)
{
    switch (errno) {
    case EIO:
    case ENXIO:
    case ENODEV:
    case EPIPE:
    case ECONNRESET:
    case ECONNABORTED:
    case ENOTCONN:
    case ETIMEDOUT:
        return gone(t, strerror(errno), error);
    default:
        px_fail(error, PX_E_SYSTEM, "%s: %s", t->name, strerror(errno));
        return PX_IO_FAILED;
    }
}

px_io px_await(int fd, short events, double end)
{
    for (;;) {
        struct pollfd poll_fd = {.fd = fd, .events = events};
        const double left = end < 0 ? -1 : end - px_seconds();
        const int ready = poll(&poll_fd, 1, end < 0 ? -1 : left <= 0 ? 0 : (int)(left * 1000) + 1);
        if (ready > 0)
            return PX_IO_DONE; /* a hang-up too: read or write says what it is */
        if (ready == 0 || errno == EINTR)
            return PX_IO_TIMEOUT;
        if (errno != EAGAIN && errno != ENOMEM)
            return PX_IO_FAILED;
        /* The kernel has no memory for it: it may have some soon. */
        nanosleep(&(struct timespec){.tv_nsec = SOON_NS}, NULL);
        if (end >= 0 && px_seconds() >= end)
            return PX_IO_TIMEOUT;
    }
}

static px_io await(const px_transport *t, short events, double end, px_error *error)
{
    const px_io waited = px_await(t->fd, events, end);
    return waited == PX_IO_FAILED ? broken(t, error) : waited;
}

static double deadline(int milliseconds) { return milliseconds < 0 ? -1 : px_seconds() + milliseconds * 1e-3; }

px_io px_transport_read(px_transport *t, uint8_t *bytes, size_t size, size_t *count, int milliseconds, px_error *error)
{
    const double end = deadline(milliseconds);
    *count = 0;
    for (;;) {
        const ssize_t got = read(t->fd, bytes, size);
        if (got > 0) {
            *count = (size_t)got;
            return PX_IO_DONE;
        }
        if (got == 0)
            return gone(t, "end of file", error);
        if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
            return broken(t, error);
        const px_io waited = await(t, POLLIN, end, error);
        if (waited != PX_IO_DONE)
            return waited;
    }
}

px_io px_transport_write(px_transport *t, const uint8_t *bytes, size_t size, int milliseconds, px_error *error)
{
    const double end = deadline(milliseconds);
    while (size > 0) {
        const ssize_t put = t->socket ? send(t->fd, bytes, size, MSG_NOSIGNAL) : write(t->fd, bytes, size);
        if (put >= 0) {
            bytes += put;
            size -= (size_t)put;
            continue;
        }
        if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
            return broken(t, error);
        /* A signal does not leave half a frame behind: only time does. */
        const px_io waited = await(t, POLLOUT, end, error);
        if (waited == PX_IO_TIMEOUT && (end < 0 || px_seconds() < end))
            continue;
        if (waited != PX_IO_DONE)
            return waited;
    }
    return PX_IO_DONE;
}

void px_transport_discard(px_transport *t)
{
    uint8_t bytes[4096];
    if (t->baud != 0)
        tcflush(t->fd, TCIFLUSH);
    for (int i = 0; i < 64 && read(t->fd, bytes, sizeof bytes) > 0; i++)
        ;
}

/* ---- opening ---- */

/* The HOST of "HOST:PORT" or "[HOST]:PORT", whose colon is at colon. */
static bool split_host(const char *spec, const char *colon, char *host, size_t size, px_error *error)
{
    const char *from = spec + 4, *end = colon;
    const bool bracket = *from == '[' && colon[-1] == ']';
    if (bracket) {
        from++;
        end--;
    }
    if (end == from || (size_t)(end - from) >= size)
        return px_fail(error, PX_E_USAGE,
                       "'%s': expected a host before the port, as in tcp:127.0.0.1:7000 or tcp:[::1]:7000", spec);
    memcpy(host, from, (size_t)(end - from));
    host[end - from] = '\0';
    return true;
}

/* getaddrinfo() would cut a port to 16 bits, and take names of services. */
bool px_tcp_place(const char *spec, unsigned least, px_tcp *place, px_error *error)
{
    const char *colon = strrchr(spec + 4, ':'), *text = colon != NULL ? colon + 1 : spec + 4;
    uint64_t port;
    if (!px_parse_number("the port", text, least, 65535, &port, NULL))
        return px_fail(error, PX_E_USAGE,
                       "'%s': '%s' is no port; expected a number from %u to 65535, as in tcp:7000 or "
                       "tcp:127.0.0.1:7000",
                       spec, text, least);
    snprintf(place->port, sizeof place->port, "%u", (unsigned)port);
    strcpy(place->host, "127.0.0.1");
    return colon == NULL || split_host(spec, colon, place->host, sizeof place->host, error);
}

/* Connects within CONNECT_MS; errno says what went wrong. */
static bool connect_in_time(int fd, const struct sockaddr *address, socklen_t size)
{
    const double end = px_seconds() + CONNECT_MS * 1e-3;
    px_nonblocking(fd);
    for (;;) {
        if (connect(fd, address, size) == 0)
            return true;
        if (errno == EINPROGRESS)
            break;
        if (errno != EAGAIN || px_seconds() >= end)
            return false;
        nanosleep(&(struct timespec){.tv_nsec = SOON_NS}, NULL); /* a Unix socket whose queue is full */
    }
    int failed = ETIMEDOUT;
    socklen_t failed_size = sizeof failed;
    px_io waited;
    do
        waited = px_await(fd, POLLOUT, end); /* a signal ends it early */
    while (waited == PX_IO_TIMEOUT && px_seconds() < end);
    if (waited == PX_IO_DONE)
        getsockopt(fd, SOL_SOCKET, SO_ERROR, &failed, &failed_size);
    errno = waited == PX_IO_FAILED ? errno : failed;
    return waited == PX_IO_DONE && failed == 0;
}

static bool open_tcp(px_transport **transport, const char *spec, px_error *error)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *found, *at;
    px_tcp place;
    if (!px_tcp_place(spec, 1, &place, error))
        return false;
    const int failed = getaddrinfo(place.host, place.port, &hints, &found);
    if (failed != 0)
        return px_fail(error, PX_E_SYSTEM, "%s: %s", spec, gai_strerror(failed));
    int fd = -1;
    for (at = found; at != NULL; at = at->ai_next) {
        fd = socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd >= 0 && connect_in_time(fd, at->ai_addr, at->ai_addrlen))
            break;
        if (fd >= 0)
            close(fd);
        fd = -1;
    }
    freeaddrinfo(found);
    if (fd < 0)
        return px_fail(error, PX_E_SYSTEM, "cannot connect to %s: %s; is `px serve --listen %s` running there?", spec,
                       strerror(errno), spec);
    if (px_transport_adopt(transport, fd, spec, error))
        return true;
    close(fd);
    return false;
}

static bool open_unix(px_transport **transport, const char *spec, const char *path, px_error *error)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path)
        return px_fail(error, PX_E_USAGE, "'%s': a Unix socket's name has at most %zu bytes", spec,
                       sizeof address.sun_path - 1);
    strcpy(address.sun_path, path);
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect_in_time(fd, (const struct sockaddr *)&address, sizeof address) &&
        px_transport_adopt(transport, fd, spec, error))
        return true;
    const int failed = errno;
    if (fd >= 0)
        close(fd);
    return px_fail(error, PX_E_SYSTEM, "cannot connect to %s: %s; is `px serve --listen unix:%s` running?", spec,
                   strerror(failed), path);
}

/* PATH@BAUD: an @ counts only before a number. */
static bool split_baud(char *path, uint32_t *baud, px_error *error)
{
    char *at = strrchr(path, '@');
    uint64_t given;
    *baud = PX_TRANSPORT_BAUD;
    if (at == NULL || at[1] < '0' || at[1] > '9')
        return true;
    if (!px_parse_number("the baud rate", at + 1, 1, UINT32_MAX, &given, NULL))
        return px_fail(error, PX_E_USAGE, "'%s': expected a baud rate behind the @, as in /dev/ttyUSB1@115200", path);
    *baud = (uint32_t)given;
    *at = '\0';
    return true;
}

static bool open_path(px_transport **transport, const char *spec, px_error *error)
{
    char path[256];
    uint32_t baud;
    struct stat about;
    if ((size_t)snprintf(path, sizeof path, "%s", spec) >= sizeof path)
        return px_fail(error, PX_E_USAGE, "'%s': the name is too long", spec);
    if (!split_baud(path, &baud, error))
        return false;
    if (stat(path, &about) == 0 && S_ISSOCK(about.st_mode))
        return open_unix(transport, spec, path, error);
    if (stat(path, &about) == 0 && !S_ISCHR(about.st_mode))
        return px_fail(error, PX_E_USAGE, "%s is neither a serial port nor a socket", path);
    px_transport *t = new_transport(path, error);
    if (t == NULL || !px_tty_open(t, path, baud, error)) {
        px_transport_close(t);
        return false;
    }
    *transport = t;
    return true;
}

bool px_transport_open(px_transport **transport, const char *spec, px_error *error)
{
    if (strncmp(spec, "tcp:", 4) == 0)
        return open_tcp(transport, spec, error);
    if (strncmp(spec, "unix:", 5) == 0)
        return open_unix(transport, spec, spec + 5, error);
    if (*spec != '\0')
        return open_path(transport, spec, error);
    return px_fail(error, PX_E_USAGE,
                   "no port given; expected /dev/ttyUSB1[@BAUD], tcp:[HOST:]PORT, unix:PATH or a socket's path");
}
