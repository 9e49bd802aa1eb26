/* link.c - see link.h; LINK.md section 1 is what it does. */
#include "pxi/link.h"

/* ---- names ---- */

const char *px_link_type_name(unsigned type)
{
    switch (type) {
#define PXL_TYPE(id, number, request, reply, text)                                                                     \
    case number:                                                                                                       \
        return #id;
#define PXL_REPLY(id, number, reply, text)                                                                             \
    case number:                                                                                                       \
        return #id;
#include "pxi/link.def"
    default:
        return "?";
    }
}

const char *px_link_error_name(unsigned error)
{
    switch (error) {
#define PXL_ERROR(id, number, text)                                                                                    \
    case number:                                                                                                       \
        return #id;
#include "pxi/link.def"
    default:
        return "?";
    }
}

const char *px_link_error_text(unsigned error)
{
    switch (error) {
#define PXL_ERROR(id, number, text)                                                                                    \
    case number:                                                                                                       \
        return text;
#include "pxi/link.def"
    default:
        return "an error that the link does not have";
    }
}

/* ---- CRC-32: the reflected polynomial of IEEE 802.3, four bits a step ---- */

uint32_t px_link_crc(uint32_t crc, const uint8_t *bytes, size_t count)
{
    static const uint32_t nibble[16] = {0x00000000, 0x1DB71064, 0x3B6E20C8, 0x26D930AC, 0x76DC4190, 0x6B6B51F4,
                                        0x4DB26158, 0x5005713C, 0xEDB88320, 0xF00F9344, 0xD6D6A3E8, 0xCB61B38C,
                                        0x9B64C2B0, 0x86D3D2D4, 0xA00AE278, 0xBDBDF21C};
    crc = ~crc;
    for (size_t i = 0; i < count; i++) {
        crc ^= bytes[i];
        crc = (crc >> 4) ^ nibble[crc & 15];
        crc = (crc >> 4) ^ nibble[crc & 15];
    }
    return ~crc;
}

/* ---- sending ---- */

/* Where the bytes go: code is the place of the current piece's code byte. */
typedef struct encoder {
    uint8_t *bytes;
    size_t code, end;
} encoder;

static void end_piece(encoder *to)
{
    to->bytes[to->code] = (uint8_t)(to->end - to->code);
    to->code = to->end++;
}

static void put_byte(encoder *to, uint8_t byte)
{
    if (to->end - to->code == 255)
        end_piece(to);
    if (byte == 0)
        end_piece(to);
    else
        to->bytes[to->end++] = byte;
}

static uint32_t put_word(encoder *to, uint32_t word, uint32_t crc)
{
    const uint8_t bytes[4] = {(uint8_t)word, (uint8_t)(word >> 8), (uint8_t)(word >> 16), (uint8_t)(word >> 24)};
    for (int i = 0; i < 4; i++)
        put_byte(to, bytes[i]);
    return px_link_crc(crc, bytes, 4);
}

size_t px_link_encode(const px_link_frame *frame, uint8_t *bytes)
{
    encoder to = {bytes, 1, 2};
    bytes[0] = 0;
    uint32_t crc = put_word(&to, frame->version | (uint32_t)frame->type << 8 | (uint32_t)frame->sequence << 16, 0);
    crc = put_word(&to, frame->length, crc);
    for (uint32_t i = 0; i < frame->length; i++)
        crc = put_word(&to, frame->payload[i], crc);
    put_word(&to, crc, 0);
    to.bytes[to.code] = (uint8_t)(to.end - to.code);
    to.bytes[to.end] = 0;
    return to.end + 1;
}

/* ---- receiving ---- */

static void start_frame(px_link_rx *rx)
{
    rx->count = 0;
    rx->left = 0;
    rx->zero = rx->begun = rx->bad = false;
}

void px_link_rx_init(px_link_rx *rx, uint32_t *words, size_t capacity)
{
    *rx = (px_link_rx){.words = words, .capacity = capacity};
}

void px_link_rx_drop(px_link_rx *rx)
{
    if (!rx->begun)
        return; /* between frames: what comes next may be whole */
    rx->dropped++;
    start_frame(rx);
    rx->begun = rx->bad = true; /* what still comes belongs to the frame that is dropped */
}

static void store(px_link_rx *rx, uint8_t byte)
{
    const size_t at = rx->count / 4;
    const unsigned shift = 8 * (rx->count % 4);
    if (at >= rx->capacity) {
        rx->bad = true;
        return;
    }
    rx->words[at] = (shift == 0 ? 0 : rx->words[at]) | (uint32_t)byte << shift;
    rx->count++;
}

static uint32_t crc_of(const uint32_t *words, size_t count)
{
    uint32_t crc = 0;
    for (size_t i = 0; i < count; i++) {
        const uint32_t word = words[i];
        const uint8_t bytes[4] = {(uint8_t)word, (uint8_t)(word >> 8), (uint8_t)(word >> 16), (uint8_t)(word >> 24)};
        crc = px_link_crc(crc, bytes, 4);
    }
    return crc;
}

