/* e1000e.c - Intel's 82574 network card (document 317694, section 10: registers). Its rings and the frames lie in pages
 * beside the picture. A frame is taken from the ring by three requests: who has come, the bytes, and the place is the
 * card's again. */
#include "os/drivers/driver.h"
#include "os/drivers/machine.h"

enum {
    ETHERNET_CLASS = 0x020000,
    ALL = 0xFFFFFF,
    VENDOR_DEVICE = 0x10D38086,
    IN = 16, /* descriptors, a page's, of what comes */
    OUT = 8, /* and of what goes */
    DESCRIPTOR = 16,
    ROOM = 2048, /* of a frame */
    IN_RING = 0, /* in the pages */
    OUT_RING = IN * DESCRIPTOR,
    IN_FRAMES = MACHINE_PAGE,
    OUT_FRAMES = IN_FRAMES + IN * ROOM,
    PAGES = (OUT_FRAMES + OUT * ROOM) / MACHINE_PAGE,
    MOST = 1514, /* bytes of a frame */
    LEAST = 60,
    LOOKS = 1000
};

/* Registers and what is in them. */
enum {
    CTRL = 0x0000,
    RESET = 1 << 26,
    LINK_UP = 1 << 6,
    EIAC = 0x00DC,
    IMS = 0x00D0,
    IMC = 0x00D8,
    IVAR = 0x00E4,
    FIRST_VECTOR = 8, /* of IVAR: the receive queue's interrupt is vector 0 */
    FROM_QUEUE = 1 << 20,
    RCTL = 0x0100,
    RECEIVES = 1 << 1 | 1 << 15 | 1 << 26, /* on; broadcasts, too; without checksums */
    TCTL = 0x0400,
    SENDS = 1 << 1 | 1 << 3 | 15 << 4 | 64 << 12, /* on; short frames are filled up; 15 tries, a slot of 64 bytes */
    IN_QUEUE = 0x2800,
    OUT_QUEUE = 0x3800,
    LOW = 0, /* of a queue */
    HIGH = 4,
    LENGTH = 8,
    HEAD = 0x10,
    TAIL = 0x18,
    ADDRESS = 0x5400 /* the card's own */
};

enum { DONE = 1, WHOLE = 2, SEND_IT = 1 | 2 | 8 /* the frame's end; with a checksum; tell */ };

static struct {
    uint64_t registers;
    machine_pages pages;
    uint32_t in, out; /* the next descriptor */
    bool sent[OUT];   /* was used: DONE is to be waited for */
} card;

static uint32_t get(uint32_t reg) { return (uint32_t)mmio_read(2, card.registers + reg); }
static void set(uint32_t reg, uint32_t value) { mmio_write(2, card.registers + reg, value); }

static void begin_queue(uint32_t queue, uint32_t ring, uint32_t bytes)
{
    const uint64_t where = card.pages.where + ring;
    set(queue + LOW, (uint32_t)where);
    set(queue + HIGH, (uint32_t)(where >> 32));
    set(queue + LENGTH, bytes);
    set(queue + HEAD, 0);
    set(queue + TAIL, 0);
}

/* All descriptors of what comes are the card's but the last: a tail that met the head would be an empty ring. */
static void make_rings(void)
{
    static uint32_t words[IN][DESCRIPTOR / 4], column[IN];
    const uint64_t first = card.pages.where + IN_FRAMES;
    px_vl(IN * DESCRIPTOR / 4);
    px_fill(words[0], 0);
    px_vl(IN);
    px_iota(column, (uint32_t)first, ROOM);
    px_copys(&words[0][0], DESCRIPTOR / 4, column, 1);
    px_fill(column, (uint32_t)(first >> 32)); /* no run of pages crosses 2^32 */
    px_copys(&words[0][1], DESCRIPTOR / 4, column, 1);
    pages_in(&card.pages, IN_RING, words, sizeof words);
    begin_queue(IN_QUEUE, IN_RING, IN * DESCRIPTOR);
    begin_queue(OUT_QUEUE, OUT_RING, OUT * DESCRIPTOR);
}

static bool is_reset(void)
{
    set(IMC, UINT32_MAX);
    set(CTRL, get(CTRL) | RESET);
    for (int i = 0; i < LOOKS; i++)
        if ((get(CTRL) & RESET) == 0)
            return true;
    return false;
}

