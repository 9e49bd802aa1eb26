/* net.h - ARP, IPv4, ICMP echo and UDP for programs (RFC 826, 791, 792, 768): the kernel has frames, and what is in
 * them is read and made here. While a program listens, it answers for the address that /home/net tells; without one
 * nobody does. No fragments, no options, no TCP. */
#ifndef OS_APPS_NET_H
#define OS_APPS_NET_H

#include "os/apps/app.h"

enum {
    NET_MAC = 6,
    NET_ETHER = 14,
    NET_IP = 20,
    NET_UDP = 8,
    NET_FRAME = 1514,
    NET_MOST_DATA = NET_FRAME - NET_ETHER - NET_IP - NET_UDP,
    NET_PAD = 2, /* before a frame, so that what is behind its 14 bytes begins with a word */
    NET_TYPE_IP = 0x0800,
    NET_TYPE_ARP = 0x0806,
    NET_ICMP = 1,
    NET_UDP_PROTOCOL = 17,
    NET_ECHO_REPLY = 0,
    NET_ECHO = 8,
    NET_TRIES = 3,
    NET_SECOND = 1000 /* milliseconds */
};

/* Addresses are numbers: 10.0.2.15 is 0x0A00020F. 0: there is none. */
typedef struct net {
    uint8_t mac[NET_MAC];
    uint32_t address, mask, router;
    uint8_t in[NET_PAD + NET_FRAME + 4] __attribute__((aligned(4))),
        out[NET_PAD + NET_FRAME + 4] __attribute__((aligned(4)));
} net;

/* What a datagram says of itself; data lies in the net's buffer. */
typedef struct net_packet {
    uint32_t from, to, protocol, bytes;
    uint8_t *data;
    const uint8_t *mac; /* of who sent it on this cable */
} net_packet;

/* ---- numbers in frames ---- */

static inline uint32_t net_get16(const uint8_t *at) { return (uint32_t)at[0] << 8 | at[1]; }
static inline uint32_t net_get32(const uint8_t *at) { return net_get16(at) << 16 | net_get16(at + 2); }
static inline void net_put16(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}
static inline void net_put32(uint8_t *at, uint32_t value)
{
    net_put16(at, value >> 16);
    net_put16(at + 2, value);
}
static inline void net_copy(uint8_t *to, const uint8_t *from, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        to[i] = from[i];
}

/* The sum of 16-bit words of RFC 1071, not folded. Both halves of all words are summed by vectors: the order of bytes
 * is the image's, and changed once, at the end. `at` begins with a word. */
static inline uint32_t net_sum(const uint8_t *at, uint32_t bytes)
{
    static uint32_t half[(NET_FRAME + 3) / 4];
    const uint32_t words = bytes / 4;
    uint32_t sum = 0, rest = 0;
    if (words > 0) {
        px_vl(words);
        px_vand_vx(half, (const uint32_t *)(const void *)at, 0xFFFF);
        sum = px_sum(half);
        px_vshr_vx(half, (const uint32_t *)(const void *)at, 16);
        sum += px_sum(half);
    }
    sum = (sum & 0xFFFF) + (sum >> 16);
    sum = (sum & 0xFFFF) + (sum >> 16);
    sum = (sum & 0xFF) << 8 | sum >> 8;
    for (uint32_t i = 4 * words; i < bytes; i++)
        rest += (uint32_t)at[i] << (i % 2 == 0 ? 8 : 0);
    return sum + rest;
}

static inline uint32_t net_fold(uint32_t sum)
{
    sum = (sum & 0xFFFF) + (sum >> 16);
    return ~((sum & 0xFFFF) + (sum >> 16)) & 0xFFFF;
}

/* ---- addresses as text ---- */

static inline bool net_read_address(const char **text, uint32_t *address)
{
    *address = 0;
    for (int part = 0; part < 4; part++) {
        uint32_t number = 0, digits = 0;
        for (; **text >= '0' && **text <= '9' && digits < 4; ++*text, digits++)
            number = number * 10 + (uint32_t)(**text - '0');
        if (digits == 0 || number > 255 || (part < 3 && *(*text)++ != '.'))
            return false;
        *address = *address << 8 | number;
    }
    return true;
}

static inline bool net_is_address(const char *text, uint32_t *address)
{
    return net_read_address(&text, address) && *text == '\0';
}

static inline bool net_put_address(uint32_t handle, uint32_t address)
{
    char text[21];
    for (int shift = 24; shift >= 0; shift -= 8) {
        const char *number = number_text(address >> shift & 255, 0, text);
        if (!put_bytes(handle, number, length_of(number)) || !put_bytes(handle, ".", shift > 0))
            return false;
    }
    return true;
}

/* ---- frames ---- */

