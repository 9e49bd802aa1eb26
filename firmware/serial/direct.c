/* direct.c - see direct.h. A batch is a row of requests, each asked when the one before is answered: a machine, the
 * driver, the operations, a run, its result; then frames go out. Until the first one goes, nothing is lost by giving
 * up: the batch is run again, or takes another path. */
#include "firmware/serial/direct.h"

#include "firmware/machine/log.h"
#include "firmware/machine/memory.h"
#include "firmware/serial/exchange.h"
#include "firmware/serial/own.h"
#include "pxi/isa.h"

#define REFUSALS   3u /* errors that a batch survives */
#define RESULTS    (PXS_AT_SETUP_AFTER + 1 - PXS_AT_FRAMES)
#define WIRE_BLOCK 64u /* a quarter of the board's queue, so that its wire never waits for the link */
#define WIRE_PAUSE (5 * PC_SECOND / 1000) /* before a full queue is asked again */
#define UNWRITTEN  UINT32_MAX             /* no result is this: a driver that did not run shows */

typedef enum step {
    IDLE,
    STOPPING,   /* a run of before may still be under way */
    MACHINE,    /* RESET */
    PROGRAM,    /* the driver's pixels, when the machine may have lost them */
    PARAMETERS, /* and its results, made unlikely */
    OPERATIONS, /* behind the set-up in force */
    ENTRY,
    START,
    RUN,
    COUNTS, /* the results */
    FRAMES,
    WIRE, /* frames to the board's wire */
    FULL, /* it had no room: a pause */
    COM1  /* frames to our own */
} step;

static step now_at;
static uint32_t place, block; /* in the step: how far, and how much is under way */
static const serial_batch *flying;
static serial_driver program;
static bool loaded, has_wire;
static uint32_t room, height, most; /* operations that the picture has room for; its rows; the guest's share */
static uint32_t wire_clock;
static uint32_t clock_after;
static unsigned refusals;
static pc_time patience, deadline;
static pc_time (*guest_time)(void);
static uint32_t frame[1 + ROUTE_BATCH];

/* ---- the picture: the driver, and behind it runs of `room` pixels ---- */

static uint32_t run_at(uint32_t which) { return program.count + which * room; }

static void put_parameters(uint32_t *at_operations)
{
    const uint32_t words[] = {flying->count, run_at(0), 0,         run_at(1), run_at(1),
                              run_at(2),     run_at(3), run_at(4), wire_clock};
    _Static_assert(sizeof words / 4 == PXS_AT_FRAMES - PXS_AT_OPERATIONS, "from operations to the clock");
    memcpy(at_operations, words, sizeof words);
    for (uint32_t i = 0; i < RESULTS; i++)
        at_operations[PXS_AT_FRAMES - PXS_AT_OPERATIONS + i] = UNWRITTEN;
}

/* ---- requests ---- */

static uint32_t part(uint32_t left, uint32_t limit) { return left < limit ? left : limit; }

static uint32_t *const written = exchange_words + PXQ_WRITE_WORDS;

static client_news write_words(enum px_link_space space, uint32_t address, uint32_t count)
{
    exchange_words[PXQ_WRITE_WHERE] = px_link_where(space, address);
    exchange_ask(PXL_WRITE, PXQ_WRITE_WORDS + count);
    return CLIENT_WORKS;
}

static client_news read_words(uint32_t address, uint32_t count)
{
    exchange_words[PXQ_READ_WHERE] = px_link_where(PXL_SPACE_PIXEL, address);
    exchange_words[PXQ_READ_COUNT] = count;
    exchange_ask(PXL_READ, PXQ_READ_LENGTH);
    return CLIENT_WORKS;
}

static client_news write_program(void)
{
    block = part(program.count - place, PX_LINK_BLOCK);
    memcpy(written, program.pixels + place, 4 * (size_t)block);
    if (place == 0)
        written[DRIVER_CHECKSUM] = 0; /* the checksum, of the whole picture, which this is not */
    return write_words(PXL_SPACE_PIXEL, place, block);
}

/* place 0 is the set-up in force. */
static client_news write_operations(void)
{
    block = part(1 + flying->count - place, PX_LINK_BLOCK);
    for (uint32_t i = 0; i < block; i++)
        written[i] = place + i == 0 ? PX_SERIAL_FIRST_SETUP : flying->operation[place + i - 1];
    return write_words(PXL_SPACE_PIXEL, run_at(0) - 1 + place, block);
}

static client_news write_wire(void)
{
    block = part(flying->frames - place, WIRE_BLOCK);
    memcpy(written, frame + place, 4 * (size_t)block);
    return write_words(PXL_SPACE_WIRE, 0, block);
}

