/* nvme.c - see nvme.h. A command has a place of its own, 0 to NVME_DEPTH - 1, with its entry and its list of pages; so
 * much of an entry is always the same, and all are made at once, by vectors. Data goes to the image's own place and
 * comes from there. */
#include "os/drivers/nvme.h"

enum {
    PAGE = MACHINE_PAGE,
    QUEUE = 64,   /* entries */
    ENTRY = 16,   /* words of a command, and */
    END = 4,      /* of what tells its end */
    ADMIN_SQ = 0, /* pages */
    ADMIN_CQ = 1,
    IO_SQ = 2,
    IO_CQ = 3,
    IDENTITY = 4,
    LISTS = 5,                    /* of each command: where its pages from the second on are */
    LIST = NVME_PIECE / PAGE * 8, /* bytes; a power of two, so that none goes on in another page */
    PAGES = LISTS + (NVME_DEPTH * LIST + PAGE - 1) / PAGE,
    IDENTIFY = 6,
    CREATE_CQ = 5,
    CREATE_SQ = 1,
    NAMESPACE = 1,
    LOOKS = 50,   /* before it waits for an interrupt */
    PATIENCE = 10 /* seconds */
};

/* Registers. */
enum { CAP = 0, CC = 0x14, CSTS = 0x1C, AQA = 0x24, ASQ = 0x28, ACQ = 0x30, DOORBELLS = 0x1000 };

static uint32_t entries[NVME_DEPTH][ENTRY], lists[NVME_DEPTH][LIST / 4]; /* of the disk that was used last */
static const nvme *entries_of;

/* What is to be asked at once. */
enum { MOST = 3 * NVME_DEPTH + 2 };
static host_entry list[MOST];
static uint32_t blocks[MOST][4], listed;

static void add(uint32_t service, uint32_t payload, uint32_t a, uint32_t b, uint32_t c, uint32_t d)
{
    blocks[listed][0] = a;
    blocks[listed][1] = b;
    blocks[listed][2] = c;
    blocks[listed][3] = d;
    list[listed] = host_entry_of(service, payload, at(blocks[listed]));
    listed++;
}

static void ask(void)
{
    if (listed > 0)
        host_submit(list, listed);
    listed = 0;
}

static uint64_t page(const nvme *d, uint32_t number) { return d->pages.where + (uint64_t)number * PAGE; }

static void add_doorbell(const nvme *d, uint32_t number, uint32_t value)
{
    const uint64_t where = d->registers + DOORBELLS + number * d->stride;
    add(PXH_MMIO_WRITE, 2, (uint32_t)where, (uint32_t)(where >> 32), value, 0);
}

/* ---- the ends of commands ---- */

static uint32_t phase_of(const uint32_t end[END]) { return end[3] >> 16 & 1; }

/* For the one that is there in the pages. */
static bool wait_end(nvme *d, uint32_t from, uint32_t phase)
{
    const uint64_t since = host_clock(0);
    uint32_t end[END];
    for (uint32_t looks = 0; !d->dead; looks++) {
        pages_out(&d->pages, from, end, sizeof end);
        if (phase_of(end) == phase)
            return true;
        if (looks >= LOOKS)
            host_rest(1000);
        d->dead = looks >= LOOKS && host_clock(0) - since > PATIENCE * UINT64_C(1000000000);
    }
    mmio_write(2, d->registers + CC, 0); /* it is to leave the pages alone */
    return false;
}

/* Up to `most` that have come, side by side; at least one, or 0: the disk is dead. */
static uint32_t wait_ends(nvme *d, nvme_queue *q, bool io, uint32_t most, uint32_t (*ends)[END])
{
    const uint32_t room = QUEUE - q->head < most ? QUEUE - q->head : most;
    const uint32_t from = (io ? IO_CQ : ADMIN_CQ) * PAGE + q->head * END * 4;
    uint32_t count = 0;
    if (!wait_end(d, from, q->phase))
        return 0;
    pages_out(&d->pages, from, ends, 4 * END * room);
    while (count < room && phase_of(ends[count]) == q->phase)
        count++;
    q->head = (q->head + count) % QUEUE;
    q->phase ^= q->head == 0;
    return count;
}

/* That they were taken, with what is rung next: a queue has room for more than are under way. */
static void tell_head(const nvme *d, nvme_queue *q, bool io)
{
    if (q->told != q->head)
        add_doorbell(d, io ? 3 : 1, q->head);
    q->told = q->head;
}

/* 0, or an error, of one of them. */
static int32_t answer_of(const uint32_t end[END])
{
    enum { RANGE = 0x80, READONLY = 0x182, PROTECTED = 0x20, FULL = 0x81 };
    const uint32_t status = end[3] >> 17 & 0x7FF;
    return status == 0                                 ? 0
           : status == RANGE                           ? PXH_E_RANGE
           : status == READONLY || status == PROTECTED ? PXH_E_READONLY
           : status == FULL                            ? PXH_E_FULL
                                                       : PXH_E_IO;
}

/* ---- to begin ---- */

