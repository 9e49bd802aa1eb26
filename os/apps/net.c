/* net - the address of this system
 *
 * usage: net [dhcp | ADDRESS/BITS [ROUTER]]
 *
 * Alone it tells the card's address and ours. dhcp: asks the network for a
 * lease, and keeps it in /home/net, where ping and the others find it.
 * ADDRESS/BITS: is ours from now on, as 10.0.2.15/24; what lies beyond these
 * bits goes by ROUTER. */
#include "os/apps/net.h"

/* RFC 2131 and 2132. */
enum {
    SERVER = 67,
    CLIENT = 68,
    FIXED = 240, /* bytes before the options */
    REQUEST = 300,
    COOKIE = 0x63825363,
    MASK = 1,
    ROUTER = 3,
    ASKED = 50,
    KIND = 53,
    BY = 54,
    WANTED = 55,
    END = 255,
    DISCOVER = 1,
    OFFER = 2,
    DEMAND = 3,
    ACK = 5,
    NAK = 6
};

typedef struct lease {
    uint32_t kind, address, mask, router, server;
} lease;

static uint32_t put_option(uint8_t *at, uint32_t option, uint32_t value)
{
    at[0] = (uint8_t)option;
    at[1] = 4;
    net_put32(at + 2, value);
    return 6;
}

static bool ask(net *n, uint32_t kind, uint32_t number, const lease *of)
{
    static const uint8_t begin[] = {KIND, 1, 0, WANTED, 2, MASK, ROUTER};
    uint8_t *bootp = net_data(n) + NET_UDP;
    uint32_t at = FIXED + sizeof begin;
    for (uint32_t i = 0; i < REQUEST; i++)
        bootp[i] = 0;
    net_put32(bootp, 1 << 24 | 1 << 16 | 6 << 8); /* a request, Ethernet, addresses of 6 bytes */
    net_put32(bootp + 4, number);
    net_put32(bootp + 8, 0x8000); /* we cannot be reached by our address yet */
    net_copy(bootp + 28, n->mac, NET_MAC);
    net_put32(bootp + 236, COOKIE);
    net_copy(bootp + FIXED, begin, sizeof begin);
    bootp[FIXED + 2] = (uint8_t)kind;
    if (kind == DEMAND) {
        at += put_option(bootp + at, ASKED, of->address);
        at += put_option(bootp + at, BY, of->server);
    }
    bootp[at] = END;
    return net_send_udp(n, "net", net_everybody(), UINT32_MAX, CLIENT, SERVER, REQUEST);
}

/* An answer to the request of that number. */
static bool read_answer(const net *n, const net_packet *p, uint32_t number, lease *of)
{
    const uint8_t *udp = p->data, *bootp = udp + NET_UDP;
    if (p->protocol != NET_UDP_PROTOCOL || p->bytes < NET_UDP + FIXED || net_get16(udp + 2) != CLIENT ||
        bootp[0] != 2 || net_get32(bootp + 4) != number || net_get32(bootp + 236) != COOKIE)
        return false;
    for (uint32_t i = 0; i < NET_MAC; i++)
        if (bootp[28 + i] != n->mac[i])
            return false;
    const uint8_t *at = bootp + FIXED, *const end = udp + p->bytes;
    *of = (lease){.address = net_get32(bootp + 16)};
    while (at < end && *at != END) {
        const uint32_t option = at[0];
        if (option == 0) {
            at++;
            continue;
        }
        if (end - at < 2 || end - at - 2 < at[1])
            break;
        const uint8_t *value = at + 2;
        const uint32_t length = at[1];
        if (option == KIND && length == 1)
            of->kind = *value;
        if (length >= 4 && option == MASK)
            of->mask = net_get32(value);
        if (length >= 4 && option == ROUTER)
            of->router = net_get32(value);
        if (length == 4 && option == BY)
            of->server = net_get32(value);
        at = value + length;
    }
    return of->kind != 0;
}

/* 1: an answer of that kind; 0: none; -1: a refusal, or it was told why not. */
static int converse(net *n, uint32_t kind, uint32_t wanted, uint32_t number, lease *of)
{
    const lease asked = *of;
    net_packet p;
    for (int i = 0; i < NET_TRIES; i++) {
        const uint32_t since = net_now();
        if (!ask(n, kind, number, &asked))
            return -1;
        for (uint32_t left = NET_SECOND; left > 0; left = net_left(since)) {
            const int got = net_wait(n, "net", left, 0, &p);
            if (got < 0)
                return -1;
            if (got > 0 && read_answer(n, &p, number, of) && (of->kind == wanted || of->kind == NAK))
                return of->kind == wanted ? 1 : -1;
        }
    }
    return 0;
}

static bool keep(const net *n)
{
    const int32_t handle = open_file(NET_FILE, PXH_FOR_WRITE | PXH_CREATE | PXH_TRUNCATE);
    if (failed("net", NET_FILE, handle))
        return false;
    const uint32_t to = (uint32_t)handle;
    const bool good = net_put_address(to, n->address) && put_bytes(to, " ", 1) && net_put_address(to, n->mask) &&
                      put_bytes(to, " ", 1) && net_put_address(to, n->router) && put_bytes(to, "\n", 1);
    pxo_close(to);
    return good;
}

static int get_lease(net *n)
{
    uint32_t number = 0;
    lease of = {0};
    n->address = 0;
    if (failed("net", "chance", px_sys(PXH_REQUEST(PXH_RANDOM, sizeof number), PXO_ADDRESS(&number))))
        return 1;
    int got = converse(n, DISCOVER, OFFER, number, &of);
    if (got > 0)
        got = converse(n, DEMAND, ACK, number, &of);
    if (got <= 0) {
        complain(got == 0 ? "net: nobody gives addresses here\n" : "net: no address was given\n");
        return 1;
    }
    n->address = of.address;
    n->mask = of.mask;
    n->router = of.router;
    return !keep(n);
}

static bool read_own(net *n, const char *text)
{
    uint32_t bits;
    if (!net_read_address(&text, &n->address) || *text != '/' || !read_number(text + 1, &bits) || bits > 32)
        return false;
    n->mask = bits == 0 ? 0 : UINT32_MAX << (32 - bits);
    n->router = 0;
    return true;
}

static bool tell(const net *n)
{
    static const char digits[] = "0123456789abcdef";
    char text[] = "00:00:00:00:00:00";
    uint32_t bits = 0;
    for (uint32_t i = 0; i < NET_MAC; i++) {
        text[3 * i] = digits[n->mac[i] >> 4];
        text[3 * i + 1] = digits[n->mac[i] & 15];
    }
    while (bits < 32 && (n->mask << bits & 0x80000000) != 0)
        bits++;
    if (!put("card ") || !put(text) ||
        (n->address != 0 && !(put(", ") && net_put_address(1, n->address) && put("/") && put_number(bits, 0))))
        return false;
    return (n->address == 0 ? put(", no address") : n->router == 0 || (put(" by ") && net_put_address(1, n->router))) &&
           put("\n");
}

int main(int argc, char **argv)
{
    static net n;
    if (asks_help(argc, argv))
        return 0;
    const bool dhcp = argc == 2 && same(argv[1], "dhcp");
    if (argc > 3 || !net_begin(&n, "net", false))
        return argc > 3 ? usage() : 1;
    if (dhcp && get_lease(&n) != 0)
        return 1;
    if (argc > 1 && !dhcp && (!read_own(&n, argv[1]) || (argc == 3 && !net_is_address(argv[2], &n.router))))
        return usage();
    if (argc > 1 && !dhcp && !keep(&n))
        return 1;
    return !tell(&n);
}