/* To that station, of what lies behind the header of n->out; false: it was told why not. */
static inline bool net_send(net *n, const char *program, const uint8_t *to, uint32_t type, uint32_t bytes)
{
    uint8_t *frame = n->out + NET_PAD;
    net_copy(frame, to, NET_MAC);
    net_copy(frame + NET_MAC, n->mac, NET_MAC);
    net_put16(frame + 12, type);
    return !failed(program, "network", px_sys(PXH_REQUEST(PXH_SEND, NET_ETHER + bytes), PXO_ADDRESS(frame)));
}

static inline const uint8_t *net_everybody(void)
{
    static const uint8_t all[NET_MAC] = {255, 255, 255, 255, 255, 255};
    return all;
}

/* ARP: who asks (1) or tells (2) that `address` is at its station. */
static inline bool net_arp(net *n, const char *program, uint32_t operation, const uint8_t *to, uint32_t address)
{
    uint8_t *arp = n->out + NET_PAD + NET_ETHER;
    net_put32(arp, 1 << 16 | NET_TYPE_IP); /* Ethernet and IPv4 */
    net_put32(arp + 4, 6 << 24 | 4 << 16 | operation);
    net_copy(arp + 8, n->mac, NET_MAC);
    net_put32(arp + 14, n->address);
    net_copy(arp + 18, to, NET_MAC);
    net_put32(arp + 24, address);
    return net_send(n, program, operation == 1 ? net_everybody() : to, NET_TYPE_ARP, 28);
}

/* An IPv4 datagram of what lies behind its header of 20 bytes in n->out. */
static inline bool net_send_ip(net *n, const char *program, const uint8_t *mac, uint32_t to, uint32_t protocol,
                               uint32_t bytes)
{
    uint8_t *ip = n->out + NET_PAD + NET_ETHER;
    net_put32(ip, 0x45u << 24 | (NET_IP + bytes));
    net_put32(ip + 4, 0);
    net_put32(ip + 8, 64u << 24 | protocol << 16);
    net_put32(ip + 12, n->address);
    net_put32(ip + 16, to);
    net_put16(ip + 10, net_fold(net_sum(ip, NET_IP)));
    return net_send(n, program, mac, NET_TYPE_IP, NET_IP + bytes);
}

static inline uint8_t *net_data(net *n) { return n->out + NET_PAD + NET_ETHER + NET_IP; }

static inline bool net_send_udp(net *n, const char *program, const uint8_t *mac, uint32_t to, uint32_t from_port,
                                uint32_t port, uint32_t bytes)
{
    uint8_t *udp = net_data(n);
    const uint32_t whole = NET_UDP + bytes;
    net_put16(udp, from_port);
    net_put16(udp + 2, port);
    net_put16(udp + 4, whole);
    net_put16(udp + 6, 0);
    /* The pseudo header: both addresses, the protocol, the length. */
    const uint32_t sum = net_fold(net_sum(udp, whole) + (n->address >> 16) + (n->address & 0xFFFF) + (to >> 16) +
                                  (to & 0xFFFF) + NET_UDP_PROTOCOL + whole);
    net_put16(udp + 6, sum == 0 ? 0xFFFF : sum);
    return net_send_ip(n, program, mac, to, NET_UDP_PROTOCOL, whole);
}

/* Turns an echo request in n->in into its answer. */
static inline void net_answer_echo(net *n, const char *program, const net_packet *p)
{
    uint8_t *icmp = net_data(n);
    net_copy(icmp, p->data, p->bytes);
    icmp[0] = NET_ECHO_REPLY;
    net_put16(icmp + 2, 0);
    net_put16(icmp + 2, net_fold(net_sum(icmp, p->bytes)));
    net_send_ip(n, program, p->mac, p->from, NET_ICMP, p->bytes);
}

/* What is for us and whole, of a frame of so many bytes. */
static inline bool net_take_ip(net *n, uint32_t bytes, net_packet *p)
{
    uint8_t *ip = n->in + NET_PAD + NET_ETHER;
    const uint32_t header = (ip[0] & 15u) * 4, whole = net_get16(ip + 2);
    if (bytes < NET_ETHER + NET_IP || ip[0] >> 4 != 4 || header < NET_IP || whole < header ||
        whole > bytes - NET_ETHER || net_fold(net_sum(ip, header)) != 0 || (net_get16(ip + 6) & 0x3FFF) != 0)
        return false;
    *p = (net_packet){net_get32(ip + 12), net_get32(ip + 16), ip[9],
                      whole - header,     ip + header,        n->in + NET_PAD + NET_MAC};
    return p->to == n->address || p->to == UINT32_MAX || n->address == 0;
}

