/* virtio_input.c - keyboards, mice and tablets of virtio (version 1.2, 4.1: over PCI; 5.8: input devices). A device has
 * one queue of events; all that is shared with it, the queue and a place for each event, is a page beside the picture.
 */
#include "os/drivers/driver.h"
#include "os/drivers/input.h"
#include "os/drivers/machine.h"

enum {
    VIRTIO_INPUT = 0x10521AF4,
    DEVICES = 4,
    PLACES = 64, /* for events */
    EVENT = 8,   /* bytes */
    /* in the page */
    DESCRIPTORS = 0,
    AVAILABLE = PLACES * 16,
    USED = 2048,
    EVENTS = 3072,
    LOOKS = 1000
};

/* The parts of its memory, and the registers of the common one (4.1.4.3). */
enum { COMMON = 1, NOTIFY = 2, OWN = 4, PARTS = 5 };
enum {
    FEATURES = 4, /* 32 of those that it has, from 32 times what is selected on */
    SELECT_FEATURES = 0,
    TAKE = 12, /* of them, these */
    SELECT_TAKEN = 8,
    STATUS = 20,
    SELECT_QUEUE = 22,
    QUEUE_SIZE = 24,
    QUEUE_VECTOR = 26,
    QUEUE_ON = 28,
    QUEUE_NOTIFY = 30,
    QUEUE_PLACES = 32 /* of descriptors, of what is available, of what is used */
};
/* Of STATUS. */
enum { SEEN = 1, DRIVEN = 2, READY = 4, AGREED = 8 };

typedef struct device {
    machine_pages pages;
    uint64_t bell;
    uint32_t size;              /* of its queue */
    uint32_t used, available;   /* so many of each so far */
    uint32_t far[2];            /* largest places, of X and Y; 0: it has none */
    uint32_t place[2], buttons; /* of the pointer */
    int32_t moved[2];
    bool points; /* what came since the last report's end */
} device;

static device devices[DEVICES];
static uint32_t found;

/* ---- to begin ---- */

/* Where each part of its memory is; 0: it has no such part. The bell's distance of one queue to the next goes to *step.
 */
static bool find_parts(uint32_t bdf, uint64_t parts[PARTS], uint32_t *step)
{
    enum { VENDOR = 9, TYPE = 3, BAR = 4, OFFSET = 8, STEP = 16, BARS = 6 };
    for (uint32_t i = 0; i < PARTS; i++)
        parts[i] = 0;
    for (uint32_t here = 0; (here = pci_capability(bdf, VENDOR, here)) != 0;) {
        const uint32_t type = pci_read(bdf, here + TYPE, 1) & 0xFF, bar = pci_read(bdf, here + BAR, 1) & 0xFF;
        const uint64_t base = bar < BARS && type < PARTS && parts[type] == 0 ? pci_memory(bdf, bar) : 0;
        if (base == 0)
            continue;
        parts[type] = base + pci_read(bdf, here + OFFSET, 4);
        if (type == NOTIFY)
            *step = pci_read(bdf, here + STEP, 4);
    }
    return parts[COMMON] != 0 && parts[NOTIFY] != 0 && parts[OWN] != 0;
}

static bool agrees(uint64_t common)
{
    enum { VERSION_1 = 1 }; /* bit 32 */
    mmio_write(0, common + STATUS, 0);
    for (int i = 0; (mmio_read(0, common + STATUS) & 0xFF) != 0; i++)
        if (i == LOOKS)
            return false;
    mmio_write(0, common + STATUS, SEEN | DRIVEN);
    mmio_write(2, common + SELECT_FEATURES, 1);
    if ((mmio_read(2, common + FEATURES) & VERSION_1) == 0)
        return false;
    for (uint32_t half = 0; half < 2; half++) {
        mmio_write(2, common + SELECT_TAKEN, half);
        mmio_write(2, common + TAKE, half == 1 ? VERSION_1 : 0);
    }
    mmio_write(0, common + STATUS, SEEN | DRIVEN | AGREED);
    return (mmio_read(0, common + STATUS) & AGREED) != 0;
}