static bool admin(nvme *d, uint32_t op, uint32_t space, uint32_t at_page, uint32_t a, uint32_t b)
{
    uint32_t entry[ENTRY] = {op, space}, end[1][END];
    nvme_queue *q = &d->admin;
    entry[6] = (uint32_t)page(d, at_page);
    entry[7] = (uint32_t)(page(d, at_page) >> 32);
    entry[10] = a;
    entry[11] = b;
    pages_in(&d->pages, ADMIN_SQ * PAGE + q->tail * sizeof entry, entry, sizeof entry);
    q->tail = (q->tail + 1) % QUEUE;
    tell_head(d, q, false);
    add_doorbell(d, 0, q->tail);
    ask();
    return wait_ends(d, q, false, 1, end) == 1 && answer_of(end[0]) == 0;
}

static bool becomes(const nvme *d, uint32_t wanted)
{
    enum { FATAL = 2, MILLISECONDS = 5000 };
    for (uint32_t i = 0; i < MILLISECONDS; i++) {
        const uint32_t state = (uint32_t)mmio_read(2, d->registers + CSTS);
        if ((state & 3) == wanted || (state & FATAL) != 0)
            return (state & 3) == wanted;
        host_rest(1);
    }
    return false;
}

/* Sectors of the namespace, where they have 512 bytes, and how much a command may move. */
static bool identify(nvme *d, uint32_t least)
{
    enum { CONTROLLER = 1, WORDS = 48 };
    uint32_t words[WORDS];
    if (!admin(d, IDENTIFY, 0, IDENTITY, CONTROLLER, 0))
        return false;
    pages_out(&d->pages, IDENTITY * PAGE, words, 80);
    const uint32_t power = words[19] >> 8 & 0xFF; /* of pages of the least size; 0: any */
    d->most = power == 0 || power > 8 || least << power > NVME_PIECE ? NVME_PIECE : least << power;
    if (!admin(d, IDENTIFY, NAMESPACE, IDENTITY, 0, 0))
        return false;
    pages_out(&d->pages, IDENTITY * PAGE, words, sizeof words);
    d->sectors = words[0] | (uint64_t)words[1] << 32;
    const uint32_t format = words[6] >> 16 & 15;
    return (words[32 + format] >> 16 & 0xFF) == 9 && d->sectors > 0;
}

static bool make_queues(nvme *d)
{
    enum { WHOLE = 1, INTERRUPTS = 2 };
    return admin(d, CREATE_CQ, 0, IO_CQ, (QUEUE - 1) << 16 | 1, WHOLE | INTERRUPTS) &&
           admin(d, CREATE_SQ, 0, IO_SQ, (QUEUE - 1) << 16 | 1, 1 << 16 | WHOLE);
}

bool nvme_begin(nvme *d, uint32_t bdf, uint32_t interrupt)
{
    *d = (nvme){.registers = pci_memory(bdf, 0), .admin.phase = 1, .io.phase = 1};
    entries_of = NULL;
    if (d->registers == 0 || !pages_get(&d->pages, PAGES) || !pages_image(&d->image))
        return false;
    const uint64_t can = mmio_read(3, d->registers + CAP);
    d->stride = 4u << (can >> 32 & 15);
    mmio_write(2, d->registers + CC, 0);
    if (!becomes(d, 0))
        return false;
    mmio_write(2, d->registers + AQA, (QUEUE - 1) << 16 | (QUEUE - 1));
    mmio_write(3, d->registers + ASQ, page(d, ADMIN_SQ));
    mmio_write(3, d->registers + ACQ, page(d, ADMIN_CQ));
    host_quiet(interrupt);
    (void)pci_interrupt(bdf, 0, interrupt);                  /* before the queues: later it would never come */
    mmio_write(2, d->registers + CC, 4 << 20 | 6 << 16 | 1); /* entries of 16 and 64 bytes; enabled */
    return becomes(d, 1) && identify(d, PAGE << (can >> 48 & 15)) && make_queues(d);
}

/* ---- to move ---- */

/* What is left of the pieces, and the commands under way. */
typedef struct work {
    enum nvme_operation operation;
    const nvme_piece *piece, *end;
    uint32_t done; /* sectors of *piece */
    uint32_t under_way;
    uint32_t address[NVME_DEPTH], bytes[NVME_DEPTH];
    bool busy[NVME_DEPTH];
} work;

/* High words of addresses are those of the machine's memory: no run of pages crosses 2^32. */
static void make_entries(const nvme *d)
{
    static uint32_t column[NVME_DEPTH * LIST / 8];
    const uint32_t high = (uint32_t)(d->image.where >> 32);
    if (entries_of == d)
        return;
    entries_of = d;
    px_vl(NVME_DEPTH * ENTRY);
    px_fill(entries[0], 0);
    px_vl(NVME_DEPTH);
    px_fill(column, NAMESPACE);
    px_copys(&entries[0][1], ENTRY, column, 1);
    px_fill(column, high);
    px_copys(&entries[0][7], ENTRY, column, 1);
    px_copys(&entries[0][9], ENTRY, column, 1);
    px_vl(NVME_DEPTH * LIST / 8);
    px_fill(column, high);
    px_copys(&lists[0][1], 2, column, 1);
}

