/* nvme.c - an NVMe disk read by a picture: its queues, lists of pages and data lie in pages beside the picture, several
 * commands are under way at a time, and what came is written to the console, all of the disk or its first megabyte. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bare.h"

enum {
    ENTRIES = 16, /* of each queue; one less may be under way */
    DEPTH = 8,
    SECTOR = 512,
    PAGE = 4096,
    PIECE = 32768, /* bytes of a command: more than two pages, so it has a list */
    MOST = 1 << 20,
    ADMIN_SQ = 0,
    ADMIN_CQ = 1,
    IO_SQ = 2,
    IO_CQ = 3,
    IDENTITY = 4,
    LISTS = 5, /* DEPTH pages, then DEPTH pieces */
    DATA = LISTS + DEPTH,
    PAGES = DATA + DEPTH * PIECE / PAGE,
    IDENTIFY = 6,
    CREATE_CQ = 5,
    CREATE_SQ = 1,
    READ = 2
};

typedef struct queue {
    uint32_t sq, cq; /* pages */
    uint32_t tail, head, phase, number;
} queue;

static uint64_t registers, memory; /* where they are, for the processor and for the disk */
static uint32_t handle, stride;

static uint64_t page(uint32_t number) { return memory + (uint64_t)number * PAGE; }

static void copy(uint32_t service, uint32_t offset, void *words, uint32_t bytes)
{
    uint32_t block[3] = {offset, at(words), bytes};
    (void)px_sys(service << 24 | handle, at(block));
}

/* ---- queues ---- */

static void submit(queue *q, uint32_t op, uint32_t id, uint32_t space, const uint64_t at_memory[2],
                   const uint32_t more[3])
{
    uint32_t entry[16] = {op | id << 16, space};
    entry[6] = (uint32_t)at_memory[0], entry[7] = (uint32_t)(at_memory[0] >> 32);
    entry[8] = (uint32_t)at_memory[1], entry[9] = (uint32_t)(at_memory[1] >> 32);
    entry[10] = more[0], entry[11] = more[1], entry[12] = more[2];
    copy(PXH_PAGES_IN, q->sq * PAGE + q->tail * sizeof entry, entry, sizeof entry);
    q->tail = (q->tail + 1) % ENTRIES;
}

static void ring(const queue *q, uint32_t completion, uint32_t value)
{
    mmio_write(2, registers + 0x1000 + (2 * q->number + completion) * stride, value);
}

/* Waits for a command's end: its number. Below 0: it has failed, or nothing comes. */
static int32_t complete(queue *q)
{
    for (int looks = 0; looks < 1000000; looks++) {
        uint32_t entry[4];
        copy(PXH_PAGES_OUT, q->cq * PAGE + q->head * sizeof entry, entry, sizeof entry);
        if ((entry[3] >> 16 & 1) != q->phase)
            continue;
        q->head = (q->head + 1) % ENTRIES;
        q->phase ^= q->head == 0;
        ring(q, 1, q->head);
        if (entry[3] >> 17 != 0) {
            printf("nvme: command %u failed: status %x\n", (unsigned)(entry[3] & 0xFFFF),
                   (unsigned)(entry[3] >> 17 & 0x7FF));
            return -1;
        }
        return (int32_t)(entry[3] & 0xFFFF);
    }
    printf("nvme: the disk does not answer\n");
    return -1;
}

static int admin(queue *q, uint32_t op, uint32_t space, uint32_t at_page, uint32_t a, uint32_t b)
{
    submit(q, op, 1, space, (uint64_t[2]){page(at_page), 0}, (uint32_t[3]){a, b, 0});
    ring(q, 0, q->tail);
    return complete(q) == 1;
}

/* ---- the disk ---- */

static int find(uint32_t *bdf)
{
    for (*bdf = 0; *bdf < 0x100; ++*bdf)
        if (pci_read(*bdf, 0x08, 4) >> 8 == 0x010802)
            return 1;
    return 0;
}

static int ready(uint32_t wanted)
{
    for (int i = 0; i < 100000; i++)
        if (((uint32_t)mmio_read(2, registers + 0x1C) & 3) == wanted)
            return 1;
    return 0;
}

