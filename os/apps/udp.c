/* udp - datagrams: sends lines, or gives back what comes
 *
 * usage: udp [-e PORT [COUNT] | ADDRESS PORT]
 *
 * ADDRESS PORT: sends each line of its input there as a datagram, and writes
 * what comes back within a second. -e: an echo server on PORT, until COUNT
 * datagrams have come, or for ever. net dhcp is to have been asked before. */
#include "os/apps/net.h"

static bool is_for(const net_packet *p, uint32_t port)
{
    return p->protocol == NET_UDP_PROTOCOL && p->bytes >= NET_UDP && net_get16(p->data + 2) == port &&
           net_get16(p->data + 4) >= NET_UDP && net_get16(p->data + 4) <= p->bytes;
}

/* A sum of 0 is none (RFC 768). */
static bool is_whole(const net_packet *p)
{
    const uint32_t bytes = net_get16(p->data + 4);
    return net_get16(p->data + 6) == 0 || net_fold(net_sum(p->data, bytes) + (p->from >> 16) + (p->from & 0xFFFF) +
                                                   (p->to >> 16) + (p->to & 0xFFFF) + NET_UDP_PROTOCOL + bytes) == 0;
}

static int echo(net *n, uint32_t port, uint32_t count)
{
    net_packet p;
    for (uint32_t done = 0; count == 0 || done < count;) {
        const int got = net_wait(n, "udp", NET_SECOND, 0, &p);
        if (got < 0)
            return 1;
        if (got == 0 || !is_for(&p, port) || !is_whole(&p))
            continue;
        const uint32_t bytes = net_get16(p.data + 4) - NET_UDP, from_port = net_get16(p.data);
        net_copy(net_data(n) + NET_UDP, p.data + NET_UDP, bytes);
        if (!net_send_udp(n, "udp", p.mac, p.from, port, from_port, bytes))
            return 1;
        done++;
    }
    return 0;
}

/* What comes back within a second. */
static bool answer_of(net *n, uint32_t from, uint32_t port, uint32_t own)
{
    const uint32_t since = net_now();
    net_packet p;
    for (uint32_t left = NET_SECOND; left > 0; left = net_left(since)) {
        const int got = net_wait(n, "udp", left, 0, &p);
        if (got < 0)
            return false;
        if (got > 0 && is_for(&p, own) && p.from == from && net_get16(p.data) == port && is_whole(&p))
            return put_bytes(1, (const char *)p.data + NET_UDP, net_get16(p.data + 4) - NET_UDP) && put("\n");
    }
    return complain("udp: no answer\n");
}

static int ask(net *n, uint32_t to, uint32_t port)
{
    enum { PRIVATE = 49152 };
    static reader in;
    uint8_t mac[NET_MAC];
    uint32_t length;
    const uint32_t own = PRIVATE + ((uint32_t)px_sys(PXH_REQUEST(PXO_GETPID, 0), 0) & 0x3FFF);
    if (!open_reader(&in, "udp", NULL) || !net_resolve(n, "udp", to, mac))
        return 1;
    while (next_line_of(&in, (char *)net_data(n) + NET_UDP, NET_MOST_DATA, &length))
        if (!net_send_udp(n, "udp", mac, to, own, port, length) || !answer_of(n, to, port, own))
            return 1;
    return 0;
}

int main(int argc, char **argv)
{
    static net n;
    uint32_t to = 0, port = 0, count = 0;
    if (asks_help(argc, argv))
        return 0;
    const bool echoes = argc > 1 && same(argv[1], "-e");
    if (argc < 3 || argc > (echoes ? 4 : 3) || !read_number(argv[2], &port) || port == 0 || port > 65535 ||
        (!echoes && !net_is_address(argv[1], &to)) || (argc == 4 && !read_number(argv[3], &count)))
        return usage();
    if (!net_begin(&n, "udp", true))
        return 1;
    return echoes ? echo(&n, port, count) : ask(&n, to, port);
}
