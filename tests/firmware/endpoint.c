/* endpoint.c - see endpoint.h. */
#include "tests/firmware/endpoint.h"

#include <string.h>

#include "tests/firmware/native.h"

uint32_t endpoint_wire[ENDPOINT_WIRE];
size_t endpoint_count;
unsigned endpoint_batches;
uint32_t endpoint_driver[ENDPOINT_DRIVER], endpoint_driver_count;
unsigned endpoint_drivers, endpoint_undriven;
bool endpoint_old, endpoint_forgetful;

static endpoint_mood (*next_mood)(void);
static bool wire_remembers, known, granted; /* a session by HELLO, as long as the server lives */
static uint32_t written[ENDPOINT_DRIVER], written_count;
static uint32_t last, total, done[1500], done_length;

static void answer(const px_link_frame *request, uint8_t type, const uint32_t *words, uint32_t length)
{
    native_reply(&(px_link_frame){PX_LINK_VERSION, type, request->sequence, length, words});
}

static void forget(void)
{
    known = granted = false;
    last = endpoint_driver_count = written_count = 0;
}

static void on_hello(const px_link_frame *f)
{
    const bool tells = endpoint_driver_count != 0 && !endpoint_forgetful;
    granted = true;
    written_count = 0;
    memset(written, 0, sizeof written);
    const uint32_t w[17] = {
        [0] = PX_LINK_MAGIC,
        [1] = PXL_CAP_BATCH,
        [3] = 4352,
        [9] = 1 | (wire_remembers ? 2 : 0),
        [10] = known ? last : 0,
        [11] = total,
        [13] = 4097,
        [14] = 1024,
        [15] = tells ? px_link_crc(0, (const uint8_t *)endpoint_driver, 4 * (size_t)endpoint_driver_count) : 0,
        [16] = tells ? endpoint_driver_count : 0};
    answer(f, PXL_HELLO | PX_LINK_REPLY, w, 17);
}

/* Emits what the wire does not have yet of the first so many operations. Only writes are frames. */
static void emit(const px_link_frame *f, uint32_t count)
{
    const uint32_t *const w = f->payload;
    uint32_t skip = total - w[5];
    endpoint_batches += count != 0;
    for (uint32_t i = 1; i < count; i++)
        if (w[10 + i] >> 24 == 1 && skip > 0)
            skip--;
        else {
            total += w[10 + i] >> 24 == 1;
            if (endpoint_count < ENDPOINT_WIRE)
                endpoint_wire[endpoint_count++] = w[10 + i];
        }
}

/* The pixel at address 0 comes last. */
static uint32_t write_driver(const px_link_frame *f)
{
    const uint32_t address = f->payload[0] & 0x0FFFFFFF, count = f->length - 1;
    if (f->payload[0] >> 28 != PXL_SPACE_DRIVER || endpoint_old || address + count > ENDPOINT_DRIVER)
        return PXL_E_RANGE;
    if (!granted)
        return PXL_E_OWNED;
    memcpy(written + address, f->payload + 1, 4 * (size_t)count);
    if (written_count < address + count)
        written_count = address + count;
    if (address != 0)
        return 0;
    memcpy(endpoint_driver, written, sizeof written);
    endpoint_driver_count = written_count;
    endpoint_drivers++;
    return 0;
}

static void on_write(const px_link_frame *f, endpoint_mood mood)
{
    const uint32_t error = mood == REFUSES ? PXL_E_RANGE : write_driver(f);
    if (mood == DIES)
        forget();
    if (mood == MUTE || mood == DIES)
        return;
    for (int i = 0; i < (mood == TWICE ? 2 : 1); i++)
        answer(f, error != 0 ? PXL_ERROR : mood == NONSENSE ? 0x7F : PXL_WRITE | PX_LINK_REPLY, &error, error != 0);
}

static void on_batch(const px_link_frame *f, endpoint_mood mood)
{
    const uint32_t *const w = f->payload;
    static const uint32_t order[1] = {PXL_E_ORDER}, board[1] = {PXL_E_EXECUTOR}, owned[1] = {PXL_E_OWNED};
    if (!granted) {
        answer(f, PXL_ERROR, owned, 1);
        return;
    }
    if (mood == REFUSES && !(known && w[2] == last)) { /* what is done cannot be refused */
        answer(f, PXL_ERROR, board, 1);
        return;
    }
    if (!(known && w[2] == last)) {
        if (w[2] != (known ? last : 0) + 1) {
            answer(f, PXL_ERROR, order, 1);
            return;
        }
        endpoint_undriven += endpoint_driver_count == 0 && (w[9] & 0xFFFFFF) != 0;
        emit(f, mood == HALF ? (w[9] & 0xFFFFFF) / 2 : w[9] & 0xFFFFFF);
        const uint32_t reply[7] = {w[2], w[9] & 0xFFFFFF, total, 0, 0, w[8], 0};
        memcpy(done, reply, sizeof reply);
        done_length = 7;
        last = w[2];
        known = true;
    }
    uint32_t reply[1500];
    memcpy(reply, done, 4 * (size_t)done_length);
    uint32_t length = done_length;
    switch (mood) {
    case MUTE:
        return;
    case DIES:
    case HALF:
        forget();
        return;
    case SHORT:
        length = 5;
        break;
    case WRONG_COUNT:
        reply[1]++;
        break;
    case WRONG_TOTAL:
        reply[2] += 7;
        break;
    case WRONG_NUMBER:
        reply[0] += 3;
        break;
    case TOO_MUCH:
        memset(reply + 7, 0, 4 * 1030);
        reply[6] = 1030;
        length = 7 + 1030;
        break;
    default:
        break;
    }
    answer(f, mood == NONSENSE ? 0x7F : PXL_BATCH | PX_LINK_REPLY, reply, length);
    if (mood == TWICE)
        answer(f, PXL_BATCH | PX_LINK_REPLY, reply, length);
}

static void on_request(const px_link_frame *f)
{
    const endpoint_mood mood = next_mood != NULL ? next_mood() : GOOD;
    if (mood == DEAF)
        return;
    if (mood == LATE || mood == AT_WORK)
        answer(f, PXL_BUSY, NULL, 0);
    if (mood == AT_WORK)
        return;
    if (mood == NEW)
        forget();
    if (f->type == PXL_HELLO)
        on_hello(f);
    else if (f->type == PXL_BATCH)
        on_batch(f, mood);
    else if (f->type == PXL_WRITE)
        on_write(f, mood);
}

uint32_t endpoint_rising(void)
{
    uint32_t seen = 0, least = 0;
    for (size_t i = 0; i < endpoint_count + native_own_count; i++) {
        const uint32_t operation = i < endpoint_count ? endpoint_wire[i] : native_own[i - endpoint_count];
        const uint32_t number = operation & 0xFFFFFF;
        if (operation >> 24 != 1)
            continue;
        if (number < least)
            return UINT32_MAX;
        least = number + 1;
        seen++;
    }
    return seen;
}

void endpoint_reset(bool remembers, endpoint_mood (*mood)(void))
{
    wire_remembers = remembers;
    next_mood = mood;
    forget();
    total = 0;
    endpoint_drivers = endpoint_undriven = 0;
    endpoint_old = endpoint_forgetful = false;
    endpoint_count = endpoint_batches = 0;
    native_link_reset();
    native_link = on_request;
    native_own_count = 0;
}
