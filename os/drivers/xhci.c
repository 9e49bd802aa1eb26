/* xhci.c - a USB host controller (xHCI 1.2; its sections are named below), with the keyboards, mice and tablets at its
 * own ports. Rings, contexts and reports lie in pages beside the picture. What a port's device says is taken when its
 * turn comes; commands, and what is asked of a device once, are waited for. */
#include "os/drivers/driver.h"
#include "os/drivers/input.h"
#include "os/drivers/machine.h"
#include "os/drivers/usb_input.h"

enum {
    XHCI_CLASS = 0x0C0330,
    ALL = 0xFFFFFF,
    TRB = 16,  /* bytes */
    RING = 16, /* TRBs; the last leads back to the first */
    EVENTS = MACHINE_PAGE / TRB,
    DEVICES = 8,
    PORTS = 64,
    SLOTS = 255,
    ENDPOINTS = 31,
    PATIENCE = 1000 /* milliseconds, for whatever it is */
};

/* In the pages: what is the controller's, then a page for each device. */
enum {
    SLOT_ARRAY = 0,
    SEGMENTS = 2048, /* of the events' ring: one */
    COMMANDS = 3072,
    EVENT_RING = MACHINE_PAGE,
    INPUT_CONTEXT = 2 * MACHINE_PAGE,
    ANSWERS = INPUT_CONTEXT + 3072, /* of a device to a control request */
    ANSWER = 1024,
    FIRST_DEVICE = 3,
    PAGES = FIRST_DEVICE + DEVICES,
    CONTROL_RING = 2048, /* in a device's, behind its contexts */
    REPORT_RING = CONTROL_RING + RING * TRB,
    REPORTS = 3072,
    UNDER_WAY = 8 /* reports that a device may send ahead */
};

/* Registers (5.3 to 5.6), and what is in them. */
enum {
    USBCMD = 0x00,
    RUN = 1,
    RESET = 2,
    INTERRUPTS = 4,
    USBSTS = 0x04,
    HALTED = 1,
    FAILED = 1 << 2 | 1 << 12,
    NOT_READY = 1 << 11,
    CRCR = 0x18,
    DCBAAP = 0x30,
    CONFIG = 0x38,
    PORTSC = 0x400,
    CONNECTED = 1,
    ENABLED = 2,
    RESET_PORT = 1 << 4,
    KEPT = 0x0E00C3E0, /* of PORTSC: what is to be written as it was read */
    CONNECTED_CHANGED = 1 << 17,
    CHANGES = 0x7F << 17,
    IMAN = 0x20,
    IMOD = 0x24,
    ERSTSZ = 0x28,
    ERSTBA = 0x30,
    ERDP = 0x38,
    HANDLED = 1 << 3
};

/* Types of TRBs (6.4.6), how something ended (6.4.5). */
enum {
    NORMAL = 1,
    SETUP = 2,
    DATA = 3,
    STATUS = 4,
    LINK = 6,
    ENABLE_SLOT = 9,
    DISABLE_SLOT = 10,
    ADDRESS_DEVICE = 11,
    CONFIGURE_ENDPOINT = 12,
    EVALUATE_CONTEXT = 13,
    RESET_ENDPOINT = 14,
    SET_DEQUEUE = 16,
    TRANSFER_EVENT = 32,
    COMMAND_EVENT = 33,
    PORT_EVENT = 34,
    SUCCESS = 1,
    STALL = 6,
    SHORT = 13,
    TELL = 1 << 5,      /* when it is done */
    IMMEDIATE = 1 << 6, /* the data are in the TRB */
    FROM_DEVICE = 1 << 16
};

typedef struct ring {
    uint32_t place, next, cycle;
} ring;

typedef struct device {
    uint32_t port; /* 0: there is none */
    uint32_t slot, speed, page;
    uint32_t failures; /* since its last report */
    bool halted;       /* its endpoint stands since the last of them */
    ring control, reports;
    usb_input input;
} device;

static struct {
    uint64_t registers, runtime, doorbells;
    uint32_t ports, context; /* words of a context */
    machine_pages pages;
    ring commands;
    uint32_t event, cycle; /* the next one, and what tells that it has come */
    bool alive;
    bool changed[PORTS + 1];
    device devices[DEVICES];
} x;