/* What has come, and is none of what every station answers: 1; 0: nothing came in that time; -1: it was told why not.
 * ARP requests and echo requests are answered on the way. With `arp` an ARP answer of that address ends it, too; its
 * station is in p->mac. */
static inline int net_wait(net *n, const char *program, uint32_t milliseconds, uint32_t arp, net_packet *p)
{
    const pxo_name block = {PXO_ADDRESS(n->in + NET_PAD), NET_FRAME};
    const int32_t got = px_sys(PXH_REQUEST(PXO_FRAME, milliseconds), PXO_ADDRESS(&block));
    const uint32_t bytes = got > NET_FRAME ? NET_FRAME : (uint32_t)got;
    uint8_t *frame = n->in + NET_PAD, *inner = frame + NET_ETHER;
    *p = (net_packet){0};
    if (failed(program, "network", got))
        return -1;
    if (got == 0)
        return 0;
    if (bytes >= NET_ETHER + 28 && net_get16(frame + 12) == NET_TYPE_ARP) {
        const uint32_t from = net_get32(inner + 14);
        p->mac = inner + 8;
        if (net_get16(inner + 6) == 1 && n->address != 0 && net_get32(inner + 24) == n->address)
            net_arp(n, program, 2, inner + 8, from);
        p->from = net_get16(inner + 6) == 2 && from == arp && arp != 0 ? arp : 0;
        return 1;
    }
    if (bytes < NET_ETHER || net_get16(frame + 12) != NET_TYPE_IP || !net_take_ip(n, bytes, p))
        *p = (net_packet){0};
    else if (p->protocol == NET_ICMP && p->bytes >= 8 && p->data[0] == NET_ECHO && p->to == n->address &&
             net_fold(net_sum(p->data, p->bytes)) == 0)
        net_answer_echo(n, program, p);
    return 1;
}

/* ---- the time until an answer has come ---- */

static inline uint32_t net_now(void)
{
    uint32_t clock[2] = {0};
    (void)px_sys(PXH_REQUEST(PXH_CLOCK, 0), PXO_ADDRESS(clock));
    return (uint32_t)(((uint64_t)clock[1] << 32 | clock[0]) >> 10); /* units of 1,024 ns */
}

enum { NET_UNITS_A_SECOND = 976562 };

/* Milliseconds of the second since then that are left; 0: none. */
static inline uint32_t net_left(uint32_t since)
{
    const uint32_t gone = net_now() - since;
    return gone >= NET_UNITS_A_SECOND ? 0 : (NET_UNITS_A_SECOND - gone) / 977 + 1;
}

/* The station to which frames for that address go: its own, or the router's. */
static inline bool net_resolve(net *n, const char *program, uint32_t address, uint8_t mac[NET_MAC])
{
    static const uint8_t nobody[NET_MAC];
    const uint32_t next = ((address ^ n->address) & n->mask) == 0 || n->router == 0 ? address : n->router;
    net_packet p;
    for (int i = 0; i < NET_TRIES; i++) {
        const uint32_t since = net_now();
        if (!net_arp(n, program, 1, nobody, next))
            return false;
        for (uint32_t left = NET_SECOND; left > 0; left = net_left(since)) {
            const int got = net_wait(n, program, left, next, &p);
            if (got < 0)
                return false;
            if (got > 0 && p.from == next && p.protocol == 0 && p.bytes == 0) {
                net_copy(mac, p.mac, NET_MAC);
                return true;
            }
        }
    }
    complain(program);
    complain(": nobody answers for that address\n");
    return false;
}

/* ---- what this system is called there ---- */

#define NET_FILE "/home/net"

/* Address, mask and router are there when `address` says so; false: it was told why not. */
static inline bool net_begin(net *n, const char *program, bool address)
{
    uint32_t words[2], got = 0;
    char text[64];
    const char *at = text;
    if (failed(program, "network", px_sys(PXH_REQUEST(PXO_ETHERNET, 0), PXO_ADDRESS(words))))
        return false;
    net_copy(n->mac, (const uint8_t *)words, NET_MAC);
    n->address = n->mask = n->router = 0;
    const int32_t handle = open_file(NET_FILE, PXH_FOR_READ),
                  bytes = handle < 0 ? 0 : read_file((uint32_t)handle, text, 63);
    if (handle >= 0)
        pxo_close((uint32_t)handle);
    text[bytes > 0 ? bytes : 0] = '\0';
    got = net_read_address(&at, &n->address) && *at++ == ' ' && net_read_address(&at, &n->mask) && *at++ == ' ' &&
          net_read_address(&at, &n->router);
    if (got == 0)
        n->address = n->mask = n->router = 0;
    if (got == 0 && address) {
        complain(program);
        complain(": this system has no address yet: net dhcp asks for one\n");
    }
    return got != 0 || !address;
}
#endif