/* All places are the device's. */
static void make_queue(const device *d)
{
    enum { DEVICE_WRITES = 2 };
    static uint32_t words[PLACES][4], column[PLACES], ring[1 + PLACES / 2];
    const uint64_t first = d->pages.where + EVENTS;
    px_vl(PLACES);
    px_iota(column, (uint32_t)first, EVENT);
    px_copys(&words[0][0], 4, column, 1);
    px_fill(column, (uint32_t)(first >> 32));
    px_copys(&words[0][1], 4, column, 1);
    px_fill(column, EVENT);
    px_copys(&words[0][2], 4, column, 1);
    px_fill(column, DEVICE_WRITES);
    px_copys(&words[0][3], 4, column, 1);
    px_vl(PLACES / 2);
    px_iota(ring + 1, 0x00010000, 0x00020002); /* 0 and 1, 2 and 3, ... */
    ring[0] = d->size << 16;                   /* so many are available */
    pages_in(&d->pages, DESCRIPTORS, words, sizeof words);
    pages_in(&d->pages, AVAILABLE, ring, sizeof ring);
}

static bool begin_queue(device *d, uint64_t common)
{
    static const uint32_t places[] = {DESCRIPTORS, AVAILABLE, USED};
    mmio_write(1, common + SELECT_QUEUE, 0);
    const uint32_t most = (uint32_t)mmio_read(1, common + QUEUE_SIZE) & 0xFFFF;
    for (d->size = PLACES; d->size > most;)
        d->size /= 2;
    if (d->size == 0 || !pages_get(&d->pages, 1))
        return false;
    make_queue(d);
    d->available = d->size;
    mmio_write(1, common + QUEUE_SIZE, d->size);
    for (uint32_t i = 0; i < 3; i++) {
        const uint64_t where = d->pages.where + places[i];
        mmio_write(2, common + QUEUE_PLACES + 8 * i, (uint32_t)where);
        mmio_write(2, common + QUEUE_PLACES + 8 * i + 4, where >> 32);
    }
    mmio_write(1, common + QUEUE_VECTOR, 0);
    mmio_write(1, common + QUEUE_ON, 1);
    return true;
}

static void ask_places(device *d, uint64_t own)
{
    enum { SELECT = 0, AXIS = 1, BYTES = 2, ABSOLUTE = 0x12, FAR = 12 };
    for (uint32_t axis = 0; axis < 2; axis++) {
        mmio_write(0, own + SELECT, ABSOLUTE);
        mmio_write(0, own + AXIS, axis);
        const uint32_t far = (mmio_read(0, own + BYTES) & 0xFF) > FAR - 8 ? (uint32_t)mmio_read(2, own + FAR) : 0;
        d->far[axis] = far <= INPUT_FAR ? far : 0;
    }
}

static bool begin_device(device *d, uint32_t bdf)
{
    uint64_t parts[PARTS];
    uint32_t step = 0;
    *d = (device){.size = 0};
    if (!find_parts(bdf, parts, &step) || !agrees(parts[COMMON]))
        return false;
    (void)pci_interrupt(bdf, 0, VIRTIO_INTERRUPT);
    if (!begin_queue(d, parts[COMMON]))
        return false;
    d->bell = parts[NOTIFY] + (mmio_read(1, parts[COMMON] + QUEUE_NOTIFY) & 0xFFFF) * step;
    ask_places(d, parts[OWN]);
    mmio_write(0, parts[COMMON] + STATUS, SEEN | DRIVEN | AGREED | READY);
    mmio_write(1, d->bell, 0);
    return true;
}

static bool begin(void)
{
    found = 0;
    for (uint32_t bdf = 0; found < DEVICES && pci_find_id(VIRTIO_INPUT, &bdf); bdf++)
        if (begin_device(&devices[found], bdf))
            found++;
        else
            console_text("pxos: a virtio input device does not begin, and is left alone\n");
    return found > 0;
}