/* What is waited for: a command, or a request of a device. */
static struct {
    bool open;
    uint32_t slot; /* 0: a command */
    uint32_t code, got_slot;
} asked;

static uint32_t get(uint32_t reg) { return (uint32_t)mmio_read(2, x.registers + reg); }
static void set(uint32_t reg, uint32_t value) { mmio_write(2, x.registers + reg, value); }
static uint64_t where(uint32_t place) { return x.pages.where + place; }

static void set_place(uint64_t reg, uint64_t value)
{
    mmio_write(2, reg, (uint32_t)value);
    mmio_write(2, reg + 4, value >> 32);
}

static bool becomes(uint32_t reg, uint32_t mask, uint32_t wanted)
{
    for (uint32_t i = 0; i < PATIENCE; i++) {
        if ((get(reg) & mask) == wanted)
            return true;
        host_rest(1);
    }
    return false;
}

static const uint32_t zeros[MACHINE_PAGE / 4];

static void text(const char *what) { console_text(what); }

/* A controller that does not do what it is asked is left alone. */
static void give_up(void)
{
    if (x.alive)
        text("pxos: the USB controller does not answer, and is left alone\n");
    x.alive = false;
    set(USBCMD, 0);
}

/* ---- rings ---- */

static void put_trb(ring *r, uint64_t data, uint32_t status, uint32_t control)
{
    const uint32_t words[4] = {(uint32_t)data, (uint32_t)(data >> 32), status, control | r->cycle};
    pages_in(&x.pages, r->place + r->next * TRB, words, sizeof words);
    if (++r->next < RING - 1)
        return;
    enum { TOGGLE = 2 };
    const uint64_t first = where(r->place);
    const uint32_t back[4] = {(uint32_t)first, (uint32_t)(first >> 32), 0, LINK << 10 | TOGGLE | r->cycle};
    pages_in(&x.pages, r->place + r->next * TRB, back, sizeof back);
    r->next = 0;
    r->cycle ^= 1;
}

static void ring_bell(uint32_t slot, uint32_t target) { mmio_write(2, x.doorbells + 4 * slot, target); }

static device *device_of(uint32_t slot)
{
    for (device *d = x.devices; d < x.devices + DEVICES; d++)
        if (d->port != 0 && d->slot == slot)
            return d;
    return NULL;
}

static uint32_t endpoint_of(const device *d) { return 2 * d->input.endpoint + 1; }

/* A place for one more report. */
static void await_report(device *d)
{
    const uint32_t place = d->page + REPORTS + d->reports.next * USB_REPORT;
    put_trb(&d->reports, where(place), d->input.bytes, NORMAL << 10 | TELL);
}

/* ---- events ---- */

/* Of a device's interrupt endpoint. */
static void take_report(device *d, const uint32_t trb[4])
{
    static uint8_t report[USB_REPORT] __attribute__((aligned(4)));
    const uint64_t place = (trb[0] | (uint64_t)trb[1] << 32) - where(d->reports.place);
    const uint32_t code = trb[2] >> 24, left = trb[2] & 0xFFFFFF;
    if (code != SUCCESS && code != SHORT) {
        d->halted = true;
        return;
    }
    if (place >= (RING - 1) * TRB || place % TRB != 0 || left > d->input.bytes)
        return;
    pages_out(&x.pages, d->page + REPORTS + (uint32_t)place / TRB * USB_REPORT, report, USB_REPORT);
    usb_input_report(&d->input, report, d->input.bytes - left);
    d->failures = 0;
    await_report(d);
    ring_bell(d->slot, endpoint_of(d));
}

static void take_event(const uint32_t trb[4])
{
    const uint32_t type = trb[3] >> 10 & 63, slot = trb[3] >> 24, endpoint = trb[3] >> 16 & 31, port = trb[0] >> 24;
    device *d = type == TRANSFER_EVENT ? device_of(slot) : NULL;
    if (type == PORT_EVENT && port <= x.ports)
        x.changed[port] = true;
    if (d != NULL && endpoint > 1 && endpoint == endpoint_of(d))
        take_report(d, trb);
    const bool is_answer = type == COMMAND_EVENT ? asked.slot == 0 : d != NULL && endpoint == 1 && slot == asked.slot;
    if (asked.open && is_answer) {
        asked.open = false;
        asked.code = trb[2] >> 24;
        asked.got_slot = slot;
    }
}

