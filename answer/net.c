/* net.c - an Ethernet: a frame is a datagram between two sockets, as QEMU's -netdev dgram has it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "answer/internal.h"

enum { LEAST_FRAME = 14, MOST_FRAME = 65535 };

static bool address_of(const char *path, struct sockaddr_un *address)
{
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address->sun_path)
        return false;
    strcpy(address->sun_path, path);
    return true;
}

px_reply answer_SEND(px_host *host, uint32_t payload, uint32_t argument)
{
    uint8_t frame[MOST_FRAME];
    struct sockaddr_un peer;
    if (payload < LEAST_FRAME || payload > MOST_FRAME)
        return PXH_E_LIMIT;
    const px_reply bad = host_get_bytes(host, argument, frame, payload);
    if (bad != 0)
        return bad;
    if (host->net_peer == NULL || !address_of(host->net_peer, &peer))
        return 0; /* nobody has spoken yet */
    const ssize_t n =
        sendto(host->net, frame, payload, MSG_DONTWAIT | MSG_NOSIGNAL, (struct sockaddr *)&peer, sizeof peer);
    if (n >= 0)
        return (px_reply)payload;
    return errno == EBADF || errno == ENOTSOCK ? PXH_E_IO : 0; /* as on a cable: what nobody takes is lost */
}

/* Without a peer of its own it answers whom it has heard last. */
static void note_peer(px_host *host, const struct sockaddr_un *from, socklen_t size)
{
    if (strchr(host->net_path, ',') != NULL || size <= offsetof(struct sockaddr_un, sun_path) ||
        from->sun_path[0] == '\0' || (host->net_peer != NULL && strcmp(host->net_peer, from->sun_path) == 0))
        return;
    free(host->net_peer);
    host->net_peer = strdup(from->sun_path);
}

bool net_ready(px_host *host)
{
    struct sockaddr_un from = {0};
    socklen_t size = sizeof from;
    if (host->frame_size > 0)
        return true;
    const ssize_t n = recvfrom(host->net, host->frame, MOST_FRAME, MSG_DONTWAIT, (struct sockaddr *)&from, &size);
    if (n < LEAST_FRAME)
        return false;
    host->frame_size = (size_t)n;
    note_peer(host, &from, size);
    return true;
}

px_reply answer_RECEIVE(px_host *host, uint32_t payload, uint32_t argument)
{
    const px_reply bad = host_within(host, argument, payload);
    if (bad != 0 || host->showing)
        return bad;
    if (!net_ready(host)) {
        host->wants_frame = true;
        return PXH_WAITS;
    }
    const uint32_t whole = (uint32_t)host->frame_size;
    host->frame_size = 0;
    host->net_told = false;
    const px_reply failed = host_put_bytes(host, argument, host->frame, payload < whole ? payload : whole);
    return failed != 0 ? failed : (px_reply)whole;
}

bool net_open(px_host *host, const char *place, px_error *error)
{
    struct sockaddr_un peer;
    if (strncmp(place, "unix:", 5) != 0 || place[5] == '\0' || place[5] == ',')
        return px_fail(error, PX_E_USAGE, "--net is '%s', expected unix:PATH or unix:PATH,PEER", place);
    host->net_path = strdup(place + 5);
    host->frame = malloc(MOST_FRAME);
    if (host->net_path == NULL || host->frame == NULL)
        return px_fail(error, PX_E_SYSTEM, "no memory for the network");
    host->granted[PXH_GRANT_NETWORK] = true;
    char own[sizeof peer.sun_path] = {0};
    const char *const comma = strchr(host->net_path, ',');
    const size_t length = comma != NULL ? (size_t)(comma - host->net_path) : strlen(host->net_path);
    if (length >= sizeof peer.sun_path || (comma != NULL && !address_of(comma + 1, &peer)))
        return px_fail(error, PX_E_USAGE, "--net: the name of a socket has at most %zu characters",
                       sizeof peer.sun_path - 1);
    memcpy(own, host->net_path, length);
    host->net_peer = comma != NULL ? strdup(comma + 1) : NULL;
    host->net = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    const int failure = host->net < 0 ? errno : px_socket_name_take(&host->net_name, host->net, own, 0);
    if (failure != 0)
        return px_fail(error, PX_E_SYSTEM, "--net: %s: cannot make this socket: %s", own, px_socket_name_why(failure));
    return true;
}

void net_close(px_host *host)
{
    if (host->net >= 0)
        close(host->net);
    px_socket_name_give_back(&host->net_name);
    free(host->net_path);
    free(host->net_peer);
    free(host->frame);
}