/* ---- events, numbered as Linux' are ---- */

/* Codes 96 to 111: what set 1 has behind E0h. The others up to 88 are set 1's own. */
static const uint8_t later[] = {0x9C, 0x9D, 0xB5, 0xB7, 0xB8, 0,    0xC7, 0xC8,
                                0xC9, 0xCB, 0xCD, 0xCF, 0xD0, 0xD1, 0xD2, 0xD3};

static void take_key(device *d, uint32_t code, bool pressed)
{
    enum { OWN_CODES = 88, LATER = 96, BUTTON = 0x110 /* left, right, middle */ };
    static const uint8_t buttons[] = {INPUT_LEFT, INPUT_RIGHT, INPUT_MIDDLE};
    if (code >= 1 && code <= OWN_CODES)
        input_key(code, pressed);
    else if (code >= LATER && code < LATER + sizeof later && later[code - LATER] != 0)
        input_key(later[code - LATER], pressed);
    else if (code >= BUTTON && code < BUTTON + sizeof buttons) {
        d->buttons = (d->buttons & ~(uint32_t)buttons[code - BUTTON]) | (pressed ? buttons[code - BUTTON] : 0);
        d->points = true;
    }
}

/* The pointer is where it is at a report's end. */
static void end_report(device *d)
{
    if (d->points && d->far[0] > 0 && d->far[1] > 0)
        input_point(d->place[0] * INPUT_FAR / d->far[0], d->place[1] * INPUT_FAR / d->far[1], d->buttons);
    else if (d->points)
        input_move(d->moved[0], d->moved[1], d->buttons);
    d->points = false;
    d->moved[0] = d->moved[1] = 0;
}

static void take_event(device *d, const uint32_t event[2])
{
    enum { END = 0, KEY = 1, RELATIVE = 2, ABSOLUTE = 3, FAR_AWAY = 0x10000 };
    const uint32_t type = event[0] & 0xFFFF, code = event[0] >> 16;
    const int32_t value = (int32_t)event[1];
    if (type == END)
        end_report(d);
    else if (type == KEY)
        take_key(d, code, value != 0);
    else if (type == RELATIVE && code < 2 && value > -FAR_AWAY && value < FAR_AWAY)
        d->moved[code] = value;
    else if (type == ABSOLUTE && code < 2)
        d->place[code] = value < 0 ? 0 : (uint32_t)value < d->far[code] ? (uint32_t)value : d->far[code];
    d->points |= (type == RELATIVE || type == ABSOLUTE) && code < 2;
}

static void give_back(device *d, uint32_t place)
{
    const uint16_t half = (uint16_t)place;
    pages_in(&d->pages, AVAILABLE + 4 + 2 * (d->available++ % d->size), &half, sizeof half);
}

static void hear_device(device *d)
{
    static uint32_t events[PLACES][2], used[PLACES][2];
    uint32_t word;
    pages_out(&d->pages, USED, &word, 4);
    const uint32_t came = ((word >> 16) - d->used) & 0xFFFF;
    if (came == 0)
        return;
    pages_out(&d->pages, USED + 4, used, sizeof used);
    pages_out(&d->pages, EVENTS, events, sizeof events);
    uint32_t count = 0;
    for (; count < came && count < d->size && input_has_room(); count++) {
        const uint32_t place = used[d->used++ % d->size][0] % d->size;
        take_event(d, events[place]);
        give_back(d, place);
    }
    word = d->available << 16;
    pages_in(&d->pages, AVAILABLE, &word, 4);
    if (count > 0)
        mmio_write(1, d->bell, 0);
}

static void hear(void)
{
    for (uint32_t i = 0; i < found; i++)
        hear_device(&devices[i]);
}

const driver driver_virtio_input = {.begin = begin, .hear = hear};