/* All that have come; if they may wait, as far as there is room for what they tell. */
static void take_events(bool may_wait)
{
    uint32_t trb[4], count = 0;
    while (count < EVENTS && (!may_wait || input_has_room())) {
        pages_out(&x.pages, EVENT_RING + x.event * TRB, trb, sizeof trb);
        if ((trb[3] & 1) != x.cycle)
            break;
        x.event = (x.event + 1) % EVENTS;
        x.cycle ^= x.event == 0;
        count++;
        take_event(trb);
    }
    if (count > 0)
        set_place(x.runtime + ERDP, where(EVENT_RING + x.event * TRB) | HANDLED);
}

/* For what `asked` says; how it ended, or 0: not in time. */
static uint32_t wait_for_answer(void)
{
    const uint64_t since = host_clock(0);
    for (;;) {
        take_events(false);
        if (!asked.open)
            return asked.code;
        if (host_clock(0) - since > PATIENCE * UINT64_C(1000000))
            return 0;
        host_rest(1);
    }
}

static bool command(uint64_t data, uint32_t type, uint32_t slot, uint32_t endpoint)
{
    if (!x.alive)
        return false;
    asked.open = true;
    asked.slot = 0;
    put_trb(&x.commands, data, 0, slot << 24 | endpoint << 16 | type << 10);
    ring_bell(0, 0);
    const uint32_t code = wait_for_answer();
    if (code == 0)
        give_up();
    return code == SUCCESS;
}

/* An endpoint that stands since something failed goes on with what is put into its ring from now on. */
static void restart(const device *d, uint32_t endpoint, const ring *r)
{
    (void)command(0, RESET_ENDPOINT, d->slot, endpoint);
    (void)command(where(r->place + r->next * TRB) | r->cycle, SET_DEQUEUE, d->slot, endpoint);
}

/* ---- requests of a device (USB 2.0, 9.3) ---- */

/* `what`: request type and request; an answer of so many bytes lies in the pages, zeros where less have come. */
static bool request(device *d, uint32_t what, uint32_t value, uint32_t index, uint32_t bytes)
{
    enum { ANSWERED = 3 << 16 /* of SETUP: data come */ };
    if (!x.alive)
        return false;
    pages_in(&x.pages, ANSWERS, zeros, ANSWER);
    put_trb(&d->control, (what | value << 16) | (uint64_t)(index | bytes << 16) << 32, 8,
            SETUP << 10 | IMMEDIATE | (bytes > 0 ? ANSWERED : 0));
    if (bytes > 0)
        put_trb(&d->control, where(ANSWERS), bytes, DATA << 10 | FROM_DEVICE);
    put_trb(&d->control, 0, 0, STATUS << 10 | TELL | (bytes > 0 ? 0 : FROM_DEVICE));
    asked.open = true;
    asked.slot = d->slot;
    ring_bell(d->slot, 1);
    const uint32_t code = wait_for_answer();
    if (code == STALL) /* it does not know that; the next request is another matter */
        restart(d, 1, &d->control);
    return code == SUCCESS;
}

enum {
    CLEAR_FEATURE = 0x0102,
    GET_DESCRIPTOR = 0x0680,
    GET_REPORTS = 0x0681,
    SET_CONFIGURATION = 0x0900,
    SET_IDLE = 0x0A21,
    SET_PROTOCOL = 0x0B21
};
enum { DEVICE = 1 << 8, CONFIGURATION = 2 << 8, REPORT = 0x22 << 8 };

static bool descriptor(device *d, uint32_t request_type, uint32_t which, uint32_t index, uint8_t *to, uint32_t bytes)
{
    const bool good = request(d, request_type, which, index, bytes);
    pages_out(&x.pages, ANSWERS, to, bytes);
    return good;
}

/* ---- contexts (6.2) ---- */

static uint32_t context[(ENDPOINTS + 2) * 16]; /* the input context: what is added, the slot's, the endpoints' */

static uint32_t *context_of(uint32_t number) { return context + number * x.context; }

static void begin_context(const device *d, uint32_t adds, uint32_t last)
{
    px_vl(sizeof context / 4);
    px_fill(context, 0);
    context[1] = adds;
    context_of(1)[0] = last << 27 | d->speed << 20;
    context_of(1)[1] = d->port << 16;
}

