/* ping - asks a station whether it is there
 *
 * usage: ping [-c COUNT] ADDRESS
 *
 * Sends COUNT (4) echo requests, one a second, and tells what comes back, and
 * how long that took. Its status is 1 when nothing did. net dhcp is to have been
 * asked before. */
#include "os/apps/net.h"

enum { DATA = 56 };

static bool ask(net *n, const uint8_t *mac, uint32_t to, uint32_t own, uint32_t sequence)
{
    uint8_t *icmp = net_data(n);
    net_put32(icmp, (uint32_t)NET_ECHO << 24);
    net_put32(icmp + 4, own << 16 | sequence);
    for (uint32_t i = 0; i < DATA; i++)
        icmp[8 + i] = (uint8_t)i;
    net_put16(icmp + 2, net_fold(net_sum(icmp, 8 + DATA)));
    return net_send_ip(n, "ping", mac, to, NET_ICMP, 8 + DATA);
}

static bool is_answer(const net_packet *p, uint32_t from, uint32_t own, uint32_t sequence)
{
    return p->protocol == NET_ICMP && p->bytes == 8 + DATA && p->from == from && p->data[0] == NET_ECHO_REPLY &&
           net_get32(p->data + 4) == (own << 16 | sequence) && net_fold(net_sum(p->data, p->bytes)) == 0;
}

static bool tell(uint32_t from, uint32_t sequence, uint32_t units)
{
    const uint32_t microseconds = units * 128 / 125; /* units are 1,024 ns */
    return net_put_address(1, from) && put(": answer ") && put_number(sequence, 0) && put(", ") &&
           put_number(microseconds / 1000, 0) && put(".") && put_number(microseconds / 100 % 10, 0) && put(" ms\n");
}

/* 1: it has answered; 0: not; -1: it was told why not. The second is waited for whole while others follow. */
static int one(net *n, const uint8_t *mac, uint32_t to, uint32_t own, uint32_t sequence, bool last)
{
    const uint32_t since = net_now();
    net_packet p;
    int answered = 0;
    if (!ask(n, mac, to, own, sequence))
        return -1;
    for (uint32_t left = NET_SECOND; left > 0 && !(last && answered); left = net_left(since)) {
        const int got = net_wait(n, "ping", left, 0, &p);
        if (got < 0)
            return -1;
        if (got > 0 && !answered && is_answer(&p, to, own, sequence)) {
            answered = 1;
            tell(to, sequence, net_now() - since);
        }
    }
    if (!answered) {
        put("no answer ");
        put_number(sequence, 0);
        put("\n");
    }
    return answered;
}

int main(int argc, char **argv)
{
    static net n;
    uint8_t mac[NET_MAC];
    uint32_t count = 4, to, answers = 0;
    int first = 1;
    if (asks_help(argc, argv))
        return 0;
    if (argc > 2 && same(argv[1], "-c")) {
        if (!read_number(argv[2], &count) || count == 0 || count > 65535)
            return usage();
        first = 3;
    }
    if (argc != first + 1 || !net_is_address(argv[first], &to))
        return usage();
    if (!net_begin(&n, "ping", true) || !net_resolve(&n, "ping", to, mac))
        return 1;
    const uint32_t own = (uint32_t)px_sys(PXH_REQUEST(PXO_GETPID, 0), 0) & 0xFFFF;
    for (uint32_t i = 1; i <= count; i++) {
        const int got = one(&n, mac, to, own, i, i == count);
        if (got < 0)
            return 1;
        answers += (uint32_t)got;
    }
    put_number(answers, 0);
    put(" of ");
    put_number(count, 0);
    put(" answered\n");
    return answers == 0;
}