/* Where its bytes are, by pages: two in the entry, more in a list from the second on. */
static void place_bytes(const nvme *d, uint32_t place, uint32_t address, uint32_t bytes)
{
    static uint32_t column[LIST / 8];
    const uint32_t from = (uint32_t)d->image.where + address, second = (from & ~(uint32_t)(PAGE - 1)) + PAGE;
    const uint32_t behind = (from % PAGE + bytes + PAGE - 1) / PAGE - 1;
    uint32_t *e = entries[place];
    e[6] = from;
    e[8] = behind <= 1 ? second : (uint32_t)page(d, LISTS) + place * LIST;
    if (behind <= 1)
        return;
    px_vl(behind);
    px_iota(column, second, PAGE);
    px_copys(lists[place], 2, column, 1);
    add(PXH_PAGES_IN, d->pages.handle, LISTS * PAGE + place * LIST, at(lists[place]), 8 * behind, 0);
}

/* The next command, in this place. */
static void make_command(const nvme *d, work *w, uint32_t place)
{
    uint32_t *e = entries[place];
    const uint64_t sector = (w->piece->sector | (uint64_t)w->piece->sector_high << 32) + w->done;
    const uint32_t left = w->piece->sectors - w->done, most = d->most / NVME_SECTOR, now = left < most ? left : most;
    w->address[place] = w->piece->address + w->done * NVME_SECTOR;
    w->bytes[place] = now * NVME_SECTOR;
    if (now > 0)
        place_bytes(d, place, w->address[place], w->bytes[place]);
    e[0] = w->operation | place << 16;
    e[10] = (uint32_t)sector;
    e[11] = (uint32_t)(sector >> 32);
    e[12] = now > 0 ? now - 1 : 0;
    w->busy[place] = true;
    w->under_way++;
    w->done += now;
    if (w->done == w->piece->sectors) {
        w->piece++;
        w->done = 0;
    }
}

/* What the image has there is for the disk to fetch, or what the disk has done there is the image's. */
static void add_bytes(const nvme *d, const work *w, uint32_t place, uint32_t service)
{
    add(service, d->image.handle, w->address[place], w->address[place], w->bytes[place], 0);
}

/* As many as have a place. */
static void send(nvme *d, work *w)
{
    const uint32_t before = d->io.tail;
    for (uint32_t place = 0; place < NVME_DEPTH && w->piece < w->end; place++) {
        if (w->busy[place])
            continue;
        make_command(d, w, place);
        if (w->operation == NVME_WRITE)
            add_bytes(d, w, place, PXH_PAGES_IN);
        add(PXH_PAGES_IN, d->pages.handle, IO_SQ * PAGE + d->io.tail * ENTRY * 4, at(entries[place]), 4 * ENTRY, 0);
        d->io.tail = (d->io.tail + 1) % QUEUE;
    }
    if (d->io.tail != before) {
        tell_head(d, &d->io, true);
        add_doorbell(d, 2, d->io.tail);
    }
    ask();
}

/* A command is over, or its disk is dead. What it has read is taken even if it failed: something may have come. */
static void finish(const nvme *d, work *w, uint32_t place)
{
    if (w->operation == NVME_READ)
        add_bytes(d, w, place, PXH_PAGES_OUT);
    w->busy[place] = false;
    w->under_way--;
}

static int32_t receive(nvme *d, work *w)
{
    static uint32_t ends[NVME_DEPTH][END];
    int32_t answer = 0;
    const uint32_t count = wait_ends(d, &d->io, true, w->under_way, ends);
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t place = ends[i][3] & 0xFFFF;
        const bool known = place < NVME_DEPTH && w->busy[place];
        const int32_t one = known ? answer_of(ends[i]) : PXH_E_IO;
        answer = answer < 0 ? answer : one;
        if (known)
            finish(d, w, place);
    }
    for (uint32_t place = 0; d->dead && place < NVME_DEPTH; place++)
        if (w->busy[place])
            finish(d, w, place);
    ask();
    return count == 0 ? PXH_E_IO : answer;
}

int32_t nvme_move(nvme *d, enum nvme_operation operation, const nvme_piece *pieces, uint32_t count)
{
    static work w;
    int32_t answer = 0;
    for (uint32_t i = 0; i < count; i++) {
        const uint64_t sector = pieces[i].sector | (uint64_t)pieces[i].sector_high << 32;
        if (sector > d->sectors || pieces[i].sectors > d->sectors - sector)
            return PXH_E_RANGE;
        if (pieces[i].address % 4 != 0)
            return PXH_E_INVALID;
    }
    w = (work){.operation = operation, .piece = pieces, .end = pieces + count};
    make_entries(d);
    while (!d->dead && (w.under_way > 0 || (answer == 0 && w.piece < w.end))) {
        if (answer == 0)
            send(d, &w);
        const int32_t one = receive(d, &w);
        answer = answer < 0 ? answer : one;
    }
    return d->dead ? PXH_E_IO : answer;
}