static void add_endpoint(uint32_t number, uint32_t type, uint32_t bytes, uint32_t interval, const ring *r)
{
    enum { TRIES = 3 };
    uint32_t *c = context_of(number + 1);
    const uint64_t first = where(r->place);
    c[0] = interval << 16;
    c[1] = bytes << 16 | type << 3 | TRIES << 1;
    c[2] = (uint32_t)first | 1;
    c[3] = (uint32_t)(first >> 32);
    c[4] = bytes << 16 | bytes;
}

static bool with_context(const device *d, uint32_t type)
{
    pages_in(&x.pages, INPUT_CONTEXT, context, 4 * (ENDPOINTS + 2) * x.context);
    return command(where(INPUT_CONTEXT), type, d->slot, 0);
}

/* ---- devices ---- */

enum { FULL_SPEED = 1, LOW_SPEED = 2, HIGH_SPEED = 3 };

/* As the endpoint's context has it, a power of two of 125 us. */
static uint32_t interval_of(const device *d)
{
    uint32_t power = 3;
    if (d->speed >= HIGH_SPEED)
        return d->input.interval >= 1 && d->input.interval <= 16 ? d->input.interval - 1 : 6;
    while (power < 10 && 2u << (power - 3) <= d->input.interval)
        power++;
    return power;
}

static bool address(device *d)
{
    enum { CONTROL = 4 };
    const uint32_t bytes = d->speed == LOW_SPEED ? 8 : d->speed <= HIGH_SPEED ? 64 : 512;
    const uint64_t place = where(d->page);
    const uint32_t words[2] = {(uint32_t)place, (uint32_t)(place >> 32)};
    pages_in(&x.pages, d->page, zeros, sizeof zeros);
    pages_in(&x.pages, SLOT_ARRAY + 8 * d->slot, words, sizeof words);
    begin_context(d, 3, 1);
    add_endpoint(1, CONTROL, bytes, 0, &d->control);
    return with_context(d, ADDRESS_DEVICE);
}

/* A device of full speed tells only itself how long its packets are. */
static bool set_packets(device *d, uint32_t bytes)
{
    if (d->speed != FULL_SPEED || bytes == 64)
        return true;
    if (bytes != 8 && bytes != 16 && bytes != 32)
        return false;
    begin_context(d, 2, 1);
    context_of(2)[1] = bytes << 16;
    return with_context(d, EVALUATE_CONTEXT);
}

/* Vendor and product go to *id. */
static bool read_descriptors(device *d, uint32_t *id)
{
    static uint8_t bytes[ANSWER] __attribute__((aligned(4)));
    enum { HEAD = 8, DEVICE_BYTES = 18, CONFIGURATION_BYTES = 9 };
    if (!descriptor(d, GET_DESCRIPTOR, DEVICE, 0, bytes, HEAD) || !set_packets(d, bytes[7]) ||
        !descriptor(d, GET_DESCRIPTOR, DEVICE, 0, bytes, DEVICE_BYTES) || bytes[1] != 1)
        return false;
    const uint32_t class = bytes[4];
    *id = (uint32_t)bytes[9] << 24 | (uint32_t)bytes[8] << 16 | (uint32_t)bytes[11] << 8 | bytes[10];
    if (!descriptor(d, GET_DESCRIPTOR, CONFIGURATION, 0, bytes, CONFIGURATION_BYTES) || bytes[1] != 2)
        return false;
    const uint32_t said = bytes[2] | (uint32_t)bytes[3] << 8, whole = said < ANSWER ? said : ANSWER;
    if (!descriptor(d, GET_DESCRIPTOR, CONFIGURATION, 0, bytes, whole))
        return false;
    d->input = usb_input_of(class, bytes, whole);
    if (d->input.kind != USB_TABLET)
        return true;
    const uint32_t described = d->input.described < ANSWER ? d->input.described : ANSWER;
    if (described == 0 || !descriptor(d, GET_REPORTS, REPORT, d->input.interface, bytes, described) ||
        !usb_input_describe(&d->input, bytes, described))
        d->input.kind = USB_OTHER;
    return true;
}

static void await_reports(device *d)
{
    for (uint32_t i = 0; i < UNDER_WAY; i++)
        await_report(d);
    ring_bell(d->slot, endpoint_of(d));
}

