/* board.c - see board.h. */
#include "tests/firmware/board.h"

#include <string.h>

#include "firmware/serial/driver.h"
#include "pxi/isa.h"
#include "tests/firmware/native.h"

#define PIXELS 16384u
#define HALTED ((uint32_t)PX_V1 << 16 | PX_HALTED)

static endpoint_mood (*next_mood)(void);
static uint32_t pixel[PIXELS], flags;
static px_link_frame done; /* the last answer, for a request that comes again */
static uint32_t answer[PX_LINK_BASE];
static unsigned full; /* writes to the wire that found no room */

/* A write is its own frame. */
static void run_driver(void)
{
    const uint32_t operations = pixel[PXS_AT_OPERATIONS], from = pixel[PXS_AT_AT_OPERATIONS],
                   to = pixel[PXS_AT_AT_FRAMES];
    uint32_t frames = 0;
    flags = HALTED;
    for (uint32_t i = 0; i < operations; i++)
        if (from + i < PIXELS && pixel[from + i] >> 24 == 1 && to + frames < PIXELS)
            pixel[to + frames++] = pixel[from + i];
    pixel[PXS_AT_FRAMES] = pixel[PXS_AT_CHARACTERS] = frames;
    pixel[PXS_AT_READS] = pixel[PXS_AT_TAKEN] = pixel[PXS_AT_ERRORS] = 0;
    pixel[PXS_AT_CLOCK_AFTER] = pixel[PXS_AT_CLOCK] + 1000 * frames;
}

static uint32_t send_frames(const uint32_t *words, uint32_t count)
{
    if (++full % 3 == 0)
        return PXL_E_FULL;
    for (uint32_t i = 0; i < count && endpoint_count < ENDPOINT_WIRE; i++)
        endpoint_wire[endpoint_count++] = words[i];
    return PXL_E_NONE;
}

static uint32_t write(const px_link_frame *f)
{
    const uint32_t space = f->payload[0] >> 28, at = f->payload[0] & 0x0FFFFFFF, count = f->length - 1;
    if (space == PXL_SPACE_WIRE)
        return send_frames(f->payload + 1, count);
    if (space != PXL_SPACE_PIXEL)
        return PXL_E_NONE;
    if (at > PIXELS || count > PIXELS - at)
        return PXL_E_RANGE;
    memcpy(pixel + at, f->payload + 1, 4 * (size_t)count);
    return PXL_E_NONE;
}

/* The answer's words in answer, their count in *length; an error's number. */
static uint32_t serve(const px_link_frame *f, uint32_t *length)
{
    static const uint32_t hello[9] = {PX_LINK_MAGIC, PXL_CAP_WIRE, PIXELS, PX_LINK_BASE};
    *length = 0;
    switch (f->type) {
    case PXL_HELLO:
        memcpy(answer, hello, sizeof hello);
        *length = 9;
        return PXL_E_NONE;
    case PXL_WRITE:
        return write(f);
    case PXL_READ:
        if (f->payload[0] > PIXELS || f->payload[1] > PIXELS - f->payload[0] || f->payload[1] > PX_LINK_BLOCK)
            return PXL_E_RANGE;
        memcpy(answer, pixel + f->payload[0], 4 * (size_t)f->payload[1]);
        *length = f->payload[1];
        return PXL_E_NONE;
    case PXL_RUN:
        run_driver();
        return PXL_E_NONE;
    case PXL_STATUS:
        memset(answer, 0, 20);
        answer[0] = flags;
        *length = 5;
        return PXL_E_NONE;
    default:
        return PXL_E_NONE;
    }
}

static void reply(const px_link_frame *f, endpoint_mood mood)
{
    px_link_frame wrong = *f;
    switch (mood) {
    case MUTE:
        return;
    case SHORT:
        wrong.length = f->length > 0 ? f->length - 1 : 1;
        break;
    case TOO_MUCH:
        wrong.length = f->length + 1;
        break;
    case WRONG_COUNT:
    case WRONG_TOTAL:
        answer[0] ^= mood == WRONG_COUNT ? 1 : UINT32_MAX;
        break;
    case NONSENSE:
        wrong.type = 0x7F;
        break;
    default:
        break;
    }
    native_reply(&wrong);
    if (mood == TWICE)
        native_reply(&wrong);
}

static void on_request(const px_link_frame *f)
{
    const endpoint_mood mood = next_mood();
    const bool again = f->sequence == done.sequence && done.payload != NULL;
    if (mood == DEAF)
        return;
    if (mood == DIES && (f->type != PXL_WRITE || f->payload[0] >> 28 != PXL_SPACE_WIRE)) { /* and comes back empty */
        memset(pixel, 0, sizeof pixel);
        flags = 0;
        return;
    }
    if (mood == LATE)
        native_reply(&(px_link_frame){PX_LINK_VERSION, PXL_BUSY, f->sequence, 0, NULL});
    if (!again) {
        const uint32_t error = mood == REFUSES ? PXL_E_EXECUTOR : serve(f, &done.length);
        done.version = PX_LINK_VERSION;
        done.sequence = f->sequence;
        done.payload = answer;
        done.type = (uint8_t)(f->type | PX_LINK_REPLY);
        if (error != PXL_E_NONE) {
            answer[0] = error;
            done.length = 1;
            done.type = PXL_ERROR;
        }
    }
    reply(&done, mood);
}

void board_reset(endpoint_mood (*mood)(void))
{
    endpoint_reset(false, mood);
    memset(pixel, 0, sizeof pixel);
    memset(&done, 0, sizeof done);
    flags = full = 0;
    next_mood = mood;
    native_link = on_request;
}
