/* base.c - see base.h. */
#include "tests/firmware/base.h"

#include <string.h>

#include "tests/firmware/native.h"

#define MOST 65536u

uint32_t base_wire[BASE_WIRE];
size_t base_count;
unsigned base_runs, base_programs;

static base_options o;
static uint32_t pixel[MOST], n, pc, flags, left;
static bool begun, idles, hangs;
static unsigned wire_writes, polls;
static uint8_t last;
static uint32_t last_error;
static bool remembers;

/* ---- the serial driver ---- */

bool base_frame(uint32_t operation, uint32_t *setup, uint32_t *frame)
{
    const uint32_t data = operation & 0xFF, own = operation >> 8 & 0xFF, line = operation >> 16 & 0x7F;
    if (operation >> 24 == 3 && (operation & 0xFFFF) != 0)
        *setup = operation;
    if (operation >> 24 != 1)
        return false;
    const uint32_t divisor = own != 0 ? own : (*setup & 0xFFFF) != 0 ? *setup & 0xFFFF : 1;
    *frame = (data & ((32u << (line & 3)) - 1)) | (divisor & 0xFF) << 8 | line << 16 | divisor >> 8 << 24;
    return true;
}

static bool within(uint32_t address, uint32_t count) { return address <= n && count <= n - address; }

/* Halts only where every parameter is as the driver of this board needs it. */
static bool drive(void)
{
    const uint32_t count = pixel[5], at = pixel[6], frames = pixel[9], d = o.driver->count;
    for (uint32_t i = 0; i < d; i++)
        if (i != 4 && (i < 5 || i > 21) && i != d - 1 && pixel[i] != o.driver->pixels[i])
            return false;
    if (pixel[4] != 0 || pc != pixel[1] || count == 0 || at != d || pixel[7] != 0 || !within(at, count) ||
        !within(pixel[8], 0))
        return false;
    static const unsigned run[] = {9, 10, 11, 12};
    for (unsigned i = 0; i < 4; i++) {
        if (!within(pixel[run[i]], i == 3 ? 2 * count : count) || pixel[run[i]] < at + count)
            return false;
        for (unsigned k = 0; k < i; k++) { /* scratch is the last, and twice as long */
            const uint32_t a = pixel[run[k]], b = pixel[run[i]];
            if (a < b ? b - a < count : a - b < (i == 3 ? 2 * count : count))
                return false;
        }
    }
    uint32_t setup = pixel[at - 1], made = 0, errors = 0;
    for (uint32_t i = 0; i < count; i++) {
        made += base_frame(pixel[at + i], &setup, &pixel[frames + made]);
        errors += pixel[at + i] >> 24 > 3;
    }
    pixel[14] = pixel[17] = pixel[18] = made;
    pixel[15] = pixel[16] = 0;
    pixel[19] = errors;
    pixel[20] = pixel[13] + made;
    pixel[21] = setup;
    return true;
}

/* ---- requests ---- */

static void answer(const px_link_frame *f, uint8_t type, const uint32_t *words, uint32_t length)
{
    native_reply(&(px_link_frame){PX_LINK_VERSION, type, f->sequence, length, words});
}

static bool is_underway(void) { return begun && polls > 0; }

static uint32_t on_reset(const uint32_t *w)
{
    if (w[0] != 1 || w[3] == 0 || w[3] > o.pixels || w[1] * w[2] != w[3])
        return PXL_E_RANGE;
    n = w[3];
    pc = 0;
    flags = 1u << 16;
    begun = false;
    return 0;
}

static uint32_t on_write(const uint32_t *w, uint32_t count)
{
    const uint32_t space = w[0] >> 28, address = w[0] & 0x0FFFFFFF;
    if (count == 0 || count > 256)
        return PXL_E_LENGTH;
    if (space == PXL_SPACE_STATE && address == 0 && count == 1)
        pc = w[1];
    else if (space == PXL_SPACE_PIXEL && within(address, count)) {
        base_programs += address <= 38 && address + count > 38;
        memcpy(pixel + address, w + 1, 4 * (size_t)count);
    } else if (space == PXL_SPACE_WIRE && o.wire && address == 0) {
        if (o.full_every != 0 && ++wire_writes % (o.full_every + 1) == 0)
            return PXL_E_FULL;
        if (base_count + count <= BASE_WIRE)
            memcpy(base_wire + base_count, w + 1, 4 * (size_t)count);
        base_count += count;
    } else
        return PXL_E_RANGE;
    return 0;
}