/* A 0x00 has come: is what stands before it a frame? */
static bool end_frame(px_link_rx *rx, px_link_frame *frame)
{
    const size_t words = rx->count / 4;
    const bool good = !rx->bad && rx->left == 0 && rx->count % 4 == 0 && words >= 3 && words <= 65538 &&
                      rx->words[1] == words - 3 && rx->words[0] >> 24 == 0 &&
                      crc_of(rx->words, words - 1) == rx->words[words - 1];
    if (good)
        *frame = (px_link_frame){.version = (uint8_t)rx->words[0],
                                 .type = (uint8_t)(rx->words[0] >> 8),
                                 .sequence = (uint8_t)(rx->words[0] >> 16),
                                 .length = rx->words[1],
                                 .payload = rx->words + 2};
    else if (rx->begun && !(rx->bad && rx->count == 0))
        rx->dropped++;
    start_frame(rx);
    return good;
}

bool px_link_rx_byte(px_link_rx *rx, uint8_t byte, px_link_frame *frame)
{
    if (byte == 0)
        return end_frame(rx, frame);
    rx->begun = true;
    if (rx->bad)
        return false;
    if (rx->left > 0) {
        rx->left--;
        store(rx, byte);
        return false;
    }
    if (rx->zero)
        store(rx, 0);
    rx->left = (uint8_t)(byte - 1);
    rx->zero = byte != 255;
    return false;
}

/* ---- operations in planes ---- */

static void put_plane_byte(uint32_t *packed, size_t at, uint8_t byte)
{
    const unsigned shift = 8 * (at % 4);
    const uint32_t others = shift == 0 ? 0 : packed[at / 4] & ~(UINT32_C(0xFF) << shift);
    packed[at / 4] = others | (uint32_t)byte << shift;
}

static uint8_t plane_byte(const uint32_t *packed, size_t at) { return (uint8_t)(packed[at / 4] >> (8 * (at % 4))); }

/* How many operations from i on have the same byte, or 129. */
static size_t run_at(const uint32_t *operations, size_t count, unsigned shift, size_t i)
{
    size_t n = 1;
    while (n < 129 && i + n < count && (uint8_t)(operations[i + n] >> shift) == (uint8_t)(operations[i] >> shift))
        n++;
    return n;
}

/* One plane in runs, from byte at on; stops when it would take as much as the raw plane. Returns the byte after it, or
 * 0. */
static size_t pack_runs(const uint32_t *operations, size_t count, unsigned shift, uint32_t *packed, size_t at)
{
    const size_t end = at + count;
    size_t i = 0;
    while (i < count) {
        const size_t run = run_at(operations, count, shift, i);
        if (at + 2 > end)
            return 0;
        if (run >= 2) {
            put_plane_byte(packed, at++, (uint8_t)(run + 126));
            put_plane_byte(packed, at++, (uint8_t)(operations[i] >> shift));
            i += run;
            continue;
        }
        size_t n = 1;
        while (n < 128 && i + n < count && run_at(operations, count, shift, i + n) < 3)
            n++;
        if (at + 1 + n > end)
            return 0;
        put_plane_byte(packed, at++, (uint8_t)(n - 1));
        for (size_t k = 0; k < n; k++)
            put_plane_byte(packed, at++, (uint8_t)(operations[i++] >> shift));
    }
    return at;
}

size_t px_link_pack(const uint32_t *operations, size_t count, uint32_t *packed)
{
    size_t at = 0;
    for (unsigned shift = 0; shift < 32; shift += 8) {
        put_plane_byte(packed, at, 1);
        const size_t end = pack_runs(operations, count, shift, packed, at + 1);
        if (end != 0) {
            at = end;
            continue;
        }
        put_plane_byte(packed, at++, 0);
        for (size_t i = 0; i < count; i++)
            put_plane_byte(packed, at++, (uint8_t)(operations[i] >> shift));
    }
    while (at % 4 != 0)
        put_plane_byte(packed, at++, 0);
    return at / 4;
}

typedef struct unpacker {
    const uint32_t *packed;
    size_t at, bytes;
} unpacker;

static bool next(unpacker *from, uint8_t *byte)
{
    if (from->at >= from->bytes)
        return false;
    *byte = plane_byte(from->packed, from->at++);
    return true;
}

static bool unpack_plane(unpacker *from, uint32_t *operations, size_t count, unsigned shift)
{
    uint8_t kind, control = 0, byte = 0;
    if (!next(from, &kind) || kind > 1)
        return false;
    for (size_t i = 0; i < count;) {
        if (kind == 1 && !next(from, &control))
            return false;
        const bool run = kind == 1 && control >= 128;
        size_t n = kind == 0 ? count : run ? control - 126u : control + 1u;
        if (n > count - i)
            return false;
        for (size_t k = 0; k < n; k++) {
            if ((k == 0 || !run) && !next(from, &byte))
                return false;
            operations[i++] |= (uint32_t)byte << shift;
        }
    }
    return true;
}

bool px_link_unpack(const uint32_t *packed, size_t words, uint32_t *operations, size_t count)
{
    unpacker from = {packed, 0, 4 * words};
    uint8_t byte;
    for (size_t i = 0; i < count; i++)
        operations[i] = 0;
    for (unsigned shift = 0; shift < 32; shift += 8)
        if (!unpack_plane(&from, operations, count, shift))
            return false;
    if (from.bytes - from.at >= 4)
        return false;
    while (next(&from, &byte))
        if (byte != 0)
            return false;
    return true;
}