static client_news ask(void)
{
    switch (now_at) {
    case STOPPING:
        exchange_ask(PXL_STOP, 0);
        return CLIENT_WORKS;
    case MACHINE:
        exchange_words[PXQ_RESET_PROFILE] = PX_V1;
        exchange_words[PXQ_RESET_W] = PX_SERIAL_ROW;
        exchange_words[PXQ_RESET_H] = height;
        exchange_words[PXQ_RESET_N] = PX_SERIAL_ROW * height;
        exchange_ask(PXL_RESET, PXQ_RESET_LENGTH);
        return CLIENT_WORKS;
    case PROGRAM:
        return write_program();
    case PARAMETERS:
        put_parameters(written);
        return write_words(PXL_SPACE_PIXEL, PXS_AT_OPERATIONS, PXS_AT_SETUP_AFTER + 1 - PXS_AT_OPERATIONS);
    case OPERATIONS:
        return write_operations();
    case ENTRY:
        written[0] = program.pixels[DRIVER_ENTRY];
        return write_words(PXL_SPACE_STATE, PXL_STATE_PC, 1);
    case START:
        exchange_words[PXQ_RUN_BUDGET] = PX_SERIAL_BUDGET;
        exchange_ask(PXL_RUN, PXQ_RUN_LENGTH);
        return CLIENT_WORKS;
    case RUN:
        exchange_ask(PXL_STATUS, 0);
        return CLIENT_WORKS;
    case COUNTS:
        return read_words(PXS_AT_FRAMES, RESULTS);
    case FRAMES:
        block = part(flying->frames - place, PX_LINK_BLOCK);
        return read_words(run_at(1) + place, block);
    case WIRE:
        return write_wire();
    default:
        return CLIENT_WORKS;
    }
}

static client_news go(step to)
{
    now_at = to;
    place = 0;
    return ask();
}

/* ---- ends ---- */

static client_news land(void)
{
    client_counted.dispatches++;
    wire_clock = clock_after;
    now_at = IDLE;
    return CLIENT_LANDED;
}

static bool emitting(void) { return now_at == WIRE || now_at == FULL || now_at == COM1; }

/* The operation whose write became a frame. */
static uint32_t operation_of(uint32_t frame_number)
{
    for (uint32_t i = 0; i < flying->count; i++)
        if (pxs_operation_kind(flying->operation[i]) == PX_SERIAL_WRITE && frame_number-- == 0)
            return i;
    return flying->count - 1;
}

/* While frames go to the board's wire, only those under way can be in doubt; the others are all out, or none of them.
 */
static client_news lose(const char *why, bool doubt)
{
    client_counted.lost = why;
    const bool half_way = emitting();
    if (!half_way) {
        now_at = IDLE;
        return CLIENT_REFUSES;
    }
    if (doubt) {
        client_doubt(flying, operation_of(place), operation_of(place + block - 1));
        place += block;
    }
    for (; place < flying->frames; place++)
        while (!own_frame(frame[place]))
            __asm__ volatile("pause");
    now_at = IDLE;
    return CLIENT_LOST;
}

/* Nothing is out yet: from the beginning, as if the machine knew nothing. */
static client_news fail(const char *why)
{
    loaded = false;
    return ++refusals < REFUSALS ? go(STOPPING) : lose(why, false);
}

static client_news emit(void)
{
    if (flying->frames == 0)
        return land();
    return go(has_wire ? WIRE : COM1);
}

/* ---- answers ---- */

/* flags: UNDERWAY, profile, cause, status. */
static client_news on_status(const uint32_t *w)
{
    const uint32_t flags = w[PXR_STATUS_FLAGS];
    if ((flags & PX_LINK_UNDERWAY) != 0)
        return guest_time() > deadline ? fail("a run that does not end") : ask();
    if (flags != ((uint32_t)PX_V1 << 16 | PX_HALTED))
        hv_log("serial: the driver ended with flags %x at pc %u, value %x; expected it to halt", flags,
               w[PXR_STATUS_PC], w[PXR_STATUS_VALUE]);
    return flags == ((uint32_t)PX_V1 << 16 | PX_HALTED) ? go(COUNTS) : fail("the driver does not halt");
}

/* A result by its address in the driver: the answer begins with the first. */
static uint32_t result(const uint32_t *w, uint32_t address) { return w[address - PXS_AT_FRAMES]; }

static client_news on_counts(const uint32_t *w)
{
    if (result(w, PXS_AT_FRAMES) != flying->frames || result(w, PXS_AT_READS) != 0 || result(w, PXS_AT_TAKEN) != 0 ||
        result(w, PXS_AT_CHARACTERS) != flying->frames || result(w, PXS_AT_ERRORS) > flying->count) {
        hv_log("serial: the driver says %u frames, %u reads, %u errors for %u operations with %u writes",
               result(w, PXS_AT_FRAMES), result(w, PXS_AT_READS), result(w, PXS_AT_ERRORS), flying->count,
               flying->frames);
        return fail("a result that cannot be");
    }
    clock_after = result(w, PXS_AT_CLOCK_AFTER);
    return flying->frames > 0 ? go(FRAMES) : emit();
}