/* It reports from now on. Not every device knows the last two, or needs them. */
static bool use(device *d)
{
    enum { INTERRUPT_IN = 7 };
    const uint32_t number = endpoint_of(d);
    begin_context(d, 1 | 1u << number, number);
    add_endpoint(number, INTERRUPT_IN, d->input.bytes, interval_of(d), &d->reports);
    if (!with_context(d, CONFIGURE_ENDPOINT) || !request(d, SET_CONFIGURATION, d->input.configuration, 0, 0))
        return false;
    if (d->input.kind != USB_TABLET)
        (void)request(d, SET_PROTOCOL, 0, d->input.interface, 0);
    (void)request(d, SET_IDLE, 0, d->input.interface, 0);
    await_reports(d);
    return x.alive;
}

static void hexadecimal(uint32_t number, uint32_t digits)
{
    char digit[2] = "";
    while (digits-- > 0) {
        digit[0] = "0123456789abcdef"[number >> 4 * digits & 15];
        text(digit);
    }
}

static void name_port(uint32_t port)
{
    text("pxos: USB port ");
    console_number(port);
    text(": ");
}

/* What is not driven. */
static void name(const device *d, uint32_t id)
{
    static const struct {
        uint8_t class;
        const char *name;
    } names[] = {{1, "sound"},          {2, "a modem"},  {3, "an input device that is no keyboard"},
                 {7, "a printer"},      {8, "storage"},  {9, "a hub"},
                 {11, "a card reader"}, {14, "a camera"}};
    const char *what = "a device";
    for (uint32_t i = 0; i < sizeof names / sizeof *names; i++)
        what = names[i].class == d->input.class ? names[i].name : what;
    name_port(d->port);
    text(what);
    text(", ");
    hexadecimal(id >> 16, 4);
    text(":");
    hexadecimal(id & 0xFFFF, 4);
    text(", is left alone\n");
}

static void leave(device *d)
{
    usb_input_leave(&d->input);
    if (d->slot != 0)
        (void)command(0, DISABLE_SLOT, d->slot, 0);
    d->port = 0;
}

static device *free_device(uint32_t port)
{
    for (uint32_t i = 0; i < DEVICES; i++)
        if (x.devices[i].port == 0) {
            const uint32_t page = (FIRST_DEVICE + i) * MACHINE_PAGE;
            x.devices[i] = (device){.port = port,
                                    .page = page,
                                    .control = {page + CONTROL_RING, 0, 1},
                                    .reports = {page + REPORT_RING, 0, 1}};
            return &x.devices[i];
        }
    return NULL;
}

static void fail(device *d)
{
    name_port(d->port);
    text("a device that does not do what it is asked, is left alone\n");
    leave(d);
}

/* A report that failed is lost, and the next ones come; one after the other is too much. */
static void mend_devices(void)
{
    enum { MOST_FAILURES = 16, HALT = 0, IN = 0x80 };
    for (device *d = x.devices; d < x.devices + DEVICES && x.alive; d++) {
        if (d->port == 0 || !d->halted)
            continue;
        d->halted = false;
        if (++d->failures > MOST_FAILURES) {
            fail(d);
            continue;
        }
        restart(d, endpoint_of(d), &d->reports);
        (void)request(d, CLEAR_FEATURE, HALT, IN | d->input.endpoint, 0);
        await_reports(d);
    }
}

static void meet(uint32_t port, uint32_t speed)
{
    device *d = free_device(port);
    uint32_t id = 0;
    if (d == NULL) {
        name_port(port);
        text("one device too many, is left alone\n");
        return;
    }
    d->speed = speed;
    if (command(0, ENABLE_SLOT, 0, 0))
        d->slot = asked.got_slot;
    const bool good = d->slot != 0 && address(d) && read_descriptors(d, &id);
    if (good && d->input.kind == USB_OTHER)
        name(d, id);
    if (good && d->input.kind != USB_OTHER && use(d))
        return;
    if (x.alive && (!good || d->input.kind != USB_OTHER))
        fail(d);
    else
        leave(d);
}

static device *device_at(uint32_t port)
{
    for (device *d = x.devices; d < x.devices + DEVICES; d++)
        if (d->port == port)
            return d;
    return NULL;
}

static void reset_port(uint32_t reg)
{
    set(reg, (get(reg) & KEPT) | RESET_PORT);
    (void)becomes(reg, RESET_PORT, 0);
}

