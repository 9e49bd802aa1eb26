/* board_port.c - the byte streams of wire/transport.h as the other end of a UART. */
#include "sim/board_port.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* An old link of that name goes; anything else stays. */
static bool point(px_port *port, const char *link, px_error *error)
{
    struct stat about;
    if (lstat(link, &about) == 0 && !S_ISLNK(about.st_mode))
        return px_fail(error, PX_E_USAGE, "%s is there and no symbolic link; give --link another name", link);
    unlink(link);
    if (symlink(px_listener_name(port->listener), link) != 0)
        return px_fail(error, PX_E_SYSTEM, "%s: the symbolic link cannot be made: %s", link, strerror(errno));
    port->link = link;
    return true;
}

bool px_port_open(px_port *port, const char *listen, const char *link, px_error *error)
{
    *port = (px_port){0};
    if (!px_listener_open(&port->listener, listen, error))
        return false;
    if (link == NULL || point(port, link, error))
        return true;
    px_port_close(port);
    return false;
}

/* Another board may have taken the name since. */
static bool is_ours(const px_port *port)
{
    char target[300];
    const ssize_t size = readlink(port->link, target, sizeof target - 1);
    target[size > 0 ? size : 0] = '\0';
    return strcmp(target, px_listener_name(port->listener)) == 0;
}

void px_port_close(px_port *port)
{
    if (port->link != NULL && is_ours(port))
        unlink(port->link);
    px_transport_close(port->client);
    px_listener_close(port->listener);
    *port = (px_port){.lost = port->lost};
}

static bool connected(px_port *port)
{
    if (port->client == NULL && px_listener_accept(port->listener, &port->client, 0, NULL) != PX_IO_DONE)
        port->client = NULL;
    return port->client != NULL;
}

static void look(px_port *port, px_io how)
{
    if (how == PX_IO_GONE || how == PX_IO_FAILED) {
        px_transport_close(port->client);
        port->client = NULL;
    }
}

size_t px_port_read(px_port *port, uint8_t *bytes, size_t size)
{
    size_t count = 0;
    if (connected(port))
        look(port, px_transport_read(port->client, bytes, size, &count, 0, NULL));
    return count;
}

void px_port_write(px_port *port, const uint8_t *bytes, size_t count)
{
    const px_io how = connected(port) ? px_transport_write(port->client, bytes, count, 1000, NULL) : PX_IO_TIMEOUT;
    if (how != PX_IO_DONE)
        port->lost += count;
    look(port, how);
}

void px_port_wait(px_port *port, int milliseconds)
{
    struct pollfd poll_fd = {.events = POLLIN};
    poll_fd.fd = port->client != NULL ? px_transport_fd(port->client) : px_listener_fd(port->listener);
    poll(&poll_fd, 1, milliseconds);
}