/* The words that an answer has. */
static uint32_t expected(void)
{
    return now_at == RUN ? PXR_STATUS_LENGTH : now_at == COUNTS ? RESULTS : now_at == FRAMES ? block : 0;
}

/* Of the step's whole, what is done with the block that was answered. */
static client_news proceed(uint32_t whole, step next)
{
    place += block;
    return place < whole ? ask() : go(next);
}

static client_news on_answer(const px_link_frame *f)
{
    if (f->length != expected())
        return lose("an answer that cannot be", true);
    switch (now_at) {
    case STOPPING:
        return go(MACHINE);
    case MACHINE:
        return go(loaded ? PARAMETERS : PROGRAM);
    case PROGRAM:
        return proceed(program.count, PARAMETERS);
    case PARAMETERS:
        return go(OPERATIONS);
    case OPERATIONS:
        loaded = true;
        return proceed(1 + flying->count, ENTRY);
    case ENTRY:
        return go(START);
    case START:
        deadline = guest_time() + patience;
        return go(RUN);
    case RUN:
        return on_status(f->payload);
    case COUNTS:
        return on_counts(f->payload);
    case FRAMES:
        memcpy(frame + place, f->payload, 4 * (size_t)block);
        place += block;
        return place < flying->frames ? ask() : emit();
    default: /* WIRE */
        place += block;
        return place < flying->frames ? ask() : land();
    }
}

static client_news on_error(const px_link_frame *f)
{
    if (now_at == WIRE && f->length > PXR_ERROR_NUMBER && f->payload[PXR_ERROR_NUMBER] == PXL_E_FULL) {
        now_at = FULL;
        deadline = guest_time() + WIRE_PAUSE;
        return CLIENT_WORKS;
    }
    client_log_error(f);
    return emitting() ? lose("its wire failed", exchange_sent() > 1) : fail("it refuses the batch");
}

/* ---- the client ---- */

static client_news to_com1(void)
{
    while (place < flying->frames && own_frame(frame[place]))
        place++;
    return place < flying->frames ? CLIENT_WORKS : land();
}

static client_news direct_poll(void)
{
    px_link_frame f;
    if (now_at == FULL && guest_time() > deadline) {
        now_at = WIRE;
        return ask();
    }
    if (now_at == COM1)
        return to_com1();
    switch (exchange_poll(&f)) {
    case EXCHANGE_ANSWERED:
        return on_answer(&f);
    case EXCHANGE_REFUSED:
        return on_error(&f);
    case EXCHANGE_NONSENSE:
        return lose("an answer that cannot be", true);
    case EXCHANGE_SILENT:
        return lose("no answer", true);
    default:
        return CLIENT_WORKS;
    }
}

static void direct_send(const serial_batch *b)
{
    flying = b;
    refusals = 0;
    (void)go(MACHINE);
}

static uint32_t most_operations(void) { return most; }

const char *direct_wire(void) { return has_wire ? "the board's wire" : "COM1"; }

static client_news refuse(const char *why)
{
    client_counted.lost = why;
    return CLIENT_REFUSES;
}

client_news direct_meet(const px_link_frame *hello, uint32_t limit, const serial_driver *of_disk, pc_time how_long,
                        pc_time (*clock_now)(void))
{
    const uint32_t *const w = hello->payload;
    if (hello->length < PXR_HELLO_LENGTH || w[PXR_HELLO_MAGIC] != PX_LINK_MAGIC || w[PXR_HELLO_PAYLOAD] < PX_LINK_BASE)
        return refuse("an answer that cannot be");
    if (of_disk == NULL || of_disk->count == 0)
        return refuse("a board needs a driver, and the disk has none");
    program = *of_disk;
    has_wire = (w[PXR_HELLO_ABOUT] & PXL_CAP_WIRE) != 0;
    if (!has_wire && !own_open())
        return refuse("a board without a wire, and no COM1 for its frames");
    const uint32_t rows = w[PXR_HELLO_PIXELS] / PX_SERIAL_ROW,
                   pixels = (rows < 0x10000 ? rows : 0x10000) * PX_SERIAL_ROW;
    room = pixels > program.count ? (pixels - program.count) / 6 : 0;
    if (room < 2)
        return refuse("its memory does not hold the driver and a batch");
    room = part(room, 1 + limit);
    most = room - 1;
    height = (program.count + 6 * room + PX_SERIAL_ROW - 1) / PX_SERIAL_ROW;
    patience = how_long;
    guest_time = clock_now;
    loaded = false;
    now_at = IDLE;
    wire_clock = 0;
    (void)own_open(); /* characters come in there */
    return CLIENT_LANDED;
}

const client direct_client = {.asks = false, .most = most_operations, .send = direct_send, .poll = direct_poll};