/* Its device is gone, is another, or has been switched off by an error. One that is left alone is not met twice. */
static void look_at_port(uint32_t port)
{
    const uint32_t reg = PORTSC + 16 * (port - 1), now = get(reg);
    device *d = device_at(port);
    const bool fresh = (now & CONNECTED_CHANGED) != 0 || (d != NULL && (now & ENABLED) == 0);
    set(reg, (now & KEPT) | (now & CHANGES));
    if (d != NULL && fresh)
        leave(d);
    if (!fresh || (now & CONNECTED) == 0)
        return;
    if ((now & ENABLED) == 0)
        reset_port(reg);
    const uint32_t then = get(reg);
    if ((then & ENABLED) != 0)
        meet(port, then >> 10 & 15);
}

static void look_at_ports(void)
{
    for (uint32_t port = 1; port <= x.ports && x.alive; port++)
        if (x.changed[port]) {
            x.changed[port] = false;
            look_at_port(port);
        }
}

static void hear(void)
{
    if (!x.alive)
        return;
    take_events(true);
    look_at_ports();
    mend_devices();
}

/* ---- to begin ---- */

static bool is_reset(void)
{
    set(USBCMD, 0);
    if (!becomes(USBSTS, HALTED, HALTED))
        return false;
    set(USBCMD, RESET);
    return becomes(USBCMD, RESET, 0) && becomes(USBSTS, NOT_READY, 0);
}

/* What it says of itself (5.3). One that wants pages of its own is not driven. */
static bool read_itself(uint64_t base)
{
    const uint32_t length = (uint32_t)mmio_read(0, base), first = (uint32_t)mmio_read(2, base + 4),
                   second = (uint32_t)mmio_read(2, base + 8), third = (uint32_t)mmio_read(2, base + 0x10);
    x.registers = base + length;
    x.doorbells = base + ((uint32_t)mmio_read(2, base + 0x14) & ~3u);
    x.runtime = base + ((uint32_t)mmio_read(2, base + 0x18) & ~31u);
    x.ports = first >> 24 < PORTS ? first >> 24 : PORTS;
    x.context = (third & 4) != 0 ? 16 : 8;
    const uint32_t own_pages = (second >> 21 & 31) << 5 | second >> 27;
    return length >= 0x20 && length != 0xFF && x.ports > 0 && (first & 0xFF) > 0 && own_pages == 0;
}

static void make_rings(uint32_t slots)
{
    const uint64_t events = where(EVENT_RING);
    const uint32_t segment[4] = {(uint32_t)events, (uint32_t)(events >> 32), EVENTS, 0};
    pages_in(&x.pages, SEGMENTS, segment, sizeof segment);
    x.commands = (ring){COMMANDS, 0, 1};
    x.event = 0;
    x.cycle = 1;
    set(CONFIG, slots);
    set_place(x.registers + DCBAAP, where(SLOT_ARRAY));
    set_place(x.registers + CRCR, where(COMMANDS) | 1);
    mmio_write(2, x.runtime + ERSTSZ, 1);
    set_place(x.runtime + ERDP, events);
    set_place(x.runtime + ERSTBA, where(SEGMENTS));
    mmio_write(2, x.runtime + IMOD, 0);
    mmio_write(2, x.runtime + IMAN, 3); /* on; the one that may be there is seen */
}

static bool begin(void)
{
    uint32_t bdf = 0;
    if (!pci_find(XHCI_CLASS, ALL, &bdf))
        return false;
    const uint64_t base = pci_memory(bdf, 0);
    for (uint32_t i = 0; i < DEVICES; i++)
        x.devices[i].port = 0;
    x.alive = base != 0 && read_itself(base) && is_reset() && pages_get(&x.pages, PAGES);
    if (!x.alive) {
        text("pxos: the USB controller does not begin, and is left alone\n");
        return false;
    }
    (void)pci_interrupt(bdf, 0, USB_INTERRUPT);
    const uint32_t slots = (uint32_t)mmio_read(2, base + 4) & 0xFF;
    make_rings(slots < DEVICES ? slots : DEVICES);
    set(USBCMD, RUN | INTERRUPTS);
    for (uint32_t port = 1; port <= x.ports; port++)
        x.changed[port] = true;
    look_at_ports();
    return x.alive;
}

const driver driver_xhci = {.begin = begin, .hear = hear};