static bool begin(void)
{
    uint32_t bdf = 0;
    while (pci_find(ETHERNET_CLASS, ALL, &bdf) && pci_read(bdf, 0, 4) != VENDOR_DEVICE)
        bdf++;
    if (pci_read(bdf, 0, 4) != VENDOR_DEVICE)
        return false;
    for (uint32_t i = 0; i < OUT; i++)
        card.sent[i] = false;
    card.in = card.out = 0;
    card.registers = pci_memory(bdf, 0);
    if (card.registers == 0 || !is_reset() || !pages_get(&card.pages, PAGES))
        return false;
    set(CTRL, get(CTRL) | LINK_UP);
    make_rings();
    if (pci_interrupt(bdf, 0, NET_INTERRUPT)) {
        set(IVAR, FIRST_VECTOR);
        set(EIAC, FROM_QUEUE);
        set(IMS, FROM_QUEUE);
    }
    set(TCTL, SENDS);
    set(RCTL, RECEIVES);
    set(IN_QUEUE + TAIL, IN - 1);
    return true;
}

/* 0: no place in the ring becomes free, as where there is no cable. */
static int32_t send(const uint8_t *frame, uint32_t bytes)
{
    static uint8_t filled[LEAST] __attribute__((aligned(4)));
    const uint32_t here = card.out, place = OUT_RING + here * DESCRIPTOR, data = OUT_FRAMES + here * ROOM;
    const uint64_t where = card.pages.where + data;
    uint32_t words[DESCRIPTOR / 4] = {0};
    if (bytes > MOST)
        return PXH_E_LIMIT;
    for (int looks = 0; card.sent[here]; looks++) {
        pages_out(&card.pages, place, words, sizeof words);
        if ((words[3] & DONE) != 0)
            break;
        if (looks == LOOKS)
            return 0;
    }
    for (uint32_t i = 0; i < LEAST && bytes < LEAST; i++)
        filled[i] = i < bytes ? frame[i] : 0;
    const uint32_t long_as = bytes < LEAST ? LEAST : bytes;
    card.out = (here + 1) % OUT;
    card.sent[here] = true;
    words[0] = (uint32_t)where;
    words[1] = (uint32_t)(where >> 32);
    words[2] = long_as | (uint32_t)SEND_IT << 24;
    words[3] = 0;
    pages_in(&card.pages, data, bytes < LEAST ? filled : frame, long_as);
    pages_in(&card.pages, place, words, sizeof words);
    set(OUT_QUEUE + TAIL, card.out);
    return (int32_t)bytes;
}

/* A frame that is longer than a place, or damaged, is dropped with its places. */
static uint32_t receive(uint8_t *frame, uint32_t most)
{
    for (;;) {
        const uint32_t here = card.in, place = IN_RING + here * DESCRIPTOR;
        const uint64_t where = card.pages.where + IN_FRAMES + here * ROOM;
        uint32_t words[DESCRIPTOR / 4];
        static bool begun; /* the end of a frame whose begin was dropped */
        pages_out(&card.pages, place, words, sizeof words);
        const uint32_t status = words[3] & 0xFF, errors = words[3] >> 8 & 0xFF, bytes = words[2] & 0xFFFF;
        if ((status & DONE) == 0)
            return 0;
        const bool good = (status & WHOLE) != 0 && !begun && errors == 0 && bytes <= ROOM && bytes > 0;
        begun = (status & WHOLE) == 0;
        if (good)
            pages_out(&card.pages, IN_FRAMES + here * ROOM, frame, bytes < most ? bytes : most);
        words[0] = (uint32_t)where;
        words[1] = (uint32_t)(where >> 32);
        words[2] = words[3] = 0;
        pages_in(&card.pages, place, words, sizeof words);
        set(IN_QUEUE + TAIL, here);
        card.in = (here + 1) % IN;
        if (good)
            return bytes;
    }
}

static void ethernet(uint8_t address[6])
{
    const uint32_t words[2] = {get(ADDRESS), get(ADDRESS + 4)};
    for (unsigned i = 0; i < 6; i++)
        address[i] = (uint8_t)(words[i / 4] >> 8 * (i % 4));
}

const driver driver_e1000e = {.begin = begin, .send = send, .receive = receive, .ethernet = ethernet};