static int start(uint32_t bdf, queue *q)
{
    enum { CC = 0x14, AQA = 0x24, ASQ = 0x28, ACQ = 0x30 };
    uint32_t where[2] = {0, 0};
    registers = (pci_read(bdf, 0x10, 4) & ~15u) | (uint64_t)pci_read(bdf, 0x14, 4) << 32;
    (void)pci_write(bdf, 4, 2, pci_read(bdf, 4, 2) | 6);
    const int32_t got = px_sys((uint32_t)PXH_PAGES << 24 | PAGES, 1);
    if (got < 0)
        return 0;
    handle = (uint32_t)got;
    (void)px_sys((uint32_t)PXH_PAGES_ADDRESS << 24 | handle, at(where));
    memory = where[0] | (uint64_t)where[1] << 32;
    stride = 4u << ((uint32_t)mmio_read(2, registers + 4) & 15);
    mmio_write(2, registers + CC, 0);
    if (!ready(0))
        return 0;
    mmio_write(2, registers + AQA, (ENTRIES - 1) << 16 | (ENTRIES - 1));
    mmio_write(3, registers + ASQ, page(ADMIN_SQ));
    mmio_write(3, registers + ACQ, page(ADMIN_CQ));
    mmio_write(2, registers + CC, 4 << 20 | 6 << 16 | 1); /* entries of 16 and 64 bytes, enabled */
    *q = (queue){ADMIN_SQ, ADMIN_CQ, 0, 0, 1, 0};
    return ready(1);
}

/* Sectors, where they have 512 bytes. */
static uint64_t sectors(queue *q)
{
    uint32_t words[128];
    if (!admin(q, IDENTIFY, 1, IDENTITY, 0, 0))
        return 0;
    copy(PXH_PAGES_OUT, IDENTITY * PAGE, words, sizeof words);
    const uint32_t format = words[32 + (((const uint8_t *)words)[26] & 15)];
    return (format >> 16 & 0xFF) == 9 ? words[0] | (uint64_t)words[1] << 32 : 0;
}

static int queues(queue *q, queue *io)
{
    *io = (queue){IO_SQ, IO_CQ, 0, 0, 1, 1};
    return admin(q, CREATE_CQ, 0, IO_CQ, (ENTRIES - 1) << 16 | 1, 1) &&
           admin(q, CREATE_SQ, 0, IO_SQ, (ENTRIES - 1) << 16 | 1, 1 << 16 | 1);
}

/* Command id reads a piece into its own pages: the first by address, the others by a list. */
static void read_piece(queue *q, uint32_t id, uint32_t piece, uint32_t bytes)
{
    uint64_t list[PIECE / PAGE];
    const uint32_t first = DATA + id * (PIECE / PAGE);
    for (uint32_t i = 1; i < PIECE / PAGE; i++)
        list[i - 1] = page(first + i);
    copy(PXH_PAGES_IN, (LISTS + id) * PAGE, list, sizeof list);
    const uint64_t second = bytes <= PAGE ? 0 : bytes <= 2 * PAGE ? list[0] : page(LISTS + id);
    submit(q, READ, id, 1, (uint64_t[2]){page(first), second},
           (uint32_t[3]){piece * (PIECE / SECTOR), 0, bytes / SECTOR - 1});
}

static int read_all(queue *q, uint32_t bytes)
{
    static uint8_t data[PIECE];
    for (uint32_t done = 0; done < bytes; done += DEPTH * PIECE) {
        uint32_t count = 0;
        for (; count < DEPTH && done + count * PIECE < bytes; count++) {
            const uint32_t left = bytes - done - count * PIECE;
            read_piece(q, count, done / PIECE + count, left < PIECE ? left : PIECE);
        }
        ring(q, 0, q->tail);
        for (uint32_t i = 0; i < count; i++)
            if (complete(q) < 0)
                return 0;
        for (uint32_t i = 0; i < count; i++) {
            const uint32_t left = bytes - done - i * PIECE, here = left < PIECE ? left : PIECE;
            copy(PXH_PAGES_OUT, DATA * PAGE + i * PIECE, data, here);
            (void)write(1, data, here);
        }
    }
    return 1;
}

int main(void)
{
    uint32_t bdf;
    queue q, io;
    if (!find(&bdf))
        return puts("nvme: there is no disk"), 1;
    if (!start(bdf, &q))
        return puts("nvme: the disk does not start"), 1;
    const uint64_t count = sectors(&q);
    if (count == 0 || !queues(&q, &io))
        return puts("nvme: no sectors of 512 bytes, or no queues"), 1;
    return !read_all(&io, count < MOST / SECTOR ? (uint32_t)count * SECTOR : MOST);
}