/* A run takes three questions. */
static void on_run(uint32_t budget)
{
    base_runs++;
    begun = true;
    polls = hangs ? UINT32_MAX : 3;
    hangs = false;
    left = budget;
}

static uint32_t words_of(const px_link_frame *f, uint32_t *words)
{
    memset(words, 0, 4 * 256);
    switch (f->type) {
    case PXL_HELLO:
        words[0] = PX_LINK_MAGIC;
        words[1] = 1 | 1 << 8 | (o.wire ? PXL_CAP_WIRE : 0);
        words[2] = o.pixels;
        words[3] = 257;
        return 9;
    case PXL_READ:
        memcpy(words, pixel + (f->payload[0] & 0x0FFFFFFF), 4 * (size_t)f->payload[1]);
        return f->payload[1];
    case PXL_STATUS:
        if (is_underway() && --polls == 0)
            flags = 1u << 16 | (idles || drive() ? 1 : 3);
        words[0] = is_underway() ? PX_LINK_UNDERWAY : flags;
        idles &= is_underway();
        native_time += PC_SECOND / 500; /* what a question and its answer take */
        words[4] = left;
        return 5;
    default:
        return 0;
    }
}

static uint32_t perform(const px_link_frame *f)
{
    if (f->type == PXL_HELLO || f->type == PXL_STATUS)
        return 0;
    if (remembers && last == f->sequence && f->type != PXL_READ)
        return last_error;
    if (f->type == PXL_STOP) {
        polls = 0;
        return 0;
    }
    if (is_underway())
        return PXL_E_RUNNING;
    if (f->type == PXL_RESET)
        return f->length == 4 ? on_reset(f->payload) : PXL_E_LENGTH;
    if (f->type == PXL_WRITE)
        return f->length > 1 ? on_write(f->payload, f->length - 1) : PXL_E_LENGTH;
    if (f->type == PXL_READ)
        return f->length == 2 && f->payload[0] >> 28 == 0 && f->payload[1] - 1 < 256 &&
                       within(f->payload[0], f->payload[1])
                   ? 0
                   : PXL_E_RANGE;
    if (f->type != PXL_RUN)
        return PXL_E_TYPE;
    on_run(f->payload[0]);
    return 0;
}

static void forget(void)
{
    memset(pixel, 0, sizeof pixel);
    n = 0;
    flags = 0;
    begun = remembers = idles = hangs = false;
}

static void on_request(const px_link_frame *f)
{
    static uint32_t words[257];
    const base_mood mood = o.mood != NULL ? o.mood() : BASE_GOOD;
    if (mood == BASE_DEAF)
        return;
    if (mood == BASE_FORGETS)
        forget();
    idles |= mood == BASE_IDLES;
    hangs |= mood == BASE_HANGS;
    const uint32_t error = mood == BASE_FAILS && f->type != PXL_HELLO ? PXL_E_EXECUTOR : perform(f);
    remembers = f->type != PXL_HELLO;
    last = f->sequence;
    last_error = error;
    if (mood == BASE_MUTE)
        return;
    if (error != 0) {
        answer(f, PXL_ERROR, &error, 1);
        return;
    }
    uint32_t length = words_of(f, words);
    if (mood == BASE_LIES && !(f->type == PXL_READ && f->payload[0] >= o.driver->count)) /* frames are believed */
        for (uint32_t i = 0; i < length; i++)
            words[i] ^= 2;
    if (mood == BASE_SHORT)
        length = length > 0 ? length - 1 : 1;
    answer(f, mood == BASE_NONSENSE ? 0x7F : f->type | PX_LINK_REPLY, words, length);
    if (mood == BASE_TWICE)
        answer(f, f->type | PX_LINK_REPLY, words, length);
}

void base_reset(const base_options *options)
{
    o = *options;
    forget();
    base_count = base_runs = base_programs = wire_writes = 0;
    begun = o.running;
    polls = o.running ? UINT32_MAX : 0;
    native_link_reset();
    native_link = on_request;
    native_own_count = native_frame_count = 0;
}
